"""Drawing with the trained model: codes one after the other, around those that are known.

Each picture depends on its own prompt, seed and known codes alone, to the last bit (see
``model.steady``): rows of a batch that know more than others are ahead of them by as many steps,
and what pads one row for the sake of another is masked out in whole blocks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from llamavis_studio.model.backbone import KeyValueCache, blocked_bias, rotary_table
from llamavis_studio.model.sampling import OnStep, Sampling, choose, seeded_numbers
from llamavis_studio.model.steady import steady_length, steady_queries
from llamavis_studio.model.unified import (
    LlamaVis,
    Prompt,
    References,
    grid_cells,
    position_features,
)


class Known(NamedTuple):
    """Codes of a picture that are given, such as all outside a region that is drawn anew."""

    codes: Tensor  # (B, P, depth) int64, raster order; what the mask leaves out is not looked at
    mask: Tensor  # (B, P) bool, True where the code stays


class Halfway(NamedTuple):
    """Pictures that are being drawn, as far as they are; for looking, not for touching."""

    codes: Tensor  # (B, P, depth) int64, in the order of writing
    order: Tensor  # (B, P) int64, the cell of each
    written: Tensor  # (B,) int64, how many of its codes each has
    cache: KeyValueCache  # of (halves * B) rows, the wanted half first
    keys: Tensor  # (halves * B, n) bool, the prompt's: False at padding
    written_at: Tensor  # (B, P, D), what says where a code stands, in the order of writing
    writes_next: Tensor  # (B, P, D), what says where the next one goes
    table: tuple[Tensor, Tensor]  # cosines and sines (P, hs)


Look = Callable[[Halfway], None]


def pad_together(first: Prompt, second: Prompt) -> Prompt:
    """Stack two prompts of ``B`` rows to one of ``2B``; words and references padded to the more."""
    width = max(first.states.shape[1], second.states.shape[1])
    one, other = padded(first, width), padded(second, width)
    return Prompt(
        torch.cat([one.states, other.states]),
        torch.cat([one.mask, other.mask]),
        torch.cat([one.kind, other.kind]),
        _references_together(first, second),
    )


def padded(prompt: Prompt, width: int) -> Prompt:
    """A prompt with room for ``width`` words."""
    missing = width - prompt.states.shape[1]
    return prompt._replace(
        states=F.pad(prompt.states, (0, 0, 0, missing)), mask=F.pad(prompt.mask, (0, missing))
    )


def _references_together(first: Prompt, second: Prompt) -> References | None:
    some = first.references or second.references
    if some is None:
        return None
    count = max(p.references.mask.shape[1] for p in (first, second) if p.references is not None)
    halves = []
    for prompt in (first, second):
        found = prompt.references
        if found is None:
            rows = len(prompt.kind)
            found = References(
                some.codes.new_zeros(rows, 0, *some.codes.shape[2:]),
                some.role.new_zeros(rows, 0),
                some.mask.new_zeros(rows, 0),
            )
        missing = count - found.mask.shape[1]  # the last reference stays the last
        halves.append(
            References(
                F.pad(found.codes, (0, 0, 0, 0, missing, 0)),
                F.pad(found.role, (missing, 0)),
                F.pad(found.mask, (missing, 0)),
            )
        )
    return References(*(torch.cat(pair) for pair in zip(*halves, strict=True)))


def writing_order(known: Tensor) -> Tensor:
    """Known positions first, each part in raster order: ``(B, P)`` bool to ``(B, P)`` places."""
    return (~known).to(torch.int8).argsort(dim=1, stable=True)


@torch.inference_mode()
def draw_codes(
    model: LlamaVis,
    prompt: Prompt,
    unwanted: Prompt,
    grid: tuple[int, int],
    seeds: Sequence[int],
    sampling: Sampling,
    on_step: OnStep | None = None,
    known: Known | None = None,
    look: Look | None = None,
) -> Tensor:
    """Write the codes of ``B`` images: ``(B, P, depth)`` int64 in raster order.

    ``unwanted`` is the other side of guidance: the unconditional prompt, or the words to avoid.
    Both halves run in one batch of ``2B`` rows over one key/value cache. What is ``known`` is read
    first and stays as it is; the rest is written after it, in raster order. ``look`` may look at
    what there is after each step, before that is told.
    """
    P = grid[0] * grid[1]
    if known is not None and bool(known.mask.all()):
        if on_step is not None:
            on_step(P, P)
        return known.codes.clone()
    guided = sampling.guidance_scale != 1.0
    both = pad_together(prompt, unwanted) if guided else prompt
    canvas = _Canvas(model, both, grid, len(seeds), known)
    numbers = seeded_numbers(seeds, P, canvas.codes.shape[2]).to(canvas.codes.device)
    for step in range(canvas.steps):
        canvas.write_next(step, numbers, sampling)
        if look is not None and step + 1 < canvas.steps:
            look(canvas.halfway(step + 1))
        if on_step is not None:
            on_step(P - canvas.steps + step + 1, P)
    return canvas.in_raster_order()


class _Canvas:
    """The pictures of one batch while their codes are written.

    Tensors of one row a picture hold positions in the order of writing; those that the backbone
    sees have ``halves * B`` rows, the wanted half first.
    """

    def __init__(
        self,
        model: LlamaVis,
        prompt: Prompt,
        grid: tuple[int, int],
        count: int,
        known: Known | None,
    ) -> None:
        device, P = prompt.kind.device, grid[0] * grid[1]
        self._model, self._P, self._halves = model, P, len(prompt.kind) // count
        depth = len(model.config.tokenizer.codebook_sizes)
        self.codes = torch.zeros(count, P, depth, dtype=torch.long, device=device)
        given = torch.zeros(count, P, dtype=torch.bool, device=device)
        self._order = torch.arange(P, device=device).expand(count, -1)  # (B, P)
        if known is not None:
            given, self._order = known.mask, writing_order(known.mask)
            self.codes = known.codes.gather(1, self._places_of_codes()).clone()
        self._known = given.sum(dim=1)  # (B,)
        least, most = int(self._known.min()), int(self._known.max())
        self.steps = P - least
        # Kind and words fill whole blocks, so that the length of a neighbour's prompt shifts what
        # comes behind it by whole blocks only.
        prompt = padded(prompt, steady_length(1 + prompt.states.shape[1]) - 1)
        self._seen = prompt.seen()  # (halves * B, n)
        self._cache = model.begin_cache(prompt, grid, P)
        self._cells = grid_cells(grid, device)[self._order]  # (B, P, 2)
        features = position_features(self._cells)
        self._written, self._next = model.written_at(features), model.writes_next(features)
        body, start = model.config.backbone, model.config.image_start
        positions = torch.arange(start, start + P, device=device)
        self._table = rotary_table(positions, body.head_size, body.rope_theta)  # (P, hs) each
        if most:
            self._read_known(most, positions)
        self._bias = self._first_bias()  # (halves * B, 1, 1, room)
        self._uneven = least != most
        self._rows = torch.arange(count, device=device)
        self._x = self._input(self._known.clamp(max=P - 1))

    def _places_of_codes(self) -> Tensor:
        return self._order.unsqueeze(2).expand(-1, -1, self.codes.shape[2])

    def _read_known(self, most: int, positions: Tensor) -> None:
        """Read the known codes at once. Rows that know less read on into what is written over."""
        count, n = min(steady_queries(most), self._P), self._seen.shape[1]
        x = self._model.image_inputs(self.codes[:, :count], self._cells[:, :count])
        before = torch.ones(count, n + count, dtype=torch.bool, device=x.device).tril(n)
        mask = before & F.pad(self._seen, (0, count), value=True)[:, None, None, :]
        x = x.repeat(self._halves, 1, 1)
        self._model.backbone(x, positions[:count], mask, self._cache)
        self._cache.length = n + most

    def _first_bias(self) -> Tensor:
        """What the prompt and the known codes let every row see."""
        there = torch.arange(self._P, device=self._known.device) < self._known.unsqueeze(1)
        seen = torch.cat([self._seen, there.repeat(self._halves, 1)], dim=1)
        seen = F.pad(seen, (0, self._cache.room - seen.shape[1]))
        return blocked_bias(seen[:, None, None, :], self._cache.keys.dtype)

    def _input(self, at: Tensor) -> Tensor:
        """What each row knows when it writes its position ``at (B,)``: ``(halves * B, 1, D)``."""
        last = (at - 1).clamp(min=0)
        told = self._model.code_embedding(self.codes[self._rows, last])
        told = told + self._written[self._rows, last]
        first = (at == 0).unsqueeze(1)
        x = torch.where(first, self._model.begin_image, told) + self._next[self._rows, at]
        return x.repeat(self._halves, 1).unsqueeze(1)

    def write_next(self, step: int, numbers: Tensor, sampling: Sampling) -> None:
        """Write one more code position of every row that is not done.

        ``numbers (B, P, depth)`` are uniform in 0..1.
        """
        P, n, rows = self._P, self._seen.shape[1], self._rows
        free = self._known + step < P  # (B,)
        at = (self._known + step).clamp(max=P - 1)  # a row that is done writes its last one again
        places = (n + at).repeat(self._halves)
        self._bias[torch.arange(len(places), device=at.device), 0, 0, places] = 0.0
        self._cache.places = places if self._uneven else None
        cos, sin = (turn[at].repeat(self._halves, 1)[:, None, None] for turn in self._table)
        bias = self._bias[..., : self._cache.span(1)]
        hidden = self._model.backbone.run(self._x, (cos, sin), bias, self._cache)[:, 0]
        for level in range(self.codes.shape[2]):
            told = self.codes[rows, at, :level].repeat(self._halves, 1)  # (halves * B, level)
            heat = sampling.temperature * (sampling.fine_temperature if level else 1.0)
            logits = guide(self._model.heads(hidden, told), sampling.guidance_scale)
            chosen = choose(logits, numbers[rows, at, level], heat, sampling.top_p)
            self.codes[rows, at, level] = torch.where(free, chosen, self.codes[rows, at, level])
        self._x = self._input((at + 1).clamp(max=P - 1))

    def halfway(self, steps: int) -> Halfway:
        """All as it is after so many steps."""
        written = (self._known + steps).clamp(max=self._P)
        return Halfway(
            self.codes, self._order, written, self._cache, self._seen, self._written, self._next,
            self._table,
        )  # fmt: skip

    def in_raster_order(self) -> Tensor:
        """The codes ``(B, P, depth)``."""
        return torch.zeros_like(self.codes).scatter_(1, self._places_of_codes(), self.codes)


def guide(logits: Tensor, scale: float) -> Tensor:
    """Logits ``(2B, K)``, wanted half first, to guided ``(B, K)``; ``(B, K)`` pass at scale 1."""
    if scale == 1.0:
        return logits
    wanted, other = logits.chunk(2)
    return other + scale * (wanted - other)
