"""One picture, pixel for pixel: look around in it, see it repeat, compare it, paint a region.

Wheel: zoom at the cursor. Left, middle or space and drag: move. Keys: + - zoom, 0 all of it,
1 100 %, arrows move. While a region is painted, left paints, right erases; the arrows move the
brush, Return paints and Backspace erases. Shift with left and right moves the divider.
"""

from __future__ import annotations

from enum import Enum, auto

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from llamavis_studio.app.canvas_picture import PictureArea
from llamavis_studio.app.pixels import Mask, PaintedMask
from llamavis_studio.app.theme import DARK, Look

_PAN = 48  # device pixels a key
_NOTCH = 120  # Qt's measure of one step of a wheel
_REACH = 7  # logical pixels beside the divider that still take it
_ARROWS: dict[int, QPoint] = {
    Qt.Key.Key_Left: QPoint(-1, 0),
    Qt.Key.Key_Right: QPoint(1, 0),
    Qt.Key.Key_Up: QPoint(0, -1),
    Qt.Key.Key_Down: QPoint(0, 1),
}
_BRUSH_KEYS: dict[int, bool] = {
    Qt.Key.Key_Return: True,
    Qt.Key.Key_Enter: True,
    Qt.Key.Key_Backspace: False,
}
_BY_KEYS = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)
_DIVIDER_STEP = 0.02


class _Drag(Enum):
    """What the mouse does while a button is down."""

    NOTHING = auto()
    MOVE = auto()
    DIVIDER = auto()
    PAINT = auto()
    ERASE = auto()


