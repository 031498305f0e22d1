"""Having the model describe many pictures: some at a time, so that drawing and searching go on.

`start` -> the studio's thread: describe(most=SOME, after=last) -> `_took` -> the next some ...
drawing begins -> it waits until the drawing is done; "Cancel" -> what is described by then stays
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QToolButton, QWidget

from llamavis_studio.app.studio_thread import StudioThread
from llamavis_studio.app.theme import DARK, Look, icon
from llamavis_studio.core.errors import Cancelled, LlamaVisError
from llamavis_studio.core.events import BuildFinished, BuildStarted, Event

if TYPE_CHECKING:
    from llamavis_studio.studio import Studio

SOME = 8
"""Pictures of one go at most: about half a second, which is how long a save may have to wait."""
_GO_S = 0.5


class DescribeBar(QWidget):
    """How far the describing is, in the window's status line."""

    cancel_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words, self.bar, self.cancel = QLabel(), QProgressBar(), QToolButton()
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(120)
        self.cancel.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.cancel.clicked.connect(self.cancel_asked)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 4, 0)
        for part in (self.words, self.bar, self.cancel):
            layout.addWidget(part)
        self._said = (0, 0, 0.0, False)
        self.set_look(DARK)
        self.retranslate()
        self.hide()

    def say(self, done: int, total: int, left_s: float, *, waits: bool) -> None:
        """So many of all are described; about so many seconds are left, 0 where nobody knows."""
        self._said = done, total, left_s, waits
        self.bar.setMaximum(max(total, 1))
        self.bar.setValue(done)
        locale = self.locale()
        numbers = locale.toString(done), locale.toString(total)
        told = self.tr("Describing {0} of {1}").format(*numbers)
        if not total:
            told = self.tr("Describing…")
        elif waits:
            told = self.tr("{0} of {1} described; drawing goes first").format(*numbers)
        elif left_s >= 90:
            minutes = self.tr("%n minute(s) left", "", round(left_s / 60))
            told = f"{told}  ·  {minutes}"
        elif left_s >= 1:
            seconds = self.tr("%n second(s) left", "", round(left_s))
            told = f"{told}  ·  {seconds}"
        self.words.setText(told)

    def set_look(self, look: Look) -> None:
        """Show other colours."""
        self.cancel.setIcon(icon("stop", look))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        """The texts again, in the language of now."""
        self.cancel.setText(self.tr("Cancel"))
        self.cancel.setAccessibleName(self.tr("Stop describing"))
        self.cancel.setToolTip(self.tr("Stop describing; what is described stays"))
        self.bar.setAccessibleName(self.tr("How far the describing is"))
        done, total, left_s, waits = self._said
        self.say(done, total, left_s, waits=waits)


class Describing(QObject):
    """One run at a time over one open project."""

    described = Signal(object)  # a report, after each some
    ended = Signal(int, int)  # how many were described, how many could not be
    failed = Signal(object)  # LlamaVisError
    busy = Signal()  # it was asked for while it runs

    def __init__(self, bar: DescribeBar, parent: QObject) -> None:
        super().__init__(parent)
        self._bar = bar
        self._thread: StudioThread | None = None
        self._stop = threading.Event()
        self._wanted: Callable[[Studio], Any] | None = None
        self._is_drawing = self._is_asked = False
        self._done = self._failures = self._total = self._last = 0
        self._began = self._asked_at = 0.0
        self._some = SOME
        bar.cancel_asked.connect(self.cancel)

    @property
    def is_running(self) -> bool:
        """Whether pictures are being described, or wait for it."""
        return self._wanted is not None

    def use(self, thread: StudioThread | None) -> None:
        """The project of now; None when it is closed. A run over another one is given up."""
        self._stop.set()
        self._finish(tell=False)
        self._thread, self._is_drawing = thread, False
        if thread is not None:
            thread.news.connect(self._take_news)

    def start(self, ids: Sequence[int] = (), backend: str = "") -> None:
        """Describe what nobody has described yet; or these, whoever has said something about them:
        what a person wrote stays beside. `backend` "" leaves the choice to the project.
        """
        if self._thread is None:
            return
        if self.is_running:
            self.busy.emit()
            return
        self._stop = stop = threading.Event()
        self._done = self._failures = self._total = self._last = 0
        self._began = time.monotonic()
        chosen = tuple(ids)

        def check(_progress: object = None) -> None:
            if stop.is_set():
                raise Cancelled

        def some(studio: Studio) -> Any:
            try:
                return studio.library.describe_some(
                    chosen,
                    backend,
                    most=self._some,
                    after=self._last,
                    check_cancel=check,
                    on_step=check,
                )
            except Cancelled:  # "Stop drawing" stops whatever the model is at
                return None

        self._wanted = some
        self._bar.say(0, len(chosen), 0, waits=self._is_drawing)
        self._bar.show()
        self._go_on()

    def cancel(self) -> None:
        """Stop; what is described by then stays."""
        if self.is_running:
            self._stop.set()
            self._finish(tell=True)

    def _go_on(self) -> None:
        if self._wanted is None or self._thread is None or self._is_asked:
            return
        if self._is_drawing:
            self._say()
            return
        self._is_asked, stop = True, self._stop
        self._asked_at = time.monotonic()

        def took(report: Any) -> None:
            if stop is self._stop:
                self._took(report)

        def gave_up(error: Exception) -> None:
            if stop is self._stop:
                self._gave_up(error)

        self._thread.ask(self._wanted, took, gave_up)

    def _took(self, report: Any) -> None:
        self._is_asked = False
        if self._wanted is None:
            return
        if report is None:
            self._finish(tell=True)
            return
        self._last = report.last
        self._fit_go(report.described)
        self._done += report.described
        self._failures += len(report.failed)
        self._total = self._done + self._failures + report.waiting
        self.described.emit(report)
        if report.waiting and (report.described or report.failed):
            self._say()
            self._go_on()
        else:
            self._finish(tell=True)

    def _fit_go(self, described: int) -> None:
        """A large model takes its time for one picture: then fewer at a go."""
        spent = time.monotonic() - self._asked_at
        if described:
            self._some = max(1, min(SOME, round(described * _GO_S / max(spent, 1e-3))))

    def _gave_up(self, error: Exception) -> None:
        self._finish(tell=not isinstance(error, LlamaVisError))
        self.failed.emit(error)

    def _say(self) -> None:
        spent, done = time.monotonic() - self._began, self._done + self._failures
        left = spent / done * (self._total - done) if done else 0.0
        self._bar.say(done, self._total, left, waits=self._is_drawing)

    def _finish(self, *, tell: bool) -> None:
        was_running, self._wanted, self._is_asked = self.is_running, None, False
        self._bar.hide()
        if was_running and tell:
            self.ended.emit(self._done, self._failures)

    def _take_news(self, event: Event) -> None:
        """Builds go first."""
        if isinstance(event, BuildStarted):
            self._is_drawing = True
        elif isinstance(event, BuildFinished):
            self._is_drawing = False
            self._go_on()
