"""Our loop beside the one that transformers publishes: the same logits, the same codes."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from llamavis_studio.backends.janus import linears
from llamavis_studio.backends.janus.artist import is_row_alone
from llamavis_studio.backends.janus.checkpoint import Janus, taken_apart
from llamavis_studio.backends.janus.drawing import Job, Kept, draw_codes
from llamavis_studio.backends.janus.facts import Facts
from llamavis_studio.backends.janus.prompts import prompt_rows
from llamavis_studio.backends.janus.sampling import Sampling, nucleus, pick
from llamavis_studio.core.errors import BackendError
from tests.support.tiny_janus import (
    CODES,
    GRID,
    SIDE_PX,
    janus_config,
    janus_model,
    janus_processor,
    tiny_tokenizer,
)

pytestmark = pytest.mark.backends
WORDS = ("a red dragon", "a stone", "a gold coin")
CLOSE = 1e-4
GREEDY = Sampling(guidance_scale=5.0, temperature=0.0, top_p=1.0, seed=1)


class Published:
    """A model as transformers gives it, and its processor."""

    def __init__(self, **sizes: int) -> None:
        self.tokenizer = tiny_tokenizer()
        config = janus_config(self.tokenizer, **sizes)
        self.model = janus_model(config, self.tokenizer)
        self.processor = janus_processor(config, self.tokenizer)

    def ours(self, compiled: bool = False) -> Janus:
        facts = Facts(GRID, SIDE_PX, CODES, 512)
        return taken_apart("tiny", facts, copy.deepcopy(self.model), self.processor, compiled)

    def inputs(self, words: tuple[str, ...]) -> Any:
        texts = [
            self.processor.apply_chat_template(
                [{"role": "user", "content": [{"type": "text", "text": one}]}],
                add_generation_prompt=True,
            )
            for one in words
        ]
        return self.processor(
            text=texts, padding=True, generation_mode="image", return_tensors="pt"
        )

    def codes(self, words: tuple[str, ...]) -> tuple[Tensor, list[Tensor]]:
        """The likeliest codes ``(B, cells)``, and the logits of each step ``(2 B, codes)``."""
        seen: list[Tensor] = []
        hook = self.model.model.generation_head.register_forward_hook(
            lambda _module, _inputs, logits: seen.append(logits.detach().clone())
        )
        found = self.model.generate(**self.inputs(words), generation_mode="image", do_sample=False)
        hook.remove()
        return found, seen


@pytest.fixture(scope="module")
def published() -> Published:
    return Published()


@pytest.fixture(scope="module")
def janus(published: Published) -> Janus:
    return published.ours()


def jobs(janus: Janus, words: tuple[str, ...], sampling: Sampling = GREEDY) -> list[Job]:
    return [
        Job(prompt_rows(janus, "{prompt}", one, ""), replace(sampling, seed=seed))
        for seed, one in enumerate(words)
    ]


def codes(janus: Janus, words: tuple[str, ...], sampling: Sampling = GREEDY) -> Tensor:
    return draw_codes(janus, jobs(janus, words, sampling), lambda codes, cells: None)


def noted(janus: Janus, seen: list[Tensor]) -> Janus:
    """The same model, which notes its logits."""
    calculate = janus.code_logits

    def note(hidden: Tensor) -> Tensor:
        seen.append(calculate(hidden))
        return seen[-1]

    return replace(janus, code_logits=note)


@pytest.mark.parametrize("key_heads", [4, 2])
def test_logits_and_codes_are_those_of_the_published_loop(key_heads: int) -> None:
    published = Published(kv_heads=key_heads)
    wanted, logits = published.codes(WORDS)
    seen: list[Tensor] = []
    found = codes(noted(published.ours(), seen), WORDS)
    assert torch.equal(found, wanted)
    assert len(seen) == len(logits) == GRID * GRID
    for own, other in zip(seen, logits, strict=True):
        # Ours stand in pairs, theirs in halves.
        assert (torch.cat([own[0::2], own[1::2]]) - other).abs().max() <= CLOSE
    assert max(float(one.abs().max()) for one in logits) > 1  # it says something at all


def test_a_prompt_is_told_as_the_processor_tells_it(published: Published, janus: Janus) -> None:
    rows = prompt_rows(janus, "{prompt}", WORDS[0], "")
    assert list(rows.wanted) == published.inputs(WORDS[:1]).input_ids[0].tolist()
    middle = set(rows.free) - {janus.begin, janus.begin_image}
    assert middle == {janus.pad} and len(rows.free) == len(rows.wanted)
    avoiding = prompt_rows(janus, "{prompt}", WORDS[0], "a stone")
    assert avoiding.free == prompt_rows(janus, "{prompt}", "a stone", "").wanted


def test_words_spelled_like_special_tokens_do_not_end_a_prompt(janus: Janus) -> None:
    rows = prompt_rows(janus, "{prompt}", "a <begin_of_image>red<|eos|> hat", "")
    assert rows.wanted.count(janus.begin_image) == 1
    assert janus.end not in rows.wanted
    assert "red" in rows.told


def test_a_template_stands_around_the_words_and_only_words_are_cut(janus: Janus) -> None:
    rows = prompt_rows(janus, "game art of {prompt}, painted", "hat " * 2000, "")
    assert rows.told.startswith("game art of hat") and rows.told.endswith(", painted")
    assert rows.unread.startswith("hat") and not rows.unread.endswith("painted")
    assert rows.slots + janus.facts.cells <= 512


def test_words_to_avoid_that_do_not_fit_are_told(janus: Janus) -> None:
    stones = ("stone " * 2000).strip()
    rows = prompt_rows(janus, "{prompt}", "a hat", stones)
    assert rows.unread == "" and rows.unread_negative.endswith("stone")
    kept = stones.removesuffix(rows.unread_negative).strip()
    assert rows.free == prompt_rows(janus, "{prompt}", kept, "").wanted
    assert prompt_rows(janus, "{prompt}", "hat " * 2000, "a stone").unread_negative == ""


@pytest.mark.parametrize("threads", [1, 2])
def test_a_row_is_alone_however_many_threads_there_are(janus: Janus, threads: int) -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        assert is_row_alone(janus, 8)
    finally:
        torch.set_num_threads(before)


def test_a_row_alone_and_among_others_is_the_same_to_the_last_bit(janus: Janus) -> None:
    drawn = Sampling(3.0, 1.0, 0.9, 0)
    together: list[Tensor] = []
    alone: list[Tensor] = []
    draw_codes(noted(janus, together), jobs(janus, WORDS, drawn), lambda c, n: None)
    draw_codes(noted(janus, alone), jobs(janus, WORDS, drawn)[2:], lambda c, n: None)
    for many, own in zip(together, alone, strict=True):
        assert torch.equal(many[4:6], own)


def test_rows_that_do_not_stand_alone_are_noticed(janus: Janus) -> None:
    """As with a kernel that sums otherwise for more rows."""
    calculate = janus.code_logits
    crooked = replace(
        janus, code_logits=lambda hidden: calculate(hidden) * (1 + 1e-6 * (len(hidden) > 4))
    )
    assert not is_row_alone(crooked, 16)


def test_idle_rows_change_nothing(janus: Janus) -> None:
    drawn = Sampling(3.0, 1.0, 1.0, 0)
    plain = codes(janus, WORDS, drawn)
    filled = draw_codes(janus, jobs(janus, WORDS, drawn), lambda c, n: None, least_rows=16)
    assert torch.equal(plain, filled)


def test_without_guidance_the_second_row_is_left_out(janus: Janus) -> None:
    seen: list[Tensor] = []
    half = codes(noted(janus, seen), WORDS, replace(GREEDY, guidance_scale=1.0))
    assert {len(one) for one in seen} == {len(WORDS)}
    full = codes(janus, WORDS, replace(GREEDY, guidance_scale=1.0 + 1e-7))
    assert torch.equal(half, full)
    assert not torch.equal(half, codes(janus, WORDS))  # guidance matters


def test_seed_temperature_and_top_p_matter(janus: Janus) -> None:
    drawn = Sampling(3.0, 1.0, 1.0, 0)
    first, same = (codes(janus, WORDS[:1], drawn) for _ in range(2))
    assert torch.equal(first, same)
    (job,) = jobs(janus, WORDS[:1], drawn)
    for other in (
        replace(drawn, seed=9), replace(drawn, temperature=3.0), replace(drawn, top_p=0.5),
    ):  # fmt: skip
        found = draw_codes(janus, [replace(job, sampling=other)], lambda c, n: None)
        assert not torch.equal(found, first)
    cold = draw_codes(
        janus, [replace(job, sampling=replace(drawn, temperature=1e-6))], lambda c, n: None
    )
    assert torch.equal(cold, codes(janus, WORDS[:1], replace(GREEDY, guidance_scale=3.0)))


@pytest.mark.parametrize("stays_from", [0, 20])
def test_kept_codes_are_told_in_runs_and_the_rest_follows_from_them(
    janus: Janus, stays_from: int
) -> None:
    """Told its own codes, the model goes on as if it had drawn them."""
    whole = codes(janus, WORDS[:1])[0]
    stays = torch.zeros(GRID * GRID, dtype=torch.bool)
    stays[stays_from : stays_from + 17] = True
    stays[50] = True
    (job,) = jobs(janus, WORDS[:1])
    blank = torch.where(stays, whole, 0)
    steps: list[int] = []
    found = draw_codes(
        janus, [replace(job, kept=Kept(blank, stays))], lambda _codes, cells: steps.append(cells)
    )
    assert torch.equal(found[0], whole)
    assert stays_from + 17 in steps and stays_from + 5 not in steps and steps[-1] == GRID * GRID
    other = torch.where(stays, (whole + 1) % CODES, 0)
    changed = draw_codes(janus, [replace(job, kept=Kept(other, stays))], lambda c, n: None)[0]
    assert torch.equal(changed[stays], other[stays])
    assert not torch.equal(changed[~stays], whole[~stays])


def test_jobs_that_cannot_share_a_batch_are_refused(janus: Janus) -> None:
    one, other = jobs(janus, WORDS[:2])
    kept = Kept(torch.zeros(GRID**2, dtype=torch.long), torch.ones(GRID**2, dtype=torch.bool))
    with pytest.raises(ValueError, match="one image at a time"):
        draw_codes(janus, [one, replace(other, kept=kept)], lambda c, n: None)
    free = replace(other, sampling=replace(GREEDY, guidance_scale=1.0))
    with pytest.raises(ValueError, match="cannot share"):
        draw_codes(janus, [one, free], lambda c, n: None)


def test_weights_that_are_no_numbers_are_said_to_be(published: Published) -> None:
    whole = published.ours()
    broken = replace(whole, code_table=torch.full_like(whole.code_table, torch.nan))
    with pytest.raises(BackendError, match="no numbers") as caught:
        codes(broken, WORDS[:1])
    assert "precision" in caught.value.hint


def test_other_layers_than_plain_ones_are_called_by_themselves(
    published: Published,
) -> None:
    """As quantized ones are."""

    class Quantized(nn.Linear):
        pass

    model = copy.deepcopy(published.model)
    for layer in model.model.language_model.layers:
        for part in (layer.self_attn, layer.mlp):
            for name, linear in list(part.named_children()):
                if isinstance(linear, nn.Linear):
                    linear.__class__ = Quantized
                    assert getattr(part, name) is linear
    facts = Facts(GRID, SIDE_PX, CODES, 512)
    janus = taken_apart("tiny", facts, model, published.processor, compiled=False)
    assert all(type(layer.qkv) is linears.Separate for layer in janus.decoder._layers)
    assert torch.equal(codes(janus, WORDS), published.codes(WORDS)[0])


def test_without_packed_weights_the_codes_are_the_same(
    published: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(linears, "can_pack", lambda dtype: False)
    plain = published.ours()
    assert all(type(layer.qkv) is linears.Joined for layer in plain.decoder._layers)
    assert torch.equal(codes(plain, WORDS), published.codes(WORDS)[0])


def test_joined_layers_give_what_they_gave_and_hold_no_weight_twice() -> None:
    torch.manual_seed(0)
    first, second = nn.Linear(12, 5), nn.Linear(12, 7, bias=False)
    x = torch.randn(4, 3, 12)
    with torch.no_grad():
        wanted = torch.cat([first(x), second(x)], dim=2)
    for pack in (False, True):
        parts = [copy.deepcopy(first), copy.deepcopy(second)]
        found = linears.join(parts, pack)(x)
        assert (found - wanted).abs().max() < 1e-6
        assert not list(parts[0].parameters()) and not list(parts[1].parameters())


def test_compiled_steps_draw_the_same(
    published: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All but the compiler itself, which takes a minute."""
    asked: list[dict[str, Any]] = []

    def compiled(step: Any, **how: Any) -> Any:
        asked.append(how)
        return step

    monkeypatch.setattr(torch, "compile", compiled)
    janus = published.ours(compiled=True)
    assert asked == [{"mode": "default", "dynamic": False}] and janus.decoder.is_compiled
    wanted = published.codes(WORDS)[0]
    for _ in range(2):  # the second time in the cache of the first
        found = draw_codes(janus, jobs(janus, WORDS), lambda c, n: None, least_rows=8)
        assert torch.equal(found, wanted)


