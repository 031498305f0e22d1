"""Words inside image files: read from, and put into, PNG, JPEG and WebP without touching a pixel.

A file is cut into its parts (chunks or segments), the XMP packet is found among them, and a packet
with other words takes its place or is put in anew; every other part goes into the new file byte for
byte. Where there is no XMP, reading falls back to what older programs wrote: PNG text notes and
IPTC-IIM in JPEG. Those are never written, and once there is XMP they are read no more.

Formats: XMP specification part 3; PNG (ISO/IEC 15948); JPEG (ITU-T T.81); IPTC-IIM 4; the WebP
container specification. A file signed by C2PA is never written: one changed byte breaks its seal.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.xmp import (
    MAX_PACKET_BYTES,
    XmpWords,
    packet_with_words,
    plain_packet,
    read_packet,
)

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_XMP = b"XML:com.adobe.xmp"
_JPEG_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_JPEG_MORE_XMP = b"http://ns.adobe.com/xmp/extension/\0"
_PHOTOSHOP = b"Photoshop 3.0\0"
_IIM_RESOURCE = 0x0404
_MOST_SEGMENT = 65533  # bytes of a JPEG segment after its length
_XMP_FLAG, _ALPHA_FLAG = 0x04, 0x10


class _Part(NamedTuple):
    kind: bytes
    start: int  # of the whole part in the file
    end: int
    body: bytes


@dataclass(frozen=True)
class _File:
    """What an image file says: its packets, words older than XMP, and how a packet is put in."""

    packets: tuple[bytes, ...]
    older: XmpWords
    signed: bool
    with_packet: Callable[[bytes], bytes]
    more: tuple[bytes, ...] = ()  # extended packets of JPEG


def read_xmp(data: bytes) -> XmpWords | None:
    """What a PNG, JPEG or WebP file says about itself; None when it says nothing.

    Raises:
        ImageError: another format, cut short, or with notes that are broken or over 1 MiB.
    """
    file = _opened(data)
    words = _words(file)
    return words if file.packets or words != XmpWords() else None


def write_xmp(data: bytes, description: str, subjects: Sequence[str]) -> bytes:
    """The file with other words in its XMP packet, and everything else as it was.

    A file that says the same already comes back untouched.

    Raises:
        ImageError: as `read_xmp`; the file is signed; it holds several packets; the words do not
            fit.
    """
    file = _opened(data)
    old = _words(file)
    if (old.description, old.subjects) == (description, tuple(subjects)):
        return data
    if file.signed:
        raise ImageError("the file is signed (C2PA); writing into it would break its signature")
    if len(file.packets) > 1:
        raise ImageError("the file holds several XMP packets")
    if any(more.description or more.subjects for more in map(read_packet, file.more)):
        raise ImageError("the file's words are in an extended XMP packet, which is not rewritten")
    packet = file.packets[0] if file.packets else plain_packet()
    packet = packet_with_words(packet, description, subjects)
    if len(packet) > MAX_PACKET_BYTES:
        raise ImageError("the XMP packet would be over 1 MiB")
    return file.with_packet(packet)


def _words(file: _File) -> XmpWords:
    if not file.packets:
        return file.older
    words = read_packet(file.packets[0])
    for more in map(read_packet, file.more):
        words = replace(
            words,
            description=words.description or more.description,
            subjects=words.subjects or more.subjects,
            title=words.title or more.title,
        )
    return words


def _opened(data: bytes) -> _File:
    if data.startswith(_PNG):
        return _png(data)
    if data.startswith(b"\xff\xd8\xff"):
        return _jpeg(data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return _webp(data)
    raise ImageError("words inside an image are read from PNG, JPEG and WebP files only")


# ---- PNG


def _png(data: bytes) -> _File:
    parts = _png_parts(data)
    notes = [(part, note) for part in parts if part.kind in _NOTES and (note := _png_note(part))]
    found = [
        (part, text) for part, (key, text) in notes if key == _PNG_XMP and part.kind == b"iTXt"
    ]
    told = {key: text for _, (key, text) in reversed(notes)}
    older = XmpWords(
        description=_text(told.get(b"Description", b"")), title=_text(told.get(b"Title", b""))
    )
    place = next(part.start for part in parts if part.kind == b"IDAT")

    def with_packet(packet: bytes) -> bytes:
        body = b"iTXt" + _PNG_XMP + b"\0\0\0\0\0" + packet
        chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
        if not found:
            return data[:place] + chunk + data[place:]
        old = found[0][0]
        if old.start < place:
            return data[: old.start] + chunk + data[old.end :]
        return data[:place] + chunk + data[place : old.start] + data[old.end :]

    signed = any(part.kind == b"caBX" for part in parts)
    return _File(tuple(text for _, text in found), older, signed, with_packet)


_NOTES = (b"tEXt", b"zTXt", b"iTXt")


def _png_parts(data: bytes) -> list[_Part]:
    parts: list[_Part] = []
    position = len(_PNG)
    while not parts or parts[-1].kind != b"IEND":
        length = int.from_bytes(data[position : position + 4], "big")
        kind = data[position + 4 : position + 8]
        end = position + 12 + length
        if len(kind) < 4 or end > len(data):
            raise ImageError("the PNG file is cut short")
        body = data[position + 8 : end - 4]
        if not kind.isalpha() or zlib.crc32(kind + body) != int.from_bytes(
            data[end - 4 : end], "big"
        ):
            raise ImageError("the PNG file is broken: a checksum does not fit")
        parts.append(_Part(kind, position, end, body if kind in _NOTES else b""))
        position = end
    kinds = [part.kind for part in parts]
    if kinds[0] != b"IHDR" or b"IDAT" not in kinds:
        raise ImageError("the PNG file is broken: no header, or no pixels")
    return parts


def _png_note(part: _Part) -> tuple[bytes, bytes] | None:
    """Keyword and text (UTF-8) of a note that is read here; None for others."""
    key, _, rest = part.body.partition(b"\0")
    if key not in (_PNG_XMP, b"Description", b"Title"):
        return None
    packed = part.kind == b"zTXt"
    if part.kind == b"iTXt":
        packed = rest[:1] == b"\1"
        rest = rest[2:].partition(b"\0")[2].partition(b"\0")[2]
    elif packed:
        rest = rest[1:]
    if packed:
        unpacker = zlib.decompressobj()
        try:
            rest = unpacker.decompress(rest, MAX_PACKET_BYTES + 1)
        except zlib.error as error:
            raise ImageError("the PNG file is broken: a note cannot be unpacked") from error
    if len(rest) > MAX_PACKET_BYTES:
        raise ImageError("a note in the PNG file is over 1 MiB")
    return key, rest if part.kind == b"iTXt" else rest.decode("latin-1").encode()


def _text(raw: bytes) -> str:
    """Text of a time before UTF-8 was a rule."""
    try:
        return raw.decode("utf-8").strip()
    except UnicodeDecodeError:
        return raw.decode("latin-1").strip()


# ---- JPEG


def _jpeg(data: bytes) -> _File:
    parts = _jpeg_parts(data)
    app1 = [part for part in parts if part.kind == b"\xe1"]
    found = [part for part in app1 if part.body.startswith(_JPEG_XMP)]
    resources = b"".join(
        part.body[len(_PHOTOSHOP) :]
        for part in parts
        if part.kind == b"\xed" and part.body.startswith(_PHOTOSHOP)
    )
    # JUMBF boxes, in which C2PA seals a file, travel in APP11 under the letters JP.
    signed = any(
        part.kind == b"\xeb" and part.body[:2] == b"JP" and part.body[12:16] == b"jumb"
        for part in parts
    )
    place = 2
    for part in parts:  # after JFIF and Exif, which want to be first
        if part.kind != b"\xe0" and not (part.kind == b"\xe1" and part.body[:5] == b"Exif\0"):
            break
        place = part.end

    def with_packet(packet: bytes) -> bytes:
        body = _JPEG_XMP + packet
        if len(body) > _MOST_SEGMENT:
            raise ImageError("the words do not fit: a JPEG file holds 64 KiB of XMP")
        segment = b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body
        start, end = (found[0].start, found[0].end) if found else (place, place)
        # MPF counts bytes from its own segment to pictures behind; only what is before it may grow.
        if any(p.kind == b"\xe2" and p.body[:4] == b"MPF\0" and p.start < start for p in parts):
            raise ImageError("the file holds several pictures, whose places writing would move")
        return data[:start] + segment + data[end:]

    packets = tuple(part.body[len(_JPEG_XMP) :] for part in found)
    more = _extended(
        [part.body[len(_JPEG_MORE_XMP) :] for part in app1 if part.body.startswith(_JPEG_MORE_XMP)]
    )
    return _File(packets, _iim_words(resources), signed, with_packet, more)


def _jpeg_parts(data: bytes) -> list[_Part]:
    """The segments up to the pixels."""
    parts: list[_Part] = []
    position = 2
    while True:
        start = position
        if data[position : position + 1] != b"\xff":
            raise ImageError("the JPEG file is broken or cut short")
        while data[position : position + 1] == b"\xff":  # any number of them may come first
            position += 1
        kind = data[position : position + 1]
        if kind == b"\x01" or b"\xd0" <= kind <= b"\xd7":
            position += 1
            continue
        length = int.from_bytes(data[position + 1 : position + 3], "big")
        end = position + 1 + length
        if kind in (b"\0", b"\xd8", b"\xd9", b"") or length < 2 or end > len(data):
            raise ImageError("the JPEG file is broken or cut short")
        if kind == b"\xda":
            return parts
        parts.append(_Part(kind, start, end, data[position + 3 : end]))
        position = end


def _extended(pieces: list[bytes]) -> tuple[bytes, ...]:
    """Extended packets put together: each piece has a name (32 bytes), a length and an offset."""
    whole: dict[bytes, bytearray] = {}
    for piece in pieces:
        if len(piece) < 40:
            raise ImageError("the extended XMP of the JPEG file is broken")
        length, offset = struct.unpack(">II", piece[32:40])
        if length > MAX_PACKET_BYTES:
            raise ImageError("the extended XMP of the JPEG file is over 1 MiB")
        if whole and piece[:32] not in whole:  # a file has one; many would be much memory
            raise ImageError("the JPEG file holds several extended XMP packets")
        if not whole:
            whole[piece[:32]] = bytearray(length)
        packet = whole[piece[:32]]
        if offset + len(piece) - 40 > len(packet):
            raise ImageError("the extended XMP of the JPEG file is broken")
        packet[offset : offset + len(piece) - 40] = piece[40:]
    return tuple(bytes(packet) for packet in whole.values())


def _iim_words(resources: bytes) -> XmpWords:
    """Caption (2:120), title (2:05) and keywords (2:25) of Photoshop's image resources."""
    told: dict[int, list[str]] = {}
    position = 0
    while resources[position : position + 4] == b"8BIM" and position + 12 <= len(resources):
        number = int.from_bytes(resources[position + 4 : position + 6], "big")
        name_bytes = 1 + resources[position + 6]
        position += 6 + name_bytes + name_bytes % 2
        length = int.from_bytes(resources[position : position + 4], "big")
        body = resources[position + 4 : position + 4 + length]
        position += 4 + length + length % 2
        at = 0
        while number == _IIM_RESOURCE and body[at : at + 1] == b"\x1c" and at + 5 <= len(body):
            size = int.from_bytes(body[at + 3 : at + 5], "big")
            if size & 0x8000:  # a length of lengths: pictures, never words
                break
            if body[at + 1] == 2:
                told.setdefault(body[at + 2], []).append(_text(body[at + 5 : at + 5 + size]))
            at += 5 + size
    return XmpWords(
        "".join(told.get(120, [])[:1]),
        tuple(word for word in told.get(25, []) if word),
        "".join(told.get(5, [])[:1]),
    )


