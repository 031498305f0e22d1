"""The one error of the search grammar; it points at the character."""

from __future__ import annotations

import unicodedata

from llamavis_studio.core.errors import LibraryError

_BEFORE, _AFTER = 40, 40  # characters shown around the place in a long query


class QueryError(LibraryError):
    """A query cannot be understood.

    `position` counts characters from 0, `length` says how many are meant; `query` is the whole
    text, empty where the trouble is not in a text.
    """

    def __init__(
        self, message: str, hint: str = "", *, query: str = "", position: int = 0, length: int = 1
    ) -> None:
        super().__init__(message, hint)
        self.query = query
        self.position = position
        self.length = length

    def pointed(self) -> str:
        """The query on one line, and a caret under the place; an empty text without a query.

        Wide East Asian characters take two columns. Of a long query only the surroundings are
        shown.
        """
        if not self.query:
            return ""
        start = max(0, self.position - _BEFORE)
        end = min(len(self.query), self.position + min(self.length, _AFTER) + _AFTER)
        line = "".join(_shown(character) for character in self.query[start:end])
        offset = self.position - start
        lead, tail = ("…" if start else ""), ("…" if end < len(self.query) else "")
        before = len(lead) + sum(map(_columns, line[:offset]))
        under = max(1, sum(map(_columns, line[offset : offset + self.length])))
        return f"{lead}{line}{tail}\n{' ' * before}{'^' * under}"


def _shown(character: str) -> str:
    # Controls, direction marks and surrogates would break the line.
    return " " if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") else character


def _columns(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1
