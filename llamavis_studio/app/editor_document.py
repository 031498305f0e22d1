"""A Qt document as the plain text of a file: places in it, and changes that undo can take back.

Python counts characters, Qt counts UTF-16 units, the parser counts lines and columns from 1; the
functions here are the only place where one becomes the other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QTextCursor, QTextDocument

from llamavis_studio.app.messages import said
from llamavis_studio.app.sentences import capital, told

_BLOCK = "\u2029"
_TOKEN = re.compile(r"\"[^\"]*\"?|'[^']*'?|\[[^\]]*\]?|[\w.-]+|\S+")


@dataclass(frozen=True)
class Mark:
    """Something wrong at a place in the text; `severity` is error, warning or info."""

    line: int
    column: int
    message: str
    hint: str = ""
    severity: str = "error"

    def sentence(self) -> str:
        """What is wrong and what mends it, as one sentence or two in the window's language."""
        message, hint = capital(said(self.message)), capital(said(self.hint))
        words = told(message, hint)
        is_ended = words.endswith((".", "?", "!", "。", "？", "！"))
        return words if is_ended else QCoreApplication.translate("Editor", "{0}.").format(words)


def units(text: str) -> int:
    """How long Qt takes the text to be."""
    return len(text) + sum(character > "\uffff" for character in text)


def text_of(document: QTextDocument) -> str:
    """The text as it is: `toPlainText` would turn no-break spaces into spaces."""
    return document.toRawText().replace(_BLOCK, "\n")


def replace_text(document: QTextDocument, new: str) -> None:
    """Make the document say `new`, touching only what differs.

    Cursors outside the change stay where they are, and one undo takes it back; a character typed
    in a form joins the one typed before it, as typing in the text does.
    """
    old = text_of(document)
    new = new.replace("\r\n", "\n").replace("\r", "\n")
    if old == new:
        return
    shorter = min(len(old), len(new))
    start = 0
    while start < shorter and old[start] == new[start]:
        start += 1
    end = 0
    while end < shorter - start and old[-1 - end] == new[-1 - end]:
        end += 1
    before = units(old[:start])
    cursor = QTextCursor(document)
    cursor.setPosition(before)
    removed = units(old[start : len(old) - end])
    added = new[start : len(new) - end]
    if not removed:
        cursor.insertText(added)
        return
    cursor.setPosition(before + removed, QTextCursor.MoveMode.KeepAnchor)
    cursor.insertText(added)


def cursor_at(document: QTextDocument, line: int, column: int) -> QTextCursor:
    """A cursor over what stands at a line and column, from 1; 0 means the whole line.

    A place behind the end of a line is drawn under its last word: there is nothing else to see.
    """
    block = document.findBlockByNumber(max(0, min(line, document.blockCount()) - 1))
    text = block.text()
    start = max(0, column - 1)
    token = _TOKEN.match(text, start) if column else None
    if token is None:
        words = list(_TOKEN.finditer(text, 0, start)) if column > 1 else []
        token = words[-1] if words else re.match(r"\s*(\S.*)?", text)
    first, last = (token.start(), token.end()) if token else (0, len(text))
    if not column and text.strip():
        first = len(text) - len(text.lstrip())
    cursor = QTextCursor(block)
    cursor.setPosition(block.position() + units(text[:first]))
    cursor.setPosition(block.position() + units(text[:last]), QTextCursor.MoveMode.KeepAnchor)
    return cursor


def place_of(cursor: QTextCursor) -> tuple[int, int]:
    """Line and column, from 1, of where a cursor's selection begins."""
    document = cursor.document()
    block = document.findBlock(cursor.selectionStart())
    inside = cursor.selectionStart() - block.position()
    before = block.text().encode("utf-16-le", "surrogatepass")[: inside * 2]
    return block.blockNumber() + 1, len(before.decode("utf-16-le", "replace")) + 1
