"""Drawing and reading: cached as uncached, seeds, guidance, nucleus, captions."""

from __future__ import annotations

import pytest
import torch

from llamavis_studio.model import sampling
from llamavis_studio.model.drawing import draw_codes, guide, pad_together
from llamavis_studio.model.sampling import Sampling, choose, read_captions
from llamavis_studio.model.unified import LlamaVis, Prompt
from tests.support.plain_drawing import draw_plainly
from tests.support.tiny_model import row_of, tiny_codes, tiny_model, tiny_prompt

GRID = (3, 4)
P = 12


@pytest.fixture(scope="module")
def model() -> LlamaVis:
    return tiny_model()


def draw(
    model: LlamaVis, prompt: Prompt, seeds: list[int], how: Sampling | None = None
) -> torch.Tensor:
    unwanted = model.no_prompt(len(seeds))
    return draw_codes(model, prompt, unwanted, GRID, seeds, how or Sampling())


@pytest.mark.parametrize("scale", [1.0, 3.0])
def test_cached_drawing_equals_a_plain_uncached_loop(model: LlamaVis, scale: float) -> None:
    prompt = tiny_prompt(model, [2, 6, 4])
    how = Sampling(guidance_scale=scale, temperature=0)
    plain = draw_plainly(model, prompt, model.no_prompt(3), GRID, [1, 2, 3], how)
    cached = draw(model, prompt, [1, 2, 3], how)
    assert torch.equal(cached, plain)
    assert len(plain[..., 0].unique()) > 3


def test_cached_drawing_with_seeds_equals_a_plain_uncached_loop(model: LlamaVis) -> None:
    prompt = tiny_prompt(model, [2, 6, 4])
    plain = draw_plainly(model, prompt, model.no_prompt(3), GRID, [1, 2, 3], Sampling())
    assert torch.equal(draw(model, prompt, [1, 2, 3]), plain)
    assert all(len(plain[..., depth].unique()) > 3 for depth in range(3))


def test_words_to_avoid_are_the_other_half_of_guidance(model: LlamaVis) -> None:
    prompt, avoided = tiny_prompt(model, [3, 5]), tiny_prompt(model, [6, 2], seed=50)
    how = Sampling(guidance_scale=2.0, temperature=0)
    plain = draw_plainly(model, prompt, avoided, GRID, [0, 0], how)
    drawn = draw_codes(model, prompt, avoided, GRID, [0, 0], how)
    assert torch.equal(drawn, plain)
    assert not torch.equal(drawn, draw(model, prompt, [0, 0], how))


def test_a_seed_draws_the_same_also_inside_another_batch(model: LlamaVis) -> None:
    prompt = tiny_prompt(model, [2, 6, 4])
    together = draw(model, prompt, [11, 12, 13])
    assert torch.equal(together, draw(model, prompt, [11, 12, 13]))
    for row, seed in enumerate([11, 12, 13]):
        assert torch.equal(draw(model, row_of(prompt, row), [seed])[0], together[row])


def test_another_seed_draws_another_picture(model: LlamaVis) -> None:
    prompt = tiny_prompt(model, [4])
    assert not torch.equal(draw(model, prompt, [1]), draw(model, prompt, [2]))


def test_global_randomness_is_neither_used_nor_moved(model: LlamaVis) -> None:
    prompt = tiny_prompt(model, [4])
    torch.manual_seed(1)
    first = draw(model, prompt, [5])
    torch.manual_seed(2)
    state = torch.get_rng_state()
    assert torch.equal(draw(model, prompt, [5]), first)
    assert torch.equal(torch.get_rng_state(), state)


def test_guidance_changes_what_is_drawn(model: LlamaVis) -> None:
    prompt = tiny_prompt(model, [4])
    weak, strong = (draw(model, prompt, [1], Sampling(guidance_scale=s)) for s in (1.0, 6.0))
    assert not torch.equal(weak, strong)


def test_guide_mixes_the_halves() -> None:
    logits = torch.tensor([[1.0, 2.0], [0.0, 4.0]])
    assert torch.equal(guide(logits, 1.0), logits)
    assert torch.equal(guide(logits, 3.0), torch.tensor([[3.0, -2.0]]))


def test_progress_counts_positions_and_can_cancel(model: LlamaVis) -> None:
    prompt, seen = tiny_prompt(model, [4]), []

    class EnoughError(Exception):
        pass

    def on_step(done: int, total: int) -> None:
        seen.append((done, total))
        if done == 3:
            raise EnoughError

    with pytest.raises(EnoughError):
        draw_codes(model, prompt, model.no_prompt(1), GRID, [1], Sampling(), on_step)
    assert seen == [(1, P), (2, P), (3, P)]


