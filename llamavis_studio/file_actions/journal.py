"""What a move was about to do, written down before it is done, so that a kill loses nothing.

`.llamavis/moving/change.json` says which files change how, `.llamavis/moving/data/HASH` holds what
each is to hold. The first is written last and goes first: while it is there, a move is under way,
or was cut short and is carried on by the next start (`recovering`).
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from llamavis_studio.core.errors import ProjectError
from llamavis_studio.core.file_change import FilesChange
from llamavis_studio.core.hashing import sha256_hex
from llamavis_studio.core.project import Project
from llamavis_studio.core.write import sync_folders, write_atomic

_FOLDER = "moving"
_VERSION = 1


@dataclass(frozen=True)
class NotedEdit:
    """One file of a change: the hashes of what it held and is to hold; None stands for no file."""

    path: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Noted:
    """A change that was under way."""

    edits: tuple[NotedEdit, ...]
    moves: tuple[tuple[str, str], ...]


class Journal:
    """The notes about one change; whoever writes or reads them holds the project's lock."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._folder = project.state_dir / _FOLDER

    @classmethod
    def begin(cls, project: Project, change: FilesChange) -> Self | None:
        """Note what is about to be done; None where the state folder cannot be written.

        Raises ProjectError when the disk is full.
        """
        journal = cls(project)
        try:
            project.make_state_dir()
            if journal._folder.is_symlink():
                return None
            shutil.rmtree(journal._folder, ignore_errors=True)
            journal._data.mkdir(parents=True)
        except (OSError, ProjectError):
            return None
        for edit in change.edits:
            if edit.after is not None:
                write_atomic(journal._data / sha256_hex(edit.after), edit.after)
        sync_folders([journal._data])
        rows = [[edit.path, _hash(edit.before), _hash(edit.after)] for edit in change.edits]
        stored = {"version": _VERSION, "edits": rows, "moves": [list(one) for one in change.moves]}
        write_atomic(journal._record, json.dumps(stored, ensure_ascii=True).encode("ascii"))
        sync_folders([journal._folder, project.state_dir])
        return journal

    def end(self) -> None:
        """What was noted is done, or taken back."""
        with contextlib.suppress(OSError):
            self._record.unlink(missing_ok=True)
            sync_folders([self._folder])
        shutil.rmtree(self._folder, ignore_errors=True)

    def is_there(self) -> bool:
        """Whether a change is under way, or was cut short; cheap."""
        return self._project.has_own(self._record) and not self._folder.is_symlink()

    def noted(self) -> Noted | None:
        """What stands there; None when it is nothing sensible, or reaches where no move does."""
        try:
            stored = json.loads(self._record.read_bytes())
            if stored["version"] != _VERSION:
                return None
            edits = tuple(NotedEdit(str(p), _text(b), _text(a)) for p, b, a in stored["edits"])
            moves = tuple((str(old), str(new)) for old, new in stored["moves"])
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None
        paths = [one.path for one in edits] + [path for pair in moves for path in pair]
        # It may have come with somebody's repository.
        return Noted(edits, moves) if all(map(self._is_usual, paths)) else None

    def data(self, digest: str) -> bytes | None:
        """What a file is to hold; None when that is not there as it was noted."""
        if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
            return None
        path = self._data / digest
        try:
            found = None if path.is_symlink() else path.read_bytes()
        except OSError:
            return None
        return found if found is not None and sha256_hex(found) == digest else None

    def _is_usual(self, relative: str) -> bool:
        try:
            self._project.safe_join(relative)
        except ProjectError:
            return False
        return not any(part.startswith(".") for part in relative.split("/"))

    @property
    def _record(self) -> Path:
        return self._folder / "change.json"

    @property
    def _data(self) -> Path:
        return self._folder / "data"


def hash_of(path: Path) -> str | None:
    """The hash of a file; None where there is none. Raises OSError."""
    if not os.path.lexists(path):
        return None
    return sha256_hex(path.read_bytes())


def _hash(data: bytes | None) -> str | None:
    return None if data is None else sha256_hex(data)


def _text(value: object) -> str | None:
    return None if value is None else str(value)
