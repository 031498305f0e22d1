"""What a picture looks like in numbers: hash, main colours, seam, whether it is pixel art.

    looks = look_at(image)

Made for a hundred thousand files in a row: the arithmetic is done by Pillow's C core on whole
pictures, and pictures above 64 pixels are looked at through every n-th pixel. `Image.im` is used
directly because the Python half of each Pillow method costs more than its work on a 32x32 sprite.

The order: alpha, small picture, grey, hash, colours, pixel art, seam.
"""

from __future__ import annotations

from operator import itemgetter
from typing import Any, NamedTuple

from PIL import Image

from llamavis_studio.imaging.arrays import array_to_image, image_to_array
from llamavis_studio.imaging.colour_cells import colour_cell

Colour = tuple[int, int, int, int, float]
"""(cell, r, g, b, share): a main colour, its box of `colour_cells`, its share of what is seen."""

SMALL_SIDE = 64
PIXEL_ART_COLOURS = 96

_MANY_SIDE, _MANY_SIDE_OF_SMALL = 24, 12  # of the sample whose colours are counted in coarse steps
_COUNTED = 256
_MOST_COLOURS = 6
_WEIGHED = 16  # the most frequent colours, of which some may share a box
_COUNT, _SHARE = itemgetter(0), itemgetter(4)
_FEW = 16
_STRIP_PIXELS, _LEAST_LINES = 1 << 13, 16  # of a large picture, looked at for edges and seams
_SEAM_SIDES = range(8, 1025)
_SOFT_STEP, _HARD_STEP = 14, 32  # changes from one pixel to the next, 0..255
_FLOOR = 255 * 1e-3 * 4 / 3  # of mean changes: what `seam_score` takes, of three channels in bytes
_FLAT_RANGE = 2
_NEAREST, _BOX = int(Image.Resampling.NEAREST), int(Image.Resampling.BOX)
_COARSE = [value & 0xE0 | 0x10 for value in range(256)]
_AS_BITS = bytes([ord("0")]) + bytes([ord("1")]) * 255
_SEEN = [0 if value < 128 else 255 for value in range(256)]


class Looks(NamedTuple):
    """`colour_count` is of a sample, 0 where there are many; `soft` and `hard` are the shares of
    neighbours that differ a little or a lot, of pictures where it was worth looking.
    """

    has_alpha: bool
    dhash: int
    flat: bool
    colours: tuple[Colour, ...]
    colour_count: int
    pixel_art: bool
    seam: float | None
    soft: float
    hard: float


def look_at(image: Image.Image) -> Looks:
    """The looks of a decoded picture of any Pillow mode, at least one pixel large."""
    picture = _eight_bits(image)
    width, height = picture.size
    core: Any = picture.im
    alpha = alpha_band(picture)
    has_alpha = alpha is not None and alpha.getextrema()[0] < 255
    large = max(width, height) > SMALL_SIDE
    small = (
        core.resize(fitted(width, height, SMALL_SIDE), _NEAREST, (0, 0, width, height))
        if (large)
        else core
    )
    colour_mode = "RGB" if alpha is None else "RGBA"
    if small.mode != colour_mode:
        small = small.convert(colour_mode, 0)
    grey = _grey(small, has_alpha)
    dhash, flat = _hash(grey)
    colours, count = _main_colours(small, has_alpha, large)
    soft = hard = 0.0
    pixel_art = False
    if 2 <= count <= _FEW and not large:
        pixel_art = True
    elif count > 1 or (count == 0 and large):
        rows = small if not large else _strip(core, width, height, colour_mode)
        soft, hard = _steps(rows)
        pixel_art = (
            2 <= count <= PIXEL_ART_COLOURS
            and (not large or rows.getcolors(PIXEL_ART_COLOURS) is not None)
            and hard >= soft
            and hard > 0
        )
    seam = None
    if (
        not has_alpha
        and width in _SEAM_SIDES
        and height in _SEAM_SIDES
        and 4 * max(width, height) <= 5 * min(width, height)
    ):
        seam = _seam(core, small, width, height)
    return Looks(has_alpha, dhash, flat, colours, count, pixel_art, seam, soft, hard)


