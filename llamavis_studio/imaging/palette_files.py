"""Palettes as artists keep them: lists of colours in text or binary, or the colours of a picture.

.hex (one colour a line, as Lospec gives them), GIMP's .gpl, .pal of both dialects (JASC text and
RIFF), .ase of both programs (Adobe's swatches and Aseprite's sprites), .aseprite, Photoshop's .act,
and .png.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from llamavis_studio.imaging.arrays import Pixels
from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.nearest_colour import pack_colours, unpack_colours
from llamavis_studio.imaging.palette_binary import (
    RIFF_START,
    SWATCH_START,
    Colour,
    colours_of_act,
    colours_of_riff,
    colours_of_sprite,
    colours_of_swatches,
    is_sprite,
)
from llamavis_studio.imaging.png import decode_image

PALETTE_SUFFIXES = (".hex", ".gpl", ".pal", ".ase", ".aseprite", ".act", ".png")
_MAX_COLOURS = 4096
_MAX_LIST_BYTES = 1 << 20  # 1 MiB: 4096 colours with long names are a quarter of it
_MAX_PICTURE_BYTES = 64 << 20  # 64 MiB
_HEX = re.compile(r"#?([0-9a-fA-F]{6})(?:[0-9a-fA-F]{2})?$")
_TRIPLE = re.compile(r"\s*(\d{1,3})\s+(\d{1,3})\s+(\d{1,3})(?!\S)")
_JASC_START, _GIMP_START, _PNG_START = b"JASC-PAL", b"GIMP Palette", b"\x89PNG\r\n\x1a\n"
_UTF8_MARK = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def read_palette(path: Path) -> Pixels:
    """The colours (n, 3) of a palette file, in its order without repeats.

    Raises:
        ImageError: an unknown, oversized or broken file; the text names the line.
        OSError: the file cannot be read.
    """
    with path.open("rb") as stream:
        data = stream.read(_most_bytes(path.suffix.lower()) + 1)  # enough to see that it is more
    return parse_palette(path.name, data)


def parse_palette(name: str, data: bytes) -> Pixels:
    """`read_palette` for bytes already in hand; the form is told by the ending of `name`."""
    suffix = Path(name).suffix.lower()
    if suffix not in PALETTE_SUFFIXES:
        raise ImageError(
            f"a palette ends in {', '.join(PALETTE_SUFFIXES)}, not {suffix or 'nothing'}"
        )
    most = _MAX_LIST_BYTES if data.startswith(SWATCH_START) else _most_bytes(suffix)
    if len(data) > most:
        raise ImageError(
            f"a {suffix} palette has at most {most >> 20} MiB: is this the right file?"
        )
    if not data:
        raise ImageError(f"the {suffix} palette is empty: save or download it again")
    own = _suffixes_of(data)
    if own and suffix not in own:
        raise ImageError(f"this is a {own[0]} palette, not a {suffix} one: rename it to {own[0]}")
    return _unique(_readers()[suffix](data))


def _readers() -> Mapping[str, Callable[[bytes], list[Colour]]]:
    return {
        ".hex": lambda data: _of_hex(_lines(data)),
        ".gpl": lambda data: _of_gimp(_lines(data)),
        ".pal": lambda data: (
            colours_of_riff(data) if data.startswith(RIFF_START) else _of_jasc(_lines(data))
        ),
        ".ase": lambda data: (
            colours_of_swatches(data) if data.startswith(SWATCH_START) else colours_of_sprite(data)
        ),
        ".aseprite": colours_of_sprite,
        ".act": colours_of_act,
        ".png": _of_picture,
    }


def _most_bytes(suffix: str) -> int:
    return _MAX_PICTURE_BYTES if suffix in (".png", ".ase", ".aseprite") else _MAX_LIST_BYTES


def _suffixes_of(data: bytes) -> tuple[str, ...]:
    """The endings that these bytes may have, going by how they start; none when nothing is told."""
    if data.startswith(SWATCH_START):
        return (".ase",)
    if data.startswith(RIFF_START) and data[8:12] == b"PAL ":
        return (".pal",)
    if data.startswith(_PNG_START):
        return (".png",)
    text = data.removeprefix(_UTF8_MARK)
    if text.startswith(_JASC_START):
        return (".pal",)
    if text.startswith(_GIMP_START):
        return (".gpl",)
    # Two bytes alone say little of files that start with any bytes at all, such as .act.
    if is_sprite(data) and data[128 + 4 : 128 + 6] == b"\xfa\xf1":
        return (".aseprite", ".ase")
    return ()


def palette_of_hex(colours: Sequence[str]) -> Pixels:
    """A list of "#rrggbb" to (n, 3). Raises ImageError naming the one that is no colour."""
    return _unique([_hex_colour(text, f"colour {i + 1}") for i, text in enumerate(colours)])


def _unique(colours: Sequence[Colour]) -> Pixels:
    distinct = list(dict.fromkeys(colours))
    if not distinct:
        raise ImageError("the palette has no colours")
    if len(distinct) > _MAX_COLOURS:
        raise ImageError(f"the palette has {len(distinct)} colours, the most is {_MAX_COLOURS}")
    return np.array(distinct, np.uint8)


def _lines(data: bytes) -> list[str]:
    if data.startswith(_UTF16_MARKS):
        raise ImageError("the palette is text in UTF-16: save it again as UTF-8")
    try:
        return data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise ImageError(
            "the palette is not text in UTF-8 (Latin-1?): save it again as UTF-8"
        ) from error


def _hex_colour(text: str, place: str) -> Colour:
    match = _HEX.match(text.strip())
    if match is None:
        raise ImageError(f"{place}: {text.strip()[:40]!r} is no colour like #884422")
    value = int(match.group(1), 16)
    return value >> 16, value >> 8 & 255, value & 255


def _of_hex(lines: Sequence[str]) -> list[Colour]:
    colours = []
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.lstrip().startswith((";", "//")):
            colours.append(_hex_colour(line, f"line {number}"))
    return colours


def _of_gimp(lines: Sequence[str]) -> list[Colour]:
    if not lines or lines[0].strip() != "GIMP Palette":
        raise ImageError("line 1: a .gpl palette starts with 'GIMP Palette'")
    colours = []
    for number, line in enumerate(lines[1:], 2):
        text = line.strip()
        if text and not text.startswith("#") and not re.match(r"[A-Za-z]+:", text):
            colours.append(_triple(text, number))
    return colours


def _of_jasc(lines: Sequence[str]) -> list[Colour]:
    if len(lines) < 3 or lines[0].strip() != "JASC-PAL":
        raise ImageError("line 1: a .pal palette starts with 'JASC-PAL' or is a RIFF file")
    if re.fullmatch(r"\s*\d{1,6}\s*", lines[2]) is None:
        raise ImageError(f"line 3: {lines[2].strip()[:40]!r} is no number of colours")
    entries = [(number, line) for number, line in enumerate(lines[3:], 4) if line.strip()]
    if len(entries) != int(lines[2]):
        raise ImageError(f"line 3 promises {int(lines[2])} colours, the file has {len(entries)}")
    return [_triple(line, number) for number, line in entries]


def _triple(text: str, number: int) -> Colour:
    match = _TRIPLE.match(text)
    values = tuple(map(int, match.groups())) if match else ()
    if not values or max(values) > 255:
        raise ImageError(f"line {number}: {text.strip()[:40]!r} is not three numbers from 0 to 255")
    red, green, blue = values
    return red, green, blue


def _of_picture(data: bytes) -> list[Colour]:
    pixels = decode_image(data)
    codes = pack_colours(pixels).reshape(-1)
    if pixels.shape[2] == 4:
        codes = codes[pixels[..., 3].reshape(-1) > 0]
    # Palettes are drawn in squares: runs of one colour go first, for sorting is what takes time.
    codes = codes[np.concatenate([[True], codes[1:] != codes[:-1]])[: len(codes)]]
    distinct, first = np.unique(codes, return_index=True)
    if len(distinct) > _MAX_COLOURS:
        raise ImageError(
            f"the picture has {len(distinct)} colours, a palette has at most {_MAX_COLOURS}"
        )
    colours = unpack_colours(codes[np.sort(first)])
    return [(red, green, blue) for red, green, blue in colours.tolist()]
