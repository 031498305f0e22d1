"""The same descriptions, drawn by a model of large opaque pictures: all the way to the file."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from llamavis_studio.backends.base import ImageRequest, ImageResult
from llamavis_studio.core.asset import Provenance
from llamavis_studio.imaging.oklab import srgb_to_oklab
from llamavis_studio.imaging.palette import colours_of
from llamavis_studio.imaging.png import PROVENANCE_KEY, decode_image, pixel_hash, read_text_chunks
from llamavis_studio.imaging.seamless import seam_score
from llamavis_studio.pipeline.build import Result, make_batches
from llamavis_studio.pipeline.edits import edit_of
from tests.pipeline.conftest import Game
from tests.support import hd_backend
from tests.support.hd_backend import figure_of

LARGE = "size = [512, 512]"


class Model:
    """Draws as the game's backend would, and remembers what it was asked."""

    def __init__(self, game: Game) -> None:
        self.game = game
        self.requests: list[ImageRequest] = []

    def __call__(self, requests: list[ImageRequest]) -> list[ImageResult]:
        self.requests += requests
        return hd_backend.answers(requests, self.game.info)


@pytest.fixture
def hd(empty_game: Game) -> Game:
    empty_game.info = hd_backend.INFO
    empty_game.write("llamavis.toml", '[project]\nname = "game"\nbackend = "hd"\n')
    return empty_game


def build(game: Game, **more: object) -> tuple[Model, dict[str, object]]:
    """What was asked, and the outcomes by output."""
    model = Model(game)
    outcomes = game.build(model, edit_for=lambda t: edit_of(game.root / t.output, t), **more)
    return model, {outcome.target.output: outcome for outcome in outcomes}


def note(game: Game, name: str) -> Provenance:
    return Provenance.from_json(read_text_chunks(game.root / name)[PROVENANCE_KEY])


def test_a_description_becomes_a_right_sprite_of_32_pixels(hd: Game) -> None:
    hd.describe("ring", "red ring")
    model, outcomes = build(hd)
    assert outcomes["ring.png"].result is Result.BUILT
    assert outcomes["ring.png"].notes == ()
    assert model.requests[0].prompt == "red ring, on a plain white background"
    pixels = decode_image(hd.image("ring.png"))
    assert pixels.shape == (32, 32, 4)
    assert set(np.unique(pixels[..., 3])) == {0, 255}
    assert len(colours_of(pixels)) <= 24
    _, alpha = figure_of((32, 32), np.array([0, 0, 0]))
    wrong = (pixels[..., 3] > 0) != (alpha > 0.5)
    assert wrong.sum() <= 30  # of 1024: where the outline runs through a pixel
    assert pixels[12, 16, 3] == 0  # through the ring
    assert hd.states() == {"ring.png": "fresh"}
    assert build(hd)[0].requests == []


def test_what_it_came_from_is_in_its_notes(hd: Game) -> None:
    hd.describe("ring", "red ring")
    hd.describe("large", "red ring", LARGE)
    build(hd)
    small = note(hd, "ring.png")
    assert (small.backend, small.model, small.revision, small.licence) == (
        "hd", "hd-model", "hd-1", "MIT",
    )  # fmt: skip
    assert small.prompt == "red ring"
    assert small.expanded_prompt == "red ring, on a plain white background"
    assert small.drawn_px == (512, 512)
    assert small.parts["drawn"] == [512, 512]
    large = json.loads(read_text_chunks(hd.image("large.png"))[PROVENANCE_KEY])
    assert not {"drawn_px", "unread", "notes", "repeatable"} & large.keys()


def test_a_large_sprite_keeps_its_colours_and_has_a_soft_outline(hd: Game) -> None:
    hd.describe("ring", "red ring", LARGE)
    build(hd)
    pixels = decode_image(hd.image("ring.png"))
    assert pixels.shape == (512, 512, 4)
    assert len(colours_of(pixels)) > 500
    assert ((pixels[..., 3] > 0) & (pixels[..., 3] < 255)).sum() > 200
    hd.describe("ring", "red ring", f"{LARGE}\n[finish]\ncolours = 16")
    build(hd)
    assert len(colours_of(decode_image(hd.image("ring.png")))) <= 16


