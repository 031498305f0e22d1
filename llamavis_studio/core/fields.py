"""The kinds of value that description files and llamavis.toml share."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainValidator, StrictInt, StrictStr, WithJsonSchema

from llamavis_studio.core.validation import complaint

SMALLEST_SIDE_PX, LARGEST_SIDE_PX = 4, 4096
LONGEST_DESCRIPTION = 2000  # characters
MOST_VARIANTS = 64
MOST_COLOURS = 256
LARGEST_SEED = 2**32 - 1

_HEX_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


def normalise_text(text: str) -> str:
    """Words as the build key sees them: NFC, single spaces, none at the ends."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def forbidden_character(text: str) -> str | None:
    """The first character that XML, PNG text and file names cannot carry, or None."""
    for character in text:
        if character in "\t\r\n":
            continue
        # Cc: control codes; Cs: half of a surrogate pair, as broken file names hold them.
        if unicodedata.category(character) in ("Cc", "Cs") or character in "\ufffe\uffff":
            return character
    return None


def _words(value: Any) -> Any:
    if isinstance(value, str):
        bad = forbidden_character(value)
        if bad is not None:
            raise complaint(f"the text holds the control character U+{ord(bad):04X}", "remove it")
        if len(value) > LONGEST_DESCRIPTION:
            raise complaint(
                f"the text is too long: {len(value)} characters, "
                f"at most {LONGEST_DESCRIPTION} are allowed",
                "one or two sentences work best",
            )
    return value


def _description(value: Any) -> Any:
    value = _words(value)
    if isinstance(value, str) and not value.strip():
        raise complaint("the description is empty", "say in a few words what the image shows")
    return value


def _size(value: Any) -> Any:
    numbers = isinstance(value, (list, tuple)) and all(
        isinstance(side, int) and not isinstance(side, bool) for side in value
    )
    if not numbers or len(value) != 2:
        raise complaint(
            "'size' needs two whole numbers, width and height", "such as size = [32, 32]"
        )
    for side in value:
        if not SMALLEST_SIDE_PX <= side <= LARGEST_SIDE_PX:
            shown = str(side) if abs(side) < 10**12 else "that"
            raise complaint(
                f"'size' must be {SMALLEST_SIDE_PX} to {LARGEST_SIDE_PX} pixels a side, "
                f"not {shown}",
                "such as size = [32, 32]",
            )
    return tuple(value)


def _palette(value: Any) -> Any:
    if isinstance(value, str):
        if not value.strip():
            raise complaint("'palette' is empty", "name a palette file, or list colours")
        return value
    if not isinstance(value, (list, tuple)):
        raise complaint(
            "'palette' must be a file name or a list of colours",
            'such as palette = "res/db32.hex" or palette = ["#1a1c2c", "#f4f4f4"]',
        )
    if not 1 <= len(value) <= MOST_COLOURS:
        raise complaint(f"'palette' must list 1 to {MOST_COLOURS} colours, not {len(value)}", "")
    for number, colour in enumerate(value, start=1):
        if not isinstance(colour, str) or not _HEX_COLOUR.fullmatch(colour):
            raise complaint(
                f"colour {number} of 'palette' is not a colour: {str(colour)[:40]!r}",
                'write colours as "#rrggbb", such as "#884422"',
            )
    return tuple(colour.lower() for colour in value)


Words = Annotated[StrictStr, BeforeValidator(_words)]
DescriptionText = Annotated[
    StrictStr,
    BeforeValidator(_description),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": LONGEST_DESCRIPTION}),
]
SizePx = Annotated[
    tuple[int, int],
    PlainValidator(_size),
    WithJsonSchema(
        {
            "type": "array",
            "items": {
                "type": "integer",
                "minimum": SMALLEST_SIDE_PX,
                "maximum": LARGEST_SIDE_PX,
            },
            "minItems": 2,
            "maxItems": 2,
        }
    ),
]
Palette = Annotated[
    str | tuple[str, ...],
    PlainValidator(_palette),
    WithJsonSchema(
        {
            "oneOf": [
                {"type": "string", "minLength": 1},
                {
                    "type": "array",
                    "items": {"type": "string", "pattern": "^#[0-9a-fA-F]{6}$"},
                    "minItems": 1,
                    "maxItems": MOST_COLOURS,
                },
            ]
        }
    ),
]
Seed = Annotated[StrictInt, Field(ge=0, le=LARGEST_SEED)]
Count = Annotated[StrictInt, Field(ge=1, le=MOST_VARIANTS)]
Name = Annotated[StrictStr, Field(min_length=1, max_length=100)]
References = Annotated[tuple[Annotated[StrictStr, Field(min_length=1)], ...], Field(max_length=16)]