class Canvas(PictureArea):
    """Shows one picture; what it tells is in pixels of the picture."""

    hovered = Signal(int, int, QColor)
    """The pixel under the cursor, and its colour with alpha."""
    hover_left = Signal()
    """The cursor is on no pixel any more."""
    mask_changed = Signal()
    """The painted region is another."""

    def __init__(self, parent: QWidget | None = None, look: Look = DARK) -> None:
        super().__init__(parent, look)
        self._drag = _Drag.NOTHING
        self._last = QPointF()  # where the drag was, logical
        self._space = False
        self._wheel = 0
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def set_image(self, image: QImage | None) -> None:
        """Another picture; one of another size ends the painting of a region."""
        if (image if image is not None else QImage()).size() != self._scene.image.size():
            self.stop_mask()
        super().set_image(image)

    # ---- the painted region

    def start_mask(self, brush_px: int) -> None:
        """Paint a region with a round brush so many pixels wide; what is painted already stays."""
        self._scene.brush_px = max(1, brush_px)
        image = self._scene.image
        if self._scene.mask is None and not image.isNull():
            self._scene.mask = PaintedMask(image.width(), image.height())
            self._scene.at = QPoint(image.width() // 2, image.height() // 2)
            self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self._mask_touched()

    def stop_mask(self) -> None:
        """The brush rests, the region is forgotten."""
        self._scene.mask = None
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.DefaultContextMenu)
        self._mask_touched()

    @property
    def has_mask(self) -> bool:
        """Whether something is painted."""
        return self._scene.mask is not None and not self._scene.mask.is_empty()

    def painted_mask(self) -> Mask | None:
        """(h, w), true where it is painted; None where nothing is. (`mask` is QWidget's.)"""
        mask = self._scene.mask
        return mask.array() if mask is not None and self.has_mask else None

    def clear_mask(self) -> None:
        """Nothing is painted any more; the brush stays."""
        if self._scene.mask is not None:
            self._scene.mask.clear()
        self._mask_touched()

    # ---- events

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Zoom at the cursor; the small steps of a touchpad add up."""
        self._wheel += event.angleDelta().y()
        steps = int(self._wheel / _NOTCH)
        self._wheel -= steps * _NOTCH
        if steps:
            self.step_zoom(steps, event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Begin what the button means here."""
        self._last = event.position()
        self._drag = self._meaning(event)
        self._paint_to(self._scene.at, self.pixel_at(self._last), jump=True)
        self._dress_cursor()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Go on with it, and tell the pixel."""
        before, self._last = self._last, event.position()
        pixel, ratio = self.pixel_at(self._last), self.devicePixelRatioF()
        if self._drag is _Drag.MOVE:
            self._move_by((self._last - before) * ratio)
        elif self._drag is _Drag.DIVIDER:
            self._set_divider(self._last.x() / max(1, self.width()))
        else:
            self._paint_to(self._scene.at, pixel, jump=False)
        self._scene.at, self._scene.brush_shown = pixel, True
        self._tell(pixel)
        self._dress_cursor()
        if self._scene.mask is not None:
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """The drag is over."""
        self._drag = _Drag.NOTHING
        self._dress_cursor()

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        """No pixel is under the cursor."""
        self._scene.brush_shown = False
        self.hover_left.emit()
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """A ring for those who came with the keyboard; with the mouse one knows where one is."""
        self._ringed = event.reason() in _BY_KEYS
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """A space that is let go elsewhere is not heard here."""
        self._ringed = False
        super().focusOutEvent(event)
        self._space = False
        self._dress_cursor()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """All that the mouse does, without it."""
        key = event.key()  # an int: input methods send keys that Qt does not name
        if key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.step_zoom(1)
        elif key in (Qt.Key.Key_Minus, Qt.Key.Key_Underscore):
            self.step_zoom(-1)
        elif key == Qt.Key.Key_0:
            self.fit()
        elif key == Qt.Key.Key_1:
            self.set_zoom(1.0)
        elif key == Qt.Key.Key_Space:
            self._space = True
        elif key in _ARROWS:
            self._arrow(_ARROWS[key], event.modifiers())
        elif self._scene.mask is not None and key in _BRUSH_KEYS:
            self._scene.mask.stroke(
                self._scene.at, self._scene.at, self._scene.brush_px, _BRUSH_KEYS[key]
            )
            self._mask_touched()
        else:
            super().keyPressEvent(event)
        self._dress_cursor()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Space is let go."""
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._space = False
            self._dress_cursor()
        else:
            super().keyReleaseEvent(event)

    # ---- what the events share

    def _arrow(self, way: QPoint, held: Qt.KeyboardModifier) -> None:
        shift = bool(held & Qt.KeyboardModifier.ShiftModifier)
        if shift and self._scene.compares and way.x():
            self._set_divider(self._scene.divider + way.x() * _DIVIDER_STEP)
        elif self._scene.mask is not None:
            size = self._scene.image.size()
            to = self._scene.at + way * (self._scene.brush_px if shift else 1)
            self._scene.at = QPoint(
                max(0, min(to.x(), size.width() - 1)), max(0, min(to.y(), size.height() - 1))
            )
            self._scene.brush_shown = True
            self._tell(self._scene.at)
            self.update()
        else:
            self._move_by(QPointF(-way.x() * _PAN, -way.y() * _PAN))

    def _meaning(self, event: QMouseEvent) -> _Drag:
        button = event.button()
        left = button == Qt.MouseButton.LeftButton
        if button == Qt.MouseButton.MiddleButton or (left and self._space):
            return _Drag.MOVE
        if left and self._over_divider():
            return _Drag.DIVIDER
        if self._scene.mask is not None:
            if button == Qt.MouseButton.RightButton:
                return _Drag.ERASE
            return _Drag.PAINT if left else _Drag.NOTHING
        return _Drag.MOVE if left else _Drag.NOTHING

    def _paint_to(self, start: QPoint, end: QPoint, *, jump: bool) -> None:
        if self._scene.mask is None or self._drag not in (_Drag.PAINT, _Drag.ERASE):
            return
        self._scene.mask.stroke(
            end if jump else start, end, self._scene.brush_px, self._drag is _Drag.PAINT
        )
        self._scene.at = end
        self._mask_touched()

    def _mask_touched(self) -> None:
        self.mask_changed.emit()
        self._dress_cursor()
        self.update()

    def _set_divider(self, share: float) -> None:
        self._scene.divider = max(0.0, min(share, 1.0))
        self.update()

    def _over_divider(self) -> bool:
        middle = self._scene.divider * self.width()
        return self._scene.compares and abs(self._last.x() - middle) <= _REACH

    def _tell(self, pixel: QPoint) -> None:
        image, view = self._scene.image, self._scene.view
        if image.isNull():
            return
        width, height, more = image.width(), image.height(), view.around
        across, down = pixel.x() // width, pixel.y() // height
        if abs(across) <= more and abs(down) <= more:
            x, y = pixel.x() % width, pixel.y() % height
            self.hovered.emit(x, y, image.pixelColor(x, y))
        else:
            self.hover_left.emit()

    def _dress_cursor(self) -> None:
        if self._drag is _Drag.MOVE:
            shape = Qt.CursorShape.ClosedHandCursor
        elif self._drag is _Drag.DIVIDER or self._over_divider():
            shape = Qt.CursorShape.SplitHCursor
        elif self._scene.mask is not None and not self._space:
            shape = Qt.CursorShape.CrossCursor
        elif self._scene.image.isNull():
            shape = Qt.CursorShape.ArrowCursor
        else:
            shape = Qt.CursorShape.OpenHandCursor
        if self.cursor().shape() != shape:
            self.setCursor(shape)
