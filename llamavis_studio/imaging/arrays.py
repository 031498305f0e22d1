"""Pixels between forms: sRGB and linear light, straight and premultiplied alpha, Pillow and NumPy.

An image between rooms is a `uint8` array `(h, w, c)`, c = 3 or 4, sRGB with straight alpha. Inside
this room, floats are 0..1.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from llamavis_studio.imaging.errors import ImageError

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]

_SIXTEEN_BIT_MODES = ("I;16", "I;16B", "I;16L", "I;16N", "I")


def _srgb_curve() -> Floats:
    encoded = np.arange(256, dtype=np.float64) / 255.0
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    return linear.astype(np.float32)


_LINEAR_OF_BYTE = _srgb_curve()


def srgb_to_linear(colour: Pixels) -> Floats:
    """sRGB bytes of any shape to linear light, 0..1."""
    return _LINEAR_OF_BYTE[colour]


def linear_to_srgb(linear: Floats) -> Pixels:
    """Linear light 0..1 of any shape to the nearest sRGB bytes; values outside are clipped."""
    clipped = np.clip(linear, 0.0, 1.0).astype(np.float64)
    encoded = np.where(clipped <= 0.0031308, clipped * 12.92, 1.055 * clipped ** (1 / 2.4) - 0.055)
    return np.rint(encoded * 255.0).astype(np.uint8)


def straight_to_premultiplied(pixels: Floats) -> Floats:
    """(h, w, 4) floats: colour times alpha, so that averages ignore what nobody sees."""
    out = pixels.astype(np.float32, copy=True)
    out[..., :3] *= out[..., 3:4]
    return out


def premultiplied_to_straight(pixels: Floats) -> Floats:
    """(h, w, 4) floats: colour divided by alpha; where alpha is zero the colour is black."""
    out = pixels.astype(np.float32, copy=True)
    alpha = out[..., 3:4]
    np.divide(out[..., :3], alpha, out=out[..., :3], where=alpha > 0)
    out[..., :3][np.broadcast_to(alpha <= 0, out[..., :3].shape)] = 0.0
    return out


def to_linear_premultiplied(pixels: Pixels) -> Floats:
    """sRGB straight bytes (h, w, 3 or 4) to linear premultiplied floats (h, w, 4)."""
    rgba = with_alpha(pixels)
    out = np.empty(rgba.shape, np.float32)
    out[..., :3] = srgb_to_linear(rgba[..., :3])
    out[..., 3] = rgba[..., 3] / np.float32(255.0)
    return straight_to_premultiplied(out)


def from_linear_premultiplied(values: Floats, channels: int = 4) -> Pixels:
    """Linear premultiplied floats (h, w, 4) to sRGB straight bytes with 3 or 4 channels."""
    straight = premultiplied_to_straight(values)
    out = np.empty(straight.shape, np.uint8)
    out[..., :3] = linear_to_srgb(straight[..., :3])
    out[..., 3] = np.rint(np.clip(straight[..., 3], 0.0, 1.0) * 255.0)
    return out[..., :channels]


def check_pixels(pixels: Pixels) -> None:
    """Raises ImageError unless the array is uint8 (h, w, 3 or 4) with at least one pixel."""
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] not in (3, 4):
        raise ImageError(
            f"an image is uint8 (h, w, 3 or 4), but this is {pixels.dtype} {pixels.shape}"
        )
    if pixels.shape[0] == 0 or pixels.shape[1] == 0:
        raise ImageError("an image without pixels")


def with_alpha(pixels: Pixels) -> Pixels:
    """(h, w, 3 or 4) to (h, w, 4); added alpha is opaque. May return its argument."""
    check_pixels(pixels)
    if pixels.shape[2] == 4:
        return pixels
    opaque = np.full((*pixels.shape[:2], 1), 255, np.uint8)
    return np.concatenate([pixels, opaque], axis=2)


def array_to_image(pixels: Pixels) -> Image.Image:
    """(h, w, 3 or 4) to a Pillow image of mode RGB or RGBA."""
    check_pixels(pixels)
    return Image.fromarray(np.ascontiguousarray(pixels))


def image_to_array(image: Image.Image) -> Pixels:
    """Any Pillow mode to sRGB bytes (h, w, 3), or (h, w, 4) where the image can be transparent.

    16-bit greys are scaled to 8 bits; floats are read as 0..1, or as 0..255 when something exceeds
    1.
    """
    mode = image.mode
    if mode in _SIXTEEN_BIT_MODES:
        return _deep_grey_to_array(image)
    if mode == "F":
        grey = np.nan_to_num(np.asarray(image, np.float32), nan=0.0)
        scaled = grey if float(grey.max(initial=0.0)) > 1.0 else grey * 255.0
        return _grey_to_rgb(np.rint(np.clip(scaled, 0, 255)).astype(np.uint8))
    if mode == "La":
        image = image.convert("LA")
    clear = mode in ("RGBA", "LA", "La", "PA", "RGBa") or "transparency" in image.info
    converted = image.convert("RGBA" if clear else "RGB")
    return np.array(converted, dtype=np.uint8)


def _deep_grey_to_array(image: Image.Image) -> Pixels:
    deep = np.asarray(image).astype(np.int64)
    grey = (np.clip(deep, 0, 65535) + 128) // 257  # 65535 = 255 * 257, so this rounds
    rgb = _grey_to_rgb(grey.astype(np.uint8))
    key = image.info.get("transparency")
    if not isinstance(key, int):
        return rgb
    alpha = np.where(deep == key, 0, 255).astype(np.uint8)
    return np.concatenate([rgb, alpha[..., None]], axis=2)


def _grey_to_rgb(grey: Pixels) -> Pixels:
    return np.repeat(grey[..., None], 3, axis=2)
