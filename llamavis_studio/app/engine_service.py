"""The service for engine plugins, beside the window: the same studio, asked over HTTP.

Only where no other service has the project. It lives in a thread of its own, with a loop of its
own, so that no request takes a turn of the window's.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from llamavis_studio.app.sentences import told
from llamavis_studio.core.errors import LlamaVisError

if TYPE_CHECKING:
    from llamavis_studio.core.project import Project
    from llamavis_studio.server.service_file import Claim
    from llamavis_studio.studio_driver import StudioDriver

log = logging.getLogger("llamavis.app")


class EngineService(QObject):
    """Serves one project at a time; emits `told` with words for the status bar."""

    told = Signal(str)
    _trouble = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._trouble.connect(self.told, Qt.ConnectionType.QueuedConnection)

    def start(self, project: Project, driver: StudioDriver) -> None:
        """Serve an open project, unless somebody does already."""
        self.close()
        self._thread = threading.Thread(
            target=self._run, args=(project, driver), name="llamavis-service", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """End the service; its thread ends by itself."""
        loop, stop = self._loop, self._stop
        self._thread = self._loop = self._stop = None
        if loop is not None and stop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(stop.set)

    def _run(self, project: Project, driver: StudioDriver) -> None:
        # Imported here: the window does not wait for an HTTP library.
        from llamavis_studio.server.service_file import Claim

        try:
            claim = Claim(project.make_state_dir())
            if not claim.take():
                return
            try:
                asyncio.run(self._serve(project, claim, driver))
            finally:
                claim.release()
        except LlamaVisError as error:
            self._trouble.emit(told(error.message, error.hint))
        except Exception:
            log.exception("the service for engines ended")

    async def _serve(self, project: Project, claim: Claim, driver: StudioDriver) -> None:
        from llamavis_studio.server.service import serve

        stop = asyncio.Event()
        if threading.current_thread() is not self._thread:
            return  # the project was closed meanwhile
        self._loop, self._stop = asyncio.get_running_loop(), stop
        await serve(project, claim, driver, lambda _told: None, stop)
