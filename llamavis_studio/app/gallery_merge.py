"""What a gallery is to show when its search finds something else than before, without a jump.

old rows    a b c d e | f g h ...     as many pages as somebody has scrolled through
found now   a x c d e                 the same search from its start, some of it
shown then  a x c d e | f g h ...     `b` is gone; behind the last one that both have, nobody
                                      looked, and what is there stays
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llamavis_studio.app.gallery_model import Shown


def merged(
    old: Sequence[Shown],
    page: Sequence[Shown] | None,
    next_place: object,
    old_place: object,
    newer: Mapping[int, Shown],
) -> tuple[list[Shown], object]:
    """The rows to show, and where the next page begins.

    Args:
        page: what is found now, from the start; None: the order stays as it is.
        next_place: behind the page, None where it is all there is.
        old_place: behind the old rows.
        newer: items by id, for rows that the page does not tell of.
    """
    if page is None:
        return [newer.get(item.id, item) for item in old], old_place
    if next_place is None:
        return list(page), None
    rows = {item.id: row for row, item in enumerate(old)}
    last = next((rows[item.id] for item in reversed(page) if item.id in rows), len(old))
    told = {item.id for item in page}
    rest = [newer.get(item.id, item) for item in old[last + 1 :] if item.id not in told]
    return [*page, *rest], old_place if rest else next_place
