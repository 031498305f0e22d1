"""Which colour of a palette is nearest in OKLab: exactly, and fast where there is much to ask.

Few questions are answered by comparing with every colour. Many are sorted into the cells of a grid
over OKLab first: a colour that lies farther from the middle of a cell than the nearest one by more
than the cell's diameter is nearest to no point of that cell, so few are left to compare. What was
learnt about 24-bit colours is kept with the palette, and a picture with familiar colours is only
looked up.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from llamavis_studio.imaging.arrays import Floats, Pixels
from llamavis_studio.imaging.oklab import srgb_to_oklab

Codes = NDArray[np.uint32]
"""sRGB as red + 256 green + 65536 blue."""

_FEW = 1 << 18  # comparisons; below this the grid costs more than it saves
_BLOCK = 1 << 20  # comparisons held in memory at a time
_CELLS_PER_UNIT = 48  # a cell's side is a fine step of colour, and palettes have coarse ones
_LOW = np.array([-0.5, -0.5, -0.5], np.float32)
_CELLS = np.array([2, 1, 1]) * _CELLS_PER_UNIT  # -0.5..1.5, twice -0.5..0.5: sRGB and dither around
_RADIUS = 0.5 * 3**0.5 / _CELLS_PER_UNIT
_ROUNDING = 1e-4  # far above the errors of float32 in a distance, far below a cell
_STRIP = 1 << 16  # pixels looked up at a time: their numbers stay in the cache of a core


def nearest(lab: Floats, lab_palette: Floats) -> NDArray[np.intp]:
    """OKLab (n, 3) against a palette in OKLab (p, 3): (n,) the index of the nearest; of equals the
    first.

    Distances are compared as float32; how many points are asked about changes no answer.
    """
    if len(lab) * len(lab_palette) <= _FEW:
        return _among_all(lab, lab_palette)
    cell = _cell_of(lab)
    inside = cell >= 0
    if inside.all():
        return _among_near(lab, cell, lab_palette)
    out = np.empty(len(lab), np.intp)
    out[inside] = _among_near(lab[inside], cell[inside], lab_palette)
    out[~inside] = _among_all(lab[~inside], lab_palette)
    return out


def pack_colours(colours: Pixels) -> Codes:
    """sRGB bytes (..., 3 or 4) to one number a colour (...); alpha is left out."""
    flat = np.ascontiguousarray(colours).reshape(-1, colours.shape[-1])
    if flat.shape[1] == 4:
        codes = flat.view("<u4")[:, 0] & np.uint32(0xFFFFFF)
    else:
        # Each number overlaps the next one by a byte, which is then masked off.
        padded = np.empty(flat.size + 1, np.uint8)
        padded[:-1] = flat.reshape(-1)
        codes = np.ndarray((len(flat),), "<u4", padded, 0, (3,)) & np.uint32(0xFFFFFF)
    out: Codes = codes.astype(np.uint32, copy=False).reshape(colours.shape[:-1])
    return out


def unpack_colours(codes: Codes) -> Pixels:
    """One number a colour (...) to sRGB bytes (..., 3)."""
    parts = np.ascontiguousarray(codes, "<u4").view(np.uint8).reshape(-1, 4)
    out = np.empty((len(parts), 3), np.uint8)
    for channel in range(3):  # by channel: three long copies instead of many short ones
        out[:, channel] = parts[:, channel]
    return out.reshape(*codes.shape, 3)


def distinct_codes(codes: Codes) -> tuple[Codes, NDArray[np.int64]]:
    """The different numbers of a flat array, ascending, and how often each is there."""
    ordered = np.sort(codes)
    first = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]])[: len(ordered)])
    return ordered[first], np.diff(first, append=len(ordered)).astype(np.int64)


class PaletteMemory:
    """One palette (p, 3), p up to 65535, and the nearest of its colours for each one asked about.

    16 or 32 MiB of addresses, of which only what is used takes memory. Two threads that learn the
    same colour write the same answer.
    """

    def __init__(self, palette: Pixels) -> None:
        self._lab = srgb_to_oklab(palette)
        # Entry 0 stands for a colour not yet asked about, so all places are moved by one.
        self._colour = np.concatenate([np.zeros(1, np.uint32), pack_colours(palette)])
        narrow = len(palette) < 256  # half the memory to walk through
        self._place: NDArray[np.integer[Any]] = np.zeros(1 << 24, np.uint8 if narrow else np.uint16)

    def snap(self, codes: Codes) -> Codes:
        """Colours (n,) to the nearest ones of the palette (n,)."""
        out = np.empty_like(codes)
        for start in range(0, len(codes), _STRIP):
            strip = codes[start : start + _STRIP]
            place = self._place.take(strip)
            if not place.all():
                self._learn(codes[start:])  # all the rest, so that it happens once a picture
                place = self._place.take(strip)
            self._colour.take(place, out=out[start : start + _STRIP], mode="clip")
        return out

    def _learn(self, codes: Codes) -> None:
        wanted = np.zeros(1 << 24, bool)
        wanted[codes] = True
        fresh = np.flatnonzero(wanted).astype(np.uint32)
        fresh = fresh[self._place.take(fresh) == 0]
        self._place[fresh] = nearest(srgb_to_oklab(unpack_colours(fresh)), self._lab) + 1


@lru_cache(maxsize=2)  # a build goes through many pictures of one palette, sometimes by turns
def memory_of_palette(palette: bytes) -> PaletteMemory:
    """The memory of a palette, given as the bytes of (p, 3); the last two are kept."""
    return PaletteMemory(np.frombuffer(palette, np.uint8).reshape(-1, 3))


def _among_all(lab: Floats, lab_palette: Floats) -> NDArray[np.intp]:
    out = np.empty(len(lab), np.intp)
    step = max(1, _BLOCK // len(lab_palette))
    for start in range(0, len(lab), step):
        part = lab[start : start + step]
        gap = (part[:, None, 0] - lab_palette[:, 0]) ** 2
        for axis in (1, 2):
            gap += (part[:, None, axis] - lab_palette[:, axis]) ** 2
        out[start : start + step] = gap.argmin(axis=1)
    return out


def _cell_of(lab: Floats) -> NDArray[np.int32]:
    """(n, 3) to (n,) the number of the cell, -1 outside of the grid."""
    number = np.zeros(len(lab), np.int32)
    outside = np.zeros(len(lab), bool)
    for axis, cells in enumerate(_CELLS.tolist()):
        place = np.floor((lab[:, axis] - _LOW[axis]) * np.float32(_CELLS_PER_UNIT)).astype(np.int32)
        outside |= (place < 0) | (place >= cells)
        number = number * cells + place
    number[outside] = -1
    return number


def _among_near(lab: Floats, number: NDArray[np.int32], lab_palette: Floats) -> NDArray[np.intp]:
    """The same through the grid; `number` (n,) is each point's cell."""
    used = np.zeros(int(_CELLS.prod()), bool)
    used[number] = True
    cells = np.flatnonzero(used)
    rank = np.cumsum(used, dtype=np.int32)  # of a used cell among the used ones, plus one
    cell = rank[number] - 1
    count, first, rivals = _rivals_of(cells, lab_palette)
    best = rivals[first[cell]]
    # Side by side, and sorted so that points drop out at the end as their cell runs out of rivals.
    rounds = count[cell]
    order = np.argsort(-rounds.astype(np.int16), kind="stable")  # 16 bits: a radix sort
    order = order[: np.count_nonzero(rounds > 1)]
    ends = len(order) - np.cumsum(np.bincount(rounds[order], minlength=2))  # still there after turn
    begin, champion = first[cell[order]], best[order]
    points = [np.ascontiguousarray(lab[:, axis][order]) for axis in range(3)]
    colours = [np.ascontiguousarray(lab_palette[:, axis]) for axis in range(3)]
    gap = _squared_gap(points, colours, champion)
    for turn in range(1, len(ends) - 1):
        left = int(ends[turn])
        rival = rivals[begin[:left] + turn]
        rival_gap = _squared_gap([axis[:left] for axis in points], colours, rival)
        closer = rival_gap < gap[:left]  # in the palette's order: of equals the first stays
        np.copyto(champion[:left], rival, where=closer)
        np.copyto(gap[:left], rival_gap, where=closer)
    best[order] = champion
    return best


