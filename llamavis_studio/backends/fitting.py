"""Any picture at exactly the size that the built-in model reads and draws."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from llamavis_studio.backends.base import Pixels
from llamavis_studio.imaging.arrays import with_alpha
from llamavis_studio.imaging.scale import fit_to_size, scale_area


def fit_for_model(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    """RGBA of exactly ``size`` (width, height), hard alpha, colour 0 where clear.

    Pictures a whole number of times as large (pixel art, enlarged) give one pixel a block, other
    large ones are averaged down, small ones centred.
    """
    pixels = with_alpha(pixels)
    height, width = pixels.shape[:2]
    shrink = max(width / size[0], height / size[1])
    factor = width // size[0]
    if factor > 1 and (width, height) == (factor * size[0], factor * size[1]):
        pixels = pixels[factor // 2 :: factor, factor // 2 :: factor]
    elif shrink > 1:
        pixels = scale_area(pixels, (max(1, round(width / shrink)), max(1, round(height / shrink))))
    fitted = with_alpha(fit_to_size(pixels, size, pad=True)).copy()
    fitted[..., 3] = np.where(fitted[..., 3] >= 128, 255, 0)
    fitted[fitted[..., 3] == 0] = 0
    return fitted


def fit_region(region: Pixels, size: tuple[int, int]) -> NDArray[np.bool_]:
    """A mask ``(h, w)`` of any size as bool ``(height, width)``: True where any of it is set.

    Fitted as :func:`fit_for_model` fits the picture it belongs to.
    """
    painted = np.zeros((*region.shape, 4), np.uint8)
    painted[region > 0] = 255
    height, width = region.shape
    shrink = max(width / size[0], height / size[1])
    if shrink > 1:
        small = (max(1, round(width / shrink)), max(1, round(height / shrink)))
        painted = scale_area(painted, small)
    fitted = fit_to_size(painted, size, pad=True)
    found: NDArray[np.bool_] = fitted[..., 3] > 0
    return found
