"""A PNG without its notes: the same pixels and colours in the same bytes, no text beside them."""

from __future__ import annotations

import zlib

from llamavis_studio.imaging.errors import ImageError

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_NOTES = frozenset((b"tEXt", b"zTXt", b"iTXt", b"eXIf"))


def without_notes(data: bytes) -> bytes:
    """The file without its tEXt, zTXt, iTXt and eXIf chunks, and without what follows its end.

    Every other chunk, its checksum included, keeps its bytes.

    Raises:
        ImageError: not a PNG, cut short, or a chunk is damaged.
    """
    view = memoryview(data)
    if view[:8] != _SIGNATURE:
        raise ImageError("not a PNG file")
    kept: list[bytes | memoryview] = [_SIGNATURE]
    position = 8
    while True:
        length = int.from_bytes(view[position : position + 4], "big")
        end = position + 12 + length
        if position + 12 > len(view) or end > len(view):
            raise ImageError("the PNG file is cut short")
        kind = bytes(view[position + 4 : position + 8])
        chunk = view[position:end]
        if kind not in _NOTES:
            if zlib.crc32(chunk[4:-4]) != int.from_bytes(chunk[-4:], "big"):
                raise ImageError(f"the PNG file is damaged in its {kind.decode('latin-1')} chunk")
            kept.append(chunk)
        if kind == b"IEND":
            return b"".join(kept)
        position = end
