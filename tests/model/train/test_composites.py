from __future__ import annotations

import numpy as np

from llamavis_studio.model.train.composites import compose, describe, render
from llamavis_studio.model.train.parts import Part, stack
from tests.model.train.conftest import box

BASE = Part("base", "elf_m", "elf", "", box(4, 30, 12, 20, (220, 180, 150)), "legged", (), "精灵")
ROBE = Part("body", "robe_green", "{c} robe", "green", box(12, 30, 11, 21, (30, 140, 40)))
LEGS = Part("legs", "pants_red", "{c} trousers", "red", box(20, 28, 13, 19, (200, 20, 20)))
BOW = Part("hand1", "bow", "bow", "", box(2, 30, 6, 9, (120, 90, 60)))
HAIR = Part("hair", "long_yellow", "long {c} hair", "blond", box(4, 8, 12, 20, (240, 220, 60)))


def test_hidden_parts_are_not_described() -> None:
    made = render([BASE, LEGS, ROBE, BOW, HAIR], "train", np.random.default_rng(3))
    text = " ".join(made.captions)
    assert "trousers" not in text
    assert "green robe" in text and "bow" in text and "long blond hair" in text


def test_parts_stack_in_the_order_of_the_wardrobe() -> None:
    picture, visible = stack([HAIR, ROBE, LEGS, BASE])
    assert tuple(picture[24, 16]) == (30, 140, 40, 255)
    assert visible == [1.0, 1.0, 0.0, visible[3]]
    assert 0.0 < visible[3] < 1.0


def test_the_canonical_sentence_is_natural() -> None:
    seen = {p.category: p for p in (ROBE, BOW, HAIR)}
    first = describe(BASE, seen, np.random.default_rng(1))[0]
    assert first.removeprefix("male ") == "elf with long blond hair in a green robe holding a bow"


def test_chinese_says_the_same() -> None:
    made = render([BASE, ROBE, BOW, HAIR], "train", np.random.default_rng(0))
    assert made.captions_zh[0] == "金色长头发的男精灵，穿着绿色长袍，手持弓"


def test_painting_a_part_changes_word_and_pixels() -> None:
    red = ROBE.painted("red")
    assert red.phrase == "red robe"
    assert red.pixels[20, 16, 0] > red.pixels[20, 16, 1]


def test_pairs_differ_in_one_thing_only() -> None:
    wardrobe = {
        "base": [BASE], "body": [ROBE], "hand1": [BOW], "hair": [HAIR], "legs": [LEGS],
        "wings": [], "cloak": [], "boots": [], "gloves": [], "hand2": [], "beard": [], "head": [],
    }  # fmt: skip
    made = list(compose(wardrobe, 40, np.random.default_rng(5)))
    assert len(made) == 40
    changed = [
        (a.pixels != b.pixels).any(-1).mean()
        for a, b in zip(made[::2], made[1::2], strict=True)
        if a.split == "train"
    ]
    assert changed and float(np.mean(changed)) < 0.25
    assert any(share > 0 for share in changed)
