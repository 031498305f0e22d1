"""Large pictures of models that draw anything, brought to the size that is wanted.

    to_pixel_art    a few dozen pixels a side: crisp ones, none of them a mixture of two colours
    fit_smoothly    a painting or photograph: area going down, Lanczos going up

Both show a picture as `scale.fit_to_size` does: tiles (`wrap`) over their whole period, `pad=True`
the whole picture with clear pixels around it, `pad=False` the middle of it over the whole area.
Sizes are (width, height); arrays are (h, w, 3 or 4) sRGB bytes.
"""

from __future__ import annotations

import numpy as np

from llamavis_studio.imaging.arrays import (
    Floats,
    Pixels,
    check_pixels,
    from_linear_premultiplied,
    to_linear_premultiplied,
)
from llamavis_studio.imaging.pixel_grid import LEAST_PITCH_PX, PixelGrid, find_grid, to_true_pixels
from llamavis_studio.imaging.scale import centred, fit_to_size, scale_area

_LEAST_USED = 0.75  # the share of the wanted side that a picture's own pixels must fill
_LOBES = 3  # Lanczos3


def to_pixel_art(
    pixels: Pixels,
    size_px: tuple[int, int],
    *,
    wrap: bool = False,
    pad: bool = True,
    own_grid: bool = True,
) -> Pixels:
    """A picture at least `LEAST_PITCH_PX` times as large as wanted, as pixel art of that size.

    Where it is pixel art already, each square of it becomes one pixel (`own_grid`), if they are as
    many as wanted. Otherwise each new pixel takes the most typical colour of the middle of what it
    covers, see `pixel_grid.to_true_pixels`: on enlarged tiles that is a third nearer to the
    original than the mean of the area. A picture that is not that large comes back as it is.
    """
    check_pixels(pixels)
    inner = shown_size(pixels, size_px, wrap=wrap, pad=pad)
    height, width = pixels.shape[:2]
    if min(width / inner[0], height / inner[1]) < LEAST_PITCH_PX:
        return pixels
    if own_grid:
        found = find_grid(pixels)
        if found is not None and _suits(found, inner, pad=pad and not wrap):
            own = to_true_pixels(pixels, found)
            return fit_to_size(own, size_px, wrap=wrap, pad=pad)
    even = PixelGrid(width / inner[0], height / inner[1], 0.0, 0.0, inner[0], inner[1], 1.0)
    return centred(to_true_pixels(pixels, even), size_px)


def _suits(grid: PixelGrid, wanted: tuple[int, int], *, pad: bool) -> bool:
    """Whether a picture's own pixels are as many as wanted, or room can be left around them."""
    if (grid.columns, grid.rows) == wanted:
        return True
    sides = ((grid.columns, wanted[0]), (grid.rows, wanted[1]))
    return pad and all(_LEAST_USED * want <= have <= want for have, want in sides)


def fit_smoothly(
    pixels: Pixels, size_px: tuple[int, int], *, wrap: bool = False, pad: bool = True
) -> Pixels:
    """The picture at the wanted size, soft where it grows; in linear light, weighted by alpha."""
    check_pixels(pixels)
    inner = shown_size(pixels, size_px, wrap=wrap, pad=pad)
    height, width = pixels.shape[:2]
    if (width, height) != inner:
        smaller = (min(width, inner[0]), min(height, inner[1]))
        if smaller != (width, height):
            pixels = scale_area(pixels, smaller)
        if smaller != inner:
            pixels = _enlarged(pixels, inner, wrap)
    return centred(pixels, size_px)


def shown_size(
    pixels: Pixels, size_px: tuple[int, int], *, wrap: bool, pad: bool
) -> tuple[int, int]:
    """The (width, height) at which a picture is shown in a frame, whole or with its rim cut."""
    if wrap:
        return size_px
    height, width = pixels.shape[:2]
    grows = (size_px[0] / width, size_px[1] / height)
    fit = min(grows) if pad else max(grows)
    return max(1, round(width * fit)), max(1, round(height * fit))


def _enlarged(pixels: Pixels, size_px: tuple[int, int], wrap: bool) -> Pixels:
    """C. Duchon, "Lanczos filtering in one and two dimensions" (1979), with three lobes."""
    values = to_linear_premultiplied(pixels)
    for axis, wanted in ((0, size_px[1]), (1, size_px[0])):
        values = _enlarged_axis(values, wanted, axis, wrap)
    values[..., 3] = np.clip(values[..., 3], 0.0, 1.0)
    np.clip(values[..., :3], 0.0, values[..., 3:4], out=values[..., :3])
    return from_linear_premultiplied(values, pixels.shape[2])


def _enlarged_axis(values: Floats, wanted: int, axis: int, wrap: bool) -> Floats:
    """(h, w, 4) with `axis` 0 or 1 of the length `wanted`."""
    side = values.shape[axis]
    if side == wanted:
        return values
    middles = (np.arange(wanted) + 0.5) * (side / wanted) - 0.5
    first = np.floor(middles).astype(np.int64) - _LOBES + 1
    places = first[:, None] + np.arange(2 * _LOBES)  # (wanted, 6)
    gaps = middles[:, None] - places
    weights = np.sinc(gaps) * np.sinc(gaps / _LOBES) * (np.abs(gaps) < _LOBES)
    weights = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    places = places % side if wrap else np.clip(places, 0, side - 1)
    shape = [1, 1, 1]
    shape[axis] = wanted
    out = np.zeros([wanted if i == axis else n for i, n in enumerate(values.shape)], np.float32)
    for lobe in range(2 * _LOBES):
        out += values.take(places[:, lobe], axis) * weights[:, lobe].reshape(shape)
    return out
