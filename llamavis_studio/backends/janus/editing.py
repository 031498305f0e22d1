"""Versions of a given picture: which of its codes stay, and which of its pixels.

The picture is scaled into the model's square and encoded. Where a region says what is drawn anew,
the codes outside are told to the model instead of drawn, and the pixels outside are put back
exactly. Without a region the model itself says what the new words change: the codes that they make
less likely than the old words did go first, as many as the strength allows.

N cells, G cells along a side, S pixels along a side.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from llamavis_studio.backends.base import ImageRequest, Pixels
from llamavis_studio.backends.janus.checkpoint import Janus
from llamavis_studio.backends.janus.drawing import Kept
from llamavis_studio.backends.janus.prompts import PromptRows, padded
from llamavis_studio.imaging.arrays import with_alpha

Cells = NDArray[np.bool_]
_PAPER = 255
"""What clear pixels lie on: the model knows no transparency."""


@dataclass(frozen=True)
class Placed:
    """A picture in the model's square, with bars where it is not square itself.

    Args:
        pixels: ``(1, 3, S, S)``, -1..1.
        left, top, width, height: where it lies, in pixels.
    """

    pixels: Tensor
    left: int
    top: int
    width: int
    height: int

    def to_cells(self, grid: int, marked: Cells) -> Cells:
        """Marked pixels of the picture ``(h, w)`` -> cells ``(G, G)`` that have any of them."""
        side = self.pixels.shape[-1]
        down = _overlap(self.top, self.height, marked.shape[0], side, grid)
        across = _overlap(self.left, self.width, marked.shape[1], side, grid)
        counts = down @ marked.astype(np.float32) @ across.T
        return np.asarray(counts > 0)


def _overlap(start: int, length: int, pixels: int, side: int, grid: int) -> NDArray[np.float32]:
    """``(G, pixels)``: 1 where a cell overlaps a pixel, along one axis."""
    edges = start + np.arange(pixels + 1) * (length / pixels)
    cells = np.arange(grid + 1) * (side / grid)
    over = (edges[None, 1:] > cells[:-1, None] + 1e-6) & (edges[None, :-1] < cells[1:, None] - 1e-6)
    return over.astype(np.float32)


def place(janus: Janus, picture: Pixels) -> Placed:
    """Scale a picture of any size into the square, whole and undistorted."""
    side = janus.facts.side_px
    height, width = picture.shape[:2]
    scale = side / max(height, width)
    h, w = max(1, round(height * scale)), max(1, round(width * scale))
    top, left = (side - h) // 2, (side - w) // 2
    square = torch.ones(1, 3, side, side)
    square[:, :, top : top + h, left : left + w] = _resized(on_paper(picture), (h, w)) / 127.5 - 1
    return Placed(square, left, top, w, h)


@torch.inference_mode()
def encode(janus: Janus, placed: Placed) -> Tensor:
    """The codes ``(N,)`` of a placed picture.

    As the model was trained, features and codebook are compared by direction alone:
    https://github.com/deepseek-ai/Janus `vq_model.py`, ``codebook_l2_norm``. `JanusVQVAE.encode` of
    transformers 5 leaves that out, while its ``decode`` does it.
    """
    vq = janus.vq
    weight = vq.quantize.embedding.weight
    pixels = placed.pixels.to(weight.device, vq.encoder.conv_in.weight.dtype)
    features = vq.quant_conv(vq.encoder(pixels))  # (1, E, G, G)
    directions = F.normalize(features[0].flatten(1).T.float(), dim=1)  # (N, E)
    return (directions @ F.normalize(weight.float(), dim=1).T).argmax(dim=1)


def kept_outside(janus: Janus, placed: Placed, region: Pixels) -> Kept:
    """All codes stay but those of cells that the region touches."""
    free = placed.to_cells(janus.facts.grid, region > 0)
    stays = torch.from_numpy(~free.reshape(-1)).to(janus.device)
    return Kept(encode(janus, placed), stays)


def kept_by_words(
    janus: Janus, placed: Placed, new: PromptRows, old: PromptRows | None, strength: float
) -> Kept:
    """The share ``strength`` of the picture's codes goes that the new words speak against most.

    ``old`` are the words that it was made from; None compares with no words at all.
    """
    codes = encode(janus, placed)
    grid = janus.facts.grid
    gain = _likelihoods(janus, codes, new.wanted) - _likelihoods(
        janus, codes, new.free if old is None else old.wanted
    )  # (N,)
    # A cell goes with its neighbours: single ones would leave specks.
    square = gain.view(1, 1, grid, grid)
    smooth = F.avg_pool2d(square, 3, stride=1, padding=1, count_include_pad=False).view(-1)
    inside = placed.to_cells(grid, np.ones((1, 1), np.bool_)).reshape(-1)
    smooth = smooth.cpu().masked_fill(~torch.from_numpy(inside), torch.inf)
    going = round(strength * int(inside.sum()))
    stays = torch.ones(len(codes), dtype=torch.bool)
    stays[smooth.argsort(stable=True)[:going]] = False
    return Kept(codes, stays.to(janus.device))


@torch.inference_mode()
def _likelihoods(janus: Janus, codes: Tensor, ids: tuple[int, ...]) -> Tensor:
    """The logarithm of each code's probability ``(N,)`` after a prompt and the codes before it."""
    decoder = janus.decoder
    tokens, _ = padded(janus, (ids,), len(ids))
    told = torch.cat([decoder.embeddings[tokens], janus.code_table[codes[None, :-1]]], dim=1)
    cache = decoder.cache(1, told.shape[1])
    hidden = decoder.run(told, cache, slice(0, 1), 0)[0, len(ids) - 1 :]  # (N, D)
    shares = torch.log_softmax(janus.code_logits(hidden).float(), dim=1)
    return shares.gather(1, codes.unsqueeze(1)).squeeze(1)


