"""Sentences, lists and pictures of captioners, without any model."""

from __future__ import annotations

import math

import numpy as np
import pytest

from llamavis_studio.backends.captioner.families import FAMILIES, Ask, family_of
from llamavis_studio.backends.captioner.pictures import is_empty, on_background, prepared
from llamavis_studio.backends.captioner.spoken import Spoken, spoken
from llamavis_studio.backends.captioner.words import (
    MOST_TAGS,
    content_words,
    kind_of,
    labels_in,
    listed_words,
    tags_of,
)


def said(text: str, p: float = 0.5) -> Spoken:
    """A text whose tokens are its letters, all as sure."""
    spans = tuple((place, place + 1) for place in range(len(text)))
    return Spoken(text, spans, (math.log(p),) * len(text))


def words(found: object) -> list[str]:
    return [name for name, _ in found]  # type: ignore[attr-defined]


def test_tokens_find_their_place_in_the_text_and_silent_ones_do_not_count() -> None:
    pieces = {0: "a", 1: " red", 2: " dra", 3: "gon", 9: ""}
    heard = spoken(
        [9, 0, 1, 2, 3, 9],
        [math.log(p) for p in (0.01, 0.9, 0.5, 0.8, 0.2, 0.01)],
        lambda ids: "".join(pieces[one] for one in ids),
    )
    assert heard.text == "a red dragon"
    assert heard.spans == ((0, 1), (1, 5), (5, 9), (9, 12))
    assert heard.confidence == pytest.approx((0.9 * 0.5 * 0.8 * 0.2) ** 0.25)
    # A word of two tokens: their mean. One of one token: its own.
    assert dict(content_words(heard)) == pytest.approx({"red": 0.5, "dragon": (0.8 * 0.2) ** 0.5})
    assert Spoken("").confidence == 0.0


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("A red dragon sitting on a golden throne.", ["red", "dragon", "golden", "throne"]),
        ("there is a sword on a white background", ["sword"]),
        ("The knight's shield, in front of a dark blue background", ["knight", "shield"]),
        ("a pixel art image of an elf-archer with a bow", ["elf-archer", "bow"]),
        ("a dog<loc_12> and </s> of <unk>", ["dog"]),
        ("一条红龙。", ["一条红龙"]),
        ("İstanbul by night", ["İstanbul", "night"]),
        ("it is what it is", []),
        ("", []),
    ],
)
def test_words_that_say_something(text: str, wanted: list[str]) -> None:
    assert words(content_words(said(text))) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Red dragon, cave, gold", ["red dragon", "cave", "gold"]),
        ("1. sword\n2. rusty blade\n- hilt", ["sword", "rusty blade", "hilt"]),
        ('"potion"; *glass* | cork.', ["potion", "glass", "cork"]),
        ("红龙、山洞，金币", ["红龙", "山洞", "金币"]),
        ("Tags: knight, sword", ["knight", "sword"]),
        ("The image shows a small green slime in a cave", ["green", "slime", "cave"]),
        (", , image ,", []),
        ("", []),
    ],
)
def test_lists_of_tags(text: str, wanted: list[str]) -> None:
    assert words(listed_words(said(text))) == wanted


def test_a_tag_is_as_sure_as_its_own_tokens() -> None:
    heard = Spoken("red, cave", ((0, 3), (3, 4), (4, 9)), tuple(map(math.log, (0.9, 0.1, 0.4))))
    assert dict(listed_words(heard)) == pytest.approx({"red": 0.9, "cave": 0.4})
    assert [(tag.name, tag.p) for tag in tags_of(list(listed_words(heard)), Spoken(""))] == [
        ("red", 0.9), ("cave", 0.4),
    ]  # fmt: skip


def test_labels_are_found_where_they_were_said() -> None:
    heard = Spoken(
        "dog<loc_1>cat<loc_2>dog", ((0, 3), (3, 10), (10, 13), (13, 20), (20, 23)),
        tuple(map(math.log, (0.9, 0.1, 0.5, 0.1, 0.3))),
    )  # fmt: skip
    found = list(labels_in(heard, ["dog", "cat", "dog", "fish"]))
    assert found == [("dog", pytest.approx(0.9)), ("cat", pytest.approx(0.5)),
                     ("dog", pytest.approx(0.3))]  # fmt: skip


