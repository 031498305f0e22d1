"""The whole model: shapes, what may be seen from where, and both ways of running it agree."""

from __future__ import annotations

import pytest
import torch

from llamavis_studio.model.caption_decoder import CaptionVocabulary
from llamavis_studio.model.unified import (
    LlamaVis,
    Prompt,
    causal_mask,
    grid_cells,
    position_features,
)
from tests.support.tiny_model import WORDS, row_of, tiny_codes, tiny_model, tiny_prompt

GRID = (3, 5)
P = 15
DEPTH = 3


@pytest.fixture(scope="module")
def model() -> LlamaVis:
    return tiny_model()


def test_shapes(model: LlamaVis) -> None:
    prompt, codes = tiny_prompt(model, [3, 7]), tiny_codes(model, 2, P)
    width = model.config.backbone.width
    assert codes.shape == (2, P, DEPTH)
    assert model.prefix(prompt, GRID).shape == (2, 1 + 7, width)
    hidden = model.draw_hidden(prompt, codes, GRID)
    assert hidden.shape == (2, P, width)
    for depth in range(DEPTH):
        assert model.heads(hidden, codes[..., :depth]).shape == (2, P, 64)
    image, caption = model.read_hidden(codes, GRID, torch.zeros(2, 4, dtype=torch.long))
    assert image.shape == (2, P, width) and caption.shape == (2, 5, width)
    assert model.caption(caption).shape == (2, 5, model.config.caption_vocabulary)


def test_stepwise_hidden_states_equal_those_of_training(model: LlamaVis) -> None:
    """What is drawn one position at a time sees exactly what it was taught with."""
    prompt, codes = tiny_prompt(model, [2, 6, 4]), tiny_codes(model, 3, P)
    whole = model.draw_hidden(prompt, codes, GRID)
    cache = model.begin_cache(prompt, GRID, P)
    inputs = model.image_inputs(codes, grid_cells(GRID))
    positions = model.rotary_positions(6, P)[7:]
    keys = causal_mask(prompt.seen(), P)
    for step in range(P):
        mask = keys[:, :, 7 + step : 8 + step, : 8 + step]
        at = positions[step : step + 1]
        hidden = model.backbone(inputs[:, step : step + 1], at, mask, cache)
        torch.testing.assert_close(hidden[:, 0], whole[:, step], atol=1e-4, rtol=1e-4)


def test_no_position_sees_its_own_code_or_a_later_one(model: LlamaVis) -> None:
    prompt, codes = tiny_prompt(model, [4]), tiny_codes(model, 1, P)
    changed = codes.clone()
    changed[:, 6:] = (changed[:, 6:] + 1) % 64
    before, after = (model.draw_hidden(prompt, c, GRID) for c in (codes, changed))
    torch.testing.assert_close(before[:, :7], after[:, :7])
    assert (before[:, 7:] - after[:, 7:]).abs().amax(dim=(0, 2)).min() > 1e-3


@pytest.mark.parametrize("depth", range(DEPTH))
def test_every_code_of_a_position_is_told_to_the_next(model: LlamaVis, depth: int) -> None:
    prompt, codes = tiny_prompt(model, [4]), tiny_codes(model, 1, P)
    changed = codes.clone()
    changed[:, 6, depth] = (changed[:, 6, depth] + 1) % 64
    before, after = (model.draw_hidden(prompt, c, GRID) for c in (codes, changed))
    torch.testing.assert_close(before[:, :7], after[:, :7])
    assert (before[:, 7] - after[:, 7]).abs().max() > 1e-3


def test_padding_of_a_prompt_changes_nothing(model: LlamaVis) -> None:
    prompt, codes = tiny_prompt(model, [2, 9]), tiny_codes(model, 2, P)
    together = model.draw_hidden(prompt, codes, GRID)
    alone = model.draw_hidden(row_of(prompt, 0), codes[:1], GRID)
    torch.testing.assert_close(together[:1], alone, atol=1e-4, rtol=1e-4)


