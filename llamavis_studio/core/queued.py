"""What is being drawn and what waits for it, as frozen values that any thread may keep."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class QueuedImage:
    """One image that is drawn or waits for it.

    `output` and `source` are project-relative with forward slashes; `words` is what it is drawn
    from, `reason` why it is drawn.
    """

    output: str
    source: str
    words: str = ""
    reason: str = ""


@dataclass(frozen=True)
class QueueState:
    """The queue at one moment; what waits stands in the order in which it will be drawn."""

    running: tuple[QueuedImage, ...] = ()
    waiting: tuple[QueuedImage, ...] = ()
    paused: bool = False
