"""Import: what is on disk, what changed, moved, went away, and what cannot be read."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Any

import apsw
import pytest
import sqlite_vec

from llamavis_studio.core.errors import Cancelled, LibraryError
from llamavis_studio.library import walk
from llamavis_studio.library.library import Library
from tests.library.conftest import Shelf, picture


def test_everything_is_found_once(shelf: Shelf) -> None:
    shelf.write("art/OldKnight_02.png", picture(1))
    shelf.write("art/tiles/wall.png", picture(2, clear=False))
    shelf.write("notes.txt", "nothing")
    shelf.write(".git/x.png", picture(3))
    shelf.write("other/llamavis.toml", "")
    shelf.write("other/theirs.png", picture(4))
    report = shelf.library.update()
    assert (report.added, report.unchanged, report.broken) == (2, 0, [])
    knight, wall = shelf.library.items(
        [shelf.id("art/OldKnight_02.png"), shelf.id("art/tiles/wall.png")]
    )
    assert (knight.file, knight.width, knight.height) == ("art/OldKnight_02.png", 16, 16)
    assert knight.tags == ("knight",)
    assert set(wall.tags) == {"wall", "tiles"}
    again = shelf.library.update()
    assert (again.added, again.changed, again.unchanged) == (0, 0, 2)


def test_it_is_remembered_by_the_next_studio(shelf: Shelf) -> None:
    shelf.write("a.png", picture(1))
    shelf.library.update()
    shelf.close()
    assert shelf.library.update().unchanged == 1
    assert not shelf.library.told


def test_a_change_is_read_again_and_a_touch_is_not_a_change_of_words(shelf: Shelf) -> None:
    shelf.write("a.png", picture(1))
    shelf.write("a.txt", "moss, stone")
    shelf.library.update()
    before = shelf.library.items([shelf.id("a.png")])[0]
    shelf.write("a.png", picture(2, side=32))
    report = shelf.library.update()
    after = shelf.library.items([shelf.id("a.png")])[0]
    assert (report.changed, report.added) == (1, 0)
    assert (before.id, before.width, after.id, after.width) == (after.id, 16, before.id, 32)
    assert after.digest != before.digest
    assert {"moss", "stone"} <= set(after.tags)


def test_same_size_and_time_but_other_bytes_are_noticed(shelf: Shelf) -> None:
    path = shelf.write("a.png", picture(1))
    shelf.library.update()
    before, status = shelf.library.items([shelf.id("a.png")])[0].digest, path.stat()
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(bytes(data))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    shelf.library.update()
    assert shelf.library.items([shelf.id("a.png")])[0].digest != before


def test_a_moved_file_keeps_its_words(shelf: Shelf) -> None:
    shelf.write("a.png", picture(1))
    shelf.write("a.txt", "moss, stone")
    shelf.library.update()
    asset_id = shelf.id("a.png")
    (shelf.root / "deep").mkdir()
    shutil.move(shelf.root / "a.png", shelf.root / "deep" / "rock.png")
    report = shelf.library.update()
    assert report.moved == [("a.png", "deep/rock.png")]
    assert (report.added, report.missing) == (0, 0)
    assert shelf.id("deep/rock.png") == asset_id
    assert {"moss", "stone", "rock", "deep"} <= set(shelf.tags("deep/rock.png"))


def test_a_file_moved_with_its_sidecar_says_everything_once(shelf: Shelf) -> None:
    shelf.write("a.png", picture(1))
    shelf.write("a.txt", "moss, stone")
    shelf.library.update()
    for name in ("a.png", "a.txt"):
        shutil.move(shelf.root / name, shelf.root / name.replace("a", "b"))
    shelf.library.update()
    assert {"moss": "imported", "stone": "imported"}.items() <= shelf.tags("b.png").items()
    # The words follow the sidecar at its new place.
    shelf.write("b.txt", "moss")
    shelf.library.update()
    assert "stone" not in shelf.tags("b.png")
    assert "moss" in shelf.tags("b.png")


def test_missing_is_marked_and_taken_back(shelf: Shelf) -> None:
    path = shelf.write("a.png", picture(1))
    data, status = path.read_bytes(), path.stat()
    shelf.library.update()
    path.unlink()
    assert shelf.library.update().missing == 1
    assert shelf.library.items([shelf.id("a.png")])[0].missing
    assert shelf.library.update().missing == 0
    path.write_bytes(data)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    shelf.library.update()
    assert not shelf.library.items([shelf.id("a.png")])[0].missing


def test_sidecars_that_change_beside_an_unchanged_image(shelf: Shelf) -> None:
    shelf.write("a.png", picture(1))
    shelf.library.update()
    shelf.write("a.txt", "moss, old stone")
    assert shelf.library.update().words == 1
    assert {"moss", "old stone"} <= set(shelf.tags("a.png"))
    shelf.write("a.txt", "old stone")
    shelf.library.update()
    assert "moss" not in shelf.tags("a.png")
    (shelf.root / "a.txt").unlink()
    shelf.library.update()
    assert "old stone" not in shelf.tags("a.png")
    assert shelf.library.update().words == 0


def test_a_sidecar_that_cannot_be_read_takes_nothing_away(shelf: Shelf) -> None:
    shelf.write("a.png", picture(1))
    shelf.write("a.json", '{"caption": "a mossy stone", "tags": ["moss"]}')
    shelf.library.update()
    shelf.write("a.json", '{"llamavis": 1, "caption": "a mossy')
    report = shelf.library.update()
    assert [path for path, _ in report.problems] == ["a.json"]
    assert "moss" in shelf.tags("a.png")
    assert shelf.captions("a.png")[0][2] == "a mossy stone"


def test_a_folder_beside_belongs_to_the_library(shelf: Shelf, tmp_path: Path) -> None:
    pack = tmp_path / "pack"
    pack.mkdir()
    (pack / "tree.png").write_bytes(picture(5))
    shelf.write("a.png", picture(1))
    shelf.library.set_roots([pack])
    assert shelf.library.update().added == 2
    asset_id = shelf.library.find(pack / "tree.png")
    assert shelf.library.items([asset_id])[0].file == str(pack / "tree.png")
    # An unplugged drive has lost nothing.
    pack.rename(tmp_path / "away")
    report = shelf.library.update()
    assert report.missing == 0
    assert [path for path, _ in report.problems] == [str(pack)]
    assert not shelf.library.items([asset_id])[0].missing


@pytest.mark.skipif(sys.platform == "win32", reason="Windows makes links for few users")
def test_links_make_no_loops_and_lead_nowhere_outside(shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(picture(9))
    shelf.write("art/a.png", picture(1))
    (shelf.root / "art" / "loop").symlink_to(shelf.root)
    (shelf.root / "art" / "b.png").symlink_to(shelf.root / "art" / "a.png")
    (shelf.root / "art" / "out.png").symlink_to(tmp_path / "secret.png")
    (shelf.root / "art" / "dead.png").symlink_to(shelf.root / "nothing.png")
    (shelf.root / "art" / "self.png").symlink_to(shelf.root / "art" / "self.png")
    os.mkfifo(shelf.root / "art" / "pipe.png")  # reading it would hang
    assert shelf.library.update().added == 2
    assert shelf.id("art/b.png")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_odd_names_come_through(shelf: Shelf) -> None:
    names = [
        "new\nline.png",
        "石墙.png",
        "e\u0301.png",
        "\u00e9.png",
        "right\u202eleft.png",
        "x" * 251 + ".png",
    ]
    for number, name in enumerate(names):
        shelf.write(name, picture(number))
    raw = os.fsencode(shelf.root) + b"/bad\xff\xfe.png"
    Path(os.fsdecode(raw)).write_bytes(picture(50))
    assert shelf.library.update().added == len(names) + 1
    assert shelf.library.update().unchanged == len(names) + 1
    assert shelf.library.find(Path(os.fsdecode(raw)))
    assert (
        shelf.library.items([shelf.library.find(Path(os.fsdecode(raw)))])[0].file
        == "bad\\xff\\xfe.png"
    )
    assert "石" not in shelf.tags("石墙.png")  # a name's characters stay together
    assert "石墙" in shelf.tags("石墙.png")


def test_what_cannot_be_shown_is_kept_with_its_reason(shelf: Shelf) -> None:
    shelf.write("empty.png", b"")
    shelf.write("cut.png", picture(1)[:60])
    shelf.write("text.png", b"this is no picture")
    shelf.write("good.png", picture(2))
    report = shelf.library.update()
    assert {path for path, _ in report.broken} == {"empty.png", "cut.png", "text.png"}
    assert all(reason for _, reason in report.broken)
    assert "empty" in shelf.library.items([shelf.id("empty.png")])[0].problem
    assert shelf.library.items([shelf.id("good.png")])[0].problem == ""
    assert not shelf.library.update().broken  # said once


def test_cancel_keeps_what_was_read(shelf: Shelf) -> None:
    for number in range(200):
        shelf.write(f"a{number}.png", picture(number))
    calls = 0

    def check() -> None:
        nonlocal calls
        calls += 1
        if calls > 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        shelf.library.update(check_cancel=check)
    kept = shelf.library.database.execute("SELECT count(*) FROM asset").get
    assert 0 <= kept < 200
    report = shelf.library.update()
    assert report.added == 200 - kept


def test_an_index_that_breaks_under_way_is_made_anew(shelf: Shelf) -> None:
    for number in range(60):
        shelf.write(f"a{number}.png", picture(number))
        shelf.write(f"a{number}.txt", f"tag {number}")
    shelf.library.update()
    path = shelf.library.database.path
    assert shelf.library.database.execute("PRAGMA wal_checkpoint(TRUNCATE)").get[0] == 0
    data = bytearray(path.read_bytes())
    data[8192:] = os.urandom(len(data) - 8192)
    with path.open("r+b") as stream:
        stream.write(data)
    shelf.library.database.connection.execute("PRAGMA shrink_memory")
    shelf.library.update()
    assert shelf.library.database.execute("SELECT count(*) FROM asset").get == 60
    assert "tag 7" in shelf.tags("a7.png")
    assert shelf.library.told


def test_deleting_the_state_folder_loses_nothing(shelf: Shelf) -> None:
    shelf.write("a.png", picture(1))
    shelf.write("a.json", '{"caption": "a stone", "tags": ["moss"]}')
    shelf.library.update()
    before = shelf.tags("a.png"), shelf.captions("a.png")
    shelf.close()
    shutil.rmtree(shelf.root / ".llamavis")
    shelf.library.update()
    assert (shelf.tags("a.png"), shelf.captions("a.png")) == before


def test_a_reader_that_dies_takes_only_its_file_with_it(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The processes are real; what kills one is a picture that reads for longer than it may."""
    from llamavis_studio.library import readers

    for number in range(60):
        shelf.write(f"a{number:02}.png", picture(number))
    shelf.library._readers.close()
    shelf.library._readers = readers.Readers(2, patience_s=1.0)
    big = shelf.root / "a30.png"
    big.unlink()
    os.mkfifo(shelf.root / "waits")
    # A file that is there when the folder is listed, and blocks when it is opened.
    real = readers.Task

    def task(relative: str, path: str, sidecars: tuple[tuple[str, str], ...] = ()) -> readers.Task:
        return real(relative, path.replace("a31.png", "waits"), sidecars)

    monkeypatch.setattr("llamavis_studio.library.compare.Task", task)
    report = shelf.library.update()
    assert [path for path, _ in report.broken] == ["a31.png"]
    assert "took too long" in report.broken[0][1]
    assert report.added == 59
    monkeypatch.undo()
    assert shelf.library.update().changed == 1
    assert shelf.library.items([shelf.id("a31.png")])[0].problem == ""


