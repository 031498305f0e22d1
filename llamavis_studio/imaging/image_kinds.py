"""What a picture is for, guessed from its pixels: the cheap questions first.

Animated files and telling names are settled before this is asked. A picture with clear pixels is a
sheet if clear gutters cut it into equal cells, else a sprite, or an icon where it fills a rounded
square. An opaque one is a normal map if most of its colours are directions of length one; a texture
if it repeats without a seam; a sheet if gutters of one colour cut it; else photo, background or
texture by size and by how soft it is.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image

from llamavis_studio.imaging.looks import Looks, alpha_band, fitted
from llamavis_studio.imaging.raster import Picture

SEAMLESS = 1.35
"""A seam score up to this cannot be told from any other place of a picture."""

_ICON_SIDE = 256
_LARGE_SIDE = 256
_BACKGROUND_SIDE = 320
_CELLS = (8, 12, 16, 18, 20, 24, 32, 40, 48, 64, 80, 96, 100, 128, 160, 192, 200, 256, 512)
_LEAST_SHEET_SIDE = 64
_KEY_COLOURS = ((255, 0, 255), (0, 255, 0), (0, 255, 255), (255, 0, 128))  # of old sheets
_LEAST_CELL = 6
_CLEAR_GUTTERS = 0.8  # of all borders between cells
_FILLED_CELLS = 0.6
_UNIT_SHARE = 0.9
_UNIT_TOLERANCE = 0.16


def kind_by_pixels(image: Image.Image, looks: Looks, picture: Picture) -> str:
    """texture, sprite, sheet, icon, photo, background or normal."""
    width, height = picture.width, picture.height
    if looks.has_alpha:
        return _with_clear_pixels(image, width, height)
    if _may_be_normals(looks) and _are_normals(image):
        return "normal"
    sheet = looks.pixel_art and _may_be_sheet(width, height)
    if sheet and _top_left(image) in _KEY_COLOURS and _is_sheet(_ground_mask(image)):
        return "sheet"  # before the seam is asked, as such a ground repeats perfectly
    if looks.flat or (looks.seam is not None and looks.seam <= SEAMLESS):
        return "texture"
    longest = max(width, height)
    square = 4 * longest <= 5 * min(width, height)
    if sheet and _is_sheet(_ground_mask(image)):
        return "sheet"
    if not looks.pixel_art and longest >= _LARGE_SIDE and looks.colour_count == 0:
        if looks.hard <= 0.05 or picture.format == "JPEG":
            return "photo"
    if width >= _BACKGROUND_SIDE and not square:
        return "background"
    if square:
        # Of 1,415 opaque tiles of a real game 588 have a seam (borders, corners of shores), and no
        # opaque icon can be told from them: only a name can.
        return "texture"
    return "sprite"


def _with_clear_pixels(image: Image.Image, width: int, height: int) -> str:
    square = 4 * max(width, height) <= 5 * min(width, height)
    sheet = _may_be_sheet(width, height)
    icon = square and 48 <= width <= _ICON_SIDE
    if not (sheet or icon):
        return "sprite"
    alpha = alpha_band(image)
    if alpha is None:
        alpha = image.convert("RGBA").getchannel("A").im
    if sheet and _is_sheet(alpha):
        return "sheet"
    if icon and alpha.getbbox() == (0, 0, *image.size):
        clear = alpha.histogram()[0]
        if clear <= 0.2 * width * height:
            return "icon"
    return "sprite"


def _may_be_sheet(width: int, height: int) -> bool:
    longest, shortest = max(width, height), min(width, height)
    return longest >= 2 * _LEAST_SHEET_SIDE or (
        longest >= _LEAST_SHEET_SIDE and longest >= 2 * shortest
    )


def _is_sheet(mask: Any) -> bool:
    """Whether clear lines cut what is drawn (nonzero) into a regular grid of cells."""
    columns, rows = map(bytes, mask.getprojection())
    if b"\0" not in columns.strip(b"\0") and b"\0" not in rows.strip(b"\0"):
        return False  # one piece
    width, height = mask.size
    longest, shortest = max(width, height), min(width, height)
    counts = {
        (width // side, height // side) for side in _CELLS if not (width % side or height % side)
    }
    counts |= {(n, m) for n in range(1, 9) for m in range(1, 9) if not (width % n or height % m)}
    if longest % shortest == 0:
        counts.add((width // shortest, height // shortest))
    counts = {
        (across, down)
        for across, down in counts
        if across * down >= 3 and _may_be_cell(width // across, height // down)
    }
    fit = {across for across in {across for across, _ in counts} if _cut(columns, across)}
    return any(across in fit and _cut(rows, down) for across, down in counts)


def _may_be_cell(width: int, height: int) -> bool:
    return min(width, height) >= _LEAST_CELL and max(width, height) <= 2 * min(width, height)


def _cut(line: bytes, parts: int) -> bool:
    """Whether most borders between `parts` equal parts of a line are clear, most parts are not."""
    if parts == 1:
        return True
    step = len(line) // parts
    clear = (parts - 1) - sum(map(int.__and__, line[step - 1 : -1 : step], line[step::step]))
    if clear < _CLEAR_GUTTERS * (parts - 1):
        return False
    filled = sum(1 in line[at : at + step] for at in range(0, len(line), step))
    return filled >= max(min(parts, 3), _FILLED_CELLS * parts)


def _ground_mask(image: Image.Image) -> Any:
    """Nonzero where a picture differs from its top left pixel."""
    core: Any = image.im if image.mode == "RGB" else image.convert("RGB").im
    ground = Image.new("RGB", core.size, core.getpixel((0, 0))).im
    return core.chop_difference(ground).convert("L", 0)


def _top_left(image: Image.Image) -> tuple[int, ...]:
    pixel = image.crop((0, 0, 1, 1)).convert("RGB").getpixel((0, 0))
    return pixel if isinstance(pixel, tuple) else ()


def _may_be_normals(looks: Looks) -> bool:
    """The largest share of colours is near (128, 128, 255), which points out of the surface."""
    if not looks.colours:
        return False
    _, red, green, blue, _ = looks.colours[0]
    return blue >= 176 and abs(red - 128) <= 56 and abs(green - 128) <= 56


def _are_normals(image: Image.Image) -> bool:
    size = fitted(image.width, image.height, 64)
    sample = image.resize(size, Image.Resampling.NEAREST).convert("RGB")
    vectors = np.asarray(sample, np.float32).reshape(-1, 3) / np.float32(127.5) - 1
    if abs(float(vectors[:, 0].mean())) > 0.15 or abs(float(vectors[:, 1].mean())) > 0.15:
        return False
    lengths = np.sqrt((vectors * vectors).sum(axis=1))
    unit = (np.abs(lengths - 1) <= _UNIT_TOLERANCE) & (vectors[:, 2] >= 0)
    return float(unit.mean()) >= _UNIT_SHARE
