"""One setting as a row of the dialog: what it is called, what changes it, the way back."""

from __future__ import annotations

import typing
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QGridLayout,
    QLabel,
    QLineEdit,
    QSpinBox,
    QToolButton,
    QWidget,
)

from llamavis_studio.core.settings import Settings

EDITOR_WIDTH, RESET_WIDTH = 230, 76
CHOICES = {"device": ("auto", "cpu")}
"""What a text may be before it is known what there is here (`SettingsDialog.show_devices`)."""


@dataclass(frozen=True)
class Words:
    """How a field is called and explained; its unit for one and for many, and what 0 means."""

    label: str
    help: str
    unit: tuple[str, str] = ("", "")
    zero: str = ""


def editor_for(key: str) -> tuple[QWidget, Callable[[], Any], Callable[[Any], Any], Any]:
    """What changes a field, after its type: the widget; how it is read, set and listened to."""
    kind = Settings.model_fields[key].annotation
    if typing.get_origin(kind) is typing.Literal:
        return _choice(typing.get_args(kind))
    if key in CHOICES:
        return _choice(CHOICES[key])
    if kind is bool:
        box = QCheckBox()
        return box, box.isChecked, box.setChecked, (box.toggled,)
    if kind is int or kind is float:
        number = QSpinBox() if kind is int else _Decimal()
        number.setRange(bound(key, "ge", 0), bound(key, "le", 1_000_000))
        number.setKeyboardTracking(False)  # half a number is not told
        return number, number.value, number.setValue, (number.valueChanged,)
    line = QLineEdit()
    return line, lambda: line.text().strip(), line.setText, (line.editingFinished,)


def _choice(names: Sequence[str]) -> tuple[QWidget, Callable[[], Any], Callable[[Any], Any], Any]:
    choice = QComboBox()
    for name in names:
        choice.addItem(name, name)

    def show(value: str) -> None:
        if choice.findData(value) < 0:  # what the file says stays to be seen
            choice.addItem(value, value)
        choice.setCurrentIndex(choice.findData(value))

    return choice, choice.currentData, show, (choice.activated,)


def bound(key: str, name: str, unless: Any) -> Any:
    """A limit that a field's declaration gives, such as `le`; else `unless`."""
    found = (getattr(one, name, None) for one in Settings.model_fields[key].metadata)
    return next((one for one in found if one is not None), unless)


class _Decimal(QDoubleSpinBox):
    """Says 0.3, not 0.300, and steps by what fits the size of the number."""

    def __init__(self) -> None:
        super().__init__(decimals=3, stepType=QDoubleSpinBox.StepType.AdaptiveDecimalStepType)

    def textFromValue(self, value: float) -> str:  # noqa: N802 - Qt's name
        return self.locale().toString(value, "g", 9)


class SettingRow(QWidget):
    """One field: its name and help, what changes it, and the way back to its default."""

    edited = Signal(object)

    def __init__(self, key: str, value: object) -> None:
        super().__init__()
        self.default = Settings.model_fields[key].default
        self._words = Words(key, "")
        self.label, self.help, self.problem, self.over = QLabel(), QLabel(), QLabel(), QLabel()
        self.reset = QToolButton()
        self.widget, self._read, self._set, signals = editor_for(key)
        self.widget.setFixedWidth(EDITOR_WIDTH)
        self.widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.widget.installEventFilter(self)
        self.label.setBuddy(self.widget)
        self.reset.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 3, 0, 3)
        layout.setVerticalSpacing(1)
        layout.setColumnStretch(0, 1)
        layout.setColumnMinimumWidth(2, RESET_WIDTH)
        layout.addWidget(self.label, 0, 0)
        layout.addWidget(self.widget, 0, 1, 2, 1, Qt.AlignmentFlag.AlignVCenter)
        layout.addWidget(self.reset, 0, 2, 2, 1, Qt.AlignmentFlag.AlignVCenter)
        layout.addWidget(self.help, 1, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self.problem, 2, 0, 1, 3)
        layout.addWidget(self.over, 3, 0, 1, 3)
        for label, role in ((self.help, "dim"), (self.problem, "bad"), (self.over, "")):
            label.setProperty("role", role)
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.problem.hide()
        self.over.hide()
        self.show_value(value)
        self.reset.clicked.connect(self._reset)
        for signal in signals:
            signal.connect(self.tell)

    def show_value(self, value: object) -> None:
        """Show a value without telling anybody."""
        with QSignalBlocker(self.widget):
            self._set(value)
        self._value = value
        self._mark()

    def set_texts(self, words: Words, reset: str, reset_this: str, names: dict[str, str]) -> None:
        """The texts, in the language of now; `names` are those of choices."""
        self._words = words
        self.label.setText(words.label)
        self.help.setText(words.help)
        self.reset.setText(reset)
        self.reset.setAccessibleName(reset_this)
        self.widget.setAccessibleName(words.label)
        self.widget.setAccessibleDescription(words.help)
        if isinstance(self.widget, QAbstractSpinBox):
            self.widget.setSpecialValueText(words.zero)
        elif isinstance(self.widget, QComboBox) and not self.widget.isEditable():
            for at in range(self.widget.count()):
                name = self.widget.itemData(at)
                self.widget.setItemText(at, names.get(name, name))
        self._mark()

    def shown(self, value: object) -> str:
        """A value as this row writes it."""
        if isinstance(self.widget, QComboBox):
            at = self.widget.findData(value)
            return self.widget.itemText(at) if at >= 0 else str(value)
        if isinstance(self.widget, QCheckBox):
            return str(value)
        words = self._words.zero if not value and self._words.zero else str(value)
        return f"{words} {self._words.unit[value != 1]}".strip() if value else words

    def tell(self, *_: object) -> None:
        """Emit what was changed; an editor also ends without a change."""
        value = self._read()
        if value != self._value:
            self._value = value
            self._mark()
            self.edited.emit(value)

    def _reset(self) -> None:
        self.widget.setFocus()  # the button is about to hide
        self.show_value(self.default)
        self.edited.emit(self.default)

    def _mark(self) -> None:
        self.reset.setVisible(self._value != self.default)
        if isinstance(self.widget, QSpinBox | QDoubleSpinBox) and self._words.unit[1]:
            with QSignalBlocker(self.widget):
                self.widget.setSuffix(f" {self._words.unit[self._value != 1]}")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """The wheel over a field without the focus moves the page, not the value."""
        if event.type() == QEvent.Type.Wheel and not self.widget.hasFocus():
            event.ignore()
            return True
        return super().eventFilter(watched, event)
