"""Carrying a change of files out: all of it, or none.

look whether every file is as the change expects -> write what is new -> put away what goes. A file
whose contents live on at another place is only taken from the old one; everything else that goes
is put into the trash.

Images come before the descriptions that ask for them, and go after: whoever looks in between, such
as a studio that watches, finds nothing that is to be drawn. What a kill cuts short is carried on
from a journal (`journal`).
"""

from __future__ import annotations

import contextlib
import os
import stat
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path

from llamavis_studio.core.description import SUFFIXES
from llamavis_studio.core.errors import LlamaVisError, ProjectError
from llamavis_studio.core.file_change import ChangedSince, FileEdit, FilesChange
from llamavis_studio.core.project import Project
from llamavis_studio.core.project_file import PROJECT_FILE
from llamavis_studio.core.write import explained, sync_folders, temporary_path, write_atomic
from llamavis_studio.file_actions.draft import is_same_file
from llamavis_studio.file_actions.journal import Journal
from llamavis_studio.pipeline.history import History
from llamavis_studio.pipeline.lock import held
from llamavis_studio.pipeline.scan_cache import ScanCache
from llamavis_studio.release.trash import PutAway, put_away

PATIENCE_S = 3.0
"""How long a build under way is waited for."""
Follow = Callable[[Mapping[str, str]], None]
Trash = Callable[[Project, Iterable[Path]], tuple[list[PutAway], list[ProjectError]]]


def apply(
    project: Project,
    change: FilesChange,
    cache: ScanCache,
    history: History,
    trash: Trash = put_away,
    follow: Follow = lambda _moves: None,
) -> None:
    """Carry a change out; the older versions of images that move are found at the new place.
    `follow` is told what moved, old path to new, before the change counts as done.

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
    is_locked = touches_images or bool(change.moves)
    with held(project, check) if is_locked else contextlib.nullcontext():
        twins = twins_of(project.root, change.moves)
        for edit in change.edits:
            if edit.path not in twins:
                _check(project.root, edit)
        journal = Journal.begin(project, change) if change.moves else None
        done: list[FileEdit] = []
        old_places = {new: old for old, new in change.moves}
        try:
            for edit in in_order(change.edits):
                if edit.after is not None:
                    done += write_edit(project.root, edit, old_places, twins)
            _take_away(project, change, trash, done, set(twins.values()))
        except (LlamaVisError, OSError) as cause:
            _take_back(project.root, done)
            if journal is not None:
                journal.end()
            if isinstance(cause, OSError):
                raise explained(cause, project.root) from cause
            raise
        sync_folders({(project.root / edit.path).parent for edit in change.edits})
        if change.moves:
            follow_moves(change.moves, cache, history, follow)
        if journal is not None:
            journal.end()


def follow_moves(
    moves: Iterable[tuple[str, str]], cache: ScanCache, history: History, follow: Follow
) -> None:
    """Tell everybody who remembers files by their paths; doing it twice does no harm."""
    moved = dict(moves)
    history.follow(moved)
    for old, new in moved.items():
        cache.rename(old, new)
    follow(moved)


def in_order(edits: Iterable[FileEdit]) -> list[FileEdit]:
    """Files in the order they are written in: descriptions, and what rules them, last."""
    return sorted(edits, key=lambda one: (one.path.endswith(SUFFIXES), one.path == PROJECT_FILE))


def twins_of(root: Path, moves: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Moves whose two names are one file, as on disks that ignore case: new path to old."""
    return {new: old for old, new in moves if is_same_file(root, old, new)}


def write_edit(
    root: Path, edit: FileEdit, old_places: Mapping[str, str], twins: Mapping[str, str]
) -> list[FileEdit]:
    """Write a file as an edit says, with the permissions of the one it comes from; what was done.

    Raises ProjectError, OSError.
    """
    path, data = root / edit.path, edit.after or b""
    come_from = old_places.get(edit.path, "")
    if edit.path in twins:
        old = root / twins[edit.path]
        before = old.read_bytes()
        write_atomic(old, data)
        between = temporary_path(path)  # a rename to the same name in other letters may do nothing
        os.rename(old, between)
        os.replace(between, path)
        return [FileEdit(twins[edit.path], before, None), edit]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        mode = stat.S_IMODE((root / come_from).stat().st_mode) if come_from else None
    except FileNotFoundError:
        mode = None
    except OSError as cause:
        raise explained(cause, path) from cause
    write_atomic(path, data, mode=mode if edit.before is None else None)
    return [edit]


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


def _take_away(
    project: Project,
    change: FilesChange,
    trash: Trash,
    done: list[FileEdit],
    gone_already: Collection[str],
) -> None:
    moved = {old for old, _new in change.moves}
    gone = [edit for edit in change.edits if edit.after is None and edit.path not in gone_already]
    key = {edit.path: (edit.path in moved, not edit.path.endswith(SUFFIXES)) for edit in gone}
    for edit in sorted(gone, key=lambda one: key[one.path]):
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
