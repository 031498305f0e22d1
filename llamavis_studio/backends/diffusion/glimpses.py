"""Pictures while noise is taken away from them: a small decode now and then.

Latents are averaged to a small square before they are decoded, which costs next to nothing and
takes most of the noise away, so a picture grows out of its own rough colours.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from llamavis_studio.backends.base import Glimpse
from llamavis_studio.model.glimpse import Pace

ROWS_AT_ONCE = 4
MOST_LATENTS = 32
"""Longer side of what is decoded."""
FAINTEST, SURE = 115, 255
"""How opaque a glimpse is, from the first step to the last."""


class Onlooker:
    """Looks at one batch. ``names`` are those of the watched rows, "" for the others."""

    def __init__(
        self,
        pipe: Any,
        names: Sequence[str],
        size_px: tuple[int, int],
        pace: Pace,
        show: Callable[[Glimpse], None],
    ) -> None:
        self._pipe, self._names, self._size, self._pace, self._show = (
            pipe, names, size_px, pace, show,
        )  # fmt: skip
        self._rows = [row for row, name in enumerate(names) if name]
        self._next = 0

    def look(self, latents: Tensor, done: float) -> None:
        """Show a few of the watched pictures if it is time; ``done`` is the share of steps."""
        if not self._rows or not self._pace.begins():
            return
        rows = [self._rows[(self._next + n) % len(self._rows)] for n in range(len(self._rows))]
        rows = rows[:ROWS_AT_ONCE]
        self._next += len(rows)
        small = small_pictures(self._pipe, latents[rows], self._size, done)
        opacity = torch.full_like(small[:, :1], FAINTEST + (SURE - FAINTEST) * done)
        values = torch.cat([small * 255.0, opacity], dim=1).round().to(torch.uint8)
        for row, pixels in zip(rows, values.permute(0, 2, 3, 1).numpy(), strict=True):
            self._show(Glimpse(self._names[row], pixels))
        self._pace.ended()


@torch.no_grad()
def small_pictures(pipe: Any, latents: Tensor, size_px: tuple[int, int], done: float) -> Tensor:
    """``(b, 3, h, w)`` float32 in 0..1 on the processor, of latents when ``done`` (0..1) of the
    steps are. Where noise makes latents larger than a decoder knows them, they are made smaller.
    """
    vae = pipe.vae
    if latents.ndim == 3:
        latents = pipe._unpack_latents(latents, size_px[1], size_px[0], pipe.vae_scale_factor)
    film = latents.ndim == 5  # (b, C, 1, h, w): an autoencoder of films
    flat = latents[:, :, 0] if film else latents
    flat = flat.float()
    excess = flat.std(dim=(1, 2, 3), keepdim=True).clamp(min=1.0)
    flat = flat / excess ** (1.0 - done)
    factor = -(-max(flat.shape[-2:]) // MOST_LATENTS)
    if factor > 1:
        flat = F.avg_pool2d(flat, factor, ceil_mode=True)
    flat = _for_decoder(vae.config, flat).to(vae.device, vae.dtype)
    decoded = vae.decode(flat[:, :, None] if film else flat, return_dict=False)[0]
    decoded = decoded[:, :, 0] if film else decoded
    pictures: Tensor = (decoded.float().nan_to_num() / 2 + 0.5).clamp(0, 1).cpu()
    return pictures


def _for_decoder(config: Any, latents: Tensor) -> Tensor:
    """From the scale of the denoiser to that of the decoder."""
    scaled = latents / getattr(config, "scaling_factor", 1.0)
    mean, std = getattr(config, "latents_mean", None), getattr(config, "latents_std", None)
    if mean is not None and std is not None:
        shape = (1, -1, 1, 1)
        return scaled * scaled.new_tensor(std).view(shape) + scaled.new_tensor(mean).view(shape)
    return scaled + (getattr(config, "shift_factor", None) or 0.0)
