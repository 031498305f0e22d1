"""Gaussian blur of one plane, wrapping round for tiles, with the same bits on every machine.

Values and weights become whole numbers, so that every sum stays below 2**53 and is exact in any
order: no BLAS, thread count or block size changes a bit, a flat plane stays flat, and a rolled tile
gives the rolled result.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from llamavis_studio.imaging.arrays import Floats
from llamavis_studio.imaging.errors import ImageError

_VALUE_UNITS = float(1 << 20)  # 20 bits of value and twice 16 bits of weight make 52
_WEIGHT_UNITS = 1 << 16
_REACH = 3.0  # sigmas; what lies beyond weighs under 0.3 %
_BLOCK = 48  # outputs of one small matrix product; fits the caches
_LARGEST_WHOLE = 96  # up to this side one matrix holds the axis

Doubles = NDArray[np.float64]


def gaussian_blur(plane: Floats, sigma_px: float, *, wrap: bool) -> Floats:
    """A plane (h, w) of values 0..1, blurred with a standard deviation of `sigma_px` pixels.

    `wrap=True` takes neighbours from the other side; otherwise the edge pixel repeats. Weights are
    rounded to 1/65536 and values to 2**-20. A sigma of 0 changes nothing.

    Raises:
        ImageError: `plane` is not (h, w) with at least one pixel, or sigma is negative or not
            finite.
    """
    if plane.ndim != 2 or plane.size == 0:
        raise ImageError(f"a blur takes one plane (h, w) with pixels, not {plane.shape}")
    if not 0.0 <= sigma_px < np.inf:
        raise ImageError(f"the sigma of a blur is 0 or more pixels, not {sigma_px}")
    if sigma_px == 0.0:
        unchanged: Floats = plane.astype(np.float32)
        return unchanged
    whole = np.multiply(plane, _VALUE_UNITS, dtype=np.float64)
    np.rint(whole, out=whole)
    down = _along_rows(whole, sigma_px, wrap)
    across = _along_columns(down, sigma_px, wrap)
    across *= 1.0 / (_VALUE_UNITS * _WEIGHT_UNITS * _WEIGHT_UNITS)
    blurred: Floats = across.astype(np.float32)
    return blurred


@lru_cache(maxsize=64)
def _weights(sigma_px: float) -> Doubles:
    """(2r+1,) whole numbers that sum to _WEIGHT_UNITS; the middle takes the rounding."""
    radius = max(1, int(np.ceil(_REACH * sigma_px)))
    distance = np.arange(-radius, radius + 1, dtype=np.float64)
    bell = np.exp(-0.5 * (distance / sigma_px) ** 2)
    weights: Doubles = np.rint(bell / bell.sum() * _WEIGHT_UNITS)
    weights[radius] += _WEIGHT_UNITS - weights.sum()
    weights.setflags(write=False)
    return weights


@lru_cache(maxsize=64)
def _whole_matrix(side: int, sigma_px: float, wrap: bool) -> Doubles:
    """(side, side): row i holds what each pixel gives to output i."""
    weights = _weights(sigma_px)
    radius = len(weights) // 2
    matrix = np.zeros((side, side))
    sources = _sources(side, radius, wrap)
    for tap, weight in enumerate(weights):
        np.add.at(matrix, (np.arange(side), sources[tap : tap + side]), weight)
    matrix.setflags(write=False)
    return matrix


@lru_cache(maxsize=64)
def _band_matrix(sigma_px: float) -> Doubles:
    """(_BLOCK, _BLOCK + 2r): the weights, one step further to the right in each row."""
    weights = _weights(sigma_px)
    matrix = np.zeros((_BLOCK, _BLOCK + len(weights) - 1))
    for row in range(_BLOCK):
        matrix[row, row : row + len(weights)] = weights
    matrix.setflags(write=False)
    return matrix


def _sources(side: int, radius: int, wrap: bool) -> NDArray[np.intp]:
    """(side + 2 * radius,) where the pixels of a widened axis come from."""
    place = np.arange(-radius, side + radius)
    return place % side if wrap else np.clip(place, 0, side - 1)


def _along_rows(values: Doubles, sigma_px: float, wrap: bool) -> Doubles:
    """(h, w) blurred along axis 0, in units of value times weight."""
    height = values.shape[0]
    if height <= _LARGEST_WHOLE:
        return _whole_matrix(height, sigma_px, wrap) @ values
    band = _band_matrix(sigma_px)
    radius = (band.shape[1] - _BLOCK) // 2
    wide = values[_sources(height, radius, wrap)]  # (h + 2r, w)
    out = np.empty_like(values)
    for top in range(0, height, _BLOCK):
        rows = min(_BLOCK, height - top)
        np.matmul(band[:rows, : rows + 2 * radius], wide[top : top + rows + 2 * radius],
                  out=out[top : top + rows])  # fmt: skip
    return out


def _along_columns(values: Doubles, sigma_px: float, wrap: bool) -> Doubles:
    """(h, w) blurred along axis 1, in units of value times weight."""
    width = values.shape[1]
    if width <= _LARGEST_WHOLE:
        return values @ _whole_matrix(width, sigma_px, wrap).T
    band = _band_matrix(sigma_px)
    radius = (band.shape[1] - _BLOCK) // 2
    wide = values[:, _sources(width, radius, wrap)]  # (h, w + 2r)
    out = np.empty_like(values)
    for left in range(0, width, _BLOCK):
        columns = min(_BLOCK, width - left)
        np.matmul(wide[:, left : left + columns + 2 * radius],
                  band[:columns, : columns + 2 * radius].T,
                  out=out[:, left : left + columns])  # fmt: skip
    return out
