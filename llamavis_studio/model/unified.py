"""The whole model on one page: encode, attend, decode, in both directions.

One sequence, always in this order, each part optional but the image::

    [kind and grid] [words of the prompt] | [image codes] | [caption]

A prompt is read before the image when drawing; it is left out when an image is read, and the
caption is then written behind the codes. So captions and the unconditional half of
classifier-free guidance are learned from the same rows. Every image position is told which
position it writes next (``order``), so that orders other than raster need no other weights.

Shape letters: see :mod:`llamavis_studio.model.config`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from llamavis_studio.model.backbone import Backbone, KeyValueCache, RMSNorm
from llamavis_studio.model.caption_decoder import CaptionDecoder
from llamavis_studio.model.config import ModelConfig
from llamavis_studio.model.image_tokenizer import ImageTokenizer
from llamavis_studio.model.text_encoder import TextEncoder

POSITION_FEATURES = 64


class Prompt(NamedTuple):
    """What is known before drawing. An unconditional prompt has no words and the null kind."""

    states: Tensor  # (B, T, E) text encoder states
    mask: Tensor  # (B, T) bool, True at words
    kind: Tensor  # (B,) int64, index into ModelConfig.kinds, or their number for "not said"


def position_features(cells: Tensor) -> Tensor:
    """Sines and cosines ``(..., 64)`` of rows and columns ``cells (..., 2)``, from 2 to 64 cells
    long.
    """
    count = POSITION_FEATURES // 4
    waves = 2 * torch.pi / torch.logspace(1, 6, count, base=2.0, device=cells.device)
    angles = cells.float().unsqueeze(-1) * waves  # (..., 2, 16)
    return torch.cat([angles.sin(), angles.cos()], dim=-1).flatten(-2)


def grid_cells(grid: tuple[int, int], device: torch.device | None = None) -> Tensor:
    """Row and column of every position, raster order: ``(P, 2)``."""
    rows, columns = torch.meshgrid(
        torch.arange(grid[0], device=device), torch.arange(grid[1], device=device), indexing="ij"
    )
    return torch.stack([rows.flatten(), columns.flatten()], dim=1)


class CodeHeads(nn.Module):
    """The codes of one position, one after the other: coarse from the hidden state, fine from
    both.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        width = config.backbone.width
        coarse, fine = config.tokenizer.codebook_sizes
        self.coarse = nn.Linear(width, coarse, bias=False)
        self.told = nn.Embedding(coarse, width)
        self.mix = nn.Linear(width, 2 * width, bias=False)
        self.unmix = nn.Linear(2 * width, width, bias=False)
        self.norm = RMSNorm(width, config.backbone.norm_eps)
        self.fine = nn.Linear(width, fine, bias=False)
        for weight in (self.coarse.weight, self.told.weight, self.mix.weight, self.fine.weight):
            nn.init.normal_(weight, std=0.02)
        nn.init.zeros_(self.unmix.weight)

    def fine_logits(self, hidden: Tensor, coarse_code: Tensor) -> Tensor:
        """``hidden (..., D)`` and the coarse code chosen ``(...)`` to fine logits ``(..., K)``."""
        x = hidden + self.told(coarse_code).to(hidden.dtype)
        x = x + self.unmix(nn.functional.silu(self.mix(x)))
        logits: Tensor = self.fine(self.norm(x))
        return logits


