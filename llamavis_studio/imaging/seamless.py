"""Tiles: measure the seam where a picture meets itself, and blend it away near the edges only."""

from __future__ import annotations

import numpy as np

from llamavis_studio.imaging.arrays import (
    Floats,
    Pixels,
    check_pixels,
    from_linear_premultiplied,
    srgb_to_linear,
    to_linear_premultiplied,
    with_alpha,
)
from llamavis_studio.imaging.errors import ImageError

_FLAT = 1e-3  # gradients below this, in 0..1, cannot be seen: the floor of the ratio
_CONTRAST_LIMIT = 1.4  # square root of 2: two independent halves, averaged, lose this much contrast


def seam_score(pixels: Pixels) -> float:
    """The mean gradient across the wrap over the mean gradient inside; the worse of the two axes.

    About 1 where the seam cannot be told from any other place, 0 for a flat picture, above 1.5
    where one sees it. Measured on sRGB values of premultiplied colour and alpha.
    """
    check_pixels(pixels)
    rgba = with_alpha(pixels).astype(np.float32) / np.float32(255.0)
    rgba[..., :3] *= rgba[..., 3:4]
    return max(_axis_score(rgba), _axis_score(rgba.transpose(1, 0, 2)))


def make_tileable(pixels: Pixels, band: float = 0.25) -> Pixels:
    """A picture that repeats without a visible seam; what lies deeper than `band` (share of the
    side) keeps its pixels.

    Near an edge the picture fades into itself moved by half its size, whose middle is whole there.
    The fade keeps the contrast of the texture instead of greying it.

    Raises:
        ImageError: `band` outside 0..0.5.
    """
    check_pixels(pixels)
    if not 0.0 < band <= 0.5:
        raise ImageError(f"the band of a tile lies above 0 and up to 0.5, not {band}")
    values = to_linear_premultiplied(pixels)
    values = _fade_axis(values, band)
    values = _fade_axis(values.transpose(1, 0, 2), band).transpose(1, 0, 2)
    out = from_linear_premultiplied(values, pixels.shape[2])
    height, width = pixels.shape[:2]
    calm = (_weights(height, band) == 0)[:, None] & (_weights(width, band) == 0)[None, :]
    out[calm] = pixels[calm]  # not even rounding touches the inside
    return out


def luminance(pixels: Pixels) -> Floats:
    """Relative luminance (h, w), 0..1, of sRGB bytes; alpha is not looked at."""
    weights = np.array([0.2126, 0.7152, 0.0722], np.float32)
    grey: Floats = srgb_to_linear(pixels[..., :3]) @ weights
    return grey


def _axis_score(values: Floats) -> float:
    if values.shape[1] < 2:
        return 0.0
    seam = float(np.abs(values[:, 0] - values[:, -1]).mean())
    inside = float(np.abs(np.diff(values, axis=1)).mean())
    return seam / max(inside, _FLAT)


def _weights(side: int, band: float) -> Floats:
    """(side,) 1 at both edges, falling smoothly to 0 at the depth of the band."""
    depth = max(1.0, side * band)
    distance = np.minimum(np.arange(side), np.arange(side)[::-1]) + 0.5
    ramp = np.clip(1.0 - distance / depth, 0.0, 1.0)
    return (ramp * ramp * (3.0 - 2.0 * ramp)).astype(np.float32)


def _fade_axis(values: Floats, band: float) -> Floats:
    """Along axis 1: fade to the half-shifted picture near the edges, contrast kept, range kept."""
    side = values.shape[1]
    if side < 4:
        return values
    weight = _weights(side, band)[None, :, None]
    moved = np.roll(values, side // 2, axis=1)
    mean = values.mean(axis=(0, 1), keepdims=True)
    keep = np.sqrt(weight**2 + (1.0 - weight) ** 2)
    gain = np.minimum(1.0 / keep, _CONTRAST_LIMIT)
    mixed = mean + ((values - mean) * (1.0 - weight) + (moved - mean) * weight) * gain
    alpha = np.clip(mixed[..., 3:4], 0.0, 1.0)
    mixed = np.clip(mixed, 0.0, 1.0)
    mixed[..., :3] = np.minimum(mixed[..., :3], alpha)  # premultiplied colour never exceeds alpha
    out: Floats = mixed.astype(np.float32)
    return out
