"""The Llama inside Janus over a cache that is written in place.

A cache has a row a text and a slot a token. Prompts are padded at their left, so that all rows of a
batch stand at the same slot and share the rotary tables; padding is never looked at. Shapes follow
from a row's own request, and sums over a row do not depend on other rows, so that neither do its
numbers (see ``linears``; the processor's fused attention shares a row among threads in a way that
depends on the number of rows, hence `_attend_by_hand`).

R rows, T new tokens, L slots, D width, H query heads, K key heads, E width of a head.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from llamavis_studio.backends.devices import memory
from llamavis_studio.backends.janus.linears import Linear, join
from llamavis_studio.backends.out_of_memory import MEMORY_HINT, is_out_of_memory
from llamavis_studio.core.errors import OutOfMemory

_log = logging.getLogger(__name__)
SLOTS_AT_ONCE = 256
"""A compiled step looks at whole multiples of these: each is compiled by itself."""


@dataclass
class Cache:
    """Keys and values of one batch.

    Args:
        keys, values: a tensor ``(R, K, L, E)`` for each layer.
        real: ``(R, L)`` bool, False at the padding.
        bias: ``(R, 1, 1, L)``, 0 where a step may look, else -inf.
        cos, sin: ``(L, E)``, the rotary table of the slots.
    """

    keys: list[Tensor]
    values: list[Tensor]
    real: Tensor
    bias: Tensor
    cos: Tensor
    sin: Tensor

    @property
    def slots(self) -> int:
        """L."""
        return self.real.shape[1]

    def rewind(self, start: int) -> None:
        """Forget the slots from ``start`` on; they are written anew."""
        self.bias[..., start:] = -torch.inf


@dataclass(frozen=True)
class _Layer:
    norm: Tensor
    qkv: Linear
    out: Linear
    mlp_norm: Tensor
    gate_up: Linear
    down: Linear


class Decoder:
    """Takes the weights of a ``LlamaModel`` over; that is of no use afterwards.

    Args:
        llama: ``JanusForConditionalGeneration.model.language_model``.
        compiled: whether a step is compiled; if that fails, it goes on uncompiled.
    """

    def __init__(self, llama: Any, compiled: bool = False) -> None:
        config = llama.config
        self.width: int = config.hidden_size
        self._heads: int = config.num_attention_heads
        self._key_heads: int = config.num_key_value_heads
        self._head_width: int = llama.layers[0].self_attn.head_dim
        self._eps: float = config.rms_norm_eps
        self._act: Callable[[Tensor], Tensor] = llama.layers[0].mlp.act_fn
        self._rotary = llama.rotary_emb
        self._norm: Tensor = llama.norm.weight.detach()
        self.embeddings: Tensor = llama.embed_tokens.weight.detach()
        on_processor = self.device.type == "cpu"
        self._by_hand = on_processor
        packed = on_processor and not compiled  # a compiler cannot look into packed weights
        self._layers = [
            _Layer(
                norm=layer.input_layernorm.weight.detach(),
                qkv=join([getattr(layer.self_attn, f"{c}_proj") for c in "qkv"], packed),
                out=join([layer.self_attn.o_proj], packed),
                mlp_norm=layer.post_attention_layernorm.weight.detach(),
                gate_up=join([layer.mlp.gate_proj, layer.mlp.up_proj], packed),
                down=join([layer.mlp.down_proj], packed),
            )
            for layer in llama.layers
        ]
        self._compiled: Callable[..., Tensor] | None = None
        self._kept: Cache | None = None
        if compiled:
            # On a processor there is no graph to record; elsewhere each step is one launch.
            mode = "default" if on_processor else "reduce-overhead"
            self._compiled = torch.compile(self._step, mode=mode, dynamic=False)

    @property
    def device(self) -> torch.device:
        """Where it calculates."""
        return self._norm.device

    @property
    def dtype(self) -> torch.dtype:
        """What it calculates with."""
        return self._norm.dtype

    @property
    def is_compiled(self) -> bool:
        """Whether the steps on a `drawing_cache` are compiled, for one number of rows each."""
        return self._compiled is not None

    def forget(self) -> None:
        """Let go of what was compiled and recorded, which torch holds for as long as it can."""
        if self._compiled is not None:
            self._compiled = self._kept = None
            torch.compiler.reset()

    def drawing_cache(self, rows: int, slots: int) -> Cache:
        """An empty cache for many steps; the one before it may be written over."""
        if self._compiled is None:
            return self.cache(rows, slots)
        # What was compiled and recorded knows the addresses: one cache serves as long as it fits.
        slots = -(-slots // SLOTS_AT_ONCE) * SLOTS_AT_ONCE
        kept = self._kept
        if kept is None or kept.real.shape[0] != rows or kept.slots < slots:
            self._kept = kept = None
            kept = self.cache(rows, slots)
            for tensor in (*kept.keys, *kept.values, kept.bias, kept.cos, kept.sin):
                torch._dynamo.mark_static_address(tensor)
            self._kept = kept
        kept.real.fill_(True)
        kept.rewind(0)
        return kept

    def cache(self, rows: int, slots: int) -> Cache:
        """An empty cache. Raises OutOfMemory where the computer's memory does not hold it."""
        self._refuse_too_large(rows, slots)
        shape = (rows, self._key_heads, slots, self._head_width)
        here: dict[str, Any] = {"device": self.device, "dtype": self.dtype}
        at = torch.arange(slots, device=self.device).unsqueeze(0)
        cos, sin = self._rotary(torch.zeros(1, **here), at)
        return Cache(
            # Zeros: what stands at a slot that is never looked at still has to be a number.
            keys=[torch.zeros(shape, **here) for _ in self._layers],
            values=[torch.zeros(shape, **here) for _ in self._layers],
            real=torch.ones(rows, slots, dtype=torch.bool, device=self.device),
            bias=torch.full((rows, 1, 1, slots), -torch.inf, **here),
            cos=cos[0],
            sin=sin[0],
        )

    def _refuse_too_large(self, rows: int, slots: int) -> None:
        """A card says when it is full. An operating system gives memory that it does not have, and
        ends the process that writes into it.
        """
        if self.device.type != "cpu":
            return
        row = 2 * len(self._layers) * self._key_heads * self._head_width * self.dtype.itemsize
        free = memory()[1]
        if free is not None and rows * slots * row > free:
            raise OutOfMemory("there is not enough memory for this many images", MEMORY_HINT)

    @torch.inference_mode()
    def run(self, x: Tensor, cache: Cache, rows: slice, start: int) -> Tensor:
        """Write tokens ``x (R, T, D)`` into the slots from ``start`` on; their last hidden states
        ``(R, T, D)``, normed.
        """
        stop = start + x.shape[1]
        slots = torch.arange(stop, device=x.device)
        at = slots[start:]
        # (R, T, L): what came before and is no padding; padding sees itself, to stay a number.
        seen = cache.real[rows, None, :stop] & (slots <= at[:, None])
        mask = (seen | (slots == at[:, None])).unsqueeze(1)
        cos, sin = cache.cos[start:stop, None], cache.sin[start:stop, None]
        for layer, keys, values in zip(self._layers, cache.keys, cache.values, strict=True):
            q, k, v = self._heads_of(layer, x, cos, sin)
            keys[rows, :, start:stop] = k.transpose(1, 2)
            values[rows, :, start:stop] = v.transpose(1, 2)
            found = F.scaled_dot_product_attention(
                q.transpose(1, 2), keys[rows, :, :stop], values[rows, :, :stop],
                attn_mask=mask, enable_gqa=self._heads != self._key_heads,
            )  # fmt: skip
            x = self._rest(layer, x, found.transpose(1, 2).flatten(2))
        looked_at = cache.real[rows, start:stop]
        cache.bias[rows, 0, 0, start:stop] = torch.where(looked_at, 0.0, -torch.inf).to(x.dtype)
        return F.rms_norm(x, (self.width,), self._norm, self._eps)

    @torch.inference_mode()
    def step(self, x: Tensor, cache: Cache, at: int) -> Tensor:
        """Write one token a row, ``x (R, D)``, into the slot ``at``; its last hidden state
        ``(R, D)``, normed.
        """
        slot = torch.tensor([at], device=x.device)
        if self._compiled is None or cache is not self._kept:
            return self._step(x, cache, slot, at + 1)
        length = -(-(at + 1) // SLOTS_AT_ONCE) * SLOTS_AT_ONCE
        try:
            # A recorded graph writes over its last answer.
            return self._compiled(x, cache, slot, length).clone()
        except Exception as error:
            if is_out_of_memory(error):
                raise
            said = str(error).partition("\n")[0]
            _log.warning("Janus goes on without torch.compile: %s", said)
            self._compiled = None
            return self._step(x, cache, slot, at + 1)

    def _step(self, x: Tensor, cache: Cache, slot: Tensor, length: int) -> Tensor:
        x = x.unsqueeze(1)  # (R, 1, D)
        cos, sin = cache.cos[slot].unsqueeze(1), cache.sin[slot].unsqueeze(1)  # (1, 1, E)
        cache.bias.index_fill_(3, slot, 0.0)
        bias = cache.bias[..., :length]
        attend = _attend_by_hand if self._by_hand else _attend
        for layer, keys, values in zip(self._layers, cache.keys, cache.values, strict=True):
            q, k, v = self._heads_of(layer, x, cos, sin)
            keys.index_copy_(2, slot, k.transpose(1, 2))
            values.index_copy_(2, slot, v.transpose(1, 2))
            found = attend(q, keys[:, :, :length], values[:, :, :length], bias)
            x = self._rest(layer, x, found)
        return F.rms_norm(x, (self.width,), self._norm, self._eps).squeeze(1)

    def _heads_of(
        self, layer: _Layer, x: Tensor, cos: Tensor, sin: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Queries ``(R, T, H, E)``, keys and values ``(R, T, K, E)``; the first two turned."""
        normed = F.rms_norm(x, (self.width,), layer.norm, self._eps)
        heads = layer.qkv(normed).unflatten(2, (-1, self._head_width))  # (R, T, H + 2K, E)
        turned = _turn(heads[:, :, : self._heads + self._key_heads], cos, sin)
        return (
            turned[:, :, : self._heads],
            turned[:, :, self._heads :],
            heads[:, :, self._heads + self._key_heads :],
        )

    def _rest(self, layer: _Layer, x: Tensor, attended: Tensor) -> Tensor:
        """What a layer does after its attention ``(R, T, H * E)``."""
        x = x + layer.out(attended)
        normed = F.rms_norm(x, (self.width,), layer.mlp_norm, self._eps)
        gate, up = layer.gate_up(normed).chunk(2, dim=2)
        return x + layer.down(self._act(gate) * up)


def _turn(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotary position embedding of ``x (R, T, heads, E)`` (https://arxiv.org/abs/2104.09864), its
    halves paired as in Llama.
    """
    first, second = x.chunk(2, dim=3)
    return x * cos + torch.cat([-second, first], dim=3) * sin


def _attend(q: Tensor, keys: Tensor, values: Tensor, bias: Tensor) -> Tensor:
    """One query a row: ``q (R, 1, H, E)``, ``keys (R, K, L, E)``; ``(R, 1, H * E)``."""
    found = F.scaled_dot_product_attention(
        q.transpose(1, 2), keys, values, attn_mask=bias, enable_gqa=q.shape[2] != keys.shape[1]
    )
    return found.transpose(1, 2).flatten(2)


def _attend_by_hand(q: Tensor, keys: Tensor, values: Tensor, bias: Tensor) -> Tensor:
    """The same, each row added up in the same order however many there are."""
    key_heads, width = keys.shape[1], q.shape[3]
    # Heads that share a key stand together: (R, K, H / K, E)
    grouped = q.reshape(q.shape[0], key_heads, -1, width) * width**-0.5
    scores = torch.matmul(grouped, keys.transpose(2, 3)).add_(bias)  # (R, K, H / K, L)
    shares = torch.softmax(scores, dim=3, dtype=torch.float32).to(q.dtype)
    found = torch.matmul(shares, values)  # (R, K, H / K, E)
    return found.flatten(1).unsqueeze(1)
