"""What keeps a picture independent of its neighbours in a batch, and of threads, to the last bit.

A sum of floats depends on the order in which it is formed, and libraries choose that order by the
shape of the whole: by how many rows there are, how many threads, and where a row lies in memory. A
code is picked by comparing sums, so that one picture of some fifty changed with its company. Three
habits end that on a processor:

- matrices are multiplied in oneDNN's own layout, which adds up each row by itself;
- attention looks at a multiple of 16 keys: then no row lies askew, and blocks that are masked out,
  whether for padding or because nothing is written there yet, add zeros and change no bit;
- it is asked by one query alone, or by such a number of them that the last of its tiles of 32 holds
  four or more, since fewer are multiplied in another order.

The last two were found by trying (torch 2.13, with MKL and oneDNN) and are held by tests.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from llamavis_studio.model.packed_linear import can_pack, packed, packed_linear

LANES = 16
"""Floats that the widest of today's processors adds at once."""
TILE, LEAST_OF_A_TILE = 32, 4
"""Queries that torch's attention takes at once, and how few of them it multiplies differently."""


def steady_length(length: int) -> int:
    """The least multiple of 16 that is not below ``length``."""
    return -(-length // LANES) * LANES


def steady_queries(count: int) -> int:
    """The least number of queries, not below ``count``, that leaves no tile of 32 nearly empty."""
    last = count % TILE
    return count + LEAST_OF_A_TILE - last if 0 < last < LEAST_OF_A_TILE else count


class PackedCopy:
    """Weights in oneDNN's layout, made at their first use and anew whenever one of them changed."""

    def __init__(self) -> None:
        self._of: tuple[Tensor, ...] = ()
        self._versions: tuple[int, ...] = ()
        self._packed: Tensor | None = None

    @property
    def matrix(self) -> Tensor | None:
        """The weight that is packed, laid out as usual; None before the first use."""
        return None if self._packed is None else self._packed.to_dense()

    def multiply(self, x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
        """(..., in) to (..., out) by ``weight (out, in)``: packed on the processor, in float32,
        where no gradient is asked for; `linear` elsewhere. Of the weight of a convolution
        ``(out, C, y, x)`` the inputs are taken in the order ``y x C``.
        """
        if not _can_use_packed(x, weight):
            return F.linear(x, _as_matrix(weight), bias)
        return self._product(x, (weight,), bias)

    def multiply_at_once(self, x: Tensor, layers: Sequence[nn.Linear]) -> Tensor | None:
        """What layers without bias make of one input, side by side: ``(..., all their outputs)``.

        None where each has to be called by itself: to learn, or because something listens to it.
        """
        weights = tuple(layer.weight for layer in layers)
        heard = any(layer._forward_hooks for layer in layers)
        if heard or not all(_can_use_packed(x, weight) for weight in weights):
            return None
        return self._product(x, weights, None)

    def _product(self, x: Tensor, weights: tuple[Tensor, ...], bias: Tensor | None) -> Tensor:
        if self._packed is None or not self.is_of(weights) or self._versions != _versions(weights):
            matrices = [_as_matrix(weight.detach()) for weight in weights]
            whole = torch.cat(matrices) if len(matrices) > 1 else matrices[0].contiguous()
            self._packed = packed(whole)
            self._of, self._versions = weights, _versions(weights)
        if x.numel() == x.shape[-1]:  # oneDNN adds up a row by itself in another order
            rows = x.reshape(1, -1).expand(2, -1).contiguous()
            return packed_linear(rows, self._packed, bias)[:1].view(*x.shape[:-1], -1)
        return packed_linear(x, self._packed, bias)

    def is_of(self, weights: tuple[Tensor, ...]) -> bool:
        """Whether these very weights, as they were at some time, are what is packed."""
        return len(self._of) == len(weights) and all(map(operator.is_, self._of, weights))

    def keep(self, weight: Tensor) -> None:
        """Go on with what was packed, whatever became of the weight."""
        self._of, self._versions = (weight,), _versions((weight,))

    def __deepcopy__(self, memo: dict[int, Any]) -> PackedCopy:
        return PackedCopy()

    def __reduce__(self) -> tuple[type[PackedCopy], tuple[()]]:
        return PackedCopy, ()


def _can_use_packed(x: Tensor, weight: Tensor) -> bool:
    learning = torch.is_grad_enabled() and (weight.requires_grad or x.requires_grad)
    plain = weight.device.type == "cpu" and weight.dtype == x.dtype == torch.float32
    return plain and not learning and can_pack()


def _versions(weights: tuple[Tensor, ...]) -> tuple[int, ...]:
    return tuple(0 if weight.is_inference() else weight._version for weight in weights)


def _as_matrix(weight: Tensor) -> Tensor:
    return weight if weight.dim() == 2 else weight.permute(0, 2, 3, 1).flatten(1)


class SteadyLinear(nn.Linear):
    """A linear layer whose rows do not depend on how many others there are, outside of training."""

    def __init__(self, inputs: int, outputs: int, bias: bool = False) -> None:
        super().__init__(inputs, outputs, bias)
        self._copy = PackedCopy()

    def forward(self, x: Tensor) -> Tensor:
        """(..., in) to (..., out)."""
        return self._copy.multiply(x, self.weight, self.bias)


class FrozenLinear(SteadyLinear):
    """One whose weight never changes: once packed, that is all that is kept of it."""

    def forward(self, x: Tensor) -> Tensor:
        """(..., in) to (..., out)."""
        if not self.weight.numel() and not _can_use_packed(x, self.weight):
            self._restore()
        y = super().forward(x)
        if self.weight.numel() and self._copy.is_of((self.weight,)):
            self.weight.data = self.weight.new_empty(0)
            self._copy.keep(self.weight)
        return y

    def _restore(self) -> None:
        found = self._copy.matrix
        if found is not None and not self.weight.numel():
            self.weight.data = found
            self._copy = PackedCopy()

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> FrozenLinear:
        self._restore()  # before it goes to another device or type
        super()._apply(fn, recurse)
        return self

    def __getstate__(self) -> object:
        self._restore()  # before it is copied
        return super().__getstate__()


class SteadyConv(nn.Conv2d):
    """A convolution without padding whose pixels are the same whatever the batch and the threads.

    The pixels under the kernel are laid side by side and multiplied as rows, which on a processor
    takes about as long as oneDNN's own convolution, whose sums follow from the batch.
    """

    def __init__(self, inputs: int, outputs: int, side: int) -> None:
        super().__init__(inputs, outputs, side)
        self._copy = PackedCopy()

    def forward(self, x: Tensor) -> Tensor:
        """``(B, in, h, w)`` to ``(B, out, h - side + 1, w - side + 1)``."""
        if not _can_use_packed(x, self.weight):
            return super().forward(x)
        rows = self._under_the_kernel(x.permute(0, 2, 3, 1).contiguous())
        return self._copy.multiply(rows, self.weight, self.bias).permute(0, 3, 1, 2)

    def _under_the_kernel(self, x: Tensor) -> Tensor:
        """``(B, H, W, in)`` to ``(B, h, w, side * side * in)``."""
        B, H, W, C = x.shape
        side = self.kernel_size[0]
        if side == 1:
            return x
        b, row, column, _ = x.stride()  # a row of the kernel lies in one piece
        shape = (B, H - side + 1, W - side + 1, side, side * C)
        return x.as_strided(shape, (b, row, column, row, 1)).flatten(3)


class SteadyGroupNorm(nn.GroupNorm):
    """Group norm of whole channels: where their values lie side by side, large pictures are split
    among the threads.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Same shape out as in, channels first in memory too."""
        return super().forward(x.contiguous() if x.device.type == "cpu" else x)
