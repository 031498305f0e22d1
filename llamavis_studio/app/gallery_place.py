"""Where somebody looks in a grid, to come back to it after rows came and went."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtWidgets import QAbstractItemView

from llamavis_studio.app.gallery_model import GalleryModel
from llamavis_studio.app.gallery_view import GridView

_HANDS = (QAbstractItemView.State.DraggingState, QAbstractItemView.State.DragSelectingState)


@dataclass(frozen=True)
class Place:
    """`from_top` are px from the top of the view to the cell of the item `id`; None: right at the
    beginning, where what is new shall be seen.
    """

    id: int | None = None
    from_top: int = 0


def place_in(view: GridView, model: GalleryModel) -> Place:
    """What stands first in sight, the current card where it is seen."""
    offset, items = view.verticalOffset(), model.items()
    seen = view.seen_rows()
    if offset == 0 or not seen:
        return Place()
    current = view.currentIndex().row()
    row = current if current in seen else seen[0]
    return Place(items[row].id, view.grid.place(row)[1] - offset)


def return_to(view: GridView, model: GalleryModel, place: Place) -> None:
    """Scroll so that the item stands where it stood, if it is still there."""
    view.updateGeometries()
    row = model.row_of(place.id)
    if place.id is None:
        view.verticalScrollBar().setValue(0)
    elif row is not None:
        view.verticalScrollBar().setValue(view.grid.place(row)[1] - place.from_top)
    view.viewport().update()


def is_in_hand(view: GridView) -> bool:
    """Whether somebody drags, or stretches a rubber band, just now."""
    return view.state() in _HANDS
