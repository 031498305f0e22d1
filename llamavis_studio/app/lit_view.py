"""A material under a lamp that one drags: on a sphere, or on a wall of its tiles.

Left drag: the lamp goes there. Keys: arrows move the lamp, plus brings it nearer, minus takes it
away, Home puts it back. Wheel: nearer and away.
"""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from llamavis_studio.app import theme
from llamavis_studio.app.pixels import to_qimage
from llamavis_studio.app.theme import DARK, Look
from llamavis_studio.imaging.lit import Shape, Texels, sphere, wall

SPHERE, WALL = "sphere", "wall"
_MARGIN = 14  # device pixels around the material
_MOST_SIDE = 344  # pixels of a sphere that is shaded; a larger one is drawn enlarged
_MOST_PIXELS = 100_000  # of a wall that is shaded: about 5 ms a frame
_START = {SPHERE: (-0.75, 0.85), WALL: (-0.45, 0.4)}
_HEIGHT = {SPHERE: (1.25, 1.6, 3.5), WALL: (0.15, 0.5, 1.6)}  # of the lamp: least, usual, most
_STEP = 0.08  # of the shape's radius, a key
_NEARER = 0.87
_REACH = 1.7  # so far from the middle, in radii, the lamp goes
_LAMP = 26  # logical pixels
_NOTCH = 120
_ARROWS: dict[int, tuple[int, int]] = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}


