"""The popup that offers words while somebody types a description."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QTextCursor
from PySide6.QtWidgets import (
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from llamavis_studio.app.editor_document import text_of, units
from llamavis_studio.app.editor_words import Suggestion, suggestions
from llamavis_studio.app.theme import Look

if TYPE_CHECKING:
    from llamavis_studio.app.editor_text import DescriptionText

HELP_ROLE = int(Qt.ItemDataRole.UserRole) + 1
_MOST_SHOWN = 9
_WIDTH_PX = 460
_KEYS_TAKEN = {
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_PageUp,
    Qt.Key.Key_PageDown,
}


class Completion(QObject):
    """Offers what may stand at the cursor; the text keeps the keyboard all the while.

    The list is a child of the text's window and no window of its own: it takes no focus, and no
    desktop can place it wrongly.
    """

    def __init__(self, text: DescriptionText, look: Look) -> None:
        super().__init__(text)
        self._text = text
        self._words: dict[str, Iterable[str]] = {}
        self._found: list[Suggestion] = []
        self._typed = 0
        self.is_table_of_many = False
        self.is_on = True
        self.list = QListWidget(text.viewport())
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setAccessibleName(self.tr("Suggestions"))
        self._rows = HelpRow(look, self.list)
        self.list.setItemDelegate(self._rows)
        self.list.itemClicked.connect(self._take)
        self.list.hide()
        text.cursorPositionChanged.connect(self._after_moving)
        text.verticalScrollBar().valueChanged.connect(self.list.hide)

    def set_words(self, words: Mapping[str, Iterable[str]]) -> None:
        """Values that the project knows, by the key they are for; a mapping says what each is. Keys
        that are not named keep theirs.
        """
        self._words.update(words)

    def set_look(self, look: Look) -> None:
        """Take another look's colours."""
        self._rows.look = look
        self.list.setStyleSheet(
            f"QListWidget {{ background: {look.panel}; border: 1px solid {look.accent};"
            " border-radius: 6px; padding: 3px; }"
        )

    def offered(self) -> list[str]:
        """The words in the list now; empty when it is hidden."""
        return [one.word for one in self._found] if self.list.isVisibleTo(self._text) else []

    def offer(self) -> None:
        """Show what may stand at the cursor, or nothing."""
        text = text_of(self._text.document())
        cursor = self._text.textCursor()
        block = cursor.block()
        inside = block.text().encode("utf-16-le", "surrogatepass")[: cursor.positionInBlock() * 2]
        lines = text.split("\n")[: block.blockNumber()]
        at = sum(len(line) + 1 for line in lines) + len(inside.decode("utf-16-le", "replace"))
        self._typed, self._found = suggestions(text, at, self.is_table_of_many, self._words)
        is_in_string = block.previous().userState() > 0  # the highlighter's state: no key here
        if not self._found or not self.is_on or is_in_string:
            self.list.hide()
            return
        self.list.clear()
        for one in self._found:
            item = QListWidgetItem(one.word)
            item.setData(HELP_ROLE, one.help)
            item.setToolTip(one.help)
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        self._place()

    def wants(self, event: QKeyEvent) -> bool:
        """Whether a key is for the list now: Escape would else stop the drawing."""
        return not self.list.isHidden() and event.key() in (
            Qt.Key.Key_Escape,
            Qt.Key.Key_Return,
            Qt.Key.Key_Enter,
            Qt.Key.Key_Tab,
        )

    def takes(self, event: QKeyEvent) -> bool:
        """Whether a key was for the list, which has then done its work."""
        control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if event.key() == Qt.Key.Key_Space and control:
            self.offer()
            return True
        if self.list.isHidden():
            return False
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab):
            self._take(self.list.currentItem())
            return True
        if event.key() == Qt.Key.Key_Escape:
            self.list.hide()
            return True
        if event.key() in _KEYS_TAKEN:
            step = -1 if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_PageUp) else 1
            self.list.setCurrentRow((self.list.currentRow() + step) % self.list.count())
            return True
        return False

    def after_typing(self, event: QKeyEvent) -> None:
        """Offer, narrow or close after a key went into the text."""
        typed = event.text()
        is_word = typed.isalpha() or typed in ("_", '"', "'", "-")
        if is_word or (event.key() == Qt.Key.Key_Backspace and not self.list.isHidden()):
            self.offer()
            exact = len(self._found) == 1 and self._typed >= len(self._found[0].word)
            if exact and typed not in ('"', "'"):
                self.list.hide()
        elif typed or event.key() not in (Qt.Key.Key_Shift, Qt.Key.Key_Control):
            self.list.hide()

    def _after_moving(self) -> None:
        if not self._text.hasFocus():
            self.list.hide()

    def _take(self, item: QListWidgetItem | None) -> None:
        self.list.hide()
        row = self.list.row(item) if item is not None else -1
        if not 0 <= row < len(self._found):
            return
        chosen = self._found[row]
        cursor = self._text.textCursor()
        rest = cursor.block().text().encode("utf-16-le", "surrogatepass")
        after = rest[cursor.positionInBlock() * 2 :].decode("utf-16-le", "replace")
        behind = _rest_of_value(after) if chosen.insert.startswith('"') else 0
        start = cursor.position() - self._typed
        cursor.setPosition(start)
        cursor.setPosition(
            start + self._typed + behind, QTextCursor.MoveMode.KeepAnchor
        )  # typed words are ASCII, or the quotes around them
        cursor.insertText(chosen.insert)
        cursor.setPosition(cursor.position() - chosen.back)
        self._text.setTextCursor(cursor)
        if chosen.insert.endswith("= "):
            self.offer()  # its values, when they can be listed

    def _place(self) -> None:
        rows = min(_MOST_SHOWN, self.list.count())
        height = rows * self.list.sizeHintForRow(0) + 10
        under = self._text.cursorRect()
        view = self._text.viewport()
        width = min(_WIDTH_PX, view.width() - 8)
        left = max(4, min(under.left(), view.width() - width - 4))
        top = under.bottom() + 1
        if top + height > view.height() and under.top() - 4 - height >= 0:
            top = under.top() - 4 - height
        height = max(40, min(height, view.height() - top - 4)) if top > under.top() else height
        self.list.setGeometry(left, top, width, height)
        self.list.show()
        self.list.raise_()


