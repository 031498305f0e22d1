"""Where a tile is cut from the endless plane: at its calmest lines, if its edges meet at all.

A picture that tiles may begin anywhere. A model that draws in patches leaves its patches' borders a
little rougher than their insides, and its edges are such borders: cut elsewhere, the same plane has
edges that no eye finds.
"""

from __future__ import annotations

import numpy as np

from llamavis_studio.imaging.arrays import Floats, Pixels, check_pixels, with_alpha

STANDS_OUT = 1.4
"""A wrap this much rougher than the mean line, and rougher than any other, is a seam."""


def line_roughness(pixels: Pixels) -> tuple[Floats, Floats]:
    """Mean difference between each row and the next ``(h,)``, each column and the next ``(w,)``.

    The last value of each is that across the wrap. Measured as `seamless.seam_score` does: on sRGB
    values 0..1 of premultiplied colour and alpha.
    """
    check_pixels(pixels)
    rgba = with_alpha(pixels).astype(np.float32) / np.float32(255.0)
    rgba[..., :3] *= rgba[..., 3:4]
    rows = np.abs(rgba - np.roll(rgba, -1, axis=0)).mean(axis=(1, 2))
    columns = np.abs(rgba - np.roll(rgba, -1, axis=1)).mean(axis=(0, 2))
    return rows, columns


def seam_stands_out(pixels: Pixels) -> bool:
    """Whether the edges plainly do not meet: on an axis the wrap is the roughest line by far."""
    return any(
        len(lines) > 1
        and float(lines[-1]) > 1.02 * float(lines[:-1].max())  # equal lines differ by rounding
        and float(lines[-1]) > STANDS_OUT * max(float(lines[:-1].mean()), 1e-3)
        for lines in line_roughness(pixels)
    )


def calm_wrap(pixels: Pixels) -> Pixels:
    """The same endless plane, cut at the calmest line of each axis; of equal lines the last.

    Only for pictures whose edges meet: a seam would end up inside.
    """
    rows, columns = line_roughness(pixels)
    # argmin of the reversed finds the last, so that a calm tile stays where it is
    down = int(np.argmin(rows[::-1]))
    right = int(np.argmin(columns[::-1]))
    return np.ascontiguousarray(np.roll(pixels, (down, right), (0, 1)))
