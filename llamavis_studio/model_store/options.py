"""Options as they are typed: ``steps=8``, ``precision=bfloat16``, ``loras=[{file = "a"}]``."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from typing import Any

from llamavis_studio.core.errors import BackendError


def changes_of(texts: Iterable[str]) -> dict[str, Any]:
    """``KEY=VALUE`` each; the value as TOML writes it, else as a text; None where it is empty.

    Raises BackendError for what is no such pair.
    """
    found = {}
    for text in texts:
        key, equals, value = text.partition("=")
        key, value = key.strip().replace("-", "_"), value.strip()
        if not equals or not key.isidentifier():
            raise BackendError(f"'{text}' is no option", "write it as KEY=VALUE, such as steps=8")
        found[key] = _value(value) if value else None
    return found


def _value(text: str) -> Any:
    if "\n" in text:
        return text
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
