"""A picture and, beside it, one panel a word: how warm each pixel is says how much the word did.

The pixels under the heat are shown in grey and dimmed, so that only the heat has a colour. Clear
pixels are dark. The first panel is the picture itself on a checkerboard.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from llamavis_studio.imaging.arrays import Pixels, image_to_array, with_alpha
from llamavis_studio.imaging.contact_sheet import (
    BACKGROUND,
    GAP_PX,
    INK,
    LINE_PX,
    caption_font,
    caption_lines,
    drawable,
    on_checkerboard,
)
from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.scale import scale_nearest

Floats = NDArray[np.float32]
FACTOR = 8
"""How much larger than the picture a panel is."""
LARGEST_PANEL_PX = 512
COLUMNS = 4
_HEAT = (
    (0.0, (30, 20, 60)),
    (0.25, (110, 25, 110)),
    (0.5, (205, 60, 80)),
    (0.75, (250, 150, 40)),
    (1.0, (255, 245, 170)),
)
"""Violet, red, orange, pale yellow: lightness rises all the way, so it also reads in grey."""


@dataclass(frozen=True)
class HeatPanel:
    """A word and where it acted: `weights` (h, w) in 0..1, of the picture's shape or any other."""

    caption: str
    weights: Floats


def heat_sheet(pixels: Pixels, panels: Sequence[HeatPanel], *, title: str = "") -> Pixels:
    """The picture (h, w, 3 or 4), then a panel for each word, in rows: sRGB (h, w, 3).

    Raises:
        ImageError: a map without pixels, or values that are not numbers.
    """
    height, width = pixels.shape[:2]
    factor = max(1, min(FACTOR, LARGEST_PANEL_PX // max(height, width)))
    font = caption_font()
    panel_w, panel_h = max(width * factor, 4 * LINE_PX), height * factor
    columns = min(COLUMNS, 1 + len(panels))
    rows = -(-(1 + len(panels)) // columns)
    step_x, step_y = panel_w + GAP_PX, panel_h + 2 * LINE_PX + GAP_PX
    sheet = Image.new("RGB", (columns * step_x + GAP_PX, rows * step_y + GAP_PX), BACKGROUND)
    draw = ImageDraw.Draw(sheet)
    large = scale_nearest(with_alpha(pixels), (width * factor, panel_h))
    shown = [(title, on_checkerboard(large))]
    shown += [(p.caption, heat_overlay(large, p.weights)) for p in panels]
    for i, (caption, panel) in enumerate(shown):
        x, y = GAP_PX + i % columns * step_x, GAP_PX + i // columns * step_y
        sheet.paste(Image.fromarray(panel), (x, y))
        for line, text in enumerate(caption_lines(drawable(caption, font), font, panel_w)):
            draw.text((x, y + panel_h + 3 + line * LINE_PX), text, fill=INK, font=font)
    return image_to_array(sheet)


def heat_overlay(pixels: Pixels, weights: Floats) -> Pixels:
    """A picture (h, w, 3 or 4) in dim grey under heat: sRGB (h, w, 3).

    `weights` is stretched to the picture, smoothly.
    """
    height, width = pixels.shape[:2]
    heat = _stretched(weights, (width, height))[..., None]  # (h, w, 1)
    rgba = with_alpha(pixels).astype(np.float32)
    alpha = rgba[..., 3:] / 255
    grey = rgba[..., :3] @ np.array([0.299, 0.587, 0.114], np.float32)
    dim = (40 + 0.55 * grey[..., None]) * alpha + np.array(BACKGROUND, np.float32) * (1 - alpha)
    strength = 0.85 * np.sqrt(heat)
    mixed = dim * (1 - strength) + heat_colours(heat[..., 0]) * strength
    return np.rint(mixed).clip(0, 255).astype(np.uint8)


def heat_colours(weights: Floats) -> Floats:
    """The colour of each weight in 0..1: (h, w) to (h, w, 3), 0..255."""
    stops = [stop for stop, _ in _HEAT]
    channels = [np.interp(weights, stops, [colour[c] for _, colour in _HEAT]) for c in range(3)]
    return np.stack(channels, axis=-1).astype(np.float32)


def _stretched(weights: Floats, size_px: tuple[int, int]) -> Floats:
    if weights.ndim != 2 or 0 in weights.shape or not np.isfinite(weights).all():
        raise ImageError("a heat map needs pixels, and a number for each of them")
    image = Image.fromarray(np.ascontiguousarray(weights, np.float32))
    stretched = np.asarray(image.resize(size_px, Image.Resampling.BILINEAR), np.float32)
    return stretched.clip(0, 1)
