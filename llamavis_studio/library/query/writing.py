"""A tree written as a query again: `parse(to_text(tree))` is equal to the tree."""

from __future__ import annotations

import re
from decimal import Decimal

from llamavis_studio.library.query.tree import (
    And,
    Base,
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
    field_of,
)

_PLAIN = re.compile(r"[\w./*?#-]+")


def to_text(node: Node) -> str:
    """The query of a tree, in its plainest form."""
    return _Writer().visit(node)


class _Writer(Visitor[str]):
    def everything(self, node: Everything) -> str:
        return ""

    def text(self, node: Text) -> str:
        field = f"{field_of(node)}:" if node.column else ""
        match node.how:
            case "phrase":
                return field + _quoted(node.text)
            case "near":
                return f"{field}{node.text}~"
            case "part":
                return f"{field}*{node.text}*"
        return field + node.text

    def field(self, node: Field) -> str:
        return f"{node.name}:{_value(node.value)}"

    def number(self, node: Number) -> str:
        value = number_text(node.value)
        if node.operator == ".." and node.upper is not None:
            return f"{node.name}:{value}..{number_text(node.upper)}"
        return f"{node.name}:{'' if node.operator == '=' else node.operator}{value}"

    def size(self, node: Size) -> str:
        return f"size:{node.width}x{node.height}"

    def colour(self, node: Colour) -> str:
        distance = "" if node.distance is None else f"~{number_text(node.distance)}"
        return f"color:#{node.rgb:06x}{distance}"

    def near(self, node: Like | Similar) -> str:
        if isinstance(node, Like):
            return f"like:{_value(node.text)}"
        return f"similar:{_value(node.path)}"

    def all(self, node: And) -> str:
        return " ".join(self._inside(part, Or) for part in node.parts)

    def any(self, node: Or) -> str:
        return " OR ".join(map(self.visit, node.parts))

    def negation(self, node: Not) -> str:
        return f"NOT {self._inside(node.part, (And, Or))}"

    def _inside(self, node: Node, looser: type[Base] | tuple[type[Base], ...]) -> str:
        written = self.visit(node)
        return f"({written})" if isinstance(node, looser) else written


def number_text(value: float) -> str:
    """A number in digits, never with an exponent."""
    text = format(Decimal(repr(value)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _value(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else _quoted(text)


def _quoted(text: str) -> str:
    return '"' + re.sub(r'([\\"“”„])', r"\\\1", text) + '"'
