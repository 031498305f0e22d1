"""Colours as bin numbers, so that a database finds "pictures with about this colour" by an index.

OKLab is cut into boxes: 16 steps of lightness over 0..1, and 16 steps each of green-red and
blue-yellow over -0.4..0.4, which is wider than sRGB reaches. A picture is stored under the boxes of
its main colours; a search asks for every box near the colour looked for.

The scalar arithmetic here is that of `oklab.py` (Ottosson, 2020) without arrays: an import asks for
a handful of colours a picture, and an array of one colour costs more than its arithmetic.
"""

from __future__ import annotations

from functools import lru_cache
from math import cbrt, dist, floor, sqrt

STEPS = 16
LIGHTNESS_STEP = 1 / STEPS
CHROMA_STEP = 0.05
CHROMA_LEAST = -0.4

_HALF_DIAGONAL = sqrt(LIGHTNESS_STEP**2 + 2 * CHROMA_STEP**2) / 2
_ROUNDING = 1e-6  # a colour on the border of a box may be told apart from its neighbour by rounding
_LINEAR = tuple(
    v / 255 / 12.92 if v <= 10 else ((v / 255 + 0.055) / 1.055) ** 2.4 for v in range(256)
)


def oklab_of(r: int, g: int, b: int) -> tuple[float, float, float]:
    """OKLab of one sRGB colour, bytes 0..255."""
    red, green, blue = _LINEAR[r], _LINEAR[g], _LINEAR[b]
    long = cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )


@lru_cache(maxsize=1 << 15)
def colour_cell(r: int, g: int, b: int) -> int:
    """The number of the box an sRGB colour lies in: lightness << 8 | a << 4 | b, each 0..15."""
    lightness, a, blue_yellow = oklab_of(r, g, b)
    # sRGB reaches no end of the two colour axes, and white lies on the end of lightness.
    return (
        min(int(lightness / LIGHTNESS_STEP), STEPS - 1) << 8
        | int((a - CHROMA_LEAST) / CHROMA_STEP) << 4
        | int((blue_yellow - CHROMA_LEAST) / CHROMA_STEP)
    )


def cell_centre(cell: int) -> tuple[float, float, float]:
    """OKLab of the middle of a box."""
    return (
        ((cell >> 8) + 0.5) * LIGHTNESS_STEP,
        CHROMA_LEAST + ((cell >> 4 & 15) + 0.5) * CHROMA_STEP,
        CHROMA_LEAST + ((cell & 15) + 0.5) * CHROMA_STEP,
    )


def cells_near(r: int, g: int, b: int, distance: float) -> tuple[int, ...]:
    """The boxes whose middle lies within `distance` (OKLab) plus half a diagonal of this colour.

    They hold every colour within the distance, and some that are a little farther. In order.
    """
    here = oklab_of(r, g, b)
    reach = distance + _HALF_DIAGONAL + _ROUNDING
    ranges = [
        range(
            max(0, floor((at - least - reach) / step)),
            min(15, floor((at - least + reach) / step)) + 1,
        )
        for at, least, step in zip(
            here,
            (0.0, CHROMA_LEAST, CHROMA_LEAST),
            (LIGHTNESS_STEP, CHROMA_STEP, CHROMA_STEP),
            strict=True,
        )
    ]
    return tuple(
        cell
        for lightness in ranges[0]
        for a in ranges[1]
        for blue_yellow in ranges[2]
        if dist(cell_centre(cell := lightness << 8 | a << 4 | blue_yellow), here) <= reach
    )
