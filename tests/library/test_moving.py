"""Pictures to other folders: with all that belongs to them, nothing lost, nothing written over."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from llamavis_studio.core.errors import LibraryError
from llamavis_studio.core.project import Project
from llamavis_studio.library.carrying import carry, copy_durably
from llamavis_studio.library.moving import Moved
from llamavis_studio.library.places import Places, described_by
from llamavis_studio.library.words import WordChange
from tests.library.conftest import Shelf, picture

SHEET = (
    '{"frames": {"a": {"frame": {"x": 0, "y": 0, "w": 8, "h": 8}}}, '
    '"meta": {"image": "knight.png", "size": {"w": 16, "h": 16}}}'
)


def move(shelf: Shelf, folder: str, *files: str, drawn: tuple[object, ...] = ()) -> Moved:
    ids = [shelf.id(file) for file in files]
    return Places(shelf.library).move(ids, shelf.root / folder, drawn)  # type: ignore[arg-type]


def files_in(shelf: Shelf, folder: str) -> set[str]:
    place = shelf.root / folder
    return {one.name for one in place.iterdir()} if place.is_dir() else set()


def drawn(output: str, source: str, *references: str) -> SimpleNamespace:
    return SimpleNamespace(output=output, source=source, references=references)


@pytest.fixture
def knight(shelf: Shelf) -> Shelf:
    shelf.write("art/knight.png", picture(1))
    shelf.write("art/knight.png.import", '[remap]\nuid="uid://b4d"\n')
    shelf.write("art/knight.txt", "brave, shiny")
    shelf.library.update()
    return shelf


def test_words_and_godots_file_go_along(knight: Shelf) -> None:
    changes = {knight.id("art/knight.png"): WordChange(add=("hero",), caption="a brave knight")}
    knight.library.edits.change(changes, "a change")
    before, asset = knight.read("art/knight.json"), knight.id("art/knight.png")
    done = move(knight, "people/heroes", "art/knight.png")
    assert [(old.name, new.parent.name) for old, new in done.moved] == [("knight.png", "heroes")]
    assert not done.left and files_in(knight, "art") == set()
    assert files_in(knight, "people/heroes") == {
        "knight.png", "knight.png.import", "knight.txt", "knight.json"
    }  # fmt: skip
    assert knight.read("people/heroes/knight.json") == before
    assert 'uid="uid://b4d"' in knight.read("people/heroes/knight.png.import")
    assert knight.id("people/heroes/knight.png") == asset  # what models said is kept by it
    assert knight.tags("people/heroes/knight.png")["hero"] == "human"
    assert ("human", "user", "a brave knight") in knight.captions("people/heroes/knight.png")


def test_a_sheet_takes_its_table_along_and_leaves_a_games_own_data(knight: Shelf) -> None:
    knight.write("art/knight.json", SHEET)
    knight.write("art/slime.png", picture(2))
    knight.write("art/slime.json", '{"hp": 3, "speed": 2}')
    knight.library.update()
    move(knight, "new", "art/knight.png", "art/slime.png")
    assert {"knight.json", "slime.png"} <= files_in(knight, "new")
    assert files_in(knight, "art") == {"slime.json"}


def test_nothing_is_written_over(knight: Shelf) -> None:
    knight.write("new/knight.txt", "somebody else's")
    done = move(knight, "new", "art/knight.png")
    assert done.left == [("art/knight.png", "there is a knight.txt already")] and not done.moved
    assert files_in(knight, "art") == {"knight.png", "knight.png.import", "knight.txt"}
    assert knight.read("new/knight.txt") == "somebody else's"
    assert files_in(knight, "new") == {"knight.txt"}
    assert done.change is None


def test_words_that_two_pictures_share_stay_with_both(knight: Shelf) -> None:
    knight.write("art/knight.aseprite", b"not read here")
    knight.library.update()
    move(knight, "new", "art/knight.png")
    assert knight.read("new/knight.txt") == knight.read("art/knight.txt") == "brave, shiny"
    done = move(knight, "new", "art/knight.aseprite")
    assert not done.left and files_in(knight, "art") == set()
    assert files_in(knight, "new") == {
        "knight.png", "knight.png.import", "knight.txt", "knight.aseprite"
    }  # fmt: skip


def test_what_a_description_draws_stays_and_its_file_is_named(knight: Shelf) -> None:
    knight.write("art/slime.png", picture(2))
    knight.library.update()
    done = move(
        knight, "new", "art/knight.png", "art/slime.png",
        drawn=(drawn("art/knight.png", "art/knight.desc.toml"),),
    )  # fmt: skip
    assert [new.name for _, new in done.moved] == ["slime.png"]
    [(file, reason)] = done.left
    assert file == "art/knight.png" and "art/knight.desc.toml" in reason


def test_who_names_a_picture_is_told(knight: Shelf) -> None:
    knight.write("project.godot", "")
    knight.write(
        "level.tscn",
        '[gd_scene format=3]\n[ext_resource type="Texture2D" path="res://art/knight.png" id="1"]\n',
    )
    knight.library.update()
    config = '[project]\nname = "game"\n[palettes]\nred = "art/knight.png"\n'
    knight.write("llamavis.toml", config)
    named = described_by(Project.open(knight.root), [drawn("x.png", "x.desc.toml", "art/a.png")])
    assert named.named == {"art/a.png": ("x.desc.toml",), "art/knight.png": ("llamavis.toml",)}
    done = move(
        knight, "new", "art/knight.png", drawn=(drawn("b", "b.desc.toml", "art/knight.png"),)
    )
    assert len(done.notes) == 1
    assert "b.desc.toml" in done.notes[0] and "level.tscn" in done.notes[0]


@pytest.mark.parametrize("folder", ["../elsewhere", ".hidden/new", "other/new", "art/knight.png/x"])
def test_only_folders_that_the_library_looks_into(knight: Shelf, folder: str) -> None:
    knight.write("other/llamavis.toml", '[project]\nname = "other"\n')
    with pytest.raises(LibraryError):
        move(knight, folder, "art/knight.png")
    assert (knight.root / "art/knight.png").exists()
    assert not (knight.root / ".hidden").exists()


def test_a_name_that_not_every_system_takes_is_not_made(knight: Shelf) -> None:
    with pytest.raises(LibraryError):
        move(knight, "con/x", "art/knight.png")


def test_links_missing_files_and_the_same_folder_are_left(knight: Shelf) -> None:
    knight.write("art/gone.png", picture(3))
    os.symlink("knight.png", knight.root / "art" / "link.png")
    knight.library.update()
    (knight.root / "art/gone.png").unlink()
    done = move(knight, "new", "art/gone.png", "art/link.png")
    assert dict(done.left) == {
        "art/gone.png": "it is missing", "art/link.png": "it is a link to another file"
    }  # fmt: skip
    assert move(knight, "art", "art/knight.png").left[0][1] == "it is there already"
    assert not (knight.root / "new").exists()


def test_a_move_can_be_taken_back(knight: Shelf) -> None:
    done = move(knight, "new", "art/knight.png")
    assert done.change is not None
    assert done.change.subject == "knight.png → new" and done.change.outputs == ("new/knight.png",)
    back = done.change.reversed()
    assert dict(back.moves) == {
        f"new/{name}": f"art/{name}" for name in ("knight.png", "knight.png.import", "knight.txt")
    }
    for edit in back.edits:
        path = knight.root / edit.path
        now = path.read_bytes() if path.exists() else None
        assert now == edit.before  # it applies to what is there now


# Files under way.


def refuse(code: int):  # type: ignore[no-untyped-def]
    def link(_old: Path, _new: Path) -> None:
        raise OSError(code, os.strerror(code))

    return link


def test_another_disk_gets_a_whole_copy_with_its_times(tmp_path: Path) -> None:
    old, new = tmp_path / "a.png", tmp_path / "there" / "a.png"
    new.parent.mkdir()
    old.write_bytes(b"x" * 3_000_000)
    os.utime(old, (1_000_000, 1_000_000))
    assert carry([(old, new)], refuse(errno.EXDEV)) == []
    assert new.read_bytes() == b"x" * 3_000_000 and not old.exists()
    assert new.stat().st_mtime == 1_000_000
    assert [one.name for one in new.parent.iterdir()] == ["a.png"]  # no temporary is left


def test_a_copy_never_replaces_what_came_there_meanwhile(tmp_path: Path) -> None:
    old, new = tmp_path / "a.png", tmp_path / "b.png"
    old.write_bytes(b"mine")
    new.write_bytes(b"theirs")
    for link in (os.link, refuse(errno.EPERM)):
        with pytest.raises(FileExistsError):
            copy_durably(old, new, link)
        with pytest.raises(FileExistsError):
            carry([(old, new)], link)
    assert (old.read_bytes(), new.read_bytes()) == (b"mine", b"theirs")
    assert {one.name for one in tmp_path.iterdir()} == {"a.png", "b.png"}


def test_a_failure_midway_leaves_all_as_it_was(tmp_path: Path) -> None:
    pairs = []
    for name in ("a.png", "a.txt", "a.json"):
        (tmp_path / name).write_text(name, "utf-8")
        pairs.append((tmp_path / name, tmp_path / "new" / name))
    (tmp_path / "new").mkdir()

    def link(old: Path, new: Path) -> None:
        if old.name == "a.json":
            (tmp_path / "a.json").unlink()  # another program takes it away
            raise FileNotFoundError(errno.ENOENT, "gone")
        os.link(old, new)

    with pytest.raises(FileNotFoundError):
        carry(pairs, link)
    assert {one.name for one in tmp_path.iterdir()} == {"a.png", "a.txt", "new"}
    assert list((tmp_path / "new").iterdir()) == []
