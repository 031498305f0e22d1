"""What a hand does to a widget, and pictures to do it to."""

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget


def noise(height: int, width: int, channels: int = 3) -> np.ndarray:
    return np.random.default_rng(7).integers(0, 256, (height, width, channels), dtype=np.uint8)


def mouse(widget: QWidget, kind: QEvent.Type, x: float, y: float, button: Qt.MouseButton) -> None:
    held = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseButtonRelease else button
    spot = QPointF(x, y)
    event = QMouseEvent(
        kind, spot, widget.mapToGlobal(spot), button, held, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(widget, event)


def drag(
    widget: QWidget,
    start: tuple[float, float],
    end: tuple[float, float],
    button: Qt.MouseButton = Qt.MouseButton.LeftButton,
) -> None:
    mouse(widget, QEvent.Type.MouseButtonPress, *start, button)
    mouse(widget, QEvent.Type.MouseMove, *end, button)
    mouse(widget, QEvent.Type.MouseButtonRelease, *end, button)


def wheel(widget: QWidget, spot: QPointF, notches: int) -> None:
    event = QWheelEvent(
        spot,
        widget.mapToGlobal(spot),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)