def finished(request: ImageRequest, placed: Placed, kept: Kept, grid: int, drawn: Pixels) -> Pixels:
    """The drawn square ``(S, S, 3)`` as a version of ``before``: of its size, and with its pixels
    where they stay. RGBA.
    """
    assert request.before is not None
    before = with_alpha(request.before)
    height, width = before.shape[:2]
    cut = drawn[placed.top : placed.top + placed.height, placed.left : placed.left + placed.width]
    new = _resized(cut, (height, width)).clamp(0, 255)  # (1, 3, h, w)
    if request.region is not None:
        share = (request.region > 0).astype(np.float32)
    else:
        share = _soft(kept, placed, grid, (height, width))
    colours = new[0].permute(1, 2, 0).numpy()
    mixed = on_paper(before) * (1 - share[..., None]) + colours * share[..., None]
    alpha = before[..., 3] * (1 - share) + 255.0 * share
    out = np.dstack([np.rint(mixed), np.rint(alpha)]).clip(0, 255).astype(np.uint8)
    stays = share == 0
    out[stays] = before[stays]
    return out


def _soft(kept: Kept, placed: Placed, grid: int, size: tuple[int, int]) -> NDArray[np.float32]:
    """How much of the new picture shows at each pixel ``(h, w)``: all of it in the cells drawn
    anew, none of it a cell away.
    """
    side = placed.pixels.shape[-1]
    free = (~kept.stays).float().cpu().view(1, 1, grid, grid)
    wide = F.interpolate(free, size=(side, side), mode="nearest")
    cell = side // grid
    reach = 2 * cell + 1
    grown = F.max_pool2d(wide, reach, stride=1, padding=cell)
    soft = F.avg_pool2d(grown, reach, stride=1, padding=cell, count_include_pad=False)
    soft = torch.maximum(wide, soft * grown)
    cut = soft[
        :, :, placed.top : placed.top + placed.height, placed.left : placed.left + placed.width
    ]
    found: NDArray[np.float32] = F.interpolate(cut, size=size, mode="nearest")[0, 0].numpy()
    return found


def on_paper(picture: Pixels) -> NDArray[np.float32]:
    """A picture's colours ``(h, w, 3)`` 0..255, laid on white where it is clear."""
    colours = picture[..., :3].astype(np.float32)
    if picture.shape[2] == 3:
        return colours
    alpha = picture[..., 3:4].astype(np.float32) / np.float32(255)
    return np.asarray(colours * alpha + _PAPER * (1 - alpha), np.float32)


def _resized(picture: NDArray[np.float32] | Pixels, size: tuple[int, int]) -> Tensor:
    """``(h, w, 3)`` 0..255 to ``(1, 3, *size)``, smooth both ways."""
    values = torch.from_numpy(np.ascontiguousarray(picture, np.float32)).permute(2, 0, 1)[None]
    if values.shape[2:] == size:
        return values
    return F.interpolate(values, size=size, mode="bicubic", antialias=True, align_corners=False)
