"""What differs between a root as it lies on disk and as the index has it.

walk (folders that are as remembered are passed over) -> the rows of the other folders
-> new or changed, back again, gone
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from llamavis_studio.library.database import Database
from llamavis_studio.library.found import Task
from llamavis_studio.library.patience import answers
from llamavis_studio.library.walk import (
    Listing,
    Signed,
    Stamp,
    folder_of,
    stored,
    unstored,
    walk,
)

PATIENCE_S = 300.0
"""How long all of a root's folders may take to be listed."""


class Known(NamedTuple):
    """An asset as the index holds it."""

    id: int
    stamp: Stamp
    missing: bool
    digest: bytes


@dataclass
class Differences:
    """One root of which something may have changed, and what becomes of it under way.

    `known` are the assets of folders that were looked at, and of those that went away (`vanished`).
    """

    root_id: int
    folder: Path
    listing: Listing
    known: dict[str, Known]
    vanished: set[str]
    tasks: list[Task] = field(default_factory=list)
    """Images that are new or changed."""
    fresh: frozenset[str] = frozenset()
    """Their paths."""
    back: list[int] = field(default_factory=list)
    """Assets that were missing and are there as they were."""
    touched: set[str] = field(default_factory=set)
    """Folders in which something was written."""
    doubtful: set[str] = field(default_factory=set)
    """Folders that are to be looked at again by the next import, whatever their stamps say."""

    def gone(self) -> Iterator[tuple[str, Known]]:
        """Assets whose file was not found, where it would have been."""
        for path, row in self.known.items():
            if path not in self.listing.images:
                yield path, row

    @property
    def unchanged(self) -> int:
        """How many images are as they were."""
        passed_over = sum(one.images for one in self.listing.same.values())
        return passed_over + len(self.listing.images) - len(self.fresh)


def compare(
    database: Database,
    root_id: int,
    folder: Path,
    in_project: bool,
    expect: Callable[[int], None],
    check_cancel: Callable[[], None],
    only: Collection[str] | None = None,
) -> Differences:
    """Walk a root, or the folders of `only` some files, and compare (these files); `expect` is told
    how many new images there are at least.

    Raises OSError when the root cannot be listed, Stalled when its drive does not answer, and what
    `check_cancel` does.
    """
    folders = None if only is None else {folder_of(path) for path in only}
    # Of a few folders nothing is passed over, nor missed.
    signed = _signed(database, root_id) if folders is None else {}
    before = sum(one.images for one in signed.values())

    def look(root: Path) -> Listing:
        return walk(root, in_project, signed, lambda count: expect(count - before), folders)

    [listing] = answers(look, [folder], PATIENCE_S, check_cancel)
    passed = listing.same.keys() | listing.looked.keys()
    vanished = {prefix for prefix in signed.keys() - passed if not listing.is_unread(prefix)}
    known = _known(database, root_id, listing.looked.keys() | vanished)
    found = Differences(root_id, folder, listing, known, vanished)
    fresh: list[str] = []
    for path, stamp in listing.images.items():
        if only is not None and path not in only:
            continue  # it may have come from elsewhere, which only a whole walk finds out
        row = known.get(path)
        if row is None or row.stamp != stamp:
            fresh.append(path)
        elif row.missing:
            found.back.append(row.id)
    fresh.sort()  # files of one folder are read together
    root = os.path.join(folder, "")
    found.tasks = [
        Task(
            path,
            root + path,
            tuple((side, root + side) for side in listing.sidecars.get(path, ())),
        )
        for path in fresh
    ]
    found.fresh = frozenset(fresh)
    return found


def lost_assets(
    database: Database, roots: Iterable[Differences]
) -> defaultdict[bytes, list[tuple[int, str]]]:
    """Ids and paths of assets whose file is not there, by content, to know one again that moved."""
    lost: defaultdict[bytes, list[tuple[int, str]]] = defaultdict(list)
    for one in roots:
        for path, row in one.gone():
            lost[row.digest].append((row.id, path))
        rows = database.execute(
            "SELECT id, path, hash FROM asset WHERE root_id = ? AND missing_since IS NOT NULL",
            (one.root_id,),
        )
        for asset_id, stored_path, digest in rows:
            path = unstored(stored_path)
            if path not in one.known and not one.listing.is_unread(path):
                lost[digest].append((asset_id, path))
    lost.pop(b"", None)
    return lost


def remember_folders(database: Database, roots: Iterable[Differences]) -> None:
    """So that the next import passes over those in which nothing changes."""
    for one in roots:
        looked = [
            (one.root_id, stored(prefix), b"" if prefix in one.doubtful else signature, images)
            for prefix, (signature, images) in one.listing.looked.items()
        ]
        if not looked and not one.vanished:
            continue
        with database.writing() as connection:
            connection.executemany(
                "DELETE FROM folder WHERE root_id = ? AND path = ?",
                [(one.root_id, stored(prefix)) for prefix in one.vanished],
            )
            connection.executemany("INSERT OR REPLACE INTO folder VALUES (?,?,?,?)", looked)


def _signed(database: Database, root_id: int) -> dict[str, Signed]:
    rows = database.execute(
        "SELECT path, signature, images FROM folder WHERE root_id = ?", (root_id,)
    )
    return {unstored(path): Signed(signature, images) for path, signature, images in rows}


def _known(database: Database, root_id: int, folders: Collection[str]) -> dict[str, Known]:
    """The assets right in these folders."""
    known: dict[str, Known] = {}
    for prefix in folders:
        if stored(prefix) == prefix:
            # '0' follows '/' in the order of characters, so this is all below the folder.
            end = f"{prefix[:-1]}0" if prefix else "\U0010ffff"
            known |= _rows(
                database,
                "path >= ? AND path < ? AND instr(substr(path, ?), '/') = 0",
                (root_id, prefix, end, len(prefix) + 1),
            )
    # Paths that are no text come after all text, and are few.
    odd = _rows(database, "path >= x''", (root_id,))
    return known | {path: row for path, row in odd.items() if folder_of(path) in folders}


def _rows(database: Database, where: str, values: tuple[object, ...]) -> dict[str, Known]:
    rows = database.execute(
        "SELECT id, path, size_bytes, mtime_ns, ctime_ns, inode, missing_since IS NOT NULL, hash "
        f"FROM asset WHERE root_id = ? AND {where}",
        values,
    )
    return {
        unstored(path): Known(row, Stamp(size, mtime, ctime, inode), bool(missing), digest)
        for row, path, size, mtime, ctime, inode, missing, digest in rows
    }