def fitted(width: int, height: int, side: int) -> tuple[int, int]:
    """The size with the same proportions whose longer side is `side`; at least one pixel."""
    longest = max(width, height)
    if longest <= side:
        return width, height
    return max(1, width * side // longest), max(1, height * side // longest)


def alpha_band(image: Image.Image) -> Any:
    """How opaque the pixels of an RGBA or palette picture are, a core of mode L; None without."""
    core: Any = image.im
    if image.mode == "RGBA":
        return core.getband(3)
    if image.mode == "P" and "transparency" in image.info:
        opacity = image.info["transparency"]
        return core.point(list(opacity[:256]) + [255] * (256 - len(opacity)), "L")
    return None


def _eight_bits(image: Image.Image) -> Image.Image:
    """RGBA where pixels may be clear; else RGB, L or P. Large ones of a palette stay as they are,
    as they are reduced before they are turned into colours.
    """
    mode = image.mode
    clear = "transparency" in image.info
    if mode in ("RGB", "RGBA") and not (clear and mode == "RGB"):
        return image
    if mode in ("L", "1") and not clear:
        return image
    if mode == "P" and image.palette is not None:
        if not clear:
            return image if image.palette.mode == "RGB" else image.convert("RGBA")
        if image.palette.mode == "RGBA" and max(image.size) > SMALL_SIDE:
            image.load()
            if isinstance(image.info["transparency"], bytes):
                return image
        return image.convert("RGBA")
    if mode in ("CMYK", "YCbCr", "LAB", "HSV", "RGBX"):
        return image.convert("RGB")
    return array_to_image(image_to_array(image))


def _grey(core: Any, has_alpha: bool) -> Any:
    """Luma over a middle grey."""
    grey = core.convert("L", 0)
    if not has_alpha:
        return grey
    ground = Image.new("L", grey.size, 128).im
    ground.paste(grey, (0, 0, *grey.size), core.getband(3))
    return ground


def _hash(grey: Any) -> tuple[int, bool]:
    """The difference hash: bit (y, x), from the top left and the highest bit on, is set where cell
    x + 1 of nine in row y of eight is lighter than cell x. And whether it says nothing.
    """
    cells = grey.resize((9, 8), _BOX, (0, 0, *grey.size))
    left, right = cells.crop((0, 0, 8, 8)), cells.crop((1, 0, 9, 8))
    lighter = right.chop_subtract(left, 1.0, 0)
    number = int(bytes(list(lighter)).translate(_AS_BITS), 2)
    low, high = grey.getextrema()
    flat = high - low <= _FLAT_RANGE or (
        number == 0 and right.chop_difference(left).getextrema() == (0, 0)
    )
    return number - (1 << 64) if number >> 63 else number, flat


def _main_colours(small: Any, has_alpha: bool, large: bool) -> tuple[tuple[Colour, ...], int]:
    """The main colours, largest share first, and how many colours a sample of 64x64 has (0: over
    256).
    """
    found = small.getcolors(_COUNTED)
    count = 0
    if found is not None:
        count = len(found)
    if found is None or count > 128:
        width, height = small.size
        side = _MANY_SIDE if large else _MANY_SIDE_OF_SMALL
        sample = small.resize(fitted(width, height, side), _NEAREST, (0, 0, width, height))
        coarse = _COARSE * 3 + _SEEN if sample.mode == "RGBA" else _COARSE * 3
        found = sample.point(coarse, None).getcolors(1 << 12)
    if has_alpha:
        found = [entry for entry in found if entry[1][3] >= 128]
    total = sum(map(_COUNT, found))
    found.sort(key=_COUNT, reverse=True)
    shares: dict[int, Colour] = {}
    for n, colour in found[:_WEIGHED]:
        r, g, b = colour[:3]
        cell = colour_cell(r, g, b)
        known = shares.get(cell)
        share = n / total
        shares[cell] = (cell, r, g, b, share) if known is None else (*known[:4], known[4] + share)
    if len(shares) == min(len(found), _WEIGHED):  # none shares a box: they are in order
        return tuple(shares.values())[:_MOST_COLOURS], count
    ordered = sorted(shares.values(), key=_SHARE, reverse=True)
    return tuple(ordered[:_MOST_COLOURS]), count


def _strip(core: Any, width: int, height: int, mode: str, *, down: bool = False) -> Any:
    """Whole rows, or whole columns (`down`), of a picture: as many as are worth looking at."""
    if down:
        size = min(width, max(_LEAST_LINES, _STRIP_PIXELS // height)), height
    else:
        size = width, min(height, max(_LEAST_LINES, _STRIP_PIXELS // width))
    out = core if size == (width, height) else core.resize(size, _NEAREST, (0, 0, width, height))
    return out if out.mode == mode else out.convert(mode, 0)


def _steps(core: Any) -> tuple[float, float]:
    """The shares of pixels that differ a little, and a lot, from the one before in their row."""
    change = core.chop_difference(core.offset(1, 0))
    size = change.convert("L", 0)
    if change.mode == "RGBA":
        size = size.chop_lighter(change.getband(3))
    histogram = size.histogram()
    total = size.size[0] * size.size[1]
    return sum(histogram[1:_SOFT_STEP]) / total, sum(histogram[_HARD_STEP:]) / total


def _seam(core: Any, small: Any, width: int, height: int) -> float:
    """As `seamless.seam_score`, of luma-weighted changes: the worse of the two axes."""
    if small.size == (width, height):
        return max(_wrap(small, 1, 0), _wrap(small, 0, 1))
    rows = _strip(core, width, height, "RGB")
    columns = _strip(core, width, height, "RGB", down=True)
    return max(_wrap(rows, 1, 0), _wrap(columns, 0, 1))


def _wrap(core: Any, dx: int, dy: int) -> float:
    """The mean change across the wrap over the mean change inside, along one axis."""
    width, height = core.size
    # Moved by one pixel around the edge, the picture differs from itself by the seam in the first
    # line and by what is inside in all others.
    change = core.chop_difference(core.offset(dx, dy)).convert("L", 0).convert("F", 0)
    seam, inside = (
        ((0, 0, 1, height), (1, 0, width, height))
        if dx
        else ((0, 0, width, 1), (0, 1, width, height))
    )
    across = change.resize((1, 1), _BOX, seam).getpixel((0, 0))
    usual = change.resize((1, 1), _BOX, inside).getpixel((0, 0))
    return float(across / max(usual, _FLOOR))
