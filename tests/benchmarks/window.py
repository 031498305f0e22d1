"""How fast the window starts, how long it ever stands still, how it scrolls, what it holds.

    python -m tests.benchmarks window [--seconds 60] [--items 100000] [--loops 60] [--json]

Every part runs in a fresh process without a screen. Controls stand beside it in the same run: the
bare window's start, in pairs with ours, and a bare window with the same probe while ours draws.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import shutil
import statistics
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from subprocess import PIPE, Popen
from types import SimpleNamespace
from typing import Any

from PySide6.QtCore import QEvent, QObject, QSettings, Qt, QTimer
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication, QMainWindow

from llamavis_studio.app.gallery import Gallery
from llamavis_studio.app.library_bridge import PAGE, LibraryBridge
from llamavis_studio.app.main import COLLECT_AFTER, DesktopStudio
from llamavis_studio.app.main_window import MainWindow
from llamavis_studio.app.theme import DARK, apply
from llamavis_studio.backends.host import InProcessHost
from llamavis_studio.core.events import BuildFinished
from llamavis_studio.studio import Studio
from tests.benchmarks._protocol import PAIRS, machine, percentile
from tests.support.instant_backend import ENVIRONMENT
from tests.support.studios import small_game

ROOT = Path(__file__).resolve().parents[2]
OWN = Path(os.environ.get("XDG_STATE_HOME", ROOT))  # of a part: a new folder
PROBE_MS, FRAME_MS, STALL_MS, EDGES_MS = 2, 16, 40, (0, 1, 2, 4, 8, 16, 33, 60)
BARE_TIMES, START_S, P99_MS, MAX_MS, SCROLL_MS, RSS_MB, GROWTH = 1.3, 0.6, 16, 60, 16, 250, 5
# Ends when a window is seen and the event loop has come round once more.
SEEN = """
import os, sys, time
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMainWindow
app, turns, timer = QApplication([]), [], QTimer()
def turn():
    windows = [one for one in app.topLevelWidgets() if isinstance(one, QMainWindow)]
    turns.extend(one for one in windows if one.windowHandle() and one.windowHandle().isExposed())
    if len(turns) > 1:
        print(time.monotonic(), flush=True); os._exit(0)
timer.timeout.connect(turn); timer.start(0)
"""
OURS = "from llamavis_studio.cli import main; sys.argv = ['llamavis', 'studio']; main()"
BARE = "window = QMainWindow(); window.show(); app.exec()"


class Probe:
    """Gaps between turns of the event loop, beyond the timer's period, and who stood in the way."""

    def __init__(self, parent: QObject) -> None:
        self.gaps_ms: list[float] = []
        self.stacks: dict[str, list[str]] = {}
        self.last = time.perf_counter()
        timer = QTimer(parent, timerType=Qt.TimerType.PreciseTimer)
        timer.timeout.connect(self._tick)
        timer.start(PROBE_MS)
        threading.Thread(target=self._guard, daemon=True).start()

    def _tick(self) -> None:
        now = time.perf_counter()
        self.gaps_ms.append(max(0.0, (now - self.last) * 1000 - PROBE_MS))
        self.last = now

    def _guard(self) -> None:
        """What each thread is at when the loop has not come round for some time."""
        while True:
            time.sleep(0.005)
            if (time.perf_counter() - self.last) * 1000 > STALL_MS:
                stacks = [
                    traceback.extract_stack(one)[-4:] for one in sys._current_frames().values()
                ]
                told = [" > ".join(f"{Path(at.filename).name}:{at.lineno}" for at in one)
                        for one in stacks if "threading" not in one[-1].filename]  # fmt: skip
                self.stacks.setdefault(f"turn {len(self.gaps_ms)}", told)

    def told(self) -> dict[str, Any]:
        gaps = self.gaps_ms
        counts = {f"over {edge} ms": sum(gap > edge for gap in gaps) for edge in EDGES_MS}
        worst = {f"turn {i}": gaps[i] for i in sorted(range(len(gaps)), key=gaps.__getitem__)[-6:]}
        return summary(gaps) | {"histogram": counts, "worst": worst, "stacks": self.stacks}


def summary(times: list[float]) -> dict[str, Any]:
    named = {f"p{percent}_ms": round(percentile(times, percent), 2) for percent in (50, 95, 99)}
    return {**named, "max_ms": round(max(times), 1), "count": len(times)}


def rss_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return round(pages * os.sysconf("SC_PAGESIZE") / 1e6, 1)


def wait(app: QApplication, until: Callable[[], object], seconds: float = 180) -> None:
    end = time.monotonic() + seconds
    while not until():
        app.processEvents()
        app.sendPostedEvents(None, int(QEvent.Type.DeferredDelete.value))  # as only exec() does
        time.sleep(0.002)
        assert time.monotonic() < end, "the window did not get there"


