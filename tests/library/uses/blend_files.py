"""Small .blend files made by hand: their own types, laid out unlike any real Blender's."""

from __future__ import annotations

import struct
from dataclasses import dataclass

Fields = list[tuple[str, str]]  # (type, name as in the DNA)

SIZES = {"char": 1, "short": 2, "int": 4}
STRUCTS: dict[str, Fields] = {
    "ID": [("ID", "*next"), ("char", "name[66]"), ("short", "us[2][3]")],
    "Image": [
        ("ID", "id"),
        ("int", "(*draw)()"),
        ("short", "source"),
        ("char", "name[1024]"),
        ("int", "*packedfile"),
    ],
    "Library": [("ID", "id"), ("char", "name[1024]"), ("char", "filepath[1024]")],
    "MovieClip": [("int", "pad[3]"), ("ID", "id"), ("char", "filepath[1024]")],
    "Mesh": [("ID", "id")],
}
CODES = {"Image": b"IM", "Library": b"LI", "MovieClip": b"MC", "Mesh": b"ME"}


@dataclass(frozen=True)
class BlendMaker:
    """Writes the blocks of one kind of file: byte order, width of pointers, old or new header."""

    endian: str = "<"
    pointer: int = 8
    new: bool = False

    def header(self) -> bytes:
        if self.new:
            return b"BLENDER17-01v0502"
        mark = b"-" if self.pointer == 8 else b"_"
        return b"BLENDER" + mark + (b"v" if self.endian == "<" else b"V") + b"279"

    def block(self, code: bytes, body: bytes, kind: int = 0, length: int | None = None) -> bytes:
        size = len(body) if length is None else length
        four = code.ljust(4, b"\0") if self.endian == "<" else code.rjust(4, b"\0")
        if self.new:
            return struct.pack("<4siQqq", four, kind, 77, size, 1) + body
        address = "Q" if self.pointer == 8 else "I"
        return struct.pack(f"{self.endian}4si{address}ii", four, size, 77, kind, 1) + body

    def data_block(self, kind: str, **values: str | bytes | int) -> bytes:
        """A block of one struct with the fields given, all others filled with junk."""
        body = b""
        for type_name, name in STRUCTS[kind]:
            bare = name.partition("[")[0]
            size = self._size(type_name, name)
            value = values.get(bare)
            if value is None:
                body += b"\xee" * size
            elif isinstance(value, int):
                body += value.to_bytes(size, "little" if self.endian == "<" else "big")
            else:
                raw = value.encode() if isinstance(value, str) else value
                body += (raw + b"\0").ljust(size, b"\xcc")[:size]
        return self.block(CODES[kind], body, list(STRUCTS).index(kind))

    def types(self) -> bytes:
        return self.block(b"DNA1", self.types_body())

    def types_body(self) -> bytes:
        kinds = [*SIZES, *STRUCTS]
        names = list(dict.fromkeys(name for fields in STRUCTS.values() for _, name in fields))
        body = b"SDNANAME" + self._int(len(names)) + _strings(names)
        body = _padded(body) + b"TYPE" + self._int(len(kinds)) + _strings(kinds)
        body = _padded(body) + b"TLEN" + b"".join(self._short(self._type_size(k)) for k in kinds)
        body = _padded(body) + b"STRC" + self._int(len(STRUCTS))
        for kind, fields in STRUCTS.items():
            body += self._short(kinds.index(kind)) + self._short(len(fields))
            for type_name, name in fields:
                body += self._short(kinds.index(type_name)) + self._short(names.index(name))
        return body

    def file(self, *blocks: bytes, types: bytes | None = None) -> bytes:
        """A whole file; another block stands before and behind those given."""
        other = self.block(b"DATA", b"\x01" * 40)
        last = self.block(b"ENDB", b"")
        dna = self.types() if types is None else types
        return b"".join([self.header(), other, *blocks, other, dna, last])

    def _type_size(self, kind: str) -> int:
        if kind in SIZES:
            return SIZES[kind]
        return sum(self._size(*field) for field in STRUCTS[kind])

    def _size(self, kind: str, name: str) -> int:
        size = self.pointer if name[0] in "*(" else self._type_size(kind)
        for part in name.split("[")[1:]:
            size *= int(part.rstrip("]"))
        return size

    def _int(self, value: int) -> bytes:
        return struct.pack(f"{self.endian}i", value)

    def _short(self, value: int) -> bytes:
        return struct.pack(f"{self.endian}H", value)


def _strings(texts: list[str]) -> bytes:
    return b"".join(text.encode() + b"\0" for text in texts)


def _padded(body: bytes) -> bytes:
    return body + b"\0" * (-len(body) % 4)
