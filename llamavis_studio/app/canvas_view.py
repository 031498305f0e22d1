"""Where a picture lies in its window, and the ladder of its zoom.

Lengths on the screen are device pixels, so that 100 % is one pixel of the picture on one of the
monitor, however the desktop is scaled.
"""

from __future__ import annotations

import math

from PySide6.QtCore import QPoint, QRect, QSize

# Whole numbers above 1: a pixel that is 3 wide here and 4 there is not the artist's pixel.
STEPS = (1 / 8, 1 / 6, 1 / 4, 1 / 3, 1 / 2, 2 / 3, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)
_MARGIN = 12  # device pixels around a fitted picture
_KEPT = 32  # device pixels of a picture that cannot be dragged out of sight


class View:
    """Where a picture lies in its window: `scale` device pixels a pixel, its corner at `left`,
    `top`. With `around` 1 the picture stands in the middle of 3 x 3.
    """

    def __init__(self) -> None:
        self.area = QSize(1, 1)
        self.picture = QSize(1, 1)
        self.around = 0
        self.scale = 1.0
        self.left = 0
        self.top = 0
        self.fitted = True

    def cell(self) -> QRect:
        """The picture on the screen."""
        width = max(1, round(self.picture.width() * self.scale))
        height = max(1, round(self.picture.height() * self.scale))
        return QRect(self.left, self.top, width, height)

    def cells(self) -> list[QRect]:
        """The picture and its repeats."""
        middle, steps = self.cell(), range(-self.around, self.around + 1)
        return [
            middle.translated(x * middle.width(), y * middle.height()) for y in steps for x in steps
        ]

    def pixel_at(self, x: float, y: float) -> QPoint:
        """The picture's pixel under a point of the screen, maybe outside the picture."""
        return QPoint(
            math.floor((x - self.left) / self.scale), math.floor((y - self.top) / self.scale)
        )

    def fit(self) -> None:
        """All of it, as large as it goes; whole steps above 100 %."""
        times = 1 + 2 * self.around
        scale = min(
            max(1, self.area.width() - 2 * _MARGIN) / (self.picture.width() * times),
            max(1, self.area.height() - 2 * _MARGIN) / (self.picture.height() * times),
        )
        self.scale = float(min(math.floor(scale), STEPS[-1])) if scale >= 1 else scale
        cell = self.cell()
        self.left = (self.area.width() - cell.width()) // 2
        self.top = (self.area.height() - cell.height()) // 2
        self.fitted = True

    def zoom_to(self, scale: float, x: float, y: float) -> None:
        """What is under the point x, y stays there."""
        across, down = (x - self.left) / self.scale, (y - self.top) / self.scale
        self.scale = scale
        self.fitted = False
        self.move_to(round(x - across * scale), round(y - down * scale))

    def next_scale(self, steps: int) -> float:
        """The zoom some steps in (positive) or out."""
        scale = self.scale
        for _ in range(abs(steps)):
            if steps > 0:
                scale = min((step for step in STEPS if step > scale * 1.001), default=scale)
            else:
                scale = max((step for step in STEPS if step < scale * 0.999), default=scale)
        return scale

    def move_to(self, left: int, top: int) -> None:
        """The corner of the picture, so far that some of the picture stays in sight."""
        cell = self.cell()
        more_x, more_y = cell.width() * self.around, cell.height() * self.around
        self.left = _between(
            left, _KEPT - cell.width() - more_x, self.area.width() - _KEPT + more_x
        )
        self.top = _between(
            top, _KEPT - cell.height() - more_y, self.area.height() - _KEPT + more_y
        )


def _between(value: int, least: int, most: int) -> int:
    return max(least, min(value, most))
