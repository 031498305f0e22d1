"""Safetensors files made by hand, whole ones and every sort of wrong one."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

Tensors = dict[str, Any]


def safetensors(head: Any = None, data: bytes = b"", length: int | None = None) -> bytes:
    """A file with this head (values, or the bytes themselves) and these numbers."""
    text = head if isinstance(head, bytes) else json.dumps(head).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def tensor(begin: int, end: int, kind: str = "F32", shape: Any = None) -> dict[str, Any]:
    """The description of a tensor of one axis, of 4 bytes a number."""
    return {
        "dtype": kind,
        "shape": [(end - begin) // 4] if shape is None else shape,
        "data_offsets": [begin, end],
    }


def hollow(path: Path, shapes: Mapping[str, Iterable[int]], cut: int = 0) -> Path:
    """A file of half-precision numbers of these shapes, less ``cut`` bytes; where the disk can do
    it, none of them takes room.
    """
    begin, head = 0, {}
    for key, shape in shapes.items():
        sides = list(shape)
        end = begin + 2 * math.prod(sides)
        head[key] = tensor(begin, end, "F16", sides)
        begin = end
    data = safetensors(head)
    with path.open("wb") as file:
        file.write(data)
        file.truncate(len(data) + begin - cut)
    return path


def whole(size: int = 4096, seed: int = 0) -> bytes:
    """A good file with ``size`` bytes of numbers in two tensors; ``seed`` makes them differ."""
    data = bytes((seed + at * 7) % 251 for at in range(256)) * (size // 256)
    half = len(data) // 2
    head = {"a": tensor(0, half), "b": tensor(half, len(data)), "__metadata__": {"format": "pt"}}
    return safetensors(head, data)
