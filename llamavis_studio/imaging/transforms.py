"""Whole-pixel transforms of what a sprite shows: moved, lifted, leaned, scaled.

Pictures are (h, w, 4) sRGB bytes and keep their size; no colour appears that was not there. What
moves out of the picture is lost, so callers ask for the `room` first. May return the argument.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from llamavis_studio.imaging.arrays import Pixels, with_alpha


def box(pixels: Pixels) -> tuple[int, int, int, int]:
    """What is visible: left, top, and one beyond right and bottom; all when nothing is."""
    seen = pixels[..., 3] > 0
    if not seen.any():
        return 0, 0, pixels.shape[1], pixels.shape[0]
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def room(pixels: Pixels) -> tuple[int, int, int, int]:
    """Clear lines at the left, top, right and bottom."""
    left, top, right, bottom = box(pixels)
    return left, top, pixels.shape[1] - right, pixels.shape[0] - bottom


def padded(pixels: Pixels, left: int = 0, top: int = 0, right: int = 0, bottom: int = 0) -> Pixels:
    """A larger picture (h, w, 4) with clear lines added, so that motions have room."""
    return np.pad(with_alpha(pixels), ((top, bottom), (left, right), (0, 0)))


def shifted(pixels: Pixels, dx: int, dy: int) -> Pixels:
    """The picture moved by whole pixels, right and down; what comes in is clear."""
    out = np.zeros_like(pixels)
    height, width = pixels.shape[:2]
    to_y, to_x = slice(max(0, dy), height + min(0, dy)), slice(max(0, dx), width + min(0, dx))
    from_y, from_x = slice(max(0, -dy), height - max(0, dy)), slice(max(0, -dx), width - max(0, dx))
    out[to_y, to_x] = pixels[from_y, from_x]
    return out


def sunk(pixels: Pixels, depth_px: int, hinge: float) -> Pixels:
    """What is above the hinge comes down; the rows it falls on vanish."""
    _, top, _, bottom = box(pixels)
    fixed = bottom - round((bottom - top) * hinge)
    depth = min(depth_px, fixed - top - 1)
    if depth <= 0:
        return pixels
    out = pixels.copy()
    out[top + depth : fixed] = pixels[top : fixed - depth]
    out[top : top + depth] = 0
    return out


def lifted(pixels: Pixels, lift_px: int, left_side: bool, feet: float) -> Pixels:
    """The lowest part of one side comes up; the rows it moves over vanish."""
    left, top, right, bottom = box(pixels)
    ankle = bottom - max(1, round((bottom - top) * feet))
    lift = min(lift_px, bottom - ankle - 1)
    if lift <= 0:
        return pixels
    middle = (left + right) // 2
    side = slice(left, middle) if left_side else slice(middle, right)
    out = pixels.copy()
    out[ankle : bottom - lift, side] = pixels[ankle + lift : bottom, side]
    out[bottom - lift : bottom, side] = 0
    return out


def leaning(pixels: Pixels, lean_px: int) -> Pixels:
    """Rows move sideways the more the higher they are; the lowest stay."""
    if lean_px == 0:
        return pixels
    _, top, _, bottom = box(pixels)
    out = pixels.copy()
    for y in range(top, bottom):
        share = (bottom - 1 - y) / max(1, bottom - 1 - top)
        out[y] = shifted(pixels[y : y + 1], round(lean_px * share), 0)[0]
    return out


def scaled(pixels: Pixels, across: float, along: float) -> Pixels:
    """What is visible, scaled by whole lines and standing on its lowest row, its middle kept; never
    larger than the picture.

    Small changes drop or repeat the lines that are like those beside them, so that eyes and
    outlines stay; large ones take the nearest lines.
    """
    left, top, right, bottom = box(pixels)
    width = min(max(1, round((right - left) * across)), pixels.shape[1])
    height = min(max(1, round((bottom - top) * along)), bottom)
    if (width, height) == (right - left, bottom - top):
        return pixels
    out = np.zeros_like(pixels)
    x = round((left + right - width) / 2 + 1e-9)
    x = min(max(0, x), pixels.shape[1] - width)
    shown = pixels[top:bottom, left:right]
    rows, columns = _lines(shown, height), _lines(shown.swapaxes(0, 1), width)
    out[bottom - height : bottom, x : x + width] = shown[rows[:, None], columns[None, :]]
    return out


def mirrored(pixels: Pixels) -> Pixels:
    """What is visible, left for right, in the place where it is."""
    left, _, right, _ = box(pixels)
    out = pixels.copy()
    out[:, left:right] = pixels[:, left:right][:, ::-1]
    return out


def _lines(pixels: Pixels, count: int) -> NDArray[np.intp]:
    """Which of the rows (h, w, 4) make `count` rows."""
    height = pixels.shape[0]
    change = abs(count - height)
    if change > 0.25 * height:
        nearest: NDArray[np.intp] = np.arange(1, 2 * count, 2) * height // (count * 2)
        return nearest
    step = np.pad((pixels[1:] != pixels[:-1]).any(axis=2), ((1, 1), (0, 0)), constant_values=True)
    alone = (step[1:] & step[:-1]).sum(axis=1)  # (h,) pixels like neither row beside theirs
    times = np.ones(height, np.intp)
    for band in range(change):  # one row of each band, so that the change is spread
        first, last = band * height // change, (band + 1) * height // change
        times[first + int(np.argmin(alone[first:last]))] += 1 if count > height else -1
    return np.repeat(np.arange(height), times)
