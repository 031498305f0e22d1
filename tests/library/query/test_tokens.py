"""Words as the index has them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llamavis_studio.library.query.tokens import indexed_text, pieces_of, unsplit_of


@pytest.mark.parametrize(
    ("text", "indexed"),
    [
        ("knight_red_2", "knight red 2 knightred2"),
        ("KnightRed2.png", "knight red 2 png knightred2"),
        ("HTTPServer", "http server httpserver"),
        ("well-known caféRouge", "well known café rouge wellknown caférouge"),
        ("石墙wall", "石 墙 wall"),
        ("騎士ナイト 기사", "騎 士 ナ イ ト 기 사"),
        ("ＫＮＩＧＨＴ １", "knight 1"),
        ("a/b (c)!", "a b c"),
        ("\x00\ud800 🐉 _-", ""),
    ],
)
def test_texts_are_folded(text: str, indexed: str) -> None:
    assert indexed_text(text) == indexed


def test_only_one_word_has_an_unsplit_form() -> None:
    assert unsplit_of("KnightRed") == "knightred"
    assert unsplit_of("knight") == unsplit_of("a KnightRed") == unsplit_of("石墙") == ""


@given(st.text(st.characters(exclude_categories=()), max_size=60))
def test_pieces_are_plain_and_storable(text: str) -> None:
    for piece in indexed_text(text).split(" "):
        piece.encode("utf-8")
        assert not set(piece) & set("\"'*(){}:^+-_ \0")
    assert indexed_text(text).startswith(" ".join(pieces_of(text)))
