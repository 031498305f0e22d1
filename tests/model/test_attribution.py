"""Where words act: shapes and sums, padding that counts for nothing, a toy that must be right."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from llamavis_studio.model.attribution import (
    attention_shares,
    attribute,
    code_nats,
    lost_nats,
    recorded_attention,
    reference_shares,
    repeated,
    smooth,
    to_pixels,
    unpadded,
    word_evidence,
    word_pieces,
    words_to_explain,
)
from llamavis_studio.model.drawing import pad_together
from llamavis_studio.model.text_encoder import TextEncoder
from llamavis_studio.model.unified import LlamaVis, Prompt, encode_prompts, grid_cells
from tests.support.tiny_model import row_of, tiny_codes, tiny_model, tiny_prompt, tiny_references

FOLDER = Path(__file__).parents[2] / "resources" / "models" / "minilm"
GRID = (3, 4)
P = 12


@pytest.fixture(scope="module")
def model() -> LlamaVis:
    return tiny_model()


@pytest.fixture(scope="module")
def encoder() -> TextEncoder:
    return TextEncoder.load(FOLDER)


def tokens_of(*words: tuple[int, ...], width: int = 5) -> torch.Tensor:
    """Which of `width` tokens each word is made of."""
    tokens = torch.zeros(len(words), width, dtype=torch.bool)
    for row, places in enumerate(words):
        tokens[row, list(places)] = True
    return tokens


def padded(prompt: Prompt, more: int) -> Prompt:
    """The prompt as it looks beside a longer one in its batch."""
    longer = tiny_prompt(tiny_model(), [prompt.states.shape[1] + more], seed=9)
    both = pad_together(prompt, longer)
    return Prompt(both.states[:1], both.mask[:1], both.kind[:1])


def test_words_to_explain_are_what_one_could_point_at() -> None:
    text = "a knight's red-gold robe, holding the sword"
    words = words_to_explain(text)
    assert [w.text for w in words] == ["knight's", "red", "gold", "robe", "sword"]
    assert all(text[w.start : w.end] == w.text for w in words)
    assert [w.text for w in words_to_explain("in the")] == ["in", "the"]
    assert words_to_explain(" ... ") == ()


def test_pieces_are_joined_to_words_and_the_rest_belongs_to_none(encoder: TextEncoder) -> None:
    text = "Draconian, red-gold shield"
    words = words_to_explain(text)
    pieces = word_pieces(encoder, text, words, 40)
    ids = encoder.encode_tokens([text]).ids[0].tolist()
    names = [encoder.tokenizer.id_to_token(i) for i in ids]
    assert pieces.shape == (4, len(names))
    assert [names[i] for i in np.flatnonzero(pieces[0])] == ["dr", "##aco", "##nian"]
    taken = pieces.any(axis=0)
    assert [n for n, is_taken in zip(names, taken, strict=True) if not is_taken] == [
        "[CLS]", ",", "-", "[SEP]",
    ]  # fmt: skip
    assert pieces.sum(axis=0).max() == 1
    assert not word_pieces(encoder, text, words, 4)[-1].any(), "cut off behind four tokens"


def test_recorded_attention_is_what_the_backbone_uses_and_leaves_nothing_behind(
    model: LlamaVis,
) -> None:
    prompt, codes = tiny_prompt(model, [5]), tiny_codes(model, 1, P)
    before = model.draw_hidden(prompt, codes, GRID)
    with recorded_attention(model.backbone) as layers:
        during = model.draw_hidden(prompt, codes, GRID)
    after = model.draw_hidden(prompt, codes, GRID)
    assert torch.equal(before, during) and torch.equal(before, after)
    assert len(layers) == model.config.backbone.layers
    L = 1 + 5 + P
    for shares in layers:
        assert shares.shape == (1, model.config.backbone.heads, L, L)
        assert torch.allclose(shares.sum(-1), torch.ones(()))
        assert float(shares.triu(1).max()) == 0
    part = model.backbone.layers[0]
    x = torch.cat([model.prefix(prompt, GRID), model.image_inputs(codes, grid_cells(GRID))], 1)
    v = part.self_attn.v_proj(part.input_layernorm(x)).view(1, L, part.self_attn.kv_heads, -1)
    v = v.transpose(1, 2).repeat_interleave(2, dim=1)  # (1, nh, L, hs)
    mixed = (layers[0] @ v).transpose(1, 2).reshape(1, L, -1)
    wanted: list[torch.Tensor] = []
    hook = part.self_attn.register_forward_hook(lambda _part, _given, out: wanted.append(out))
    model.draw_hidden(prompt, codes, GRID)
    hook.remove()
    assert torch.allclose(part.self_attn.o_proj(mixed), wanted[0], atol=1e-4)


def test_attention_shares_sum_to_one_whatever_else_is_attended_to(model: LlamaVis) -> None:
    prompt, codes = tiny_prompt(model, [5]), tiny_codes(model, 1, P)[0]
    shares = attention_shares(model, prompt, codes, GRID, tokens_of((1,), (2, 3)))
    assert shares.shape == (2, P)
    assert torch.allclose(shares.sum(0), torch.ones(P))
    assert float(shares.min()) > 0
    pieces = attention_shares(model, prompt, codes, GRID, tokens_of((1,), (2,), (3,)))
    assert torch.allclose(shares[1], pieces[1] + pieces[2], atol=1e-6)


def test_padding_counts_for_nothing(model: LlamaVis) -> None:
    prompt, codes = tiny_prompt(model, [5]), tiny_codes(model, 1, P)[0]
    longer = padded(prompt, 3)
    assert longer.states.shape[1] == 8
    for function in (attention_shares, lost_nats, word_evidence):
        plain = function(model, prompt, codes, GRID, tokens_of((1,), (2, 3)))
        beside = function(model, longer, codes, GRID, tokens_of((1,), (2, 3), width=8))
        assert torch.allclose(plain, beside, atol=1e-4)
    back = unpadded(longer)
    assert torch.equal(back.states, prompt.states)
    assert bool(back.mask.all())


def test_lost_nats_are_those_of_the_prompt_without_the_word(model: LlamaVis) -> None:
    prompt, codes = tiny_prompt(model, [5]), tiny_codes(model, 1, P)[0]
    tokens = tokens_of(*((i % 5,) for i in range(20)))  # more rows than are read at once
    lost = lost_nats(model, prompt, codes, GRID, tokens)
    assert lost.shape == (20, P)
    without = prompt._replace(mask=prompt.mask & ~tokens[3])
    wanted = code_nats(model, without, codes, GRID) - code_nats(model, prompt, codes, GRID)
    assert torch.allclose(lost[3], wanted[0], atol=1e-4)
    assert float(lost[3].abs().max()) > 0.01
    assert torch.allclose(lost[3], lost[18], atol=1e-4), "the same word said twice"


def test_a_word_that_is_masked_already_does_nothing(model: LlamaVis) -> None:
    prompt, codes = tiny_prompt(model, [5]), tiny_codes(model, 1, P)[0]
    prompt.mask[0, 2] = False
    tokens = tokens_of((1,), (2,))
    assert float(lost_nats(model, prompt, codes, GRID, tokens)[1].abs().max()) < 1e-4
    assert float(attention_shares(model, prompt, codes, GRID, tokens)[1].max()) < 1e-6


def test_evidence_is_never_below_zero_and_stays_the_same(model: LlamaVis) -> None:
    prompt, codes = tiny_prompt(model, [5]), tiny_codes(model, 1, P)[0]
    first = word_evidence(model, prompt, codes, GRID, tokens_of((1,), (2, 3)))
    assert float(first.min()) >= 0
    assert torch.equal(first, word_evidence(model, prompt, codes, GRID, tokens_of((1,), (2, 3))))


def test_smoothing_keeps_what_is_even_and_spreads_what_is_not() -> None:
    assert torch.allclose(smooth(torch.ones(2, P), GRID), torch.ones(2, P))
    point = torch.zeros(1, P)
    point[0, 5] = 16.0  # row 1, column 1 of 3 x 4
    spread = smooth(point, GRID).view(GRID)
    assert float(spread[1, 1]) == 4.0
    assert float(spread[1, 3]) == 0.0


def test_pixels_peak_at_the_strongest_word_and_weak_words_stay_weak() -> None:
    maps = torch.zeros(3, P)
    maps[0, 5], maps[1, 6] = 8.0, 0.08
    pixels = to_pixels(maps, GRID)
    assert (pixels.dtype, pixels.shape) == (np.float32, (3, 12, 16))
    assert 0.7 < pixels[0].max() <= 1
    assert np.unravel_index(pixels[0].argmax(), (12, 16)) in [(5, 5), (5, 6), (6, 5), (6, 6)]
    assert pixels[1].max() == pytest.approx(pixels[0].max() / 10, rel=1e-3)
    assert pixels[2].max() == 0
    assert to_pixels(maps * 1e-4, GRID).max() < 0.1, "no word mattered"


def test_shares_of_references_are_shares(model: LlamaVis) -> None:
    codes = tiny_codes(model, 1, P)[0]
    plain = tiny_prompt(model, [5])
    assert reference_shares(model, plain, codes, GRID) == ()
    prompt = plain._replace(references=tiny_references(model, [2], P))
    shares = reference_shares(model, prompt, codes, GRID)
    assert len(shares) == 2
    assert all(0 <= share <= 1 for share in shares) and sum(shares) <= 1.0001
    batch = tiny_prompt(model, [5, 5])._replace(references=tiny_references(model, [1, 2], P))
    first = Prompt(batch.states[:1], batch.mask[:1], batch.kind[:1])
    assert batch.references is not None
    first = first._replace(references=type(batch.references)(*(v[:1] for v in batch.references)))
    assert len(reference_shares(model, unpadded(first), codes, GRID)) == 1
    assert torch.equal(unpadded(first).references.codes, row_of(batch, 0).references.codes)


def test_a_repeated_prompt_keeps_its_references(model: LlamaVis) -> None:
    prompt = tiny_prompt(model, [3])._replace(references=tiny_references(model, [2], P))
    three = repeated(prompt, 3)
    assert three.references is not None
    assert three.states.shape[0] == len(three.kind) == three.references.codes.shape[0] == 3


def test_a_text_gives_a_map_a_word(model: LlamaVis, encoder: TextEncoder) -> None:
    text = "a red draconian, red boots " + "and " * 40 + "late"
    prompt = encode_prompts(model, encoder, [text], ["character"])
    codes = tiny_codes(model, 1, 64)[0]
    found = attribute(model, encoder, text, prompt, codes, (8, 8))
    assert found.words == ("red", "draconian", "red", "boots"), "the last word was never read"
    assert found.maps.shape == (4, 32, 32)
    assert found.reference_shares == ()
    again = attribute(model, encoder, text, prompt, codes, (8, 8))
    assert np.array_equal(found.maps, again.maps)
    other = text.replace("boots", "hat")
    prompt = encode_prompts(model, encoder, [other], ["character"])
    changed = attribute(model, encoder, other, prompt, codes, (8, 8))
    assert not np.array_equal(found.maps[3], changed.maps[3])


def test_without_words_there_is_nothing_to_explain(model: LlamaVis, encoder: TextEncoder) -> None:
    prompt = encode_prompts(model, encoder, ["..."], ["item"])
    found = attribute(model, encoder, "...", prompt, tiny_codes(model, 1, 64)[0], (8, 8))
    assert found.words == ()
    assert found.maps.shape == (0, 32, 32)


class _Toy(LlamaVis):
    """Writes code 1 in a word's cells when that word is there, and cannot tell otherwise."""

    cells: torch.Tensor  # (T, P) bool

    def draw_hidden(self, prompt, codes, grid, cells=None):  # type: ignore[no-untyped-def]
        super().draw_hidden(prompt, codes, grid)  # the attention is recorded all the same
        sure = (prompt.mask.float() @ self.cells.float()).clamp(max=1)  # (B, P)
        hidden = torch.zeros(*sure.shape, self.config.backbone.width)
        hidden[..., 0] = sure
        return hidden


