"""Where an editor's text comes from and goes to: its file, its draft, and other programs.

Whatever is replaced without being saved was laid aside first, and the notice offers it back.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QTextDocument

from llamavis_studio.app.drafts import Drafts, kept_safely
from llamavis_studio.app.editor_document import replace_text, text_of
from llamavis_studio.app.editor_file import FileText
from llamavis_studio.app.editor_notice import Action, Notice
from llamavis_studio.app.messages import said
from llamavis_studio.app.sentences import capital
from llamavis_studio.core.errors import DescriptionError, LlamaVisError

DRAFT_MS = 500


class Saving(QObject):
    """Opens, saves and follows the file of a document."""

    saved = Signal(object)  # the path
    wrote = Signal(object, object, object)  # the path, its bytes before (None: no file), and after
    replaced = Signal()  # the text is another one than a moment ago

    def __init__(
        self, drafts: Drafts, document: QTextDocument, notice: Notice, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._drafts, self._document, self._notice = drafts, document, notice
        self._file: FileText | None = None
        self._theirs: FileText | None = None  # another program's text, not yet chosen or refused
        self._is_opening = False
        self.is_refused = False  # the file cannot be read: it must not be written either
        self._timer = QTimer(self, singleShot=True, interval=DRAFT_MS)
        self._timer.timeout.connect(self.keep_draft)
        document.contentsChanged.connect(self._text_changed)

    @property
    def path(self) -> Path | None:
        """The file that is open."""
        return None if self._file is None else self._file.path

    def text(self) -> str:
        """The text as it is now."""
        return text_of(self._document)

    def open_file(self, path: Path) -> None:
        """Show a file, with its unsaved text from before; a file that is not there is a new one."""
        self.keep_draft()
        self._timer.stop()
        self._notice.hide()
        self._theirs, self.is_refused = None, False
        try:
            self._file = FileText.read(path) if path.exists() else FileText(path, "")
        except DescriptionError as error:
            self._file, self.is_refused = FileText(path, ""), True
            self._say_error(error)
        self._is_opening = True
        self._document.setPlainText(self._file.text)  # a new file has no past to undo
        self._document.setModified(False)
        self._is_opening = False
        if not self.is_refused:
            self._bring_draft_back(self._file)

    def _bring_draft_back(self, file: FileText) -> None:
        draft = self._drafts.read(file.path)
        if draft is None or draft.text == file.text:
            self._drafts.drop(file.path)
            return
        replace_text(self._document, draft.text)
        if draft.base != file.digest:
            self._theirs = file
            self._ask()
            return
        self._notice.say(
            "info",
            self.tr("Your unsaved text from last time is back."),
            "",
            [(self.tr("Use the saved file"), self.revert), (self.tr("OK"), self._notice.hide)],
        )

    def save(self) -> bool:
        """Write the text to the file; whether it is there now."""
        if self._file is None or self.is_refused:
            return False
        if self._theirs is None and not self._file.is_on_disk():
            if not self.file_changed_outside():
                return False  # what stands there now cannot even be read, so it stays
        if self._theirs is not None:
            self._ask()
            return False
        if not self._document.isModified() and self._file.digest:
            return True
        before = self._bytes_there()
        try:
            self._file = self._file.written(self.text())
        except LlamaVisError as error:
            self.keep_draft()
            self._say_error(error, (self.tr("Try again"), self.save))
            return False
        self._settle()
        self._notice.hide()
        self.wrote.emit(self._file.path, before, self._bytes_there())
        self.saved.emit(self._file.path)
        return True

    def _bytes_there(self) -> bytes | None:
        assert self._file is not None
        try:
            return self._file.path.read_bytes()
        except OSError:
            return None

    def revert(self) -> None:
        """Go back to the file on disk; the text is laid aside and undo brings it back too."""
        if self._file is None:
            return
        try:
            there = FileText.read(self._file.path)
        except DescriptionError as error:
            self._say_error(error)
            return
        self._take(there, self.tr("Back to the saved file. Your text was laid aside."))

    def take_theirs(self) -> None:
        """Choose the other program's text; one's own is laid aside."""
        if self._theirs is not None:
            told = self.tr("This is the other program's text. Yours was laid aside.")
            self._take(self._theirs, told)

    def keep_mine(self) -> None:
        """Choose one's own text; the other program's is laid aside, and saving goes over it."""
        if self._theirs is None or self._file is None or not self._lay_aside(self._theirs.text):
            return
        theirs = self._theirs
        self._file, self._theirs = theirs, None
        self._document.setModified(True)
        self.keep_draft()
        self._notice.say(
            "info",
            self.tr("Your text stays. The other program's was laid aside."),
            self.tr("Saving writes yours over it."),
            [
                (self.tr("Show theirs"), lambda: self.bring_back(theirs.text)),
                (self.tr("OK"), self._notice.hide),
            ],
        )

    def bring_back(self, text: str) -> None:
        """Put a text that was laid aside into the editor; the one there is laid aside for it."""
        if self._document.isModified() and not self._lay_aside(self.text()):
            return
        replace_text(self._document, text)
        self._notice.hide()
        self.replaced.emit()

    def file_changed_outside(self) -> bool:
        """Another program has written, moved or removed the file; whether that could be read."""
        if self._file is None:
            return False
        if not self._file.path.exists():
            self._lost()
            return True
        try:
            there = FileText.read(self._file.path)
        except DescriptionError as error:
            self._say_error(error)
            return False
        if there.digest == self._file.digest and not self.is_refused:
            if self._theirs is not None:  # it has been changed back
                self._theirs = None
                self._notice.hide()
        elif self.is_refused or not self._document.isModified() or there.text == self.text():
            self.is_refused = False
            self._file, self._theirs = there, None
            replace_text(self._document, there.text)
            self._settle()
            self._notice.hide()
            self.replaced.emit()
        else:
            self._theirs = there
            self._ask()
        return True

    def keep_draft(self) -> None:
        """Put unsaved text on disk."""
        self._timer.stop()
        if self._file is None or self.is_refused or not self._document.isModified():
            return
        # A draft whose conflict is open must ask again, should the studio die now.
        base = "undecided" if self._theirs is not None else self._file.digest
        error = kept_safely(self._drafts, self._file.path, self.text(), base)
        if error is not None and self._notice.isHidden():
            self._notice.say(
                "warn", self.tr("Unsaved text cannot be kept safe: save soon."), said(error.message)
            )

    def _text_changed(self) -> None:
        if self._is_opening or self._file is None:
            return
        self._timer.start()
        if not self._document.isModified() and self._theirs is None:  # undone to what is saved
            self._timer.stop()
            self._drafts.drop(self._file.path)

    def _take(self, file: FileText, told: str) -> None:
        mine = self.text()
        if mine != file.text and not self._lay_aside(mine):
            return
        self._file, self._theirs = file, None
        replace_text(self._document, file.text)
        self._settle()
        actions = [
            (self.tr("Bring mine back"), lambda: self.bring_back(mine)),
            (self.tr("OK"), self._notice.hide),
        ]
        self._notice.say("info", told, "", actions)
        self.replaced.emit()

    def _lay_aside(self, text: str) -> bool:
        """Whether a text is on disk now, so that it may leave the editor."""
        assert self._file is not None
        try:
            self._drafts.set_aside(self._file.path, text)
        except LlamaVisError as error:
            self._say_error(error)
            return False
        return True

    def _settle(self) -> None:
        """The text is what the file says."""
        assert self._file is not None
        self._timer.stop()
        self._document.setModified(False)
        self._drafts.drop(self._file.path)

    def _lost(self) -> None:
        assert self._file is not None
        self._file, self._theirs = replace(self._file, digest=""), None
        self._document.setModified(True)
        self._notice.say(
            "warn",
            self.tr("{name} was removed or renamed.").format(name=self._file.path.name),
            self.tr("Your text is still here."),
            [(self.tr("Write it again"), self.save)],
        )

    def _ask(self) -> None:
        assert self._file is not None
        self._notice.say(
            "warn",
            self.tr("{name} was changed by another program.").format(name=self._file.path.name),
            self.tr("The text you do not choose is kept."),
            [
                (self.tr("Take theirs"), self.take_theirs),
                (self.tr("Keep mine"), self.keep_mine),
            ],
        )

    def _say_error(self, error: LlamaVisError, *actions: Action) -> None:
        message = said(error.message)
        if "." not in message.split()[0]:  # a file keeps its name
            message = capital(message)
        self._notice.say("bad", self.tr("{0}.").format(message), capital(said(error.hint)), actions)
