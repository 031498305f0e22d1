"""Palettes as artists keep them: .hex, GIMP .gpl, JASC .pal, or the colours of a .png."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from llamavis_studio.imaging.arrays import Pixels
from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.png import decode_image

PALETTE_SUFFIXES = (".hex", ".gpl", ".pal", ".png")
_MAX_COLOURS = 4096
_HEX = re.compile(r"#?([0-9a-fA-F]{6})(?:[0-9a-fA-F]{2})?$")


def read_palette(path: Path) -> Pixels:
    """The colours (n, 3) of a palette file, in its order without repeats.

    Raises:
        ImageError: an unknown or broken file; the text names the line.
        OSError: the file cannot be read.
    """
    return parse_palette(path.name, path.read_bytes())


def parse_palette(name: str, data: bytes) -> Pixels:
    """`read_palette` for bytes already in hand; the form is told by the ending of `name`."""
    suffix = Path(name).suffix.lower()
    if suffix == ".png":
        colours = _of_picture(data)
    elif suffix in (".hex", ".gpl", ".pal"):
        lines = _text(data).splitlines()
        read = {".hex": _of_hex, ".gpl": _of_gimp, ".pal": _of_jasc}[suffix]
        colours = read(lines)
    else:
        raise ImageError(
            f"a palette ends in {', '.join(PALETTE_SUFFIXES)}, not {suffix or 'nothing'}"
        )
    return _unique(colours)


def palette_of_hex(colours: Sequence[str]) -> Pixels:
    """A list of "#rrggbb" to (n, 3). Raises ImageError naming the one that is no colour."""
    return _unique([_hex_colour(text, f"colour {i + 1}") for i, text in enumerate(colours)])


def _unique(colours: Sequence[tuple[int, int, int]]) -> Pixels:
    distinct = list(dict.fromkeys(colours))
    if not distinct:
        raise ImageError("the palette has no colours")
    if len(distinct) > _MAX_COLOURS:
        raise ImageError(f"the palette has {len(distinct)} colours, the most is {_MAX_COLOURS}")
    return np.array(distinct, np.uint8)


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ImageError("the palette is not text in UTF-8") from error


def _hex_colour(text: str, place: str) -> tuple[int, int, int]:
    match = _HEX.match(text.strip())
    if match is None:
        raise ImageError(f"{place}: {text.strip()[:40]!r} is no colour like #884422")
    value = int(match.group(1), 16)
    return value >> 16, value >> 8 & 255, value & 255


def _of_hex(lines: Sequence[str]) -> list[tuple[int, int, int]]:
    colours = []
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.lstrip().startswith((";", "//")):
            colours.append(_hex_colour(line, f"line {number}"))
    return colours


def _of_gimp(lines: Sequence[str]) -> list[tuple[int, int, int]]:
    if not lines or lines[0].strip() != "GIMP Palette":
        raise ImageError("line 1: a .gpl palette starts with 'GIMP Palette'")
    colours = []
    for number, line in enumerate(lines[1:], 2):
        text = line.strip()
        if text and not text.startswith("#") and not re.match(r"[A-Za-z]+:", text):
            colours.append(_triple(text, number))
    return colours


def _of_jasc(lines: Sequence[str]) -> list[tuple[int, int, int]]:
    if len(lines) < 3 or lines[0].strip() != "JASC-PAL":
        raise ImageError("line 1: a .pal palette starts with 'JASC-PAL'")
    if not lines[2].strip().isdecimal():
        raise ImageError(f"line 3: {lines[2].strip()[:40]!r} is no number of colours")
    colours = [_triple(line, i) for i, line in enumerate(lines[3:], 4) if line.strip()]
    if len(colours) != int(lines[2]):
        raise ImageError(f"line 3 promises {int(lines[2])} colours, the file has {len(colours)}")
    return colours


def _triple(text: str, number: int) -> tuple[int, int, int]:
    words = text.split()[:3]
    if len(words) < 3 or not all(
        re.fullmatch(r"\d{1,3}", word) and int(word) < 256 for word in words
    ):
        raise ImageError(f"line {number}: {text.strip()[:40]!r} is not three numbers from 0 to 255")
    return int(words[0]), int(words[1]), int(words[2])


def _of_picture(data: bytes) -> list[tuple[int, int, int]]:
    pixels = decode_image(data)
    flat = pixels.reshape(-1, pixels.shape[2])
    if flat.shape[1] == 4:
        flat = flat[flat[:, 3] > 0]
    _, first = np.unique(flat[:, :3], axis=0, return_index=True)
    if len(first) > _MAX_COLOURS:
        raise ImageError(
            f"the picture has {len(first)} colours, a palette has at most {_MAX_COLOURS}"
        )
    return [(int(r), int(g), int(b)) for r, g, b in flat[np.sort(first), :3]]
