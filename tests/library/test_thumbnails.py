"""Thumbnails on disk, copies, groups and uses."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from llamavis_studio.core.asset import Provenance
from llamavis_studio.core.errors import LibraryError
from llamavis_studio.imaging.png import decode_image, encode_png
from llamavis_studio.library.duplicates import look_alikes, same_bytes
from llamavis_studio.library.groups import group_of
from llamavis_studio.library.thumbnails import Thumbnails
from tests.library.conftest import Shelf, picture


def test_a_thumbnail_is_made_once(tmp_path: Path) -> None:
    image = tmp_path / "a.png"
    image.write_bytes(picture(1))
    thumbnails = Thumbnails(tmp_path / "thumbs")
    place = thumbnails.get(b"\x01\x02", image)
    assert decode_image(place).shape == (128, 128, 4)
    image.unlink()
    assert thumbnails.submit(b"\x01\x02", image).result() == place
    thumbnails.close()


def test_what_has_no_picture_says_why(tmp_path: Path) -> None:
    image = tmp_path / "a.png"
    image.write_bytes(b"nothing")
    thumbnails = Thumbnails(tmp_path / "thumbs")
    with pytest.raises(LibraryError) as caught:
        thumbnails.get(b"\x01", image)
    assert caught.value.message
    thumbnails.close()


def test_what_was_used_longest_ago_goes_first(tmp_path: Path) -> None:
    thumbnails = Thumbnails(tmp_path / "thumbs")
    places = []
    for number in range(3):
        image = tmp_path / f"{number}.png"
        image.write_bytes(picture(number))
        places.append(thumbnails.get(bytes([number]), image))
        os.utime(places[-1], (1000 + number, 1000 + number))
    sizes = [place.stat().st_size for place in places]
    assert thumbnails.prune(sizes[2]) == sizes[0] + sizes[1]
    assert [place.exists() for place in places] == [False, False, True]
    thumbnails.close()


def test_copies_and_look_alikes(shelf: Shelf) -> None:
    shelf.write("a.png", picture(1))
    shelf.write("copy.png", picture(1))
    shelf.write("other.png", picture(2))
    touched = decode_image(picture(1)).copy()
    touched[8, 8, 0] ^= 4
    shelf.write("touched.png", encode_png(touched))
    shelf.library.update()
    database = shelf.library.database

    def named(groups: list[list[int]]) -> list[list[str]]:
        return [[item.file for item in shelf.library.items(group)] for group in groups]

    assert named(same_bytes(database)) == [["a.png", "copy.png"]]
    assert named(look_alikes(database)) == [["a.png", "touched.png"]]


def test_maps_and_frames_are_groups(shelf: Shelf) -> None:
    for number, name in enumerate(
        [
            "wall.png",
            "wall_normal.png",
            "wall_roughness.png",
            "walk_01.png",
            "walk_02.png",
            "level2.png",
        ]
    ):
        shelf.write(f"art/{name}", picture(number, clear=False))
    shelf.library.update()
    connection = shelf.library.database.connection
    wall = group_of(connection, shelf.id("art/wall.png"))
    assert wall["name"] == "art/wall"
    assert dict(wall["members"]) == {  # type: ignore[call-overload]
        "art/wall.png": "base_color",
        "art/wall_normal.png": "normal",
        "art/wall_roughness.png": "roughness",
    }
    assert len(group_of(connection, shelf.id("art/walk_01.png"))["members"]) == 2  # type: ignore[arg-type]
    assert group_of(connection, shelf.id("art/level2.png")) == {}


def sheet_of(colours: int, side: int = 16) -> bytes:
    """A row of squares, each of one colour, with clear gutters."""
    pixels = np.zeros((side, side * colours, 4), np.uint8)
    for number in range(colours):
        square = pixels[1:-1, number * side + 1 : (number + 1) * side - 1]
        square[...] = (40 * number + 20, 200 - 30 * number, 90, 255)
    return encode_png(pixels)


def table_of(image: str, count: int, side: int = 16) -> str:
    frames = [
        {"filename": f"walk {n}", "frame": {"x": side * n, "y": 0, "w": side, "h": side}}
        for n in range(count)
    ]
    return json.dumps({"frames": frames, "meta": {"image": image, "app": "aseprite"}})


def test_a_sheet_and_its_table_belong_together_and_move(shelf: Shelf) -> None:
    shelf.write("art/knight.png", sheet_of(4))
    shelf.write("art/knight.json", table_of("knight.png", 4))
    shelf.write("art/lonely.png", sheet_of(1))
    shelf.library.update()
    library = shelf.library
    asset_id = shelf.id("art/knight.png")
    [item] = library.items([asset_id])
    assert (item.kind, item.frames) == ("sheet", 4)
    group = group_of(library.database.connection, asset_id)
    assert group["members"] == [["art/knight.png", "sheet"], ["art/knight.json", "table"]]
    assert group_of(library.database.connection, shelf.id("art/lonely.png")) == {}

    thumbnails = library.thumbnails
    place = thumbnails.get(item.digest, item.path, 32, library.table_of(item))
    with Image.open(place) as moving:
        assert (moving.size, moving.n_frames) == ((32, 32), 4)  # type: ignore[attr-defined]
    still = thumbnails.get(item.digest, item.path, 32)
    with Image.open(still) as picture_of_all:
        assert getattr(picture_of_all, "n_frames", 1) == 1
    assert place != still

    # A table that comes later is noticed too; one that fits no sheet changes nothing to see.
    shelf.write("art/lonely.json", table_of("lonely.png", 3))
    library.update()
    [lonely] = library.items([shelf.id("art/lonely.png")])
    assert (lonely.kind, lonely.frames) == ("sheet", 3)
    whole = thumbnails.get(lonely.digest, lonely.path, 32, library.table_of(lonely))
    with Image.open(whole) as picture_of_all:
        assert getattr(picture_of_all, "n_frames", 1) == 1


def test_what_was_built_from_a_description_is_of_its_kind(shelf: Shelf) -> None:
    def built(kind: str, **more: object) -> bytes:
        told = Provenance(
            build_key="0" * 64,
            parts={"kind": kind, **more},
            prompt="a grey knight",
            seed=1,
            backend="instant",
            source="hero.desc.toml",
            pixel_hash="0" * 64,
        )
        return encode_png(decode_image(picture(3)), provenance_json=told.to_json())

    shelf.write("hero.png", built("character"))
    shelf.write("hero_normal.png", built("character", making=["normal", 1, {}]))
    shelf.write("odd.png", built("spaceship"))
    shelf.library.update()
    files = ("hero.png", "hero_normal.png", "odd.png")
    kinds = [item.kind for item in shelf.library.items([shelf.id(file) for file in files])]
    assert kinds[:2] == ["character", "normal"]
    assert kinds[2] not in ("", "spaceship")
    assert shelf.captions("hero.png")[0][2] == "a grey knight"


def test_where_the_game_uses_an_image(shelf: Shelf) -> None:
    shelf.write("game/project.godot", '[application]\nconfig/name="x"\n')
    shelf.write("game/art/hero.png", picture(1))
    shelf.write("game/art/lonely.png", picture(2))
    shelf.write("game/art/icon.png", picture(3))
    shelf.write(
        "game/art/icon.png.import",
        '[remap]\nuid="uid://abc"\n[deps]\nsource_file="res://art/icon.png"\n',
    )
    shelf.write(
        "game/main.tscn",
        "[gd_scene load_steps=2 format=3]\n"
        '[ext_resource type="Texture2D" path="res://art/hero.png" id="1"]\n',
    )
    shelf.write("game/main.gd", 'extends Node\nvar icon = preload("uid://abc")\n')
    shelf.library.update()
    assert shelf.library.users_of(shelf.id("game/art/hero.png")) == ["game/main.tscn"]
    assert shelf.library.users_of(shelf.id("game/art/icon.png")) == ["game/main.gd"]
    assert shelf.library.users_of(shelf.id("game/art/lonely.png")) == []
    shelf.write("game/main.tscn", "[gd_scene format=3]\n")
    (shelf.root / "game/main.gd").unlink()
    shelf.library.update()
    assert shelf.library.users_of(shelf.id("game/art/hero.png")) == []
    assert shelf.library.users_of(shelf.id("game/art/icon.png")) == []
