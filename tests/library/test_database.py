"""The index file: made, sealed, checked, migrated, set aside."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import apsw
import pytest

from llamavis_studio.core.errors import LibraryError
from llamavis_studio.library.database import APPLICATION_ID, FILE, MIGRATIONS, SEAL, Database
from tests.reliability.column import column


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def filled(folder: Path, rows: int = 300) -> None:
    database = Database(folder)
    with database.writing() as connection:
        connection.executemany(
            "INSERT INTO tag(name) VALUES (?)", [(f"tag number {n} " * 4,) for n in range(rows)]
        )
    database.close()


def test_a_new_index_is_made_and_closed_as_one_file(tmp_path: Path) -> None:
    database = Database(tmp_path)
    assert database.made_anew
    assert not database.told
    assert database.execute("PRAGMA integrity_check").get == "ok"
    assert database.execute("PRAGMA application_id").get == APPLICATION_ID
    assert database.execute("PRAGMA journal_mode").get == "wal"
    database.close()
    assert names(tmp_path) == {FILE, SEAL}


def test_it_is_found_again(tmp_path: Path) -> None:
    filled(tmp_path)
    database = Database(tmp_path)
    assert not database.made_anew
    assert database.execute("SELECT count(*) FROM tag").get == 300
    database.close()


def test_a_transaction_is_all_or_nothing(tmp_path: Path) -> None:
    database = Database(tmp_path)

    def half() -> None:
        with database.writing() as connection:
            connection.execute("INSERT INTO tag(name) VALUES ('one')")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half()
    assert database.execute("SELECT count(*) FROM tag").get == 0
    database.close()


def test_a_newer_studios_index_is_kept_for_it(tmp_path: Path) -> None:
    filled(tmp_path)
    connection = apsw.Connection(str(tmp_path / FILE))
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    database = Database(tmp_path)
    assert database.made_anew
    assert database.told == [f"a newer studio's index was kept as {FILE}.version-99-1"]
    database.close()
    kept = apsw.Connection(str(tmp_path / f"{FILE}.version-99-1"))
    assert kept.execute("SELECT count(*) FROM tag").get == 300
    kept.close()


def test_an_older_index_is_backed_up_and_brought_forward(tmp_path: Path) -> None:
    filled(tmp_path)
    newer = (*MIGRATIONS, "ALTER TABLE tag ADD COLUMN colour TEXT NOT NULL DEFAULT 'none'")
    database = Database(tmp_path, newer)
    assert not database.made_anew
    assert database.execute("SELECT DISTINCT colour FROM tag").get == "none"
    assert database.execute("PRAGMA user_version").get == len(newer)
    database.close()
    backup = apsw.Connection(str(tmp_path / f"{FILE}.backup-{len(MIGRATIONS)}"))
    assert backup.execute("PRAGMA user_version").get == len(MIGRATIONS)
    assert backup.execute("SELECT count(*) FROM tag").get == 300
    backup.close()


def test_a_migration_that_fails_leaves_the_index_as_it_was(tmp_path: Path) -> None:
    filled(tmp_path)
    broken = (*MIGRATIONS, "UPDATE tag SET name = 'x' WHERE id = 1; UPDATE nothing SET x = 1")
    with pytest.raises(apsw.SQLError):
        Database(tmp_path, broken)
    database = Database(tmp_path)
    assert database.execute("SELECT name FROM tag WHERE id = 1").get.startswith("tag number 0")
    database.close()


def test_another_programs_database_is_left_whole(tmp_path: Path) -> None:
    connection = apsw.Connection(str(tmp_path / FILE))
    connection.execute("CREATE TABLE mine(x); INSERT INTO mine VALUES (7)")
    connection.close()
    database = Database(tmp_path)
    assert database.made_anew
    database.close()
    kept = apsw.Connection(str(tmp_path / f"{FILE}.broken-1"))
    assert kept.execute("SELECT x FROM mine").get == 7
    kept.close()


def damaged(path: Path, rng: random.Random) -> str:
    """Damage a database file as disks and people do; what was done."""
    data = bytearray(path.read_bytes())
    what = rng.choice(("flips", "cut", "zero header", "empty", "page", "text"))
    if what == "flips":
        for _ in range(rng.randint(1, 30)):
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    elif what == "cut":
        data = data[: rng.randrange(1, len(data))]
    elif what == "zero header":
        data[:100] = bytes(100)
    elif what == "empty":
        data = bytearray(b"\0")
    elif what == "page":
        at = rng.randrange(len(data) // 4096) * 4096
        data[at : at + 4096] = rng.randbytes(4096)
    else:
        data = bytearray(b"not a database at all\n" * 500)
    path.write_bytes(data)
    return what


def test_damage_is_noticed_or_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "good").mkdir()
    filled(tmp_path / "good")
    rng = random.Random(17)
    for number in range(column(100, 1000)):
        folder = tmp_path / str(number)
        shutil.copytree(tmp_path / "good", folder)
        before = (folder / FILE).read_bytes()
        what = damaged(folder / FILE, rng)
        changed = (folder / FILE).read_bytes() != before
        database = Database(folder)  # never raises
        try:
            # Whatever was opened is whole: nothing structural was hit, or it is a new one.
            assert database.execute("PRAGMA integrity_check").get == "ok", what
            if database.made_anew:
                assert database.told, what
                kept = any(".broken-" in name or ".version-" in name for name in names(folder))
                assert kept or "empty" in database.told[0], what
            elif what in ("cut", "zero header", "empty", "text"):
                assert not changed, what
        finally:
            database.close()
        shutil.rmtree(folder)


def test_what_is_damaged_while_open_can_be_started_over(tmp_path: Path) -> None:
    filled(tmp_path)
    database = Database(tmp_path)
    database.reopen_anew("the library's index is damaged")
    assert database.execute("SELECT count(*) FROM tag").get == 0
    assert database.made_anew
    assert (tmp_path / f"{FILE}.broken-1").exists()
    database.close()


def test_two_studios_write_in_turn(tmp_path: Path) -> None:
    one, other = Database(tmp_path), Database(tmp_path)
    for number in range(20):
        for database in (one, other):
            with database.writing() as connection:
                connection.execute("INSERT INTO tag(name) VALUES (?)", (f"{number}{id(database)}",))
    assert one.execute("SELECT count(*) FROM tag").get == 40
    other.close()
    one.close()
    assert names(tmp_path) == {FILE, SEAL}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_a_folder_in_place_of_the_index_is_told(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    with pytest.raises(LibraryError) as caught:
        Database(tmp_path)
    assert caught.value.hint


def test_two_studios_make_the_same_index_at_once(tmp_path: Path) -> None:
    """Each of them opens it, whoever is first."""
    for number in range(5):
        folder = tmp_path / str(number)
        folder.mkdir()
        code = (
            "import sys, time; from pathlib import Path\n"
            "from llamavis_studio.library.database import Database\n"
            "time.sleep(max(0.0, float(sys.argv[2]) - time.time()))\n"
            "database = Database(Path(sys.argv[1]))\n"
            "assert not [told for told in database.told if 'kept' in told], database.told\n"
            "database.close()"
        )
        start = str(time.time() + 0.6)
        studios = [
            subprocess.Popen([sys.executable, "-c", code, str(folder), start]) for _ in range(3)
        ]
        assert [studio.wait(30) for studio in studios] == [0, 0, 0]
