"""The rows of the project's tree: folders and images, dressed only where something changed.

ProjectTree.show(plan targets) -> rows come, go, change their badge
filter_pattern("knight state:stale") -> what the proxy looks for in each row's SEARCH text
NameDelegate: F2, a name, Enter -> renamed(output, name); the row itself is renamed by the plan
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QStandardItem
from PySide6.QtWidgets import QLineEdit, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from llamavis_studio.app.messages import said
from llamavis_studio.app.theme import DARK, icon
from llamavis_studio.app.tree_drag import FOLDER, OUTPUT, TreeModel
from llamavis_studio.core.paths import name_problem

if TYPE_CHECKING:
    from llamavis_studio.pipeline.plan import PlannedTarget

SEARCH = Qt.ItemDataRole.UserRole + 3
STATE_COLOURS = {
    "fresh": "good", "stale": "warn", "missing": "info", "edited": "accent", "locked": "dim",
    "failed": "bad", "unmanaged": "dim",
}  # fmt: skip
STATES = tuple(STATE_COLOURS)
_STATE_WORD = "state:"
MANY = 100
Index = QModelIndex | QPersistentModelIndex
Shown = tuple[str, str, str, str]
"""What a row shows of a target: state, reason, words, file."""


def filter_pattern(text: str) -> str:
    """A regular expression for a filter: each word must be there, and one of the states named."""
    words = text.split()
    states = [word.removeprefix(_STATE_WORD) for word in words if word.startswith(_STATE_WORD)]
    parts = [f"(?=.*{re.escape(word)})" for word in words if not word.startswith(_STATE_WORD)]
    states = [state for state in states if state]
    if states:
        parts.append(f"(?=.*{_STATE_WORD}(?:{'|'.join(map(re.escape, states))}))")
    return f"(?s)^{''.join(parts)}" if parts else ""


def with_state(text: str, state: str, wanted: bool) -> str:
    """A filter's text with a state in it, or no longer."""
    words = [word for word in text.split() if word != f"{_STATE_WORD}{state}"]
    return " ".join([*words, f"{_STATE_WORD}{state}"] if wanted else words)


