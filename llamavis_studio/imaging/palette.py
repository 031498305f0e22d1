"""Few colours: snap a picture to a given palette, or find the few colours that serve it best.
Distances are in OKLab.

A palette is a `uint8` array (n, 3) of sRGB colours. Alpha passes through; clear pixels are neither
read nor coloured.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from llamavis_studio.imaging.arrays import Pixels, check_pixels
from llamavis_studio.imaging.dither import check_dither, dithered_places
from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.nearest_colour import (
    Codes,
    distinct_codes,
    memory_of_palette,
    nearest,
    pack_colours,
    unpack_colours,
)
from llamavis_studio.imaging.oklab import oklab_to_srgb, srgb_to_oklab

__all__ = [
    "adaptive_palette",
    "colours_of",
    "limit_colours",
    "oklab_to_srgb",
    "snap_to_palette",
    "srgb_to_oklab",
]

_MAX_UNIQUE = 1 << 15  # more colours than this are first merged to 5 bits a channel
_ROUNDS = 12  # k-means settles in fewer on real pictures
_MANY_PIXELS = 1 << 16  # from here on what is learnt about colours is kept with the palette
_MOST_REMEMBERED = (1 << 16) - 1  # colours of a palette


def snap_to_palette(
    pixels: Pixels, palette: Pixels, dither: float = 0.0, method: str = "bayer"
) -> Pixels:
    """Each visible pixel (h, w, 3 or 4) takes the nearest colour of the palette (n, 3), exactly; of
    equally near ones the first.

    `dither` 0..1 mixes neighbours of the palette: `method` "bayer" is a 4x4 pattern, "blue_noise" a
    32x32 one without visible order; both tile where the sides divide by theirs. "floyd_steinberg"
    is error diffusion, the finest, but it does not tile and trembles in animations.

    Raises:
        ImageError: an empty palette, a dither outside 0..1, an unknown method.
    """
    check_pixels(pixels)
    check_dither(dither, method)
    if palette.dtype != np.uint8 or palette.ndim != 2 or palette.shape[1] != 3 or not len(palette):
        raise ImageError("a palette needs at least one colour, as uint8 (n, 3)")
    seen = _visible(pixels)
    if not seen.any():
        return pixels.copy()
    if dither > 0 and len(palette) > 1:
        places = dithered_places(pixels, seen, palette, dither, method)
        return _coloured(pixels, seen, palette[places[seen]])
    codes = pack_colours(pixels)
    wanted = codes.reshape(-1) if seen.all() else codes[seen]
    return _coloured(pixels, seen, unpack_colours(_snapped(wanted, palette)))


def adaptive_palette(pixels: Pixels, count: int) -> Pixels:
    """At most `count` colours that serve the visible pixels best: median cut, then weighted
    k-means, in OKLab.

    Deterministic. A picture that has no more colours than asked gives exactly its own. Ordered dark
    to light.

    Raises:
        ImageError: a count below 1.
    """
    check_pixels(pixels)
    if count < 1:
        raise ImageError(f"a palette needs at least one colour, not {count}")
    colours, weights = _weighted_colours(pixels)
    if len(colours) <= count:
        return _dark_to_light(colours)
    lab = srgb_to_oklab(colours).astype(np.float64)
    centres = _median_cut(lab, weights, count)
    for _ in range(_ROUNDS):
        owner = nearest(lab.astype(np.float32), centres.astype(np.float32))
        mass = np.bincount(owner, weights, minlength=count)
        moved = centres.copy()
        for axis in range(3):
            total = np.bincount(owner, weights * lab[:, axis], minlength=count)
            np.divide(total, mass, out=moved[:, axis], where=mass > 0)
        if np.allclose(moved, centres, atol=1e-6):
            break
        centres = moved
    return _dark_to_light(np.unique(oklab_to_srgb(centres.astype(np.float32)), axis=0))


def limit_colours(pixels: Pixels, count: int, dither: float = 0.0, method: str = "bayer") -> Pixels:
    """The picture in at most `count` colours of its own, dithered as `snap_to_palette` does."""
    palette = adaptive_palette(pixels, count)
    return snap_to_palette(pixels, palette, dither, method) if len(palette) else pixels.copy()


def colours_of(pixels: Pixels) -> Pixels:
    """The distinct visible colours (n, 3), in byte order."""
    check_pixels(pixels)
    return _counted_colours(pixels)[0]


def _visible(pixels: Pixels) -> NDArray[np.bool_]:
    if pixels.shape[2] == 3:
        return np.ones(pixels.shape[:2], bool)
    return pixels[..., 3] > 0


def _coloured(pixels: Pixels, seen: NDArray[np.bool_], colours: Pixels) -> Pixels:
    """The picture with `colours` (n, 3) where it is `seen`, in reading order."""
    if pixels.shape[2] == 3:
        return colours.reshape(pixels.shape)
    out = pixels.copy()
    out[..., :3][seen] = colours
    return out


def _snapped(codes: Codes, palette: Pixels) -> Codes:
    """Colours (n,) to the nearest ones of the palette (n,)."""
    if len(codes) >= _MANY_PIXELS and len(palette) <= _MOST_REMEMBERED:
        return memory_of_palette(palette.tobytes()).snap(codes)
    distinct, _ = distinct_codes(codes)
    lab = srgb_to_oklab(unpack_colours(distinct))
    chosen = pack_colours(palette)[nearest(lab, srgb_to_oklab(palette))]
    out: Codes = chosen[np.searchsorted(distinct, codes)]
    return out


def _counted_colours(pixels: Pixels) -> tuple[Pixels, NDArray[np.int64]]:
    """The distinct visible colours (n, 3) in byte order, and how many pixels each has."""
    codes, counts = distinct_codes(pack_colours(pixels[..., 2::-1])[_visible(pixels)])
    return np.ascontiguousarray(unpack_colours(codes)[:, ::-1]), counts


def _weighted_colours(pixels: Pixels) -> tuple[Pixels, NDArray[np.float64]]:
    colours, counts = _counted_colours(pixels)
    if len(colours) <= _MAX_UNIQUE:
        return colours, counts.astype(np.float64)
    red, green, blue = (colours[:, axis].astype(np.intp) >> 3 for axis in range(3))
    owner = red << 10 | green << 5 | blue
    mass = np.bincount(owner, counts.astype(np.float64))
    used = mass > 0
    means = [
        np.bincount(owner, counts * colours[:, axis].astype(np.float64))[used] / mass[used]
        for axis in range(3)
    ]
    merged: Pixels = np.rint(np.stack(means, axis=1)).astype(np.uint8)
    return merged, mass[used].astype(np.float64)


def _median_cut(
    lab: NDArray[np.float64], weights: NDArray[np.float64], count: int
) -> NDArray[np.float64]:
    """`count` starting centres: split the box with the largest weighted variance along its longest
    axis.
    """
    boxes = [np.arange(len(lab))]
    errors = [_variance(lab, weights)]
    while len(boxes) < count:
        worst = int(np.argmax([error.sum() for error in errors]))
        box, axis = boxes[worst], int(np.argmax(errors[worst]))
        order = box[np.argsort(lab[box, axis], kind="stable")]
        mass = np.cumsum(weights[order])
        cut = int(np.clip(np.searchsorted(mass, mass[-1] / 2) + 1, 1, len(order) - 1))
        boxes[worst] = order[:cut]
        boxes.append(order[cut:])
        errors[worst] = _variance(lab[boxes[worst]], weights[boxes[worst]])
        errors.append(_variance(lab[boxes[-1]], weights[boxes[-1]]))
    return np.stack([np.average(lab[box], axis=0, weights=weights[box]) for box in boxes])


def _variance(lab: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weighted squared deviation on each axis; a box of one colour cannot be split and counts as
    nothing.
    """
    if len(lab) < 2:
        return np.full(3, -1.0)
    mean = np.average(lab, axis=0, weights=weights)
    spread: NDArray[np.float64] = (weights[:, None] * (lab - mean) ** 2).sum(axis=0)
    return spread


def _dark_to_light(colours: Pixels) -> Pixels:
    lightness = srgb_to_oklab(colours)[:, 0]
    return colours[np.argsort(lightness, kind="stable")]
