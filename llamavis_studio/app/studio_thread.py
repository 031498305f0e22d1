"""The open project in a thread of its own, so that no plan, search or import stalls the window.

    window --ask(work)--> studio thread: work(studio) --answer, as a signal--> window
    studio thread: watches, draws, publishes --news, as signals--> window

`Studio` lives wholly in that thread. What crosses are frozen values. A project that is closed ends
on its own and says nothing more; nobody waits for it but the end of the program.
"""

from __future__ import annotations

import contextlib
import itertools
import threading
import time
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
OpenStudio = Callable[[Path], "Studio"]
_alive: set[StudioThread] = set()
"""Those whose thread runs: it speaks through its object, which must not go before."""


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
    _said = Signal(str, object)  # the name of a signal above, what it is to say
    _ended = Signal()

    def __init__(self, root: Path, open_studio: OpenStudio = open_calmly) -> None:
        super().__init__()
        self.root = root
        self._open = open_studio
        self._stop = threading.Event()
        self._studio: Studio | None = None
        self._numbers = itertools.count()
        self._waiting: dict[int, tuple[Callable[[Any], None], Callable[[Exception], None]]] = {}
        self._thread = threading.Thread(target=self._run, name="llamavis-studio", daemon=True)
        queued = Qt.ConnectionType.QueuedConnection
        self._answered.connect(self._take_answer, queued)
        self._said.connect(self._pass_on, queued)
        self._ended.connect(self._has_ended, queued)

    def start(self) -> None:
        """Open the project; `opened` or `refused` follows."""
        _alive.add(self)
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

    def close(self) -> None:
        """Stop what is being drawn and end; from now on nothing is answered and nothing is told."""
        self._stop.set()
        self._waiting.clear()
        studio = self._studio
        if studio is not None:
            studio.cancel()
            studio.post(lambda: None)  # wakes it

    def _pass_on(self, signal: str, value: Any) -> None:
        # What was on its way when the project was closed would meet the window of another one.
        if not self._stop.is_set():
            getattr(self, signal).emit(value)

    def _has_ended(self) -> None:
        self._thread.join()
        _alive.discard(self)
        self.deleteLater()

    def _take_answer(self, number: int, answer: Any, error: Exception | None) -> None:
        on_answer, on_error = self._waiting.pop(number, (None, None))
        if error is None and on_answer is not None:
            on_answer(answer)
        elif error is not None and on_error is not None and not isinstance(error, Cancelled):
            on_error(error)

    def _run(self) -> None:
        studio: Studio | None = None
        try:
            studio = self._open(self.root)
            self._live(studio)
        except LlamaVisError as error:
            self._said.emit("refused", error)
        except Exception as error:  # noqa: BLE001 - a bug: told in the window, which lives on
            self._said.emit("broke", error)
        finally:
            self._studio = None
            if studio is not None:
                with contextlib.suppress(LlamaVisError):
                    studio.close()
            self._ended.emit()

    def _live(self, studio: Studio) -> None:
        studio.on_plan = lambda plan: self._said.emit("planned", plan)
        studio.subscribe(lambda event: self._tell(studio, event))
        self._studio = studio
        self._said.emit("opened", studio.project)
        while not self._stop.is_set():
            try:
                studio.watch(self._stop)
            except LlamaVisError as error:
                self._said.emit("broke", error)
                self._stop.wait(1.0)  # the folder may be gone for a moment only

    def _tell(self, studio: Studio, event: Event) -> None:
        self._said.emit("news", event)
        if isinstance(event, BuildFinished):
            # The plan that the window shows is then one of what was just built.
            studio.post(lambda: self._replan(studio))

    def _replan(self, studio: Studio) -> None:
        with contextlib.suppress(LlamaVisError):
            studio.plan()


def wait_for_ends(seconds: float) -> bool:
    """Let the threads of closed projects end, at the end of the program; False when one did not.

    Their model processes would else be left to find out that nobody listens any more.
    """
    until = time.monotonic() + seconds
    for one in tuple(_alive):
        one._thread.join(max(0.0, until - time.monotonic()))
    return not any(one._thread.is_alive() for one in _alive)
