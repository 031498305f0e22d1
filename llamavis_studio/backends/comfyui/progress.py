"""How far a batch is, told to whoever asked for it.

Every number from 1 to the total is told exactly once, however the messages of several servers fall
between each other. In the silence the last one is repeated, because telling is also how one learns
that the work was cancelled.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Sequence

from llamavis_studio.backends.base import Glimpse, ImageRequest, OnStep, StepProgress
from llamavis_studio.imaging.arrays import with_alpha
from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.png import decode_image

HEARTBEAT_S = 0.4
"""The longest time without a word."""
PARTS = 20
"""What one image counts."""
_BETWEEN_GLIMPSES_S = 0.2
_LARGEST_GLIMPSE = 2048  # px


class Progress:
    """What is told of one batch; `reached` and `previewed` come from the servers' tasks."""

    def __init__(self, requests: Sequence[ImageRequest]) -> None:
        self._requests = requests
        self._parts = [0] * len(requests)
        self._previews: dict[int, bytes] = {}
        self._shown_at: dict[int, float] = {}
        self._told = 0
        self._news = asyncio.Event()

    @property
    def total(self) -> int:
        """What the last number will be."""
        return PARTS * len(self._parts)

    def watcher(self, place: int) -> _Watcher:
        """The one who watches the request at ``place``."""
        return _Watcher(self, place)

    def reached(self, place: int, share: float) -> None:
        """So much of one request is done; what a second try does again is not told again."""
        parts = int(share * PARTS + 1e-6)
        if parts > self._parts[place]:
            self._parts[place] = min(parts, PARTS)
            if parts >= PARTS:
                self._previews.pop(place, None)
            self._news.set()

    def previewed(self, place: int, data: bytes) -> None:
        """One request in the making; it is decoded only when it is shown."""
        if self._requests[place].watched and self._parts[place] < PARTS:
            self._previews[place] = data
            self._news.set()

    async def tell_until(self, tasks: Sequence[asyncio.Task[None]], on_step: OnStep) -> None:
        """Tell until all tasks are done. Raises whatever ``on_step`` or a task raises."""
        for task in tasks:
            task.add_done_callback(lambda _: self._news.set())
        while not all(task.done() for task in tasks):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(HEARTBEAT_S):
                    await self._news.wait()
            is_silent = not self._news.is_set()
            self._news.clear()
            self._tell(on_step, is_silent)
            for task in tasks:
                if task.done():
                    task.result()
        self._tell(on_step, False)

    def _tell(self, on_step: OnStep, is_silent: bool) -> None:
        done = sum(self._parts)
        if done == self._told and not is_silent:
            return  # glimpses wait for the next number, or for the silence
        glimpses = self._glimpses()
        for number in range(self._told + 1, done):
            on_step(StepProgress(number, self.total))
        self._told = done
        on_step(StepProgress(done, self.total, glimpses))

    def _glimpses(self) -> tuple[Glimpse, ...]:
        found, now = [], time.monotonic()
        for place, data in list(self._previews.items()):
            if now - self._shown_at.get(place, -1.0) < _BETWEEN_GLIMPSES_S:
                continue
            del self._previews[place]
            with contextlib.suppress(ImageError):  # nothing of it is final: the next may be whole
                pixels = with_alpha(decode_image(data, _LARGEST_GLIMPSE))
                self._shown_at[place] = now
                found.append(Glimpse(self._requests[place].name, pixels))
        return tuple(found)


class _Watcher:
    """Knows which request it watches."""

    def __init__(self, progress: Progress, place: int) -> None:
        self._progress = progress
        self._place = place

    def reached(self, share: float) -> None:
        self._progress.reached(self._place, share)

    def previewed(self, data: bytes) -> None:
        self._progress.previewed(self._place, data)
