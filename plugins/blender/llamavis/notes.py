# SPDX-License-Identifier: GPL-3.0-or-later
"""What an image of the studio says of itself: the provenance in its PNG. No bpy here."""

from __future__ import annotations

import json
import struct
import zlib
from pathlib import Path
from typing import Any

KEYWORD = b"llamavis"
_MOST_BYTES = 1 << 20


def provenance_of(path: Path) -> dict[str, Any]:
    """Model, licence, prompt and the like; empty for an image of somebody else."""
    try:
        with path.open("rb") as file:
            if file.read(8) != b"\x89PNG\r\n\x1a\n":
                return {}
            while len(head := file.read(8)) == 8:
                length, kind = struct.unpack(">I4s", head)
                if kind in (b"IDAT", b"IEND"):  # texts come before the pixels
                    return {}
                if kind == b"iTXt" and length <= _MOST_BYTES:
                    found = _read(file.read(length))
                    if found:
                        return found
                    file.seek(4, 1)
                else:
                    file.seek(length + 4, 1)
    except (OSError, ValueError, zlib.error):
        pass
    return {}


def _read(data: bytes) -> dict[str, Any]:
    keyword, _, rest = data.partition(b"\0")
    if not keyword.lower().startswith(KEYWORD) or len(rest) < 2:
        return {}
    packed = rest[0] == 1
    text = rest[2:].split(b"\0", 2)[2]
    if packed:
        text = zlib.decompressobj().decompress(text, _MOST_BYTES)
    found = json.loads(text)
    return found if isinstance(found, dict) else {}
