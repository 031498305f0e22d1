"""Waiting for quiet: many signs of one save become one look at the file.

Lead edge: a sign that a save is complete (closed after writing, renamed into place) is believed
after a moment; a sign that one is under way waits for its end.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum


class Sign(Enum):
    """What an event says about a file."""

    COMPLETE = "closed after writing, or renamed into place"
    CREATED = "appeared; may be a link, or still be written"
    WRITTEN = "written to, and perhaps not for the last time"
    GONE = "deleted or renamed away; perhaps to be replaced"


@dataclass(frozen=True)
class Quiet:
    """How long each sign waits, in seconds.

    ``written_s`` is long where the system tells when a file is closed (Linux): a program that
    writes in halves then never shows half a text. Elsewhere 0.3 s of silence must do.
    """

    complete_s: float = 0.03
    created_s: float = 0.3
    written_s: float = 0.3
    gone_s: float = 0.3

    def of(self, sign: Sign) -> float:
        """How long this sign waits."""
        return {
            Sign.COMPLETE: self.complete_s,
            Sign.CREATED: self.created_s,
            Sign.WRITTEN: self.written_s,
            Sign.GONE: self.gone_s,
        }[sign]


class Debounce:
    """Paths that wait for quiet; ``clock`` returns seconds and never goes back."""

    def __init__(self, quiet: Quiet, clock: Callable[[], float]) -> None:
        self._quiet = quiet
        self._clock = clock
        self._due: dict[str, float] = {}
        # (time, path); an entry that is not the path's own time any more is skipped.
        self._order: list[tuple[float, str]] = []

    def __len__(self) -> int:
        return len(self._due)

    def __contains__(self, path: object) -> bool:
        return path in self._due

    def hint(self, path: str, sign: Sign) -> None:
        """Something happened to a path: its quiet begins anew."""
        due = self._clock() + self._quiet.of(sign)
        self._due[path] = due
        heapq.heappush(self._order, (due, path))

    def next_due_s(self) -> float | None:
        """Seconds until a path is due, 0 when one is, None when none waits."""
        self._skip_outdated()
        return max(0.0, self._order[0][0] - self._clock()) if self._order else None

    def take_due(self) -> list[str]:
        """The paths that had their quiet, each once."""
        now = self._clock()
        due = []
        self._skip_outdated()
        while self._order and self._order[0][0] <= now:
            path = heapq.heappop(self._order)[1]
            del self._due[path]
            due.append(path)
            self._skip_outdated()
        return due

    def _skip_outdated(self) -> None:
        while self._order and self._due.get(self._order[0][1]) != self._order[0][0]:
            heapq.heappop(self._order)
