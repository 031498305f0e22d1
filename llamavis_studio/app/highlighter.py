"""Colours for the TOML of description files: keys, strings, numbers, comments and tables.

Qt asks line by line; only a string in three quotes reaches over lines, and is carried as a state.
"""

from __future__ import annotations

import re

from PySide6.QtGui import QFont, QSyntaxHighlighter, QTextCharFormat, QTextDocument

from llamavis_studio.app.editor_document import units
from llamavis_studio.app.theme import Look

_PLAIN, _IN_BASIC, _IN_LITERAL = -1, 1, 2
_QUOTES = {_IN_BASIC: '"""', _IN_LITERAL: "'''"}
_TABLE = re.compile(r"\s*\[\[?\s*[A-Za-z_][\w\s.\"'-]*\]\]?\s*(?=#|$)")
_TOKEN = re.compile(
    r"""
    (?P<comment>\#.*)
    | (?P<open>\"{3}|'{3})
    | (?P<quoted_key>(?:"[^"\\]*"|'[^']*')(?=\s*=))
    | (?P<string>"(?:\\.|[^"\\])*"?|'[^']*'?)
    | (?P<key>[A-Za-z0-9_-]+(?:\s*\.\s*[A-Za-z0-9_-]+)*(?=\s*=))
    | (?P<number>(?:true|false|[+-]?(?:inf|nan)|[+-]?\d[\w.:+-]*)\b)
    """,
    re.VERBOSE,
)


class Highlighter(QSyntaxHighlighter):
    """Colours a document in the colours of a look."""

    def __init__(self, document: QTextDocument, look: Look) -> None:
        super().__init__(document)
        self._formats: dict[str, QTextCharFormat] = {}
        self.set_look(look)

    def set_look(self, look: Look) -> None:
        """Take another look's colours and paint anew."""
        uses = {
            "comment": "dim",
            "string": "good",
            "open": "good",
            "key": "info",
            "quoted_key": "info",
            "number": "warn",
            "table": "accent",
        }
        for name, use in uses.items():
            made = QTextCharFormat()
            made.setForeground(look.colour(use))
            made.setFontItalic(name == "comment")
            if name == "table":
                made.setFontWeight(QFont.Weight.DemiBold)
            self._formats[name] = made
        self.rehighlight()

    def highlightBlock(self, text: str) -> None:  # noqa: N802
        """Colour one line; Qt calls this."""
        self.setCurrentBlockState(_PLAIN)
        at = 0
        state = self.previousBlockState()
        if state in _QUOTES:
            at = self._rest_of_string(text, 0, 0, state)
        elif (table := _TABLE.match(text)) is not None:
            self._paint(text, 0, table.end(), "table")
            at = table.end()
        while (token := _TOKEN.search(text, at)) is not None:
            name = token.lastgroup or "string"
            if name == "open":
                state = _IN_BASIC if token[0] == '"""' else _IN_LITERAL
                at = self._rest_of_string(text, token.start(), token.end(), state)
            else:
                self._paint(text, token.start(), token.end(), name)
                at = token.end()

    def _rest_of_string(self, text: str, start: int, at: int, state: int) -> int:
        """Paint a long string from `start`; where it ends, looking for that from `at`."""
        quote = _QUOTES[state]
        end = text.find(quote, at)
        while state == _IN_BASIC and end > 0 and text[end - 1] == "\\":
            end = text.find(quote, end + 1)
        if end < 0:
            self.setCurrentBlockState(state)
            end = len(text)
        else:
            end += len(quote)
        self._paint(text, start, end, "string")
        return end

    def _paint(self, text: str, start: int, end: int, name: str) -> None:
        # Qt counts in UTF-16: a rare character counts twice there.
        before = units(text[:start])
        self.setFormat(before, units(text[start:end]), self._formats[name])
