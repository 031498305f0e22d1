"""The text view of a description: line numbers, what is wrong where it is wrong, and completion.

The margin, the wavy lines and the tooltips all show the same marks; completion asks
`editor_words` what may stand at the cursor.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt
from PySide6.QtGui import (
    QFontDatabase,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextCharFormat,
    QTextCursor,
    QTextFormat,
)
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QToolTip, QWidget

from llamavis_studio.app import theme
from llamavis_studio.app.editor_completion import Completion
from llamavis_studio.app.editor_document import Mark, cursor_at, text_of
from llamavis_studio.app.highlighter import Highlighter
from llamavis_studio.app.messages import said
from llamavis_studio.app.theme import Look

SEVERITY_COLOURS = {"error": "bad", "warning": "warn", "info": "info"}
SEVERITY_ICONS = {"error": "fail", "warning": "failed", "info": "info"}
_INDENT = "  "
_ICON_PX = 14


class DescriptionText(QPlainTextEdit):
    """An editor for TOML descriptions."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._marks: list[Mark] = []
        self.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        self.document().setDocumentMargin(8)
        self.highlighter = Highlighter(self.document(), look)
        self.completion = Completion(self, look)
        self._margin = _Margin(self)
        self.blockCountChanged.connect(self._fit_margin)
        self.updateRequest.connect(self._scroll_margin)
        self.cursorPositionChanged.connect(self._paint_extras)
        self.set_look(look)
        self.retranslate()

    def set_look(self, look: Look) -> None:
        """Take another look's colours."""
        self._look = look
        # The application's style sheet would take the size of text; a fixed font keeps its own.
        self.setStyleSheet(
            "QPlainTextEdit { border: none; border-radius: 0; padding: 0;"
            f" font-family: '{self.font().family()}', 'DejaVu Sans Mono', monospace; }}"
        )
        self.highlighter.set_look(look)
        self.completion.set_look(look)
        self._fit_margin()
        self._paint_extras()

    def retranslate(self) -> None:
        """Say everything anew, after the language has changed."""
        self.setAccessibleName(self.tr("Text of the description file"))
        self.setPlaceholderText(self.tr('description = "mossy stone wall"'))

    def set_marks(self, marks: list[Mark]) -> None:
        """Show what is wrong, replacing what was shown."""
        if marks != self._marks:
            self._marks = list(marks)
            self._paint_extras()
            self._margin.update()

    def marks(self) -> list[Mark]:
        """What is shown as wrong."""
        return list(self._marks)

    def go_to(self, line: int, column: int = 1) -> None:
        """Put the cursor at a place and show it."""
        cursor = cursor_at(self.document(), line, column)
        cursor.setPosition(cursor.selectionStart())
        self.setTextCursor(cursor)
        self.centerCursor()

    def event(self, event: QEvent) -> bool:
        """Keys of the open list of words are no shortcuts of the window."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            if self.completion.wants(event):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Keys of our own: completion, and Tab as two spaces."""
        if self.completion.takes(event):
            return
        plain = event.modifiers() in (
            Qt.KeyboardModifier.NoModifier,
            Qt.KeyboardModifier.ShiftModifier,
        )
        if event.key() == Qt.Key.Key_Tab and plain:
            self._indent(self.textCursor())
            return
        if event.key() == Qt.Key.Key_Backtab and plain and self._dedent(self.textCursor()):
            return
        if event.key() in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            # A text keeps the keyboard for itself; with Ctrl, it is to go on.
            forward = event.key() == Qt.Key.Key_Tab
            self.window().focusNextPrevChild(forward)
            return
        if event.matches(QKeySequence.StandardKey.InsertParagraphSeparator):
            before = self.textCursor().block().text()
            self.textCursor().insertText("\n" + before[: len(before) - len(before.lstrip(" "))])
            self.ensureCursorVisible()
            return
        super().keyPressEvent(event)
        self.completion.after_typing(event)

    def _indent(self, cursor: QTextCursor) -> None:
        if not cursor.hasSelection():
            cursor.insertText(_INDENT)
            return
        for line in self._lines_of(cursor):
            line.insertText(_INDENT)

    def _dedent(self, cursor: QTextCursor) -> bool:
        """Take two spaces from the lines' beginnings; whether there were any."""
        changed = False
        for line in self._lines_of(cursor):
            text = line.block().text()
            count = min(len(_INDENT), len(text) - len(text.lstrip(" ")))
            for _ in range(count):
                line.deleteChar()
            changed = changed or count > 0
        return changed

    def _lines_of(self, cursor: QTextCursor) -> list[QTextCursor]:
        document = self.document()
        first = document.findBlock(cursor.selectionStart()).blockNumber()
        last = document.findBlock(cursor.selectionEnd()).blockNumber()
        return [QTextCursor(document.findBlockByNumber(at)) for at in range(first, last + 1)]

    def viewportEvent(self, event: QEvent) -> bool:  # noqa: N802
        """The tooltip tells what is wrong under the pointer."""
        if isinstance(event, QHelpEvent):
            self._tell(self.marks_at(event.pos()), event.globalPos())
            return True
        return super().viewportEvent(event)

    def marks_at(self, point: QPoint) -> list[Mark]:
        """The marks under a point of the viewport."""
        at = self.cursorForPosition(point).position()
        found = []
        for mark in self._marks:
            cursor = cursor_at(self.document(), mark.line, mark.column)
            if cursor.selectionStart() <= at <= cursor.selectionEnd():
                found.append(mark)
        return found

    def _tell(self, marks: list[Mark], where: QPoint) -> None:
        told = "\n".join(f"{said(mark.message)}\n{said(mark.hint)}".strip() for mark in marks)
        QToolTip.showText(where, told, self.viewport())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Keep the margin as high as the text."""
        super().resizeEvent(event)
        self._place_margin()

    def _place_margin(self) -> None:
        inside = self.contentsRect()
        width = self._margin.sizeHint().width()
        self._margin.setGeometry(QRect(inside.left(), inside.top(), width, inside.height()))

    def _fit_margin(self, _count: int = 0) -> None:
        self.setViewportMargins(self._margin.sizeHint().width(), 0, 0, 0)
        self._place_margin()

    def _scroll_margin(self, _area: QRect, _dy: int) -> None:
        self._margin.update()

    def _paint_extras(self) -> None:
        current = QTextEdit.ExtraSelection()
        ground = self._look.colour("raised")
        ground.setAlpha(110)
        current.format.setBackground(ground)
        current.format.setProperty(QTextFormat.Property.FullWidthSelection, True)
        current.cursor = self.textCursor()
        current.cursor.clearSelection()
        extras = [current]
        for mark in self._marks:
            extra = QTextEdit.ExtraSelection()
            wave = QTextCharFormat()
            wave.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
            wave.setUnderlineColor(self._look.colour(SEVERITY_COLOURS.get(mark.severity, "bad")))
            extra.format = wave
            extra.cursor = cursor_at(self.document(), mark.line, mark.column)
            extras.append(extra)
        self.setExtraSelections(extras)
        self._margin.update()

    def text(self) -> str:
        """The text, exactly."""
        return text_of(self.document())

    def margin_width(self) -> int:
        """How wide the margin is, in pixels."""
        digits = max(2, len(str(self.blockCount())))
        return self.fontMetrics().horizontalAdvance("9") * digits + _ICON_PX + 22

    def paint_margin(self, event: QPaintEvent) -> None:
        """Line numbers, and an icon where something is wrong."""
        painter = QPainter(self._margin)
        painter.fillRect(event.rect(), self._look.colour("window"))
        painter.setFont(self.font())
        worst = {mark.line: mark.severity for mark in reversed(self._marks)}
        worst |= {mark.line: "error" for mark in self._marks if mark.severity == "error"}
        width = self._margin.width()
        block = self.firstVisibleBlock()
        while block.isValid():
            area = self.blockBoundingGeometry(block).translated(self.contentOffset())
            top = round(area.top()) + self.viewport().y() - self.contentsRect().top()
            if top > event.rect().bottom():
                break
            number = block.blockNumber() + 1
            height = self.fontMetrics().height()
            is_current = block == self.textCursor().block()
            painter.setPen(self._look.colour("text" if is_current else "dim"))
            line = QRect(0, top, width - 10, height)
            painter.drawText(line, Qt.AlignmentFlag.AlignRight, str(number))
            if number in worst:
                name, use = SEVERITY_ICONS[worst[number]], SEVERITY_COLOURS[worst[number]]
                spot = QRect(5, top + (height - _ICON_PX) // 2, _ICON_PX, _ICON_PX)
                theme.icon(name, self._look, use).paint(painter, spot)
            block = block.next()
        painter.end()

    def tell_line(self, y: int, where: QPoint) -> None:
        """Show what is wrong in the line at a height of the margin."""
        line = self.cursorForPosition(QPoint(0, y - self.viewport().y())).blockNumber() + 1
        self._tell([mark for mark in self._marks if mark.line == line], where)


class _Margin(QWidget):
    """The strip of line numbers; the text paints it, for it knows where the lines are."""

    def __init__(self, text: DescriptionText) -> None:
        super().__init__(text)
        self._text = text

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(self._text.margin_width(), 0)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        self._text.paint_margin(event)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            self._text.tell_line(event.pos().y(), event.globalPos())
            return True
        return super().event(event)
