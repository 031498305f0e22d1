"""Logits to codes: guidance, temperature, nucleus, chance.

Chance comes from one CPU generator a request, drawn before anything else, so that a picture depends
neither on its neighbours nor on the device. B requests, V codes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Sampling:
    """How the codes of one image are chosen.

    ``guidance_scale`` 1 asks for no second, unconditional row; ``temperature`` 0 takes the
    likeliest code each time.
    """

    guidance_scale: float
    temperature: float
    top_p: float
    seed: int

    @property
    def is_guided(self) -> bool:
        """Whether it needs the unconditional row."""
        return self.guidance_scale != 1.0


class Sampler:
    """Chooses the codes of a batch, all guided or all not; ``cells`` codes an image."""

    def __init__(self, asked: Sequence[Sampling], cells: int, device: torch.device) -> None:
        self._guided = asked[0].is_guided
        self._greedy = torch.tensor([one.temperature == 0 for one in asked], device=device)

        def column(values: list[float]) -> Tensor:
            return torch.tensor(values, dtype=torch.float32, device=device).unsqueeze(1)  # (B, 1)

        self._scale = column([one.guidance_scale for one in asked])
        self._temperature = column([one.temperature or 1.0 for one in asked])
        self._top_p = column([one.top_p for one in asked])
        self._cuts = any(one.top_p < 1 for one in asked)
        chances = [
            torch.rand(cells, generator=torch.Generator().manual_seed(one.seed)) for one in asked
        ]
        self._chances = torch.stack(chances).to(device)  # (B, cells)

    def __call__(self, logits: Tensor, cell: int) -> Tensor:
        """Codes ``(B,)`` of the cell number ``cell``, from logits ``(B or 2 B, V)``: the
        conditional and the unconditional one of each request in turn.
        """
        logits = logits.float()
        if self._guided:
            # https://arxiv.org/abs/2207.12598, as Janus publishes it
            wanted, free = logits[0::2], logits[1::2]
            logits = free + self._scale * (wanted - free)
        shares = torch.softmax(logits / self._temperature, dim=1)
        if self._cuts:
            shares = nucleus(shares, self._top_p)
        drawn = pick(shares, self._chances[:, cell : cell + 1])
        return torch.where(self._greedy, logits.argmax(dim=1), drawn)


def nucleus(shares: Tensor, top_p: Tensor) -> Tensor:
    """Shares ``(B, V)`` with the unlikely set to 0: the likeliest that make up ``top_p (B, 1)``
    stay (https://arxiv.org/abs/1904.09751); not scaled to 1 again.
    """
    ordered, order = shares.sort(dim=1, descending=True, stable=True)
    before = ordered.cumsum(dim=1) - ordered
    ordered = ordered.masked_fill((before >= top_p) & (top_p < 1), 0.0)
    return torch.zeros_like(shares).scatter_(1, order, ordered)


def pick(shares: Tensor, chances: Tensor) -> Tensor:
    """An index ``(B,)`` a row, with the probabilities ``shares (B, V)`` of any scale, where
    ``chances (B, 1)`` in 0..1 falls.
    """
    exact = torch.float32 if shares.device.type == "mps" else torch.float64
    sums = shares.to(exact).cumsum(dim=1)
    found = torch.searchsorted(sums, chances.to(exact) * sums[:, -1:], right=True)
    return found.squeeze(1).clamp_(max=shares.shape[1] - 1)
