"""The bytes of a .blend from front to back, whether it is plain or packed with gzip or zstd.

A plain file is sought through, so that only what is asked for is read. A packed one has to be
unpacked up to there; what is passed over is dropped at once, and there is an end to it.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from typing import BinaryIO, Protocol

import zstandard

from llamavis_studio.library.uses.references import UnreadableFileError

_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_PIECE = 1 << 20  # 1 MiB
MOST_UNPACKED_BYTES = 4 << 30  # 4 GiB

_CUT = "the .blend file is cut short"


class Forward(Protocol):
    """Bytes that are read once, from front to back."""

    def read(self, count: int) -> bytes:
        """Exactly `count` bytes. Raises UnreadableFileError when there are fewer."""
        ...

    def skip(self, count: int) -> None:
        """Go on behind `count` bytes. Raises UnreadableFileError when there are fewer."""
        ...


def opened(stream: BinaryIO) -> Forward:
    """The bytes of the .blend in a stream that can seek, unpacked if need be."""
    start = stream.tell()
    head = stream.read(4)
    stream.seek(start)
    if head.startswith(_GZIP):
        return _Packed(_gunzipped(stream))
    if head == _ZSTD:
        return _Packed(_unzstandard(stream))
    return _Plain(stream)


class _Plain:
    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._at = stream.tell()
        self._end = stream.seek(0, io.SEEK_END)
        stream.seek(self._at)

    def read(self, count: int) -> bytes:
        self._pass(count)
        data = self._stream.read(count)
        if len(data) != count:  # the file has become shorter meanwhile
            raise UnreadableFileError(_CUT)
        return data

    def skip(self, count: int) -> None:
        self._pass(count)
        self._stream.seek(self._at)

    def _pass(self, count: int) -> None:
        if count > self._end - self._at:
            raise UnreadableFileError(_CUT)
        self._at += count


class _Packed:
    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._piece = b""
        self._at = 0  # in the piece
        self._total = 0

    def read(self, count: int) -> bytes:
        return b"".join(self._next(count))

    def skip(self, count: int) -> None:
        for _ in self._next(count):
            pass

    def _next(self, count: int) -> Iterator[bytes]:
        while count:
            if self._at == len(self._piece):
                self._piece, self._at = next(self._pieces, b""), 0
                self._total += len(self._piece)
                if not self._piece:
                    raise UnreadableFileError(_CUT)
                if self._total > MOST_UNPACKED_BYTES:
                    raise UnreadableFileError("the .blend file unpacks to over 4 GiB")
            part = self._piece[self._at : self._at + count]
            self._at += len(part)
            count -= len(part)
            yield part


def _gunzipped(stream: BinaryIO) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(31)  # 31: gzip's header and the largest window
    packed = b""
    while not unpacker.eof:
        packed = unpacker.unconsumed_tail or stream.read(_PIECE)
        try:
            plain = unpacker.decompress(packed, _PIECE)
        except zlib.error as error:
            raise UnreadableFileError(f"the packed .blend file is broken: {error}") from error
        if plain:
            yield plain
        elif not packed:
            return


def _unzstandard(stream: BinaryIO) -> Iterator[bytes]:
    # Blender writes many frames, and a table to seek by in one that readers skip.
    reader = zstandard.ZstdDecompressor().stream_reader(
        stream, read_across_frames=True, closefd=False
    )
    while True:
        try:
            plain = reader.read(_PIECE)
        except zstandard.ZstdError as error:
            raise UnreadableFileError(f"the packed .blend file is broken: {error}") from error
        if not plain:
            return
        yield plain
