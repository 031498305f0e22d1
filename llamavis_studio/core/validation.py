"""Checks values against a model and says what is wrong in the user's words.

pydantic finds the problems; this page turns each into a message about keys and values, with a
hint that names the nearest valid name.
"""

from __future__ import annotations

import datetime
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from llamavis_studio.core.errors import did_you_mean

Model = TypeVar("Model", bound=BaseModel)
CUSTOM = "llamavis"
_MOST_PROBLEMS = 1000  # a list may hold thousands of wrong values


@dataclass(frozen=True)
class Problem:
    """One thing wrong at `location`; `at_key` tells whether its key or its value is meant."""

    location: tuple[str | int, ...]
    message: str
    hint: str
    at_key: bool = False


def complaint(message: str, hint: str = "") -> PydanticCustomError:
    """What a field's own validator raises: its words reach the user as they are."""
    # The template language of pydantic would read braces in the user's text.
    context = {"text": message, "hint": hint}
    return PydanticCustomError(CUSTOM, "{text}", context)


def check(model: type[Model], values: Mapping[str, Any]) -> Model | list[Problem]:
    """The validated model, or everything that is wrong with `values`."""
    try:
        return model.model_validate(dict(values))
    except ValidationError as error:
        found = error.errors(include_url=False)[:_MOST_PROBLEMS]
        # A list whose elements are wrong is also called too short: the elements say it better.
        inner = {detail["loc"][:end] for detail in found for end in range(len(detail["loc"]))}
        return [_explain(model, detail) for detail in found if detail["loc"] not in inner]


def _explain(model: type[BaseModel], error: ErrorDetails) -> Problem:
    location = tuple(part for part in error["loc"] if part != "[key]")
    context = error.get("ctx", {})
    kind = error["type"]
    name = _shown_name(location)
    given = error.get("input")
    if kind == CUSTOM:
        return Problem(location, str(context["text"]), str(context["hint"]))
    if kind == "missing":
        message = f"the key {name} is missing"
        return Problem(location, message, f"add {location[-1]} = ...", at_key=True)
    if kind == "extra_forbidden":
        hint = did_you_mean(str(location[-1]), _keys_at(model, location[:-1]), "keys here")
        return Problem(location, f"unknown key {name}", hint, at_key=True)
    if kind in ("enum", "literal_error"):
        choices = str(context["expected"]).replace("'", "").replace(" or ", ", ").split(", ")
        if not isinstance(given, str):
            return Problem(location, f"{name} must be text, not {_what(given)}", _one_of(choices))
        message = f"{name} cannot be {_shown(given)}"
        return Problem(location, message, did_you_mean(given, choices, "choices"))
    wanted = _WANTED.get(kind)
    if wanted:
        return Problem(location, f"{name} must be {wanted}, not {_what(given)}", "")
    limit = _limit(kind, context)
    if limit:
        return Problem(location, f"{name} must be {limit}, not {_measure(kind, given)}", "")
    return Problem(location, f"{name}: {error['msg']}", "")


_WANTED = {
    "string_type": "text in quotes",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
}


def _limit(kind: str, context: Mapping[str, Any]) -> str:
    match kind:
        case "greater_than_equal":
            return f"at least {context['ge']}"
        case "greater_than":
            return f"more than {context['gt']}"
        case "less_than_equal":
            return f"at most {context['le']}"
        case "less_than":
            return f"less than {context['lt']}"
        case "string_too_long":
            return f"at most {context['max_length']} characters"
        case "string_too_short":
            return f"at least {context['min_length']} characters"
        case "too_long":
            return f"a list of at most {context['max_length']}"
        case "too_short":
            return f"a list of at least {context['min_length']}"
        case _:
            return ""


def _measure(kind: str, given: Any) -> str:
    if kind in ("string_too_long", "string_too_short", "too_long", "too_short"):
        return str(len(given))
    return _shown(given)


def _one_of(choices: list[str]) -> str:
    return f"one of: {', '.join(choices)}"


def _shown_name(location: tuple[str | int, ...]) -> str:
    names = [part for part in location if isinstance(part, str)]
    name = f"'{names[-1]}'" if names else "the value"
    if location and isinstance(location[-1], int) and names:
        return f"value {location[-1] + 1} of {name}"
    return name


def _shown(value: Any) -> str:
    text = str(value) if isinstance(value, (int, float)) else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _what(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return f"the number {_shown(value)}"
        case str():
            return f"the text {_shown(value)}"
        case list() | tuple():
            return "a list"
        case dict():
            return "a table"
        case datetime.date() | datetime.time():
            return "a date"
        case _:
            return "nothing" if value is None else type(value).__name__


def _keys_at(model: type[BaseModel], location: tuple[str | int, ...]) -> list[str]:
    """The keys that may stand in the table at `location`."""
    annotation: Any = model
    for part in location:
        found = _as_model(annotation)
        # Outside a model the part is a list index or a free key.
        annotation = _fields(found).get(str(part)) if found else _element(annotation)
    found = _as_model(annotation)
    return list(_fields(found)) if found else []


def _fields(model: type[BaseModel]) -> dict[str, Any]:
    return {name: field.annotation for name, field in model.model_fields.items()}


def _without_none(annotation: Any) -> Any:
    choices = [choice for choice in typing.get_args(annotation) if choice is not type(None)]
    return choices[0] if type(None) in typing.get_args(annotation) else annotation


def _as_model(annotation: Any) -> type[BaseModel] | None:
    """The model of `Model` or `Model | None`; None for anything else."""
    plain = _without_none(annotation)
    is_class = isinstance(plain, type) and typing.get_origin(plain) is None
    return plain if is_class and issubclass(plain, BaseModel) else None


def _element(annotation: Any) -> Any:
    """The value type of `dict[str, T]`, `tuple[T, ...]` or `list[T]`."""
    arguments = [arg for arg in typing.get_args(_without_none(annotation)) if arg is not Ellipsis]
    return arguments[-1] if arguments else None
