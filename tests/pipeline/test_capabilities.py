"""What makes up for what a model cannot do: filters, words in the prompt, sentences in the plan."""

from __future__ import annotations

from dataclasses import replace

import pytest

from llamavis_studio.backends.base import BackendInfo, SizeRule
from llamavis_studio.core.recipe import Finish, recipe_for
from llamavis_studio.pipeline.capabilities import (
    ground_words,
    recipe_for_model,
    what_makes_up,
    with_ground,
)
from tests.pipeline.conftest import Game
from tests.support.hd_backend import INFO as HD

OWN = BackendInfo(
    "toy", "toy-model", "abc123", "MIT", can_edit=True, can_tile=True, domain="pixel_art",
    native_size_px=(("sprite", (32, 32)), ("background", (48, 32))),
)  # fmt: skip
WHITE, DARK = "on a plain white background", "on a plain dark grey background"


def names(kind: str, info: BackendInfo, size: tuple[int, int], finish: Finish | None = None):
    recipe = recipe_for(kind) if finish is None else finish.applied_to(recipe_for(kind))
    return [step.name for step in recipe_for_model(recipe, info, size).filters]


def test_for_a_model_of_pixel_art_every_recipe_and_every_key_is_what_it_was(empty_game: Game):
    for kind in ("texture", "sprite", "character", "item", "background", "material"):
        assert recipe_for_model(recipe_for(kind), OWN, (256, 256)) == recipe_for(kind)
    game = empty_game
    game.info = OWN
    game.describe("hero", "red dragon", "seed = 1")
    game.describe("wall", "mossy wall", 'seed = 1\nkind = "texture"\nsize = [256, 256]')
    finish = "[finish]\ncolours = 12\ntrue_pixels = true"
    game.describe("bg", "night", f'seed = 1\nkind = "background"\nnegative = "x"\n{finish}')
    # Written down before there were other models: a build of then is fresh today.
    assert {p.target.output: p.target.build_key[:16] for p in game.plan().targets} == {
        "bg.png": "8de84a508b8d7c62",
        "hero.png": "65c33980732c1474",
        "wall.png": "a37916ac5fc04d0a",
    }
    assert game.plan().makes_up() == ()


def test_a_small_sprite_is_cut_out_and_reduced_square_by_square():
    assert names("sprite", HD, (32, 32)) == [
        "cut_out", "pixel_art", "resize", "hard_alpha", "specks", "colours", "palette", "bleed",
    ]  # fmt: skip
    clear = replace(HD, can_cut_out=True)
    assert names("sprite", clear, (32, 32))[:2] == ["pixel_art", "resize"]
    # Its edges are joined while it is large.
    small = names("texture", HD, (32, 32))
    assert small[:5] == ["seamless", "pixel_art", "resize", "opaque", "seamless"]
    tiling = names("texture", replace(HD, can_tile=True), (32, 32))
    assert tiling[:3] == ["pixel_art", "resize", "opaque"]


def test_a_large_picture_keeps_its_colours_and_soft_edges_unless_asked_otherwise():
    assert names("sprite", HD, (512, 512)) == ["cut_out", "resize", "specks", "palette", "bleed"]
    assert names("sprite", HD, (400, 400))[1] == "fit"
    assert names("texture", HD, (512, 512)) == ["resize", "opaque", "seamless", "palette"]
    asked = names("sprite", HD, (512, 512), Finish(colours=16))
    assert asked == ["cut_out", "resize", "specks", "colours", "palette", "bleed"]
    crisp = names("sprite", HD, (512, 512), Finish(true_pixels=True))
    assert crisp[:4] == ["cut_out", "true_pixels", "resize", "hard_alpha"]
    assert "colours" in crisp


def test_what_changes_nothing_enters_no_key():
    near = replace(HD, can_cut_out=True, sizes=SizeRule(8, 32, 128, 64))
    assert names("sprite", near, (64, 64)) == [step.name for step in recipe_for("sprite").filters]
    free = replace(near, sizes=None)  # nobody knows how large it will come
    assert names("sprite", free, (64, 64))[0] == "pixel_art"


def test_its_own_grid_is_not_looked_for_where_that_was_refused():
    recipe = Finish(true_pixels=False).applied_to(recipe_for("sprite"))
    steps = recipe_for_model(recipe, HD, (32, 32)).filters
    assert dict(steps[1].params) == {"own_grid": False}


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("red dragon", WHITE),
        ("snowy owl", DARK),
        ("a skeleton in rags", DARK),
        ("whitesmith's hammer", WHITE),
        ("red dragon, black background", ""),
        ("红色的剑", WHITE),
    ],
)
def test_a_figure_is_asked_for_on_a_plain_background(prompt, words):
    assert ground_words(prompt, recipe_for("sprite"), HD) == words


def test_the_words_are_in_the_language_of_the_prompt_where_the_model_reads_it():
    both = replace(HD, languages=("en", "zh"))
    assert ground_words("红色的剑", recipe_for("item"), both) == "纯白色背景"
    assert ground_words("白色的剑", recipe_for("item"), both) == "纯深灰色背景"
    assert ground_words("red sword", recipe_for("item"), both) == WHITE
    assert with_ground("红色的剑", "纯白色背景") == "红色的剑\uff0c纯白色背景"
    assert with_ground("red sword", WHITE) == f"red sword, {WHITE}"
    assert with_ground("red sword", "") == "red sword"


def test_no_words_where_the_model_cuts_out_or_nothing_is_clear():
    assert ground_words("red dragon", recipe_for("sprite"), replace(HD, can_cut_out=True)) == ""
    assert ground_words("red brick", recipe_for("texture"), HD) == ""


def sentences(info: BackendInfo, kind: str = "sprite", size=(32, 32), prompt="a fox", **asked):
    recipe = replace(recipe_for_model(recipe_for(kind), info, size), **asked.pop("sampling", {}))
    return what_makes_up(info, recipe, size, prompt, **asked)


def test_a_model_that_does_everything_needs_nothing():
    able = replace(OWN, can_adapt=True, languages=("en", "zh"))
    everything = {"negative": "x", "references": ["a.png"], "adapter": "b", "prompt": "狐"}
    assert sentences(able, "texture", **everything, sampling={"guidance_scale": 2.0}) == ()


def test_each_thing_that_is_made_up_for_is_said():
    assert sentences(HD) == (
        "drawn at 512x512, then made 32x32",
        "its background is removed by a filter",
    )
    assert sentences(HD, "texture", (512, 512)) == ("its edges are blended by a filter",)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"negative": "blur"}, "'negative'"),
        ({"references": ["a.png"]}, "'references'"),
        ({"adapter": "style.safetensors"}, "style"),
        ({"sampling": {"guidance_scale": 3.0}}, "'guidance'"),
        ({"prompt": "红色的剑"}, "a dictionary puts it into English"),
    ],
)
def test_what_was_asked_for_and_is_not_heeded_is_said(asked, says):
    said = set(sentences(HD, **asked)) - set(sentences(HD))
    assert len(said) == 1
    assert says in said.pop()


def test_a_model_that_never_draws_the_same_twice_says_so():
    assert "another image each time" in sentences(replace(HD, is_repeatable=False))[-1]


def test_a_model_of_a_third_language_is_not_helped_by_the_dictionary():
    japanese = replace(HD, languages=("ja",))
    assert "the model reads no Chinese, and the description has some" in sentences(
        japanese, prompt="红色的剑"
    )
