"""A figure freed from its background: for pictures of models that cannot draw clear pixels.

    cells         the picture, averaged to at most 256 cells a side: small, and free of noise
    background    which of them show what lies behind the figure, see `background`
    rim           at the full size, how much of each pixel along the outline is figure

Distances are in OKLab, mixtures in linear light.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from llamavis_studio.imaging.arrays import (
    Floats,
    Pixels,
    check_pixels,
    linear_to_srgb,
    srgb_to_linear,
    with_alpha,
)
from llamavis_studio.imaging.background import Mask, find_background, flooded, grown
from llamavis_studio.imaging.oklab import linear_to_oklab

MOST_CELLS = 256
"""A side of the grid on which figure and background are told apart."""

_LEAST_FIGURE, _MOST_FIGURE = 0.003, 0.97
_REACH_PX = 2  # an outline is mixed with the ground over so many pixels


@dataclass(frozen=True)
class CutOut:
    """The picture (h, w, 4), its ground clear; where it could not be told, the picture as it came
    and in `problem` why.
    """

    pixels: Pixels = field(repr=False, compare=False)
    problem: str = ""


def cut_out(pixels: Pixels) -> CutOut:
    """Make the background of an opaque picture (h, w, 3 or 4) clear.

    The outline gets soft alpha, and colours without what shone through from behind. A picture that
    has clear pixels already comes back as it is.
    """
    check_pixels(pixels)
    rgba = with_alpha(pixels)
    if (rgba[..., 3] < 255).any():
        return CutOut(rgba)
    cell = -(-max(rgba.shape[:2]) // MOST_CELLS)
    linear = _cells(rgba, cell)  # (r, c, 3)
    lab = linear_to_oklab(linear)
    found = find_background(lab)
    if found is None:
        return CutOut(rgba, "its background is too busy to be told from the figure")
    outside, limit = found.outside, found.limit
    share = 1.0 - float(outside.mean())
    if not _LEAST_FIGURE <= share <= _MOST_FIGURE:
        problem = (
            "nothing stands out from its background" if share < 0.5 else "it has no background"
        )
        return CutOut(rgba, problem)
    return CutOut(_rimmed(rgba, linear, outside, cell, limit))


def _cells(rgba: Pixels, cell: int) -> Floats:
    """(h, w, 4) to the mean light of squares of `cell` pixels, (rows, columns, 3)."""
    height, width = rgba.shape[:2]
    down, right = -height % cell, -width % cell
    colour = rgba[..., :3]
    if down or right:
        colour = np.pad(colour, ((0, down), (0, right), (0, 0)), mode="edge")
    rows, columns = colour.shape[0] // cell, colour.shape[1] // cell
    total = np.zeros((rows, columns, 3), np.float32)
    for y in range(cell):
        for x in range(cell):
            total += srgb_to_linear(colour[y::cell, x::cell])
    total /= np.float32(cell * cell)
    return total


def _rimmed(rgba: Pixels, linear: Floats, outside: Mask, cell: int, limit: float) -> Pixels:
    """The whole picture cut along the cells, and its outline pixel by pixel."""
    height, width = rgba.shape[:2]
    large_out = _enlarged(outside, cell, (height, width))
    near = grown(outside, 1) & grown(~outside, 1)
    behind = _behind(linear, outside, grown(near, _REACH_PX))
    band = _enlarged(near, cell, (height, width))
    rows, columns = np.nonzero(band)
    colour = srgb_to_linear(rgba[rows, columns, :3])
    ground = behind[rows // cell, columns // cell]
    gap = np.linalg.norm(linear_to_oklab(colour) - linear_to_oklab(ground), axis=1)
    clear = large_out.copy()
    clear[rows, columns] = gap < limit
    sure = large_out & ~band
    if sure.any():
        clear = flooded(clear, sure) | (clear & large_out & ~grown(~clear, 1))
    rows, columns, share, front = _unmixed(rgba, clear, behind, cell)
    out = rgba.copy()
    out[clear] = 0
    out[rows, columns, :3] = linear_to_srgb(front)
    out[rows, columns, 3] = np.rint(share * 255.0)
    out[out[..., 3] == 0] = 0
    return out


def _behind(linear: Floats, outside: Mask, wanted: Mask) -> Floats:
    """The ground's light (rows, columns, 3) where it is `wanted`, spread from where it is seen."""
    total = linear * outside[..., None]
    weight = outside.astype(np.float32)
    found = np.where(outside[..., None], linear, 0.0).astype(np.float32)
    known = outside.copy()
    for reach in (1, 2, 4, 8, 16):
        if known[wanted].all():
            break
        mass = _boxed(weight, reach)
        fresh = ~known & (mass > 1e-6)
        if fresh.any():
            light = np.stack([_boxed(total[..., i], reach) for i in range(3)], axis=2)
            found[fresh] = light[fresh] / mass[fresh][:, None]
            known |= fresh
    return found


def _boxed(values: Floats, reach: int) -> Floats:
    """The sums (h, w) over squares that reach so many cells to each side."""
    out = values.astype(np.float64)
    for axis in (0, 1):
        side = out.shape[axis]
        total = np.concatenate([np.zeros_like(out.take([0], axis)), out.cumsum(axis)], axis)
        high = np.minimum(np.arange(side) + reach + 1, side)
        low = np.maximum(np.arange(side) - reach, 0)
        out = total.take(high, axis) - total.take(low, axis)
    boxed: Floats = out.astype(np.float32)
    return boxed


def _enlarged(mask: Mask, cell: int, size: tuple[int, int]) -> Mask:
    if cell == 1:
        return mask
    return np.repeat(np.repeat(mask, cell, 0), cell, 1)[: size[0], : size[1]]


def _unmixed(
    rgba: Pixels, clear: Mask, behind: Floats, cell: int
) -> tuple[NDArray[np.intp], NDArray[np.intp], Floats, Floats]:
    """Along the outline: rows, columns, the share of figure 0..1, and its own light (n, 3).

    A pixel there is a mixture of the ground and the most unlike pixel around it; in linear light
    the share is where it lies between the two.
    """
    rows, columns = np.nonzero(grown(clear, _REACH_PX) & grown(~clear, 1))
    height, width = clear.shape
    light = srgb_to_linear(rgba[rows, columns, :3])
    ground = behind[rows // cell, columns // cell]
    best = np.zeros(len(rows), np.float32)
    front = light.copy()
    steps = range(-_REACH_PX, _REACH_PX + 1)
    for dy in steps:
        for dx in steps:
            y, x = np.clip(rows + dy, 0, height - 1), np.clip(columns + dx, 0, width - 1)
            there = srgb_to_linear(rgba[y, x, :3])
            gap = ((there - ground) ** 2).sum(axis=1)
            better = gap > best
            best[better] = gap[better]
            front[better] = there[better]
    toward = front - ground
    share = ((light - ground) * toward).sum(axis=1) / np.maximum((toward**2).sum(axis=1), 1e-9)
    share = np.clip(share, 0.0, 1.0).astype(np.float32)
    inside = ~clear[rows, columns]
    # What is no clear mixture is figure: shading along the outline is not seen through.
    share[inside & (best < 0.002)] = 1.0
    share[inside & (share > 0.9)] = 1.0
    share[~inside & (share < 0.1)] = 0.0
    own = (light - ground * (1.0 - share)[:, None]) / np.maximum(share, 0.2)[:, None]
    own = np.where(share[:, None] < 1.0, np.clip(own, 0.0, 1.0), light)
    return rows, columns, share, own.astype(np.float32)
