"""Pages of what a tree finds: ids and scores, in an order, from a place on.

The place is the key of the last row (a keyset), never a count of rows to pass over, so page 1,000
costs what page 1 costs. The best first means: the nearest in meaning or look; else by bm25 where
words hit at most `MOST_RANKED` assets; else by id.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

import apsw

from llamavis_studio.library.query.errors import QueryError
from llamavis_studio.library.query.near import (
    LOOK_NEAR,
    NEAR_KEY,
    SCALE,
    TEXT_NEAR,
    candidates,
)
from llamavis_studio.library.query.spelling import spellings_of
from llamavis_studio.library.query.sql import (
    WORDS_SOURCE,
    Binding,
    SearchContext,
    Statement,
    to_sql,
)
from llamavis_studio.library.query.tree import Like, Node
from llamavis_studio.library.query.writing import to_text

Order = Literal["best", "path", "new", "size"]
ORDERS: tuple[str, ...] = ("best", "path", "new", "size")
MOST_RANKED = 20_000
LARGEST_PAGE = 10_000
_LONGEST_CURSOR = 8000

# How each way of ordering compares: the keys, and whether the largest comes first.
_KEYS: dict[str, tuple[tuple[str, ...], bool]] = {
    "near": ((NEAR_KEY, "a.id"), False),
    "rank": (("bm25(words, 4.0, 2.0, 3.0)", "a.id"), False),
    "id": (("a.id",), False),
    "path": (("a.root_id", "a.path"), False),
    "new": (("a.added", "a.id"), True),
    "size": (("a.width * a.height", "a.id"), True),
}


class Row(NamedTuple):
    """An asset, and how well it fits; 0 where the order says nothing about that."""

    id: int
    score: float


@dataclass(frozen=True)
class Cursor:
    """The place behind a page. `way` is how rows are compared, `mark` belongs to the query."""

    way: str
    key: tuple[Binding, ...]
    mark: str

    def to_text(self) -> str:
        """A short opaque text."""
        key = [
            {"b": base64.b64encode(part).decode("ascii")} if isinstance(part, bytes) else part
            for part in self.key
        ]
        data = json.dumps([self.way, key, self.mark], ensure_ascii=False, separators=(",", ":"))
        return base64.urlsafe_b64encode(data.encode("utf-8")).decode("ascii").rstrip("=")

    @classmethod
    def from_text(cls, text: str) -> Cursor:
        """Read what `to_text` wrote. Raises QueryError for anything else."""
        try:
            if len(text) > _LONGEST_CURSOR:
                raise ValueError("too long")
            padded = text.encode("ascii") + b"=" * (-len(text) % 4)
            way, key, mark = json.loads(base64.b64decode(padded, b"-_", validate=True))
            parts = tuple(_key_part(part) for part in key)
            if not isinstance(way, str) or not isinstance(mark, str):
                raise ValueError("no texts")
            if len(parts) != len(_KEYS[way][0]):
                raise ValueError("another number of keys")
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise QueryError("this is no place in a search", "search again") from error
        return cls(way, parts, mark)


class Page(NamedTuple):
    """Some rows, and where the next begin; None behind the last."""

    rows: tuple[Row, ...]
    next: Cursor | None


def search(
    connection: apsw.Connection,
    tree: Node,
    *,
    order: str = "best",
    limit: int = 50,
    after: Cursor | None = None,
    context: SearchContext | None = None,
) -> Page:
    """One page of at most `limit` rows (1 to 10,000).

    Raises QueryError for a search by meaning that cannot be answered, a cursor of another search,
    and an unknown order.
    """
    if order not in ORDERS:
        raise QueryError(f"there is no order '{order}'", f"the orders are: {', '.join(ORDERS)}")
    limit = min(max(limit, 1), LARGEST_PAGE)
    context = _complete(connection, tree, context)
    statement = to_sql(tree, context)
    mark = mark_of(tree, order)
    if after is not None and after.mark != mark:
        raise QueryError("the next page belongs to another search", "search again")
    way = after.way if after is not None else _way(connection, statement, order)
    rows = _rows(connection, statement, context, way, after, limit + 1)
    page = tuple(Row(row[0], _score(way, row[1])) for row in rows[:limit])
    if len(rows) <= limit:
        return Page(page, None)
    return Page(page, Cursor(way, tuple(rows[limit - 1][1:]), mark))


def count(
    connection: apsw.Connection,
    tree: Node,
    context: SearchContext | None = None,
    most: int = 10_000,
) -> int:
    """How many assets a tree finds; counting stops at `most`. Raises QueryError."""
    context = _complete(connection, tree, context)
    statement = to_sql(tree, context)
    source, bindings = _source(connection, statement, context)
    found = connection.execute(
        f"SELECT count(*) FROM (SELECT a.id FROM {source} LIMIT ?)", (*bindings, max(most, 0))
    ).get
    return int(found)


def plan(connection: apsw.Connection, tree: Node, order: str, context: SearchContext) -> list[str]:
    """How SQLite goes about the first page: the lines of EXPLAIN QUERY PLAN."""
    context = _complete(connection, tree, context)
    statement = to_sql(tree, context)
    way = _way(connection, statement, order)
    sql, bindings = _select(connection, statement, context, way, None, 51)
    return [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", bindings)]


def _complete(
    connection: apsw.Connection, tree: Node, context: SearchContext | None
) -> SearchContext:
    context = context or SearchContext()
    spellings = spellings_of(connection, tree)
    return replace(context, spellings=spellings) if spellings else context


def _way(connection: apsw.Connection, statement: Statement, order: str) -> str:
    if order != "best":
        return order
    if statement.near is not None:
        return "near"
    if statement.match is None:
        return "id"
    hits = connection.execute(
        "SELECT count(*) FROM (SELECT 1 FROM words WHERE words MATCH ? LIMIT ?)",
        (statement.match, MOST_RANKED + 1),
    ).get
    return "rank" if hits <= MOST_RANKED else "id"


def _source(
    connection: apsw.Connection, statement: Statement, context: SearchContext
) -> tuple[str, list[Binding]]:
    """FROM and WHERE, and what is bound there."""
    where = f"WHERE {statement.where}"
    if statement.near is not None:
        source = TEXT_NEAR if isinstance(statement.near, Like) else LOOK_NEAR
        found = candidates(connection, statement.near, context)
        return f"{source} {where}", [found, *statement.where_bindings]
    if statement.match is not None:
        bindings = [statement.match, *statement.where_bindings]
        return f"{WORDS_SOURCE} WHERE words MATCH ? AND {statement.where}", bindings
    return f"asset a {where}", list(statement.where_bindings)


def _select(
    connection: apsw.Connection,
    statement: Statement,
    context: SearchContext,
    way: str,
    after: Cursor | None,
    limit: int,
) -> tuple[str, list[Binding]]:
    source, bindings = _source(connection, statement, context)
    keys, largest_first = _KEYS[way]
    if way == "id" and statement.match is not None:
        keys = ("words.rowid",)  # FTS5 goes on from there by itself
    joined = ", ".join(keys)
    if after is not None:
        source += f" AND ({joined}) {'<' if largest_first else '>'} ({', '.join('?' * len(keys))})"
        bindings += after.key
    ordered = ", ".join(f"{key} DESC" if largest_first else key for key in keys)
    sql = f"SELECT a.id, {joined} FROM {source} ORDER BY {ordered} LIMIT ?"
    return sql, [*bindings, limit]


def _rows(
    connection: apsw.Connection,
    statement: Statement,
    context: SearchContext,
    way: str,
    after: Cursor | None,
    limit: int,
) -> list[tuple[Any, ...]]:
    if (way == "near" and statement.near is None) or (way == "rank" and statement.match is None):
        raise QueryError("the next page belongs to another search", "search again")
    sql, bindings = _select(connection, statement, context, way, after, limit)
    return connection.execute(sql, bindings).fetchall()


def _score(way: str, key: Binding) -> float:
    if not isinstance(key, int | float):
        return 0.0
    return {"near": -key / SCALE, "rank": -key}.get(way, 0.0)


def mark_of(tree: Node, order: str) -> str:
    """What the cursors of a search carry, to know their own."""
    query = f"{order}\n{to_text(tree)}".encode("utf-8", "replace")
    return hashlib.blake2b(query, digest_size=6).hexdigest()


def _key_part(part: object) -> Binding:
    if isinstance(part, dict):
        return base64.b64decode(part["b"], validate=True)
    if isinstance(part, str):
        part.encode("utf-8")  # a lone surrogate is a ValueError
        return part
    if isinstance(part, bool) or not isinstance(part, int | float):
        raise ValueError("no key")
    if not math.isfinite(part) or abs(part) >= 1 << 63:
        raise ValueError("out of range")
    return part
