"""The project as a tree: folders, images that descriptions ask for, and how each stands."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QModelIndex, QPoint, QSortFilterProxyModel, Qt, Signal
from PySide6.QtGui import QIcon, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QLabel, QLineEdit, QMenu, QTreeView, QVBoxLayout, QWidget

from llamavis_studio.app.actions import Actions
from llamavis_studio.app.theme import DARK, Look, icon

if TYPE_CHECKING:
    from llamavis_studio.pipeline.plan import Plan, PlannedTarget

OUTPUT = Qt.ItemDataRole.UserRole + 1
STATE_COLOURS = {
    "fresh": "good", "stale": "warn", "missing": "info", "edited": "accent", "locked": "dim",
    "failed": "bad", "unmanaged": "dim",
}  # fmt: skip
MENU = ("build_one", "redraw", "reveal")


class ProjectPanel(QWidget):
    """Emits `chosen` with the planned target that is current, and `opened` when it is activated."""

    chosen = Signal(object)
    opened = Signal(object)

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self._look = DARK
        self._planned: dict[str, PlannedTarget] = {}
        self._leaves: dict[str, QStandardItem] = {}
        self._folders: dict[str, QStandardItem] = {}
        self._model = QStandardItemModel(self)
        self._shown = QSortFilterProxyModel(self)
        self._shown.setSourceModel(self._model)
        self._shown.setRecursiveFilteringEnabled(True)
        self._shown.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.filter = QLineEdit()
        self.filter.setClearButtonEnabled(True)
        self.filter.textChanged.connect(self._filter)
        self.tree = QTreeView()
        self.tree.setModel(self._shown)
        self.tree.setHeaderHidden(True)
        self.tree.setSelectionMode(QTreeView.SelectionMode.ExtendedSelection)
        self.tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.tree.customContextMenuRequested.connect(self._show_menu)
        self.tree.selectionModel().currentChanged.connect(self._current_changed)
        self.tree.activated.connect(self._activated)
        self.summary = QLabel()
        self.summary.setProperty("role", "dim")
        self.summary.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 8)
        layout.addWidget(self.filter)
        layout.addWidget(self.tree, 1)
        layout.addWidget(self.summary)
        self.retranslate()

    def show_plan(self, plan: Plan) -> None:
        """Show how every image stands; what is open and chosen stays so."""
        self._planned = {one.target.output: one for one in plan.targets}
        for output in [name for name in self._leaves if name not in self._planned]:
            self._remove(output)
        for output, planned in self._planned.items():
            leaf = self._leaves.get(output) or self._add(output)
            self._dress(leaf, planned)
        self._tell(plan)

    def selected(self) -> list[PlannedTarget]:
        """The chosen images, those in chosen folders among them."""
        found: dict[str, PlannedTarget] = {}
        for index in self.tree.selectionModel().selectedIndexes():
            for output in self._outputs_at(self._shown.mapToSource(index)):
                if output in self._planned:
                    found[output] = self._planned[output]
        return list(found.values())

    def choose(self, output: str) -> bool:
        """Make an image current; False when no description asks for it."""
        leaf = self._leaves.get(output)
        if leaf is None:
            return False
        index = self._shown.mapFromSource(leaf.index())
        self.tree.setCurrentIndex(index)
        self.tree.scrollTo(index)
        return True

    def planned_for(self, output: str) -> PlannedTarget | None:
        """How an image stands, by its path in the project."""
        return self._planned.get(output)

    def first(self) -> str:
        """The first image that is there, else the first that will be; '' without any."""
        there = (name for name, one in self._planned.items() if one.state.value != "missing")
        return next(there, next(iter(self._planned), ""))

    def set_look(self, look: Look) -> None:
        """The badges again, in the colours of now."""
        self._look = look
        for output, leaf in self._leaves.items():
            self._dress(leaf, self._planned[output])
        for folder in self._folders.values():
            folder.setIcon(icon("folder", look, "dim"))

    def retranslate(self) -> None:
        """The texts again, in the language of now."""
        self.filter.setPlaceholderText(self.tr("Filter"))
        self.filter.setAccessibleName(self.tr("Filter the project's images"))
        self.tree.setAccessibleName(self.tr("Images of the project"))
        for output, leaf in self._leaves.items():
            self._dress(leaf, self._planned[output])

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def state_words(self, state: str) -> str:
        """A state in the user's words."""
        return {
            "fresh": self.tr("up to date"),
            "stale": self.tr("words changed"),
            "missing": self.tr("not drawn yet"),
            "edited": self.tr("painted over by hand"),
            "locked": self.tr("locked"),
            "failed": self.tr("could not be drawn"),
        }.get(state, state)

    def _dress(self, leaf: QStandardItem, planned: PlannedTarget) -> None:
        state = planned.state.value
        leaf.setIcon(self._badge(state))
        words = self.state_words(state)
        leaf.setToolTip(f"{planned.target.description}\n{words}: {planned.reason}".strip(": \n"))
        leaf.setAccessibleDescription(words)

    def _badge(self, state: str) -> QIcon:
        use = STATE_COLOURS.get(state, "dim")
        return icon(state if state != "unmanaged" else "image", self._look, use)

    def _add(self, output: str) -> QStandardItem:
        folder, _, name = output.rpartition("/")
        leaf = QStandardItem(name.removesuffix(".png"))
        leaf.setEditable(False)
        leaf.setData(output, OUTPUT)
        self._parent(folder).appendRow(leaf)
        self._leaves[output] = leaf
        return leaf

    def _parent(self, folder: str) -> QStandardItem:
        if not folder:
            return self._model.invisibleRootItem()
        found = self._folders.get(folder)
        if found is None:
            above, _, name = folder.rpartition("/")
            found = QStandardItem(icon("folder", self._look, "dim"), name)
            found.setEditable(False)
            self._parent(above).appendRow(found)
            self._folders[folder] = found
            self.tree.expand(self._shown.mapFromSource(found.index()))
        return found

    def _remove(self, output: str) -> None:
        leaf = self._leaves.pop(output)
        (leaf.parent() or self._model.invisibleRootItem()).removeRow(leaf.row())
        folder = output.rpartition("/")[0]
        while folder and not self._folders[folder].rowCount():
            item = self._folders.pop(folder)
            (item.parent() or self._model.invisibleRootItem()).removeRow(item.row())
            folder = folder.rpartition("/")[0]

    def _outputs_at(self, index: QModelIndex) -> Iterable[str]:
        output = index.data(OUTPUT)
        if output:
            yield output
        for row in range(self._model.rowCount(index)):
            yield from self._outputs_at(self._model.index(row, 0, index))

    def _tell(self, plan: Plan) -> None:
        counts = plan.counts()
        told = [
            f"{count} {self.state_words(state)}"
            for state, count in counts.items()
            if count and state != "unmanaged"
        ]
        self.summary.setText(", ".join(told))

    def _filter(self, text: str) -> None:
        self._shown.setFilterFixedString(text)
        if text:
            self.tree.expandAll()

    def _planned_at(self, index: QModelIndex) -> PlannedTarget | None:
        return self._planned.get(index.data(OUTPUT) or "")

    def _current_changed(self, current: QModelIndex, _before: QModelIndex) -> None:
        planned = self._planned_at(current)
        if planned is not None:
            self.chosen.emit(planned)

    def _activated(self, index: QModelIndex) -> None:
        planned = self._planned_at(index)
        if planned is not None:
            self.opened.emit(planned)

    def _show_menu(self, place: QPoint) -> None:
        menu = QMenu(self)
        menu.addActions([self._actions[name] for name in MENU])
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.tree.viewport().mapToGlobal(place))
