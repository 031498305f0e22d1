"""What a hand does to a widget, and pictures to do it to."""

import threading
import time
from collections.abc import Callable

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


def life(seconds: float) -> None:
    """Let the application live for some time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        turn()
        time.sleep(0.002)


def turn() -> None:
    """The event loop once round, with what waits to be deleted (only a real loop does that)."""
    QApplication.processEvents()
    QApplication.sendPostedEvents(None, int(QEvent.Type.DeferredDelete.value))


def settle(seconds: float = 20.0) -> None:
    """Let projects that were closed come to their end."""
    names = ("llamavis-studio",)
    wait(lambda: not [1 for one in threading.enumerate() if one.name in names], "the end", seconds)
    life(0.02)


def wait(until: Callable[[], object], what: str = "it", seconds: float = 20.0) -> None:
    """Let the application live until something is so; that it does not come is the failure."""
    end = time.monotonic() + seconds
    while not until():
        turn()
        time.sleep(0.005)
        assert time.monotonic() < end, f"{what} did not happen"
