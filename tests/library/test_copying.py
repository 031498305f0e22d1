"""Pictures copied out of the project, and how many there are of what."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from llamavis_studio.core.errors import LibraryError
from llamavis_studio.imaging.colour_cells import cells_near
from llamavis_studio.imaging.png import encode_png
from llamavis_studio.library.places import Places
from llamavis_studio.library.query.parser import parse
from llamavis_studio.library.query.search import search
from llamavis_studio.library.query.sql import SearchContext
from llamavis_studio.library.sidecars import read_sidecar
from llamavis_studio.library.words import WordChange
from tests.library.conftest import Shelf, picture
from tests.library.test_words import say


@pytest.fixture
def stones(shelf: Shelf) -> Shelf:
    shelf.write("art/wall.png", picture(1))
    shelf.write("tiles/wall.png", picture(2))
    shelf.write("tiles/moss.png", picture(3))
    shelf.library.update()
    say(shelf, "art/wall.png", "a stone wall", "stone", "grey")
    changes = {shelf.id("art/wall.png"): WordChange(add=("old, wet",), caption="an old wall")}
    shelf.library.edits.change(changes, "a change")
    return shelf


def test_files_are_copied_with_their_bytes_and_stay_here(stones: Shelf, tmp_path: Path) -> None:
    ids = [stones.id("art/wall.png"), stones.id("tiles/moss.png")]
    done = Places(stones.library).copy_out(ids, tmp_path / "out" / "new")
    assert [place.name for _, place in done.copied] == ["wall.png", "moss.png"] and not done.left
    assert {one.name for one in (tmp_path / "out/new").iterdir()} == {"wall.png", "moss.png"}
    assert (tmp_path / "out/new/wall.png").read_bytes() == picture(1)
    assert (stones.root / "art/wall.png").exists()


def test_names_that_are_taken_are_left_and_folders_keep_them_apart(
    stones: Shelf, tmp_path: Path
) -> None:
    ids = [stones.id("art/wall.png"), stones.id("tiles/wall.png")]
    places, out = Places(stones.library), tmp_path / "out"
    done = places.copy_out(ids, out, "json")
    assert done.left[0][0] == "tiles/wall.png" and "already" in done.left[0][1]
    assert (out / "wall.png").read_bytes() == picture(1)
    assert not (out / "wall.png.json").exists()  # no words without their picture
    done = places.copy_out(ids, out / "apart", keep_folders=True)
    assert not done.left
    assert (out / "apart/tiles/wall.png").read_bytes() == picture(2)


def test_words_go_as_text_that_trainers_read(stones: Shelf, tmp_path: Path) -> None:
    Places(stones.library).copy_out([stones.id("art/wall.png")], tmp_path / "out", "txt")
    read = read_sidecar("wall.txt", (tmp_path / "out/wall.txt").read_bytes()).plain()
    assert read.caption == "an old wall"  # a person's words before the model's
    assert {"old, wet", "stone", "grey"} <= set(read.tags)


def test_words_go_as_json_that_says_who_said_what(stones: Shelf, tmp_path: Path) -> None:
    Places(stones.library).copy_out([stones.id("art/wall.png")], tmp_path / "out", "json")
    values = json.loads((tmp_path / "out/wall.json").read_text("utf-8"))
    origins = {row["text"]: row["origin"] for row in values["captions"]}
    assert origins == {"an old wall": "human", "a stone wall": "model"}
    assert {row["name"]: row["origin"] for row in values["tags"]}["old, wet"] == "human"


def test_a_folder_of_the_project_is_none_to_copy_to(stones: Shelf) -> None:
    with pytest.raises(LibraryError):
        Places(stones.library).copy_out([stones.id("art/wall.png")], stones.root / "copies")
    assert not (stones.root / "copies").exists()


def test_counts_are_what_a_search_finds(stones: Shelf) -> None:
    for name, rgb in (("red", (224, 32, 32)), ("blue", (32, 64, 224)), ("navy", (10, 10, 120))):
        pixels = np.full((16, 16, 4), (*rgb, 255), np.uint8)
        pixels[:4, :4, :3] = 255
        stones.write(f"art/{name}.png", encode_png(pixels))
    (stones.root / "tiles/moss.png").unlink()
    stones.library.update()
    counts = Places(stones.library).counts()

    def found(query: str) -> int:
        context = SearchContext(cells_near)
        page = search(stones.library.database.connection, parse(query), limit=99, context=context)
        items = stones.library.items([row.id for row in page.rows])
        return sum(not item.missing for item in items)

    assert sum(counts.kinds.values()) == 5
    for kind, count in counts.kinds.items():
        assert found(f"kind:{kind}") == count
    assert counts.tags["stone"] == found("tag:stone") == 1
    assert {name: count for name, _, count in counts.colours}["red"] == 1
    for name, _rgb, count in counts.colours:
        assert found(f"color:{name}") == count, name
