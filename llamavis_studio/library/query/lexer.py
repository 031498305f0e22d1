"""Cutting a query into tokens: words, phrases, fields with their values, operators, parentheses.

Each token knows its place. Full-width colons, quotes, commas and parentheses, as Chinese keyboards
give them, mean the same as the plain ones. Punctuation that stands alone is passed over.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import Enum, auto

from llamavis_studio.library.query.errors import QueryError

OPEN, CLOSE = "(（", ")）"
QUOTES = '"“”„'
COMMAS = ",，"
_FIELD = re.compile(r"([^\W\d_]+)[:：]")
_ENDS = re.compile(rf"[\s{OPEN}{CLOSE}{QUOTES}]")
_VALUE_ENDS = re.compile(rf"[\s{OPEN}{CLOSE}{QUOTES}{COMMAS}]")


class Sort(Enum):
    """What a token is."""

    WORD = auto()
    PHRASE = auto()
    FIELD = auto()
    AND = auto()
    OR = auto()
    NOT = auto()
    OPEN = auto()
    CLOSE = auto()


@dataclass(frozen=True)
class Value:
    """One value of a field."""

    text: str
    quoted: bool
    at: int
    length: int


@dataclass(frozen=True)
class Token:
    """`text` is what stands between quotes, or the name of a field."""

    sort: Sort
    text: str
    at: int
    length: int
    values: tuple[Value, ...] = ()


_OPERATORS = {"AND": Sort.AND, "OR": Sort.OR, "NOT": Sort.NOT}


class Lexer:
    """Cuts one query. Raises QueryError for a quote that does not end or a field without value."""

    def __init__(self, query: str) -> None:
        self._query = query
        self._at = 0

    def tokens(self) -> list[Token]:
        """All tokens, from left to right."""
        found: list[Token] = []
        while self._at < len(self._query):
            token = self._next()
            if token is not None:
                found.append(token)
        return found

    def _next(self) -> Token | None:
        start, character = self._at, self._query[self._at]
        following = self._query[start + 1 : start + 2]
        if character.isspace():
            self._at += 1
            return None
        for marks, sort in ((OPEN, Sort.OPEN), (CLOSE, Sort.CLOSE)):
            if character in marks:
                self._at += 1
                return Token(sort, character, start, 1)
        if character in QUOTES:
            text = self._quoted()
            return Token(Sort.PHRASE, text, start, self._at - start)
        if character in "-!！" and following and not following.isspace() and following not in CLOSE:
            self._at += 1
            return Token(Sort.NOT, character, start, 1)
        named = _FIELD.match(self._query, start)
        if named is not None:
            self._at = named.end()
            values = self._values(named[1], start)
            return Token(Sort.FIELD, named[1], start, named.end() - start, values)
        text = self._until(_ENDS)
        if all(
            unicodedata.category(character)[0] in "PC" or character in "+&|=<>~^`$*"
            for character in text
        ):
            # Stars ask for a part of a word, so `**` is a mistake, not a dash.
            if text.strip("*") or len(text) == 1:
                return None
        return Token(_OPERATORS.get(text, Sort.WORD), text, start, self._at - start)

    def _values(self, name: str, start: int) -> tuple[Value, ...]:
        values: list[Value] = []
        while True:
            at = self._at
            quoted = self._query[at : at + 1] in QUOTES and at < len(self._query)
            text = self._quoted() if quoted else self._until(_VALUE_ENDS)
            if not text and not quoted:
                raise QueryError(
                    f"{name}: has no value",
                    f"write it right behind the colon, as in {name}:value",
                    query=self._query,
                    position=start,
                    length=self._at - start,
                )
            values.append(Value(text, quoted, at, self._at - at))
            if self._query[self._at : self._at + 1] not in tuple(COMMAS):
                return tuple(values)
            self._at += 1

    def _quoted(self) -> str:
        start = self._at
        text: list[str] = []
        at = start + 1
        while at < len(self._query):
            character = self._query[at]
            if character == "\\" and self._query[at + 1 : at + 2] in ("\\", *QUOTES):
                text.append(self._query[at + 1])
                at += 2
                continue
            if character in QUOTES:
                self._at = at + 1
                return "".join(text)
            text.append(character)
            at += 1
        raise QueryError(
            "the quote does not end",
            'put another " behind the last word',
            query=self._query,
            position=start,
            length=1,
        )

    def _until(self, ends: re.Pattern[str]) -> str:
        start = self._at
        found = ends.search(self._query, start)
        self._at = len(self._query) if found is None else found.start()
        return self._query[start : self._at]
