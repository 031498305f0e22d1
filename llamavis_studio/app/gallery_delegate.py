"""Painting a card of the gallery: the picture on a checkerboard, its badges, its name.

Pixel art is enlarged by whole factors of the screen's own pixels, without mixing colours; all
else is fitted smoothly. A state is told by a shape and a colour, never by colour alone.
"""

from __future__ import annotations

import math

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from llamavis_studio.app import theme
from llamavis_studio.app.gallery_model import ITEM_ROLE, Shown
from llamavis_studio.app.theme import Look

STATE_BADGES: dict[str, tuple[str, str]] = {
    "stale": ("stale", "warn"),
    "missing": ("missing", "bad"),
    "edited": ("edited", "info"),
    "locked": ("lock", "dim"),
    "failed": ("fail", "bad"),
}
"""State: (icon, colour). What is fresh or has no description shows none: calm is the rule."""

_PAD = 8  # px between a card's edge and the picture
_GAP = 6  # px between picture and name
_CHECK = 8  # px of one field of the checkerboard
_BADGE = 22  # px across
_LARGE = 96  # px: pictures from here on are no longer drawn pixel by pixel at any price
_FILLED = 0.75  # of the box, which a whole factor has to fill for them
_TWO_LINES_FROM = 96  # px: smaller cards have no room for a size under the name


