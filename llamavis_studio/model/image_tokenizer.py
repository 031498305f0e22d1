"""Pixels to codes and back: the image encoder, the codebooks and the image decoder.

A position stands for 4x4 pixels. Its latent vector is written as a few codes by a residual
quantiser (VQ-VAE, van den Oord et al. 2017; residual quantisation as in RQ-VAE, Lee et al. 2022):
the first code carries most, each further one refines, and training sometimes hides the last ones
so that it stays this way (quantiser dropout, SoundStream, Zeghidour et al. 2021). Codebooks are
exponential moving averages of the latents that chose them (VQ-VAE, appendix A.1).

Pixels are float RGBA ``(B, 4, h, w)`` in 0..1, sRGB, straight alpha; colour is learned only where
the image is opaque. Textures are convolved on a torus (``wrap``), so that their edges continue.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from llamavis_studio.model.config import ImageTokenizerConfig
from llamavis_studio.model.steady import SteadyConv, SteadyGroupNorm


class WrapConv(nn.Module):
    """3x3 convolution whose border is the opposite edge (``wrap``) or zeros."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv = SteadyConv(inputs, outputs, 3)

    def forward(self, x: Tensor, wrap: bool) -> Tensor:
        """``(B, C, h, w)`` to ``(B, outputs, h, w)``."""
        mode = "circular" if wrap else "constant"
        out: Tensor = self.conv(F.pad(x, (1, 1, 1, 1), mode=mode))
        return out


