"""The plainest way to draw: no cache, everything anew for each position, half by half, row by row.

What the product's loop is held to. It shares with it the random numbers and the choice of a code,
and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from llamavis_studio.model.drawing import Known
from llamavis_studio.model.sampling import Sampling, choose, seeded_numbers
from llamavis_studio.model.unified import LlamaVis, Prompt, grid_cells
from tests.support.tiny_model import row_of


@torch.no_grad()
def draw_plainly(
    model: LlamaVis,
    prompt: Prompt,
    unwanted: Prompt,
    grid: tuple[int, int],
    seeds: Sequence[int],
    sampling: Sampling,
    known: Known | None = None,
) -> Tensor:
    """The codes that :func:`llamavis_studio.model.drawing.draw_codes` should write."""
    rows = [
        _draw_row(
            model,
            (row_of(prompt, row), row_of(unwanted, row)),
            grid,
            seed,
            sampling,
            None if known is None else Known(known.codes[row], known.mask[row]),
        )
        for row, seed in enumerate(seeds)
    ]
    return torch.stack(rows)


def _draw_row(
    model: LlamaVis,
    halves: tuple[Prompt, Prompt],
    grid: tuple[int, int],
    seed: int,
    sampling: Sampling,
    known: Known | None,
) -> Tensor:
    P, depth = grid[0] * grid[1], len(model.config.tokenizer.codebook_sizes)
    kept = [] if known is None else known.mask.nonzero().squeeze(1).tolist()
    order = kept + [place for place in range(P) if place not in kept]
    cells = grid_cells(grid)[order]
    numbers = seeded_numbers([seed], P, depth)
    codes = torch.zeros(1, P, depth, dtype=torch.long)
    for step, place in enumerate(order):
        if known is not None and place in kept:
            codes[0, step] = known.codes[place]
            continue
        wanted, other = (
            model.draw_hidden(half, codes, grid, cells)[:, step] for half in halves
        )  # (1, D) each
        for level in range(depth):
            before = codes[:, step, :level]
            likely, unlikely = model.heads(wanted, before), model.heads(other, before)
            guided = unlikely + sampling.guidance_scale * (likely - unlikely)
            heat = sampling.temperature * (sampling.fine_temperature if level else 1.0)
            chosen = choose(guided, numbers[:, step, level], heat, sampling.top_p)
            codes[:, step, level] = chosen
    back = torch.empty(P, dtype=torch.long)
    back[order] = torch.arange(P)
    return codes[0, back]
