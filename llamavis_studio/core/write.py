"""Every file the studio writes goes through here: whole or not at all, and clear words when not.

A file is written beside its place under a temporary name, made durable, then renamed over the old
one; a crash at any moment leaves either the old file or the new one, and at most a temporary that
the next start removes. `Disk` holds the calls that can fail, so that tests let each of them fail.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import stat
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from llamavis_studio.core.errors import ProjectError

_LONG_NAME = 220  # bytes
_TEMPORARY = re.compile(r"\..+\.llamavis-tmp-(\d{1,10})")
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
# No write takes this long. Numbers of processes are given anew, after a restart of the machine to
# programs that run for ever, which would keep a leftover alive for as long.
_OLDEST_S = 3600.0
# Temporaries this process is writing now; every other one that carries our number is a leftover of
# an older process that had the same number, as happens in containers.
_in_flight: set[str] = set()


@dataclass(frozen=True)
class Disk:
    """The system calls of one write, in their order."""

    open: Callable[[str, int, int], int] = os.open
    write: Callable[[int, memoryview], int] = os.write
    fsync: Callable[[int], None] = os.fsync
    replace: Callable[[str, str], None] = os.replace


DISK = Disk()


def temporary_path(path: Path) -> Path:
    """Where `path` is staged: hidden, in the same folder, naming this process. A name near the 255
    bytes that disks allow is shortened, so that what fits can also be written.
    """
    name = path.name
    if len(os.fsencode(name)) > _LONG_NAME:
        digest = hashlib.blake2b(os.fsencode(name), digest_size=8).hexdigest()
        name = f"{name[:40]}-{digest}"
    return path.with_name(f".{name}.llamavis-tmp-{os.getpid()}")


@contextlib.contextmanager
def staged_beside(path: Path) -> Iterator[Path]:
    """Where `path` is staged by hand: no leftover for a sweep meanwhile, and gone afterwards."""
    staged = temporary_path(path)
    _in_flight.add(str(staged))
    try:
        yield staged
    finally:
        with contextlib.suppress(OSError):
            staged.unlink(missing_ok=True)
        _in_flight.discard(str(staged))


def write_atomic(path: Path, data: bytes, disk: Disk = DISK, mode: int | None = None) -> None:
    """Put `data` at `path`, whole or not at all; the old file's permissions are kept.

    `mode` sets the permissions of a new file (0o600 for secrets). The rename is durable after
    `sync_folders`.

    Raises:
        ProjectError: not written; the old file is as it was and no temporary is left.
    """
    staged = temporary_path(path)
    _in_flight.add(str(staged))
    try:
        if path.is_dir() and not path.is_symlink():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        _write_durably(staged, data, _mode_for(path, mode), disk)
        disk.replace(str(staged), str(path))
    except OSError as cause:
        raise explained(cause, path) from cause
    finally:
        # After the rename nothing is there any more; after a failure or Ctrl+C the rest goes.
        with contextlib.suppress(OSError):
            staged.unlink(missing_ok=True)
        _in_flight.discard(str(staged))


def write_if_changed(path: Path, data: bytes, disk: Disk = DISK) -> bool:
    """`write_atomic`, unless the file already holds exactly `data`; whether it was written."""
    try:
        if path.stat().st_size == len(data) and path.read_bytes() == data:
            return False
    except OSError:
        pass  # not there or not readable: writing will tell
    write_atomic(path, data, disk)
    return True


def append_line(path: Path, line: bytes, disk: Disk = DISK) -> None:
    """Add a line to a journal and make it durable; links are not followed.

    Behind a line that a crash cut short it stands on one of its own, so that only that is lost.

    Raises:
        ProjectError: not written; where the disk allows it, the journal is as it was.
    """
    try:
        handle = disk.open(str(path), os.O_RDWR | os.O_CREAT | os.O_APPEND | _NO_FOLLOW, 0o666)
        try:
            end = os.lseek(handle, 0, os.SEEK_END)
            if end:
                os.lseek(handle, end - 1, os.SEEK_SET)
                line = line if os.read(handle, 1) == b"\n" else b"\n" + line
            try:
                _write_all(handle, line + b"\n", disk)
                disk.fsync(handle)
            except OSError:
                with contextlib.suppress(OSError):
                    os.ftruncate(handle, end)
                raise
        finally:
            os.close(handle)
    except OSError as cause:
        raise explained(cause, path) from cause


def sync_folders(folders: Iterable[Path], disk: Disk = DISK) -> None:
    """Make the renames in these folders survive a power cut; once for each folder of a batch."""
    if sys.platform == "win32":
        return  # Windows offers no such call, its renames are journalled
    for folder in sorted(set(folders)):
        with contextlib.suppress(OSError):  # some network disks refuse; the files are whole
            handle = os.open(folder, os.O_RDONLY)
            try:
                disk.fsync(handle)
            finally:
                os.close(handle)


def clean_temporaries(root: Path) -> list[Path]:
    """Remove what killed runs left in a project; fresh temporaries of living processes stay.

    Returns what was removed. Folders that cannot be read are passed over.
    """
    removed = []
    pending = [root]
    while pending:
        folder = pending.pop()
        try:
            with os.scandir(folder) as entries:
                listed = list(entries)
        except OSError:
            continue
        for entry in listed:
            if entry.is_dir(follow_symlinks=False):
                if not entry.name.startswith(".") or entry.name == ".llamavis":
                    pending.append(Path(entry.path))
            elif _is_leftover(entry.name, entry.path):
                with contextlib.suppress(OSError):
                    os.unlink(entry.path)
                    removed.append(Path(entry.path))
    return sorted(removed)


def explained(cause: OSError, path: Path) -> ProjectError:
    """A failed write in the user's words: what did not happen, and what mends it."""
    name, folder = path.name, path.parent
    code = cause.errno
    if code in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)):
        return ProjectError(
            f"the disk is full: {name} was not written",
            "free some space and build again; the old image is untouched",
            path,
        )
    if code == errno.EISDIR or (path.is_dir() and not path.is_symlink()):
        return ProjectError(
            f"a folder stands where {name} should be", "rename or remove the folder", path
        )
    if code == errno.EROFS:
        return ProjectError(
            f"{name} was not written: the disk is read-only",
            "move the project to a disk that can be written",
            path,
        )
    if code in (errno.EACCES, errno.EPERM):
        return ProjectError(
            f"{name} may not be written",
            f"give yourself permission to write in '{folder}', and close programs that hold it",
            path,
        )
    if code in (errno.ENOENT, errno.ENOTDIR):
        return ProjectError(
            f"{name} was not written: its folder is gone", f"make the folder '{folder}'", path
        )
    if code == errno.ENAMETOOLONG:
        return ProjectError(f"the name {name} is too long for this disk", "shorten it", path)
    if code == errno.EIO:
        return ProjectError(
            f"the disk reported an error while {name} was written",
            "check the disk and its cable before you build again",
            path,
        )
    return ProjectError(
        f"{name} was not written: {cause.strerror or cause}", f"look at '{folder}'", path
    )


