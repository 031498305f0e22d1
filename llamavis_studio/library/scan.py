"""Import: bring the index to what is on disk, and say what changed.

    walk each root -> compare with the rows -> read what is new or changed, in other processes
    -> write chunk by chunk, so that a killed import goes on where it was -> moves, missing files
    -> groups -> where the game uses what

Nothing is ever deleted: a file that is gone is marked missing, and found again by its content.
"""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import apsw

from llamavis_studio.core.errors import Cancelled
from llamavis_studio.library.database import Database
from llamavis_studio.library.found import Found, SideFound, Task, read_side
from llamavis_studio.library.groups import group_assets
from llamavis_studio.library.naming import shown
from llamavis_studio.library.new_rows import put_new
from llamavis_studio.library.readers import Readers
from llamavis_studio.library.rows import AssetRows
from llamavis_studio.library.usage import update_usage
from llamavis_studio.library.walk import Listing, Stamp, stored, unstored, walk

OnProgress = Callable[[int, int], None]
"""Told (done, total) images read."""


_BATCH = 1024  # files in one transaction
_BATCH_S = 0.5


class _Known(NamedTuple):
    """An asset as the index holds it."""

    id: int
    stamp: Stamp
    missing: bool


_Lost = defaultdict[bytes, list[tuple[int, str]]]
"""Ids and paths by hash."""