def test_two_studios_import_in_turn(shelf: Shelf) -> None:
    shelf.write("a.png", picture(1))
    with Library(shelf.library.project, workers=1) as other:
        shelf.library.update()
        assert other.update().unchanged == 1


def test_a_folder_in_which_nothing_changed_is_passed_over(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("same", "other", "gone/deep"):
        shelf.write(f"{folder}/a.png", picture(len(folder)))
        shelf.write(f"{folder}/a.txt", "moss")
    shelf.library.update()
    looked: list[str] = []
    real = walk._list_folder

    def note(*arguments: Any) -> None:
        looked.append(arguments[2])
        real(*arguments)

    monkeypatch.setattr(walk, "_list_folder", note)
    assert shelf.library.update().unchanged == 3
    assert looked == []
    shelf.write("other/a.txt", "moss, stone")
    shutil.rmtree(shelf.root / "gone")
    report = shelf.library.update()
    assert looked == ["other/"]
    assert (report.unchanged, report.words, report.missing) == (2, 1, 1)
    looked.clear()
    assert shelf.library.update().missing == 0
    assert looked == []


def test_a_file_that_was_missed_long_ago_is_known_again_elsewhere(shelf: Shelf) -> None:
    shelf.write("one/a.png", picture(1))
    shelf.write("one/b.png", picture(2))
    shelf.write("one/a.txt", "moss")
    shelf.library.update()
    asset_id = shelf.id("one/a.png")
    data = (shelf.root / "one/a.png").read_bytes()
    (shelf.root / "one/a.png").unlink()
    assert shelf.library.update().missing == 1
    shelf.library.update()  # its folder is passed over now
    shelf.write("two/c.png", data)
    assert shelf.library.update().moved == [("one/a.png", "two/c.png")]
    assert shelf.id("two/c.png") == asset_id


def test_a_file_just_written_is_looked_at_again(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walk, "RACY_NS", 3_600_000_000_000)
    path = shelf.write("art/a.png", picture(1))
    shelf.library.update()
    before = shelf.library.items([shelf.id("art/a.png")])[0].digest
    status = path.stat()
    signature = shelf.library.database.execute("SELECT max(signature) FROM folder").get
    assert signature == b""
    # What two writes within one tick of the clock look like.
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(bytes(data))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    shelf.library.update()
    assert shelf.library.items([shelf.id("art/a.png")])[0].digest != before


def test_a_project_that_went_away_is_not_made_anew(shelf: Shelf, tmp_path: Path) -> None:
    """As a drive that was taken out, whose place a folder of ours would take."""
    image = shelf.write("a.png", picture(1))
    shelf.library.update()
    shelf.root.rename(tmp_path / "away")
    report = shelf.library.update()
    assert report.missing == 0 and report.problems
    with pytest.raises(LibraryError):
        shelf.library.thumbnails.get(b"\x07", tmp_path / "away" / image.name)
    assert not shelf.root.exists()
    (tmp_path / "away").rename(shelf.root)
    report = shelf.library.update()
    assert (report.added, report.missing, report.problems) == (0, 0, [])
    assert shelf.library.thumbnails.get(b"\x07", image).is_file()


def test_what_went_away_before_folders_were_remembered_is_missed(shelf: Shelf) -> None:
    shelf.write("gone/a.png", picture(1))
    shelf.write("here/b.png", picture(2))
    shelf.library.update()
    path = shelf.library.database.path
    shelf.close()
    connection = apsw.Connection(str(path))
    connection.enable_load_extension(True)
    connection.load_extension(sqlite_vec.loadable_path())
    connection.execute(
        "DROP TABLE reading; DROP TABLE folder; DROP INDEX asset_added;"
        "DROP TABLE text_sign; DROP TABLE look_sign;"
        "DROP INDEX sidecar_frames; ALTER TABLE sidecar DROP COLUMN frames;"
        "CREATE VIRTUAL TABLE text_signs USING vec0(bits bit[384]);"
        "CREATE VIRTUAL TABLE look_signs USING vec0(bits bit[640]);"
        "PRAGMA user_version = 1"
    )
    connection.close()
    shutil.rmtree(shelf.root / "gone")
    report = shelf.library.update()
    assert (report.missing, report.unchanged, report.added) == (1, 1, 0)
    assert not shelf.library.database.made_anew
