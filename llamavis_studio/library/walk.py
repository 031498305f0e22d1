"""What lies on disk: one walk over a root, images, their sidecars and the game's own files.

Nothing is read here but folders and the status of files: a walk over 100,000 unchanged files
costs little more than `os.scandir` and `stat` do.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from llamavis_studio.core.project_file import PROJECT_FILE
from llamavis_studio.library.uses.reading import is_user

IMAGE_SUFFIXES = frozenset(
    ".png .apng .jpg .jpeg .webp .gif .bmp .tga .tif .tiff .svg .psd .kra .ora .ase .aseprite "
    ".xcf".split()
)
SIDECAR_SUFFIXES = frozenset((".txt", ".caption", ".json"))


class Stamp(NamedTuple):
    """What `stat` says of a file; equal stamps mean equal content, racy ones never are equal."""

    size_bytes: int
    mtime_ns: int
    ctime_ns: int
    inode: int


@dataclass
class Listing:
    """What a walk found, paths relative to its root with forward slashes.

    `sidecars` are by the image they may belong to; `unread` are folders that could not be listed,
    with the reason: what lay in them is not missing.
    """

    images: dict[str, Stamp] = field(default_factory=dict)
    sidecars: dict[str, list[str]] = field(default_factory=dict)
    side_stamps: dict[str, Stamp] = field(default_factory=dict)
    users: dict[str, Stamp] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)

    def is_unread(self, relative: str) -> bool:
        """Whether a path lies in a folder that could not be listed."""
        return any(relative.startswith(f"{folder}/") or not folder for folder in self.unread)


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


def walk(root: Path, in_project: bool) -> Listing:
    """List a root. Raises OSError when the root itself cannot be listed.

    Hidden names are left out, links to folders not followed (so they make no loops), links to files
    only when they stay inside. A folder that is another project is left to it. Only in the project
    itself are the game's own files looked for.
    """
    found = Listing()
    real_root = os.path.realpath(root)
    top = str(root)
    pending = [("", top)]
    while pending:
        prefix, folder = pending.pop()
        try:
            with os.scandir(folder) as entries:
                listed = list(entries)
        except OSError as error:
            if not prefix:
                raise
            found.unread[prefix[:-1]] = error.strerror or str(error)
            continue
        if prefix and any(entry.name == PROJECT_FILE for entry in listed):
            continue
        _list_folder(listed, prefix, found, real_root, pending, in_project)
    return found


def _list_folder(
    listed: list[os.DirEntry[str]],
    prefix: str,
    found: Listing,
    real_root: str,
    pending: list[tuple[str, str]],
    in_project: bool,
) -> None:
    images: list[str] = []
    beside: list[os.DirEntry[str]] = []
    for entry in listed:
        name = entry.name
        if name[0] == ".":
            continue
        suffix = os.path.splitext(name)[1].lower()
        image, side = suffix in IMAGE_SUFFIXES, suffix in SIDECAR_SUFFIXES
        user = in_project and is_user(name)
        try:
            if not (image or side or user):
                if entry.is_dir(follow_symlinks=False):
                    pending.append((f"{prefix}{name}/", entry.path))
                continue
            if not entry.is_file(follow_symlinks=False):
                if entry.is_dir(follow_symlinks=False):
                    pending.append((f"{prefix}{name}/", entry.path))
                    continue
                if not _is_linked_file_inside(entry, real_root):
                    continue
            if image:
                found.images[prefix + name] = stamp_of(entry.stat())
                images.append(name)
            if user:
                found.users[prefix + name] = stamp_of(entry.stat())
            if side:
                beside.append(entry)
        except OSError:
            continue  # it went away a moment ago
    if beside and images:
        for image_name, entry in _pairs(images, beside):
            try:
                found.side_stamps[prefix + entry.name] = stamp_of(entry.stat())
            except OSError:
                continue
            found.sidecars.setdefault(prefix + image_name, []).append(prefix + entry.name)


def _pairs(
    images: list[str], beside: list[os.DirEntry[str]]
) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Images with the files that may be their sidecars: `hero.txt` and `hero.png.txt`."""
    by_stem: dict[str, list[str]] = {}
    for image in images:
        by_stem.setdefault(os.path.splitext(image)[0], []).append(image)
        by_stem.setdefault(image, []).append(image)
    for entry in sorted(beside, key=lambda entry: entry.name):
        for image in by_stem.get(os.path.splitext(entry.name)[0], ()):
            yield image, entry


def _is_linked_file_inside(entry: os.DirEntry[str], real_root: str) -> bool:
    if not entry.is_symlink() or not entry.is_file():
        return False
    real = os.path.realpath(entry.path)
    return real.startswith(os.path.join(real_root, ""))
