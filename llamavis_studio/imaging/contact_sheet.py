"""One picture of many: pictures enlarged by whole factors on a checkerboard, their names below.

The layout depends on nothing but the entries and the arguments. The letters come from a font of the
machine that knows Chinese when there is one; without it, what the font cannot draw is written as an
escape such as \\u9f99.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from llamavis_studio.imaging.arrays import Pixels, image_to_array, with_alpha
from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.scale import scale_area, scale_nearest

BACKGROUND = (32, 33, 36)
INK = (232, 234, 237)
_CHECKER = ((88, 90, 94), (112, 114, 118))
GAP_PX = 12
_FONT_PX = 13
LINE_PX = _FONT_PX + 5
_FONT_FOLDERS = {
    "linux": ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts"),
    "darwin": ("/System/Library/Fonts", "/Library/Fonts", "~/Library/Fonts"),
    "win32": ("C:/Windows/Fonts",),
}
_CJK_FONTS = (
    "NotoSansCJK-Regular.ttc",
    "NotoSansCJKsc-Regular.otf",
    "NotoSansSC-Regular.otf",
    "SourceHanSansSC-Regular.otf",
    "wqy-microhei.ttc",
    "wqy-zenhei.ttc",
    "DroidSansFallbackFull.ttf",
    "DroidSansFallback.ttf",
    "PingFang.ttc",
    "Hiragino Sans GB.ttc",
    "STHeiti Light.ttc",
    "msyh.ttc",
    "simsun.ttc",
)


@dataclass(frozen=True)
class Entry:
    """A picture (h, w, 3 or 4) and the name to write under it."""

    name: str
    pixels: Pixels


def contact_sheet(entries: Sequence[Entry], *, columns: int = 6, cell_px: int = 128) -> Pixels:
    """All entries in rows of `columns`, each fitted into `cell_px`: sRGB (h, w, 3).

    Small pictures grow by the largest whole factor that fits; larger ones shrink by area.

    Raises:
        ImageError: no entries, or no room.
    """
    if not entries:
        raise ImageError("a contact sheet needs at least one picture")
    if columns < 1 or cell_px < 16:
        raise ImageError("a contact sheet needs at least one column, and cells of 16 pixels")
    columns = min(columns, len(entries))
    rows = -(-len(entries) // columns)
    font = caption_font()
    step_x, step_y = cell_px + GAP_PX, cell_px + 2 * LINE_PX + GAP_PX
    sheet = Image.new("RGB", (columns * step_x + GAP_PX, rows * step_y + GAP_PX), BACKGROUND)
    draw = ImageDraw.Draw(sheet)
    for i, entry in enumerate(entries):
        x, y = GAP_PX + i % columns * step_x, GAP_PX + i // columns * step_y
        sheet.paste(Image.fromarray(_cell(entry.pixels, cell_px)), (x, y))
        for line, text in enumerate(caption_lines(drawable(entry.name, font), font, cell_px)):
            draw.text((x, y + cell_px + 3 + line * LINE_PX), text, fill=INK, font=font)
    return image_to_array(sheet)


def drawable(text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont | None = None) -> str:
    """The text with everything the font cannot draw written as an escape."""
    chosen = font or caption_font()
    return "".join(ch if _has_glyph(chosen, ch) else _escape(ch) for ch in text)


def _cell(pixels: Pixels, cell_px: int) -> Pixels:
    """(cell, cell, 3): the picture on its checkerboard, in the middle of a plain cell."""
    rgba = with_alpha(pixels)
    height, width = rgba.shape[:2]
    factor = min(cell_px // width, cell_px // height)
    if factor >= 1:
        rgba = scale_nearest(rgba, (width * factor, height * factor))
    else:
        shrink = min(cell_px / width, cell_px / height)
        rgba = scale_area(rgba, (max(1, int(width * shrink)), max(1, int(height * shrink))))
    height, width = rgba.shape[:2]
    cell = np.empty((cell_px, cell_px, 3), np.uint8)
    cell[:] = BACKGROUND
    top, left = (cell_px - height) // 2, (cell_px - width) // 2
    cell[top : top + height, left : left + width] = on_checkerboard(rgba)
    return cell


def on_checkerboard(rgba: Pixels) -> Pixels:
    """A picture (h, w, 4) over grey squares: (h, w, 3)."""
    height, width = rgba.shape[:2]
    odd = ((np.arange(height)[:, None] // 8 + np.arange(width)[None, :] // 8) % 2).astype(bool)
    board = np.where(odd[..., None], *np.array(_CHECKER, np.uint8))
    alpha = rgba[..., 3:4].astype(np.float32) / 255.0
    return np.rint(rgba[..., :3] * alpha + board * (1 - alpha)).astype(np.uint8)


def caption_lines(
    text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width_px: int
) -> list[str]:
    """At most two lines that fit, broken between words; what is longer ends in dots."""
    lines = [""]
    for i, ch in enumerate(text):
        if font.getlength(lines[-1] + ch) <= width_px:
            lines[-1] += ch
        elif len(lines) < 2:
            head, _, begun = lines[0].rpartition(" ")
            lines = [head, begun + ch] if head and ch != " " else [lines[0], ch.strip()]
        else:
            kept = lines[-1]
            while kept and font.getlength(kept + "...") > width_px:
                kept = kept[:-1]
            return [lines[0], kept + "..."] if text[i:] else lines
    return lines


@lru_cache(maxsize=1)
def caption_font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """The letters under a picture: a font that knows Chinese where the machine has one."""
    for path in _font_files():
        try:
            return ImageFont.truetype(str(path), _FONT_PX)
        except OSError:
            continue  # not readable: the next one
    return ImageFont.load_default(_FONT_PX)


def _font_files() -> list[Path]:
    """Fonts of this machine that draw Chinese, best first."""
    found: dict[str, Path] = {}
    for folder in _FONT_FOLDERS.get(sys.platform, _FONT_FOLDERS["linux"]):
        root = Path(folder).expanduser()
        for path in sorted(root.rglob("*.[to]t[cf]")) if root.is_dir() else ():
            found.setdefault(path.name, path)
    return [found[name] for name in _CJK_FONTS if name in found]


def _has_glyph(font: ImageFont.FreeTypeFont | ImageFont.ImageFont, ch: str) -> bool:
    if ch.isascii():
        return ch.isprintable()
    if not ch.isprintable():
        return False
    try:
        return bytes(font.getmask(ch)) != bytes(font.getmask("\uffff"))
    except UnicodeEncodeError:  # the small bitmap font of a Pillow without FreeType
        return False


def _escape(ch: str) -> str:
    return ch.encode("unicode_escape").decode("ascii") if not ch.isascii() else repr(ch)[1:-1]
