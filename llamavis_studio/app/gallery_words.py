"""What the gallery says in words: the note above the grid, the page in place of an empty grid."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from llamavis_studio.app import theme
from llamavis_studio.app.messages import said
from llamavis_studio.app.theme import Look


class NoteLine(QWidget):
    """A line about the search as a whole; hidden when there is nothing to say."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._is_failure = False
        self._text = ""
        self._icon = QLabel()
        self.label = QLabel()
        self.label.setWordWrap(True)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(4, 0, 4, 0)
        layout.setSpacing(6)
        layout.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self.label, 1)
        self.say("")

    def set_look(self, look: Look) -> None:
        """Show other colours."""
        self._look = look
        self.retranslate()

    def retranslate(self) -> None:
        """Say it in the language of now."""
        self.say(self._text, is_failure=self._is_failure)

    def say(self, text: str, *, is_failure: bool = False) -> None:
        """Show a note or a failure of the library; an empty text hides the line."""
        self._text, self._is_failure = text, is_failure
        name, use = ("fail", "bad") if is_failure else ("info", "info")
        self._icon.setPixmap(theme.icon(name, self._look, use).pixmap(16, 16))
        self.label.setText(said(text))
        self.setVisible(bool(text))


class EmptyPage(QWidget):
    """Why there is nothing to see, and what to do about it."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = QLabel()
        self.title = QLabel()
        self.title.setProperty("role", "title")
        self.hint = QLabel()
        self.hint.setProperty("role", "dim")
        layout = QVBoxLayout(self)
        layout.addStretch(2)
        for label in (self._icon, self.title, self.hint):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setWordWrap(True)
            layout.addWidget(label)
        layout.addStretch(3)
        self._query = ""
        self._is_waiting = True
        self.set_look(look)
        self.retranslate()

    def set_look(self, look: Look) -> None:
        """Show other colours."""
        self._icon.setPixmap(theme.icon("search", look, "dim").pixmap(48, 48))

    def retranslate(self) -> None:
        """Set all words again, after a change of language."""
        self.explain(self._query, is_waiting=self._is_waiting)

    def explain(self, query: str, *, is_waiting: bool = False) -> None:
        """Nothing was found for this, or has been yet."""
        self._query, self._is_waiting = query, is_waiting
        if is_waiting:
            title, hint = self.tr("Searching…"), ""
        elif query:
            title = self.tr("Nothing found")
            hint = self.tr("Try fewer or other words. Escape in the search clears it.")
        else:
            title = self.tr("No pictures yet")
            hint = self.tr("Pictures in the project's folders appear here once they are imported.")
        self.title.setText(title)
        self.hint.setText(hint)
