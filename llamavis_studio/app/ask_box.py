"""Asking a model something about the pictures that are shown: a line, how it goes, the answers.

Enter or the button -> asked(question); while a model looks the button cancels, as Esc does
Up, Down -> what was asked before
the chosen captioner cannot answer -> which kind of model can, and the way to the models
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QStringListModel, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QCompleter,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from llamavis_studio.app.answer_card import AnswerCard, AnswerShown
from llamavis_studio.app.asking_dialog import say
from llamavis_studio.app.theme import Look, icon

MOST = 40
"""Answers that are shown, the newest; each costs the window a moment."""
_OWN = "builtin"


class AskBox(QWidget):
    """Only asks: models, descriptions and the library are its owner's."""

    asked = Signal(str)  # a question
    cancel_asked = Signal()
    models_asked = Signal()
    captioner_chosen = Signal(str)  # a backend
    description_asked = Signal(object)  # AnswerShown
    caption_asked = Signal(object)
    answer_removed = Signal(object)
    told = Signal(str)
    grew = Signal()
    """Something new stands below the line."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._count, self._captioner, self._answerers = 1, "", tuple[str, ...]()
        self._news = ("", "", 0, 0)  # what is done: waits or looks; the file; done, of all
        self._shown: tuple[tuple[AnswerShown, ...], bool, bool] = ((), False, False)
        self.cards: list[AnswerCard] = []
        self.title, self.state, self.problem, self.why_not = QLabel(), QLabel(), QLabel(), QLabel()
        for label in (self.title, self.state, self.why_not):
            label.setProperty("role", "dim")
        for label in (self.state, self.problem, self.why_not):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.line, self.go, self.bar = QLineEdit(), QToolButton(), QProgressBar()
        self.go.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(4)
        self._before = QStringListModel(self)
        completer = QCompleter(self._before, self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.line.setCompleter(completer)
        self.other, self.models = QPushButton(), QPushButton()
        self._lay_out()
        self.line.returnPressed.connect(self._ask)
        self.go.clicked.connect(self._press)
        self.other.clicked.connect(lambda: self.captioner_chosen.emit(self._answerers[0]))
        self.models.clicked.connect(self.models_asked)
        self.set_look(look)
        self.retranslate()
        for part in (self.problem, self.state, self.bar):
            part.hide()

    def _lay_out(self) -> None:
        typed = QHBoxLayout()
        typed.setSpacing(4)
        typed.addWidget(self.line, 1)
        typed.addWidget(self.go)
        ways = QHBoxLayout()
        ways.setSpacing(8)
        ways.addWidget(self.other)
        ways.addWidget(self.models)
        ways.addStretch(1)
        self._answers = QVBoxLayout()
        self._answers.setSpacing(6)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.title)
        column.addLayout(typed)
        for part in (self.bar, self.state, self.problem, self.why_not):
            column.addWidget(part)
        column.addLayout(ways)
        column.addLayout(self._answers)

    # --- what the owner says ---------------------------------------------------------------------

    def offer(self, captioner: str, answerers: Sequence[str]) -> None:
        """Who will look, "" where nobody knows yet, and all that answer questions."""
        self._captioner, self._answerers = captioner, tuple(answerers)
        self._say_offer()

    def show_count(self, count: int) -> None:
        """How many pictures are asked about."""
        if count != self._count:
            self._count = count
            self._say_offer()

    def show_news(self, doing: str, file: str = "", done: int = 0, total: int = 0) -> None:
        """How it goes: `doing` is "waits", "looks", or "" when nothing is asked."""
        was_busy, self._news = self.is_busy, (doing, file, done, total)
        if doing:
            self.problem.hide()
        elif was_busy and done == total:
            self.line.clear()  # its answer says what was asked; what was not answered stays
        self._say_news()
        if self.is_busy and not was_busy:
            self.grew.emit()

    def show_problem(self, text: str) -> None:
        """Why there is no answer; until the next question."""
        say(self.problem, text, is_bad=True)
        self.problem.setVisible(bool(text))
        if text:
            self.grew.emit()

    def show_answers(self, answers: Sequence[AnswerShown], *, describes: bool) -> None:
        """The answers about what is shown, the newest first; `describes`: the picture has a
        description that an answer can be used as.
        """
        wanted = (tuple(answers[:MOST]), self._count > 1, describes)
        if wanted == self._shown:
            return
        newest = self._shown[0][:1]
        self._shown = wanted
        for card in self.cards:
            self._answers.removeWidget(card)
            card.hide()
            card.deleteLater()
        self.cards = [self._card(one, describes) for one in wanted[0]]
        if wanted[0] and newest != wanted[0][:1] and self.is_busy:
            self.grew.emit()

    def set_before(self, questions: Sequence[str]) -> None:
        """What was asked before is offered again while one types."""
        self._before.setStringList(list(questions))

    @property
    def is_busy(self) -> bool:
        """Whether a question is under way."""
        return bool(self._news[0])

    def begin(self) -> None:
        """Give the keyboard to the line, or to what leads to a model that can answer."""
        can_other = bool(self._answerers) and not self.other.isHidden()
        spot = self.other if can_other else self.models
        (self.line if not self.line.isHidden() else spot).setFocus()

    def newest(self) -> QWidget:
        """What came last below the line."""
        if not self.problem.isHidden():
            return self.problem
        if self.cards and not self.is_busy:
            return self.cards[0]
        if self.is_busy:
            return self.state
        return self.line if self.models.isHidden() else self.models

    # --- what is asked ---------------------------------------------------------------------------

    def _press(self) -> None:
        if self.is_busy:
            self.cancel_asked.emit()
        else:
            self._ask()

    def _ask(self) -> None:
        question = " ".join(self.line.text().split())
        if self.is_busy:
            self.told.emit(self.tr("One question at a time: this one is not answered yet"))
        elif question:
            self.line.setCursorPosition(0)
            self.asked.emit(question)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """What the line leaves: Esc cancels, Up and Down go through what was asked before."""
        steps = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}
        if event.key() == Qt.Key.Key_Escape and self.is_busy:
            self.cancel_asked.emit()
        elif event.key() in steps and not self.is_busy:
            self._look_back(steps[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    def _look_back(self, step: int) -> None:
        before = self._before.stringList()
        text = self.line.text()
        at = (before.index(text) if text in before else -1) + step
        if at < len(before):
            self.line.setText(before[at] if at >= 0 else "")

    # --- what is shown ---------------------------------------------------------------------------

    def _card(self, answer: AnswerShown, describes: bool) -> AnswerCard:
        card = AnswerCard(answer, self._look, names_file=self._count > 1, describes=describes)
        card.description_asked.connect(self.description_asked)
        card.caption_asked.connect(self.caption_asked)
        card.removed.connect(self.answer_removed)
        card.told.connect(self.told)
        self._answers.addWidget(card)
        return card

    def _say_offer(self) -> None:
        can = self._captioner in self._answerers
        is_known = bool(self._captioner)
        for part in (self.line, self.go):
            part.setVisible(can or not is_known)
            part.setEnabled(can)
        self.why_not.setVisible(is_known and not can)
        self.models.setVisible(is_known and not can)
        self.other.setVisible(is_known and not can and bool(self._answerers))
        many = self.tr("Ask about these %n picture(s)", "", self._count)
        self.title.setText(self.tr("Ask about this picture") if self._count == 1 else many)
        self.line.setAccessibleName(self.title.text())
        told = self.tr("{0} describes pictures, but answers no questions.").format(self._captioner)
        if self._captioner == _OWN:
            told = self.tr("The studio's own model describes pictures, but answers no questions.")
        if self._answerers:
            able = self.tr("{0}, which is on this machine, does.").format(self._answerers[0])
            self.other.setText(self.tr("Let {0} look").format(self._answerers[0]))
        else:
            able = self.tr("Chat models such as SmolVLM, Qwen-VL or Janus-Pro do.")
        self.why_not.setText(f"{told}{'' if told.endswith('。') else ' '}{able}")

    def _say_news(self) -> None:
        doing, file, done, total = self._news
        for part in (self.bar, self.state):
            part.setVisible(self.is_busy)
        self.bar.setRange(0, total if total > 1 else 0)  # of 0: it moves without an end
        self.bar.setValue(done)
        told = self.tr("Waiting: what is drawn now comes first")
        if doing == "looks":
            name = file.rpartition("/")[2]
            told = self.tr("{0} is looking at {1}…").format(self._captioner, name)
            if total > 1:
                counted = self.tr("{0} of {1} done").format(done, total)
                told = f"{told}  {counted}"
        self.state.setText(told)
        self.go.setIcon(icon("stop" if self.is_busy else "why", self._look))
        self.go.setText(self.tr("Cancel") if self.is_busy else self.tr("Ask"))
        stop, start = self.tr("Stop; what is answered stays"), self.tr("Ask (Enter)")
        self.go.setToolTip(stop if self.is_busy else start)
        self.go.setAccessibleName(self.go.text())

    def set_look(self, look: Look) -> None:
        """Show other colours."""
        self._look = look
        for card in self.cards:
            card.set_look(look)
        self.models.setIcon(icon("model", look))
        self._say_news()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        """The texts again, in the language of now."""
        self.line.setPlaceholderText(self.tr("such as: how many doors does it have?"))
        self.models.setText(self.tr("Models…"))
        self.bar.setAccessibleName(self.tr("How far the answers are"))
        self._say_offer()
        self._say_news()
