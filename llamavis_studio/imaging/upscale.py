"""Enlarging by a whole factor, by a method one names: all of them keep tiles tiles.

With `wrap=True` the neighbours of an edge pixel are those on the other side, and enlarging a tile
that was moved gives, pixel for pixel, the enlarged tile moved.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, get_args

import numpy as np

from llamavis_studio.imaging.arrays import (
    Floats,
    Pixels,
    check_pixels,
    from_linear_premultiplied,
    to_linear_premultiplied,
)
from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.scale import scale2x, scale3x, scale_nearest

UpscaleMethod = Literal["nearest", "scale2x", "scale3x", "lanczos"]
UPSCALE_METHODS: tuple[str, ...] = get_args(UpscaleMethod)

MOST_SIDE_PX = 1 << 15
"""No side of a result is longer: a mistaken factor must not fill the memory."""
_LOBES = 3  # the usual size of the window: Lanczos3


def upscale(pixels: Pixels, factor: int, method: str = "nearest", *, wrap: bool = False) -> Pixels:
    """(h, w, 3 or 4) to (h * factor, w * factor, same channels).

    "nearest" takes any factor; "scale2x" (EPX) takes 2, 4, 8, ... and "scale3x" 3, 9, 27, ... by
    repetition; these three make no new colours. "lanczos" takes any factor, in linear light with
    premultiplied alpha; it is for paintings, as it blurs and rings where pixel art has steps.

    Raises:
        ImageError: a factor below 1 or not the method's, an unknown method, a result above
            MOST_SIDE_PX.
    """
    check_pixels(pixels)
    if method not in UPSCALE_METHODS:
        raise ImageError(f"an upscale method is {', '.join(UPSCALE_METHODS)}, not {method!r}")
    if factor < 1:
        raise ImageError(f"a scale factor is at least 1, not {factor}")
    height, width = pixels.shape[:2]
    if max(height, width) * factor > MOST_SIDE_PX:
        raise ImageError(
            f"{width}x{height} times {factor} is more than {MOST_SIDE_PX} pixels on a side"
        )
    if method == "scale2x":
        return _repeated(pixels, factor, 2, scale2x, wrap)
    if method == "scale3x":
        return _repeated(pixels, factor, 3, scale3x, wrap)
    if factor == 1:
        return pixels.copy()
    if method == "nearest":
        return scale_nearest(pixels, (width * factor, height * factor))
    return _lanczos(pixels, factor, wrap)


def _repeated(
    pixels: Pixels,
    factor: int,
    base: int,
    enlarge: Callable[[Pixels, bool], Pixels],
    wrap: bool,
) -> Pixels:
    out, left = pixels.copy(), factor
    while left % base == 0:
        out, left = enlarge(out, wrap), left // base
    if left != 1:
        raise ImageError(
            f"scale{base}x enlarges by {base}, {base**2}, {base**3}, ..., not by {factor}: "
            "choose such a factor, or nearest"
        )
    return out


def _lanczos(pixels: Pixels, factor: int, wrap: bool) -> Pixels:
    """C. Duchon, "Lanczos filtering in one and two dimensions" (1979), with three lobes.

    A whole factor has only that many ways in which new pixels lie between old ones, so each is one
    sum of shifted pictures, with the same order of additions for every pixel.
    """
    values = to_linear_premultiplied(pixels)
    for axis in (0, 1):
        values = _lanczos_axis(values, factor, axis, wrap)
    values[..., 3] = np.clip(values[..., 3], 0.0, 1.0)
    np.clip(
        values[..., :3], 0.0, values[..., 3:4], out=values[..., :3]
    )  # ringing ends at the gamut
    return from_linear_premultiplied(values, pixels.shape[2])


def _lanczos_axis(values: Floats, factor: int, axis: int, wrap: bool) -> Floats:
    """(h, w, 4) with `axis` 0 or 1 enlarged."""
    side = values.shape[axis]
    shape = list(values.shape)
    shape[axis] = side * factor
    out = np.empty(shape, np.float32)
    steps = np.arange(-_LOBES, _LOBES + 1)
    shifted = []
    for step in steps:
        place = np.arange(side) + step
        place = place % side if wrap else np.clip(place, 0, side - 1)
        shifted.append(values.take(place, axis=axis))
    for phase in range(factor):
        middle = (phase + 0.5) / factor - 0.5  # of the new pixel, counted from the old one's middle
        weights = np.sinc(steps - middle) * np.sinc((steps - middle) / _LOBES)
        weights[np.abs(steps - middle) >= _LOBES] = 0.0
        weights /= weights.sum()
        total = np.zeros_like(values)
        for weight, picture in zip(weights, shifted, strict=True):
            total += np.float32(weight) * picture
        target = out[phase::factor] if axis == 0 else out[:, phase::factor]
        target[...] = total
    return out
