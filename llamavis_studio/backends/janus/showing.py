"""Glimpses of pictures while their codes come: what is written, and below it a pale smear."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from llamavis_studio.backends.base import Glimpse, Pixels
from llamavis_studio.backends.janus.checkpoint import Janus
from llamavis_studio.backends.pretrained import refuse_nan
from llamavis_studio.model.glimpse import GUESS_OPACITY, Pace


class Onlooker:
    """Looks at the pictures of one batch in turn, as often as its pace allows.

    ``names`` are those of the watched ones, None for the others; ``edits`` says which of them begin
    as an older version, whose codes stand until the new ones come.
    """

    def __init__(
        self,
        janus: Janus,
        names: Sequence[str | None],
        edits: Sequence[bool],
        show: Callable[[Glimpse], None],
        pace: Pace,
    ) -> None:
        self._janus, self._edits, self._show, self._pace = janus, edits, show, pace
        self._watched = [(row, name) for row, name in enumerate(names) if name is not None]
        self._next = 0

    def __call__(self, codes: Tensor, written: int) -> None:
        """Show the next picture if it is time: ``codes (B, cells)``, of which the first
        ``written`` of each are drawn.
        """
        if not self._watched or not self._pace.begins():
            return
        row, name = self._watched[self._next % len(self._watched)]
        self._next += 1
        self._show(Glimpse(name, self._picture(codes[row], written, self._edits[row])))
        self._pace.ended()

    def _picture(self, codes: Tensor, written: int, is_edit: bool) -> Pixels:
        grid = self._janus.facts.grid
        if is_edit:
            return to_rgba(pixels_of(self._janus, codes))
        picture = to_rgba(pixels_of(self._janus, smeared(codes, written, grid)))
        sure = (np.arange(grid * grid) < written).reshape(grid, grid)
        cell = self._janus.facts.patch_px
        sure = sure.repeat(cell, 0).repeat(cell, 1)
        picture[..., 3] = np.where(sure, 255, round(255 * GUESS_OPACITY))
        return picture


def smeared(codes: Tensor, written: int, grid: int) -> Tensor:
    """Codes ``(cells,)`` with those that are still to come as the ones above them."""
    cells = codes.clone().view(grid, grid)
    row, column = divmod(written, grid)
    if row < grid:
        if column:
            cells[row, column:] = cells[row - 1, column:] if row else cells[0, column - 1]
            row += 1
        if row:
            cells[row:] = cells[row - 1]
    return cells.view(-1)


@torch.inference_mode()
def pixels_of(janus: Janus, codes: Tensor) -> Pixels:
    """RGB ``(side, side, 3)`` of the codes ``(cells,)`` of one picture.

    One at a time: a batch takes as long on a processor, and would round otherwise.
    """
    decoded = janus.vq.decode(codes.unsqueeze(0))[0].float()  # (3, side, side), -1..1
    refuse_nan(decoded, janus.name)
    scaled = ((decoded + 1) * 127.5).round_().clamp_(0, 255).to(torch.uint8)
    pixels: Pixels = scaled.permute(1, 2, 0).contiguous().cpu().numpy()
    return pixels


def to_rgba(pixels: Pixels) -> Pixels:
    """RGB with an opaque fourth channel."""
    return np.dstack([pixels, np.full(pixels.shape[:2], 255, np.uint8)])
