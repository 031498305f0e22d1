"""TexturePacker's JSON, as hash and as array: what Phaser, PixiJS, Unity and many others read.

Sources: the generic JSON exporters of https://www.codeandweb.com/texturepacker/documentation; the
pivot is a share of the untrimmed size. The hash also carries what its PixiJS exporter adds: the
pivot as `anchor`, and `animations`, clip names to lists of frame names in the order they show.
Neither form has room for times.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from llamavis_studio.formats.table import (
    FEET,
    FormatError,
    Rect,
    SheetClip,
    SheetFrame,
    SheetTable,
    json_text,
)

APPLICATION = "LlamaVis Studio"
FORMAT_VERSION = "1.0"  # of the file, not of the studio: a release changes no file


def texturepacker_hash(table: SheetTable) -> str:
    """JSON whose `frames` is an object by frame name."""
    frames: dict[str, Any] = {}
    for frame in table.frames:
        record = _record(frame)
        frames[frame.name] = {**record, "anchor": record["pivot"]}
    document: dict[str, Any] = {"frames": frames}
    if table.clips:
        document["animations"] = {
            clip.name: [table.frames[i].name for i in clip.order()] for clip in table.clips
        }
    return json_text({**document, "meta": sheet_meta(table)})


def texturepacker_array(table: SheetTable) -> str:
    """JSON whose `frames` is a list of objects that carry their `filename`."""
    frames = [{"filename": frame.name, **_record(frame)} for frame in table.frames]
    return json_text({"frames": frames, "meta": sheet_meta(table)})


def read_texturepacker(text: str) -> SheetTable:
    """Either form back to a table. Durations are unknown and become the usual ones, clips unknown.

    Raises:
        FormatError: no such JSON, or rotated frames.
    """
    document = parsed_document(text)
    frames = [frame_from(name, record, _pivot(record)) for name, record in named_records(document)]
    return table_from(document, frames, ())


def frame_record(frame: SheetFrame) -> dict[str, Any]:
    """What TexturePacker and Aseprite say of a frame in the same words."""
    rect, (x, y), (width, height) = frame.rect, frame.offset, frame.source_size
    return {
        "frame": {"x": rect.x, "y": rect.y, "w": rect.width, "h": rect.height},
        "rotated": False,
        "trimmed": frame.trimmed,
        "spriteSourceSize": {"x": x, "y": y, "w": rect.width, "h": rect.height},
        "sourceSize": {"w": width, "h": height},
    }


def sheet_meta(table: SheetTable) -> dict[str, Any]:
    """What both say of the sheet."""
    return {
        "app": APPLICATION,
        "version": FORMAT_VERSION,
        "image": table.image,
        "format": "RGBA8888",
        "size": {"w": table.size[0], "h": table.size[1]},
        "scale": "1",
    }


def parsed_document(text: str) -> dict[str, Any]:
    """The JSON object with its `frames` and `meta`; raises FormatError."""
    try:
        document = json.loads(text)
    except ValueError as error:
        raise FormatError(f"this is not JSON: {error}", "export the sheet again") from error
    if not isinstance(document, dict) or not {"frames", "meta"} <= document.keys():
        raise FormatError("there are no frames and meta in this JSON", "export the sheet again")
    return document


def named_records(document: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """(name, record) of each frame, from either form; raises FormatError."""
    frames = document["frames"]
    if isinstance(frames, dict):
        return list(frames.items())
    try:
        return [(record["filename"], record) for record in frames]
    except (KeyError, TypeError) as error:
        raise FormatError("a frame has no filename", "export the sheet again") from error


def frame_from(
    name: str, record: Mapping[str, Any], pivot: tuple[float, float], **more: int
) -> SheetFrame:
    """A frame from what `frame_record` wrote; raises FormatError."""
    try:
        if record.get("rotated"):
            raise FormatError(f"the frame '{name}' is rotated", "export without rotation")
        rect, part, source = record["frame"], record["spriteSourceSize"], record["sourceSize"]
        return SheetFrame(
            name,
            Rect(rect["x"], rect["y"], rect["w"], rect["h"]),
            (part["x"], part["y"]),
            (source["w"], source["h"]),
            pivot=pivot,
            **more,
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise FormatError(f"the frame '{name}' is incomplete", "export the sheet again") from error


def table_from(
    document: Mapping[str, Any], frames: Sequence[SheetFrame], clips: Sequence[SheetClip]
) -> SheetTable:
    """A table from frames and the document's `meta`; raises FormatError."""
    try:
        meta = document["meta"]
        size = (meta["size"]["w"], meta["size"]["h"])
        return SheetTable(meta["image"], size, tuple(frames), tuple(clips))
    except (KeyError, TypeError) as error:
        raise FormatError("meta names no image or size", "export the sheet again") from error


def _record(frame: SheetFrame) -> dict[str, Any]:
    return {**frame_record(frame), "pivot": {"x": frame.pivot[0], "y": frame.pivot[1]}}


def _pivot(record: Mapping[str, Any]) -> tuple[float, float]:
    pivot = record.get("pivot", {})
    return pivot.get("x", FEET[0]), pivot.get("y", FEET[1])
