"""Teach the unified model: words to image codes, image codes to words.

Most rows of a batch are drawn from a caption; the others have no prompt, which teaches the
unconditional half of guidance, and their caption is read back behind the image. The image
tokenizer is frozen: its codes are prepared once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from llamavis_studio.model.caption_decoder import CaptionVocabulary
from llamavis_studio.model.text_encoder import TextEncoder
from llamavis_studio.model.train.loop import (
    Budget,
    Progress,
    Report,
    Schedule,
    fast_bfloat16,
    optimizers,
    run,
)
from llamavis_studio.model.unified import LlamaVis, encode_prompts

READ_SHARE = 0.2
"""Share of a batch without a prompt."""
VAGUE_SHARE = 0.4
"""How often a cut-out image is called just "sprite", as users often leave its kind open."""
PLAIN_KINDS = ("texture", "background")
"""Kinds that are never called "sprite"."""


class CodeSet(NamedTuple):
    """Images of one grid, as codes, with what is said of them."""

    grid: tuple[int, int]
    codes: Tensor  # (N, P, depth) int16
    sample: Tensor  # (N,) index into the lists below
    kinds: Sequence[str]
    captions: Sequence[Sequence[str]]  # the first is the one that captions are learned from
    weights: Tensor  # (N,)


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
) -> Progress:
    """Train everything but the image tokenizer, in place, until the budget is spent."""
    generator = torch.Generator()
    kind, fast = torch.device(device).type, fast_bfloat16(device)
    model.to(device).train()
    model.image_tokenizer.requires_grad_(False)
    vocabulary = CaptionVocabulary(model.config)
    positions = torch.tensor([float(s.grid[0] * s.grid[1]) for s in sets])
    shares = torch.tensor([float(s.weights.sum()) for s in sets])
    smallest = float(positions.min())
    draw = torch.compile(model.draw_hidden) if compile_model else model.draw_hidden
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
        index = torch.multinomial(chosen.weights, rows, replacement=True, generator=generator)
        codes = chosen.codes[index].long().to(device)
        samples = chosen.sample[index].tolist()
        reads = max(1, round(rows * READ_SHARE))
        with torch.autocast(kind, torch.bfloat16, enabled=fast):
            words, kinds = _said(chosen, samples[reads:], generator)
            prompt = encode_prompts(model, encoder, words, kinds)
            hidden = draw(prompt, codes[reads:], chosen.grid)
            caption = _caption_ids(vocabulary, encoder, chosen, samples[:reads], room).to(device)
            told = caption.clamp(min=0)  # what stands behind an end is never looked at
            seen, said = model.read_hidden(codes[:reads], chosen.grid, told)
            hidden = torch.cat([hidden, seen])  # (rows, P, D)
            codes = torch.cat([codes[reads:], codes[:reads]])
            coarse = model.heads.coarse(hidden)
            fine = model.heads.fine_logits(hidden, codes[..., 0])
            spoken = model.caption(said)  # (reads, 1 + T, V)
        coarse_loss = F.cross_entropy(coarse.float().flatten(0, 1), codes[..., 0].flatten())
        fine_loss = F.cross_entropy(fine.float().flatten(0, 1), codes[..., 1].flatten())
        caption_loss = _caption_loss(spoken.float(), caption)
        loss = coarse_loss + fine_loss + 0.3 * caption_loss
        figures = {
            "coarse": coarse_loss.item(),
            "fine": fine_loss.item(),
            "caption": caption_loss.item(),
        }
        return loss, rows, figures

    return run(
        "unified",
        model,
        step,
        folder=folder,
        budget=budget,
        found=optimizers(_Trainable(model), 4e-3, 2e-3),
        report=report,
        schedule=Schedule(),
        average_decay=0.998,
    )


class _Trainable(torch.nn.Module):
    """The model without its frozen image tokenizer, for the optimizers' eyes."""

    def __init__(self, model: LlamaVis) -> None:
        super().__init__()
        for name, child in model.named_children():
            if name != "image_tokenizer":
                self.add_module(name, child)
        self.begin_image = model.begin_image


def _said(
    chosen: CodeSet, samples: Sequence[int], generator: torch.Generator
) -> tuple[list[str], list[str]]:
    """One of its captions for each sample, and a kind, sometimes only "sprite"."""
    numbers = torch.rand(len(samples), 2, generator=generator).tolist()
    texts, kinds = [], []
    for sample, (which, vague) in zip(samples, numbers, strict=True):
        captions = chosen.captions[sample]
        texts.append(captions[int(which * len(captions))])
        kind = chosen.kinds[sample]
        if kind not in PLAIN_KINDS and vague < VAGUE_SHARE:
            kind = "sprite"
        kinds.append(kind)
    return texts, kinds


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
