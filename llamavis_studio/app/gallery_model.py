"""What the gallery shows: items of one search, page by page, and their thumbnails.

    ask("knight", "best") -> wanted(1, "knight", "best", None)     somebody searches elsewhere
    show_page(1, items, after) -> fetchMore() -> wanted(1, "knight", "best", after) -> ...
    data(DecorationRole) -> thumbnail_wanted(item) -> set_thumbnail(item.digest, image)

The model knows neither library nor threads. Each question carries a ticket; answers to an older
ticket are passed over, so that a slow search never paints over a newer one.
"""

from __future__ import annotations

import html
from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from PySide6.QtCore import (
    QAbstractListModel,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QUrl,
    Signal,
)
from PySide6.QtGui import QImage

from llamavis_studio.app.gallery_grid import runs_of
from llamavis_studio.app.gallery_merge import merged
from llamavis_studio.app.messages import said

Index = QModelIndex | QPersistentModelIndex
ITEM_ROLE = int(Qt.ItemDataRole.UserRole) + 1
CACHE_BYTES = 60 << 20  # 60 MiB: 900 thumbnails of 128 px, more than any screen shows
_ROOT = QModelIndex()


class Shown(Protocol):
    """An item as the gallery needs it; the library's `Item` is one."""

    @property
    def id(self) -> int: ...
    @property
    def file(self) -> str: ...
    @property
    def path(self) -> Path: ...
    @property
    def kind(self) -> str: ...
    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...
    @property
    def frames(self) -> int: ...
    @property
    def caption(self) -> str: ...
    @property
    def caption_origin(self) -> str: ...
    @property
    def confidence(self) -> float | None: ...
    @property
    def in_domain(self) -> bool: ...
    @property
    def tags(self) -> tuple[str, ...]: ...
    @property
    def state(self) -> str: ...
    @property
    def problem(self) -> str: ...
    @property
    def missing(self) -> bool: ...
    @property
    def digest(self) -> bytes: ...
    @property
    def score(self) -> float: ...


class ThumbnailCache:
    """Thumbnails by the digest of their content; the longest unseen go first when it is full.

    A null image says that there is none: it is remembered, so that nobody asks for it forever.
    """

    def __init__(self, most_bytes: int = CACHE_BYTES) -> None:
        self._most = most_bytes
        self._images: OrderedDict[bytes, QImage] = OrderedDict()
        self.size = 0
        """Bytes of all pixels kept."""

    def __len__(self) -> int:
        return len(self._images)

    def get(self, digest: bytes) -> QImage | None:
        """The thumbnail, now the last seen; None when it has to be asked for."""
        image = self._images.get(digest)
        if image is not None:
            self._images.move_to_end(digest)
        return image

    def put(self, digest: bytes, image: QImage) -> None:
        """Keep a thumbnail."""
        old = self._images.pop(digest, None)
        self.size += image.sizeInBytes() - (old.sizeInBytes() if old is not None else 0)
        self._images[digest] = image
        while self.size > self._most and len(self._images) > 1:
            self.size -= self._images.popitem(last=False)[1].sizeInBytes()


