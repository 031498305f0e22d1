"""The keys of every action, to look up and to change.

choose a row -> type its new keys -> free: they are used at once; taken: it asks whose they shall be
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QCoreApplication,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QSize,
    QSortFilterProxyModel,
    Qt,
)
from PySide6.QtGui import QFont, QIcon, QKeySequence, QPixmap
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from llamavis_studio.app.actions import CONTEXT, MENUS, ROWS, ActionRow, Actions
from llamavis_studio.app.shortcuts import as_text, same, shown

SIZE = QSize(720, 560)
Index = QModelIndex | QPersistentModelIndex
_ACTION, _MENU, _KEYS = range(3)


class ShortcutModel(QAbstractTableModel):
    """A row an action: its name and icon, its menu, its keys."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        blank = QPixmap(16, 16)
        blank.fill(Qt.GlobalColor.transparent)
        self._blank = QIcon(blank)  # so that all names begin at the same place

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802 - Qt's
        return 0 if parent.isValid() else len(ROWS)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802 - Qt's
        return 0 if parent.isValid() else 3

    def headerData(  # noqa: N802 - Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return (self.tr("Command"), self.tr("Menu"), self.tr("Keys"))[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, column = ROWS[index.row()], index.column()
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return (plain_name(row), menu_name(row), shown(self._actions.keys(row.id)))[column]
        if role == Qt.ItemDataRole.DecorationRole and column == _ACTION:
            sign = self._actions[row.id].icon()
            return self._blank if sign.isNull() else sign
        if role == Qt.ItemDataRole.FontRole and column == _KEYS and self.is_changed(row):
            font = QFont()
            font.setBold(True)
            return font
        if role == Qt.ItemDataRole.ToolTipRole and self.is_changed(row):
            usual = shown(row.shortcut) or self.tr("none")
            return self.tr("Changed; it comes with: {0}").format(usual)
        return None

    def is_changed(self, row: ActionRow) -> bool:
        """Whether an action has other keys than it comes with."""
        return not same(self._actions.keys(row.id), row.shortcut)

    def tell(self) -> None:
        """Keys have changed somewhere."""
        self.dataChanged.emit(self.index(0, 0), self.index(len(ROWS) - 1, _KEYS))

    def tell_language(self) -> None:
        """All words are others now."""
        self.tell()
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, _KEYS)


def plain_name(row: ActionRow) -> str:
    """What an action is called, without marks."""
    return QCoreApplication.translate(CONTEXT, row.text).replace("&", "").rstrip("…")


def menu_name(row: ActionRow) -> str:
    """The menu an action stands in; `文件(&F)` and `&File` without their marks."""
    name = QCoreApplication.translate(CONTEXT, MENUS[row.menu])
    return name.partition("(&")[0].replace("&", "")


class _ByAnyColumn(QSortFilterProxyModel):
    """Finds the letters in the name, the menu or the keys."""

    _wanted = ""

    def look_for(self, text: str) -> None:
        """Show the rows with these letters."""
        self._wanted = text.strip().casefold()
        self.invalidate()

    def filterAcceptsRow(self, row: int, parent: Index) -> bool:  # noqa: N802 - Qt's name
        model = self.sourceModel()
        texts = (str(model.index(row, at, parent).data()) for at in range(3))
        return self._wanted in " ".join(texts).casefold()


