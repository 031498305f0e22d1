"""The project as a tree: folders, images that descriptions ask for, and how each stands."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    QRegularExpression,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QAction, QPalette
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QToolButton,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from llamavis_studio.app.actions import Actions
from llamavis_studio.app.project_tree import (
    SEARCH,
    STATE_COLOURS,
    STATES,
    NameDelegate,
    ProjectTree,
    filter_pattern,
    with_state,
)
from llamavis_studio.app.theme import Look, icon
from llamavis_studio.app.tree_drag import FOLDER, OUTPUT

if TYPE_CHECKING:
    from llamavis_studio.pipeline.plan import Plan, PlannedTarget

MENU = (
    ("build_one", "redraw", "variants"),
    ("rename", "move", "duplicate", "lock", "unlock", "delete"),
    ("reveal", "copy_path", "copy_res"),
)
SINGLE = ("variants", "rename")
OWN_KEYS = ("rename", "duplicate", "delete")
"""Actions whose keys mean something else where the tree has not the focus."""


class ProjectPanel(QWidget):
    """Emits `chosen` with the planned target that is current, `opened` when it is activated, and
    `renamed` when its name was typed anew, `dropped` when images were dragged to a folder.
    """

    chosen = Signal(object)
    opened = Signal(object)
    renamed = Signal(str, str)  # output, name
    dropped = Signal(list, str)  # paths, those of folders with / at their end; folder

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self._wanted = ""  # the image that was shown last time
        self._collapsed: set[str] = set()
        self.rows = ProjectTree(self.state_words, self)
        self._shown = QSortFilterProxyModel(self)
        self._shown.setSourceModel(self.rows.model)
        self._shown.setRecursiveFilteringEnabled(True)
        self._shown.setFilterRole(SEARCH)
        self.filter, self.states = QLineEdit(), QToolButton()
        self.filter.setClearButtonEnabled(True)
        self.filter.textChanged.connect(self._filter)
        self.states.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.states.setMenu(self._state_menu())
        self.tree = QTreeView()
        self._set_up_tree()
        self.summary = QLabel()
        self.summary.setProperty("role", "dim")
        self.summary.setWordWrap(True)
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addWidget(self.filter, 1)
        head.addWidget(self.states)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 8)
        layout.addLayout(head)
        layout.addWidget(self.tree, 1)
        layout.addWidget(self.summary)
        self._plan: Plan | None = None
        self.retranslate()

    def _set_up_tree(self) -> None:
        self.tree.setModel(self._shown)
        self.tree.setHeaderHidden(True)
        self.tree.setUniformRowHeights(True)
        self.tree.setIndentation(14)
        self.tree.setEditTriggers(QTreeView.EditTrigger.NoEditTriggers)
        self.tree.setSelectionMode(QTreeView.SelectionMode.ExtendedSelection)
        self.tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.tree.customContextMenuRequested.connect(self._show_menu)
        self.tree.selectionModel().currentChanged.connect(self._current_changed)
        self.tree.selectionModel().selectionChanged.connect(self._enable_actions)
        self.tree.activated.connect(self._activated)
        self.tree.collapsed.connect(lambda index: self._note_folder(index, is_open=False))
        self.tree.expanded.connect(lambda index: self._note_folder(index, is_open=True))
        self.tree.setDragDropMode(QTreeView.DragDropMode.InternalMove)
        self.tree.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.rows.model.dropped.connect(self.dropped)
        self._names = NameDelegate(self._name_of, self)
        self._names.renamed.connect(self.renamed)
        self.tree.setItemDelegate(self._names)
        for name in OWN_KEYS:
            action = self._actions[name]
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            self.tree.addAction(action)

    def show_plan(self, plan: Plan) -> None:
        """Show how every image stands; what is open and chosen stays so."""
        self._plan = plan
        for folder in self.rows.show({one.target.output: one for one in plan.targets}):
            self._open_folder(folder)
        self._tell(plan)
        self._enable_actions()

    def clear(self) -> None:
        """No project is open."""
        self.filter.clear()
        self.rows.show({})
        self._plan, self._wanted = None, ""
        self._collapsed.clear()
        self.summary.clear()

    def state(self) -> dict[str, Any]:
        """What is shown, for `restore` when the project is opened again."""
        return {
            "collapsed": sorted(self._collapsed),
            "current": self.tree.currentIndex().data(OUTPUT) or "",
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Show things as `state` told them, once the plan is there."""
        collapsed = state.get("collapsed")
        self._collapsed = set(map(str, collapsed)) if isinstance(collapsed, list) else set()
        self._wanted = str(state.get("current", ""))

    def selected(self) -> list[PlannedTarget]:
        """The chosen images, those in chosen folders among them."""
        found: dict[str, PlannedTarget] = {}
        for index in self.tree.selectionModel().selectedIndexes():
            for output in self.rows.outputs_at(self._shown.mapToSource(index)):
                if output in self.rows.planned:
                    found[output] = self.rows.planned[output]
        return list(found.values())

    def selected_folders(self) -> list[str]:
        """The chosen folders, without those inside of others."""
        indexes = self.tree.selectionModel().selectedIndexes()
        found = sorted(str(index.data(FOLDER)) for index in indexes if index.data(FOLDER))
        return [one for one in found if not any(one.startswith(f"{up}/") for up in found)]

    def choose(self, output: str) -> bool:
        """Make an image current; False when no description asks for it."""
        source = self.rows.index_of(output)
        if not source.isValid():
            return False
        index = self._shown.mapFromSource(source)
        if not index.isValid():  # the filter hides it: what is asked for is to be seen
            self.filter.clear()
            index = self._shown.mapFromSource(source)
        # Not by the view, which would add to what is chosen while somebody holds Shift down.
        flags = QItemSelectionModel.SelectionFlag
        self.tree.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
        self.tree.scrollTo(index)
        return True

    def choose_many(self, outputs: tuple[str, ...]) -> None:
        """Select images, the first of them as the current one."""
        there = [one for one in outputs if self.rows.index_of(one).isValid()]
        for output in there[:1]:
            self.choose(output)
        flags = QItemSelectionModel.SelectionFlag.Select
        for output in there[1:]:
            index = self._shown.mapFromSource(self.rows.index_of(output))
            self.tree.selectionModel().select(index, flags)

    def follow(self, moves: Mapping[str, str]) -> None:
        """Images have other places, old output to new; the plan that says so is still to come."""
        current = self.tree.currentIndex().data(OUTPUT) or ""
        chosen = [index.data(OUTPUT) for index in self.tree.selectionModel().selectedIndexes()]
        before = set(self.rows.folders())
        self.blockSignals(True)  # a row that goes elsewhere is not current for a moment
        self.rows.follow(moves)
        for folder in set(self.rows.folders()) - before:
            self._open_folder(folder)
        places = [current, *(one for one in chosen if one and one != current)]
        self.choose_many(tuple(moves.get(one, one) for one in places))
        self.blockSignals(False)
        self._wanted = moves.get(self._wanted, self._wanted)

    def neighbour_of(self, outputs: Collection[str]) -> str:
        """The nearest image that is none of these, '' without any."""
        index = self.tree.currentIndex()
        for step in (self.tree.indexBelow, self.tree.indexAbove):
            near = step(index)
            while near.isValid():
                output = near.data(OUTPUT)
                if output and output not in outputs:
                    return str(output)
                near = step(near)
        return ""

    def edit_name(self) -> None:
        """Let the current image's name be typed anew, in its row."""
        index = self.tree.currentIndex()
        if index.data(OUTPUT):
            self.tree.edit(index)

    def planned_for(self, output: str) -> PlannedTarget | None:
        """How an image stands, by its path in the project."""
        return self.rows.planned.get(output)

    def first(self) -> str:
        """The image that was shown last time, else the first that is there, else the first that
        will be; '' without any.
        """
        planned = self.rows.planned
        if self._wanted in planned:
            return self._wanted
        there = (name for name, one in planned.items() if one.state.value != "missing")
        return next(there, next(iter(planned), ""))

    def set_look(self, look: Look) -> None:
        """The badges again, in the colours of now."""
        self.rows.look = look
        colours = self.tree.palette()  # Qt paints the corners around a chosen row's in it
        colours.setColor(QPalette.ColorRole.Highlight, look.colour("selection"))
        self.tree.setPalette(colours)
        self.rows.dress_again()
        self.states.setIcon(icon("filter", look, "dim"))
        for state, action in self._state_actions.items():
            action.setIcon(_badge(state, look))

    def retranslate(self) -> None:
        """The texts again, in the language of now."""
        self.filter.setPlaceholderText(self.tr("Filter"))
        self.filter.setAccessibleName(self.tr("Filter the project's images"))
        self.filter.setToolTip(self.tr("Words of names and descriptions; state:stale for a state"))
        self.states.setAccessibleName(self.tr("Filter by state"))
        self.states.setToolTip(self.tr("Show only images in some states"))
        self.tree.setAccessibleName(self.tr("Images of the project"))
        for state, action in self._state_actions.items():
            words = self.state_words(state)
            action.setText(words[:1].upper() + words[1:])
        self.rows.dress_again()
        if self._plan is not None:
            self._tell(self._plan)

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
            "unmanaged": self.tr("not made here"),
        }.get(state, state)

    def _name_of(self, output: str) -> str:
        planned = self.rows.planned.get(output)
        return "" if planned is None else planned.target.name

    def _tell(self, plan: Plan) -> None:
        counts = plan.counts()
        told = [
            f"{count} {self.state_words(state)}"
            for state, count in counts.items()
            if count and state != "unmanaged"
        ]
        self.summary.setText(", ".join(told))

    # --- the filter and what is open -------------------------------------------------------------

    def _state_menu(self) -> QMenu:
        menu = QMenu(self)
        self._state_actions: dict[str, QAction] = {}
        for state in STATES:
            action = menu.addAction(state)
            action.setCheckable(True)
            action.toggled.connect(
                lambda on, state=state: self.filter.setText(
                    with_state(self.filter.text(), state, on)
                )
            )
            self._state_actions[state] = action
        return menu

    def _filter(self, text: str) -> None:
        words = text.split()
        for state, action in self._state_actions.items():
            action.blockSignals(True)
            action.setChecked(f"state:{state}" in words)
            action.blockSignals(False)
        insensitive = QRegularExpression.PatternOption.CaseInsensitiveOption
        self._shown.setFilterRegularExpression(
            QRegularExpression(filter_pattern(text), insensitive)
        )
        if words:
            self.tree.expandAll()
        else:
            for folder in self.rows.folders():
                self._open_folder(folder)
            self.tree.scrollTo(self.tree.currentIndex())

    def _open_folder(self, folder: str) -> None:
        index = self._shown.mapFromSource(self.rows.folder_index(folder))
        self.tree.setExpanded(index, folder not in self._collapsed or bool(self.filter.text()))

    def _note_folder(self, index: QModelIndex, *, is_open: bool) -> None:
        folder = index.data(FOLDER)
        if folder and not self.filter.text():
            (self._collapsed.discard if is_open else self._collapsed.add)(folder)

    # --- what is chosen --------------------------------------------------------------------------

    def _planned_at(self, index: QModelIndex) -> PlannedTarget | None:
        return self.rows.planned.get(index.data(OUTPUT) or "")

    def _current_changed(self, current: QModelIndex, _before: QModelIndex) -> None:
        planned = self._planned_at(current)
        if planned is not None:
            self.chosen.emit(planned)

    def _activated(self, index: QModelIndex) -> None:
        planned = self._planned_at(index)
        if planned is not None:
            self.opened.emit(planned)

    def _enable_actions(self, *_: object) -> None:
        indexes = self.tree.selectionModel().selectedIndexes()
        is_one = len(indexes) == 1 and bool(indexes[0].data(OUTPUT))
        for name in SINGLE:
            self._actions[name].setEnabled(is_one)
        for name in ("move", "duplicate", "lock", "unlock", "delete", "copy_path", "copy_res"):
            self._actions[name].setEnabled(bool(indexes))

    def _show_menu(self, place: QPoint) -> None:
        menu = self.menu()
        menu.popup(self.tree.viewport().mapToGlobal(place))

    def menu(self) -> QMenu:
        """What can be done with the chosen images; it goes when it closes."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        locked = [one.state.value == "locked" for one in self.selected()]
        left_out = {"unlock"} if not any(locked) else set()
        left_out |= {"lock"} if locked and all(locked) else set()
        for names in MENU:
            if menu.actions():
                menu.addSeparator()
            menu.addActions([self._actions[name] for name in names if name not in left_out])
        return menu


def _badge(state: str, look: Look) -> Any:
    return icon(state if state != "unmanaged" else "image", look, STATE_COLOURS[state])
