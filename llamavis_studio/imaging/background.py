"""What of a picture is its background, told on a grid of cells, and where no figure stands.

    surfaces    smooth colours through the border: plain, graded, lit, a wall and a floor
    flood       what is like them and hangs together with the border; soft shadows too
    holes       what the figure encloses and is of the very same colour

A cell is the mean light of a small square of pixels. Distances are in OKLab; arrays are
(rows, columns).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from llamavis_studio.imaging.alpha import label_islands
from llamavis_studio.imaging.arrays import Floats

Mask = NDArray[np.bool_]

_RIM_CELLS = 3  # how deep the border is that shows the ground
_LEAST_BORDER = 0.45  # share of the border that one surface must explain
_LEAST_SURFACE = 0.08  # and each other one
_LEAST_BORDER_ALL = 0.7  # and all surfaces together
_MOST_SURFACES = 3
_LEAST_CONTRAST = 0.035  # in OKLab: less is no figure that an eye would tell from its ground
_MOST_CONTRAST = 0.12
_NOISES = 4.5  # so many deviations of the ground's own noise are no figure
_MOST_NOISE = 0.05  # from here on the background is busy
_FITS = 8
_GROWINGS = 3
_DARKEST_SHADOW = 0.8  # of the ground's OKLab: light times 0.5
_SHADOW_STEP = 0.02  # a shadow is soft: from cell to cell it changes no more than this
_MOST_SHADOW = 0.5  # of what was figure; more means that the figure itself is soft and grey
_SAME_COLOUR = 0.008  # a hole shows the ground itself
_LEAST_HOLE = 4e-4  # share of the picture
_LEAST_WHITE_HOLE = 6e-3  # eyes and teeth are as white as a white ground, and smaller
_LEAST_CONTENT = 6  # cells
_NEUTRAL = 0.03  # chroma below which a ground is white or grey
_LEAST_ISLAND = 2e-4  # share of the picture: less is dirt on the ground


@dataclass(frozen=True)
class Background:
    """The cells without figure (rows, columns), and from which distance on a colour is figure's."""

    outside: Mask
    limit: float


def find_background(lab: Floats) -> Background | None:
    """The background of a picture whose cells have these OKLab colours (rows, columns, 3).

    None where the border shows no smooth colours.
    """
    ground = _ground(lab)
    if ground is None:
        return None
    outside, distance, limit = _outside(lab, ground)
    outside = _with_shadow(lab, ground, outside, limit)
    outside |= _holes(lab, outside, distance, limit)
    outside |= _dirt(~outside)
    return Background(outside, limit)


def flooded(mask: Mask, seeds: Mask) -> Mask:
    """The part of `mask` (h, w) that hangs together, side by side, with `seeds`.

    Whole runs are filled at once, along rows and columns in turn, until nothing is added.
    """
    found = mask & seeds
    count = -1
    while (now := int(np.count_nonzero(found))) != count:
        count = now
        found = _filled_runs(mask, found)
        found = _filled_runs(mask.T, found.T).T
    return found


def _filled_runs(mask: Mask, found: Mask) -> Mask:
    """Each horizontal run of `mask` that holds something found is found whole."""
    starts = mask.copy()
    starts[:, 1:] &= ~mask[:, :-1]
    run = np.cumsum(starts.reshape(-1), dtype=np.int32)  # no run goes around the edge
    has = np.zeros(int(run[-1]) + 1, bool)
    has[run[found.reshape(-1)]] = True
    filled: Mask = mask & has[run].reshape(mask.shape)
    return filled


def grown(mask: Mask, steps: int) -> Mask:
    """The mask and everything within so many steps of it, eight neighbours a step."""
    for _ in range(steps):
        wide = mask.copy()
        wide[:, 1:] |= mask[:, :-1]
        wide[:, :-1] |= mask[:, 1:]
        tall = wide.copy()
        tall[1:] |= wide[:-1]
        tall[:-1] |= wide[1:]
        mask = tall
    return mask


@dataclass(frozen=True)
class _Ground:
    """Smooth surfaces (6, 3) through the ground's colours, and the noise around them."""

    surfaces: tuple[NDArray[np.float64], ...]
    noise: float


