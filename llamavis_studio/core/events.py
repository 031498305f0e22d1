"""What happened, as frozen values, and the small publisher that tells it.

Paths in events are project-relative with forward slashes, so that every face (command line,
window, engine plugin) can use them as they are. Events are published on the main thread.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Event:
    """Anything worth telling; subclasses are named for what happened."""

    def to_json(self) -> dict[str, Any]:
        """The event as JSON values, with its name under "event"."""
        name = re.sub(r"(?<!^)(?=[A-Z])", "_", type(self).__name__).lower()
        return {"event": name, **asdict(self)}


@dataclass(frozen=True)
class PlanReady(Event):
    """A plan was made: how many images stand in which state."""

    states: dict[str, int]
    problems: int
    estimate_s: float | None = None


@dataclass(frozen=True)
class BuildStarted(Event):
    """A build of `total` images begins."""

    total: int
    estimate_s: float | None = None


@dataclass(frozen=True)
class BuildWaiting(Event):
    """Another build works in this project; ours goes on when it has ended its batch."""

    owner: str


@dataclass(frozen=True)
class QueueChanged(Event):
    """Other outputs are drawn now, or wait: told a few times a second at most, hence in numbers.

    `Studio.queue.state` tells the images. While it is paused, nothing new is begun.
    """

    running: tuple[str, ...]
    waiting: int
    paused: bool = False


@dataclass(frozen=True)
class StepDone(Event):
    """Progress of a job: `done` of `total` steps; `eta_s` seconds are left, None if unknown.

    `drawn` is how much of the images that are drawn now is done, 0 to 1.
    """

    job: str
    done: int
    total: int
    eta_s: float | None = None
    drawn: float | None = None


@dataclass(frozen=True)
class ImageEmerging(Event):
    """The image at the output `path` while it is drawn, for who looks on: `Studio.shows_drawing`.

    `pixels` are uint8 (h, w, 4) at the model's own size, before any filter, pale where they are
    only guessed; as JSON they are left out.
    """

    path: str
    pixels: Any = field(compare=False, repr=False)

    def to_json(self) -> dict[str, Any]:
        """The event without its pixels."""
        return {"event": "image_emerging", "path": self.path}


@dataclass(frozen=True)
class AssetBuilt(Event):
    """An asset was built; `outputs` are the files whose pixels really changed.

    `notes` say what did not go as asked, such as words that the model did not read.
    """

    path: str
    outputs: tuple[str, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class AssetFailed(Event):
    """An asset could not be built; its last good image stays. `output` is empty where the
    description is to blame and no one image of it.
    """

    path: str
    line: int
    message: str
    hint: str = ""
    output: str = ""


@dataclass(frozen=True)
class ProblemFound(Event):
    """A file is wrong, or (severity "warning") asks for something that is not done yet."""

    path: str
    line: int
    column: int
    message: str
    hint: str = ""
    severity: str = "error"


@dataclass(frozen=True)
class BuildFinished(Event):
    """A build ended; the numbers count images."""

    built: int
    fresh: int
    failed: int
    edited: int
    locked: int
    cancelled: bool = False
    seconds: float = 0.0


Subscriber = Callable[[Event], None]


class Publisher:
    """Hands each event to every subscriber, in the order they came."""

    def __init__(self) -> None:
        self._subscribers: list[Subscriber] = []

    def subscribe(self, callback: Subscriber) -> Callable[[], None]:
        """Call `callback` with every event from now on; the result ends that."""
        self._subscribers.append(callback)

        def unsubscribe() -> None:
            if callback in self._subscribers:
                self._subscribers.remove(callback)

        return unsubscribe

    def publish(self, event: Event) -> None:
        """Tell everyone; a subscriber may unsubscribe while it is being told."""
        for callback in tuple(self._subscribers):
            callback(event)
