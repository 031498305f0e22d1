"""A model of the `tiny` preset whose every weight matters, and prompts for it, in milliseconds."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from llamavis_studio.model.config import preset_config
from llamavis_studio.model.memory import Memory
from llamavis_studio.model.unified import ALIKE, BEFORE, LlamaVis, Prompt, References

WORDS = ("red", "green", "dragon", "stone", "wall", "##s")


def tiny_model(seed: int = 0) -> LlamaVis:
    """Random weights everywhere: the model's own start leaves many at zero, which hides faults."""
    generator = torch.Generator().manual_seed(seed)
    model = LlamaVis(preset_config("tiny", WORDS))
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            if parameter.dim() == 1 and "norm" in name and name.endswith("weight"):
                parameter.copy_(1 + 0.2 * noise)
            elif parameter.dim() == 2 and "embed" not in name and "_in" not in name:
                parameter.copy_(noise * 1.5 * parameter.shape[1] ** -0.5)
            elif parameter.dim() == 4:
                parameter.copy_(noise * parameter[0].numel() ** -0.5)
            else:
                # Caption embeddings are also the output: smaller, so that several words are likely.
                parameter.copy_(noise * (0.2 if "caption" in name else 0.5))
        for depth in range(model.image_tokenizer.codebooks.depth):
            book = model.image_tokenizer.codebooks.book(depth)
            book.copy_(torch.randn(book.shape, generator=generator) / (1 + 2 * depth))
    return model.eval().requires_grad_(False)


def tiny_prompt(model: LlamaVis, words: Sequence[int], seed: int = 0) -> Prompt:
    """One row for each number of words; equal numbers of words at other places are other words."""
    rows = [
        torch.randn(count, model.config.text_width, generator=_generator(seed + i))
        for i, count in enumerate(words)
    ]
    longest = max(words)
    states = torch.zeros(len(rows), longest, model.config.text_width)
    mask = torch.zeros(len(rows), longest, dtype=torch.bool)
    for i, row in enumerate(rows):
        states[i, : len(row)] = row
        mask[i, : len(row)] = True
    return Prompt(states, mask, torch.arange(len(rows)) % len(model.config.kinds))


def row_of(prompt: Prompt, row: int) -> Prompt:
    """One row alone, without the padding that the others needed, but with its references."""
    count = int(prompt.mask[row].sum())
    references = prompt.references
    if references is not None:
        there = references.mask[row]
        references = References(*(values[row : row + 1, there] for values in references))
    return Prompt(
        prompt.states[row : row + 1, :count],
        prompt.mask[row : row + 1, :count],
        prompt.kind[row : row + 1],
        references if references is not None and references.mask.any() else None,
    )


def tiny_codes(model: LlamaVis, rows: int, positions: int, seed: int = 0) -> torch.Tensor:
    """Codes ``(rows, positions, depth)`` that mean nothing."""
    sizes = model.config.tokenizer.codebook_sizes
    return torch.stack(
        [
            torch.randint(size, (rows, positions), generator=_generator(seed + depth))
            for depth, size in enumerate(sizes)
        ],
        dim=-1,
    )


def tiny_references(
    model: LlamaVis, counts: Sequence[int], positions: int, seed: int = 70
) -> References:
    """``counts`` references for each row, padded in front; the last of each is a version before."""
    rows, most = len(counts), max(counts)
    codes = tiny_codes(model, rows * most, positions, seed).view(rows, most, positions, -1)
    role = torch.full((rows, most), ALIKE)
    role[:, -1] = BEFORE
    mask = torch.arange(most) >= most - torch.tensor(counts).unsqueeze(1)
    return References(codes, role, mask)


def tiny_memory(model: LlamaVis, grid: tuple[int, int] = (8, 8), count: int = 40) -> Memory:
    """Pictures of every kind that look like nothing, under random words."""
    states = torch.randn(count, model.config.text_width, generator=_generator(5))
    kinds = model.config.kinds
    return Memory(
        grid=grid,
        codes=tiny_codes(model, count, grid[0] * grid[1], seed=5).to(torch.int16),
        vectors=torch.nn.functional.normalize(states, dim=1),
        kinds=tuple(kinds[i % len(kinds)] for i in range(count)),
        names=tuple(f"picture {i}" for i in range(count)),
    )


def _generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)