def _ground(lab: Floats) -> _Ground | None:
    """What the border shows; None where it shows no smooth colours."""
    shape = lab.shape[:2]
    border = np.ones(shape, bool)
    deep = min(_RIM_CELLS, max(1, min(shape) // 8))
    border[deep:-deep, deep:-deep] = False
    terms, colours = _terms(shape)[border], lab[border].astype(np.float64)
    corners = _corners(shape, deep)[border]
    left = np.ones(len(colours), bool)
    surfaces: list[NDArray[np.float64]] = []
    noise, largest = 0.0, 0.0
    for _ in range(_MOST_SURFACES):
        surface, gaps = _fitted(terms, colours, left)
        near = gaps <= 2 * _LEAST_CONTRAST
        new = near & left
        share = float(new.mean())
        if share < _LEAST_SURFACE or len(np.unique(corners[new & (corners >= 0)])) < 2:
            break  # a figure may lean over one side; only a ground reaches two corners
        if share > largest:
            noise, largest = float(np.median(gaps[new])), share
        surfaces.append(surface)
        left &= ~near
        if left.mean() < _LEAST_SURFACE:
            break
    explained = 1.0 - float(left.mean())
    if largest < _LEAST_BORDER or explained < _LEAST_BORDER_ALL or noise > _MOST_NOISE:
        return None
    return _Ground(tuple(surfaces), noise)


def _terms(shape: tuple[int, ...]) -> NDArray[np.float64]:
    """(rows, columns, 6): 1, x, y, x*x, x*y, y*y of each cell, from -1 to 1."""
    y = np.linspace(-1.0, 1.0, shape[0])[:, None]
    x = np.linspace(-1.0, 1.0, shape[1])[None, :]
    parts = (np.ones_like(x * y), x + 0 * y, y + 0 * x, x * x + 0 * y, x * y, y * y + 0 * x)
    return np.stack(parts, axis=2)


def _corners(shape: tuple[int, ...], deep: int) -> NDArray[np.int64]:
    """The number of the corner that a cell lies in, -1 elsewhere."""
    found = np.full(shape, -1)
    ends = (slice(0, deep), slice(-deep, None))
    for number, (rows, columns) in enumerate((r, c) for r in ends for c in ends):
        found[rows, columns] = number
    return found


def _fitted(
    terms: NDArray[np.float64], colours: NDArray[np.float64], chosen: Mask
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The surface (6, 3) that most of the chosen colours lie on, and each colour's distance to it.

    Least squares, fitted again and again with less weight on what lies far away (Tukey, 1960).
    """
    weights: NDArray[np.float64] = chosen.astype(np.float64)
    # It begins at the colour that most have, lest two grounds be averaged.
    middle = _commonest(colours[chosen])
    near: NDArray[np.float64] = weights * (np.linalg.norm(colours - middle, axis=1) < 0.15)
    weights = near if near.sum() >= 0.3 * weights.sum() else weights
    surface: NDArray[np.float64] = np.zeros((terms.shape[1], 3))
    gaps: NDArray[np.float64] = np.zeros(len(colours))
    small = 1e-4 * np.eye(terms.shape[1])
    for _ in range(_FITS):
        weighted = terms * weights[:, None]
        solved = np.linalg.solve(weighted.T @ terms + small, weighted.T @ colours)
        surface = solved.astype(np.float64)
        gaps = np.sqrt(((colours - terms @ surface) ** 2).sum(axis=1))
        usual = float(np.median(gaps[chosen]))
        reach = min(0.15, max(0.02, 4 * usual))
        weights = chosen * np.clip(1 - (gaps / reach) ** 2, 0.0, 1.0) ** 2
        if not weights.any():
            break
    return surface, gaps


def _commonest(colours: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean of the fullest box of OKLab colours (n, 3)."""
    boxes = np.floor(colours / 0.08).astype(np.int64) + 64
    names = (boxes[:, 0] << 16) + (boxes[:, 1] << 8) + boxes[:, 2]
    _, owner, counts = np.unique(names, return_inverse=True, return_counts=True)
    mean: NDArray[np.float64] = colours[owner == counts.argmax()].mean(axis=0)
    return mean


def _outside(lab: Floats, ground: _Ground) -> tuple[Mask, Floats, float]:
    """The cells of the ground that the border leads to, all distances to it, and the limit.

    The surfaces are fitted again to what was found, so that they follow a glow behind the figure.
    """
    terms = _terms(lab.shape[:2])
    colours = lab.astype(np.float64)
    surfaces, noise = list(ground.surfaces), ground.noise
    limit = float(np.clip(_NOISES * noise, _LEAST_CONTRAST, _MOST_CONTRAST))
    edge = np.zeros(lab.shape[:2], bool)
    edge[[0, -1], :] = edge[:, [0, -1]] = True
    found = np.zeros_like(edge)
    distance = np.zeros(edge.shape, np.float32)
    for _ in range(_GROWINGS):
        gaps = np.stack([np.linalg.norm(colours - terms @ one, axis=2) for one in surfaces])
        distance = gaps.min(axis=0).astype(np.float32)
        owner = gaps.argmin(axis=0)
        # Each from its own part of the border: what is like the floor is no wall.
        found = np.zeros_like(edge)
        for number, gap in enumerate(gaps):
            found |= flooded(gap < limit, edge & (owner == number))
        for number, surface in enumerate(surfaces):
            mine = found & (owner == number)
            if np.count_nonzero(mine) >= 30:
                weighted = terms[mine]
                small = 1e-3 * np.eye(6)
                # A little pull to the surface before: where it is known nowhere, it stays.
                surfaces[number] = np.linalg.solve(
                    weighted.T @ weighted + small, weighted.T @ colours[mine] + small @ surface
                )
    return found, distance, limit


def _with_shadow(lab: Floats, ground: _Ground, outside: Mask, limit: float) -> Mask:
    """The ground and the soft shadows on it: of its hue, darker, and without an edge."""
    terms = _terms(lab.shape[:2])
    shadowed = np.zeros_like(outside)
    for surface in ground.surfaces:
        plain = (terms @ surface).astype(np.float32)
        dark = (lab * plain).sum(axis=2) / np.maximum((plain * plain).sum(axis=2), 1e-6)
        dark = np.clip(dark, _DARKEST_SHADOW, 1.0)
        shadowed |= np.linalg.norm(lab - dark[..., None] * plain, axis=2) < 0.6 * limit
    calm = _steepness(lab) < _SHADOW_STEP
    wider = outside | (shadowed & calm)
    found = flooded(wider, outside)
    figure = np.count_nonzero(~outside)
    lost = figure - np.count_nonzero(~found)
    return found if lost <= _MOST_SHADOW * figure else outside


def _steepness(lab: Floats) -> Floats:
    """How much the colour changes from each cell to the most unlike of its four neighbours."""
    most = np.zeros(lab.shape[:2], np.float32)
    for axis in (0, 1):
        step = np.linalg.norm(np.diff(lab, axis=axis), axis=2)
        low = most[:-1] if axis == 0 else most[:, :-1]
        high = most[1:] if axis == 0 else most[:, 1:]
        np.maximum(low, step, out=low)
        np.maximum(high, step, out=high)
    return most


def _holes(lab: Floats, outside: Mask, distance: Floats, limit: float) -> Mask:
    """Islands inside the figure through which the ground shows."""
    holes = np.zeros_like(outside)
    inner = ~outside & (distance < limit)
    labels, count = label_islands(inner)
    if count == 0 or not outside.any():
        return holes
    chroma = float(np.linalg.norm(lab[outside].mean(axis=0)[1:]))
    least = _LEAST_WHITE_HOLE if chroma < _NEUTRAL else _LEAST_HOLE
    names = labels[inner]
    area = np.bincount(names, minlength=count)
    mean = np.bincount(names, distance[inner], minlength=count) / np.maximum(area, 1)
    own = max(_SAME_COLOUR, 1.3 * float(distance[outside].mean()))
    for name in np.flatnonzero((area >= max(4.0, least * inner.size)) & (mean < own)):
        hole = labels == name
        if not _holds_something(hole & inner, outside):
            holes |= hole & inner
    return holes


def _holds_something(hole: Mask, outside: Mask) -> bool:
    """Whether parts of the figure lie loose in the hole, as hands on a dial: then it is none."""
    rows, columns = np.flatnonzero(hole.any(axis=1)), np.flatnonzero(hole.any(axis=0))
    box = (
        slice(max(0, rows[0] - 1), rows[-1] + 2),
        slice(max(0, columns[0] - 1), columns[-1] + 2),
    )
    figure = ~outside[box] & ~hole[box]
    labels, count = label_islands(figure)
    edge = np.ones_like(figure)
    edge[1:-1, 1:-1] = False
    loose = np.ones(count, bool)
    loose[labels[figure & edge]] = False
    area = np.bincount(labels[figure], minlength=count)
    return bool((area[loose] >= _LEAST_CONTENT).any())


def _dirt(figure: Mask) -> Mask:
    """Small islands that are no part of the figure; the largest always stays."""
    labels, count = label_islands(figure)
    if count < 2:
        return np.zeros_like(figure)
    area = np.bincount(labels[figure], minlength=count)
    small = area < max(2.0, _LEAST_ISLAND * figure.size)
    small[int(area.argmax())] = False
    dirt: Mask = figure & small[labels]
    return dirt
