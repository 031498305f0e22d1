"""A real window over a real studio with the instant backend, and somebody at it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication, QWidget

from llamavis_studio.app.main_window import MainWindow
from llamavis_studio.app.studio_thread import wait_for_ends
from llamavis_studio.backends.host import InProcessHost
from llamavis_studio.studio import Studio

WAIT_S = 20.0
Widget = TypeVar("Widget", bound=QWidget)


class ProjectHands:
    """A window and somebody who opens projects and waits for what comes of it."""

    def __init__(self, app: QApplication, window: MainWindow) -> None:
        self.app, self.window = app, window

    def wait(self, until: Callable[[], object], what: str = "it") -> None:
        end = time.monotonic() + WAIT_S
        while not until():
            self.app.processEvents()
            time.sleep(0.005)
            assert time.monotonic() < end, f"{what} did not happen"

    def open(self, game: Path) -> None:
        """Open a project and wait until all of it is drawn."""
        self.window.open_project(game)
        self.wait(lambda: self.window.project is not None, "opening")
        self.wait(lambda: self.window.plan is not None and self.window.plan.is_fresh, "drawing")
        self.wait(lambda: self.window.output, "a first image")

    def state(self, output: str) -> str:
        planned = self.window.tree.planned_for(output)
        return "" if planned is None else planned.state.value

    def dialog(self, kind: type[Widget]) -> Widget:
        """The dialog of this kind that is open, as soon as it is."""
        self.wait(lambda: any(one.isVisible() for one in self.window.findChildren(kind)), "asking")
        return next(one for one in self.window.findChildren(kind) if one.isVisible())


@contextlib.contextmanager
def project_window(app: QApplication, folder: Path) -> Iterator[ProjectHands]:
    """A window whose session is kept in `folder`; closed in the end."""
    host = InProcessHost()
    store = QSettings(str(folder / "session.ini"), QSettings.Format.IniFormat)
    window = MainWindow(store, lambda root: Studio.open(root, host=host))
    window.show()
    try:
        yield ProjectHands(app, window)
    finally:
        window.close()
        assert wait_for_ends(WAIT_S)
        app.processEvents()
        window.deleteLater()
        app.processEvents()
        host.close()
