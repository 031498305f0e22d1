"""R26: a working day in minutes: open, edit, draw, search, describe, tag, close, without a rest.

    python -m tests.benchmarks soak [--minutes 5] [--edits 50000] [--json]

One window, one process, a backend that draws at once. Told are memory after the first part and its
growth from there (thumbnails apart: they are kept until there are 60 MiB of them), open files,
threads, the largest write-ahead log, and what was raised anywhere. It ends with the minutes or the
edits, whichever comes first.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.support.instant_backend import ENVIRONMENT

FIRST_PART = 0.2  # of the time: what is loaded once is loaded by then
WAL_MB, GROWTH_PERCENT = 64, 5.0
WORDS = "red blue green old brave small great mossy golden dark bright frozen".split()
THINGS = "knight slime bat wall floor chest lamp tree dragon goblin".split()
WAIT_S = 120.0


class Day:
    """A window at work, and what is counted meanwhile."""

    def __init__(self, home: Path, seed: int = 26) -> None:
        from PySide6.QtCore import QEvent, QSettings
        from PySide6.QtWidgets import QApplication

        from llamavis_studio import librarian
        from llamavis_studio.app.main import DesktopStudio
        from llamavis_studio.backends.host import InProcessHost
        from llamavis_studio.studio import Studio
        from tests.support.studios import small_game

        librarian._TEXT_BACKEND = "instant"
        found = QApplication.instance()
        self.app = found if isinstance(found, QApplication) else QApplication([])
        self.random, self.host = random.Random(seed), InProcessHost()
        self.deferred_delete = int(QEvent.Type.DeferredDelete.value)
        self.root = small_game(home / "game")
        self.studio = DesktopStudio(
            self.app, QSettings(str(home / "session.ini"), QSettings.Format.IniFormat)
        )
        self.window = self.studio.window
        self.window._open_studio = lambda at: Studio.open(at, host=self.host)
        self.window.resize(1280, 800)
        self.window.show()
        self.edits = self.rounds = self.bought = 0
        self.raised: list[str] = []
        self.wal_mb = 0.0
        self.seen: list[dict[str, float]] = []
        self._old_hooks = sys.excepthook, threading.excepthook
        sys.excepthook = lambda kind, error, trace: self.raised.append(f"{kind.__name__}: {error}")
        threading.excepthook = lambda args: self.raised.append(f"in a thread: {args.exc_value!r}")

    def round(self, edits: int = 10) -> None:
        """Open, work, close."""
        window = self.window
        window.open_project(self.root)
        self.until(lambda: window.project and self.is_drawn(), "opening")
        for _ in range(edits):
            self.edit()
        self.search()
        self.describe()
        if self.rounds % 5 == 0:
            self.studio.use_look(self.random.choice(("light", "dark")))
            self.studio.use_language(self.random.choice(("en", "zh")))
        log = self.root / ".llamavis" / "library.sqlite-wal"
        self.wal_mb = max(self.wal_mb, log.stat().st_size / 1e6 if log.exists() else 0.0)
        window.close_project()
        self.until(lambda: not studio_threads(), "closing")
        self.rounds += 1

    def edit(self) -> None:
        """Other words for one image; it is drawn when this comes back."""
        window = self.window
        output, source = self.random.choice(
            (("hero.png", "hero.desc.toml"), ("tiles/floor.png", "tiles/floor.desc.toml"))
        )
        window.tree.choose(output)
        self.until(lambda: window.editor.path == self.root / source, "the description")
        words = f"{self.random.choice(WORDS)} {self.random.choice(THINGS)} {self.edits}"
        kind = 'kind = "texture"\n' if "tiles" in source else ""
        text = window.editor.text
        text.selectAll()
        text.insertPlainText(f'description = "{words}"\n{kind}')
        picture, drawn = self.root / output, self.time_of(self.root / output)
        window.commands.do_save()
        self.until(lambda: self.time_of(picture) != drawn and self.is_drawn(), "drawing")
        self.edits += 1

    def search(self) -> None:
        gallery = self.window.gallery
        for query in (self.random.choice(THINGS), "kind:texture", "kind:", ""):
            gallery.search_for(query)
            self.live(0.02)
        self.until(lambda: gallery.model.rowCount() > 0, "finding")

    def describe(self) -> None:
        """A picture is bought, described by the model, tagged by a person, and thrown away."""
        from PIL import Image

        thread, answers = self.window.thread_, list[Any]()
        assert thread is not None
        self.bought += 1
        bought = self.root / "bought" / f"thing{self.bought}.png"
        bought.parent.mkdir(exist_ok=True)
        colour = tuple(self.random.randrange(256) for _ in range(3))
        Image.new("RGB", (16, 16), colour).save(bought)
        thread.ask(lambda studio: studio.library.update(), answers.append)
        thread.ask(lambda studio: studio.library.describe(backend="instant"), answers.append)

        def tag(studio: Any) -> int:
            found = studio.library.search("kind:texture").items[:3]
            return int(studio.library.add_tags([one.id for one in found], [f"t{self.bought % 50}"]))

        thread.ask(tag, answers.append)
        self.until(lambda: len(answers) == 3, "describing")
        bought.unlink()
        bought.with_suffix(".json").unlink(missing_ok=True)
        bought.with_suffix(".txt").unlink(missing_ok=True)

    def is_drawn(self) -> bool:
        plan = self.window.plan
        return plan is not None and {one.state.value for one in plan.targets} == {"fresh"}

    @staticmethod
    def time_of(path: Path) -> int:
        return path.stat().st_mtime_ns if path.exists() else 0

    def live(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.turn()

    def turn(self) -> None:
        """The event loop once round, with what waits to be deleted (only a real loop does that)."""
        self.app.processEvents()
        self.app.sendPostedEvents(None, self.deferred_delete)
        time.sleep(0.002)

    def until(self, condition: Callable[[], Any], what: str) -> None:
        end = time.monotonic() + WAIT_S
        while not condition():
            self.turn()
            if time.monotonic() > end:
                raise TimeoutError(f"{what} did not come after {self.edits} edits; {self.raised}")

    def look(self, at_s: float) -> dict[str, float]:
        """What the process holds now, between two rounds."""
        gc.collect()
        found = {
            "at_s": round(at_s, 1),
            "edits": self.edits,
            "rss_mb": round(rss_mb(), 1),
            "thumbnails_mb": round(self.window.gallery.model.thumbnails.size / 1e6, 1),
            "files": len(os.listdir("/proc/self/fd")),
            "threads": len(os.listdir("/proc/self/task")),
        }
        self.seen.append(found)
        return found

    def close(self) -> None:
        self.window.close()
        self.window.deleteLater()
        self.until(lambda: not studio_threads(), "the end")
        self.live(0.05)
        self.studio.language.use("en")
        self.host.close()
        sys.excepthook, threading.excepthook = self._old_hooks


def studio_threads() -> list[threading.Thread]:
    return [one for one in threading.enumerate() if one.name == "llamavis-studio"]


def rss_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGESIZE") / 1e6


def held(seen: dict[str, float]) -> float:
    """Memory without the thumbnails, which are kept on purpose, up to 60 MiB."""
    return seen["rss_mb"] - seen["thumbnails_mb"]


def slope(xs: list[float], ys: list[float]) -> float:
    """By least squares: how much y grows with each x."""
    if len(set(xs)) < 2:
        return 0.0
    return statistics.linear_regression(xs, ys).slope


def work(
    home: Path, minutes: float, edits: int, on_look: Callable[[dict[str, float]], None]
) -> dict[str, Any]:
    """The day, and what there is to tell of it."""
    day, began = Day(home), time.monotonic()
    try:
        while (passed := time.monotonic() - began) < minutes * 60 and day.edits < edits:
            day.round()
            on_look(day.look(passed))
    finally:
        day.close()
    whole = day.seen[-1]["at_s"]
    later = [one for one in day.seen if one["at_s"] >= FIRST_PART * whole] or day.seen[-1:]
    quarter = max(1, len(later) // 4)
    first, last = (
        statistics.median(held(one) for one in part) for part in (later[:quarter], later[-quarter:])
    )
    growth = 100 * (last / first - 1)
    per_edit = slope([one["edits"] for one in later], [held(one) for one in later])
    ends = {name: [later[0][name], later[-1][name]] for name in ("files", "threads")}
    return {
        "minutes": round((time.monotonic() - began) / 60, 2),
        "rounds": day.rounds,
        "edits": day.edits,
        "rss_mb": [later[0]["rss_mb"], later[-1]["rss_mb"]],
        "held_mb": [round(first, 1), round(last, 1)],
        "growth_percent": round(growth, 2),
        "mb_per_1000_edits": round(1000 * per_edit, 2),
        **ends,
        "wal_mb": round(day.wal_mb, 2),
        "raised": day.raised,
        "met": {
            "memory": growth <= GROWTH_PERCENT,
            "files": ends["files"][1] <= ends["files"][0] + 2,
            "threads": ends["threads"][1] <= ends["threads"][0] + 2,
            "wal": day.wal_mb <= WAL_MB,
            "raised": not day.raised,
        },
    }


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks soak")
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--edits", type=int, default=50_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    os.environ.update(ENVIRONMENT, QT_QPA_PLATFORM="offscreen")
    with tempfile.TemporaryDirectory() as place:
        for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
            os.environ[name] = place
        quiet = options.json

        def tell(found: dict[str, float]) -> None:
            if not quiet:
                print("  ".join(f"{name} {value}" for name, value in found.items()), flush=True)

        result = work(Path(place).resolve(), options.minutes, options.edits, tell)
    print(json.dumps(result, indent=None if quiet else 1))
    return 0 if all(result["met"].values()) else 1


if __name__ == "__main__":
    sys.exit(main())
