"""What the queue's lists show: images in line, and what came of those that were drawn.

show_state(state) -> the least change of rows, so that what is chosen stays so
data(DecorationRole) -> picture_wanted(output) -> set_picture(output, image)
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QImage

from llamavis_studio.app.messages import said
from llamavis_studio.core.queued import QueuedImage, QueueState

Index = QModelIndex | QPersistentModelIndex
ROW_ROLE = int(Qt.ItemDataRole.UserRole) + 1
MIME = "application/x-llamavis-queued"
MOST_RESULTS = 100
MOST_PICTURES = 400
MOST_RUNS = 32
_ROOT = QModelIndex()

RUNNING, WAITING = "running", "waiting"
DRAWN, SAME, FAILED, PROBLEM = "drawn", "same", "failed", "problem"


@dataclass(frozen=True)
class Row:
    """One row of either list. `output` is the image, or the place to blame where there is none;
    `source` is the description.
    """

    output: str
    state: str
    source: str = ""
    reason: str = ""
    message: str = ""
    hint: str = ""
    words: str = ""
    is_image: bool = True

    @property
    def name(self) -> str:
        """What people call it."""
        return self.output.rpartition("/")[2].removesuffix(".png")


class Pictures(QObject):
    """Small pictures by their output; those seen long ago go first. A null one: there is none."""

    wanted = Signal(str)
    came = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._images: OrderedDict[str, QImage] = OrderedDict()
        self._asked: set[str] = set()

    def get(self, output: str) -> QImage | None:
        """The picture; None when it is on its way."""
        image = self._images.get(output)
        if image is not None:
            self._images.move_to_end(output)
        elif output not in self._asked:
            self._asked.add(output)
            self.wanted.emit(output)
        return image

    def put(self, output: str, image: QImage) -> None:
        """A picture has come."""
        self._asked.discard(output)
        self._images[output] = image
        while len(self._images) > MOST_PICTURES:
            self._images.popitem(last=False)
        self.came.emit(output)

    def forget(self, output: str) -> None:
        """The file is another one now."""
        if self._images.pop(output, None) is not None or output in self._asked:
            self._asked.discard(output)
            self.came.emit(output)

    def clear(self) -> None:
        """Another project."""
        self._images.clear()
        self._asked.clear()


class _Rows(QAbstractListModel):
    """What both lists have in common."""

    def __init__(self, pictures: Pictures, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pictures = pictures
        self._rows: list[Any] = []

    def row(self, index: Index) -> Row | None:
        """The row of an index."""
        return self._row_at(index.row()) if index.isValid() else None

    def _row_at(self, at: int) -> Row | None:
        raise NotImplementedError

    def _find(self, output: str) -> int | None:
        return next((at for at, one in enumerate(self._rows) if one.output == output), None)

    def rowCount(self, parent: Index = _ROOT) -> int:  # noqa: N802 - Qt's name
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        row = self.row(index)
        if row is None:
            return None
        if role == ROW_ROLE:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return row.name
        if role == Qt.ItemDataRole.DecorationRole:
            return self._pictures.get(row.output) if row.is_image else QImage()
        if role == Qt.ItemDataRole.ToolTipRole:
            return "\n".join(one for one in (row.output, row.words, *_told(row)) if one)
        if role == Qt.ItemDataRole.AccessibleDescriptionRole:
            return ". ".join(one for one in (self.state_words(row.state), *_told(row)) if one)
        return None

    def state_words(self, state: str) -> str:
        """How an image stands, in the user's words."""
        return {
            RUNNING: self.tr("being drawn"),
            WAITING: self.tr("waiting"),
            DRAWN: self.tr("drawn"),
            SAME: self.tr("was up to date"),
            FAILED: self.tr("could not be drawn"),
            PROBLEM: self.tr("cannot be read"),
        }[state]


def _told(row: Row) -> tuple[str, ...]:
    return (said(row.reason), said(row.message), said(row.hint))


