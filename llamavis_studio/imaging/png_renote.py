"""One text note of a PNG replaced, every other byte as it was."""

from __future__ import annotations

import zlib

from llamavis_studio.imaging.errors import ImageError

_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def with_note(data: bytes, key: str, text: str) -> bytes:
    """The PNG with its first iTXt note of this key saying `text`; without such a note, as it was.

    Pixels, colours and what other programs noted keep their bytes.

    Raises:
        ImageError: not a PNG, or cut short.
    """
    if not data.startswith(_SIGNATURE):
        raise ImageError("not a PNG file")
    begin = key.encode("latin-1") + b"\0"
    at = len(_SIGNATURE)
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        kind, end = data[at + 4 : at + 8], at + 12 + length
        if end > len(data):
            break
        if kind == b"iTXt" and data[at + 8 : at + 8 + length].startswith(begin):
            body = kind + begin + b"\0\0\0\0" + text.encode("utf-8")
            chunk = (len(body) - 4).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")
            return data[:at] + chunk + data[end:]
        if kind == b"IEND":
            return data
        at = end
    raise ImageError("the PNG file is cut short")
