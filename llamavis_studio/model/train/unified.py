"""Teach the unified model: words to image codes, image codes to words.

Most rows of a batch are drawn from a caption, with the references and orders of
:mod:`llamavis_studio.model.train.examples`; the others have no prompt, which teaches the
unconditional half of guidance, and their caption is read back behind the image. The image
tokenizer is frozen: its codes are prepared once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from llamavis_studio.model.caption_decoder import CaptionVocabulary
from llamavis_studio.model.text_encoder import TextEncoder
from llamavis_studio.model.train.examples import CodeSet, draw_example, said
from llamavis_studio.model.train.loop import (
    Budget,
    Progress,
    Report,
    Schedule,
    fast_bfloat16,
    optimizers,
    run,
)
from llamavis_studio.model.unified import LlamaVis, Prompt, References, encode_prompts

READ_SHARE = 0.15
"""Share of a batch without a prompt."""
SILENT_SHARE = 0.1
"""Share of the drawn rows without words: the other half of guidance beside references."""
CODE_SHARES = (1.0, 1.0, 0.6, 0.4)
"""How much each code of a position counts: the last ones are mostly noise to the words."""
MATRIX_RATE, OTHER_RATE = 4e-3, 2e-3
"""Peak learning rates of Muon and of AdamW from nothing; less when weights are resumed."""


def train_unified(
    model: LlamaVis,
    encoder: TextEncoder,
    sets: Sequence[CodeSet],
    *,
    folder: Path,
    budget: Budget,
    report: Report,
    device: str = "cpu",
    batch: int = 64,
    seed: int = 0,
    compile_model: bool = False,
    resumed: bool = False,
) -> Progress:
    """Train everything but the image tokenizer, in place, until the budget is spent.

    ``resumed`` says that the model comes with weights that are good already.
    """
    model.to(device).train()
    model.image_tokenizer.requires_grad_(False)
    draw = torch.compile(model.draw_hidden) if compile_model else model.draw_hidden
    step = lesson(model, encoder, sets, draw=draw, device=device, batch=batch, seed=seed)
    calm = 0.7 if resumed else 1.0
    return run(
        "unified",
        model,
        step,
        folder=folder,
        budget=budget,
        found=optimizers(_Trainable(model), MATRIX_RATE * calm, OTHER_RATE * calm),
        report=report,
        schedule=Schedule(),
        average_decay=0.998,
    )


def lesson(
    model: LlamaVis,
    encoder: TextEncoder,
    sets: Sequence[CodeSet],
    *,
    draw: Callable[..., Tensor],
    device: str,
    batch: int,
    seed: int,
) -> Callable[[int], tuple[Tensor, int, Mapping[str, float]]]:
    """A step for :func:`llamavis_studio.model.train.loop.run`: one batch to draw and to read.

    ``draw`` is the model's ``draw_hidden``, compiled or not.
    """
    generator = torch.Generator()
    kind, fast = torch.device(device).type, fast_bfloat16(device)
    vocabulary = CaptionVocabulary(model.config)
    positions = torch.tensor([float(s.grid[0] * s.grid[1]) for s in sets])
    shares = torch.tensor([float(s.weights.sum()) for s in sets])
    smallest = float(positions.min())
    room = model.config.max_caption_tokens
    seeded = False

    def step(number: int) -> tuple[Tensor, int, Mapping[str, float]]:
        nonlocal seeded
        if not seeded:  # by the step, so that a continued run does not see its first batches again
            generator.manual_seed(seed + 7919 * (number + 1))
            seeded = True
        pick = int(torch.multinomial(shares, 1, generator=generator))
        chosen = sets[pick]
        rows = max(5, round(batch * smallest / float(positions[pick])))
        reads = max(1, round(rows * READ_SHARE))
        example = draw_example(chosen, rows - reads, generator)
        index = torch.multinomial(chosen.weights, reads, replacement=True, generator=generator)
        view = torch.randint(chosen.codes.shape[1], (reads,), generator=generator)
        read = chosen.codes[index, view].long().to(device)
        drawn = example.codes.to(device)
        with torch.autocast(kind, torch.bfloat16, enabled=fast):
            words, kinds = said(chosen, chosen.sample[example.rows].tolist(), generator)
            prompt = encode_prompts(model, encoder, words, kinds)
            silent = torch.rand(len(words), generator=generator) < SILENT_SHARE
            prompt = _told(model, prompt, silent.to(device), example.references)
            hidden = draw(prompt, drawn, chosen.grid, example.cells.to(device))
            caption = _caption_ids(vocabulary, encoder, chosen, chosen.sample[index].tolist(), room)
            caption = caption.to(device)
            told = caption.clamp(min=0)  # what stands behind an end is never looked at
            seen, spoken_of = model.read_hidden(read, chosen.grid, told)
            hidden = torch.cat([hidden, seen])  # (rows, P, D)
            codes = torch.cat([drawn, read])
            logits = [model.heads(hidden, codes[..., :d]) for d in range(codes.shape[-1])]
            spoken = model.caption(spoken_of)  # (reads, 1 + T, V)
        losses = [
            F.cross_entropy(logits[d].float().flatten(0, 1), codes[..., d].flatten())
            for d in range(len(logits))
        ]
        caption_loss = _caption_loss(spoken.float(), caption)
        loss = 0.3 * caption_loss
        for share, value in zip(CODE_SHARES, losses, strict=False):
            loss = loss + share * value
        figures = {f"code{d}": value.item() for d, value in enumerate(losses)}
        figures["caption"] = caption_loss.item()
        return loss, rows, figures

    return step


class _Trainable(torch.nn.Module):
    """The model without its frozen image tokenizer, for the optimizers' eyes."""

    def __init__(self, model: LlamaVis) -> None:
        super().__init__()
        for name, child in model.named_children():
            if name != "image_tokenizer":
                self.add_module(name, child)
        self.begin_image = model.begin_image


def _told(model: LlamaVis, prompt: Prompt, silent: Tensor, references: References | None) -> Prompt:
    """The prompt with its references; ``silent (B,)`` rows lose words and kind."""
    if references is not None:
        device = silent.device
        references = References(*(values.to(device) for values in references))
    unsaid = torch.full_like(prompt.kind, len(model.config.kinds))
    return Prompt(
        prompt.states,
        prompt.mask & ~silent.unsqueeze(1),
        torch.where(silent, unsaid, prompt.kind),
        references,
    )


def _caption_ids(
    vocabulary: CaptionVocabulary,
    encoder: TextEncoder,
    chosen: CodeSet,
    samples: Sequence[int],
    room: int,
) -> Tensor:
    """Caption tokens ``(B, T)``, ``T`` at most ``room``, -1 behind their end."""
    found = []
    for sample in samples:
        pieces = encoder.tokenizer.encode(
            chosen.captions[sample][0], add_special_tokens=False
        ).tokens
        real = [piece for piece in pieces if piece != "[PAD]"]
        found.append(vocabulary.encode(chosen.kinds[sample], real, room))
    width = max(len(ids) for ids in found)
    return torch.tensor([ids + [-1] * (width - len(ids)) for ids in found])


def _caption_loss(spoken: Tensor, caption: Tensor) -> Tensor:
    """Logits ``(B, 1 + T, V)`` against the tokens ``(B, T)`` that follow each place."""
    return F.cross_entropy(spoken[:, :-1].flatten(0, 1), caption.flatten(), ignore_index=-1)
