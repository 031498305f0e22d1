"""The gallery: a search, what it finds as a grid of cards, and what can be done with a card.

    box.asked -> model.ask -> model.wanted(ticket, query, order, after)    the owner searches
    owner: show_page(ticket, items, after, note) or show_problem(ticket, ...)
    model.thumbnail_wanted(item) -> owner: model.set_thumbnail(digest, image)

It is a face only: what is opened, tagged or captioned is said by signals, and done elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QT_TRANSLATE_NOOP,
    QEvent,
    QItemSelectionModel,
    QLocale,
    QModelIndex,
    QObject,
    QPoint,
    Qt,
    Signal,
    SignalInstance,
)
from PySide6.QtGui import QFocusEvent, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSlider,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from llamavis_studio.app import theme
from llamavis_studio.app.gallery_chips import FacetChips
from llamavis_studio.app.gallery_delegate import GalleryDelegate
from llamavis_studio.app.gallery_menu import CardAction, CardMenu
from llamavis_studio.app.gallery_model import GalleryModel, Shown
from llamavis_studio.app.gallery_place import is_in_hand, place_in, return_to
from llamavis_studio.app.gallery_view import GridView
from llamavis_studio.app.gallery_words import EmptyPage, NoteLine
from llamavis_studio.app.search_box import SearchBox
from llamavis_studio.app.theme import Look

SMALLEST, LARGEST, USUAL = 48, 256, 128  # px of a card's picture
_STEP = 16  # px of one notch
_MOST_KEPT = 2000  # selected cards that stay so when the search is asked again
_WIDE = 1000  # px from which on search and chips share a line

ORDERS = (
    ("best", str(QT_TRANSLATE_NOOP("Gallery", "Best match"))),
    ("new", str(QT_TRANSLATE_NOOP("Gallery", "Newest"))),
    ("path", str(QT_TRANSLATE_NOOP("Gallery", "Path"))),
    ("size", str(QT_TRANSLATE_NOOP("Gallery", "Size"))),
)


class Gallery(QWidget):
    """The library's pictures. The owner answers `model.wanted` and `model.thumbnail_wanted`."""

    chosen = Signal(object)
    """(item): it is the current one now."""
    opened = Signal(object)
    """(item): double click or Enter."""
    similar_asked = Signal(object)
    """(item)"""
    tags_asked = Signal(object)
    """(items): a list of all that are selected."""
    untag_asked = Signal(object)
    words_asked = Signal(object)
    caption_asked = Signal(object)
    question_asked = Signal(object)
    move_asked = Signal(object)
    copy_asked = Signal(object)
    """(items): each a list of all that are selected."""
    reveal_asked = Signal(object)
    """(item): show its file where it lies."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = GalleryModel(self)
        self.delegate = GalleryDelegate(look, USUAL, self)
        self.view = GridView(self.model, self.delegate)
        self.box = SearchBox(look)
        self.chips = FacetChips(look)
        self.orders = QComboBox()
        self.orders.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        for value, _label in ORDERS:
            self.orders.addItem("", value)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(SMALLEST, LARGEST)
        self.slider.setSingleStep(_STEP)
        self.slider.setPageStep(2 * _STEP)
        self.slider.setValue(USUAL)
        self.slider.setFixedWidth(120)
        self.count = QLabel()
        self.note = NoteLine(look)
        self.empty = EmptyPage(look)
        self.menu = CardMenu(look, self)
        self._slider_icon = QLabel()
        self._current_id: int | None = None
        self._is_passing = False
        self._shown_query = ("", "")
        self._lay_out()
        self._connect()
        self.set_look(look)
        self.retranslate()

    def _lay_out(self) -> None:
        asked = QHBoxLayout()
        asked.setSpacing(8)
        asked.addWidget(self.box, 1)
        asked.addWidget(self.orders, 0, Qt.AlignmentFlag.AlignTop)
        self._top = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._top.setSpacing(8)
        self._top.addLayout(asked, 1)
        self._top.addWidget(self.chips)
        bottom = QHBoxLayout()
        bottom.setSpacing(8)
        self.count.setProperty("role", "dim")
        bottom.addWidget(self.count, 1)
        bottom.addWidget(self._slider_icon)
        bottom.addWidget(self.slider)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.view)
        self.pages.addWidget(self.empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 6)
        layout.setSpacing(7)
        layout.addLayout(self._top)
        layout.addWidget(self.note)
        layout.addWidget(self.pages, 1)
        layout.addLayout(bottom)
        self.setFocusProxy(self.box)

    def _connect(self) -> None:
        self.box.asked.connect(self.refresh)
        self.box.edited.connect(self.chips.show_query)
        self.chips.query_changed.connect(self.box.set_text)
        self.chips.typing_asked.connect(self.box.begin)
        self.orders.activated.connect(self.refresh)
        self.slider.valueChanged.connect(self._resize_cards)
        self.model.page_shown.connect(self._follow_page)
        self.view.zoomed.connect(self._zoom)
        self.view.entered_key.connect(self._open_current)
        self.view.doubleClicked.connect(self._open_current)
        self.view.customContextMenuRequested.connect(self._show_menu)
        self.view.selectionModel().currentChanged.connect(self._choose)
        self.view.clicked.connect(self._choose)
        self.view.installEventFilter(self)
        self.view.selectionModel().selectionChanged.connect(lambda *_: self._say_count())
        self.menu.asked.connect(self._act)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """A wide dock is often a low one: there the chips go beside the search."""
        is_wide = event.size().width() >= _WIDE
        side = QBoxLayout.Direction
        self._top.setDirection(side.LeftToRight if is_wide else side.TopToBottom)
        super().resizeEvent(event)

    # What the owner calls.

    def refresh(self) -> None:
        """Ask again for what the box and the order say; old cards stay until the answer comes."""
        self.model.ask(self.box.text().strip(), str(self.orders.currentData()))

    def search_for(self, query: str) -> None:
        """Search for this, as if it had been typed."""
        self.box.set_text(query)

    def show_page(self, ticket: int, items: Sequence[Shown], after: object, note: str = "") -> None:
        """A page was found; `note` says what was searched instead, as "no 'kinght': ..."."""
        if ticket == self.model.ticket:
            self.note.say(note)
            chosen = self._chosen_ids() if self.model.is_first else frozenset()
            self.model.show_page(ticket, items, after)
            self._choose_again(chosen)

    @property
    def is_settled(self) -> bool:
        """Whether what the box and the order ask for is shown, and no page is on its way."""
        asked = (self.box.text().strip(), str(self.orders.currentData()))
        is_shown = asked == (self.model.query, self.model.order) and self.model.ticket > 0
        return is_shown and not self.model.is_waiting

    def take_changes(self, answer: Any, items: Sequence[Shown]) -> bool:
        """Bring what is shown up to date; what is looked at stays in its place, chosen or not.

        `answer` is what the search finds now, from its start, or None; `items` have changed. False,
        and nothing happens, while a page is on its way or somebody drags.
        """
        if not self.is_settled or is_in_hand(self.view):
            return False
        place = place_in(self.view, self.model)
        page, after = (None, None) if answer is None else (answer.items, answer.next)
        self._is_passing = True  # a neighbour of what went is not chosen by anybody
        self.model.merge(page, after, {item.id: item for item in items})
        self._is_passing = False
        return_to(self.view, self.model, place)
        if answer is not None:
            self.note.say(answer.changed)
        self.pages.setCurrentWidget(self.view if self.model.items() else self.empty)
        self._say_count()
        return True

    def show_problem(self, ticket: int, position: int, length: int, message: str) -> None:
        """The query is not understood there. The cards of the last good one stay."""
        if ticket == self.model.ticket:
            self.note.say("")
            self.box.show_problem(position, length, message)
            self.model.give_up(ticket)

    def show_failure(self, ticket: int, message: str) -> None:
        """The search failed for another reason than its words."""
        if ticket == self.model.ticket:
            self.note.say(message, is_failure=True)
            self.model.give_up(ticket)

    def clear(self) -> None:
        """Show nothing, as when a project is closed; answers on their way are passed over."""
        self._current_id = None
        self.note.say("")
        self.model.clear()

    def selected_items(self) -> list[Shown]:
        """What is selected, in the order of the grid."""
        items = self.model.items()
        return [items[row] for row in self.view.selected_rows()]

    def current_item(self) -> Shown | None:
        """The item that actions on one mean."""
        return self.model.item(self.view.currentIndex())

    def set_look(self, look: Look) -> None:
        """Show other colours."""
        self.delegate.set_look(look)
        self.box.set_look(look)
        self.chips.set_look(look)
        self.note.set_look(look)
        self.empty.set_look(look)
        self.menu.set_look(look)
        self._slider_icon.setPixmap(theme.icon("zoom", look, "dim").pixmap(16, 16))
        self.view.viewport().update()

    def retranslate(self) -> None:
        """Set all words again, after a change of language."""
        self.box.retranslate()
        self.chips.retranslate()
        self.empty.retranslate()
        self.note.retranslate()
        self.menu.retranslate()
        for at, (_value, label) in enumerate(ORDERS):
            self.orders.setItemText(at, self.tr(label))
        self.setAccessibleName(self.tr("Gallery"))
        self.orders.setAccessibleName(self.tr("Order of the pictures"))
        self.orders.setToolTip(self.tr("Order of the pictures"))
        self.slider.setAccessibleName(self.tr("Size of the pictures"))
        self.slider.setToolTip(self.tr("Size of the pictures (Ctrl and wheel)"))
        self.view.setAccessibleName(self.tr("Pictures found"))
        self._say_count()

    # What the parts say.

    def _follow_page(self) -> None:
        self.pages.setCurrentWidget(self.view if self.model.items() else self.empty)
        self.empty.explain(self.model.query)
        self._say_count()
        if self._shown_query != (self.model.query, self.model.order):
            self._shown_query = (self.model.query, self.model.order)
            self.view.scrollToTop()
        self._keep_current()

    def _say_count(self) -> None:
        number = QLocale().toString(len(self.model.items()))
        more = self.tr("{number} shown, scroll for more")
        text = more if self.model.has_more else self.tr("{number} shown")
        told = text.format(number=number) if self.model.items() else ""
        chosen = self.view.selectionModel().selection()
        selected = sum(chosen.at(at).height() for at in range(chosen.count()))
        if selected > 1:
            more = self.tr("{number} selected")
            told += "  ·  " + more.format(number=QLocale().toString(selected))
        self.count.setText(told)

    def _chosen_ids(self) -> frozenset[int]:
        """What is selected, if it is few enough to be found again."""
        rows = self.view.selected_rows()
        return frozenset(self.model.items()[row].id for row in rows[:_MOST_KEPT])

    def _choose_again(self, ids: frozenset[int]) -> None:
        """What was selected stays so, as after tags were given to it."""
        if len(ids) < 2:  # one is the current one, see `_keep_current`
            return
        rows = [row for one in ids if (row := self.model.row_of(one)) is not None]
        self.view.select_rows(rows)

    def _keep_current(self) -> None:
        """What was chosen stays so when a new search has found it as well."""
        row = self.model.row_of(self._current_id)
        if row is not None and not self.view.currentIndex().isValid():
            self.view.selectionModel().setCurrentIndex(
                self.model.index(row), QItemSelectionModel.SelectionFlag.ClearAndSelect
            )

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Who only comes by with Tab has chosen nothing: no other picture is to be shown."""
        view = self.view
        if watched is view and isinstance(event, QFocusEvent) and event.gotFocus():
            by_mouse = event.reason() == Qt.FocusReason.MouseFocusReason
            if not by_mouse and not view.currentIndex().isValid() and self.model.rowCount():
                self._is_passing = True
                view.selectionModel().setCurrentIndex(
                    self.model.index(0), QItemSelectionModel.SelectionFlag.NoUpdate
                )
                self._is_passing = False
        return super().eventFilter(watched, event)

    def _choose(self, index: QModelIndex) -> None:
        item = self.model.item(index)
        if item is not None and item.id != self._current_id and not self._is_passing:
            self._current_id = item.id
            self.chosen.emit(item)

    def _open_current(self) -> None:
        self._choose(self.view.currentIndex())
        item = self.current_item()
        if item is not None:
            self.opened.emit(item)

    def _act(self, row: CardAction) -> None:
        asked: SignalInstance = getattr(self, row.name)
        if row.for_many:
            asked.emit(self.selected_items())
        elif (item := self.current_item()) is not None:
            asked.emit(item)

    def _show_menu(self, place: QPoint) -> None:
        if self.view.indexAt(place).isValid():
            self.menu.fit(len(self.selected_items()))
            self.menu.popup(self.view.viewport().mapToGlobal(place))

    def _resize_cards(self, side: int) -> None:
        self.delegate.side = side
        self.view.fit()

    def _zoom(self, notches: int) -> None:
        self.slider.setValue(self.slider.value() + notches * _STEP)
