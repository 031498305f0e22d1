"""Few colours: snap a picture to a given palette, or find the few colours that serve it best.
Distances are in OKLab.

A palette is a `uint8` array (n, 3) of sRGB colours. Alpha passes through; clear pixels are neither
read nor coloured.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from llamavis_studio.imaging.arrays import (
    Floats,
    Pixels,
    check_pixels,
    linear_to_srgb,
    srgb_to_linear,
)
from llamavis_studio.imaging.errors import ImageError

# Björn Ottosson, "A perceptual color space for image processing" (2020).
_RGB_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_LMS_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
_LMS_TO_RGB = np.linalg.inv(_RGB_TO_LMS)
_LAB_TO_LMS = np.linalg.inv(_LMS_TO_LAB)

_BAYER_4 = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]])
_MAX_UNIQUE = 1 << 15  # more colours than this are first merged to 5 bits a channel
_ROUNDS = 12  # k-means settles in fewer on real pictures
_CHUNK = 1 << 14  # pixels compared with the palette at a time


def srgb_to_oklab(colour: Pixels) -> Floats:
    """sRGB bytes (..., 3) to OKLab (..., 3): lightness 0..1, then green-red and blue-yellow."""
    lms = np.cbrt(srgb_to_linear(colour).astype(np.float64) @ _RGB_TO_LMS.T)
    lab: Floats = (lms @ _LMS_TO_LAB.T).astype(np.float32)
    return lab


def oklab_to_srgb(lab: Floats) -> Pixels:
    """OKLab (..., 3) to the nearest sRGB bytes (..., 3); out of gamut is clipped."""
    lms = (lab.astype(np.float64) @ _LAB_TO_LMS.T) ** 3
    return linear_to_srgb((lms @ _LMS_TO_RGB.T).astype(np.float32))


def snap_to_palette(pixels: Pixels, palette: Pixels, dither: float = 0.0) -> Pixels:
    """Each visible pixel takes the nearest colour of the palette, exactly.

    `dither` 0..1 mixes neighbours of the palette in a 4x4 Bayer pattern, which tiles where the
    sides divide by 4.

    Raises:
        ImageError: an empty palette.
    """
    check_pixels(pixels)
    if palette.ndim != 2 or palette.shape[1] != 3 or len(palette) == 0:
        raise ImageError("a palette needs at least one colour")
    seen = _visible(pixels)
    out = pixels.copy()
    if not seen.any():
        return out
    lab_palette = srgb_to_oklab(palette)
    if dither > 0 and len(palette) > 1:
        lab = srgb_to_oklab(pixels[..., :3])
        height, width = seen.shape
        bayer = np.tile(_BAYER_4, (height // 4 + 1, width // 4 + 1))[:height, :width]
        offset = (bayer + 0.5) / 16.0 - 0.5
        lab[..., 0] += (offset * dither * _spread(lab_palette)).astype(np.float32)
        out[..., :3][seen] = palette[_nearest(lab[seen], lab_palette)]
        return out
    colours, inverse = np.unique(pixels[..., :3][seen], axis=0, return_inverse=True)
    nearest = _nearest(srgb_to_oklab(colours), lab_palette)
    out[..., :3][seen] = palette[nearest[inverse.reshape(-1)]]
    return out


def adaptive_palette(pixels: Pixels, count: int) -> Pixels:
    """At most `count` colours that serve the visible pixels best: median cut, then weighted
    k-means, in OKLab.

    Deterministic. A picture that has no more colours than asked gives exactly its own. Ordered dark
    to light.
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
        owner = _nearest(lab.astype(np.float32), centres.astype(np.float32))
        mass = np.bincount(owner, weights, minlength=count)
        moved = centres.copy()
        for axis in range(3):
            total = np.bincount(owner, weights * lab[:, axis], minlength=count)
            np.divide(total, mass, out=moved[:, axis], where=mass > 0)
        if np.allclose(moved, centres, atol=1e-6):
            break
        centres = moved
    return _dark_to_light(np.unique(oklab_to_srgb(centres.astype(np.float32)), axis=0))


def limit_colours(pixels: Pixels, count: int, dither: float = 0.0) -> Pixels:
    """The picture in at most `count` colours of its own."""
    palette = adaptive_palette(pixels, count)
    return snap_to_palette(pixels, palette, dither) if len(palette) else pixels.copy()


def colours_of(pixels: Pixels) -> Pixels:
    """The distinct visible colours (n, 3), in byte order."""
    check_pixels(pixels)
    return np.unique(pixels[..., :3][_visible(pixels)], axis=0)


def _visible(pixels: Pixels) -> NDArray[np.bool_]:
    if pixels.shape[2] == 3:
        return np.ones(pixels.shape[:2], bool)
    return pixels[..., 3] > 0


def _spread(lab_palette: Floats) -> float:
    """How far apart neighbours of the palette lie: the mean distance to the nearest other
    colour.
    """
    gap = np.linalg.norm(lab_palette[:, None] - lab_palette[None], axis=2)
    np.fill_diagonal(gap, np.inf)
    nearest = gap.min(axis=1)
    return float(nearest[np.isfinite(nearest)].mean())


def _nearest(lab: Floats, lab_palette: Floats) -> NDArray[np.intp]:
    """(n, 3) against (p, 3): the index of the nearest; of equals the first."""
    out = np.empty(len(lab), np.intp)
    for start in range(0, len(lab), _CHUNK):
        part = lab[start : start + _CHUNK]
        gap = ((part[:, None, :] - lab_palette[None, :, :]) ** 2).sum(axis=2)
        out[start : start + _CHUNK] = gap.argmin(axis=1)
    return out


def _weighted_colours(pixels: Pixels) -> tuple[Pixels, NDArray[np.float64]]:
    flat = pixels[..., :3][_visible(pixels)]
    colours, counts = np.unique(flat, axis=0, return_counts=True)
    if len(colours) <= _MAX_UNIQUE:
        return colours, counts.astype(np.float64)
    bins, owner = np.unique(colours >> 3, axis=0, return_inverse=True)
    owner = owner.reshape(-1)
    mass = np.bincount(owner, counts, minlength=len(bins)).astype(np.float64)
    means = [
        np.bincount(owner, counts * colours[:, axis].astype(np.float64)) / mass for axis in range(3)
    ]
    return np.rint(np.stack(means, axis=1)).astype(np.uint8), mass


def _median_cut(
    lab: NDArray[np.float64], weights: NDArray[np.float64], count: int
) -> NDArray[np.float64]:
    """`count` starting centres: split the box with the largest weighted variance along its longest
    axis.
    """
    boxes = [np.arange(len(lab))]
    while len(boxes) < count:
        errors = [_variance(lab[box], weights[box]) for box in boxes]
        worst = int(np.argmax([error.sum() for error in errors]))
        box, axis = boxes[worst], int(np.argmax(errors[worst]))
        order = box[np.argsort(lab[box, axis], kind="stable")]
        mass = np.cumsum(weights[order])
        cut = int(np.clip(np.searchsorted(mass, mass[-1] / 2) + 1, 1, len(order) - 1))
        boxes[worst] = order[:cut]
        boxes.append(order[cut:])
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
