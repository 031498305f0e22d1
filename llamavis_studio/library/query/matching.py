"""Words of a query as an FTS5 expression; everything a user wrote stands inside quotes there."""

from __future__ import annotations

from collections.abc import Mapping

from llamavis_studio.library.query.tokens import is_cjk, part_text, pieces_of, storable, unsplit_of
from llamavis_studio.library.query.tree import And, Node, Not, Or, Text

Spellings = Mapping[str, tuple[str, ...]]
"""Words of the index near to a word `word~`."""
_COLUMNS = {"name": "{name} : ", "caption": "{caption} : "}


def words_match(node: Node, spellings: Spellings) -> str | None:
    """The expression that the table `words` answers a whole subtree with; None where it holds more
    than words, or asks only for what is not there.
    """
    match node:
        case Text():
            return None if node.how == "part" else _text_match(node, spellings)
        case Or():
            parts = [words_match(part, spellings) for part in node.parts]
            found = [part for part in parts if part is not None]
            return f"({' OR '.join(found)})" if len(found) == len(parts) else None
        case And():
            asked, unasked = split_words(node.parts, spellings)
            return None if unasked else asked
    return None


def split_words(parts: tuple[Node, ...], spellings: Spellings) -> tuple[str | None, list[Node]]:
    """Of conditions that must all hold: one expression for those of words, and the others."""
    asked: list[str] = []
    refused: list[tuple[str, Node]] = []
    others: list[Node] = []
    for part in parts:
        found = words_match(part, spellings)
        if found is not None:
            asked.append(found)
            continue
        if isinstance(part, Not):
            against = words_match(part.part, spellings)
            if against is not None:
                refused.append((against, part))
                continue
        others.append(part)
    if not asked:  # FTS5 can take away from something only
        return None, [*others, *(part for _, part in refused)]
    expression = asked[0] if len(asked) == 1 else f"({' AND '.join(asked)})"
    for against, _ in refused:
        expression = f"({expression} NOT {against})"
    return expression, others


def part_match(node: Text) -> str:
    """The expression that the table `parts` answers."""
    return f"{_COLUMNS.get(node.column, '')}{_string(part_text(node.text))}"


def _text_match(node: Text, spellings: Spellings) -> str:
    column = _COLUMNS.get(node.column, "")
    pieces = pieces_of(storable(node.text))
    phrase = _string(" ".join(pieces))
    if node.how == "phrase":
        return f"{column}{phrase}" if column else phrase
    if node.how == "near":
        near = spellings.get(node.text, ())
        if near:
            return f"{column}({' OR '.join(_string(word) for word in near)})"
    begins = "" if not pieces or is_cjk(pieces[-1]) else " *"
    unsplit = unsplit_of(storable(node.text))
    if unsplit:
        return f"{column}({phrase}{begins} OR {_string(unsplit)} *)"
    return f"{column}({phrase}{begins})" if column else f"{phrase}{begins}"


def _string(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
