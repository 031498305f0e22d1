"""The library's SQLite file: opening, checking, migrating, setting a bad one aside.

    open -> sealed as it was left? else PRAGMA integrity_check -> migrate (a backup first) -> ready

The file is an index: all in it can be made again from what is on disk. So a broken one is never
mended, only kept beside (`library.sqlite.broken-1`) and made anew, and a newer studio's is kept
for that studio.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw
import sqlite_vec

from llamavis_studio.core.errors import LibraryError, LlamaVisError
from llamavis_studio.core.write import staged_beside, write_atomic
from llamavis_studio.library.migrations import MIGRATIONS, Migration

FILE = "library.sqlite"
SEAL = "library.seal.json"
APPLICATION_ID = 0x4C6C5653  # "LlVS"
PATIENCE_MS = 10_000
"""How long a write waits for another studio's."""
CACHE_KB = 32_000


class LibraryBroken(LibraryError):  # noqa: N818
    """The index is no SQLite database, or a damaged one; it can be made again."""


class Database:
    """One connection to the index of a project; use it from the thread that opened it.

    `told` says in words what had to be done while opening; `made_anew` that everything must be
    read again.
    """

    def __init__(self, folder: Path, migrations: tuple[Migration, ...] = MIGRATIONS) -> None:
        self.path = folder / FILE
        self.told: list[str] = []
        self.made_anew = False
        self._folder = folder
        self._migrations = migrations
        try:
            self.connection = self._open()
        except _NewerVersion:
            self.connection = self._open()
        except LibraryBroken as error:
            self.set_aside("broken", f"{error.message}; it was kept as")
            self.connection = self._open()

    def _open(self) -> apsw.Connection:
        fresh = not self.path.exists()
        connection: apsw.Connection | None = None
        try:
            with translated(self.path):
                connection = apsw.Connection(str(self.path))
                self._prepare(connection)
                if not fresh and not self._is_sealed():
                    self._check(connection)
                    if not int(connection.pragma("user_version")):
                        self.told.append("the library's index was empty and is made anew")
                self._migrate(connection)
        except BaseException:
            if connection is not None:
                connection.close(True)
            raise
        with contextlib.suppress(OSError):
            (self._folder / SEAL).unlink(missing_ok=True)
        return connection

    def _prepare(self, connection: apsw.Connection) -> None:
        connection.set_busy_timeout(PATIENCE_MS)
        connection.enable_load_extension(True)
        connection.load_extension(sqlite_vec.loadable_path())
        connection.enable_load_extension(False)
        for pragma in (
            "journal_mode = WAL",
            "synchronous = NORMAL",
            "foreign_keys = ON",
            "trusted_schema = OFF",
            "cell_size_check = ON",
            f"cache_size = -{CACHE_KB}",
            "journal_size_limit = 67108864",
            "temp_store = MEMORY",
        ):
            _persist(connection, f"PRAGMA {pragma}")

    def _check(self, connection: apsw.Connection) -> None:
        try:
            answer = connection.execute("PRAGMA integrity_check(1)").get
        except apsw.Error as error:
            raise LibraryBroken(f"the library's index is damaged ({error})", _AGAIN) from error
        if answer != "ok":
            raise LibraryBroken(f"the library's index is damaged ({answer})", _AGAIN)

    def _migrate(self, connection: apsw.Connection) -> None:
        version, newest = int(connection.pragma("user_version")), len(self._migrations)
        if version == newest:
            return
        if version > newest:
            connection.close(True)
            self.set_aside(f"version-{version}", "a newer studio's index was kept as")
            raise _NewerVersion
        known = int(connection.pragma("application_id"))
        tables = connection.execute("SELECT count(*) FROM sqlite_schema").get
        if version == 0 and tables:
            raise LibraryBroken("the file is another program's database", _AGAIN)
        if version and known != APPLICATION_ID:
            raise LibraryBroken("the file is another program's database", _AGAIN)
        if version:
            self._back_up(connection, version)
        for number in range(version, newest):
            step = self._migrations[number]
            connection.execute("BEGIN IMMEDIATE")
            try:
                # Another studio may have done it while this one waited.
                if int(connection.pragma("user_version")) == number:
                    if isinstance(step, str):
                        connection.execute(step)
                    else:
                        step(connection)
                    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                    connection.execute(f"PRAGMA user_version = {number + 1}")
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
        self.made_anew = self.made_anew or version == 0

    def _back_up(self, connection: apsw.Connection, version: int) -> None:
        copy = self._folder / f"{FILE}.backup-{version}"
        with staged_beside(copy) as staged:
            staged.unlink(missing_ok=True)
            connection.execute("VACUUM INTO ?", (str(staged),))
            os.replace(staged, copy)

    def _is_sealed(self) -> bool:
        """Whether the file is as a studio left it when it closed."""
        try:
            seal = json.loads((self._folder / SEAL).read_bytes())
            return bool(seal == _stamp(self.path))
        except (OSError, ValueError, RecursionError):
            return False

    @contextlib.contextmanager
    def writing(self) -> Iterator[apsw.Connection]:
        """A transaction: all of it, or nothing. Raises LibraryError, LibraryBroken."""
        with translated(self.path):
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield self.connection
                self.connection.execute("COMMIT")
            except BaseException:
                # A full disk may have ended the transaction already.
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                raise

    def execute(self, sql: str, bindings: Any = ()) -> apsw.Cursor:
        """Read. Raises LibraryError, LibraryBroken."""
        with translated(self.path):
            return self.connection.execute(sql, bindings)

    def reopen_anew(self, reason: str) -> None:
        """Keep the present file beside and start an empty one: it proved to be damaged."""
        with contextlib.suppress(apsw.Error):
            self.connection.close(True)
        self.set_aside("broken", f"{reason}; it was kept as")
        self.connection = self._open()

    def set_aside(self, why: str, told: str) -> None:
        """Rename the file and what belongs to it, so that a new one can be made."""
        number = 1
        while (kept := self._folder / f"{FILE}.{why}-{number}").exists():
            number += 1
        for suffix in ("-wal", "-shm", ""):
            part = self._folder / f"{FILE}{suffix}"
            if part.exists() or part.is_symlink():
                try:
                    os.replace(part, self._folder / f"{kept.name}{suffix}")
                except OSError as cause:
                    raise LibraryError(
                        f"the library's index cannot be replaced: {cause.strerror or cause}",
                        f"close other programs and delete {self.path}",
                    ) from cause
        with contextlib.suppress(OSError):
            (self._folder / SEAL).unlink(missing_ok=True)
        self.told.append(f"{told} {kept.name}")
        self.made_anew = True

    def close(self) -> None:
        """Write everything into the one file and note how it was left; a second call does
        nothing.
        """
        alone = False
        with contextlib.suppress(apsw.Error):
            busy = self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").get
            alone = busy is not None and busy[0] == 0
        with contextlib.suppress(apsw.Error):
            self.connection.close(True)
        if alone and not (self._folder / f"{FILE}-wal").exists():
            with contextlib.suppress(LlamaVisError, OSError):
                write_atomic(self._folder / SEAL, json.dumps(_stamp(self.path)).encode("ascii"))


