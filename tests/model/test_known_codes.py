"""Drawing in any order: what is known stays, the rest is written as a plain uncached loop would."""

from __future__ import annotations

import pytest
import torch

from llamavis_studio.model.drawing import Known, draw_codes, pad_together, writing_order
from llamavis_studio.model.sampling import Sampling
from llamavis_studio.model.unified import LlamaVis, Prompt
from tests.support.plain_drawing import draw_plainly
from tests.support.tiny_model import row_of, tiny_codes, tiny_model, tiny_prompt, tiny_references

GRID = (3, 4)
P = 12
GREEDY = Sampling(guidance_scale=3.0, temperature=0)


@pytest.fixture(scope="module")
def model() -> LlamaVis:
    return tiny_model()


def known_of(model: LlamaVis, counts: list[int], seed: int = 9) -> Known:
    """``counts`` known codes for each row, here and there."""
    numbers = torch.rand(len(counts), P, generator=torch.Generator().manual_seed(seed))
    mask = numbers.argsort(dim=1).argsort(dim=1) < torch.tensor(counts).unsqueeze(1)
    return Known(tiny_codes(model, len(counts), P, seed), mask)


def with_references(model: LlamaVis, prompt: Prompt, counts: list[int]) -> Prompt:
    return prompt._replace(references=tiny_references(model, counts, P))


@pytest.mark.parametrize("sampling", [GREEDY, Sampling(), Sampling(guidance_scale=1.0)])
@pytest.mark.parametrize("counts", [[0, 5, 11], [3, 3, 3], [12, 4, 12], [0, 0, 12]])
def test_known_codes_as_in_a_plain_uncached_loop(
    model: LlamaVis, sampling: Sampling, counts: list[int]
) -> None:
    prompt, unwanted = tiny_prompt(model, [2, 6, 4]), model.no_prompt(3)
    known = known_of(model, counts)
    drawn = draw_codes(model, prompt, unwanted, GRID, [1, 2, 3], sampling, known=known)
    plain = draw_plainly(model, prompt, unwanted, GRID, [1, 2, 3], sampling, known)
    assert torch.equal(drawn, plain)
    assert torch.equal(drawn[known.mask], known.codes[known.mask])


@pytest.mark.parametrize("sampling", [GREEDY, Sampling()])
@pytest.mark.parametrize("shown", ["both", "wanted", "unwanted"])
def test_references_as_in_a_plain_uncached_loop(
    model: LlamaVis, sampling: Sampling, shown: str
) -> None:
    """Either half of guidance may have references, each row its own number of them."""
    prompt, unwanted = tiny_prompt(model, [2, 6, 4]), model.no_prompt(3)
    if shown != "unwanted":
        prompt = with_references(model, prompt, [2, 1, 0])
    if shown != "wanted":
        unwanted = with_references(model, unwanted, [0, 1, 1])
    known = known_of(model, [0, 7, 2])
    for part in (None, known):
        drawn = draw_codes(model, prompt, unwanted, GRID, [1, 2, 3], sampling, known=part)
        plain = draw_plainly(model, prompt, unwanted, GRID, [1, 2, 3], sampling, part)
        assert torch.equal(drawn, plain)


def test_references_change_what_is_drawn(model: LlamaVis) -> None:
    prompt, unwanted = tiny_prompt(model, [2, 6]), model.no_prompt(2)
    plain = draw_codes(model, prompt, unwanted, GRID, [1, 2], Sampling())
    shown = with_references(model, prompt, [1, 1])
    assert not torch.equal(draw_codes(model, shown, unwanted, GRID, [1, 2], Sampling()), plain)


def test_all_known_returns_it_unchanged_and_says_that_it_is_done(model: LlamaVis) -> None:
    prompt, known = tiny_prompt(model, [2, 3]), known_of(model, [P, P])
    steps: list[tuple[int, int]] = []
    drawn = draw_codes(
        model,
        prompt,
        model.no_prompt(2),
        GRID,
        [1, 2],
        Sampling(),
        lambda done, total: steps.append((done, total)),
        known,
    )
    assert torch.equal(drawn, known.codes)
    assert drawn.data_ptr() != known.codes.data_ptr()
    assert steps == [(P, P)]


