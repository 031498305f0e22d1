"""Taking in some files that were just drawn, with no look at all the others."""

from __future__ import annotations

import shutil

import pytest

from llamavis_studio.library import walk
from llamavis_studio.library.walk import Listing
from tests.library.conftest import Shelf, picture


def files(shelf: Shelf) -> set[str]:
    rows = shelf.library.database.execute("SELECT path FROM asset WHERE missing_since IS NULL")
    return {path for (path,) in rows}


def test_only_these_files_are_taken_in(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("old.png", "art/a.png", "art/b.png", "art/deep/c.png", "tiles/d.png"):
        shelf.write(name, picture(len(name)))
    shelf.write("art/a.txt", "moss")
    looked: list[str] = []
    real = walk._list_folder

    def note(*arguments: object) -> None:
        looked.append(str(arguments[2]))
        real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(walk, "_list_folder", note)
    report = shelf.library.update(only=["art/a.png", "art/away.png"])
    assert (report.added, report.missing, report.problems) == (1, 0, [])
    assert files(shelf) == {"art/a.png"} and looked == ["art/"]
    assert "moss" in shelf.tags("art/a.png")
    assert shelf.library.update().added == 4  # nothing was remembered that was not looked at
    assert len(files(shelf)) == 5


def test_a_file_that_was_drawn_anew_keeps_its_number_and_its_words(shelf: Shelf) -> None:
    shelf.write("art/a.png", picture(1))
    shelf.write("art/b.png", picture(2))
    shelf.write("art/a.txt", "moss")
    shelf.library.update()
    before = {name: shelf.id(name) for name in ("art/a.png", "art/b.png")}
    digest = shelf.library.items([before["art/a.png"]])[0].digest
    (shelf.root / "art" / "a.png").write_bytes(picture(5))
    (shelf.root / "art" / "b.png").write_bytes(picture(6))
    report = shelf.library.update(only=["art/a.png"])
    assert (report.added, report.changed) == (0, 1)
    item = shelf.library.items([before["art/a.png"]])[0]
    assert item.digest != digest and "moss" in item.tags
    assert shelf.library.update().changed == 1
    assert {name: shelf.id(name) for name in before} == before


def test_a_file_that_came_from_elsewhere_beside_them_still_keeps_its_words(shelf: Shelf) -> None:
    shelf.write("bought/rock.png", picture(1))
    shelf.write("bought/rock.txt", "moss, stone")
    shelf.library.update()
    number = shelf.id("bought/rock.png")
    shelf.write("art/new.png", picture(2))
    shutil.move(shelf.root / "bought" / "rock.png", shelf.root / "art" / "rock.png")
    assert shelf.library.update(only=["art/new.png"]).added == 1
    report = shelf.library.update()
    assert report.moved == [("bought/rock.png", "art/rock.png")]
    assert shelf.id("art/rock.png") == number
    assert {"moss", "stone"} <= set(shelf.tags("art/rock.png"))


def test_where_no_whole_import_looks_none_of_these_does(shelf: Shelf) -> None:
    shelf.write("art/a.png", picture(1))
    shelf.write(".hidden/b.png", picture(2))
    shelf.write("other/llamavis.toml", '[project]\nname = "other"\n')
    shelf.write("other/art/c.png", picture(3))
    (shelf.root / "link").symlink_to(shelf.root / "art")
    names = [".hidden/b.png", "other/art/c.png", "link/a.png", "gone/d.png"]
    report = shelf.library.update(only=names)
    assert report.added == 0 and files(shelf) == set()
    assert [place for place, _why in report.problems] == ["gone"]
    assert shelf.library.update().added == 1


def test_a_walk_over_some_folders_lists_nothing_below_them(shelf: Shelf) -> None:
    for name in ("a.png", "art/b.png", "art/deep/c.png"):
        shelf.write(name, picture(1))
    listing = walk.walk(shelf.root, True, only={"", "art/"})
    assert isinstance(listing, Listing)
    assert set(listing.images) == {"a.png", "art/b.png"}
    assert set(listing.looked) == {"", "art/"}
