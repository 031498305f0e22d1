"""Pictures that are none of ours: made on the spot, or cut from photographs of a folder.

They only serve to teach and to measure the rule that tells them apart (``model.domain``).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from llamavis_studio.model.pixels import Pixels

SIDES = (32, 48, 64, 96, 128)
"""Longer sides that photographs are scaled down to."""
MOST_PX = 512
"""Larger photographs are scaled down to this first."""
SORTS = ("gradient", "noise", "cloud", "blobs", "confetti")


def made_outside(count: int, seed: int = 0) -> list[Pixels]:
    """Gradients, noise, clouds with the spectrum of nature, blurred blobs, and confetti of few
    colours; 32 to 256 px.
    """
    rng = np.random.default_rng(seed)
    return [_made(SORTS[i % len(SORTS)], rng) for i in range(count)]


def _made(sort: str, rng: np.random.Generator) -> Pixels:
    side = int(rng.choice([*SIDES, 256]))
    down, right = np.mgrid[:side, :side] / side
    ends = rng.uniform(0, 255, (2, 3))
    if sort == "gradient":
        angle = rng.uniform(0, 2 * np.pi)
        along = down * np.sin(angle) + right * np.cos(angle)
        mix = _stretched(along + rng.uniform(0, 0.5) * np.hypot(down - 0.5, right - 0.5))
        picture = ends[0] + (ends[1] - ends[0]) * mix[..., None]
        picture += rng.normal(0, rng.uniform(0, 3), picture.shape)
    elif sort == "noise":
        picture = ends[0] + rng.normal(0, rng.uniform(20, 90), (side, side, 3))
    elif sort == "cloud":
        grey = _natural(side, rng.uniform(0.9, 1.6), rng)
        tint = np.stack([_natural(side, 1.6, rng) for _ in range(3)], -1) - 0.5
        picture = 255 * (grey[..., None] + rng.uniform(0.1, 0.6) * tint)
    elif sort == "confetti":
        palette = rng.uniform(0, 255, (int(rng.integers(4, 17)), 3))
        picture = palette[rng.integers(0, len(palette), (side, side))]
    else:
        picture = np.ones((side, side, 1)) * ends[0]
        for _ in range(int(rng.integers(3, 12))):
            y, x = rng.uniform(0, 1, 2)
            size, edge = rng.uniform(0.05, 0.4), rng.uniform(0.02, 0.1)
            inside = 1 / (1 + np.exp((np.hypot(down - y, right - x) - size) / edge))
            picture = picture + (rng.uniform(0, 255, 3) - picture) * inside[..., None]
        picture = picture + rng.normal(0, rng.uniform(0, 4), picture.shape)
    return np.clip(np.round(picture), 0, 255).astype(np.uint8)


def _natural(side: int, fall: float, rng: np.random.Generator) -> np.ndarray:
    """Noise whose amplitude falls as ``1 / frequency ** fall``, in 0..1."""
    waves = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side)[None, :])
    waves[0, 0] = 1
    spectrum = np.fft.rfft2(rng.normal(size=(side, side))) / waves**fall
    spectrum[0, 0] = 0
    return _stretched(np.fft.irfft2(spectrum, (side, side)))


def _stretched(values: np.ndarray) -> np.ndarray:
    low, high = np.percentile(values, [1, 99])
    found: np.ndarray = (values - low) / max(high - low, 1e-9)
    return found


def read_photographs(folder: Path) -> list[Pixels]:
    """Every picture of a folder and the folders in it, RGB or RGBA, by name."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() not in (".png", ".jpg", ".jpeg"):
            continue
        with Image.open(path) as opened:
            image = opened.convert("RGBA" if opened.mode in ("RGBA", "LA", "P") else "RGB")
        image.thumbnail((MOST_PX, MOST_PX))
        found.append(np.asarray(image, np.uint8))
    return found


def cuts_of(photograph: Pixels) -> list[Pixels]:
    """A photograph at its own size, scaled down to each of :data:`SIDES`, and its middles."""
    height, width = photograph.shape[:2]
    longer = max(height, width)
    found = [photograph]
    image = Image.fromarray(photograph)
    for side in SIDES:
        if side >= longer:
            continue
        size = (max(8, round(width * side / longer)), max(8, round(height * side / longer)))
        found.append(np.asarray(image.resize(size, Image.Resampling.BOX), np.uint8))
    for side in (32, 64, 128):
        if side < min(height, width):
            top, left = (height - side) // 2, (width - side) // 2
            found.append(np.ascontiguousarray(photograph[top : top + side, left : left + side]))
    square = min(height, width)
    if square > 64:
        top, left = (height - square) // 2, (width - square) // 2
        middle = image.crop((left, top, left + square, top + square))
        found.append(np.asarray(middle.resize((32, 32), Image.Resampling.BOX), np.uint8))
    return found