def is_drawn(window: MainWindow) -> bool:
    return {one.state.value for one in window.tree.rows.planned.values()} == {"fresh"}


def watched(app: QApplication, window: QObject, options: argparse.Namespace) -> dict[str, Any]:
    probe = Probe(window)
    QTimer.singleShot(options.seconds * 1000, lambda: app.exit())
    app.exec()
    return probe.told() | {"rss_mb": rss_mb()}


def bare(app: QApplication, options: argparse.Namespace) -> dict[str, Any]:
    window = QMainWindow()
    window.show()
    return watched(app, window, options)


def drawing(app: QApplication, options: argparse.Namespace) -> dict[str, Any]:
    """Stalls and memory of the window while the shipped model draws the example again and again."""
    root = Path(shutil.copytree(ROOT / "resources" / "example_project", OWN / "game"))
    window = DesktopStudio(app, QSettings("L", "Measured")).window
    window.show()
    window.open_project(root)
    wait(app, lambda: is_drawn(window) and window.gallery.model.rowCount())
    found: dict[str, Any] = {"rss_open_mb": rss_mb(), "rounds": 0}
    window.tree.choose("characters/knight.png")
    thread, bar = window.thread_, window.gallery.view.verticalScrollBar()
    assert thread is not None

    def redraw(event: object = None) -> None:
        if event is None or isinstance(event, BuildFinished):
            found["rounds"] += 1
            thread.ask(lambda studio: studio.request_build(None, force=True))

    thread.news.connect(redraw)
    scrolls = QTimer(window)
    scrolls.timeout.connect(lambda: bar.setValue((bar.value() + 7) % (bar.maximum() + 1)))
    scrolls.start(FRAME_MS)
    redraw()
    found |= watched(app, window, options)
    window.close()
    return found | {"torch_in_window": "torch" in sys.modules}


def scrolling(app: QApplication, options: argparse.Namespace) -> dict[str, Any]:
    """From the first to the last of many items, a view's height a step; then back by the wheel."""
    apply(app, DARK)
    gallery = Gallery(DARK)
    model, view, bar = gallery.model, gallery.view, gallery.view.verticalScrollBar()
    as_made = QImage.Format.Format_ARGB32_Premultiplied  # as the bridge hands them over
    images = [QImage(128, 128, as_made) for _ in range(64)]
    for at, image in enumerate(images):
        image.fill(QColor.fromHsv(at * 5, 200, 200, 255 if at % 2 else 160))
    same = {"kind": "sprite", "width": 32, "height": 32, "frames": 1, "caption": "a red knight",
            "caption_origin": "model", "confidence": 0.9, "in_domain": True, "tags": ("red",),
            "state": "stale", "problem": "", "missing": False, "score": 0.0}  # fmt: skip
    items: list[Any] = [SimpleNamespace(id=i, file=f"art/{i:06}.png", path=Path(f"/art/{i:06}.png"),
                        digest=i.to_bytes(32, "big"), **same)
                        for i in range(options.items)]  # fmt: skip

    def answer(ticket: int, _query: str, _order: str, after: int | None) -> None:
        end = (after or 0) + PAGE
        page, more = items[after or 0 : end], end if end < len(items) else None
        QTimer.singleShot(0, lambda: gallery.show_page(ticket, page, more))

    def frames(step: int, most: int) -> dict[str, Any]:
        """Two a step: what comes into sight; then what comes by itself, thumbnails and pages. Also
        in time of the process alone, which others at work on the machine do not make longer.
        """
        times, own, before = list[float](), list[float](), (-1, 0)
        while len(times) < most and ((bar.value(), model.rowCount()) != before or model.has_more):
            before = (bar.value(), model.rowCount())
            stamps, spent = [time.perf_counter()], [time.process_time()]
            bar.setValue(before[0] + step)
            view.viewport().repaint()
            for half in (app.processEvents, lambda: None):
                stamps.append(time.perf_counter())
                spent.append(time.process_time())
                half()
            times += [(stamps[at + 1] - stamps[at]) * 1000 for at in (0, 1)]
            own += [(spent[at + 1] - spent[at]) * 1000 for at in (0, 1)]
        both = {"own_p50_ms": percentile(own, 50), "own_p95_ms": percentile(own, 95)}
        return summary(times) | {name: round(one, 2) for name, one in both.items()}

    model.wanted.connect(answer)
    later = Qt.ConnectionType.QueuedConnection
    model.thumbnail_wanted.connect(
        lambda i: model.set_thumbnail(i.digest, images[i.id % 64]), later
    )
    gallery.resize(1400, 900)
    gallery.show()
    began = time.perf_counter()
    gallery.refresh()
    wait(app, lambda: model.rowCount() > 0)
    view.viewport().repaint()
    found: dict[str, Any] = {"first_paint_ms": round((time.perf_counter() - began) * 1000, 1)}
    found |= {"end_to_end": frames(view.viewport().height(), 1 << 20)}
    return found | {"wheel_back": frames(-3 * bar.singleStep(), 2000), "rss_mb": rss_mb()}


