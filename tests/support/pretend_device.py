"""A graphics card that is not there: torch computes on the processor, but minds where tensors lie.

Inside :func:`pretend_device` tensors may be made on and moved to the device "cuda". They hold their
values in the processor's memory. As on a real card, an operation that mixes the two kinds fails,
and so does looking at one from NumPy: code that forgets to move a tensor is found without a card.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any
from unittest.mock import patch

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten, tree_map

DEVICE = torch.device("cuda:0")
_MAY_MIX = ("aten._to_copy", "aten.copy_", "aten._local_scalar_dense")


class Pretended(Tensor):
    """A tensor that says it lies on the device; ``held`` has its values."""

    held: Tensor

    @staticmethod
    def __new__(cls, real: Tensor) -> Pretended:
        made = Tensor._make_wrapper_subclass(  # type: ignore[attr-defined]
            cls,
            real.size(),
            strides=real.stride(),
            storage_offset=real.storage_offset(),
            dtype=real.dtype,
            device=DEVICE,
            requires_grad=False,
        )
        made.held = real
        return made  # type: ignore[no-any-return]

    # These ask the device's driver in C++ first, which is not there.

    def __getitem__(self, index: Any) -> Pretended:
        return Pretended(self.held[tree_map(_real, index)])

    def __setitem__(self, index: Any, value: Any) -> None:
        self.held[tree_map(_real, index)] = _real(value)

    def __invert__(self) -> Tensor:
        return torch.bitwise_not(self)

    def __int__(self) -> int:
        return int(self.held)

    def __float__(self) -> float:
        return float(self.held)

    def __bool__(self) -> bool:
        return bool(self.held)

    def __iter__(self) -> Iterator[Pretended]:
        return (self[row] for row in range(len(self)))

    def nonzero(self) -> Pretended:  # type: ignore[override]
        return Pretended(self.held.nonzero())

    def new_tensor(self, data: Any) -> Pretended:  # type: ignore[override]
        return Pretended(self.held.new_tensor(data))

    def tolist(self) -> Any:
        return self.held.tolist()

    @classmethod
    def __torch_dispatch__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return _run(func, args, kwargs or {})


class _Mode(TorchDispatchMode):
    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return _run(func, args, kwargs or {})


def _run(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    tensors = [one for one in tree_flatten((args, kwargs))[0] if isinstance(one, Tensor)]
    here = [one for one in tensors if isinstance(one, Pretended)]
    others = [one for one in tensors if not isinstance(one, Pretended) and one.dim() > 0]
    name = str(func)
    if here and others and not name.startswith(_MAY_MIX):
        indexes_here = name.startswith("aten.index") and isinstance(args[0], Pretended)
        if not indexes_here or name.startswith("aten.index_"):
            raise RuntimeError(f"{func}: tensors lie on the device and on the processor")
    wanted = kwargs.get("device")
    device = None if wanted is None else torch.device(wanted)
    if wanted is not None:
        kwargs = {**kwargs, "device": torch.device("cpu")}
    if name.startswith("aten._local_scalar_dense"):
        return func(args[0].held if isinstance(args[0], Pretended) else args[0])
    real_args, real_kwargs = tree_map(_real, (args, kwargs))
    out = func(*real_args, **real_kwargs)
    if func._schema.is_mutable and tensors and out is real_args[0]:
        return args[0]
    on_it = device.type == DEVICE.type if device is not None else bool(here)
    if name.startswith("aten.copy_"):
        return args[0]
    return tree_map(lambda one: Pretended(one) if isinstance(one, Tensor) and on_it else one, out)


def _real(value: Any) -> Any:
    return value.held if isinstance(value, Pretended) else value


@contextmanager
def pretend_device() -> Iterator[None]:
    """Inside there is a device "cuda"."""
    # Else `torch.tensor(..., device=...)` moves the values where no mode sees it.
    torch._C._set_only_lift_cpu_tensors(True)
    # `module.to` puts new parameters in, where it would else fill the old ones.
    torch.__future__.set_overwrite_module_params_on_conversion(True)
    try:
        with (
            patch("torch.cuda._lazy_init"),
            patch("torch.cuda.is_available", lambda: True),
            patch("torch.cuda.device_count", lambda: 1),
            # Views of tensors of a class of one's own are not made in it.
            patch("torch._C._InferenceMode", lambda _mode: nullcontext()),
            torch.no_grad(),
            _Mode(),
        ):
            yield
    finally:
        torch.__future__.set_overwrite_module_params_on_conversion(False)
        torch._C._set_only_lift_cpu_tensors(False)
