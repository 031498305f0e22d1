"""The first picture of an Aseprite file (.ase, .aseprite), as far as it is plain.

    sprite = read_sprite(data)      # size, frames, depth: from the header
    pixels = first_frame(data)      # (h, w, 4), or None when something in it is unusual

Layers of the normal kind that are visible are laid over one another in normal mode. Tile maps,
other blend modes and reference layers are not guessed at: there is no picture then. "Aseprite File
Format (.ase/.aseprite) Specifications" of the Aseprite project.

The order: header, chunks of the first frame (layers, palette, cels), cels onto the canvas.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from llamavis_studio.imaging.arrays import Pixels
from llamavis_studio.imaging.errors import ImageError

_MAGIC, _FRAME_MAGIC = 0xA5E0, 0xF1FA
_HEADER, _FRAME_HEADER, _CHUNK_HEADER = 128, 16, 6  # bytes
_LAYER, _CEL, _PALETTE, _OLD_PALETTE = 0x2004, 0x2005, 0x2019, 0x0004
_BYTES = {32: 4, 16: 2, 8: 1}  # a pixel, by depth in bits
_VISIBLE, _BACKGROUND, _REFERENCE = 1, 8, 64
_MOST_CHUNKS = 1 << 14
_MOST_PIXELS = 16_000_000  # of the canvas, and of all cels together
_MODES = {32: "RGBA", 16: "LA", 8: "P"}


class SpriteHeader(NamedTuple):
    """Size in pixels, number of frames, depth in bits and the palette entry that is clear."""

    width: int
    height: int
    frames: int
    depth: int
    clear_entry: int
    layer_opacity: bool

    @property
    def mode(self) -> str:
        """The Pillow mode that is nearest to the depth."""
        return _MODES[self.depth]


class _Layer(NamedTuple):
    seen: bool
    background: bool
    opacity: int


class _Cel(NamedTuple):
    layer: int
    depth_index: int
    x: int
    y: int
    opacity: int
    pixels: Pixels  # (h, w, bytes a pixel)


class _UnusualError(Exception):
    """Something that is not drawn here."""


@dataclass
class _Frame:
    layers: list[_Layer] = field(default_factory=list)
    cels: list[_Cel] = field(default_factory=list)
    palette: dict[int, tuple[int, int, int, int]] = field(default_factory=dict)


def is_sprite_file(data: bytes) -> bool:
    """Whether the magic numbers of the file and of its first frame stand where they belong."""
    return (
        len(data) >= _HEADER
        and data[4:6] == b"\xe0\xa5"
        and data[_HEADER + 4 : _HEADER + 6] in (b"\xfa\xf1", b"")
    )


def read_sprite(data: bytes) -> SpriteHeader:
    """The header. Raises ImageError when it is cut short or names a depth that does not exist."""
    if len(data) < _HEADER:
        raise ImageError("the Aseprite file is cut short: its header is not whole")
    magic, frames, width, height, depth, flags = struct.unpack_from("<HHHHHI", data, 4)
    if magic != _MAGIC or depth not in _BYTES:
        raise ImageError("the header of the Aseprite file is damaged")
    return SpriteHeader(width, height, max(1, frames), depth, data[28], bool(flags & 1))


def first_frame(data: bytes) -> Pixels | None:
    """The first frame (h, w, 4) sRGB with straight alpha; None when it has something unusual.

    Raises:
        ImageError: the file is cut short or damaged.
    """
    header = read_sprite(data)
    if not 0 < header.width * header.height <= _MOST_PIXELS:
        return None
    try:
        frame = _read_frame(data, header)
    except _UnusualError:
        return None
    except (struct.error, zlib.error, IndexError) as error:
        raise ImageError("the Aseprite file is damaged or cut short") from error
    canvas = np.zeros((header.height, header.width, 4), np.float32)  # premultiplied, 0..1
    order = sorted(frame.cels, key=lambda cel: (cel.layer + cel.depth_index, cel.depth_index))
    for cel in order:
        layer = frame.layers[cel.layer] if cel.layer < len(frame.layers) else None
        if layer is None:
            raise ImageError("the Aseprite file is damaged: a cel is on no layer")
        if layer.seen:
            opacity = cel.opacity / 255 * (layer.opacity / 255 if header.layer_opacity else 1.0)
            rgba = _coloured(cel.pixels, frame.palette, header, layer.background)
            _lay_over(canvas, rgba, cel.x, cel.y, opacity)
    alpha = canvas[..., 3:4]
    colour = np.divide(canvas[..., :3], alpha, out=np.zeros_like(canvas[..., :3]), where=alpha > 0)
    straight = np.concatenate([colour, alpha], axis=2)
    out: Pixels = np.rint(np.clip(straight, 0.0, 1.0) * 255.0).astype(np.uint8)
    return out


def _read_frame(data: bytes, header: SpriteHeader) -> _Frame:
    frame = _Frame()
    hidden_below: int | None = None  # the level of a hidden group; what is deeper is hidden too
    budget = _MOST_PIXELS
    for kind, body in _chunks(data):
        if kind == _LAYER:
            flags, layer_kind, level = struct.unpack_from("<HHH", body)
            blend, opacity = struct.unpack_from("<HB", body, 10)
            visible = bool(flags & _VISIBLE)
            if hidden_below is not None and level <= hidden_below:
                hidden_below = None
            seen = visible and hidden_below is None
            if layer_kind == 1 and not visible and hidden_below is None:
                hidden_below = level
            if seen and (layer_kind > 1 or (layer_kind == 0 and blend) or flags & _REFERENCE):
                raise _UnusualError
            frame.layers.append(_Layer(seen, bool(flags & _BACKGROUND), opacity))
        elif kind == _CEL:
            cel = _read_cel(body, header, budget)
            budget -= cel.pixels.size
            frame.cels.append(cel)
        elif kind == _PALETTE:
            _read_palette(body, frame.palette)
        elif kind == _OLD_PALETTE and not frame.palette:
            _read_old_palette(body, frame.palette)
    return frame


def _chunks(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Kind and body of the chunks of the first frame."""
    length, magic, old_count, count = struct.unpack_from("<IHH4xI", data, _HEADER)
    if magic != _FRAME_MAGIC or _HEADER + length > len(data):
        raise ImageError("the Aseprite file is damaged or cut short: its first frame is not whole")
    count = count or old_count
    if count > _MOST_CHUNKS:
        raise _UnusualError
    place, end = _HEADER + _FRAME_HEADER, _HEADER + length
    for _ in range(count):
        size, kind = struct.unpack_from("<IH", data, place)
        if size < _CHUNK_HEADER or place + size > end:
            raise ImageError("the Aseprite file is damaged: a chunk is not whole")
        yield kind, data[place + _CHUNK_HEADER : place + size]
        place += size


