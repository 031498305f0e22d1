"""Long work with large models, beside the studio's thread: fetching, comparing, reading folders.

start(title, work) -> a thread: work(tell, should_stop) -> told -> `WorkBar`
                                        -> ended, in the window's thread
"Cancel", or the window closes -> should_stop() -> Cancelled; what was fetched stays, and is gone on
from
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QToolButton, QWidget

from llamavis_studio.app.theme import DARK, Look, icon
from llamavis_studio.core.errors import Cancelled

Tell = Callable[[int, int], None]
"""Told how many bytes of how many are done; 0 of 0 where nobody knows."""
Work = Callable[[Tell, Callable[[], bool]], Any]
_EVERY_S = 0.1
_CLOSE_S = 2.0
_PARTS = 1000  # of a progress bar: bytes of large models are no int of Qt


class ModelWork(QObject):
    """One piece of work at a time."""

    began = Signal(str)  # what is done
    told = Signal(float, float)  # bytes done, of all
    ended = Signal()
    _came = Signal(object, object)  # the answer, an error

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self._is_closed = False
        self.title = ""
        self._on_answer: Callable[[Any], None] = lambda _answer: None
        self._on_error: Callable[[Exception], None] = lambda _error: None
        self._came.connect(self._take, Qt.ConnectionType.QueuedConnection)

    @property
    def is_running(self) -> bool:
        """Whether something is done; nothing else can be begun meanwhile."""
        return self._thread is not None

    def start(
        self,
        title: str,
        work: Work,
        on_answer: Callable[[Any], None],
        on_error: Callable[[Exception], None],
    ) -> bool:
        """Begin; False while something else is done. What is cancelled answers nothing."""
        if self._thread is not None or self._is_closed:
            return False
        self.title, self._on_answer, self._on_error = title, on_answer, on_error
        self._stop = stop = threading.Event()
        told_at = 0.0

        def tell(done: int, total: int) -> None:
            nonlocal told_at
            now = time.monotonic()
            if now - told_at >= _EVERY_S or done >= total:
                told_at = now
                self._emit(self.told, float(done), float(total))

        def run() -> None:
            try:
                answer, error = work(tell, stop.is_set), None
            except Exception as caught:  # noqa: BLE001 - it is told where it was asked for
                answer, error = None, caught
            self._emit(self._came, answer, error)

        self._thread = threading.Thread(target=run, name="llamavis-models", daemon=True)
        self.began.emit(title)
        self._thread.start()
        return True

    def cancel(self) -> None:
        """Stop soon; what is done by then stays."""
        self._stop.set()

    def close(self) -> None:
        """The window goes: stop, and answer nobody any more."""
        self._is_closed = True
        self._stop.set()
        if self._thread is not None:
            self._thread.join(_CLOSE_S)
            self._thread = None

    def _emit(self, signal: Any, *values: Any) -> None:
        with contextlib.suppress(RuntimeError):  # Qt's half may be gone with the window
            signal.emit(*values)

    def _take(self, answer: Any, error: Exception | None) -> None:
        if self._is_closed or self._thread is None:
            return
        self._thread.join(_CLOSE_S)
        self._thread = None
        self.ended.emit()
        if error is None:
            self._on_answer(answer)
        elif not isinstance(error, Cancelled):
            self._on_error(error)


class WorkBar(QWidget):
    """How far the work is, and a way to stop it; there while something is done."""

    def __init__(self, work: ModelWork, look: Callable[[], Look] = lambda: DARK) -> None:
        super().__init__()
        self._work, self._look = work, look
        self._done = self._total = 0.0
        self.words, self.bar, self.cancel = QLabel(), QProgressBar(), QToolButton()
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(120)
        self.cancel.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.cancel.clicked.connect(work.cancel)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 4, 0)
        for part in (self.words, self.bar, self.cancel):
            layout.addWidget(part)
        work.began.connect(self._begin)
        work.told.connect(self._tell)
        work.ended.connect(self.hide)
        self.retranslate()
        self.hide()
        if work.is_running:
            self._begin(work.title)

    def _begin(self, _title: str) -> None:
        self._done = self._total = 0.0
        self.cancel.setIcon(icon("stop", self._look()))
        self._say()
        self.show()

    def _tell(self, done: float, total: float) -> None:
        self._done, self._total = done, total
        self._say()

    def _say(self) -> None:
        self.bar.setMaximum(_PARTS if self._total else 0)  # 0: it moves without an end
        self.bar.setValue(round(_PARTS * self._done / self._total) if self._total else 0)
        told = self._work.title
        if self._total:
            locale = self.locale()
            parts = [
                locale.formattedDataSize(round(size), 1, locale.DataSizeFormat.DataSizeSIFormat)
                for size in (self._done, self._total)
            ]
            told = f"{told}  ·  " + self.tr("{0} of {1}").format(*parts)
        self.words.setText(told)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        """The texts again, in the language of now."""
        self.cancel.setText(self.tr("Cancel"))
        self.cancel.setToolTip(self.tr("Stop; what has come stays, and is gone on from"))
        self.cancel.setAccessibleName(self.tr("Stop what is done with models"))
        self.bar.setAccessibleName(self.tr("How far it is"))
        self._say()
