"""The service for engines beside the window: there with a project, gone with it, never twice."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from llamavis_studio.app.main import DesktopStudio
from llamavis_studio.app.studio_thread import wait_for_ends
from llamavis_studio.server.service_file import NAME, Claim
from tests.server.asking import Asker
from tests.support.games import described
from tests.support.studios import small_game

WAIT_S = 30.0


def wait(app: QApplication, until: Callable[[], object]) -> None:
    end = time.monotonic() + WAIT_S
    while not until():
        app.processEvents()
        time.sleep(0.005)
        assert time.monotonic() < end


@pytest.fixture
def studio(app: QApplication, tmp_path: Path, instant_backend: None) -> DesktopStudio:
    store = QSettings(str(tmp_path / "session.ini"), QSettings.Format.IniFormat)
    return DesktopStudio(app, store)


def end(app: QApplication, studio: DesktopStudio) -> None:
    studio.window.close()
    assert wait_for_ends(WAIT_S)
    app.styleHints().colorSchemeChanged.disconnect()
    studio.window.deleteLater()
    app.processEvents()


def test_it_serves_what_the_window_shows(
    app: QApplication, studio: DesktopStudio, tmp_path: Path
) -> None:
    game = small_game(tmp_path / "game")
    file = game / ".llamavis" / NAME
    studio.window.open_project(game)
    wait(app, file.exists)
    asker = Asker(game)
    wait(app, lambda: set(asker.call("GET", "/status")[1]["counts"]) == {"fresh"})
    cursor = asker.call("GET", "/events")[1]["cursor"]
    _, read = asker.call("GET", "/description?path=hero.desc.toml")
    wish = {"path": "hero.desc.toml", "text": described("a plum"), "revision": read["revision"]}
    assert asker.call("PUT", "/description", wish)[0] == 200

    def names() -> list[str]:
        page = asker.call("GET", f"/events?after={cursor}")[1]
        return [event["event"] for event in page["events"]]

    wait(app, lambda: "files_changed" in names())  # drawn by the window's own studio
    wait(app, lambda: "build_finished" in names())
    studio.window.close_project()
    wait(app, lambda: not file.exists())
    studio.window.open_project(game)
    wait(app, file.exists)
    end(app, studio)
    assert not file.exists()


def test_another_service_of_the_project_is_left_alone(
    app: QApplication, studio: DesktopStudio, tmp_path: Path
) -> None:
    game = small_game(tmp_path / "game")
    (game / ".llamavis").mkdir()
    claim = Claim(game / ".llamavis")
    assert claim.take()
    studio.window.open_project(game)
    wait(app, lambda: studio.window.project is not None)
    wait(app, lambda: studio.window.tree.first() != "")
    assert not (game / ".llamavis" / NAME).exists()
    claim.release()
    end(app, studio)
