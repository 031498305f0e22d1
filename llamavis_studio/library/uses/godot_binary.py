"""Godot's binary resources (.scn, .res and their kin): the names in them, by a scan.

A string is its length in bytes (with the zero at its end) and UTF-8, so a `res://` with a fitting
length before it is a name. Behind the path of an external resource stands its uid as a number,
which wins where it is known, as in text files. A packed file is unpacked first: `RSCC`, the method,
the size of a piece, the whole size, the packed size of each piece, then the pieces.

Source: Godot 4.6, core/io/resource_format_binary.cpp and core/io/file_access_compressed.cpp.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator

import zstandard

from llamavis_studio.library.uses.references import Place, UnreadableFileError

_PLAIN, _PACKED = b"RSRC", b"RSCC"
_MOST_BYTES = 256 << 20  # 256 MiB unpacked
_LONGEST_NAME = 4096  # bytes
_MODES = {1: "deflate", 2: "zstd", 3: "gzip"}
_UID_LETTERS = "abcdefghijklmnopqrstuvwxy012345678"  # no z and no 9: the engine leaves them out


def binary_references(place: Place, data: bytes) -> Iterator[str | None]:
    """What a binary resource names. A file of another sort names nothing.

    Raises:
        UnreadableFileError: packed, and cut short, broken or of over 256 MiB.
    """
    if data.startswith(_PACKED):
        data = _unpacked(data)
    elif not data.startswith(_PLAIN):
        return
    endian = ">" if data[4:8] not in (b"\0\0\0\0", b"") else "<"
    for marker in (b"res://", b"uid://"):
        at = data.find(marker)
        while at >= 0:
            name, end = _string_at(data, at, endian)
            if name:
                yield _uid_path(place, data[end : end + 8], endian) or place.resource(name)
            at = data.find(marker, at + len(marker))


def _string_at(data: bytes, at: int, endian: str) -> tuple[str, int]:
    """The string that begins at `at`, "" when none does, and where it ends."""
    if at < 8:
        return "", at
    (length,) = struct.unpack_from(f"{endian}I", data, at - 4)
    end = at + length
    if not 6 < length <= _LONGEST_NAME or end > len(data):
        return "", at
    body = data[at:end].rstrip(b"\0")
    try:
        return ("" if b"\0" in body else body.decode("utf-8")), end
    except UnicodeDecodeError:
        return "", at


def _uid_path(place: Place, number: bytes, endian: str) -> str | None:
    """The path of a uid that is known; bytes that are something else are never known."""
    if len(number) < 8:
        return None
    value = int.from_bytes(number, "big" if endian == ">" else "little")
    letters = ""
    while value:
        value, letter = divmod(value, len(_UID_LETTERS))
        letters = _UID_LETTERS[letter] + letters
    return place.uid_paths.get(f"uid://{letters}")


def _unpacked(data: bytes) -> bytes:
    """The file after its first four bytes, which a packed one has not, with those of a plain."""
    try:
        mode, piece, total = struct.unpack_from("<III", data, 4)
        if mode not in _MODES or not piece:
            raise UnreadableFileError("the resource is packed by a method this reader has not")
        if total > _MOST_BYTES:
            raise UnreadableFileError("the packed resource is over 256 MiB")
        count = total // piece + 1
        if 16 + 4 * count > len(data):
            raise UnreadableFileError("the packed resource is cut short")
        sizes = struct.unpack_from(f"<{count}I", data, 16)
    except struct.error as error:
        raise UnreadableFileError("the packed resource is cut short") from error
    parts = [_PLAIN]
    at = 16 + 4 * count
    for i, size in enumerate(sizes):
        wanted = piece if i < count - 1 else total % piece
        parts.append(_piece(mode, data[at : at + size], wanted))
        at += size
    return b"".join(parts)


def _piece(mode: int, packed: bytes, wanted: int) -> bytes:
    """One piece, unpacked to no more than it should hold."""
    try:
        if not wanted:
            return b""
        if mode == 2:
            plain = zstandard.ZstdDecompressor().stream_reader(io.BytesIO(packed)).read(wanted)
        else:
            window = 15 if mode == 1 else 31
            plain = zlib.decompressobj(window).decompress(packed, wanted)
    except (zstandard.ZstdError, zlib.error) as error:
        raise UnreadableFileError(f"the packed resource is broken: {error}") from error
    if len(plain) != wanted:
        raise UnreadableFileError("the packed resource is cut short")
    return plain
