"""The values of fields: what stands behind the colon becomes a node, or an error that points at it.

A value is read by the shape of its field; `Problem` is turned into a QueryError by the parser,
which knows the place.
"""

from __future__ import annotations

import re
from typing import cast

from llamavis_studio.core.errors import did_you_mean
from llamavis_studio.library.query.colours import COLOURS, colour_named
from llamavis_studio.library.query.fields import FORMAT_NAMES, FieldRule, Shape
from llamavis_studio.library.query.tokens import is_cjk, part_text, pieces_of
from llamavis_studio.library.query.tree import (
    Colour,
    Field,
    Like,
    Manner,
    Node,
    Number,
    Operator,
    Similar,
    Size,
    Span,
    Text,
)

SHORTEST_PART = 3
"""Characters; the index of parts holds runs of three."""
LARGEST_DISTANCE = 0.5
_NUMBER = r"([0-9]{1,9}(?:\.[0-9]{1,17})?|\.[0-9]{1,17})"
_COMPARED = re.compile(rf"(<=|>=|<|>|=)?\s*{_NUMBER}")
_RANGE = re.compile(rf"{_NUMBER}\s*\.\.\s*{_NUMBER}")
_EXACT_SIZE = re.compile(r"([0-9]{1,9})\s*[xX×*]\s*([0-9]{1,9})")
_HEX = re.compile(r"#?([0-9a-fA-F]{6}|[0-9a-fA-F]{3})")
_DIGIT = re.compile(r"[0-9]")


class Problem(Exception):  # noqa: N818
    """What is wrong with a value, and what mends it."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def words_node(text: str, quoted: bool, at: Span, column: str = "") -> Text:
    """A word, phrase, tolerant word or part of a word. Raises Problem."""
    how: Manner = "word"
    if quoted:
        how = "phrase"
    elif text.startswith("*"):
        how, text = "part", text.strip("*")
        if len(part_text(text)) < SHORTEST_PART:
            single = all(map(is_cjk, text)) and text
            raise Problem(
                f"a part of a word needs {SHORTEST_PART} characters or more",
                f"write {text} without stars: each character is found by itself"
                if single
                else "write more of it, or leave out the first star to find words that begin so",
            )
    else:
        bare = text.rstrip("*~")
        if "~" in text[len(bare) :]:
            how = "near"
        text = bare
    if how != "part" and not pieces_of(text):
        raise Problem(
            f"there is nothing to search for in '{text}'", "words are made of letters and digits"
        )
    if how == "word" and not column and text in ("AND", "OR", "NOT"):
        text = text.lower()  # written with a star, so meant as a word
    return Text(text, how, column, at=at)


def value_node(rule: FieldRule, text: str, quoted: bool, at: Span) -> Node:
    """The node of a field with one value. Raises Problem."""
    if not text.strip() and rule.name != "root":
        raise Problem(f"{rule.name}: has no value", f"for example {rule.example}")
    match rule.shape:
        case Shape.WORDS:
            return words_node(text, quoted, at, rule.column)
        case Shape.TEXT | Shape.PATH:
            return Field(rule.name, text, at=at)
        case Shape.CHOICE:
            return Field(rule.name, _choice(rule, text), at=at)
        case Shape.SIZE:
            return _exact_size(text, at) or _number(rule, text, at)
        case Shape.WHOLE | Shape.SHARE:
            return _number(rule, text, at)
        case Shape.COLOUR:
            return _colour(text, at)
        case Shape.MEANING:
            return Like(text, at=at)
        case Shape.PICTURE:
            return Similar(text, at=at)


def _choice(rule: FieldRule, text: str) -> str:
    plain = "_".join(text.lower().replace("-", "_").split())
    if rule.name == "format":
        plain = FORMAT_NAMES.get(plain.lstrip("."), plain.lstrip("."))
    if plain not in rule.choices:
        raise Problem(
            f"{rule.name}: has no value '{text}'",
            did_you_mean(text, rule.choices, f"values of {rule.name}:"),
        )
    return plain


def _exact_size(text: str, at: Span) -> Size | None:
    found = _EXACT_SIZE.fullmatch(text.strip())
    return None if found is None else Size(int(found[1]), int(found[2]), at=at)


def _number(rule: FieldRule, text: str, at: Span) -> Number:
    plain = text.strip()
    compared, between = _COMPARED.fullmatch(plain), _RANGE.fullmatch(plain)
    if between is not None:
        low, high = float(between[1]), float(between[2])
        if low > high:
            raise Problem(f"the range '{text}' is empty", f"write {between[2]}..{between[1]}")
        node = Number(rule.name, "..", low, high, at=at)
    elif compared is not None:
        node = Number(rule.name, cast(Operator, compared[1] or "="), float(compared[2]), at=at)
    else:
        sizes = ", 32x32" if rule.shape is Shape.SIZE else ""
        least, most = ("0.5", "0.2..0.8") if rule.shape is Shape.SHARE else ("64", "16..64")
        problem = (
            f"'{text}' is no number"
            if _DIGIT.search(text) is None
            else (f"'{text}' cannot be compared")
        )
        raise Problem(problem, f"write {rule.name}:{least}, :<{least}, :>={least}, :{most}{sizes}")
    numbers = (node.value, node.upper or 0.0)
    if rule.shape is Shape.SHARE and max(numbers) > 1:
        raise Problem(f"{rule.name}: is a number from 0 to 1", f"for example {rule.example}")
    if rule.shape is not Shape.SHARE and any(number % 1 for number in numbers):
        raise Problem(f"{rule.name}: is a whole number", f"for example {rule.example}")
    return node


def _colour(text: str, at: Span) -> Colour:
    name, tilde, reach = text.strip().partition("~")
    found = _HEX.fullmatch(name)
    named = colour_named(name)
    if named is not None:
        rgb = named
    elif found is not None and (name.startswith("#") or len(found[1]) == 6):
        digits = found[1] if len(found[1]) == 6 else "".join(digit * 2 for digit in found[1])
        rgb = int(digits, 16)
    elif name.startswith("#"):
        raise Problem(f"'{name}' is no colour", "a colour is # and three or six digits 0-9a-f")
    else:
        raise Problem(f"there is no colour '{name}'", did_you_mean(name, COLOURS, "colours"))
    if not tilde:
        return Colour(rgb, at=at)
    if not re.fullmatch(_NUMBER, reach) or not 0 < float(reach) <= LARGEST_DISTANCE:
        raise Problem(
            f"'~{reach}' is no distance of colours",
            f"write a number up to {LARGEST_DISTANCE}, as in color:#884422~0.1",
        )
    return Colour(rgb, float(reach), at=at)