class HelpRow(QStyledItemDelegate):
    """A word, and behind it in dim letters what it is for."""

    def __init__(self, look: Look, parent: QObject) -> None:
        super().__init__(parent)
        self.look = look

    def sizeHint(  # noqa: N802
        self, option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        metrics = option.fontMetrics
        return QSize(100, metrics.height() + 8)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        area = option.rect
        state = option.state
        metrics = option.fontMetrics
        painter.save()
        if state & QStyle.StateFlag.State_Selected:
            painter.setBrush(self.look.colour("selection"))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawRoundedRect(area, 4, 4)
        inside = area.adjusted(8, 0, -8, 0)
        word = str(index.data())
        painter.setPen(self.look.colour("text"))
        painter.drawText(inside, Qt.AlignmentFlag.AlignVCenter, word)
        used = max(metrics.horizontalAdvance(word), 96) + 14
        rest = inside.adjusted(used, 0, 0, 0)
        told = metrics.elidedText(
            str(index.data(HELP_ROLE) or ""), Qt.TextElideMode.ElideRight, rest.width()
        )
        painter.setPen(self.look.colour("dim"))
        painter.drawText(rest, Qt.AlignmentFlag.AlignVCenter, told)
        painter.restore()


def _rest_of_value(after: str) -> int:
    """How much behind the cursor belongs to the value being replaced: up to its closing quote."""
    for end, character in enumerate(after):
        if character in "\"'":
            return units(after[: end + 1])
        if character in ",]}#= ":
            return 0
    return 0