def test_choose_follows_the_shares() -> None:
    logits = torch.log(torch.tensor([0.1, 0.6, 0.3])).expand(3000, 3)
    numbers = (torch.arange(3000) + 0.5) / 3000
    counts = torch.bincount(choose(logits, numbers, 1.0, 1.0), minlength=3)
    assert counts.tolist() == pytest.approx([300, 1800, 900], abs=3)


def test_choose_leaves_the_tail_to_the_nucleus() -> None:
    logits = torch.log(torch.tensor([0.1, 0.6, 0.3])).expand(1000, 3)
    numbers = (torch.arange(1000) + 0.5) / 1000
    counts = torch.bincount(choose(logits, numbers, 1.0, 0.85), minlength=3)
    assert counts[0] == 0 and counts[1] == pytest.approx(667, abs=2)
    assert (choose(logits, numbers, 1.0, 0.01) == 1).all()
    assert (choose(logits, numbers, 0.0, 1.0) == 1).all()


@pytest.mark.parametrize("sharpness", [0.1, 3.0])
def test_choosing_from_the_likeliest_equals_choosing_from_all(
    sharpness: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both when the nucleus lies among the likeliest and when it does not."""
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(200, 2048, generator=generator) * sharpness
    numbers = torch.rand(200, generator=generator)
    quick = choose(logits, numbers, 1.0, 0.9)
    alone = torch.cat([choose(logits[i : i + 1], numbers[i : i + 1], 1.0, 0.9) for i in range(200)])
    monkeypatch.setattr(sampling, "LIKELIEST", 2048)
    assert torch.equal(quick, choose(logits, numbers, 1.0, 0.9))
    assert torch.equal(quick, alone)


def test_a_rounding_error_seldom_changes_a_choice() -> None:
    """Batches of another size round otherwise. Codes nearly as likely as each other change places
    then, which must not matter: a picture is that of its seed, whatever is drawn beside it.
    """
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(2000, 2048, generator=generator) * 0.4  # many codes, all alike
    noise = torch.randn(2000, 2048, generator=generator) * 3e-6
    numbers = torch.rand(2000, generator=generator)
    first, second = (choose(x, numbers, 0.4, 0.95) for x in (logits, logits + noise))
    assert int((first != second).sum()) <= 2


@pytest.mark.parametrize("number", [0.0, 1.0 - 2**-24])
def test_choose_survives_the_ends_of_the_range(number: float) -> None:
    logits = torch.randn(5, 2048)
    logits[:, 7] = float("-inf")
    chosen = choose(logits, torch.full((5,), number), 1.0, 1.0)
    assert chosen.min() >= 0 and chosen.max() < 2048 and not (chosen == 7).any()


def test_pad_together_keeps_words_and_masks(model: LlamaVis) -> None:
    first, second = tiny_prompt(model, [2, 3]), tiny_prompt(model, [5, 4])
    both = pad_together(first, second)
    assert both.mask.sum(1).tolist() == [2, 3, 5, 4] and both.states.shape[1] == 5
    torch.testing.assert_close(both.states[0, :2], first.states[0, :2])


def test_captions_begin_with_a_kind_and_are_repeatable(model: LlamaVis) -> None:
    codes = tiny_codes(model, 3, P)
    found = read_captions(model, codes, GRID, samples=4, seed=3)
    again = read_captions(model, codes, GRID, samples=4, seed=3)
    kinds = range(1, 1 + len(model.config.kinds))
    assert [len(captions) for captions in found] == [5, 5, 5]
    for captions, others in zip(found, again, strict=True):
        for caption, other in zip(captions, others, strict=True):
            assert caption.ids == other.ids
            assert caption.ids[0] in kinds
            assert len(caption.ids) == len(caption.probabilities) <= 24
            assert all(0 < p <= 1 for p in caption.probabilities)
    assert len({tuple(c.ids) for c in found[0]}) > 1  # drawn ones vary


def test_greedy_captions_equal_a_plain_uncached_loop(model: LlamaVis) -> None:
    codes = tiny_codes(model, 2, P, seed=4)
    found = read_captions(model, codes, GRID)
    assert max(len(captions[0].ids) for captions in found) > 2
    for row in range(2):
        ids = torch.zeros(1, 0, dtype=torch.long)
        for step in range(24):
            _, hidden = model.read_hidden(codes[row : row + 1], GRID, ids)
            logits = model.caption(hidden[:, -1])
            if step == 0:
                logits[:, 0] = logits[:, 1 + len(model.config.kinds) :] = float("-inf")
            token = logits.argmax(1, keepdim=True)
            if token.item() == 0:
                break
            ids = torch.cat([ids, token], 1)
        assert found[row][0].ids == ids[0].tolist()
