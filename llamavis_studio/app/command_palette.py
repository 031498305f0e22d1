"""All commands by their names, and all images by theirs: type some letters, press Enter.

The commands that were used last stand first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSettings,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QAction, QIcon, QKeyEvent, QKeySequence, QPainter, QPixmap
from PySide6.QtWidgets import (
    QDialog,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

WIDTH = 560
RECENT = 6
"""Commands that are remembered."""
MOST_IMAGES = 30
_KEY = "recent_commands"
_LAST_CLOSE = 2
"""The last rank of `best_first` where what was typed stands in one piece."""
_NOTE = Qt.ItemDataRole.UserRole + 1  # what stands at the end of a row
_PLACE = Qt.ItemDataRole.UserRole + 2


def fits(text: str, typed: str) -> bool:
    """Whether the letters that were typed stand in a text in their order: `dst` finds `Draw what is
    stale`.
    """
    rest = iter(text.lower())
    return all(letter in rest for letter in typed.lower() if letter != " ")


def best_first(text: str, typed: str) -> tuple[int, int]:
    """Sorts texts that fit: those that begin so, those with a word that does, the others."""
    low, wanted = text.lower(), typed.lower().strip()
    if low.startswith(wanted):
        return 0, len(low)
    at = low.find(wanted)
    if at > 0:
        return (1 if not low[at - 1].isalnum() else 2), len(low)
    return 3, len(low)


class _Rows(QStyledItemDelegate):
    """A name, and its keys or folder at the end of the row."""

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        super().paint(painter, option, index)
        note = str(index.data(_NOTE) or "")
        if note:
            painter.save()
            painter.setPen(option.palette.placeholderText().color())
            room = option.rect.adjusted(0, 0, -10, 0)
            place = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(room, place, note)
            painter.restore()


class CommandPalette(QDialog):
    """Runs the action that is chosen, or tells the image, and closes.

    `images` are the paths that it can go to; in `store` it remembers what was used.
    """

    image_chosen = Signal(str)

    def __init__(
        self,
        parent: QWidget,
        actions: Sequence[QAction],
        store: QSettings | None = None,
        images: Sequence[str] = (),
        image_icon: QIcon | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("All commands"))
        self.resize(WIDTH, 440)
        self._store, self._images = store, images
        self._recent = recent_commands(store)
        self._actions = sorted(
            (action for action in actions if action.isEnabled()), key=self._how_recent
        )
        self.typed, self.list = QLineEdit(), QListWidget()
        self.list.setItemDelegate(_Rows(self.list))
        self.list.setIconSize(QSize(18, 18))
        blank = QPixmap(18, 18)
        blank.fill(Qt.GlobalColor.transparent)
        self._blank = QIcon(blank)  # so that all names begin at the same place
        self._image_icon = image_icon or self._blank
        commands, both = (
            self.tr("What do you want to do?"), self.tr("A command, or the name of an image"),
        )  # fmt: skip
        self.typed.setPlaceholderText(both if images else commands)
        self.typed.setAccessibleName(self.tr("Search commands"))
        self.list.setAccessibleName(self.tr("Commands"))
        self.typed.textChanged.connect(self._filter)
        self.typed.returnPressed.connect(self._run)
        self.typed.installEventFilter(self)
        self.list.itemActivated.connect(self._run)
        self.list.itemClicked.connect(self._run)
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

    def _how_recent(self, action: QAction) -> int:
        name = action.objectName()
        return self._recent.index(name) if name in self._recent else RECENT

    def _filter(self, typed: str) -> None:
        self.list.clear()
        names = {one.objectName(): one.text().replace("&", "").rstrip("…") for one in self._actions}
        found = [one for one in self._actions if fits(names[one.objectName()], typed)]
        if typed.strip():
            found.sort(key=lambda one: best_first(names[one.objectName()], typed)[0])
        close, loose = found, []
        if len(typed.strip()) > 1:
            ranks = {one: best_first(names[one.objectName()], typed)[0] for one in found}
            close = [one for one in found if ranks[one] <= _LAST_CLOSE]
            loose = [one for one in found if ranks[one] > _LAST_CLOSE]
        self._add_actions(close, names)
        if close is not found:
            self._add_images(typed)
            self._add_actions(loose, names)
        self.list.setCurrentRow(0)

    def _add_actions(self, actions: Sequence[QAction], names: Mapping[str, str]) -> None:
        for action in actions:
            form = QKeySequence.SequenceFormat.NativeText
            keys = "  ".join(one.toString(form) for one in action.shortcuts())
            sign = action.icon() if not action.icon().isNull() else self._blank
            self._add(sign, names[action.objectName()], keys, action.objectName(), "")

    def _add_images(self, typed: str) -> None:
        wanted = typed.strip().lower()
        fitting = [path for path in self._images if wanted in path.lower()]
        fitting.sort(key=lambda path: best_first(path.rpartition("/")[2], wanted))
        for path in fitting[:MOST_IMAGES]:
            folder, _, name = path.rpartition("/")
            self._add(self._image_icon, name, folder, "", path)

    def _add(self, sign: QIcon, name: str, note: str, action: str, place: str) -> None:
        item = QListWidgetItem(sign, name)
        item.setData(_NOTE, note)
        item.setData(Qt.ItemDataRole.UserRole, action)
        item.setData(_PLACE, place)
        item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{name}, {note}" if note else name)
        self.list.addItem(item)

    def _run(self, *_: object) -> None:
        item = self.list.currentItem()  # None where nothing fits
        self.close()
        if self.list.count() == 0:
            return
        wanted, place = item.data(Qt.ItemDataRole.UserRole), item.data(_PLACE)
        if place:
            self.image_chosen.emit(place)
            return
        if self._store is not None:
            recent = [wanted, *(name for name in self._recent if name != wanted)]
            self._store.setValue(_KEY, recent[:RECENT])
        next(one for one in self._actions if one.objectName() == wanted).trigger()


def recent_commands(store: QSettings | None) -> list[str]:
    """The ids of the commands that the palette ran last, the newest first."""
    value: Any = None if store is None else store.value(_KEY)
    names = value if isinstance(value, list) else [value]  # Qt writes a list of one as its text
    return [str(name) for name in names if name]
