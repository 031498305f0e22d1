"""The instant backend, which notes each step it takes: a byte in `steps` of its state's folder."""

from __future__ import annotations

import os
from pathlib import Path

from llamavis_studio.backends.base import ImageRequest, ImageResult, OnStep, StepProgress
from tests.support.instant_backend import InstantBackend


class SlowBackend(InstantBackend):
    def generate(self, requests: list[ImageRequest], on_step: OnStep) -> list[ImageResult]:
        def step(progress: StepProgress) -> None:
            with (Path(os.environ["LLAMAVIS_TEST_STATE"]) / "steps").open("ab") as steps:
                steps.write(b".")
            on_step(progress)

        return super().generate(requests, step)