@pytest.mark.parametrize("side", [32, 512, 600])
def test_a_texture_has_its_size_and_meets_at_its_edges(hd: Game, side: int) -> None:
    hd.describe("wall", "mossy stones", f'kind = "texture"\nsize = [{side}, {side}]')
    _, outcomes = build(hd)
    assert outcomes["wall.png"].result is Result.BUILT
    pixels = decode_image(hd.image("wall.png"))
    assert pixels.shape == (side, side, 3)
    assert seam_score(pixels) <= 1.15
    if side > 128:
        assert len(colours_of(pixels)) > 1000


def test_a_scene_covers_a_size_that_nothing_draws(hd: Game) -> None:
    hd.describe("sky", "evening sky", 'kind = "background"\nsize = [800, 450]')
    build(hd)
    assert decode_image(hd.image("sky.png")).shape == (450, 800, 3)
    assert note(hd, "sky.png").drawn_px == (768, 448)


@pytest.mark.parametrize("words", ["GRADED ring", "LIT ring", "FLOOR ring", "white ring"])
def test_other_backgrounds_go_too(hd: Game, words: str) -> None:
    hd.describe("ring", words, LARGE)
    _, outcomes = build(hd)
    assert outcomes["ring.png"].notes == ()
    _, truth = figure_of((512, 512), np.array([0, 0, 0]))
    alpha = decode_image(hd.image("ring.png"))[..., 3] / 255
    assert np.minimum(alpha, truth).sum() / np.maximum(alpha, truth).sum() > 0.95


def test_a_background_that_cannot_be_told_stays_and_is_said_everywhere(hd: Game) -> None:
    hd.describe("ring", "BUSY ring")
    _, outcomes = build(hd)
    outcome = outcomes["ring.png"]
    assert outcome.result is Result.BUILT  # the picture is kept
    assert len(outcome.notes) == 1
    assert "background stays" in outcome.notes[0]
    assert "plain background" in outcome.notes[0]
    assert note(hd, "ring.png").notes == outcome.notes
    assert (decode_image(hd.image("ring.png"))[..., 3] == 255).all()
    assert hd.states() == {"ring.png": "fresh"}


def test_words_that_were_not_read_are_said(hd: Game) -> None:
    hd.describe("ring", "LONG ring of gold")
    _, outcomes = build(hd)
    (told,) = outcomes["ring.png"].notes
    assert told == "the model did not read the end: 'gold, on a plain white background'"
    assert note(hd, "ring.png").unread == "gold, on a plain white background"
    hd.describe("much", "LONG ring of " + "gold " * 100)
    _, outcomes = build(hd)
    assert len(outcomes["much.png"].notes[0]) < 140
    assert len(note(hd, "much.png").unread) > 400


def test_words_to_avoid_that_were_not_read_are_said(hd: Game) -> None:
    hd.describe("ring", "red ring", 'negative = "LONG text, frames and a signature"')
    _, outcomes = build(hd)
    told = "the model did not read the end of what to avoid: 'and a signature'"
    assert outcomes["ring.png"].notes == (told,)
    assert note(hd, "ring.png").notes == (told,)


def test_a_model_that_draws_another_picture_each_time_says_so(hd: Game) -> None:
    hd.info = replace(hd.info, is_repeatable=False)
    hd.describe("ring", "red ring")
    build(hd)
    assert not note(hd, "ring.png").repeatable
    # Other colours are given to the picture that is there: drawn again it would be another.
    before = decode_image(hd.image("ring.png"))
    hd.describe("ring", "red ring", "[finish]\ncolours = 4")
    model, _ = build(hd)
    assert model.requests == []
    after = decode_image(hd.image("ring.png"))
    assert np.array_equal(before[..., 3], after[..., 3])
    assert len(colours_of(after)) <= 4
    assert hd.states() == {"ring.png": "fresh"}


def test_one_call_draws_what_it_draws_at_one_size(hd: Game) -> None:
    hd.describe("a", "red ring")
    hd.describe("b", "blue ring", "size = [64, 64]")
    hd.describe("c", "green ring", "size = [1024, 1024]")
    batches = make_batches(hd.plan().to_build())
    assert [[t.output for t in batch] for batch in batches] == [["a.png", "b.png"], ["c.png"]]


