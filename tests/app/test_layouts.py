"""Layouts of the window: those for a task, and those that a user saves."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication, QTabBar

from llamavis_studio.app.layouts_menu import MOST, LayoutsMenu
from llamavis_studio.app.main_window import MainWindow
from llamavis_studio.app.model_light import ModelLight
from llamavis_studio.app.studio_thread import wait_for_ends
from llamavis_studio.backends.host import InProcessHost
from llamavis_studio.studio import Studio
from tests.support.studios import small_game

DOCKS = {"tree", "editor", "queue", "history", "words", "gallery"}


def rest(app: QApplication, seconds: float = 0.25) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        app.processEvents()
        time.sleep(0.005)


@pytest.fixture
def window(app: QApplication, tmp_path: Path, instant_backend: None) -> Iterator[MainWindow]:
    host = InProcessHost()
    store = QSettings(str(tmp_path / "session.ini"), QSettings.Format.IniFormat)
    made = MainWindow(store, lambda root: Studio.open(root, host=host))
    made.resize(1280, 800)
    made.show()
    made.open_project(small_game(tmp_path / "game"))
    end = time.monotonic() + 20
    while made.project is None:
        rest(app, 0.02)
        assert time.monotonic() < end
    rest(app)
    yield made
    made.close()
    assert wait_for_ends(20)
    app.processEvents()
    made.deleteLater()
    app.processEvents()
    host.close()


def shown(window: MainWindow) -> set[str]:
    return {name for name, dock in window.layout_._docks.items() if not dock.isHidden()}


def width(window: MainWindow, name: str) -> int:
    return window.layout_._docks[name].width()


def test_each_task_shows_what_it_needs_and_the_window_keeps_its_size(
    app: QApplication, window: MainWindow
) -> None:
    assert shown(window) == DOCKS
    usual = width(window, "editor")
    for task, gone in (
        ("writing", {"gallery"}),
        ("pictures", {"editor"}),
        ("picture", DOCKS - {"tree"}),
        ("standard", set()),
    ):
        window.layout_.arrange_for(task)
        rest(app)
        assert shown(window) == DOCKS - gone, task
        assert (window.width(), window.height()) == (1280, 800), task
        if task == "writing":
            assert width(window, "editor") > 1.4 * usual
    assert abs(width(window, "editor") - usual) < 30
    bars = [bar for bar in window.findChildren(QTabBar) if bar.parent() is window]
    seen = [bar for bar in bars if bar.isVisible() and bar.geometry().left() >= 0]
    assert len(seen) == 1  # none of an older layout lies above it


def test_a_layout_is_saved_restored_and_forgotten(app: QApplication, window: MainWindow) -> None:
    menu = window.layout_.layouts
    window.layout_.arrange_for("writing")
    rest(app)
    before = width(window, "editor")
    menu.save("  my/own   layout ")
    assert menu.names() == ["my own layout"]
    window.layout_.arrange_for("picture")
    rest(app)
    menu.restore("my own layout")
    rest(app)
    assert shown(window) == DOCKS - {"gallery"} and abs(width(window, "editor") - before) < 5
    menu.fill()
    texts = [action.text() for action in menu.actions()]
    assert "my own layout" in texts and "Forget" in texts
    menu.forget("my own layout")
    assert menu.names() == []
    menu.restore("my own layout")  # gone meanwhile: nothing happens


def test_there_are_not_too_many(app: QApplication, tmp_path: Path) -> None:
    store = QSettings(str(tmp_path / "session.ini"), QSettings.Format.IniFormat)
    window = MainWindow(store)
    menu = LayoutsMenu(store, window.saveState, window)
    for number in range(MOST + 5):
        menu.save(f"layout {number}")
    menu.save("")
    assert len(menu.names()) == MOST
    window.deleteLater()


def test_a_panel_that_was_closed_stays_closed(app: QApplication, window: MainWindow) -> None:
    assert window.project is not None
    root = window.project.root
    window.layout_._docks["history"].close()
    window.close_project()
    rest(app)
    assert not shown(window)
    window.open_project(root)
    end = time.monotonic() + 20
    while window.project is None:
        rest(app, 0.02)
        assert time.monotonic() < end
    assert shown(window) == DOCKS - {"history"}


def test_the_status_bar_says_where_the_model_is(app: QApplication, window: MainWindow) -> None:
    light = window.statusBar().findChild(ModelLight)
    assert light is not None
    end = time.monotonic() + 20
    while "ready" not in light.text():
        rest(app, 0.05)
        assert time.monotonic() < end, light.text()
    window.close_project()
    light.look()
    assert light.text() == "" and light.isHidden()
