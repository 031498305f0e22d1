"""Pictures beside the words: what they change, what they must not, and where they lie."""

from __future__ import annotations

import pytest
import torch

from llamavis_studio.model.unified import (
    BEFORE,
    LlamaVis,
    Prompt,
    References,
    causal_mask,
    grid_cells,
)
from tests.support.tiny_model import row_of, tiny_codes, tiny_model, tiny_prompt, tiny_references

GRID = (3, 5)
P = 15


@pytest.fixture(scope="module")
def model() -> LlamaVis:
    return tiny_model()


def shown(model: LlamaVis, words: list[int], counts: list[int]) -> Prompt:
    return tiny_prompt(model, words)._replace(references=tiny_references(model, counts, P))


def padded(references: References, more: int) -> References:
    """``more`` places in front that hold rubbish and are masked out."""
    rows, _, positions, depth = references.codes.shape
    rubbish = torch.full((rows, more, positions, depth), 33)
    return References(
        torch.cat([rubbish, references.codes], dim=1),
        torch.cat([torch.full((rows, more), BEFORE), references.role], dim=1),
        torch.cat([torch.zeros(rows, more, dtype=torch.bool), references.mask], dim=1),
    )


def test_shapes_and_what_is_seen(model: LlamaVis) -> None:
    prompt = shown(model, [3, 7], [2, 1])
    assert prompt.reference_count == 2 * P
    assert model.prefix(prompt, GRID).shape == (2, 1 + 7 + 2 * P, model.config.backbone.width)
    seen = prompt.seen()
    assert seen.shape == (2, 1 + 7 + 2 * P)
    assert seen.sum(1).tolist() == [1 + 3 + 2 * P, 1 + 7 + P]
    assert not seen[1, 8 : 8 + P].any() and seen[1, 8 + P :].all()
    assert tiny_prompt(model, [3]).reference_count == 0


def test_padding_references_change_nothing(model: LlamaVis) -> None:
    prompt, codes = shown(model, [2, 5], [1, 1]), tiny_codes(model, 2, P)
    assert prompt.references is not None
    wide = prompt._replace(references=padded(prompt.references, 2))
    torch.testing.assert_close(
        model.draw_hidden(wide, codes, GRID),
        model.draw_hidden(prompt, codes, GRID),
        atol=1e-4,
        rtol=1e-4,
    )
    none = padded(prompt.references, 0)._replace(mask=torch.zeros(2, 1, dtype=torch.bool))
    torch.testing.assert_close(
        model.draw_hidden(prompt._replace(references=none), codes, GRID),
        model.draw_hidden(prompt._replace(references=None), codes, GRID),
        atol=1e-4,
        rtol=1e-4,
    )


def test_a_row_sees_its_own_references_only(model: LlamaVis) -> None:
    prompt, codes = shown(model, [2, 6, 4], [0, 2, 1]), tiny_codes(model, 3, P)
    together = model.draw_hidden(prompt, codes, GRID)
    for row in range(3):
        alone = model.draw_hidden(row_of(prompt, row), codes[row : row + 1], GRID)
        torch.testing.assert_close(together[row : row + 1], alone, atol=1e-4, rtol=1e-4)


def test_references_their_role_place_and_order_matter(model: LlamaVis) -> None:
    prompt, codes = shown(model, [4], [2]), tiny_codes(model, 1, P)
    told = prompt.references
    assert told is not None
    base = model.draw_hidden(prompt, codes, GRID)
    others = [
        None,
        told._replace(codes=(told.codes + 1) % 64),
        told._replace(role=1 - told.role),
        told._replace(codes=told.codes.flip(1), role=told.role.flip(1)),
        told._replace(codes=told.codes.roll(1, dims=2)),
        told._replace(mask=torch.tensor([[False, True]])),
    ]
    for depth in range(told.codes.shape[-1]):
        changed = told.codes.clone()
        changed[..., depth] = (changed[..., depth] + 7) % 64
        others.append(told._replace(codes=changed))
    for other in others:
        hidden = model.draw_hidden(prompt._replace(references=other), codes, GRID)
        assert (hidden - base).abs().max() > 1e-2


def test_every_picture_position_is_seen_from_every_image_position(model: LlamaVis) -> None:
    prompt, codes = shown(model, [4], [1]), tiny_codes(model, 1, P)
    told = prompt.references
    assert told is not None
    base = model.draw_hidden(prompt, codes, GRID)
    for place in (0, P - 1):
        changed = told.codes.clone()
        changed[:, :, place] = (changed[:, :, place] + 1) % 64
        other = prompt._replace(references=told._replace(codes=changed))
        moved = (model.draw_hidden(other, codes, GRID) - base).abs().amax(dim=(0, 2))
        assert moved.min() > 1e-5


def test_the_last_reference_lies_at_the_same_place_always(model: LlamaVis) -> None:
    for words in (0, 3, 20):
        for count in (1, 2, 3):
            positions = model.rotary_positions(words, P, references=count * P)
            assert positions.tolist() == [
                *range(1 + words),
                *range(-count * P, 0),
                *range(model.config.image_start, model.config.image_start + P),
            ]


def test_the_lookahead_of_an_image_does_not_reach_back_into_references(model: LlamaVis) -> None:
    """A reference sees the words and the references before it, never the image."""
    prompt = shown(model, [3], [2])
    mask = causal_mask(prompt.seen(), P)
    assert mask.shape == (1, 1, 4 + 3 * P, 4 + 3 * P)
    assert torch.equal(mask[0, 0], torch.ones_like(mask[0, 0]).tril())


def test_stepwise_equals_training_with_references_and_any_order(model: LlamaVis) -> None:
    prompt, codes = shown(model, [2, 6, 4], [1, 2, 0]), tiny_codes(model, 3, P)
    order = torch.stack(
        [torch.randperm(P, generator=torch.Generator().manual_seed(s)) for s in (1, 2, 3)]
    )
    cells = grid_cells(GRID)[order]  # (3, P, 2): each row in an order of its own
    whole = model.draw_hidden(prompt, codes, GRID, cells)
    plain = model.draw_hidden(prompt, codes, GRID)
    assert (whole - plain).abs().max() > 1e-2
    cache = model.begin_cache(prompt, GRID, P)
    inputs = model.image_inputs(codes, cells)
    n = prompt.seen().shape[1]
    positions = model.rotary_positions(6, P, references=2 * P)[n:]
    keys = causal_mask(prompt.seen(), P)
    for step in range(P):
        mask = keys[:, :, n + step : n + step + 1, : n + step + 1]
        at = positions[step : step + 1]
        hidden = model.backbone(inputs[:, step : step + 1], at, mask, cache)
        torch.testing.assert_close(hidden[:, 0], whole[:, step], atol=1e-4, rtol=1e-4)