# ---- WebP


def _webp(data: bytes) -> _File:
    end = 8 + int.from_bytes(data[4:8], "little")
    parts: list[_Part] = []
    position = 12
    if end > len(data) or end < 20:
        raise ImageError("the WebP file is cut short")
    while position < end:
        length = int.from_bytes(data[position + 4 : position + 8], "little")
        after = position + 8 + length
        if position + 8 > end or after > end:
            raise ImageError("the WebP file is broken: a chunk is longer than the file")
        kind = data[position : position + 4]
        keep = kind == b"XMP " and length <= MAX_PACKET_BYTES
        body = data[position + 8 : after if keep else min(after, position + 18)]
        if kind == b"XMP " and not keep:
            raise ImageError("the XMP packet is over 1 MiB")
        parts.append(_Part(kind, position, min(after + length % 2, end), body))
        position = after + length % 2
    found = [part for part in parts if part.kind == b"XMP "]

    def with_packet(packet: bytes) -> bytes:
        header = _extended_header(parts[0])
        chunk = b"XMP " + struct.pack("<I", len(packet)) + packet + b"\0" * (len(packet) % 2)
        first = parts[0].end if parts[0].kind == b"VP8X" else parts[0].start
        place, after = (found[0].start, found[0].end) if found else (end, end)
        before = data[first:place] + b"\0" * ((place - first) % 2)
        body = b"WEBP" + header + before + chunk + data[after:end]
        return b"RIFF" + struct.pack("<I", len(body)) + body + data[end:]

    signed = any(part.kind == b"C2PA" for part in parts)
    return _File(tuple(part.body for part in found), XmpWords(), signed, with_packet)


def _extended_header(first: _Part) -> bytes:
    """The VP8X chunk of a file with XMP, made from the one that is there or from the pixels' own
    header.
    """
    body = first.body
    if first.kind == b"VP8X" and len(body) == 10:
        body = bytes([body[0] | _XMP_FLAG]) + body[1:]
    elif first.kind == b"VP8 " and body[3:6] == b"\x9d\x01\x2a" and len(body) == 10:
        width, height = (size & 0x3FFF for size in struct.unpack("<HH", body[6:10]))
        body = _canvas(width, height, _XMP_FLAG)
    elif first.kind == b"VP8L" and body[:1] == b"\x2f" and len(body) >= 5:
        bits = int.from_bytes(body[1:5], "little")
        flags = _XMP_FLAG | (_ALPHA_FLAG if bits >> 28 & 1 else 0)
        body = _canvas((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, flags)
    else:
        raise ImageError("the WebP file is broken: its first chunk is no picture")
    return b"VP8X" + struct.pack("<I", len(body)) + body


def _canvas(width: int, height: int, flags: int) -> bytes:
    if not width or not height:
        raise ImageError("the WebP file is broken: it has no pixels")
    sizes = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return bytes([flags, 0, 0, 0]) + sizes
