"""What a query means, as a tree of frozen values; `Visitor` is how it is turned into other things.

A node's `at` is its place in the query's text, (position, length); nodes that mean the same are
equal wherever they stand. `And` and `Or` never hold one of their own sort: build with `all_of` and
`any_of`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar, assert_never

Span = tuple[int, int]
Operator = Literal["<", "<=", "=", ">=", ">", ".."]
Manner = Literal["word", "phrase", "near", "part"]
Result = TypeVar("Result")


@dataclass(frozen=True)
class Base:
    """What all nodes have."""

    at: Span = field(default=(0, 0), compare=False, kw_only=True)

    def uses(self, name: str) -> bool:
        """Whether a field of this name, `like` and `similar` included, is anywhere in the tree."""
        return any(field_of(node) == name for node in leaves(self))


@dataclass(frozen=True)
class Everything(Base):
    """The empty query."""


@dataclass(frozen=True)
class Text(Base):
    """Words: one `word` or its beginning, an exact `phrase`, a word spelt `near`ly so, or any
    `part` of a word. `column` is "name" or "caption", or empty for all.
    """

    text: str
    how: Manner = "word"
    column: str = ""


@dataclass(frozen=True)
class Field(Base):
    """A field with a text, as `tag:stone`; names and choices are those of `fields.FIELDS`."""

    name: str
    value: str


@dataclass(frozen=True)
class Number(Base):
    """A field compared with a number; `upper` is the end of a range `..`, and belongs to it."""

    name: str
    operator: Operator
    value: float
    upper: float | None = None


@dataclass(frozen=True)
class Size(Base):
    """Exactly this size in pixels."""

    width: int
    height: int


@dataclass(frozen=True)
class Colour(Base):
    """A main colour near 0xRRGGBB (sRGB), at most `distance` (OKLab) away; None: as usual."""

    rgb: int
    distance: float | None = None


@dataclass(frozen=True)
class Like(Base):
    """Search by meaning."""

    text: str


@dataclass(frozen=True)
class Similar(Base):
    """Search by look: the path of a picture."""

    path: str


@dataclass(frozen=True)
class And(Base):
    """All of two and more."""

    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Or(Base):
    """Any of two and more."""

    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Not(Base):
    """Everything else."""

    part: Node


Node = Everything | Text | Field | Number | Size | Colour | Like | Similar | And | Or | Not


class Visitor(ABC, Generic[Result]):
    """One method a sort of node; `visit` finds the right one."""

    def visit(self, node: Node) -> Result:
        """The result for a node; how it treats what is below is the method's affair."""
        match node:
            case Everything():
                return self.everything(node)
            case Text():
                return self.text(node)
            case Field():
                return self.field(node)
            case Number():
                return self.number(node)
            case Size():
                return self.size(node)
            case Colour():
                return self.colour(node)
            case Like() | Similar():
                return self.near(node)
            case And():
                return self.all(node)
            case Or():
                return self.any(node)
            case Not():
                return self.negation(node)
            case _:
                assert_never(node)

    @abstractmethod
    def everything(self, node: Everything) -> Result: ...
    @abstractmethod
    def text(self, node: Text) -> Result: ...
    @abstractmethod
    def field(self, node: Field) -> Result: ...
    @abstractmethod
    def number(self, node: Number) -> Result: ...
    @abstractmethod
    def size(self, node: Size) -> Result: ...
    @abstractmethod
    def colour(self, node: Colour) -> Result: ...
    @abstractmethod
    def near(self, node: Like | Similar) -> Result: ...
    @abstractmethod
    def all(self, node: And) -> Result: ...
    @abstractmethod
    def any(self, node: Or) -> Result: ...
    @abstractmethod
    def negation(self, node: Not) -> Result: ...


def all_of(nodes: Iterable[Node]) -> Node:
    """All of them: flat, and a single one stays itself. Of none: everything."""
    parts = [part for node in nodes for part in (node.parts if isinstance(node, And) else (node,))]
    parts = [part for part in parts if not isinstance(part, Everything)]
    if not parts:
        return Everything()
    return parts[0] if len(parts) == 1 else And(tuple(parts), at=_around(parts))


def any_of(nodes: Iterable[Node]) -> Node:
    """Any of one and more: flat, and a single one stays itself."""
    parts = [part for node in nodes for part in (node.parts if isinstance(node, Or) else (node,))]
    return parts[0] if len(parts) == 1 else Or(tuple(parts), at=_around(parts))


def below(node: Base) -> tuple[Node, ...]:
    """The nodes a node is made of."""
    if isinstance(node, And | Or):
        return node.parts
    return (node.part,) if isinstance(node, Not) else ()


def leaves(node: Base) -> Iterator[Base]:
    """The nodes that are made of no others, from left to right."""
    parts = below(node)
    if not parts:
        yield node
    for part in parts:
        yield from leaves(part)


def field_of(node: Base) -> str:
    """The name of the field a leaf asks for, or an empty text."""
    match node:
        case Field() | Number():
            return node.name
        case Text():
            return {"caption": "text", "name": "name"}.get(node.column, "")
        case Size():
            return "size"
        case Colour():
            return "color"
        case Like():
            return "like"
        case Similar():
            return "similar"
    return ""


def meanings(tree: Node) -> tuple[str, ...]:
    """The texts whose vectors a search needs."""
    return tuple(dict.fromkeys(leaf.text for leaf in leaves(tree) if isinstance(leaf, Like)))


def pictures(tree: Node) -> tuple[str, ...]:
    """The paths of the pictures whose vectors a search needs."""
    return tuple(dict.fromkeys(leaf.path for leaf in leaves(tree) if isinstance(leaf, Similar)))


def by_meaning(tree: Node) -> tuple[str, Node | None]:
    """The words of a query, and the same query that asks for their meaning instead; None where it
    has no plain words, or they stand under OR or NOT.
    """
    parts = tree.parts if isinstance(tree, And) else (tree,)
    words = [one for one in parts if isinstance(one, Text) and one.how in ("word", "phrase")]
    words = [one for one in words if not one.column]
    if not words or any(isinstance(leaf, Like | Similar) for leaf in leaves(tree)):
        return "", None
    text = " ".join(one.text for one in words)
    return text, all_of([Like(text, at=words[0].at), *(one for one in parts if one not in words)])


def misplaced(tree: Node) -> tuple[Like | Similar, str] | None:
    """The first search by meaning or look that cannot be answered, and why: there may be one, as a
    condition of the whole query.
    """
    seen = False
    parts = tree.parts if isinstance(tree, And) else (tree,)
    for part in parts:
        if isinstance(part, Like | Similar):
            if seen:
                return part, "there is one like: or similar: already"
            seen = True
            continue
        for leaf in leaves(part):
            if isinstance(leaf, Like | Similar):
                return leaf, f"{field_of(leaf)}: cannot stand under NOT or OR"
    return None


def _around(parts: list[Node]) -> Span:
    start = min(part.at[0] for part in parts)
    return start, max(sum(part.at) for part in parts) - start
