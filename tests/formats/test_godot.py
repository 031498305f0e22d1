"""Godot's resources as text; tests/engines shows that Godot reads them."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given

from llamavis_studio.formats.godot import (
    MaterialPaths,
    sprite_frames,
    standard_material,
    tile_set,
)
from llamavis_studio.formats.table import FormatError, SheetClip, SheetTable
from tests.formats.strategies import tables, tile_tables
from tests.formats.test_tiled import FRAMES, TABLE

SHEET = "res://art/tiles.png"


@given(tables())
def test_every_reference_has_its_resource(table: SheetTable) -> None:
    text = sprite_frames(table, SHEET)
    declared = re.findall(r'^\[(?:ext|sub)_resource [^\n]* id="(\w+)"\]', text, re.MULTILINE)
    used = set(re.findall(r'(?:Ext|Sub)Resource\("(\w+)"\)', text))
    assert used == set(declared) and len(declared) == len(used)
    assert f"load_steps={len(declared) + 1} " in text.splitlines()[0]
    shown = sum(len(clip.order()) for clip in table.clips) or len(table.frames)
    assert text.count('"duration": ') == shown
    assert text == sprite_frames(replace(table), SHEET)


def test_sprite_frames_text() -> None:
    clips = (SheetClip('say "hi"', 0, 0, 6.0, loop=False),)
    frame = replace(FRAMES[0], offset=(2, 3), source_size=(20, 24), duration_ms=500)
    table = SheetTable("tiles.png", (54, 36), (frame,), clips)
    assert sprite_frames(table, SHEET) == "\n".join(
        [
            '[gd_resource type="SpriteFrames" load_steps=3 format=3]',
            "",
            '[ext_resource type="Texture2D" path="res://art/tiles.png" id="1"]',
            "",
            '[sub_resource type="AtlasTexture" id="AtlasTexture_1"]',
            'atlas = ExtResource("1")',
            "region = Rect2(1, 1, 16, 16)",
            "margin = Rect2(2, 3, 4, 8)",
            "filter_clip = true",
            "",
            "[resource]",
            "animations = [{",
            '"frames": [{',
            '"duration": 3.0,',
            '"texture": SubResource("AtlasTexture_1")',
            "}],",
            '"loop": false,',
            '"name": &"say \\"hi\\"",',
            '"speed": 6.0',
            "}]",
            "",
        ]
    )


def test_equal_regions_are_one_texture_and_clips_are_sorted() -> None:
    frames = (*FRAMES[:2], replace(FRAMES[0], name="again"))
    clips = (SheetClip("walk", 0, 1, 10.0), SheetClip("idle", 1, 2, 6.0))
    text = sprite_frames(SheetTable("tiles.png", (54, 36), frames, clips), SHEET)
    assert text.count("[sub_resource") == 2
    assert re.findall(r'"name": &"(\w+)"', text) == ["idle", "walk"]


def test_tile_set_text() -> None:
    clips = (SheetClip("water", 3, 4, 5.0),)
    lines = tile_set(replace(TABLE, clips=clips), SHEET).splitlines()
    assert "margins = Vector2i(1, 1)" in lines and "separation = Vector2i(2, 2)" in lines
    tiles = [line for line in lines if re.match(r"\d+:\d+/0 = 0", line)]
    assert tiles == ["0:0/0 = 0", "1:0/0 = 0", "2:0/0 = 0", "0:1/0 = 0"]
    assert "0:1/animation_frame_1/duration = 0.625" in lines  # 125 ms at 5 fps
    assert '0:1/0/custom_data_0 = "tile 3"' in lines


@given(tile_tables())
def test_tiles_are_played_or_refused(table: SheetTable) -> None:
    clip, grid = table.clips[0], table.grid
    assert grid is not None
    one_row = len(table.frames) <= grid.columns
    forward = clip.order() == sorted(set(clip.order()))
    if one_row and forward:
        assert tile_set(table, SHEET).count("/0 = 0\n") == 1
    else:
        with pytest.raises(FormatError, match="cannot play the clip 'all'"):
            tile_set(table, SHEET)


def test_clips_must_not_share_animated_tiles() -> None:
    clips = (SheetClip("a", 0, 1, 5.0), SheetClip("b", 1, 2, 5.0))
    with pytest.raises(FormatError, match="'b' shares tiles"):
        tile_set(replace(TABLE, clips=clips), SHEET)


def test_material_text() -> None:
    text = standard_material(MaterialPaths(base_color="res://r.png", orm="res://orm.png"))
    assert text.splitlines() == [
        '[gd_resource type="StandardMaterial3D" load_steps=3 format=3]',
        "",
        '[ext_resource type="Texture2D" path="res://r.png" id="1"]',
        '[ext_resource type="Texture2D" path="res://orm.png" id="2"]',
        "",
        "[resource]",
        'albedo_texture = ExtResource("1")',
        "ao_enabled = true",
        'ao_texture = ExtResource("2")',
        "ao_texture_channel = 0",
        'roughness_texture = ExtResource("2")',
        "roughness_texture_channel = 1",
        "metallic = 1.0",
        'metallic_texture = ExtResource("2")',
        "metallic_texture_channel = 2",
    ]


@pytest.mark.parametrize(
    ("maps", "says"),
    [
        ({}, "at least one map"),
        ({"orm": "res://a.png", "metallic": "res://b.png"}, "orm map holds metallic"),
        ({"normal": "art/n.png"}, "'art/n.png' is not a path of a Godot project"),
        ({"normal": "res://"}, "not a path"),
    ],
)
def test_what_is_no_material(maps: dict[str, str], says: str) -> None:
    with pytest.raises(FormatError, match=says):
        standard_material(MaterialPaths(**maps))
