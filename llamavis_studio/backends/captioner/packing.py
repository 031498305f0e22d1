"""Linear layers with weights laid out for the processor. Imported once a captioner is loaded.

`torch.nn.functional.linear` lays the weights out anew in every call, which for the few rows of a
decoder's step takes as long as the product. oneDNN with weights laid out beforehand takes half the
time for 8 rows, and five sixths of it for the thousands of rows of an image (768 x 3072, float32,
one core). The sums are added up in another order, so the last bits differ.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

USUAL_ROWS = 16
"""What the layout is tuned for; other numbers of rows work as well."""
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
        self._packed = torch.ops.mkldnn._reorder_linear_weight(weight.contiguous(), USUAL_ROWS)

    def forward(self, x: Tensor) -> Tensor:
        """(..., in) to (..., out)."""
        y: Tensor = torch.ops.mkldnn._linear_pointwise(x, self._packed, self.bias, "none", [], "")
        return y


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


def can_pack() -> bool:
    """Whether this build of torch lays out weights, and multiplies with them."""
    if not torch.backends.mkldnn.is_available():
        return False
    layer = nn.Linear(16, 16, bias=False)
    nn.init.eye_(layer.weight)
    try:
        return bool((PackedLinear(layer)(torch.ones(2, 16)) == 1).all())
    except (AttributeError, RuntimeError, NotImplementedError):
        return False
