"""The gallery's questions, answered by the library in the studio's thread.

gallery: wanted(ticket, query, order, after) -> library.search -> page, or what is wrong with it
gallery: thumbnail_wanted(item) -> made in a pool -> picture
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QImage

from llamavis_studio.app.gallery import Gallery
from llamavis_studio.app.studio_thread import StudioThread
from llamavis_studio.core.errors import LlamaVisError

if TYPE_CHECKING:
    from llamavis_studio.studio import Studio

PAGE = 500


class LibraryBridge(QObject):
    """Between one gallery and one open project."""

    told = Signal(str)
    """One sentence about what an import found."""
    _thumbnail = Signal(object, object)  # digest, QImage

    def __init__(self, thread: StudioThread, gallery: Gallery) -> None:
        super().__init__(gallery)
        self._thread = thread
        self._gallery = gallery
        self._described_by_now = 0
        self._is_closed = False
        gallery.model.wanted.connect(self._search)
        gallery.model.thumbnail_wanted.connect(self._make_thumbnail)
        self._thumbnail.connect(self._show_thumbnail, Qt.ConnectionType.QueuedConnection)

    def close(self) -> None:
        """The project is closed: the gallery's next questions are for another bridge."""
        self._gallery.model.wanted.disconnect(self._search)
        self._gallery.model.thumbnail_wanted.disconnect(self._make_thumbnail)
        self._is_closed = True
        self.deleteLater()

    def update(self) -> None:
        """Take in what is new on disk, then search again."""
        self._thread.ask(lambda studio: studio.library.update(), self._updated, self._failed)

    def _updated(self, report: Any) -> None:
        if report.added or report.missing or report.moved:
            parts = [
                (report.added, self.tr("%n new image(s)", "", report.added)),
                (report.missing, self.tr("%n missing", "", report.missing)),
                (len(report.moved), self.tr("%n moved", "", len(report.moved))),
            ]
            self.told.emit(", ".join(words for count, words in parts if count))
        self.search_again()

    def describe(self) -> None:
        """Have the model say what the images show that nobody has described yet. It is done some
        images at a time, so that drawing and searching go on between.
        """
        self.told.emit(self.tr("Describing images…"))
        self._described_by_now = 0
        self._describe_some()

    def _describe_some(self) -> None:
        self._thread.ask(
            lambda studio: studio.library.describe(most=1), self._described, self._failed
        )

    def _described(self, report: Any) -> None:
        self._described_by_now += report.described
        self.told.emit(self.tr("%n image(s) described", "", self._described_by_now))
        if report.described or report.failed:
            self._describe_some()
        else:
            self.search_again()

    def add_tags(self, items: Sequence[Any], names: Sequence[str]) -> None:
        """Give images tags, as a person does."""
        ids = [item.id for item in items]
        self._thread.ask(
            lambda studio: studio.library.add_tags(ids, names), self._tagged, self._failed
        )

    def _tagged(self, count: int) -> None:
        self.told.emit(self.tr("%n image(s) tagged", "", count))
        self.search_again()

    def search_again(self) -> None:
        """The same question, as what there is may have changed."""
        self._gallery.refresh()
        self._thread.ask(
            lambda studio: studio.library.search_words(), self._gallery.box.set_completions
        )

    def _search(self, ticket: int, query: str, order: str, after: Any) -> None:
        def search(studio: Studio) -> Any:
            return studio.library.search(query, order=order, limit=PAGE, after=after)

        self._thread.ask(search, partial(self._show, ticket), partial(self._refuse, ticket))

    def _show(self, ticket: int, answer: Any) -> None:
        self._gallery.show_page(ticket, answer.items, answer.next, answer.changed)

    def _refuse(self, ticket: int, error: Exception) -> None:
        if not isinstance(error, LlamaVisError):
            self._gallery.model.give_up(ticket)
            self._thread.broke.emit(error)
            return
        told = f"{error.message}. {error.hint}".strip(". ")
        place = getattr(error, "position", None)
        if place is None:
            self._gallery.show_failure(ticket, told)
        else:
            self._gallery.show_problem(ticket, place, getattr(error, "length", 1), told)

    def _failed(self, error: Exception) -> None:
        if isinstance(error, LlamaVisError):
            self.told.emit(f"{error.message}. {error.hint}".strip(". "))
        else:
            self._thread.broke.emit(error)

    def _make_thumbnail(self, item: Any) -> None:
        def begin(studio: Studio) -> None:
            library = studio.library.library
            table = library.table_of(item) if item.kind == "sheet" else b""
            made = library.thumbnails.submit(item.digest, item.path, table=table)
            made.add_done_callback(partial(self._made, item.digest))

        def give_up(_error: Exception) -> None:
            self._gallery.model.set_thumbnail(item.digest, QImage())

        self._thread.ask(begin, on_error=give_up)

    def _made(self, digest: bytes, made: Future[Path]) -> None:
        """In a thread of the pool: reading the file is work too."""
        image = QImage()
        if not made.cancelled() and made.exception() is None:
            image = QImage(str(made.result()))
        if not self._is_closed:
            # As the screen takes them: painting then costs a copy.
            image = image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
            self._thumbnail.emit(digest, image)

    def _show_thumbnail(self, digest: bytes, image: QImage) -> None:
        self._gallery.model.set_thumbnail(digest, image)
