"""One undo for everything that was changed in the project: descriptions, files, words of images.

a change -> record(FilesChange) ----------------\\
words of the library change, whoever did it ----> one list, the newest last -> "Undo: rename knight"
undo -> the change turned round, in the studio's thread -> the window follows -> redo has it

While a text has the focus, its own undo is the one that the keys mean.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMenu

from llamavis_studio.core.errors import LlamaVisError
from llamavis_studio.core.file_change import ChangedSince, ChangeKind, FileEdit, FilesChange

if TYPE_CHECKING:
    from llamavis_studio.app.main_window import MainWindow
    from llamavis_studio.studio import Studio

MOST = 100
MOST_BYTES = 256 << 20  # 256 MiB
Words = tuple[int, str]
"""A change of the library's words: its number there, and what it is."""


@dataclass(frozen=True)
class Entry:
    """One thing that can be taken back."""

    files: FilesChange | None = None
    words: Words | None = None


class Changes(QObject):
    """What can be taken back and made again in the open project."""

    applied = Signal(object)  # the FilesChange that was carried out, by undo or redo

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._done: list[Entry] = []
        self._undone: list[Entry] = []
        self._words: Words | None = None  # the newest of the library when it was last asked
        self._is_busy = False
        self._waiting: list[Callable[[], None]] = []  # pressed again while the last is under way
        self._undo, self._redo = window.actions_["undo"], window.actions_["redo"]
        window.editor.saving.wrote.connect(self._saved)
        for menu in self._undo.associatedObjects():
            if isinstance(menu, QMenu):
                menu.aboutToShow.connect(self.look)
        self.tell()

    def begin(self) -> None:
        """A project was opened: what was done before is not offered."""
        self._done.clear()
        self._undone.clear()
        self._waiting.clear()
        self._words, self._is_busy = None, False
        self._ask(_newest_words, self._start_from)
        self.tell()

    def _start_from(self, words: Words | None) -> None:
        self._words = words

    def record(self, change: FilesChange) -> None:
        """Something was changed that can be taken back."""
        if change.edits:
            self._push(Entry(files=change))

    def look(self) -> None:
        """Ask the library whether its words were changed meanwhile."""
        self._ask(_newest_words, self._note_words)

    def undo(self) -> None:
        """Take the newest change back."""
        self._go(self._undo_now)

    def redo(self) -> None:
        """Make the change again that was taken back last."""
        self._go(self._redo_now)

    def tell(self) -> None:
        """The menu says what would be taken back."""
        for action, entries, words, none in (
            (self._undo, self._done, self.tr("Undo: {0}"), self.tr("Undo")),
            (self._redo, self._undone, self.tr("Redo: {0}"), self.tr("Redo")),
        ):
            text = words.format(self._named(entries[-1])) if entries else none
            action.setText(text)
            action.setToolTip(text)
            action.setEnabled(bool(entries) and self._window.project is not None)

    # --- steps -----------------------------------------------------------------------------------

    def _go(self, step: Callable[[], None]) -> None:
        if self._window.thread_ is None:
            return
        if self._is_busy:
            self._waiting.append(step)
            return
        self._is_busy = True

        def go(words: Words | None) -> None:
            self._note_words(words)
            step()

        self._ask(_newest_words, go)

    def _undo_now(self) -> None:
        if not self._done:
            self._end(self.tr("Nothing to undo"))
            return
        entry = self._done[-1]
        if entry.files is None:
            self._ask(lambda studio: studio.library.library.edits.undo(), self._words_undone)
            return
        self._apply(entry, entry.files.reversed(), self._done, self._undone, self.tr("Undone: {0}"))

    def _redo_now(self) -> None:
        if not self._undone:
            self._end(self.tr("Nothing to redo"))
            return
        entry = self._undone[-1]
        if entry.files is None:
            self._ask(lambda studio: studio.library.redo_words(), self._words_redone)
            return
        self._apply(entry, entry.files, self._undone, self._done, self.tr("Redone: {0}"))

    def _apply(
        self, entry: Entry, change: FilesChange, away: list[Entry], to: list[Entry], told: str
    ) -> None:
        editor, root = self._window.editor, self._root()
        touched = {root / edit.path for edit in change.edits}
        if editor.is_modified and editor.path in touched:
            name = editor.path.name if editor.path is not None else ""
            self._end(self.tr("{0} has unsaved text: save it, or undo it there").format(name))
            return

        def done(_change: FilesChange) -> None:
            if entry in away:
                away.remove(entry)
                to.append(entry)
            elif to is self._done:  # something new was done since: it is the newest
                to.insert(len(to) - 1, entry)
            self.applied.emit(change)
            self._end(told.format(self._named(entry)))

        def failed(error: Exception) -> None:
            # What stands there now is somebody's newer work: the way back over it is given up.
            if isinstance(error, ChangedSince) and entry in away:
                away.remove(entry)
            self._failed(error)

        self._ask(lambda studio: studio.files.apply(change), done, failed)

    def _words_undone(self, answer: Any) -> None:
        entry = self._done.pop()
        self._undone.append(entry)
        self._after_words(answer, self.tr("Undone: {0}"))

    def _words_redone(self, answer: Any) -> None:
        entry = self._undone.pop()
        if answer is not None:
            self._done.append(entry)
        self._after_words(answer, self.tr("Redone: {0}"))

    def _after_words(self, answer: Any, told: str) -> None:
        def known(words: Words | None) -> None:
            self._words = words
            if self._done and self._done[-1].words is not None and words is not None:
                self._done[-1] = Entry(words=words)
            what, said = answer or (self.tr("nothing"), None)
            self._end("; ".join([told.format(what), *(said.notes if said else ())]))
            if self._window.bridge is not None:
                self._window.bridge.search_again()

        self._ask(_newest_words, known)

    def _end(self, told: str) -> None:
        self._window.statusBar().showMessage(told, 8000)
        self._go_on()

    def _failed(self, error: Exception) -> None:
        self._waiting.clear()  # what was pressed meanwhile was meant to come after it
        self._go_on()
        self._window.tell_error(error)

    def _go_on(self) -> None:
        self._is_busy = False
        self.tell()
        if self._waiting:
            self._go(self._waiting.pop(0))

    def _ask(self, work: Any, answer: Any, failed: Any = None) -> None:
        thread = self._window.thread_
        if thread is not None:
            thread.ask(work, answer, failed or self._failed)

    # --- the list --------------------------------------------------------------------------------

    def _push(self, entry: Entry) -> None:
        self._done.append(entry)
        self._undone.clear()
        while len(self._done) > 1 and (len(self._done) > MOST or self._size() > MOST_BYTES):
            del self._done[0]
        self.tell()

    def _size(self) -> int:
        return sum(entry.files.size_bytes for entry in self._done if entry.files is not None)

    def _note_words(self, words: Words | None) -> None:
        """What is newer in the library than all that is known was done since."""
        known = self._words
        if words is not None and words != known:
            if known is None or words[0] >= known[0]:  # a number is given anew after an undo
                self._push(Entry(words=words))
        self._words = words

    def _saved(self, path: Path, before: bytes | None, after: bytes | None) -> None:
        root = self._root()
        if self._window.project is None or not path.is_relative_to(root) or before == after:
            return
        edit = FileEdit(path.relative_to(root).as_posix(), before, after)
        kind = ChangeKind.EDIT if before is not None else ChangeKind.CREATE
        self.record(FilesChange(kind, path.name, (edit,)))

    def _root(self) -> Path:
        project = self._window.project
        return project.root if project is not None else Path()

    def _named(self, entry: Entry) -> str:
        if entry.files is None:
            return self.tr("words of images ({0})").format(entry.words[1] if entry.words else "")
        return {
            ChangeKind.EDIT: self.tr("edit of {0}"),
            ChangeKind.CREATE: self.tr("new {0}"),
            ChangeKind.RENAME: self.tr("rename {0}"),
            ChangeKind.MOVE: self.tr("move {0}"),
            ChangeKind.DUPLICATE: self.tr("duplicate {0}"),
            ChangeKind.REMOVE: self.tr("delete {0}"),
            ChangeKind.LOCK: self.tr("lock {0}"),
            ChangeKind.UNLOCK: self.tr("unlock {0}"),
            ChangeKind.VARIANTS: self.tr("variants of {0}"),
        }[entry.files.kind].format(entry.files.subject)


def _newest_words(studio: Studio) -> Words | None:
    try:
        return studio.library.library.edits.last()
    except LlamaVisError:  # a library that cannot be read has nothing to take back
        return None
