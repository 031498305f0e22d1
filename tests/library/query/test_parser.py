"""The grammar: what queries mean, how they are written again, where errors point."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from llamavis_studio.library.query.errors import QueryError
from llamavis_studio.library.query.fields import FIELDS, FLAGS, FORMATS, KINDS, Shape
from llamavis_studio.library.query.parser import DEEPEST, MOST_CHARACTERS, MOST_TERMS, parse
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
    all_of,
    any_of,
    meanings,
    pictures,
)
from llamavis_studio.library.query.writing import to_text


def word(text: str) -> Text:
    return Text(text)


A, B, C = map(word, "abc")


@pytest.mark.parametrize(
    ("query", "tree"),
    [
        ("", Everything()),
        (" \t\u3000 - & ", Everything()),
        ("a b", And((A, B))),
        ("a AND b", And((A, B))),
        ("a and b", And((A, word("and"), B))),
        ("a OR b c", Or((A, And((B, C))))),
        ("NOT a b OR c", Or((And((Not(A), B)), C))),
        ("-a !b NOT -c", And((Not(A), Not(B), Not(Not(C))))),
        ("-(a OR b)", Not(Or((A, B)))),
        ("((a) (b c))", And((A, B, C))),
        ("（a OR b）", Or((A, B))),
        ("dungeon & dragon - x", And((word("dungeon"), word("dragon"), word("x")))),
        ("kni* a-b", And((word("kni"), word("a-b")))),
        ('"a \\"b\\" \\\\"', Text('a "b" \\', "phrase")),
        ("“石墙”", Text("石墙", "phrase")),
        ("kinght~ *ight*", And((Text("kinght", "near"), Text("ight", "part")))),
        ("12:30", word("12:30")),
        ("TAG:Stone", Field("tag", "Stone")),
        ('tag:a,"b c"', Or((Field("tag", "a"), Field("tag", "b c")))),
        ("标签：石,墙", Or((Field("tag", "石"), Field("tag", "墙")))),
        ("text:stone", Text("stone", "word", "caption")),
        ('name:"a b",*xyz*', Or((Text("a b", "phrase", "name"), Text("xyz", "part", "name")))),
        (
            "kind:Base-Color format:.JPG",
            And((Field("kind", "base_color"), Field("format", "jpeg"))),
        ),
        ("size:>=64", Number("size", ">=", 64)),
        ("size:32X32 size:32×16", And((Size(32, 32), Size(32, 16)))),
        ("width:16..64 height:=8", And((Number("width", "..", 16, 64), Number("height", "=", 8)))),
        ("confidence:<.5", Number("confidence", "<", 0.5)),
        ("color:#842", Colour(0x884422)),
        ("colour:884422~0.1", Colour(0x884422, 0.1)),
        ("颜色:棕色", Colour(0x7B4A21)),
        ('color:"Sky Blue"', Colour(0x87CEEB)),
        ('like:"stone wall" 石', And((Like("stone wall"), word("石")))),
        ("similar:art/hero.png", Similar("art/hero.png")),
        ('root:""', Field("root", "")),
        ("AND*", word("and")),
    ],
)
def test_queries_mean(query: str, tree: Node) -> None:
    assert parse(query) == tree
    assert parse(to_text(tree)) == tree


@pytest.mark.parametrize(
    ("query", "place", "message", "hint"),
    [
        ("a colr:red", "colr:", "no field 'colr:'", "'color'"),
        ("x is:duplicat", "duplicat", "no value 'duplicat'", "'duplicate'"),
        ("state:stall", "stall", "no value", "'stale'"),
        ("kind:textur,x", "textur", "no value", "'texture'"),
        ("used: yes", "used:", "has no value", "right behind"),
        ('tag:""', '""', "has no value", "tag:stone"),
        ("tag:a,", "tag:a,", "has no value", "right behind"),
        ("(a b", "(", "not closed", ")"),
        ("a) b", ")", "closes nothing", "leave it out"),
        ("a ()", "(", "nothing in the parentheses", ""),
        ("a OR", "OR", "nothing behind", "lower case"),
        ("a AND OR b", "AND", "nothing behind", ""),
        ("OR a", "OR", "nothing before", ""),
        ("a (NOT)", "NOT", "nothing behind", ""),
        ('a "b c', '"', "does not end", '"'),
        ("a *ab*", "*ab*", "3 characters", "first star"),
        ("*石墙*", "*石墙*", "3 characters", "石墙 without stars"),
        ("**", "**", "3 characters", ""),
        ("a 🐉", "🐉", "nothing to search for", "letters"),
        ('"?!"', '"?!"', "nothing to search for", ""),
        ("size:big", "big", "no number", "32x32"),
        ("width:1e5", "1e5", "cannot be compared", "16..64"),
        ("width:64..16", "64..16", "empty", "16..64"),
        ("width:1.5", "1.5", "whole number", ""),
        ("confidence:2", "2", "0 to 1", ""),
        ("color:#12345", "#12345", "no colour", "six digits"),
        ("color:brwn", "brwn", "no colour", "'brown'"),
        ("color:red~9", "red~9", "distance", "0.5"),
        ("a -like:b", "b", "cannot stand under NOT or OR", "whole query"),
        ("a OR (c similar:b)", "b", "cannot stand under NOT or OR", ""),
        ("like:a similar:b", "b", "one like: or similar:", ""),
        ("like:a,b", "a", "one value", "quotes"),
    ],
)
def test_errors_point_at_the_place(query: str, place: str, message: str, hint: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(query)
    error = caught.value
    assert query[error.position : error.position + error.length] == place
    assert message in error.message and hint in error.hint
    assert error.query == query


def test_the_caret_stands_under_wide_characters() -> None:
    with pytest.raises(QueryError) as caught:
        parse("石墙 a\n kind:石头 b")
    assert caught.value.pointed() == "石墙 a  kind:石头 b\n             ^^^^"
    with pytest.raises(QueryError) as caught:
        parse("word " * 60 + "colr:red " + "word " * 60)
    line, caret = caught.value.pointed().split("\n")
    assert len(line) < 100 and line[caret.index("^") :].startswith("colr:")
    assert caret.count("^") == len("colr:")


def test_limits_are_errors() -> None:
    parse("a" * MOST_CHARACTERS)
    parse("(" * DEEPEST + "a" + ")" * DEEPEST)
    parse(" ".join("a" * MOST_TERMS))
    for query, reason in (
        ("a" * (MOST_CHARACTERS + 1), "characters"),
        ("(" * 100_000, "characters"),
        ("(" * 3000, "deep"),
        ("-" * 3000 + "a", "deep"),
        ("(" * (DEEPEST + 1) + "a" + ")" * (DEEPEST + 1), "deep"),
        ("NOT " * (DEEPEST + 1) + "a", "deep"),
        (" ".join("a" * (MOST_TERMS + 1)), "terms"),
        ("tag:" + ",".join("a" * (MOST_TERMS + 1)), "terms"),
    ):
        with pytest.raises(QueryError, match=reason) as caught:
            parse(query)
        assert 0 <= caught.value.position < len(query)
        assert caught.value.pointed().count("\n") == 1


PIECES = st.sampled_from(
    ["(", ")", '"', " ", "-", "!", "*", "~", ":", ",", "..", "<", ">=", "AND", "OR", "NOT", "\\"]
    + ["tag:", "size:", "color:", "is:", "like:", "石", "墙", "a", "b2", "#12", "0.5", "\x00", "“"]
    + ["\ud800", "；", "'", "{", "^", "+", "NEAR(", "；--", "used:", "path:", "（", "：", "🐉", "é"]
)


@given(st.one_of(st.lists(PIECES, max_size=12).map("".join), st.text(max_size=30)))
@example("name:(a)")
@example('a"b"c')
def test_any_text_is_a_tree_or_an_error_at_a_place_in_it(query: str) -> None:
    outcome: Node | QueryError
    try:
        outcome = parse(query)
    except QueryError as error:
        outcome = error
    if isinstance(outcome, QueryError):
        assert 0 <= outcome.position < len(query)
        assert 1 <= outcome.length <= len(query) - outcome.position
        assert outcome.message and outcome.hint and outcome.pointed().count("\n") == 1
    else:
        assert parse(to_text(outcome)) == outcome


LETTERS = st.text("abcXYZ019éß石墙ナ기._'/", min_size=1, max_size=8).filter(
    lambda text: any(map(str.isalnum, text))
)
ANY = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
VALUES = ANY.filter(str.strip)
SHARES = st.floats(0, 1, allow_subnormal=False).map(lambda share: round(share, 6))
SIDES = st.integers(0, 99_999)
COMPARED = st.sampled_from(["<", "<=", "=", ">=", ">"])
CHOICES = [(rule.name, choice) for rule in FIELDS for choice in rule.choices]
TEXTS = [rule.name for rule in FIELDS if rule.shape in (Shape.TEXT, Shape.PATH)]
COLUMNS = st.sampled_from(["", "name", "caption"])
LEAVES = st.one_of(
    st.builds(Text, LETTERS, st.sampled_from(["word", "near"]), COLUMNS),
    st.builds(Text, ANY.map(lambda text: f"{text}a"), st.just("phrase"), COLUMNS),
    st.builds(Text, LETTERS.map(lambda text: f"ab{text}"), st.just("part"), COLUMNS),
    st.builds(Field, st.sampled_from(TEXTS), VALUES),
    st.sampled_from(CHOICES).map(lambda pair: Field(*pair)),
    st.builds(Number, st.sampled_from(["size", "width", "height", "frames"]), COMPARED, SIDES),
    st.builds(Number, st.just("confidence"), COMPARED, SHARES),
    st.tuples(SIDES, SIDES).map(lambda ends: Number("width", "..", min(ends), max(ends))),
    st.builds(Size, SIDES, SIDES),
    st.builds(Colour, st.integers(0, 0xFFFFFF), st.sampled_from([None, 0.0001, 0.1, 0.25, 0.5])),
)
TREES = st.recursive(
    LEAVES,
    lambda below: st.one_of(
        st.lists(below, min_size=2, max_size=4).map(all_of),
        st.lists(below, min_size=2, max_size=4).map(any_of),
        st.builds(Not, below),
    ),
    max_leaves=12,
)


@given(TREES, st.none() | st.builds(Like, VALUES) | st.builds(Similar, VALUES))
def test_what_is_written_is_read_as_the_same(tree: Node, near: Like | Similar | None) -> None:
    if near is not None:
        tree = all_of([near, tree])
    assert parse(to_text(tree)) == tree


def test_a_tree_says_what_it_uses() -> None:
    tree = parse('a like:"stone wall" (size:>3 OR -state:stale) name:x')
    assert [tree.uses(name) for name in ("like", "size", "state", "name")] == [True] * 4
    assert not tree.uses("tag") and not tree.uses("text")
    assert meanings(tree) == ("stone wall",) and pictures(tree) == ()
    assert pictures(parse("similar:a.png")) == ("a.png",)


def test_every_field_has_an_example_that_is_a_query() -> None:
    for rule in FIELDS:
        assert parse(rule.example).uses(rule.name), rule
    assert {"duplicate", "group"} <= set(FLAGS) and "png" in FORMATS and "sprite" in KINDS
