"""Llama blocks: RMSNorm, rotary positions, grouped-query attention, SwiGLU, no biases.

LLaMA (Touvron et al. 2023), RoPE (Su et al. 2021), grouped-query attention (Ainslie et al. 2023),
SwiGLU (Shazeer 2020). The weights are laid out as Hugging Face's ``LlamaModel`` lays them out,
and a test holds the two to the same numbers. Shape letters: see
:mod:`llamavis_studio.model.config`.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from llamavis_studio.model.config import BackboneConfig
from llamavis_studio.model.steady import PackedCopy, SteadyLinear, steady_length


class RMSNorm(nn.Module):
    """Divide by the root mean square over channels, then scale (Zhang and Sennrich 2019)."""

    def __init__(self, width: int, eps: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        """Same shape out as in."""
        return F.rms_norm(x, (x.shape[-1],), self.weight.to(x.dtype), self.eps)


def rotary_table(positions: Tensor, head_size: int, theta: float) -> tuple[Tensor, Tensor]:
    """Cosines and sines ``(L, hs)`` for integer ``positions (L,)``."""
    rates = theta ** (
        -torch.arange(0, head_size, 2, device=positions.device, dtype=torch.float32) / head_size
    )
    angles = positions.float().unsqueeze(1) * rates  # (L, hs/2)
    angles = torch.cat([angles, angles], dim=1)
    return angles.cos(), angles.sin()


def rotate(x: Tensor, table: tuple[Tensor, Tensor]) -> Tensor:
    """Turn queries or keys ``(B, heads, L, hs)`` by their positions."""
    cos, sin = (t.to(x.dtype) for t in table)
    first, second = x.chunk(2, dim=-1)
    return x * cos + torch.cat([-second, first], dim=-1) * sin


class KeyValueCache:
    """Keys and values of what has been written so far, for every layer, preallocated.

    ``room`` is the longest sequence that will be written. ``length`` counts what is there. Rows may
    write at ``places (B,)`` of their own, one position at a time; None is behind what is there.
    """

    def __init__(
        self, config: BackboneConfig, batch: int, room: int, like: Tensor | None = None
    ) -> None:
        self.room = steady_length(room)
        shape = (config.layers, batch, config.kv_heads, self.room, config.head_size)
        dtype = torch.float32 if like is None else like.dtype
        device = None if like is None else like.device
        self.keys = torch.zeros(shape, dtype=dtype, device=device)
        self.values = torch.zeros(shape, dtype=dtype, device=device)
        self.length = 0
        self.places: Tensor | None = None

    def span(self, new: int) -> int:
        """How many keys a pass over ``new`` positions sees, those that no one wrote included."""
        return min(steady_length(self.length + new), self.room)

    def extend(self, layer: int, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Add ``(B, nk, n, hs)``; return all of that layer, as far as its :meth:`span`."""
        new = keys.shape[2]
        if self.places is None:
            end = self.length + new
            self.keys[layer, :, :, self.length : end] = keys
            self.values[layer, :, :, self.length : end] = values
        else:
            rows = torch.arange(keys.shape[0], device=keys.device)
            self.keys[layer][rows, :, self.places] = keys[:, :, 0]
            self.values[layer][rows, :, self.places] = values[:, :, 0]
        span = self.span(new)
        return self.keys[layer, :, :, :span], self.values[layer, :, :, :span]


class Attention(nn.Module):
    """Grouped-query self-attention."""

    def __init__(self, config: BackboneConfig) -> None:
        super().__init__()
        self.heads, self.kv_heads, self.head_size = config.heads, config.kv_heads, config.head_size
        self.q_proj = SteadyLinear(config.width, config.heads * config.head_size)
        self.k_proj = SteadyLinear(config.width, config.kv_heads * config.head_size)
        self.v_proj = SteadyLinear(config.width, config.kv_heads * config.head_size)
        self.o_proj = SteadyLinear(config.heads * config.head_size, config.width)
        self._copies = PackedCopy()

    def forward(
        self,
        x: Tensor,
        table: tuple[Tensor, Tensor],
        mask: Tensor | None,
        cache: KeyValueCache | None,
        layer: int,
    ) -> Tensor:
        """``x (B, L, D)``; ``mask`` added to the scores, broadcastable to ``(B, 1, L, keys)``."""
        B, L, _ = x.shape
        layers = (self.q_proj, self.k_proj, self.v_proj)
        seen = self._copies.multiply_at_once(x, layers)
        if seen is None:
            seen = torch.cat([layer(x) for layer in layers], dim=2)
        seen = seen.view(B, L, -1, self.head_size).transpose(1, 2)  # (B, nh + 2 * nk, L, hs)
        turned, v = seen.split([self.heads + self.kv_heads, self.kv_heads], dim=1)
        q, k = rotate(turned, table).split([self.heads, self.kv_heads], dim=1)
        if cache is not None:
            k, v = cache.extend(layer, k, v)
        if L == 1:
            # One query a row: the heads of a group become the rows of one small product, so that
            # keys and values are read once and not copied out to every query head.
            groups = self.heads // self.kv_heads
            q = q.reshape(B, self.kv_heads, groups, self.head_size)  # (B, nk, nh/nk, hs)
            y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        elif x.device.type == "cpu" and torch.is_grad_enabled() and mask is not None:
            y = attend_in_matrices(q, k, v, mask.to(q.dtype)).transpose(1, 2)  # (B, L, nh, hs)
        else:
            y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, enable_gqa=True)
            y = y.transpose(1, 2)  # (B, L, nh, hs)
        out: Tensor = self.o_proj(y.reshape(B, L, -1))
        return out


