"""Picking codes and words with the trained model: guidance, temperature, seeds, captions.

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

from llamavis_studio.model.caption_decoder import END
from llamavis_studio.model.unified import LlamaVis, grid_cells

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
    shares = (logits.float() / temperature).softmax(dim=1)
    # Sorting a whole codebook takes longer than all the rest of a choice: sort the likeliest codes,
    # and whole rows only where these do not reach the nucleus.
    likeliest = shares.topk(min(LIKELIEST, shares.shape[1]), dim=1).values
    least = _least_of_nucleus(likeliest, top_p)  # (B, 1)
    short = (likeliest.sum(dim=1) < top_p).nonzero().squeeze(1)
    if len(short) and shares.shape[1] > LIKELIEST:
        least[short] = _least_of_nucleus(shares[short].sort(dim=1, descending=True).values, top_p)
    # Inverted in the order of the codebook. In the order of the shares, a rounding error that turns
    # two like ones around would pick another code.
    total = torch.where(shares >= least, shares, 0.0).cumsum(dim=1)
    target = number.to(total.device).unsqueeze(1) * total[:, -1:]
    return (total <= target).sum(dim=1).clamp(max=total.shape[1] - 1)


def _least_of_nucleus(shares: Tensor, top_p: float) -> Tensor:
    """Of shares ``(B, n)`` that fall along a row, the one that reaches ``top_p``: ``(B, 1)``."""
    needed = shares.cumsum(dim=1) - shares < top_p  # always the likeliest
    return shares.masked_fill(~needed, 2.0).amin(dim=1, keepdim=True)


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
