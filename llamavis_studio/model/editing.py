"""Which part of a picture an edit draws anew: all else keeps its codes, and so its pixels.

Cells are positions of the code grid, in raster order; True means drawn anew.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from llamavis_studio.model.pixels import PATCH_PX
from llamavis_studio.model.text_encoder import TextEncoder
from llamavis_studio.model.unified import LlamaVis, encode_prompts

CHANGED_NATS = 0.12
"""How much less likely the new words must make a code, smoothed over its surroundings.

On 40 held-out edits: 0.05 moves 0.39 of what drawing afresh moves outside the change, 0.15 moves
0.16 and 0.6 moves 0.03; but the higher it is, the fewer edits happen at all.
"""
TELLING_CODES = 2
"""Codes of a position that are asked: those after them are mostly noise to the words."""


def cells_to_redraw(region: Tensor, grid: tuple[int, int]) -> Tensor:
    """Pixels ``(h, w)`` bool to cells ``(P,)``: those that any pixel of the region lies in."""
    blocks = region.view(grid[0], PATCH_PX, grid[1], PATCH_PX)
    return blocks.any(dim=3).any(dim=1).flatten()


def varied_cells(grid: tuple[int, int], strength: float, seed: int) -> Tensor:
    """A share ``strength`` of the cells in a few blobs, the same for a seed: ``(P,)`` bool."""
    height, width = grid
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(1, 1, height, width, generator=generator)
    smooth = F.avg_pool2d(F.pad(noise, (1, 1, 1, 1), mode="circular"), 3, stride=1).flatten()
    count = round(strength * height * width)
    chosen = torch.zeros(height * width, dtype=torch.bool)
    chosen[smooth.argsort(descending=True)[:count]] = True
    return chosen


def seam_cells(grid: tuple[int, int]) -> Tensor:
    """The cross of two rows and two columns in the middle: ``(P,)`` bool.

    There the seams of a texture lie once it is rolled by half.
    """
    middle = torch.zeros(grid, dtype=torch.bool)
    middle[grid[0] // 2 - 1 : grid[0] // 2 + 1] = True
    middle[:, grid[1] // 2 - 1 : grid[1] // 2 + 1] = True
    return middle.flatten()


@torch.inference_mode()
def changed_by_words(
    model: LlamaVis,
    encoder: TextEncoder,
    codes: Tensor,
    prompts: tuple[str, str],
    kind: str,
    grid: tuple[int, int],
) -> Tensor:
    """Cells of ``codes (P, depth)`` that the second prompt makes less likely: ``(P,)`` bool.

    The idea of DiffEdit (Couairon et al. 2022), where two noise estimates are compared, with the
    likelihoods that an autoregressive model gives for nothing: one pass over what is there.
    """
    scores = word_contrast(model, encoder, codes, prompts, kind, grid)
    changed = scores > CHANGED_NATS
    grown = F.max_pool2d(changed.view(1, 1, *grid).float(), 3, stride=1, padding=1)
    return grown.flatten() > 0


def word_contrast(
    model: LlamaVis,
    encoder: TextEncoder,
    codes: Tensor,
    prompts: tuple[str, str],
    kind: str,
    grid: tuple[int, int],
) -> Tensor:
    """Nats by which each code is likelier under the first prompt than the second: ``(P,)``."""
    both = codes.unsqueeze(0).expand(2, -1, -1)
    prompt = encode_prompts(model, encoder, prompts, [kind, kind])
    hidden = model.draw_hidden(prompt, both, grid)
    nats = model.heads.nats(hidden, both[..., :TELLING_CODES])  # (2, P)
    contrast = (nats[1] - nats[0]).view(1, 1, *grid)
    smooth = F.avg_pool2d(contrast, 3, stride=1, padding=1, count_include_pad=False)
    return smooth.flatten()
