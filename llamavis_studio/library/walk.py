"""What lies on disk: one walk over a root, images, their sidecars and the game's own files.

    list a folder, stat its files -> hash names and stamps -> as remembered? -> next folder
                                                           -> else sort out what is there

Nothing is read here but folders and the status of files: a walk over 100,000 unchanged files
costs little more than `os.scandir` and `stat` do.
"""

from __future__ import annotations

import hashlib
import marshal
import os
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from llamavis_studio.core.project_file import PROJECT_FILE
from llamavis_studio.library.uses.reading import is_user

RACY_NS = 2_000_000_000
"""A file changed less than this before it was seen may change again under the same stamp: some file
systems count in steps of two seconds."""
IMAGE_SUFFIXES = frozenset(
    ".png .apng .jpg .jpeg .webp .gif .bmp .tga .tif .tiff .svg .psd .kra .ora .ase .aseprite "
    ".xcf".split()
)
SIDECAR_SUFFIXES = frozenset((".txt", ".caption", ".json"))
_RULES = b"walk 1"  # another number when other files are looked for: folders are looked at again
_Status = tuple[str, int, int, int, int]


class Stamp(NamedTuple):
    """What `stat` says of a file; equal stamps mean equal content, racy ones never are equal."""

    size_bytes: int
    mtime_ns: int
    ctime_ns: int
    inode: int


class Signed(NamedTuple):
    """What is remembered of a folder: a hash of its files' names and stamps, and how many of them
    are images. An empty hash is never equal.
    """

    signature: bytes
    images: int


@dataclass
class Listing:
    """What a walk found, paths relative to its root with forward slashes.

    `same` are folders as they were remembered, of which nothing else is told here; `looked` are all
    others. A folder is written with a slash at its end, the root as ''. `sidecars` are by the image
    they may belong to; `unread` are folders that could not be listed, with the reason: what lay in
    them is not missing.
    """

    images: dict[str, Stamp] = field(default_factory=dict)
    sidecars: dict[str, list[str]] = field(default_factory=dict)
    side_stamps: dict[str, Stamp] = field(default_factory=dict)
    users: dict[str, Stamp] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)
    same: dict[str, Signed] = field(default_factory=dict)
    looked: dict[str, Signed] = field(default_factory=dict)

    def is_unread(self, relative: str) -> bool:
        """Whether a path lies in a folder that could not be listed."""
        return any(relative.startswith(f"{folder}/") or not folder for folder in self.unread)

    def tells_of(self, relative: str) -> bool:
        """Whether a file that is not listed here is gone."""
        return folder_of(relative) not in self.same and not self.is_unread(relative)


def folder_of(relative: str) -> str:
    """The folder of a file, with its slash; '' for the root."""
    return relative[: relative.rfind("/") + 1]


def stored(path: str) -> str | bytes:
    """A path as the database holds it: text, or bytes where it is no valid UTF-8."""
    if path.isascii():
        return path
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return os.fsencode(path)
    return path


def unstored(path: str | bytes) -> str:
    """The other way round; what is no valid UTF-8 has surrogates, as everywhere in Python."""
    return os.fsdecode(path) if isinstance(path, bytes) else path


def stamp_of(status: os.stat_result) -> Stamp:
    """The stamp of a file from its status."""
    return Stamp(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)


def walk(
    root: Path,
    in_project: bool,
    known: Mapping[str, Signed] = MappingProxyType({}),
    tell: Callable[[int], None] = lambda _count: None,
    only: Collection[str] | None = None,
) -> Listing:
    """List a root, and `tell` how many images were seen. Raises OSError when the root itself cannot
    be listed.

    Hidden names are left out, links to folders not followed (so they make no loops), links to files
    only when they stay inside. A folder that is another project is left to it. Only in the project
    itself are the game's own files looked for. A folder whose files have the names and stamps that
    are `known` is passed over: nothing costs but the status of each file.

    With `only`, these folders (with a slash at their end, '' for the root) are listed, and nothing
    below them, as far as a whole walk would come to them.
    """
    found = Listing()
    real_root = os.path.realpath(root)
    pending = [("", str(root))] if only is None else _reached(root, only)
    while pending:
        prefix, folder = pending.pop()
        began = time.time_ns()
        try:
            with os.scandir(folder) as entries:
                seen, statuses, below, is_project = _statuses(entries, prefix)
        except OSError as error:
            if not prefix:
                raise
            found.unread[prefix[:-1]] = error.strerror or str(error)
            continue
        if prefix and is_project:
            continue
        pending += below if only is None else []
        # Version 2 of marshal knows no references: equal values give equal bytes.
        signature = hashlib.blake2b(marshal.dumps(statuses, 2), digest_size=16, person=_RULES)
        before = known.get(prefix)
        if before is not None and before.signature == signature.digest():
            found.same[prefix] = before
            continue
        count = len(found.images)
        _list_folder(seen, statuses, prefix, found, real_root, in_project)
        racy = any(began - max(status[2], status[3]) < RACY_NS for status in statuses)
        count = len(found.images) - count
        found.looked[prefix] = Signed(b"" if racy else signature.digest(), count)
        tell(len(found.images))
    return found


