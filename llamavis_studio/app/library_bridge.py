"""The gallery's questions, answered by the library in the studio's thread.

gallery: wanted(ticket, query, order, after) -> library.search -> page, or what is wrong with it
the library was changed -> what can be completed and counted is read again
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QObject, Signal

from llamavis_studio.app.gallery import Gallery
from llamavis_studio.app.gallery_live import PAGE, LiveGallery
from llamavis_studio.app.gallery_thumbnails import ThumbnailMaker
from llamavis_studio.app.sentences import told
from llamavis_studio.app.studio_thread import StudioThread
from llamavis_studio.core.errors import LlamaVisError

if TYPE_CHECKING:
    from llamavis_studio.studio import Studio

Answer = TypeVar("Answer")


class LibraryBridge(QObject):
    """Between one gallery and one open project."""

    told = Signal(str)
    """One sentence about what an import found."""

    def __init__(self, thread: StudioThread, gallery: Gallery) -> None:
        super().__init__(gallery)
        self._thread = thread
        self._gallery = gallery
        self._is_counted = False  # since the library was changed last
        self._thumbnails = ThumbnailMaker(thread, gallery.model, self)
        self._live = LiveGallery(thread, gallery, self)
        gallery.model.wanted.connect(self._search)

    def close(self) -> None:
        """The project is closed: the gallery's next questions are for another bridge."""
        self._gallery.model.wanted.disconnect(self._search)
        self._thumbnails.close()
        self._live.close()
        self.deleteLater()

    def update(self) -> None:
        """Take in what is new on disk, then search again."""
        self._thread.ask(lambda studio: studio.library.update(), self._updated, self._failed)

    def _updated(self, report: Any) -> None:
        added = report.added + self._live.forget()
        if added or report.missing or report.moved:
            parts = [
                (added, self.tr("%n new image(s)", "", added)),
                (report.missing, self.tr("%n missing", "", report.missing)),
                (len(report.moved), self.tr("%n moved", "", len(report.moved))),
            ]
            self.told.emit(", ".join(words for count, words in parts if count))
        changes = (added, report.changed, report.missing, report.back, report.words)
        self.search_again(is_changed=any(changes) or bool(report.moved), in_place=True)

    def add_tags(self, items: Sequence[Any], names: Sequence[str]) -> None:
        """Give images tags, as a person does."""
        ids = [item.id for item in items]
        self._thread.ask(
            lambda studio: studio.library.add_tags(ids, names), self._tagged, self._failed
        )

    def _tagged(self, count: int) -> None:
        self.told.emit(self.tr("%n image(s) tagged", "", count))
        self.search_again()

    def change(self, work: Callable[[Studio], Answer], on_answer: Callable[[Answer], None]) -> None:
        """Have something done that changes the library, then search again."""

        def answered(answer: Answer) -> None:
            on_answer(answer)
            self.search_again()

        self._thread.ask(work, answered, self._failed)

    def search_again(self, *, is_changed: bool = True, in_place: bool = False) -> None:
        """The same question, as what there is may have changed. What can be completed and counted
        is asked for only when it has. With `in_place` somebody may look at something else than what
        has changed: it stays in sight.
        """
        if in_place and self._gallery.is_settled:
            self._live.look_again()
        else:
            self._gallery.refresh()
        self._is_counted = self._is_counted and not is_changed
        if not self._is_counted:
            self._is_counted = True
            self._thread.ask(_read_facets, self._show_facets, self._failed)

    def _show_facets(self, answer: tuple[Any, Any]) -> None:
        words, counts = answer
        self._gallery.box.set_completions(words)
        self._gallery.chips.show_counts(counts)

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
        words = f"{error.message}. {error.hint}".strip(". ")
        place = getattr(error, "position", None)
        if place is None:
            self._gallery.show_failure(ticket, words)
        else:
            self._gallery.show_problem(ticket, place, getattr(error, "length", 1), words)

    def _failed(self, error: Exception) -> None:
        if isinstance(error, LlamaVisError):
            self.told.emit(told(error.message, error.hint))
        else:
            self._thread.broke.emit(error)


def _read_facets(studio: Studio) -> tuple[Any, Any]:
    """What a query can be completed with, and how much there is of what."""
    return studio.library.search_words(), studio.library.places.counts()
