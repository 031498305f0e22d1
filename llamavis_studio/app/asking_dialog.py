"""A dialog that asks other threads, and may be closed before they answer."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QDialog, QLabel, QWidget


class AskingDialog(QDialog):
    """Whoever answers looks at ``_is_closed`` first: Qt's half of a closed dialog may be gone."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_closed = False

    def done(self, result: int) -> None:
        """Answers that are still to come find nobody."""
        self._is_closed = True
        super().done(result)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        """The texts again, in the language of now."""
        raise NotImplementedError


def say(label: QLabel, text: str, *, is_bad: bool) -> None:
    """Put news into a label, in the colour of bad ones where they are."""
    label.setText(text)
    label.setProperty("role", "bad" if is_bad else "dim")
    label.style().polish(label)