class LitView(QWidget):
    """Shows the texels of a material, lit; it shades anew only when something has changed."""

    def __init__(self, parent: QWidget | None = None, look: Look = DARK) -> None:
        super().__init__(parent)
        self._look = look
        self._levels: tuple[Texels, ...] = ()
        self._kind = SPHERE
        self._lamps = {kind: (*_START[kind], _HEIGHT[kind][1]) for kind in _START}
        self._shape: Shape | None = None
        self._times = 1  # device pixels a shaded one
        self._image = QImage()
        self._ringed = False
        self.setMinimumSize(120, 90)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.retranslate()

    @property
    def lamp(self) -> tuple[float, float, float]:
        """Where the lamp is, as `Shape.shade` takes it."""
        return self._lamps[self._kind]

    def set_levels(self, levels: tuple[Texels, ...]) -> None:
        """Another material, whole and then each time half as large; () for none."""
        self._levels = levels
        self._forget()

    def set_kind(self, kind: str) -> None:
        """`SPHERE` or `WALL`."""
        self._kind = kind
        self._forget()

    def set_look(self, look: Look) -> None:
        """Paint in another look."""
        self._look = look
        self.update()

    def retranslate(self) -> None:
        """Say everything in the language of now."""
        self.setAccessibleName(self.tr("Material under a lamp"))
        says = self.tr("Drag the lamp, or move it with the arrows; plus and minus, or the wheel, "
                       "bring it nearer or take it away, Home puts it back.")  # fmt: skip
        self.setAccessibleDescription(says)
        self.setToolTip(says)

    # ---- events

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """The material, and the lamp above it."""
        painter = QPainter(self)
        ratio = self.devicePixelRatioF()
        painter.scale(1 / ratio, 1 / ratio)
        painter.fillRect(QRect(0, 0, *self._area()), self._look.colour("window"))
        if self._levels:
            painter.drawImage(self._place(), self._picture())
        painter.resetTransform()
        if self._levels:
            self._paint_lamp(painter)
        if self._ringed:
            painter.setPen(QPen(self._look.colour("accent"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Shaded for the new size."""
        super().resizeEvent(event)
        self._forget()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """The lamp goes there."""
        self.mouseMoveEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """The lamp follows."""
        if self._levels and event.buttons() & Qt.MouseButton.LeftButton:
            x, y = self._from_screen(event.position())
            self._move_lamp(x, y, self.lamp[2])

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Nearer and away."""
        self._nearer(event.angleDelta().y() / _NOTCH)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """All that the mouse does, without it."""
        key = event.key()
        x, y, height = self.lamp
        if key in _ARROWS:
            right, up = _ARROWS[key]
            self._move_lamp(x + right * _STEP, y + up * _STEP, height)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self._nearer(1)
        elif key in (Qt.Key.Key_Minus, Qt.Key.Key_Underscore):
            self._nearer(-1)
        elif key == Qt.Key.Key_Home:
            self._move_lamp(*_START[self._kind], _HEIGHT[self._kind][1])
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """A ring for those who came with the keyboard."""
        self._ringed = event.reason() in (
            Qt.FocusReason.TabFocusReason,
            Qt.FocusReason.BacktabFocusReason,
        )
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """No ring."""
        self._ringed = False
        super().focusOutEvent(event)

    # ---- the lamp

    def _nearer(self, steps: float) -> None:
        x, y, height = self.lamp
        self._move_lamp(x, y, height * _NEARER**steps)

    def _move_lamp(self, x: float, y: float, height: float) -> None:
        far = math.hypot(x, y)
        if far > _REACH:
            x, y = x * _REACH / far, y * _REACH / far
        least, _, most = _HEIGHT[self._kind]
        self._lamps[self._kind] = (x, y, max(least, min(height, most)))
        self._image = QImage()
        self.update()

    def _from_screen(self, spot: QPointF) -> tuple[float, float]:
        """A point of the widget in radii from the middle of the shape, up and right positive."""
        place, ratio = QRectF(self._place()), self.devicePixelRatioF()
        radius = max(1.0, place.height() / 2)
        middle = place.center()
        return (spot.x() * ratio - middle.x()) / radius, (middle.y() - spot.y() * ratio) / radius

    def _to_screen(self, x: float, y: float) -> QPointF:
        place, ratio = QRectF(self._place()), self.devicePixelRatioF()
        radius, middle = place.height() / 2, place.center()
        return QPointF((middle.x() + x * radius) / ratio, (middle.y() - y * radius) / ratio)

    def _paint_lamp(self, painter: QPainter) -> None:
        x, y, height = self.lamp
        usual = _HEIGHT[self._kind][1]
        side = _LAMP * max(0.8, min(1.25, (usual / height) ** 0.35))
        inner = QRectF(self.rect()).adjusted(side / 2, side / 2, -side / 2, -side / 2)
        spot = self._to_screen(x, y)
        spot.setX(max(inner.left(), min(spot.x(), inner.right())))  # always there to be taken
        spot.setY(max(inner.top(), min(spot.y(), inner.bottom())))
        disc = QRectF(spot.x() - side / 2, spot.y() - side / 2, side, side)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._look.colour("accent"), 1.5))
        painter.setBrush(self._look.colour("panel"))
        painter.drawEllipse(disc)
        bulb = disc.adjusted(4, 4, -4, -4).toRect()
        theme.icon("bulb", self._look, "accent").paint(painter, bulb)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    # ---- the picture

    def _area(self) -> tuple[int, int]:
        ratio = self.devicePixelRatioF()
        return max(1, round(self.width() * ratio)), max(1, round(self.height() * ratio))

    def _forget(self) -> None:
        self._shape, self._image = None, QImage()
        self.update()

    def _place(self) -> QRect:
        """Where the shape lies, in device pixels."""
        shape = self._made_shape()
        size = QSize(shape.size[1], shape.size[0]) * self._times
        width, height = self._area()
        return QRect((width - size.width()) // 2, (height - size.height()) // 2,
                     size.width(), size.height())  # fmt: skip

    def _picture(self) -> QImage:
        if self._image.isNull():
            shaded = to_qimage(self._made_shape().shade(self.lamp))
            self._image = shaded.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
        return self._image

    def _made_shape(self) -> Shape:
        if self._shape is None:
            width, height = self._area()
            if self._kind == SPHERE:
                side = max(8, min(width, height) - 2 * _MARGIN)
                self._times = -(-side // _MOST_SIDE)
                self._shape = sphere(*_for_sphere(self._levels, side // self._times))
            else:
                level, self._times = wall_scale(self._levels, width, height)
                size = (max(1, width // self._times), max(1, height // self._times))
                if not level.tileable:
                    size = (min(size[0], level.size[1]), min(size[1], level.size[0]))
                self._shape = wall(level, size)
        return self._shape


def _for_sphere(levels: tuple[Texels, ...], side: int) -> tuple[Texels, int, int]:
    """What `sphere` takes: a level whose texels are no smaller than the pixels, and repeats."""
    repeats = 2 if levels[0].size[1] <= 128 and levels[0].tileable else 1
    seen = side * math.pi / 2 / repeats  # pixels a tile, in the middle of the sphere
    fitting = [level for level in levels if level.size[1] <= seen * 1.3]
    return (fitting or levels[-1:])[0], side, repeats


def wall_scale(levels: tuple[Texels, ...], width: int, height: int) -> tuple[Texels, int]:
    """Which level a wall of so many device pixels shows, and how many of them a texel takes.

    Small tiles are seen three times from top to bottom, large ones once.
    """
    first = levels[0].size[0]
    tiles = (3 if first <= 64 else 2 if first <= 160 else 1) if levels[0].tileable else 1
    for level in levels:
        times = max(1, height // (tiles * level.size[0]))
        whole = level.size[0] * level.size[1] if not level.tileable else width * height
        while not level.tileable and times > 1 and level.size[1] * times > width:
            times -= 1
        while level.tileable and whole > _MOST_PIXELS * times * times:
            times += 1
        fits = level.size[0] * times <= (height / 1.5 if tiles > 1 else height * 1.25)
        if (fits and (level.tileable or whole <= _MOST_PIXELS)) or level is levels[-1]:
            return level, times
    return levels[-1], 1
