"""Any image file to a decoded picture, its header first.

    picture = Picture()
    read_picture(data, "hero.png", picture)     # ImageError says what is wrong; `picture` keeps
    picture.image                               # what was found until then

The first bytes decide the format, never the name (but for TGA, which has no mark). Sizes are judged
from the header. Pillow's readers are called by class: `Image.open` would try all formats, and warn
about large pictures where an answer is wanted.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass

from PIL import (
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageFile,
    ImageOps,
    JpegImagePlugin,
    TgaImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from llamavis_studio.imaging.decoder_errors import DECODER_ERRORS, check_size
from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.foreign import foreign_format, read_foreign
from llamavis_studio.imaging.png_chunks import SIGNATURE, png_header, unpack_png, walk_png

MOST_FILE_BYTES = 256 << 20  # 256 MiB
MOST_FRAMES = 10_000

_ROUGH_SIDE = 256  # a JPEG that is only looked at is unpacked at a smaller scale, not below this
_MOST_PASSES = 1_000_000_000  # pixels times scans of a JPEG: more is no photograph but an attack
_ORIENTATION = 0x0112
_EXTENSIONS = {
    "png": "PNG", "apng": "PNG", "jpg": "JPEG", "jpeg": "JPEG", "jpe": "JPEG", "jfif": "JPEG",
    "webp": "WEBP", "gif": "GIF", "bmp": "BMP", "dib": "BMP", "tga": "TGA", "tif": "TIFF",
    "tiff": "TIFF", "svg": "SVG", "psd": "PSD", "psb": "PSD", "kra": "KRA", "ora": "ORA",
    "ase": "ASEPRITE", "aseprite": "ASEPRITE", "xcf": "XCF", "blend": "BLEND",
}  # fmt: skip
_VOWEL_SOUND = ("ORA", "ASEPRITE", "SVG", "XCF")


@dataclass(slots=True)
class Picture:
    """What is known of a file: size as shown (turned as its EXIF asks), Pillow mode of the stored
    pixels, number of frames, and the first frame. A rough reading's image may be smaller.
    """

    format: str = ""
    width: int = 0
    height: int = 0
    mode: str = ""
    frames: int = 1
    note: str = ""
    image: Image.Image | None = None


def format_of(data: bytes, name: str) -> str:
    """The format by its first bytes, "" when it is none that can be read."""
    if data.startswith(SIGNATURE):
        return "PNG"
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data.startswith((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")):
        return "TIFF"
    found = foreign_format(data, name)
    if found:
        return found
    if data.startswith(b"BM"):
        return "BMP"
    if data[-18:] == b"TRUEVISION-XFILE.\0" or name[-4:].lower() == ".tga":
        return "TGA"
    return ""


def read_picture(data: bytes, name: str, picture: Picture, *, rough: bool = False) -> None:
    """Fills `picture` from a file's bytes; `image` stays None where the format has no pixels.

    `rough` lets a JPEG come at a smaller scale, of at least 256 pixels on the shorter side.

    Raises:
        ImageError: what is wrong, in the user's words.
    """
    if not data:
        raise ImageError("the file is empty")
    if len(data) > MOST_FILE_BYTES:
        raise ImageError(f"the file is over {MOST_FILE_BYTES >> 20} MiB")
    kind = format_of(data, name)
    extension = name[name.rfind(".") + 1 :].lower()
    if not kind:
        raise ImageError(_stranger(data, extension))
    picture.format = kind
    try:
        if kind == "PNG":
            _read_png(data, picture)
        elif kind in _OPENERS:
            _read_by_pillow(data, picture, rough)
        else:
            found = read_foreign(data, kind)
            picture.width, picture.height = found.width, found.height
            picture.mode, picture.frames, picture.note = found.mode, found.frames, found.note
            picture.image = found.image
    except DECODER_ERRORS as error:
        if isinstance(error, ImageError):
            raise
        raise ImageError(_reason(kind, error)) from error
    if _EXTENSIONS.get(extension, kind) != kind:
        article = "an" if kind in _VOWEL_SOUND else "a"
        told = f"is {article} {kind} though it is called .{extension}"
        picture.note = f"{told}; {picture.note}" if picture.note else told


def turned(image: Image.Image) -> Image.Image:
    """The picture as its EXIF asks; as it is where there is none or it is damaged."""
    try:
        if not image.info.get("exif") or image.getexif().get(_ORIENTATION, 1) == 1:
            return image
        return ImageOps.exif_transpose(image)
    except DECODER_ERRORS:
        return image


def gif_frames(data: bytes) -> int:
    """How many pictures a GIF holds, counted block by block ("GIF89a Specification", CompuServe),
    up to MOST_FRAMES; at least 1.
    """
    if len(data) < 13:
        return 1
    place = 13 + (3 << (data[10] & 7) + 1 if data[10] & 0x80 else 0)
    count, end = 0, len(data)
    while place + 1 < end and count < MOST_FRAMES:
        if data[place] == 0x2C and place + 10 < end:
            count += 1
            packed = data[place + 9]
            place += 11 + (3 << (packed & 7) + 1 if packed & 0x80 else 0)
        elif data[place] == 0x21:
            place += 2
        else:
            break
        while place < end and data[place]:
            place += data[place] + 1
        place += 1
    return max(1, count)


def _read_png(data: bytes, picture: Picture) -> None:
    parts = png_header(data)
    picture.width, picture.height, picture.mode = parts.width, parts.height, parts.mode
    check_size(parts.width, parts.height)
    walk_png(data, parts)
    picture.frames = parts.frames
    image = unpack_png(parts)
    picture.note = parts.note
    if parts.exif:
        image.info["exif"] = parts.exif
        image = turned(image)
        picture.width, picture.height = image.size
    picture.image = image


def _read_by_pillow(data: bytes, picture: Picture, rough: bool) -> None:
    if picture.format == "WEBP":  # whose reader makes a canvas before it tells a size
        picture.width, picture.height = _webp_size(data)
        check_size(picture.width, picture.height)
    image = _OPENERS[picture.format](io.BytesIO(data), "")
    width, height = image.size
    picture.width, picture.height, picture.mode = width, height, image.mode
    check_size(width, height)
    if picture.format == "JPEG":
        if (data.count(b"\xff\xda") - 12) * width * height > _MOST_PASSES:
            raise ImageError("the JPEG is drawn in more passes than any camera writes")
        if rough:
            image.draft(image.mode, (_ROUGH_SIDE, _ROUGH_SIDE))
    elif picture.format == "GIF":
        picture.frames = gif_frames(data)
    elif picture.format == "WEBP":
        picture.frames = int(getattr(image, "n_frames", 1))
    image.load()
    if "exif" in image.info:
        straight = turned(image)
        if straight is not image and image.getexif().get(_ORIENTATION, 1) >= 5:
            picture.width, picture.height = height, width
        picture.image = straight
    else:
        picture.image = image


def _webp_size(data: bytes) -> tuple[int, int]:
    """ "WebP Container Specification", Google; the size of all three kinds of first chunk."""
    kind, body = data[12:16], data[20:30]
    if len(body) < 10:
        raise ImageError("the file is cut short: its header is not whole")
    if kind == b"VP8X":
        return int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1
    if kind == b"VP8L" and body[0] == 0x2F:
        bits = int.from_bytes(body[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 " and body[3:6] == b"\x9d\x01\x2a":
        width, height = body[6] | body[7] << 8, body[8] | body[9] << 8
        return width & 0x3FFF, height & 0x3FFF
    raise ImageError("the header of the WebP is damaged")


def _stranger(data: bytes, extension: str) -> str:
    if data.startswith(b"version https://git-lfs"):
        return "a Git LFS pointer and not the picture itself: run `git lfs pull`"
    if not any(data[:4096]):
        return "the file begins with nothing but zeros: it was not written to its end"
    if extension in _EXTENSIONS:
        return (
            f"called .{extension}, but its content is no {_EXTENSIONS[extension]} and no other "
            "picture that can be read"
        )
    return "not a picture that can be read"


def _reason(kind: str, error: Exception) -> str:
    text = str(error).strip()
    if "truncated" in text.lower() or isinstance(error, EOFError):
        return f"the {kind} is cut short: not all of its pixels are there"
    return f"the {kind} is damaged" + (f": {text[:200]}" if text else "")


_OPENERS: dict[str, Callable[[io.BytesIO, str], ImageFile.ImageFile]] = {
    "JPEG": JpegImagePlugin.JpegImageFile,
    "GIF": GifImagePlugin.GifImageFile,
    "WEBP": WebPImagePlugin.WebPImageFile,
    "BMP": BmpImagePlugin.BmpImageFile,
    "TGA": TgaImagePlugin.TgaImageFile,
    "TIFF": TiffImagePlugin.TiffImageFile,
}
