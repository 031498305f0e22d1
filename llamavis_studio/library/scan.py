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
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
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
from llamavis_studio.library.walk import (
    Listing,
    Signed,
    Stamp,
    folder_of,
    stored,
    unstored,
    walk,
)

OnProgress = Callable[[int, int], None]
"""Told (done, total) images read."""


_BATCH = 1024  # files in one transaction
_BATCH_S = 0.5


class _Known(NamedTuple):
    """An asset as the index holds it."""

    id: int
    stamp: Stamp
    missing: bool
    digest: bytes


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
        self._remember_folders(works)
        report.seconds = round(time.monotonic() - began, 3)
        return report

    def _compare(self, root_id: int, folder: Path, report: ScanReport) -> _Work | None:
        signed = self._signed(root_id)
        before = sum(one.images for one in signed.values())
        expect = self._readers.expect
        try:
            listing = walk(
                folder,
                self._is_project(root_id),
                signed,
                lambda count: expect(count - before),
            )
        except OSError as error:
            # An unplugged drive has lost nothing.
            report.problems.append((str(folder), f"cannot be listed: {error.strerror or error}"))
            return None
        for name, reason in listing.unread.items():
            report.problems.append((shown(name), f"the folder cannot be listed: {reason}"))
        vanished = {
            prefix
            for prefix in signed
            if not (prefix in listing.same or prefix in listing.looked)
            and not listing.is_unread(prefix)
        }
        known = self._known(root_id, listing.looked.keys() | vanished)
        work = _Work(root_id, folder, listing, known, vanished)
        images = listing.images
        fresh: list[str] = []
        for path, stamp in images.items():
            row = known.get(path)
            if row is None or row.stamp != stamp:
                fresh.append(path)
            elif row.missing:
                work.back.append(row.id)
        report.unchanged += len(images) - len(fresh)
        report.unchanged += sum(one.images for one in listing.same.values())
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

    def _signed(self, root_id: int) -> dict[str, Signed]:
        rows = self._database.execute(
            "SELECT path, signature, images FROM folder WHERE root_id = ?", (root_id,)
        )
        return {unstored(path): Signed(signature, images) for path, signature, images in rows}

    def _remember_folders(self, works: Iterable[_Work]) -> None:
        """So that the next import passes over those in which nothing changes."""
        for work in works:
            looked = [
                (work.root_id, stored(prefix), b"" if prefix in work.doubtful else one[0], one[1])
                for prefix, one in work.listing.looked.items()
            ]
            if not looked and not work.vanished:
                continue
            with self._database.writing() as connection:
                connection.executemany(
                    "DELETE FROM folder WHERE root_id = ? AND path = ?",
                    [(work.root_id, stored(prefix)) for prefix in work.vanished],
                )
                connection.executemany("INSERT OR REPLACE INTO folder VALUES (?,?,?,?)", looked)

    def _known(self, root_id: int, folders: Collection[str]) -> dict[str, _Known]:
        """The assets right in these folders."""
        known: dict[str, _Known] = {}
        for prefix in folders:
            if stored(prefix) == prefix:
                # '0' follows '/' in the order of characters, so this is all below the folder.
                end = f"{prefix[:-1]}0" if prefix else "\U0010ffff"
                self._add_known(
                    known,
                    "path >= ? AND path < ? AND instr(substr(path, ?), '/') = 0",
                    (root_id, prefix, end, len(prefix) + 1),
                )
        # Paths that are no text come after all text, and are few.
        odd: dict[str, _Known] = {}
        self._add_known(odd, "path >= x''", (root_id,))
        known |= {path: row for path, row in odd.items() if folder_of(path) in folders}
        return known

    def _add_known(self, known: dict[str, _Known], where: str, values: tuple[object, ...]) -> None:
        rows = self._database.execute(
            "SELECT id, path, size_bytes, mtime_ns, ctime_ns, inode, missing_since IS NOT NULL, "
            f"hash FROM asset WHERE root_id = ? AND {where}",
            values,
        )
        for row, path, size, mtime, ctime, inode, missing, digest in rows:
            known[unstored(path)] = _Known(
                row, Stamp(size, mtime, ctime, inode), bool(missing), digest
            )

    def _lost(self, works: Iterable[_Work]) -> _Lost:
        """Assets whose file is not there, by content: where one turns up, it was moved."""
        lost: _Lost = defaultdict(list)
        if not any(work.tasks for work in works):
            return lost
        for work in works:
            for path, row in work.gone():
                lost[row.digest].append((row.id, path))
            rows = self._database.execute(
                "SELECT id, path, hash FROM asset WHERE root_id = ? AND missing_since IS NOT NULL",
                (work.root_id,),
            )
            for asset_id, stored_path, digest in rows:
                path = unstored(stored_path)
                if path not in work.known and not work.listing.is_unread(path):
                    lost[digest].append((asset_id, path))
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
        stamps, side_stamps = work.listing.images, work.listing.side_stamps
        for found in chunk:
            # Other than when it was listed, or not read at all: to be looked at again.
            if stamps[found.relative] != found.stamp or any(
                side_stamps[side.relative] != side.stamp for side in found.sides
            ):
                work.doubtful.add(folder_of(found.relative))
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
        before: dict[tuple[str, str], tuple[int, int, int]] = {}
        for image, row in work.known.items():
            rows = self._database.execute(
                "SELECT path, size_bytes, mtime_ns FROM sidecar WHERE asset_id = ?", (row.id,)
            )
            for side, size, mtime in rows:
                before[image, unstored(side)] = (row.id, size, mtime)
        changed: list[tuple[int, SideFound]] = []
        gone: list[tuple[int, str]] = []
        listing = work.listing
        for image, sides in listing.sidecars.items():
            if image in work.fresh:
                continue
            known = work.known.get(image)
            for side in sides:
                seen = before.get((image, side))
                stamp = listing.side_stamps[side]
                if known is None or (seen and seen[1:] == (stamp.size_bytes, stamp.mtime_ns)):
                    continue
                found = read_side(side, os.path.join(work.folder, side))
                if found is not None:
                    changed.append((known.id, found))
                if found is None or found.stamp != stamp:
                    work.doubtful.add(folder_of(image))
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
    """Of the folders that were looked at, and of those that went away."""
    vanished: set[str]
    tasks: list[Task] = field(default_factory=list)
    fresh: frozenset[str] = frozenset()
    back: list[int] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)
    doubtful: set[str] = field(default_factory=set)

    def gone(self) -> Iterator[tuple[str, _Known]]:
        """Assets whose file was not found, where it would have been."""
        for path, row in self.known.items():
            if path not in self.listing.images:
                yield path, row