def _squared_gap(
    points: Sequence[Floats], colours: Sequence[Floats], chosen: NDArray[np.intp]
) -> Floats:
    """The three coordinates of n points, those of p colours, and which one (n,) each is held
    against: (n,), added in the order in which `_among_all` adds.
    """
    gap = (points[0] - colours[0][chosen]) ** 2
    for axis in (1, 2):
        gap += (points[axis] - colours[axis][chosen]) ** 2
    return gap


def _rivals_of(
    cells: NDArray[np.intp], lab_palette: Floats
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """For each cell: how many colours can be nearest to a point in it, where they begin in the flat
    list, and that list.
    """
    counts, rivals = [], []
    step = max(1, _BLOCK // len(lab_palette))
    for start in range(0, len(cells), step):
        place = np.stack(np.unravel_index(cells[start : start + step], tuple(_CELLS)), axis=1)
        middle = ((place + 0.5) / _CELLS_PER_UNIT + _LOW).astype(np.float32)
        gap = (middle[:, None, 0] - lab_palette[:, 0]) ** 2
        for axis in (1, 2):
            gap += (middle[:, None, axis] - lab_palette[:, axis]) ** 2
        reach = (np.sqrt(gap.min(axis=1)) + (2 * _RADIUS + _ROUNDING)) ** 2
        cell, rival = np.nonzero(gap <= reach[:, None])
        counts.append(np.bincount(cell, minlength=len(place)))
        rivals.append(rival)
    count = np.concatenate(counts)
    return count, np.cumsum(count) - count, np.concatenate(rivals)
