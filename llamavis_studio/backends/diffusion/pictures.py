"""Versions before and regions: fitted to the size that is drawn, laid on a ground, pasted back.

A checkpoint draws 512 pixels where a sprite has 32. The sprite is enlarged by repeating its pixels,
so that what stays is found again, pixel by pixel, when the result is made small. The model knows no
alpha, so what is clear lies on a plain ground meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from llamavis_studio.backends.base import ImageRequest, Pixels
from llamavis_studio.imaging.arrays import with_alpha
from llamavis_studio.imaging.scale import scale_area, scale_nearest

Mask = NDArray[np.bool_]
GROUNDS = ((255, 255, 255), (128, 128, 128), (0, 0, 0))
"""What clear pixels lie on: the one that is most unlike the picture, white where all are."""
GROUND_TOLERANCE = 24
"""By how much a channel may differ where the ground shows through."""
BLANK = 127
"""The grey of a canvas on which all is drawn anew."""


@dataclass(frozen=True)
class Frame:
    """One version before at the drawn size: ``before (h, w, 4)``, ``region (h, w)`` True where it
    is drawn anew (None: everywhere, a little), ``laid (h, w, 3)`` on its ``ground``.
    """

    before: Pixels
    region: Mask | None
    laid: Pixels
    ground: tuple[int, int, int]


def frame_of(request: ImageRequest, size_px: tuple[int, int]) -> Frame:
    """The version that a request starts from, at the (width, height) that is drawn.

    Raises ValueError for a request that starts from nothing.
    """
    if request.before is None:
        raise ValueError("this request starts from nothing")
    before = fitted(with_alpha(request.before), size_px)
    region = None if request.region is None else fitted_region(request.region, size_px)
    ground = ground_for(before)
    alpha = before[..., 3:].astype(np.float32) / 255.0
    laid = before[..., :3] * alpha + np.array(ground, np.float32) * (1.0 - alpha)
    return Frame(before, region, np.rint(laid).astype(np.uint8), ground)


def blank_frame(size_px: tuple[int, int]) -> Frame:
    """A canvas all of which is drawn anew."""
    width, height = size_px
    empty = np.full((height, width, 4), BLANK, np.uint8)
    empty[..., 3] = 255
    everywhere = np.ones((height, width), bool)
    return Frame(empty, everywhere, empty[..., :3].copy(), (BLANK, BLANK, BLANK))


def fitted(pixels: Pixels, size_px: tuple[int, int]) -> Pixels:
    """Pixels repeated where the size grows, mixed in linear light where it shrinks."""
    height, width = pixels.shape[:2]
    if (width, height) == size_px:
        return pixels
    if size_px[0] >= width and size_px[1] >= height:
        return scale_nearest(pixels, size_px)
    return scale_area(pixels, size_px)


def fitted_region(region: Pixels, size_px: tuple[int, int]) -> Mask:
    """``(h, w)`` True wherever a new pixel covers any part of the region."""
    image = Image.fromarray((region > 0).astype(np.float32))
    share = np.asarray(image.resize(size_px, Image.Resampling.BOX))
    found: Mask = share > 1e-6
    return found


def ground_for(pixels: Pixels) -> tuple[int, int, int]:
    """The ground from which the visible pixels of a picture differ most."""
    seen = pixels[pixels[..., 3] > 0][:, :3].astype(np.int16)
    if not len(seen):
        return GROUNDS[0]
    distance = {
        ground: int(np.abs(seen - np.array(ground, np.int16)).max(axis=1).min())
        for ground in GROUNDS
    }
    return max(GROUNDS, key=lambda ground: distance[ground])


def mask_in_cells(region: Mask, cell_px: int) -> NDArray[np.float32]:
    """``(h, w)`` 1.0 in every cell that the region touches: what a model draws anew are whole
    latents. Both sides are multiples of ``cell_px``.
    """
    height, width = region.shape
    cells = region.reshape(height // cell_px, cell_px, width // cell_px, cell_px).any(axis=(1, 3))
    return cells.repeat(cell_px, 0).repeat(cell_px, 1).astype(np.float32)


def pasted(frame: Frame, drawn: Pixels) -> Pixels:
    """``(h, w, 4)``: what was drawn ``(h, w, 3)``, with every pixel outside the region as before.

    In a cut-out picture the ground between is clear again where it was clear.
    """
    out = with_alpha(drawn).copy()
    if frame.region is None:
        return out
    clear = frame.before[..., 3] == 0
    if clear[~frame.region].any():
        away = np.abs(drawn.astype(np.int16) - np.array(frame.ground, np.int16)).max(axis=2)
        out[clear & (away <= GROUND_TOLERANCE)] = 0
    out[~frame.region] = frame.before[~frame.region]
    return out
