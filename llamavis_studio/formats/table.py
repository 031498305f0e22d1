"""The table of a sheet: where each frame is, how long it shows, and which frames make a clip.

Every writer of this room starts here. Lengths are whole pixels from the top left corner, times are
milliseconds, a pivot is a share of the untrimmed picture: (0.5, 1.0) is the middle of its lowest
edge.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from llamavis_studio.core.errors import LlamaVisError

Direction = Literal["forward", "reverse", "pingpong", "pingpong_reverse"]
DIRECTIONS: tuple[Direction, ...] = ("forward", "reverse", "pingpong", "pingpong_reverse")
STILL_MS = 100  # a frame that belongs to no clip, as in Aseprite

Size = tuple[int, int]  # (width, height)
Pivot = tuple[float, float]  # (x, y), each a share
FEET: Pivot = (0.5, 1.0)


class FormatError(LlamaVisError):
    """A table that a format cannot say, or a file that does not say what it should."""


@dataclass(frozen=True)
class Rect:
    """A rectangle in pixels."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class SheetFrame:
    """One frame: its rectangle on the sheet, and which part of the untrimmed picture that is.

    Frames are never rotated on a sheet.
    """

    name: str
    rect: Rect
    offset: tuple[int, int]
    source_size: Size
    duration_ms: int = STILL_MS
    pivot: Pivot = FEET

    @property
    def trimmed(self) -> bool:
        """Whether clear borders were cut away."""
        return self.offset != (0, 0) or self.source_size != (self.rect.width, self.rect.height)


@dataclass(frozen=True)
class SheetClip:
    """An animation: frames `first` to `last`, both included, counted from 0."""

    name: str
    first: int
    last: int
    fps: float
    direction: Direction = "forward"
    loop: bool = True

    def order(self) -> list[int]:
        """The frames of one cycle as they show; a ping-pong shows its ends once."""
        frames = list(range(self.first, self.last + 1))
        if self.direction in ("reverse", "pingpong_reverse"):
            frames.reverse()
        if self.direction in ("pingpong", "pingpong_reverse"):
            frames += frames[-2:0:-1]
        return frames


@dataclass(frozen=True)
class TileGrid:
    """Equal cells on the sheet: cell i is in column i % columns of row i // columns."""

    tile_width: int
    tile_height: int
    columns: int
    margin_px: int
    spacing_px: int

    def cell_of(self, rect: Rect) -> int | None:
        """The number of the cell that a rectangle is, if it is one."""
        step_x, step_y = self.tile_width + self.spacing_px, self.tile_height + self.spacing_px
        column, beside = divmod(rect.x - self.margin_px, step_x)
        row, below = divmod(rect.y - self.margin_px, step_y)
        inside = 0 <= column < self.columns and row >= 0 and (beside, below) == (0, 0)
        whole = (rect.width, rect.height) == (self.tile_width, self.tile_height)
        return row * self.columns + column if inside and whole else None


@dataclass(frozen=True)
class SheetTable:
    """A sheet: the name of its image file, the image's size, frames, clips, and cells if any.

    Raises:
        FormatError: a frame outside the image, a name used twice, a clip without frames.
    """

    image: str
    size: Size
    frames: tuple[SheetFrame, ...]
    clips: tuple[SheetClip, ...] = ()
    grid: TileGrid | None = None

    def __post_init__(self) -> None:
        """Checks what every writer relies on."""
        if not self.frames:
            raise FormatError("a sheet table needs at least one frame")
        for frame in self.frames:
            self._check_frame(frame)
        for clip in self.clips:
            self._check_clip(clip)
        for what, names in (
            ("frames", [frame.name for frame in self.frames]),
            ("clips", [clip.name for clip in self.clips]),
        ):
            for name, times in Counter(names).items():
                if times > 1:
                    raise FormatError(f"two {what} are named '{name}'", "give each its own name")

    def _check_frame(self, frame: SheetFrame) -> None:
        rect = frame.rect
        sound = min(rect.x, rect.y) >= 0 and min(rect.width, rect.height) >= 1
        if not sound or rect.x + rect.width > self.size[0] or rect.y + rect.height > self.size[1]:
            raise FormatError(f"the frame '{frame.name}' is not inside the sheet", _REPACK)
        if frame.duration_ms < 1:
            raise FormatError(f"the frame '{frame.name}' shows for no time", "give it 1 ms or more")

    def _check_clip(self, clip: SheetClip) -> None:
        if not 0 <= clip.first <= clip.last < len(self.frames):
            message = f"the clip '{clip.name}' names frames {clip.first} to {clip.last}"
            raise FormatError(message, f"the sheet has frames 0 to {len(self.frames) - 1}")
        if not clip.fps > 0:
            raise FormatError(f"the clip '{clip.name}' needs more than 0 frames a second")


_REPACK = "pack the sheet again and use its own placements"


class Placed(Protocol):
    """What a packer says of one frame."""

    @property
    def name(self) -> str: ...
    @property
    def x(self) -> int: ...
    @property
    def y(self) -> int: ...
    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...
    @property
    def offset_x(self) -> int: ...
    @property
    def offset_y(self) -> int: ...
    @property
    def source_width(self) -> int: ...
    @property
    def source_height(self) -> int: ...


def sheet_table(
    image: str,
    size: Size,
    placements: Iterable[Placed],
    clips: Sequence[SheetClip] = (),
    *,
    grid: TileGrid | None = None,
    pivot: Pivot = FEET,
    durations_ms: Mapping[str, int] | None = None,
) -> SheetTable:
    """A table from a packer's placements.

    A frame shows for what `durations_ms` says under its name, else for one frame of the first clip
    it is in. Raises FormatError.
    """
    given = durations_ms or {}
    frames = []
    for i, placed in enumerate(placements):
        fps = next((clip.fps for clip in clips if clip.first <= i <= clip.last), None)
        usual = STILL_MS if fps is None else frame_ms(fps)
        frames.append(
            SheetFrame(
                placed.name,
                Rect(placed.x, placed.y, placed.width, placed.height),
                (placed.offset_x, placed.offset_y),
                (placed.source_width, placed.source_height),
                given.get(placed.name, usual),
                pivot,
            )
        )
    return SheetTable(image, size, tuple(frames), tuple(clips), grid)


def frame_ms(fps: float) -> int:
    """How long one frame shows, in whole milliseconds, at least 1. Raises FormatError."""
    if not fps > 0:
        raise FormatError("a clip needs more than 0 frames a second")
    return max(1, round(1000 / fps))


def json_text(document: Mapping[str, Any]) -> str:
    """JSON as this room writes it: indented, any script readable, one line feed at the end."""
    return json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
