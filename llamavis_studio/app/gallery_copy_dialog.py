"""Copying pictures out of the project: where to, and with which words beside them."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QDir, QSettings, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from llamavis_studio.app.files import ask_folder

_KEY = "gallery/copy"


class CopyDialog(QDialog):
    """Asks for a folder; what was chosen last is there again."""

    chosen = Signal(object, str, bool)
    """(folder: Path, words: "", "txt" or "json", keep_folders)"""

    def __init__(self, parent: QWidget, store: QSettings, count: int) -> None:
        super().__init__(parent)
        self._store = store
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Copy out"))
        self.setMinimumWidth(460)
        self.folder = QLineEdit(str(store.value(f"{_KEY}/folder", QDir.homePath())))
        self.folder.setAccessibleName(self.tr("Folder"))
        self.browse = QPushButton(self.tr("Browse…"))
        self.browse.clicked.connect(self._browse)
        self.words = QComboBox()
        for value, label in (
            ("", self.tr("No words")),
            ("txt", self.tr("Text files: caption and tags, for training")),
            ("json", self.tr("JSON files: who said what")),
        ):
            self.words.addItem(label, value)
        self.words.setCurrentIndex(max(0, self.words.findData(store.value(f"{_KEY}/words", ""))))
        self.words.setAccessibleName(self.tr("Words beside them"))
        self.folders = QCheckBox(self.tr("Keep the folders they lie in"))
        self.folders.setChecked(bool(store.value(f"{_KEY}/folders", False, bool)))
        self._lay_out(count)

    def _lay_out(self, count: int) -> None:
        place = QHBoxLayout()
        place.addWidget(self.folder, 1)
        place.addWidget(self.browse)
        form = QFormLayout()
        form.setSpacing(10)
        form.addRow(self.tr("Folder"), place)
        form.addRow(self.tr("Words beside them"), self.words)
        form.addRow("", self.folders)
        told = QLabel(self.tr("%n picture(s) go to a folder outside of the project.", "", count))
        hint = QLabel(self.tr("Nothing there is written over."))
        hint.setProperty("role", "dim")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.go = buttons.addButton(self.tr("Copy"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.go.setProperty("primary", "true")
        buttons.button(QDialogButtonBox.StandardButton.Cancel).setText(self.tr("Cancel"))
        buttons.accepted.connect(self._accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 14)
        layout.setSpacing(12)
        for part in (told, hint):
            part.setWordWrap(True)
            layout.addWidget(part)
        layout.addLayout(form)
        layout.addWidget(buttons)
        self.folder.textChanged.connect(lambda text: self.go.setEnabled(bool(text.strip())))

    def _browse(self) -> None:
        ask_folder(self, self.tr("Copy to"), self.folder.setText, self.folder.text())

    def _accept(self) -> None:
        folder = str(Path(self.folder.text().strip()).expanduser())
        words, folders = str(self.words.currentData()), self.folders.isChecked()
        for key, value in (("folder", folder), ("words", words), ("folders", folders)):
            self._store.setValue(f"{_KEY}/{key}", value)
        self.chosen.emit(Path(folder), words, folders)
        self.accept()
