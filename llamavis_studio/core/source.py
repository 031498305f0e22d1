"""A small text file on disk: read with care, decoded, parsed; and where in it each key stands.

Reading uses tomllib, which is fast and strict but forgets positions. They are looked up only when
something is wrong, by `TomlPositions`, a scanner for text that tomllib has already accepted.
"""

from __future__ import annotations

import re
import stat
import tomllib
from bisect import bisect_right
from pathlib import Path
from typing import Any

from llamavis_studio.core.errors import LocatedError

Location = tuple[str | int, ...]
Position = tuple[int, int]

_AT = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)\s*$")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
# The standard parser takes time quadratic in the parts of a key; no key of ours has more than four.
_PART = r"""(?:[A-Za-z0-9_-]++|"[^"\n]*+"|'[^'\n]*+')"""
_LONG_KEY = re.compile(rf"(?<![\w.-]){_PART}(?:[ \t]*+\.[ \t]*+{_PART}){{60}}")
_LONGEST_NUMBER_BITS = 10_000  # some thousand digits, few enough for Python to write them down
_SPACE = " \t\r\n"


def read_text(path: Path, limit_bytes: int, error: type[LocatedError]) -> str:
    """The text of a UTF-8 file, without its byte order mark.

    Raises `error` when it is no readable regular file, is larger than `limit_bytes`, or is not
    UTF-8 (with the line and column of the first bad byte).
    """
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise error(
                "this is a folder where a file is expected", "rename or remove the folder", path
            )
        if not stat.S_ISREG(mode):  # a pipe would block, a device might never end
            raise error("this is not an ordinary file", "replace it by a text file", path)
        with path.open("rb") as file:
            data = file.read(limit_bytes + 1)
    except FileNotFoundError as cause:
        raise error("the file does not exist", "check its name", path) from cause
    except PermissionError as cause:
        raise error(
            "the file may not be read", "give yourself permission to read it", path
        ) from cause
    except OSError as cause:
        raise error(
            f"the file cannot be read: {cause.strerror or cause}", "check the disk", path
        ) from cause
    if len(data) > limit_bytes:
        raise error(
            f"the file is larger than {limit_bytes // 1024} KiB",
            "split it into smaller files",
            path,
        )
    return _decode(data, path, error)


def _decode(data: bytes, path: Path, error: type[LocatedError]) -> str:
    hint = "save the file as UTF-8 in your editor"
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise error("the file is UTF-16, not UTF-8", hint, path, 1, 1)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as cause:
        # The codec counts from behind a byte order mark it has skipped.
        start = cause.start + (3 if data.startswith(b"\xef\xbb\xbf") else 0)
        line_start = data.rfind(b"\n", 0, start) + 1
        line = data.count(b"\n", 0, start) + 1
        column = len(data[line_start:start].decode("utf-8-sig", "replace")) + 1
        raise error(
            f"the byte 0x{data[start]:02x} is not UTF-8 text", hint, path, line, column
        ) from cause


def parse_toml(text: str, path: Path, error: type[LocatedError]) -> dict[str, Any]:
    """The values of a TOML text; raises `error` with line and column when it is malformed."""
    long_key = _LONG_KEY.search(text)
    if long_key is not None:
        at = position_of(text, long_key.start())
        raise error("a name has too many parts", "use fewer dots", path, *at)
    try:
        # tomllib knows no lone carriage return, and reports CRLF positions correctly itself.
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as cause:
        message = str(cause)
        match = _AT.search(message)
        line, column = 0, 0
        if match:
            message = message[: match.start()]
            if match[1]:
                line, column = int(match[1]), int(match[2])
            else:
                line = text.count("\n") + 1
                column = len(text) - (text.rfind("\n") + 1) + 1
        message = message[:1].lower() + message[1:]
        hint = 'text stands in quotes: description = "mossy stone"'
        raise error(f"this is not valid TOML: {message}", hint, path, line, column) from cause
    except RecursionError as cause:
        raise error("the lists are nested too deeply", "simplify the file", path, 1, 1) from cause
    except ValueError as cause:  # a number with thousands of digits
        raise error(
            "a number in this file is too long", "use smaller numbers", path, 1, 1
        ) from cause
    too_long = _too_long_number(values)
    if too_long is not None:
        at = TomlPositions(text).value(too_long)
        raise error("this number is too long", "use smaller numbers", path, *at)
    return values


def _too_long_number(values: dict[str, Any]) -> Location | None:
    """Where a number stands that Python would not even put into words (0xfff...), if one does."""
    pending: list[tuple[Location, Any]] = [((), values)]
    while pending:
        location, value = pending.pop()
        if isinstance(value, int) and value.bit_length() > _LONGEST_NUMBER_BITS:
            return location
        if isinstance(value, dict):
            pending += [((*location, key), one) for key, one in value.items()]
        elif isinstance(value, list):
            pending += [((*location, index), one) for index, one in enumerate(value)]
    return None