def _write_durably(staged: Path, data: bytes, mode: int, disk: Disk) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _NO_FOLLOW
    handle = disk.open(str(staged), flags, mode)
    try:
        _write_all(handle, data, disk)
        disk.fsync(handle)
    finally:
        os.close(handle)


def _write_all(handle: int, data: bytes, disk: Disk) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[disk.write(handle, rest) :]


def _mode_for(path: Path, mode: int | None) -> int:
    """Permissions of the new file: as asked, else those of the old one, else the usual."""
    if mode is not None:
        return mode
    try:
        return stat.S_IMODE(path.stat().st_mode) | stat.S_IWUSR
    except OSError:
        return 0o666


def _is_leftover(name: str, path: str) -> bool:
    match = _TEMPORARY.fullmatch(name)
    if match is None:
        return False
    pid = int(match[1])
    if pid == os.getpid():
        return path not in _in_flight
    return not _is_alive(pid) or _is_old(path)


def _is_old(path: str) -> bool:
    """Whether a file was last written long ago, or at a time that is yet to come."""
    try:
        return abs(time.time() - os.lstat(path).st_mtime) > _OLDEST_S
    except OSError:
        return False


def _is_alive(pid: int) -> bool:
    if sys.platform == "win32":
        import ctypes

        limited_information = 0x1000
        kernel = ctypes.windll.kernel32
        handle = kernel.OpenProcess(limited_information, False, pid)
        if not handle:
            return False
        code = ctypes.c_ulong()
        kernel.GetExitCodeProcess(handle, ctypes.byref(code))
        kernel.CloseHandle(handle)
        still_active = 259
        return code.value == still_active
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True  # somebody else's process; a number that is none belongs to nobody we know
    return True
