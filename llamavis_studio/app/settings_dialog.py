"""The settings of this machine, drawn from `core.settings.Settings`: a field there is a row here.

a row is changed -> `layered` looks at the value -> refused: the row says why, nothing is told
                                                 -> allowed: `changed`, and the owner writes it
"""

from __future__ import annotations

import typing
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QDialog,
    QDoubleSpinBox,
    QFrame,
    QGridLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from llamavis_studio.core.errors import LlamaVisError
from llamavis_studio.core.settings import Settings, layered

SIZE = QSize(760, 660)
EDITOR_WIDTH, RESET_WIDTH = 200, 76
AT_ONCE = ("language", "theme")
SUGGESTIONS = {"device": ("auto", "cpu", "cuda", "cuda:1")}


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
        choice = QComboBox()
        for name in typing.get_args(kind):
            choice.addItem(name, name)
        show = lambda value: choice.setCurrentIndex(choice.findData(value))  # noqa: E731
        return choice, choice.currentData, show, (choice.activated,)
    if kind is bool:
        box = QCheckBox()
        return box, box.isChecked, box.setChecked, (box.toggled,)
    if kind is int or kind is float:
        number = QSpinBox() if kind is int else _Decimal()
        number.setRange(_bound(key, "ge", 0), _bound(key, "le", 1_000_000))
        number.setKeyboardTracking(False)  # half a number is not told
        return number, number.value, number.setValue, (number.valueChanged,)
    typed, line = QComboBox(), QLineEdit()
    typed.setLineEdit(line)
    typed.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
    typed.addItems(SUGGESTIONS.get(key, ()))
    signals = (typed.activated, line.editingFinished)
    return typed, lambda: line.text().strip(), typed.setCurrentText, signals


def _bound(key: str, name: str, unless: Any) -> Any:
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
        self.label, self.help, self.problem = QLabel(), QLabel(), QLabel()
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
        for label, role in ((self.help, "dim"), (self.problem, "bad")):
            label.setProperty("role", role)
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.problem.hide()
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


class SettingsDialog(QDialog):
    """Every setting; a change is told at once, for it has no OK to wait for."""

    changed = Signal(str, object)

    def __init__(self, parent: QWidget | None, values: Settings) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(SIZE)
        self.rows = {key: SettingRow(key, getattr(values, key)) for key in Settings.model_fields}
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(18, 14, 8, 0)
        self._heads: list[QLabel] = []
        for keys in (AT_ONCE, [key for key in self.rows if key not in AT_ONCE]):
            for role in ("title", "dim"):
                label = QLabel()
                label.setProperty("role", role)
                label.setWordWrap(True)
                column.addWidget(label)
                self._heads.append(label)
            card = QFrame()
            card.setProperty("role", "card")
            inside = QVBoxLayout(card)
            inside.setContentsMargins(16, 8, 10, 8)
            for key in keys:
                self.rows[key].edited.connect(lambda value, key=key: self._take(key, value))
                inside.addWidget(self.rows[key])
            column.addWidget(card)
            column.addSpacing(10)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(page)
        self.close_button = QPushButton()
        self.close_button.setAutoDefault(False)  # Enter ends a number, not the dialog
        self.close_button.clicked.connect(self.accept)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 16, 14)
        layout.addWidget(area, 1)
        layout.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignRight)
        self.retranslate()

    def show_problem(self, key: str, text: str) -> None:
        """Say at a row what is wrong with it: its value, or that it could not be written."""
        self.rows[key].problem.setText(text)
        self.rows[key].problem.setVisible(bool(text))

    def _take(self, key: str, value: object) -> None:
        self.show_problem(key, "")
        try:
            layered({key: value})
        except LlamaVisError as error:
            told = f"{error.message}. {error.hint}".strip(". ")
            if _bound(key, "pattern", ""):  # which nobody wants to read
                told = self.tr("'{0}' is not one of {1}").format(value, self.rows[key].help.text())
            self.show_problem(key, told)
        else:
            self.changed.emit(key, value)

    def done(self, result: int) -> None:
        """Whoever closes with a number still in the making means it."""
        for row in self.rows.values():
            if isinstance(row.widget, QAbstractSpinBox):
                row.widget.interpretText()
            row.tell()
        super().done(result)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        """The texts again, in the language of now."""
        self.setWindowTitle(self.tr("Settings"))
        self.close_button.setText(self.tr("Close"))
        later = self.tr("For the next project you open; what its llamavis.toml says wins.")
        heads = (self.tr("Window"), self.tr("Changes are seen at once."), self.tr("Drawing"), later)
        for label, text in zip(self._heads, heads, strict=True):
            label.setText(text)
        system, light, dark = self.tr("As the system"), self.tr("Light"), self.tr("Dark")
        names = {"auto": system, "system": system, "light": light, "dark": dark}
        names |= {"en": "English", "zh": "简体中文"}
        words, reset, reset_this = self._words(), self.tr("Reset"), self.tr("Reset: {0}")
        for key, row in self.rows.items():
            told = words.get(key) or Words(key, Settings.model_fields[key].description or "")
            row.set_texts(told, reset, reset_this.format(told.label), names)

    def _words(self) -> dict[str, Words]:
        """The help is the field's description, here for translators; a test compares them."""
        image = self.tr("image"), self.tr("images")
        second = self.tr("second"), self.tr("seconds")
        return {
            "language": Words(self.tr("Language"), self.tr("Language of the interface")),
            "theme": Words(self.tr("Look"), self.tr("Look of the window")),
            "batch_size": Words(
                self.tr("Images drawn at once"),
                self.tr("Most images made at once; 0: what the backend likes"),
                image, self.tr("As the model likes")),
            "threads": Words(
                self.tr("Processor threads"), self.tr("CPU threads of the model; 0: all cores"),
                (self.tr("thread"), self.tr("threads")), self.tr("All cores")),
            "jobs": Words(
                self.tr("Images finished at once"),
                self.tr("Images finished at once; 0: one a core"), image, self.tr("One a core")),
            "history_mb": Words(
                self.tr("Room for older images"),
                self.tr("Room for replaced images in a project; 0: none"),
                (self.tr("megabyte"), self.tr("megabytes")), self.tr("Keep none")),
            "debounce_s": Words(
                self.tr("Wait after a save"),
                self.tr("Quiet time after a save before building, in seconds"), second),
            "idle_unload_s": Words(
                self.tr("Keep the model ready for"),
                self.tr("Idle time after which the model leaves memory, in seconds"), second),
            "device": Words(self.tr("Draw on"), self.tr("auto, cpu, cuda or cuda:1")),
        }  # fmt: skip
