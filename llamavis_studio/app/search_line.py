"""The line of the search box: a wave under what is wrong, keys shared with a completion list."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QStringListModel, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QCompleter, QLabel, QLineEdit, QWidget

CARET_PX = 6
"""Height above a message, where its caret is."""


class QueryLine(QLineEdit):
    """One line that draws a wave under what is wrong, and leaves keys to a completion list."""

    left = Signal()
    """The focus goes elsewhere."""
    history_asked = Signal(int)
    """Up (-1) or Down (+1) without a list."""
    choice_asked = Signal()
    """Tab while the list is open."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.choices = QCompleter(QStringListModel(self), self)
        self.choices.setWidget(self)
        self.choices.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        popup = self.choices.popup()
        assert popup is not None  # the completer makes one
        self.popup = popup
        self.wave_colour = QColor()
        self.wrong: tuple[int, int] | None = None
        """Position and length, in characters."""

    def before_cursor(self) -> str:
        """The text to the left of the cursor. Qt counts in UTF-16, Python in characters."""
        return _utf16_cut(self.text(), self.cursorPosition())

    def x_of(self, position: int) -> int:
        """Where a character begins, in px; outside of the line when it is scrolled away."""
        metrics, before = self.fontMetrics(), self.before_cursor()
        here = self.cursorRect().center().x()
        return (
            here
            + metrics.horizontalAdvance(self.text()[:position])
            - metrics.horizontalAdvance(before)
        )

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        super().paintEvent(event)
        if self.wrong is None:
            return
        position, length = self.wrong
        first = max(self.x_of(position), 4)
        last = min(max(self.x_of(position + length), first + 8), self.width() - 4)
        # A little below the letters, above the frame.
        base = (self.height() + self.fontMetrics().height()) / 2 + 0.5
        points = [QPointF(x, base + (1.2 if n % 2 else -1.2)) for n, x in _steps(first, last)]
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self.wave_colour, 1.4))
        painter.drawPolyline(points)
        painter.end()

    def event(self, event: QEvent) -> bool:
        is_tab = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Tab
        if is_tab and event.type() == QEvent.Type.KeyPress and self.popup.isVisible():
            self.choice_asked.emit()
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        popup, key = self.popup, event.key()
        is_open = popup.isVisible()
        if key == Qt.Key.Key_Escape:
            if is_open:
                popup.hide()
            else:
                self.clear()
            event.accept()
        elif (
            key in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            and is_open
            and popup.currentIndex().isValid()
        ):
            event.ignore()  # the list takes it
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down) and not is_open:
            self.history_asked.emit(-1 if key == Qt.Key.Key_Up else 1)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.left.emit()


class ProblemLabel(QLabel):
    """What is wrong, in words, with a caret that points up at the place."""

    caret_x = 0

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        super().paintEvent(event)
        x = min(max(self.caret_x, 8), self.width() - 8)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.palette().windowText())
        tip = (QPointF(x, 0), QPointF(x - 4, CARET_PX - 1), QPointF(x + 4, CARET_PX - 1))
        painter.drawPolygon(QPolygonF(tip))
        painter.end()


def _utf16_cut(text: str, units: int) -> str:
    return text.encode("utf-16-le", "surrogatepass")[: 2 * units].decode("utf-16-le", "ignore")


def _steps(first: int, last: int) -> list[tuple[int, int]]:
    return list(enumerate(range(first, last + 1, 2)))
