"""Thumbnails on disk, copies, groups and uses."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

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
