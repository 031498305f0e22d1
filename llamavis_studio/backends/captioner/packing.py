"""The linear layers of a model with packed weights. Imported once a captioner is loaded.

For the few rows of a decoder's step laying the weights out anew takes as long as the product;
beforehand, 8 rows take half the time, and the thousands of rows of an image five sixths of it
(768 x 3072, float32, one core).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from llamavis_studio.model.packed_linear import can_pack, packed, packed_linear

LARGEST_COPY_BYTES = 256 << 20
"""An output layer that shares its weights with the words' embeddings is copied up to this size."""


class PackedLinear(nn.Module):
    """A linear layer in oneDNN's own layout; ``weight`` is empty and tells type and device only."""

    weight: Tensor

    def __init__(self, layer: nn.Linear) -> None:
        super().__init__()
        self.in_features, self.out_features = layer.in_features, layer.out_features
        weight = layer.weight.detach()
        self.register_buffer("weight", weight.new_empty(0), persistent=False)
        self.bias = None if layer.bias is None else layer.bias.detach()
        self._packed = packed(weight.contiguous())

    def forward(self, x: Tensor) -> Tensor:
        """(..., in) to (..., out)."""
        return packed_linear(x, self._packed, self.bias)


@torch.no_grad()
def pack_linears(model: nn.Module) -> int:
    """Replace every plain float32 linear layer of a model on the processor, one after the other, so
    that no weight is held twice for long; how many were replaced. Nothing where torch cannot.
    """
    if not can_pack():
        return 0
    shared = {id(one.weight) for one in model.modules() if isinstance(one, nn.Embedding)}
    count = 0
    for parent in list(model.modules()):
        for name, layer in list(parent.named_children()):
            if type(layer) is not nn.Linear or layer.weight.dtype != torch.float32:
                continue
            if id(layer.weight) in shared and layer.weight.nbytes > LARGEST_COPY_BYTES:
                continue
            setattr(parent, name, PackedLinear(layer))
            count += 1
    return count