def test_a_word_is_found_in_the_cells_it_decides(model: LlamaVis) -> None:
    toy = _Toy(model.config)
    toy.load_state_dict(model.state_dict())
    toy.eval().requires_grad_(False)
    toy.cells = torch.zeros(5, P, dtype=torch.bool)
    toy.cells[1, :4] = toy.cells[2, 8:] = True
    for out in toy.heads.out:
        out.weight.zero_()
        out.weight[1, 0] = 6.0
    for mix in toy.heads.unmix:
        mix.weight.zero_()
    codes = torch.ones(P, len(toy.heads.out), dtype=torch.long)
    lost = lost_nats(toy, tiny_prompt(toy, [5]), codes, GRID, tokens_of((1,), (2,), (3,)))
    assert float(lost[0, :4].min()) > 1 and float(lost[0, 4:].abs().max()) < 1e-5
    assert float(lost[1, 8:].min()) > 1 and float(lost[1, :8].abs().max()) < 1e-5
    assert float(lost[2].abs().max()) < 1e-5
    evidence = word_evidence(toy, tiny_prompt(toy, [5]), codes, GRID, tokens_of((1,), (2,), (3,)))
    assert int(evidence[0].argmax()) < 4 and int(evidence[1].argmax()) >= 8
    assert float(evidence[2].max()) < 1e-5
