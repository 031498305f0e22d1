"""The part of the canvas that shows: the picture, what it was, how near one looks."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QWidget

from llamavis_studio.app.canvas_scene import Scene
from llamavis_studio.app.theme import DARK, Look


class PictureArea(QWidget):
    """Shows one picture, sharp at every zoom and on every monitor."""

    zoomed = Signal(float)
    """Device pixels a pixel."""

    def __init__(self, parent: QWidget | None = None, look: Look = DARK) -> None:
        super().__init__(parent)
        self._scene = Scene(look)
        self._ringed = False  # whether the keyboard's place is marked
        self.setMinimumSize(120, 90)
        self.retranslate()

    def set_image(self, image: QImage | None) -> None:
        """Another picture; one of the same size keeps zoom and place, as frames want it."""
        new = image if image is not None else QImage()
        same = new.size() == self._scene.image.size()
        self._scene.set_image(new)
        if not same:
            self.set_before(None)
            self._scene.view.picture = new.size().expandedTo(QSize(1, 1))
            self.fit()
        self.update()

    def set_before(self, image: QImage | None) -> None:
        """What the picture was, left of a divider; None ends the comparison."""
        self._scene.set_before(image if image is not None else QImage())
        self._scene.divider = 0.5
        self.update()

    def set_over(self, image: QImage | None, note: str = "") -> None:
        """Show something instead of the picture, in its place, for a while; None ends that."""
        self._scene.set_over(image if image is not None else QImage(), note)
        self.update()

    @property
    def covered(self) -> bool:
        """Whether something is shown instead of the picture."""
        return self._scene.covered

    def set_tiled(self, on: bool) -> None:
        """The picture among eight of itself."""
        self._scene.view.around = int(on)
        if self._scene.view.fitted:
            self.fit()
        self.update()

    def set_grid(self, on: bool) -> None:
        """Lines between the pixels where they are large enough."""
        self._scene.grid = on
        self.update()

    def set_look(self, look: Look) -> None:
        """Paint in another look."""
        self._scene.look = look
        self.update()

    def retranslate(self) -> None:
        """Say everything in the language of now."""
        self._scene.words = (self.tr("before"), self.tr("after"))
        self.setAccessibleName(self.tr("Picture"))
        self.setAccessibleDescription(
            self.tr("Plus and minus zoom, 0 shows all, 1 shows 100 %, arrows move.")
        )
        self.update()

    @property
    def zoom(self) -> float:
        """Device pixels a pixel."""
        return self._scene.view.scale

    @property
    def divider(self) -> float:
        """Where the divider stands, as a share of the width."""
        return self._scene.divider

    def fit(self) -> None:
        """All of it, and again after each change of size until one zooms."""
        self._scene.view.area = self._device_size()
        self._scene.view.fit()
        self._view_changed()

    def set_zoom(self, scale: float, at: QPointF | None = None) -> None:
        """Zoom; the pixel under `at` (the middle if not said) stays under it."""
        spot = at if at is not None else QPointF(self.width() / 2, self.height() / 2)
        ratio = self.devicePixelRatioF()
        self._scene.view.zoom_to(scale, spot.x() * ratio, spot.y() * ratio)
        self._view_changed()

    def step_zoom(self, steps: int, at: QPointF | None = None) -> None:
        """Zoom in (positive) or out by steps of the ladder."""
        self.set_zoom(self._scene.view.next_scale(steps), at)

    def pixel_at(self, spot: QPointF) -> QPoint:
        """The pixel of the picture under a point of the widget, maybe outside the picture."""
        ratio = self.devicePixelRatioF()
        return self._scene.view.pixel_at(spot.x() * ratio, spot.y() * ratio)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Device pixels, so that nothing is blurred on a scaled desktop."""
        ratio = self.devicePixelRatioF()
        painter = QPainter(self)
        painter.scale(1 / ratio, 1 / ratio)
        self._scene.paint(painter, self._device_size(), ratio)
        painter.resetTransform()
        if self._ringed:
            painter.setPen(QPen(self._scene.look.colour("accent"), 1))
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """What was fitted stays fitted; else the middle stays in the middle."""
        super().resizeEvent(event)
        view = self._scene.view
        if view.fitted:
            self.fit()
            return
        old, view.area = view.area, self._device_size()
        grown = view.area - old
        view.move_to(view.left + grown.width() // 2, view.top + grown.height() // 2)

    def _move_by(self, way: QPointF) -> None:
        """By device pixels."""
        view = self._scene.view
        view.fitted = False
        view.move_to(view.left + round(way.x()), view.top + round(way.y()))
        self.update()

    def _view_changed(self) -> None:
        self.zoomed.emit(self._scene.view.scale)
        self.update()

    def _device_size(self) -> QSize:
        ratio = self.devicePixelRatioF()
        return QSize(max(1, round(self.width() * ratio)), max(1, round(self.height() * ratio)))