class _NewerVersion(LibraryBroken):
    """Set aside already."""

    def __init__(self) -> None:
        super().__init__("the library's index is a newer studio's", _AGAIN)


_AGAIN = "it is made again from the files; nothing that a person wrote is lost"


def _persist(connection: apsw.Connection, sql: str) -> None:
    """Two studios that make the same file at once: SQLite does not wait where it turns to WAL."""
    began = time.monotonic()
    while True:
        try:
            connection.execute(sql)
            return
        except apsw.BusyError:
            if time.monotonic() - began > PATIENCE_MS / 1000:
                raise
            time.sleep(0.02)


def _stamp(path: Path) -> list[int]:
    status = path.stat()
    return [status.st_size, status.st_mtime_ns, status.st_ino]


@contextlib.contextmanager
def translated(path: Path) -> Iterator[None]:
    """SQLite's errors in the user's words."""
    try:
        yield
    except (apsw.CorruptError, apsw.NotADBError) as error:
        raise LibraryBroken(f"the library's index is damaged ({error})", _AGAIN) from error
    except apsw.FullError as error:
        raise LibraryError(
            "the disk is full: the library's index was not written",
            "free some space and do it again; what was there is untouched",
        ) from error
    except apsw.BusyError as error:
        raise LibraryError(
            "another studio is writing into this library",
            "wait until it is done, then do it again",
        ) from error
    except (apsw.ReadOnlyError, apsw.CantOpenError, apsw.PermissionsError) as error:
        raise LibraryError(
            f"the library's index cannot be written: {path}",
            "give yourself permission to write there",
        ) from error
    except apsw.IOError as error:
        raise LibraryError(
            f"the library's index cannot be read or written: {error}", "check the disk"
        ) from error
