"""All commands by their names: type some letters, press Enter."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QAction, QIcon, QKeyEvent, QKeySequence, QPixmap
from PySide6.QtWidgets import QDialog, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

WIDTH = 520


def fits(text: str, typed: str) -> bool:
    """Whether the letters that were typed stand in a text in their order: `dst` finds `Draw what is
    stale`.
    """
    rest = iter(text.lower())
    return all(letter in rest for letter in typed.lower() if letter != " ")


class CommandPalette(QDialog):
    """Runs the action that is chosen, and closes."""

    def __init__(self, parent: QWidget, actions: Sequence[QAction]) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("All commands"))
        self.resize(WIDTH, 420)
        self._actions = [action for action in actions if action.isEnabled()]
        self.typed, self.list = QLineEdit(), QListWidget()
        self.list.setIconSize(QSize(18, 18))
        blank = QPixmap(18, 18)
        blank.fill(Qt.GlobalColor.transparent)
        self._blank = QIcon(blank)  # so that all names begin at the same place
        self.typed.setPlaceholderText(self.tr("What do you want to do?"))
        self.typed.setAccessibleName(self.tr("Search commands"))
        self.list.setAccessibleName(self.tr("Commands"))
        self.typed.textChanged.connect(self._filter)
        self.typed.returnPressed.connect(self._run)
        self.typed.installEventFilter(self)
        self.list.itemActivated.connect(self._run)
        layout = QVBoxLayout(self)
        layout.addWidget(self.typed)
        layout.addWidget(self.list)
        self._filter("")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Up and Down move in the list while the line keeps the letters."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
            if step and self.list.count():
                self.list.setCurrentRow((self.list.currentRow() + step) % self.list.count())
                return True
        return super().eventFilter(watched, event)

    def _filter(self, typed: str) -> None:
        self.list.clear()
        for action in self._actions:
            name = action.text().replace("&", "").rstrip("…")
            if fits(name, typed):
                keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
                sign = action.icon() if not action.icon().isNull() else self._blank
                item = QListWidgetItem(sign, f"{name}    {keys}".rstrip())
                item.setData(Qt.ItemDataRole.UserRole, action.objectName())
                self.list.addItem(item)
        self.list.setCurrentRow(0)

    def _run(self, *_: object) -> None:
        item = self.list.currentItem()
        self.close()
        if item is not None:
            wanted = item.data(Qt.ItemDataRole.UserRole)
            next(one for one in self._actions if one.objectName() == wanted).trigger()