def test_each_tag_once_with_what_it_was_surest_of_and_not_too_many() -> None:
    asked = [("dragon", 0.3), ("red", 0.8), ("dragon", 0.6)]
    tags = tags_of(asked, said("a red dragon breathing fire"))
    assert [(tag.name, tag.p) for tag in tags] == [
        ("dragon", 0.6), ("red", 0.8), ("breathing", 0.5), ("fire", 0.5),
    ]  # fmt: skip
    enough = [(name, 0.5) for name in ("dragon", "fire", "cave")]
    assert [tag.name for tag in tags_of(enough, said("a wizard"))] == ["dragon", "fire", "cave"]
    many = [(f"tag {letter}", 0.5) for letter in "abcdefghijklmnopqrst"]
    assert len(tags_of(many, said(""))) == MOST_TAGS


@pytest.mark.parametrize(
    ("texts", "kind"),
    [
        (["a knight holding a sword"], "character"),
        (["a rusty sword"], "item"),
        (["a pixel art sprite of a potion on a white background"], "item"),
        (["a seamless stone wall"], "texture"),
        (["a mountain landscape at sunset"], "background"),
        (["a green slime"], "sprite"),
        (["brushed metal material"], "material"),
        (["something", "dragon, cave"], "sprite"),
        (["一位骑士拿着剑"], "character"),
        (["红色的药水"], "item"),
    ],
)
def test_the_kind_by_its_first_telling_word(texts: list[str], kind: str) -> None:
    assert kind_of(texts, is_clear=False, size_px=(32, 32)) == kind


@pytest.mark.parametrize(
    ("is_clear", "size_px", "kind"),
    [(True, (64, 32), "sprite"), (False, (64, 32), "background"), (False, (32, 32), "texture")],
)
def test_the_kind_by_its_look_where_no_word_tells(
    is_clear: bool, size_px: tuple[int, int], kind: str
) -> None:
    assert kind_of(["qwertz"], is_clear, size_px) == kind


def test_pixel_art_grows_by_whole_factors_with_hard_edges() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (20, 24, 3), np.uint8)
    image = prepared(pixels, 384, 768, 2.0)
    assert image.size == (24 * 16, 20 * 16)
    assert np.array_equal(np.asarray(image), pixels.repeat(16, axis=0).repeat(16, axis=1))
    # The limit of the options counts too, and what is no pixel art stays as it is.
    assert prepared(pixels, 384, 100, 2.0).size == (96, 80)
    photo = np.random.default_rng(0).integers(0, 256, (200, 300, 3), np.uint8)
    assert np.array_equal(np.asarray(prepared(photo, 384, 768, 2.0)), photo)


@pytest.mark.parametrize(
    ("shape", "size"),
    [
        ((1, 1, 4), (384, 384)), ((3, 4096, 3), (768, 384)), ((4096, 3, 3), (384, 768)),
        ((2000, 1000, 4), (384, 768)), ((1, 128, 3), (384, 192)), ((64, 16, 3), (192, 384)),
    ],
)  # fmt: skip
def test_odd_shapes_get_a_rim_and_large_images_shrink(
    shape: tuple[int, int, int], size: tuple[int, int]
) -> None:
    image = prepared(np.full(shape, 7, np.uint8), 384, 768, 2.0)
    assert image.mode == "RGB"
    assert image.size == size


def test_clear_pixels_become_white_and_light_pictures_lie_on_grey() -> None:
    pixels = np.zeros((4, 4, 4), np.uint8)
    pixels[0, 0] = (200, 30, 30, 255)
    pixels[0, 1] = (0, 0, 0, 128)
    opaque = on_background(pixels)
    assert opaque.shape == (4, 4, 3)
    assert opaque[0, 0].tolist() == [200, 30, 30]
    assert opaque[0, 1].tolist() == [127, 127, 127]
    assert (opaque[1:] == 255).all()
    light = pixels.copy()
    light[:2] = (250, 250, 240, 255)
    assert (on_background(light)[2:] == 128).all()
    assert is_empty(np.full((3, 3, 4), (9, 9, 9, 0), np.uint8))
    assert not is_empty(pixels) and not is_empty(np.zeros((3, 3, 3), np.uint8))


def test_every_architecture_has_one_row_and_unknown_ones_a_way() -> None:
    types = [one for family in FAMILIES for one in family.model_types]
    assert len(types) == len(set(types))
    assert family_of("qwen3_vl", True).languages == ("en", "zh")
    assert family_of("new_thing", True).ask is Ask.CHAT
    assert family_of("new_thing", False).ask is Ask.PLAIN
    assert not family_of("new_thing", False).can_answer
