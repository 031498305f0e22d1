"""What an editor says in place, above its text: one thing to know, or to decide."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from llamavis_studio.app import theme
from llamavis_studio.app.theme import Look

Action = tuple[str, Callable[[], object]]
USE_ICONS = {"bad": "fail", "warn": "failed", "good": "check", "info": "info"}


class Notice(QFrame):
    """One thing to know or to decide, in place; it never takes the keyboard from the text."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._use = "info"
        self.setObjectName("notice")
        self._icon = QLabel()
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.RichText)
        self._text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(6)
        self.buttons: list[QPushButton] = []
        column = QVBoxLayout()
        column.setSpacing(6)
        column.addWidget(self._text)
        column.addLayout(self._buttons)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 12, 8)
        row.setSpacing(10)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(column, 1)
        self.hide()

    def say(self, use: str, message: str, more: str = "", actions: Sequence[Action] = ()) -> None:
        """Show a message in the colour `use` of the look, with a line below and buttons."""
        self._use = use
        told = f"<b>{html.escape(message)}</b>"
        if more:
            told += f"<br>{html.escape(more)}"
        self._text.setText(told)
        self.setAccessibleName(f"{message} {more}".strip())
        for button in self.buttons:
            self._buttons.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.buttons = []
        while self._buttons.takeAt(0) is not None:
            pass  # the stretch behind the last button
        for label, work in actions:
            button = QPushButton(label)
            button.setAccessibleName(label)
            button.clicked.connect(lambda _checked=False, work=work: work())
            self._buttons.addWidget(button)
            self.buttons.append(button)
        if self.buttons:
            self._buttons.addStretch(1)
        self.set_look(self._look)
        self.show()

    def message(self) -> str:
        """What is said now; empty when nothing is."""
        return "" if self.isHidden() else self.accessibleName()

    def set_look(self, look: Look) -> None:
        """Take another look's colours."""
        self._look = look
        colour = look.colour(self._use)
        tint = f"rgba({colour.red()}, {colour.green()}, {colour.blue()}, 34)"
        self.setStyleSheet(
            f"#notice {{ background: {tint}; border: none; border-left: 3px solid"
            f" {colour.name()}; }}"
        )
        icon = theme.icon(USE_ICONS[self._use], look, self._use)
        self._icon.setPixmap(icon.pixmap(QSize(18, 18)))
