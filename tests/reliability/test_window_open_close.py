"""R25: a window that is opened and closed again and again, at every moment; and its end at work."""

from __future__ import annotations

import gc
import random
import time
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QSettings
from PySide6.QtWidgets import QApplication

from llamavis_studio.app.main_window import MainWindow
from llamavis_studio.backends.host import InProcessHost
from llamavis_studio.studio import Studio
from tests.app.hands import life, settle, wait
from tests.app.leaks import Living
from tests.reliability.column import column, patient, told
from tests.reliability.window_driver import drive
from tests.reliability.window_hands import evil_lines
from tests.support.games import described
from tests.support.studios import small_game

pytestmark = patient
TIMES = column(50, 500)
EXIT_S = 2.0
GRACE = 6  # this many times slower a busy machine may be before a test fails


def moments(window: MainWindow, rng: random.Random) -> str:
    """Let the window get as far as chance wants; the name of that moment."""
    moment = rng.choice(("at once", "a moment later", "opened", "planned", "drawing", "searching"))
    if moment == "a moment later":
        life(rng.random() * 0.15)
    elif moment == "opened":
        wait(lambda: window.project is not None, "opening")
    elif moment in ("planned", "searching"):
        wait(lambda: window.plan is not None, "the plan")
    elif moment == "drawing":
        wait(lambda: window.queue.stop.isEnabled() or window.plan is not None, "drawing")
    if moment == "searching":
        for query in ("slime", "kind:", "a OR b", ""):
            window.gallery.search_for(query)
            life(rng.random() * 0.01)
    return moment


def test_opening_and_closing_at_every_moment(
    qapp: QApplication, qtlog: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLAMAVIS_TEST_STEP_MS", "3")
    rng, host = random.Random(25), InProcessHost()
    game, store = small_game(tmp_path / "game"), tmp_path / "session.ini"
    before, seen, slowest = Living.now(), set[str](), 0.0
    window: MainWindow | None = None
    for turn in range(TIMES):
        if window is None:
            window = MainWindow(
                QSettings(str(store), QSettings.Format.IniFormat),
                lambda root: Studio.open(root, host=host),
            )
            window.resize(1280, 800)
            window.show()
        # Something to draw each time.
        (game / "hero.desc.toml").write_text(described(f"brave red knight {turn}"), "utf-8")
        window.open_project(game)
        seen.add(moments(window, rng))
        began = time.monotonic()
        how = rng.choice(("project", "window", "window and collect", "open again"))
        if how == "project":
            window.close_project()
        elif how == "open again":
            window.open_project(game)
        else:
            window.close()
            window.deleteLater()
            window = None
            if how == "window and collect":
                gc.collect()
            qapp.sendPostedEvents(None, int(QEvent.Type.DeferredDelete.value))
        slowest = max(slowest, time.monotonic() - began)
    if window is not None:
        window.close()
        window.deleteLater()
        window = None
    settle()
    host.close()
    told("R25", times=TIMES, moments=len(seen), slowest_close_s=round(slowest, 2))
    assert len(seen) == 6
    assert evil_lines(one.message for one in qtlog.records) == []
    assert not before.left_behind(qapp)
    assert slowest < EXIT_S * GRACE


@pytest.mark.parametrize(
    ("way", "code"), [("close", 0), ("quit", 0), ("session", 0), ("SIGINT", 0), ("SIGTERM", 0)]
)
def test_the_end_comes_soon_with_a_job_running(tmp_path: Path, way: str, code: int) -> None:
    """A real process with a model process of its own, both in the middle of their work."""
    game = small_game(tmp_path / "game")
    for number in range(40):
        (game / f"many{number}.desc.toml").write_text(described(f"thing {number}"), "utf-8")
    ended = drive(tmp_path, game, way, step_ms=200)
    told("R25 end", way=way, seconds=round(ended.seconds, 2))
    assert ended.code == code, ended.err
    assert ended.was_drawing
    assert "Traceback" not in ended.err, ended.err
    assert evil_lines(ended.err.splitlines()) == []
    assert not ended.orphans
    assert ended.seconds < EXIT_S * GRACE
