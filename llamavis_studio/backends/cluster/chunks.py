"""The chunks of one call: which wait, which were drawn, how far all of them are together.

A chunk whose worker was lost is done once more as it was, since on a cluster machines go for many
reasons, and then in halves, since the usual killer is a lack of memory; one that ends three workers
is set aside as ``BackendError``.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from llamavis_studio.backends.base import Glimpse, StepProgress
from llamavis_studio.core.errors import BackendError

ATTEMPTS = 3
"""How many workers one chunk may cost."""
STEPS_EACH = 1000
"""What a request counts in the progress of several chunks."""


@dataclass
class Chunk:
    """Requests ``start`` to ``stop`` of a call; ``batch_limit`` 0 leaves batches to the backend."""

    start: int
    stop: int
    losses: int = 0
    batch_limit: int = 0
    share: float = 0.0

    @property
    def count(self) -> int:
        """How many requests it has."""
        return self.stop - self.start


class Board:
    """The chunks of one call of ``count`` requests, each of ``size`` at most."""

    def __init__(self, count: int, size: int) -> None:
        self._chunks = [
            Chunk(start, min(start + size, count)) for start in range(0, count, max(1, size))
        ]
        self._waiting = deque(self._chunks)
        self._open = len(self._chunks)
        self._count = count
        self._told = 0

    @property
    def finished(self) -> bool:
        """Whether nothing waits and nothing is drawn."""
        return self._open == 0

    @property
    def waits(self) -> bool:
        """Whether a chunk waits for a worker."""
        return bool(self._waiting)

    def take(self) -> Chunk:
        """The next chunk to be done."""
        return self._waiting.popleft()

    def give_back(self, chunk: Chunk, reason: str, out_of_memory: bool = False) -> None:
        """The worker of a chunk was lost. Raises ``BackendError`` when that is enough of it."""
        chunk.losses += 1
        if chunk.losses >= ATTEMPTS:
            self._open -= 1
            raise BackendError(
                f"{ATTEMPTS} workers of the cluster were lost at this work: {reason}",
                "the work was set aside and the rest goes on; the nodes' logs have the details",
            )
        if out_of_memory or chunk.losses == ATTEMPTS - 1:
            chunk.batch_limit = max(1, chunk.count // 2)
        self._waiting.appendleft(chunk)

    def close(self, chunk: Chunk) -> None:
        """A chunk came to its end."""
        self._open -= 1

    def moved(
        self, chunk: Chunk, done: int, total: int, glimpses: tuple[Glimpse, ...] = ()
    ) -> StepProgress:
        """A step of a chunk as progress of the whole call: it never goes back, also where a chunk
        is done again.
        """
        chunk.share = max(chunk.share, min(1.0, done / max(1, total)))
        if len(self._chunks) == 1 and not chunk.losses:
            return StepProgress(done, total, glimpses)
        sum_of_all = sum(int(STEPS_EACH * one.count * one.share) for one in self._chunks)
        self._told = max(self._told, sum_of_all)
        return StepProgress(self._told, STEPS_EACH * self._count, glimpses)
