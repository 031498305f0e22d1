"""Changing one key of a description's text, with its comments, order and spacing left alone."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from llamavis_studio.core.description import MANY_CSV, ONE
from llamavis_studio.core.errors import DescriptionError
from llamavis_studio.core.source import Location, TomlPositions, parse_toml

_ASSET = re.compile(r"^[ \t]*\[\[[ \t]*asset[ \t]*\]\]", re.MULTILINE)


def tables_of(text: str, path: Path) -> list[Mapping[str, Any]]:
    """The keys of each asset in a text, as written; one table for a file of one asset.

    Raises DescriptionError with the place where the text is no TOML, or holds no asset.
    """
    if path.name.endswith(MANY_CSV):
        raise DescriptionError("this file is a table", "edit it as text", path)
    values = parse_toml(text, path, DescriptionError)
    if path.name.endswith(ONE):
        return [values]
    tables = values.get("asset")
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        hint = 'begin each asset with [[asset]] and name = "..."'
        raise DescriptionError("there is no [[asset]] in this file", hint, path, 1, 1)
    return tables


def key_lines(text: str, path: Path, index: int, keys: list[str]) -> dict[int, str]:
    """Line number -> key, for the keys of one asset in a text that is valid TOML."""
    positions = TomlPositions(text)
    prefix: Location = () if path.name.endswith(ONE) else ("asset", index)
    return {positions.key((*prefix, key))[0]: key for key in reversed(keys)}


def asset_at(text: str, path: Path, line: int, count: int) -> int:
    """Which of `count` assets stands at a line of a text that is valid TOML."""
    if path.name.endswith(ONE):
        return 0
    positions = TomlPositions(text)
    before = [index for index in range(count) if positions.key(("asset", index))[0] <= line]
    return before[-1] if before else 0


def with_value(text: str, path: Path, index: int, key: str, value: object) -> str:
    """The text with a key of the asset `index` set, or removed when the value is None.

    Raises DescriptionError when the text cannot be parsed.
    """
    tables = tables_of(text, path)
    starts = [match.start() for match in _ASSET.finditer(text)]
    if not path.name.endswith(ONE) and len(starts) == len(tables):
        # One asset of thousands: only its lines are read and written anew.
        start, end = starts[index], [*starts, len(text)][index + 1]
        changed = _with_value(text[start:end], path, 0, [tables[index]], key, value)
        return f"{text[:start]}{changed}{text[end:]}"
    return _with_value(text, path, index, tables, key, value)


def _with_value(
    text: str, path: Path, index: int, tables: list[Mapping[str, Any]], key: str, value: object
) -> str:
    if value is not None and key not in tables[index]:
        added = _with_line(text, path, index, tables[index], f"{key} = {_written(value)}")
        if added is not None:
            return added
    try:
        document = tomlkit.parse(text)
        table: Any = document
        if not path.name.endswith(ONE):
            table = document["asset"][index]
        if value is None:
            table.pop(key, None)
        else:
            table[key] = _item(value)
        return tomlkit.dumps(document)
    except TOMLKitError as cause:
        raise DescriptionError(f"the text cannot be changed: {cause}", "", path) from cause


def _with_line(
    text: str, path: Path, index: int, table: Mapping[str, Any], line: str
) -> str | None:
    """The text with a line after the asset's last key; None when it has no key yet.

    tomlkit would put a new key behind the comment that belongs to the next table.
    """
    lines = text.splitlines(keepends=True)
    at = max(
        (
            number
            for number in key_lines(text, path, index, list(table))
            if not lines[number - 1].lstrip().startswith("[")
        ),
        default=0,
    )
    if not at:
        return None
    while at < len(lines) and not _is_whole("".join(lines[:at])):  # a value over many lines
        at += 1
    before = "".join(lines[:at])
    if not before.endswith("\n"):
        before += "\n"
    return f"{before}{line}\n{''.join(lines[at:])}"


def _is_whole(text: str) -> bool:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True


def _item(value: object) -> Any:
    # A newline right behind the opening quotes would be left out by every reader.
    if isinstance(value, str) and "\n" in value and not value.startswith("\n"):
        return tomlkit.string(value, multiline=True)
    return list(value) if isinstance(value, tuple) else value


def _written(value: object) -> str:
    return str(tomlkit.item(_item(value)).as_string())
