"""A picture without the jump between its opposite edges, by one exact Poisson equation."""

from __future__ import annotations

import numpy as np

from llamavis_studio.imaging.arrays import (
    Floats,
    Pixels,
    check_pixels,
    from_linear_premultiplied,
    to_linear_premultiplied,
)


def periodic_component(pixels: Pixels) -> Pixels:
    """The picture (h, w, 3 or 4) less the smoothest one that has all of its jumps across the wrap.

    What is taken away is spread so wide that it cannot be seen, unlike a blended band; a picture
    that is lighter on one side than on the other loses that slope. Works in linear light on
    premultiplied colour. Moisan, "Periodic plus smooth image decomposition" (2011).
    """
    check_pixels(pixels)
    values = to_linear_premultiplied(pixels).astype(np.float64)  # (h, w, 4)
    jumps = np.zeros_like(values)
    down, across = values[-1] - values[0], values[:, -1] - values[:, 0]
    jumps[0] += down
    jumps[-1] -= down
    jumps[:, 0] += across
    jumps[:, -1] -= across
    height, width = values.shape[:2]
    rows = np.cos(2 * np.pi * np.arange(height) / height)[:, None]
    columns = np.cos(2 * np.pi * np.fft.rfftfreq(width))[None, :]
    laplacian = 2 * rows + 2 * columns - 4
    laplacian[0, 0] = 1.0  # the mean stays: nothing is taken away there
    smooth = np.fft.rfft2(jumps, axes=(0, 1)) / laplacian[..., None]
    smooth[0, 0] = 0.0
    periodic = values - np.fft.irfft2(smooth, s=(height, width), axes=(0, 1))
    periodic = np.clip(periodic, 0.0, 1.0)
    periodic[..., :3] = np.minimum(periodic[..., :3], periodic[..., 3:4])
    found: Floats = periodic.astype(np.float32)
    return from_linear_premultiplied(found, pixels.shape[2])