class TomlPositions:
    """Where keys and values stand in a valid TOML text, counted from 1.

    A location is a tuple of keys and list indexes: ("asset", 2, "size", 0).
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._keys: dict[Location, int] = {(): 0}
        self._values: dict[Location, int] = {}
        self._lengths: dict[Location, int] = {}  # of arrays of tables
        self._line_starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self._scan()

    def key(self, location: Location) -> Position:
        """Where the key at `location` (or its nearest parent) stands."""
        return self._nearest(location, self._keys)

    def value(self, location: Location) -> Position:
        """Where the value at `location` (or its nearest parent) begins."""
        return self._nearest(location, self._values, self._keys)

    def _nearest(self, location: Location, *offsets: dict[Location, int]) -> Position:
        while True:
            for known in offsets:
                if location in known:
                    line = bisect_right(self._line_starts, known[location])
                    return line, known[location] - self._line_starts[line - 1] + 1
            location = location[:-1]

    def _scan(self) -> None:
        table: Location = ()
        while self._skip_blank():
            start = self._at
            if self._text.startswith("[[", start):
                self._at += 2
                name = self._header_location(self._dotted_key()[0])
                index = self._lengths.get(name, 0)
                self._lengths[name] = index + 1
                table = (*name, index)
                self._keys.setdefault(name, start)
                self._keys[table] = start
                self._at = self._text.index("]]", self._at) + 2
            elif self._text[start] == "[":
                self._at += 1
                table = self._header_location(self._dotted_key()[0])
                self._keys[table] = start
                self._at = self._text.index("]", self._at) + 1
            else:
                self._pair(table)

    def _header_location(self, keys: list[str]) -> Location:
        """A header names the last element of each array of tables it passes through."""
        location: Location = ()
        for number, key in enumerate(keys):
            location = (*location, key)
            if number < len(keys) - 1 and location in self._lengths:
                location = (*location, self._lengths[location] - 1)
        return location

    def _pair(self, table: Location) -> None:
        keys, starts = self._dotted_key()
        location = table
        for key, start in zip(keys, starts, strict=True):
            location = (*location, key)
            self._keys.setdefault(location, start)
        self._skip_blank()
        self._at += 1  # the equals sign
        self._skip_blank()
        self._value(location)

    def _dotted_key(self) -> tuple[list[str], list[int]]:
        keys: list[str] = []
        starts: list[int] = []
        while True:
            self._skip_blank()
            starts.append(self._at)
            if self._text[self._at] in "\"'":
                start = self._at
                self._string()
                # The only parser for escapes is tomllib's own.
                keys.append(tomllib.loads(f"k = {self._text[start : self._at]}")["k"])
            else:
                match = _BARE_KEY.match(self._text, self._at)
                if match is None:
                    raise ValueError("the text is not the TOML that was parsed")
                keys.append(match[0])
                self._at = match.end()
            self._skip_blank()
            if self._text[self._at] != ".":
                return keys, starts
            self._at += 1

    def _value(self, location: Location) -> None:
        self._values[location] = self._at
        first = self._text[self._at]
        if first in "\"'":
            self._string()
        elif first == "[":
            self._at += 1
            index = 0
            while self._skip_separators() != "]":
                self._value((*location, index))
                index += 1
            self._at += 1
        elif first == "{":
            self._at += 1
            while self._skip_separators() != "}":
                self._pair(location)
            self._at += 1
        else:
            while self._at < len(self._text) and self._text[self._at] not in ",]}#\r\n":
                self._at += 1

    def _string(self) -> None:
        quote = self._text[self._at]
        triple = quote * 3
        if self._text.startswith(triple, self._at):
            end = self._at + 3
            while not self._text.startswith(triple, end):
                end += 2 if quote == '"' and self._text[end] == "\\" else 1
            # Up to two quotes may stand directly before the closing three.
            while self._text.startswith(quote, end + 3):
                end += 1
            self._at = end + 3
            return
        end = self._at + 1
        while self._text[end] != quote:
            end += 2 if quote == '"' and self._text[end] == "\\" else 1
        self._at = end + 1

    def _skip_separators(self) -> str:
        self._skip_blank(also=",")
        return self._text[self._at]

    def _skip_blank(self, also: str = "") -> bool:
        """Move over white space and comments; whether any text is left."""
        skipped = _SPACE + also
        while self._at < len(self._text):
            if self._text[self._at] in skipped:
                self._at += 1
            elif self._text[self._at] == "#":
                end = self._text.find("\n", self._at)
                self._at = len(self._text) if end < 0 else end
            else:
                return True
        return False


def position_of(text: str, offset: int) -> Position:
    """The line and column, from 1, of a character offset."""
    line_start = text.rfind("\n", 0, offset) + 1
    return text.count("\n", 0, offset) + 1, offset - line_start + 1
