"""A new project: what it begins as, its name, its folder."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import (
    QCoreApplication,
    QEvent,
    QRect,
    QSettings,
    QSize,
    QStandardPaths,
    Qt,
    Signal,
)
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import (
    QAbstractButton,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from llamavis_studio.app.actions import QT_TRANSLATE_NOOP
from llamavis_studio.app.files import ask_folder
from llamavis_studio.app.sentences import capital, told
from llamavis_studio.app.theme import Look, icon
from llamavis_studio.core.errors import LlamaVisError
from llamavis_studio.core.paths import name_problem
from llamavis_studio.core.resources import resource_path
from llamavis_studio.core.templates import MINIMAL, TEMPLATES, make_project

_STORE_KEY = "new_project_folder"
CARD = QSize(318, 158)  # px
_PICTURE = 64  # px: twice what was drawn
_WORDS = {
    "dungeon": (
        QT_TRANSLATE_NOOP("Templates", "Dungeon game"),
        QT_TRANSLATE_NOOP("Templates", "Heroes, monsters, items, tiles and scenes to play with"),
    ),
    "sprites": (
        QT_TRANSLATE_NOOP("Templates", "Sprites"),
        QT_TRANSLATE_NOOP("Templates", "Characters, monsters and items on clear ground"),
    ),
    "tiles": (
        QT_TRANSLATE_NOOP("Templates", "Tiles and backgrounds"),
        QT_TRANSLATE_NOOP("Templates", "Textures that repeat without a seam, and wide scenes"),
    ),
    MINIMAL: (
        QT_TRANSLATE_NOOP("Templates", "Empty"),
        QT_TRANSLATE_NOOP("Templates", "One description to begin with"),
    ),
}


class TemplateCard(QAbstractButton):
    """A template to choose: its pictures over its name and a sentence."""

    def __init__(self, template: str, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self.template = template
        self._look = look
        self._pictures = QPixmap()
        if template != MINIMAL:
            self._pictures = QPixmap(str(resource_path("icons", f"template-{template}.png")))
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setFixedSize(CARD)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def retranslate(self) -> None:
        """The texts again, in the language of now."""
        name, words = _WORDS[self.template]
        self.setText(QCoreApplication.translate("Templates", name))
        self.setAccessibleName(self.text())
        self.setAccessibleDescription(QCoreApplication.translate("Templates", words))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        look, painter = self._look, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = self.rect().adjusted(1, 1, -1, -1)
        on = self.isChecked()
        painter.setPen(QPen(look.colour("accent" if on else "line"), 2 if on else 1))
        ground = "selection" if on else "raised" if self.underMouse() else "panel"
        painter.setBrush(look.colour(ground))
        painter.drawRoundedRect(box, 8, 8)
        if self.hasFocus():
            painter.setPen(QPen(look.colour("text"), 1, Qt.PenStyle.DotLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(3, 3, -3, -3), 6, 6)
        place = QRect(box.left() + 16, box.top() + 16, box.width() - 32, _PICTURE)
        if self._pictures.isNull():
            middle = QRect(place.left(), place.top() + 8, 48, 48)
            icon("missing", look, "dim").paint(painter, middle)
        else:
            strip = self._pictures.size() * 2
            painter.drawPixmap(QRect(place.topLeft(), strip), self._pictures)
        self._draw_words(painter, box.adjusted(16, _PICTURE + 26, -16, -8))
        if on:
            badge = QRect(box.right() - 27, box.bottom() - 27, 20, 20)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.colour("accent"))
            painter.drawEllipse(badge)
            icon("check", look, "on_accent").paint(painter, badge.adjusted(3, 3, -3, -3))

    def _draw_words(self, painter: QPainter, box: QRect) -> None:
        font = self.font()
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(self._look.colour("text"))
        height = self.fontMetrics().height()
        painter.drawText(box, int(Qt.AlignmentFlag.AlignTop), self.text())
        font.setBold(False)
        painter.setFont(font)
        painter.setPen(self._look.colour("text" if self.isChecked() else "dim"))
        flags = int(Qt.AlignmentFlag.AlignTop) | int(Qt.TextFlag.TextWordWrap)
        painter.drawText(box.adjusted(0, height + 2, -8, 4), flags, self.accessibleDescription())


class NewProjectDialog(QDialog):
    """Emits `made` with the folder of a project that was made."""

    made = Signal(object)  # Path

    def __init__(self, parent: QWidget, look: Look, store: QSettings) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._store = store
        documents = QStandardPaths.StandardLocation.DocumentsLocation
        self._parent_folder = str(
            store.value(_STORE_KEY) or QStandardPaths.writableLocation(documents) or Path.home()
        )
        self.head, self.place, self.problem = QLabel(), QLabel(), QLabel()
        self.head.setProperty("role", "title")
        self.place.setProperty("role", "dim")
        self.problem.setProperty("role", "bad")
        for label in (self.place, self.problem):
            label.setWordWrap(True)
        self.cards = [TemplateCard(one.id, look, self) for one in TEMPLATES]
        grid = QGridLayout()
        grid.setSpacing(12)
        for at, card in enumerate(self.cards):
            grid.addWidget(card, at // 2, at % 2)
        self.cards[0].setChecked(True)
        self._name_label, self._folder_label = QLabel(), QLabel()
        self.name, self.folder = QLineEdit(), QLineEdit(self._parent_folder)
        self._name_label.setBuddy(self.name)
        self._folder_label.setBuddy(self.folder)
        self.browse = QPushButton(icon("folder", look), "")
        self.browse.clicked.connect(self._browse)
        for line in (self.name, self.folder):
            line.textChanged.connect(self._check)
        fields = QGridLayout()
        fields.setHorizontalSpacing(12)
        fields.addWidget(self._name_label, 0, 0)
        fields.addWidget(self.name, 0, 1)
        fields.addWidget(self._folder_label, 1, 0)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.folder, 1)
        row.addWidget(self.browse)
        fields.addLayout(row, 1, 1)
        fields.addWidget(self.place, 2, 1)
        fields.addWidget(self.problem, 3, 1)
        self.buttons = QDialogButtonBox()
        self.make = self.buttons.addButton("", QDialogButtonBox.ButtonRole.AcceptRole)
        self.cancel = self.buttons.addButton("", QDialogButtonBox.ButtonRole.RejectRole)
        self.make.setProperty("primary", True)
        self.make.setDefault(True)
        self.buttons.accepted.connect(self._make)
        self.buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(28, 24, 28, 20)
        layout.setSpacing(16)
        for part in (self.head, grid, fields, self.buttons):
            if isinstance(part, QGridLayout):
                layout.addLayout(part)
            else:
                layout.addWidget(part)
        self.name.setText(self.tr("My game"))
        self.retranslate()
        self.name.selectAll()
        self.name.setFocus()

    def retranslate(self) -> None:
        """The texts again, in the language of now."""
        self.setWindowTitle(self.tr("New project"))
        self.head.setText(self.tr("What do you want to begin with?"))
        self._name_label.setText(self.tr("&Name"))
        self._folder_label.setText(self.tr("&Folder"))
        self.name.setAccessibleName(self.tr("The game's name"))
        self.folder.setAccessibleName(self.tr("Folder in which the project's folder is made"))
        self.browse.setText(self.tr("Choose…"))
        self.make.setText(self.tr("Create"))
        self.cancel.setText(self.tr("Cancel"))
        for card in self.cards:
            card.retranslate()
        self._check()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def project_folder(self) -> Path:
        """The folder that will be made: the game's name, as files may be called."""
        name = "".join("_" if one in '/\\:*?"<>|' else one for one in self.name.text().strip())
        return Path(self.folder.text().strip()).expanduser() / name.rstrip(". ").replace(" ", "_")

    def _check(self) -> None:
        folder = self.project_folder()
        name = self.name.text().strip()
        is_sound = bool(name) and bool(self.folder.text().strip()) and not name_problem(folder.name)
        self.make.setEnabled(is_sound)
        told = self.tr("Will be made: {0}").format(folder)
        self.place.setText(told if is_sound else self.tr("Give it a name and a folder."))
        self.problem.clear()
        self.problem.hide()

    def _browse(self) -> None:
        ask_folder(self, self.tr("Folder for the project"), self.folder.setText, self.folder.text())

    def _make(self) -> None:
        folder = self.project_folder()
        template = next(card.template for card in self.cards if card.isChecked())
        try:
            make_project(folder, template, self.name.text().strip())
        except LlamaVisError as error:
            self.problem.setText(capital(told(error.message, error.hint)))
            self.problem.show()
            return
        self._store.setValue(_STORE_KEY, self.folder.text().strip())
        self.accept()
        self.made.emit(folder)