def test_words_kind_and_grid_all_matter(model: LlamaVis) -> None:
    prompt, codes = tiny_prompt(model, [4]), tiny_codes(model, 1, P)
    base = model.draw_hidden(prompt, codes, GRID)
    others = [
        model.draw_hidden(prompt._replace(states=prompt.states * -1), codes, GRID),
        model.draw_hidden(prompt._replace(kind=prompt.kind + 1), codes, GRID),
        model.draw_hidden(prompt, codes, (5, 3)),
        model.draw_hidden(model.no_prompt(1), codes, GRID),
    ]
    for other in others:
        assert (other - base).abs().max() > 1e-2


def test_the_image_of_a_read_row_is_predicted_without_a_prompt(model: LlamaVis) -> None:
    """Reading rows teach the unconditional half of guidance: both must be the same states."""
    codes = tiny_codes(model, 2, P)
    image, _ = model.read_hidden(codes, GRID, torch.ones(2, 3, dtype=torch.long))
    unconditional = model.draw_hidden(model.no_prompt(2), codes, GRID)
    torch.testing.assert_close(image, unconditional, atol=1e-4, rtol=1e-4)


def test_a_caption_sees_the_image_and_only_earlier_words(model: LlamaVis) -> None:
    codes = tiny_codes(model, 1, P)
    caption = torch.tensor([[1, 10, 11, 12]])
    _, base = model.read_hidden(codes, GRID, caption)
    later = caption.clone()
    later[0, 2] = 14
    _, changed = model.read_hidden(codes, GRID, later)
    torch.testing.assert_close(base[:, :3], changed[:, :3])
    assert (base[:, 3:] - changed[:, 3:]).abs().max() > 1e-3
    _, other = model.read_hidden((codes + 1) % 64, GRID, caption)
    assert (base[:, 0] - other[:, 0]).abs().max() > 1e-3


@pytest.mark.parametrize("place", range(DEPTH - 1))
def test_later_codes_follow_each_earlier_one(model: LlamaVis, place: int) -> None:
    hidden = torch.randn(1, model.config.backbone.width)
    for depth in range(place + 1, DEPTH):
        before = torch.full((1, depth), 5)
        other = before.clone()
        other[:, place] = 6
        first, second = model.heads(hidden, before), model.heads(hidden, other)
        assert (first - second).abs().max() > 1e-3


def test_the_order_of_the_codes_before_matters(model: LlamaVis) -> None:
    hidden = torch.randn(1, model.config.backbone.width)
    first, second = (model.heads(hidden, torch.tensor([pair])) for pair in ([3, 9], [9, 3]))
    assert (first - second).abs().max() > 1e-3


def test_every_cell_of_a_large_grid_is_told_apart() -> None:
    features = position_features(grid_cells((16, 16)))
    assert features.shape == (256, 64)
    distance = torch.cdist(features, features) + torch.eye(256) * 9
    assert distance.min() > 0.05


def test_unknown_text_rows_are_wholly_masked(model: LlamaVis) -> None:
    prompt = tiny_prompt(model, [3, 3])
    silent = Prompt(prompt.states, torch.zeros_like(prompt.mask), prompt.kind)
    other = silent._replace(states=silent.states + 1)
    codes = tiny_codes(model, 2, P)
    torch.testing.assert_close(
        model.draw_hidden(silent, codes, GRID), model.draw_hidden(other, codes, GRID)
    )


def test_caption_vocabulary_round_trip(model: LlamaVis) -> None:
    vocabulary = CaptionVocabulary(model.config)
    ids = vocabulary.encode("texture", ["green", "stone", "unknown", "wall", "##s"], 24)
    assert ids[-1] == 0 and len(ids) == 1 + 4 + 1
    assert vocabulary.decode(ids) == ("texture", "green stone walls")
    assert vocabulary.decode([vocabulary.first_word]) == ("sprite", WORDS[0])
    assert len(vocabulary.encode("item", ["red"] * 50, 24)) == 24
