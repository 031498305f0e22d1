"""Sizes: nearest, area in linear light, and the pixel-art scalers Scale2x and Scale3x, all safe for
tiles.

With `wrap=True` the neighbours of an edge pixel are those on the other side, so that what tiled
before tiles after. Sizes are (width, height); arrays are (h, w, 3 or 4) sRGB bytes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from llamavis_studio.imaging.arrays import (
    Floats,
    Pixels,
    check_pixels,
    from_linear_premultiplied,
    to_linear_premultiplied,
)
from llamavis_studio.imaging.errors import ImageError


def scale_nearest(pixels: Pixels, size_px: tuple[int, int]) -> Pixels:
    """Each new pixel takes the old pixel under its centre; no new colours."""
    check_pixels(pixels)
    _check_target(size_px)
    height, width = pixels.shape[:2]
    columns = (np.arange(size_px[0]) * 2 + 1) * width // (size_px[0] * 2)
    rows = (np.arange(size_px[1]) * 2 + 1) * height // (size_px[1] * 2)
    out: Pixels = pixels[rows[:, None], columns[None, :]]
    return out


def scale_area(pixels: Pixels, size_px: tuple[int, int]) -> Pixels:
    """Each new pixel is the mean, in linear light and weighted by alpha, of the area it covers."""
    check_pixels(pixels)
    _check_target(size_px)
    values = to_linear_premultiplied(pixels)
    rows = _coverage(values.shape[0], size_px[1])  # (h_new, h)
    columns = _coverage(values.shape[1], size_px[0])  # (w_new, w)
    tall = np.tensordot(rows, values, axes=(1, 0))  # (h_new, w, 4)
    small = np.tensordot(columns, tall, axes=(1, 1)).transpose(1, 0, 2)  # (h_new, w_new, 4)
    return from_linear_premultiplied(small.astype(np.float32), pixels.shape[2])


def scale2x(pixels: Pixels, wrap: bool = False) -> Pixels:
    """Twice the size by Scale2x (EPX): staircases become smooth, no new colours."""
    codes = _codes(pixels)
    up, down, left, right = (_shift(codes, dy, dx, wrap) for dy, dx in _CROSS)
    corner = {
        (0, 0): (left == up) & (left != down) & (up != right),
        (0, 1): (up == right) & (up != left) & (right != down),
        (1, 0): (down == left) & (down != right) & (left != up),
        (1, 1): (right == down) & (right != up) & (down != left),
    }
    taken = {(0, 0): left, (0, 1): right, (1, 0): left, (1, 1): right}
    out = np.repeat(np.repeat(codes, 2, axis=0), 2, axis=1)
    for (dy, dx), mask in corner.items():
        out[dy::2, dx::2] = np.where(mask, taken[dy, dx], codes)
    return _decode(out, pixels)


def scale3x(pixels: Pixels, wrap: bool = False) -> Pixels:
    """Three times the size by Scale3x, the sibling of Scale2x."""
    e = _codes(pixels)
    a, b, c, d, f, g, h, i = (_shift(e, dy, dx, wrap) for dy, dx in _RING)
    busy = (d != f) & (b != h)  # flat and straight places keep their pixel
    db, bf = busy & (d == b), busy & (b == f)
    dh, hf = busy & (d == h), busy & (h == f)
    cells = {
        (0, 0): (db, d),
        (0, 1): ((db & (e != c)) | (bf & (e != a)), b),
        (0, 2): (bf, f),
        (1, 0): ((db & (e != g)) | (dh & (e != a)), d),
        (1, 2): ((bf & (e != i)) | (hf & (e != c)), f),
        (2, 0): (dh, d),
        (2, 1): ((dh & (e != i)) | (hf & (e != g)), h),
        (2, 2): (hf, f),
    }
    out = np.repeat(np.repeat(e, 3, axis=0), 3, axis=1)
    for (dy, dx), (mask, value) in cells.items():
        out[dy::3, dx::3] = np.where(mask, value, e)
    return _decode(out, pixels)


def scale_whole(pixels: Pixels, factor: int, wrap: bool = False) -> Pixels:
    """A whole factor >= 1: Scale2x and Scale3x as often as they divide it, nearest for what
    remains.
    """
    if factor < 1:
        raise ImageError(f"a scale factor is at least 1, not {factor}")
    out = pixels
    while factor % 2 == 0:
        out, factor = scale2x(out, wrap), factor // 2
    while factor % 3 == 0:
        out, factor = scale3x(out, wrap), factor // 3
    return scale_nearest(out, (out.shape[1] * factor, out.shape[0] * factor))


def fit_to_size(
    pixels: Pixels, size_px: tuple[int, int], *, wrap: bool = False, pad: bool = True
) -> Pixels:
    """A picture in its own size to a finished size, as pixel art is scaled: by whole factors.

    Tiles (`wrap`) are resampled over their whole period. Otherwise `pad=True` shows everything and
    fills the rest with clear pixels (sprites); `pad=False` covers the whole area and crops the
    middle (backgrounds).
    """
    check_pixels(pixels)
    _check_target(size_px)
    height, width = pixels.shape[:2]
    if (width, height) == size_px:
        return pixels
    grow_x, grow_y = size_px[0] / width, size_px[1] / height
    if wrap:
        whole = max(1, int(np.ceil(max(grow_x, grow_y))))
        return scale_area_or_keep(scale_whole(pixels, whole, wrap=True), size_px)
    fit = min(grow_x, grow_y) if pad else max(grow_x, grow_y)
    if fit >= 1:
        whole = int(fit) if pad else int(np.ceil(fit))
        scaled = scale_whole(pixels, whole)
    else:
        scaled = scale_area(pixels, (max(1, round(width * fit)), max(1, round(height * fit))))
    return centred(scaled, size_px)


def scale_area_or_keep(pixels: Pixels, size_px: tuple[int, int]) -> Pixels:
    """`scale_area`, save that a picture of the right size passes unchanged."""
    if (pixels.shape[1], pixels.shape[0]) == size_px:
        return pixels
    return scale_area(pixels, size_px)


_CROSS = ((-1, 0), (1, 0), (0, -1), (0, 1))
_RING = ((-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1))


def centred(pixels: Pixels, size_px: tuple[int, int]) -> Pixels:
    """Crop the middle or pad with clear pixels, each axis by itself."""
    width, height = size_px
    top = max(0, (pixels.shape[0] - height) // 2)
    left = max(0, (pixels.shape[1] - width) // 2)
    cut = pixels[top : top + height, left : left + width]
    if cut.shape[:2] == (height, width):
        return np.ascontiguousarray(cut)
    out = np.zeros((height, width, 4), np.uint8)
    y, x = (height - cut.shape[0]) // 2, (width - cut.shape[1]) // 2
    out[y : y + cut.shape[0], x : x + cut.shape[1], : cut.shape[2]] = cut
    if cut.shape[2] == 3:
        out[y : y + cut.shape[0], x : x + cut.shape[1], 3] = 255
    return out


def _codes(pixels: Pixels) -> NDArray[np.uint32]:
    """One number a pixel, so that equality is one comparison; all clear pixels are equal."""
    check_pixels(pixels)
    wide = pixels.astype(np.uint32)
    codes = wide[..., 0] * np.uint32(1 << 16) + wide[..., 1] * np.uint32(1 << 8) + wide[..., 2]
    if pixels.shape[2] == 4:
        codes += wide[..., 3] * np.uint32(1 << 24)
        codes[wide[..., 3] == 0] = 0
    return codes.astype(np.uint32)


def _decode(codes: NDArray[np.uint32], like: Pixels) -> Pixels:
    shifts = (16, 8, 0, 24)[: like.shape[2]]
    return np.stack([(codes >> shift & 255).astype(np.uint8) for shift in shifts], axis=2)


def _shift(codes: NDArray[np.uint32], dy: int, dx: int, wrap: bool) -> NDArray[np.uint32]:
    """The neighbour at (dy, dx) of each pixel; outside is the other side, or the edge pixel
    itself.
    """
    height, width = codes.shape
    rows, columns = np.arange(height) + dy, np.arange(width) + dx
    if wrap:
        rows, columns = rows % height, columns % width
    else:
        rows, columns = np.clip(rows, 0, height - 1), np.clip(columns, 0, width - 1)
    out: NDArray[np.uint32] = codes[rows[:, None], columns[None, :]]
    return out


def _coverage(old: int, new: int) -> Floats:
    """(new, old) weights: the share of new pixel i that old pixel j covers; each row sums to 1."""
    edges = np.arange(new + 1) * (old / new)
    low = np.maximum(edges[:-1, None], np.arange(old)[None, :])
    high = np.minimum(edges[1:, None], np.arange(1, old + 1)[None, :])
    weights = np.clip(high - low, 0.0, None)
    share: Floats = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    return share


def _check_target(size_px: tuple[int, int]) -> None:
    if size_px[0] < 1 or size_px[1] < 1:
        raise ImageError(f"a size is at least 1x1, not {size_px[0]}x{size_px[1]}")
