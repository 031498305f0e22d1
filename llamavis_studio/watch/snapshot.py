"""What the relevant files under a folder look like, and how two such looks differ.

    scan       walk the tree; a file is read only when its size, times or inode changed
    look       read some files now, whatever their times say
    differences  what changed between two snapshots, by content

Size, modification time and inode say quickly that a file is *probably* unchanged; only the hash of
its content says that it changed.
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath

Relevant = Callable[[str], bool]
"""Whether a file matters, by its path relative to the root, with forward slashes."""

SUFFIXES = (".desc.toml", ".descs.toml", ".descs.csv")
PROJECT_FILE = "llamavis.toml"

RACY_NS = 2_000_000_000
"""A file changed less than this before it was read may change again under the same time stamp: some
file systems count in steps of two seconds."""

_READ_BYTES = 1 << 20
_READ_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


@dataclass(frozen=True)
class FileStamp:
    """One file: what ``stat`` says, and the blake2b hash of its content."""

    size: int
    mtime_ns: int
    inode: int
    # Set on every change of content or attributes, and no program can set it back. Windows keeps
    # the time of creation here, which does no harm.
    ctime_ns: int
    digest: bytes
    # Read so soon after its last change that the stamp proves nothing.
    racy: bool = False

    def is_sure(self, status: os.stat_result) -> bool:
        """Whether the file with this ``stat`` certainly still has this content."""
        return not self.racy and self.is_like(status) and self.ctime_ns == status.st_ctime_ns

    def is_like(self, status: os.stat_result) -> bool:
        """Whether the file with this ``stat`` may still have this content."""
        now = (status.st_size, status.st_mtime_ns, status.st_ino)
        return now == (self.size, self.mtime_ns, self.inode)


def is_other(path: Path, known: FileStamp | None) -> bool:
    """Whether a known file is certainly another one now, as far as ``stat`` tells; not one that is
    gone.
    """
    try:
        status = os.stat(path)
    except OSError:
        return False
    return known is not None and not known.is_like(status)


Snapshot = Mapping[str, FileStamp]
"""Relative path -> stamp."""


class ChangeKind(StrEnum):
    """What happened to a file."""

    ADDED = "added"
    MODIFIED = "modified"
    REMOVED = "removed"


@dataclass(frozen=True)
class Change:
    """One file whose content is new, other, or gone; ``path`` is relative to the root."""

    path: PurePosixPath
    kind: ChangeKind


@dataclass(frozen=True)
class Looked:
    """What ``look`` found: a stamp a path (None: no file), and the paths being written just now."""

    stamps: Mapping[str, FileStamp | None]
    unsettled: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scanned:
    """What ``scan`` found; ``root_exists`` False means that nothing can be said."""

    files: Snapshot
    # Relative to the root, which is "" here.
    folders: frozenset[str]
    root_exists: bool = True


def is_description(relative: str) -> bool:
    """The relevant files of a project: its descriptions and its ``llamavis.toml``."""
    name = relative.rpartition("/")[2]
    return (name.endswith(SUFFIXES) or relative == PROJECT_FILE) and not name.startswith(".")


def is_hidden(relative: str) -> bool:
    """Inside a folder never entered: ``.git``, ``.godot``, ``.llamavis``, any with a dot."""
    return relative.startswith(".") or "/." in relative


def scan(root: str, relevant: Relevant, known: Snapshot) -> Scanned:
    """The relevant files under ``root`` now; unchanged ones are not read.

    Symlinks to files are followed, symlinks to folders are not.
    """
    files: dict[str, FileStamp] = {}
    folders: set[str] = set()
    if not os.path.isdir(root):
        return Scanned({}, frozenset(), root_exists=False)
    pending = [""]
    while pending:
        folder = pending.pop()
        folders.add(folder)
        try:
            entries = list(os.scandir(os.path.join(root, folder) if folder else root))
        except OSError:
            continue
        for entry in entries:
            relative = f"{folder}/{entry.name}" if folder else entry.name
            try:
                if entry.is_dir(follow_symlinks=False):
                    if not is_hidden(entry.name):
                        pending.append(relative)
                elif relevant(relative):
                    stamp = _stamp(entry.path, known.get(relative))
                    if stamp is not None:
                        files[relative] = stamp
            except OSError:
                continue
    return Scanned(files, frozenset(folders))


def look(root: str, paths: Iterable[str]) -> Looked:
    """Read the given files now."""
    stamps: dict[str, FileStamp | None] = {}
    unsettled = []
    for relative in paths:
        try:
            stamps[relative] = _stamp(os.path.join(root, *relative.split("/")), None)
        except _UnsettledError:
            unsettled.append(relative)
        except OSError:
            stamps[relative] = None
    return Looked(stamps, tuple(unsettled))


def differences(before: Snapshot, after: Snapshot) -> tuple[Change, ...]:
    """What changed, by content, sorted by path."""
    changes = []
    for path in sorted(before.keys() | after.keys()):
        change = compare(path, before.get(path), after.get(path))
        if change is not None:
            changes.append(change)
    return tuple(changes)


def compare(path: str, before: FileStamp | None, after: FileStamp | None) -> Change | None:
    """How one file changed, by content; None when it did not."""
    if before is None and after is None:
        return None
    if before is None:
        kind = ChangeKind.ADDED
    elif after is None:
        kind = ChangeKind.REMOVED
    elif before.digest != after.digest:
        kind = ChangeKind.MODIFIED
    else:
        return None
    return Change(PurePosixPath(path), kind)


class _UnsettledError(OSError):
    """The file changed while it was read."""


def _stamp(path: str, known: FileStamp | None) -> FileStamp | None:
    """The file's stamp, from ``known`` if that is sure; None for what is not a plain file."""
    status = os.stat(path)
    if not stat.S_ISREG(status.st_mode):
        return None
    if known is not None and known.is_sure(status):
        return known
    # Not blocking: between the two calls a plain file may have become a pipe that nobody feeds.
    try:
        handle = os.open(path, _READ_FLAGS)
    except PermissionError:
        # It is there, and that it cannot be read is for whoever parses it to say.
        return FileStamp(status.st_size, status.st_mtime_ns, status.st_ino, status.st_ctime_ns, b"")
    try:
        before = os.fstat(handle)
        if not stat.S_ISREG(before.st_mode):
            return None
        digest = hashlib.blake2b(digest_size=20)
        while block := os.read(handle, _READ_BYTES):
            digest.update(block)
        after = os.fstat(handle)
    finally:
        os.close(handle)
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise _UnsettledError(path)
    return FileStamp(
        after.st_size,
        after.st_mtime_ns,
        after.st_ino,
        after.st_ctime_ns,
        digest.digest(),
        # A clock that was set back leaves stamps of the future: those prove nothing either.
        racy=time.time_ns() - max(after.st_mtime_ns, after.st_ctime_ns) < RACY_NS,
    )
