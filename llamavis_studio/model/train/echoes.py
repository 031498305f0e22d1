"""Pictures of the model's memory in the colours of a style: what the user never drew, in that look.

A style of thirty animals says nothing of dragons, and "red" still means red. So some pictures of
the memory are taken along in the colours of the style: their brightness is spread as the style's
is, then each pixel takes the nearest of its colours.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from llamavis_studio.model.image_tokenizer import ImageTokenizer
from llamavis_studio.model.memory import UNCUT, Memory
from llamavis_studio.model.pixels import Pixels, to_bytes

MOST_COLOURS = 32
BRIGHTNESS_COUNTS = 4.0
"""How much more a difference of brightness counts than one of hue."""
_LUMA = np.array([0.299, 0.587, 0.114])


def echo_rows(memory: Memory, kinds: Sequence[str], count: int, seed: int) -> list[int]:
    """Rows of the memory that a style of these kinds may be shown in its colours."""
    cut_out = any(kind not in UNCUT for kind in kinds)
    fitting = [i for i, k in enumerate(memory.kinds) if (k not in UNCUT) == cut_out]
    order = torch.randperm(len(fitting), generator=torch.Generator().manual_seed(seed))
    return sorted(fitting[i] for i in order[:count].tolist())


def echoes(
    tokenizer: ImageTokenizer, memory: Memory, rows: Sequence[int], own: Sequence[Pixels]
) -> list[Pixels]:
    """Those rows as pictures in the colours of the user's ``own`` ones, ``(h, w, 4)`` each."""
    wraps = [memory.kinds[row] == "texture" for row in rows]
    found: dict[int, Pixels] = {}
    for wrap in (False, True):
        mine = [row for row, is_tile in zip(rows, wraps, strict=True) if is_tile == wrap]
        if mine:
            codes = memory.codes[mine].long()
            pictures = to_bytes(tokenizer.decode(codes, memory.grid, wrap))
            found.update(zip(mine, pictures, strict=True))
    return in_colours([found[row] for row in rows], own)


def in_colours(pictures: Sequence[Pixels], own: Sequence[Pixels]) -> list[Pixels]:
    """Pictures in the colours, and with the brightness, of the ``own`` ones; alpha stays."""
    looks, seen = _opaque(own), _opaque(pictures)
    if not len(looks) or not len(seen):
        return [picture.copy() for picture in pictures]
    palette = colours_of(looks)  # (n, 3)
    steps = np.linspace(0, 1, 65)
    there, here = np.quantile(seen @ _LUMA, steps), np.quantile(looks @ _LUMA, steps)
    found = []
    for picture in pictures:
        out = picture.copy()
        solid = picture[..., 3] > 0
        colour = picture[solid][:, :3].astype(np.float64)  # (m, 3)
        brightness = colour @ _LUMA
        wanted = colour + (np.interp(brightness, there, here) - brightness)[:, None]
        apart = wanted[:, None] - palette[None]  # (m, n, 3)
        far = (apart**2).sum(2) + BRIGHTNESS_COUNTS * 3 * (apart @ _LUMA) ** 2
        out[solid, :3] = palette[far.argmin(1)].astype(np.uint8)
        found.append(out)
    return found


def colours_of(pixels: NDArray[np.float64]) -> NDArray[np.float64]:
    """The colours ``(n, 3)`` of pixels ``(m, 3)``: all of them, or the most telling few."""
    colours = np.unique(pixels, axis=0)
    if len(colours) <= MOST_COLOURS:
        return colours
    strip = Image.fromarray(pixels[None].astype(np.uint8))
    fewer = strip.quantize(MOST_COLOURS, dither=Image.Dither.NONE).convert("RGB")
    return np.unique(np.asarray(fewer)[0], axis=0).astype(np.float64)


def _opaque(pictures: Sequence[Pixels]) -> NDArray[np.float64]:
    """Colours ``(m, 3)`` of every pixel that is not clear."""
    seen = [picture[picture[..., 3] > 0][:, :3] for picture in pictures]
    return np.concatenate([np.zeros((0, 3), np.uint8), *seen]).astype(np.float64)
