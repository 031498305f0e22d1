"""Reading and changing the text of a query without its grammar: words, and fields with a colon.

What is completed and what the chips of the gallery add and take away is decided here, in plain
functions of text. Whether a query makes sense is the library's matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

Completions = Mapping[str, Sequence[str]]
"""Names of fields, each with the values it is known to have."""

_MOST_CHOICES = 60
_WORD = re.compile(r'[^\s()（）"“”]*$')
_PLAIN = re.compile(r"[^\s()（）\"“”,:]+")
_VALUE = re.compile(r'"([^"]*)"|([^",]+)')
_PART = re.compile(r'(?P<open>[(（])|(?P<close>[)）])|(?P<word>(?:"[^"]*"?|[^\s()（）"])+)')


def completions_of(before: str, table: Completions) -> tuple[int, list[str]]:
    """What may stand for the word that ends `before`: where the word begins, and whole words.

    `ki` gives `kind:`, `kind:te` gives `kind:texture`, and `kind:sprite,te` gives
    `kind:sprite,texture`. Beginnings come before parts.
    """
    found = _WORD.search(before)
    word = found.group() if found else ""
    word = word.lstrip("-")
    start = len(before) - len(word)
    field, colon, rest = word.partition(":")
    if not colon:
        names = [f"{name}:" for name in table if name.startswith(word.lower()) and word]
        return start, names
    kept, comma, value = rest.rpartition(",")
    wanted = value.lower()
    there = kept.split(",")
    known = table.get(field.lower(), ())
    likely = [one for one in known if wanted in one.lower() and one not in there]
    likely.sort(key=lambda one: not one.lower().startswith(wanted))
    lead = f"{field}:{kept}{comma}"
    words = [lead + (f'"{one}"' if " " in one else one) for one in likely[:_MOST_CHOICES]]
    return start, [] if words == [word] else words


def values_of(query: str, field: str) -> tuple[str, ...]:
    """The values that a query demands of a field, whatever else it says.

    `kind:sprite,sheet wall` demands two of `kind`; what is negated, in parentheses or beside an OR
    does not count. Quotation marks are taken off.
    """
    return tuple(value for part in _demands(query, field) for value in _values(part.group()))


def with_value(query: str, field: str, value: str, *, is_either: bool = True) -> str:
    """The query that demands this value as well: one of several when there are others, or, without
    `is_either`, all of them.
    """
    if value in values_of(query, field):
        return query
    for part in _demands(query, field) if is_either else ():
        return f"{query[: part.end()]},{_quoted(value)}{query[part.end() :]}"
    text = query.strip()
    if _has_or(text):
        text = f"({text})"
    return f"{text} {field}:{_quoted(value)}".strip()


def without_value(query: str, field: str, value: str) -> str:
    """The query that no longer demands this value."""
    for part in reversed([*_demands(query, field)]):
        kept = [one for one in _values(part.group()) if one != value]
        word = f"{field}:{','.join(map(_quoted, kept))}" if kept else ""
        before, after = query[: part.start()], query[part.end() :]
        query = before + word + after if word else f"{before.rstrip()} {after.lstrip()}".strip()
    return query


def _quoted(value: str) -> str:
    """A value as it stands in a query."""
    return value if _PLAIN.fullmatch(value) else '"' + value.replace('"', "") + '"'


def _values(word: str) -> list[str]:
    found = _VALUE.findall(word.partition(":")[2])
    return [quoted or plain for quoted, plain in found if quoted or plain]


def _demands(query: str, field: str) -> Iterator[re.Match[str]]:
    last = ""
    for part in [] if _has_or(query) else _outer(query):
        word = part.group()
        if word.lower().startswith(f"{field}:") and last != "NOT":
            yield part
        last = word


def _has_or(query: str) -> bool:
    return any(part.group() == "OR" for part in _outer(query))


def _outer(query: str) -> Iterator[re.Match[str]]:
    """The words that stand in no parentheses."""
    depth = 0
    for part in _PART.finditer(query):
        depth += (part["open"] is not None) - (part["close"] is not None)
        if depth == 0 and part["word"]:
            yield part