def _read_cel(body: bytes, header: SpriteHeader, budget: int) -> _Cel:
    layer, x, y, opacity, kind, depth_index = struct.unpack_from("<HhhBHh", body)
    if kind not in (0, 2):  # a linked cel has nothing before it in a first frame; 3 is a tile map
        raise _UnusualError
    width, height = struct.unpack_from("<HH", body, 16)
    step = _BYTES[header.depth]
    wanted = width * height * step
    if wanted > budget:
        raise _UnusualError
    if kind == 0:
        raw = body[20 : 20 + wanted]
    else:
        unpacker = zlib.decompressobj()
        raw = unpacker.decompress(body[20:], wanted) if wanted else b""
    if len(raw) < wanted:
        raise ImageError("the Aseprite file is damaged: a cel lacks pixels")
    pixels = np.frombuffer(raw, np.uint8).reshape(height, width, step)
    return _Cel(layer, depth_index, x, y, opacity, pixels)


def _read_palette(body: bytes, palette: dict[int, tuple[int, int, int, int]]) -> None:
    first, last = struct.unpack_from("<II", body, 4)
    if last > 255 or last < first:
        raise _UnusualError
    place = 20
    for number in range(first, last + 1):
        flags, red, green, blue, alpha = struct.unpack_from("<H4B", body, place)
        palette[number] = red, green, blue, alpha
        place += 6
        if flags & 1:  # a name follows
            place += 2 + struct.unpack_from("<H", body, place)[0]


def _read_old_palette(body: bytes, palette: dict[int, tuple[int, int, int, int]]) -> None:
    (packets,) = struct.unpack_from("<H", body)
    place, number = 2, 0
    for _ in range(packets):
        number += body[place]
        count = body[place + 1] or 256
        place += 2
        for _entry in range(count):
            red, green, blue = struct.unpack_from("<3B", body, place)
            palette[number] = red, green, blue, 255
            place, number = place + 3, number + 1


def _coloured(
    pixels: Pixels,
    palette: dict[int, tuple[int, int, int, int]],
    header: SpriteHeader,
    background: bool,
) -> Pixels:
    """(h, w, bytes a pixel) to (h, w, 4)."""
    if header.depth == 32:
        return pixels
    if header.depth == 16:
        return pixels[..., [0, 0, 0, 1]]
    table = np.zeros((256, 4), np.uint8)
    table[:, 3] = 255
    for number, colour in palette.items():
        if number < 256:
            table[number] = colour
    if not background:
        table[header.clear_entry] = 0
    out: Pixels = table[pixels[..., 0]]
    return out


def _lay_over(canvas: np.ndarray, rgba: Pixels, x: int, y: int, opacity: float) -> None:
    """The cel over what is on the canvas (float32, premultiplied), cut at its edges."""
    height, width = canvas.shape[:2]
    left, top = max(x, 0), max(y, 0)
    right, bottom = min(x + rgba.shape[1], width), min(y + rgba.shape[0], height)
    if right <= left or bottom <= top:
        return
    part = rgba[top - y : bottom - y, left - x : right - x].astype(np.float32) / 255
    alpha = part[..., 3:4] * np.float32(opacity)
    place = canvas[top:bottom, left:right]
    place *= 1 - alpha
    place[..., :3] += part[..., :3] * alpha
    place[..., 3:4] += alpha
