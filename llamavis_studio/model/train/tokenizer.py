"""Teach the image tokenizer: pixels to codes and back.

Loss: L1 on colour where the image is opaque and on the steps between its neighbours, cross-entropy
on alpha, and the commitment of the encoder to its codes. Rolls, mirrors and channel swaps multiply
the pictures; textures wrap, all else does not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from llamavis_studio.model.image_tokenizer import ImageTokenizer
from llamavis_studio.model.train.loop import (
    Budget,
    Progress,
    Report,
    Schedule,
    fast_bfloat16,
    optimizers,
    run,
)

FEWER_SHARE = 0.15
"""Part of the pictures of which the decoder is told only the first codes."""
PLAIN_STEPS = 60
"""Steps before the codebooks are started: an untrained encoder's latents say nothing."""


class PictureSet(NamedTuple):
    """Pictures of one size."""

    pixels: Tensor  # (N, h, w, 4) uint8
    wraps: Tensor  # (N,) bool: textures
    weights: Tensor  # (N,) float: how often to show each


def to_float(pixels: Tensor) -> Tensor:
    """``(B, h, w, 4)`` uint8 to ``(B, 4, h, w)`` float in 0..1."""
    return pixels.permute(0, 3, 1, 2).float().div_(255).contiguous()


def train_tokenizer(
    model: ImageTokenizer,
    sets: Sequence[PictureSet],
    *,
    folder: Path,
    budget: Budget,
    report: Report,
    device: str = "cpu",
    batch: int = 64,
    seed: int = 0,
) -> Progress:
    """Train in place until the budget is spent; a run found in ``folder`` goes on."""
    generator = torch.Generator().manual_seed(seed)
    kind, fast = torch.device(device).type, fast_bfloat16(device)
    model.to(device).train()
    groups = _groups(sets)
    shares = torch.tensor([float(group.weights.sum()) for group, _ in groups])
    used: list[Tensor] = []

    def step(number: int) -> tuple[Tensor, int, Mapping[str, float]]:
        pick = int(torch.multinomial(shares, 1, generator=generator))
        group, wrap = groups[pick]
        chosen = torch.multinomial(group.weights, batch, replacement=True, generator=generator)
        pixels = augment(to_float(group.pixels[chosen]), generator, wrap).to(device)
        with torch.autocast(kind, torch.bfloat16, enabled=fast):
            latent = model.encoder(pixels, wrap)
        latent = latent.float()
        used[:] = [latent.detach()]
        commitment = torch.zeros((), device=device)
        told = latent
        books = model.codebooks
        if books.started or books.get_buffer("count0").any() or number >= PLAIN_STEPS:
            if not books.started:
                books.begin(latent.detach(), generator)
            kept = codes_kept(batch, books.depth, generator)
            told, _, commitment = books(latent, kept.to(device))
        with torch.autocast(kind, torch.bfloat16, enabled=fast):
            out = model.decoder(told, wrap)
        colour, alpha, edges = reconstruction_losses(out.float(), pixels)
        loss = colour + 0.5 * alpha + 0.5 * edges + 0.25 * commitment
        figures = {
            "colour": colour.item(),
            "alpha": alpha.item(),
            "edges": edges.item(),
            "commit": commitment.item(),
        }
        return loss, batch, figures

    def after_step() -> None:
        if model.codebooks.started:
            model.codebooks.update(used[0], generator)

    return run(
        "tokenizer",
        model,
        step,
        folder=folder,
        budget=budget,
        found=optimizers(model, 0.0, 2e-3),
        report=report,
        schedule=Schedule(fall_share=0.7, floor=0.02),
        average_decay=0.99,
        after_step=after_step,
    )


def codes_kept(rows: int, depth: int, generator: torch.Generator) -> Tensor:
    """How many codes the decoder is told, ``(rows,)``: mostly all, else any number from one."""
    fewer = torch.randint(1, depth + 1, (rows,), generator=generator)
    whole = torch.rand(rows, generator=generator) >= FEWER_SHARE
    return torch.where(whole, torch.full_like(fewer, depth), fewer)


def reconstruction_losses(out: Tensor, pixels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """L1 of colour on opaque pixels, cross-entropy of alpha, L1 of the steps between neighbours.

    All of ``(B, 4, h, w)``. The steps, of colour between two opaque pixels, keep edges crisp where
    the mean colour alone would be content with a soft one.
    """
    alpha = pixels[:, 3:]
    apart = out[:, :3] - pixels[:, :3]
    colour = (apart.abs() * alpha).sum() / (alpha.sum() * 3).clamp(min=1)
    edges = torch.zeros((), device=out.device)
    for dim in (2, 3):
        side = alpha.shape[dim] - 1
        both = alpha.narrow(dim, 1, side) * alpha.narrow(dim, 0, side)
        step = apart.diff(dim=dim).abs() * both
        edges = edges + 0.5 * step.sum() / (both.sum() * 3).clamp(min=1)
    return colour, F.binary_cross_entropy_with_logits(out[:, 3:], alpha), edges


def augment(pixels: Tensor, generator: torch.Generator, wrap: bool) -> Tensor:
    """Roll (any distance on a torus, up to 3 px else), mirror, swap colour channels."""
    reach = pixels.shape[-1] if wrap else 4
    down, right = torch.randint(reach, (2,), generator=generator).tolist()
    pixels = pixels.roll((down, right), (2, 3))
    if torch.rand((), generator=generator) < 0.5:
        pixels = pixels.flip(3)
    if torch.rand((), generator=generator) < 0.15:
        swapped = pixels[:, torch.randperm(3, generator=generator)]
        pixels = torch.cat([swapped, pixels[:, 3:]], dim=1)
    return pixels.contiguous()


def _groups(sets: Sequence[PictureSet]) -> list[tuple[PictureSet, bool]]:
    """Each set split into what wraps and what does not, as one batch is convolved one way."""
    found = []
    for pictures in sets:
        for wrap in (False, True):
            rows = (pictures.wraps == wrap).nonzero().squeeze(1)
            if len(rows):
                part = PictureSet(*(values[rows] for values in pictures))
                found.append((part, wrap))
    return found
