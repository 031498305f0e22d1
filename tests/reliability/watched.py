"""A studio that watches, and what it was asked to draw."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from llamavis_studio.backends.base import ImageRequest, ImageResult, OnStep
from llamavis_studio.backends.host import InProcessHost
from tests.support.studios import WAIT_S, prompt_of


class CountingHost(InProcessHost):
    """Remembers the words of every picture it drew."""

    def __init__(self) -> None:
        super().__init__()
        self.drawn: Counter[str] = Counter()
        self.negatives: Counter[str] = Counter()
        self._lock = threading.Lock()

    def generate(
        self, backend_name: str, requests: list[ImageRequest], on_step: OnStep
    ) -> list[ImageResult]:
        results = super().generate(backend_name, requests, on_step)
        with self._lock:
            self.drawn.update(request.prompt for request in requests)
            self.negatives.update(request.negative_prompt for request in requests)
        return results


def wait_until(condition: Callable[[], bool], why: object = "") -> None:
    """Poll; a condition that stays false for long is a failure."""
    deadline = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline, why
        time.sleep(0.01)


def shows(path: Path, words: str) -> bool:
    """Whether the image at `path` was made from these words."""
    try:
        return prompt_of(path) == words
    except (OSError, KeyError, ValueError):
        return False
