"""Telling that drawing is done: only to somebody who is elsewhere, and only what is worth it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QEvent, QObject, QSettings, QTranslator, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QMainWindow, QSystemTrayIcon

from llamavis_studio.app import notifications
from llamavis_studio.app.notifications import LEAST_S, SETTING, Notifications
from llamavis_studio.core.events import AssetBuilt, AssetFailed, BuildFinished, BuildStarted
from llamavis_studio.core.resources import resource_path

TITLE = "Dungeon — LlamaVis Studio"


class Window(QMainWindow):
    def __init__(self, store: QSettings) -> None:
        super().__init__()
        self.store = store
        self.project = SimpleNamespace(name="Dungeon")
        self.setWindowTitle(TITLE)


class Tray(QObject):
    """A tray that writes down what it is to show, while it is there."""

    messageClicked = Signal()  # noqa: N815 - Qt's name

    def __init__(self) -> None:
        super().__init__()
        self.told: list[tuple[str, str]] = []
        self.is_there = False

    def setIcon(self, icon: QIcon) -> None:  # noqa: N802
        assert not icon.isNull()

    def show(self) -> None:
        self.is_there = True

    def hide(self) -> None:
        self.is_there = False

    def showMessage(self, title: str, words: str, icon: QIcon, _ms: int) -> None:  # noqa: N802
        assert self.is_there and not icon.isNull()
        self.told.append((title, words))


class Desk:
    def __init__(self, window: Window, tray: Tray | None) -> None:
        self.window, self.tray = window, tray
        self.shown: list[str] = []
        self.alerts = 0
        self.teller = Notifications(window, self.shown.append, lambda: tray)  # type: ignore[arg-type]

    def draw(self, seconds: float = 60.0, built: int = 2, failed: int = 0, **more: bool) -> None:
        self.teller.take(BuildStarted(built + failed))
        for number in range(built):
            self.teller.take(AssetBuilt("a.desc.toml", (f"{number}.png",)))
        for number in range(failed):
            self.teller.take(AssetFailed("f.desc.toml", 1, "no", "", f"failed{number}.png"))
        self.teller.take(BuildFinished(built, 0, failed, 0, 0, seconds=seconds, **more))


@pytest.fixture(autouse=True)
def english(app: QApplication) -> Iterator[None]:
    """Its plural forms come from a file."""
    translator = QTranslator()
    assert translator.load(str(resource_path("i18n", "studio_en.qm")))
    app.installTranslator(translator)
    yield
    app.removeTranslator(translator)


@pytest.fixture
def window(app: QApplication, tmp_path: Path) -> Iterator[Window]:
    made = Window(QSettings(str(tmp_path / "session.ini"), QSettings.Format.IniFormat))
    yield made
    made.close()


@pytest.fixture
def tray(app: QApplication) -> Tray:
    return Tray()


@pytest.fixture
def desk(window: Window, tray: Tray) -> Desk:
    return Desk(window, tray)


def test_the_end_is_told_to_somebody_who_is_elsewhere(desk: Desk) -> None:
    assert desk.tray is not None
    desk.draw(built=3)
    desk.draw(built=1, failed=2)
    desk.draw(built=0, failed=1)
    assert desk.tray.told == [
        ("Dungeon", "3 images drawn"),
        ("Dungeon", "1 image drawn, 2 could not be drawn"),
        ("Dungeon", "1 could not be drawn"),
    ]
    assert desk.window.windowTitle() == TITLE


def test_nothing_is_told_that_is_not_worth_it(desk: Desk) -> None:
    assert desk.tray is not None
    desk.draw(seconds=LEAST_S - 0.1)
    desk.draw(cancelled=True)
    desk.draw(built=0)
    desk.window.store.setValue(SETTING, False)
    desk.draw()
    assert desk.tray.told == []
    desk.window.store.setValue(SETTING, True)
    desk.draw()
    assert len(desk.tray.told) == 1


def test_nothing_is_told_while_the_window_is_looked_at(app: QApplication, desk: Desk) -> None:
    assert desk.tray is not None
    desk.window.show()
    desk.window.activateWindow()
    app.processEvents()
    assert QApplication.activeWindow() is desk.window
    desk.draw()
    assert desk.tray.told == []
    desk.window.showMinimized()
    desk.draw()
    assert len(desk.tray.told) == 1


def test_a_click_brings_the_window_and_the_image(app: QApplication, desk: Desk) -> None:
    assert desk.tray is not None
    desk.window.showMinimized()
    desk.draw(built=2)
    desk.tray.messageClicked.emit()
    app.processEvents()
    assert desk.shown == ["1.png"]
    assert not desk.tray.is_there
    assert desk.window.isVisible() and not desk.window.isMinimized()
    desk.window.showMinimized()
    desk.draw(built=0, failed=2)
    desk.tray.messageClicked.emit()
    assert desk.shown == ["1.png", "failed0.png"]


def test_without_a_tray_the_task_bar_calls_and_the_title_is_marked_until_one_is_back(
    app: QApplication, window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[object] = []
    monkeypatch.setattr(notifications.QApplication, "alert", called.append)
    desk = Desk(window, None)
    desk.draw(built=3)
    assert called == [window]
    assert window.windowTitle() == f"● 3 images drawn — {TITLE}"
    desk.draw(built=0, failed=1)
    assert window.windowTitle() == f"● 1 could not be drawn — {TITLE}"
    QApplication.sendEvent(window, QEvent(QEvent.Type.WindowActivate))
    assert window.windowTitle() == TITLE


def test_this_machine_s_own_tray_is_asked_for_where_there_is_one(app: QApplication) -> None:
    made = notifications._tray()
    can = QSystemTrayIcon.isSystemTrayAvailable() and QSystemTrayIcon.supportsMessages()
    assert (made is not None) == can
