"""Before descriptions go to the trash: what goes, and whether the pictures go too."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from llamavis_studio.app.theme import Look, icon
from llamavis_studio.core.description import ONE

MOST_ROWS = 200
MOST_SEEN = 7
PICTURES = (".png",)


class DeleteDialog(QDialog):
    """Emits `confirmed` with whether the pictures go too. `sources` are description files, `files`
    what lies on disk of their pictures; `edited` of these were painted by hand.
    """

    confirmed = Signal(bool)

    def __init__(
        self,
        parent: QWidget,
        names: Sequence[str],
        sources: Sequence[str],
        files: Sequence[str],
        edited: int,
        look: Look,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._names, self._sources, self._files = names, sources, files
        self._edited, self._look = edited, look
        self._mark = QLabel()
        self._mark.setPixmap(icon("trash", look, "accent").pixmap(32, 32))
        self._title, self._words, self._warning = QLabel(), QLabel(), QLabel()
        self._title.setProperty("role", "title")
        for label in (self._title, self._words, self._warning):
            label.setWordWrap(True)
        self._words.setProperty("role", "dim")
        self.with_pictures = QCheckBox()
        self.with_pictures.setChecked(True)
        self.with_pictures.setVisible(bool(files))
        self.with_pictures.toggled.connect(self._show_files)
        self.list = QListWidget()
        self.list.setSelectionMode(QListWidget.SelectionMode.NoSelection)
        rows = min(MOST_SEEN, len(sources) + len(files))
        self.list.setIconSize(QSize(18, 18))
        self.list.setFixedHeight(rows * (self.list.fontMetrics().height() + 12) + 6)
        self.buttons = QDialogButtonBox()
        self.delete = self.buttons.addButton("", QDialogButtonBox.ButtonRole.AcceptRole)
        self.cancel = self.buttons.addButton("", QDialogButtonBox.ButtonRole.RejectRole)
        self.delete.setProperty("primary", True)
        self.delete.setDefault(True)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.accepted.connect(
            lambda: self.confirmed.emit(bool(files) and self.with_pictures.isChecked())
        )
        head = QHBoxLayout()
        head.setSpacing(14)
        head.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        told = QVBoxLayout()
        told.setSpacing(4)
        told.addWidget(self._title)
        told.addWidget(self._words)
        head.addLayout(told, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 22, 24, 18)
        layout.setSpacing(12)
        layout.addLayout(head)
        for part in (self.with_pictures, self.list, self._warning, self.buttons):
            layout.addWidget(part)
        self.setMinimumWidth(440)
        self.retranslate()

    def retranslate(self) -> None:
        """The texts again, in the language of now."""
        count = len(self._names)
        first = self.tr("Delete {0}?").format(self._names[0] if self._names else "")
        title = first if count == 1 else self.tr("Delete %n description(s)?", "", count)
        self.setWindowTitle(self.tr("Delete"))
        self._title.setText(title)
        self._words.setText(self.tr("What goes lies in the trash afterwards; Undo brings it back."))
        pictures = sum(file.endswith(PICTURES) for file in self._files)
        self.with_pictures.setText(
            self.tr("Their pictures too (%n picture(s))", "", pictures)
            if count > 1
            else self.tr("Its pictures too (%n picture(s))", "", pictures)
        )
        self.list.setAccessibleName(self.tr("Files that go to the trash"))
        painted = self.tr("%n of the pictures was painted over by hand.", "", self._edited)
        self._warning.setText(painted if self._edited else "")
        self._warning.setVisible(bool(self._edited))
        self.delete.setText(self.tr("Move to the trash"))
        self.cancel.setText(self.tr("Cancel"))
        self._show_files()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def _show_files(self) -> None:
        self.list.clear()
        many = self.tr("{0}: only the part about it")
        shown = [
            (name if name.endswith(ONE) else many.format(name), "description")
            for name in self._sources
        ]
        if self.with_pictures.isChecked():
            kinds = ("image" if file.endswith(PICTURES) else "tag" for file in self._files)
            shown += zip(self._files, kinds, strict=True)
        for text, name in shown[:MOST_ROWS]:
            self.list.addItem(QListWidgetItem(icon(name, self._look, "dim"), text))
        if len(shown) > MOST_ROWS:
            self.list.addItem(self.tr("and {0} more").format(len(shown) - MOST_ROWS))
