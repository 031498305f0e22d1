"""The fields of the form that hold numbers."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QToolButton, QWidget

from llamavis_studio.app.editor_fields import Field
from llamavis_studio.core.fields import LARGEST_SIDE_PX, SMALLEST_SIDE_PX


class Number(Field):
    """A whole number; empty leaves the key out. `unset` is what leaving it out means, if known."""

    def __init__(self, least: int, most: int, unset: int | None = None) -> None:
        super().__init__()
        self._least, self._most, self._unset = least, most, unset
        self.edit = QLineEdit()
        self.edit.setInputMethodHints(Qt.InputMethodHint.ImhDigitsOnly)
        self.edit.setMaximumWidth(220)
        self.edit.setMinimumWidth(60)
        self.edit.textEdited.connect(self._tell)
        self.fill(self.edit, stretch=True)

    def _tell(self, typed: str) -> None:
        typed = typed.strip()
        if not typed:
            self.changed.emit(None)
        elif _is_number(typed):
            self.changed.emit(int(typed))
        else:
            self.set_problem(
                self.tr("A whole number from {least} to {most}.").format(
                    least=self._least, most=self._most
                )
            )

    def show_value(self, value: object) -> None:
        """Show the number, unless it is what is being typed just now."""
        shown = "" if value is None else str(value)
        if self.edit.text().strip() != shown:
            self.edit.setText(shown)

    def set_texts(self, name: str, told: str, hint: str) -> None:
        """Name, help and what an empty field means."""
        self.edit.setAccessibleName(name)
        self.edit.setAccessibleDescription(told)
        self.edit.setToolTip(told)
        self.edit.setPlaceholderText(hint or str(self._unset))

    def focus_widget(self) -> QWidget:
        """The field."""
        return self.edit


class Size(Field):
    """Width and height in pixels; the button at the end leaves them out."""

    def __init__(self) -> None:
        super().__init__()
        self.width_edit, self.height_edit = QLineEdit(), QLineEdit()
        self._sides = (self.width_edit, self.height_edit)
        self._is_square = True  # the second side follows the first until it is typed itself
        self.clear = QToolButton()
        self.clear.setObjectName("clear")
        self.clear.setText("\u2715")
        for edit in self._sides:
            edit.setInputMethodHints(Qt.InputMethodHint.ImhDigitsOnly)
            edit.setMinimumWidth(44)
            edit.setMaximumWidth(76)
            edit.textEdited.connect(self._tell)
        self.clear.clicked.connect(self._clear)
        times = QLabel("\u00d7")
        self.fill(*(self.width_edit, times, self.height_edit, self.clear), stretch=True)

    def _tell(self, typed: str) -> None:
        if self._is_square:
            if self.sender() is self.width_edit:
                self.height_edit.setText(typed)
            elif self.width_edit.text():
                self._is_square = False
            else:
                self.width_edit.setText(typed)
        self._show_state()
        texts = [edit.text().strip() for edit in self._sides]
        if not any(texts):
            self._is_square = True
            self.changed.emit(None)
        elif all(_is_number(text) for text in texts):
            self.changed.emit([int(text) for text in texts])
        else:
            self.set_problem(
                self.tr("Two whole numbers from {least} to {most}.").format(
                    least=SMALLEST_SIDE_PX, most=LARGEST_SIDE_PX
                )
            )

    def _clear(self) -> None:
        self.show_value(None)
        self.changed.emit(None)

    def show_value(self, value: object) -> None:
        """Show both sides, or neither; what is being typed just now stays."""
        sides = value if isinstance(value, list) and len(value) == 2 else ("", "")
        shown = [str(side) for side in sides]
        if [edit.text().strip() for edit in self._sides] != shown:
            self._is_square = value is None
            for edit, text in zip(self._sides, shown, strict=True):
                edit.setText(text)
        self._show_state()

    def _show_state(self) -> None:
        is_set = any(edit.text() for edit in self._sides)
        self.clear.setVisible(is_set)

    def set_texts(self, name: str, told: str, hint: str) -> None:
        """Names of both sides, help, and what leaving them out means."""
        self.width_edit.setAccessibleName(self.tr("Width in pixels"))
        self.height_edit.setAccessibleName(self.tr("Height in pixels"))
        self.clear.setAccessibleName(self.tr("Leave the size out"))
        self.clear.setToolTip(self.tr("Leave the size out"))
        for edit in self._sides:
            edit.setToolTip(told)
            edit.setPlaceholderText(hint)

    def focus_widget(self) -> QWidget:
        """The width."""
        return self.width_edit


def _is_number(typed: str) -> bool:
    """Digits that TOML can hold; one out of range is for the parser, who says why."""
    return typed.isascii() and typed.isdigit() and len(typed) < 19
