"""The files of one change, as they are to be; the disk is only read."""

from __future__ import annotations

import os
from pathlib import Path

from llamavis_studio.core.errors import ProjectError
from llamavis_studio.core.file_change import FileEdit
from llamavis_studio.core.paths import folded

_BOM = b"\xef\xbb\xbf"


class Draft:
    """Reads and writes like a disk and remembers what each file held before."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._before: dict[str, bytes | None] = {}
        self._now: dict[str, bytes | None] = {}
        self.moves: list[tuple[str, str]] = []

    def read(self, relative: str) -> bytes | None:
        """What a file holds now; None where there is none. Raises ProjectError."""
        if relative not in self._now:
            self._before[relative] = self._now[relative] = _bytes_of(self._root / relative)
        return self._now[relative]

    def text(self, relative: str) -> str:
        """The text of a file, without its byte order mark. Raises ProjectError."""
        data = self.read(relative)
        if data is None:
            raise ProjectError("the file is gone", "look again", self._root / relative)
        try:
            return data.removeprefix(_BOM).decode("utf-8")
        except UnicodeDecodeError as cause:
            raise ProjectError(
                "the file is not UTF-8 text", "save it as UTF-8", self._root / relative
            ) from cause

    def write(self, relative: str, data: bytes) -> None:
        """Put data at a place, free or not."""
        self.read(relative)
        self._now[relative] = data

    def write_text(self, relative: str, text: str, like: str = "") -> None:
        """Put text at a place, with a byte order mark where the file before, or `like`, has one."""
        old = self.read(like or relative) or b""
        self.write(relative, (_BOM if old.startswith(_BOM) else b"") + text.encode("utf-8"))

    def add(self, relative: str, data: bytes) -> None:
        """Put data at a place that must be free. Raises ProjectError."""
        if self.read(relative) is not None:
            raise ProjectError(
                f"there is a file '{relative}' already",
                "choose another name",
                self._root / relative,
            )
        self.write(relative, data)

    def remove(self, relative: str) -> None:
        """Take a file away."""
        self.read(relative)
        self._now[relative] = None

    def move(self, old: str, new: str, data: bytes | None = None) -> None:
        """Put a file at another, free place, with other contents if told. Raises ProjectError."""
        there = self.read(old)
        if there is None or old == new:
            return
        if is_same_file(self._root, old, new):  # on a disk that ignores case: the place is its own
            self._before[new] = self._now[new] = None
        self.add(new, there if data is None else data)
        self.remove(old)
        self.moves.append((old, new))

    def move_text(self, old: str, new: str, text: str) -> None:
        """Put a text at another, free place, with the byte order mark it had. Raises
        ProjectError.
        """
        marked = (self.read(old) or b"").startswith(_BOM)
        self.move(old, new, (_BOM if marked else b"") + text.encode("utf-8"))

    def edits(self) -> tuple[FileEdit, ...]:
        """What differs from the disk."""
        return tuple(
            FileEdit(relative, self._before[relative], now)
            for relative, now in self._now.items()
            if now != self._before[relative]
        )


def is_same_file(root: Path, old: str, new: str) -> bool:
    """Whether two names that differ in case, or in how accents are written, are one file here."""
    if old == new or folded(old) != folded(new):
        return False
    try:
        return os.path.samefile(root / old, root / new)
    except OSError:
        return False


def _bytes_of(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as cause:
        raise ProjectError(
            f"{path.name} cannot be read: {cause.strerror or cause}", "check the disk", path
        ) from cause
