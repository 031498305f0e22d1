"""The open project in a thread of its own, so that no plan, search or import stalls the window.

    window --ask(work)--> studio thread: work(studio) --answer, as a signal--> window
    studio thread: watches, draws, publishes --news, as signals--> window

`Studio` lives wholly in that thread. What crosses are frozen values. A project that is closed ends
on its own and says nothing more; nobody waits for it but the end of the program.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal

from llamavis_studio.core.errors import Cancelled
from llamavis_studio.core.settings import user_settings
from llamavis_studio.studio_driver import OpenStudio, StudioDriver

if TYPE_CHECKING:
    from llamavis_studio.studio import Studio

Answer = TypeVar("Answer")
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
    _said = Signal(str, object)  # what the driver tells: the name of a signal above, its value

    def __init__(self, root: Path, open_studio: OpenStudio = open_calmly) -> None:
        super().__init__()
        self.root = root
        self._open = open_studio
        self._is_closed = False
        self._driver = StudioDriver(root, self._open_for_window, self._said.emit)
        self._numbers = itertools.count()
        self._waiting: dict[int, tuple[Callable[[Any], None], Callable[[Exception], None]]] = {}
        queued = Qt.ConnectionType.QueuedConnection
        self._answered.connect(self._take_answer, queued)
        self._said.connect(self._pass_on, queued)

    @property
    def driver(self) -> StudioDriver:
        """What drives the studio; the service for engines asks it too."""
        return self._driver

    def start(self) -> None:
        """Open the project; `opened` or `refused` follows."""
        _alive.add(self)
        self._driver.start()

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
        if self._is_closed:
            return
        number = next(self._numbers)
        self._waiting[number] = (on_answer, on_error or self.broke.emit)

        def do(studio: Studio) -> None:
            try:
                answer, error = work(studio), None
            except Exception as caught:  # noqa: BLE001 - it is told where it was asked for
                answer, error = None, caught
            self._answered.emit(number, answer, error)

        if not self._driver.post(do):
            del self._waiting[number]

    def cancel(self) -> None:
        """Stop what is being drawn, at once."""
        self._driver.cancel()

    def close(self) -> None:
        """Stop what is being drawn and end; from now on nothing is answered and nothing is told."""
        self._is_closed = True
        self._waiting.clear()
        self._driver.close()

    def join(self, seconds: float) -> bool:
        """Wait for the thread's end; False when it did not come in time."""
        return self._driver.join(seconds)

    def _open_for_window(self, root: Path) -> Studio:
        studio = self._open(root)
        studio.shows_drawing = True
        return studio

    def _pass_on(self, signal: str, value: Any) -> None:
        if signal == "ended":
            self._driver.join(1.0)
            _alive.discard(self)
            self.deleteLater()
        elif not self._is_closed:
            # What was on its way when the project was closed would meet the window of another one.
            getattr(self, signal).emit(value)

    def _take_answer(self, number: int, answer: Any, error: Exception | None) -> None:
        on_answer, on_error = self._waiting.pop(number, (None, None))
        if error is None and on_answer is not None:
            on_answer(answer)
        elif error is not None and on_error is not None and not isinstance(error, Cancelled):
            on_error(error)


def wait_for_ends(seconds: float) -> bool:
    """Let the threads of closed projects end, at the end of the program; False when one did not.

    Their model processes would else be left to find out that nobody listens any more.
    """
    until = time.monotonic() + seconds
    ended = [one.join(max(0.0, until - time.monotonic())) for one in tuple(_alive)]
    return all(ended)
