"""Weights of linear layers laid out for the processor, by oneDNN. Imported once a model is loaded.

`torch.nn.functional.linear` lays the weights out anew in every call; laid out beforehand, as
torch's compiler does it, they are read at the speed of the memory. The sums are added up in another
order, so the last bits differ from those of `linear`; but each row is added up in the same order
however many rows and threads there are, which `linear` does not promise and does not keep.
"""

from __future__ import annotations

import functools

import torch
from torch import Tensor

USUAL_ROWS = 16
"""What the layout is tuned for; other numbers of rows work as well."""


def packed(weight: Tensor) -> Tensor:
    """A weight ``(out, in)`` in oneDNN's own layout; only `packed_linear` can read it."""
    laid_out: Tensor = torch.ops.mkldnn._reorder_linear_weight(weight, USUAL_ROWS)
    return laid_out


def packed_linear(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """(..., in) to (..., out), by a `packed` weight."""
    y: Tensor = torch.ops.mkldnn._linear_pointwise(x, weight, bias, "none", [], "")
    return y


@functools.cache
def can_pack(dtype: torch.dtype = torch.float32) -> bool:
    """Whether this build of torch packs weights of a type, and multiplies with them."""
    if not torch.backends.mkldnn.is_available():
        return False
    try:
        weight = packed(torch.eye(16, dtype=dtype))
        probe = packed_linear(torch.ones(2, 16, dtype=dtype), weight, None)
    except (AttributeError, RuntimeError, NotImplementedError):
        return False
    return bool((probe == 1).all())