class LineModel(_Rows):
    """The images being drawn, then those that wait. Dropping rows elsewhere asks for it only."""

    drop_asked = Signal(list, str)
    """(outputs, before): drop these in front of that one, or at the end where it is ''."""

    def __init__(self, pictures: Pictures, parent: QObject | None = None) -> None:
        super().__init__(pictures, parent)
        self._rows: list[QueuedImage] = []
        self.running = 0
        """How many of the rows are being drawn."""

    def images(self) -> Sequence[QueuedImage]:
        """All of them, in order."""
        return self._rows

    def show_state(self, state: QueueState) -> None:
        """Bring the rows to what is so now."""
        new = [*state.running, *state.waiting]
        is_other = self._drop_all_but(new)
        old = self._rows
        start, shorter = 0, min(len(old), len(new))
        while start < shorter and old[start] is new[start]:
            start += 1
        tail = 0
        while tail < shorter - start and old[-1 - tail] is new[-1 - tail]:
            tail += 1
        before, after = old[start : len(old) - tail], new[start : len(new) - tail]
        turn = _turned_by(before, after)
        if turn:
            end = start + len(before)
            self.beginMoveRows(_ROOT, start, start + turn - 1, _ROOT, end)
            self._rows = new
            self.endMoveRows()
        else:
            self._replace(start, len(before), after, new)
        running, self.running = self.running, len(state.running)
        if new and (is_other or before or after or running != self.running):
            last = min(max(running, self.running, 1), len(new)) - 1
            self.dataChanged.emit(self.index(0), self.index(last))

    def _drop_all_but(self, new: Sequence[QueuedImage]) -> bool:
        """Remove what is not there any more, run by run; whether there was any.

        Where it lies in many pieces, nothing is removed: all is replaced at once.
        """
        stay = {id(one) for one in new}
        runs: list[tuple[int, int]] = []
        for at, one in enumerate(self._rows):
            if id(one) not in stay:
                if runs and runs[-1][1] == at - 1:
                    runs[-1] = (runs[-1][0], at)
                else:
                    runs.append((at, at))
        if len(runs) > MOST_RUNS:
            return False
        for first, last in reversed(runs):
            self.beginRemoveRows(_ROOT, first, last)
            self._rows = self._rows[:first] + self._rows[last + 1 :]
            self.endRemoveRows()
        return bool(runs)

    def _replace(
        self, start: int, count: int, after: Sequence[QueuedImage], new: list[QueuedImage]
    ) -> None:
        if count:
            self.beginRemoveRows(_ROOT, start, start + count - 1)
            self._rows = self._rows[:start] + self._rows[start + count :]
            self.endRemoveRows()
        if after:
            self.beginInsertRows(_ROOT, start, start + len(after) - 1)
            self._rows = new
            self.endInsertRows()

    def _row_at(self, at: int) -> Row | None:
        if not 0 <= at < len(self._rows):
            return None
        image = self._rows[at]
        state = RUNNING if at < self.running else WAITING
        return Row(image.output, state, image.source, image.reason, words=image.words)

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.ItemIsDropEnabled
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        flags |= Qt.ItemFlag.ItemNeverHasChildren
        return flags if index.row() < self.running else flags | Qt.ItemFlag.ItemIsDragEnabled

    def supportedDropActions(self) -> Qt.DropAction:  # noqa: N802 - Qt's name
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:  # noqa: N802 - Qt's name
        return [MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:  # noqa: N802 - Qt's name
        data = QMimeData()
        rows = sorted({index.row() for index in indexes})
        data.setData(MIME, "\n".join(self._rows[at].output for at in rows).encode())
        return data

    def dropMimeData(  # noqa: N802 - Qt's name
        self, data: QMimeData, _action: Qt.DropAction, row: int, _column: int, _parent: Index
    ) -> bool:
        """Ask for the new order; the rows follow when it is so. False: the view removes nothing."""
        outputs = bytes(data.data(MIME).data()).decode().split("\n")
        place = len(self._rows) if row < 0 else max(row, self.running)
        while place < len(self._rows) and self._rows[place].output in outputs:
            place += 1
        before = self._rows[place].output if place < len(self._rows) else ""
        self.drop_asked.emit(outputs, before)
        return False


class ResultModel(_Rows):
    """What came of the images, the newest first; one row for each."""

    def __init__(self, pictures: Pictures, parent: QObject | None = None) -> None:
        super().__init__(pictures, parent)
        self._rows: list[Row] = []

    def add(self, row: Row) -> None:
        """Put a row in front; an older one of the same image goes."""
        self._remove(self._find(row.output))
        self.beginInsertRows(_ROOT, 0, 0)
        self._rows.insert(0, row)
        self.endInsertRows()
        if len(self._rows) > MOST_RESULTS:
            self._remove(len(self._rows) - 1)

    def results(self) -> Sequence[Row]:
        """All of them, in order."""
        return self._rows

    def failed(self) -> list[str]:
        """The images that could not be drawn."""
        return [row.output for row in self._rows if row.state == FAILED and row.is_image]

    def drop_problems(self) -> None:
        """Every description can be read again."""
        for at in reversed(range(len(self._rows))):
            if self._rows[at].state == PROBLEM:
                self._remove(at)

    def clear(self) -> None:
        """Forget them all."""
        self.beginResetModel()
        self._rows.clear()
        self.endResetModel()

    def _remove(self, at: int | None) -> None:
        if at is not None:
            self.beginRemoveRows(_ROOT, at, at)
            del self._rows[at]
            self.endRemoveRows()

    def _row_at(self, at: int) -> Row | None:
        return self._rows[at] if 0 <= at < len(self._rows) else None


def _turned_by(before: Sequence[object], after: Sequence[object]) -> int:
    """How many of the first have gone behind the others, or 0 when it is not that."""
    if len(before) != len(after) or len(before) < 2:
        return 0
    by = next((at for at, one in enumerate(before) if one is after[0]), 0)
    turned = [*before[by:], *before[:by]]
    same = all(one is other for one, other in zip(turned, after, strict=True))
    return by if same else 0
