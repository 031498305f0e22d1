"""Writing: whole or not at all, with the disk failing at each step, and with the process killed."""

from __future__ import annotations

import errno
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from llamavis_studio.core.errors import ProjectError
from llamavis_studio.core.write import (
    DISK,
    Disk,
    clean_temporaries,
    staged_beside,
    sync_folders,
    temporary_path,
    write_atomic,
    write_if_changed,
)

STEPS = ("open", "write", "fsync", "replace")
posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions and signals")


def failing(step: str, code: int) -> Disk:
    def fail(*_arguments: object) -> int:
        raise OSError(code, os.strerror(code))

    return replace(DISK, **{step: fail})


def listing(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_replaced_whole_and_keeps_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "英雄 🐉.png"
    write_atomic(path, b"old")
    path.chmod(0o640)
    write_atomic(path, b"new")
    assert path.read_bytes() == b"new"
    if sys.platform != "win32":
        assert path.stat().st_mode & 0o777 == 0o640
    assert listing(tmp_path) == [path.name]


@posix
def test_a_secret_is_private_from_the_start(tmp_path: Path) -> None:
    write_atomic(tmp_path / "token", b"x", mode=0o600)
    assert (tmp_path / "token").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(
    ("code", "says", "hint"),
    [
        (errno.ENOSPC, "disk is full", "free some space"),
        (errno.EIO, "disk reported an error", "check the disk"),
        (errno.EACCES, "may not be written", "permission"),
        (errno.EROFS, "read-only", "move the project"),
        (errno.ENOENT, "folder is gone", "make the folder"),
        (errno.EMFILE, "not written", "look at"),
    ],
)
def test_a_failing_disk_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, step: str, code: int, says: str, hint: str
) -> None:
    path = tmp_path / "hero.png"
    path.write_bytes(b"old")
    with pytest.raises(ProjectError, match=says) as caught:
        write_atomic(path, b"new", failing(step, code))
    assert "hero.png" in caught.value.message
    assert hint in caught.value.hint
    assert caught.value.path == path
    assert path.read_bytes() == b"old"
    assert listing(tmp_path) == ["hero.png"]


def test_a_disk_that_takes_little_at_a_time_gets_everything(tmp_path: Path) -> None:
    sips = replace(DISK, write=lambda handle, data: os.write(handle, data[:7]))
    write_atomic(tmp_path / "a", bytes(range(100)), sips)
    assert (tmp_path / "a").read_bytes() == bytes(range(100))


def test_ctrl_c_leaves_no_temporary(tmp_path: Path) -> None:
    def interrupt(_handle: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_atomic(tmp_path / "a", b"new", replace(DISK, fsync=interrupt))
    assert listing(tmp_path) == []


def test_a_folder_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.png").mkdir()
    with pytest.raises(ProjectError, match=r"a folder stands where a\.png"):
        write_atomic(tmp_path / "a.png", b"x")
    assert listing(tmp_path) == ["a.png"]


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="folder is gone"):
        write_atomic(tmp_path / "gone" / "a.png", b"x")


@posix
def test_a_link_planted_at_the_temporarys_place_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    temporary_path(tmp_path / "a.png").symlink_to(victim)
    with pytest.raises(ProjectError):
        write_atomic(tmp_path / "a.png", b"x")
    assert victim.read_bytes() == b"precious"


def test_equal_bytes_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a"
    assert write_if_changed(path, b"x")
    before = path.stat()
    assert not write_if_changed(path, b"x")
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert path.stat().st_ino == before.st_ino
    assert write_if_changed(path, b"y")


def test_folders_that_cannot_be_synced_do_not_matter(tmp_path: Path) -> None:
    sync_folders([tmp_path, tmp_path / "gone"], failing("fsync", errno.EINVAL))


def test_leftovers_go_and_the_living_keep_theirs(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", "pass"])
    ended.wait()
    living = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        names = {
            f"a/.x.png.llamavis-tmp-{ended.pid}": False,
            f".llamavis/.scan.json.llamavis-tmp-{ended.pid}": False,
            f"a/.old.png.llamavis-tmp-{os.getpid()}": False,
            f"a/.y.png.llamavis-tmp-{living.pid}": True,
            f".git/.x.llamavis-tmp-{ended.pid}": True,
            f"a/x.png.llamavis-tmp-{ended.pid}": True,
            "a/.x.png.llamavis-tmp-": True,
            "a/.x.png.llamavis-tmp-1x": True,
        }
        for name in names:
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_bytes(b"half")
        removed = clean_temporaries(tmp_path)
        assert {name: (tmp_path / name).exists() for name in names} == names
        assert sorted(removed) == sorted(tmp_path / n for n, stays in names.items() if not stays)
    finally:
        living.communicate(b"\n")


def test_our_own_write_in_progress_is_no_leftover(tmp_path: Path) -> None:
    path = tmp_path / "a.png"

    def clean_then_sync(handle: int) -> None:
        assert clean_temporaries(tmp_path) == []
        os.fsync(handle)

    write_atomic(path, b"new", replace(DISK, fsync=clean_then_sync))
    assert path.read_bytes() == b"new"


WRITER = """
import sys
from pathlib import Path
from llamavis_studio.core.write import write_atomic
folder = Path(sys.argv[1])
print("ready", flush=True)
while True:
    for i in range(20):
        for letter in b"ab":
            write_atomic(folder / f"{i}.bin", bytes([letter]) * 200_000)
"""


@posix
def test_a_writer_killed_at_any_moment_leaves_whole_files(tmp_path: Path) -> None:
    rng = random.Random(7)
    seen_temporary = False
    for _ in range(8):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE
        ) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == b"ready\n"
            time.sleep(rng.uniform(0.0, 0.06))
            writer.send_signal(signal.SIGKILL)
        seen_temporary = seen_temporary or any(".llamavis-tmp-" in n for n in listing(tmp_path))
        clean_temporaries(tmp_path)
        for path in tmp_path.iterdir():
            data = path.read_bytes()
            assert path.suffix == ".bin"
            assert data in (b"a" * 200_000, b"b" * 200_000)
    assert seen_temporary  # else no kill hit a write, and nothing was shown


def test_what_is_staged_by_hand_is_no_leftover_either(tmp_path: Path) -> None:
    with staged_beside(tmp_path / ".gitignore") as staged:
        staged.write_bytes(b"*\n")
        assert clean_temporaries(tmp_path) == [] and staged.exists()
    assert not staged.exists()
    staged.write_bytes(b"of an older process with our number")
    assert clean_temporaries(tmp_path) == [staged]