def flat(app: QApplication, options: argparse.Namespace) -> dict[str, Any]:
    """Open, edit, wait for the picture, search, close: again and again in one window."""
    host, root = InProcessHost(), small_game(OWN / "game")
    window = MainWindow(QSettings("L", "Measured"), lambda at: Studio.open(at, host=host))
    window.furnish()
    window.show()
    gallery, hero, found, closing = window.gallery, root / "hero.png", dict[str, Any](), []
    for loop in range(1, options.loops + 1):
        window.open_project(root)
        wait(app, lambda: is_drawn(window) and window.project)
        window.tree.choose("hero.png")
        wait(app, lambda: window.editor.path == root / "hero.desc.toml")
        before = hero.stat().st_mtime_ns
        window.editor.text.selectAll()
        window.editor.text.insertPlainText(f'description = "brave red knight {loop}"\n')
        window.commands.do_save()
        wait(app, lambda: hero.stat().st_mtime_ns != before and is_drawn(window))  # noqa: B023
        for query, most in (("slime", 1), ("", 99)):
            gallery.search_for(query)
            wait(app, lambda: 0 < gallery.model.rowCount() <= most)  # noqa: B023
        began = time.perf_counter()
        window.close_project()
        closing.append((time.perf_counter() - began) * 1000)
        if loop in (10, options.loops):
            gc.collect()
            found[f"after_{loop}"] = {
                "rss_mb": rss_mb(), "threads": len(os.listdir("/proc/self/task")),
                "files": len(os.listdir("/proc/self/fd")), "objects": len(gc.get_objects()),
                "bridges": len(gallery.findChildren(LibraryBridge))}  # fmt: skip
    grown = found[f"after_{options.loops}"]["rss_mb"] / found["after_10"]["rss_mb"] - 1
    return {"growth_percent": round(100 * grown, 2), **found, "close": summary(closing)}


PARTS = {"bare": bare, "drawing": drawing, "scrolling": scrolling, "flat": flat}


def begin(place: str, *command: str) -> Popen[str]:
    """A process with settings and a state of its own, and a user whose window is not open."""
    own = tempfile.mkdtemp(dir=place)
    names = {"XDG_CONFIG_HOME": own, "XDG_STATE_HOME": own, "LOGNAME": own.replace("/", "-")}
    environment = os.environ | ENVIRONMENT | names | {"QT_QPA_PLATFORM": "offscreen"}
    return Popen([sys.executable, *command], env=environment, cwd=ROOT, stdout=PIPE, text=True)


def answer_of(process: Popen[str]) -> Any:
    return json.loads(process.communicate(timeout=1200)[0].splitlines()[-1])


def start_s(place: str, script: str) -> float:
    began = time.monotonic()
    return float(answer_of(begin(place, "-c", SEEN + script))) - began


def run(options: argparse.Namespace, place: str) -> dict[str, Any]:
    turns = [[start_s(place, one) for one in (OURS, BARE, BARE)] for _ in range(options.pairs + 1)]
    ours, empty, again = (statistics.median(one[1:]) for one in zip(*turns, strict=True))
    over = statistics.median(one[0] - BARE_TIMES * one[1] for one in turns[1:])  # 0 warms the disk
    found: dict[str, Any] = {"machine": machine()}
    found["start"] = {"over_s": over, "ours_s": ours, "bare_s": empty, "control": empty / again}
    words = [f"--{name}={getattr(options, name)}" for name in ("seconds", "items", "loops")]
    words = ["-m", "tests.benchmarks.window", *words, "--part"]
    for beside in (("drawing", "bare"), ("scrolling",), ("flat",)):
        both = {name: begin(place, *words, name) for name in beside}
        found |= {name: answer_of(process) for name, process in both.items()}
    drawn, scrolled, looped = found["drawing"], found["scrolling"], found["flat"]
    return found | {"machine_after": machine(), "met": {
        "start": over <= START_S, "p99": drawn["p99_ms"] <= P99_MS,
        "max": drawn["max_ms"] <= MAX_MS, "no_torch": not drawn["torch_in_window"],
        "scroll": scrolled["end_to_end"]["p95_ms"] < SCROLL_MS, "memory": drawn["rss_mb"] < RSS_MB,
        "flat": looped["growth_percent"] < GROWTH}}  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks window")
    for name, usual in (("seconds", 60), ("items", 100_000), ("loops", 60), ("pairs", PAIRS)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--part", choices=PARTS, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.part:
        gc.set_threshold(*COLLECT_AFTER)
        print(json.dumps(PARTS[options.part](QApplication([]), options)), flush=True)
        os._exit(0)  # how Qt takes a process down is not measured
    with tempfile.TemporaryDirectory() as folder:
        result = run(options, os.path.realpath(folder))
    print(json.dumps(result, indent=None if options.json else 1))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
