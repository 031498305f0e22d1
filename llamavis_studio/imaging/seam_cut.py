"""A large texture that tiles: what lies around the wrap is replaced along lines that nobody sees.

A. Efros and W. Freeman, "Image quilting for texture synthesis and transfer" (2001): two layers of
one texture are joined where they differ least, between two stones rather than across them. The
second layer is the texture itself, moved by half its size: in the middle of that nothing is cut.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from llamavis_studio.imaging.arrays import (
    Floats,
    Pixels,
    check_pixels,
    from_linear_premultiplied,
    to_linear_premultiplied,
)
from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.periodic import periodic_component
from llamavis_studio.imaging.scale import scale_area

LEAST_SIDE_PX = 32
_NEAREST = 0.04  # no line comes nearer to the wrap, as a share of the side
_LIGHT_CELLS = 6  # a side: what is lighter on one side than on the other, and no stone
_SOFT = 1 / 256  # of the side: over so much one layer fades into the other


def cut_seam(pixels: Pixels, band: float = 0.25) -> Pixels:
    """A texture (h, w, 3 or 4) whose edges meet; what lies deeper than `band` (share of the side)
    keeps its place and its grain.

    Raises:
        ImageError: `band` outside 0.08..0.5, a side below `LEAST_SIDE_PX`.
    """
    check_pixels(pixels)
    if not 2 * _NEAREST <= band <= 0.5:
        raise ImageError(f"the band of a cut lies in {2 * _NEAREST}..0.5, not {band}")
    if min(pixels.shape[:2]) < LEAST_SIDE_PX:
        raise ImageError(f"a texture to cut has at least {LEAST_SIDE_PX} pixels a side")
    values = to_linear_premultiplied(_evenly_lit(pixels))
    values = _joined(values, band, closed=False)
    # Its columns are lines now that begin and end alike: so must the cut across them.
    values = _joined(values.transpose(1, 0, 2), band, closed=True).transpose(1, 0, 2)
    return from_linear_premultiplied(values, pixels.shape[2])


def _evenly_lit(pixels: Pixels) -> Pixels:
    """Without the slope of light from one edge to the other, which a join would show as a step."""
    small = scale_area(pixels, (_LIGHT_CELLS, _LIGHT_CELLS))
    change = periodic_component(small)[..., :3].astype(np.float32) - small[..., :3]
    rows, columns = (_between_cells(side) for side in pixels.shape[:2])
    tall = np.tensordot(rows, change, axes=(1, 0))  # (h, cells, 3)
    wide = np.tensordot(tall, columns, axes=(1, 1)).transpose(0, 2, 1)  # (h, w, 3)
    out = pixels.copy()
    out[..., :3] = np.rint(np.clip(pixels[..., :3] + wide, 0, 255))
    return out


def _between_cells(side: int) -> Floats:
    """(side, cells): the shares of the two nearest cells, going around, smooth between them."""
    place = (np.arange(side) + 0.5) * _LIGHT_CELLS / side - 0.5
    first = np.floor(place).astype(np.int64)
    part = place - first
    part = part * part * (3 - 2 * part)
    shares = np.zeros((side, _LIGHT_CELLS), np.float32)
    lines = np.arange(side)
    shares[lines, first % _LIGHT_CELLS] = 1 - part
    shares[lines, (first + 1) % _LIGHT_CELLS] = part
    return shares


def _joined(values: Floats, band: float, *, closed: bool) -> Floats:
    """(h, w, 4) whose left and right edges meet. `closed`: the lines end in the column they began
    in, for a picture whose upper and lower edges meet already.
    """
    width = values.shape[1]
    middle = width // 2
    outer = np.roll(values, middle, axis=1)  # the wrap is in its middle
    # Light is weighed as an eye does, about by its square root.
    unlike = ((np.sqrt(np.maximum(outer, 0)) - np.sqrt(np.maximum(values, 0))) ** 2).sum(axis=2)
    far, near = round(width * band), max(1, round(width * _NEAREST))
    left = middle - far + _cut(unlike[:, middle - far : middle - near], closed)
    right = middle + near + _cut(unlike[:, middle + near : middle + far], closed)
    columns = np.arange(width) + 0.5
    soft = max(1.0, width * _SOFT)
    inside = np.clip((columns - left[:, None]) / soft, 0, 1)
    inside *= np.clip((right[:, None] + 1 - columns) / soft, 0, 1)
    share = inside[..., None].astype(np.float32)
    mixed = outer * (1 - share) + values * share
    joined: Floats = np.roll(mixed, -middle, axis=1).astype(np.float32)
    return joined


def _cut(unlike: Floats, closed: bool) -> NDArray[np.int64]:
    """(h, n) to (h,): the line from top to bottom, a step aside at most in each row, over which
    two layers differ least.
    """
    if not closed:
        return _cheapest(unlike)
    twice = _cheapest(np.concatenate([unlike, unlike]))
    start = int(twice[len(unlike)])  # where a line that goes on for ever crosses the edge
    pinned = unlike.astype(np.float64)
    forbidden = np.ones(unlike.shape[1], bool)
    forbidden[start] = False
    pinned[0, forbidden] = pinned[-1, forbidden] = 1e9
    return _cheapest(pinned)


def _cheapest(cost: NDArray[np.floating]) -> NDArray[np.int64]:
    """The column of the cheapest line in each row, by dynamic programming."""
    height, width = cost.shape
    total = cost[0].astype(np.float64)
    came = np.zeros((height, width), np.int64)
    places = np.arange(width)
    for row in range(1, height):
        wide = np.pad(total, 1, constant_values=np.inf)
        steps = np.stack([wide[1:-1], wide[:-2], wide[2:]])  # straight on where nothing is cheaper
        best = steps.argmin(axis=0)
        came[row] = places + np.array([0, -1, 1])[best]
        total = steps[best, places] + cost[row]
    line = np.empty(height, np.int64)
    line[-1] = int(total.argmin())
    for row in range(height - 1, 0, -1):
        line[row - 1] = came[row, line[row]]
    return line
