"""Starting the desktop studio.

one window for all: a second start hands its project to the first and ends
-> QApplication, look, language -> asyncio's loop is Qt's (qasync) -> the window -> its end
"""

from __future__ import annotations

import asyncio
import gc
import getpass
import logging
import os
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path
from threading import Thread
from types import TracebackType

from PySide6.QtCore import QCoreApplication, QSettings, Qt, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtNetwork import QLocalServer, QLocalSocket
from PySide6.QtWidgets import QApplication, QMessageBox
from qasync import QEventLoop

from llamavis_studio import __version__
from llamavis_studio.app.commands import LOG_FILE
from llamavis_studio.app.engine_service import EngineService
from llamavis_studio.app.interrupts import Interrupts
from llamavis_studio.app.language import Language
from llamavis_studio.app.main_window import MainWindow
from llamavis_studio.app.sentences import sentence
from llamavis_studio.app.studio_thread import wait_for_ends
from llamavis_studio.app.theme import LIGHT, apply, icon, look_of
from llamavis_studio.core.errors import LlamaVisError
from llamavis_studio.core.settings import layered, state_folder
from llamavis_studio.core.settings_mending import change_setting, readable_settings

_HANDOVER_MS = 500
_END_S = 8.0
COLLECT_AFTER = (5_000, 20, 200)
"""For Python's collector of circles (`gc.set_threshold`)."""
log = logging.getLogger("llamavis.app")


def run(project: Path | None = None) -> int:
    """Open the window, with a project or the welcome page; the exit status when it closes."""
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    app.setApplicationName("LlamaVis Studio")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("llamavis-studio")
    server = _only_one(project)
    if server is None:
        return 0
    _log_to_file()
    studio = DesktopStudio(app)
    server.newConnection.connect(lambda: studio.take_over(server))
    sys.excepthook = studio.tell_bug
    # A full look through the objects of a large library takes a tenth of a second, which is seen;
    # nearly all of them go without it.
    gc.set_threshold(*COLLECT_AFTER)
    loop = QEventLoop(app)
    asyncio.set_event_loop(loop)
    studio.window.closed.connect(loop.stop)
    studio.window.show()
    if project is not None:
        studio.window.open_project(project)
    else:
        # While the welcome page is read; the first paint comes before it.
        QTimer.singleShot(0, lambda: Thread(target=_prepare_panels, daemon=True).start())
    interrupts = Interrupts(studio.window.close)
    with loop:
        loop.run_forever()
        studio.window.close()  # when the desktop's session ended the loop, not the window
    interrupts.close()
    wait_for_ends(_END_S)
    return 0


