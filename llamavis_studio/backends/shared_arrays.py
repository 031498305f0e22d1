"""Arrays through shared memory: one segment a message, named in advance, removed always.

The name of every segment follows from the host's token and the call's number, so that the parent
can remove what a killed child left behind without having been told about it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from multiprocessing.shared_memory import SharedMemory
from typing import Any

import numpy as np
from numpy.typing import NDArray

DTYPES = ("uint8", "float32")
"""Pixels and vectors; nothing else crosses."""


@dataclass(frozen=True)
class ArrayPlace:
    """Where one array lies in a segment: byte offset, dtype name and shape."""

    offset: int
    dtype: str
    shape: tuple[int, ...]

    @property
    def size(self) -> int:
        """Bytes."""
        return prod(self.shape) * np.dtype(self.dtype).itemsize


def request_segment(token: str, call_id: int) -> str:
    """Name of the arrays a call takes along; at most 31 characters, the least any system allows."""
    return f"lv{token}q{call_id}"


def reply_segment(token: str, call_id: int) -> str:
    """Name of the arrays a call brings back."""
    return f"lv{token}r{call_id}"


def share(name: str, arrays: Sequence[NDArray[Any]]) -> SharedMemory:
    """Copy the arrays, one behind the other, into a new segment.

    The caller closes it once the other side took it: on Windows a segment lives no longer than its
    last open handle.
    """
    segment = SharedMemory(name=name, create=True, size=max(1, sum(a.nbytes for a in arrays)))
    offset = 0
    for array in arrays:
        _buffer(segment)[offset : offset + array.nbytes] = np.ascontiguousarray(array).tobytes()
        offset += array.nbytes
    return segment


def take(name: str, places: Sequence[ArrayPlace]) -> list[NDArray[Any]]:
    """Copy the arrays out of a segment and remove it.

    Raises ``FileNotFoundError`` when it is gone and ``ValueError`` when a place lies outside it.
    """
    segment = SharedMemory(name=name)
    try:
        arrays = []
        for place in places:
            end = place.offset + place.size
            if place.offset < 0 or place.dtype not in DTYPES or end > segment.size:
                raise ValueError(f"{place} does not lie in a segment of {segment.size} bytes")
            flat = np.frombuffer(bytes(_buffer(segment)[place.offset : end]), dtype=place.dtype)
            arrays.append(flat.reshape(place.shape).copy())
        return arrays
    finally:
        _remove(segment)


def discard(name: str) -> None:
    """Remove a segment if it is there, whoever made it."""
    # An empty one (its maker died between creating and sizing it) cannot be mapped: ValueError.
    with contextlib.suppress(FileNotFoundError, ValueError):
        _remove(SharedMemory(name=name))


def _buffer(segment: SharedMemory) -> memoryview:
    if segment.buf is None:
        raise ValueError("the segment is closed")
    return segment.buf


def _remove(segment: SharedMemory) -> None:
    segment.close()
    with contextlib.suppress(FileNotFoundError):
        segment.unlink()
