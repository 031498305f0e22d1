"""The tables beside sprite sheets: which picture a table cuts up, and where.

Aseprite and TexturePacker write the same JSON: `frames` as a list or by name, `meta.image` beside
the table. Such a table is no user of its picture but a part of it, so it is asked apart.

Source: https://www.aseprite.org/docs/cli/ (--data), TexturePacker's "JSON (Hash)" and "(Array)".
"""

from __future__ import annotations

from typing import Any

from llamavis_studio.library.uses.json_values import json_value
from llamavis_studio.library.uses.references import UnreadableFileError, project_path

Box = tuple[int, int, int, int]  # x, y, width, height in pixels of the sheet, from its top left

_MOST_BYTES = 64 << 20  # 64 MiB
_LARGEST = 1 << 20  # pixels on a side
_MOST_BOXES = 100_000


def sheet_image(relative: str, data: bytes, *, root: str = "") -> str | None:
    """The picture, as a path from the project's folder, that a table belongs to; None when the file
    is no such table. `root` is the project's folder, for tables that name an absolute path.
    """
    document = _table(data)
    if document is None:
        return None
    name = document["meta"].get("image")
    if not isinstance(name, str):
        return None
    return project_path(name, relative.rpartition("/")[0], root)


def sheet_boxes(data: bytes) -> tuple[Box, ...]:
    """The frames of a table in its order, as they lie on the sheet: a frame that was packed turned
    has its sides exchanged. () for a file that is no such table; frames that are no boxes are left
    out.
    """
    document = _table(data)
    if document is None:
        return ()
    frames = document["frames"]
    records = frames.values() if isinstance(frames, dict) else frames
    boxes = (_box(record) for record in records if isinstance(record, dict))
    return tuple(box for box in boxes if box is not None)[:_MOST_BOXES]


def _table(data: bytes) -> dict[str, Any] | None:
    if len(data) > _MOST_BYTES or b'"frames"' not in data or b'"meta"' not in data:
        return None
    try:
        document = json_value(data)
    except UnreadableFileError:
        return None
    if not isinstance(document, dict) or not isinstance(document.get("meta"), dict):
        return None
    return document if isinstance(document.get("frames"), dict | list) else None


def _box(record: dict[str, Any]) -> Box | None:
    frame = record.get("frame")
    if not isinstance(frame, dict):
        return None
    numbers = [_pixels(frame.get(key)) for key in "xywh"]
    x, y, width, height = numbers
    if min(numbers) < 0 or not width or not height:
        return None
    return (x, y, height, width) if record.get("rotated") is True else (x, y, width, height)


def _pixels(value: object) -> int:
    """A number of pixels, or -1 for what is none; to Python, but not here, True is an int."""
    if isinstance(value, int) and not isinstance(value, bool) and value <= _LARGEST:
        return value
    return -1
