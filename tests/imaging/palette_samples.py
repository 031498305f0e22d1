"""Writers of palette files, small and by the published forms, for what reads them to be tested."""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence

import numpy as np
from PIL import Image

Chunk = tuple[int, bytes]


def riff_pal(colours: Sequence[Sequence[int]], before: Sequence[tuple[bytes, bytes]] = ()) -> bytes:
    chunks = b""
    for kind, body in before:
        chunks += kind + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)
    entries = b"".join(bytes([*colour[:3], 0]) for colour in colours)
    body = struct.pack("<HH", 0x0300, len(colours)) + entries
    chunks += b"data" + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"PAL " + chunks


def swatch(model: bytes, *values: float) -> bytes:
    name = "a swatch\0".encode("utf-16-be")
    floats = struct.pack(f">{len(values)}f", *values)
    return struct.pack(">H", len(name) // 2) + name + model + floats + struct.pack(">H", 2)


def adobe_swatches(swatches: Sequence[bytes]) -> bytes:
    """In a group, as Adobe's programs write them."""
    name = "group\0".encode("utf-16-be")
    blocks = [(0xC001, struct.pack(">H", len(name) // 2) + name)]
    blocks += [(0x0001, body) for body in swatches]
    blocks.append((0xC002, b""))
    if not swatches:
        blocks = []
    packed = b"".join(struct.pack(">HI", kind, len(body)) + body for kind, body in blocks)
    return b"ASEF" + struct.pack(">HHI", 1, 0, len(blocks)) + packed


def palette_chunk(colours: Sequence[Sequence[int]], *, names: bool = False) -> Chunk:
    body = struct.pack("<III8x", len(colours), 0, len(colours) - 1)
    for colour in colours:
        red, green, blue, alpha = (*colour, 255)[:4]
        body += struct.pack("<H4B", int(names), red, green, blue, alpha)
        if names:
            body += struct.pack("<H", 3) + b"one"
    return 0x2019, body


def old_palette_chunk(
    colours: Sequence[Sequence[int]], *, kind: int = 0x0004, skip: int = 0
) -> Chunk:
    entries = b"".join(bytes(colour[:3]) for colour in colours)
    return kind, struct.pack("<HBB", 1, skip, len(colours) % 256) + entries


def aseprite(frames: Sequence[Sequence[Chunk]]) -> bytes:
    packed = b""
    for chunks in frames:
        body = b"".join(struct.pack("<IH", len(data) + 6, kind) + data for kind, data in chunks)
        count = len(chunks)
        packed += struct.pack("<IHHH2xI", len(body) + 16, 0xF1FA, count, 100, count) + body
    header = struct.pack("<IHHHHH", 128 + len(packed), 0xA5E0, len(frames), 16, 16, 8)
    return header.ljust(128, b"\0") + packed


def act(colours: Sequence[Sequence[int]], count: int | None = None, clear: int = -1) -> bytes:
    table = b"".join(bytes(colour) for colour in colours).ljust(768, b"\0")
    return table if count is None else table + struct.pack(">Hh", count, clear)


def png(colours: object) -> bytes:
    """A row of colours, or a picture (h, w, 3); a clear pixel at the end of a row."""
    pixels = np.array(colours, np.uint8)
    if pixels.ndim < 3:
        row = np.full((1, pixels.size // 3, 4), 255, np.uint8)
        row[0, :, :3] = pixels.reshape(-1, 3)
        pixels = np.concatenate([row, np.array([[[1, 2, 3, 0]]], np.uint8)], axis=1)
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()
