"""Many descriptions in one CSV file: a header row of keys, then one asset a row.

The separator is the one the header uses: comma, semicolon or tab, as spreadsheets write them.
Lists (references, palette colours) are separated by semicolons, or by | where ; separates fields.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from llamavis_studio.core.errors import DescriptionError, did_you_mean
from llamavis_studio.core.source import position_of
from llamavis_studio.core.validation import Problem

_SIZE = re.compile(r"\s*(-?\d{1,9})\s*[x×X*]\s*(-?\d{1,9})\s*")
_TABLE_KEYS = ("material", "animation", "finish")
_TRUE, _FALSE = ("true", "yes", "1"), ("false", "no", "0")


@dataclass(frozen=True)
class Row:
    """One row: its fields by column name, and where it begins in the text."""

    fields: dict[str, str]
    columns: tuple[str, ...]
    line: int
    text: str
    """The row as it stands in the file, for finding its fields again."""
    separator: str

    def position(self, key: str) -> tuple[int, int]:
        """Line and column of a field, or of the row when it has no such column."""
        if key not in self.columns:
            return self.line, 1
        spans = field_spans(self.text, self.separator)
        number = self.columns.index(key)
        if number >= len(spans):
            return self.line, 1
        line, column = position_of(self.text, spans[number][0])
        return self.line + line - 1, column

    def values(self) -> tuple[dict[str, Any], list[Problem]]:
        """The fields as a description's values; empty fields are left out."""
        values: dict[str, Any] = {}
        problems = []
        for key, field in self.fields.items():
            text = field.strip()
            if not text and key != "description":
                continue
            value = self._value(key, text)
            if isinstance(value, Problem):
                problems.append(value)
            else:
                values[key] = value
        return values, problems

    def _value(self, key: str, text: str) -> Any:
        match key:
            case "seed" | "count" | "pick":
                if not re.fullmatch(r"-?\d{1,18}", text):
                    message = f"'{key}' must be a whole number, not '{text[:40]}'"
                    return Problem((key,), message, "")
                return int(text)
            case "size":
                size = _SIZE.fullmatch(text)
                if size is None:
                    message = f"'size' must be width x height, not '{text[:40]}'"
                    return Problem((key,), message, "such as 32x32")
                return [int(size[1]), int(size[2])]
            case "locked":
                if text.lower() in _TRUE + _FALSE:
                    return text.lower() in _TRUE
                message = f"'locked' must be true or false, not '{text[:40]}'"
                return Problem((key,), message, "")
            case "references":
                return self._list(text)
            case "palette" if text.startswith("#"):
                return self._list(text)
            case _:
                return text

    def _list(self, text: str) -> list[str]:
        mark = "|" if self.separator == ";" or "|" in text else ";"
        return [part.strip() for part in text.split(mark) if part.strip()]


def read_rows(
    text: str, path: Path, keys: tuple[str, ...] = ()
) -> tuple[list[Row], list[DescriptionError]]:
    """The rows of a CSV text; problems are rows that do not fit the header.

    `keys` are the columns that may stand in the header; without them any may.
    Raises DescriptionError when the header or the quoting is unusable.
    """
    first_line = text.split("\n", 1)[0]
    counts = {mark: first_line.count(mark) for mark in ",;\t"}
    separator = max(counts, key=lambda mark: counts[mark]) if any(counts.values()) else ","
    # str.splitlines would also split at characters that CSV does not know as line ends.
    lines = re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+", text)
    reader = csv.reader(lines, delimiter=separator, strict=True)
    columns: tuple[str, ...] = ()
    rows: list[Row] = []
    problems: list[DescriptionError] = []
    line = 1
    try:
        for number, fields in enumerate(reader):
            row_text = "".join(lines[line - 1 : reader.line_num])
            if number == 0:
                columns = _header(fields, path, keys, row_text, separator)
            elif any(field.strip() for field in fields):
                row = Row(
                    dict(zip(columns, fields, strict=False)), columns, line, row_text, separator
                )
                if len(fields) > len(columns):
                    at = position_of(row_text, field_spans(row_text, separator)[len(columns)][0])
                    problems.append(
                        DescriptionError(
                            f"this row has {len(fields)} fields, the header has {len(columns)}",
                            f"put text that holds '{separator}' in double quotes",
                            path,
                            line + at[0] - 1,
                            at[1],
                        )
                    )
                else:
                    rows.append(row)
            line = reader.line_num + 1
    except csv.Error as cause:
        hint = 'quote text as "..." and write a quote inside it as ""'
        raise DescriptionError(f"this is not valid CSV: {cause}", hint, path, line, 1) from cause
    if not columns:
        hint = "the first line names the columns: name,description,kind"
        raise DescriptionError("the file is empty", hint, path, 1, 1)
    return rows, problems


def locate(text: str, name: str, key: str) -> tuple[int, int]:
    """Where the field `key` of the row named `name` stands."""
    row = _rows_by_name(text).get(name)
    return (1, 1) if row is None else row.position(key)


@lru_cache(maxsize=1)  # thousands of rows may have a problem, one file after the other
def _rows_by_name(text: str) -> dict[str, Row]:
    """The first row of each name."""
    found: dict[str, Row] = {}
    for row in read_rows(text, Path())[0]:
        found.setdefault(row.fields.get("name", "").strip(), row)
    return found


def field_spans(row_text: str, separator: str) -> list[tuple[int, int]]:
    """Start and end of each field in a row's text, quotes included."""
    spans = []
    # As the csv module reads it: only a field that begins with a quote is a quoted one.
    start, opened, quoted = 0, False, False
    content = row_text.rstrip("\r\n")
    for offset, character in enumerate(content):
        if character == '"' and (opened or offset == start):
            opened, quoted = True, not quoted
        elif character == separator and not quoted:
            spans.append((start, offset))
            start, opened = offset + 1, False
    spans.append((start, len(content)))
    return spans


def _header(
    fields: list[str], path: Path, keys: tuple[str, ...], row_text: str, separator: str
) -> tuple[str, ...]:
    columns = tuple(field.strip().lower() for field in fields)
    spans = field_spans(row_text, separator)
    for number, column in enumerate(columns):
        at = position_of(row_text, spans[number][0])
        if column in _TABLE_KEYS and column in keys:
            hint = "use a .desc.toml file for it"
            raise DescriptionError(f"a CSV file cannot hold '{column}'", hint, path, *at)
        if column in columns[:number]:
            hint = "name each column once"
            raise DescriptionError(f"the column '{column}' stands twice", hint, path, *at)
        if keys and column not in keys:
            hint = did_you_mean(column, (key for key in keys if key not in _TABLE_KEYS), "columns")
            raise DescriptionError(f"unknown column '{column}'", hint, path, *at)
    for needed in ("name", "description"):
        if keys and needed not in columns:
            hint = "the first line names the columns: name,description,kind"
            raise DescriptionError(f"the column '{needed}' is missing", hint, path, 1, 1)
    return columns
