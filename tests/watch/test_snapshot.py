from __future__ import annotations

import mmap
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from llamavis_studio.watch import snapshot
from llamavis_studio.watch.snapshot import (
    ChangeKind,
    FileStamp,
    Snapshot,
    differences,
    is_description,
    look,
    scan,
)

OLD_NS = 1_600_000_000_000_000_000


def taken(root: Path, known: Snapshot | None = None) -> Snapshot:
    return scan(str(root), is_description, known or {}).files


def changed(before: Snapshot, after: Snapshot) -> list[tuple[str, str]]:
    return [(str(change.path), change.kind.value) for change in differences(before, after)]


@pytest.fixture
def hero(tmp_path: Path) -> Path:
    path = tmp_path / "hero.desc.toml"
    path.write_text('description = "red"')
    return path


@pytest.mark.parametrize(
    ("path", "relevant"),
    [
        ("hero.desc.toml", True),
        ("a/b/items.descs.toml", True),
        ("items.descs.csv", True),
        ("llamavis.toml", True),
        ("英雄.desc.toml", True),
        ("a/llamavis.toml", False),
        ("hero.png", False),
        ("hero.desc.toml~", False),
        (".hero.desc.toml", False),
        ("hero.desc.toml.swp", False),
        ("desc.toml", False),
    ],
)
def test_what_is_relevant(path: str, relevant: bool) -> None:
    assert is_description(path) is relevant


def test_a_scan_finds_what_is_relevant_and_enters_no_hidden_folder(tmp_path: Path) -> None:
    for relative in (
        "llamavis.toml",
        "a/b/hero.desc.toml",
        "a/hero.png",
        ".git/x.desc.toml",
        "a/.llamavis/x.desc.toml",
        "空/猫🐈.descs.csv",
    ):
        path = tmp_path / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    (tmp_path / "b.desc.toml").mkdir()
    found = scan(str(tmp_path), is_description, {})
    assert sorted(found.files) == ["a/b/hero.desc.toml", "llamavis.toml", "空/猫🐈.descs.csv"]
    assert found.folders == {"", "a", "a/b", "b.desc.toml", "空"}


def test_a_missing_root_is_told_apart_from_an_empty_one(tmp_path: Path) -> None:
    assert scan(str(tmp_path), is_description, {}).root_exists
    assert not scan(str(tmp_path / "gone"), is_description, {}).root_exists


def test_added_modified_removed(tmp_path: Path, hero: Path) -> None:
    (tmp_path / "old.desc.toml").write_text("x")
    before = taken(tmp_path)
    hero.write_text('description = "blue"')
    (tmp_path / "old.desc.toml").unlink()
    (tmp_path / "new.desc.toml").write_text("x")
    assert changed(before, taken(tmp_path, before)) == [
        ("hero.desc.toml", ChangeKind.MODIFIED),
        ("new.desc.toml", ChangeKind.ADDED),
        ("old.desc.toml", ChangeKind.REMOVED),
    ]


def test_same_content_is_no_change_whatever_the_times_say(tmp_path: Path, hero: Path) -> None:
    before = taken(tmp_path)
    hero.touch()
    shutil.copy(hero, tmp_path / "copy")
    os.replace(tmp_path / "copy", hero)
    assert changed(before, taken(tmp_path, before)) == []


def settle(path: Path) -> None:
    """Make the file old enough to be trusted by its stamp."""
    os.utime(path, ns=(OLD_NS, OLD_NS))