def test_only_what_concerns_a_picture_makes_it_stale(hd: Game) -> None:
    hd.describe("ring", "red ring")
    hd.describe("wall", "stones", 'kind = "texture"\nsize = [512, 512]')
    build(hd)
    hd.info = replace(hd.info, sizes=replace(hd.info.sizes, best_px=768))
    assert hd.states() == {"ring.png": "stale", "wall.png": "stale"}
    assert hd.reason("ring.png") == "the size it is drawn at changed"
    hd.info = replace(hd_backend.INFO, can_cut_out=True)
    assert hd.states() == {"ring.png": "stale", "wall.png": "fresh"}
    assert "background" in hd.reason("ring.png")


def test_the_plan_says_each_thing_once(hd: Game) -> None:
    for number in range(5):
        hd.describe(f"ring{number}", f"red ring {number}", 'negative = "blue"')
    hd.describe("wall", "stones", 'kind = "texture"')
    said = hd.plan().makes_up()
    assert [(one.says, one.kinds, one.images) for one in said] == [
        ("drawn at 512x512, then made 32x32", ("sprite", "texture"), 6),
        ("its background is removed by a filter", ("sprite",), 5),
        ("'on a plain white background' is added to the prompt", ("sprite",), 5),
        ("the model does not heed 'negative'", ("sprite",), 5),
        ("its edges are blended by a filter", ("texture",), 1),
    ]


@pytest.mark.parametrize("size", ["", LARGE], ids=["32", "512"])
def test_an_edit_keeps_every_pixel_that_the_words_do_not_change(hd: Game, size: str) -> None:
    hd.describe("ring", "red ring with a stand", size)
    build(hd)
    before = decode_image(hd.image("ring.png"))
    hd.describe("ring", "blue ring with a stand", size)
    model, _ = build(hd)
    (request,) = model.requests
    assert request.before is not None
    assert request.before_prompt == "red ring with a stand, on a plain white background"
    # A model without clear pixels is shown the figure on the background it is asked for.
    assert tuple(request.before[0, 0]) == (255, 255, 255, 255)
    after = decode_image(hd.image("ring.png"))
    side = after.shape[1]
    left = slice(0, side // 2 - 3 - side // 100)
    assert np.array_equal(before[:, left], after[:, left])
    right = slice(side // 2 + 2, side)
    inner = before[:, right, 3] == 255
    gap = np.linalg.norm(
        srgb_to_oklab(before[:, right, :3]) - srgb_to_oklab(after[:, right, :3]), axis=2
    )
    assert np.median(gap[inner]) > 0.05  # and the change is there
    assert note(hd, "ring.png").parent == pixel_hash(before)
    assert hd.states() == {"ring.png": "fresh"}


def test_a_model_that_cannot_edit_starts_over(hd: Game) -> None:
    hd.info = replace(hd.info, can_edit=False)
    hd.describe("ring", "red ring with a stand")
    build(hd)
    hd.describe("ring", "blue ring with a stand")
    model, _ = build(hd)
    assert model.requests[0].before is None
    assert note(hd, "ring.png").parent == ""


def test_a_picked_variant_is_not_drawn_again_by_any_model(hd: Game) -> None:
    hd.info = replace(hd.info, can_edit=False, is_repeatable=False)
    hd.describe("ring", "red ring", "count = 2")
    build(hd)
    hd.describe("ring", "red ring", "count = 2\npick = 1")
    model, _ = build(hd)
    assert model.requests == []
    assert np.array_equal(decode_image(hd.image("ring.png")), decode_image(hd.image("ring_1.png")))


def test_a_model_of_unknown_size_may_answer_small(hd: Game) -> None:
    hd.info = replace(hd.info, sizes=None)  # it draws what is wanted
    hd.describe("wall", "stones", 'kind = "texture"\nsize = [16, 16]')
    hd.describe("ring", "red ring", "size = [16, 16]")
    hd.describe("strip", "stones", 'kind = "texture"\nsize = [256, 16]')
    _, outcomes = build(hd)
    assert {outcome.result for outcome in outcomes.values()} == {Result.BUILT}
    assert "drawn_px" not in note(hd, "wall.png").to_json()
    assert set(hd.states().values()) == {"fresh"}
