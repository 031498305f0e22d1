"""The last events, by number: a plugin asks for all behind the last one it knows, and waits."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from typing import Any

MOST = 4096
MOST_WAITING = 64


class EventLog:
    """Lives on the loop. Cursors count from 1 and never go back; 0 is before the first."""

    def __init__(self, most: int = MOST) -> None:
        self._events: deque[tuple[int, dict[str, Any]]] = deque(maxlen=most)
        self._waiting: set[asyncio.Future[None]] = set()
        self.cursor = 0
        self.is_closed = False

    def add(self, event: dict[str, Any]) -> None:
        """Note an event, JSON values, and wake those who wait."""
        self.cursor += 1
        self._events.append((self.cursor, {"cursor": self.cursor, **event}))
        self._wake()

    def since(self, cursor: int) -> tuple[list[dict[str, Any]], bool]:
        """The events behind `cursor`, and whether some of them are forgotten."""
        if cursor > self.cursor:
            return [], True  # of a service that ended
        oldest = self._events[0][0] if self._events else self.cursor + 1
        found = [event for number, event in self._events if number > cursor]
        return found, cursor + 1 < oldest

    async def wait(self, cursor: int, seconds: float) -> None:
        """Until there is something behind `cursor`, or the time is over, or the log is closed.

        Comes back at once when too many wait already.
        """
        if cursor != self.cursor or self.is_closed or len(self._waiting) >= MOST_WAITING:
            return
        told: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.add(told)
        try:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(told, seconds)
        finally:
            self._waiting.discard(told)

    def close(self) -> None:
        """Let everyone who waits go."""
        self.is_closed = True
        self._wake()

    def _wake(self) -> None:
        for told in self._waiting:
            if not told.done():
                told.set_result(None)
