"""Styles: a few pictures are learned, the model stays as it was, what is held out decides."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from llamavis_studio.model.adapter import Adapter, LowRanks, in_style, load_adapter, save_adapter
from llamavis_studio.model.pixels import to_tensor
from llamavis_studio.model.text_encoder import TextEncoder
from llamavis_studio.model.train.style import (
    ECHO_SHARE,
    HOLD_OUT_FROM,
    OWN_SHARE,
    PATIENCE,
    SHIFTS,
    Lesson,
    StylePicture,
    _Best,
    held_out,
    picture_views,
    style_sets,
    teach_style,
)
from llamavis_studio.model.unified import LlamaVis, encode_prompts
from tests.support.styles import some_memory
from tests.support.tiny_model import tiny_model

MINILM = Path(__file__).parents[3] / "resources" / "models" / "minilm"
WORDS = ("red dragon", "green stone", "stone wall", "red wall")


@pytest.fixture(scope="module")
def encoder() -> TextEncoder:
    return TextEncoder.load(MINILM)


def a_picture(number: int, words: str = "", kind: str = "sprite") -> StylePicture:
    """A square of one colour and a dot, on clear ground."""
    rng = np.random.default_rng(number)
    pixels = np.zeros((32, 32, 4), np.uint8)
    top, left = rng.integers(2, 12, 2)
    pixels[top : top + 16, left : left + 14] = (*rng.integers(40, 256, 3), 255)
    pixels[top, left] = (255, 255, 255, 255)  # left and right differ
    return StylePicture(pixels, words or WORDS[number % len(WORDS)], kind)


def taught(
    model: LlamaVis, encoder: TextEncoder, pictures: list[StylePicture], seconds: float
) -> Adapter:
    return teach_style(
        model,
        encoder,
        some_memory(model),
        pictures,
        base="abc",
        name="mine",
        wish=Lesson(seconds / 60, batch=16),
        report=lambda line: None,
    )


def loss_of(model: LlamaVis, encoder: TextEncoder, picture: StylePicture) -> float:
    codes = model.image_tokenizer.encode(to_tensor([picture.pixels]))
    prompt = encode_prompts(model, encoder, [picture.words], [picture.kind])
    hidden = model.draw_hidden(prompt, codes, (8, 8))
    return F.cross_entropy(model.heads(hidden, codes[..., :0])[0], codes[0, :, 0]).item()


@pytest.mark.usefixtures("one_second_a_step")
def test_a_picture_becomes_likelier_and_the_model_stays(
    encoder: TextEncoder, tmp_path: Path
) -> None:
    model = tiny_model()
    state = {name: value.clone() for name, value in model.state_dict().items()}
    pictures = [a_picture(i) for i in range(3)]
    before = loss_of(model, encoder, pictures[0])
    save_adapter(taught(model, encoder, pictures, 40), tmp_path / "mine.safetensors")
    adapter = load_adapter(tmp_path / "mine.safetensors", "abc")
    with in_style(model, adapter):
        after = loss_of(model, encoder, pictures[0])
    assert after < 0.7 * before, (before, after)
    assert loss_of(model, encoder, pictures[0]) == before
    assert all(torch.equal(value, state[name]) for name, value in model.state_dict().items())
    assert adapter.record["pictures"] == 3 and adapter.record["held_out"] == 0
    assert adapter.pictures is not None and adapter.pictures.names == WORDS[:3]


@pytest.mark.usefixtures("one_second_a_step")
def test_held_out_pictures_decide_but_are_kept_to_look_up(encoder: TextEncoder) -> None:
    pictures = [a_picture(i) for i in range(HOLD_OUT_FROM)]
    adapter = taught(tiny_model(), encoder, pictures, 45)
    record = adapter.record
    assert record["held_out"] == 2
    assert record["held_out_loss_after"] <= record["held_out_loss_before"]
    assert adapter.pictures is not None and len(adapter.pictures.names) == HOLD_OUT_FROM


def test_few_pictures_are_all_taught_and_fewer_than_three_are_refused(
    encoder: TextEncoder,
) -> None:
    assert held_out(HOLD_OUT_FROM - 1, 0) == []
    assert len(held_out(30, 0)) == 3 and held_out(30, 0) == held_out(30, 0)
    with pytest.raises(ValueError, match="at least 3 pictures, not 2"):
        taught(tiny_model(), encoder, [a_picture(0), a_picture(1)], 1)


def test_training_stops_when_the_held_out_pictures_get_no_better() -> None:
    ranks = LowRanks(tiny_model())
    best = _Best(ranks)
    best.offer(2.0)
    with torch.no_grad():
        ranks.at("heads.out.0").up.fill_(1)
    best.offer(1.0)
    with torch.no_grad():
        ranks.at("heads.out.0").up.fill_(2)
    steps = next(step for step in range(10_000) if best.seen(lambda: 1.5))
    assert steps + 1 >= PATIENCE
    best.restore()
    assert best.loss == 1.0 and bool((ranks.at("heads.out.0").up == 1).all())


def test_beside_the_users_pictures_lie_echoes_and_the_models_own(encoder: TextEncoder) -> None:
    model = tiny_model()
    scene = StylePicture(np.full((32, 48, 4), 255, np.uint8), "blue sky", "background")
    pictures = [a_picture(0), a_picture(1), scene]
    memory = some_memory(model, count=5)
    small, large = style_sets(model.image_tokenizer, encoder, pictures, memory)
    assert small.grid == (8, 8) and len(small.codes) == 2 + 5 + 5
    assert small.weights[:2].sum() == pytest.approx(OWN_SHARE)
    assert small.weights[2:7].sum() == pytest.approx(ECHO_SHARE)
    assert small.weights.sum() == pytest.approx(1.0)
    assert small.alike[0].unique().tolist() == [1]  # never itself, never the model's own
    assert bool((small.alike[2:7] < 2).all())  # echoes are shown the user's
    assert bool((small.alike[7:] >= 7).all())
    assert torch.equal(small.codes[7:, 0], memory.codes)
    assert large.grid == (8, 12) and len(large.codes) == 1
    tiles = replace(memory, kinds=("texture",) * 5)
    [unlike] = style_sets(model.image_tokenizer, encoder, pictures[:2], tiles)
    assert len(unlike.codes) == 2 + 5 and unlike.weights.sum() == pytest.approx(1.0)


def test_views_are_moved_and_mirrored_where_that_is_true() -> None:
    tokenizer = tiny_model().image_tokenizer
    views = picture_views(tokenizer, a_picture(0))
    assert views.shape[:2] == (2 * len(SHIFTS), 64) and views.dtype == torch.int16
    assert len({bytes(view.numpy().tobytes()) for view in views}) == len(views)
    handed = picture_views(tokenizer, a_picture(0, "red rune"))
    assert torch.equal(handed[0], handed[1]) and torch.equal(handed[0], views[0])
