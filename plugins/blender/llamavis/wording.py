# SPDX-License-Identifier: GPL-3.0-or-later
"""One key of a description changed in its text, with every comment and all else as it was.

The text is parsed before and after: where anything but that key would differ, nothing is changed.
No bpy here.
"""

from __future__ import annotations

import csv
import io
import json
import re
import tomllib
from typing import Any

_VALUE = (
    r'"""(?:\\.|[^\\])*?"""'
    r"|'''[\s\S]*?'''"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
    r"|\[[^\]]*\]"
    r"|[^\s#]+"
)
_BLOCK = re.compile(r"(?m)^[ \t]*\[\[[ \t]*asset[ \t]*\]\][^\n]*\n?")


class WordingError(Exception):
    """The key cannot be changed safely: the text has to be edited by hand."""


def change_keys(text: str, path: str, name: str, values: dict[str, Any]) -> str:
    """The text of the description file `path` with keys of the asset `name` set.

    Values are texts, whole numbers, or lists of them; None takes a key out. Raises WordingError.
    """
    if path.endswith(".csv"):
        return _change_row(text, name, values)
    many = path.endswith(".descs.toml")
    before = _parse(text)
    wanted = _parse(text)
    table = _asset(wanted, name) if many else wanted
    for key, value in values.items():
        if value is None:
            table.pop(key, None)
        else:
            table[key] = value
    start, end = _span(text, before, name) if many else (0, _top_level(text, 0, len(text)))
    part = text[start:end]
    for key, value in values.items():
        part = _set(part, key, value)
    changed = text[:start] + part + text[end:]
    if _parse(changed) != wanted:
        raise WordingError("this file is written in a way that has to be edited as text")
    return changed


def keys_of(text: str, path: str, name: str) -> dict[str, Any]:
    """What the text says of an asset: its keys as they stand there. Raises WordingError."""
    if path.endswith(".csv"):
        rows = list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"))))
        found = next((row for row in rows if row.get("name") == name), None)
        if found is None:
            raise WordingError("the file does not name this image any more")
        return {key: value for key, value in found.items() if key and value}
    parsed = _parse(text)
    return _asset(parsed, name) if path.endswith(".descs.toml") else parsed


def _parse(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text.lstrip("\ufeff").replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError as cause:
        raise WordingError("the file has mistakes: edit it as text") from cause


def _asset(parsed: dict[str, Any], name: str) -> dict[str, Any]:
    assets = parsed.get("asset")
    for one in assets if isinstance(assets, list) else []:
        if isinstance(one, dict) and one.get("name") == name:
            return one
    raise WordingError("the file does not name this image any more")


def _span(text: str, parsed: dict[str, Any], name: str) -> tuple[int, int]:
    """Where the plain keys of the asset's block stand."""
    heads = list(_BLOCK.finditer(text))
    index = parsed["asset"].index(_asset(parsed, name))
    if len(heads) != len(parsed["asset"]):
        raise WordingError("this file is written in a way that has to be edited as text")
    start = heads[index].end()
    end = heads[index + 1].start() if index + 1 < len(heads) else len(text)
    return start, _top_level(text, start, end)


def _top_level(text: str, start: int, end: int) -> int:
    """Where the first table below begins, if any."""
    found = re.compile(r"(?m)^[ \t]*\[").search(text, start, end)
    while found is not None:  # a list that goes on over lines may begin one with a bracket
        try:
            tomllib.loads(text[start : found.start()].lstrip("\ufeff").replace("\r\n", "\n"))
            return found.start()
        except tomllib.TOMLDecodeError:
            found = re.compile(r"(?m)^[ \t]*\[").search(text, found.end(), end)
    return end


def _set(part: str, key: str, value: Any) -> str:
    found = re.search(rf"(?m)^([ \t]*{re.escape(key)}[ \t]*=[ \t]*)({_VALUE})", part)
    if value is None:
        if found is None:
            return part
        rest = re.compile(r"[^\n]*\n?").match(part, found.end())
        return part[: found.start()] + part[rest.end() if rest else found.end() :]
    said = _toml(value)
    if found is not None:
        return part[: found.start(2)] + said + part[found.end(2) :]
    ending = "\r\n" if "\r\n" in part else "\n"
    after = re.search(rf"(?m)^[ \t]*(?:description|name)[ \t]*=[ \t]*(?:{_VALUE})[^\n]*\n?", part)
    at = after.end() if after else 0
    lead = ending if at and not part[:at].endswith("\n") else ""
    return f"{part[:at]}{lead}{key} = {said}{ending}{part[at:]}"


def _toml(value: Any) -> str:
    if isinstance(value, str):
        # A JSON string is a TOML basic string, but for DEL, which TOML wants escaped.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return f"[{', '.join(_toml(one) for one in value)}]"


def _change_row(text: str, name: str, values: dict[str, Any]) -> str:
    lines = text.splitlines(keepends=True)
    reader = csv.reader(lines)
    head: list[str] = []
    start = 0
    for row in reader:
        end = reader.line_num
        if not head:
            head = [cell.lstrip("\ufeff").strip() for cell in row]
        elif "name" in head and len(row) > head.index("name") and row[head.index("name")] == name:
            ending = "\r\n" if lines[end - 1].endswith("\r\n") else "\n"
            return "".join([*lines[:start], _row(head, row, values, ending), *lines[end:]])
        start = end
    raise WordingError("the file does not name this image any more")


def _row(head: list[str], row: list[str], values: dict[str, Any], ending: str) -> str:
    row = row + [""] * (len(head) - len(row))
    for key, value in values.items():
        if key not in head:
            raise WordingError("this table has no such column: edit it as text")
        said = "x".join(map(str, value)) if isinstance(value, (list, tuple)) else value
        row[head.index(key)] = "" if said is None else str(said)
    out = io.StringIO()
    csv.writer(out, lineterminator=ending).writerow(row)
    return out.getvalue()
