"""PNG bytes that say where they come from: a deterministic encoder, a careful decoder, text chunks
without decoding pixels.

Three notes travel inside each picture: `llamavis` (JSON, for the studio), `parameters` (the line
A1111 and its family read) and XMP (for asset managers and for the law: IPTC's DigitalSourceType).
"""

from __future__ import annotations

import hashlib
import io
import struct
import zlib
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageOps, PngImagePlugin, UnidentifiedImageError

from llamavis_studio.imaging.arrays import Pixels, array_to_image, image_to_array, with_alpha
from llamavis_studio.imaging.decoder_errors import DECODER_ERRORS
from llamavis_studio.imaging.errors import ImageError

PROVENANCE_KEY = "llamavis"
PARAMETERS_KEY = "parameters"
XMP_KEY = "XML:com.adobe.xmp"

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_COMPRESS_LEVEL = 6  # fixed: equal inputs give equal bytes
_MAX_TEXT_BYTES = 1 << 20  # 1 MiB, before and after decompression
_MAX_FILE_BYTES = 256 << 20  # 256 MiB
_FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TGA", "TIFF")


def encode_png(
    pixels: Pixels,
    *,
    provenance_json: str | None = None,
    parameters: str | None = None,
    xmp: str | None = None,
) -> bytes:
    """(h, w, 3 or 4) sRGB bytes to a PNG file; equal arguments give equal bytes. Notes stand before
    the pixels.
    """
    notes = PngImagePlugin.PngInfo()
    if provenance_json is not None:
        notes.add_itxt(PROVENANCE_KEY, provenance_json)
    if parameters is not None:
        if parameters.isascii():
            notes.add_text(PARAMETERS_KEY, parameters)
        else:  # tEXt is Latin-1; the readers of this key accept UTF-8 iTXt too
            notes.add_itxt(PARAMETERS_KEY, parameters)
    if xmp is not None:
        notes.add_itxt(XMP_KEY, xmp)
    stream = io.BytesIO()
    array_to_image(pixels).save(stream, "PNG", pnginfo=notes, compress_level=_COMPRESS_LEVEL)
    return stream.getvalue()


def decode_image(source: Path | str | bytes, max_side: int = 4096) -> Pixels:
    """An image file, or its bytes, to (h, w, 3 or 4) sRGB bytes; the first frame of an animation,
    turned as its EXIF asks.

    The size is judged from the header, before any pixel is unpacked.

    Raises:
        ImageError: no image, broken, cut short, or more than `max_side` pixels on a side.
        OSError: the file cannot be read.
    """
    data = source if isinstance(source, bytes) else _read_bounded(Path(source))
    _check_png_header(data, max_side)
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
            _check_size(image.width, image.height, max_side)
            image.load()
            return image_to_array(ImageOps.exif_transpose(image))
    except ImageError:
        raise
    except UnidentifiedImageError as error:
        raise ImageError("not an image this studio can read (PNG, JPEG, WebP, ...)") from error
    except DECODER_ERRORS as error:
        raise ImageError(f"the image is broken: {error}") from error


def pixel_hash(pixels: Pixels) -> str:
    """SHA-256 (hex) of what can be seen: size and RGBA, with the colour under fully clear pixels
    zeroed.

    A file that another program saved again without changing what it shows keeps its hash.
    """
    rgba = np.ascontiguousarray(with_alpha(pixels))
    if not rgba[..., 3].all():
        rgba = rgba * (rgba[..., 3:4] > 0)
    digest = hashlib.sha256(struct.pack(">II", rgba.shape[1], rgba.shape[0]))
    digest.update(rgba.tobytes())
    return digest.hexdigest()


def read_text_chunks(path: Path | str) -> dict[str, str]:
    """The tEXt, zTXt and iTXt notes of a PNG, without decoding its pixels.

    Raises:
        ImageError: not a PNG, or cut short in the middle of a chunk.
        OSError: the file cannot be read.
    """
    with open(path, "rb") as stream:
        return _text_chunks(stream)


def text_chunks_in(data: bytes) -> dict[str, str]:
    """The same of a PNG that is in memory. Raises ImageError."""
    return _text_chunks(io.BytesIO(data))


def read_size(path: Path | str) -> tuple[int, int]:
    """(width, height) from a PNG's header. Raises ImageError when it is no PNG, OSError when it
    cannot be read.
    """
    with open(path, "rb") as stream:
        head = stream.read(24)
    if len(head) < 24 or not head.startswith(_SIGNATURE):
        raise ImageError("not a PNG file")
    width, height = struct.unpack(">II", head[16:24])
    return width, height


def _text_chunks(stream: BinaryIO) -> dict[str, str]:
    if stream.read(8) != _SIGNATURE:
        raise ImageError("not a PNG file")
    notes: dict[str, str] = {}
    end = stream.seek(0, io.SEEK_END)
    position = 8
    while True:
        stream.seek(position)
        head = stream.read(8)
        if len(head) < 8:
            raise ImageError("the PNG file is cut short")
        length = int.from_bytes(head[:4], "big")
        kind = head[4:]
        if kind == b"IEND":
            return notes
        if position + 12 + length > end:
            raise ImageError("the PNG file is cut short")
        if kind in (b"tEXt", b"zTXt", b"iTXt") and length <= _MAX_TEXT_BYTES:
            body = stream.read(length)
            if zlib.crc32(kind + body) == int.from_bytes(stream.read(4), "big"):
                note = _parse_note(kind, body)
                if note is not None:
                    notes.setdefault(*note)
        position += 12 + length


def _parse_note(kind: bytes, body: bytes) -> tuple[str, str] | None:
    key, zero, rest = body.partition(b"\0")
    if not zero:
        return None
    packed = False
    if kind == b"zTXt":
        packed, rest = True, rest[1:]
    elif kind == b"iTXt":
        if len(rest) < 2:
            return None
        packed, rest = rest[0] == 1, rest[2:]
        _language, _, rest = rest.partition(b"\0")
        _translated, _, rest = rest.partition(b"\0")
    if packed:
        unpacker = zlib.decompressobj()
        try:
            rest = unpacker.decompress(rest, _MAX_TEXT_BYTES)
        except zlib.error:
            return None
        if unpacker.unconsumed_tail:  # a bomb, or nothing a person wrote
            return None
    encoding = "utf-8" if kind == b"iTXt" else "latin-1"
    try:
        return key.decode("latin-1"), rest.decode(encoding)
    except UnicodeDecodeError:
        return None


def _read_bounded(path: Path) -> bytes:
    with open(path, "rb") as stream:
        data = stream.read(_MAX_FILE_BYTES + 1)
    if len(data) > _MAX_FILE_BYTES:
        raise ImageError("the image file is over 256 MiB")
    return data


def _check_png_header(data: bytes, max_side: int) -> None:
    # Before Pillow: it warns about very large headers, and a warning is no answer to a caller.
    if data.startswith(_SIGNATURE) and len(data) >= 24:
        width, height = struct.unpack(">II", data[16:24])
        _check_size(width, height, max_side)


def _check_size(width: int, height: int, max_side: int) -> None:
    if width > max_side or height > max_side:
        raise ImageError(f"the image is {width}x{height}, the most is {max_side} pixels on a side")
    if width < 1 or height < 1:
        raise ImageError("the image has no pixels")