class LlamaVis(nn.Module):
    """Text states and image codes in, image codes and caption tokens out."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        width = config.backbone.width
        self.config = config
        self.image_tokenizer = ImageTokenizer(config.tokenizer)
        self.text_in = nn.Linear(config.text_width, width, bias=False)
        self.text_norm = RMSNorm(width, config.backbone.norm_eps)
        self.kind_in = nn.Embedding(len(config.kinds) + 1, width)
        self.grid_in = nn.Linear(POSITION_FEATURES, width, bias=False)
        self.code_in = nn.ModuleList(
            nn.Embedding(size, width) for size in config.tokenizer.codebook_sizes
        )
        self.begin_image = nn.Parameter(torch.zeros(width))
        self.written_at = nn.Linear(POSITION_FEATURES, width, bias=False)
        self.writes_next = nn.Linear(POSITION_FEATURES, width, bias=False)
        self.backbone = Backbone(config.backbone)
        self.heads = CodeHeads(config)
        self.caption = CaptionDecoder(config)
        for module in (self.text_in, self.grid_in, self.written_at, self.writes_next):
            nn.init.normal_(module.weight, std=0.02)
        for embedding in (self.kind_in, *self.code_in):
            assert isinstance(embedding, nn.Embedding)
            nn.init.normal_(embedding.weight, std=0.02)

    # --- the parts of the sequence ---------------------------------------------------------------

    def prefix(self, prompt: Prompt, grid: tuple[int, int]) -> Tensor:
        """Kind and grid, then the words: ``(B, 1 + T, D)``."""
        shape = torch.tensor([grid], device=prompt.kind.device)
        kind = self.kind_in(prompt.kind) + self.grid_in(position_features(shape))  # (B, D)
        words = self.text_norm(self.text_in(prompt.states))  # (B, T, D)
        return torch.cat([kind.unsqueeze(1), words.to(kind.dtype)], dim=1)

    def code_embedding(self, codes: Tensor) -> Tensor:
        """Codes ``(..., depth)`` to the sum of their embeddings ``(..., D)``."""
        parts = [embed(codes[..., depth]) for depth, embed in enumerate(self.code_in)]
        return torch.stack(parts).sum(0)

    def image_inputs(self, codes: Tensor, cells: Tensor) -> Tensor:
        """What each step knows: the code before it, where that stands, and where it writes.

        ``codes (B, P, depth)`` in the order they are written, ``cells (P, 2)`` or ``(B, P, 2)``
        in the same order. Returns ``(B, P, D)``; step 0 knows no code.
        """
        features = position_features(cells)
        before = self.code_embedding(codes[:, :-1]) + self.written_at(features[..., :-1, :])
        first = self.begin_image.expand(codes.shape[0], 1, -1)
        inputs: Tensor = torch.cat([first, before], dim=1) + self.writes_next(features)
        return inputs

    def caption_inputs(self, last_code: Tensor, last_cell: Tensor, caption: Tensor) -> Tensor:
        """``last_code (B, depth)``, its cell ``(2,)``, caption ids ``(B, T)`` to ``(B, 1 + T,
        D)``.
        """
        begin = self.code_embedding(last_code) + self.written_at(position_features(last_cell))
        begin = (begin + self.caption.begin).unsqueeze(1)
        return torch.cat([begin, self.caption.embed(caption)], dim=1)

    def no_prompt(self, batch: int, device: torch.device | None = None) -> Prompt:
        """The unconditional prompt."""
        return Prompt(
            states=torch.zeros(batch, 0, self.config.text_width, device=device),
            mask=torch.zeros(batch, 0, dtype=torch.bool, device=device),
            kind=torch.full((batch,), len(self.config.kinds), device=device),
        )

    def rotary_positions(self, words: int, image: int, caption: int = 0) -> Tensor:
        """Positions of a sequence with ``words`` prompt tokens and ``image`` codes: ``(L,)``."""
        start = self.config.image_start
        return torch.cat([torch.arange(1 + words), torch.arange(start, start + image + caption)])

    # --- training: the whole sequence at once ----------------------------------------------------

    def draw_hidden(self, prompt: Prompt, codes: Tensor, grid: tuple[int, int]) -> Tensor:
        """Hidden states ``(B, P, D)`` that predict ``codes (B, P, depth)``, raster order."""
        x = torch.cat(
            [self.prefix(prompt, grid), self.image_inputs(codes, grid_cells(grid, codes.device))], 1
        )
        words, P = prompt.states.shape[1], codes.shape[1]
        mask = causal_mask(prompt.mask, P)
        positions = self.rotary_positions(words, P).to(codes.device)
        return self.backbone(x, positions, mask)[:, 1 + words :]

    def read_hidden(
        self, codes: Tensor, grid: tuple[int, int], caption: Tensor
    ) -> tuple[Tensor, Tensor]:
        """No prompt: states ``(B, P, D)`` of the image and ``(B, 1 + T, D)`` of ``caption (B,
        T)``.
        """
        cells = grid_cells(grid, codes.device)
        x = torch.cat(
            [
                self.prefix(self.no_prompt(codes.shape[0], codes.device), grid),
                self.image_inputs(codes, cells),
                self.caption_inputs(codes[:, -1], cells[-1], caption),
            ],
            dim=1,
        )
        P, L = codes.shape[1], x.shape[1]
        mask = torch.ones(1, 1, L, L, dtype=torch.bool, device=x.device).tril()
        positions = self.rotary_positions(0, P, L - 1 - P).to(x.device)
        hidden = self.backbone(x, positions, mask)
        return hidden[:, 1 : 1 + P], hidden[:, 1 + P :]

    # --- drawing: one position at a time ---------------------------------------------------------

    def begin_cache(self, prompt: Prompt, grid: tuple[int, int], room: int) -> KeyValueCache:
        """Read the prompt into a fresh cache with space for ``room`` more positions."""
        x = self.prefix(prompt, grid)
        cache = KeyValueCache(self.config.backbone, x.shape[0], x.shape[1] + room, like=x)
        positions = self.rotary_positions(prompt.states.shape[1], 0).to(x.device)
        self.backbone(x, positions, causal_mask(prompt.mask, 0), cache)
        return cache


def encode_prompts(
    model: LlamaVis, encoder: TextEncoder, texts: Sequence[str], kinds: Sequence[str]
) -> Prompt:
    """Texts and kinds to a prompt on the encoder's device; an unknown kind is one not said."""
    tokens = encoder.encode_tokens(list(texts), model.config.max_text_tokens)
    known = model.config.kinds
    numbers = [known.index(kind) if kind in known else len(known) for kind in kinds]
    return Prompt(tokens.states, tokens.mask, torch.tensor(numbers, device=tokens.states.device))


def causal_mask(words: Tensor, image: int) -> Tensor:
    """``(B, 1, L, L)``: each position sees those before it, less the padding of the prompt.

    ``words (B, T)`` is True at real words; ``L = 1 + T + image``.
    """
    B, T = words.shape
    L = 1 + T + image
    keys = torch.ones(B, L, dtype=torch.bool, device=words.device)
    keys[:, 1 : 1 + T] = words
    lower = torch.ones(L, L, dtype=torch.bool, device=words.device).tril()
    return (lower & keys[:, None, :]).unsqueeze(1)