class ShortcutsDialog(QDialog):
    """Changes are used, and kept, at once."""

    def __init__(self, parent: QWidget | None, actions: Actions) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(SIZE)
        self._actions = actions
        self._answer: Callable[[], None] | None = None
        self.model, self.shown = ShortcutModel(actions, self), _ByAnyColumn(self)
        self.shown.setSourceModel(self.model)
        self.filter, self.table = QLineEdit(), QTableView()
        self.filter.setClearButtonEnabled(True)
        self.filter.textChanged.connect(self.shown.look_for)
        self.filter.textChanged.connect(lambda _text: self._choose_first())
        self.table.setModel(self.shown)
        self.name, self.note = QLabel(), QLabel()
        self.edit = QKeySequenceEdit()
        self.edit.setMaximumSequenceLength(1)
        self.none, self.reset, self.reset_all = QPushButton(), QPushButton(), QPushButton()
        self.take, self.leave, self.close_button = QPushButton(), QPushButton(), QPushButton()
        self._lay_out()
        self._connect()
        self.retranslate()
        self._choose_first()

    def _lay_out(self) -> None:
        table = self.table
        table.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        table.setShowGrid(False)
        table.setTabKeyNavigation(False)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(30)
        table.horizontalHeader().setHighlightSections(False)
        table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        table.horizontalHeader().setSectionResizeMode(_ACTION, QHeaderView.ResizeMode.Stretch)
        table.setColumnWidth(_MENU, 110)
        table.setColumnWidth(_KEYS, 200)
        card = QFrame()
        card.setProperty("role", "card")
        inside = QVBoxLayout(card)
        inside.setContentsMargins(14, 10, 14, 10)
        self.name.setTextFormat(Qt.TextFormat.PlainText)
        keys, asked = QHBoxLayout(), QHBoxLayout()
        keys.addWidget(self.name, 1)
        for part in (self.edit, self.none, self.reset):
            keys.addWidget(part)
        self.edit.setFixedWidth(170)
        self.note.setWordWrap(True)
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        asked.addWidget(self.note, 1)
        asked.addWidget(self.take)
        asked.addWidget(self.leave)
        inside.addLayout(keys)
        inside.addLayout(asked)
        foot = QHBoxLayout()
        foot.addWidget(self.reset_all)
        foot.addStretch(1)
        foot.addWidget(self.close_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 14)
        layout.setSpacing(10)
        layout.addWidget(self.filter)
        layout.addWidget(self.table, 1)
        layout.addWidget(card)
        layout.addLayout(foot)

    def _connect(self) -> None:
        self.table.selectionModel().currentRowChanged.connect(lambda *_: self._show())
        self.table.activated.connect(lambda _index: self.edit.setFocus())
        self.table.doubleClicked.connect(lambda _index: self.edit.setFocus())
        self.edit.editingFinished.connect(self._typed)
        self.none.clicked.connect(lambda: self._use(""))
        self.reset.clicked.connect(self._reset)
        self.reset_all.clicked.connect(self._ask_reset_all)
        self.take.clicked.connect(self._yes)
        self.leave.clicked.connect(self._show)
        self.close_button.clicked.connect(self.accept)
        for button in self.findChildren(QPushButton):
            button.setAutoDefault(False)  # Enter belongs to the keys

    def chosen(self) -> ActionRow | None:
        """The action that is edited."""
        index = self.shown.mapToSource(self.table.currentIndex())
        return ROWS[index.row()] if index.isValid() else None

    def choose(self, name: str) -> None:
        """Go to an action by its id."""
        at = next(at for at, row in enumerate(ROWS) if row.id == name)
        self.table.setCurrentIndex(self.shown.mapFromSource(self.model.index(at, 0)))

    def _choose_first(self) -> None:
        if not self.table.currentIndex().isValid() and self.shown.rowCount():
            self.table.setCurrentIndex(self.shown.index(0, 0))
        self._show()

    def _show(self) -> None:
        row = self.chosen()
        self._ask("", None)
        for part in (self.edit, self.none):
            part.setEnabled(row is not None)
        self.reset.setEnabled(row is not None and self.model.is_changed(row))
        self.reset_all.setEnabled(any(self.model.is_changed(one) for one in ROWS))
        self.name.setText("" if row is None else plain_name(row))
        keys = "" if row is None else self._actions.keys(row.id)
        self.none.setEnabled(bool(keys))
        self.edit.setKeySequence(QKeySequence(keys.partition(";")[0]))
        if row is not None:
            told = self.tr("New keys for: {0}").format(plain_name(row))
            self.edit.setAccessibleName(told)

    def _typed(self) -> None:
        row, keys = self.chosen(), as_text([self.edit.keySequence()])
        if row is None or not keys or keys in self._actions.keys(row.id).split("; "):
            return
        self._use(keys)

    def _use(self, keys: str) -> None:
        """Give the action its keys; asks first where others have them."""
        row = self.chosen()
        if row is None:
            return
        others = self._actions.others_with(row.id, keys)
        if not others:
            self._set(row.id, keys)
            return

        def give() -> None:
            for other in others:
                self._actions.set_keys(other.id, "")
            self._set(row.id, keys)

        names = ", ".join(plain_name(other) for other in others)
        told = self.tr("{0} means: {1}. Shall it mean this instead?").format(shown(keys), names)
        self._ask(told, give)
        self.take.setFocus()

    def _set(self, name: str, keys: str) -> None:
        self._actions.set_keys(name, keys)
        self.model.tell()
        self._show()

    def _reset(self) -> None:
        row = self.chosen()
        if row is not None:
            self._use(row.shortcut)

    def _ask_reset_all(self) -> None:
        def reset() -> None:
            for row in ROWS:
                self._actions.set_keys(row.id, row.shortcut)
            self.model.tell()
            self._show()

        self._ask(self.tr("Give every command the keys it came with?"), reset)
        self.take.setFocus()

    def _ask(self, question: str, answer: Callable[[], None] | None) -> None:
        self._answer = answer
        usual = self.tr("Press the keys that shall mean this command.")
        self.note.setText(question or usual)
        self.note.setProperty("role", "" if question else "dim")
        self.note.style().polish(self.note)
        for button in (self.take, self.leave):
            button.setVisible(answer is not None)

    def _yes(self) -> None:
        answer, self._answer = self._answer, None
        if answer is not None:
            answer()
        self.edit.setFocus()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        """The texts again, in the language of now."""
        self.setWindowTitle(self.tr("Keyboard shortcuts"))
        self.filter.setPlaceholderText(self.tr("Find a command or its keys"))
        self.filter.setAccessibleName(self.tr("Find a command or its keys"))
        self.table.setAccessibleName(self.tr("Commands and their keys"))
        self.none.setText(self.tr("No keys"))
        self.reset.setText(self.tr("Reset"))
        self.reset_all.setText(self.tr("Reset all"))
        self.take.setText(self.tr("Yes"))
        self.leave.setText(self.tr("No"))
        self.close_button.setText(self.tr("Close"))
        self.model.tell_language()
        self._show()
