"""A backend as large models are: opaque pictures of 512 pixels, a figure on some background.

The prompt decides what it draws:

    GRADED, LIT, FLOOR, BUSY    another background than the plain one that was asked for
    PIXELS                      an imitation of pixel art, 32 soft squares a side
    EMPTY                       nothing but background
    LONG                        only the first three words are read

The environment variable LLAMAVIS_TEST_HD holds JSON: values of its `BackendInfo` that differ.
Every answer is a little noisy, even where it edits: to the bit it keeps nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from llamavis_studio.backends.base import (
    BackendInfo,
    CaptionRequest,
    CaptionResult,
    ImageRequest,
    ImageResult,
    OnStep,
    Pixels,
    SizeRule,
    StepProgress,
    Vectors,
)

VARIABLE = "LLAMAVIS_TEST_HD"
ENVIRONMENT = {"LLAMAVIS_TEST_BACKENDS": "hd=tests.support.hd_backend:HdBackend"}
"""Makes the backend known as `hd`, here and in every process spawned from here."""

INFO = BackendInfo(
    name="hd",
    model="hd-model",
    revision="hd-1",
    licence="MIT",
    max_batch=4,
    can_caption=False,
    can_edit=True,
    can_edit_region=True,
    can_cut_out=False,
    can_guide=False,
    can_avoid=False,
    can_take_references=False,
    sizes=SizeRule(step_px=64, smallest_px=256, largest_px=1024, best_px=512),
    languages=("en",),
)
SAMPLES = 2
NOISE = 1.2
"""Deviation of what every answer differs by, in bytes."""


class HdBackend:
    def info(self) -> BackendInfo:
        return replace(INFO, **json.loads(os.environ.get(VARIABLE, "{}")))

    def load(self) -> None:
        pass

    def generate(self, requests: list[ImageRequest], on_step: OnStep) -> list[ImageResult]:
        results = answers(requests, self.info())
        on_step(StepProgress(1, 1))
        return results

    def caption(self, requests: list[CaptionRequest], on_step: OnStep) -> list[CaptionResult]:
        raise NotImplementedError

    def embed(self, texts: list[str]) -> Vectors:
        return np.ones((len(texts), 1), np.float32)

    def unload(self) -> None:
        pass


def answers(requests: list[ImageRequest], info: BackendInfo = INFO) -> list[ImageResult]:
    """One picture a request, at the size that `info` says."""
    results = []
    for request in requests:
        size = info.drawn_size(request.kind, request.size_px) or request.size_px
        pixels = edited(request, size) if request.before is not None else drawn(request, size)
        words = request.prompt.split()
        unread = " ".join(words[3:]) if "LONG" in words else ""
        avoided = request.negative_prompt.split()
        unavoided = " ".join(avoided[3:]) if "LONG" in avoided else ""
        results.append(
            ImageResult(
                pixels, request.prompt, request.seed, unread=unread, unread_negative=unavoided
            )
        )
    return results


def drawn(request: ImageRequest, size: tuple[int, int]) -> Pixels:
    """The figure of a request on its background, (h, w, 4 or 3), opaque."""
    random = _random(request)
    colour = random.integers(30, 200, 3)
    if request.kind in ("texture", "material", "background"):
        picture = _stones(size, random)
    else:
        figure, alpha = figure_of(size, colour)
        alpha = np.zeros_like(alpha) if "EMPTY" in request.prompt else alpha
        behind = ground(request.prompt, size, random)
        picture = figure * alpha[..., None] + behind * (1 - alpha[..., None])
    if "PIXELS" in request.prompt:
        picture = _squares(picture, size)
    return _opaque(picture, request, random)


def edited(request: ImageRequest, size: tuple[int, int]) -> Pixels:
    """`before` at this size, its right half in another colour; a marked region too."""
    assert request.before is not None
    random = _random(request)
    height, width = request.before.shape[:2]
    large = Image.fromarray(request.before[..., :3]).resize(size, Image.Resampling.BICUBIC)
    picture = np.asarray(large, np.float32)
    where = np.zeros((height, width), np.uint8)
    if request.region is None:
        where[:, width // 2 :] = 255
    else:
        where = request.region
    mask = np.asarray(Image.fromarray(where).resize(size, Image.Resampling.NEAREST)) > 0
    mask &= picture.min(axis=2) < 200  # the figure, not the background
    picture = np.where(mask[..., None], picture[..., ::-1] * 0.5 + 20, picture)
    return _opaque(picture, request, random)


def figure_of(
    size: tuple[int, int], colour: NDArray[np.int64]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """A ring on a stand with a dark outline: colours (h, w, 3) 0..255 and alpha (h, w) 0..1.

    The hole of the ring shows what is behind it.
    """
    width, height = size
    large = Image.new("RGBA", (width * SAMPLES, height * SAMPLES))
    pen = ImageDraw.Draw(large)

    def box(*shares: float) -> list[float]:
        sides = (width, height, width, height)
        return [share * side * SAMPLES for share, side in zip(shares, sides, strict=True)]

    line = max(1, round(min(size) * SAMPLES / 40))
    fill = (*colour.tolist(), 255)
    pen.rectangle(box(0.3, 0.6, 0.7, 0.85), fill, (20, 16, 24, 255), line)
    pen.ellipse(box(0.25, 0.15, 0.75, 0.65), fill, (20, 16, 24, 255), line)
    pen.ellipse(box(0.4, 0.3, 0.6, 0.5), (0, 0, 0, 0), (20, 16, 24, 255), line)
    pen.ellipse(box(0.46, 0.66, 0.54, 0.74), (230, 200, 60, 255))
    values = np.asarray(large, np.float32)
    values[..., :3] *= values[..., 3:] / 255
    small = values.reshape(height, SAMPLES, width, SAMPLES, 4).mean(axis=(1, 3))
    alpha = small[..., 3] / 255
    return small[..., :3] / np.maximum(alpha, 1e-6)[..., None], alpha


def ground(words: str, size: tuple[int, int], random: np.random.Generator) -> NDArray[np.float32]:
    """The background (h, w, 3), 0..255."""
    width, height = size
    y, x = np.mgrid[0:height, 0:width] / np.array([[[height]], [[width]]])
    plain = 64.0 if "dark grey background" in words else 252.0
    behind = np.full((height, width, 3), plain)
    if "GRADED" in words:
        behind = behind * (1 - 0.3 * y[..., None]) * np.array([1.0, 0.97, 0.9])
    if "LIT" in words:
        behind = behind * (1 - 0.6 * ((x - 0.5) ** 2 + (y - 0.5) ** 2))[..., None]
    if "FLOOR" in words:
        behind = np.where((y > 0.75)[..., None], behind * np.array([0.7, 0.6, 0.5]), behind)
    if "BUSY" in words:
        cells = random.integers(0, 256, (9, 9, 3)).astype(np.uint8)
        behind = np.asarray(Image.fromarray(cells).resize(size, Image.Resampling.BICUBIC))
    return behind.astype(np.float32)


def _stones(size: tuple[int, int], random: np.random.Generator) -> NDArray[np.float32]:
    """Soft patches of many colours; the edges do not meet."""
    cells = random.integers(40, 220, (24, 24, 3)).astype(np.uint8)
    large = Image.fromarray(cells).resize(size, Image.Resampling.BICUBIC)
    return np.asarray(large, np.float32)


def _squares(picture: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    """The picture as 32 squares a side, their edges soft."""
    image = Image.fromarray(picture.clip(0, 255).astype(np.uint8))
    small = image.resize((32, 32), Image.Resampling.NEAREST)
    sharp = small.resize((size[0] * 2, size[1] * 2), Image.Resampling.NEAREST)
    return np.asarray(sharp.resize(size, Image.Resampling.BILINEAR), np.float32)


def _opaque(
    picture: NDArray[np.float32], request: ImageRequest, random: np.random.Generator
) -> Pixels:
    noisy = picture + random.normal(0.0, NOISE, picture.shape)
    colour = np.rint(noisy.clip(0, 255)).astype(np.uint8)
    if not request.transparent:
        return colour
    return np.dstack([colour, np.full(colour.shape[:2], 255, np.uint8)])


def _random(request: ImageRequest) -> np.random.Generator:
    words = f"{request.prompt}|{request.seed}".encode()
    return np.random.default_rng(int.from_bytes(hashlib.sha256(words).digest()[:8], "big"))
