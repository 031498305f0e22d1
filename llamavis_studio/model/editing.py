"""Which part of a picture an edit draws anew: all else keeps its codes, and so its pixels.

Cells are positions of the code grid, in raster order; True means drawn anew.
"""

from __future__ import annotations

import difflib
import re

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from llamavis_studio.model.colour_names import NAMES, name_pixels, to_oklab
from llamavis_studio.model.pixels import PATCH_PX, Pixels
from llamavis_studio.model.text_encoder import TextEncoder
from llamavis_studio.model.unified import LlamaVis, encode_prompts

CHANGED_NATS = 0.08
"""How much less likely the new words must make a code, smoothed over its surroundings.

On 40 held-out edits, 0.05 moves 0.26 of what drawing afresh moves outside the change, 0.08 moves
0.16 and 0.12 moves 0.12; the scorer finds the new words nearer in 0.53, 0.55 and 0.45 of them (0.22
before the edit, 0.70 drawn afresh, 0.035 noise).
"""
TELLING_CODES = 2
"""Codes of a position that are asked: those after them are mostly noise to the words."""


VOTES = 9
LEAST_SHARE, DARK = 0.02, 0.4
NEAR_OKLAB = 0.06
"""Pixels of an edit that come out nearer than this to the old ones, in OKLab, stay as they were.

The decoder never gives the same shade twice; about three just noticeable differences.
"""


def nearly_the_same(before: Pixels, after: Pixels) -> NDArray[np.bool_]:
    """Where two RGBA pictures ``(h, w, 4)`` of hard alpha differ too little to be an edit."""
    same_shape = (before[..., 3] > 0) == (after[..., 3] > 0)
    apart = np.linalg.norm(to_oklab(before[..., :3]) - to_oklab(after[..., :3]), axis=2)
    near: NDArray[np.bool_] = same_shape & ((apart < NEAR_OKLAB) | (after[..., 3] == 0))
    return near


def spill(
    before: Pixels, after: Pixels, core: NDArray[np.bool_], rim: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Pixels ``(h, w)`` of ``rim`` that belong to what changed in ``core``, by their old colours.

    A robe ends within cells that also hold a hand and a spear: its last pixels must follow, the
    hand must not. Each rim pixel goes with the majority of the ``VOTES`` core pixels whose old
    colour is nearest to its own; lightness counts half, as folds and shadows share a hue.
    """
    seen = before[..., 3] > 0
    samples, asked = core & seen, rim & seen
    out = np.zeros_like(rim)
    if not samples.any() or not asked.any():
        return out
    lab = to_oklab(before[..., :3]) * np.array([0.5, 1.0, 1.0], np.float32)
    went = ~nearly_the_same(before, after)[samples]
    apart = ((lab[asked][:, None] - lab[samples][None]) ** 2).sum(axis=2)
    votes = min(VOTES, apart.shape[1])
    nearest = np.argpartition(apart, votes - 1, axis=1)[:, :votes]
    out[asked] = went[nearest].mean(axis=1) > 0.5
    return out


def of_the_old_colour(before: Pixels, words: tuple[str, str]) -> NDArray[np.bool_] | None:
    """Pixels ``(h, w)`` that a change of nothing but colour words is about; None for others.

    "Green robe" that becomes "red robe" speaks of what is green, and of the dark folds and outlines
    around it. Where hardly anything has the old colour, its word is no guide.
    """
    old, new = (re.findall(r"\w+", text.casefold()) for text in words)
    blocks = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    gone = {word for tag, i, j, _, _ in blocks if tag != "equal" for word in old[i:j]}
    come = {word for tag, _, _, i, j in blocks if tag != "equal" for word in new[i:j]}
    if not gone or not gone | come <= set(NAMES):
        return None
    seen = before[..., 3] > 0
    lab = to_oklab(before[..., :3])
    named = name_pixels(lab.reshape(-1, 3)).reshape(seen.shape)
    hit = seen & np.isin(named, [NAMES.index(word) for word in gone])
    if hit.sum() < LEAST_SHARE * seen.sum():
        return None
    padded = np.pad(hit, 1)
    height, width = hit.shape
    beside = sum(
        padded[y : y + height, x : x + width].astype(np.int8) for y in range(3) for x in range(3)
    )
    found: NDArray[np.bool_] = hit | ((beside >= 3) & (lab[..., 0] < DARK))
    return found


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

    The change may reach into the cells around them, its `rim`.

    The idea of DiffEdit (Couairon et al. 2022), where two noise estimates are compared, with the
    likelihoods that an autoregressive model gives for nothing: one pass over what is there.
    """
    return word_contrast(model, encoder, codes, prompts, kind, grid) > CHANGED_NATS


def with_rim(cells: Tensor, grid: tuple[int, int]) -> Tensor:
    """The cells ``(P,)`` bool and those that touch them."""
    wide = F.max_pool2d(cells.view(1, 1, *grid).float(), 3, stride=1, padding=1)
    return wide.flatten() > 0


def word_contrast(
    model: LlamaVis,
    encoder: TextEncoder,
    codes: Tensor,
    prompts: tuple[str, str],
    kind: str,
    grid: tuple[int, int],
) -> Tensor:
    """Nats by which each code is likelier under the first prompt than the second: ``(P,)``."""
    both = codes.to(encoder.device).unsqueeze(0).expand(2, -1, -1)
    prompt = encode_prompts(model, encoder, prompts, [kind, kind])
    hidden = model.draw_hidden(prompt, both, grid)
    nats = model.heads.nats(hidden, both[..., :TELLING_CODES])  # (2, P)
    contrast = (nats[1] - nats[0]).view(1, 1, *grid)
    smooth = F.avg_pool2d(contrast, 3, stride=1, padding=1, count_include_pad=False)
    return smooth.flatten()
