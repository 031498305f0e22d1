"""Carrying a change of files out: all of it, or none.

look whether every file is as the change expects -> write what is new -> put away what goes. A file
whose contents live on at another place is only taken from the old one; everything else that goes
is put into the trash.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from llamavis_studio.core.description import SUFFIXES
from llamavis_studio.core.errors import LlamaVisError, ProjectError
from llamavis_studio.core.file_change import ChangedSince, FileEdit, FilesChange
from llamavis_studio.core.project import Project
from llamavis_studio.core.write import explained, sync_folders, write_atomic
from llamavis_studio.pipeline.history import History
from llamavis_studio.pipeline.lock import held
from llamavis_studio.pipeline.scan_cache import ScanCache
from llamavis_studio.release.trash import PutAway, put_away

PATIENCE_S = 3.0
"""How long a build under way is waited for."""
Trash = Callable[[Project, Iterable[Path]], tuple[list[PutAway], list[ProjectError]]]


def apply(
    project: Project,
    change: FilesChange,
    cache: ScanCache,
    history: History,
    trash: Trash = put_away,
) -> None:
    """Carry a change out; the older versions of images that move are found at the new place.

    Raises ProjectError: nothing was changed, because a file is not what the change expects
    (ChangedSince), a disk refuses, or images that go or come are being drawn.
    """
    end = time.monotonic() + PATIENCE_S

    def check() -> None:
        if time.monotonic() > end:
            raise ProjectError(
                "images are being drawn just now", "wait until they are done, or stop drawing"
            )

    touches_images = any(not edit.path.endswith(SUFFIXES) for edit in change.edits)
    with held(project, check) if touches_images else contextlib.nullcontext():
        for edit in change.edits:
            _check(project.root, edit)
        done: list[FileEdit] = []
        try:
            for edit in change.edits:
                if edit.after is not None:
                    _write(project.root / edit.path, edit.after)
                    done.append(edit)
            _take_away(project, change, trash, done)
        except LlamaVisError:
            _take_back(project.root, done)
            raise
        sync_folders({(project.root / edit.path).parent for edit in change.edits})
    if change.moves:
        history.follow(dict(change.moves))
        for old, new in change.moves:
            cache.rename(old, new)


def _check(root: Path, edit: FileEdit) -> None:
    path = root / edit.path
    if edit.before is None:
        if os.path.lexists(path):
            raise ChangedSince(
                f"there is a file '{edit.path}' already",
                "move it away, or choose another name",
                path,
            )
        return
    try:
        same = not path.is_symlink() and path.read_bytes() == edit.before
    except OSError:
        same = False
    if not same:
        raise ChangedSince(
            f"'{edit.path}' was changed since, and stays as it is", "change it by hand", path
        )


def _write(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as cause:
        raise explained(cause, path) from cause
    write_atomic(path, data)


def _take_away(project: Project, change: FilesChange, trash: Trash, done: list[FileEdit]) -> None:
    moved = {old for old, _new in change.moves}
    gone = [edit for edit in change.edits if edit.after is None]
    for edit in sorted(gone, key=lambda one: one.path in moved):
        path = project.root / edit.path
        if not os.path.lexists(path):  # it went with its image
            continue
        if edit.path in moved:
            try:
                path.unlink()
            except OSError as cause:
                raise explained(cause, path) from cause
        else:
            _moved, problems = trash(project, [path])
            if problems:
                raise problems[0]
        done.append(edit)


def _take_back(root: Path, done: list[FileEdit]) -> None:
    """As it was; what cannot be put back now is still in the trash, or beside."""
    for edit in reversed(done):
        with contextlib.suppress(LlamaVisError, OSError):
            if edit.before is None:
                (root / edit.path).unlink(missing_ok=True)
            else:
                write_atomic(root / edit.path, edit.before)
