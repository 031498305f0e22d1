"""Pictures to tensors and back: the one place where uint8 meets float in the model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Pixels = NDArray[np.uint8]
PATCH_PX = 4
"""Side of the square of pixels that one position stands for."""


def to_bytes(pixels: Tensor) -> list[Pixels]:
    """``(B, 4, h, w)`` in 0..1 to uint8 pictures ``(h, w, 4)``."""
    array = (pixels * 255).round().clamp(0, 255).permute(0, 2, 3, 1).cpu().numpy()
    return [np.ascontiguousarray(picture, dtype=np.uint8) for picture in array]


def to_tensor(pictures: Sequence[Pixels]) -> Tensor:
    """Pictures of one size, ``(h, w, 4)`` uint8, to ``(B, 4, h, w)`` float in 0..1."""
    return torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float().div_(255)
