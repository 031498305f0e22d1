"""Pictures of many wishes at once, for judging a model: batches of one size, fixed seeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from llamavis_studio.model.sampling import Sampling, draw_codes
from llamavis_studio.model.text_encoder import TextEncoder
from llamavis_studio.model.unified import LlamaVis, encode_prompts

Pixels = NDArray[np.uint8]
PATCH_PX = 4
NATIVE_PX = {"background": (48, 32)}
"""(width, height) that a kind is drawn at; all others at 32x32."""


@dataclass(frozen=True)
class Wish:
    """One picture to draw. ``size`` is (width, height) in pixels."""

    text: str
    kind: str
    seed: int
    size: tuple[int, int] = (32, 32)
    wrap: bool = False


def draw(
    model: LlamaVis,
    encoder: TextEncoder,
    wishes: Sequence[Wish],
    sampling: Sampling,
    *,
    batch: int = 16,
) -> list[Pixels]:
    """Draw every wish: RGBA ``(h, w, 4)`` uint8 in the order of the wishes."""
    groups: dict[tuple[tuple[int, int], bool], list[int]] = {}
    # Prompts of like length together: less padding.
    for place in sorted(range(len(wishes)), key=lambda i: len(wishes[i].text)):
        groups.setdefault((wishes[place].size, wishes[place].wrap), []).append(place)
    found: dict[int, Pixels] = {}
    for ((width, height), wrap), places in groups.items():
        grid = (height // PATCH_PX, width // PATCH_PX)
        for start in range(0, len(places), batch):
            part = places[start : start + batch]
            mine = [wishes[i] for i in part]
            prompt = encode_prompts(model, encoder, [w.text for w in mine], [w.kind for w in mine])
            seeds = [w.seed for w in mine]
            codes = draw_codes(model, prompt, model.no_prompt(len(mine)), grid, seeds, sampling)
            pictures = to_bytes(model.image_tokenizer.decode(codes, grid, wrap))
            found.update(zip(part, pictures, strict=True))
    return [found[place] for place in range(len(wishes))]


def to_bytes(pixels: Tensor) -> list[Pixels]:
    """``(B, 4, h, w)`` in 0..1 to uint8 pictures ``(h, w, 4)``."""
    array = (pixels * 255).round().clamp(0, 255).permute(0, 2, 3, 1).cpu().numpy()
    return [np.ascontiguousarray(picture, dtype=np.uint8) for picture in array]


def to_tensor(pictures: Sequence[Pixels]) -> Tensor:
    """Pictures of one size, ``(h, w, 4)`` uint8, to ``(B, 4, h, w)`` float in 0..1."""
    return torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float().div_(255)
