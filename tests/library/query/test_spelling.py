"""Near spellings, and what is searched instead of words that are nowhere."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from llamavis_studio.library.query.parser import parse
from llamavis_studio.library.query.search import search
from llamavis_studio.library.query.spelling import (
    MOST_TERMS,
    explain_change,
    near_terms,
    suggestions,
)
from llamavis_studio.library.query.writing import to_text
from tests.library.query.small_library import SmallLibrary, opened


@pytest.fixture
def library() -> Iterator[SmallLibrary]:
    for library in opened():
        library.add("knight.png", caption="a knight on a stone wall", tags=["hero"])
        library.add("night.png", caption="stone café 石墙", tags=["night sky"])
        library.add("12345.png", caption="knights")
        yield library


@pytest.mark.parametrize(
    ("word", "terms"),
    [
        ("kinght", ("knight", "knights", "night")),
        ("Knight", ("knight", "knights", "night")),
        ("stne", ("stone",)),
        ("cafe", ("cafe",)),
        ("cafés", ("cafe",)),
        ("xyzzy", ()),
        ("石墙", ()),
        ("12346", ()),
        ("on", ()),
        ("a" * 3000, ()),
        ("\ud800\x00", ()),
    ],
)
def test_terms_near_a_word(library: SmallLibrary, word: str, terms: tuple[str, ...]) -> None:
    assert near_terms(library.connection, word) == terms


def test_near_terms_are_bounded(library: SmallLibrary) -> None:
    library.index(1000, "", [" ".join(f"dragon{chr(97 + n)}" for n in range(26))], [])
    assert len(near_terms(library.connection, "dragonz")) == MOST_TERMS


@pytest.mark.parametrize(
    ("query", "better", "change"),
    [
        ("kinght", "knight OR knights OR night", "no 'kinght': searched knight, knights, night"),
        ("stne kind:icon", "stone kind:icon", "no 'stne': searched stone"),
        ('"stne wall"', '"stone wall"', "no 'stne wall': searched stone wall"),
        # "wal" begins a word that is known.
        ("stne OR wal -xyzzy", "stone OR wal NOT xyzzy", "no 'stne': searched stone"),
        ("name:nihgt,sotne wall", "(name:night OR name:stone) wall",
         "no 'nihgt': searched night; no 'sotne': searched stone"),
        ("tag:heroo", "tag:hero", "no 'tag:heroo': searched tag:hero"),
    ],
)  # fmt: skip
def test_unknown_words_are_replaced(
    library: SmallLibrary, query: str, better: str, change: str
) -> None:
    found = suggestions(library.connection, parse(query))
    assert found is not None
    assert (to_text(found.tree), found.change) == (better, change)
    assert explain_change(parse(query), found.tree) == change


def test_what_is_suggested_finds(library: SmallLibrary) -> None:
    tree = parse("stne kinght")
    assert not search(library.connection, tree).rows
    found = suggestions(library.connection, tree)
    assert found is not None and search(library.connection, found.tree).rows


@pytest.mark.parametrize(
    "query", ["", "kni", "knight wood -x kind:icon", "石墙", "墙石", "xyzzy", "tag:hero", "*ngh*",
              "-kinght"]
)  # fmt: skip
def test_nothing_to_suggest(library: SmallLibrary, query: str) -> None:
    if "wood" in query:
        library.index(1000, "", ["wood"], [])
    assert suggestions(library.connection, parse(query)) is None
