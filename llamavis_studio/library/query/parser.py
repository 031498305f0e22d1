"""Tokens to a tree, by recursive descent.

    query  := either?
    either := both (OR both)*
    both   := one (AND? one)*
    one    := (NOT | - | !) one | ( either ) | word | "phrase" | field:value,value

So NOT binds closest, then AND, written or not, then OR.
"""

from __future__ import annotations

from typing import NoReturn

from llamavis_studio.core.errors import did_you_mean
from llamavis_studio.library.query.errors import QueryError
from llamavis_studio.library.query.fields import FIELDS, RULES
from llamavis_studio.library.query.lexer import Lexer, Sort, Token
from llamavis_studio.library.query.tokens import storable
from llamavis_studio.library.query.tree import (
    Everything,
    Like,
    Node,
    Not,
    Similar,
    all_of,
    any_of,
    misplaced,
)
from llamavis_studio.library.query.values import Problem, value_node, words_node

MOST_CHARACTERS = 4000
DEEPEST = 50
MOST_TERMS = 200


def parse(text: str) -> Node:
    """The tree of a query; of an empty one, everything.

    Raises:
        QueryError: what is wrong, where, and what was probably meant.
    """
    query = storable(text)
    if len(query) > MOST_CHARACTERS:
        raise QueryError(
            f"the query has {len(query)} characters, the most are {MOST_CHARACTERS}",
            "search for less at once",
            query=query,
            position=MOST_CHARACTERS,
            length=len(query) - MOST_CHARACTERS,
        )
    return _Parser(query).query()


class _Parser:
    def __init__(self, query: str) -> None:
        self._query = query
        self._tokens = Lexer(query).tokens()
        self._at = 0
        self._depth = 0
        self._terms = 0

    def query(self) -> Node:
        if not self._tokens:
            return Everything()
        tree = self._either()
        left = self._peek()
        if left is not None:  # only a closing parenthesis ends `either` early
            self._fail(left, "this parenthesis closes nothing", "leave it out, or open one before")
        wrong = misplaced(tree)
        if wrong is not None:
            node, why = wrong
            self._fail(node.at, why, "make it a condition of the whole query")
        return tree

    def _either(self) -> Node:
        parts = [self._both()]
        while (token := self._peek()) is not None and token.sort is Sort.OR:
            self._at += 1
            self._expect_term(token)
            parts.append(self._both())
        return any_of(parts)

    def _both(self) -> Node:
        parts = [self._one()]
        while (token := self._peek()) is not None and token.sort not in (Sort.OR, Sort.CLOSE):
            if token.sort is Sort.AND:
                self._at += 1
                self._expect_term(token)
            parts.append(self._one())
        return all_of(parts)

    def _one(self) -> Node:
        token = self._tokens[self._at]
        self._at += 1
        match token.sort:
            case Sort.NOT:
                self._expect_term(token)
                return Not(self._deeper(token), at=(token.at, token.length))
            case Sort.OPEN:
                return self._group(token)
            case Sort.WORD | Sort.PHRASE:
                self._count((token.at, token.length))
                return self._read_words(token)
            case Sort.FIELD:
                return self._field(token)
        if token.sort is Sort.CLOSE:
            self._fail(token, "this parenthesis closes nothing", "leave it out, or open one before")
        self._fail(token, f"{token.text} has nothing before it", _LOWER_HINT)

    def _deeper(self, token: Token) -> Node:
        self._depth += 1
        if self._depth > DEEPEST:
            self._fail(token, f"the query is nested over {DEEPEST} deep", "leave out parentheses")
        node = self._either() if token.sort is Sort.OPEN else self._one()
        self._depth -= 1
        return node

    def _group(self, token: Token) -> Node:
        following = self._peek()
        if following is None:
            self._fail(token, "this parenthesis is not closed", "add a ) where it ends")
        if following.sort is Sort.CLOSE:
            self._fail(token, "there is nothing in the parentheses", "leave them out")
        node = self._deeper(token)
        if self._peek() is None:
            self._fail(token, "this parenthesis is not closed", "add a ) where it ends")
        self._at += 1
        return node

    def _field(self, token: Token) -> Node:
        rule = RULES.get(token.text.lower())
        if rule is None:
            names = [rule.name for rule in FIELDS]
            hint = did_you_mean(token.text, names, "fields")
            self._fail(
                token,
                f"there is no field '{token.text}:'",
                f"{hint} (a plain word with a colon goes between quotes)",
            )
        nodes: list[Node] = []
        for value in token.values:
            span = value.at, value.length
            self._count(span)
            try:
                node = value_node(rule, value.text, value.quoted, span)
            except Problem as problem:
                self._fail(span, problem.message, problem.hint)
            if isinstance(node, Like | Similar) and len(token.values) > 1:
                self._fail(span, f"{rule.name}: takes one value", "put it between quotes")
            nodes.append(node)
        return any_of(nodes)

    def _read_words(self, token: Token) -> Node:
        span = token.at, token.length
        try:
            return words_node(token.text, token.sort is Sort.PHRASE, span)
        except Problem as problem:
            self._fail(span, problem.message, problem.hint)

    def _count(self, span: tuple[int, int]) -> None:
        self._terms += 1
        if self._terms > MOST_TERMS:
            self._fail(span, f"the query has over {MOST_TERMS} terms", "search for less at once")

    def _expect_term(self, token: Token) -> None:
        following = self._peek()
        if following is None or following.sort in (Sort.CLOSE, Sort.OR, Sort.AND):
            self._fail(token, f"{token.text} has nothing behind it", _LOWER_HINT)

    def _peek(self) -> Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _fail(self, place: Token | tuple[int, int], message: str, hint: str) -> NoReturn:
        at, length = (place.at, place.length) if isinstance(place, Token) else place
        raise QueryError(message, hint, query=self._query, position=at, length=length)


_LOWER_HINT = "it stands before or between terms; as a word it is written in lower case"
