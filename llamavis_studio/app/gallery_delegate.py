"""Painting a card of the gallery: the picture on a checkerboard, its badges, its name.

Pixel art is enlarged by whole factors of the screen's own pixels, without mixing colours; all
else is fitted smoothly. A state is told by a shape and a colour, never by colour alone.

A scroll paints some fifty cards a frame. What many cards share (badges, empty boxes, plates with a
number, sizes) is painted once into a pixmap; names are cut and laid out once.
"""

from __future__ import annotations

import math
from functools import lru_cache

from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QImage,
    QPainter,
    QPen,
    QPixmap,
    QStaticText,
)
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from llamavis_studio.app import theme
from llamavis_studio.app.gallery_kept import PaintedOnce
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
_MOST_TEXTS = 2048  # laid out names that are kept: as many cards as some forty screens hold
_MOST_PIXMAPS = 512
_SPREAD = 4  # px that badges stand out of the picture's box


class GalleryDelegate(QStyledItemDelegate):
    """Cards for pictures of at most `side` px.

    `begin` once a painting, then `paint_card` for each card; `paint` does both, for Qt's own use.
    """

    def __init__(self, look: Look, side: int = 128, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.look = look
        self._side = side
        self._font = QFont()
        self._metrics = QFontMetrics(self._font)
        self._little = QFont()
        self._kept = PaintedOnce(_MOST_PIXMAPS)
        self._texts: dict[tuple[str, int], QStaticText] = {}
        self.set_look(look)
        self._use_font(self._font)

    @property
    def side(self) -> int:
        """Px of the box that a picture is fitted into."""
        return self._side

    @side.setter
    def side(self, side: int) -> None:
        self._side = side
        self._kept.clear()
        self._texts.clear()

    def set_look(self, look: Look) -> None:
        """Paint in other colours from now on."""
        self.look = look
        self._kept.clear()
        uses = ("text", "dim", "accent", "selection", "raised", "bad", "panel")
        self._colours = {use: look.colour(use) for use in uses}

    def ground(self) -> QColor:
        """What lies under the cards."""
        return self._colours["panel"]

    def card_size(self, font: QFont) -> QSize:
        """The least room of a card."""
        lines = 2 if self._side >= _TWO_LINES_FROM else 1
        text = lines * QFontMetrics(font).height()
        return QSize(self._side + 2 * _PAD, self._side + 2 * _PAD + _GAP + text)

    def box_in(self, card: QRect) -> QRect:
        """Where picture and badges of a card are."""
        return self._box(card).adjusted(-_SPREAD, -_SPREAD, _SPREAD, _SPREAD)

    def words_in(self, card: QRect) -> QRect:
        """Where the words of a card are."""
        top = card.top() + _PAD + self._side + _SPREAD
        return QRect(card.left(), top, card.width(), card.bottom() - top + 1)

    def _box(self, card: QRect) -> QRect:
        left = card.left() + (card.width() - self._side) // 2
        return QRect(left, card.top() + _PAD, self._side, self._side)

    def sizeHint(  # noqa: N802
        self, option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return self.card_size(option.font)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        item: Shown | None = index.data(ITEM_ROLE)
        if item is None:
            return
        painter.save()
        self.begin(painter, option.font)
        image = index.data(Qt.ItemDataRole.DecorationRole)
        self.paint_card(
            painter,
            option.rect,
            item,
            image,
            is_selected=bool(option.state & QStyle.StateFlag.State_Selected),
        )
        painter.restore()

    def begin(self, painter: QPainter, font: QFont) -> None:
        """Before the cards of one painting."""
        device = painter.device()
        ratio = device.devicePixelRatio() if device is not None else 1.0
        if font != self._font or ratio != self._kept.ratio:
            self._kept.ratio = ratio
            self._kept.clear()
            self._texts.clear()
            self._use_font(font)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._font)

    def _use_font(self, font: QFont) -> None:
        self._font, self._little = QFont(font), QFont(font)
        self._metrics = QFontMetrics(self._font)
        self._little.setPointSizeF(max(7.0, font.pointSizeF() - 1.0))

    def paint_card(
        self,
        painter: QPainter,
        card: QRect,
        item: Shown,
        image: QImage | None,
        *,
        is_selected: bool = False,
        is_hovered: bool = False,
        has_focus: bool = False,
        has_words: bool = True,
    ) -> None:
        """Paint a card; `image` is None while its thumbnail is on the way, null where there is
        none. Without `has_words` what lies under the picture is left as it is.
        """
        if is_selected or is_hovered or has_focus:
            self._paint_ground(painter, card, is_selected, is_hovered, has_focus)
        box = self._box(card)
        if image is None or image.isNull():
            self._paint_no_picture(painter, box, item, is_waited_for=image is None)
        else:
            self._paint_picture(painter, box, item, image)
        self._paint_badges(painter, box, item)
        if has_words:
            self._paint_words(painter, card, box.bottom() + _GAP, item)

    def _paint_ground(
        self, painter: QPainter, card: QRect, is_selected: bool, is_hovered: bool, has_focus: bool
    ) -> None:
        edge = QRectF(card).adjusted(2, 2, -2, -2)
        colour = self._colours["selection" if is_selected else "raised"]
        painter.setBrush(colour if is_selected or is_hovered else Qt.BrushStyle.NoBrush)
        # The one that keys move from has a thicker line than what is selected with it.
        width = 3.0 if has_focus else 1.25
        painter.setPen(
            QPen(self._colours["accent"], width) if is_selected or has_focus else Qt.PenStyle.NoPen
        )
        painter.drawRoundedRect(edge, 6, 6)

    def _paint_picture(self, painter: QPainter, box: QRect, item: Shown, image: QImage) -> None:
        size, ratio = image.size(), self._kept.ratio
        left, top, width, height, is_crisp = _placed(
            size.width(), size.height(), item.width, item.height, self._side, ratio
        )
        target = QRectF(box.left() + left, box.top() + top, width, height)
        if image.hasAlphaChannel():
            ground = self._checker()
            painter.drawPixmap(target, ground, QRectF(0, 0, width * ratio, height * ratio))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not is_crisp)
        if item.missing:
            painter.setOpacity(0.4)
        if width == size.width() and height == size.height() and ratio == 1.0:
            painter.drawImage(target.topLeft(), image)  # a copy, which no scaling slows down
        else:
            painter.drawImage(target, image)
        if item.missing:
            painter.setOpacity(1.0)
            self._paint_dashes(painter, QRectF(box))

    def _checker(self) -> QPixmap:
        """The checkerboard under clear pixels, as large as pictures get; a part of it is copied."""

        def paint(inner: QPainter) -> None:
            inner.fillRect(0, 0, self._side, self._side, self.look.colour("checker_a"))
            odd = self.look.colour("checker_b")
            fields = range(math.ceil(self._side / _CHECK))
            for x, y in ((x, y) for x in fields for y in fields if x % 2 == y % 2):
                inner.fillRect(x * _CHECK, y * _CHECK, _CHECK, _CHECK, odd)

        return self._kept.get(("checker",), self._side, self._side, paint, is_clear=False)

    def _paint_no_picture(
        self, painter: QPainter, box: QRect, item: Shown, *, is_waited_for: bool
    ) -> None:
        is_wrong = bool(item.problem or item.missing or not is_waited_for)
        name = "missing" if item.missing else "fail" if is_wrong else "image"

        def paint(inner: QPainter) -> None:
            place = QRect(0, 0, self._side, self._side)
            inner.setPen(Qt.PenStyle.NoPen)
            inner.setBrush(self.look.colour("window"))
            inner.drawRoundedRect(place, 4, 4)
            if is_wrong:
                self._paint_dashes(inner, QRectF(place))
            side = max(20, min(48, self._side // 3))
            middle = QRect(0, 0, side, side)
            middle.moveCenter(place.center())
            inner.setOpacity(1.0 if is_wrong else 0.35)
            theme.icon(name, self.look, "bad" if is_wrong else "dim").paint(inner, middle)

        key = ("none", name)
        painter.drawPixmap(box.topLeft(), self._kept.get(key, self._side, self._side, paint))

    def _paint_dashes(self, painter: QPainter, box: QRectF) -> None:
        painter.setPen(QPen(self._colours["bad"], 1.5, Qt.PenStyle.DashLine))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box.adjusted(0.75, 0.75, -0.75, -0.75), 4, 4)

    def _paint_badges(self, painter: QPainter, box: QRect, item: Shown) -> None:
        state = "missing" if item.missing else "failed" if item.problem else item.state
        badge = STATE_BADGES.get(state)
        side = _BADGE - 4 if box.width() < 2 * _TWO_LINES_FROM // 3 else _BADGE
        if badge is not None:
            place = QPointF(box.right() - side + 3, box.top() - 3)
            painter.drawPixmap(place, self._badge(badge, side))
        if item.frames > 1:
            place = QPointF(box.left() - 3, box.bottom() - side + 4)
            painter.drawPixmap(place, self._frames(item.frames, side))

    def _badge(self, badge: tuple[str, str], side: int) -> QPixmap:
        def paint(inner: QPainter) -> None:
            plate = QRectF(0, 0, side, side)
            self._paint_plate(inner, plate)
            place = plate.adjusted(4, 4, -4, -4).toRect()
            theme.icon(badge[0], self.look, badge[1]).paint(inner, place)

        return self._kept.get((*badge, side), side, side, paint)

    def _frames(self, count: int, side: int) -> QPixmap:
        little = QFont(self._font)
        little.setPointSizeF(max(7.0, self._font.pointSizeF() - 1.5))
        width = QFontMetrics(little).horizontalAdvance(str(count)) + side + 4

        def paint(inner: QPainter) -> None:
            plate = QRectF(0, 0, width, side)
            self._paint_plate(inner, plate)
            place = QRectF(5, 5, side - 10, side - 10).toRect()
            theme.icon("play", self.look, "text").paint(inner, place)
            inner.setFont(little)
            inner.setPen(self._colours["text"])
            flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
            inner.drawText(plate.adjusted(side - 2, 0, 0, 0), flags, str(count))

        return self._kept.get(("frames", count, side), width, side, paint)

    def _paint_plate(self, painter: QPainter, plate: QRectF) -> None:
        ground = QColor(self.look.panel)
        ground.setAlphaF(0.94)
        painter.setPen(QPen(self.look.colour("line"), 1))
        painter.setBrush(ground)
        radius = plate.height() / 2 - 0.5
        painter.drawRoundedRect(plate.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)

    def _paint_words(self, painter: QPainter, card: QRect, top: int, item: Shown) -> None:
        room = card.width() - 12
        name = self._text(item.file.rpartition("/")[2] or item.path.name, room)
        painter.setPen(self._colours["dim" if item.missing else "text"])
        left = card.left() + (card.width() - name.size().width()) / 2
        painter.drawStaticText(QPointF(left, top), name)
        if self._side < _TWO_LINES_FROM or not item.width:
            return
        line = self._metrics.height()
        size = self._size_line(item.width, item.height, room, line)
        painter.drawPixmap(QPointF(card.left() + 6, top + line), size)

    def _text(self, name: str, room: int) -> QStaticText:
        """A name cut to so many px and laid out, once."""
        found = self._texts.get((name, room))
        if found is None:
            if len(self._texts) >= _MOST_TEXTS:
                self._texts.clear()
            metrics = self._metrics
            cut = name
            if metrics.horizontalAdvance(name) > room:
                cut = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, room)
            found = QStaticText(cut)
            found.setTextFormat(Qt.TextFormat.PlainText)
            found.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
            found.prepare(font=self._font)
            self._texts[name, room] = found
        return found

    def _size_line(self, width: int, height: int, room: int, line: int) -> QPixmap:
        def paint(inner: QPainter) -> None:
            inner.setFont(self._little)
            inner.setPen(self._colours["dim"])
            place = QRect(0, 0, room, line)
            inner.drawText(place, Qt.AlignmentFlag.AlignCenter, f"{width} × {height}")

        return self._kept.get((width, height, room), room, line, paint)


@lru_cache(maxsize=4096)
def _placed(
    width: int, height: int, own_width: int, own_height: int, side: int, ratio: float
) -> tuple[float, float, float, float, bool]:
    """`place_of` in a square box at 0, 0, as numbers: (left, top, width, height, is crisp)."""
    box = QRect(0, 0, side, side)
    place, is_crisp = place_of(QSize(width, height), (own_width, own_height), box, ratio)
    return place.left(), place.top(), place.width(), place.height(), is_crisp


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
