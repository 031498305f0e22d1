"""Pictures while they are drawn: what is written so far, and a pale guess at all that is not.

Codes come one cell after the other, so a picture would grow from its top like a curtain. But every
cell that is still to come can be asked at once what it would be if it came next: one pass over the
cache, which leaves no trace in it. The likeliest codes of each, its refining ones left out, are
blurred in just the right way: the picture condenses out of a ghost of itself. Where a version is
edited, its old pixels stand until the new ones come.

A glimpse takes time from drawing. So a few pictures of a batch are looked at in turn, and the pause
before the next look follows from what the last one cost.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Sequence

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from llamavis_studio.model.backbone import blocked_bias
from llamavis_studio.model.drawing import Halfway
from llamavis_studio.model.pixels import PATCH_PX, Pixels, to_bytes
from llamavis_studio.model.unified import LlamaVis

LEAST_PAUSE_S = 0.12
PAUSES_A_LOOK = 12.0
"""How many times as long as a look the pause after it is: looking costs at most a thirteenth."""
ROWS_AT_ONCE = 4
GUESSED_CODES = 2
"""Codes of a cell that are guessed; those after them only refine."""
GUESS_OPACITY = 0.45


class Pace:
    """Says when the next look is due; one for all that is drawn in a call."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._due = self._began = clock()

    def begins(self) -> bool:
        """Whether a look is due; if so, it begins now."""
        self._began = self._clock()
        return self._began >= self._due

    def ended(self) -> None:
        """The look that began is over."""
        now = self._clock()
        self._due = now + max(LEAST_PAUSE_S, PAUSES_A_LOOK * (now - self._began))


class Onlooker:
    """Looks at the pictures of one batch; given to ``draw_codes`` as ``look``.

    ``opaque`` says which of them fill their frame. ``before`` are the versions they edit, RGBA of
    the size of the grid; ``kept (B, P)`` bool, the cells of these that stay. ``show`` is told rows
    of the batch and their pictures ``(h, w, 4)``.
    """

    def __init__(
        self,
        model: LlamaVis,
        grid: tuple[int, int],
        wrap: bool,
        opaque: Sequence[bool],
        before: Sequence[Pixels | None],
        kept: Tensor | None,
        show: Callable[[Sequence[int], Sequence[Pixels]], None],
        pace: Pace,
    ) -> None:
        self._model, self._grid, self._wrap = model, grid, wrap
        self._opaque, self._before, self._kept = opaque, before, kept
        self._show, self._pace = show, pace
        self._next_row = 0

    def __call__(self, half: Halfway) -> None:
        """Show the next few pictures if it is time."""
        if not self._pace.begins():
            return
        count = len(half.codes)
        rows = range(self._next_row, min(self._next_row + ROWS_AT_ONCE, count))
        self._next_row = rows.stop % count
        codes, written = guessed(self._model, half, slice(rows.start, rows.stop))
        pictures = self._pictures(codes, written)
        self._show(rows, [self._shown(*one) for one in zip(rows, pictures, written, strict=True)])
        self._pace.ended()

    def _pictures(self, codes: Tensor, written: Tensor) -> list[Pixels]:
        tokenizer = self._model.image_tokenizer
        whole = tokenizer.codebooks.decode(codes, self._grid)
        rough = tokenizer.codebooks.decode(codes[..., :GUESSED_CODES], self._grid)
        sure = written.view(-1, 1, *self._grid)
        return to_bytes(tokenizer.picture(torch.where(sure, whole, rough), self._wrap))

    def _shown(self, row: int, picture: Pixels, written: Tensor) -> Pixels:
        if self._opaque[row]:
            picture[..., 3] = 255
        sure = self._in_pixels(written)
        before = self._before[row]
        if before is not None:
            if self._kept is not None:
                sure = sure & ~self._in_pixels(self._kept[row])
            return np.where(sure[..., None], picture, before)
        pale = (picture[..., 3] * GUESS_OPACITY).astype(np.uint8)
        picture[..., 3] = np.where(sure, picture[..., 3], pale)
        return picture

    def _in_pixels(self, cells: Tensor) -> NDArray[np.bool_]:
        grid: NDArray[np.bool_] = cells.view(self._grid).cpu().numpy()
        return grid.repeat(PATCH_PX, 0).repeat(PATCH_PX, 1)


@torch.inference_mode()
def guessed(model: LlamaVis, half: Halfway, rows: slice) -> tuple[Tensor, Tensor]:
    """Codes ``(b, P, depth)`` of some rows with the rest guessed, and which are written ``(b, P)``.

    Both in raster order. Each cell is guessed as if it came next, without guidance and chance.
    """
    codes = half.codes[rows].clone()  # (b, P, depth) in the order of writing
    order, written = half.order[rows], half.written[rows]
    first, P, depth = rows.indices(len(half.codes))[0], *codes.shape[1:]
    for at in written.unique().tolist():
        if at < P:
            alike = (written == at).nonzero().squeeze(1)
            codes[alike, at:] = _guessed_after(model, half, first + alike, at)
    raster = torch.zeros_like(codes).scatter_(1, order.unsqueeze(2).expand(-1, -1, depth), codes)
    done = torch.arange(P, device=order.device) < written.unsqueeze(1)
    return raster, torch.zeros_like(done).scatter(1, order, done)


def _guessed_after(model: LlamaVis, half: Halfway, rows: Tensor, at: int) -> Tensor:
    """What some rows, all as far, would write at each of the positions that are left.

    ``(b, left, depth)``, in the order of writing.
    """
    codes = half.codes[rows]
    left = codes.shape[1] - at
    last = model.code_embedding(codes[:, at - 1]) + half.written_at[rows, at - 1]
    x = last.unsqueeze(1) + half.writes_next[rows, at:]  # (b, left, D)
    cache = copy.copy(half.cache)  # of its own: the guesses leave no trace
    cache.keys, cache.values = half.cache.keys[:, rows], half.cache.values[:, rows]
    cache.length, cache.places = half.keys.shape[1] + at, None
    seen = F.pad(half.keys[rows], (0, at), value=True)[:, None, None].expand(-1, -1, left, -1)
    itself = torch.eye(left, dtype=torch.bool, device=x.device).expand(len(rows), 1, -1, -1)
    mask = torch.cat([seen, itself], dim=3)
    bias = blocked_bias(F.pad(mask, (0, cache.span(left) - mask.shape[3])), x.dtype)
    cos, sin = half.table
    hidden = model.backbone.run(x, (cos[at : at + 1], sin[at : at + 1]), bias, cache)
    found = codes[:, at:].clone()
    for level in range(min(GUESSED_CODES, codes.shape[2])):
        found[..., level] = model.heads(hidden, found[..., :level]).argmax(dim=-1)
    return found
