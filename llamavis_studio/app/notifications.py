"""Telling that drawing is done, to somebody who has gone to another window.

BuildStarted, AssetBuilt ... BuildFinished -> nobody looks, and it took a while -> the system's
notification where there is one, else the task bar's call and a mark in the window's title
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QSystemTrayIcon

from llamavis_studio.app.theme import LIGHT, icon
from llamavis_studio.core.events import AssetBuilt, AssetFailed, BuildFinished, BuildStarted, Event

if TYPE_CHECKING:
    from llamavis_studio.app.main_window import MainWindow

SETTING = "tell_when_done"
LEAST_S = 8.0
"""Whoever waits for less than this has not gone away."""
SHOWN_MS = 10_000
_MARK = "● "


class Notifications(QObject):
    """Tells one window's builds. `show_image` is called with the image to look at, when the
    message is clicked.
    """

    def __init__(
        self,
        window: MainWindow,
        show_image: Callable[[str], None],
        make_tray: Callable[[], QSystemTrayIcon | None] | None = None,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._show_image = show_image
        self._make_tray = make_tray or _tray
        self._tray: QSystemTrayIcon | None = None
        self._last = ""
        self._hide = QTimer(self)
        self._hide.setSingleShot(True)
        self._hide.setInterval(6 * SHOWN_MS)
        self._hide.timeout.connect(self._put_away)
        window.installEventFilter(self)

    @property
    def is_on(self) -> bool:
        """Whether anything is told."""
        return bool(self._window.store.value(SETTING, True, bool))

    def take(self, event: Event) -> None:
        """Note what happened; tell the end of a build that took a while."""
        match event:
            case BuildStarted():
                self._last = ""
            case AssetBuilt(outputs=outputs) if outputs:
                self._last = outputs[0]
            case AssetFailed(output=output) if output and not self._last:
                self._last = output
            case BuildFinished(cancelled=False) if event.built or event.failed:
                if self.is_on and event.seconds >= LEAST_S and not is_looked_at(self._window):
                    self._tell(event)
            case _:
                return

    def clear(self) -> None:
        """The project was closed."""
        self._last = ""
        self._put_away()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.WindowActivate:
            self._put_away()
        return super().eventFilter(watched, event)

    def words(self, event: BuildFinished) -> str:
        """What came of a build, in one sentence."""
        parts = []
        if event.built:
            parts.append(self.tr("%n image(s) drawn", "", event.built))
        if event.failed:
            parts.append(self.tr("%n could not be drawn", "", event.failed))
        return ", ".join(parts)

    def _tell(self, event: BuildFinished) -> None:
        project = self._window.project
        title = "LlamaVis Studio" if project is None else project.name
        if self._tray is None:
            self._tray = self._make_tray()
            if self._tray is not None:
                self._tray.messageClicked.connect(self._come_back)
        if self._tray is None:
            QApplication.alert(self._window)
            self._mark(f"{self.words(event)} — ")
            return
        self._tray.setIcon(icon("logo", LIGHT, "accent"))
        self._tray.show()  # a message needs one to come from
        self._tray.showMessage(title, self.words(event), icon("logo", LIGHT, "accent"), SHOWN_MS)
        self._hide.start()

    def _come_back(self) -> None:
        window = self._window
        window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
        window.show()
        window.raise_()
        window.activateWindow()
        if self._last:
            self._show_image(self._last)
        self._put_away()

    def _put_away(self) -> None:
        self._hide.stop()
        if self._tray is not None:
            self._tray.hide()
        self._mark("")

    def _mark(self, words: str) -> None:
        title = self._window.windowTitle()
        if title.startswith(_MARK):
            title = title.removeprefix(_MARK).partition(" — ")[2]
        self._window.setWindowTitle(f"{_MARK}{words}{title}" if words else title)


def is_looked_at(window: MainWindow) -> bool:
    """Whether the user is in this program now."""
    return QApplication.activeWindow() is not None and not window.isMinimized()


def _tray() -> QSystemTrayIcon | None:
    if QSystemTrayIcon.isSystemTrayAvailable() and QSystemTrayIcon.supportsMessages():
        return QSystemTrayIcon()
    return None
