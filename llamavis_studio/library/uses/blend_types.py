"""The types that a .blend describes itself with: block DNA1, the "structure DNA".

Each file lists the structs of the Blender that saved it: names of fields, names and sizes of types,
and for each struct the pairs of them. From these a field's place is counted; nothing is assumed of
any version.

Source: Blender's documentation of the file format, "SDNA" (doc/blender_file_format).
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass

from llamavis_studio.library.uses.references import UnreadableFileError

_MOST_NAMES = 1 << 16  # they are numbered in 16 bits
_LENGTHS = re.compile(r"\[(\d{1,6})\]")


@dataclass(frozen=True)
class Field:
    """One field of a struct: its bytes begin at `offset`, `size` of them."""

    kind: str
    name: str
    offset: int
    size: int


class Types:
    """The structs of one file. Raises UnreadableFileError when the block is broken."""

    def __init__(self, block: bytes, endian: str, pointer_size: int) -> None:
        self._endian = endian
        self._pointer_size = pointer_size
        self._known: dict[int, tuple[str, dict[str, Field]]] = {}
        try:
            self._parse(block)
        except (struct.error, IndexError) as error:
            raise UnreadableFileError("the .blend file's table of types is broken") from error

    def fields(self, number: int) -> tuple[str, dict[str, Field]]:
        """The name of struct `number` and its fields by their bare names, `name` for `name[1024]`.

        Raises:
            UnreadableFileError: there is no such struct, or its fields are longer than itself.
        """
        if not 0 <= number < len(self._structs):
            raise UnreadableFileError("the .blend file names a type that it does not describe")
        if number in self._known:
            return self._known[number]
        kind, pairs = self._structs[number]
        fields: dict[str, Field] = {}
        offset = 0
        for i in range(0, len(pairs), 2):
            name = self._names[pairs[i + 1]]
            size = self._size(pairs[i], name)
            bare = name.lstrip("*(").partition("[")[0].partition(")")[0]
            fields[bare] = Field(self._kinds[pairs[i]], name, offset, size)
            offset += size
        if offset > self._sizes[kind]:
            raise UnreadableFileError("the .blend file's table of types contradicts itself")
        self._known[number] = self._kinds[kind], fields
        return self._known[number]

    def _size(self, kind: int, name: str) -> int:
        size = self._pointer_size if name.startswith(("*", "(")) else self._sizes[kind]
        for length in _LENGTHS.findall(name):
            size *= int(length)
        return size

    def _parse(self, block: bytes) -> None:
        if block[:8] != b"SDNANAME":
            raise UnreadableFileError("the .blend file's table of types is broken")
        self._names, at = self._strings(block, 8)
        at = self._marked(block, at, b"TYPE")
        self._kinds, at = self._strings(block, at)
        at = self._marked(block, at, b"TLEN")
        self._sizes = struct.unpack_from(f"{self._endian}{len(self._kinds)}H", block, at)
        at = self._marked(block, at + 2 * len(self._kinds), b"STRC")
        (count,) = struct.unpack_from(f"{self._endian}I", block, at)
        at += 4
        self._structs: list[tuple[int, tuple[int, ...]]] = []
        for _ in range(min(count, len(block))):
            kind, length = struct.unpack_from(f"{self._endian}2H", block, at)
            pairs = struct.unpack_from(f"{self._endian}{2 * length}H", block, at + 4)
            at += 4 + 4 * length
            in_range = max(pairs[::2], default=0) < len(self._kinds)
            if kind >= len(self._kinds) or not in_range:
                raise IndexError(kind)
            if max(pairs[1::2], default=-1) >= len(self._names):
                raise IndexError(length)
            self._structs.append((kind, pairs))

    def _strings(self, block: bytes, at: int) -> tuple[list[str], int]:
        (count,) = struct.unpack_from(f"{self._endian}I", block, at)
        if count > _MOST_NAMES:
            raise IndexError(count)
        found = block[at + 4 :].split(b"\0", count)[:count]
        if len(found) < count:
            raise IndexError(count)
        end = at + 4 + sum(map(len, found)) + count
        return [name.decode("latin-1") for name in found], end

    def _marked(self, block: bytes, at: int, mark: bytes) -> int:
        """The place behind a section's mark, which stands at the next multiple of four."""
        at = (at + 3) // 4 * 4
        if block[at : at + 4] != mark:
            raise IndexError(at)
        return at + 4
