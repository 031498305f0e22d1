"""Where a query is typed: completion, history, the wrong place underlined.

    typing -> edited(text) at once -> asked(text) after 200 ms of rest, or at once with Enter
    show_problem(position, length, message): a wave under the place, the message below it

The box knows no grammar, only that words with a colon have values: a table says which. What it
does not understand somebody else does, and tells it by `show_problem`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QRect, QStringListModel, Qt, QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLineEdit, QMenu, QVBoxLayout, QWidget

from llamavis_studio.app import theme
from llamavis_studio.app.messages import said
from llamavis_studio.app.search_line import CARET_PX, ProblemLabel, QueryLine
from llamavis_studio.app.search_words import Completions, completions_of
from llamavis_studio.app.theme import Look

DEBOUNCE_MS = 200
MOST_HISTORY = 50
_MOST_LISTED = 12  # earlier searches in the menu
_MOST_OFFERED = 5  # earlier searches that begin as what is typed


class SearchBox(QWidget):
    """A query line with what helps to fill it."""

    asked = Signal(str)
    """(query): search for this."""
    edited = Signal(str)
    """(query): each change of the text, typed or not."""
    history_changed = Signal(object)
    """(queries): earlier searches, the newest first."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.line = QueryLine()
        self._wrong = ""
        self.problem = ProblemLabel()
        self.problem.setProperty("role", "bad")
        self.problem.setWordWrap(True)
        self.problem.setTextFormat(Qt.TextFormat.PlainText)
        self.problem.setContentsMargins(8, CARET_PX, 8, 0)
        self.problem.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.line)
        layout.addWidget(self.problem)
        self.setFocusProxy(self.line)

        self._table: Completions = {}
        self._history: list[str] = []
        self._at = -1  # in the history; before its begin is the draft
        self._draft = ""
        self._offers_whole = False  # earlier searches, not words of one
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(DEBOUNCE_MS)
        side = QLineEdit.ActionPosition
        self._search = QAction(self)
        self._clear = QAction(self)
        self._earlier = QAction(self)
        self.earlier = QMenu(self)
        self.line.addAction(self._search, side.LeadingPosition)
        self.line.addAction(self._earlier, side.TrailingPosition)
        self.line.addAction(self._clear, side.TrailingPosition)
        self._clear.setVisible(False)
        self._earlier.setVisible(False)
        self._connect()
        self.set_look(look)
        self.retranslate()

    def _connect(self) -> None:
        self._rest.timeout.connect(self.ask_now)
        self._search.triggered.connect(self.ask_and_remember)
        self._clear.triggered.connect(self.line.clear)
        self._earlier.triggered.connect(self._list_earlier)
        self.line.textChanged.connect(self._follow_text)
        self.line.textEdited.connect(self._follow_typing)
        self.line.returnPressed.connect(self.ask_and_remember)
        self.line.left.connect(self.remember)
        self.line.history_asked.connect(self._show_history)
        self.line.choice_asked.connect(self._take_current)
        self.line.choices.activated.connect(self._take)

    def set_look(self, look: Look) -> None:
        """Show other colours."""
        self._search.setIcon(theme.icon("search", look, "dim"))
        self._clear.setIcon(theme.icon("close", look, "dim"))
        self._earlier.setIcon(theme.icon("history", look, "dim"))
        self.line.wave_colour = look.colour("bad")
        self.line.popup.setStyleSheet(f"QListView {{ border: 1px solid {look.line}; }}")
        self.line.update()

    def retranslate(self) -> None:
        """Set all words again, after a change of language."""
        self.line.setPlaceholderText(self.tr("Search: knight, tag:stone, size:>=64, color:#884422"))
        self.line.setAccessibleName(self.tr("Search"))
        self.line.setAccessibleDescription(
            self.tr("Words and fields. Up and Down bring back earlier searches, Escape clears.")
        )
        self.line.popup.setAccessibleName(self.tr("Completions"))
        self.problem.setAccessibleName(self.tr("What is wrong with the search"))
        self.problem.setText(said(self._wrong))
        self._search.setText(self.tr("Search now"))
        self._clear.setText(self.tr("Clear the search"))
        self._earlier.setText(self.tr("Earlier searches"))
        self.earlier.setAccessibleName(self.tr("Earlier searches"))

    def text(self) -> str:
        """The query."""
        return self.line.text()

    def set_text(self, query: str) -> None:
        """Put a query into the line and ask it at once."""
        self.line.setText(query)
        self.ask_now()

    def begin(self, field: str) -> None:
        """Write a field for its value to be typed, and offer those that are known."""
        before = self.text().rstrip()
        self.line.setText(f"{before} {field}:".lstrip())
        self._rest.stop()  # it is no query yet
        self.line.setFocus(Qt.FocusReason.OtherFocusReason)
        self._offer_choices()

    def set_completions(self, table: Completions) -> None:
        """Names of fields, each with the values it is known to have."""
        self._table = table

    def history(self) -> tuple[str, ...]:
        """Earlier queries, the newest first."""
        return tuple(self._history)

    def set_history(self, queries: Sequence[str]) -> None:
        """Bring back the history of an earlier session, the newest first."""
        self._history = list(queries)[:MOST_HISTORY]
        self._at = -1
        self._earlier.setVisible(bool(self._history))

    def remember(self) -> None:
        """Keep the query in the history; once, and not longer than 50 others."""
        query = self.text().strip()
        if query and self._history[:1] != [query]:
            self.set_history([query, *(one for one in self._history if one != query)])
            self.history_changed.emit(self.history())

    def _list_earlier(self) -> None:
        self.earlier.clear()
        for query in self._history[:_MOST_LISTED]:
            action = self.earlier.addAction(query.replace("&", "&&"))
            action.triggered.connect(partial(self.set_text, query))
        self.earlier.addSeparator()
        self.earlier.addAction(self.tr("Forget them"), self._forget)
        self.earlier.popup(self.line.mapToGlobal(self.line.rect().bottomLeft()))

    def _forget(self) -> None:
        self.set_history(())
        self.history_changed.emit(())

    def ask_now(self) -> None:
        """Ask without waiting."""
        self._rest.stop()
        self.asked.emit(self.text())

    def ask_and_remember(self) -> None:
        """Ask what has been made up one's mind about."""
        self.line.popup.hide()
        self.remember()
        self.ask_now()

    def show_problem(self, position: int, length: int, message: str) -> None:
        """Point at the place that is not understood; it stays until the text changes."""
        self.line.wrong = (position, max(1, length))
        self._wrong = message
        self.problem.setText(said(message))
        self.problem.caret_x = (self.line.x_of(position) + self.line.x_of(position + length)) // 2
        self.problem.show()
        self.line.update()

    def clear_problem(self) -> None:
        """Nothing is wrong any more."""
        self.line.wrong = None
        self.problem.hide()
        self.line.update()

    def _follow_text(self, text: str) -> None:
        self.clear_problem()
        self._clear.setVisible(bool(text))
        self.edited.emit(text)
        self._rest.start(DEBOUNCE_MS if text else 0)

    def _follow_typing(self) -> None:
        self._at = -1
        self._offer_choices()

    def _offer_choices(self) -> None:
        start, words = self._completions()
        model, popup = self.line.choices.model(), self.line.popup
        if not words or not isinstance(model, QStringListModel):
            popup.hide()
            return
        model.setStringList(words)
        widest = max(self.line.fontMetrics().horizontalAdvance(word) for word in words)
        left = max(0, self.line.x_of(start) - 8)
        self.line.choices.complete(QRect(left, 0, widest + 56, self.line.height()))

    def _completions(self) -> tuple[int, list[str]]:
        """Where they begin and what they are: fields and values, else earlier searches."""
        typed = self.line.before_cursor()
        start, words = completions_of(typed, self._table)
        self._offers_whole = False
        if not words and typed.strip() and typed == self.text():
            likely = [one for one in self._history if one.lower().startswith(typed.lower())]
            words = [one for one in likely if one != typed][:_MOST_OFFERED]
            self._offers_whole = bool(words)
            start = 0 if words else start
        return start, words

    def _take(self, word: str) -> None:
        if self._offers_whole:
            self.set_text(word)
            return
        start, _ = completions_of(self.line.before_cursor(), self._table)
        before, after = self.text()[:start] + word, self.text()[len(self.line.before_cursor()) :]
        is_done = not word.endswith(":")
        if is_done and not after.startswith(" "):
            before += " "
        self.line.setText(before + after)
        self.line.setCursorPosition(len(before.encode("utf-16-le")) // 2)
        if not is_done:
            self._offer_choices()

    def _take_current(self) -> None:
        popup, model = self.line.popup, self.line.choices.completionModel()
        index = popup.currentIndex()
        word = model.data(index if index.isValid() else model.index(0, 0))
        popup.hide()
        if word:
            self._take(str(word))

    def _show_history(self, step: int) -> None:
        at = min(max(self._at - step, -1), len(self._history) - 1)
        if at == self._at:
            return
        if self._at < 0:
            self._draft = self.text()
        self._at = at
        self.line.setText(self._draft if at < 0 else self._history[at])
