"""Which cells an edit draws anew: by region, by share, and by what the words say otherwise."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from llamavis_studio.model.editing import (
    CHANGED_NATS,
    cells_to_redraw,
    changed_by_words,
    nearly_the_same,
    of_the_old_colour,
    spill,
    varied_cells,
    with_rim,
    word_contrast,
)
from llamavis_studio.model.pixels import Pixels
from llamavis_studio.model.text_encoder import TextEncoder
from llamavis_studio.model.unified import LlamaVis, encode_prompts
from tests.support.tiny_model import tiny_codes, tiny_model

GRID = (4, 6)
P = 24
MINILM = Path(__file__).parents[2] / "resources" / "models" / "minilm"


@pytest.fixture(scope="module")
def model() -> LlamaVis:
    return tiny_model()


@pytest.fixture(scope="module")
def encoder() -> TextEncoder:
    return TextEncoder.load(MINILM)


@pytest.mark.parametrize(
    ("pixels", "cells"),
    [
        ((slice(0, 0), slice(0, 0)), []),
        ((slice(0, 1), slice(0, 1)), [0]),
        ((slice(3, 4), slice(3, 4)), [0]),
        ((slice(3, 5), slice(3, 5)), [0, 1, 6, 7]),
        ((slice(15, 16), slice(23, 24)), [23]),
        ((slice(4, 8), slice(0, 24)), [6, 7, 8, 9, 10, 11]),
        ((slice(0, 16), slice(0, 24)), list(range(P))),
    ],
)
def test_a_cell_is_redrawn_when_any_of_its_pixels_is(
    pixels: tuple[slice, slice], cells: list[int]
) -> None:
    region = torch.zeros(16, 24, dtype=torch.bool)
    region[pixels] = True
    assert cells_to_redraw(region, GRID).nonzero().flatten().tolist() == cells


@pytest.mark.parametrize("strength", [0.0, 0.01, 0.25, 0.5, 0.9, 1.0])
def test_a_share_of_the_cells_varies(strength: float) -> None:
    for seed in range(5):
        cells = varied_cells((8, 8), strength, seed)
        assert cells.shape == (64,) and cells.dtype == torch.bool
        assert int(cells.sum()) == round(strength * 64)
        assert torch.equal(cells, varied_cells((8, 8), strength, seed))


def test_what_varies_is_decided_by_the_seed_and_grows_with_the_strength() -> None:
    state = torch.get_rng_state()
    assert not torch.equal(varied_cells((8, 8), 0.3, 1), varied_cells((8, 8), 0.3, 2))
    little, much = varied_cells((8, 8), 0.2, 1), varied_cells((8, 8), 0.6, 1)
    assert (little & ~much).sum() == 0
    assert torch.equal(torch.get_rng_state(), state)


def test_what_varies_lies_together() -> None:
    """Blobs, not dust: most chosen cells have a chosen neighbour to the right."""
    chosen = torch.stack([varied_cells((8, 8), 0.3, seed).view(8, 8) for seed in range(30)])
    beside = (chosen & chosen.roll(1, 2)).sum() / chosen.sum()
    assert beside > 0.5  # 0.3 if they lay anywhere


def test_one_row_and_one_cell_can_vary() -> None:
    assert varied_cells((1, 5), 0.4, 0).sum() == 2
    assert varied_cells((1, 1), 1.0, 0).all()


def test_words_that_say_the_same_change_nothing(model: LlamaVis, encoder: TextEncoder) -> None:
    codes = tiny_codes(model, 1, P)[0]
    same = changed_by_words(model, encoder, codes, ("red dragon",) * 2, "item", GRID)
    assert same.shape == (P,) and same.dtype == torch.bool and not same.any()


def test_words_change_the_same_cells_each_time(model: LlamaVis, encoder: TextEncoder) -> None:
    codes, words = tiny_codes(model, 1, P)[0], ("red dragon", "a wall of grey stone")
    first = changed_by_words(model, encoder, codes, words, "item", GRID)
    assert torch.equal(first, changed_by_words(model, encoder, codes, words, "item", GRID))
    assert first.any()


def test_contrast_is_that_of_the_likelihoods(model: LlamaVis, encoder: TextEncoder) -> None:
    """By hand: how much likelier each code is under the first words, over its surroundings."""
    codes, words = tiny_codes(model, 1, P)[0], ("red dragon", "green dragon")
    nats = []
    for text in words:
        hidden = model.draw_hidden(
            encode_prompts(model, encoder, [text], ["item"]), codes.unsqueeze(0), GRID
        )[0]
        total = torch.zeros(P)
        for depth in range(2):
            shares = model.heads(hidden, codes[:, :depth]).log_softmax(1)
            total -= shares.gather(1, codes[:, depth : depth + 1]).squeeze(1)
        nats.append(total)
    plain = (nats[1] - nats[0]).view(GRID)
    found = word_contrast(model, encoder, codes, words, "item", GRID).view(GRID)
    for row, column in ((0, 0), (1, 2), (3, 5), (2, 0)):
        around = plain[max(0, row - 1) : row + 2, max(0, column - 1) : column + 2]
        assert found[row, column].item() == pytest.approx(around.mean().item(), abs=1e-3)


def test_changed_cells_are_those_of_a_high_contrast(model: LlamaVis, encoder: TextEncoder) -> None:
    codes, words = tiny_codes(model, 1, P)[0], ("red dragon", "a wall of grey stone")
    high = word_contrast(model, encoder, codes, words, "item", GRID) > CHANGED_NATS
    assert torch.equal(changed_by_words(model, encoder, codes, words, "item", GRID), high)


def test_the_rim_is_what_touches_the_cells() -> None:
    cells = torch.zeros(GRID, dtype=torch.bool)
    cells[1, 1] = True
    wide = with_rim(cells.flatten(), GRID).view(GRID)
    assert wide[:3, :3].all() and wide.sum() == 9


def picture(*columns: tuple[int, int, int, int]) -> Pixels:
    """4 rows of columns of these colours."""
    return np.tile(np.array(columns, np.uint8), (4, 1, 1))


GREEN, DARK_GREEN, SKIN, RED = (0, 150, 0, 255), (0, 90, 0, 255), (230, 170, 140, 255), (
    180, 0, 0, 255,
)  # fmt: skip
BLACK, CLEAR = (8, 8, 8, 255), (0, 0, 0, 0)


def test_a_change_spills_to_pixels_of_its_old_colour_only() -> None:
    before = picture(GREEN, GREEN, SKIN, SKIN, DARK_GREEN, SKIN, CLEAR)
    after = picture(RED, RED, SKIN, SKIN, RED, RED, RED)
    core = np.zeros((4, 7), bool)
    core[:, :4] = True
    assert spill(before, after, core, ~core)[0].tolist() == [False] * 4 + [True, False, False]


def test_nothing_spills_where_nothing_changed() -> None:
    before = picture(GREEN, GREEN, GREEN)
    core = np.zeros((4, 3), bool)
    core[:, :2] = True
    assert not spill(before, picture(GREEN, GREEN, RED), core, ~core).any()
    assert not spill(picture(CLEAR, CLEAR, CLEAR), before, core, ~core).any()


def test_nearly_equal_pixels_are_no_edit() -> None:
    before = picture(GREEN, GREEN, GREEN, CLEAR, CLEAR)
    after = picture((4, 152, 3, 255), RED, CLEAR, CLEAR, RED)
    assert nearly_the_same(before, after)[0].tolist() == [True, False, False, True, False]


def test_a_change_of_a_colour_word_is_about_that_colour() -> None:
    before = picture(GREEN, BLACK, SKIN, BLACK, DARK_GREEN)
    words = ("elf in a green robe", "elf in a red robe")
    meant = of_the_old_colour(before, words)
    assert meant is not None
    assert meant[1].tolist() == [True, True, False, True, True]


@pytest.mark.parametrize(
    "words",
    [
        ("elf in a green robe", "elf in green armour"),
        ("elf in a robe", "elf in a green robe"),
        ("elf in a green robe", "elf in a green robe"),
        ("elf in a purple robe", "elf in a red robe"),
    ],
)
def test_other_changes_are_not_about_a_colour(words: tuple[str, str]) -> None:
    assert of_the_old_colour(picture(GREEN, SKIN), words) is None
