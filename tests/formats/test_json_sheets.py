"""Aseprite's and TexturePacker's JSON: valid by the published formats, and read back unchanged."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given

from llamavis_studio.formats.aseprite import aseprite_array, aseprite_hash, read_aseprite
from llamavis_studio.formats.table import (
    STILL_MS,
    FormatError,
    Rect,
    SheetClip,
    SheetFrame,
    SheetTable,
)
from llamavis_studio.formats.texturepacker import (
    read_texturepacker,
    texturepacker_array,
    texturepacker_hash,
)
from tests.formats.strategies import tables

SCHEMAS = Path(__file__).parent / "schemas"
Writer = Callable[[SheetTable], str]
ASEPRITE = [aseprite_array, aseprite_hash]
TEXTUREPACKER = [texturepacker_array, texturepacker_hash]


def validator(name: str) -> jsonschema.Draft202012Validator:
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


VALIDATORS = {name: validator(name) for name in ("aseprite", "texturepacker")}


def written(writer: Writer, table: SheetTable) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(writer(table))
    VALIDATORS["aseprite" if writer in ASEPRITE else "texturepacker"].validate(document)
    return document


def close(one: SheetFrame, other: SheetFrame) -> bool:
    same = replace(one, pivot=other.pivot) == other
    return same and one.pivot == pytest.approx(other.pivot)


@pytest.mark.parametrize("writer", ASEPRITE)
@given(table=tables())
def test_aseprite_is_valid_and_comes_back(writer: Writer, table: SheetTable) -> None:
    written(writer, table)
    back = read_aseprite(writer(table))
    assert (back.image, back.size) == (table.image, table.size)
    assert len(back.frames) == len(table.frames)
    assert all(close(a, b) for a, b in zip(back.frames, table.frames, strict=True))
    for ours, theirs in zip(table.clips, back.clips, strict=True):
        assert replace(theirs, fps=ours.fps) == ours


@pytest.mark.parametrize("writer", TEXTUREPACKER)
@given(table=tables())
def test_texturepacker_is_valid_and_comes_back(writer: Writer, table: SheetTable) -> None:
    written(writer, table)
    back = read_texturepacker(writer(table))
    timeless = [replace(frame, duration_ms=STILL_MS) for frame in table.frames]
    assert list(back.frames) == timeless
    assert (back.image, back.size, back.clips) == (table.image, table.size, ())


HERO = SheetTable(
    "hero.png",
    (32, 16),
    (
        SheetFrame("idle_0", Rect(0, 0, 12, 14), (2, 2), (16, 16), 167),
        SheetFrame("idle_1", Rect(16, 0, 16, 16), (0, 0), (16, 16), 167),
    ),
    (SheetClip("idle", 0, 1, 6.0), SheetClip("once", 1, 1, 6.0, "pingpong", loop=False)),
)


def test_aseprite_says_what_aseprite_says() -> None:
    document = written(aseprite_array, HERO)
    assert document["frames"][0] == {
        "filename": "idle_0",
        "frame": {"x": 0, "y": 0, "w": 12, "h": 14},
        "rotated": False,
        "trimmed": True,
        "spriteSourceSize": {"x": 2, "y": 2, "w": 12, "h": 14},
        "sourceSize": {"w": 16, "h": 16},
        "duration": 167,
    }
    meta = document["meta"]
    assert meta["frameTags"] == [
        {"name": "idle", "from": 0, "to": 1, "direction": "forward", "color": "#000000ff"},
        {
            "name": "once",
            "from": 1,
            "to": 1,
            "direction": "pingpong",
            "repeat": "1",
            "color": "#000000ff",
        },
    ]
    bounds = {"x": 0, "y": 0, "w": 16, "h": 16}
    assert meta["slices"][0]["keys"] == [{"frame": 0, "bounds": bounds, "pivot": {"x": 8, "y": 16}}]
    assert list(written(aseprite_hash, HERO)["frames"]) == ["idle_0", "idle_1"]


def test_texturepacker_lists_animations_in_its_hash() -> None:
    document = written(texturepacker_hash, HERO)
    assert document["animations"] == {"idle": ["idle_0", "idle_1"], "once": ["idle_1"]}
    first = document["frames"]["idle_0"]
    assert first["pivot"] == first["anchor"] == {"x": 0.5, "y": 1.0}
    assert "animations" not in written(texturepacker_array, HERO)


@pytest.mark.parametrize("writer", [*ASEPRITE, *TEXTUREPACKER])
def test_equal_tables_are_equal_texts(writer: Writer) -> None:
    assert writer(HERO) == writer(replace(HERO)) and writer(HERO).endswith("}\n")
    named = replace(HERO, frames=(replace(HERO.frames[0], name="龙_0"), HERO.frames[1]))
    assert "龙_0" in writer(named)


def test_the_schemas_notice_what_is_wrong() -> None:
    document = json.loads(aseprite_array(HERO))
    for break_it in (
        lambda d: d["frames"][0].pop("duration"),
        lambda d: d["frames"][0].update(rotated=True),
        lambda d: d["meta"]["frameTags"][0].update(direction="sideways"),
        lambda d: d["meta"]["frameTags"][0].update(repeat=1),
        lambda d: d["meta"].update(scale=1),
        lambda d: d["meta"]["slices"][0].update(pivot={"x": 1, "y": 1}),
    ):
        broken = json.loads(json.dumps(document))
        break_it(broken)
        assert not VALIDATORS["aseprite"].is_valid(broken)
    document = json.loads(texturepacker_array(HERO))
    assert not VALIDATORS["texturepacker"].is_valid({**document, "animations": {}})


@pytest.mark.parametrize("read", [read_aseprite, read_texturepacker])
@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"frames": [], "meta": {}}',
        '{"frames": {"a": {}}, "meta": {"image": "a.png", "size": {"w": 1, "h": 1}}}',
        '{"frames": [{"frame": {}}], "meta": {}}',
        aseprite_array(HERO).replace('"rotated": false', '"rotated": true'),
        aseprite_array(HERO).replace('"size"', '"sizes"'),
    ],
)
def test_other_files_are_refused(read: Callable[[str], SheetTable], text: str) -> None:
    with pytest.raises(FormatError):
        read(text)


def test_an_unknown_direction_is_refused() -> None:
    with pytest.raises(FormatError, match="unknown direction sideways"):
        read_aseprite(aseprite_array(HERO).replace('"forward"', '"sideways"'))
