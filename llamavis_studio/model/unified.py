"""The whole model on one page: encode, attend, decode, in both directions.

One sequence, always in this order, each part optional but the image::

    [kind and grid] [words of the prompt] [reference pictures] | [image codes] | [caption]

A prompt is read before the image when drawing; it is left out when an image is read, and the
caption is then written behind the codes. So captions and the unconditional half of
classifier-free guidance are learned from the same rows. Every image position is told which
position it writes next (any-order autoregression, sigma-GPT, Pannatier et al. 2024), so the same
weights draw in raster order, fill a region in, extend a picture and mend a seam: what is known is
put first. References are whole pictures as codes: one that looks alike (retrieval-augmented as
RA-CM3, Yasunaga et al. 2023) or the version before an edit.

Shape letters: see :mod:`llamavis_studio.model.config`; ``R`` references, all on the image's grid.
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
from llamavis_studio.model.steady import SteadyLinear
from llamavis_studio.model.text_encoder import TextEncoder

POSITION_FEATURES = 64
ALIKE, BEFORE = 0, 1
"""What a reference is: a picture to take after, or the version that an edit starts from."""


class References(NamedTuple):
    """Pictures beside the words. The last one counts most: it always lies equally far away."""

    codes: Tensor  # (B, R, P, depth) int64, raster order
    role: Tensor  # (B, R) int64, ALIKE or BEFORE
    mask: Tensor  # (B, R) bool, True where there is one


class Prompt(NamedTuple):
    """What is known before drawing. An unconditional prompt has no words and the null kind."""

    states: Tensor  # (B, T, E) text encoder states
    mask: Tensor  # (B, T) bool, True at words
    kind: Tensor  # (B,) int64, index into ModelConfig.kinds, or their number for "not said"
    references: References | None = None

    @property
    def reference_count(self) -> int:
        """``R * P``: how many positions the references take."""
        found = self.references
        return 0 if found is None else found.codes.shape[1] * found.codes.shape[2]

    def seen(self) -> Tensor:
        """``(B, 1 + T + R * P)`` bool: True at what is there, False at padding."""
        parts = [self.mask.new_ones(len(self.kind), 1), self.mask]
        if self.references is not None:
            each = self.references.codes.shape[2]
            parts.append(self.references.mask.repeat_interleave(each, dim=1))
        return torch.cat(parts, dim=1)


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
    """The codes of one position, one after the other: each from the hidden state and those before
    it.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        width, eps = config.backbone.width, config.backbone.norm_eps
        sizes = config.tokenizer.codebook_sizes
        later = range(len(sizes) - 1)
        self.out = nn.ModuleList(SteadyLinear(width, size) for size in sizes)
        self.told = nn.ModuleList(nn.Embedding(size, width) for size in sizes[:-1])
        self.mix = nn.ModuleList(SteadyLinear(width, 2 * width) for _ in later)
        self.unmix = nn.ModuleList(SteadyLinear(2 * width, width) for _ in later)
        self.norm = nn.ModuleList(RMSNorm(width, eps) for _ in later)
        for name, weight in self.named_parameters():
            if weight.dim() == 2:
                nn.init.zeros_(weight) if "unmix" in name else nn.init.normal_(weight, std=0.02)

    def forward(self, hidden: Tensor, before: Tensor) -> Tensor:
        """Logits of the next code: ``hidden (..., D)``, codes chosen ``before (..., n)`` to
        ``(..., K_n)``.
        """
        depth = before.shape[-1]
        x = hidden
        for place in range(depth):
            x = x + self.told[place](before[..., place]).to(hidden.dtype)
        if depth:
            x = x + self.unmix[depth - 1](nn.functional.silu(self.mix[depth - 1](x)))
            x = self.norm[depth - 1](x)
        logits: Tensor = self.out[depth](x)
        return logits

    def nats(self, hidden: Tensor, codes: Tensor) -> Tensor:
        """How surprising ``codes (B, P, n)`` are, all that are given together: ``(B, P)``."""
        found = hidden.new_zeros(codes.shape[:2])
        for level in range(codes.shape[-1]):
            logits = self(hidden, codes[..., :level]).transpose(1, 2)  # (B, K, P)
            found += nn.functional.cross_entropy(logits, codes[..., level], reduction="none")
        return found


