"""One answer of a model about a picture: what was asked and answered, and what to do with it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout

from llamavis_studio.app.messages import said
from llamavis_studio.app.preview_info import ElidedLabel
from llamavis_studio.app.theme import Look, icon


@dataclass(frozen=True)
class AnswerShown:
    """What `model` answered about the picture at `path`, `file` as the library names it.

    `problem` says why there is no answer. `number` counts the answers of a session.
    """

    path: Path
    file: str
    question: str
    text: str
    model: str = ""
    problem: str = ""
    number: int = 0


class AnswerCard(QFrame):
    """Its buttons only ask; the owner knows descriptions and the library."""

    description_asked = Signal(object)  # AnswerShown
    caption_asked = Signal(object)
    removed = Signal(object)
    told = Signal(str)

    def __init__(self, answer: AnswerShown, look: Look, *, names_file: bool, describes: bool):
        """`names_file`: several pictures are shown; `describes`: there is a description to use it
        as.
        """
        super().__init__()
        self.answer = answer
        self.setProperty("role", "card")
        self.question, self.words, self.model = QLabel(), QLabel(), ElidedLabel()
        self.buttons = {
            "copy": self._button(self._copy),
            "save": self._button(lambda: self.caption_asked.emit(self.answer)),
            "description": self._button(lambda: self.description_asked.emit(self.answer)),
            "close": self._button(lambda: self.removed.emit(self.answer)),
        }
        for name in ("copy", "save"):
            self.buttons[name].setVisible(not answer.problem)
        self.buttons["description"].setVisible(describes and not answer.problem)
        for label in (self.question, self.words):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            # By the mouse alone: Tab would stop at each of many answers, to no end.
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        for label in (self.question, self.model):
            label.setProperty("role", "dim")
        file = answer.file.rpartition("/")[2]
        self.question.setText(f"{file} · {answer.question}" if names_file else answer.question)
        self.words.setText(answer.text)
        if answer.problem:
            self.words.setProperty("role", "bad")
        self.model.setText(answer.model)
        self._lay_out()
        self.set_look(look)
        self.retranslate()

    def _lay_out(self) -> None:
        foot = QHBoxLayout()
        foot.setSpacing(0)
        foot.addWidget(self.model, 1)
        for button in self.buttons.values():
            foot.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 8, 4, 2)
        column.setSpacing(3)
        column.addWidget(self.question)
        column.addWidget(self.words)
        column.addLayout(foot)

    def _button(self, press: object) -> QToolButton:
        button = QToolButton()
        button.clicked.connect(press)
        return button

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.answer.text)
        self.told.emit(self.tr("Copied: the answer"))

    def set_look(self, look: Look) -> None:
        """Show other colours."""
        signs = {"copy": "copy", "save": "tag", "description": "description", "close": "close"}
        for name, sign in signs.items():
            self.buttons[name].setIcon(icon(sign, look))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        """The texts again, in the language of now."""
        if self.answer.problem:
            self.words.setText(said(self.answer.problem))
        names = {
            "copy": self.tr("Copy the answer"),
            "save": self.tr("Save it as the caption"),
            "description": self.tr("Use it as the description"),
            "close": self.tr("Take this answer away"),
        }
        for name, text in names.items():
            self.buttons[name].setToolTip(text)
            self.buttons[name].setAccessibleName(text)
        self.setAccessibleName(f"{self.answer.question} {self.words.text()}")
