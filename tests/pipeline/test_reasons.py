"""Reasons: a person reads them, so they are compared as sentences."""

from __future__ import annotations

import pytest

from llamavis_studio.pipeline.reasons import why_stale, word_changes


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            "a big red dragon",
            "a big blue dragon",
            ["word 3 of the description changed: 'red' -> 'blue'"],
        ),
        ("red dragon", "big red dragon", ["word 1 of the description was added: 'big'"]),
        ("big red dragon", "red dragon", ["word 1 of the description was removed: 'big'"]),
        (
            "a pale old sword",
            "a dark new sword",
            ["words 2-3 of the description changed: 'pale old' -> 'dark new'"],
        ),
        (
            "mossy stone, wet",
            "mossy brick, dry",
            [
                "word 2 of the description changed: 'stone' -> 'brick'",
                "word 3 of the description changed: 'wet' -> 'dry'",
            ],
        ),
        ("stone, wet", "stone wet", ["punctuation of the description changed"]),
        (
            "knight's half-moon axe",
            "knight's half-moon bow",
            ["word 3 of the description changed: 'axe' -> 'bow'"],
        ),
        ("一把红色的剑", "一把蓝色的剑", ["word 3 of the description changed: '红' -> '蓝'"]),
        ("红龙 dragon", "红龙 wyvern", ["word 3 of the description changed: 'dragon' -> 'wyvern'"]),
        ("same", "same", []),
    ],
)
def test_words_are_counted_as_a_reader_counts(old: str, new: str, says: list[str]) -> None:
    assert word_changes(old, new, new) == says


def test_words_of_the_style_are_not_counted() -> None:
    old, new = "dark dungeon red dragon pixel art", "dark dungeon blue dragon pixel art"
    assert word_changes(old, new, "blue dragon") == [
        "word 1 of the description changed: 'red' -> 'blue'"
    ]
    assert word_changes(old, "light dungeon red dragon pixel art", "red dragon") == [
        "the style's words changed"
    ]
    assert word_changes(old, "dark dungeon red dragon in clay", "red dragon") == [
        "the style's words changed"
    ]


def test_many_changes_are_summed_up() -> None:
    changes = word_changes("a b c d e f g h i j", "a 1 c 2 e 3 g 4 i 5", "a 1 c 2 e 3 g 4 i 5")
    assert len(changes) == 4
    assert changes[-1] == "2 more word changes"


def test_a_rewrite_is_quoted_in_short() -> None:
    [change] = word_changes("x " * 100, "y " * 100, "y " * 100)
    assert len(change) < 200
    assert "..." in change


BASE = {
    "prompt": "p",
    "size": [32, 32],
    "seed": 1,
    "palette": None,
    "backend": {"name": "toy", "revision": "1"},
}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"palette": "x"}, "palette changed"),
        ({"seed": 2}, "seed changed: 1 -> 2"),
        ({"size": [64, 32]}, "size changed: 32x32 -> 64x32"),
        ({"backend": {"name": "toy", "revision": "2"}}, "model revision changed"),
        ({"backend": {"name": "big", "revision": "9"}}, "backend changed: toy -> big"),
        ({"sampling": [7.0]}, "sampling settings changed"),
        ({"negative": "text"}, "the negative prompt changed"),
        ({"unheard": 1}, "the way images are built changed"),
        ({"palette": "x", "seed": 2}, "palette changed; seed changed: 1 -> 2"),
    ],
)
def test_everything_else_has_its_phrase(change: dict, says: str) -> None:
    assert why_stale(BASE, {**BASE, **change}, "p") == says
