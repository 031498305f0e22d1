"""A project's library as others use it: import, search, words, duplicates, uses, thumbnails.

Opened by one thread, which alone uses it. The index is made, or set aside and made anew, without
asking; what had to be done stands in `told`.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from filelock import FileLock, Timeout

from llamavis_studio.core.errors import LibraryError, ProjectError
from llamavis_studio.core.project import Project
from llamavis_studio.library.database import Database, LibraryBroken
from llamavis_studio.library.naming import shown
from llamavis_studio.library.readers import Readers
from llamavis_studio.library.rows import AssetRows
from llamavis_studio.library.scan import OnProgress, Scanner, ScanReport
from llamavis_studio.library.thumbnails import Thumbnails
from llamavis_studio.library.walk import stored, unstored
from llamavis_studio.library.words import Undone, WordEdits

PATIENCE_S = 600.0
"""How long an import waits for another studio's import of the same project."""


@dataclass(frozen=True)
class Item:
    """An asset as it is shown; `file` as `naming.shown` writes it, absolute in added roots.

    `caption` is the one that counts most: a human's before an imported before a model's.
    """

    id: int
    file: str
    path: Path
    folder: Path
    """Of the root it belongs to."""
    kind: str
    width: int
    height: int
    frames: int
    caption: str
    caption_origin: str
    confidence: float | None
    in_domain: bool
    tags: tuple[str, ...]
    state: str
    problem: str
    missing: bool
    digest: bytes = field(repr=False)
    group: str = ""
    score: float = 0.0


