"""The library on a full disk, with two studios at once, and on a drive that does not answer."""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from llamavis_studio import librarian as librarian_module
from llamavis_studio.backends.host import InProcessHost
from llamavis_studio.core.errors import Cancelled, LlamaVisError
from llamavis_studio.core.project import Project
from llamavis_studio.librarian import Librarian
from llamavis_studio.library import compare, walk
from llamavis_studio.library.captioning import Wanted
from llamavis_studio.library.library import Library
from llamavis_studio.library.words import WordChange
from tests.reliability.column import patient, told
from tests.reliability.disks import fill, small_disk
from tests.support import instant_backend, library_corpus
from tests.support.instant_backend import recorded

pytestmark = patient

ALL_AT_ONCE = Wanted(everything=True)


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[InProcessHost]:
    monkeypatch.setattr(librarian_module, "_TEXT_BACKEND", "instant")
    monkeypatch.setattr(librarian_module, "_BATCH", 16)
    monkeypatch.setenv("LLAMAVIS_TEST_STATE", str(tmp_path))
    made = InProcessHost()
    yield made
    made.close()


def shelf(root: Path, count: int) -> Path:
    library_corpus.write_small(library_corpus.write_project(root), count)
    library_corpus.age(root)
    return root


def captions(library: Library, origin: str) -> int:
    query = "SELECT count(*) FROM caption WHERE origin = ?"
    return int(library.database.execute(query, (origin,)).get)


def asked(state: Path) -> int:
    return sum(int(line.split()[1]) for line in recorded(state) if line.startswith("caption "))


def test_a_disk_that_fills_up_while_the_captioner_works(
    host: InProcessHost, tmp_path: Path
) -> None:
    count = 200
    with small_disk(tmp_path / "disk") as disk:
        librarian = Librarian(Project.open(shelf(disk / "game", count)), host, workers=1)
        library = librarian.library
        librarian.update()
        first = library.database.execute("SELECT min(id) FROM asset").get
        library.edits.change({first: WordChange(caption="Written by a person.")}, "caption")
        path = library.items([first])[0].path
        before = {file: file.read_bytes() for file in path.parent.iterdir()}

        def fill_up(done: int, _total: int) -> None:
            if done == 64:
                fill(disk / "filling", 0)

        with pytest.raises(LlamaVisError, match="disk is full") as caught:
            librarian.describe(ALL_AT_ONCE, backend="instant", on_progress=fill_up)
        assert caught.value.hint
        kept = captions(library, "model")
        assert 64 <= kept < count
        # Nor can a person write now, and is told; what stood there stands there.
        with pytest.raises(LlamaVisError, match="full"):
            library.edits.change({first: WordChange(caption="Written too late.")}, "caption")
        assert {file: file.read_bytes() for file in path.parent.iterdir()} == before
        assert library.items([first])[0].caption == "Written by a person."

        (disk / "filling").unlink()
        librarian.describe(ALL_AT_ONCE, backend="instant")
        assert captions(library, "model") == count
        assert asked(tmp_path) <= count + 32
        assert library.database.execute("PRAGMA integrity_check").get == "ok"
        librarian.close()
        with Library(Project.open(disk / "game"), workers=1) as again:
            assert not again.told
            assert again.items([first])[0].caption == "Written by a person."
    told("library on a full disk", kept=kept, of=count, words_lost=0)


def describe_all(root: str, state: str, number: int) -> None:
    """One of two studios: a person's caption on every tenth image of its own, and the model's on
    all.
    """
    # The process they are forked from may have started before the backend was known.
    os.environ.update(instant_backend.ENVIRONMENT, LLAMAVIS_TEST_STATE=state)
    os.environ["LLAMAVIS_TEST_STEP_MS"] = "2"
    librarian_module._TEXT_BACKEND = "instant"
    librarian_module._BATCH = 16
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        os.environ[name] = state
    host = InProcessHost()
    librarian = Librarian(Project.open(Path(root)), host, workers=1)
    edits = librarian.library.edits

    def person(done: int, _total: int) -> None:
        change = WordChange(caption=f"Studio {number} after {done}.")
        edits.change({1 + (2 * done + 10 * number) % 160: change}, "caption")

    try:
        librarian.update()
        librarian.describe(ALL_AT_ONCE, backend="instant", on_progress=person)
    finally:
        librarian.close()
        host.close()


