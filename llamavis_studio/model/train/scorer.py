"""A judge that is not the model: how well a picture and a caption fit, learned from real pictures.

Two towers meet in one space: a small convolutional net reads the picture, a frozen MiniLM sentence
vector and a two-layer net read the caption (CLIP, Radford et al. 2021, with its symmetric InfoNCE
loss). It is trained once, on training pictures only, and then kept as it is, so that the figures
of two models made at different times may be compared.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from safetensors.torch import load_file, save
from torch import Tensor, nn

LONGEST_PX = 64
"""Larger pictures are made smaller first: pixel art of this domain has few pixels."""
SHORTEST_PX = 32


@dataclass(frozen=True)
class ScorerConfig:
    """Sizes of both towers."""

    widths: tuple[int, int, int] = (48, 96, 176)
    """Channels at a half, a quarter and an eighth of the resolution."""
    text_width: int = 384
    text_hidden: int = 256
    space: int = 128
    """Where pictures and captions meet."""


class _Block(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.first_norm = nn.GroupNorm(8, width)
        self.first = nn.Conv2d(width, width, 3, padding=1)
        self.second_norm = nn.GroupNorm(8, width)
        self.second = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        y = self.first(F.silu(self.first_norm(x)))
        out: Tensor = x + self.second(F.silu(self.second_norm(y)))
        return out


class Scorer(nn.Module):
    """Both towers; a pair's score is the product of two unit vectors."""

    def __init__(self, config: ScorerConfig | None = None) -> None:
        super().__init__()
        self.config = config or ScorerConfig()
        fine, middle, coarse = self.config.widths
        self.picture = nn.Sequential(
            nn.Conv2d(16, fine, 3, padding=1),
            _Block(fine),
            nn.Conv2d(fine, middle, 2, stride=2),
            _Block(middle),
            _Block(middle),
            nn.Conv2d(middle, coarse, 2, stride=2),
            _Block(coarse),
            nn.GroupNorm(8, coarse),
            nn.SiLU(),
        )
        self.picture_out = nn.Linear(2 * coarse, self.config.space)
        self.text = nn.Sequential(
            nn.Linear(self.config.text_width, self.config.text_hidden),
            nn.SiLU(),
            nn.Linear(self.config.text_hidden, self.config.space),
        )
        self.log_scale = nn.Parameter(torch.tensor(2.5))

    def embed_pictures(self, pixels: Tensor) -> Tensor:
        """RGBA ``(B, 4, h, w)`` in 0..1, sides multiples of 8, to unit vectors ``(B, space)``."""
        alpha = pixels[:, 3:]
        x = torch.cat([(pixels[:, :3] * 2 - 1) * alpha, alpha * 2 - 1], dim=1)
        x = self.picture(F.pixel_unshuffle(x, 2))  # (B, C, h/8, w/8)
        seen = torch.cat([x.mean((2, 3)), x.amax((2, 3))], dim=1)  # (B, 2C)
        return F.normalize(self.picture_out(seen).float(), dim=1)

    def embed_texts(self, vectors: Tensor) -> Tensor:
        """MiniLM sentence vectors ``(B, 384)`` of unit length to unit vectors ``(B, space)``."""
        # Unit vectors of width E have entries around E**-0.5; nets like them around 1.
        return F.normalize(self.text(vectors * vectors.shape[1] ** 0.5).float(), dim=1)

    @torch.inference_mode()
    def look(self, pictures: Sequence[NDArray[np.uint8]], batch: int = 64) -> Tensor:
        """Pictures ``(h, w, 4)`` uint8 of any sizes to unit vectors ``(n, space)``."""
        sizes: dict[tuple[int, int], list[int]] = {}
        fitted = [fit(picture) for picture in pictures]
        for place, tensor in enumerate(fitted):
            sizes.setdefault((tensor.shape[1], tensor.shape[2]), []).append(place)
        found = torch.empty(len(pictures), self.config.space)
        for places in sizes.values():
            for start in range(0, len(places), batch):
                part = places[start : start + batch]
                found[part] = self.embed_pictures(torch.stack([fitted[i] for i in part]))
        return found


def fit(picture: NDArray[np.uint8]) -> Tensor:
    """One picture ``(h, w, 4)`` to ``(4, h', w')`` in 0..1 with sides the scorer can read.

    Pictures from 32 to 64 px with sides divisible by 8 stay as they are. Others keep their shape:
    larger ones are averaged by area (colour weighted by alpha), smaller ones repeat their pixels.
    """
    pixels = torch.from_numpy(np.ascontiguousarray(picture)).permute(2, 0, 1).float() / 255
    height, width = pixels.shape[1:]
    shrink = min(1.0, LONGEST_PX / max(height, width))
    grow = max(1.0, SHORTEST_PX / max(height, width))
    tall, wide = (max(8, round(side * shrink * grow / 8) * 8) for side in (height, width))
    if (tall, wide) == (height, width):
        return pixels
    if shrink == 1.0:
        return F.interpolate(pixels.unsqueeze(0), (tall, wide), mode="nearest")[0]
    alpha = pixels[3:]
    small = F.adaptive_avg_pool2d(torch.cat([pixels[:3] * alpha, alpha]), (tall, wide))
    return torch.cat([small[:3] / small[3:].clamp(min=1e-6), small[3:]])


def save_scorer(scorer: Scorer, folder: Path, record: dict[str, Any]) -> None:
    """Write ``model.safetensors`` in fp16 and ``config.json`` with the training ``record``."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = {k: v.detach().to("cpu", torch.float16) for k, v in scorer.state_dict().items()}
    (folder / "model.safetensors").write_bytes(save(weights))
    text = json.dumps({**record, "model": asdict(scorer.config)}, ensure_ascii=False, indent=1)
    (folder / "config.json").write_text(text + "\n", encoding="utf-8")


def load_scorer(folder: Path) -> Scorer:
    """Read what :func:`save_scorer` wrote. Raises ``OSError``, ``ValueError``, ``RuntimeError``."""
    sizes = json.loads((folder / "config.json").read_text(encoding="utf-8"))["model"]
    sizes["widths"] = tuple(sizes["widths"])
    scorer = Scorer(ScorerConfig(**sizes))
    stored = load_file(folder / "model.safetensors")
    scorer.load_state_dict({name: value.float() for name, value in stored.items()})
    return scorer.eval().requires_grad_(False)


def ranks(pictures: Tensor, texts: Tensor) -> Tensor:
    """Place of the true caption, 0 the best: ``pictures (n, space)``, ``texts (n, m, space)``.

    The true caption of each row is its first; a tie counts against it.
    """
    scores = torch.einsum("ns,nms->nm", pictures, texts)
    return (scores[:, 1:] >= scores[:, :1]).sum(1)