class ProjectTree(QObject):
    """A model of folders and images. What it shows of each image is remembered, so that a plan of
    thousands costs a comparison each.
    """

    def __init__(self, words: Callable[[str], str], parent: QObject) -> None:
        super().__init__(parent)
        self.model = TreeModel(self)
        self.look = DARK
        self.planned: dict[str, PlannedTarget] = {}
        self._words = words
        self._leaves: dict[str, QStandardItem] = {}
        self._folders: dict[str, QStandardItem] = {}
        self._dressed: dict[str, Shown] = {}

    def show(self, planned: Mapping[str, PlannedTarget]) -> list[str]:
        """Show these images, by output; the folders that are new."""
        self.planned = dict(planned)
        before = set(self._folders)
        for folder, outputs in self._new_by_folder().items():
            self._add(folder, outputs)
        told = {output: _shown(one) for output, one in self.planned.items()}
        self._dress_all({key: one for key, one in told.items() if self._dressed.get(key) != one})
        for output in [name for name in self._leaves if name not in self.planned]:
            self._remove(output)
        return [folder for folder in self._folders if folder not in before]

    def follow(self, moves: Mapping[str, str]) -> None:
        """Images have another name: their rows stay where they are, chosen and open as before;
        those of another folder go there.
        """
        for old, new in moves.items():
            leaf = self._leaves.pop(old, None)
            if leaf is None or new in self._leaves:
                continue
            leaf.setText(_shown_name(new))
            leaf.setData(new, OUTPUT)
            self._leaves[new] = leaf
            self._dressed.pop(old, None)
            folder, before = new.rpartition("/")[0], old.rpartition("/")[0]
            if folder != before:
                (leaf.parent() or self.model.invisibleRootItem()).takeRow(leaf.row())
                parent = self._parent(folder)
                parent.insertRow(_place(parent, leaf.text(), is_folder=False), leaf)
                self._drop_empty(before)

    def index_of(self, output: str) -> QModelIndex:
        """Where an image stands; an invalid index where it does not."""
        leaf = self._leaves.get(output)
        return QModelIndex() if leaf is None else leaf.index()

    def folder_index(self, folder: str) -> QModelIndex:
        """Where a folder stands; an invalid index where it does not."""
        item = self._folders.get(folder)
        return QModelIndex() if item is None else item.index()

    def folders(self) -> tuple[str, ...]:
        """The folders that hold images, by their paths."""
        return tuple(self._folders)

    def outputs_at(self, index: Index) -> Iterator[str]:
        """The image of a row, or all those in a folder."""
        output = index.data(OUTPUT)
        if output:
            yield output
        for row in range(self.model.rowCount(index)):
            yield from self.outputs_at(self.model.index(row, 0, index))

    def dress_again(self) -> None:
        """Every row anew, after the look or the language changed."""
        self._dress_all({output: _shown(one) for output, one in self.planned.items()})
        for folder in self._folders.values():
            folder.setIcon(icon("folder", self.look, "dim"))

    def _dress_all(self, told: Mapping[str, Shown]) -> None:
        """Dress rows; of many the view hears once a folder, not four times a row."""
        is_many = len(told) > MANY
        self.model.blockSignals(is_many)
        for output, shown in told.items():
            self._dress(output, shown)
        self.model.blockSignals(False)
        if is_many:
            for parent in (self.model.invisibleRootItem(), *self._folders.values()):
                if parent.rowCount():
                    first, last = parent.child(0), parent.child(parent.rowCount() - 1)
                    self.model.dataChanged.emit(first.index(), last.index())

    def _new_by_folder(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for output in self.planned:
            if output not in self._leaves:
                found.setdefault(output.rpartition("/")[0], []).append(output)
        return found

    def _add(self, folder: str, outputs: list[str]) -> None:
        """A folder's rows, dressed before the view hears of them."""
        leaves = []
        for output in outputs:
            leaf = QStandardItem(_shown_name(output))
            leaf.setData(output, OUTPUT)
            self._leaves[output] = leaf
            self._dress(output, _shown(self.planned[output]))
            leaves.append(leaf)
        parent = self._parent(folder)
        last = parent.child(parent.rowCount() - 1)
        if last is None or last.data(FOLDER) is not None:  # the plan's order is by name
            parent.setColumnCount(1)  # else Qt adds a column amid the rows
            parent.appendRows(leaves)
            return
        for leaf in leaves:
            parent.insertRow(_place(parent, leaf.text(), is_folder=False), leaf)

    def _parent(self, folder: str) -> QStandardItem:
        if not folder:
            return self.model.invisibleRootItem()
        found = self._folders.get(folder)
        if found is None:
            above, _, name = folder.rpartition("/")
            found = QStandardItem(icon("folder", self.look, "dim"), name)
            found.setEditable(False)
            found.setData(folder, FOLDER)
            parent = self._parent(above)
            parent.insertRow(_place(parent, name, is_folder=True), found)
            self._folders[folder] = found
        return found

    def _dress(self, output: str, shown: Shown) -> None:
        leaf, (state, reason, words, source) = self._leaves[output], shown
        spoken = self._words(state)
        use = STATE_COLOURS.get(state, "dim")
        leaf.setIcon(icon(state if state != "unmanaged" else "image", self.look, use))
        leaf.setToolTip(f"{words}\n{spoken}: {said(reason)}".strip(": \n"))
        leaf.setAccessibleDescription(spoken)
        leaf.setData(f"{output} {source} {words} {spoken} {_STATE_WORD}{state}", SEARCH)
        self._dressed[output] = shown

    def _remove(self, output: str) -> None:
        leaf = self._leaves.pop(output)
        self._dressed.pop(output, None)
        (leaf.parent() or self.model.invisibleRootItem()).removeRow(leaf.row())
        self._drop_empty(output.rpartition("/")[0])

    def _drop_empty(self, folder: str) -> None:
        """A folder without images goes, and those above it that have none then."""
        while folder and not self._folders[folder].rowCount():
            item = self._folders.pop(folder)
            (item.parent() or self.model.invisibleRootItem()).removeRow(item.row())
            folder = folder.rpartition("/")[0]


class NameDelegate(QStyledItemDelegate):
    """Edits an image's name in its row; what is typed is asked for, and not written here."""

    renamed = Signal(str, str)  # output, the asset's new name

    def __init__(self, name_of: Callable[[str], str], parent: QObject) -> None:
        super().__init__(parent)
        self._name_of = name_of

    def createEditor(  # noqa: N802 - Qt's name
        self, parent: QWidget, _option: QStyleOptionViewItem, _index: Index
    ) -> QWidget:
        line = QLineEdit(parent)
        line.setAccessibleName(self.tr("New name"))
        line.setStyleSheet("padding: 0 3px;")  # a row has no room for a line's usual padding
        return line

    def setEditorData(self, editor: QWidget, index: Index) -> None:  # noqa: N802 - Qt's name
        if isinstance(editor, QLineEdit) and not editor.isModified():
            editor.setText(self._name_of(index.data(OUTPUT)))
            editor.selectAll()

    def setModelData(  # noqa: N802 - Qt's name
        self, editor: QWidget, _model: QAbstractItemModel, index: Index
    ) -> None:
        output = index.data(OUTPUT)
        if isinstance(editor, QLineEdit):
            name = editor.text().strip()
            if name and name != self._name_of(output):
                self.renamed.emit(output, name)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        # What cannot be a name stays open and is pointed at, instead of being lost with a message.
        if isinstance(watched, QLineEdit) and event.type() == QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):  # type: ignore[attr-defined]
                problem = name_problem(watched.text().strip())
                if problem is not None and watched.text().strip():
                    watched.setToolTip(said(problem))
                    watched.selectAll()
                    return True
        return super().eventFilter(watched, event)


def _shown_name(output: str) -> str:
    return output.rpartition("/")[2].removesuffix(".png")


def _shown(one: PlannedTarget) -> Shown:
    return (one.state.value, one.reason, one.target.description, one.target.source)


def _place(parent: QStandardItem, name: str, *, is_folder: bool) -> int:
    """Where a row goes: folders first, each by name, as people sort numbers."""
    key = (not is_folder, _natural(name))
    for row in range(parent.rowCount()):
        child = parent.child(row)
        if (child.data(FOLDER) is None, _natural(child.text())) > key:
            return row
    return parent.rowCount()


def _natural(name: str) -> list[tuple[int, int | str]]:
    parts = re.split(r"(\d+)", name.casefold())
    return [(0, int(part)) if part.isdecimal() else (1, part) for part in parts if part]
