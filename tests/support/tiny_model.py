"""A model of the `tiny` preset whose every weight matters, and prompts for it, in milliseconds."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from llamavis_studio.model.config import preset_config
from llamavis_studio.model.unified import LlamaVis, Prompt

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
    """One row alone, without the padding that the others needed."""
    count = int(prompt.mask[row].sum())
    return Prompt(
        prompt.states[row : row + 1, :count],
        prompt.mask[row : row + 1, :count],
        prompt.kind[row : row + 1],
    )


def _generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)
