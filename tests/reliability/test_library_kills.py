"""R1 for the library: an import, a run of the captioner and a person's edits, killed at random
moments. The index stays whole, no words that a person was told are kept are lost, and the next run
goes on where it was.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import shutil
import signal
import sys
from pathlib import Path

import apsw
import pytest

from llamavis_studio import librarian as librarian_module
from llamavis_studio.backends.host import InProcessHost
from llamavis_studio.core.project import Project
from llamavis_studio.librarian import Librarian
from llamavis_studio.library.captioning import Wanted
from llamavis_studio.library.library import Library
from llamavis_studio.library.words import WordChange
from tests.reliability.column import column, patient, told
from tests.support import instant_backend, library_corpus

pytestmark = [patient, pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")]

FILES = 600
EDITS_A_BATCH = 2
WHOLE_S = 2.2
"""About what one library takes: kills come within it."""


def work(root: str, log: str, seed: int, state: str) -> None:
    """Import, describe, and have a person write a caption now and then. Each caption stands in
    `log` before (`try`) and after (`kept`) it is written, and each stage when it is done.
    """
    # The process they are forked from may have started before the backend was known.
    os.environ.update(instant_backend.ENVIRONMENT, LLAMAVIS_TEST_STATE=state)
    os.environ["LLAMAVIS_TEST_STEP_MS"] = "2"
    librarian_module._TEXT_BACKEND = "instant"
    librarian_module._BATCH = 32
    rng = random.Random(seed)
    line = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def say(*words: object) -> None:
        os.write(line, ("\t".join(map(str, words)) + "\n").encode())

    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        os.environ[name] = state
    host = InProcessHost()
    librarian = Librarian(Project.open(Path(root)), host, workers=2)
    library = librarian.library

    def person(_done: int, _total: int) -> None:
        rows = list(library.database.execute("SELECT id, path FROM asset"))
        for asset_id, path in rng.sample(rows, min(EDITS_A_BATCH, len(rows))):
            caption = f"A person wrote {rng.randrange(1 << 30)} here."
            say("try", path, caption)
            library.edits.change({asset_id: WordChange(caption=caption)}, "caption")
            say("kept", path, caption)

    say("began", len(list(library.database.execute("SELECT 1 FROM asset"))))
    report = librarian.update(person)
    say("imported", report.added, report.unchanged)
    librarian.describe(Wanted(), backend="instant", on_progress=person)
    librarian.close()
    host.close()
    say("described")


class Case:
    """One library, killed until it is done."""

    def __init__(self, place: Path) -> None:
        self.root, self.log, self.state = place / "game", place / "log", place / "calls"
        self.state.mkdir(parents=True)
        library_corpus.write_small(library_corpus.write_project(self.root), FILES, seed=5)
        library_corpus.age(self.root)

    def lines(self) -> list[list[str]]:
        text = self.log.read_text() if self.log.exists() else ""
        return [line.split("\t") for line in text.splitlines()]

    def check_words(self) -> int:
        """Every caption that a person was told is kept stands beside its image, or a later one; how
        many there are.
        """
        accepted: dict[str, list[str]] = {}
        for what, *rest in self.lines():
            if what == "kept":
                accepted[rest[0]] = [rest[1]]
            elif what == "try":
                accepted.setdefault(rest[0], []).append(rest[1])
        lost = []
        for path, captions in accepted.items():
            beside = [
                self.root / (path.removesuffix(".png") + kind)
                for kind in (".txt", ".caption", ".json")
            ]
            said = " ".join(file.read_text("utf-8") for file in beside if file.exists())
            kept = [path for what, *rest in self.lines() if what == "kept" and rest[0] == path]
            if kept and not any(caption in said for caption in captions):
                lost.append((path, captions, said))
        assert not lost
        return len(accepted)

    def check_index(self, place: Path) -> None:
        """As the kill left it, and before any of ours opens it again."""
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        for name in ("library.sqlite", "library.sqlite-wal"):
            if (self.root / ".llamavis" / name).exists():
                shutil.copy(self.root / ".llamavis" / name, place)
        connection = apsw.Connection(str(place / "library.sqlite"))
        assert connection.execute("PRAGMA integrity_check").get == "ok"
        assert not list(connection.execute("PRAGMA foreign_key_check"))
        connection.close()

    def check_done(self, kills: int) -> None:
        """Everything was imported once, described once but for what a kill undid, and findable."""
        with Library(Project.open(self.root), workers=1) as library:
            assert not library.told, "an index was made anew"
            report = library.update()
            # What was written seconds ago may be read once more, but nothing is new.
            assert (report.added, report.changed + report.unchanged) == (0, FILES)
            by_person = {
                path
                for (path,) in library.database.execute(
                    "SELECT a.path FROM caption c JOIN asset a ON a.id = c.asset_id "
                    "WHERE c.origin = 'human'"
                )
            }
            for what, *rest in self.lines():
                if what == "kept":
                    assert rest[0] in by_person, rest
            neither = library.database.execute(
                "SELECT count(*) FROM asset a WHERE NOT EXISTS (SELECT 1 FROM caption c "
                "WHERE c.asset_id = a.id AND c.origin <> 'imported')"
            ).get
            assert neither == 0
            for table in ("words", "parts"):
                query = f"SELECT count(*) FROM {table} WHERE {table} MATCH 'png'"
                assert library.database.execute(query).get == FILES
        asked = sum(
            int(line.split()[1])
            for line in instant_backend.recorded(self.state)
            if line.startswith("caption ")
        )
        assert asked <= FILES + 32 * kills


def test_killed_while_importing_describing_and_editing(tmp_path: Path) -> None:
    context = multiprocessing.get_context("forkserver")
    rng, kills, words, done = random.Random(11), 0, 0, 0
    stages = {"import": 0, "caption": 0}
    case = Case(tmp_path / "0")
    wanted = column(30, 300)
    while kills < wanted or done == 0:
        before = len(case.lines())
        child = context.Process(
            target=work, args=(str(case.root), str(case.log), kills, str(case.state))
        )
        child.start()
        # On a busy machine importing takes as long as all of it elsewhere: then more is waited.
        span = WHOLE_S if stages["caption"] else WHOLE_S * (1 + 6 * kills / wanted)
        child.join(rng.uniform(0.02, span) if kills < wanted else 120)
        if child.is_alive():
            assert child.pid is not None
            os.kill(child.pid, signal.SIGKILL)
            child.join()
            kills += 1
            now = {line[0] for line in case.lines()[before:]}
            stages["caption" if "imported" in now else "import"] += 1
            if (case.root / ".llamavis" / "library.sqlite").exists():
                case.check_index(tmp_path / "copy")
            case.check_words()
            continue
        assert child.exitcode == 0
        words += case.check_words()
        case.check_done(kills)
        done += 1
        case = Case(tmp_path / f"{done}")
    told("R1 library", kills=kills, **stages, libraries=done, lost=0, words_by_a_person=words)
    assert min(stages.values()) > 0
