"""Text from bytes, and what a string between quotes means: the same for all of Godot's files."""

from __future__ import annotations

import re

_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{6})|(\r?\n)|(.))", re.DOTALL)
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}
_SURROGATE = re.compile("[\ud800-\udfff]")


def decoded(data: bytes) -> str:
    """UTF-8 bytes as text, without the mark at the front; what is no UTF-8 becomes U+FFFD."""
    return data.decode("utf-8-sig", "replace")


def unescaped(text: str) -> str:
    """What a string's source between the quotes means; `\\u` pairs above U+FFFF are joined."""
    if "\\" not in text:
        return text
    plain = _ESCAPE.sub(_meaning, text)
    if _SURROGATE.search(plain):
        plain = plain.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return plain


def _meaning(match: re.Match[str]) -> str:
    short, long, line_end, letter = match.groups()
    if short or long:
        number = int(short or long, 16)
        return chr(number) if number <= 0x10FFFF else "\ufffd"
    return "" if line_end else _LETTERS.get(letter, letter)
