"""Files of a game with the new paths of what moved: names change, every other byte stays."""

from __future__ import annotations

import json

import pytest

from llamavis_studio.library.uses.reading import references_in
from llamavis_studio.library.uses.renaming import still_named, with_files_moved

MOVED = {"art/hero.png": "people/big hero.png", "art/a&b.png": "x/a&b.png", "out.png": "../o.png"}


@pytest.mark.parametrize(
    ("relative", "before", "after"),
    [
        (
            "level.tscn",
            '[ext_resource type="Texture2D" uid="uid://a" path="res://art/hero.png" id="1"]\r\n'
            'a = "res://art/hero.png.bak"\nb = "res://art/hero.png::sub"\n',
            '[ext_resource type="Texture2D" uid="uid://a" path="res://people/big hero.png" id="1"]'
            '\r\na = "res://art/hero.png.bak"\nb = "res://people/big hero.png::sub"\n',
        ),
        (
            "project.godot",
            'config/icon="res://art/hero.png"\nrun="*res://art/hero.png"\n',
            'config/icon="res://people/big hero.png"\nrun="*res://people/big hero.png"\n',
        ),
        (
            "code/a.gd",
            "var a = preload('res://art/hero.png') # \"res://art/hero.pngx\"\n",
            "var a = preload('res://people/big hero.png') # \"res://art/hero.pngx\"\n",
        ),
        (
            "maps/town.tmx",
            '<?xml version="1.0"?>\n<map><tileset><image source="../art/a&amp;b.png" width="1"/>'
            '</tileset><properties><property name="p" type="file" value="../art/hero.png"/>'
            '<property name="q" value="../art/hero.png"/></properties></map>\n',
            '<?xml version="1.0"?>\n<map><tileset><image source="../x/a&amp;b.png" width="1"/>'
            '</tileset><properties><property name="p" type="file" value="../people/big hero.png"/>'
            '<property name="q" value="../art/hero.png"/></properties></map>\n',
        ),
        (
            "maps/town.tmj",
            '{ "tiledversion":"1.10", "tilesets":[ {"image":"..\\/art\\/hero.png"} ],\n'
            ' "name":"..\\/art\\/hero.png" }',
            '{ "tiledversion":"1.10", "tilesets":[ {"image":"..\\/people\\/big hero.png"} ],\n'
            ' "name":"..\\/art\\/hero.png" }',
        ),
        (
            "maps/world.ldtk",
            '{"defs": {"tilesets": [{"relPath": "../art/hero.png", "name": "Heroé"}]}}',
            '{"defs": {"tilesets": [{"relPath": "../people/big hero.png", "name": "Heroé"}]}}',
        ),
        (
            "maps/world/level.ldtkl",
            '{"bgRelPath": "../art/hero.png"}',
            '{"bgRelPath": "../people/big hero.png"}',
        ),
        ("data/own.json", '{"image": "../art/hero.png"}', '{"image": "../art/hero.png"}'),
        ("readme.md", "res://art/hero.png", "res://art/hero.png"),
    ],
)
def test_only_the_names_change(relative: str, before: str, after: str) -> None:
    changed = with_files_moved(relative, before.encode(), MOVED)
    assert changed.decode() == after
    assert still_named(relative, changed, MOVED) == []
    assert with_files_moved(relative, changed, MOVED) == changed


def test_what_is_no_text_keeps_its_bytes() -> None:
    data = b'\xef\xbb\xbf\xff"res://art/hero.png"\xfe\n'
    assert with_files_moved("a.gd", data, MOVED) == (
        b'\xef\xbb\xbf\xff"res://people/big hero.png"\xfe\n'
    )


def test_a_godot_project_sees_its_own_folder_only() -> None:
    moved = {"game/a.png": "game/sub/a.png", "game/b.png": "elsewhere/b.png"}
    data = b'[ext_resource path="res://a.png" id="1"]\n[ext_resource path="res://b.png" id="2"]\n'
    changed = with_files_moved("game/level.tscn", data, moved, godot_root="game")
    assert changed == data.replace(b"res://a.png", b"res://sub/a.png")
    assert still_named("game/level.tscn", changed, moved, "game") == ["game/b.png"]


def test_what_is_changed_is_read_as_the_new_place() -> None:
    names = [f"f{number}/p {number}.png" for number in range(30)]
    moved = {name: f"new/{number}/ü{number}.png" for number, name in enumerate(names)}
    document = {"tiledversion": "1", "tilesets": [{"image": f"../{name}"} for name in names]}
    data = json.dumps(document).encode()
    found = references_in("maps/a.tmj", with_files_moved("maps/a.tmj", data, moved), {})
    assert set(found.paths) == set(moved.values())
