"""Carrying on a move that was cut short: by a kill, a crash, a power cut.

Everything that is to be written is in the journal, so the move is finished rather than taken back.
A file that somebody changed since stays as it is now.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping

from llamavis_studio.core.errors import LibraryError, ProjectError
from llamavis_studio.core.file_change import FileEdit
from llamavis_studio.core.project import Project
from llamavis_studio.core.write import sync_folders
from llamavis_studio.file_actions.applying import follow_moves, in_order, twins_of, write_edit
from llamavis_studio.file_actions.journal import Journal, Noted, NotedEdit, hash_of
from llamavis_studio.library.database import FILE as INDEX_FILE
from llamavis_studio.library.following import follow as follow_rows
from llamavis_studio.library.library import Library
from llamavis_studio.pipeline.history import History
from llamavis_studio.pipeline.lock import held
from llamavis_studio.pipeline.scan_cache import ScanCache


class _BusyError(Exception):
    """Somebody else holds the project's lock: a move under way is none that was cut short."""


def finish_interrupted(project: Project) -> bool:
    """Finish a move of this project that was cut short; whether there was one.

    Where the disk refuses, it is tried again by the next start.
    """
    journal = Journal(project)
    if not journal.is_there():
        return False

    def refuse() -> None:
        raise _BusyError

    try:
        with held(project, refuse):
            if not journal.is_there():  # its owner was quicker
                return False
            noted = journal.noted()
            if noted is not None:
                _carry_on(project, journal, noted)
            journal.end()
    except (_BusyError, ProjectError, OSError):
        return False
    return noted is not None


def _carry_on(project: Project, journal: Journal, noted: Noted) -> None:
    root, old_places = project.root, {new: old for old, new in noted.moves}
    twins = twins_of(root, noted.moves)
    hashes = {one.path: one for one in noted.edits}
    whole = [FileEdit(one.path, None, journal.data(one.after)) for one in noted.edits if one.after]
    for edit in in_order(whole):
        if edit.after is not None and _may_write(project, hashes[edit.path], twins):
            write_edit(root, edit, old_places, twins)
    moved = dict(noted.moves)
    gone = [one for one in noted.edits if one.after is None and one.path not in twins.values()]
    for one in gone:
        path = root / one.path
        # What is only taken from its old place must be at the new one; nothing else is removed.
        new = hashes.get(moved.get(one.path, ""))
        arrived = new is not None and hash_of(root / new.path) == new.after
        if arrived and not path.is_symlink() and hash_of(path) == one.before:
            path.unlink(missing_ok=True)
    sync_folders({(root / one.path).parent for one in noted.edits})
    cache = ScanCache.open(project)
    follow_moves(noted.moves, cache, History(project, 0), lambda moves: _rows(project, moves))
    cache.save(project)


def _may_write(project: Project, edit: NotedEdit, twins: Mapping[str, str]) -> bool:
    """Whether a file is as it was before the move; one that is written already need not be."""
    path = project.root / edit.path
    if edit.path in twins:
        return True
    if path.is_symlink():
        return False
    found = hash_of(path)
    return found == edit.before and found != edit.after


def _rows(project: Project, moves: Mapping[str, str]) -> None:
    """The library's rows, where there is a library."""
    if not os.path.exists(project.state_dir / INDEX_FILE):
        return
    with contextlib.suppress(LibraryError), Library(project) as library:
        follow_rows(library.database, moves, project.root)
