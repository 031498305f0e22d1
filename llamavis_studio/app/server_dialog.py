"""Adding a ComfyUI server: its address, and what it is to draw with."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from llamavis_studio.app.asking_dialog import AskingDialog, say

WIDTH = 560


@dataclass(frozen=True)
class ServerWish:
    """What was typed: names and addresses are checked where the record is made."""

    name: str
    servers: tuple[str, ...]
    checkpoint: str = ""
    workflow: str = ""


class ServerDialog(AskingDialog):
    """Only asks: the server is reached by its owner, and what is wrong is said here."""

    add_asked = Signal(object)  # ServerWish

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.name, self.address = QLineEdit("comfy"), QLineEdit("http://127.0.0.1:8188")
        self.checkpoint, self.workflow = QLineEdit(), QLineEdit()
        self.browse, self.add, self.cancel = QPushButton(), QPushButton(), QPushButton()
        self.add.setProperty("primary", True)
        self.intro, self.state = QLabel(), QLabel()
        self.intro.setProperty("role", "dim")
        self._labels = [QLabel() for _ in range(4)]
        for label in (self.intro, self.state):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self._arrange()
        self.browse.clicked.connect(self._ask_workflow)
        self.add.clicked.connect(self._add)
        self.cancel.clicked.connect(self.reject)
        for field in (self.name, self.address):
            field.textChanged.connect(lambda _text: self._check())
        self.retranslate()

    def _arrange(self) -> None:
        file = QWidget()
        flow = QHBoxLayout(file)
        flow.setContentsMargins(0, 0, 0, 0)
        flow.addWidget(self.workflow, 1)
        flow.addWidget(self.browse)
        form = QFormLayout()
        form.setHorizontalSpacing(18)
        form.setVerticalSpacing(10)
        rows: tuple[QWidget, ...] = (self.address, self.name, self.checkpoint, file)
        for label, row in zip(self._labels, rows, strict=True):
            form.addRow(label, row)
            label.setBuddy(self.workflow if row is file else row)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.cancel)
        foot.addWidget(self.add)
        self.browse.setAutoDefault(False)
        self.cancel.setAutoDefault(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(14)
        column.addWidget(self.intro)
        column.addLayout(form)
        column.addWidget(self.state)
        column.addStretch(1)
        column.addLayout(foot)

    def show_problem(self, text: str) -> None:
        """Why it was not added. Nothing once closed."""
        if self._is_closed:
            return
        self._say(text, is_bad=True)
        self._check()

    def _add(self) -> None:
        servers = tuple(self.address.text().replace(",", " ").split())
        self._say(self.tr("Asking the server…"), is_bad=False)
        self.add.setEnabled(False)
        self.add_asked.emit(
            ServerWish(
                self.name.text().strip(),
                servers,
                self.checkpoint.text().strip(),
                self.workflow.text().strip(),
            )
        )

    def _check(self) -> None:
        self.add.setEnabled(bool(self.name.text().strip() and self.address.text().strip()))

    def _ask_workflow(self) -> None:
        dialog = QFileDialog(self, self.tr("Exported workflow"))
        dialog.setNameFilter("*.json")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.workflow.setText)
        dialog.open()

    def _say(self, text: str, *, is_bad: bool) -> None:
        say(self.state, text, is_bad=is_bad)
        self._fit()

    def retranslate(self) -> None:
        """The texts again, in the language of now."""
        self.setWindowTitle(self.tr("Add a ComfyUI server"))
        self.intro.setText(
            self.tr(
                "ComfyUI draws there; the studio sends words and takes the pictures. Several "
                "addresses, with spaces between, share the work."
            )
        )
        told = (
            self.tr("Address"),
            self.tr("Name in descriptions"),
            self.tr("Checkpoint there"),
            self.tr("Workflow"),
        )
        for label, text in zip(self._labels, told, strict=True):
            label.setText(text)
            label.setProperty("role", "dim")
        self.checkpoint.setPlaceholderText(self.tr("The only one that it has"))
        self.workflow.setPlaceholderText(self.tr("The studio's own"))
        self.workflow.setToolTip(self.tr("A file of ComfyUI's Export (API)"))
        self.browse.setText(self.tr("Choose…"))
        self.add.setText(self.tr("Add"))
        self.cancel.setText(self.tr("Cancel"))
        fields = (self.address, self.name, self.checkpoint, self.workflow)
        for field, text in zip(fields, told, strict=True):
            field.setAccessibleName(text)
        self._check()
        self._fit()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Never so low that fields are cut."""
        layout = self.layout()
        if layout is not None:
            width = max(WIDTH, self.width())
            for field in (self.address, self.name, self.checkpoint, self.workflow):
                field.setMinimumHeight(field.sizeHint().height())
            layout.activate()
            self.resize(width, max(self.height(), layout.totalHeightForWidth(width)))
