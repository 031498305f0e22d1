"""What the unified model is shown: batches of pictures as codes, with words, references and orders.

A batch has one grid. Some rows get a reference: a picture whose words are near (so that the model
learns to borrow shapes), or the version before an edit. Some rows know a part of their picture,
which then comes first in the order of writing: a region that is filled in, a picture that is
extended, a seam that is mended.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from llamavis_studio.model.drawing import writing_order
from llamavis_studio.model.unified import ALIKE, BEFORE, References, grid_cells

VAGUE_SHARE = 0.4
"""How often a cut-out image is called just "sprite", as users often leave its kind open."""
PLAIN_KINDS = ("texture", "background")
"""Kinds that are never called "sprite"."""
ALIKE_SHARES = (0.3, 0.5, 0.2)
"""How often a batch has no, one or two references that look alike."""
EDIT_SHARE = 0.25
"""Part of the batches, where there are pairs, that draw an edit of a version before."""
KNOWN_SHARE = 0.5
"""Part of the batches in which each row knows some of its picture."""
STRANGER_SHARE = 0.08
"""How often a reference has nothing to do with the words: it must not be trusted blindly."""
LARGE_POSITIONS = 128
"""Grids beyond this get at most one reference, and seldom: attention grows with the square."""


class CodeSet(NamedTuple):
    """Images of one grid, as codes, with what is said of them."""

    grid: tuple[int, int]
    codes: Tensor  # (N, views, P, depth) int16: the picture as it is, then moved a little
    sample: Tensor  # (N,) index into the lists below
    kinds: Sequence[str]
    captions: Sequence[Sequence[str]]  # the first is the one that captions are learned from
    weights: Tensor  # (N,)
    wraps: Tensor  # (N,) bool: textures, which may be rolled any way
    alike: Tensor  # (N, k) rows of this set whose words are near, nearest first; k may be 0
    pairs: Tensor  # (m, 2) rows of which the second is an edit of the first


class Example(NamedTuple):
    """One batch to draw: everything but the text encoder's states."""

    codes: Tensor  # (B, P, depth) int64 in the order of writing
    cells: Tensor  # (B, P, 2) where each stands
    rows: Tensor  # (B,) of the set
    references: References | None


def draw_example(chosen: CodeSet, count: int, generator: torch.Generator) -> Example:
    """A batch of ``count`` rows of a set, with references and an order of writing."""
    P = chosen.grid[0] * chosen.grid[1]
    large = P > LARGE_POSITIONS
    edit = bool(len(chosen.pairs)) and _chance(EDIT_SHARE, generator)
    if edit:
        share = chosen.weights[chosen.pairs[:, 1]]  # else the many composed characters were all
        picked = torch.multinomial(share, count, replacement=True, generator=generator)
        pairs = chosen.pairs[picked]
        turned = torch.rand(count, generator=generator) < 0.5
        rows = torch.where(turned, pairs[:, 0], pairs[:, 1])
        others = torch.where(turned, pairs[:, 1], pairs[:, 0]).unsqueeze(1)  # (B, 1)
        role = torch.full((count, 1), BEFORE)
    else:
        rows = torch.multinomial(chosen.weights, count, replacement=True, generator=generator)
        wanted = int(torch.multinomial(torch.tensor(ALIKE_SHARES), 1, generator=generator))
        if large:
            wanted = int(wanted == 2)
        others = neighbours(chosen, rows, wanted, generator)  # (B, R)
        role = torch.full(others.shape, ALIKE)
    views = torch.randint(chosen.codes.shape[1], (count,), generator=generator)
    moved = roll_cells(chosen, rows, generator)  # (B, P)
    codes = _take(chosen, rows, views, moved)
    references = None
    if others.shape[1]:
        if edit:  # the version before lies exactly under the new one
            told = _take(chosen, others[:, 0], views, moved).unsqueeze(1)
        else:
            columns = [
                _take(
                    chosen,
                    others[:, place],
                    torch.randint(chosen.codes.shape[1], (count,), generator=generator),
                    roll_cells(chosen, others[:, place], generator),
                )
                for place in range(others.shape[1])
            ]
            told = torch.stack(columns, dim=1)  # (B, R, P, depth)
        references = References(told, role, torch.ones(role.shape, dtype=torch.bool))
    known = torch.zeros(count, P, dtype=torch.bool)
    if _chance(KNOWN_SHARE, generator):
        known = known_parts(count, chosen.grid, generator)
    order = writing_order(known)
    return Example(
        codes.gather(1, order.unsqueeze(2).expand_as(codes)),
        grid_cells(chosen.grid)[order],
        rows,
        references,
    )