def attend_in_matrices(q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
    """Grouped-query attention in plain matrix products: ``(B, nh, L, hs)`` as ``q``.

    For training on a CPU only: the backward pass of ``scaled_dot_product_attention`` there (torch
    2.13) took 3.8 times as long at 83 positions as these four lines. Drop it when that changes.
    """
    B, nh, L, hs = q.shape
    nk = k.shape[1]
    scores = torch.matmul(q.reshape(B, nk, nh // nk * L, hs), k.transpose(-1, -2)) * hs**-0.5
    shares = (scores.view(B, nk, nh // nk, L, -1) + mask.unsqueeze(2)).softmax(dim=-1)
    return torch.matmul(shares.view(B, nk, nh // nk * L, -1), v).view(B, nh, L, hs)


class FeedForward(nn.Module):
    """SwiGLU."""

    def __init__(self, config: BackboneConfig) -> None:
        super().__init__()
        self.gate_proj = SteadyLinear(config.width, config.hidden)
        self.up_proj = SteadyLinear(config.width, config.hidden)
        self.down_proj = SteadyLinear(config.hidden, config.width)
        self._copies = PackedCopy()

    def forward(self, x: Tensor) -> Tensor:
        """Same shape out as in."""
        both = self._copies.multiply_at_once(x, (self.gate_proj, self.up_proj))
        gate, up = (self.gate_proj(x), self.up_proj(x)) if both is None else both.chunk(2, dim=-1)
        out: Tensor = self.down_proj(F.silu(gate) * up)
        return out


class Block(nn.Module):
    """Attention and feed-forward, each behind a norm and added to its input."""

    def __init__(self, config: BackboneConfig) -> None:
        super().__init__()
        self.input_layernorm = RMSNorm(config.width, config.norm_eps)
        self.self_attn = Attention(config)
        self.post_attention_layernorm = RMSNorm(config.width, config.norm_eps)
        self.mlp = FeedForward(config)

    def forward(
        self,
        x: Tensor,
        table: tuple[Tensor, Tensor],
        mask: Tensor | None,
        cache: KeyValueCache | None,
        layer: int,
    ) -> Tensor:
        """``(B, L, D)`` to ``(B, L, D)``."""
        x = x + self.self_attn(self.input_layernorm(x), table, mask, cache, layer)
        out: Tensor = x + self.mlp(self.post_attention_layernorm(x))
        return out


class Backbone(nn.Module):
    """The stack of Llama blocks over embeddings; it knows nothing of pixels or words."""

    def __init__(self, config: BackboneConfig) -> None:
        super().__init__()
        self.config = config
        self.layers = nn.ModuleList(Block(config) for _ in range(config.layers))
        self.norm = RMSNorm(config.width, config.norm_eps)
        for name, weight in self.named_parameters():
            if weight.dim() == 2:
                scale = 0.02 if "o_proj" not in name and "down_proj" not in name else 0.0
                nn.init.normal_(weight, std=scale) if scale else nn.init.zeros_(weight)

    def forward(
        self,
        x: Tensor,
        positions: Tensor,
        mask: Tensor | None = None,
        cache: KeyValueCache | None = None,
    ) -> Tensor:
        """``x (B, L, D)`` at rotary ``positions (L,)`` to normed hidden states ``(B, L, D)``.

        ``mask`` bool, broadcastable to ``(B, 1, L, keys)``; ``keys`` counts the cache too. None
        lets every new position see everything that is in the cache and before it.
        """
        if cache is not None:
            keys = cache.length + x.shape[1]
            mask = x.new_ones(1, 1, 1, keys, dtype=torch.bool) if mask is None else mask
            mask = F.pad(mask, (0, cache.span(x.shape[1]) - keys))
        bias = None if mask is None else blocked_bias(mask, x.dtype)
        table = rotary_table(positions, self.config.head_size, self.config.rope_theta)
        return self.run(x, table, bias, cache)

    def run(
        self,
        x: Tensor,
        table: tuple[Tensor, Tensor],
        bias: Tensor | None,
        cache: KeyValueCache | None,
    ) -> Tensor:
        """:meth:`forward` with the rotary ``table`` and the mask's ``bias`` already made.

        With a cache, ``bias`` is as wide as the cache's span. A table of ``(B, 1, 1, hs)`` each
        turns every row by a position of its own.
        """
        for index, layer in enumerate(self.layers):
            x = layer(x, table, bias, cache, index)
        if cache is not None:
            cache.length += x.shape[1]
        out: Tensor = self.norm(x)
        return out


def blocked_bias(mask: Tensor, dtype: torch.dtype) -> Tensor:
    """What a bool mask adds to the scores: nothing where True, very much less where False."""
    bias = torch.zeros(mask.shape, dtype=dtype, device=mask.device)
    return bias.masked_fill_(~mask, -1e4)
