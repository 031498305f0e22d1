"""The table beside a sprite sheet: where its pictures are, how long each shows, which make a clip.

Aseprite and TexturePacker write the same JSON: `frames` as a list or by name, `meta` beside them.
What is no such table is None; parts of a table that make no sense are left out, as files may come
from anywhere.

Source: https://www.aseprite.org/docs/cli/ (--data, --list-tags), TexturePacker's "JSON (Hash)" and
"(Array)".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Box = tuple[int, int, int, int]  # x, y, width, height in pixels of the sheet, from its top left

_LARGEST = 1 << 20  # pixels on a side
_MOST_BOXES = 100_000
_MOST_CLIPS = 1_000
_LONGEST_MS = 3_600_000


@dataclass(frozen=True)
class Clip:
    """A named run of frames: `order` are their places in the table, for one time through."""

    name: str
    order: tuple[int, ...]


@dataclass(frozen=True)
class SheetTable:
    """What a table says. `image` is the name of its picture as it stands there, or None.

    `durations_ms` has a value a box, 0 where the table has none.
    """

    image: str | None
    boxes: tuple[Box, ...]
    durations_ms: tuple[int, ...]
    clips: tuple[Clip, ...]


def table_in(document: Any) -> SheetTable | None:
    """The table in a JSON value; None where it is none."""
    if not isinstance(document, Mapping):
        return None
    frames, meta = document.get("frames"), document.get("meta")
    if not isinstance(meta, Mapping) or not isinstance(frames, dict | list):
        return None
    records = list(frames.values() if isinstance(frames, dict) else frames)
    boxes: list[Box] = []
    durations: list[int] = []
    places: dict[int, int] = {}  # of the table's records, among the boxes
    for at, record in enumerate(records):
        box = _box(record) if isinstance(record, dict) else None
        if box is not None and len(boxes) < _MOST_BOXES:
            places[at] = len(boxes)
            boxes.append(box)
            durations.append(max(0, _number(record.get("duration"), _LONGEST_MS)))
    image = meta.get("image")
    tags = meta.get("frameTags")
    found = (_clip(tag, places) for tag in (tags if isinstance(tags, list) else [])[:_MOST_CLIPS])
    clips = tuple(clip for clip in found if clip is not None)
    return SheetTable(
        image if isinstance(image, str) else None, tuple(boxes), tuple(durations), clips
    )


def _box(record: dict[str, Any]) -> Box | None:
    """A frame as it lies on the sheet: one that was packed turned has its sides exchanged."""
    frame = record.get("frame")
    if not isinstance(frame, dict):
        return None
    numbers = [_number(frame.get(key), _LARGEST) for key in "xywh"]
    x, y, width, height = numbers
    if min(numbers) < 0 or not width or not height:
        return None
    return (x, y, height, width) if record.get("rotated") is True else (x, y, width, height)


def _clip(tag: object, places: Mapping[int, int]) -> Clip | None:
    if not isinstance(tag, dict) or not isinstance(tag.get("name"), str):
        return None
    first, last = (_number(tag.get(key), _MOST_BOXES) for key in ("from", "to"))
    if not 0 <= first <= last:
        return None
    order = [places[at] for at in range(first, last + 1) if at in places]
    way = tag.get("direction")
    if way in ("reverse", "pingpong_reverse"):
        order.reverse()
    if way in ("pingpong", "pingpong_reverse"):
        order += order[-2:0:-1]  # its ends show once
    return Clip(tag["name"], tuple(order)) if order else None


def _number(value: object, most: int) -> int:
    """A whole number, or -1 for what is none; to Python, but not here, True is an int."""
    if isinstance(value, int) and not isinstance(value, bool) and value <= most:
        return value
    return -1
