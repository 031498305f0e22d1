"""The grid of the gallery: cards share the width evenly, the wheel with Ctrl makes them larger."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QWidget

from llamavis_studio.app.gallery_delegate import GalleryDelegate
from llamavis_studio.app.gallery_model import GalleryModel

_WHEEL_STEP = 120  # of one notch, as Qt counts
_GAP = 4  # px between rows


class GridView(QListView):
    """Cards in even columns."""

    entered_key = Signal()
    """Enter was pressed on the current card."""
    zoomed = Signal(int)
    """(notches) of the wheel with Ctrl, more than 0 for larger."""

    def __init__(
        self, model: GalleryModel, delegate: GalleryDelegate, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._cards = delegate
        self.setModel(model)
        self.setItemDelegate(delegate)
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        # One size for all and one pass: a layout of 100,000 cards is then arithmetic only.
        self.setUniformItemSizes(True)
        self.setLayoutMode(QListView.LayoutMode.SinglePass)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setMouseTracking(True)
        # After `setMovement`, which turns dragging off.
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.fit()

    def fit(self) -> None:
        """Share the width among as many columns as it has room for."""
        card = self._cards.card_size(self.font())
        bar = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent, None, self)
        # The bar's room is kept free always, so that its coming does not move the cards.
        room = max(card.width(), self.width() - bar - 2 * self.frameWidth() - 1)
        columns = room // card.width()
        cell = QSize(room // columns, card.height() + _GAP)
        if cell != self.gridSize():
            self._cards.cell = cell
            self.setGridSize(cell)
            self.verticalScrollBar().setSingleStep(cell.height() // 3)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        self.fit()
        super().resizeEvent(event)

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
