"""Near spellings: for `word~`, and for a query that found nothing.

Near are words within one edit (an insertion, a deletion, a changed letter, two letters swapped), or
two edits for words of six letters and more: the optimal string alignment distance.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Any, NamedTuple

import apsw
from rapidfuzz import process
from rapidfuzz.distance import OSA

from llamavis_studio.library.naming import folded_tag
from llamavis_studio.library.query.tokens import is_cjk, pieces_of, storable, unsplit_of
from llamavis_studio.library.query.tree import (
    And,
    Base,
    Field,
    Manner,
    Node,
    Not,
    Or,
    Text,
    all_of,
    any_of,
    leaves,
)

MOST_TERMS = 20
"""Spellings that `word~` stands for."""
MOST_SUGGESTED = 5
_TWO_EDITS_FROM = 6  # letters
_SHORTEST, _LONGEST = 3, 60
_LAST = "\U0010ffff"
_ALPHABETS = "a", "\u2e80"
"""Between them are words of letters: numbers stand before, Chinese characters behind."""
_DISTANCE: Any = OSA.distance  # its overloads are more than the type of a scorer allows


class Suggestion(NamedTuple):
    """A query to search instead, and in words how it differs."""

    tree: Node
    change: str


def near_terms(connection: apsw.Connection, word: str, most: int = MOST_TERMS) -> tuple[str, ...]:
    """Words of the index spelt like `word`, the nearest first, then those of more assets.

    Empty for what is no single word of letters: Chinese characters, numbers, words under three
    letters.
    """
    plain = _plain_word(word)
    if not plain:
        return ()
    edits = 2 if len(plain) >= _TWO_EDITS_FROM else 1
    rows = connection.execute(
        "SELECT term, doc FROM vocabulary WHERE term >= ? AND term < ? "
        "AND length(term) BETWEEN ? AND ?",
        (*_ALPHABETS, max(len(plain) - edits, 2), len(plain) + edits),
    )
    return _nearest(plain, rows, edits, most)


def spellings_of(connection: apsw.Connection, tree: Node) -> dict[str, tuple[str, ...]]:
    """For each `word~` of a tree what it stands for; a word near to nothing is not in it."""
    words = {leaf.text for leaf in leaves(tree) if isinstance(leaf, Text) and leaf.how == "near"}
    found = {word: near_terms(connection, word) for word in sorted(words)}
    return {word: terms for word, terms in found.items() if terms}


def suggestions(connection: apsw.Connection, tree: Node) -> Suggestion | None:
    """For a query that found nothing: the same with words and tags that are nowhere replaced by
    near ones. None when all are known, or nothing is near.
    """
    changed = _respelt(connection, tree)
    return None if changed == tree else Suggestion(changed, explain_change(tree, changed))


def explain_change(before: Node, after: Node) -> str:
    """What `suggestions` changed: "no 'kinght': searched knight"."""
    kept = set(leaves(after))
    lines = []
    for old in leaves(before):
        if old in kept:
            continue
        new = [_said(leaf) for leaf in leaves(after) if leaf.at == old.at and leaf != old]
        if new:
            lines.append(f"no '{_said(old)}': searched {', '.join(dict.fromkeys(new))}")
    return "; ".join(dict.fromkeys(lines))


def _respelt(connection: apsw.Connection, node: Node) -> Node:
    match node:
        case And():
            return all_of(_respelt(connection, part) for part in node.parts)
        case Or():
            return any_of(_respelt(connection, part) for part in node.parts)
        case Not():
            return node  # what must not be there is no reason that nothing was found
        case Text():
            return _respelt_text(connection, node)
        case Field(name="tag"):
            return _respelt_tag(connection, node)
    return node


def _respelt_text(connection: apsw.Connection, node: Text) -> Node:
    if node.how == "part" or (node.how == "near" and near_terms(connection, node.text, 1)):
        return node
    if node.how == "word" and _is_known(connection, unsplit_of(node.text), begins=True):
        return node
    pieces = pieces_of(storable(node.text))
    variants: list[list[str]] = [[]]
    for place, piece in enumerate(pieces):
        begins = node.how == "word" and place == len(pieces) - 1
        choices: tuple[str, ...] = (piece,)
        if not _is_known(connection, piece, begins=begins):
            choices = near_terms(connection, piece, MOST_SUGGESTED) or choices
        variants = [[*head, word] for head in variants for word in choices][:MOST_SUGGESTED]
    if [list(pieces)] == variants:
        return node
    how: Manner = "word" if len(pieces) == 1 else "phrase"
    return any_of(Text(" ".join(words), how, node.column, at=node.at) for words in variants)


def _respelt_tag(connection: apsw.Connection, node: Field) -> Node:
    name = folded_tag(storable(node.value))
    if connection.execute("SELECT 1 FROM tag WHERE name = ?", (name,)).get is not None:
        return node
    edits = 2 if len(name) >= _TWO_EDITS_FROM else 1
    if len(name) < _SHORTEST:
        return node
    rows = connection.execute(
        "SELECT name, 0 FROM tag WHERE length(name) BETWEEN ? AND ?",
        (len(name) - edits, len(name) + edits),
    )
    found = _nearest(name, rows, edits, MOST_SUGGESTED)
    return any_of(Field("tag", near, at=node.at) for near in found) if found else node


def _nearest(word: str, rows: Iterable[Any], edits: int, most: int) -> tuple[str, ...]:
    """Of (word, weight) those within some edits: by distance, the weightier first, then by name."""
    weights: dict[str, int] = dict(rows)
    found = process.extract(word, weights.keys(), scorer=_DISTANCE, score_cutoff=edits, limit=None)
    ordered = sorted((distance, -weights[term], term) for term, distance, _ in found)
    return tuple(term for _, _, term in ordered[:most])


def _is_known(connection: apsw.Connection, word: str, *, begins: bool) -> bool:
    plain = _without_accents(word)
    if not plain:
        return False
    if begins and not is_cjk(plain):
        sql, bindings = "term >= ? AND term < ?", (plain, plain + _LAST)
    else:
        sql, bindings = "term >= ? AND term <= ?", (plain, plain)
    found = connection.execute(f"SELECT 1 FROM vocabulary WHERE {sql} LIMIT 1", bindings).get
    return found is not None


def _plain_word(word: str) -> str:
    """The one piece a word is, as the vocabulary spells it; empty for anything else."""
    pieces = pieces_of(storable(word))
    plain = unsplit_of(storable(word)) or (pieces[0] if len(pieces) == 1 else "")
    plain = _without_accents(plain)
    letters = _SHORTEST <= len(plain) <= _LONGEST and not plain.isdigit()
    return plain if letters else ""


def _without_accents(word: str) -> str:
    """As the index keeps it (`remove_diacritics 2`)."""
    if word.isascii():
        return word
    apart = unicodedata.normalize("NFD", word)
    bare = "".join(one for one in apart if unicodedata.category(one) != "Mn")
    return unicodedata.normalize("NFC", bare)


def _said(leaf: Base) -> str:
    if isinstance(leaf, Field):
        return f"tag:{leaf.value}"
    return leaf.text if isinstance(leaf, Text) else ""
