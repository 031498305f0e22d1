"""The text of a description file with one of its assets renamed, copied or taken out.

    with_asset_changed  keys of it set, in its own lines only
    with_assets_changed the same for many of a file at once
    with_asset_copied   its table or row again, behind itself, under another name
    with_asset_removed  without it; None when nothing would be left
    with_paths_replaced references and palettes that named a file which has another name now

Comments, order, spacing and line ends stay. What comes out is a sound file that says exactly what
was asked for, or a DescriptionError tells that it must be done by hand.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from llamavis_studio.core import csv_table
from llamavis_studio.core.description import MANY_CSV, ONE, examine_text
from llamavis_studio.core.editing import with_changes
from llamavis_studio.core.errors import DescriptionError

_ASSET = re.compile(r"^[ \t]*\[\[[ \t]*asset[ \t]*\]\]", re.MULTILINE)
_TABLE = re.compile(r"^[ \t]*\[(?!\[[ \t]*asset[ \t]*\]\])", re.MULTILINE)
_KEYS = ("references", "palette")


def with_asset_changed(text: str, path: Path, name: str, changes: Mapping[str, Any]) -> str:
    """The text with keys of the asset `name` set; None removes one. Raises DescriptionError."""
    if path.name.endswith(MANY_CSV):
        for column in (key for key, value in changes.items() if value is not None):
            text = with_column(text, path, column)
        there = csv_table.read_rows(text, path)[0][0].columns
        return with_changes(text, path, {k: v for k, v in changes.items() if k in there}, name)
    start, end = (0, len(text)) if path.name.endswith(ONE) else _span(text, path, name)
    block = text[start:end]
    for cut in (_end_of_keys(block), len(block)):
        body = block[:cut].rstrip()  # a new key stands behind the last one, above tables
        try:
            changed = with_changes(body + _newline(text), path, changes, name).rstrip()
        except DescriptionError:
            if cut == len(block):
                raise
            continue
        whole = text[:start] + changed + block[len(body) :] + text[end:]
        examine_text(path, whole).sound()
        return whole
    raise AssertionError("the last cut returns or raises")


def with_assets_changed(text: str, path: Path, changes: Mapping[str, Mapping[str, Any]]) -> str:
    """The text with keys of many assets set, by name; each is parsed alone, so that thousands take
    seconds. Raises DescriptionError.
    """
    wanted = {name: one for name, one in changes.items() if one}
    if len(wanted) <= 1 or path.name.endswith(ONE):
        for name, one in wanted.items():
            text = with_asset_changed(text, path, name, one)
        return text
    if path.name.endswith(MANY_CSV):
        set_ = {key for one in wanted.values() for key, value in one.items() if value is not None}
        for column in sorted(set_):
            text = with_column(text, path, column)
    names, header, done, at = _names(text, path), _header(text, path), "", 0
    for name, (start, end) in zip(names, _spans(text, path, names), strict=True):
        own = text[start:end]
        if name in wanted:
            own = with_asset_changed(header + own, path, name, wanted[name])[len(header) :]
        done, at = done + text[at:start] + own, end
    return _checked(done + text[at:], path, names)


def with_asset_copied(
    text: str, path: Path, name: str, new_name: str, changes: Mapping[str, Any]
) -> str:
    """The text with the asset `name` twice, the second called `new_name` and changed as told.

    For files of many assets. Raises DescriptionError.
    """
    newline, wanted = _newline(text), [*_names(text, path), new_name]
    if path.name.endswith(MANY_CSV):
        for column in (key for key, value in changes.items() if value is not None):
            text = with_column(text, path, column)
    start, end = _span(text, path, name)
    header = _header(text, path)
    lone = header + text[start:end].rstrip() + newline
    copy = with_asset_changed(lone, path, name, {"name": new_name, **changes})
    copy = copy[len(header) :].strip() + newline
    own = text[start:end].rstrip() + newline
    between = "" if header else newline
    rest = text[end:]
    after = newline if rest and not header else ""
    return _checked(text[:start] + own + between + copy + after + rest, path, wanted)


def with_asset_removed(text: str, path: Path, name: str) -> str | None:
    """The text without the asset `name`; None when it describes nothing else.

    For files of many assets. Raises DescriptionError.
    """
    names = _names(text, path)
    if names == [name]:
        return None
    start, end = _span(text, path, name)
    rest = text[:start].rstrip("\r\n") + _newline(text) if not text[end:].strip() else text[:start]
    return _checked(rest + text[end:], path, [one for one in names if one != name])


def with_column(text: str, path: Path, column: str) -> str:
    """A CSV table with an empty column at its end, unless it has one of that name.

    Raises DescriptionError.
    """
    rows, _ = csv_table.read_rows(text, path)
    lines = re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+", text)
    header = lines[0]
    counts = {mark: header.count(mark) for mark in ",;\t"}
    mark = max(counts, key=lambda one: counts[one]) if any(counts.values()) else ","
    columns = [one.strip().lower() for one in next(csv.reader(io.StringIO(header), delimiter=mark))]
    if column in columns:
        return text
    done, rest = _ended(header, f"{mark}{column}"), text[len(header) :]
    for row in rows:
        at = rest.index(row.text)
        missing = len(columns) - len(csv_table.field_spans(row.text, mark))
        done += rest[:at] + _ended(row.text, mark * (missing + 1))
        rest = rest[at + len(row.text) :]
    return done + rest


def with_paths_replaced(text: str, renamed: Callable[[str], str | None]) -> str:
    """A TOML text (a description, or llamavis.toml) whose references and palettes follow files.

    `renamed` gives the new path for a path as it is written, None where it stays. Raises
    DescriptionError when the text cannot be parsed.
    """
    try:
        document = tomlkit.parse(text)
    except TOMLKitError as cause:
        raise DescriptionError(f"the file cannot be changed: {cause}", "") from cause
    assets, styles, palettes = (document.get(key) for key in ("asset", "style", "palettes"))
    tables: list[Any] = [document, *(assets if isinstance(assets, list) else ())]
    # In a description `style` is a name, in llamavis.toml the tables that have them.
    tables += list(styles.values()) if isinstance(styles, dict) else []
    changed = False
    for table in tables:
        for key in _KEYS:
            changed |= _follow(table, key, renamed)
    for key in list(palettes) if isinstance(palettes, dict) else ():
        changed |= _follow(palettes, key, renamed)
    return tomlkit.dumps(document) if changed else text


def _follow(table: Any, key: str, renamed: Callable[[str], str | None]) -> bool:
    value = table.get(key) if hasattr(table, "get") else None
    if isinstance(value, str):
        new = renamed(str(value))
        if new is not None:
            table[key] = new
        return new is not None
    changed = False
    for at, one in enumerate(value if isinstance(value, list) else ()):
        new = renamed(str(one)) if isinstance(one, str) else None
        if new is not None:
            table[key][at] = new
            changed = True
    return changed


def _span(text: str, path: Path, name: str) -> tuple[int, int]:
    """Where the table or row of an asset begins and ends in the text."""
    if path.name.endswith(ONE):
        raise DescriptionError("this file describes one image", "copy or remove the file", path)
    names = _names(text, path)
    if name not in names:
        raise DescriptionError(f"there is no asset '{name}' in this file", "save the file", path)
    return _spans(text, path, names)[names.index(name)]


def _spans(text: str, path: Path, names: list[str]) -> list[tuple[int, int]]:
    """Where each asset of a file of many begins and ends, in the order of their names."""
    if path.name.endswith(MANY_CSV):
        at, found = text.index("\n") + 1 if "\n" in text else len(text), []
        for row in csv_table.read_rows(text, path)[0]:
            at = text.index(row.text, at)
            if row.fields.get("name", "").strip() in names:
                found.append((at, at + len(row.text)))
            at += len(row.text)
        return found
    starts = [_with_comments(text, match.start()) for match in _ASSET.finditer(text)]
    if len(starts) != len(names):
        hint = "change this file as text"
        raise DescriptionError("its tables cannot be told apart", hint, path)
    starts[0] = next(_ASSET.finditer(text)).start()  # what stands above is said of the whole file
    return list(zip(starts, [*starts[1:], len(text)], strict=True))


def _with_comments(text: str, start: int) -> int:
    """The place where the comment lines directly above a table begin."""
    while start:
        above = text.rfind("\n", 0, start - 1) + 1
        if not text[above:start].lstrip().startswith("#"):
            break
        start = above
    return start


def _end_of_keys(block: str) -> int:
    """Where the tables below an asset's own keys begin, with the comments above them."""
    table = _TABLE.search(block)
    return len(block) if table is None else _with_comments(block, table.start())


def _header(text: str, path: Path) -> str:
    """What a table or row needs in front of it to be a file of its own."""
    if not path.name.endswith(MANY_CSV):
        return ""
    return text[: text.index("\n") + 1] if "\n" in text else text


def _names(text: str, path: Path) -> list[str]:
    return [asset.name for asset in examine_text(path, text).sound()]


def _checked(text: str, path: Path, names: list[str]) -> str:
    if sorted(_names(text, path)) != sorted(names):
        raise DescriptionError("the file cannot be changed without loss", "change it as text", path)
    return text


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _ended(line: str, more: str) -> str:
    body = line.rstrip("\r\n")
    return body + more + line[len(body) :]
