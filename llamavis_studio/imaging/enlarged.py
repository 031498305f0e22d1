"""Pixel art that was enlarged by a whole factor, back to one pixel a block.

Blocks of equal pixels are found exactly, and so is what Scale2x and Scale3x made: the small
picture is guessed, enlarged again, and has to give the very pixels that were asked about.
"""

from __future__ import annotations

from collections.abc import Callable
from math import gcd

import numpy as np

from llamavis_studio.imaging.arrays import Pixels
from llamavis_studio.imaging.scale import scale2x, scale3x

LEAST_PX = 8
"""No side is taken below this: a plain square is not a pixel that was enlarged."""


def undo_enlargement(pixels: Pixels, *, least_px: int = LEAST_PX) -> tuple[Pixels, int]:
    """The picture as it was drawn, and by how much it had been enlarged (1: not at all).

    Sides stay at ``least_px`` or more.
    """
    factor = 1
    while True:
        smaller, by = _undo_once(pixels, least_px)
        if by == 1:
            return pixels, factor
        pixels, factor = smaller, factor * by


def _undo_once(pixels: Pixels, least_px: int) -> tuple[Pixels, int]:
    height, width = pixels.shape[:2]
    common = gcd(height, width)
    most = min(common, min(height, width) // least_px)
    row = pixels[height // 2 : height // 2 + 1]  # most pictures fail here already
    for factor in range(most, 1, -1):
        if common % factor or not _equal(row[:, ::factor].repeat(factor, 1), row):
            continue
        small = pixels[::factor, ::factor]
        if _equal(small.repeat(factor, 0).repeat(factor, 1), pixels):
            return np.ascontiguousarray(small), factor
    for factor, shrink, enlarge in ((3, _centres, scale3x), (2, _most_frequent, scale2x)):
        if common % factor or most < factor or not _middle_fits(pixels, factor, shrink, enlarge):
            continue
        small = shrink(pixels)
        if any(_equal(enlarge(small, wrap), pixels) for wrap in (False, True)):
            return small, factor
    return pixels, 1


def _middle_fits(
    pixels: Pixels,
    factor: int,
    shrink: Callable[[Pixels], Pixels],
    enlarge: Callable[[Pixels, bool], Pixels],
) -> bool:
    """Whether a small part comes out the same, its rim left out: quick to say no."""
    top, left = (max(0, length // 2 - 30) // factor * factor for length in pixels.shape[:2])
    middle = pixels[top : top + 60, left : left + 60]
    inner = slice(2 * factor, -2 * factor)
    return _equal(enlarge(shrink(middle), False)[inner, inner], middle[inner, inner])


def _centres(pixels: Pixels) -> Pixels:
    """The middle of each block of 3x3, which Scale3x keeps."""
    return np.ascontiguousarray(pixels[1::3, 1::3])


def _most_frequent(pixels: Pixels) -> Pixels:
    """The pixel that a block of 2x2 holds most often.

    Scale2x changes at most two of the four, which lie across from each other and differ, so what
    was there before is the only one that is seen twice.
    """
    a, b, c, d = (pixels[y::2, x::2] for y, x in ((0, 0), (0, 1), (1, 0), (1, 1)))

    def same(first: Pixels, second: Pixels) -> np.ndarray:
        alike: np.ndarray = (first == second).all(2, keepdims=True)
        return alike

    first = same(a, b) | same(a, c) | same(a, d)
    second = same(b, c) | same(b, d)
    return np.ascontiguousarray(np.where(first, a, np.where(second, b, c)))


def _equal(first: Pixels, second: Pixels) -> bool:
    """Equal wherever one is not clear, and equally clear."""
    if first.shape[2] == 3:
        return bool(np.array_equal(first, second))
    if not np.array_equal(first[..., 3], second[..., 3]):
        return False
    return bool(((first == second).all(2) | (first[..., 3] == 0)).all())
