"""Projects that were open lately, as rows: name, folder, a few of its pictures, a way to forget."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPen, QPixmap
from PySide6.QtWidgets import (
    QListWidget,
    QListWidgetItem,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from llamavis_studio.app.recent import is_there, pictures_file
from llamavis_studio.app.theme import DARK, icon

ROW = 58  # px
PAD = 12  # px
_FOLDER, _THERE = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1
_PICTURES = Qt.ItemDataRole.UserRole + 2
Index = QModelIndex | QPersistentModelIndex


class RecentList(QListWidget):
    """Emits `chosen` for a project that is still there, `forget_asked` for one to leave out."""

    chosen = Signal(object)  # Path
    forget_asked = Signal(object)  # Path

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.look = DARK
        self.setItemDelegate(_Rows(self))
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._show_menu)
        self.itemActivated.connect(self._choose)

    def show_folders(self, folders: Sequence[Path]) -> None:
        """List projects, the one used last first."""
        self.clear()
        for folder in folders:
            item = QListWidgetItem(folder.name)
            item.setData(_FOLDER, str(folder))
            item.setData(_THERE, is_there(folder))
            # By way of an image: Qt keeps every pixmap that it reads, and this file changes often.
            picture = QPixmap.fromImage(QImage(str(pictures_file(folder))))
            item.setData(_PICTURES, picture)
            self.addItem(item)
        self.retranslate()

    def retranslate(self) -> None:
        """The texts again, in the language of now."""
        self.setAccessibleName(self.tr("Recent projects"))
        for row in range(self.count()):
            item = self.item(row)
            folder = item.data(_FOLDER)
            gone = self.tr("{0}: this folder is gone").format(folder)
            item.setToolTip(folder if item.data(_THERE) else gone)
            item.setData(Qt.ItemDataRole.AccessibleDescriptionRole, item.toolTip())

    def words_of(self, item_index: Index) -> str:
        """The second line of a row: its folder, or that it is gone."""
        if not item_index.data(_THERE):
            return self.tr("gone from {0}").format(_short(item_index.data(_FOLDER)))
        return _short(str(Path(item_index.data(_FOLDER)).parent))

    def forget_box(self, index: Index) -> QRect:
        """Where a row's cross is."""
        row = self.visualRect(QModelIndex(index) if isinstance(index, QModelIndex) else index)
        return QRect(row.right() - 34, row.center().y() - 13, 26, 26)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        index = self.indexAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and index.isValid():
            if self.forget_box(index).contains(event.position().toPoint()):
                self.forget_asked.emit(Path(index.data(_FOLDER)))
                return
            self._choose(self.itemFromIndex(index))
        super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        item = self.currentItem()
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and item is not None:
            self.forget_asked.emit(Path(item.data(_FOLDER)))
            return
        super().keyPressEvent(event)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        self.viewport().update()
        super().leaveEvent(event)

    def _choose(self, item: QListWidgetItem) -> None:
        if item.data(_THERE):
            self.chosen.emit(Path(item.data(_FOLDER)))

    def _show_menu(self, place: QPoint) -> None:
        item = self.itemAt(place)
        if item is None:
            return
        folder = Path(item.data(_FOLDER))
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        forget = menu.addAction(icon("close", self.look), self.tr("Take off this list"))
        forget.triggered.connect(lambda: self.forget_asked.emit(folder))
        menu.popup(self.viewport().mapToGlobal(place))


class _Rows(QStyledItemDelegate):
    """Paints a row: the name over its folder, pictures at the right, a cross under the mouse."""

    def __init__(self, view: RecentList) -> None:
        super().__init__(view)
        self._list = view

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:  # noqa: N802
        return QSize(100, ROW)

    def paint(self, painter: QPainter, option: Any, index: Index) -> None:
        look, state = self._list.look, option.state
        box = option.rect.adjusted(1, 2, -1, -2)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        is_under = bool(state & QStyle.StateFlag.State_MouseOver)
        has_keys = bool(state & QStyle.StateFlag.State_HasFocus)
        painter.setPen(QPen(look.colour("accent"), 1) if has_keys else Qt.PenStyle.NoPen)
        painter.setBrush(look.colour("raised") if is_under or has_keys else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box, 6, 6)
        right = box.right() - 40
        right = self._draw_pictures(painter, index, right, box)
        self._draw_words(painter, option, index, box.adjusted(PAD, 0, right - box.right() - PAD, 0))
        if is_under or has_keys:
            cross = self._list.forget_box(index).adjusted(5, 5, -5, -5)
            icon("close", look, "dim").paint(painter, cross)
        painter.restore()

    def _draw_pictures(self, painter: QPainter, index: Index, right: int, box: QRect) -> int:
        """The strip, ending at `right`; where it begins."""
        strip = index.data(_PICTURES)
        if not isinstance(strip, QPixmap) or strip.isNull():
            return right
        place = QRect(0, 0, strip.width() // 2, strip.height() // 2)
        place.moveRight(right)
        place.moveTop(box.center().y() - place.height() // 2)
        painter.setOpacity(1.0 if index.data(_THERE) else 0.4)
        painter.drawPixmap(place, strip)
        painter.setOpacity(1.0)
        return place.left() - PAD

    def _draw_words(self, painter: QPainter, option: Any, index: Index, box: QRect) -> None:
        look, there = self._list.look, bool(index.data(_THERE))
        font = option.font
        metrics = option.fontMetrics
        half = box.center().y()
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(look.colour("text" if there else "dim"))
        left = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        name = metrics.elidedText(index.data(), Qt.TextElideMode.ElideRight, box.width() - 10)
        painter.drawText(QRect(box.left(), half - 20, box.width(), 20), left, name)
        font.setBold(False)
        painter.setFont(font)
        painter.setPen(look.colour("dim"))
        words = self._list.words_of(index)
        shown = metrics.elidedText(words, Qt.TextElideMode.ElideMiddle, box.width())
        painter.drawText(QRect(box.left(), half, box.width(), 20), left, shown)


def _short(folder: str) -> str:
    """A folder with the user's own as `~`."""
    home = os.path.expanduser("~")
    return f"~{folder[len(home) :]}" if folder.startswith(home + os.sep) else folder
