"""Painting a row of the queue: the picture, its name, why it is drawn or what went wrong.

A state is told by a sign and in words, never by colour alone. A row that failed has a button that
draws it again.
"""

from __future__ import annotations

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont, QFontMetrics, QHelpEvent, QImage, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
    QWidget,
)

from llamavis_studio.app.messages import said
from llamavis_studio.app.queue_model import (
    DRAWN,
    FAILED,
    PROBLEM,
    ROW_ROLE,
    RUNNING,
    SAME,
    WAITING,
    Row,
)
from llamavis_studio.app.sentences import capital, told
from llamavis_studio.app.theme import Look, icon

SIGNS = {
    RUNNING: ("brush", "accent"), WAITING: ("clock", "dim"), DRAWN: ("check", "good"),
    SAME: ("check", "dim"), FAILED: ("fail", "bad"), PROBLEM: ("fail", "warn"),
}  # fmt: skip
"""State: (icon, colour)."""

PICTURE = 30  # px across
_PAD = 5  # px around everything
_SIGN = 16  # px across
_BUTTON = 26  # px across
_LEAST = 160  # px: rows of a narrower list are measured as if it were so wide


class QueueDelegate(QStyledItemDelegate):
    """Emits `again_asked` with the image whose button was pressed. `drawn` is how much of what
    runs is done, 0 to 1.
    """

    again_asked = Signal(str)

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.look = look
        self.drawn = 0.0

    def row_height(self, font: QFont) -> int:
        """How high a row without a message is, in px."""
        return max(PICTURE, 2 * QFontMetrics(font).height()) + 2 * _PAD

    def sizeHint(  # noqa: N802 - Qt's name
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        line = QFontMetrics(option.font).height()
        height = self.row_height(option.font)
        row: Row | None = index.data(ROW_ROLE)
        view = option.widget
        width = view.viewport().width() if isinstance(view, QAbstractItemView) else _LEAST
        if row is not None and row.state in (FAILED, PROBLEM):
            room = QRect(0, 0, max(_LEAST, width) - self._text_left() - self._right(row), 4000)
            wrapped = QFontMetrics(_small(option.font)).boundingRect(
                room, Qt.TextFlag.TextWordWrap, _trouble(row)
            )
            height = max(height, line + wrapped.height() + 2 * _PAD)
        return QSize(PICTURE, height)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        row: Row | None = index.data(ROW_ROLE)
        if row is None:
            return
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, QRectF(rect).adjusted(1, 1, -1, -1), state)
        box = QRect(rect.left() + _PAD, rect.top() + _PAD, PICTURE, PICTURE)
        self._paint_picture(painter, box, index.data(Qt.ItemDataRole.DecorationRole), row)
        self._paint_words(painter, rect, option.font, row)
        if row.state == RUNNING:
            self._paint_progress(painter, rect)
        sign, use = SIGNS[row.state]
        place = QRect(0, 0, _SIGN, _SIGN)
        place.moveCenter(QPointF(rect.right() - _PAD - _SIGN / 2, box.center().y()).toPoint())
        icon(sign, self.look, use).paint(painter, place)
        if row.state == FAILED:
            self._paint_button(painter, again_place(rect), bool(state & _HOVER))
        painter.restore()

    def editorEvent(  # noqa: N802 - Qt's name
        self,
        event: QEvent,
        model: QAbstractItemModel,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> bool:
        row: Row | None = index.data(ROW_ROLE)
        if isinstance(event, QMouseEvent) and row is not None and row.state == FAILED:
            is_on_it = again_place(option.rect).contains(event.position().toPoint())
            if is_on_it and event.button() == Qt.MouseButton.LeftButton:
                if event.type() == QEvent.Type.MouseButtonRelease:
                    self.again_asked.emit(row.output)
                return True
        return super().editorEvent(event, model, option, index)

    def helpEvent(  # noqa: N802 - Qt's name
        self,
        event: QHelpEvent,
        view: QAbstractItemView,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> bool:
        row: Row | None = index.data(ROW_ROLE)
        if (
            row is not None
            and row.state == FAILED
            and again_place(option.rect).contains(event.pos())
        ):
            QToolTip.showText(event.globalPos(), self.tr("Draw again"), view)
            return True
        return super().helpEvent(event, view, option, index)

    def _text_left(self) -> int:
        return PICTURE + 2 * _PAD + 2

    def _right(self, row: Row) -> int:
        button = _BUTTON + _PAD if row.state == FAILED else 0
        return _SIGN + 2 * _PAD + button

    def _paint_ground(self, painter: QPainter, card: QRectF, state: QStyle.StateFlag) -> None:
        is_selected = bool(state & QStyle.StateFlag.State_Selected)
        if is_selected or state & _HOVER:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self.look.colour("selection" if is_selected else "raised"))
            painter.drawRoundedRect(card, 5, 5)
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(self.look.colour("accent"), 1.2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(card, 5, 5)

    def _paint_picture(self, painter: QPainter, box: QRect, image: QImage | None, row: Row) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.look.colour("checker_b"))
        painter.drawRoundedRect(box, 4, 4)
        if image is None or image.isNull():
            name = "fail" if row.state == PROBLEM else "image"
            place = QRect(0, 0, _SIGN, _SIGN)
            place.moveCenter(box.center())
            painter.setOpacity(0.5)
            icon(name, self.look, "dim").paint(painter, place)
        else:
            painter.setOpacity(0.6 if row.state == WAITING else 1.0)
            paint_fitted(painter, box, image)
        painter.setOpacity(1.0)

    def _paint_words(self, painter: QPainter, rect: QRect, font: QFont, row: Row) -> None:
        line = QFontMetrics(font).height()
        room = rect.adjusted(self._text_left(), _PAD, -self._right(row), -_PAD)
        name = QFont(font)
        name.setBold(row.state == RUNNING)
        painter.setFont(name)
        painter.setPen(self.look.colour("text"))
        first = QRect(room.left(), room.top(), room.width(), line)
        middle, left = Qt.TextElideMode.ElideMiddle, Qt.AlignmentFlag.AlignLeft
        words = QFontMetrics(name).elidedText(row.name, middle, room.width())
        painter.drawText(first, left | Qt.AlignmentFlag.AlignVCenter, words)
        small = _small(font)
        painter.setFont(small)
        rest = room.adjusted(0, line, 0, 0)
        if row.state in (FAILED, PROBLEM):
            painter.drawText(rest, left | Qt.TextFlag.TextWordWrap, _trouble(row))
            return
        painter.setPen(self.look.colour("dim"))
        metrics = QFontMetrics(small)
        about = said(row.reason) or row.words or row.output
        words = metrics.elidedText(about, middle, room.width())
        painter.drawText(rest, left | Qt.AlignmentFlag.AlignTop, words)

    def _paint_progress(self, painter: QPainter, rect: QRect) -> None:
        whole = QRectF(rect.left() + _PAD, rect.bottom() - 3, rect.width() - 2 * _PAD, 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.look.colour("line"))
        painter.drawRoundedRect(whole, 1, 1)
        whole.setWidth(whole.width() * self.drawn)
        painter.setBrush(self.look.colour("accent"))
        painter.drawRoundedRect(whole, 1, 1)

    def _paint_button(self, painter: QPainter, place: QRect, is_hovered: bool) -> None:
        painter.setPen(QPen(self.look.colour("line"), 1))
        painter.setBrush(self.look.colour("panel" if is_hovered else "raised"))
        painter.drawRoundedRect(QRectF(place).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        icon("reload", self.look).paint(painter, place.adjusted(6, 6, -6, -6))


_HOVER = QStyle.StateFlag.State_MouseOver


def again_place(rect: QRect) -> QRect:
    """Where the button stands in the row of an image that failed."""
    top = rect.top() + _PAD + (PICTURE - _BUTTON) // 2
    return QRect(rect.right() - 2 * _PAD - _SIGN - _BUTTON, top, _BUTTON, _BUTTON)


def paint_fitted(painter: QPainter, box: QRect, image: QImage) -> None:
    """An image as large as the box allows; small ones by whole factors, with hard pixels."""
    factor = min(box.width() / image.width(), box.height() / image.height())
    is_pixel_art = factor >= 1
    factor = int(factor) if is_pixel_art else factor
    place = QRectF(0, 0, image.width() * factor, image.height() * factor)
    place.moveCenter(QRectF(box).center())
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not is_pixel_art)
    painter.drawImage(place, image)


def _trouble(row: Row) -> str:
    """What went wrong and what to do about it, as sentences."""
    parts = (said(row.message), said(row.hint))
    return told(*(capital(part) for part in parts))


def _small(font: QFont) -> QFont:
    smaller = QFont(font)
    smaller.setPointSizeF(max(7.5, font.pointSizeF() - 1.0))
    return smaller
