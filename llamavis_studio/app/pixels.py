"""Pixels between NumPy and Qt: arrays to QImage and back, and the mask that one paints."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint
from PySide6.QtGui import QImage

from llamavis_studio.imaging.arrays import Pixels, check_pixels

Mask = NDArray[np.bool_]


def to_qimage(pixels: Pixels) -> QImage:
    """(h, w, 3 or 4) sRGB bytes with straight alpha to an image that owns its memory.

    Raises:
        ImageError: no array of pixels.
    """
    check_pixels(pixels)
    height, width, channels = pixels.shape
    form = QImage.Format.Format_RGBA8888 if channels == 4 else QImage.Format.Format_RGB888
    flat = np.ascontiguousarray(pixels)
    return QImage(flat.data, width, height, width * channels, form).copy()


def from_qimage(image: QImage) -> Pixels:
    """Any image to (h, w, 4) bytes with straight alpha, or (h, w, 3) where it has no alpha."""
    channels = 4 if image.hasAlphaChannel() else 3
    form = QImage.Format.Format_RGBA8888 if channels == 4 else QImage.Format.Format_RGB888
    straight = image.convertToFormat(form)
    height, width, stride = straight.height(), straight.width(), straight.bytesPerLine()
    rows = np.frombuffer(straight.constBits(), np.uint8).reshape(height, stride)
    return rows[:, : width * channels].reshape(height, width, channels).copy()


class PaintedMask:
    """A region that is painted by hand; its image shares the array's memory, so that a stroke on
    a large picture copies nothing.
    """

    def __init__(self, width: int, height: int) -> None:
        self._bytes: Pixels = np.zeros((height, width), np.uint8)
        self.image = QImage(self._bytes.data, width, height, width, QImage.Format.Format_Alpha8)

    def array(self) -> Mask:
        """A copy, (h, w): true where it is painted."""
        return self._bytes > 0

    def is_empty(self) -> bool:
        """Whether nothing is painted."""
        return not self._bytes.any()

    def clear(self) -> None:
        """Nothing is painted any more."""
        self._bytes[:] = 0

    def stroke(self, start: QPoint, end: QPoint, brush_px: int, paint: bool) -> None:
        """A round brush from pixel to pixel; `paint` false erases."""
        way = end - start
        length = math.hypot(way.x(), way.y())
        stamps = max(1, math.ceil(length / max(1.0, brush_px / 4)))
        for at in range(stamps + 1):
            x = round(start.x() + way.x() * at / stamps)
            y = round(start.y() + way.y() * at / stamps)
            self._stamp(x, y, brush_px, 255 if paint else 0)

    def _stamp(self, x: int, y: int, brush_px: int, value: int) -> None:
        height, width = self._bytes.shape
        half = brush_px // 2
        left, top = max(0, x - half), max(0, y - half)
        right, bottom = min(width, x - half + brush_px), min(height, y - half + brush_px)
        if left >= right or top >= bottom:
            return
        middle = (brush_px - 1) / 2 - half  # of the brush, from x; between pixels where even
        across = np.arange(left, right)[None, :] - x - middle
        down = np.arange(top, bottom)[:, None] - y - middle
        disc = across**2 + down**2 <= (brush_px / 2) ** 2
        self._bytes[top:bottom, left:right][disc] = value
