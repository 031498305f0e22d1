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

import apsw

from llamavis_studio.core.errors import Cancelled
from llamavis_studio.library.compare import (
    Differences,
    compare,
    lost_assets,
    remember_folders,
)
from llamavis_studio.library.database import Database
from llamavis_studio.library.found import Found, SideFound, read_side
from llamavis_studio.library.groups import group_assets
from llamavis_studio.library.naming import shown
from llamavis_studio.library.new_rows import put_new
from llamavis_studio.library.patience import Stalled, answers
from llamavis_studio.library.readers import PATIENCE_S, Readers
from llamavis_studio.library.rows import AssetRows
from llamavis_studio.library.usage import update_usage
from llamavis_studio.library.walk import folder_of, stamp_of, stored, unstored

OnProgress = Callable[[int, int], None]
"""Told (done, total) images read."""
_BATCH = 1024  # files in one transaction
_BATCH_S = 0.5


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
        only: Collection[str] | None = None,
    ) -> ScanReport:
        """Look at everything once, or at `only` some files of the project: then nothing is missed
        and no folder remembered. Raises Cancelled (what was read stays), LibraryError.
        """
        began, report = time.monotonic(), ScanReport()
        self._moved.clear()
        works = []
        for root_id, folder in self._roots if only is None else self._roots[:1]:
            check_cancel()
            try:
                work = compare(
                    self._database,
                    root_id,
                    folder,
                    self._is_project(root_id),
                    self._readers.expect,
                    check_cancel,
                    only,
                )
            except (OSError, Stalled) as error:
                # A drive that is unplugged, or does not answer, has lost nothing.
                why = getattr(error, "strerror", "") or str(error) or "the drive does not answer"
                report.problems.append((str(folder), f"cannot be listed: {why}"))
                continue
            report.unchanged += work.unchanged
            for name, reason in work.listing.unread.items():
                report.problems.append((shown(name), f"the folder cannot be listed: {reason}"))
            works.append(work)
        total, done = sum(len(work.tasks) for work in works), 0
        lost = lost_assets(self._database, works) if total else defaultdict(list)
        for work in works:
            for batch in _batches(self._readers.read(work.tasks, check_cancel)):
                self._write(work, batch, lost, report)
                done += len(batch)
                on_progress(done, total)
        for work in works if only is None else ():
            self._update_sides(work, report)
            self._mark_missing(work, report)
        with self._database.writing() as connection:
            for work in works:
                group_assets(connection, work.root_id, work.touched)
        for work in works if only is None else ():
            if self._is_project(work.root_id):
                update_usage(self._database, work.folder, work.listing, report.problems)
        if only is None:
            remember_folders(self._database, works)
        report.seconds = round(time.monotonic() - began, 3)
        return report

    def _write(
        self,
        work: Differences,
        chunk: Sequence[Found],
        lost: defaultdict[bytes, list[tuple[int, str]]],
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
                sides = tuple(side for side in found.sides if self._is_latest(work, side))
                touched.append(self._rows.put(work.root_id, found._replace(sides=sides)))
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
        work: Differences,
        found: Found,
        lost: defaultdict[bytes, list[tuple[int, str]]],
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

    def _update_sides(self, work: Differences, report: ScanReport) -> None:
        """Sidecars that changed beside images that did not."""
        before: dict[tuple[str, str], tuple[int, int, int]] = {}
        for image, row in work.known.items():
            rows = self._database.execute(
                "SELECT path, size_bytes, mtime_ns FROM sidecar WHERE asset_id = ?", (row.id,)
            )
            for side, size, mtime in rows:
                before[image, unstored(side)] = (row.id, size, mtime)
        gone: list[tuple[int, str]] = []
        todo: list[tuple[int, str]] = []
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
                todo.append((known.id, side))
        for (image, side), (asset_id, _, _) in before.items():
            if side in listing.side_stamps or image not in listing.images:
                continue
            if os.path.lexists(os.path.join(work.folder, side)):
                work.doubtful.add(folder_of(side))  # another studio wrote it meanwhile
            else:
                gone.append((asset_id, side))
        changed = self._read_sides(work, todo, report)
        if not changed and not gone:
            return
        with self._database.writing():
            for asset_id, side in gone:
                self._rows.lose_side(asset_id, side)
            for asset_id, found in changed:
                if self._is_latest(work, found):
                    self._rows.put_sides(asset_id, [found])
                self._tell_sides(work, [found], report)
            touched = {asset_id for asset_id, _ in (*changed, *gone)}
            self._rows.index(touched)
        # A sheet may have got its table.
        work.touched.update(folder_of(side.relative)[:-1] for _, side in changed if side.frames)
        report.words += len(touched)

    def _read_sides(
        self, work: Differences, todo: Sequence[tuple[int, str]], report: ScanReport
    ) -> list[tuple[int, SideFound]]:
        """What sidecars say now, by asset; of those that are still there."""
        changed: list[tuple[int, SideFound]] = []
        done = 0

        def read(side: str) -> SideFound | None:
            return read_side(side, os.path.join(work.folder, side))

        try:
            for found in answers(read, [side for _, side in todo], PATIENCE_S):
                asset_id, side = todo[done]
                done += 1
                if found is not None:
                    changed.append((asset_id, found))
                if found is None or found.stamp != work.listing.side_stamps[side]:
                    work.doubtful.add(folder_of(side))
        except Stalled:
            report.problems.append((self._told(work, todo[done][1]), "the drive does not answer"))
            work.doubtful.update(folder_of(side) for _, side in todo[done:])
        return changed

    def _is_latest(self, work: Differences, side: SideFound) -> bool:
        """Whether a sidecar is still as it was read. Asked inside the transaction: another studio
        writes the file first, then what it says, and that must not be taken back.
        """
        try:
            now = stamp_of(os.stat(os.path.join(work.folder, side.relative)))
        except OSError:
            now = None
        if now != side.stamp and not side.problem:
            work.doubtful.add(folder_of(side.relative))
            return False
        return True

    def _mark_missing(self, work: Differences, report: ScanReport) -> None:
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

    def _tell_sides(
        self, work: Differences, sides: Iterable[SideFound], report: ScanReport
    ) -> None:
        report.problems += [
            (self._told(work, side.relative), side.problem) for side in sides if side.problem
        ]

    def _told(self, work: Differences, relative: str) -> str:
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
