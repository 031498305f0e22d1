"""New pictures in the gallery while a build goes on, not only at its end.

AssetBuilt -> a little later, together with others -> the studio's thread: take these files in,
search again -> Gallery.take_changes: rows come one by one, what is looked at and chosen stays

However fast images are built, the gallery follows a few times a second at most, and more slowly
where a look costs more: at least so much of the studio's time is left to the build.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer

from llamavis_studio.app.gallery import Gallery
from llamavis_studio.app.studio_thread import StudioThread
from llamavis_studio.core.errors import Cancelled, LlamaVisError
from llamavis_studio.core.events import AssetBuilt, Event

if TYPE_CHECKING:
    from llamavis_studio.studio import Studio

SOON_MS, EVERY_MS = 60, 400
REST = 4
"""Times as long as a look took, the next one waits."""
PAGE = 500
MOST_ROWS = 4000
"""With more rows than these, only they are brought up to date: to find the places of others takes
longer than the window may stall."""
_PATIENCE_S = 2.0


@dataclass(frozen=True)
class Look:
    """What a look found: how many files are new, what the search finds now (None: it was not
    asked), the items of the files that were built, and how long it took.
    """

    added: int
    answer: Any
    items: tuple[Any, ...]
    seconds: float


class LiveGallery(QObject):
    """Between one gallery and the build of one open project."""

    def __init__(self, thread: StudioThread, gallery: Gallery, parent: QObject) -> None:
        super().__init__(parent)
        self._thread, self._gallery = thread, gallery
        self._waiting: dict[str, None] = {}
        self._is_asked = self._is_closed = False
        self._is_again = False
        self._added = 0
        self._pause_ms = SOON_MS
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._go)
        thread.news.connect(self._take_news)

    def close(self) -> None:
        """The project is closed."""
        self._is_closed = True
        self._timer.stop()
        self._thread.news.disconnect(self._take_news)

    def look_again(self) -> None:
        """The library was changed: show what the search finds now, everything in its place."""
        self._is_again = True
        self._soon()

    def forget(self) -> int:
        """Everything will be looked at: wait for nothing; how many files were new so far."""
        self._waiting.clear()
        added, self._added = self._added, 0
        return added

    def _take_news(self, event: Event) -> None:
        if isinstance(event, AssetBuilt) and event.outputs:
            self._waiting |= dict.fromkeys(event.outputs)
            self._soon()

    def _soon(self) -> None:
        if not (self._is_asked or self._is_closed or self._timer.isActive()):
            self._timer.start(self._pause_ms)

    def _go(self) -> None:
        files, again = tuple(self._waiting), self._is_again
        if not (files or again):
            return
        model = self._gallery.model
        rows = len(model.items())
        is_settled = self._gallery.is_settled
        searches = rows <= MOST_ROWS and is_settled and not _asks_states(model.query)
        query, order, limit = model.query, model.order, max(PAGE, rows)
        self._waiting.clear()
        self._is_asked, self._is_again = True, False
        ticket = model.ticket

        def look(studio: Studio) -> Look | None:
            try:
                return _look(studio, files, (query, order, limit) if searches else None)
            except Cancelled:
                return None  # another studio imports: the end of the build takes these in

        self._thread.ask(look, lambda found: self._show(ticket, found, is_settled), self._give_up)

    def _show(self, ticket: int, found: Look | None, was_settled: bool) -> None:
        self._is_asked = False
        if found is not None:
            self._added += found.added
            self._pause_ms = max(EVERY_MS, round(1000 * REST * found.seconds))
            if ticket == self._gallery.model.ticket:
                # A search that was on its way went before this look and knows nothing of its files.
                taken = self._gallery.take_changes(found.answer, found.items)
                self._is_again = not (taken and was_settled)
        if self._waiting or self._is_again:
            self._soon()

    def _give_up(self, error: Exception) -> None:
        """The end of the build says what is wrong, and so does the search box."""
        self._is_asked = False
        if not isinstance(error, LlamaVisError):
            self._thread.broke.emit(error)


def _asks_states(query: str) -> bool:
    """Whether a search needs a new plan of the project, which waits for the end of the build."""
    return "state:" in query.lower()


def _look(studio: Studio, files: Sequence[str], asked: tuple[str, str, int] | None) -> Look:
    """In the studio's thread. Raises Cancelled, LibraryError, QueryError."""
    began = time.monotonic()

    def check() -> None:
        if time.monotonic() - began > _PATIENCE_S:
            raise Cancelled

    library, added, ids = studio.library.library, 0, list[int]()
    if files:
        added = library.update(check_cancel=check, only=files).added
        for file in files:
            try:
                ids.append(library.find(studio.root / file))
            except LlamaVisError:  # it went away again, or lies where no library looks
                continue
    answer = None
    if asked is not None:
        query, order, limit = asked
        answer = studio.library.search(query, order=order, limit=limit)
    return Look(added, answer, tuple(library.items(ids)), time.monotonic() - began)
