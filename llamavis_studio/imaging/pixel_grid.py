"""Pictures that only look like pixel art, back to one pixel a pixel.

Models that draw large pictures imitate pixel art: each "pixel" is a square of some 8 pixels, whose
side is no whole number and whose edges are soft. Colour changes then crowd at equal distances; the
distance and where it begins are read from the spectrum of the changes, for columns and rows alike.
The grid is believed only if the picture, reduced to it and enlarged again, comes out much the same.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from llamavis_studio.imaging.arrays import Pixels, check_pixels, with_alpha
from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.oklab import srgb_to_oklab

LEAST_PITCH_PX = 2.5
"""Below this, soft edges leave nothing of a pixel."""
LEAST_CELLS = 6
"""Fewer true pixels on a side show no rhythm."""

_LEAST_RHYTHM = 0.3  # share of the changes that keep time; noise and photographs stay far below
_LEAST_EVIDENCE = 8.0  # minus the logarithm of what chance does
_LEAST_LIKENESS = 0.8  # share of the picture's variance that its true pixels explain
_SAME_RHYTHM = 0.75  # as strong as the strongest: the lowest such frequency is no overtone
_PEAK_REACH = 1.25
_AS_GOOD_AS_TWO = 0.85
_UNLIKE_PITCHES = 1.15  # true pixels are about square
_OVERSAMPLED = 8  # points of the spectrum in the width of a peak
_FINE_STEPS = 200
_NOISE_FACTOR = 3.0  # times the 30th percentile of all changes is above what noise does
_CORE = 0.6  # the share of a cell, in the middle, that soft edges leave alone
_MOST_SAMPLES = 5  # a side of a cell
_BLURS = (0.0, 0.12, 0.24)  # of edges, in pitches, that a true picture may have


@dataclass(frozen=True)
class PixelGrid:
    """True pixel (column, row) covers `pitch_x` by `pitch_y` pixels of the picture, from
    `left` + column * `pitch_x` and `top` + row * `pitch_y` on.

    `left` and `top` are below 0 where the first pixel is cut off. `confidence` is 0..1.
    """

    pitch_x: float
    pitch_y: float
    left: float
    top: float
    columns: int
    rows: int
    confidence: float


@dataclass(frozen=True)
class _Rhythm:
    """Lines at `start` + n * `pitch`: how exactly changes keep to them, 0..1, and how unlikely that
    is by chance (minus the logarithm, L. Rayleigh's test of uniformity).
    """

    pitch: float
    start: float
    strength: float
    evidence: float


def find_grid(pixels: Pixels) -> PixelGrid | None:
    """The grid of a picture (h, w, 3 or 4) made of enlarged pixels, or None: a photograph, noise, a
    plain picture, or pixel art that was never enlarged.
    """
    check_pixels(pixels)
    values = _premultiplied(pixels)
    rhythms = _rhythms(_changes(values.transpose(1, 0, 2)), _changes(values))
    if rhythms is None:
        return None
    x, y = rhythms
    if max(x.pitch, y.pitch) > _UNLIKE_PITCHES * min(x.pitch, y.pitch):
        return None
    if min(x.strength, y.strength) < _LEAST_RHYTHM or x.evidence + y.evidence < _LEAST_EVIDENCE:
        return None
    height, width = pixels.shape[:2]
    columns, rows = round((width - x.start) / x.pitch), round((height - y.start) / y.pitch)
    grid = PixelGrid(x.pitch, y.pitch, x.start, y.start, columns, rows, 0.0)
    likeness = _likeness(values, _premultiplied(to_true_pixels(pixels, grid)), grid)
    if likeness < _LEAST_LIKENESS:
        return None
    return replace(grid, confidence=float(likeness * min(1.0, x.strength, y.strength) ** 0.5))


def to_true_pixels(pixels: Pixels, grid: PixelGrid | None = None) -> Pixels:
    """One pixel for each cell of the grid: (rows, columns, same channels).

    Each is the medoid of the middle of its cell in OKLab: the colour there that differs least from
    all others, no mixture of two. Where most of a cell is clear, so is its pixel. Without a grid
    the picture's own is found; if it has none, the picture comes back as it is.

    Raises:
        ImageError: a grid that reaches beyond the picture.
    """
    check_pixels(pixels)
    grid = grid or find_grid(pixels)
    if grid is None:
        return pixels
    height, width = pixels.shape[:2]
    columns = _samples(grid.left, grid.pitch_x, grid.columns, width)  # (columns, m)
    rows = _samples(grid.top, grid.pitch_y, grid.rows, height)  # (rows, n)
    out = np.empty((grid.rows, grid.columns, pixels.shape[2]), np.uint8)
    for row, places in enumerate(rows):
        cells = pixels[places[:, None, None], columns[None]]  # (n, columns, m, c)
        samples = cells.transpose(1, 0, 2, 3).reshape(grid.columns, -1, pixels.shape[2])
        out[row] = _medoids(samples)
    return out


def _premultiplied(pixels: Pixels) -> NDArray[np.float32]:
    """sRGB times alpha, and alpha: (h, w, 4), 0..1. What is clear is one colour."""
    values = with_alpha(pixels).astype(np.float32) / np.float32(255.0)
    values[..., :3] *= values[..., 3:4]
    return values


def _changes(values: NDArray[np.float32]) -> NDArray[np.float64]:
    """(n, m, 4) to (n - 1,): how much changes from each line to the next, noise left out."""
    change = np.abs(np.diff(values, axis=0)).sum(axis=2)  # (n - 1, m)
    if change.size == 0:
        return np.zeros(0)
    change = np.maximum(change - _NOISE_FACTOR * np.percentile(change, 30), 0.0)
    profile = change.sum(axis=1, dtype=np.float64)
    above: NDArray[np.float64] = np.maximum(profile - np.median(profile), 0.0)
    return above


def _rhythms(
    first: NDArray[np.float64], second: NDArray[np.float64]
) -> tuple[_Rhythm, _Rhythm] | None:
    """The distances at which changes come again along both axes, from LEAST_PITCH_PX up to what
    leaves LEAST_CELLS: one for both if that fits about as well as one for each.
    """
    sides = len(first) + 1, len(second) + 1
    low, high = LEAST_CELLS / min(sides), 1 / LEAST_PITCH_PX
    if low >= high or first.sum() <= 0 or second.sum() <= 0:
        return None
    points = _OVERSAMPLED * max(sides)
    frequencies: NDArray[np.float64] = np.fft.rfftfreq(points).astype(np.float64)
    asked = (frequencies >= low) & (frequencies <= high)
    frequencies = frequencies[asked]
    powers = [
        (np.abs(np.fft.rfft(profile, points))[asked] / profile.sum()) ** 2
        for profile in (first, second)
    ]
    both = powers[0] + powers[1]
    if both.max() >= _AS_GOOD_AS_TWO * (powers[0].max() + powers[1].max()):
        powers = [both, both]
    x, y = (
        _refined(profile, frequencies[_fundamental(frequencies, power)])
        for profile, power in zip((first, second), powers, strict=True)
    )
    return x, y


def _fundamental(frequencies: NDArray[np.float64], power: NDArray[np.float64]) -> int:
    """The place of the lowest frequency that is about as strong as the strongest, which may be an
    overtone of it.
    """
    lowest = int(np.flatnonzero(power >= _SAME_RHYTHM**2 * power.max())[0])
    # Beside a peak stand lower ones that come of the few lines there are.
    end = int(np.searchsorted(frequencies, frequencies[lowest] * _PEAK_REACH))
    return lowest + int(power[lowest : end + 1].argmax())


def _refined(profile: NDArray[np.float64], frequency: float) -> _Rhythm:
    side = len(profile) + 1
    fine = frequency + np.linspace(-1, 1, 2 * _FINE_STEPS + 1) / (2 * side)
    spectrum = _spectrum(profile, fine)
    best = int(np.abs(spectrum).argmax())
    pitch = float(1 / fine[best])
    start = float((-np.angle(spectrum[best]) / (2 * np.pi) * pitch) % pitch)
    if start > pitch / 2:  # more than half of a pixel before the first line: it counts
        start -= pitch
    strength = float(abs(spectrum[best]) / profile.sum())
    # Soft edges spread over some places, which are one line all the same.
    line = np.rint((np.arange(side - 1) + 1.0 - start) / pitch).astype(np.int64)
    weights = np.bincount(line - line.min(), profile)
    lines = float(weights.sum() ** 2 / (weights**2).sum())
    return _Rhythm(pitch, start, strength, lines * strength**2)


def _spectrum(
    profile: NDArray[np.float64], frequencies: NDArray[np.float64]
) -> NDArray[np.complex128]:
    """Changes from line x to x + 1 stand at x + 1, as far from the picture's edge as they are."""
    used = np.flatnonzero(profile)
    turns = np.outer(2 * np.pi * frequencies, used + 1.0)
    out: NDArray[np.complex128] = (np.cos(turns) - 1j * np.sin(turns)) @ profile[used]
    return out


def _samples(start: float, pitch: float, count: int, side: int) -> NDArray[np.int64]:
    """(count, m): the lines of a picture that stand for each cell, around its middle."""
    if count < 1 or pitch < 1 or start < -pitch / 2 or start + (count - 0.5) * pitch > side + 1:
        raise ImageError(
            f"a grid of {count} from {start:.1f} by {pitch:.1f} does not lie on {side} pixels: "
            "find it in this picture"
        )
    most = max(1, min(_MOST_SAMPLES, int(pitch * _CORE)))
    offsets = ((np.arange(most) + 0.5) / most - 0.5) * pitch * _CORE
    middles = start + (np.arange(count) + 0.5) * pitch
    lines = np.floor(middles[:, None] + offsets[None, :]).astype(np.int64)
    return np.clip(lines, 0, side - 1)


def _medoids(samples: Pixels) -> Pixels:
    """(cells, k, c) to (cells, c)."""
    lab = srgb_to_oklab(samples[..., :3])  # (cells, k, 3)
    gap = np.linalg.norm(lab[:, :, None] - lab[:, None, :], axis=3)  # (cells, k, k)
    if samples.shape[2] == 3:
        chosen: Pixels = samples[np.arange(len(samples)), gap.sum(axis=2).argmin(axis=1)]
        return chosen
    alpha = samples[..., 3]
    seen = alpha > 0
    mostly_seen = 2 * np.count_nonzero(alpha >= 128, axis=1) > samples.shape[1]
    faint = ~mostly_seen & (2 * np.count_nonzero(seen, axis=1) > samples.shape[1])
    # Only what is seen votes, and only what is seen can win.
    cost = (gap * seen[:, None, :]).sum(axis=2)
    cost[~seen] = np.inf
    out: Pixels = samples[np.arange(len(samples)), cost.argmin(axis=1)].copy()
    out[..., 3] = np.sort(alpha, axis=1)[:, samples.shape[1] // 2]
    out[~(mostly_seen | faint)] = 0
    return out


def _likeness(values: NDArray[np.float32], small: NDArray[np.float32], grid: PixelGrid) -> float:
    """The share of the variance of `values` (h, w, 4) that the true pixels explain, enlarged with
    the blur that suits best.
    """
    height, width = values.shape[:2]
    variance = float(((values - values.mean(axis=(0, 1))) ** 2).sum())
    if variance <= 0:
        return 0.0
    best = np.inf
    for blur in _BLURS:
        columns = _shares(grid.left, grid.pitch_x, grid.columns, width, blur)
        rows = _shares(grid.top, grid.pitch_y, grid.rows, height, blur)
        tall = np.tensordot(rows, small, axes=(1, 0))  # (h, columns, 4)
        large = np.tensordot(columns, tall, axes=(1, 1)).transpose(1, 0, 2)  # (h, w, 4)
        best = min(best, float(((values - large) ** 2).sum()))
    return max(0.0, 1.0 - best / variance)


def _shares(start: float, pitch: float, count: int, side: int, blur: float) -> NDArray[np.float32]:
    """(side, count): how much of each cell a line of the picture shows; rows sum to 1.

    Each edge between cells is a logistic curve, which is a Gaussian blur for all one can see.
    """
    edges = start + np.arange(1, count) * pitch  # (count - 1,)
    middles = np.arange(side) + 0.5  # of the picture's lines
    width = max(blur * pitch, 0.05) / 1.7  # 1.7: where a logistic comes nearest to a Gaussian
    beyond = 1 / (1 + np.exp(-np.clip((middles[:, None] - edges[None]) / width, -60, 60)))
    past = np.concatenate([np.ones((side, 1)), beyond, np.zeros((side, 1))], axis=1)
    out: NDArray[np.float32] = (past[:, :-1] - past[:, 1:]).astype(np.float32)
    return out
