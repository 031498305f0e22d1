"""OKLab, the space in which this room judges how unlike two colours are.

Björn Ottosson, "A perceptual color space for image processing" (2020).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from llamavis_studio.imaging.arrays import Floats, Pixels, linear_to_srgb, srgb_to_linear

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


def srgb_to_oklab(colour: Pixels) -> Floats:
    """sRGB bytes (..., 3) to OKLab (..., 3): lightness 0..1, then green-red and blue-yellow."""
    return linear_to_oklab(srgb_to_linear(colour))


def linear_to_oklab(linear: Floats) -> Floats:
    """Linear light 0..1 (..., 3) to OKLab (..., 3)."""
    lms = np.cbrt(_mixed(linear.astype(np.float64), _RGB_TO_LMS))
    return _mixed(lms, _LMS_TO_LAB).astype(np.float32)


def oklab_to_srgb(lab: Floats) -> Pixels:
    """OKLab (..., 3) to the nearest sRGB bytes (..., 3); out of gamut is clipped."""
    lms = (lab.astype(np.float64) @ _LAB_TO_LMS.T) ** 3
    return linear_to_srgb((lms @ _LMS_TO_RGB.T).astype(np.float32))


def _mixed(values: NDArray[np.float64], matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """(..., 3) times the matrix (3, 3), sum by sum.

    A matrix product would be left to BLAS, which adds in another order on another machine and
    wakes all cores for a product this small.
    """
    first, second, third = (np.ascontiguousarray(values[..., axis]) for axis in range(3))
    out = np.empty_like(values)
    for axis, (a, b, c) in enumerate(matrix.tolist()):
        out[..., axis] = a * first + b * second + c * third
    return out
