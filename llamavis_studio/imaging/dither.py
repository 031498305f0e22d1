"""Dither: tones that a palette lacks, mixed from those it has.

Ordered ways (Bayer, blue noise) shift each pixel's lightness by a threshold of its place, so that
equal pictures in equal places get equal patterns and tiles stay tiles. Error diffusion carries what
each pixel missed on to those that follow.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from llamavis_studio.imaging.arrays import Floats, Pixels, srgb_to_linear
from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.nearest_colour import nearest
from llamavis_studio.imaging.oklab import linear_to_oklab, srgb_to_oklab

DitherMethod = Literal["bayer", "blue_noise", "floyd_steinberg"]
DITHER_METHODS: tuple[str, ...] = get_args(DitherMethod)

BLUE_NOISE_SIDE = 32
_BAYER_4 = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]])
_SIGMA = 1.5  # Ulichney's choice
_GAUSSIAN_UNIT = 1 << 20  # sums of whole numbers are the same on every machine
_FIRST_PIXELS = 10  # a tenth of the pattern is the usual start; ties are broken by it
_PALETTE_BLOCK = 256  # colours compared with the whole palette at a time


def check_dither(amount: float, method: str) -> None:
    """Raises ImageError unless `amount` is in 0..1 and `method` one of DITHER_METHODS."""
    if not 0.0 <= amount <= 1.0:
        raise ImageError(f"dither lies in 0..1, not {amount}")
    if method not in DITHER_METHODS:
        raise ImageError(f"a dither method is {', '.join(DITHER_METHODS)}, not {method!r}")


def dithered_places(
    pixels: Pixels, seen: NDArray[np.bool_], palette: Pixels, amount: float, method: str
) -> NDArray[np.intp]:
    """The places in `palette` (p, 3) that the pixels (h, w, 3 or 4) take: (h, w); those not `seen`
    (h, w) mean nothing.

    Raises:
        ImageError: an amount outside 0..1, an unknown method.
    """
    check_dither(amount, method)
    if method == "floyd_steinberg":
        return _diffused(pixels[..., :3], seen, palette, amount)
    matrix, levels = (_BAYER_4, 16) if method == "bayer" else _blue_noise_levels()
    lab_palette = srgb_to_oklab(palette)
    lab = srgb_to_oklab(pixels[..., :3])
    (height, width), side = seen.shape, len(matrix)
    tiled = np.tile(matrix, (height // side + 1, width // side + 1))[:height, :width]
    offset = (tiled + 0.5) / levels - 0.5
    lab[..., 0] += (offset * amount * _spread(lab_palette)).astype(np.float32)
    out = np.zeros(seen.shape, np.intp)
    out[seen] = nearest(lab[seen], lab_palette)
    return out


@lru_cache(maxsize=1)
def blue_noise() -> NDArray[np.int64]:
    """A square of BLUE_NOISE_SIDE with each of 0..side²-1 once, which tiles: the first n numbers
    lie evenly and without pattern, for each n.

    R. Ulichney, "The void-and-cluster method for dither array generation" (1993).
    """
    side = BLUE_NOISE_SIDE
    count = side * side
    reach = np.minimum(np.arange(side), side - np.arange(side))
    squared = reach[:, None] ** 2 + reach[None, :] ** 2
    bell = np.rint(np.exp(squared / (-2.0 * _SIGMA**2)) * _GAUSSIAN_UNIT).astype(np.int64)
    # Twice as wide and high: the bell around any pixel is a slice of it.
    bells = np.tile(bell, (2, 2))

    def around(place: int) -> NDArray[np.int64]:
        y, x = (side - place // side) % side, (side - place % side) % side
        return bells[y : y + side, x : x + side].reshape(-1)

    def tightest(pattern: NDArray[np.bool_], energy: NDArray[np.int64]) -> int:
        return int(np.where(pattern, energy, -1).argmax())

    def largest_void(pattern: NDArray[np.bool_], energy: NDArray[np.int64]) -> int:
        return int(np.where(pattern, np.iinfo(np.int64).max, energy).argmin())

    start = np.random.default_rng(0).permutation(count)[: count // _FIRST_PIXELS]
    pattern = np.zeros(count, bool)
    pattern[start] = True
    energy = np.sum([around(int(place)) for place in start], axis=0)
    while True:  # move pixels out of clusters into voids, until the one moved falls back
        cluster = tightest(pattern, energy)
        pattern[cluster] = False
        energy -= around(cluster)
        void = largest_void(pattern, energy)
        pattern[void] = True
        energy += around(void)
        if void == cluster:
            break
    ranks = np.zeros(count, np.int64)
    fewer, less = pattern.copy(), energy.copy()
    for rank in range(len(start) - 1, -1, -1):
        place = tightest(fewer, less)
        fewer[place] = False
        less -= around(place)
        ranks[place] = rank
    for rank in range(len(start), count):
        # Past the middle the clear pixels are the few; where they crowd is where the set ones lack,
        # for the energy of all pixels together is the same everywhere.
        place = largest_void(pattern, energy)
        pattern[place] = True
        energy += around(place)
        ranks[place] = rank
    return ranks.reshape(side, side)


def _blue_noise_levels() -> tuple[NDArray[np.int64], int]:
    return blue_noise(), BLUE_NOISE_SIDE**2


def _spread(lab_palette: Floats) -> float:
    """How far apart neighbours of the palette lie: the mean distance to the nearest other
    colour.
    """
    nearest_other = np.empty(len(lab_palette), np.float32)
    for start in range(0, len(lab_palette), _PALETTE_BLOCK):
        part = lab_palette[start : start + _PALETTE_BLOCK]
        gap = np.linalg.norm(part[:, None] - lab_palette[None], axis=2)
        gap[np.arange(len(part)), start + np.arange(len(part))] = np.inf
        nearest_other[start : start + _PALETTE_BLOCK] = gap.min(axis=1)
    return float(nearest_other[np.isfinite(nearest_other)].mean())


def _diffused(
    colour: Pixels, seen: NDArray[np.bool_], palette: Pixels, amount: float
) -> NDArray[np.intp]:
    """R. Floyd and L. Steinberg, "An adaptive algorithm for spatial grey scale" (1976), row by row
    from the left, in linear light, where mixtures keep their brightness.

    A pixel waits for its left neighbour and three above, so all pixels with the same x + 2 y can be
    decided together. In a padded row-by-row array they stand one fixed step apart: one slice.
    Clear pixels neither take nor pass on an error, and what would leave the picture is dropped.
    """
    height, width = seen.shape
    stride = width + 2  # one more on each side catches what is passed over the edges
    padded = np.zeros((height, stride, 3), np.uint8)
    padded[:, 1:-1] = colour
    light = srgb_to_linear(padded.reshape(-1, 3))  # (h * stride, 3), errors are added to it
    light = np.concatenate([light, np.zeros((stride + 2, 3), np.float32)])  # the row below the last
    visible = np.zeros((height, stride), bool)
    visible[:, 1:-1] = seen
    passes = (visible.reshape(-1, 1) * np.float32(amount)).astype(np.float32)
    places = np.zeros(height * stride, np.intp)
    palette_light, lab_palette = srgb_to_linear(palette), srgb_to_oklab(palette)
    shares = [(stride - 1, 3), (stride, 5), (stride + 1, 1), (1, 7)]
    step = stride - 2
    for front in range(width + 2 * (height - 1)):
        top = max(0, (front - width + 2) // 2)
        bottom = min(height - 1, front // 2)
        first = top * stride + 1 + front - 2 * top
        last = bottom * stride + 1 + front - 2 * bottom
        wave = slice(first, last + 1, step)
        # Where the palette cannot reach a colour, the error grows; past one full step it is let go.
        value = np.clip(light[wave], -1.0, 2.0)
        chosen = nearest(linear_to_oklab(np.clip(value, 0.0, 1.0)), lab_palette)
        places[wave] = chosen
        error = (value - palette_light[chosen]) * passes[wave]
        for distance, sixteenths in shares:
            light[first + distance : last + distance + 1 : step] += error * np.float32(
                sixteenths / 16
            )
    return places.reshape(height, stride)[:, 1:-1]
