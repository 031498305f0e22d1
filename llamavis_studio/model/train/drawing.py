"""Pictures of many wishes at once, for judging a model: batches of one size, fixed seeds."""

from __future__ import annotations

from collections.abc import Sequence

from llamavis_studio.model.artist import Artist, Wish, draw_together
from llamavis_studio.model.pixels import Pixels

__all__ = ["NATIVE_PX", "Artist", "Wish", "draw"]

NATIVE_PX = {"background": (48, 32)}
"""(width, height) that a kind is drawn at; all others at 32x32."""


def draw(artist: Artist, wishes: Sequence[Wish], *, batch: int = 16) -> list[Pixels]:
    """Draw every wish: RGBA ``(h, w, 4)`` uint8 in the order of the wishes."""
    groups: dict[tuple[tuple[int, int], bool], list[int]] = {}
    # Prompts of like length together: less padding.
    for place in sorted(range(len(wishes)), key=lambda i: len(wishes[i].text)):
        groups.setdefault((wishes[place].size, wishes[place].wrap), []).append(place)
    found: dict[int, Pixels] = {}
    for places in groups.values():
        for start in range(0, len(places), batch):
            part = places[start : start + batch]
            drawings = draw_together(artist, [wishes[i] for i in part])
            found.update(zip(part, (d.pixels for d in drawings), strict=True))
    return [found[place] for place in range(len(wishes))]
