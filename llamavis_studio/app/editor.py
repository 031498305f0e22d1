"""The editor of one description file: a form and its text, and nothing that was typed gets lost.

    typing -> 250 ms -> the parser -> marks in the text, the form and the footer
           -> 500 ms -> a draft on disk, until the file is saved

The text is the truth. The form changes it through the same document, so that one undo serves both.
When another program writes the file, an unmodified text follows; a modified one asks, and the text
that was not chosen is laid aside.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QTextCursor
from PySide6.QtWidgets import QLabel, QStackedWidget, QVBoxLayout, QWidget

from llamavis_studio.app.backends import Backends, told_in_short
from llamavis_studio.app.drafts import Drafts
from llamavis_studio.app.editor_bars import Footer, Header, word_count
from llamavis_studio.app.editor_document import Mark, cursor_at, place_of, replace_text
from llamavis_studio.app.editor_form import DescriptionForm
from llamavis_studio.app.editor_notice import Notice
from llamavis_studio.app.editor_saving import Saving
from llamavis_studio.app.editor_text import DescriptionText
from llamavis_studio.app.editor_toml import tables_of, with_value
from llamavis_studio.app.theme import Look
from llamavis_studio.core.description import MANY_CSV, ONE, examine_text
from llamavis_studio.core.errors import DescriptionError

EXAMINE_MS = 250
FORM, TEXT = 0, 1


class DescriptionEditor(QWidget):
    """Form | Text over one description file."""

    saved = Signal(object)  # the path
    modified_changed = Signal(bool)
    problem_chosen = Signal(int)  # a line

    def __init__(self, drafts: Drafts, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plan: list[tuple[QTextCursor, Mark]] = []
        self.header, self.footer = Header(look), Footer(look)
        self.notice = Notice(look)
        self.form, self.text = DescriptionForm(look), DescriptionText(look)
        self._document = self.text.document()
        self.saving = Saving(drafts, self._document, self.notice, self)
        self.views = QStackedWidget()
        self.views.addWidget(self.form)
        self.views.addWidget(self.text)
        self._empty = QLabel(alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        self._empty.setProperty("role", "dim")
        self._empty.setContentsMargins(24, 24, 24, 24)
        self.views.addWidget(self._empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget in (self.header, self.notice):
            column.addWidget(widget)
        column.addWidget(self.views, 1)
        column.addWidget(self.footer)
        self._examining = QTimer(self, singleShot=True, interval=EXAMINE_MS)
        self._examining.timeout.connect(self.examine)
        self._connect()
        self._show_file()
        self.retranslate()

    def _connect(self) -> None:
        self._document.contentsChanged.connect(self._examining.start)
        self._document.modificationChanged.connect(self.header.show_modified)
        self._document.modificationChanged.connect(self.modified_changed)
        self.saving.saved.connect(self.saved)
        self.saving.replaced.connect(self.examine)
        self.header.view_chosen.connect(self._view_clicked)
        self.header.save_clicked.connect(self.save)
        self.header.revert_clicked.connect(self.saving.revert)
        self.header.problems_clicked.connect(self.go_to_next_problem)
        self.footer.problem_clicked.connect(self._go_to_first_problem)
        self.form.edited.connect(self._change_key)
        self.form.asset.activated.connect(self._choose_asset)
        self.form.undo_wanted.connect(self.undo)
        self.form.redo_wanted.connect(self.redo)
        self.form.place_chosen.connect(self.go_to)

    @property
    def path(self) -> Path | None:
        """The file that is open."""
        return self.saving.path

    @property
    def is_modified(self) -> bool:
        """Whether there is something to save."""
        return self._document.isModified()

    def open_file(self, path: Path) -> None:
        """Show a file. Unsaved text of the one before goes to its draft, and comes back with it."""
        if path == self.path:
            return
        self._plan = []
        with_form = self.views.currentIndex() != TEXT
        self.saving.open_file(path)
        self.text.moveCursor(QTextCursor.MoveOperation.Start)
        self.text.setReadOnly(self.saving.is_refused)
        is_csv = path.name.endswith(MANY_CSV)
        self.text.highlighter.setDocument(None if is_csv else self._document)
        self.text.completion.is_on = not is_csv
        self.text.completion.is_table_of_many = not path.name.endswith(ONE)
        self.header.form.setEnabled(not is_csv)
        self._show_file()
        self.choose_view(FORM if with_form and not is_csv else TEXT)
        self.examine()

    def save(self) -> bool:
        """Write the file; whether it is now on disk. What is in the way is said in place."""
        return self.saving.save()

    def keep_draft(self) -> None:
        """Put unsaved text on disk now, before the studio closes."""
        self.saving.keep_draft()

    def file_changed_outside(self) -> None:
        """Another program has written, moved or removed the file."""
        self.saving.file_changed_outside()

    def set_value(self, key: str, value: object) -> None:
        """Write a key of the asset that is shown, as if it had been typed: undo takes it back."""
        self._change_key(key, value)

    def set_problems(self, problems: Sequence[tuple[int, int, str, str, str]]) -> None:
        """What the plan says is wrong: line, column, message, hint, severity.

        Each keeps to its words while text is typed above it.
        """
        self._plan = [(cursor_at(self._document, one[0], one[1]), Mark(*one)) for one in problems]
        self.examine()

    def set_words(self, words: Mapping[str, tuple[str, ...]]) -> None:
        """Values that the project knows, by the key they are for: style, palette."""
        self.text.completion.set_words(words)
        self.form.set_words(words)

    def set_backends(self, backends: Backends) -> None:
        """What can draw on this machine."""
        painters = {one.name: told_in_short(one) for one in backends.known if one.draws}
        self.text.completion.set_words({"backend": painters})
        self.form.set_backends(backends)

    def set_look(self, look: Look) -> None:
        """Take another look's colours."""
        for part in (self.header, self.notice, self.form, self.text, self.footer):
            part.set_look(look)

    def retranslate(self) -> None:
        """Say everything anew, after the language has changed."""
        self.setAccessibleName(self.tr("Description editor"))
        self._empty.setText(self.tr("Choose an image or a description to see its words."))
        self._empty.setAccessibleName(self._empty.text())
        for part in (self.header, self.form, self.text, self.footer):
            part.retranslate()
        if self.form.backends is not None:
            self.set_backends(self.form.backends)
        if self.path is not None:
            self._examining.start()  # what is wrong is said anew

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        """A window that closes hides its editors first: nothing waits for a timer then."""
        self.keep_draft()
        super().hideEvent(event)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Follow the language."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()

    def choose_view(self, view: int) -> None:
        """Show the form (0) or the text (1), at the same asset."""
        was = self.views.currentIndex()
        self.views.setCurrentIndex(view)
        (self.header.form if view == FORM else self.header.text).setChecked(True)
        if view == FORM:
            self._show_form(self.text.textCursor().blockNumber() + 1 if was == TEXT else 0)
        self.setFocusProxy(
            self.form.fields["description"].focus_widget() if view == FORM else self.text
        )

    def _view_clicked(self, view: int) -> None:
        self.choose_view(view)
        self.setFocus()

    def undo(self) -> None:
        """Take the last change back, wherever it was made."""
        self._document.undo()
        self.examine()

    def redo(self) -> None:
        """Make the change again that was taken back."""
        self._document.redo()
        self.examine()

    def go_to(self, line: int, column: int = 1) -> None:
        """Show a place of the text."""
        self.choose_view(TEXT)
        self.text.go_to(line, column)
        self.text.setFocus()

    def go_to_next_problem(self) -> None:
        """Go to the first problem behind the cursor, and round to the first one."""
        here = place_of(self.text.textCursor()) if self.views.currentIndex() == TEXT else (0, 0)
        marks = self.text.marks()
        later = [mark for mark in marks if (mark.line, mark.column) > here]
        if marks:
            self._go_to_mark((later or marks)[0])

    def _go_to_first_problem(self) -> None:
        if self.text.marks():
            self._go_to_mark(self.text.marks()[0])

    def _go_to_mark(self, mark: Mark) -> None:
        self.go_to(max(1, mark.line), mark.column)
        self.problem_chosen.emit(max(1, mark.line))

    def examine(self) -> None:
        """Parse the text and show what is wrong with it; runs when typing pauses."""
        self._examining.stop()
        if self.path is None:
            return
        began = time.perf_counter()
        text = self.text.text()
        marks = [] if self.saving.is_refused else self._own_marks(text)
        said = {(mark.line, mark.message) for mark in marks}
        for cursor, mark in self._plan:
            line, column = place_of(cursor) if mark.line else (0, 0)
            if (line, mark.message) not in said:
                marks.append(
                    Mark(
                        line,
                        column if mark.column else 0,
                        mark.message,
                        mark.hint,
                        mark.severity,
                    )
                )
        marks.sort(key=lambda mark: (mark.line, mark.column))
        self.text.set_marks(marks)
        errors = sum(mark.severity == "error" for mark in marks)
        self.header.show_counts(errors, len(marks) - errors)
        serious = [mark for mark in marks if mark.severity == "error"] or marks
        self.footer.show_problem(serious[0] if serious else None)
        self.footer.show_words(self._word_count(text))
        if self.views.currentIndex() == FORM:
            self._show_form()
        # A table of thousands takes long to check: then a longer pause, so that typing stays light.
        took_ms = (time.perf_counter() - began) * 1000
        self._examining.setInterval(max(EXAMINE_MS, round(took_ms * 3)))

    def _own_marks(self, text: str) -> list[Mark]:
        assert self.path is not None
        found = examine_text(self.path, text).problems
        return [Mark(one.line, one.column, one.message, one.hint) for one in found]

    def _word_count(self, text: str) -> int | None:
        if self.path is None or not self.path.name.endswith(ONE):
            return None
        try:
            described = tables_of(text, self.path)[0].get("description", "")
        except DescriptionError:
            return None
        return word_count(described) if isinstance(described, str) else 0

    def _show_form(self, line: int = 0) -> None:
        if self.path is not None and not self.saving.is_refused:
            self.form.show_text(self.text.text(), self.path, line)
            self.form.show_marks(self.text.marks())

    def _choose_asset(self, _row: int) -> None:
        self._show_form()

    def _change_key(self, key: str, value: object) -> None:
        if self.path is None:
            return
        try:
            changed = with_value(self.text.text(), self.path, self.form.asset_index(), key, value)
        except DescriptionError:
            self.examine()  # the text has broken meanwhile; the form will say where
            return
        replace_text(self._document, changed)

    def _show_file(self) -> None:
        is_open = self.path is not None
        self.header.setVisible(is_open)
        self.footer.setVisible(is_open)
        if not is_open:
            self.views.setCurrentWidget(self._empty)
        self.header.show_file(self.path)
        self.header.show_modified(self.is_modified)
        self.views.setEnabled(not self.saving.is_refused)
