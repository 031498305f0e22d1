"""The strips around an editor: its name and buttons above, and its foot."""

from __future__ import annotations

import html
import re
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from llamavis_studio.app import theme
from llamavis_studio.app.editor_document import Mark
from llamavis_studio.app.editor_notice import USE_ICONS
from llamavis_studio.app.theme import Look

# Chinese is written without spaces: each character counts.
_WORD = re.compile(
    r"[\u3400-\u9fff\uf900-\ufaff]|[^\s\u3400-\u9fff\uf900-\ufaff]*\w[^\s\u3400-\u9fff\uf900-\ufaff]*"
)


def word_count(text: str) -> int:
    """How many words a text has."""
    return len(_WORD.findall(text))


class Elided(QLabel):
    """A name that may be cut short: a long one must not make its dock wide."""

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Room for a few letters."""
        return QSize(min(60, self.sizeHint().width()), self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """The name, or its ends."""
        painter = QPainter(self)
        fitting = self.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideMiddle, self.width()
        )
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, fitting)
        painter.end()


class Header(QWidget):
    """File name, modified dot, Form | Text, problems, Revert and Save."""

    view_chosen = Signal(int)
    problems_clicked = Signal()
    revert_clicked = Signal()
    save_clicked = Signal()

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._path: Path | None = None
        self._counts = (0, 0)
        self._is_modified = False
        self.name, self.folder = Elided(), QLabel()
        self.folder.setProperty("role", "dim")
        self.folder.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.dot = QLabel("\u25cf")
        self.dot.hide()
        self.views = QButtonGroup(self)
        self.form, self.text = QToolButton(), QToolButton()
        self.problems = QToolButton()
        self.problems.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.revert, self.save = QPushButton(), QPushButton()
        self.save.setProperty("primary", True)
        # Reached with Tab, but not what a new window puts its keyboard on.
        self.problems.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.problems.clicked.connect(self.problems_clicked)
        self.revert.clicked.connect(self.revert_clicked)
        self.save.clicked.connect(self.save_clicked)
        names, tools = QHBoxLayout(), QHBoxLayout()
        for row in (names, tools):
            row.setSpacing(6)
        names.addWidget(self.name)
        names.addWidget(self.dot)
        names.addWidget(self.folder, 1)
        names.addWidget(self.problems)
        for number, button in enumerate((self.form, self.text)):
            button.setCheckable(True)
            self.views.addButton(button, number)
            tools.addWidget(button)
        self.views.idClicked.connect(self.view_chosen)
        tools.addStretch(1)
        tools.addWidget(self.revert)
        tools.addWidget(self.save)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 6, 12, 8)
        column.setSpacing(4)
        column.addLayout(names)
        column.addLayout(tools)
        self.set_look(look)
        self.retranslate()

    def set_look(self, look: Look) -> None:
        """Take another look's colours."""
        self._look = look
        self.dot.setStyleSheet(f"color: {look.accent};")
        self.name.setStyleSheet("font-weight: 600;")
        self.save.setIcon(theme.icon("save", look, "on_accent"))
        self.revert.setIcon(theme.icon("undo", look))
        self._show_counts()

    def retranslate(self) -> None:
        """Say everything anew, after the language has changed."""
        self.form.setText(self.tr("Form"))
        self.text.setText(self.tr("Text"))
        self.form.setToolTip(self.tr("Fill in what the image shows"))
        self.text.setToolTip(self.tr("Write the file itself"))
        self.revert.setText(self.tr("Revert"))
        self.revert.setToolTip(self.tr("Go back to the saved file; undo brings your text back"))
        self.save.setText(self.tr("Save"))
        keys = QKeySequence(QKeySequence.StandardKey.Save).toString(
            QKeySequence.SequenceFormat.NativeText
        )
        self.save.setToolTip(self.tr("Save the file ({keys})").format(keys=keys))
        self.dot.setToolTip(self.tr("Not saved yet"))
        self.dot.setAccessibleName(self.tr("Not saved yet"))
        for button in (self.form, self.text, self.revert, self.save):
            button.setAccessibleName(button.text())
        self._show_counts()

    def show_file(self, path: Path | None) -> None:
        """Name the file."""
        self._path = path
        self.name.setText("" if path is None else path.name)
        self.name.setAccessibleName(self.name.text())
        self.folder.setText("" if path is None else path.parent.name)
        self.setToolTip("" if path is None else str(path))

    def show_modified(self, is_modified: bool) -> None:
        """Show or hide the dot; there is nothing to save or revert without it."""
        self._is_modified = is_modified
        self.dot.setVisible(is_modified)
        self.save.setEnabled(is_modified)
        self.revert.setEnabled(is_modified)

    def show_counts(self, errors: int, others: int) -> None:
        """How many problems there are."""
        self._counts = (errors, others)
        self._show_counts()

    def _show_counts(self) -> None:
        total = sum(self._counts)
        use = "bad" if self._counts[0] else ("warn" if total else "good")
        self.problems.setIcon(theme.icon(USE_ICONS[use], self._look, use))
        if total == 0:
            told = self.tr("No problems")
        elif total == 1:
            told = self.tr("1 problem")
        else:
            told = self.tr("{count} problems").format(count=total)
        self.problems.setText(str(total) if total else "")
        self.problems.setToolTip(
            told if not total else self.tr("{told}: go to it").format(told=told)
        )
        self.problems.setAccessibleName(told)


class Footer(QWidget):
    """The first problem and its fix in words; else how long the description is."""

    problem_clicked = Signal()

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._mark: Mark | None = None
        self._words: int | None = None
        self.problem, self.words = QLabel(), QLabel()
        self.problem.setWordWrap(True)
        self.problem.setTextFormat(Qt.TextFormat.RichText)
        self.problem.setTextInteractionFlags(
            Qt.TextInteractionFlag.LinksAccessibleByMouse
            | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        self.problem.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.problem.linkActivated.connect(self.problem_clicked)
        self.words.setProperty("role", "dim")
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 7, 14, 8)
        row.setSpacing(12)
        row.addWidget(self.problem, 1)
        row.addWidget(self.words)

    def show_problem(self, mark: Mark | None) -> None:
        """Say what is wrong first, or nothing."""
        self._mark = mark
        self.retranslate()

    def show_words(self, count: int | None) -> None:
        """How many words the description has; None where there is no single one."""
        self._words = count
        self.retranslate()

    def set_look(self, look: Look) -> None:
        """Take another look's colours."""
        self._look = look
        self.retranslate()

    def retranslate(self) -> None:
        """Say everything anew, after the language has changed."""
        told = ""
        if self._mark is not None:
            where = self.tr("Line {line}").format(line=max(1, self._mark.line))
            use = {"warning": "warn", "info": "info"}.get(self._mark.severity, "bad")
            colour = self._look.colour(use).name()
            told = (
                f'<a href="#" style="color: {colour};">{html.escape(where)}</a> '
                f"&nbsp;{html.escape(self._mark.sentence())}"
            )
            self.problem.setAccessibleName(f"{where}: {self._mark.sentence()}")
        else:
            self.problem.setAccessibleName(self.tr("No problems"))
        self.problem.setText(told)
        if self._words is None:
            self.words.setText("")
        elif self._words == 1:
            self.words.setText(self.tr("1 word"))
        else:
            self.words.setText(self.tr("{count} words").format(count=self._words))
        self.words.setAccessibleName(self.words.text())
