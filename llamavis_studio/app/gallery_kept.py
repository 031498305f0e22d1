"""Small pictures that many cards share: painted once, then copied."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPixmap


class PaintedOnce:
    """Pixmaps by what they show; all are forgotten when there are too many."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._found: dict[Hashable, QPixmap] = {}
        self.ratio = 1.0
        """Screen pixels per px."""

    def clear(self) -> None:
        """Paint all anew, as for other colours or another font."""
        self._found.clear()

    def get(
        self,
        key: Hashable,
        width: int,
        height: int,
        paint: Callable[[QPainter], None],
        *,
        is_clear: bool = True,
    ) -> QPixmap:
        """What was painted under a key before, else now: so many px, crisp on the screen. Without
        `is_clear` it has no clear pixels, and copying it costs less.
        """
        found = self._found.get(key)
        if found is None:
            if len(self._found) >= self._most:
                self._found.clear()
            found = QPixmap(math.ceil(width * self.ratio), math.ceil(height * self.ratio))
            found.setDevicePixelRatio(self.ratio)
            found.fill(Qt.GlobalColor.transparent if is_clear else Qt.GlobalColor.white)
            painter = QPainter(found)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            paint(painter)
            painter.end()
            self._found[key] = found
        return found
