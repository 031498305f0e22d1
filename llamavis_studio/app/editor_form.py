"""The form view of a description: the same text, asked for one thing at a time.

    text -> `show_text` fills the fields; a field -> `edited(key, value)` -> the editor changes text

The form never holds a value of its own. Where the text is no TOML the fields are switched off and
the form says where to mend it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from llamavis_studio.app.backends import Backends, told_in_short, unheeded
from llamavis_studio.app.editor_document import Mark
from llamavis_studio.app.editor_fields import CalmBox, Choice, Field, Switch, Words
from llamavis_studio.app.editor_notice import Notice
from llamavis_studio.app.editor_numbers import Number, Size
from llamavis_studio.app.editor_toml import asset_at, key_lines, tables_of
from llamavis_studio.app.editor_words import help_of, kind_help
from llamavis_studio.app.messages import said
from llamavis_studio.app.sentences import capital
from llamavis_studio.app.theme import Look
from llamavis_studio.core.errors import LocatedError
from llamavis_studio.core.fields import LARGEST_SEED, MOST_VARIANTS
from llamavis_studio.core.recipe import Kind

# Row, column and how many columns: what belongs together stands side by side.
_PLACES = {
    "description": (1, 0, 2),
    "negative": (2, 0, 2),
    "kind": (3, 0, 1),
    "style": (3, 1, 1),
    "size": (4, 0, 1),
    "palette": (4, 1, 1),
    "count": (5, 0, 1),
    "seed": (5, 1, 1),
    "backend": (6, 0, 2),
    "locked": (7, 0, 2),
}


class DescriptionForm(QWidget):
    """Fields for what most descriptions say; rarer keys stay in the text and are named."""

    edited = Signal(str, object)  # a key and its value, None: leave the key out
    undo_wanted = Signal()
    redo_wanted = Signal()
    place_chosen = Signal(int, int)  # line and column to mend

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tables: list[Mapping[str, Any]] = []
        self._lines: dict[int, str] = {}
        self._error: LocatedError | None = None
        self._path = Path()
        self.backends: Backends | None = None
        self.notice = Notice(look)
        self.asset = CalmBox()
        self._asset_label = QLabel()
        self.fields: dict[str, Field] = {
            "description": Words(lines=4, is_required=True),
            "negative": Words(lines=2),
            "kind": Choice([(kind.value, kind_help(kind.value)) for kind in Kind]),
            "style": Choice(),
            "palette": Choice(),
            "size": Size(),
            "count": Number(1, MOST_VARIANTS, unset=1),
            "seed": Number(0, LARGEST_SEED),
            "backend": Choice(),
            "locked": Switch("locked"),
        }
        self._labels = {key: QLabel() for key in self.fields}
        self.others = QLabel()
        self.others.setProperty("role", "dim")
        self.others.setWordWrap(True)
        self._build()
        for key, field in self.fields.items():
            field.changed.connect(lambda value, key=key: self.edited.emit(key, value))
        self.asset.currentIndexChanged.connect(self._show_asset)
        self.set_look(look)
        self.retranslate()

    def _build(self) -> None:
        self._page = QWidget()
        grid = QGridLayout(self._page)
        grid.setContentsMargins(16, 14, 16, 14)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(12)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        self._assets = _under(self._asset_label, self.asset)
        grid.addWidget(self._assets, 0, 0, 1, 2)
        for key, field in self.fields.items():
            row, at, width = _PLACES[key]
            label = self._labels[key]
            label.setBuddy(field.focus_widget())
            grid.addWidget(_under(label, field), row, at, 1, width)
            for inner in field.findChildren(QWidget):
                if isinstance(inner, (QLineEdit, QPlainTextEdit)):
                    inner.installEventFilter(self)
        grid.addWidget(self.others, 8, 0, 1, 2)
        grid.setRowStretch(9, 1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # its fields take the keyboard
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self._page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.notice)
        column.addWidget(scroll, 1)

    def asset_index(self) -> int:
        """Which asset of the file is shown."""
        return max(0, self.asset.currentIndex())

    def is_usable(self) -> bool:
        """Whether the fields can be edited: not where the text cannot be parsed."""
        return self._page.isEnabled()

    def show_text(self, text: str, path: Path, line: int = 0) -> None:
        """Show what a text says; of many assets the one at `line`, or the one shown before."""
        try:
            self._tables = tables_of(text, path)
        except LocatedError as error:
            self._refuse(error)
            return
        self._error, self._path = None, path
        index = min(self.asset_index(), len(self._tables) - 1)
        if line:
            index = asset_at(text, path, line, len(self._tables))
        with QSignalBlocker(self.asset):
            self.asset.clear()
            names = [str(table.get("name", "?")) for table in self._tables]
            self.asset.addItems(names)
            self.asset.setCurrentIndex(index)
        self._assets.setVisible(len(self._tables) > 1)
        self._lines = key_lines(text, path, index, list(self._tables[index]))
        self.notice.hide()
        self._page.setEnabled(True)
        self._show_asset()

    def show_marks(self, marks: list[Mark]) -> None:
        """Say under each field what is wrong with it."""
        wrong = {
            self._lines[mark.line]: mark for mark in reversed(marks) if mark.line in self._lines
        }
        for key, field in self.fields.items():
            mark = wrong.get(key)
            field.set_problem("" if mark is None else mark.sentence())

    def set_words(self, words: Mapping[str, tuple[str, ...]]) -> None:
        """Values that the project knows, by the key they are for."""
        for key in ("style", "palette"):
            field = self.fields[key]
            if isinstance(field, Choice):
                field.set_choices([(word, "") for word in words.get(key, ())])
        if self._tables:
            self._show_asset()

    def set_backends(self, backends: Backends) -> None:
        """Offer the backends that draw, and say of each field whether the chosen one heeds it."""
        self.backends = backends
        field = self.fields["backend"]
        if isinstance(field, Choice):
            field.set_choices([(one.name, told_in_short(one)) for one in backends.known
                               if one.draws or one.info is None])  # fmt: skip
        if self._tables:
            self._show_asset()

    def set_look(self, look: Look) -> None:
        """Take another look's colours."""
        self.notice.set_look(look)
        for field in self.fields.values():
            field.set_look(look)
        self._page.setStyleSheet(
            "QToolButton#clear { padding: 3px 5px; }"
            " QLineEdit:disabled, QPlainTextEdit:disabled, QComboBox:disabled"
            f" {{ background: {look.window}; color: {look.dim}; }}"
        )

    def retranslate(self) -> None:
        """Say everything anew, after the language has changed."""
        told = {
            "description": self.tr("What it shows"),
            "negative": self.tr("What it must not show"),
            "kind": self.tr("Kind"),
            "style": self.tr("Style"),
            "palette": self.tr("Palette"),
            "size": self.tr("Size"),
            "count": self.tr("Variants"),
            "seed": self.tr("Seed"),
            "backend": self.tr("Drawn by"),
            "locked": self.tr("Locked"),
        }
        hints = {
            "description": self.tr("such as: mossy stone wall with a wooden door"),
            "negative": self.tr("such as: text, people"),
            "kind": self.tr("By its folder"),
            "style": self.tr("By its folder"),
            "palette": self.tr("By its style"),
            "size": self.tr("auto"),
            "count": "",
            "seed": self.tr("From the file's path"),
            "backend": self.tr("By its style"),
            "locked": self.tr("Never draw this again"),
        }
        for key, field in self.fields.items():
            self._labels[key].setText(told[key])
            self._labels[key].setToolTip(help_of(key))
            field.set_texts(told[key], help_of(key), hints[key])
        self._asset_label.setText(self.tr("Asset"))
        self.asset.setAccessibleName(self.tr("Asset of this file"))
        self.setAccessibleName(self.tr("Form of the description"))
        if self._error is not None:
            self._refuse(self._error)
        elif self._tables:
            self._show_asset()

    def _show_asset(self, _index: int = 0) -> None:
        table = self._tables[min(self.asset_index(), len(self._tables) - 1)]
        for key, field in self.fields.items():
            field.show_value(table.get(key))
        ignored = self._say_backend(table)
        for key, field in self.fields.items():
            field.set_note(ignored.get(key, ""))
        rest = [key for key in table if key not in self.fields and key != "name"]
        told = self.tr("The text also sets: {keys}").format(keys=", ".join(rest)) if rest else ""
        lines = [line for line in (told, ignored.get("references", "")) if line]
        self.others.setVisible(bool(lines))
        self.others.setText("\n".join(lines))

    def _say_backend(self, table: Mapping[str, Any]) -> dict[str, str]:
        """Say what draws the shown asset where it names nothing; what is not heeded: key -> why."""
        field = self.fields["backend"]
        if self.backends is None or not isinstance(field, Choice):
            return {}
        by = self.backends.drawn_by(table, self._path)
        if not table.get("backend"):
            field.set_unset(self.tr("{0} (default)").format(by.backend))
        return unheeded(self.backends.find(by.backend), by)

    def _refuse(self, error: LocatedError) -> None:
        """Switch the fields off and say where the text must be mended."""
        self._error = error
        self._lines = {}
        for field in self.fields.values():
            field.set_problem("")
        self._page.setEnabled(False)
        if not error.line:
            self.notice.say("info", capital(said(error.message)), said(error.hint))
            return
        message = self.tr("The form waits: line {line} of the text must be mended first.")
        more = Mark(error.line, error.column, error.message, error.hint).sentence()
        place = error.line, max(1, error.column)
        action = (self.tr("Show the place"), lambda: self.place_chosen.emit(*place))
        self.notice.say("bad", message.format(line=error.line), more, [action])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Undo in a field takes back the last change of the text, wherever it was made."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            for key, signal in (
                (QKeySequence.StandardKey.Undo, self.undo_wanted),
                (QKeySequence.StandardKey.Redo, self.redo_wanted),
            ):
                if event.matches(key):
                    signal.emit()
                    return True
        return super().eventFilter(watched, event)


def _under(label: QLabel, widget: QWidget) -> QWidget:
    """A widget below its label: it reads the same in a narrow dock and in a wide one."""
    both = QWidget()
    column = QVBoxLayout(both)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(4)
    label.setProperty("role", "dim")
    column.addWidget(label)
    column.addWidget(widget)
    column.addStretch(1)
    return both
