"""Aseprite's sheet JSON, as array and as hash: frames with times, clips as tags, the pivot as a
slice.

Source: https://www.aseprite.org/docs/cli/ (--data, --format, --list-tags, --list-slices) and what
Aseprite 1.3 writes: a tag that plays once says `"repeat": "1"`; a slice's pivot is in pixels from
its bounds' corner, which are those of the untrimmed picture.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llamavis_studio.formats.table import (
    DIRECTIONS,
    FEET,
    FormatError,
    Pivot,
    SheetClip,
    SheetFrame,
    SheetTable,
    json_text,
)
from llamavis_studio.formats.texturepacker import (
    frame_from,
    frame_record,
    named_records,
    parsed_document,
    sheet_meta,
    table_from,
)

PIVOT_SLICE = "pivot"


def aseprite_array(table: SheetTable) -> str:
    """JSON whose `frames` is a list, as `--format json-array` writes."""
    frames = [{"filename": frame.name, **_record(frame)} for frame in table.frames]
    return json_text({"frames": frames, "meta": _meta(table)})


def aseprite_hash(table: SheetTable) -> str:
    """JSON whose `frames` is an object by frame name, as `--format json-hash` writes."""
    frames = {frame.name: _record(frame) for frame in table.frames}
    return json_text({"frames": frames, "meta": _meta(table)})


def read_aseprite(text: str) -> SheetTable:
    """Either form back to a table; a clip's fps is that of its first frame.

    Raises:
        FormatError: no such JSON.
    """
    document = parsed_document(text)
    records = named_records(document)
    try:
        pivots = _read_pivots(document["meta"], len(records))
        frames = [
            frame_from(name, record, _share(pivot, record), duration_ms=record["duration"])
            for (name, record), pivot in zip(records, pivots, strict=True)
        ]
        clips = [_read_tag(tag, frames) for tag in document["meta"].get("frameTags", [])]
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise FormatError(
            "a frame, tag or slice is incomplete", "export the sheet again"
        ) from error
    return table_from(document, frames, clips)


def _record(frame: SheetFrame) -> dict[str, Any]:
    return {**frame_record(frame), "duration": frame.duration_ms}


def _meta(table: SheetTable) -> dict[str, Any]:
    tags = []
    for clip in table.clips:
        tag: dict[str, Any] = {"name": clip.name, "from": clip.first, "to": clip.last}
        tag["direction"] = clip.direction
        if not clip.loop:
            tag["repeat"] = "1"
        tags.append({**tag, "color": "#000000ff"})
    slices = [{"name": PIVOT_SLICE, "color": "#0000ffff", "keys": _slice_keys(table)}]
    return {**sheet_meta(table), "frameTags": tags, "layers": [], "slices": slices}


def _slice_keys(table: SheetTable) -> list[dict[str, Any]]:
    """A key holds until the next; so only changes are written."""
    keys: list[dict[str, Any]] = []
    for i, frame in enumerate(table.frames):
        width, height = frame.source_size
        x, y = round(frame.pivot[0] * width), round(frame.pivot[1] * height)
        key = {"bounds": {"x": 0, "y": 0, "w": width, "h": height}, "pivot": {"x": x, "y": y}}
        if not keys or {"frame": keys[-1]["frame"], **key} != keys[-1]:
            keys.append({"frame": i, **key})
    return keys


def _read_pivots(meta: Mapping[str, Any], count: int) -> list[tuple[int, int] | None]:
    """The pivot of each frame in pixels of the untrimmed picture, where a slice says one."""
    pivots: list[tuple[int, int] | None] = [None] * count
    for entry in meta.get("slices", []):
        if entry["name"] != PIVOT_SLICE:
            continue
        for key in entry["keys"]:
            if "pivot" in key:
                x = key["bounds"]["x"] + key["pivot"]["x"]
                y = key["bounds"]["y"] + key["pivot"]["y"]
                pivots[key["frame"] :] = [(x, y)] * (count - key["frame"])
    return pivots


def _share(pivot: tuple[int, int] | None, record: Mapping[str, Any]) -> Pivot:
    if pivot is None:
        return FEET
    return pivot[0] / record["sourceSize"]["w"], pivot[1] / record["sourceSize"]["h"]


def _read_tag(tag: Mapping[str, Any], frames: list[SheetFrame]) -> SheetClip:
    if tag["direction"] not in DIRECTIONS:
        raise FormatError(f"the tag '{tag['name']}' has the unknown direction {tag['direction']}")
    fps = 1000 / frames[tag["from"]].duration_ms
    loop = tag.get("repeat", "0") != "1"
    return SheetClip(tag["name"], tag["from"], tag["to"], fps, tag["direction"], loop)
