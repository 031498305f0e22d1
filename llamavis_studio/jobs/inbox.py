"""A main thread without an event loop: what other threads and timers want done waits here.

It answers to the few names of an asyncio loop that the worker and the watcher need, so that a plain
program and one with a loop drive them alike.
"""

from __future__ import annotations

import heapq
import queue
import time
from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Any

Call = Callable[[], object]

LONGEST_WAIT_S = 0.5
"""Windows delivers Ctrl+C only between two waits."""


class InboxTimer:
    """A call to come."""

    def __init__(self, call: Call) -> None:
        self._call: Call | None = call

    def cancel(self) -> None:
        """Do not make the call."""
        self._call = None

    def fire(self) -> None:
        """Make the call unless it was cancelled."""
        call, self._call = self._call, None
        if call is not None:
            call()


class MainThreadInbox:
    """Calls posted by any thread and calls at a time, made by whoever is in ``run_until``."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._posted: queue.SimpleQueue[Call] = queue.SimpleQueue()
        self._timers: list[tuple[float, int, InboxTimer]] = []
        self._numbers = count()

    def time(self) -> float:
        """Seconds; never goes back."""
        return self._clock()

    def post(self, call: Call) -> None:
        """Have ``call`` made by ``run_until``; from any thread."""
        self._posted.put(call)

    def call_soon_threadsafe(self, callback: Callable[..., Any], *args: Any) -> None:
        """``post`` by its asyncio name."""
        self.post(partial(callback, *args))

    def call_later(self, delay: float, callback: Callable[..., Any], *args: Any) -> InboxTimer:
        """Have ``callback`` made after ``delay`` seconds; on the main thread only."""
        timer = InboxTimer(partial(callback, *args))
        heapq.heappush(self._timers, (self._clock() + delay, next(self._numbers), timer))
        return timer

    def run_until(self, finished: Callable[[], bool], timeout_s: float | None = None) -> bool:
        """Make calls until ``finished()``; False when ``timeout_s`` passed first.

        Ctrl+C interrupts the wait as it would any other.
        """
        deadline = None if timeout_s is None else self._clock() + timeout_s
        while not finished():
            now = self._clock()
            if deadline is not None and now >= deadline:
                return False
            if self._timers and self._timers[0][0] <= now:
                heapq.heappop(self._timers)[2].fire()
                continue
            ends = [now + LONGEST_WAIT_S]
            ends += [] if deadline is None else [deadline]
            ends += [self._timers[0][0]] if self._timers else []
            try:
                call = self._posted.get(timeout=max(0.0, min(ends) - now))
            except queue.Empty:
                continue
            call()
        return True
