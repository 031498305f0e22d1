"""Writing a change back into a description file, keeping its comments, order and line ends."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from llamavis_studio.core import csv_table
from llamavis_studio.core.description import (
    MANY_CSV,
    MANY_LIMIT_BYTES,
    ONE,
    examine_text,
)
from llamavis_studio.core.errors import DescriptionError
from llamavis_studio.core.source import read_text
from llamavis_studio.core.write import staged_beside


def write_back(path: Path, changes: Mapping[str, Any], name: str | None = None) -> None:
    """Set keys of a description (None removes one), in the asset `name` where a file has many.

    The file is replaced in one step, and only when the result is a valid description. Raises
    DescriptionError when it is not, or cannot be written.
    """
    marked = path.read_bytes().startswith(b"\xef\xbb\xbf") if path.is_file() else False
    text = read_text(path, MANY_LIMIT_BYTES, DescriptionError)
    changed = with_changes(text, path, changes, name)
    if changed != text:
        _replace(path, changed.encode("utf-8-sig" if marked else "utf-8"))


def with_changes(text: str, path: Path, changes: Mapping[str, Any], name: str | None = None) -> str:
    """The text of the description file at `path` after what `write_back` would do to it.

    Raises DescriptionError when the text, or what it would become, is no valid description.
    """
    examine_text(path, text).sound()
    if path.name.endswith(MANY_CSV):
        changed = _change_csv(text, path, changes, name)
    else:
        changed = _change_toml(text, path, changes, name)
        if "\r\n" in text:  # tomlkit ends the lines it adds with a bare newline
            changed = changed.replace("\r\n", "\n").replace("\n", "\r\n")
    if changed != text:
        examine_text(path, changed).sound()
    return changed


def _change_toml(text: str, path: Path, changes: Mapping[str, Any], name: str | None) -> str:
    try:
        document = tomlkit.parse(text)
    except TOMLKitError as cause:
        raise DescriptionError(f"the file cannot be changed: {cause}", "", path) from cause
    table: Any = document
    if not path.name.endswith(ONE):
        tables: Any = document.get("asset", [])
        matching = [entry for entry in tables if entry.get("name") == name]
        if not matching:
            raise DescriptionError(f"there is no asset '{name}' in this file", "", path)
        table = matching[0]
    for key, value in changes.items():
        if value is None:
            table.pop(key, None)
        else:
            table[key] = list(value) if isinstance(value, tuple) else value
    return tomlkit.dumps(document)


def _change_csv(text: str, path: Path, changes: Mapping[str, Any], name: str | None) -> str:
    rows, _ = csv_table.read_rows(text, path)
    start = len(text) - sum(len(row.text) for row in rows)
    for row in rows:
        start = text.index(row.text, 0 if row is rows[0] else start)
        if row.fields.get("name", "").strip() == name:
            break
        start += len(row.text)
    else:
        raise DescriptionError(f"there is no asset '{name}' in this file", "", path)
    missing = [key for key in changes if key not in row.columns]
    if missing:
        raise DescriptionError(
            f"the file has no column '{missing[0]}'", "add it to the header row", path, 1, 1
        )
    fields = dict(row.fields)
    for key, value in changes.items():
        fields[key] = _csv_field(key, value, row.separator)
    out = io.StringIO()
    ending = row.text[len(row.text.rstrip("\r\n")) :]
    writer = csv.writer(out, delimiter=row.separator, lineterminator=ending)
    writer.writerow([fields.get(column, "") for column in row.columns])
    return text[:start] + out.getvalue() + text[start + len(row.text) :]


def _csv_field(key: str, value: Any, separator: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, tuple)):
        mark = "x" if key == "size" else ("|" if separator == ";" else ";")
        return mark.join(str(part) for part in value)
    return str(value)


def _replace(path: Path, data: bytes) -> None:
    """Write beside the file, then rename over it; the mark in the name lets a crash be cleaned."""
    try:
        with staged_beside(path) as draft:
            with draft.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            draft.chmod(path.stat().st_mode & 0o777)
            os.replace(draft, path)
    except OSError as cause:
        raise DescriptionError(
            f"the file cannot be written: {cause.strerror or cause}",
            "check its permissions and the disk's free space",
            path,
        ) from cause
