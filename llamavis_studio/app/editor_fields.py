"""The fields of the form. Each shows one value, tells when a person changed it, and can say below
itself what is wrong with it. A value of None is a key that the text does not have."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from llamavis_studio.app import theme
from llamavis_studio.app.editor_completion import HELP_ROLE, HelpRow
from llamavis_studio.app.editor_document import replace_text, text_of
from llamavis_studio.app.theme import Look


class Field(QWidget):
    """What every field is: a widget, and a line below it for what is wrong."""

    changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(3)
        self.problem = QLabel()
        self.problem.setProperty("role", "bad")
        self.note = QLabel()
        self.note.setProperty("role", "dim")
        for line in (self.problem, self.note):
            line.setWordWrap(True)
            line.setTextFormat(Qt.TextFormat.PlainText)
            line.hide()

    def fill(self, *widgets: QWidget, stretch: bool = False) -> None:
        """Put widgets side by side, and the problem's line below."""
        row = QHBoxLayout()
        row.setSpacing(8)
        for widget in widgets:
            row.addWidget(widget)
        if stretch:
            row.addStretch(1)
        self._column.addLayout(row)
        self._column.addWidget(self.problem)
        self._column.addWidget(self.note)
        self._column.addStretch(1)

    def set_problem(self, told: str) -> None:
        """Say what is wrong, or nothing."""
        self.problem.setText(told)
        self.problem.setVisible(bool(told))

    def set_note(self, told: str) -> None:
        """Say calmly what is to be known of it, or nothing."""
        self.note.setText(told)
        self.note.setVisible(bool(told))

    def set_look(self, look: Look) -> None:
        """Take another look's colours, where the style sheet does not give them."""

    def show_value(self, value: object) -> None:
        """Show what the text says, without telling of a change."""
        raise NotImplementedError

    def set_texts(self, name: str, told: str, hint: str) -> None:
        """The field's name and help, and what it shows when it is not set."""
        raise NotImplementedError

    def focus_widget(self) -> QWidget:
        """What takes the keyboard."""
        raise NotImplementedError


class Words(Field):
    """Some lines of text; an empty text leaves the key out, unless the key must be there."""

    def __init__(self, lines: int, is_required: bool = False) -> None:
        super().__init__()
        self._empty = "" if is_required else None
        self.edit = QPlainTextEdit()
        # The text's own undo holds every change: a second one would disagree with it.
        self.edit.setUndoRedoEnabled(False)
        self.edit.setTabChangesFocus(True)
        self.edit.setFixedHeight(self.edit.fontMetrics().lineSpacing() * lines + 26)
        self.edit.textChanged.connect(self._tell)
        self.fill(self.edit)

    def _tell(self) -> None:
        self.changed.emit(text_of(self.edit.document()) or self._empty)

    def show_value(self, value: object) -> None:
        """Show the words, with the cursor where it was."""
        with QSignalBlocker(self.edit):
            replace_text(self.edit.document(), "" if value is None else str(value))

    def set_texts(self, name: str, told: str, hint: str) -> None:
        """Name, help and an example."""
        self.edit.setAccessibleName(name)
        self.edit.setAccessibleDescription(told)
        self.edit.setToolTip(told)
        self.edit.setPlaceholderText(hint)

    def set_note(self, told: str) -> None:
        """What is not heeded cannot be written; what is written already can be taken out."""
        super().set_note(told)
        self.edit.setEnabled(not told or bool(text_of(self.edit.document())))

    def focus_widget(self) -> QWidget:
        """The text field."""
        return self.edit


class CalmBox(QComboBox):
    """A wheel turned over the form scrolls the form; it must not change a value on its way."""

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        event.ignore()


class Choice(Field):
    """One of some words; the first row leaves the key out."""

    def __init__(self, choices: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__()
        self._choices = list(choices)
        self._unset = ""
        self._value: object = None
        self.box = CalmBox()
        self.box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.box.setMinimumContentsLength(6)
        self.box.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self._rows: HelpRow | None = None
        self.box.activated.connect(self._tell)
        self.fill(self.box)

    def set_choices(self, choices: Sequence[tuple[str, str]]) -> None:
        """The words to choose from, each with its help."""
        self._choices = list(choices)
        self.show_value(self._value)

    def set_unset(self, hint: str) -> None:
        """What the first row says, which leaves the key out."""
        if hint != self._unset:
            self._unset = hint
            self.show_value(self._value)

    def set_look(self, look: Look) -> None:
        """The help of each row in another look's colours."""
        if self._rows is not None:
            self._rows.deleteLater()
        self._rows = HelpRow(look, self.box)
        self.box.setItemDelegate(self._rows)
        self.box.view().setMinimumWidth(300)

    def _tell(self, _row: int) -> None:
        self._value = self.box.currentData()
        self.changed.emit(self._value)

    def show_value(self, value: object) -> None:
        """Choose the word; one that is not known, or a list of colours, gets a row of its own."""
        self._value = value
        with QSignalBlocker(self.box):
            self.box.clear()
            self.box.addItem(self._unset, None)
            for word, told in self._choices:
                self.box.addItem(word, word)
                self.box.setItemData(self.box.count() - 1, told, HELP_ROLE)
            row = 0 if value is None else self.box.findData(value)
            if row < 0:
                self.box.addItem(_shown(value), value)
                row = self.box.count() - 1
            self.box.setCurrentIndex(row)

    def set_texts(self, name: str, told: str, hint: str) -> None:
        """Name, help and what the first row says."""
        self._unset = hint
        self.box.setAccessibleName(name)
        self.box.setAccessibleDescription(told)
        self.box.setToolTip(told)
        self.show_value(self._value)

    def focus_widget(self) -> QWidget:
        """The box."""
        return self.box


class Switch(Field):
    """Yes or no; no leaves the key out."""

    def __init__(self, icon: str) -> None:
        super().__init__()
        self._icon = icon
        self.box = QToolButton()
        self.box.setCheckable(True)
        self.box.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.box.clicked.connect(lambda checked: self.changed.emit(True if checked else None))
        self.fill(self.box, stretch=True)

    def set_look(self, look: Look) -> None:
        """The icon in another look's colour."""
        self.box.setIcon(theme.icon(self._icon, look))
        self.box.setStyleSheet(
            f"QToolButton {{ background: {look.panel}; border-color: {look.line}; }}"
            f" QToolButton:checked {{ background: {look.selection};"
            f" border-color: {look.accent}; }}"
            f" QToolButton:focus {{ border-color: {look.accent}; }}"
        )

    def show_value(self, value: object) -> None:
        """Show whether it is on."""
        self.box.setChecked(value is True)

    def set_texts(self, name: str, told: str, hint: str) -> None:
        """Name, help and the words on the button."""
        self.box.setText(hint)
        self.box.setAccessibleName(name)
        self.box.setAccessibleDescription(told)
        self.box.setToolTip(told)

    def focus_widget(self) -> QWidget:
        """The button."""
        return self.box


def _shown(value: object) -> str:
    """A value that is no word of the list, short enough for a box."""
    if isinstance(value, list):
        few = ", ".join(str(one) for one in value[:2])
        return f"{few}, \u2026" if len(value) > 2 else few
    return str(value)
