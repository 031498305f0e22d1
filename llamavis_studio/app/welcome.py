"""What the window shows before a project is open: a new one, recent ones, the example."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPixmap
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from llamavis_studio.app.recent_list import ROW, RecentList
from llamavis_studio.app.theme import DARK, Look, icon
from llamavis_studio.core.resources import resource_path

CARD_WIDTH = 720  # px: the scene, twice its size
MOST_ROWS = 4


class Scene(QWidget):
    """The strip at the top: pictures that the shipped model drew, twice their size and sharp."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pixmap = QPixmap(str(resource_path("icons", "welcome.png")))
        self.setFixedHeight(2 * self._pixmap.height())
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return self._pixmap.size() * 2

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rounded = QPainterPath()
        # Round at the top as the card is; the lower corners lie outside.
        rounded.addRoundedRect(QRectF(self.rect()).adjusted(0, 0, 0, 12), 7, 7)
        painter.setClipPath(rounded)
        painter.drawPixmap(self.rect(), self._pixmap)


class Welcome(QWidget):
    """Emits what the user wants to begin with."""

    project_chosen = Signal(object)  # Path
    open_asked = Signal()
    example_asked = Signal()
    new_asked = Signal()
    models_asked = Signal()
    forget_asked = Signal(object)  # Path

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.look = DARK
        self.mark, self.title, self.words = QLabel(), QLabel(), QLabel()
        self.title.setProperty("role", "title")
        self.words.setProperty("role", "dim")
        self.words.setWordWrap(True)
        self.new, self.open, self.example = QPushButton(), QPushButton(), QPushButton()
        self.models = QPushButton()
        self.new.setProperty("primary", True)
        self.new.clicked.connect(self.new_asked)
        self.open.clicked.connect(self.open_asked)
        self.example.clicked.connect(self.example_asked)
        self.models.clicked.connect(self.models_asked)
        self.recent_title, self.drop = QLabel(), QLabel()
        for label in (self.recent_title, self.drop):
            label.setProperty("role", "dim")
        self.drop.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.recent = RecentList()
        self.recent.chosen.connect(self.project_chosen)
        self.recent.forget_asked.connect(self.forget_asked)
        card = QFrame()
        card.setProperty("role", "card")
        card.setFixedWidth(CARD_WIDTH)
        whole = QVBoxLayout(card)
        whole.setContentsMargins(1, 1, 1, 1)
        whole.setSpacing(0)
        whole.addWidget(Scene())
        whole.addLayout(self._inside())
        layout = QHBoxLayout(self)
        layout.addStretch(1)
        column = QVBoxLayout()
        column.addStretch(2)
        column.addWidget(card)
        column.addSpacing(14)
        column.addWidget(self.drop)
        column.addStretch(3)
        layout.addLayout(column)
        layout.addStretch(1)
        self.retranslate()

    def _inside(self) -> QVBoxLayout:
        inside = QVBoxLayout()
        inside.setContentsMargins(32, 24, 32, 22)
        inside.setSpacing(10)
        head = QHBoxLayout()
        head.setSpacing(14)
        head.addWidget(self.mark, 0, Qt.AlignmentFlag.AlignTop)
        told = QVBoxLayout()
        told.setSpacing(4)
        told.addWidget(self.title)
        told.addWidget(self.words)
        head.addLayout(told, 1)
        inside.addLayout(head)
        inside.addSpacing(8)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for button in (self.new, self.open, self.example):
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self.models)
        inside.addLayout(buttons)
        inside.addSpacing(10)
        inside.addWidget(self.recent_title)
        inside.addWidget(self.recent)
        return inside

    def show_recent(self, folders: Sequence[Path]) -> None:
        """List projects, the one used last first."""
        self.recent.show_folders(folders)
        self.recent.setFixedHeight(ROW * min(MOST_ROWS, max(1, len(folders))) + 4)
        self.recent.setVisible(bool(folders))
        self.recent_title.setVisible(bool(folders))

    def set_look(self, look: Look) -> None:
        """The icons again, in the colours of now."""
        self.look = self.recent.look = look
        self.mark.setPixmap(icon("logo", look, "accent").pixmap(48, 48))
        self.new.setIcon(icon("plus", look, "on_accent"))
        self.open.setIcon(icon("folder", look))
        self.example.setIcon(icon("image", look))
        self.models.setIcon(icon("model", look))
        self.recent.viewport().update()

    def retranslate(self) -> None:
        """The texts again, in the language of now."""
        self.title.setText(self.tr("LlamaVis Studio"))
        self.words.setText(
            self.tr(
                "Describe your game's images in words, in files beside your game. "
                "They are drawn here, and drawn again when the words change."
            )
        )
        self.new.setText(self.tr("New project…"))
        self.open.setText(self.tr("Open a project…"))
        self.example.setText(self.tr("Open the example"))
        self.models.setText(self.tr("Models…"))
        self.models.setToolTip(self.tr("The models on this machine, and how to get more"))
        self.recent_title.setText(self.tr("Recent projects"))
        self.drop.setText(self.tr("or drop a project's folder anywhere in this window"))
        self.recent.retranslate()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)
