"""The open project in a thread of its own, so that no plan, search or import stalls the window.

    window --ask(work)--> studio thread: work(studio) --answer, as a signal--> window
    studio thread: watches, draws, publishes --news, as signals--> window

`Studio` lives wholly in that thread. What crosses are frozen values.
"""

from __future__ import annotations

import contextlib
import itertools
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal

from llamavis_studio.core.errors import Cancelled, LlamaVisError
from llamavis_studio.core.events import BuildFinished, Event
from llamavis_studio.core.settings import user_settings

if TYPE_CHECKING:
    from llamavis_studio.studio import Studio

Answer = TypeVar("Answer")
CLOSE_TIMEOUT_S = 8.0
OpenStudio = Callable[[Path], "Studio"]


def open_calmly(root: Path) -> Studio:
    """Open a project as the command line does, but with one thread that finishes images, unless a
    setting asks for more: several take turns with the window at Python's lock, and it stalls.

    Imported here, in the project's thread, so that the window is there before.
    """
    from llamavis_studio.core.project import Project
    from llamavis_studio.studio import Studio

    given = {**user_settings(), **Project.open(root).settings}
    return Studio.open(root, settings={"jobs": given.get("jobs") or 1})


class StudioThread(QObject):
    """One project and its studio. `start` once, `ask` as often as needed, `close` in the end."""

    opened = Signal(object)  # Project
    refused = Signal(object)  # LlamaVisError: the project cannot be opened
    news = Signal(object)  # an Event
    planned = Signal(object)  # Plan of the whole project
    broke = Signal(object)  # an exception that nobody expected
    _answered = Signal(int, object, object)

    def __init__(self, root: Path, open_studio: OpenStudio = open_calmly) -> None:
        super().__init__()
        self.root = root
        self._open = open_studio
        self._stop = threading.Event()
        self._studio: Studio | None = None
        self._numbers = itertools.count()
        self._waiting: dict[int, tuple[Callable[[Any], None], Callable[[Exception], None]]] = {}
        self._thread = threading.Thread(target=self._run, name="llamavis-studio", daemon=True)
        self._answered.connect(self._take_answer, Qt.ConnectionType.QueuedConnection)

    def start(self) -> None:
        """Open the project; `opened` or `refused` follows."""
        self._thread.start()

    def ask(
        self,
        work: Callable[[Studio], Answer],
        on_answer: Callable[[Answer], None] = lambda _answer: None,
        on_error: Callable[[Exception], None] | None = None,
    ) -> None:
        """Have `work` done with the studio, and its answer brought here, to the window's thread.

        Without `on_error` what goes wrong is told by `broke`. Before the project is open, and after
        it was closed, nothing happens.
        """
        studio = self._studio
        if studio is None or self._stop.is_set():
            return
        number = next(self._numbers)
        self._waiting[number] = (on_answer, on_error or self.broke.emit)

        def do() -> None:
            try:
                answer, error = work(studio), None
            except Exception as caught:  # noqa: BLE001 - it is told where it was asked for
                answer, error = None, caught
            self._answered.emit(number, answer, error)

        studio.post(do)

    def cancel(self) -> None:
        """Stop what is being drawn, at once."""
        if self._studio is not None:
            self._studio.cancel()

    def close(self) -> bool:
        """End the thread; False when it did not end in time."""
        self._stop.set()
        self._waiting.clear()
        studio = self._studio
        if studio is not None:
            studio.cancel()
            studio.post(lambda: None)  # wakes it
        if self._thread.is_alive():
            self._thread.join(CLOSE_TIMEOUT_S)
        return not self._thread.is_alive()

    def _take_answer(self, number: int, answer: Any, error: Exception | None) -> None:
        on_answer, on_error = self._waiting.pop(number, (None, None))
        if error is None and on_answer is not None:
            on_answer(answer)
        elif error is not None and on_error is not None and not isinstance(error, Cancelled):
            on_error(error)

    def _run(self) -> None:
        try:
            studio = self._open(self.root)
        except LlamaVisError as error:
            self.refused.emit(error)
            return
        try:
            studio.on_plan = self.planned.emit
            studio.subscribe(lambda event: self._tell(studio, event))
            self._studio = studio
            self.opened.emit(studio.project)
            while not self._stop.is_set():
                try:
                    studio.watch(self._stop)
                except LlamaVisError as error:
                    self.broke.emit(error)
                    self._stop.wait(1.0)  # the folder may be gone for a moment only
        except Exception as error:  # noqa: BLE001 - a bug: told in the window, which lives on
            self.broke.emit(error)
        finally:
            with contextlib.suppress(LlamaVisError):
                studio.close()
            self._studio = None

    def _tell(self, studio: Studio, event: Event) -> None:
        self.news.emit(event)
        if isinstance(event, BuildFinished):
            # The plan that the window shows is then one of what was just built.
            studio.post(lambda: self._replan(studio))

    def _replan(self, studio: Studio) -> None:
        with contextlib.suppress(LlamaVisError):
            studio.plan()
