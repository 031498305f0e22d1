"""Image files that are broken on purpose, made on the spot from good ones: for whoever reads files
from elsewhere.

    for name, data in damaged(seed=1, count=600): ...

Equal seeds give equal files.
"""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import cache

import numpy as np
from PIL import Image

PNG_START = b"\x89PNG\r\n\x1a\n"


def damaged(seed: int, count: int) -> Iterator[tuple[str, bytes]]:
    """`count` names and contents. The name tells the damage: `png8-flipped-17.png`."""
    rng = random.Random(seed)
    good = sorted(good_images().items())
    whole = sorted(_WHOLE.items())
    damages = sorted(_DAMAGES.items())
    for number in range(count):
        if number % 12 == 11:  # files that are bad from their first byte on, each in its turn
            label, make = whole[number // 12 % len(whole)]
            yield f"{label}-{number}.png", make()
            continue
        name, data = rng.choice(good)
        stem, _, extension = name.partition(".")
        label, damage = damages[number % len(damages)]
        broken = damage(data, rng)
        if label == "misnamed":
            extension = rng.choice(["png", "jpg", "gif", "webp", "tga", "svg", "psd", "kra", "ase"])
        yield f"{stem}-{label}-{number}.{extension}", broken


@cache
def good_images() -> dict[str, bytes]:
    """Small good files of every format that is read, by name."""
    y, x = np.mgrid[:24, :32]
    opacity = np.where(x > 6, 255, y * 10)
    rgba = np.stack([x * 7, y * 9, (x * y) % 256, opacity], -1).astype(np.uint8)
    colour = Image.fromarray(rgba)
    rgb = colour.convert("RGB")
    deep = Image.fromarray((x * 2000 + y).astype(np.uint16))
    other = colour.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    files = {
        "png8.png": _saved(colour, "PNG"),
        "png-rgb.png": _saved(rgb, "PNG"),
        "png-palette.png": _saved(rgb.quantize(16), "PNG", transparency=3),
        "png-grey-alpha.png": _saved(colour.convert("LA"), "PNG"),
        "png16.png": _saved(deep, "PNG"),
        "png-interlaced.png": interlaced_png(16, 12),
        "png-animated.png": _saved(colour, "PNG", save_all=True, append_images=[other]),
        "jpeg.jpg": _saved(rgb, "JPEG", quality=90),
        "jpeg-progressive.jpg": _saved(rgb, "JPEG", progressive=True),
        "jpeg-cmyk.jpg": _saved(rgb.convert("CMYK"), "JPEG"),
        "webp.webp": _saved(colour, "WEBP", quality=80),
        "webp-lossless.webp": _saved(colour, "WEBP", lossless=True),
        "webp-animated.webp": _saved(colour, "WEBP", save_all=True, append_images=[other]),
        "gif.gif": _saved(rgb.quantize(32), "GIF"),
        "gif-animated.gif": _saved(
            rgb.quantize(8), "GIF", save_all=True, append_images=[other.convert("RGB").quantize(8)]
        ),
        "bmp.bmp": _saved(rgb, "BMP"),
        "tga.tga": _saved(colour, "TGA"),
        "tga-rle.tga": _saved(colour, "TGA", compression="tga_rle"),
        "tiff.tif": _saved(colour, "TIFF"),
        "tiff-deflate.tif": _saved(rgb, "TIFF", compression="tiff_adobe_deflate"),
        "svg.svg": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="40" '
        b'height="20mm" viewBox="0 0 40 20"><path d="M0 0L40 20"/></svg>',
        "psd.psd": psd(rgba),
        "kra.kra": archive("application/x-krita", {"mergedimage.png": _saved(colour, "PNG")}),
        "ora.ora": archive("image/openraster", {"mergedimage.png": _saved(colour, "PNG")}),
        "sprite.aseprite": aseprite(rgba),
        "xcf.xcf": b"gimp xcf v011\0" + struct.pack(">IIII", 32, 24, 0, 150) + bytes(40),
    }
    return files


def chunk(kind: bytes, body: bytes) -> bytes:
    """A PNG chunk with its length and checksum."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_of(
    width: int,
    height: int,
    packed: bytes,
    *,
    bits: int = 8,
    form: int = 6,
    interlace: int = 0,
    extra: bytes = b"",
) -> bytes:
    """A PNG of packed rows, with chunks (`extra`) before its pixels."""
    header = struct.pack(">IIBBBBB", width, height, bits, form, 0, 0, interlace)
    return PNG_START + chunk(b"IHDR", header) + extra + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def interlaced_png(width: int, height: int) -> bytes:
    """An Adam7 grey PNG of one value: all passes are equal rows, so that they need no sorting."""
    rows = b""
    for left, top, dx, dy in (
        (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
        (0, 1, 1, 2),
    ):  # fmt: skip
        across, down = -(-(width - left) // dx), -(-(height - top) // dy)
        rows += (b"\0" + bytes([90]) * across) * down if across > 0 and down > 0 else b""
    return png_of(width, height, zlib.compress(rows), form=0, interlace=1)


def psd(rgba: np.ndarray) -> bytes:
    """A PSD of one merged picture, unpacked, RGB with alpha."""
    height, width = rgba.shape[:2]
    head = b"8BPS" + struct.pack(">H6xHIIHH", 1, 4, height, width, 8, 3)
    planes = b"".join(rgba[..., channel].tobytes() for channel in range(4))
    return head + bytes(12) + b"\0\0" + planes


def archive(kind: str, parts: dict[str, bytes]) -> bytes:
    """A zip as Krita and OpenRaster write it: the type first and unpacked."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as out:
        out.writestr(zipfile.ZipInfo("mimetype"), kind)
        for name, data in parts.items():
            out.writestr(zipfile.ZipInfo(name), data, compress_type=zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def aseprite(
    rgba: np.ndarray,
    *,
    frames: int = 1,
    blend: int = 0,
    cel_kind: int = 2,
    layers: int = 1,
    opacity: int = 255,
    at: tuple[int, int] = (0, 0),
) -> bytes:
    """An RGBA sprite with the picture as a cel of its last layer, the others empty."""
    height, width = rgba.shape[:2]
    body = b""
    for number in range(layers):
        name = f"layer {number}".encode()
        layer = struct.pack("<HHHHHHB3xH", 1, 0, 0, 0, 0, blend, opacity, len(name)) + name
        body += struct.pack("<IH", len(layer) + 6, 0x2004) + layer
    pixels = rgba.tobytes()
    cel = struct.pack("<HhhBHh5xHH", layers - 1, *at, 255, cel_kind, 0, width, height)
    cel += zlib.compress(pixels) if cel_kind == 2 else pixels
    body += struct.pack("<IH", len(cel) + 6, 0x2005) + cel
    first = struct.pack("<IHHHHI", len(body) + 16, 0xF1FA, layers + 1, 100, 0, layers + 1) + body
    later = struct.pack("<IHHHHI", 16, 0xF1FA, 0, 100, 0, 0) * (frames - 1)
    size = 128 + len(first) + len(later)
    head = struct.pack("<IHHHHHIH", size, 0xA5E0, frames, width, height, 32, 1, 100)
    return head.ljust(128, b"\0") + first + later


def _saved(image: Image.Image, kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def _flipped(data: bytes, rng: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(rng.randint(1, 12)):
        out[rng.randrange(len(out))] ^= 1 << rng.randrange(8)
    return bytes(out)


def _header_flipped(data: bytes, rng: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        out[rng.randrange(min(len(out), 64))] = rng.randrange(256)
    return bytes(out)


def _cut(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data))]


def _inserted(data: bytes, rng: random.Random) -> bytes:
    place = rng.randrange(len(data))
    return data[:place] + rng.randbytes(rng.randint(1, 40)) + data[place:]


def _swapped(data: bytes, rng: random.Random) -> bytes:
    place = rng.randrange(1, len(data))
    return data[place:] + data[:place]


def _repeated(data: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(data))
    end = min(len(data), start + rng.randint(1, 200))
    return data[:end] + data[start:end] * rng.randint(1, 20) + data[end:]


def _lengths_lie(data: bytes, rng: random.Random) -> bytes:
    out = bytearray(data)
    place = rng.randrange(max(1, len(out) - 4))
    out[place : place + 4] = rng.choice(
        [b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\0\0\0", b"\x80\0\0\0", b"\0\1\x86\xa0"]
    )
    return bytes(out)


def _checksum(data: bytes, rng: random.Random) -> bytes:
    place = data.find(b"IDAT")
    if place < 0:
        return _flipped(data, rng)
    length = int.from_bytes(data[place - 4 : place], "big")
    end = place + 4 + length
    return data[:end] + bytes([data[end] ^ 0x55]) + data[end + 1 :]


def _chunk_again(data: bytes, rng: random.Random) -> bytes:
    if not data.startswith(PNG_START):
        return _repeated(data, rng)
    length = int.from_bytes(data[33:37], "big")
    again = data[33 : 33 + 12 + length]
    return data[:33] + again * rng.randint(2, 50) + data[33:]


_DAMAGES: dict[str, Callable[[bytes, random.Random], bytes]] = {
    "flipped": _flipped,
    "header": _header_flipped,
    "cut": _cut,
    "inserted": _inserted,
    "swapped": _swapped,
    "repeated": _repeated,
    "lengths": _lengths_lie,
    "checksum": _checksum,
    "chunks": _chunk_again,
    "trailing": lambda data, rng: data + rng.randbytes(rng.randint(1, 500)),
    "misnamed": lambda data, _: data,
}


@cache
def _noise_of_zeros() -> bytes:
    return zlib.compress(bytes(8 << 20), 9)


def huge_png() -> bytes:
    """A header of 100,000 x 100,000."""
    return png_of(100_000, 100_000, zlib.compress(b"\0" * 64))


@cache
def hundred_megapixels() -> bytes:
    """10,000 x 10,000 grey pixels of one bit each, complete and small."""
    return png_of(10_000, 10_000, zlib.compress(bytes(10_000 * 1251), 9), bits=1, form=0)


def note_bomb() -> bytes:
    """Pixels that are fine beside notes and a profile that unpack to much."""
    bomb = _noise_of_zeros()
    extra = chunk(b"iCCP", b"x\0\0" + bomb) + chunk(b"zTXt", b"bomb\0\0" + bomb)
    return png_of(2, 2, zlib.compress(bytes(18)), extra=extra)


def pixel_bomb() -> bytes:
    """Pixels for 2x2 that go on for 8 MiB."""
    return png_of(2, 2, _noise_of_zeros())


def zip_bomb() -> bytes:
    """A Krita file whose picture unpacks to nearly 200 MiB."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr(zipfile.ZipInfo("mimetype"), "application/x-krita")
        with out.open(zipfile.ZipInfo("mergedimage.png"), "w") as part:
            for _ in range(190):
                part.write(bytes(1 << 20))
    return stream.getvalue()


_WHOLE: dict[str, Callable[[], bytes]] = {
    "empty": lambda: b"",
    "huge": huge_png,
    "hundred-megapixels": hundred_megapixels,
    "note-bomb": note_bomb,
    "pixel-bomb": pixel_bomb,
    "zeros": lambda: bytes(300),
    "no-pixels": lambda: PNG_START + chunk(b"IEND", b""),
    "entities": lambda: b'<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><svg>&b;</svg>',
    "deep": lambda: b"<svg>" + b"<g>" * 20_000,
    "huge-gif": lambda: b"GIF89a" + struct.pack("<HHBBB", 65535, 65535, 0, 0, 0) + b";",
    "huge-psd": lambda: b"8BPS" + struct.pack(">H6xHIIHH", 1, 4, 30000, 30000, 8, 3) + bytes(14),
    "text": lambda: b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 12\n",
}
