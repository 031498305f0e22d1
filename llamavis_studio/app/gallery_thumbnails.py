"""Thumbnails for the gallery: what was seen last comes first, what has scrolled away is dropped.

model: thumbnail_wanted(item) -> waits here -> some at a time to the library's pool -> the picture

A fast scroll asks for thousands; only so many are under way at once, so that those in sight do
not wait for those that are gone.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QImage

from llamavis_studio.app.gallery_model import GalleryModel
from llamavis_studio.app.studio_thread import StudioThread

if TYPE_CHECKING:
    from llamavis_studio.studio import Studio

MOST_WAITING = 800
"""More than the smallest cards fill a large screen with."""
MOST_AT_WORK = 32


class ThumbnailMaker(QObject):
    """Between one gallery's model and one open project."""

    _came = Signal(object, object)  # digest, QImage

    def __init__(self, thread: StudioThread, model: GalleryModel, parent: QObject) -> None:
        super().__init__(parent)
        self._thread = thread
        self._model = model
        self._waiting: dict[bytes, Any] = {}  # the newest last
        self._at_work: set[bytes] = set()
        self._is_closed = False
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)  # a painting asks for many: they go together
        self._soon.timeout.connect(self._begin_some)
        model.thumbnail_wanted.connect(self._note)
        self._came.connect(self._show, Qt.ConnectionType.QueuedConnection)

    def close(self) -> None:
        """Make no more."""
        self._model.thumbnail_wanted.disconnect(self._note)
        self._soon.stop()
        self._waiting.clear()
        self._is_closed = True

    def _note(self, item: Any) -> None:
        self._waiting[item.digest] = item
        if len(self._waiting) > MOST_WAITING:
            gone = list(self._waiting)[: MOST_WAITING // 4]
            for digest in gone:
                del self._waiting[digest]
            self._model.forget_asked(gone)
        if not self._soon.isActive():
            self._soon.start(0)

    def _begin_some(self) -> None:
        room = MOST_AT_WORK - len(self._at_work)
        chosen = [self._waiting.popitem()[1] for _ in range(min(room, len(self._waiting)))]
        if not chosen:
            return
        self._at_work.update(item.digest for item in chosen)
        self._thread.ask(partial(self._make, chosen), on_error=lambda _error: self._give_up(chosen))

    def _make(self, items: Sequence[Any], studio: Studio) -> None:
        """In the studio's thread."""
        library = studio.library.library
        for item in items:
            table = library.table_of(item) if item.kind == "sheet" else b""
            made = library.thumbnails.submit(item.digest, item.path, table=table)
            made.add_done_callback(partial(self._made, item.digest))

    def _made(self, digest: bytes, made: Future[Path]) -> None:
        """In a thread of the pool: reading the file is work too."""
        image = QImage()
        if not made.cancelled() and made.exception() is None:
            image = QImage(str(made.result()))
        if not self._is_closed:
            # As the screen takes them: painting then costs a copy.
            image = image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
            self._came.emit(digest, image)

    def _give_up(self, items: Sequence[Any]) -> None:
        for item in items:
            self._show(item.digest, QImage())

    def _show(self, digest: bytes, image: QImage) -> None:
        self._at_work.discard(digest)
        if self._is_closed:
            return
        self._model.set_thumbnail(digest, image)
        if self._waiting and not self._soon.isActive():
            self._soon.start(0)
