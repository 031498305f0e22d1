"""The grid of the gallery: cards share the width evenly, the wheel with Ctrl makes them larger.

Where a card lies follows from its number alone (`Grid`), so a hundred thousand of them cost no
more than what is seen, and a page that is added moves nothing. What Qt's own views do with
clicks, keys and drags stays Qt's; here are only the places, and the painting.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QItemSelectionRange,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QRegion,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QStyle, QWidget

from llamavis_studio.app.gallery_delegate import GalleryDelegate
from llamavis_studio.app.gallery_drag import drag_of
from llamavis_studio.app.gallery_grid import Grid, runs_of
from llamavis_studio.app.gallery_model import GalleryModel

_WHEEL_STEP = 120  # of one notch, as Qt counts
_GAP = 4  # px between lines
_AHEAD = 3  # view heights before the end at which the next page is asked for
_MOST_LOOKED = 20_000  # names that a typed letter looks through
Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_Move = QAbstractItemView.CursorAction


class GridView(QListView):
    """Cards in even columns.

    To screen readers it is a list, which is why it is a `QListView`; of that one's layout nothing
    is used.
    """

    entered_key = Signal()
    """Enter was pressed on the current card."""
    zoomed = Signal(int)
    """(notches) of the wheel with Ctrl, more than 0 for larger."""

    def __init__(
        self, model: GalleryModel, delegate: GalleryDelegate, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.grid = Grid()
        self._found = model
        self._cards = delegate
        self._hovered = -1
        self._band = QRect()  # of the mouse, in px of the whole content
        self._band_start: QPoint | None = None
        self.setItemDelegate(delegate)
        self.setModel(model)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setMouseTracking(True)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        # Nothing of the ground shines through, so it is not painted twice.
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.entered.connect(lambda index: self._hover(index.row()))
        self.viewportEntered.connect(lambda: self._hover(-1))
        self.fit()

    # --- where things are ------------------------------------------------------------------------

    def fit(self) -> None:
        """Share the width among as many columns as it has room for. What is looked at, the current
        card or else the one in the middle, stays where it is.
        """
        anchor = self._anchor()
        card = self._cards.card_size(self.font())
        bar = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent, None, self)
        # The bar's room is kept free always, so that its coming does not move the cards.
        room = self.width() - bar - 2 * self.frameWidth() - 1
        grid = Grid.fitting(room, card.width(), card.height() + _GAP)
        if grid != self.grid:
            self.grid = grid
            self.updateGeometries()
            if anchor is not None:
                row, from_top = anchor
                middle = grid.place(row)[1] + grid.height // 2
                self.verticalScrollBar().setValue(middle - from_top)
        self.viewport().update()

    def _anchor(self) -> tuple[int, int] | None:
        """An item, and px from the top of the view to the middle of its cell."""
        height, row = self.viewport().height(), self.currentIndex().row()
        for one in (row, self._row_at(QPoint(self.grid.width // 2, height // 2))):
            if one is not None and one >= 0:
                middle = self.grid.place(one)[1] + self.grid.height // 2 - self.verticalOffset()
                if 0 <= middle <= height:
                    return one, middle
        return None

    def _count(self) -> int:
        return len(self._found.items())

    def _row_at(self, place: QPoint) -> int | None:
        return self.grid.row_at(place.x(), place.y() + self.verticalOffset(), self._count())

    def _rect_of(self, row: int) -> QRect:
        x, y = self.grid.place(row)
        return QRect(x, y - self.verticalOffset(), self.grid.width, self.grid.height)

    def seen_rows(self) -> range:
        """The items that are seen, wholly or in part."""
        top = self.verticalOffset()
        return self.grid.rows_between(top, top + self.viewport().height() - 1, self._count())

    # --- in Qt's words ---------------------------------------------------------------------------

    def horizontalOffset(self) -> int:  # noqa: N802
        return 0

    def verticalOffset(self) -> int:  # noqa: N802
        return self.verticalScrollBar().value()

    def isIndexHidden(self, _index: Index) -> bool:  # noqa: N802
        return False

    def visualRect(self, index: Index) -> QRect:  # noqa: N802
        return self._rect_of(index.row()) if index.isValid() else QRect()

    def indexAt(self, place: QPoint) -> QModelIndex:  # noqa: N802
        row = self._row_at(place)
        return QModelIndex() if row is None else self._found.index(row)

    def scrollTo(  # noqa: N802
        self,
        index: Index,
        hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible,
    ) -> None:
        if not index.isValid():
            return
        rect, bar, height = (
            self.visualRect(index),
            self.verticalScrollBar(),
            self.viewport().height(),
        )
        hints = QAbstractItemView.ScrollHint
        over, under = rect.top(), rect.bottom() + 1 - height
        if hint == hints.PositionAtCenter:
            bar.setValue(bar.value() + (over + under) // 2)
        elif hint == hints.PositionAtTop or (hint == hints.EnsureVisible and over < 0):
            bar.setValue(bar.value() + over)
        elif hint == hints.PositionAtBottom or (hint == hints.EnsureVisible and under > 0):
            # A card that is higher than the view shows its upper part.
            bar.setValue(bar.value() + min(under, over))

    def doItemsLayout(self) -> None:  # noqa: N802
        QAbstractItemView.doItemsLayout(self)

    def updateGeometries(self) -> None:  # noqa: N802
        height = self.viewport().height()
        bar = self.verticalScrollBar()
        bar.setPageStep(height)
        bar.setSingleStep(max(1, self.grid.height // 3))
        bar.setRange(0, max(0, self.grid.content_height(self._count()) - height))
        QAbstractItemView.updateGeometries(self)

    def scrollContentsBy(self, dx: int, dy: int) -> None:  # noqa: N802
        if abs(dy) < self.viewport().height():
            self.viewport().scroll(dx, dy)  # a copy; only what comes into sight is painted
        else:
            self.viewport().update()
        if self._hovered >= 0:  # the card under the mouse is another one now
            row = self._row_at(self.viewport().mapFromGlobal(self.cursor().pos()))
            self._hover(-1 if row is None else row)
        self._ask_ahead()

    def _ask_ahead(self) -> None:
        """Ask for the next page before the end is seen, so that nobody waits there."""
        bar = self.verticalScrollBar()
        if bar.value() > bar.maximum() - _AHEAD * self.viewport().height():
            self._found.fetchMore(_ROOT)

    def rowsInserted(self, parent: Index, start: int, end: int) -> None:  # noqa: N802
        QAbstractItemView.rowsInserted(self, parent, start, end)
        self.updateGeometries()
        if start in self.seen_rows():
            self.viewport().update()

    def reset(self) -> None:
        super().reset()
        self._hovered, self._band_start = -1, None
        self.updateGeometries()

    def dataChanged(  # noqa: N802
        self, top: Index, bottom: Index, roles: Sequence[int] = ()
    ) -> None:
        """Only a thumbnail ever changes: the words of its card need no painting."""
        for row in range(top.row(), bottom.row() + 1):
            rect = self._rect_of(row)
            if rect.intersects(self.viewport().rect()):
                self.viewport().update(self._cards.box_in(rect) if roles else rect)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        QAbstractItemView.resizeEvent(self, event)
        self.fit()
        self._ask_ahead()

    # --- choosing --------------------------------------------------------------------------------

    def moveCursor(  # noqa: N802
        self, action: QAbstractItemView.CursorAction, _modifiers: Qt.KeyboardModifier
    ) -> QModelIndex:
        count, row = self._count(), self.currentIndex().row()
        if not count:
            return QModelIndex()
        if row < 0:
            return self._found.index(0)
        page = max(1, self.viewport().height() // self.grid.height)
        lines = {
            _Move.MoveUp: -1,
            _Move.MoveDown: 1,
            _Move.MovePageUp: -page,
            _Move.MovePageDown: page,
        }
        if action in lines:
            return self._found.index(self.grid.below(row, lines[action], count))
        is_back = action in (_Move.MoveLeft, _Move.MovePrevious)
        ends = {_Move.MoveHome: 0, _Move.MoveEnd: count - 1}
        to = ends.get(action, row - 1 if is_back else row + 1)
        return self._found.index(min(max(to, 0), count - 1))

    def setSelection(  # noqa: N802
        self, rect: QRect, command: QItemSelectionModel.SelectionFlag
    ) -> None:
        """A rubber band takes what it touches; else it is all from one card to the other."""
        chosen, offset = QItemSelection(), self.verticalOffset()
        if self.state() == QAbstractItemView.State.DragSelectingState:
            box = rect.normalized().translated(0, offset)
            sides = (box.left(), box.top(), box.right(), box.bottom())
            for part in self.grid.rows_in(*sides, self._count()):
                chosen.append(self._range(part[0], part[-1]))
        else:
            ends = [self._row_at(one) for one in (rect.topLeft(), rect.bottomRight())]
            rows = [row for row in ends if row is not None]
            if rows:
                chosen.append(self._range(min(rows), max(rows)))
        self.selectionModel().select(chosen, command)

    def _range(self, first: int, last: int) -> QItemSelectionRange:
        return QItemSelectionRange(self._found.index(first), self._found.index(last))

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:  # noqa: N802
        region = QRegion()
        for row in self._chosen_among(selection, self.seen_rows()):
            region += self._rect_of(row)
        return region

    def _chosen_among(self, selection: QItemSelection, rows: range) -> set[int]:
        """Which of these rows a selection, that may be of thousands, has."""
        parts = [selection.at(at) for at in range(selection.count())]
        found: set[int] = set()
        for part in parts:
            found.update(range(max(part.top(), rows.start), min(part.bottom() + 1, rows.stop)))
        return found

    def selected_rows(self) -> list[int]:
        """What is selected, in the order of the grid."""
        return sorted(self._chosen_among(self.selectionModel().selection(), range(self._count())))

    def select_rows(self, rows: Sequence[int]) -> None:
        """Select these and no others; the current one stays."""
        chosen = QItemSelection()
        for first, last in runs_of(rows):  # few, as each painting looks through them
            chosen.append(self._range(first, last))
        self.selectionModel().select(chosen, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def keyboardSearch(self, text: str) -> None:  # noqa: N802
        """Go to the next card whose file begins with what is typed."""
        items, start = self._found.items(), max(0, self.currentIndex().row())
        wanted, again = text.lower(), 1 if len(text) == 1 else 0
        for step in range(again, min(len(items), _MOST_LOOKED) + again):
            row = (start + step) % len(items)
            if items[row].file.rpartition("/")[2].lower().startswith(wanted):
                self.setCurrentIndex(self._found.index(row))
                return

    # --- hands -----------------------------------------------------------------------------------

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoomed.emit(event.angleDelta().y() // _WHEEL_STEP)
            event.accept()
        else:
            super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered_key.emit()
            event.accept()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        place = event.position().toPoint()
        is_free = event.button() == Qt.MouseButton.LeftButton and self._row_at(place) is None
        self._band_start = place + QPoint(0, self.verticalOffset()) if is_free else None
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        QAbstractItemView.mouseMoveEvent(self, event)
        if self._band_start is None or not event.buttons() & Qt.MouseButton.LeftButton:
            return
        now = event.position().toPoint() + QPoint(0, self.verticalOffset())
        self._stretch(QRect(self._band_start, now).normalized())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        QAbstractItemView.mouseReleaseEvent(self, event)
        self._band_start = None
        self._stretch(QRect())

    def _stretch(self, band: QRect) -> None:
        both = self._band.united(band)
        self._band = band
        self.viewport().update(both.translated(0, -self.verticalOffset()).adjusted(-2, -2, 2, 2))

    def viewportEvent(self, event: QEvent) -> bool:  # noqa: N802
        if event.type() == QEvent.Type.Leave:
            self._hover(-1)
        return super().viewportEvent(event)

    def _hover(self, row: int) -> None:
        for one in {self._hovered, row} - {-1} if row != self._hovered else ():
            self.viewport().update(self._rect_of(one))
        self._hovered = row

    def startDrag(self, actions: Qt.DropAction) -> None:  # noqa: N802
        drag = drag_of(self, self._found, self.selectedIndexes())
        if drag is not None:
            drag.exec(actions)

    # --- painting --------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        cards, items, model = self._cards, self._found.items(), self._found
        offset, seen, dirty = self.verticalOffset(), event.rect(), event.region()
        is_whole = dirty.rectCount() == 1
        focused = self.currentIndex().row() if self.hasFocus() else -1
        painter = QPainter(self.viewport())
        painter.fillRect(seen, cards.ground())
        cards.begin(painter, self.font())
        rows = self.grid.rows_between(seen.top() + offset, seen.bottom() + offset, len(items))
        chosen = self._chosen_among(self.selectionModel().selection(), rows)
        for row in rows:
            rect = self._rect_of(row)
            if not (rect.intersects(seen) if is_whole else dirty.intersects(rect)):
                continue
            item = items[row]
            cards.paint_card(
                painter,
                rect,
                item,
                model.thumbnail(item),
                is_selected=row in chosen,
                is_hovered=row == self._hovered,
                has_focus=row == focused,
                has_words=is_whole or dirty.intersects(cards.words_in(rect)),
            )
        if not self._band.isEmpty():
            self._paint_band(painter)
        painter.end()

    def _paint_band(self, painter: QPainter) -> None:
        accent = self._cards.look.colour("accent")
        faint = QColor(accent)
        faint.setAlphaF(0.15)
        painter.setPen(accent)
        painter.setBrush(faint)
        painter.drawRect(self._band.translated(0, -self.verticalOffset()))
