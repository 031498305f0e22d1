"""Draws as the instant backend does, in a process with hardly any memory left.

Loading it sets a limit on the process's memory. Each image then takes real bytes of it: one alone
fits, several do not, and one that says HUGE never does. Only for a process of its own.
"""

from __future__ import annotations

import resource
from pathlib import Path

import numpy as np

from llamavis_studio.backends.base import ImageRequest, ImageResult, OnStep
from tests.support.instant_backend import InstantBackend

ENVIRONMENT = {"LLAMAVIS_TEST_BACKENDS": "greedy=tests.support.greedy_backend:GreedyBackend"}
ROOM = 320 * 2**20
EACH = 200 * 2**20


class GreedyBackend(InstantBackend):
    def load(self) -> None:
        super().load()
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        limit = pages * resource.getpagesize() + ROOM
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))

    def generate(self, requests: list[ImageRequest], on_step: OnStep) -> list[ImageResult]:
        each = EACH * 4 if any("HUGE" in request.prompt for request in requests) else EACH
        taken = np.ones(each * len(requests), np.uint8)
        assert taken[-1]
        return super().generate(requests, on_step)
