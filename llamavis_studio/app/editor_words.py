"""What may be typed at a place of a description: its keys with their help, and their values.

Everything is read off the models that also check the files, so that no key is ever missing here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel

from llamavis_studio.core.description import (
    Clip,
    Description,
    DescriptionTable,
    MaterialMaps,
    NamedDescription,
)
from llamavis_studio.core.recipe import Finish, recipe_for

_HEADER = re.compile(r"\s*\[\[?\s*([\w.\"'-]+)\s*\]\]?")
_KEY = re.compile(r"\s*([A-Za-z_-]*)$")
_VALUE = re.compile(r"\s*([A-Za-z_-]+)\s*=\s*(?:\[.*[\[,]\s*)?([\"']?)([^\"',\[\]{}#]*)$")
_TABLES: Mapping[str, type[BaseModel]] = {
    "material": MaterialMaps,
    "finish": Finish,
    "animation": Clip,
}


@dataclass(frozen=True)
class Suggestion:
    """A word to offer, its help, and the text that replaces what was typed of it."""

    word: str
    help: str
    insert: str
    back: int = 0  # how far the cursor stands before the end of `insert`


def suggestions(
    text: str, at: int, is_table_of_many: bool, words: Mapping[str, Iterable[str]]
) -> tuple[int, list[Suggestion]]:
    """How many characters before `at` have been typed of a word, and what that word may be."""
    start = text.rfind("\n", 0, at) + 1
    before = text[start:at]
    model = _model_at(text[:start], is_table_of_many)
    key = _KEY.fullmatch(before)
    if key is not None:
        given = set(_keys_of_table(text, start))
        return len(key[1]), [
            found for found in _keys(model) if found.word not in given and _fits(found, key[1])
        ]
    value = _VALUE.fullmatch(before)
    if value is None:
        return 0, []
    name, quote, typed = value[1], value[2], value[3]
    found = [
        Suggestion(word, told, word if plain else f'"{word}"')
        for word, told, plain in _values(model, name, words)
    ]
    return len(quote + typed), [one for one in found if _fits(one, typed)]


def kind_help(kind: str) -> str:
    """What a kind makes when nothing else is said, in a few words."""
    recipe = recipe_for(kind)
    width, height = recipe.size_px
    parts = [f"{width}\u00d7{height}"]
    parts += ["edges meet"] if recipe.tileable else []
    parts += ["clear background"] if recipe.transparent else []
    return ", ".join(parts)


def help_of(key: str) -> str:
    """What a key of a description is for."""
    field = NamedDescription.model_fields.get(key)
    return "" if field is None else field.description or ""


def _fits(suggestion: Suggestion, typed: str) -> bool:
    return suggestion.word.casefold().startswith(typed.strip().casefold())


def _model_at(before: str, is_table_of_many: bool) -> type[BaseModel]:
    """The model of the table that the next line stands in."""
    headers = [match for line in before.split("\n") if (match := _HEADER.match(line))]
    parts = headers[-1][1].split(".") if headers else []
    if is_table_of_many:
        if parts[:1] != ["asset"]:
            return DescriptionTable
        parts = parts[1:]
    if not parts:
        return NamedDescription if is_table_of_many else Description
    return _TABLES.get(parts[0], Description)


def _keys_of_table(text: str, start: int) -> Iterator[str]:
    """The keys beside the line that begins at `start`, that line's own left out."""
    above = text[:start].rsplit("\n[", 1)[-1].split("\n")
    end = text.find("\n", start)
    below = text[end:].split("\n[", 1)[0].split("\n") if end >= 0 else []
    for line in (*above, *below):
        match = re.match(r"\s*([A-Za-z_-]+)\s*=", line)
        if match is not None:
            yield match[1]


def _keys(model: type[BaseModel]) -> Iterator[Suggestion]:
    for name, field in model.model_fields.items():
        told = field.description or ""
        if model is DescriptionTable:
            yield Suggestion("[[asset]]", told, '[[asset]]\nname = ""\ndescription = ""', 18)
        elif name in _TABLES:
            yield Suggestion(name, told, f"[{name}]\n")
        elif name in ("description", "negative", "name"):
            yield Suggestion(name, told, f'{name} = ""', 1)
        elif name in ("size", "references", "maps"):
            yield Suggestion(name, told, f"{name} = []", 1)
        else:
            yield Suggestion(name, told, f"{name} = ")


def _values(
    model: type[BaseModel], name: str, words: Mapping[str, Iterable[str]]
) -> Iterator[tuple[str, str, bool]]:
    """Word, help, and whether it is written without quotes."""
    if name not in model.model_fields:
        return
    choices = list(_choices(model.model_fields[name].annotation))
    known = words.get(name, ())
    for word in known:
        if word not in choices:
            yield word, str(known[word]) if isinstance(known, Mapping) else "", False
    for choice in choices:
        if isinstance(choice, bool):
            yield str(choice).lower(), "", True
        else:
            yield str(choice), kind_help(str(choice)) if name == "kind" else "", False


def _choices(annotation: Any) -> Iterator[object]:
    """The values a type allows, when they can be listed."""
    if annotation is bool:
        yield from (True, False)
    elif isinstance(annotation, type) and issubclass(annotation, Enum):
        yield from (member.value for member in annotation)
    elif get_origin(annotation) is Literal:
        yield from get_args(annotation)
    else:
        for inner in get_args(annotation):
            yield from _choices(inner)
