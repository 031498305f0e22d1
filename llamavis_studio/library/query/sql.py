"""The visitor that turns a tree into SQL over the asset table; all values are bound parameters.

Words of the whole query go into one FTS5 expression, `Statement.match`; a search by meaning or look
into `Statement.near`; everything else becomes a condition on `a`, the asset. The statement yields
ids only: who shows rows joins them to the few ids of a page.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from llamavis_studio.library.query.errors import QueryError
from llamavis_studio.library.query.field_sql import condition_of, number_condition
from llamavis_studio.library.query.matching import (
    Spellings,
    part_match,
    split_words,
    words_match,
)
from llamavis_studio.library.query.tokens import storable
from llamavis_studio.library.query.tree import (
    And,
    Colour,
    Everything,
    Field,
    Like,
    Node,
    Not,
    Number,
    Or,
    Similar,
    Size,
    Text,
    Visitor,
    leaves,
    misplaced,
)

Binding = str | int | float | bytes | None
Vector = NDArray[np.float32]
DISTANCE = 0.1
"""Of colours in OKLab, when the query names none."""
LEAST_SHARE = 0.1
"""Of a picture's surface that a colour must cover."""


def _no_cells(_r: int, _g: int, _b: int, _distance: float) -> tuple[int, ...]:
    return ()


@dataclass(frozen=True)
class SearchContext:
    """What a search needs that is not in the database.

    `colours` gives the cells near an sRGB colour (imaging.colour_cells.cells_near). `vectors` and
    `looks` hold unit vectors, float32 (n,), of the texts of `meanings` and the paths of `pictures`.
    `alike` gives the ids of assets that look like another (library.duplicates); without it only
    equal difference hashes count. `search` fills in `spellings`.
    """

    colours: Callable[[int, int, int, float], tuple[int, ...]] = _no_cells
    vectors: Mapping[str, Vector | None] = field(default_factory=dict)
    looks: Mapping[str, Vector | None] = field(default_factory=dict)
    alike: Callable[[], Iterable[int]] | None = None
    least_share: float = LEAST_SHARE
    spellings: Spellings = field(default_factory=dict)


@dataclass(frozen=True)
class Statement:
    """`sql` with `bindings` selects the ids of assets, unordered.

    With `near` it has to be met with the candidates of `near.candidates`, which are not in `sql`.
    """

    sql: str
    bindings: tuple[Binding, ...]
    where: str
    where_bindings: tuple[Binding, ...]
    match: str | None
    near: Like | Similar | None


def to_sql(tree: Node, context: SearchContext) -> Statement:
    """The statement of a tree. Raises QueryError for like: or similar: in a place without sense."""
    wrong = misplaced(tree)
    if wrong is not None:
        node, why = wrong
        raise QueryError(
            why, "make it a condition of the whole query", position=node.at[0], length=node.at[1]
        )
    parts = tree.parts if isinstance(tree, And) else (tree,)
    near = next((part for part in parts if isinstance(part, Like | Similar)), None)
    rest = tuple(part for part in parts if part is not near)
    match: str | None = None
    others: Iterable[Node] = rest
    if near is None:  # else the candidates are few, and words are asked about these
        match, others = split_words(rest, context.spellings)
    conditions = Conditions(context)
    # Always one condition, so that a WHERE can be written.
    wheres = [conditions.visit(part) for part in others if not isinstance(part, Everything)]
    if not _asks_for_missing(tree):
        wheres.append("a.missing_since IS NULL")
    where = " AND ".join(wheres) or "TRUE"
    if near is not None:
        # The candidates come first; the plus keeps SQLite from looking all of a set up for each.
        where = where.replace("a.id IN (", "+a.id IN (")
    bindings = tuple(conditions.bindings)
    if match is None:
        return Statement(
            f"SELECT a.id FROM asset a WHERE {where}", bindings, where, bindings, None, near
        )
    return Statement(
        f"SELECT a.id FROM {WORDS_SOURCE} WHERE words MATCH ? AND {where}",
        (match, *bindings),
        where,
        bindings,
        match,
        near,
    )


WORDS_SOURCE = "words CROSS JOIN asset a ON a.id = words.rowid"
"""The index of words first, the assets it names then; CROSS keeps this order."""


def _asks_for_missing(tree: Node) -> bool:
    return any(
        isinstance(leaf, Field) and (leaf.name, leaf.value) == ("is", "missing")
        for leaf in leaves(tree)
    )


class Conditions(Visitor[str]):
    """Each node as an SQL condition on `a`; what it compares with is in `bindings`, in order."""

    def __init__(self, context: SearchContext) -> None:
        self.bindings: list[Binding] = []
        self._context = context

    def everything(self, node: Everything) -> str:
        return "TRUE"

    def text(self, node: Text) -> str:
        if node.how == "part":
            return self._in("SELECT rowid FROM parts WHERE parts MATCH ?", part_match(node))
        match = words_match(node, self._context.spellings)
        return self._in("SELECT rowid FROM words WHERE words MATCH ?", match)

    def field(self, node: Field) -> str:
        if node.name == "is" and node.value == "lookalike" and self._context.alike is not None:
            ids = json.dumps([int(asset_id) for asset_id in self._context.alike()])
            return self._in("SELECT value FROM json_each(?)", ids)
        sql, bindings = condition_of(node.name, storable(node.value))
        self.bindings += bindings
        return sql

    def number(self, node: Number) -> str:
        sql, bindings = number_condition(node)
        self.bindings += bindings
        return sql

    def size(self, node: Size) -> str:
        self.bindings += (node.width, node.height)
        return "(a.width = ? AND a.height = ?)"

    def colour(self, node: Colour) -> str:
        rgb = node.rgb
        distance = DISTANCE if node.distance is None else node.distance
        cells = self._context.colours(rgb >> 16 & 255, rgb >> 8 & 255, rgb & 255, distance)
        self.bindings += (json.dumps([int(cell) for cell in cells]), self._context.least_share)
        return (
            "a.id IN (SELECT asset_id FROM colour "
            "WHERE cell IN (SELECT value FROM json_each(?)) AND share >= ?)"
        )

    def near(self, node: Like | Similar) -> str:
        raise AssertionError("to_sql takes it out")

    def all(self, node: And) -> str:
        match, others = split_words(node.parts, self._context.spellings)
        found = []
        if match is not None:
            found.append(self._in("SELECT rowid FROM words WHERE words MATCH ?", match))
        found += [self.visit(part) for part in others]
        return f"({' AND '.join(found)})"

    def any(self, node: Or) -> str:
        match = words_match(node, self._context.spellings)
        if match is not None:
            return self._in("SELECT rowid FROM words WHERE words MATCH ?", match)
        return f"({' OR '.join(map(self.visit, node.parts))})"

    def negation(self, node: Not) -> str:
        # NULL, of a comparison with what is not known, counts as no.
        return f"(({self.visit(node.part)}) IS NOT TRUE)"

    def _in(self, select: str, binding: Binding) -> str:
        self.bindings.append(binding)
        return f"a.id IN ({select})"