class DesktopStudio:
    """The window, dressed and speaking as the user wants."""

    def __init__(self, app: QApplication, store: QSettings | None = None) -> None:
        self.app = app
        self.language = Language()
        self.complaint = ""
        values, damage = readable_settings()  # a damaged file stays until a setting is changed
        settings = layered(values)
        if damage is not None:
            self.complaint = sentence(damage)
        self._theme = settings.theme
        self.language.use(settings.language)
        self.window = MainWindow(
            store or QSettings("LlamaVis", "Studio"), look=look_of(self._theme, app)
        )
        app.setWindowIcon(QIcon(icon("logo", LIGHT, "accent")))
        self.dress()
        self._mark_language()
        app.styleHints().colorSchemeChanged.connect(lambda _scheme: self.dress())
        self.window.look_asked.connect(self.use_look)
        self.window.language_asked.connect(self.use_language)
        self.window.setting_asked.connect(self.use_setting)
        self.engines = EngineService(self.window)
        self.engines.told.connect(self.window.statusBar().showMessage)
        self.window.project_changed.connect(self.serve_engines)
        if self.complaint:
            self.window.statusBar().showMessage(self.complaint, 20000)

    def dress(self) -> None:
        """Apply the look of the setting, or of the system."""
        look = look_of(self._theme, self.app)
        apply(self.app, look)
        self.window.set_look(look)
        chosen = "system_look" if self._theme == "system" else self._theme
        self.window.actions_.mark(("light", "dark", "system_look"), chosen)

    def use_look(self, name: str) -> None:
        """Another look, now and the next time."""
        self._theme = name  # type: ignore[assignment]
        self.dress()
        self._keep("theme", name)

    def use_language(self, name: str) -> None:
        """Another language, now and the next time."""
        self.language.use(name)
        self._mark_language()
        self._keep("language", name)

    def _mark_language(self) -> None:
        chosen = {"en": "english", "zh": "chinese"}[self.language.name]
        self.window.actions_.mark(("english", "chinese"), chosen)

    def use_setting(self, key: str, value: object) -> None:
        """One of the settings, now where it can be felt at once, and the next time."""
        if key == "theme":
            self.use_look(str(value))
        elif key == "language":
            self.use_language(str(value))
        else:
            self._keep(key, value)

    def _keep(self, key: str, value: object) -> None:
        try:
            aside = change_setting(key, value)
        except LlamaVisError as error:
            self.window.statusBar().showMessage(sentence(error), 15000)
            return
        if aside is not None:
            told = QCoreApplication.translate(
                "Main", "Your old settings file could not be read; it is kept as {0}"
            )
            self.window.statusBar().showMessage(told.format(aside.name), 15000)

    def serve_engines(self) -> None:
        """Let the plugins of engines ask the studio of the project that is open now."""
        thread, project = self.window.thread_, self.window.project
        if thread is None or project is None:
            self.engines.close()
        else:
            self.engines.start(project, thread.driver)

    def take_over(self, server: QLocalServer) -> None:
        """A second start says which project it was about."""
        socket = server.nextPendingConnection()
        socket.waitForReadyRead(_HANDOVER_MS)
        name = bytes(socket.readAll().data()).decode("utf-8", "surrogateescape")
        socket.deleteLater()
        self.window.setWindowState(self.window.windowState() & ~Qt.WindowState.WindowMinimized)
        self.window.raise_()
        self.window.activateWindow()
        if name:
            self.window.open_project(Path(name))

    def tell_bug(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        """What nobody expected: written down, told once, and the window lives on."""
        if issubclass(kind, KeyboardInterrupt):
            self.window.close()
            return
        log.error("unexpected", exc_info=(kind, error, trace))
        box = QMessageBox(self.window)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setIcon(QMessageBox.Icon.Warning)
        box.setWindowTitle(QCoreApplication.translate("Main", "Something went wrong"))
        box.setText(
            QCoreApplication.translate(
                "Main", "This should not have happened; your files are as they were."
            )
        )
        box.setInformativeText(f"{error}\n{log_file()}")
        box.open()


def _prepare_panels() -> None:
    """Import what an opened project will need, beside the window."""
    import llamavis_studio.app.library_bridge
    import llamavis_studio.app.model_dialogs
    import llamavis_studio.app.panels
    import llamavis_studio.app.shown  # noqa: F401


def log_file() -> Path:
    """Where the window writes what went wrong."""
    return state_folder() / LOG_FILE


def _log_to_file() -> None:
    try:
        log_file().parent.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(log_file(), maxBytes=1 << 20, backupCount=2, encoding="utf-8")
    except OSError:
        return  # it is told on the screen all the same
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.getLogger().addHandler(handler)


def _only_one(project: Path | None) -> QLocalServer | None:
    """The place where second starts ring; None when a window is open already and was told."""
    name = f"llamavis-studio-{getpass.getuser()}"
    socket = QLocalSocket()
    socket.connectToServer(name)
    if socket.waitForConnected(_HANDOVER_MS):
        words = "" if project is None else os.path.realpath(project)
        socket.write(words.encode("utf-8", "surrogateescape"))
        socket.waitForBytesWritten(_HANDOVER_MS)
        socket.disconnectFromServer()
        return None
    QLocalServer.removeServer(name)  # left by one that crashed
    server = QLocalServer()
    server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
    server.listen(name)
    return server