class GalleryModel(QAbstractListModel):
    """The items found so far. The old ones stay until the first page of a new search is there."""

    wanted = Signal(int, str, str, object)
    """(ticket, query, order, after): the next page is needed; `after` is None for the first."""
    thumbnail_wanted = Signal(object)
    """(item): its thumbnail is seen and not there. Once, until it is set or forgotten."""
    page_shown = Signal()
    """The first or a next page has come, or will not come."""
    renewed = Signal()
    """What is shown was brought up to date in its place."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.thumbnails = ThumbnailCache()
        self.ticket = 0
        self.query = ""
        self.order = "best"
        self._items: list[Shown] = []
        self._rows_of: dict[bytes, list[int]] = {}
        self._row_of_id: dict[int, int] = {}
        self._after: object = None
        self._is_first = False
        self._is_waiting = False
        self._asked: set[bytes] = set()
        self._stand_ins: dict[bytes, QImage] = {}

    @property
    def has_more(self) -> bool:
        """Whether the search has found more than what is shown."""
        return self._after is not None

    @property
    def is_waiting(self) -> bool:
        """Whether a page has been asked for and has not come."""
        return self._is_waiting

    @property
    def is_first(self) -> bool:
        """Whether the next page begins a new search."""
        return self._is_first

    def items(self) -> Sequence[Shown]:
        """What is shown, in order."""
        return self._items

    def item(self, index: Index) -> Shown | None:
        """The item of an index."""
        row = index.row()
        return self._items[row] if index.isValid() and row < len(self._items) else None

    def row_of(self, item_id: int | None) -> int | None:
        """Where an item is shown, if it is."""
        return None if item_id is None else self._row_of_id.get(item_id)

    def ask(self, query: str, order: str) -> int:
        """Begin a new search; answers of older ones no longer count. Returns the ticket."""
        self.query, self.order = query, order
        self.ticket += 1
        self._after = None
        self._is_first = self._is_waiting = True
        self.wanted.emit(self.ticket, query, order, None)
        return self.ticket

    def show_page(self, ticket: int, items: Sequence[Shown], after: object) -> None:
        """Show what was found; `after` is where the next page begins, None when there is none."""
        if ticket != self.ticket or not self._is_waiting:
            return
        self._is_waiting = False
        self._after = after
        if self._is_first:
            self._is_first = False
            self._replace(items)
        else:
            self._append(items)
        self.page_shown.emit()

    def merge(
        self, page: Sequence[Shown] | None, after: object, newer: Mapping[int, Shown]
    ) -> None:
        """Bring what is shown up to date: `page` is what the same search finds now from its start,
        with `after` behind it, and None leaves the order as it is; `newer` are items, by id, of
        those behind it. Rows come, go and move one by one, so that what is chosen stays so.
        """
        wanted, self._after = merged(self._items, page, after, self._after, newer)
        self._remove_others({item.id for item in wanted})
        self._put_in_order(wanted)
        self._insert_new(wanted)
        self._renew(wanted)
        self.renewed.emit()

    def _remove_others(self, ids: Collection[int]) -> None:
        gone = [row for row, item in enumerate(self._items) if item.id not in ids]
        for first, last in reversed(runs_of(gone)):
            self.beginRemoveRows(_ROOT, first, last)
            del self._items[first : last + 1]
            self.endRemoveRows()
        if gone:
            self._index_rows()

    def _put_in_order(self, wanted: Sequence[Shown]) -> None:
        by_id = {item.id: item for item in self._items}
        order = [by_id[item.id] for item in wanted if item.id in by_id]
        if order == self._items:
            return
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        ids = [self._items[index.row()].id for index in before]
        self._items = order
        self._index_rows()
        now = [self.index(self._row_of_id[one]) for one in ids]
        self.changePersistentIndexList(before, now)
        self.layoutChanged.emit()

    def _insert_new(self, wanted: Sequence[Shown]) -> None:
        new = [row for row, item in enumerate(wanted) if item.id not in self._row_of_id]
        for first, last in runs_of(new):  # from the front, so each stands where it will be
            self.beginInsertRows(_ROOT, first, last)
            self._items[first:first] = wanted[first : last + 1]
            self.endInsertRows()
        if new:
            self._index_rows()

    def _renew(self, wanted: Sequence[Shown]) -> None:
        """Show what is said now of items that were shown before."""
        others = [row for row, item in enumerate(wanted) if item != self._items[row]]
        for row in others:
            old, new = self._items[row], wanted[row]
            image = self.thumbnails.get(old.digest) if old.digest != new.digest else None
            if image is not None:
                self._stand_ins[new.digest] = image
            self._items[row] = new
        if others:
            self._index_rows()
        for first, last in runs_of(others):
            self.dataChanged.emit(self.index(first), self.index(last))

    def _index_rows(self) -> None:
        items, self._items = self._items, []
        self._rows_of, self._row_of_id = {}, {}
        self._take_in(items)

    def give_up(self, ticket: int) -> None:
        """The page of this ticket will not come, as for a query that cannot be understood."""
        if ticket == self.ticket:
            self._is_waiting = False
            self.page_shown.emit()

    def clear(self) -> None:
        """Show nothing, and pass over what is still on its way."""
        self.ticket += 1
        self._after, self._is_waiting = None, False
        self.query = ""
        self._asked.clear()
        self._stand_ins.clear()
        self._replace(())
        self.page_shown.emit()

    def _replace(self, items: Sequence[Shown]) -> None:
        """These in place of all others, in one go: what was looked at stays in sight."""
        if self._items or items:
            self.beginResetModel()
            self._items, self._rows_of, self._row_of_id = [], {}, {}
            self._take_in(items)
            self.endResetModel()

    def _append(self, items: Sequence[Shown]) -> None:
        if items:
            start = len(self._items)
            self.beginInsertRows(_ROOT, start, start + len(items) - 1)
            self._take_in(items)
            self.endInsertRows()

    def _take_in(self, items: Sequence[Shown]) -> None:
        for row, item in enumerate(items, len(self._items)):
            self._items.append(item)
            self._row_of_id[item.id] = row
            self._rows_of.setdefault(item.digest, []).append(row)

    def set_thumbnail(self, digest: bytes, image: QImage) -> None:
        """A thumbnail is there; a null image where none can be made."""
        self._asked.discard(digest)
        self._stand_ins.pop(digest, None)
        self.thumbnails.put(digest, image)
        for row in self._rows_of.get(digest, ()):
            index = self.index(row)
            self.dataChanged.emit(index, index, [int(Qt.ItemDataRole.DecorationRole)])

    def forget_asked(self, digests: Iterable[bytes]) -> None:
        """Whoever makes thumbnails has dropped these: what is seen again is asked for again."""
        self._asked.difference_update(digests)

    def thumbnail(self, item: Shown) -> QImage | None:
        """A small picture: null where none can be made, None while it is on its way; of an image
        that was drawn anew the one before meanwhile.
        """
        image = self.thumbnails.get(item.digest)
        if image is None and item.digest and item.digest not in self._asked:
            self._asked.add(item.digest)
            self.thumbnail_wanted.emit(item)
        return self._stand_ins.get(item.digest) if image is None else image

    # From here on in Qt's words.

    def rowCount(self, parent: Index = _ROOT) -> int:  # noqa: N802
        return 0 if parent.isValid() else len(self._items)

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        item = self.item(index)
        if item is None:
            return None
        if role == ITEM_ROLE:
            return item
        if role == Qt.ItemDataRole.DecorationRole:
            return self.thumbnail(item)
        if role == Qt.ItemDataRole.DisplayRole:
            return item.path.name
        if role == Qt.ItemDataRole.ToolTipRole:
            # As HTML, so that a caption's own < and > stay what they are.
            return "<p>" + "<br>".join(map(html.escape, _facts(item))) + "</p>"
        if role == Qt.ItemDataRole.AccessibleDescriptionRole:
            return ". ".join(_facts(item))
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        item = self.item(index)
        if item is None:
            return Qt.ItemFlag.NoItemFlags
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        flags |= Qt.ItemFlag.ItemNeverHasChildren
        return flags if item.missing else flags | Qt.ItemFlag.ItemIsDragEnabled

    def canFetchMore(self, parent: Index) -> bool:  # noqa: N802
        return not parent.isValid() and self._after is not None and not self._is_waiting

    def fetchMore(self, parent: Index) -> None:  # noqa: N802
        if self.canFetchMore(parent):
            self._is_waiting = True
            self.wanted.emit(self.ticket, self.query, self.order, self._after)

    def mimeTypes(self) -> list[str]:  # noqa: N802
        return ["text/uri-list"]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:  # noqa: N802
        """The files themselves, so that they can be dropped into other programs."""
        found = [self.item(index) for index in indexes]
        data = QMimeData()
        data.setUrls(
            [QUrl.fromLocalFile(str(item.path)) for item in found if item and not item.missing]
        )
        return data

    def supportedDragActions(self) -> Qt.DropAction:  # noqa: N802
        return Qt.DropAction.CopyAction


def _facts(item: Shown) -> list[str]:
    size = f"{item.width} × {item.height}" if item.width else ""
    facts = " · ".join(one for one in (item.kind, size, item.state) if one)
    lines = (item.file, facts, item.caption, ", ".join(item.tags[:12]), said(item.problem))
    return [line for line in lines if line]
