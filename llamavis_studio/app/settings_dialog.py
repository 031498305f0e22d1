"""The settings of this machine, drawn from `core.settings.Settings`: a field there is a row here.

a row is changed -> `layered` looks at the value -> refused: the row says why, nothing is told
                                                 -> allowed: `changed`, and the owner writes it
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QComboBox,
    QFrame,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from llamavis_studio.app.asking_dialog import AskingDialog
from llamavis_studio.app.sentences import told
from llamavis_studio.app.settings_row import EDITOR_WIDTH, SettingRow, Words, bound
from llamavis_studio.core.errors import LlamaVisError
from llamavis_studio.core.settings import Settings, layered

SIZE = QSize(800, 660)
AT_ONCE = ("language", "theme")
_GB = 1e9


class SettingsDialog(AskingDialog):
    """Every setting; a change is told at once, for it has no OK to wait for."""

    changed = Signal(str, object)

    def __init__(
        self,
        parent: QWidget | None,
        values: Settings,
        project: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(SIZE)
        self._project = dict(project or {})
        self._devices: tuple[Any, ...] = ()
        self.notice = QLabel()
        self.notice.setProperty("role", "bad")
        self.notice.setWordWrap(True)
        self.notice.setContentsMargins(0, 0, 0, 10)
        self.notice.setTextFormat(Qt.TextFormat.PlainText)
        self.notice.hide()
        self.rows = {key: SettingRow(key, getattr(values, key)) for key in Settings.model_fields}
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(18, 14, 8, 0)
        column.addWidget(self.notice)
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

    def show_notice(self, text: str) -> None:
        """Say above everything what is wrong with the file of the settings."""
        self.notice.setText(text)
        self.notice.setVisible(bool(text))

    def show_devices(self, devices: Sequence[Any]) -> None:
        """Offer what the model may run on (`core.device.Device`). Nothing once closed."""
        if self._is_closed:
            return
        self._devices = tuple(devices)
        box = self.rows["device"].widget
        if not isinstance(box, QComboBox):
            return
        with QSignalBlocker(box):
            for device in self._devices:
                if box.findData(device.name) < 0:
                    box.addItem(device.name, device.name)
        self._name_devices(box)
        self._say_project()

    def _name_devices(self, box: QComboBox) -> None:
        known = {device.name: device for device in self._devices}
        best = next((device.label for device in self._devices if device.best), "")
        auto = self.tr("Automatic")
        for at in range(box.count()):
            name = box.itemData(at)
            device = known.get(name)
            text = {"auto": auto, "cpu": self.tr("Processor")}.get(name, name)
            if name == "auto" and best:
                text = self.tr("Automatic: {0}").format(best)
            elif device is not None:
                text = " · ".join(filter(None, (device.label, self._memory(device))))
            elif known and name not in ("auto", "cuda"):
                text = self.tr("{0}, not found here").format(name)
            box.setItemText(at, text)
            box.setItemData(at, text, Qt.ItemDataRole.ToolTipRole)
        view = box.view()
        view.setMinimumWidth(max(EDITOR_WIDTH, view.sizeHintForColumn(0) + 24))

    def _memory(self, device: Any) -> str:
        if device.total_bytes is None:
            return ""
        total = self.locale().toString(device.total_bytes / _GB, "f", 1)
        if device.free_bytes is None:
            return self.tr("{0} GB").format(total)
        free = self.locale().toString(device.free_bytes / _GB, "f", 1)
        return self.tr("{0} GB, {1} GB free").format(total, free)

    def _say_project(self) -> None:
        for key, row in self.rows.items():
            is_over = key in self._project
            row.over.setVisible(is_over)
            if is_over:
                told = self.tr("The open project says: {0}. That applies to it.")
                row.over.setText(told.format(row.shown(self._project[key])))

    def show_problem(self, key: str, text: str) -> None:
        """Say at a row what is wrong with it: its value, or that it could not be written."""
        self.rows[key].problem.setText(text)
        self.rows[key].problem.setVisible(bool(text))

    def _take(self, key: str, value: object) -> None:
        self.show_problem(key, "")
        try:
            layered({key: value})
        except LlamaVisError as error:
            words = told(error.message, error.hint)
            if bound(key, "pattern", ""):  # which nobody wants to read
                words = self.tr("'{0}' is not one of {1}").format(value, self.rows[key].help.text())
            self.show_problem(key, words)
        else:
            self.changed.emit(key, value)

    def done(self, result: int) -> None:
        """Whoever closes with a number still in the making means it."""
        for row in self.rows.values():
            if isinstance(row.widget, QAbstractSpinBox):
                row.widget.interpretText()
            row.tell()
        super().done(result)

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
        device = self.rows["device"].widget
        if isinstance(device, QComboBox):
            self._name_devices(device)
        self._say_project()

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
                self.tr("Images finished at once; 0: one a core, beside a window one in all"),
                image, self.tr("As the studio likes")),
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
            "device": Words(self.tr("Draw on"), self.tr("What the model runs on")),
        }  # fmt: skip