class LlamaVis(nn.Module):
    """Text states and image codes in, image codes and caption tokens out."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        width = config.backbone.width
        self.config = config
        self.image_tokenizer = ImageTokenizer(config.tokenizer)
        self.text_in = SteadyLinear(config.text_width, width)
        self.text_norm = RMSNorm(width, config.backbone.norm_eps)
        self.kind_in = nn.Embedding(len(config.kinds) + 1, width)
        self.grid_in = SteadyLinear(POSITION_FEATURES, width)
        self.code_in = nn.ModuleList(
            nn.Embedding(size, width) for size in config.tokenizer.codebook_sizes
        )
        self.role_in = nn.Embedding(2, width)
        self.begin_image = nn.Parameter(torch.zeros(width))
        self.written_at = SteadyLinear(POSITION_FEATURES, width)
        self.writes_next = SteadyLinear(POSITION_FEATURES, width)
        self.backbone = Backbone(config.backbone)
        self.heads = CodeHeads(config)
        self.caption = CaptionDecoder(config)
        for module in (self.text_in, self.grid_in, self.written_at, self.writes_next):
            nn.init.normal_(module.weight, std=0.02)
        for embedding in (self.kind_in, self.role_in, *self.code_in):
            assert isinstance(embedding, nn.Embedding)
            nn.init.normal_(embedding.weight, std=0.02)

    # --- the parts of the sequence ---------------------------------------------------------------

    def prefix(self, prompt: Prompt, grid: tuple[int, int]) -> Tensor:
        """Kind and grid, the words, the references: ``(B, 1 + T + R * P, D)``."""
        shape = torch.tensor([grid], device=prompt.kind.device)
        kind = self.kind_in(prompt.kind) + self.grid_in(position_features(shape))  # (B, D)
        words = self.text_norm(self.text_in(prompt.states))  # (B, T, D)
        parts = [kind.unsqueeze(1), words.to(kind.dtype)]
        if prompt.references is not None:
            codes, role, _ = prompt.references
            at = self.written_at(position_features(grid_cells(grid, codes.device)))  # (P, D)
            pictures = self.code_embedding(codes) + at + self.role_in(role).unsqueeze(2)
            parts.append(pictures.flatten(1, 2).to(kind.dtype))  # (B, R * P, D)
        return torch.cat(parts, dim=1)

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

    def rotary_positions(
        self, words: int, image: int, caption: int = 0, references: int = 0
    ) -> Tensor:
        """Positions of a sequence with ``words`` prompt tokens and ``image`` codes: ``(L,)``.

        ``references`` positions lie below zero, so that the last reference is always as far from
        the image, whatever the words.
        """
        start = self.config.image_start
        return torch.cat(
            [
                torch.arange(1 + words),
                torch.arange(-references, 0),
                torch.arange(start, start + image + caption),
            ]
        )

    # --- training: the whole sequence at once ----------------------------------------------------

    def draw_hidden(
        self, prompt: Prompt, codes: Tensor, grid: tuple[int, int], cells: Tensor | None = None
    ) -> Tensor:
        """Hidden states ``(B, P, D)`` that predict ``codes (B, P, depth)``.

        ``cells (P, 2)`` or ``(B, P, 2)`` is where each code stands, in the order of writing;
        None is raster order.
        """
        cells = grid_cells(grid, codes.device) if cells is None else cells
        x = torch.cat([self.prefix(prompt, grid), self.image_inputs(codes, cells)], 1)
        seen, P = prompt.seen(), codes.shape[1]
        mask = causal_mask(seen, P)
        words = prompt.states.shape[1]
        positions = self.rotary_positions(words, P, references=prompt.reference_count)
        return self.backbone(x, positions.to(codes.device), mask)[:, seen.shape[1] :]

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
        positions = self.rotary_positions(
            prompt.states.shape[1], 0, references=prompt.reference_count
        )
        self.backbone(x, positions.to(x.device), causal_mask(prompt.seen(), 0), cache)
        return cache


def encode_prompts(
    model: LlamaVis, encoder: TextEncoder, texts: Sequence[str], kinds: Sequence[str]
) -> Prompt:
    """Texts and kinds to a prompt on the encoder's device; an unknown kind is one not said."""
    tokens = encoder.encode_tokens(list(texts), model.config.max_text_tokens)
    known = model.config.kinds
    numbers = [known.index(kind) if kind in known else len(known) for kind in kinds]
    return Prompt(tokens.states, tokens.mask, torch.tensor(numbers, device=tokens.states.device))


def causal_mask(seen: Tensor, image: int) -> Tensor:
    """``(B, 1, L, L)``: each position sees those before it, less the padding of the prompt.

    ``seen (B, n)`` is :meth:`Prompt.seen`; ``L = n + image``.
    """
    B, n = seen.shape
    L = n + image
    keys = torch.ones(B, L, dtype=torch.bool, device=seen.device)
    keys[:, :n] = seen
    lower = torch.ones(L, L, dtype=torch.bool, device=seen.device).tril()
    return (lower & keys[:, None, :]).unsqueeze(1)