def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten seconds pass."""
    now = time.time_ns()
    monkeypatch.setattr(snapshot.time, "time_ns", lambda: now + 10_000_000_000)


def test_an_unchanged_file_is_not_read_again(
    tmp_path: Path, hero: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(hero)
    later(monkeypatch)
    before = taken(tmp_path)
    opened: list[str] = []
    real = os.open
    monkeypatch.setattr(
        snapshot.os, "open", lambda path, *rest: opened.append(path) or real(path, *rest)
    )
    after = taken(tmp_path, before)
    assert after == before
    assert opened == []
    taken(tmp_path)
    assert opened == [str(hero)]


def test_a_file_read_right_after_its_change_is_not_trusted(tmp_path: Path, hero: Path) -> None:
    before = taken(tmp_path)
    assert before["hero.desc.toml"].racy
    status = hero.stat()
    assert not before["hero.desc.toml"].is_sure(status)


def same_size_and_time(path: Path) -> None:
    path.write_text('description = "tan"')
    settle(path)


def mapped(path: Path) -> None:
    with path.open("r+b") as file, mmap.mmap(file.fileno(), 0) as memory:
        memory[15:18] = b"tan"


def hard_link(path: Path) -> None:
    other = path.with_name("other")
    other.write_text('description = "tan"')
    settle(other)
    path.unlink()
    os.link(other, path)


def old_copy(path: Path) -> None:
    other = path.with_name("other")
    other.write_text('description = "tan"')
    settle(other)
    shutil.copy2(other, path)


@pytest.mark.skipif(os.name != "posix", reason="ctime is the time of creation on Windows")
@pytest.mark.parametrize("swap", [same_size_and_time, mapped, hard_link, old_copy])
def test_content_swapped_under_the_same_size_and_time_is_seen(
    tmp_path: Path, hero: Path, swap: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(hero)
    with monkeypatch.context() as patch:
        later(patch)
        before = taken(tmp_path)
    assert not before["hero.desc.toml"].racy
    swap(hero)
    assert hero.read_text() == 'description = "tan"'
    assert changed(before, taken(tmp_path, before)) == [("hero.desc.toml", ChangeKind.MODIFIED)]


@pytest.mark.skipif(os.name != "posix", reason="needs symlinks")
def test_links_to_files_are_followed_and_links_to_folders_are_not(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "a.desc.toml").write_text("1")
    (outside / "b.desc.toml").write_text("2")
    root = tmp_path / "root"
    root.mkdir()
    (root / "hero.desc.toml").symlink_to(outside / "a.desc.toml")
    (root / "loop").symlink_to(root)
    (root / "broken.desc.toml").symlink_to(root / "nothing")
    before = taken(root)
    assert list(before) == ["hero.desc.toml"]
    (root / "next").symlink_to(outside / "b.desc.toml")
    os.replace(root / "next", root / "hero.desc.toml")
    assert changed(before, taken(root, before)) == [("hero.desc.toml", ChangeKind.MODIFIED)]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_named_pipe_is_no_file_and_blocks_nothing(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "hero.desc.toml")
    assert taken(tmp_path) == {}
    assert look(str(tmp_path), ["hero.desc.toml"]).stamps == {"hero.desc.toml": None}


def test_a_file_that_may_not_be_read_is_there_all_the_same(
    tmp_path: Path, hero: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = taken(tmp_path)

    def refuse(*_: object) -> int:
        raise PermissionError(13, "no")

    monkeypatch.setattr(snapshot.os, "open", refuse)
    assert changed(before, taken(tmp_path, before)) == [("hero.desc.toml", ChangeKind.MODIFIED)]


def test_look_reads_whatever_the_stamp_says_and_tells_what_is_missing(
    tmp_path: Path, hero: Path
) -> None:
    found = look(str(tmp_path), ["hero.desc.toml", "gone.desc.toml"])
    stamp = found.stamps["hero.desc.toml"]
    assert isinstance(stamp, FileStamp)
    assert stamp.size == hero.stat().st_size
    assert found.stamps["gone.desc.toml"] is None
    assert found.unsettled == ()


def test_a_file_that_changes_under_the_reader_is_unsettled(
    tmp_path: Path, hero: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.read

    def read(handle: int, count: int) -> bytes:
        data = real(handle, count)
        if data:
            with hero.open("a") as file:
                file.write("more")
        return data

    monkeypatch.setattr(snapshot.os, "read", read)
    monkeypatch.setattr(snapshot, "_READ_BYTES", 8)
    hero.write_text("x" * 8)
    calls = 0

    def read_once(handle: int, count: int) -> bytes:
        nonlocal calls
        calls += 1
        return read(handle, count) if calls == 1 else real(handle, count)

    monkeypatch.setattr(snapshot.os, "read", read_once)
    found = look(str(tmp_path), ["hero.desc.toml"])
    assert found.unsettled == ("hero.desc.toml",)
    assert found.stamps == {}