@pytest.mark.skipif(sys.platform == "win32", reason="a process a studio, forked from one")
def test_two_studios_describe_everything_once(tmp_path: Path) -> None:
    count = 160
    root = shelf(tmp_path / "game", count)
    context = multiprocessing.get_context("forkserver")
    studios = [
        context.Process(target=describe_all, args=(str(root), str(tmp_path), number))
        for number in range(2)
    ]
    for studio in studios:
        studio.start()
    try:
        for studio in studios:
            studio.join(60)
            assert studio.exitcode == 0
    finally:
        for studio in studios:
            studio.kill()
    with Library(Project.open(root), workers=1) as library:
        assert not library.told
        assert library.database.execute("PRAGMA integrity_check").get == "ok"
        assert captions(library, "model") == count
        by_person = captions(library, "human")
        beside = {
            file.name.split(".")[0]
            for file in root.rglob("*.json")
            if "Studio " in file.read_text("utf-8")
        }
        assert by_person == len(beside) > 0
    assert asked(tmp_path) == count
    told("two studios", described_twice=0, words_by_persons=by_person)


def test_a_drive_that_does_not_answer_is_told_of(
    host: InProcessHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, pack = shelf(tmp_path / "game", 40), shelf(tmp_path / "pack", 40)
    (pack / "llamavis.toml").unlink()
    with Library(Project.open(root), [pack], workers=1) as library:
        assert library.update().added == 80
        awake, real = threading.Event(), os.scandir

        def stalled(path: str) -> object:
            if str(path).startswith(str(pack)):
                awake.wait(60)
            return real(path)

        monkeypatch.setattr(walk.os, "scandir", stalled)
        monkeypatch.setattr(compare, "PATIENCE_S", 0.5)
        library_corpus.write_small(root / "more", 5, seed=9)
        began = time.monotonic()
        report = library.update()
        assert time.monotonic() - began < 20
        assert report.added == 5
        assert report.missing == 0
        assert report.problems == [(str(pack), "cannot be listed: the drive does not answer")]

        # Cancel acts while nothing answers.
        def cancel() -> None:
            if time.monotonic() > began + 0.3:
                raise Cancelled

        monkeypatch.setattr(compare, "PATIENCE_S", 60)
        began = time.monotonic()
        with pytest.raises(Cancelled):
            library.update(
                check_cancel=lambda: cancel() if time.monotonic() > began + 0.3 else None
            )
        assert time.monotonic() - began < 10
        awake.set()
        monkeypatch.undo()
        report = library.update()
        assert (report.missing, report.problems) == (0, [])
        assert report.unchanged + report.changed == 85


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="a pipe stands for the file that hangs")
def test_one_picture_that_does_not_answer_stops_no_small_import(tmp_path: Path) -> None:
    from llamavis_studio.library.readers import Readers

    root = shelf(tmp_path / "game", 4)
    with Library(Project.open(root), workers=1) as library:
        library._readers.close()
        library._readers = Readers(1, patience_s=0.5)
        victim = sorted(root.rglob("*.png"))[1]
        data, hangs = victim.read_bytes(), tmp_path / "hangs"
        os.mkfifo(hangs)
        real = compare.Task

        def task(relative: str, path: str, sides: tuple[tuple[str, str], ...] = ()) -> object:
            return real(relative, str(hangs) if path == str(victim) else path, sides)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(compare, "Task", task)
            report = library.update()
        assert report.added == 4
        assert [Path(path).name for path, _ in report.broken] == [victim.name]
        assert "took too long" in report.broken[0][1]
        # The pipe lets go of the thread that still waits.
        with hangs.open("wb") as stream:
            stream.write(data)
        assert library.update().changed >= 1
        assert library.items([library.find(victim)])[0].problem == ""