class GalleryDelegate(QStyledItemDelegate):
    """Cards for pictures of at most `side` px; `cell` is the room that the grid gives to each."""

    def __init__(self, look: Look, side: int = 128, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.look = look
        self.side = side
        self.cell = QSize()
        self._checker = QPixmap()
        self.set_look(look)

    def set_look(self, look: Look) -> None:
        """Paint in other colours from now on."""
        self.look = look
        self._checker = QPixmap(2 * _CHECK, 2 * _CHECK)
        self._checker.fill(look.colour("checker_a"))
        painter = QPainter(self._checker)
        painter.fillRect(0, 0, _CHECK, _CHECK, look.colour("checker_b"))
        painter.fillRect(_CHECK, _CHECK, _CHECK, _CHECK, look.colour("checker_b"))
        painter.end()

    def card_size(self, font: QFont) -> QSize:
        """The least room of a card."""
        lines = 2 if self.side >= _TWO_LINES_FROM else 1
        text = lines * QFontMetrics(font).height()
        return QSize(self.side + 2 * _PAD, self.side + 2 * _PAD + _GAP + text)

    def sizeHint(  # noqa: N802
        self, option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return self.cell if self.cell.isValid() else self.card_size(option.font)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        item: Shown | None = index.data(ITEM_ROLE)
        if item is None:
            return
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        font: QFont = option.font
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, QRectF(rect).adjusted(1.5, 1.5, -1.5, -1.5), state)
        box = QRect(0, rect.top() + _PAD, self.side, self.side)
        box.moveLeft(rect.left() + (rect.width() - self.side) // 2)
        self._paint_picture(painter, box, index.data(Qt.ItemDataRole.DecorationRole), item)
        self._paint_badges(painter, box, font, item)
        self._paint_words(painter, rect, box.bottom() + _GAP, font, item)
        painter.restore()

    def _paint_ground(self, painter: QPainter, card: QRectF, state: QStyle.StateFlag) -> None:
        is_selected = bool(state & QStyle.StateFlag.State_Selected)
        is_hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        if is_selected or is_hovered:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self.look.colour("selection" if is_selected else "raised"))
            painter.drawRoundedRect(card, 6, 6)
        if is_selected or state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(self.look.colour("accent"), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(card, 6, 6)

    def _paint_picture(
        self, painter: QPainter, box: QRect, image: QImage | None, item: Shown
    ) -> None:
        if image is None or image.isNull():
            self._paint_no_picture(painter, box, is_waited_for=image is None, item=item)
            return
        target, is_crisp = place_of(image.size(), (item.width, item.height), box, _ratio(painter))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not is_crisp)
        if image.hasAlphaChannel():
            painter.drawTiledPixmap(target, self._checker)
        if item.missing:
            painter.setOpacity(0.4)
        painter.drawImage(target, image)
        painter.setOpacity(1.0)
        if item.missing:
            self._paint_dashes(painter, QRectF(box))

    def _paint_no_picture(
        self, painter: QPainter, box: QRect, *, is_waited_for: bool, item: Shown
    ) -> None:
        is_wrong = bool(item.problem or item.missing or not is_waited_for)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.look.colour("window"))
        painter.drawRoundedRect(box, 4, 4)
        if is_wrong:
            self._paint_dashes(painter, QRectF(box))
        name = "missing" if item.missing else "fail" if is_wrong else "image"
        side = max(20, min(48, box.width() // 3))
        place = QRect(0, 0, side, side)
        place.moveCenter(box.center())
        painter.setOpacity(1.0 if is_wrong else 0.35)
        theme.icon(name, self.look, "bad" if is_wrong else "dim").paint(painter, place)
        painter.setOpacity(1.0)

    def _paint_dashes(self, painter: QPainter, box: QRectF) -> None:
        painter.setPen(QPen(self.look.colour("bad"), 1.5, Qt.PenStyle.DashLine))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box.adjusted(0.75, 0.75, -0.75, -0.75), 4, 4)

    def _paint_badges(self, painter: QPainter, box: QRect, font: QFont, item: Shown) -> None:
        state = "missing" if item.missing else "failed" if item.problem else item.state
        badge = STATE_BADGES.get(state)
        small = box.width() < 2 * _TWO_LINES_FROM // 3
        side = _BADGE - 4 if small else _BADGE
        if badge is not None:
            plate = QRectF(box.right() - side + 3, box.top() - 3, side, side)
            self._paint_plate(painter, plate)
            inner = plate.adjusted(4, 4, -4, -4).toRect()
            theme.icon(badge[0], self.look, badge[1]).paint(painter, inner)
        if item.frames > 1:
            text = str(item.frames)
            little = QFont(font)
            little.setPointSizeF(max(7.0, font.pointSizeF() - 1.5))
            width = QFontMetrics(little).horizontalAdvance(text) + side + 4
            plate = QRectF(box.left() - 3, box.bottom() - side + 4, width, side)
            self._paint_plate(painter, plate)
            inner = QRectF(plate.left() + 5, plate.top() + 5, side - 10, side - 10).toRect()
            theme.icon("play", self.look, "text").paint(painter, inner)
            painter.setFont(little)
            painter.setPen(self.look.colour("text"))
            flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
            painter.drawText(plate.adjusted(side - 2, 0, 0, 0), flags, text)

    def _paint_plate(self, painter: QPainter, plate: QRectF) -> None:
        ground = QColor(self.look.panel)
        ground.setAlphaF(0.94)
        painter.setPen(QPen(self.look.colour("line"), 1))
        painter.setBrush(ground)
        radius = plate.height() / 2
        painter.drawRoundedRect(plate, radius, radius)

    def _paint_words(
        self, painter: QPainter, card: QRect, top: int, font: QFont, item: Shown
    ) -> None:
        metrics = QFontMetrics(font)
        line = QRect(card.left() + 6, top, card.width() - 12, metrics.height())
        painter.setFont(font)
        painter.setPen(self.look.colour("dim" if item.missing else "text"))
        name = metrics.elidedText(item.path.name, Qt.TextElideMode.ElideMiddle, line.width())
        painter.drawText(line, Qt.AlignmentFlag.AlignCenter, name)
        if self.side < _TWO_LINES_FROM or not item.width:
            return
        line.translate(0, metrics.height())
        little = QFont(font)
        little.setPointSizeF(max(7.0, font.pointSizeF() - 1.0))
        painter.setFont(little)
        painter.setPen(self.look.colour("dim"))
        painter.drawText(line, Qt.AlignmentFlag.AlignCenter, f"{item.width} × {item.height}")


def place_of(
    thumbnail: QSize, picture: tuple[int, int], box: QRect, ratio: float = 1.0
) -> tuple[QRectF, bool]:
    """Where a thumbnail goes in a box, and whether it is drawn crisp.

    A thumbnail that is the picture itself, or the picture enlarged by a whole factor, is drawn as
    so many screen pixels for each of the picture's as fit; `ratio` is screen pixels per px.
    """
    width, height = picture
    is_whole = (
        0 < width <= box.width() * ratio
        and 0 < height <= box.height() * ratio
        and thumbnail.width() % width == 0
        and thumbnail.width() * height == thumbnail.height() * width
    )
    longer = max(width / (box.width() * ratio), height / (box.height() * ratio), 1e-6)
    if is_whole and max(width, height) >= _LARGE:
        # Large pictures lose little by being smoothed, and more by being small.
        is_whole = math.floor(1 / longer + 1e-9) * longer >= _FILLED
    if is_whole:
        factor = math.floor(1 / longer + 1e-9)
        size = (width * factor / ratio, height * factor / ratio)
    else:
        scale = min(box.width() / thumbnail.width(), box.height() / thumbnail.height())
        size = (thumbnail.width() * scale, thumbnail.height() * scale)
    left = math.floor((box.left() + (box.width() - size[0]) / 2) * ratio) / ratio
    top = math.floor((box.top() + (box.height() - size[1]) / 2) * ratio) / ratio
    return QRectF(QPointF(left, top), QPointF(left + size[0], top + size[1])), is_whole


def _ratio(painter: QPainter) -> float:
    device = painter.device()
    return device.devicePixelRatio() if device is not None else 1.0
