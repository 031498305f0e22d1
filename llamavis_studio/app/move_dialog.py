"""Where images move to, and what will come of it before it is done.

a folder is chosen or typed -> a moment of quiet -> asked in the studio's thread, where nothing is
written -> what is drawn anew, and which files of the game name the images, is told -> Move
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from llamavis_studio.app.asking_dialog import AskingDialog, say
from llamavis_studio.app.messages import said
from llamavis_studio.app.sentences import sentence
from llamavis_studio.app.theme import Look, icon
from llamavis_studio.core.errors import LlamaVisError

if TYPE_CHECKING:
    from llamavis_studio.core.file_change import FilesChange

QUIET_MS = 200
MOST_SEEN = 7
_MOST_TOLD = 3
_FOLDER = Qt.ItemDataRole.UserRole
Ask = Callable[[str, bool, Callable[[Any], None], Callable[[Exception], None]], None]
"""(folder, keep_rules, on_answer: with a `Moving`, on_error): asks what a move would do."""


class MoveDialog(AskingDialog):
    """Emits `confirmed` with the folder ("" is the project's own), whether kind and style are kept
    and whether the game's files are changed too.
    """

    confirmed = Signal(str, bool, bool)

    def __init__(
        self, parent: QWidget, names: Sequence[str], folders: Sequence[str], ask: Ask, look: Look
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._names, self._ask, self._look = names, ask, look
        self._number = 0  # of the question that is asked last
        self._moving: Any = None
        self._error: Exception | None = None
        self._title, self._words, self.told = QLabel(), QLabel(), QLabel()
        self._title.setProperty("role", "title")
        self._words.setProperty("role", "dim")
        for label in (self._title, self._words, self.told):
            label.setWordWrap(True)
        self.told.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.told.setMinimumHeight(3 * self.told.fontMetrics().lineSpacing())
        self.folder, self.list = QLineEdit(), QListWidget()
        self.folder.setClearButtonEnabled(True)
        self.list.setIconSize(QSize(18, 18))
        for folder in folders:
            item = QListWidgetItem(icon("folder", look, "dim"), folder)
            item.setData(_FOLDER, folder)
            self.list.addItem(item)
        rows = min(MOST_SEEN, max(3, len(folders)))
        self.list.setFixedHeight(rows * (self.list.fontMetrics().height() + 12) + 6)
        self.keep, self.update_uses = QCheckBox(), QCheckBox()
        for box in (self.keep, self.update_uses):
            box.setVisible(False)
        self.buttons = QDialogButtonBox()
        self.go = self.buttons.addButton("", QDialogButtonBox.ButtonRole.AcceptRole)
        self.cancel = self.buttons.addButton("", QDialogButtonBox.ButtonRole.RejectRole)
        self.go.setProperty("primary", True)
        self.go.setDefault(True)
        self._timer = QTimer(self, singleShot=True, interval=QUIET_MS)
        self._timer.timeout.connect(self._look_ahead)
        self._connect()
        self._lay_out()
        self.retranslate()
        self._wait()

    def _connect(self) -> None:
        self.folder.textChanged.connect(self._typed)
        self.list.currentItemChanged.connect(self._picked)
        self.list.itemDoubleClicked.connect(lambda _item: self.go.click())
        self.keep.toggled.connect(self._wait)
        self.buttons.accepted.connect(self._accept)
        self.buttons.rejected.connect(self.reject)

    def _lay_out(self) -> None:
        mark = QLabel()
        mark.setPixmap(icon("folder", self._look, "accent").pixmap(32, 32))
        head, words = QHBoxLayout(), QVBoxLayout()
        head.setSpacing(14)
        words.setSpacing(4)
        words.addWidget(self._title)
        words.addWidget(self._words)
        head.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(words, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 22, 24, 18)
        layout.setSpacing(12)
        layout.addLayout(head)
        for part in (self.folder, self.list, self.told, self.keep, self.update_uses, self.buttons):
            layout.addWidget(part)
        self.setMinimumWidth(480)

    def choose(self, folder: str) -> None:
        """Propose a folder."""
        self.folder.setText(folder or "/")

    def chosen(self) -> str | None:
        """The folder that is chosen, "" for the project's own; None as long as none is."""
        text = self.folder.text().strip().replace("\\", "/")
        return text.strip("/") if text else None

    def retranslate(self) -> None:
        """The texts again, in the language of now."""
        count = len(self._names)
        first = self.tr("Move {0}").format(self._names[0] if self._names else "")
        self._title.setText(first if count == 1 else self.tr("Move %n images", "", count))
        self.setWindowTitle(self.tr("Move to folder"))
        self._words.setText(
            self.tr("Description, pictures and words go together. Undo brings them back.")
        )
        self.folder.setPlaceholderText(self.tr("A folder of the project, or a new one"))
        self.folder.setAccessibleName(self.tr("Folder"))
        self.list.setAccessibleName(self.tr("Folders of the project"))
        for row in range(self.list.count()):
            item = self.list.item(row)
            if not item.data(_FOLDER):
                item.setText(self.tr("Top of the project"))
        self.keep.setText(self.tr("Keep the kind and style that they have here"))
        self.update_uses.setText(self.tr("Change the files of the game that name them"))
        self.go.setText(self.tr("Move"))
        self.cancel.setText(self.tr("Cancel"))
        self._show()

    # --- choosing --------------------------------------------------------------------------------

    def _picked(self, item: QListWidgetItem | None) -> None:
        if item is not None and self.list.hasFocus():
            self.folder.setText(str(item.data(_FOLDER)) or "/")

    def _typed(self, text: str) -> None:
        wanted = self.chosen()
        folders = [self.list.item(row).data(_FOLDER) for row in range(self.list.count())]
        parts = "" if wanted in folders else text.strip().strip("/").casefold()
        for row in range(self.list.count()):
            item = self.list.item(row)
            name = str(item.data(_FOLDER))
            # While a row is walked through by keys, the others stay.
            item.setHidden(not self.list.hasFocus() and parts not in name.casefold())
            if name == wanted and not self.list.hasFocus():
                self.list.setCurrentItem(item)
        if not self.list.hasFocus() and (
            self.list.currentItem() is not None and self.list.currentItem().data(_FOLDER) != wanted
        ):
            self.list.setCurrentRow(-1)
        self._wait()

    def _wait(self, *_: object) -> None:
        """What was asked before is of no interest any more."""
        self._number += 1
        self.go.setEnabled(False)
        if self.chosen() is None:
            self._timer.stop()
            self._moving = self._error = None
            self._show()
        else:
            self._timer.start()

    # --- what would come of it -------------------------------------------------------------------

    def _look_ahead(self) -> None:
        folder, number = self.chosen(), self._number
        if folder is None:
            return

        def answer(moving: Any, error: Exception | None) -> None:
            if self._is_closed or number != self._number:
                return
            self._moving, self._error = moving, error
            self._show()

        self._ask(
            folder,
            self.keep.isChecked(),
            lambda moving: answer(moving, None),
            lambda error: answer(None, error),
        )

    def _show(self) -> None:
        self._tell()
        layout = self.layout()
        if layout is not None:  # it grows with what is told, and never jumps back
            self.resize(self.width(), max(self.height(), layout.heightForWidth(self.width())))

    def _tell(self) -> None:
        self.go.setEnabled(self._moving is not None)
        self.keep.setVisible(self.keep.isChecked())
        self.update_uses.setVisible(False)
        if isinstance(self._error, LlamaVisError):
            say(self.told, sentence(self._error), is_bad=True)
            return
        if self._moving is None:
            say(self.told, "", is_bad=False)
            return
        change: FilesChange = self._moving.change
        lines = [self.tr("%n file(s) will be moved.", "", len(change.moves))]
        if self._moving.redrawn:
            reason, count = self._moving.redrawn[0].reason, len(self._moving.redrawn)
            lines.append(
                self.tr("%n picture(s) will be drawn anew there: {0}", "", count).format(
                    said(reason)
                )
            )
        users = list(dict.fromkeys(user for user, _image in change.uses))
        if users:
            more = "…" if len(users) > _MOST_TOLD else ""
            names = ", ".join([*users[:_MOST_TOLD], *([more] if more else [])])
            lines.append(self.tr("Named by: {0}").format(names))
        say(self.told, "\n".join(lines), is_bad=False)
        self.keep.setVisible(bool(self._moving.redrawn) or self.keep.isChecked())
        self.update_uses.setVisible(bool(users))

    def _accept(self) -> None:
        folder = self.chosen()
        if folder is not None and self._moving is not None:
            uses = self.update_uses.isVisible() and self.update_uses.isChecked()
            self.confirmed.emit(folder, self.keep.isChecked(), uses)
            self.accept()