@dataclass
class ScanReport:
    """What an import found; paths as they are shown, of added roots absolute."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    moved: list[tuple[str, str]] = field(default_factory=list)
    missing: int = 0
    back: int = 0
    words: int = 0
    """Assets whose sidecars changed."""
    broken: list[tuple[str, str]] = field(default_factory=list)
    """Images that were read now and cannot be shown, with the reason."""
    problems: list[tuple[str, str]] = field(default_factory=list)
    """Folders, sidecars and game files that cannot be read, and roots that are away."""
    seconds: float = 0.0


class Scanner:
    """Imports the roots of a library; `roots` are (id, folder), the project itself first."""

    def __init__(
        self,
        database: Database,
        rows: AssetRows,
        readers: Readers,
        roots: Sequence[tuple[int, Path]],
    ) -> None:
        self._database = database
        self._rows = rows
        self._readers = readers
        self._roots = roots
        self._moved: set[int] = set()

    def run(
        self,
        on_progress: OnProgress = lambda _done, _total: None,
        check_cancel: Callable[[], None] = lambda: None,
    ) -> ScanReport:
        """Look at everything once. Raises Cancelled (what was read stays), LibraryError."""
        began, report = time.monotonic(), ScanReport()
        self._moved.clear()
        works = []
        for root_id, folder in self._roots:
            check_cancel()
            work = self._compare(root_id, folder, report)
            if work is not None:
                works.append(work)
        total, done = sum(len(work.tasks) for work in works), 0
        lost = self._lost(works)
        for work in works:
            for batch in _batches(self._readers.read(work.tasks, check_cancel)):
                self._write(work, batch, lost, report)
                done += len(batch)
                on_progress(done, total)
        for work in works:
            self._update_sides(work, report)
            self._mark_missing(work, report)
        with self._database.writing() as connection:
            for work in works:
                group_assets(connection, work.root_id, work.touched)
        for work in works:
            if self._is_project(work.root_id):
                update_usage(self._database, work.folder, work.listing, report.problems)
        report.seconds = round(time.monotonic() - began, 3)
        return report

    def _compare(self, root_id: int, folder: Path, report: ScanReport) -> _Work | None:
        try:
            listing = walk(folder, in_project=self._is_project(root_id))
        except OSError as error:
            # An unplugged drive has lost nothing.
            report.problems.append((str(folder), f"cannot be listed: {error.strerror or error}"))
            return None
        for name, reason in listing.unread.items():
            report.problems.append((shown(name), f"the folder cannot be listed: {reason}"))
        work = _Work(root_id, folder, listing, self._known(root_id))
        known, images = work.known, listing.images
        fresh: list[str] = []
        for path, stamp in images.items():
            row = known.get(path)
            if row is None or row.stamp != stamp:
                fresh.append(path)
            elif row.missing:
                work.back.append(row.id)
        report.unchanged += len(images) - len(fresh)
        # Sorted, so that files of one folder are read together.
        fresh.sort()
        root = os.path.join(folder, "")
        work.tasks = [
            Task(
                path,
                root + path,
                tuple((side, root + side) for side in listing.sidecars.get(path, ())),
            )
            for path in fresh
        ]
        work.fresh = frozenset(fresh)
        return work

    def _known(self, root_id: int) -> dict[str, _Known]:
        rows = self._database.execute(
            "SELECT id, path, size_bytes, mtime_ns, ctime_ns, inode, missing_since IS NOT NULL "
            "FROM asset WHERE root_id = ?",
            (root_id,),
        )
        return {
            path if type(path) is str else unstored(path): _Known(
                row, Stamp(size, mtime, ctime, inode), bool(missing)
            )
            for row, path, size, mtime, ctime, inode, missing in rows
        }

    def _lost(self, works: Iterable[_Work]) -> _Lost:
        """Assets whose file is not there, by content: where one turns up, it was moved."""
        lost: _Lost = defaultdict(list)
        if not any(work.tasks for work in works):
            return lost
        for work in works:
            for path, row in work.gone():
                digest = self._database.execute(
                    "SELECT hash FROM asset WHERE id = ?", (row.id,)
                ).get
                lost[digest].append((row.id, path))
        lost.pop(b"", None)
        return lost

    def _write(
        self,
        work: _Work,
        chunk: Sequence[Found],
        lost: _Lost,
        report: ScanReport,
    ) -> None:
        touched: list[int] = []
        fresh: list[Found] = []
        changed = 0
        with self._database.writing() as connection:
            self._rows.forget()  # another studio may have merged tags since
            for found in chunk:
                if found.gone:
                    continue
                if found.relative in work.known:
                    changed += 1
                elif lost.get(found.digest):
                    self._follow(connection, work, found, lost, report)
                else:
                    fresh.append(found)
                    continue
                touched.append(self._rows.put(work.root_id, found))
            put_new(connection, self._rows, work.root_id, fresh)
            self._rows.index(touched)
        for found in chunk:
            problem = found.problem or (found.inspected and found.inspected.problem)
            if problem:
                report.broken.append((self._told(work, found.relative), problem))
            self._tell_sides(work, found.sides, report)
        report.added += len(fresh)
        report.changed += changed
        work.touched.update(found.relative.rpartition("/")[0] for found in chunk)

    def _follow(
        self,
        connection: apsw.Connection,
        work: _Work,
        found: Found,
        lost: _Lost,
        report: ScanReport,
    ) -> None:
        """Give a file that turned up elsewhere its old row back, words and all."""
        candidates = lost[found.digest]
        name = found.relative.rpartition("/")[2]
        same_name = [one for one in candidates if one[1].rpartition("/")[2] == name]
        chosen = (same_name or candidates)[0]
        candidates.remove(chosen)
        asset_id, before = chosen
        connection.execute(
            "UPDATE asset SET root_id = ?, path = ?, missing_since = NULL WHERE id = ?",
            (work.root_id, stored(found.relative), asset_id),
        )
        # Its words stay; from now on the sidecars beside the new place speak for it.
        connection.execute("DELETE FROM sidecar WHERE asset_id = ?", (asset_id,))
        report.moved.append((shown(before), self._told(work, found.relative)))
        self._moved.add(asset_id)

    def _update_sides(self, work: _Work, report: ScanReport) -> None:
        """Sidecars that changed beside images that did not."""
        rows = self._database.execute(
            "SELECT s.asset_id, s.path, s.size_bytes, s.mtime_ns, a.path FROM sidecar s "
            "JOIN asset a ON a.id = s.asset_id WHERE a.root_id = ?",
            (work.root_id,),
        )
        before: dict[tuple[str, str], tuple[int, int, int]] = {
            (unstored(image), unstored(side)): (asset_id, size, mtime)
            for asset_id, side, size, mtime, image in rows
        }
        changed: list[tuple[int, SideFound]] = []
        gone: list[tuple[int, str]] = []
        listing = work.listing
        for image, sides in listing.sidecars.items():
            if image in work.fresh:
                continue
            known = work.known.get(image)
            for side in sides:
                row = before.get((image, side))
                stamp = listing.side_stamps[side]
                if known is None or (row and row[1:] == (stamp.size_bytes, stamp.mtime_ns)):
                    continue
                found = read_side(side, os.path.join(work.folder, side))
                if found is not None:
                    changed.append((known.id, found))
        for (image, side), (asset_id, _, _) in before.items():
            if side not in listing.side_stamps and image in listing.images:
                gone.append((asset_id, side))
        if not changed and not gone:
            return
        with self._database.writing():
            for asset_id, side in gone:
                self._rows.lose_side(asset_id, side)
            for asset_id, found in changed:
                self._rows.put_sides(asset_id, [found])
                self._tell_sides(work, [found], report)
            touched = {asset_id for asset_id, _ in (*changed, *gone)}
            self._rows.index(touched)
        report.words += len(touched)

    def _mark_missing(self, work: _Work, report: ScanReport) -> None:
        gone = [row.id for _, row in work.gone() if not row.missing and row.id not in self._moved]
        if not gone and not work.back:
            return
        now = int(time.time())
        with self._database.writing() as connection:
            # A row that another root's file took over in this run is not missing.
            connection.executemany(
                "UPDATE asset SET missing_since = ? WHERE id = ? AND root_id = ? "
                "AND missing_since IS NULL",
                [(now, asset_id, work.root_id) for asset_id in gone],
            )
            connection.executemany(
                "UPDATE asset SET missing_since = NULL WHERE id = ?",
                [(asset_id,) for asset_id in work.back],
            )
        report.missing += len(gone)
        report.back += len(work.back)

    def _tell_sides(self, work: _Work, sides: Iterable[SideFound], report: ScanReport) -> None:
        report.problems += [
            (self._told(work, side.relative), side.problem) for side in sides if side.problem
        ]

    def _told(self, work: _Work, relative: str) -> str:
        in_project = self._is_project(work.root_id)
        return shown(relative if in_project else os.path.join(work.folder, relative))

    def _is_project(self, root_id: int) -> bool:
        return root_id == self._roots[0][0]


def _batches(chunks: Iterator[list[Found]]) -> Iterator[list[Found]]:
    """Chunks together, as writing many at once is cheaper; what was read is never held back long,
    nor lost when reading is cancelled.
    """
    batch: list[Found] = []
    began = time.monotonic()
    try:
        for chunk in chunks:
            batch += chunk
            if len(batch) >= _BATCH or time.monotonic() - began > _BATCH_S:
                yield batch
                batch, began = [], time.monotonic()
    except Cancelled:
        yield batch
        raise
    if batch:
        yield batch


@dataclass
class _Work:
    """One root under way."""

    root_id: int
    folder: Path
    listing: Listing
    known: dict[str, _Known]
    tasks: list[Task] = field(default_factory=list)
    fresh: frozenset[str] = frozenset()
    back: list[int] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)

    def gone(self) -> Iterator[tuple[str, _Known]]:
        """Assets whose file was not found, where it would have been."""
        for path, row in self.known.items():
            if path not in self.listing.images and not self.listing.is_unread(path):
                yield path, row