class Library:
    """The library of an open project; `roots` are folders beside it that belong to it."""

    def __init__(self, project: Project, roots: Sequence[Path] = (), workers: int = 0) -> None:
        self.project = project
        self._state = project.make_state_dir()
        self.database = Database(self._state)
        self.rows = AssetRows(self.database.connection)
        self._readers = Readers(workers)
        self._roots: dict[int, Path] = {}
        self._thumbnails: Thumbnails | None = None
        self._undone: list[Undone] = []
        self.set_roots(roots)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def told(self) -> tuple[str, ...]:
        """What had to be done to the index, in words."""
        return tuple(self.database.told)

    @property
    def edits(self) -> WordEdits:
        """Changes of words."""
        return WordEdits(self.database, self.rows, self.folder_of_root, self._undone)

    @property
    def thumbnails(self) -> Thumbnails:
        """Small pictures of the assets."""
        if self._thumbnails is None:
            self._thumbnails = Thumbnails(self._state / "thumbnails")
        return self._thumbnails

    def set_roots(self, roots: Sequence[Path]) -> None:
        """Which folders beside the project belong to the library from now on."""
        with self.database.writing() as connection:
            for path in ("", *(str(root) for root in roots)):
                connection.execute("INSERT OR IGNORE INTO root(path) VALUES (?)", (path,))
        rows = self.database.execute("SELECT id, path FROM root ORDER BY path <> '', id")
        wanted = {"", *(str(root) for root in roots)}
        self._roots = {
            root_id: Path(path) if path else self.project.root
            for root_id, path in rows
            if path in wanted
        }

    def folder_of_root(self, root_id: int) -> Path:
        """The folder that paths of a root start from."""
        return self._roots.get(root_id, self.project.root)

    def update(
        self,
        on_progress: OnProgress = lambda _done, _total: None,
        check_cancel: Callable[[], None] = lambda: None,
        only: Collection[str] | None = None,
    ) -> ScanReport:
        """Import what is new or changed, or of it `only` files of the project (relative, with
        forward slashes), as those just drawn: that costs little. Raises Cancelled, LibraryError.

        An index that proves to be damaged is kept beside and made anew, once.
        """
        with self.alone("import", check_cancel):
            try:
                return self._scanner().run(on_progress, check_cancel, only)
            except LibraryBroken as error:
                self._start_over(error)
                return self._scanner().run(on_progress, check_cancel)

    def _scanner(self) -> Scanner:
        table = self.project.file.library
        self.rows.use_rules(table.exclude_tags, table.rename_tags)
        return Scanner(self.database, self.rows, self._readers, list(self._roots.items()))

    def _start_over(self, error: LibraryBroken) -> None:
        roots = [path for path in self._roots.values() if path != self.project.root]
        self.database.reopen_anew(error.message)
        self.rows = AssetRows(self.database.connection)
        self._undone.clear()  # it names assets by their old numbers
        self.set_roots(roots)

    @contextlib.contextmanager
    def alone(self, what: str, check_cancel: Callable[[], None]) -> Iterator[None]:
        """Do one thing (`import`, `caption`) while no other studio does it in this library; the
        lock goes with the process that holds it. Raises LibraryError when the wait is too long.
        """
        if not self._state.is_dir():
            try:  # the lock would make it, and a project's folder that went away as well
                self.project.make_state_dir()
            except ProjectError:
                yield
                return
        lock = FileLock(self._state / f"library.{what}.lock", timeout=0)
        began = time.monotonic()
        while True:
            try:
                lock.acquire()
                break
            except Timeout:
                check_cancel()
                if time.monotonic() - began > PATIENCE_S:
                    raise LibraryError(
                        f"another studio is at its {what} in this library",
                        "wait until it is done, then do it again",
                    ) from None
                time.sleep(0.05)
            except (OSError, NotImplementedError):  # a disk without locks
                yield
                return
        try:
            yield
        finally:
            lock.release()

    # --- asking ----------------------------------------------------------------------------------

    def items(self, ids: Sequence[int], scores: Mapping[int, float] | None = None) -> list[Item]:
        """The assets of these ids, in their order."""
        found: dict[int, Item] = {}
        for at in range(0, len(ids), 500):
            part = ids[at : at + 500]
            marks = ",".join("?" * len(part))
            tags: dict[int, list[str]] = {}
            for asset_id, name in self.database.execute(
                "SELECT a.asset_id, t.name FROM asset_tag a JOIN tag t ON t.id = a.tag_id "
                f"WHERE a.asset_id IN ({marks}) GROUP BY a.asset_id, t.id "
                "HAVING max(a.rejected) = 0 "
                "ORDER BY a.asset_id, min(CASE a.origin WHEN 'human' THEN 0 WHEN 'imported' THEN "
                "CASE a.source WHEN 'path' THEN 3 ELSE 1 END ELSE 2 END), "
                "max(coalesce(a.confidence, 1)) DESC, t.name",
                part,
            ):
                tags.setdefault(asset_id, []).append(name)
            captions = {
                row[0]: row[1:]
                for row in self.database.execute(
                    # Origins sort as they rank, and the last row of an asset stays: what a person
                    # wrote about the picture counts more than the words it was drawn from.
                    "SELECT asset_id, text, origin, confidence, in_domain FROM caption "
                    f"WHERE asset_id IN ({marks}) "
                    "ORDER BY asset_id, origin DESC, source = 'user', source DESC",
                    part,
                )
            }
            for row in self.database.execute(
                "SELECT id, root_id, path, kind, width, height, frames, state, problem, "
                "missing_since IS NOT NULL, hash, coalesce(group_name, '') "
                f"FROM asset WHERE id IN ({marks})",
                part,
            ):
                asset_id, root_id, path = row[0], row[1], unstored(row[2])
                folder = self.folder_of_root(root_id)
                full = folder / path
                text, origin, confidence, in_domain = captions.get(asset_id, ("", "", None, 1))
                found[asset_id] = Item(
                    id=asset_id,
                    file=shown(path if folder == self.project.root else str(full)),
                    path=full,
                    folder=folder,
                    kind=row[3],
                    width=row[4],
                    height=row[5],
                    frames=row[6],
                    caption=text,
                    caption_origin=origin,
                    confidence=confidence,
                    in_domain=bool(in_domain),
                    tags=tuple(tags.get(asset_id, ())),
                    state=row[7],
                    problem=row[8],
                    missing=bool(row[9]),
                    digest=row[10],
                    group=row[11],
                    score=(scores or {}).get(asset_id, 0.0),
                )
        return [found[asset_id] for asset_id in ids if asset_id in found]

    def table_of(self, item: Item) -> bytes:
        """The JSON beside a sprite sheet that says where its pictures are; empty without one."""
        relative = self.database.execute(
            "SELECT path FROM sidecar WHERE asset_id = ? AND frames > 0", (item.id,)
        ).get
        if relative is None:
            return b""
        try:
            return (item.folder / unstored(relative)).read_bytes()
        except OSError:
            return b""

    def find(self, path: Path) -> int:
        """The id of the asset in a file. Raises LibraryError when the library has none."""
        for root_id, folder in self._roots.items():
            if path.is_relative_to(folder):
                found = self.database.execute(
                    "SELECT id FROM asset WHERE root_id = ? AND path = ?",
                    (root_id, stored(path.relative_to(folder).as_posix())),
                ).get
                if found is not None:
                    return int(found)
        raise LibraryError(
            f"the library has no '{shown(str(path))}'", "import it first: llamavis import"
        )

    def users_of(self, asset_id: int) -> list[str]:
        """The game's files that name an asset."""
        rows = self.database.execute(
            "SELECT u.path FROM asset a JOIN reference r ON r.target = a.path "
            "JOIN user_file u ON u.id = r.user_id "
            "WHERE a.id = ? AND a.root_id = (SELECT id FROM root WHERE path = '') ORDER BY u.path",
            (asset_id,),
        )
        return [shown(unstored(path)) for (path,) in rows]

    def note_states(self, states: Mapping[str, str]) -> None:
        """Remember how the build plan judges the project's images, by project-relative path."""
        with self.database.writing() as connection:
            project = connection.execute("SELECT id FROM root WHERE path = ''").get
            connection.execute(
                "UPDATE asset SET state = '' WHERE state <> '' AND root_id = ?", (project,)
            )
            connection.executemany(
                "UPDATE asset SET state = ? WHERE root_id = ? AND path = ?",
                [(state, project, stored(path)) for path, state in states.items()],
            )

    def close(self) -> None:
        """Give everything back; a second call does nothing."""
        self._readers.close()
        if self._thumbnails is not None:
            self._thumbnails.close()
        self.database.close()
