"""Images and folders dragged from one folder of the project's tree to another.

The rows stay where they are: what was dropped is asked for, and the plan that follows moves them.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QByteArray,
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QStandardItemModel

MIME = "application/x-llamavis-images"
OUTPUT = Qt.ItemDataRole.UserRole + 1
FOLDER = Qt.ItemDataRole.UserRole + 2
Index = QModelIndex | QPersistentModelIndex


class TreeModel(QStandardItemModel):
    """Rows of images and folders; emits `dropped` with what was dragged, by paths (those of folders
    end in /), and the folder that it was dropped on ("" is the project's own).
    """

    dropped = Signal(list, str)

    def mimeTypes(self) -> list[str]:  # noqa: N802 - Qt's name
        return [MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:  # noqa: N802 - Qt's name
        data = QMimeData()
        paths = [index.data(OUTPUT) or f"{index.data(FOLDER)}/" for index in indexes]
        data.setData(MIME, QByteArray("\n".join(paths).encode("utf-8")))
        return data

    def supportedDropActions(self) -> Qt.DropAction:  # noqa: N802 - Qt's name
        return Qt.DropAction.MoveAction

    def canDropMimeData(  # noqa: N802 - Qt's name
        self, data: QMimeData, _action: Qt.DropAction, _row: int, _column: int, parent: Index
    ) -> bool:
        return data.hasFormat(MIME) and self._moves(data, _folder_at(parent))

    def dropMimeData(  # noqa: N802 - Qt's name
        self, data: QMimeData, _action: Qt.DropAction, _row: int, _column: int, parent: Index
    ) -> bool:
        folder = _folder_at(parent)
        if data.hasFormat(MIME) and self._moves(data, folder):
            self.dropped.emit(_paths_in(data), folder)
        return False  # else the view would take the rows away

    def _moves(self, data: QMimeData, folder: str) -> bool:
        """Whether any of it lies elsewhere; a folder goes into none of its own."""
        paths = _paths_in(data)
        if any(path.endswith("/") and f"{folder}/".startswith(path) for path in paths):
            return False
        return any(path.rstrip("/").rpartition("/")[0] != folder for path in paths)


def _paths_in(data: QMimeData) -> list[str]:
    return bytes(data.data(MIME).data()).decode("utf-8").split("\n")


def _folder_at(index: Index) -> str:
    """The folder of a row: its own, or the one that its image lies in."""
    if not index.isValid():
        return ""
    folder = index.data(FOLDER)
    return str(folder) if folder else str(index.data(OUTPUT) or "").rpartition("/")[0]
