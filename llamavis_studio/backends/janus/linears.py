"""Matrix products of a few rows with large weights: where a decoder spends its time.

Drawing one image multiplies two rows with every weight, so that the time is that of reading the
weights. On the processor `torch.nn.functional.linear` reads them at a third of what the memory
gives (7 of 20 GB/s on two cores of a Zen 4, float32); oneDNN with weights laid out beforehand reads
them at full speed. It also adds up each row in the same order however many rows there are, which
makes an image independent of its neighbours to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from llamavis_studio.model.packed_linear import can_pack, packed, packed_linear

Linear = Callable[[Tensor], Tensor]
"""(..., in) to (..., out)."""


class Joined:
    """Layers that read the same input as one product; their outputs lie side by side."""

    def __init__(self, weight: Tensor, bias: Tensor | None) -> None:
        self._weight, self._bias = weight, bias

    def __call__(self, x: Tensor) -> Tensor:
        """(..., in) to (..., out)."""
        return F.linear(x, self._weight, self._bias)


class Packed:
    """The same with the weight in oneDNN's own layout."""

    def __init__(self, weight: Tensor, bias: Tensor | None) -> None:
        self._weight, self._bias = packed(weight), bias

    def __call__(self, x: Tensor) -> Tensor:
        """(..., in) to (..., out)."""
        return packed_linear(x, self._weight, self._bias)


class Separate:
    """Layers of another class, such as quantized ones, each called by itself."""

    def __init__(self, layers: Sequence[nn.Module]) -> None:
        self._layers = tuple(layers)

    def __call__(self, x: Tensor) -> Tensor:
        """(..., in) to (..., out)."""
        found = [layer(x) for layer in self._layers]
        return found[0] if len(found) == 1 else torch.cat(found, dim=-1)


@torch.no_grad()
def join(layers: Sequence[nn.Module], pack: bool) -> Linear:
    """One product for layers that read the same input.

    The weights of plain layers are taken out of them, so that none is held twice; the layers are of
    no use afterwards. ``pack`` asks for oneDNN's layout, where it can be had.
    """
    plain = [layer for layer in layers if type(layer) is nn.Linear]
    if len(plain) != len(layers):
        return Separate(layers)
    weight = torch.cat([layer.weight.detach() for layer in plain]) if plain[1:] else plain[0].weight
    biases = [
        layer.weight.new_zeros(layer.out_features) if layer.bias is None else layer.bias.detach()
        for layer in plain
    ]
    bias = torch.cat(biases) if any(layer.bias is not None for layer in plain) else None
    for layer in plain:
        layer.register_parameter("weight", None)
        layer.register_parameter("bias", None)
    weight = weight.detach().contiguous()
    if pack and can_pack(weight.dtype):
        return Packed(weight, bias)
    return Joined(weight, bias)
