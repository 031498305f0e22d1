"""What was taken back is made again, as long as nothing else was changed since."""

from __future__ import annotations

import json

import pytest

from llamavis_studio.library.redoing import redo
from tests.library.conftest import Shelf, picture
from tests.library.test_words import change


@pytest.fixture
def knight(shelf: Shelf) -> Shelf:
    shelf.write("art/knight.png", picture(1))
    shelf.write("art/knight.txt", "brave, steel\n")
    shelf.library.update()
    return shelf


def test_words_come_back_and_can_be_taken_back_again(knight: Shelf) -> None:
    before = knight.tags("art/knight.png")
    change(knight, "art/knight.png", add=("red",), remove=("steel",), caption="mine")
    after, captions = knight.tags("art/knight.png"), knight.captions("art/knight.png")
    sidecar = knight.sidecar("art/knight.json")
    edits = knight.library.edits
    last = edits.last()
    assert last is not None and last[1] == "a change"
    edits.undo()
    assert edits.last() is None
    what, said = redo(knight.library.edits) or ("", None)
    assert what == "a change" and said is not None and said.notes == []
    assert knight.tags("art/knight.png") == after
    assert knight.captions("art/knight.png") == captions
    assert knight.sidecar("art/knight.json") == sidecar
    assert knight.read("art/knight.txt") == "brave, red\n"
    assert redo(knight.library.edits) is None
    assert knight.library.update().words == 0  # the index says what the files say
    knight.library.edits.undo()
    assert knight.tags("art/knight.png") == before
    assert not (knight.root / "art" / "knight.json").exists()


def test_a_new_change_ends_the_way_forward(knight: Shelf) -> None:
    change(knight, "art/knight.png", add=("red",))
    knight.library.edits.undo()
    change(knight, "art/knight.png", add=("blue",))
    assert redo(knight.library.edits) is None
    assert "blue" in knight.tags("art/knight.png")


def test_a_file_that_was_changed_since_stays(knight: Shelf) -> None:
    change(knight, "art/knight.png", add=("red",))
    knight.library.edits.undo()
    knight.write("art/knight.txt", "somebody's\n")
    _, said = redo(knight.library.edits) or ("", None)
    assert said is not None and len(said.notes) == 1
    assert knight.read("art/knight.txt") == "somebody's\n"
    assert json.loads(knight.read("art/knight.json"))["tags"][0]["name"] == "red"
