"""What the window shows before a project is open: recent ones, a new one, the example."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from llamavis_studio.app.theme import DARK, Look, icon
from llamavis_studio.core.resources import resource_path


class Welcome(QWidget):
    """Emits what the user wants to begin with."""

    project_chosen = Signal(object)  # Path
    open_asked = Signal()
    example_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = DARK
        self.mark, self.title, self.words = QLabel(), QLabel(), QLabel()
        self.title.setProperty("role", "title")
        self.words.setProperty("role", "dim")
        self.words.setWordWrap(True)
        self.example, self.open = QPushButton(), QPushButton()
        self.example.setProperty("primary", True)
        self.example.clicked.connect(self.example_asked)
        self.open.clicked.connect(self.open_asked)
        self.recent_title, self.drop = QLabel(), QLabel()
        for label in (self.recent_title, self.drop):
            label.setProperty("role", "dim")
        self.drop.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.pictures = QLabel()
        self.pictures.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.recent = QListWidget()
        self.recent.setMaximumHeight(190)
        self.recent.setIconSize(QSize(20, 20))
        self.recent.itemActivated.connect(self._choose)
        self.recent.itemClicked.connect(self._choose)
        card = QFrame()
        card.setProperty("role", "card")
        card.setFixedWidth(560)
        inside = QVBoxLayout(card)
        inside.setContentsMargins(36, 32, 36, 28)
        inside.setSpacing(12)
        head = QHBoxLayout()
        head.addWidget(self.mark)
        head.addSpacing(8)
        head.addWidget(self.title, 1)
        inside.addLayout(head)
        inside.addWidget(self.words)
        inside.addSpacing(4)
        inside.addWidget(self.pictures)
        inside.addSpacing(4)
        buttons = QHBoxLayout()
        buttons.addWidget(self.example)
        buttons.addWidget(self.open)
        buttons.addStretch(1)
        inside.addLayout(buttons)
        inside.addSpacing(10)
        inside.addWidget(self.recent_title)
        inside.addWidget(self.recent, 1)
        inside.addWidget(self.drop)
        layout = QHBoxLayout(self)
        layout.addStretch(1)
        column = QVBoxLayout()
        column.addStretch(2)
        column.addWidget(card)
        column.addStretch(3)
        layout.addLayout(column)
        layout.addStretch(1)
        self.retranslate()

    def show_recent(self, folders: Sequence[Path]) -> None:
        """List projects, the one used last first."""
        self.recent.clear()
        for folder in folders:
            item = QListWidgetItem(icon("folder", self._look, "dim"), folder.name)
            item.setToolTip(str(folder))
            item.setData(Qt.ItemDataRole.UserRole, str(folder))
            self.recent.addItem(item)
        self.recent.setVisible(bool(folders))
        self.recent_title.setVisible(bool(folders))

    def set_look(self, look: Look) -> None:
        """The icons again, in the colours of now."""
        self._look = look
        self.mark.setPixmap(icon("logo", look, "accent").pixmap(48, 48))
        self.pictures.setPixmap(QPixmap(str(resource_path("icons", "welcome.png"))))
        for row in range(self.recent.count()):
            self.recent.item(row).setIcon(icon("folder", look, "dim"))

    def retranslate(self) -> None:
        """The texts again, in the language of now."""
        self.title.setText(self.tr("LlamaVis Studio"))
        self.words.setText(
            self.tr(
                "Describe your game's images in words, in files beside your game. "
                "They are drawn here, and drawn again when the words change."
            )
        )
        self.example.setText(self.tr("Open the example"))
        self.open.setText(self.tr("Open a project…"))
        self.recent_title.setText(self.tr("Recent projects"))
        self.drop.setText(self.tr("or drop a folder here"))
        self.recent.setAccessibleName(self.tr("Recent projects"))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def _choose(self, item: QListWidgetItem) -> None:
        self.project_chosen.emit(Path(item.data(Qt.ItemDataRole.UserRole)))
