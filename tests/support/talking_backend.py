"""An instant backend that also answers questions about pictures, and one that only answers.

    monkeypatch.setenv("LLAMAVIS_TEST_BACKENDS", TALKING)

Words in a question make it misbehave: NOTHING says nothing, OOM has no memory. It takes the steps
of the instant backend (`LLAMAVIS_TEST_STEP_MS`).
"""

from __future__ import annotations

from dataclasses import replace

from llamavis_studio.backends.base import BackendInfo, CaptionRequest, CaptionResult, OnStep
from llamavis_studio.core.errors import OutOfMemory
from tests.support.instant_backend import ENVIRONMENT, InstantBackend

TALKING = ",".join((*ENVIRONMENT.values(), "talker=tests.support.talking_backend:TalkingBackend"))


class TalkingBackend(InstantBackend):
    """Draws nothing; says the size of a picture to whoever asks."""

    def info(self) -> BackendInfo:
        return replace(
            super().info(), name="talker", model="talker-2b", can_generate=False, can_answer=True
        )

    def caption(self, requests: list[CaptionRequest], on_step: OnStep) -> list[CaptionResult]:
        told = super().caption(requests, on_step)
        return [self._answer(*both) for both in zip(requests, told, strict=True)]

    def _answer(self, request: CaptionRequest, told: CaptionResult) -> CaptionResult:
        question = request.question
        if "OOM" in question:
            raise OutOfMemory("the picture does not fit", "ask a smaller model")
        if not question:
            return replace(told, model="talker-2b")
        height, width = request.pixels.shape[:2]
        words = "" if "NOTHING" in question else f"{question} It is {width} by {height}\n pixels."
        return replace(told, caption=words, model="talker-2b", tags=())
