"""Instant backends that cannot do everything: one that only draws whole opaque pictures, one that
only describes, one that is not ready.

    monkeypatch.setenv("LLAMAVIS_TEST_BACKENDS", LIMITED)
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from llamavis_studio.backends.base import BackendInfo, ImageRequest, ImageResult, OnStep, SizeRule
from llamavis_studio.core.errors import ModelMissing
from tests.support.instant_backend import ENVIRONMENT, InstantBackend

_HERE = "tests.support.limited_backends"
LIMITED = ",".join(
    (
        *ENVIRONMENT.values(),
        f"painter={_HERE}:PainterBackend",
        f"reader={_HERE}:ReaderBackend",
        f"absent={_HERE}:AbsentBackend",
    )
)


class PainterBackend(InstantBackend):
    """Draws whole pictures of 64 px, and heeds the words alone; of long ones not the end."""

    def info(self) -> BackendInfo:
        return replace(
            super().info(),
            name="painter",
            model="painter-xl",
            can_caption=False,
            can_cut_out=False,
            can_avoid=False,
            can_take_references=False,
            sizes=SizeRule(8, 64, 64, 64),
            languages=("en",),
            prompt_tokens=4,
        )

    def generate(self, requests: list[ImageRequest], on_step: OnStep) -> list[ImageResult]:
        drawn = [
            replace(request, transparent=False, size_px=(64, 64), watched=False)
            for request in requests
        ]
        results = super().generate(drawn, on_step)
        opaque = np.full((64, 64, 1), 255, np.uint8)
        return [
            replace(
                result,
                pixels=np.dstack([result.pixels, opaque]) if request.transparent else result.pixels,
                unread=" ".join(request.prompt.split()[4:]),
            )
            for request, result in zip(requests, results, strict=True)
        ]


class ReaderBackend(InstantBackend):
    """Describes pictures and draws none."""

    def info(self) -> BackendInfo:
        return replace(super().info(), name="reader", model="reader-2b", can_generate=False)


class AbsentBackend(InstantBackend):
    """Its weights were never fetched."""

    def info(self) -> BackendInfo:
        raise ModelMissing("its weights are not here", "llamavis models fetch absent")
