"""What a canvas shows, and how it is painted, in device pixels.

ground -> squares behind clear pixels -> picture, or before and after, or what lies over it -> grid
-> painted region -> frame of the middle tile -> divider -> brush -> note
"""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QImage, QPainter, QPen, QPixmap

from llamavis_studio.app.canvas_view import View
from llamavis_studio.app.pixels import PaintedMask
from llamavis_studio.app.theme import Look

GRID_FROM = 8  # the zoom from which lines between pixels leave the pixels visible
_CHECKER = 8  # logical pixels
_HATCH = 10  # logical pixels


class Scene:
    """The parts of what is shown; a canvas changes them and asks for `paint`."""

    def __init__(self, look: Look) -> None:
        self.look = look
        self.view = View()
        self.image = QImage()  # as it came, for colours to be told
        self.mask: PaintedMask | None = None
        self.brush_px = 8
        self.at = QPoint(-1, -1)  # the pixel under the cursor, or under the brush of the keys
        self.brush_shown = False
        self.grid = True
        self.divider = 0.5  # share of the width of the widget, so that it is always in sight
        self.words = ("", "")  # above the divider's two sides
        self._shown = QImage()  # premultiplied, as painting wants it
        self._before = QImage()
        self._over = QImage()
        self._note = ""
        self._small: dict[tuple[int, int, int], QImage] = {}

    def set_image(self, image: QImage) -> None:
        """Another picture."""
        self.image = image
        self._shown = _for_screen(image)
        self._small = {}

    def set_before(self, image: QImage) -> None:
        """What the picture was; one of another size is shown as large as the picture."""
        self._before = _for_screen(image)
        self._small = {}

    def set_over(self, image: QImage, note: str) -> None:
        """What is shown instead of the picture for a while, and a word about it in the corner."""
        self._over, self._note = _for_screen(image), note
        self._small = {}

    @property
    def compares(self) -> bool:
        """Whether there is something left of the divider."""
        return not self._before.isNull() and self._over.isNull()

    @property
    def covered(self) -> bool:
        """Whether something is shown instead of the picture."""
        return not self._over.isNull()

    def paint(self, painter: QPainter, area: QSize, ratio: float) -> None:
        """All of it; `painter` counts device pixels, of which `ratio` make a logical one."""
        bounds = QRect(QPoint(0, 0), area)
        painter.fillRect(bounds, self.look.colour("window"))
        if self._shown.isNull():
            return
        middle = round(self.divider * area.width())
        if self.compares:
            left = QRect(0, 0, middle, area.height())
            self._paint_picture(painter, self._before, left, ratio)
            self._paint_picture(painter, self._shown, bounds.adjusted(middle, 0, 0, 0), ratio)
        else:
            shown = self._shown if self._over.isNull() else self._over
            self._paint_picture(painter, shown, bounds, ratio)
        if self.grid and self.view.scale >= GRID_FROM:
            other = self.compares and self._before.size() != self.image.size()
            self._paint_grid(painter, bounds.adjusted(middle, 0, 0, 0) if other else bounds)
        if self.mask is not None:
            self._paint_mask(painter, bounds, ratio)
        if self.view.around:
            self._paint_frame(painter)
        if self.compares:
            self._paint_divider(painter, bounds, ratio)
        if self.mask is not None and self.brush_shown:
            self._paint_brush(painter, ratio)
        if self._note:
            self._paint_chip(painter, self._note, 8 * ratio, ratio)

    def _paint_picture(self, painter: QPainter, image: QImage, clip: QRect, ratio: float) -> None:
        painter.save()
        painter.setClipRect(clip)
        for cell in self.view.cells():
            seen = cell.intersected(clip)
            if seen.isEmpty():
                continue
            if image.hasAlphaChannel():
                painter.fillRect(seen, self._checker(ratio))
            if image.size() != self.image.size():
                self._paint_fitted(painter, image, cell)
            elif self.view.scale < 1:
                painter.drawImage(cell.topLeft(), self._reduced(image, cell.size()))
            else:
                self._paint_whole_pixels(painter, image, cell, seen)
        painter.restore()

    def _paint_whole_pixels(
        self, painter: QPainter, image: QImage, cell: QRect, seen: QRect
    ) -> None:
        """Only the pixels in sight, each of them whole: a huge target would lose accuracy."""
        scale = round(self.view.scale)
        left = (seen.left() - cell.left()) // scale
        top = (seen.top() - cell.top()) // scale
        right = (seen.right() - cell.left()) // scale + 1
        bottom = (seen.bottom() - cell.top()) // scale + 1
        source = QRect(left, top, right - left, bottom - top)
        target = QRect(
            cell.left() + left * scale,
            cell.top() + top * scale,
            source.width() * scale,
            source.height() * scale,
        )
        painter.drawImage(target, image, source)

    def _paint_fitted(self, painter: QPainter, image: QImage, cell: QRect) -> None:
        """A picture of another size in the place of this one, with its own proportions."""
        size = image.size().scaled(cell.size(), Qt.AspectRatioMode.KeepAspectRatio)
        place = QRect(QPoint(0, 0), size.expandedTo(QSize(1, 1)))
        place.moveCenter(cell.center())
        if size.width() < image.width():
            painter.drawImage(place.topLeft(), self._reduced(image, place.size()))
        else:
            painter.drawImage(place, image)

    def _reduced(self, image: QImage, size: QSize) -> QImage:
        """Every pixel counts, unlike in Qt's painting below one half; kept for this zoom."""
        key = (image.cacheKey(), size.width(), size.height())
        if key not in self._small:
            if len(self._small) > 1:  # a before and an after
                self._small.clear()
            self._small[key] = image.scaled(
                size,
                Qt.AspectRatioMode.IgnoreAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
        return self._small[key]

    def _checker(self, ratio: float) -> QBrush:
        first, second = self.look.colour("checker_a"), self.look.colour("checker_b")
        return checker_brush(first, second, max(1, round(_CHECKER * ratio)))

    def _paint_grid(self, painter: QPainter, bounds: QRect) -> None:
        scale = round(self.view.scale)
        alpha = min(60 + 5 * (scale - GRID_FROM), 150)  # faint where the pixels are small
        painter.setPen(QPen(_faded(self.look.colour("line"), alpha), 1))
        for cell in self.view.cells():
            seen = cell.intersected(bounds)
            if seen.isEmpty():
                continue
            first = seen.left() + (cell.left() - seen.left()) % scale
            for x in range(first, seen.right() + 1, scale):
                painter.drawLine(x, seen.top(), x, seen.bottom())
            first = seen.top() + (cell.top() - seen.top()) % scale
            for y in range(first, seen.bottom() + 1, scale):
                painter.drawLine(seen.left(), y, seen.right(), y)

    def _paint_mask(self, painter: QPainter, bounds: QRect, ratio: float) -> None:
        assert self.mask is not None
        cell = self.view.cell()
        seen = cell.intersected(bounds)
        if seen.isEmpty():
            return
        layer = QImage(seen.size(), QImage.Format.Format_ARGB32_Premultiplied)
        layer.fill(Qt.GlobalColor.transparent)
        inner = QPainter(layer)
        inner.translate(-seen.topLeft())
        if self.view.scale < 1:
            inner.drawImage(cell, self.mask.image)
        else:
            self._paint_whole_pixels(inner, self.mask.image, cell, seen)
        inner.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
        accent, ground = self.look.colour("accent"), self.look.colour("on_accent")
        inner.fillRect(seen, hatch_brush(accent, ground, max(4, round(_HATCH * ratio))))
        inner.end()
        painter.drawImage(seen.topLeft(), layer)

    def _paint_frame(self, painter: QPainter) -> None:
        cell = self.view.cell().adjusted(0, 0, -1, -1)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(_faded(self.look.colour("panel"), 160), 1))
        painter.drawRect(cell)
        painter.setPen(QPen(_faded(self.look.colour("text"), 160), 1, Qt.PenStyle.DashLine))
        painter.drawRect(cell)

    def _paint_divider(self, painter: QPainter, bounds: QRect, ratio: float) -> None:
        x = round(self.divider * bounds.width())
        thick = max(2, round(2 * ratio))
        accent, ground = self.look.colour("accent"), self.look.colour("on_accent")
        painter.fillRect(x - thick, 0, 2 * thick, bounds.height(), _faded(ground, 140))
        painter.fillRect(x - thick // 2, 0, thick, bounds.height(), accent)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle, radius = bounds.height() / 2, 11 * ratio
        painter.setPen(QPen(ground, ratio))
        painter.setBrush(accent)
        painter.drawEllipse(QRectF(x - radius, middle - radius, 2 * radius, 2 * radius))
        painter.setPen(QPen(ground, 1.6 * ratio))
        for side in (-1, 1):  # two arrowheads: it can be dragged
            tip, back = x + side * 7 * ratio, x + side * 3.5 * ratio
            for end in (-3.5, 3.5):
                painter.drawLine(
                    round(back), round(middle + end * ratio), round(tip), round(middle)
                )
        self._paint_words(painter, x, ratio)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _paint_words(self, painter: QPainter, x: int, ratio: float) -> None:
        before, after = self.words
        old, new = self._before.size(), self.image.size()
        if old != new:
            before += f"  {old.width()} × {old.height()}"
            after += f"  {new.width()} × {new.height()}"
        self._paint_chip(painter, before, x - 8 * ratio, ratio, left=False)
        self._paint_chip(painter, after, x + 8 * ratio, ratio)

    def _paint_chip(
        self, painter: QPainter, word: str, x: float, ratio: float, *, left: bool = True
    ) -> None:
        """A word on a small card at the top; `x` is its left edge, or its right one."""
        font = QFont(painter.font())
        font.setPixelSize(round(12 * ratio))
        painter.setFont(font)
        height, gap = round(22 * ratio), round(8 * ratio)
        width = painter.fontMetrics().horizontalAdvance(word) + 2 * gap
        chip = QRectF(x if left else x - width, gap, width, height)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self.look.colour("line"), ratio))
        painter.setBrush(self.look.colour("panel"))
        painter.drawRoundedRect(chip, 5 * ratio, 5 * ratio)
        painter.setPen(self.look.colour("text"))
        painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, word)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _paint_brush(self, painter: QPainter, ratio: float) -> None:
        scale, half = self.view.scale, self.brush_px // 2
        side = max(3.0, self.brush_px * scale)
        left = self.view.left + (self.at.x() - half) * scale
        top = self.view.top + (self.at.y() - half) * scale
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for use, width in (("panel", 3.0), ("text", 1.2)):  # one of them shows on any picture
            painter.setPen(QPen(self.look.colour(use), width * ratio))
            painter.drawEllipse(QRectF(left, top, side, side))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def checker_brush(first: QColor, second: QColor, side: int) -> QBrush:
    """What shows through clear pixels: squares of `side`."""
    tile = QPixmap(2 * side, 2 * side)
    tile.fill(first)
    painter = QPainter(tile)
    painter.fillRect(side, 0, side, side, second)
    painter.fillRect(0, side, side, side, second)
    painter.end()
    return QBrush(tile)


def hatch_brush(colour: QColor, ground: QColor, side: int) -> QBrush:
    """Diagonals of `colour` with edges of `ground`: seen on any picture, also without colours."""
    tile = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    veil = QColor(colour)
    veil.setAlpha(70)
    tile.fill(veil)
    painter = QPainter(tile)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for pen in (QPen(ground, side / 3), QPen(colour, side / 6)):
        painter.setPen(pen)
        for shift in (-side, 0, side):  # the neighbours' ends meet in the corners
            painter.drawLine(shift - 2, side + 2, shift + side + 2, -2)
    painter.end()
    return QBrush(tile)


def _faded(colour: QColor, alpha: int) -> QColor:
    out = QColor(colour)
    out.setAlpha(alpha)
    return out


def _for_screen(image: QImage) -> QImage:
    """Premultiplied, so that what is clear lends no colour when the picture is made smaller."""
    if image.isNull():
        return image
    form = QImage.Format.Format_RGB32
    if image.hasAlphaChannel():
        form = QImage.Format.Format_ARGB32_Premultiplied
    return image.convertToFormat(form)
