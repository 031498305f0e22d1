"""Short work that needs no project, beside the window: what `StudioThread` does for an open one.

ask(work) -> a thread: work() -> on_answer or on_error, in the window's thread
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal


class MachineThread(QObject):
    """One piece of work after the other; each thread ends with its work."""

    _came = Signal(object)  # a callable that hands over the answer

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._turn = threading.Lock()
        self._is_closed = False
        self._came.connect(self._take, Qt.ConnectionType.QueuedConnection)

    def ask(
        self,
        work: Callable[[], Any],
        on_answer: Callable[[Any], None],
        on_error: Callable[[Exception], None],
    ) -> None:
        """Have `work` done, and its answer brought to the window's thread."""

        def run() -> None:
            with self._turn:
                try:
                    answer = work()
                except Exception as error:  # noqa: BLE001 - it is told where it was asked for
                    news = partial(on_error, error)
                else:
                    news = partial(on_answer, answer)
            self._tell(news)

        threading.Thread(target=run, name="llamavis-machine", daemon=True).start()

    def close(self) -> None:
        """The window goes: answer nobody any more."""
        self._is_closed = True

    def _tell(self, news: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # Qt's half may be gone with the window
            self._came.emit(news)

    def _take(self, news: Callable[[], None]) -> None:
        if not self._is_closed:
            news()