def _chance(share: float, generator: torch.Generator) -> bool:
    return float(torch.rand((), generator=generator)) < share


def _take(chosen: CodeSet, rows: Tensor, views: Tensor, moved: Tensor) -> Tensor:
    """Codes ``(B, P, depth)`` of rows in one of their views, its cells moved."""
    codes = chosen.codes[rows, views].long()
    return codes.gather(1, moved.unsqueeze(2).expand_as(codes))


def roll_cells(chosen: CodeSet, rows: Tensor, generator: torch.Generator) -> Tensor:
    """Where each cell's code comes from, ``(B, P)``: rolled any way where a picture wraps."""
    height, width = chosen.grid
    down = torch.randint(height, (len(rows), 1), generator=generator)
    right = torch.randint(width, (len(rows), 1), generator=generator)
    wraps = chosen.wraps[rows].unsqueeze(1)
    cells = grid_cells(chosen.grid)
    line = (cells[:, 0] + down * wraps) % height  # (B, P)
    column = (cells[:, 1] + right * wraps) % width
    return line * width + column


def neighbours(chosen: CodeSet, rows: Tensor, count: int, generator: torch.Generator) -> Tensor:
    """``count`` rows that look alike for each row, ``(B, count)``; the nearest come more often."""
    most = chosen.alike.shape[1]
    count = min(count, most)
    if count == 0:
        return torch.zeros(len(rows), 0, dtype=torch.long)
    place = torch.rand(len(rows), count, generator=generator).square() * most
    found = chosen.alike[rows].gather(1, place.long())
    strange = torch.rand(len(rows), count, generator=generator) < STRANGER_SHARE
    all_rows = len(chosen.codes)
    away = torch.randint(1, max(2, all_rows), (len(rows), count), generator=generator)
    anyone = (rows.unsqueeze(1) + away) % all_rows  # but itself
    return torch.where(strange, anyone, found)


def known_parts(count: int, grid: tuple[int, int], generator: torch.Generator) -> Tensor:
    """What each row knows of its picture, ``(B, P)`` bool, in one of the ways of editing.

    A box is unknown (a region), a box is known (extending), a cross is unknown (a seam), or cells
    here and there are known (a variation).
    """
    height, width = grid
    cells = grid_cells(grid)
    found = []
    for _ in range(count):
        way, *share = torch.rand(5, generator=generator).tolist()
        tall, wide = (1 + int(share[i] * side) for i, side in ((0, height), (1, width)))
        top, left = int(share[2] * (height - tall + 1)), int(share[3] * (width - wide + 1))
        inside = (cells[:, 0] >= top) & (cells[:, 0] < top + tall)
        inside &= (cells[:, 1] >= left) & (cells[:, 1] < left + wide)
        if way < 0.4:
            found.append(~inside)
        elif way < 0.6:
            found.append(inside)
        elif way < 0.75:
            middle = (cells - torch.tensor([height, width]) / 2 + 0.5).abs()  # from the centre line
            found.append((middle > 1).all(dim=1))
        else:
            found.append(torch.rand(len(cells), generator=generator) < share[0])
    return torch.stack(found)


def said(
    chosen: CodeSet, samples: Sequence[int], generator: torch.Generator
) -> tuple[list[str], list[str]]:
    """One of its captions for each sample, and a kind, sometimes only "sprite"."""
    numbers = torch.rand(len(samples), 2, generator=generator).tolist()
    texts, kinds = [], []
    for sample, (which, vague) in zip(samples, numbers, strict=True):
        captions = chosen.captions[sample]
        texts.append(captions[int(which * len(captions))])
        kind = chosen.kinds[sample]
        if kind not in PLAIN_KINDS and vague < VAGUE_SHARE:
            kind = "sprite"
        kinds.append(kind)
    return texts, kinds
