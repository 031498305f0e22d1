from __future__ import annotations

import numpy as np
import pytest

from llamavis_studio.model.train.augment import mirrored, recoloured
from llamavis_studio.model.train.captions import captions_for, hypernym
from llamavis_studio.model.train.chinese import translate
from llamavis_studio.model.train.tiles import clean, rewrite
from llamavis_studio.model.train.words import article, has_colour, join
from tests.model.train.conftest import box

RED = box(4, 28, 4, 28, (200, 30, 30))


@pytest.mark.parametrize(
    ("phrase", "said"),
    [
        ("red dragon", "a red dragon"),
        ("orange robe", "an orange robe"),
        ("unicorn", "a unicorn"),
        ("plate armour", "plate armour"),
        ("brown boots", "brown boots"),
        ("white dress", "a white dress"),
        ("naga with blue scales", "a naga with blue scales"),
    ],
)
def test_articles(phrase: str, said: str) -> None:
    assert article(phrase) == said


def test_joining_words() -> None:
    assert (join(["a"]), join(["a", "b"]), join(["a", "b", "c"])) == ("a", "a and b", "a, b and c")


def test_the_canonical_caption_adds_the_measured_colour_once() -> None:
    assert captions_for("dragon", "creature", RED)[0] == "red dragon"
    assert captions_for("golden dragon", "creature", RED)[0] == "golden dragon"
    assert captions_for("king", "creature", RED, coloured=False)[0] == "king"


def test_captions_are_several_and_different() -> None:
    captions = captions_for("stone wall", "texture", RED)
    assert len(captions) == len(set(captions)) >= 3


def test_hypernyms_belong_to_the_head_of_the_name() -> None:
    assert hypernym("black mamba") == "snake"
    assert hypernym("elephant slug") == ""


def test_file_names_become_words() -> None:
    assert clean("Kraken_Tentacle-03") == "kraken tentacle"
    assert rewrite("kraken tentacle segment n se") == "kraken tentacle segment"
    assert rewrite("simulacrum bear") == "ice bear"


def test_recolouring_exchanges_the_colour_word() -> None:
    changed = recoloured(RED, "red dragon", "creature", np.random.default_rng(0))
    assert changed is not None
    pixels, captions, bare = changed
    assert bare == "dragon"
    assert captions[0].endswith(" dragon") and "red" not in captions[0].split()
    assert has_colour(captions[0])
    assert (pixels != RED).any()


@pytest.mark.parametrize("phrase", ["fire elemental", "gold coins", "red apple", "zombie rat"])
def test_what_is_known_by_its_colour_keeps_it(phrase: str) -> None:
    assert recoloured(RED, phrase, "creature", np.random.default_rng(0)) is None


def test_writing_is_not_mirrored() -> None:
    assert mirrored(RED, "spell book") is None
    flipped = mirrored(RED, "dragon")
    assert flipped is not None and (flipped == RED[:, ::-1]).all()


def test_chinese_of_parts() -> None:
    assert translate("dark blue robe with gold trim") == "深蓝色长袍"
    assert translate("long blond hair") == "金色长头发"
    assert translate("unheard-of thing") == ""
