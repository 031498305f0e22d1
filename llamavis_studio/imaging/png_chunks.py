"""PNG pixels without Pillow's file reader: the chunks are walked here, Pillow's C decoder unpacks.

Opening a small PNG through `Image.open` takes longer than unpacking it, and it checks no checksum
of the pixels. Here every checksum is checked, notes and profiles are never unpacked (so that they
cannot be bombs), and the caller judges the size before a pixel is unpacked.

    parts = png_header(data)
    walk_png(data, parts)
    image = unpack_png(parts)

"PNG Specification (Third Edition)", W3C.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

from PIL import Image

from llamavis_studio.imaging.errors import ImageError

try:
    from isal import isal_zlib as fast_zlib
except ImportError:  # not made for this machine: Pillow does it alone
    import zlib as fast_zlib  # type: ignore[no-redef]

crc32 = fast_zlib.crc32

_IS_FAST = fast_zlib.__name__ != "zlib"
_INFLATE_ERRORS: Any = (fast_zlib.error, MemoryError)

SIGNATURE = b"\x89PNG\r\n\x1a\n"

_MOST_CHUNKS = 100_000
_HEAD = struct.Struct(">I4s")
_IHDR = struct.Struct(">IIBBBBB")
# (bits, colour type): Pillow's mode and how its decoder is told of the packing.
_FORMS = {
    (1, 0): ("1", "1"), (2, 0): ("L", "L;2"), (4, 0): ("L", "L;4"), (8, 0): ("L", "L"),
    (16, 0): ("I;16", "I;16B"), (8, 2): ("RGB", "RGB"), (16, 2): ("RGB", "RGB;16B"),
    (1, 3): ("P", "P;1"), (2, 3): ("P", "P;2"), (4, 3): ("P", "P;4"), (8, 3): ("P", "P"),
    (8, 4): ("LA", "LA"), (16, 4): ("RGBA", "LA;16B"), (8, 6): ("RGBA", "RGBA"),
    (16, 6): ("RGBA", "RGBA;16B"),
}  # fmt: skip
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by colour type
_WORTH_IT = 1 << 14  # bytes unpacked
_STORED = 65535  # bytes of a stored block at most
_STORED_HEAD = struct.Struct("<BHH")
_NEEDED = (b"IHDR", b"PLTE", b"IDAT", b"tRNS")
_NOTES = (b"tEXt", b"iTXt", b"zTXt")
_MOST_FRAMES = 1 << 16


@dataclass(slots=True)
class PngParts:
    """What stands in the chunks; `note` says what is odd but does no harm to the pixels."""

    width: int
    height: int
    bits: int
    colour_type: int
    interlaced: bool
    pixels: bytes = b""
    palette: bytes = b""
    clear: bytes | None = None
    exif: bytes = b""
    frames: int = 1
    cut_short: bool = False
    note: str = ""

    @property
    def mode(self) -> str:
        """The Pillow mode of the stored pixels."""
        return _FORMS[self.bits, self.colour_type][0]


def png_header(data: bytes) -> PngParts:
    """Size and form from the first chunk. Raises ImageError when it is missing or impossible."""
    if len(data) < 33:
        raise ImageError("the file is cut short: its header is not whole")
    length, kind = _HEAD.unpack_from(data, 8)
    if kind != b"IHDR" or length != 13:
        raise ImageError("the PNG does not begin with a header")
    width, height, bits, colour_type, packing, filtering, interlace = _IHDR.unpack_from(data, 16)
    if crc32(data[12:29]) != int.from_bytes(data[29:33], "big"):
        raise ImageError("the checksum of the PNG's header is wrong: the file was damaged")
    if (bits, colour_type) not in _FORMS or packing or filtering or interlace > 1:
        raise ImageError("the PNG's header names a form that does not exist")
    return PngParts(width, height, bits, colour_type, interlace == 1)


def has_notes(data: bytes) -> bool:
    """Whether a PNG holds a chunk of text, anywhere up to where it can be followed."""
    place, end = 33, len(data) - 8
    while place <= end:
        length, kind = _HEAD.unpack_from(data, place)
        if kind in _NOTES:
            return True
        place += length + 12
    return False


def walk_png(data: bytes, parts: PngParts) -> None:
    """Fills `parts` from the chunks after the header.

    Raises:
        ImageError: a checksum of what decides pixels is wrong, or there are no pixels.
    """
    pieces: list[bytes] = []
    place, end, controls, announced = 33, len(data), 0, 0
    for _ in range(_MOST_CHUNKS):
        if place + 12 > end:
            parts.cut_short = True
            break
        length, kind = _HEAD.unpack_from(data, place)
        stop = place + 8 + length
        if kind == b"IDAT":
            pieces.append(data[place + 8 : stop])
        if stop + 4 > end:
            parts.cut_short = True
            break
        if crc32(memoryview(data)[place + 4 : stop]) != int.from_bytes(
            data[stop : stop + 4], "big"
        ):
            if kind in _NEEDED:
                raise ImageError(
                    f"the checksum of the PNG's {kind.decode('ascii')} chunk is wrong: "
                    "the file was damaged"
                )
            parts.note = "a note inside the PNG is damaged"
        elif kind == b"IEND":
            break
        elif kind == b"PLTE":
            parts.palette = data[place + 8 : stop]
        elif kind == b"tRNS":
            parts.clear = data[place + 8 : stop]
        elif kind == b"eXIf" and length < 1 << 16:
            parts.exif = data[place + 8 : stop]
        elif kind == b"acTL" and length == 8:
            announced = int.from_bytes(data[place + 8 : place + 12], "big")
        elif kind == b"fcTL":
            controls += 1
        place = stop + 4
    else:
        raise ImageError(f"the PNG has more than {_MOST_CHUNKS} chunks")
    if not pieces:
        raise ImageError(
            "the file is cut short before its pixels"
            if parts.cut_short
            else "the PNG has no pixels"
        )
    parts.pixels = pieces[0] if len(pieces) == 1 else b"".join(pieces)
    parts.frames = max(1, min(announced, controls, _MOST_FRAMES))


def unpack_png(parts: PngParts) -> Image.Image:
    """The picture as it is stored, but RGBA where one colour stands for clear.

    Raises:
        ImageError: the pixels are damaged or not all there.
    """
    mode, packed = _FORMS[parts.bits, parts.colour_type]
    size = parts.width, parts.height
    pixels = _inflated_fast(parts) or parts.pixels
    try:
        image = Image.frombytes(mode, size, pixels, "zip", packed, int(parts.interlaced))
    except ValueError as error:
        raise ImageError(
            "the file is cut short: not all of its pixels are there"
            if parts.cut_short
            else "the pixels of the PNG are damaged"
        ) from error
    if parts.cut_short:
        parts.note = "the end of the file is missing, but all pixels are there"
    if mode == "P":
        return _coloured(image, parts)
    if parts.clear is not None:
        return _keyed(image, parts)
    return image


def _inflated_fast(parts: PngParts) -> bytes:
    """The same pixels as a zlib stream that is only stored, or nothing where that does not pay.

    Pillow alone can undo a PNG's filters, and takes only zlib streams; ISA-L inflates more than
    twice as fast as the zlib in it, and storing costs a copy ("RFC 1951", 3.2.4). Pictures that are
    interlaced or damaged are left to Pillow, whose errors they get.
    """
    if not _IS_FAST or parts.interlaced:
        return b""
    bits = parts.width * parts.bits * _CHANNELS[parts.colour_type]
    expected = ((bits + 7) // 8 + 1) * parts.height
    if expected < _WORTH_IT:
        return b""
    try:
        raw = fast_zlib.decompressobj().decompress(parts.pixels, expected)
    except _INFLATE_ERRORS:
        return b""
    if len(raw) != expected:
        return b""
    pieces: list[bytes | memoryview] = [b"\x78\x01"]
    whole = memoryview(raw)
    for at in range(0, expected, _STORED):
        block = whole[at : at + _STORED]
        last = at + _STORED >= expected
        pieces += (_STORED_HEAD.pack(last, len(block), 0xFFFF ^ len(block)), block)
    pieces.append(fast_zlib.adler32(raw).to_bytes(4, "big"))
    return b"".join(pieces)


def _coloured(image: Image.Image, parts: PngParts) -> Image.Image:
    palette = parts.palette[:768]
    count = len(palette) // 3
    if count == 0:
        raise ImageError("the PNG has no palette for its pixels")
    palette = palette[: 3 * count]
    if parts.clear is None:
        image.putpalette(palette, "RGB")
        return image
    entries = bytearray(b"\xff") * (4 * count)
    for channel in range(3):
        entries[channel::4] = palette[channel::3]
    clear = parts.clear[:count]
    entries[3 : 4 * len(clear) : 4] = clear
    image.putpalette(bytes(entries), "RGBA")
    image.info["transparency"] = bytes(entries[3::4])  # where Pillow's users look for it
    return image


def _keyed(image: Image.Image, parts: PngParts) -> Image.Image:
    """One grey or colour that stands for clear; of the deep RGB that was cut to 8 bits, its top."""
    clear = parts.clear or b""
    wanted = 6 if image.mode == "RGB" else 2
    if image.mode not in ("1", "L", "I;16", "RGB") or len(clear) < wanted:
        parts.note = "the PNG's clear colour is damaged"
        return image
    values = struct.unpack_from(f">{wanted // 2}H", clear)
    if parts.bits == 16 and image.mode == "RGB":
        values = tuple(value >> 8 for value in values)
    elif parts.bits == 1:
        values = (255 if values[0] else 0,)
    elif parts.bits < 8:
        values = tuple(value * (255 // ((1 << parts.bits) - 1)) & 255 for value in values)
    if image.mode == "RGB":
        image.info["transparency"] = tuple(value & 255 for value in values)
    else:
        image.info["transparency"] = values[0] if image.mode == "I;16" else values[0] & 255
    return image if image.mode == "I;16" else image.convert("RGBA")
