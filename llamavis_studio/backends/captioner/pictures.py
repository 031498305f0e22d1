"""Images as captioners like them: opaque, of a moderate size and shape, and pixel art enlarged."""

from __future__ import annotations

import numpy as np
from PIL import Image

from llamavis_studio.backends.base import Pixels

WHITE, GREY = 255, 128
PIXEL_ART_PX = 128
"""Images whose longest side is at most this are taken for pixel art."""
_LIGHT = 200


def prepared(
    pixels: Pixels, expected_px: int, longest_side_px: int, most_ratio: float
) -> Image.Image:
    """One image, RGB, as a processor is to get it.

    Args:
        pixels: (h, w, 3 or 4) sRGB, straight alpha.
        expected_px: the side that the model looks at.
        longest_side_px: larger images are made smaller.
        most_ratio: longer shapes get a rim: processors squash an image into a square or refuse it.

    Pixel art is enlarged by a whole factor, so that each pixel stays a square with hard edges. A
    processor would do it bicubically, and 16 px on 384 are then blurs that no model was taught.
    """
    opaque = on_background(pixels)
    height, width = opaque.shape[:2]
    longest = max(height, width)
    if longest <= PIXEL_ART_PX:
        factor = max(1, min(expected_px, longest_side_px) // longest)
        opaque = opaque.repeat(factor, axis=0).repeat(factor, axis=1)
    image = Image.fromarray(opaque)
    if longest > longest_side_px:
        scale = longest_side_px / longest
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        image = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    return _with_rim(image, most_ratio, tuple(_background(pixels)))


def on_background(pixels: Pixels) -> Pixels:
    """(h, w, 3): the image on white, as most pictures with captions are; light ones, which would
    drown in it, on grey.
    """
    if pixels.shape[2] == 3:
        return np.ascontiguousarray(pixels)
    alpha = pixels[..., 3:].astype(np.uint16)
    ground = _background(pixels).astype(np.uint16)
    mixed = pixels[..., :3] * alpha + ground * (255 - alpha)
    return ((mixed + 127) // 255).astype(np.uint8)


def is_empty(pixels: Pixels) -> bool:
    """Whether nothing of the image can be seen."""
    return pixels.shape[2] == 4 and not pixels[..., 3].any()


def _background(pixels: Pixels) -> Pixels:
    """The colour around an image, (3,)."""
    shade = WHITE
    if pixels.shape[2] == 4:
        solid = pixels[pixels[..., 3] >= 128]
        if len(solid) and float(solid[:, :3].mean()) > _LIGHT:
            shade = GREY
    return np.full(3, shade, np.uint8)


def _with_rim(image: Image.Image, most_ratio: float, colour: tuple[int, ...]) -> Image.Image:
    """No side is more than ``most_ratio`` times the other; the image stays in the middle."""
    least = -(-max(image.size) // most_ratio)
    width, height = (max(side, int(least)) for side in image.size)
    if (width, height) == image.size:
        return image
    wide = Image.new("RGB", (width, height), colour)
    wide.paste(image, ((width - image.width) // 2, (height - image.height) // 2))
    return wide