def _reached(root: Path, only: Iterable[str]) -> list[tuple[str, str]]:
    """Those folders that are not hidden, reached by no link, and not in another project."""
    found = []
    for prefix in sorted(only):
        names = prefix.split("/")[:-1]
        above = [os.path.join(root, *names[: at + 1]) for at in range(len(names))]
        is_open = not any(name.startswith(".") for name in names)
        if is_open and not any(
            os.path.islink(one) or os.path.lexists(os.path.join(one, PROJECT_FILE)) for one in above
        ):
            found.append((prefix, os.path.join(root, prefix)))
    return found


def _statuses(
    entries: Iterable[os.DirEntry[str]], prefix: str
) -> tuple[list[os.DirEntry[str]], list[_Status], list[tuple[str, str]], bool]:
    """The files of a folder and their names and stamps, the folders below, and whether it is a
    project.
    """
    seen: list[os.DirEntry[str]] = []
    statuses: list[_Status] = []
    below: list[tuple[str, str]] = []
    is_project = False
    for entry in entries:
        name = entry.name
        if name[0] == ".":
            continue
        try:
            if entry.is_dir(follow_symlinks=False):
                below.append((f"{prefix}{name}/", entry.path))
                continue
            status = entry.stat()
        except OSError:
            continue  # it went away a moment ago, or is a link to nothing
        seen.append(entry)
        statuses.append(
            (name, status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
        )
        is_project = is_project or name == PROJECT_FILE
    return seen, statuses, below, is_project


def _list_folder(
    seen: list[os.DirEntry[str]],
    statuses: list[_Status],
    prefix: str,
    found: Listing,
    real_root: str,
    in_project: bool,
) -> None:
    images: list[str] = []
    beside: list[tuple[str, Stamp]] = []
    for entry, (name, *status) in zip(seen, statuses, strict=True):
        suffix = os.path.splitext(name)[1].lower()
        image, side = suffix in IMAGE_SUFFIXES, suffix in SIDECAR_SUFFIXES
        user = in_project and is_user(name)
        try:
            if not (image or side or user) or not (
                entry.is_file(follow_symlinks=False) or _is_linked_file_inside(entry, real_root)
            ):
                continue
        except OSError:
            continue  # it went away a moment ago
        stamp = Stamp(*status)
        if image:
            found.images[prefix + name] = stamp
            images.append(name)
        if user:
            found.users[prefix + name] = stamp
        if side:
            beside.append((name, stamp))
    if beside and images:
        for image_name, (name, stamp) in _pairs(images, beside):
            found.side_stamps[prefix + name] = stamp
            found.sidecars.setdefault(prefix + image_name, []).append(prefix + name)


def _pairs(
    images: list[str], beside: list[tuple[str, Stamp]]
) -> Iterator[tuple[str, tuple[str, Stamp]]]:
    """Images with the files that may be their sidecars: `hero.txt` and `hero.png.txt`."""
    by_stem: dict[str, list[str]] = {}
    for image in images:
        by_stem.setdefault(os.path.splitext(image)[0], []).append(image)
        by_stem.setdefault(image, []).append(image)
    for one in sorted(beside):
        for image in by_stem.get(os.path.splitext(one[0])[0], ()):
            yield image, one


def _is_linked_file_inside(entry: os.DirEntry[str], real_root: str) -> bool:
    if not entry.is_symlink() or not entry.is_file():
        return False
    real = os.path.realpath(entry.path)
    return real.startswith(os.path.join(real_root, ""))
