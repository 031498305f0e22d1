"""Edges that meet: convolutions that wrap around, and latents that wander.

A UNet and an autoencoder know places only through the padding of their convolutions: let these take
the opposite edge instead of zeros, and the picture has no edge. A transformer knows the place of
each patch: there the latents are rolled by another way after each step, so that no place stays an
edge, and rolled back at the end.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

_OFFSETS_STREAM = 0x7E5
"""Keeps the ways that latents roll apart from the noise of the same seed."""


@contextmanager
def wrapping(*modules: nn.Module) -> Generator[None]:
    """All 2-d convolutions of some modules pad with the opposite edge while this is open."""
    with ExitStack() as stack:
        for module in modules:
            for part in module.modules():
                if isinstance(part, nn.Conv2d) and any(part._reversed_padding_repeated_twice):
                    stack.callback(setattr, part, "padding_mode", part.padding_mode)
                    part.padding_mode = "circular"
                elif _pads_beforehand(part):
                    conv: Any = part.conv
                    stack.callback(conv.register_forward_pre_hook(_wrap_last).remove)
            if getattr(module, "use_tiling", False):
                # A large picture decoded in parts: each part would meet itself.
                stack.callback(setattr, module, "use_tiling", True)
                setattr(module, "use_tiling", False)  # noqa: B010 - no attribute of nn.Module
        yield


def _pads_beforehand(part: Any) -> bool:
    """A downsampling of diffusers that adds a row and a column of zeros by itself."""
    return (
        type(part).__name__ == "Downsample2D"
        and getattr(part, "use_conv", False)
        and getattr(part, "padding", None) == 0
    )


def _wrap_last(_module: nn.Module, inputs: tuple[Tensor, ...]) -> Tensor:
    """The row and the column that were added, taken from the opposite edge."""
    return F.pad(inputs[0][..., :-1, :-1], (0, 1, 0, 1), mode="circular")


class Wanderer:
    """Rolls latents after each step, each row of a batch its own way.

    Args:
        seeds: one a row; the ways follow from it, whatever the other rows do.
        grid: height and width in patches.
        patch: latents a patch in latents ``(B, C, h, w)``; packed ones ``(B, P, C)`` are patches.
    """

    def __init__(self, seeds: Sequence[int], grid: tuple[int, int], patch: int = 2) -> None:
        self._ways = [
            torch.Generator("cpu").manual_seed((seed << 12) + _OFFSETS_STREAM) for seed in seeds
        ]
        self._grid, self._patch = grid, patch
        self._at = [(0, 0)] * len(seeds)

    def moved(self, latents: Tensor, last: bool) -> Tensor:
        """The latents at another place; at their own after the last step."""
        targets = [(0, 0) if last else self._place(way) for way in self._ways]
        by = [(y - b, x - a) for (y, x), (b, a) in zip(targets, self._at, strict=True)]
        self._at = targets
        return self._rolled(latents, by)

    def straight(self, latents: Tensor) -> Tensor:
        """A copy of the latents at their own place."""
        return self._rolled(latents, [(-y, -x) for y, x in self._at])

    def _place(self, way: torch.Generator) -> tuple[int, int]:
        height, width = self._grid
        y, x = torch.randint(1 << 30, (2,), generator=way).tolist()
        return y % height, x % width

    def _rolled(self, latents: Tensor, by: Sequence[tuple[int, int]]) -> Tensor:
        if latents.ndim == 3:
            packed = latents.unflatten(1, self._grid)  # (B, H, W, C)
            rows = [row.roll(way, (0, 1)) for row, way in zip(packed, by, strict=True)]
            return torch.stack(rows).flatten(1, 2)
        steps = [(y * self._patch, x * self._patch) for y, x in by]
        rows = [row.roll(way, (-2, -1)) for row, way in zip(latents, steps, strict=True)]
        return torch.stack(rows)