def test_none_known_equals_drawing_in_raster_order(model: LlamaVis) -> None:
    prompt, known = tiny_prompt(model, [2, 3]), known_of(model, [0, 0])
    for sampling in (GREEDY, Sampling()):
        raster = draw_codes(model, prompt, model.no_prompt(2), GRID, [1, 2], sampling)
        drawn = draw_codes(model, prompt, model.no_prompt(2), GRID, [1, 2], sampling, None, known)
        assert torch.equal(drawn, raster)


def test_what_the_mask_leaves_out_is_never_looked_at(model: LlamaVis) -> None:
    prompt, known = tiny_prompt(model, [2, 3]), known_of(model, [4, 9])
    other = known._replace(codes=torch.where(known.mask.unsqueeze(2), known.codes, 63))
    both = [
        draw_codes(model, prompt, model.no_prompt(2), GRID, [1, 2], Sampling(), known=part)
        for part in (known, other)
    ]
    assert torch.equal(*both)


def test_what_is_known_decides_the_rest(model: LlamaVis) -> None:
    prompt, known = tiny_prompt(model, [2, 3]), known_of(model, [4, 9])
    other = known._replace(codes=(known.codes + 1) % 64)
    first, second = (
        draw_codes(model, prompt, model.no_prompt(2), GRID, [1, 2], GREEDY, known=part)
        for part in (known, other)
    )
    assert (first[~known.mask] != second[~known.mask]).any()


def test_the_request_is_not_written_into(model: LlamaVis) -> None:
    prompt = with_references(model, tiny_prompt(model, [2, 3]), [1, 2])
    known = known_of(model, [4, 9])
    before = [known.codes.clone(), known.mask.clone(), prompt.references.codes.clone()]  # type: ignore[union-attr]
    draw_codes(model, prompt, model.no_prompt(2), GRID, [1, 2], Sampling(), known=known)
    after = [known.codes, known.mask, prompt.references.codes]  # type: ignore[union-attr]
    assert all(torch.equal(a, b) for a, b in zip(before, after, strict=True))


def test_a_picture_does_not_depend_on_its_neighbours(model: LlamaVis) -> None:
    """Rows with references, without, with known parts and without, alone and together."""
    prompt = with_references(model, tiny_prompt(model, [2, 6, 4, 3]), [2, 0, 1, 0])
    known, seeds = known_of(model, [0, 8, 3, 0]), [11, 12, 13, 14]
    together = draw_codes(model, prompt, model.no_prompt(4), GRID, seeds, Sampling(), known=known)
    for row, seed in enumerate(seeds):
        mine = Known(known.codes[row : row + 1], known.mask[row : row + 1])
        alone = draw_codes(
            model,
            row_of(prompt, row),
            model.no_prompt(1),
            GRID,
            [seed],
            Sampling(),
            known=mine if mine.mask.any() else None,
        )
        assert torch.equal(alone[0], together[row])


def test_progress_counts_only_what_is_written(model: LlamaVis) -> None:
    prompt, steps = tiny_prompt(model, [2, 3]), []
    draw_codes(
        model,
        prompt,
        model.no_prompt(2),
        GRID,
        [1, 2],
        Sampling(),
        lambda done, total: steps.append((done, total)),
        known_of(model, [9, 10]),
    )
    assert steps == [(10, P), (11, P), (12, P)]


def test_the_order_of_writing_has_the_known_first() -> None:
    known = torch.tensor([[False, True, False, True], [False] * 4, [True] * 4])
    assert writing_order(known).tolist() == [[1, 3, 0, 2], [0, 1, 2, 3], [0, 1, 2, 3]]


def test_references_are_padded_in_front(model: LlamaVis) -> None:
    """The last one stays the last, so it lies equally far from the image in both halves."""
    first = with_references(model, tiny_prompt(model, [2, 3]), [2, 1])
    second = with_references(model, tiny_prompt(model, [4, 4]), [1, 1])
    assert first.references is not None and second.references is not None
    for both, own, place in (
        (pad_together(first, second), second.references, slice(2, 4)),
        (pad_together(second, first), second.references, slice(0, 2)),
    ):
        assert both.references is not None
        assert both.references.codes.shape[:2] == (4, 2)
        assert torch.equal(both.references.codes[place, 1:], own.codes)
        assert torch.equal(both.references.role[place, 1:], own.role)
        assert both.references.mask[place].tolist() == [[False, True], [False, True]]
    lone = pad_together(first, model.no_prompt(2)).references
    assert lone is not None
    assert lone.mask.tolist() == [[True, True], [False, True], [False, False], [False, False]]
    assert pad_together(tiny_prompt(model, [2]), model.no_prompt(1)).references is None
