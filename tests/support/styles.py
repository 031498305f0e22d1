"""A style file of a tiny model, taught nothing but not nothing: every change is random."""

from __future__ import annotations

from pathlib import Path

import torch

from llamavis_studio.model.adapter import Adapter, LowRanks, save_adapter
from llamavis_studio.model.memory import Memory
from llamavis_studio.model.unified import LlamaVis
from tests.support.tiny_model import tiny_codes


def some_ranks(model: LlamaVis, seed: int = 0, size: float = 0.1) -> LowRanks:
    """Changes of low rank that change every matrix."""
    ranks = LowRanks(model, seed)
    generator = torch.Generator().manual_seed(seed + 1)
    with torch.no_grad():
        for parameter in ranks.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator) * size)
    return ranks


def some_memory(model: LlamaVis, count: int = 4, seed: int = 0, name: str = "own") -> Memory:
    """Pictures on the grid of sprites, whose words are orthogonal."""
    return Memory(
        grid=(8, 8),
        codes=tiny_codes(model, count, 64, seed).to(torch.int16),
        vectors=torch.eye(model.config.text_width)[:count],
        kinds=("sprite",) * count,
        names=tuple(f"{name} {i}" for i in range(count)),
    )


def some_adapter(model: LlamaVis, base: str = "abc", seed: int = 0) -> Adapter:
    """A style with changes and pictures."""
    ranks = some_ranks(model, seed)
    return Adapter(base, "mine", ranks.matrices(model), some_memory(model), {"pictures": 4})


def write_style(model: LlamaVis, path: Path, base: str, seed: int = 0) -> Path:
    """Such a style as a file."""
    save_adapter(some_adapter(model, base, seed), path)
    return path
