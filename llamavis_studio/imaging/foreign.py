"""Pictures in the files of other programs: SVG, Photoshop, Krita, OpenRaster, Aseprite, GIMP,
Blender.

    found = read_foreign(data, "SVG")

Only what can be had without the program is read: the size from the header, and the picture that the
program itself left in the file, or that is simple enough to be put together. The files may come
from anywhere: XML is parsed without entities, archives are opened by declared and real size.

Sources: "Scalable Vector Graphics 2", W3C; "Adobe Photoshop File Formats Specification"; the
OpenRaster specification 0.0.6; GIMP's devel-docs/xcf.txt.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite
from xml.parsers import expat

from PIL import Image, PsdImagePlugin

from llamavis_studio.imaging.arrays import Pixels, array_to_image, image_to_array
from llamavis_studio.imaging.aseprite import first_frame, is_sprite_file, read_sprite
from llamavis_studio.imaging.decoder_errors import DECODER_ERRORS, check_size
from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.png_chunks import png_header, unpack_png, walk_png

_MOST_SVG_BYTES = 32 << 20  # 32 MiB
_MOST_ENTRY_BYTES = 128 << 20  # of one picture in an archive, packed or not
_MOST_ENTRIES = 20_000
_LENGTH = re.compile(r"\s*([+]?[0-9]*\.?[0-9]+(?:[eE][+-]?[0-9]{1,3})?)\s*([a-zA-Z%]*)\s*")
_PX = {"": 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16.0, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96.0,
       "em": 16.0, "q": 24 / 25.4}  # fmt: skip
_LARGEST_SVG = 1e6
_PSD_MODES = {0: "1", 1: "L", 2: "P", 3: "RGB", 4: "CMYK", 7: "CMYK", 8: "L", 9: "LAB"}
_XCF_MODES = {0: "RGBA", 1: "LA", 2: "P"}
_MERGED = ("mergedimage.png", "preview.png", "Thumbnails/thumbnail.png")


@dataclass(frozen=True)
class Foreign:
    """What was found; sizes are 0 where the file does not say them. `image` is the picture."""

    width: int = 0
    height: int = 0
    mode: str = ""
    frames: int = 1
    note: str = ""
    image: Image.Image | None = None


def foreign_format(data: bytes, name: str) -> str:
    """SVG, PSD, KRA, ORA, ASEPRITE, XCF or BLEND by the first bytes (and the name, where these say
    too little); an empty text for anything else.
    """
    if data.startswith(b"8BPS"):
        return "PSD"
    if data.startswith(b"gimp xcf "):
        return "XCF"
    extension = name[name.rfind(".") + 1 :].lower()
    if data.startswith(b"BLENDER"):
        return "BLEND"
    if data.startswith((b"\x28\xb5\x2f\xfd", b"\x1f\x8b")) and extension == "blend":
        return "BLEND"  # packed as a whole
    if data.startswith(b"PK\x03\x04"):
        if b"application/x-krita" in data[30:100]:
            return "KRA"
        if b"image/openraster" in data[30:100]:
            return "ORA"
        return extension.upper() if extension in ("kra", "ora") else ""
    if is_sprite_file(data):
        return "ASEPRITE"
    start = data[:4096]
    if b"<svg" in start or (extension == "svg" and start.lstrip().startswith((b"<", b"\xef\xbb"))):
        return "SVG"
    return "SVG" if extension == "svg" and data[:2] in (b"\xff\xfe", b"\xfe\xff") else ""


def read_foreign(data: bytes, kind: str) -> Foreign:
    """The size, and the picture where one can be had, of a file of `foreign_format` `kind`.

    Raises:
        ImageError: the file is damaged, cut short, or asks for more than is given.
    """
    try:
        return _READERS[kind](data)
    except DECODER_ERRORS as error:
        if isinstance(error, ImageError):
            raise
        raise ImageError(f"the {kind} file is damaged: {error}") from error


def foreign_pixels(data: bytes, name: str) -> Pixels | None:
    """The picture (h, w, 3 or 4) of another program's file, or None where none can be had.

    Raises:
        ImageError: the file is damaged, cut short, or asks for more than is given.
    """
    kind = foreign_format(data, name)
    image = read_foreign(data, kind).image if kind else None
    return None if image is None else image_to_array(image)


def _svg(data: bytes) -> Foreign:
    if len(data) > _MOST_SVG_BYTES:
        raise ImageError(f"the SVG is over {_MOST_SVG_BYTES >> 20} MiB")
    roots: list[tuple[str, dict[str, str]]] = []

    def element(tag: str, attributes: dict[str, str]) -> None:
        if not roots:
            roots.append((tag, attributes))

    def refuse(*_: object) -> None:
        raise ImageError(
            "the SVG declares a DOCTYPE or entities, which is not read: save it as plain SVG"
        )

    parser = expat.ParserCreate()
    parser.StartElementHandler = element
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise ImageError(f"the SVG is broken: {error}") from error
    tag, attributes = roots[0]
    if tag.rpartition(":")[2] != "svg":
        raise ImageError(f"not an SVG: its first element is <{tag[:40]}>")
    box = [
        _number(part) for part in re.split(r"[\s,]+", attributes.get("viewBox", "")[:200].strip())
    ]
    if len(box) != 4:
        box = [0.0, 0.0, 0.0, 0.0]
    width, height = _pixels(attributes.get("width", "")), _pixels(attributes.get("height", ""))
    if not width and not height:
        width, height = box[2], box[3]
    elif box[2] > 0 and box[3] > 0:  # the other side follows from the proportions
        width, height = width or height * box[2] / box[3], height or width * box[3] / box[2]
    if not (0 < width < _LARGEST_SVG and 0 < height < _LARGEST_SVG):
        return Foreign(note="shown as an icon; the SVG does not say its size")
    return Foreign(max(1, round(width)), max(1, round(height)), "RGBA", note="shown as an icon")


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        return 0.0
    return value if isfinite(value) else 0.0


def _pixels(text: str) -> float:
    """A length to pixels at 96 per inch; 0 for shares of a window and what cannot be read."""
    match = _LENGTH.fullmatch(text[:64])
    return 0.0 if match is None else _number(match[1]) * _PX.get(match[2].lower(), 0.0)


def _psd(data: bytes) -> Foreign:
    if len(data) < 26:
        raise ImageError("the PSD is cut short: its header is not whole")
    version, channels, height, width, bits, mode = struct.unpack_from(">H6xHIIHH", data, 4)
    if version not in (1, 2) or mode not in _PSD_MODES:
        raise ImageError("the PSD's header names a form that does not exist")
    check_size(width, height)
    named = "RGBA" if mode == 3 and channels >= 4 else _PSD_MODES[mode]
    if version == 2 or bits not in (1, 8):
        what = "a large document (PSB)" if version == 2 else f"of {bits} bits a channel"
        return Foreign(width, height, named, note=f"only its size is known: it is {what}")
    try:
        image = PsdImagePlugin.PsdImageFile(io.BytesIO(data), "")
    except DECODER_ERRORS as error:
        raise ImageError(f"the PSD is damaged or cut short: {error}") from error
    image.load()
    return Foreign(width, height, image.mode, image=_plain(image))


def _archive(data: bytes) -> Foreign:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = archive.infolist()
        if len(entries) > _MOST_ENTRIES:
            raise ImageError(f"the file has more than {_MOST_ENTRIES} parts")
        by_name = {entry.filename: entry for entry in entries}
        for name in _MERGED:
            if name in by_name:
                png = _entry(archive, by_name[name])
                break
        else:
            return Foreign(note="no picture was saved inside the file")
    parts = png_header(png)
    check_size(parts.width, parts.height)
    walk_png(png, parts)
    note = "" if name == _MERGED[0] else f"only its small {name.rpartition('/')[2]} could be shown"
    return Foreign(parts.width, parts.height, parts.mode, note=note, image=unpack_png(parts))


def _entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """The bytes of one part, never more than are allowed, whatever the archive declares."""
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ImageError("the picture inside the file is packed in an uncommon way")
    if entry.file_size > _MOST_ENTRY_BYTES:
        raise ImageError(f"the picture inside the file is over {_MOST_ENTRY_BYTES >> 20} MiB")
    if entry.flag_bits & 1:
        raise ImageError("the picture inside the file is encrypted")
    with archive.open(entry) as stream:
        out = stream.read(_MOST_ENTRY_BYTES + 1)
    if len(out) > _MOST_ENTRY_BYTES:
        raise ImageError(f"the picture inside the file is over {_MOST_ENTRY_BYTES >> 20} MiB")
    return out


def _aseprite(data: bytes) -> Foreign:
    header = read_sprite(data)
    check_size(header.width, header.height)
    pixels = first_frame(data)
    if pixels is None:
        note = "only its size is known: its layers are put together in an uncommon way"
        return Foreign(header.width, header.height, header.mode, header.frames, note)
    image = array_to_image(pixels)
    return Foreign(header.width, header.height, header.mode, header.frames, image=image)


def _xcf(data: bytes) -> Foreign:
    if len(data) < 26:
        raise ImageError("the XCF is cut short: its header is not whole")
    width, height, base = struct.unpack_from(">III", data, 14)
    if data[13:14] != b"\0" or base not in _XCF_MODES:
        raise ImageError("the header of the XCF is damaged")
    check_size(width, height)
    return Foreign(width, height, _XCF_MODES[base], note="only its size is known: export it as PNG")


def _blend(_: bytes) -> Foreign:
    return Foreign(note="a Blender file, which is no picture")


def _plain(image: Image.Image) -> Image.Image:
    """Without the open file behind it."""
    return array_to_image(image_to_array(image))


_READERS: dict[str, Callable[[bytes], Foreign]] = {
    "SVG": _svg,
    "PSD": _psd,
    "KRA": _archive,
    "ORA": _archive,
    "ASEPRITE": _aseprite,
    "XCF": _xcf,
    "BLEND": _blend,
}
