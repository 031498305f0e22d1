"""A studio in a thread of its own, for faces that have a loop of their own: window and service.

    face --post(work)--> studio's thread: work(studio)
    studio's thread: opens, watches, draws --tell(what, value)--> face, in the studio's thread

`Studio` lives wholly in that thread. What crosses are frozen values.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llamavis_studio.core.errors import LlamaVisError
from llamavis_studio.core.events import BuildFinished, Event

if TYPE_CHECKING:
    from llamavis_studio.studio import Studio

OpenStudio = Callable[[Path], "Studio"]
Tell = Callable[[str, Any], None]
"""Told in the studio's thread: "opened" (Project), "refused" (LlamaVisError: the project cannot be
opened), "planned" (Plan of the whole project), "news" (Event), "broke" (an exception that nobody
expected), and at last "ended" (None)."""

_AGAIN_S = 1.0


class StudioDriver:
    """One project and its studio. `start` once, `post` as often as needed, `close` in the end."""

    def __init__(self, root: Path, open_studio: OpenStudio, tell: Tell) -> None:
        self.root = root
        self._open = open_studio
        self._tellers = [tell]
        self._last_words: list[tuple[str, Any]] = []
        self._stop = threading.Event()
        self._studio: Studio | None = None
        self._thread = threading.Thread(target=self._run, name="llamavis-studio", daemon=True)

    @property
    def is_alive(self) -> bool:
        """Whether the thread still runs."""
        return self._thread.is_alive()

    @property
    def model_state(self) -> str:
        """asleep, loading, ready or working; '' before the project is open. From any thread."""
        studio = self._studio
        return "" if studio is None else studio.model_state

    def listen(self, tell: Tell) -> Callable[[], None]:
        """Tell someone else too, from "opened" and a plan of now on, or how it ended; the result
        ends that.
        """
        self._tellers.append(tell)
        for what, value in tuple(self._last_words):
            tell(what, value)

        def catch_up(studio: Studio) -> None:
            tell("opened", studio.project)
            _replan(studio)

        def stop() -> None:
            if tell in self._tellers:
                self._tellers.remove(tell)

        self.post(catch_up)
        return stop

    def start(self) -> None:
        """Open the project; "opened" or "refused" is told."""
        self._thread.start()

    def post(self, work: Callable[[Studio], None]) -> bool:
        """Have `work`, which raises nothing, done with the studio; from any thread.

        False, and nothing happens, before the project is open and after it was closed.
        """
        studio = self._studio
        if studio is None or self._stop.is_set():
            return False
        studio.post(lambda: work(studio))
        return True

    def cancel(self) -> None:
        """Stop what is being drawn, at once; from any thread."""
        if self._studio is not None:
            self._studio.cancel()

    def close(self) -> None:
        """Stop what is being drawn and end; nobody waits for it but `join`."""
        self._stop.set()
        studio = self._studio
        if studio is not None:
            studio.cancel()
            studio.post(lambda: None)  # wakes it

    def join(self, seconds: float) -> bool:
        """Wait for the end; False when it did not come in time."""
        if self._thread.is_alive():
            self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        studio: Studio | None = None
        try:
            studio = self._open(self.root)
            self._live(studio)
        except LlamaVisError as error:
            self._tell("refused", error)
        except Exception as error:  # noqa: BLE001 - a bug: told by the face, which lives on
            self._tell("broke", error)
        finally:
            self._studio = None
            if studio is not None:
                with contextlib.suppress(LlamaVisError):
                    studio.close()
            self._tell("ended", None)

    def _live(self, studio: Studio) -> None:
        studio.on_plan = lambda plan: self._tell("planned", plan)
        studio.subscribe(lambda event: self._take_news(studio, event))
        self._studio = studio
        self._tell("opened", studio.project)
        while not self._stop.is_set():
            try:
                studio.watch(self._stop)
            except LlamaVisError as error:
                self._tell("broke", error)
                self._stop.wait(_AGAIN_S)  # the folder may be gone for a moment only

    def _tell(self, what: str, value: Any) -> None:
        if what in ("refused", "ended"):
            self._last_words.append((what, value))
        for tell in tuple(self._tellers):
            tell(what, value)

    def _take_news(self, studio: Studio, event: Event) -> None:
        self._tell("news", event)
        if isinstance(event, BuildFinished):
            # The plan that the face shows is then one of what was just built.
            studio.post(lambda: _replan(studio))


def _replan(studio: Studio) -> None:
    with contextlib.suppress(LlamaVisError):
        studio.plan()