class ResidualBlock(nn.Module):
    """Group norm, SiLU, 3x3, SiLU, 1x1, added to its input."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = SteadyGroupNorm(8, width)
        self.spatial = WrapConv(width, width)
        self.mix = SteadyConv(width, width, 1)
        nn.init.zeros_(self.mix.weight)
        nn.init.zeros_(self.mix.bias)  # type: ignore[arg-type]

    def forward(self, x: Tensor, wrap: bool) -> Tensor:
        """Same shape out as in."""
        y = self.spatial(F.silu(self.norm(x)), wrap)
        out: Tensor = x + self.mix(F.silu(y))
        return out


class ImageEncoder(nn.Module):
    """RGBA pixels to one latent vector a position."""

    def __init__(self, config: ImageTokenizerConfig) -> None:
        super().__init__()
        fine, coarse = config.fine_width, config.coarse_width
        self.enter = WrapConv(4 * 4, fine)
        self.fine = nn.ModuleList(ResidualBlock(fine) for _ in range(config.encoder_blocks[0]))
        self.down = SteadyConv(fine * 4, coarse, 1)
        self.coarse = nn.ModuleList(ResidualBlock(coarse) for _ in range(config.encoder_blocks[1]))
        self.norm = SteadyGroupNorm(8, coarse)
        self.out = SteadyConv(coarse, config.latent_width, 1)

    def forward(self, pixels: Tensor, wrap: bool = False) -> Tensor:
        """``(B, 4, h, w)`` in 0..1 to latents ``(B, latent, h/4, w/4)``."""
        alpha = pixels[:, 3:]
        colour = (pixels[:, :3] * 2 - 1) * alpha  # clear pixels say nothing about colour
        x = F.pixel_unshuffle(torch.cat([colour, alpha * 2 - 1], dim=1), 2)  # (B, 16, h/2, w/2)
        x = self.enter(x, wrap)
        for block in self.fine:
            x = block(x, wrap)
        x = self.down(F.pixel_unshuffle(x, 2))  # (B, coarse, h/4, w/4)
        for block in self.coarse:
            x = block(x, wrap)
        latent: Tensor = self.out(F.silu(self.norm(x)))
        return latent


class ImageDecoder(nn.Module):
    """Latent vectors to RGBA: the image encoder walked backwards."""

    def __init__(self, config: ImageTokenizerConfig) -> None:
        super().__init__()
        fine, coarse = config.fine_width, config.coarse_width
        self.enter = WrapConv(config.latent_width, coarse)
        self.coarse = nn.ModuleList(ResidualBlock(coarse) for _ in range(config.decoder_blocks[1]))
        self.up = SteadyConv(coarse, fine * 4, 1)
        self.fine = nn.ModuleList(ResidualBlock(fine) for _ in range(config.decoder_blocks[0]))
        self.norm = SteadyGroupNorm(8, fine)
        self.out = WrapConv(fine, 4 * 4)

    def forward(self, latent: Tensor, wrap: bool = False) -> Tensor:
        """``(B, latent, gh, gw)`` to ``(B, 4, h, w)``: colour around 0..1, and the logit of
        alpha.
        """
        x = self.enter(latent, wrap)
        for block in self.coarse:
            x = block(x, wrap)
        x = F.pixel_shuffle(self.up(x), 2)
        for block in self.fine:
            x = block(x, wrap)
        x = F.pixel_shuffle(self.out(F.silu(self.norm(x)), wrap), 2)  # (B, 4, h, w)
        return torch.cat([x[:, :3] * 0.5 + 0.5, x[:, 3:]], dim=1)


class Quantized(NamedTuple):
    """What :meth:`ResidualCodebooks.forward` answers."""

    latent: Tensor  # (B, latent, gh, gw), with the gradient passed straight through
    codes: Tensor  # (B, P, depth) int64
    commitment: Tensor  # scalar loss


class ResidualCodebooks(nn.Module):
    """The codebooks, each for what the ones before it left, kept as moving averages."""

    def __init__(self, config: ImageTokenizerConfig) -> None:
        super().__init__()
        for depth, size in enumerate(config.codebook_sizes):
            self.register_buffer(f"book{depth}", torch.randn(size, config.latent_width) * 0.1)
            # How often and by what each code was chosen lately: training's own, not shipped.
            self.register_buffer(f"count{depth}", torch.zeros(size))
            self.register_buffer(f"sum{depth}", torch.zeros(size, config.latent_width))
        self.depth = len(config.codebook_sizes)

    def book(self, depth: int) -> Tensor:
        """Codebook ``(K, latent)``."""
        return self.get_buffer(f"book{depth}")

    def encode(self, latent: Tensor) -> Tensor:
        """Latents ``(B, latent, gh, gw)`` to codes ``(B, P, depth)``."""
        flat = latent.permute(0, 2, 3, 1).reshape(-1, latent.shape[1]).float()  # (B*P, latent)
        codes = []
        for depth in range(self.depth):
            code = nearest(flat, self.book(depth))
            flat = flat - self.book(depth)[code]
            codes.append(code)
        return torch.stack(codes, dim=-1).view(latent.shape[0], -1, self.depth)  # (B, P, depth)

    def decode(self, codes: Tensor, grid: tuple[int, int]) -> Tensor:
        """Codes ``(B, P, depth)`` to latents ``(B, latent, gh, gw)``; ``P`` must be ``gh * gw``."""
        latent = sum(self.book(depth)[codes[..., depth]] for depth in range(codes.shape[-1]))
        assert isinstance(latent, Tensor)
        return latent.view(codes.shape[0], *grid, -1).permute(0, 3, 1, 2)

    def forward(self, latent: Tensor, kept: Tensor | None = None) -> Quantized:
        """Quantise for training. ``kept (B,)`` says how many codes of a row the decoder is told."""
        latent = latent.float()
        codes = self.encode(latent.detach())
        grid = (latent.shape[2], latent.shape[3])
        whole = torch.zeros_like(latent)
        for depth in range(self.depth):
            part = self.book(depth)[codes[..., depth]]  # (B, P, latent)
            part = part.view(latent.shape[0], *grid, -1).permute(0, 3, 1, 2)
            told = 1.0 if kept is None else (kept > depth).to(part.dtype).view(-1, 1, 1, 1)
            whole = whole + part * told
        commitment = F.mse_loss(latent, whole)
        return Quantized(latent + (whole - latent).detach(), codes, commitment)

    @property
    def started(self) -> bool:
        """Whether every codebook has been begun or resumed."""
        return all(bool(self.get_buffer(f"count{d}").any()) for d in range(self.depth))

    @torch.no_grad()
    def resume(self, depth: int) -> None:
        """Take the codebook of ``depth`` as it is for the average that training goes on from."""
        self.get_buffer(f"count{depth}").fill_(1.0)
        self.get_buffer(f"sum{depth}").copy_(self.book(depth))

    @torch.no_grad()
    def begin(self, latent: Tensor, generator: torch.Generator) -> None:
        """Start the codebooks that were not yet, from latents ``(B, latent, gh, gw)`` of the
        encoder.
        """
        rest = latent.permute(0, 2, 3, 1).reshape(-1, latent.shape[1]).float()
        for depth in range(self.depth):
            book = self.book(depth)
            if not self.get_buffer(f"count{depth}").any():
                pick = torch.randint(len(rest), (len(book),), generator=generator).to(rest.device)
                book.copy_(rest[pick])
                self.resume(depth)
            rest = rest - book[nearest(rest, book)]

    @torch.no_grad()
    def update(self, latent: Tensor, generator: torch.Generator, decay: float = 0.98) -> None:
        """Move each code towards the mean of its latents; give unused codes a latent of this
        batch.
        """
        rest = latent.permute(0, 2, 3, 1).reshape(-1, latent.shape[1]).float()
        for depth in range(self.depth):
            book = self.book(depth)
            count, total = self.get_buffer(f"count{depth}"), self.get_buffer(f"sum{depth}")
            code = nearest(rest, book)
            hits = torch.bincount(code, minlength=book.shape[0]).to(rest.dtype)
            count.mul_(decay).add_(hits, alpha=1 - decay)
            total.mul_(decay).index_add_(0, code, rest, alpha=1 - decay)
            alive = count > 0.02
            book[alive] = total[alive] / count[alive].unsqueeze(1)
            dead = (~alive).nonzero().squeeze(1)[:64]
            if len(dead):
                pick = torch.randint(len(rest), (len(dead),), generator=generator).to(rest.device)
                book[dead] = rest[pick]
                count[dead], total[dead] = 0.1, rest[pick] * 0.1
            rest = rest - book[code]


def nearest(flat: Tensor, book: Tensor) -> Tensor:
    """Index of the nearest row of ``book (K, n)`` for each row of ``flat (N, n)``."""
    distance = torch.addmm((book * book).sum(1).unsqueeze(0), flat, book.t(), alpha=-2.0)
    return distance.argmin(dim=1)


class ImageTokenizer(nn.Module):
    """Image encoder, codebooks and image decoder together."""

    def __init__(self, config: ImageTokenizerConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = ImageEncoder(config)
        self.codebooks = ResidualCodebooks(config)
        self.decoder = ImageDecoder(config)

    @torch.no_grad()
    def encode(self, pixels: Tensor, wrap: bool = False) -> Tensor:
        """RGBA ``(B, 4, h, w)`` in 0..1, sides multiples of 4, to codes ``(B, P, depth)``."""
        if pixels.shape[-1] % self.config.patch_px or pixels.shape[-2] % self.config.patch_px:
            raise ValueError(f"sides must be multiples of 4 pixels, not {tuple(pixels.shape[-2:])}")
        here = pixels.to(self.codebooks.book(0).device)
        return self.codebooks.encode(self.encoder(here, wrap))

    @torch.no_grad()
    def decode(
        self,
        codes: Tensor,
        grid: tuple[int, int],
        wrap: bool = False,
        opaque: bool | Sequence[bool] = False,
    ) -> Tensor:
        """Codes ``(B, P, depth)`` on ``grid (gh, gw)`` to RGBA ``(B, 4, h, w)`` in 0..1, alpha 0
        or 1.

        Alpha is decided here, at even odds: pixel art has hard edges. ``opaque`` pictures fill
        their frame: a code that would leave a hole gives its colour all the same; said for all or
        for each.
        """
        return self.picture(self.codebooks.decode(codes, grid), wrap, opaque)

    @torch.no_grad()
    def picture(
        self, latent: Tensor, wrap: bool = False, opaque: bool | Sequence[bool] = False
    ) -> Tensor:
        """Latents ``(B, latent, gh, gw)`` to RGBA ``(B, 4, h, w)``, as :meth:`decode` does."""
        out = self.decoder(latent, wrap)
        full = torch.tensor(opaque, device=out.device).view(-1, 1, 1, 1)
        alpha = ((out[:, 3:] > 0) | full).to(out.dtype)
        return torch.cat([out[:, :3].clamp(0, 1) * alpha, alpha], dim=1)
