"""JSON from files nobody vouches for: bounded before it is parsed, and walked without recursion."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from llamavis_studio.library.uses.references import UnreadableFileError

_MOST_CONTAINERS = 4_000_000  # lists and objects: about 1 GB in memory


def json_value(data: bytes) -> Any:
    """The value of a JSON file in UTF-8.

    Raises:
        UnreadableFileError: no JSON, nested too deeply, or too much of it.
    """
    if data.count(b"[") + data.count(b"{") > _MOST_CONTAINERS:
        raise UnreadableFileError("the JSON holds more than 4 million lists and objects")
    try:
        return json.loads(data.decode("utf-8-sig"))
    except RecursionError as error:
        raise UnreadableFileError("the JSON is nested too deeply") from error
    except ValueError as error:  # also bad UTF-8, and numbers of thousands of digits
        raise UnreadableFileError(f"not JSON: {error}") from error


def objects_in(value: Any, unseen: frozenset[str] = frozenset()) -> Iterator[dict[str, Any]]:
    """Every object in a JSON value, the outer before the inner, in the order of the file.

    What stands under the keys `unseen` is not entered.
    """
    waiting = [value]
    while waiting:
        found = waiting.pop()
        if isinstance(found, dict):
            yield found
            parts = [part for key, part in found.items() if key not in unseen]
        elif isinstance(found, list):
            parts = found
        else:
            continue
        waiting.extend(part for part in reversed(parts) if isinstance(part, dict | list))
