"""The files that a .blend names: pictures, movie clips and linked libraries.

A .blend is a header and blocks; the block DNA1, near the end, says how the others are laid out. So
the blocks of pictures, clips and libraries, about 2 KB each, are kept while all others are passed
over, and are looked into once DNA1 is known. Data that belongs to a library is not in the file.

Source: Blender's documentation of the file format (doc/blender_file_format) and, for the header
and block headers of Blender 5.0, https://developer.blender.org/docs/release_notes/5.0/core/.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from llamavis_studio.library.uses.blend_stream import Forward, opened
from llamavis_studio.library.uses.blend_types import Field, Types
from llamavis_studio.library.uses.references import (
    Place,
    UnreadableFileError,
    project_path,
)

_WANTED = {b"IM": "Image", b"LI": "Library", b"MC": "MovieClip"}  # by the code of the block
_NO_FILE = (4, 5)  # Image.source: drawn by Blender itself, and what a render shows
_MOST_BLOCK_BYTES = 1 << 16  # 64 KiB; one of these structs has 2 KB
_MOST_KEPT_BYTES = 64 << 20  # 64 MiB
_PER_BLOCK_BYTES = 256  # what Python needs beside the block's own bytes
_MOST_TYPES_BYTES = 4 << 20  # 4 MiB; Blender 5.2 has 135 KB
_MOST_BLOCKS = 4_000_000
_OLD_HEADER = re.compile(rb"[-_][vV]\d{3}")
_NEW_HEADER = re.compile(rb"17-01v\d{4}")


@dataclass(frozen=True)
class _Layout:
    """How one file writes its block headers."""

    endian: str
    pointer_size: int
    header: struct.Struct
    new: bool

    def block(self, stream: Forward) -> tuple[bytes, int, int]:
        """The next block's code, length in bytes, and number of its type."""
        values = self.header.unpack(stream.read(self.header.size))
        # Files of big-endian machines have the zeros of a short code before it.
        code = values[0].strip(b"\0")
        length, kind = (values[3], values[1]) if self.new else (values[1], values[3])
        if length < 0:
            raise UnreadableFileError("the .blend file is broken: a block of negative length")
        return code, length, kind


def blend_references(place: Place, stream: BinaryIO) -> Iterator[str | None]:
    """What a .blend names, read from a stream that can seek; `<UDIM>` stays in names of tiles.

    Raises:
        UnreadableFileError: no .blend, cut short, broken, or unpacking to over 4 GiB.
    """
    forward = opened(stream)
    layout = _layout(forward)
    kept: list[tuple[bytes, int, bytes]] = []
    kept_bytes = 0
    types: Types | None = None
    problem = ""
    try:
        for code, length, kind in _blocks(forward, layout):
            if code in _WANTED and length <= _MOST_BLOCK_BYTES:
                kept_bytes += length + _PER_BLOCK_BYTES
                if kept_bytes > _MOST_KEPT_BYTES:
                    raise UnreadableFileError("the .blend file names too many pictures")
                kept.append((code, kind, forward.read(length)))
            elif code == b"DNA1" and types is None:
                if length > _MOST_TYPES_BYTES:
                    raise UnreadableFileError("the .blend file's table of types is over 4 MiB")
                types = Types(forward.read(length), layout.endian, layout.pointer_size)
            else:
                forward.skip(length)
    except UnreadableFileError as error:
        if types is None:
            raise
        problem = error.message  # the end is missing, but not what we came for
    if types is None:
        raise UnreadableFileError("the .blend file has no table of types")
    for code, kind, block in kept:
        name = _name(types, layout.endian, code, kind, block)
        yield _blend_path(place, name)
    if problem:
        raise UnreadableFileError(problem)


def _layout(forward: Forward) -> _Layout:
    head = forward.read(12)
    if head[:7] != b"BLENDER":
        raise UnreadableFileError("not a Blender file")
    if _OLD_HEADER.fullmatch(head[7:]):
        wide = head[7:8] == b"-"
        endian = "<" if head[8:9] == b"v" else ">"
        header = struct.Struct(f"{endian}4si{8 if wide else 4}sii")
        return _Layout(endian, 8 if wide else 4, header, new=False)
    if _NEW_HEADER.fullmatch(head[7:] + forward.read(5)):
        return _Layout("<", 8, struct.Struct("<4si8sqq"), new=True)
    raise UnreadableFileError("a Blender file of a version that this reader does not know")


def _blocks(forward: Forward, layout: _Layout) -> Iterator[tuple[bytes, int, int]]:
    for _ in range(_MOST_BLOCKS):
        code, length, kind = layout.block(forward)
        if code == b"ENDB":
            return
        yield code, length, kind
    raise UnreadableFileError("the .blend file has more than 4 million blocks")


def _name(types: Types, endian: str, code: bytes, kind: int, block: bytes) -> str:
    """The name of the file behind a block, "" when there is none."""
    struct_name, fields = types.fields(kind)
    if struct_name != _WANTED[code]:
        return ""
    source = fields.get("source")
    if code == b"IM" and source is not None and _number(source, endian, block) in _NO_FILE:
        return ""
    # Library.filepath was, beside Library.name, the same made absolute for that one machine.
    for field in (fields.get("name"), fields.get("filepath")):
        if field is not None and field.kind == "char" and field.name.endswith("]"):
            text = block[field.offset : field.offset + field.size].partition(b"\0")[0]
            try:
                return text.decode("utf-8")
            except UnicodeDecodeError:  # no path of ours
                return ""
    return ""


def _number(field: Field, endian: str, block: bytes) -> int | None:
    if field.kind not in ("short", "int") or field.offset + field.size > len(block):
        return None
    part = block[field.offset : field.offset + field.size]
    return int.from_bytes(part, "little" if endian == "<" else "big", signed=True)


def _blend_path(place: Place, name: str) -> str | None:
    if name.startswith("//"):
        return place.beside(name[2:].lstrip("/\\"))
    text = name.replace("\\", "/")
    if text.startswith("/") or text[1:3] == ":/":
        return project_path(text, "", place.root)
    return None  # relative to where Blender happened to be started
