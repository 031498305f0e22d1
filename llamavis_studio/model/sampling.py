"""Drawing and reading with the trained model: guidance, temperature, seeds, captions.

Every row of a batch has its own seed: its random numbers are drawn before the first step by a
generator of its own, so a picture does not depend on what else is in the batch. A code is picked
by inverting the cumulative distribution, which spends exactly one number a code.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from llamavis_studio.model.backbone import KeyValueCache, blocked_bias, rotary_table
from llamavis_studio.model.caption_decoder import END
from llamavis_studio.model.unified import (
    LlamaVis,
    Prompt,
    References,
    grid_cells,
    position_features,
)

LIKELIEST = 128
"""Codes that are sorted at first; the nucleus often lies among them."""

OnStep = Callable[[int, int], None]
"""Called after each position with (written, all); raises to cancel."""


@dataclass(frozen=True)
class Sampling:
    """How codes are picked."""

    guidance_scale: float = 4.0
    """1 follows the words as learned; more insists on them (classifier-free guidance, Ho 2022)."""
    temperature: float = 0.8
    """0 always takes the likeliest code."""
    top_p: float = 0.95
    """Only the likeliest codes that together reach this probability (nucleus, Holtzman 2020)."""
    fine_temperature: float = 0.35
    """Multiplies the temperature for the refining codes: less noise in the detail."""


class Known(NamedTuple):
    """Codes of a picture that are given, such as all outside a region that is drawn anew."""

    codes: Tensor  # (B, P, depth) int64, raster order; what the mask leaves out is not looked at
    mask: Tensor  # (B, P) bool, True where the code stays


class Halfway(NamedTuple):
    """Pictures that are being drawn, as far as they are; for looking, not for touching."""

    codes: Tensor  # (B, P, depth) int64, in the order of writing
    order: Tensor  # (B, P) int64, the cell that each step writes
    written: int  # steps that are done
    cache: KeyValueCache  # of (halves * B) rows, the wanted half first
    keys: Tensor  # (halves * B, n) bool, False at padding
    written_at: Tensor  # (B, P, D), what says where a code stands, in the order of writing
    writes_next: Tensor  # (B, P, D), what says where the next one goes
    table: tuple[Tensor, Tensor]  # cosines and sines (P, hs)


Look = Callable[[Halfway], None]


def seeded_numbers(seeds: Sequence[int], positions: int, depth: int) -> Tensor:
    """One row of uniform numbers for each seed: ``(B, positions, depth)`` float32 on the CPU."""
    rows = [
        torch.rand(positions, depth, generator=torch.Generator().manual_seed(seed))
        for seed in seeds
    ]
    return torch.stack(rows)


def choose(logits: Tensor, number: Tensor, temperature: float, top_p: float) -> Tensor:
    """Pick one index a row of ``logits (B, K)`` with ``number (B,)`` in 0..1."""
    if temperature <= 0:
        return logits.argmax(dim=1)
    scaled = logits.float() / temperature
    scale = scaled.logsumexp(dim=1, keepdim=True)
    # Sorting a whole codebook takes longer than all the rest of a choice: sort the likeliest codes,
    # and whole rows only where these do not reach the nucleus.
    ordered, index = scaled.topk(min(LIKELIEST, scaled.shape[1]), dim=1)
    shares = (ordered - scale).exp()
    kept = torch.zeros_like(scaled).scatter_(1, index, _nucleus(shares, top_p))
    short = (shares.sum(dim=1) < top_p).nonzero().squeeze(1)
    if len(short) and scaled.shape[1] > LIKELIEST:
        ordered, index = scaled[short].sort(dim=1, descending=True, stable=True)
        whole = _nucleus((ordered - scale[short]).exp(), top_p)
        kept[short] = torch.zeros_like(whole).scatter_(1, index, whole)
    # Inverted in the order of the codebook. In the order of the shares, a rounding error that turns
    # two like ones around would pick another code, and so a batch would draw other pictures.
    total = kept.cumsum(dim=1)
    target = number.to(total.device).unsqueeze(1) * total[:, -1:]
    return (total <= target).sum(dim=1).clamp(max=total.shape[1] - 1)


def _nucleus(shares: Tensor, top_p: float) -> Tensor:
    """Shares ``(B, n)`` that fall along a row, with zeros behind the first that reach ``top_p``."""
    return shares * (shares.cumsum(dim=1) - shares < top_p)  # always keeps the likeliest


def pad_together(first: Prompt, second: Prompt) -> Prompt:
    """Stack two prompts of ``B`` rows to one of ``2B``; words and references padded to the more."""
    width = max(first.states.shape[1], second.states.shape[1])

    def padded(prompt: Prompt) -> list[Tensor]:
        missing = width - prompt.states.shape[1]
        return [
            torch.nn.functional.pad(prompt.states, (0, 0, 0, missing)),
            torch.nn.functional.pad(prompt.mask, (0, missing)),
            prompt.kind,
        ]

    words = [torch.cat(pair) for pair in zip(padded(first), padded(second), strict=True)]
    return Prompt(words[0], words[1], words[2], _references_together(first, second))


def _references_together(first: Prompt, second: Prompt) -> References | None:
    some = first.references or second.references
    if some is None:
        return None
    count = max(p.references.mask.shape[1] for p in (first, second) if p.references is not None)
    halves = []
    for prompt in (first, second):
        found = prompt.references
        if found is None:
            rows = len(prompt.kind)
            found = References(
                some.codes.new_zeros(rows, 0, *some.codes.shape[2:]),
                some.role.new_zeros(rows, 0),
                some.mask.new_zeros(rows, 0),
            )
        missing = count - found.mask.shape[1]  # the last reference stays the last
        halves.append(
            References(
                torch.nn.functional.pad(found.codes, (0, 0, 0, 0, missing, 0)),
                torch.nn.functional.pad(found.role, (missing, 0)),
                torch.nn.functional.pad(found.mask, (missing, 0)),
            )
        )
    return References(*(torch.cat(pair) for pair in zip(*halves, strict=True)))


def writing_order(known: Tensor) -> Tensor:
    """Known positions first, each part in raster order: ``(B, P)`` bool to ``(B, P)`` places."""
    return (~known).to(torch.int8).argsort(dim=1, stable=True)


@torch.inference_mode()
def draw_codes(
    model: LlamaVis,
    prompt: Prompt,
    unwanted: Prompt,
    grid: tuple[int, int],
    seeds: Sequence[int],
    sampling: Sampling,
    on_step: OnStep | None = None,
    known: Known | None = None,
    look: Look | None = None,
) -> Tensor:
    """Write the codes of ``B`` images: ``(B, P, depth)`` int64 in raster order.

    ``unwanted`` is the other side of guidance: the unconditional prompt, or the words to avoid.
    Both halves run in one batch of ``2B`` rows over one key/value cache. What is ``known`` is read
    first and stays as it is; the rest is written after it, in raster order. ``look`` may look at
    what there is after each step, before that is told.
    """
    B, P = len(seeds), grid[0] * grid[1]
    device = prompt.kind.device
    depth = len(model.config.tokenizer.codebook_sizes)
    given = torch.zeros(B, P, dtype=torch.bool, device=device) if known is None else known.mask
    order = writing_order(given)  # (B, P)
    count = given.sum(dim=1)  # (B,)
    skip = int(count.min())  # so many steps are known in every row: they are read at once
    if skip == P and known is not None:
        if on_step is not None:
            on_step(P, P)
        return known.codes.clone()
    codes = torch.zeros(B, P, depth, dtype=torch.long, device=device)  # in the order of writing
    if known is not None:
        codes = known.codes.gather(1, order.unsqueeze(2).expand(-1, -1, depth)).clone()
    numbers = seeded_numbers(seeds, P, depth).to(device)
    guided = sampling.guidance_scale != 1.0
    both = pad_together(prompt, unwanted) if guided else prompt
    halves = 2 if guided else 1
    cache = model.begin_cache(both, grid, P)
    before = both.seen()  # (halves * B, n)
    keys = torch.cat([before, before.new_ones(len(before), P)], dim=1)
    bias = blocked_bias(keys[:, None, None, :], cache.keys.dtype)
    cells = grid_cells(grid, device)[order]  # (B, P, 2)
    features = position_features(cells)
    written, next_at = model.written_at(features), model.writes_next(features)  # (B, P, D)
    body, start = model.config.backbone, model.config.image_start
    positions = torch.arange(start, start + P, device=device)
    cos, sin = rotary_table(positions, body.head_size, body.rope_theta)  # (P, hs) each
    if skip:
        x = model.image_inputs(codes[:, : skip + 1], cells[:, : skip + 1])  # (B, skip + 1, D)
        n = before.shape[1]
        steps = torch.ones(skip + 1, n + skip + 1, dtype=torch.bool, device=device).tril(n)
        mask = steps & keys[:, None, None, : n + skip + 1]
        x = x.repeat(halves, 1, 1)
        model.backbone(x[:, :-1], positions[:skip], mask[:, :, :-1, :-1], cache)
        x = x[:, -1:]
    else:
        x = (model.begin_image + next_at[:, 0]).repeat(halves, 1).unsqueeze(1)
    for step in range(skip, P):
        table = cos[step : step + 1], sin[step : step + 1]
        hidden = model.backbone.run(x, table, bias[..., : cache.length + 1], cache)[:, 0]
        free = step >= count  # (B,)
        for level in range(depth):
            told = codes[:, step, :level].repeat(halves, 1)  # (halves * B, level)
            heat = sampling.temperature * (sampling.fine_temperature if level else 1.0)
            chosen = choose(
                guide(model.heads(hidden, told), sampling.guidance_scale),
                numbers[:, step, level],
                heat,
                sampling.top_p,
            )
            codes[:, step, level] = torch.where(free, chosen, codes[:, step, level])
        if step + 1 < P:
            x = model.code_embedding(codes[:, step]) + written[:, step] + next_at[:, step + 1]
            x = x.repeat(halves, 1).unsqueeze(1)
            if look is not None:
                turns = cos, sin
                look(Halfway(codes, order, step + 1, cache, keys, written, next_at, turns))
        if on_step is not None:
            on_step(step + 1, P)
    return torch.zeros_like(codes).scatter_(1, order.unsqueeze(2).expand(-1, -1, depth), codes)


def guide(logits: Tensor, scale: float) -> Tensor:
    """Logits ``(2B, K)``, wanted half first, to guided ``(B, K)``; ``(B, K)`` pass at scale 1."""
    if scale == 1.0:
        return logits
    wanted, other = logits.chunk(2)
    return other + scale * (wanted - other)


class Caption(NamedTuple):
    """Caption tokens of one image."""

    ids: list[int]
    probabilities: list[float]  # of each id, given those before it


@torch.inference_mode()
def read_captions(
    model: LlamaVis,
    codes: Tensor,
    grid: tuple[int, int],
    *,
    samples: int = 0,
    temperature: float = 0.7,
    seed: int = 0,
    on_step: OnStep | None = None,
) -> list[list[Caption]]:
    """Captions of images given as ``codes (B, P, depth)``.

    The first caption of each image is the greedy one; ``samples`` more are drawn, from which the
    probability of a tag can be counted.
    """
    B, P, _ = codes.shape
    rows = 1 + samples
    device = codes.device
    room = model.config.max_caption_tokens
    cells = grid_cells(grid, device)
    cache = model.begin_cache(model.no_prompt(B, device), grid, P + room)
    start = model.config.image_start
    x = torch.cat(
        [
            model.image_inputs(codes, cells),
            model.caption_inputs(codes[:, -1], cells[-1], codes.new_zeros(B, 0)),
        ],
        dim=1,
    )
    L = x.shape[1]
    mask = torch.ones(1, 1, L, L + 1, dtype=torch.bool, device=device).tril(1)
    positions = torch.arange(start, start + L, device=device)
    hidden = model.backbone(x, positions, mask, cache)[:, -1]  # (B, D)
    # Every image's row becomes `rows` rows that share what was read so far.
    cache.keys = cache.keys.repeat_interleave(rows, dim=1)
    cache.values = cache.values.repeat_interleave(rows, dim=1)
    hidden = hidden.repeat_interleave(rows, dim=0)  # (B * rows, D)
    numbers = seeded_numbers([seed], room, rows)[0].to(device)  # (room, rows)
    greedy = torch.arange(B * rows, device=device) % rows == 0
    ids = torch.full((B * rows, room), END, dtype=torch.long, device=device)
    shares = torch.ones(B * rows, room, device=device)
    done = torch.zeros(B * rows, dtype=torch.bool, device=device)
    for step in range(room):
        logits = model.caption(hidden)
        if step == 0:  # a caption begins with its kind
            allowed = torch.zeros(logits.shape[1], dtype=torch.bool, device=device)
            allowed[1 : 1 + len(model.config.kinds)] = True
            logits = logits.masked_fill(~allowed, float("-inf"))
        drawn = choose(logits, numbers[step].repeat(B), temperature, 0.95)
        token = torch.where(greedy, logits.argmax(dim=1), drawn)
        token = torch.where(done, torch.full_like(token, END), token)
        ids[:, step] = token
        shares[:, step] = logits.float().softmax(dim=1).gather(1, token.unsqueeze(1)).squeeze(1)
        done |= token == END
        if on_step is not None:
            on_step(step + 1, room)
        if bool(done.all()) or step + 1 == room:
            break
        x = model.caption.embed(token).unsqueeze(1)
        at = torch.tensor([start + L + step], device=device)
        hidden = model.backbone(x, at, None, cache)[:, 0]
    return [
        [_caption(ids[i * rows + r].tolist(), shares[i * rows + r].tolist()) for r in range(rows)]
        for i in range(B)
    ]


def _caption(ids: list[int], shares: list[float]) -> Caption:
    length = ids.index(END) if END in ids else len(ids)
    return Caption(ids[:length], shares[:length])