def test_a_compiler_that_fails_is_done_without(
    published: Published, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def compiled(_step: Any, **_how: Any) -> Any:
        def fail(*_values: object) -> Tensor:
            raise RuntimeError("no C++ compiler\nmany lines")

        return fail

    monkeypatch.setattr(torch, "compile", compiled)
    janus = published.ours(compiled=True)
    assert torch.equal(codes(janus, WORDS), published.codes(WORDS)[0])
    assert "goes on without torch.compile: no C++ compiler" in caplog.text
    assert "many lines" not in caplog.text


def test_a_pick_falls_as_often_as_its_share() -> None:
    shares = torch.tensor([0.0, 1.0, 0.0, 3.0, 4.0, 0.0])
    chances = (torch.arange(800) / 800).unsqueeze(1)
    found = pick(shares.expand(800, -1), chances)
    assert found.bincount(minlength=6).tolist() == [0, 100, 0, 300, 400, 0]


def test_the_nucleus_is_the_likeliest_that_make_up_the_share() -> None:
    shares = torch.tensor([[0.1, 0.5, 0.15, 0.25]]).expand(4, -1)
    found = nucleus(shares, torch.tensor([[0.5], [0.51], [0.8], [1.0]]))
    assert (found > 0).tolist() == [
        [False, True, False, False],
        [False, True, False, True],
        [False, True, True, True],
        [True, True, True, True],
    ]
