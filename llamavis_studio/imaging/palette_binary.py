"""Palettes in binary forms: RIFF PAL, Adobe Swatch Exchange, Aseprite sprites, Photoshop .act.

Every reader takes the whole file and gives (red, green, blue) bytes in the file's order. All of
them raise ImageError for what is cut short or not of their form, and read no byte beyond the end.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from math import isfinite

import numpy as np

from llamavis_studio.imaging.arrays import linear_to_srgb
from llamavis_studio.imaging.errors import ImageError

Colour = tuple[int, int, int]

RIFF_START = b"RIFF"
SWATCH_START = b"ASEF"
_SPRITE_MAGIC, _FRAME_MAGIC = 0xA5E0, 0xF1FA
_SPRITE_HEADER, _FRAME_HEADER, _CHUNK_HEADER = 128, 16, 6  # bytes
_OLD_PALETTE, _OLDEST_PALETTE, _PALETTE = 0x0004, 0x0011, 0x2019
_MOST_CHUNKS = 1 << 18  # looked at before a palette is found; it stands in the first frame
_MOST_ENTRIES = 1 << 16  # of one sprite's palette; Aseprite itself stops at 256 indexed colours
_SWATCH = 0x0001
_MODEL_VALUES = {b"RGB ": 3, b"LAB ": 3, b"CMYK": 4, b"GRAY": 1}
_ACT_BYTES, _ACT_LONG_BYTES = 768, 772

_D50 = np.array([0.96422, 1.0, 0.82521])  # the white of ICC and of Adobe's Lab
# XYZ under D50 to linear sRGB, whose white is D65: Bradford adaptation and IEC 61966-2-1 in one.
_XYZ_D50_TO_RGB = np.array(
    [
        [3.1338561, -1.6168667, -0.4906146],
        [-0.9787684, 1.9161415, 0.0334540],
        [0.0719453, -0.2289914, 1.4052427],
    ]
)


def is_sprite(data: bytes) -> bool:
    """Whether these bytes start as a file of Aseprite does."""
    return len(data) >= 6 and struct.unpack_from("<H", data, 4)[0] == _SPRITE_MAGIC


def colours_of_riff(data: bytes) -> list[Colour]:
    """The binary dialect of .pal: RIFF form 'PAL ', chunk 'data' of version, count and entries of
    four bytes (Microsoft, LOGPALETTE in "Multimedia Programming Interface and Data Specifications"
    1.0); other chunks are passed over.
    """
    if len(data) < 12:
        raise ImageError("the RIFF palette is cut short: export it again, or as JASC-PAL")
    if data[:4] != RIFF_START or data[8:12] != b"PAL ":
        raise ImageError("not a RIFF palette: its form is not 'PAL '; export it again as JASC-PAL")
    place = 12
    while place < len(data):
        _need(data, place, 8, "RIFF palette")
        kind, length = struct.unpack_from("<4sI", data, place)
        place += 8
        if kind == b"data":
            _need(data, place, 4, "RIFF palette")
            (count,) = struct.unpack_from("<H", data, place + 2)
            _need(data, place + 4, 4 * count, "RIFF palette")
            return _triples(data, place + 4, count, 4)
        place += length + length % 2  # chunks are padded to even lengths
    raise ImageError("the RIFF palette has no 'data' chunk: export it again")


def colours_of_swatches(data: bytes) -> list[Colour]:
    """Adobe Swatch Exchange ("ASEF"): swatches in RGB, CMYK, grey or Lab (D50), in all groups.

    The form is not published; this follows what Adobe's programs write: numbers are big-endian,
    Lab's L is 0..1. CMYK comes without a profile and is turned the plain way, (1 - ink)(1 - key).
    """
    _need(data, 0, 12, "swatch file")
    if data[:4] != SWATCH_START:
        raise ImageError("not a swatch file: it does not start with 'ASEF'")
    version, blocks = struct.unpack_from(">HxxI", data, 4)
    if version != 1:
        raise ImageError(f"the swatch file has version {version}, only 1 is known; export as .gpl")
    colours: list[Colour] = []
    place = 12
    for _ in range(blocks):
        _need(data, place, 6, "swatch file")
        kind, length = struct.unpack_from(">HI", data, place)
        _need(data, place + 6, length, "swatch file")
        if kind == _SWATCH:
            colours.append(_swatch(data[place + 6 : place + 6 + length], len(colours) + 1))
        place += 6 + length
    return colours


def colours_of_sprite(data: bytes) -> list[Colour]:
    """The palette of an Aseprite file (.ase, .aseprite): of its first frame that has one; entries
    that are fully clear are left out.

    Aseprite, "Aseprite File Format Specifications": chunk 0x2019, else the older 0x0004 and 0x0011.
    """
    _need(data, 0, _SPRITE_HEADER, "Aseprite file")
    if not is_sprite(data):
        raise ImageError("not an Aseprite file: export the palette as .gpl or .hex")
    (frames,) = struct.unpack_from("<H", data, 6)
    place, chunks = _SPRITE_HEADER, 0
    for _ in range(frames):
        _need(data, place, _FRAME_HEADER, "Aseprite file")
        length, magic, old_count, count = struct.unpack_from("<IHH4xI", data, place)
        if magic != _FRAME_MAGIC or length < _FRAME_HEADER:
            raise ImageError("the Aseprite file is broken: a frame is none; save it again")
        _need(data, place, length, "Aseprite file")
        chunks += count or old_count
        if chunks > _MOST_CHUNKS:
            break
        found = _frame_palette(data, place + _FRAME_HEADER, place + length, count or old_count)
        if found:
            return found
        place += length
    raise ImageError("no palette is found in the Aseprite file: export one as .gpl or .hex")


def colours_of_act(data: bytes) -> list[Colour]:
    """Photoshop's colour table: 256 colours of three bytes, in newer files followed by how many of
    them count and which one is clear ("Adobe Photoshop File Formats Specification").
    """
    if len(data) not in (_ACT_BYTES, _ACT_LONG_BYTES):
        raise ImageError(
            f"a .act palette has {_ACT_BYTES} or {_ACT_LONG_BYTES} bytes, not {len(data)}: "
            "export it again, or as .gpl"
        )
    count, clear = 256, -1
    if len(data) == _ACT_LONG_BYTES:
        count, clear = struct.unpack_from(">Hh", data, _ACT_BYTES)
        count = count if 0 < count <= 256 else 256
    colours = _triples(data, 0, count, 3)
    return [colour for i, colour in enumerate(colours) if i != clear]


def _need(data: bytes, place: int, length: int, what: str) -> None:
    if place + length > len(data):
        raise ImageError(f"the {what} is cut short: save or download it again")


def _triples(data: bytes, place: int, count: int, step: int) -> list[Colour]:
    end = place + count * step
    return list(
        zip(
            data[place:end:step],
            data[place + 1 : end : step],
            data[place + 2 : end : step],
            strict=True,
        )
    )


def _swatch(body: bytes, number: int) -> Colour:
    _need(body, 0, 2, "swatch file")
    (letters,) = struct.unpack_from(">H", body)
    place = 2 + 2 * letters
    _need(body, place, 4, "swatch file")
    model = body[place : place + 4].upper()
    if model not in _MODEL_VALUES:
        raise ImageError(f"swatch {number}: {model!r} is no colour model; use RGB swatches")
    _need(body, place + 4, 4 * _MODEL_VALUES[model], "swatch file")
    values = struct.unpack_from(f">{_MODEL_VALUES[model]}f", body, place + 4)
    if not all(isfinite(value) for value in values):
        raise ImageError(f"swatch {number}: its values are no numbers; export it again")
    if model == b"LAB ":
        return _lab_colour(*values)
    if model == b"CMYK":
        cyan, magenta, yellow, key = (min(max(value, 0.0), 1.0) for value in values)
        values = tuple((1.0 - ink) * (1.0 - key) for ink in (cyan, magenta, yellow))
    elif model == b"GRAY":
        values = values * 3
    red, green, blue = (round(255 * min(max(value, 0.0), 1.0)) for value in values)
    return red, green, blue


def _lab_colour(lightness: float, a: float, b: float) -> Colour:
    """CIE Lab under D50, L 0..1, a and b -128..127, to the nearest sRGB colour."""
    middle = (100.0 * min(max(lightness, 0.0), 1.0) + 16.0) / 116.0
    a, b = (min(max(value, -128.0), 128.0) for value in (a, b))
    root = np.array([middle + a / 500.0, middle, middle - b / 200.0])
    xyz = _D50 * np.where(root > 6 / 29, root**3, 3 * (6 / 29) ** 2 * (root - 4 / 29))
    red, green, blue = linear_to_srgb((_XYZ_D50_TO_RGB @ xyz).astype(np.float32)).tolist()
    return red, green, blue


def _frame_palette(data: bytes, place: int, end: int, count: int) -> list[Colour]:
    """The colours of the frame whose chunks lie in place..end; none when it has no palette."""
    new: dict[int, Colour | None] = {}
    old: dict[int, Colour | None] = {}
    for kind, body in _chunks(data, place, end, count):
        if kind == _PALETTE:
            new.update(_palette_chunk(body))
        else:
            old.update(_old_palette_chunk(body, six_bits=kind == _OLDEST_PALETTE))
    entries = new or old  # Aseprite writes both; the old kind is for old programs
    return [colour for _, colour in sorted(entries.items()) if colour is not None]


def _chunks(data: bytes, place: int, end: int, count: int) -> Iterator[tuple[int, bytes]]:
    """Kind and body of the chunks that are palettes."""
    for _ in range(count):
        if place + _CHUNK_HEADER > end:
            raise ImageError("the Aseprite file is broken: a chunk is missing; save it again")
        length, kind = struct.unpack_from("<IH", data, place)
        if length < _CHUNK_HEADER or place + length > end:
            raise ImageError("the Aseprite file is broken: a chunk is cut short; save it again")
        if kind in (_OLD_PALETTE, _OLDEST_PALETTE, _PALETTE):
            yield kind, data[place + _CHUNK_HEADER : place + length]
        place += length


def _palette_chunk(body: bytes) -> dict[int, Colour | None]:
    _need(body, 0, 20, "palette of the Aseprite file")
    first, last = struct.unpack_from("<II", body, 4)
    if last < first or last >= _MOST_ENTRIES:
        raise ImageError(f"the Aseprite file's palette runs from {first} to {last}; save it again")
    entries: dict[int, Colour | None] = {}
    place = 20
    for number in range(first, last + 1):
        _need(body, place, 6, "palette of the Aseprite file")
        flags, red, green, blue, alpha = struct.unpack_from("<H4B", body, place)
        entries[number] = (red, green, blue) if alpha else None
        place += 6
        if flags & 1:  # a name follows
            _need(body, place, 2, "palette of the Aseprite file")
            place += 2 + struct.unpack_from("<H", body, place)[0]
    return entries


def _old_palette_chunk(body: bytes, *, six_bits: bool) -> dict[int, Colour | None]:
    _need(body, 0, 2, "palette of the Aseprite file")
    (packets,) = struct.unpack_from("<H", body)
    entries: dict[int, Colour | None] = {}
    place, number = 2, 0
    for _ in range(packets):
        _need(body, place, 2, "palette of the Aseprite file")
        skipped, count = body[place], body[place + 1] or 256
        place, number = place + 2, number + skipped
        _need(body, place, 3 * count, "palette of the Aseprite file")
        for colour in _triples(body, place, count, 3):
            entries[number] = _widened(colour) if six_bits else colour
            number += 1
        place += 3 * count
    return entries


def _widened(colour: Colour) -> Colour:
    """0..63 to 0..255."""
    if max(colour) > 63:
        raise ImageError("the Aseprite file's palette has a value above 63; save it again")
    red, green, blue = (value << 2 | value >> 4 for value in colour)
    return red, green, blue
