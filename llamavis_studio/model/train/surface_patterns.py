"""Patterns on a torus: maps (n, n) of light levels 0 (darkest) to 4 (lightest) that repeat.

n is 32 or 64; `rng` decides the details. Values a step outside 0..4 are clipped by the caller.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

Levels = NDArray[np.int_]
Floats = NDArray[np.float64]
Rng = np.random.Generator


def grid(n: int) -> tuple[Levels, Levels]:
    """Row and column numbers of a square of n pixels."""
    y, x = np.mgrid[:n, :n]
    return y, x


def _speckle(level: Levels, share: float, change: int, rng: Rng) -> Levels:
    return np.where(rng.random(level.shape) < share, level + change, level)


def _cells(n: int, count: int, rng: Rng) -> tuple[Levels, Floats, Floats, Floats]:
    """Toroidal Voronoi cells: owner, gap to the second-nearest seed, and the offset to the seed."""
    seeds = rng.random((count, 2)) * n
    for _ in range(3):  # a few steps towards even spacing
        delta = (seeds[:, None] - seeds[None] + n / 2) % n - n / 2
        distance = np.hypot(delta[..., 0], delta[..., 1]) + np.eye(count) * n
        push = (delta / distance[..., None] ** 2).sum(1)
        seeds = (seeds + push * n / count) % n
    y, x = grid(n)
    dy = (y[..., None] - seeds[:, 0] + n / 2) % n - n / 2
    dx = (x[..., None] - seeds[:, 1] + n / 2) % n - n / 2
    distance = np.hypot(dy, dx)
    order = np.argsort(distance, -1)
    owner = order[..., 0]
    two = np.take_along_axis(distance, order[..., :2], -1)
    pick = owner[..., None]
    return (
        owner, two[..., 1] - two[..., 0],
        np.take_along_axis(dy, pick, -1)[..., 0], np.take_along_axis(dx, pick, -1)[..., 0],
    )  # fmt: skip


def planks(n: int, rng: Rng) -> Levels:
    """Lying boards with grain, joints and nails."""
    y, x = grid(n)
    wide = int(rng.choice([4, 8]))
    row = y // wide
    shift = rng.integers(0, n, n // wide)[row]
    tone = rng.integers(-1, 1, n // wide)[row]
    level = 2 + tone
    grain = rng.integers(0, n, (n // wide, 3))
    for k in range(3):
        run = (x + grain[row, k]) % n
        level = np.where(
            (run < n // 3) & (y % wide == 1 + (k * 2) % max(wide - 2, 1)), level - 1, level
        )
    level = np.where(y % wide == 0, level + 1, level)
    level = np.where(y % wide == wide - 1, 0, level)
    joint = (x + shift) % n == 0
    level = np.where(joint, 0, level)
    nail = ((x + shift) % n == 2) & (y % wide == wide // 2)
    return np.where(nail, 0, level)


def standing_planks(n: int, rng: Rng) -> Levels:
    """Standing boards."""
    return planks(n, rng).T


def bricks(n: int, rng: Rng) -> Levels:
    """Running-bond bricks of 8x4 or 16x8 px in three tones."""
    y, x = grid(n)
    high, wide = (4, 8) if rng.random() < 0.5 else (8, 16)
    row = y // high
    column = ((x + (row % 2) * (wide // 2)) % n) // wide
    tone = rng.integers(0, 3, (n // high, n // wide))[row, column]
    level = 1 + tone
    inner_x = (x + (row % 2) * (wide // 2)) % wide
    level = np.where(y % high == 0, level + 1, level)
    level = np.where((y % high == high - 1) | (inner_x == wide - 1), 0, level)
    return _speckle(level, 0.06, -1, rng)


def blocks(n: int, rng: Rng) -> Levels:
    """Bevelled stone blocks of 16 px in running bond."""
    y, x = grid(n)
    row = y // 16
    inner_x = (x + (row % 2) * 8) % 16
    inner_y = y % 16
    level = np.full((n, n), 2)
    level = np.where((inner_y <= 1) | (inner_x <= 1), 3, level)
    level = np.where((inner_y == 0) & (inner_x % 3 != 0), 4, level)
    level = np.where((inner_y >= 14) | (inner_x >= 14), 1, level)
    level = np.where((inner_y == 15) | (inner_x == 15), 0, level)
    return _speckle(_speckle(level, 0.07, -1, rng), 0.05, 1, rng)


def cobbles(n: int, rng: Rng) -> Levels:
    """Large rounded stones lit from the upper left."""
    owner, gap, dy, dx = _cells(n, int(rng.integers(11, 20)) * (n // 32) ** 2, rng)
    tone = rng.integers(-1, 1, owner.max() + 1)[owner]
    level = 2 + tone + np.where(dy + dx < -2.5, 1, 0) - np.where(dy + dx > 3, 1, 0)
    level = np.where((gap < 2.4) & (level > 1), level - 1, level)
    return np.where(gap < 1.2, 0, level)


def pebbles(n: int, rng: Rng) -> Levels:
    """Small stones close together."""
    owner, gap, dy, dx = _cells(n, int(rng.integers(40, 60)) * (n // 32) ** 2, rng)
    tone = rng.integers(0, 3, owner.max() + 1)[owner]
    return np.where(gap < 0.9, 0, 1 + tone + np.where(dy + dx < -1, 1, 0))


def shingles(n: int, rng: Rng) -> Levels:
    """Rounded roof tiles in shifted rows."""
    y, x = grid(n)
    row = y // 8
    column = (x + (row % 2) * 4) % n // 8
    inner_x, inner_y = (x + (row % 2) * 4) % 8 - 3.5, y % 8
    tone = rng.integers(-1, 1, (n // 8, n // 8))[row, column]
    drop = inner_y - (7 - (np.abs(inner_x) ** 2) * 0.22)
    level = 3 + tone - (inner_y < 2) - (np.abs(inner_x) > 3)
    level = np.where(drop > -1.2, level - 1, level)
    return np.where(drop > 0, 0, level)


def squares(n: int, rng: Rng) -> Levels:
    """Square floor tiles of 8 or 16 px."""
    y, x = grid(n)
    side = int(rng.choice([8, 16]))
    tone = rng.integers(0, 2, (n // side, n // side))[y // side, x // side]
    level = 2 + tone
    level = np.where((y % side == 0) | (x % side == 0), level + 1, level)
    level = np.where((y % side == side - 1) | (x % side == side - 1), 0, level)
    return _speckle(level, 0.04, -1, rng)


def checks(n: int, rng: Rng) -> Levels:
    """A chequerboard of two levels."""
    y, x = grid(n)
    side = int(rng.choice([4, 8]))
    level = np.where((y // side + x // side) % 2 == 0, 4, 0)
    return _speckle(level, 0.03, 1, rng).clip(0, 4)


def hexagons(n: int, rng: Rng) -> Levels:
    """Six-sided tiles, each lighter in its middle."""
    y, x = grid(n)
    seeds = [(r * 8 + 4, c * 8 + (4 if r % 2 else 0)) for r in range(n // 8) for c in range(n // 8)]
    at = np.array(seeds, float)
    dy = np.abs((y[..., None] - at[:, 0] + n / 2) % n - n / 2)
    dx = np.abs((x[..., None] - at[:, 1] + n / 2) % n - n / 2)
    distance = np.maximum(dx, dx * 0.5 + dy * 0.9)
    owner, least = distance.argmin(-1), distance.min(-1)
    tone = rng.integers(0, 3, len(seeds))[owner]
    return np.where(least > 3.9, 0, 1 + tone + (least < 2))


def waves(n: int, rng: Rng) -> Levels:
    """Bright wave lines on water."""
    y, x = grid(n)
    turn = rng.random(4) * 2 * np.pi
    w = 2 * np.pi / n
    field = np.sin(w * (2 * y + x) + 1.4 * np.sin(w * (2 * x + y) + turn[0]) + turn[1])
    field += 0.7 * np.sin(w * (3 * y - x) + 1.2 * np.sin(w * 3 * x + turn[2]) + turn[3])
    line = np.abs(field)
    level = np.where(line < 0.16, 4, np.where(line < 0.34, 3, 2))
    return np.where(field < -0.9, 1, level)


def dunes(n: int, rng: Rng) -> Levels:
    """Ripples of sand."""
    y, x = grid(n)
    w = 2 * np.pi / n
    turn = rng.random(2) * 6.28
    field = np.sin(w * 4 * y + 1.6 * np.sin(w * x + turn[0]) + 0.7 * np.sin(w * 2 * x + turn[1]))
    level = 2 + (field > 0.55).astype(int) - (field < -0.75)
    return _speckle(_speckle(level, 0.08, 1, rng), 0.06, -1, rng)


def grains(n: int, rng: Rng) -> Levels:
    """Fine noise of earth."""
    level = np.full((n, n), 2)
    for change, share in ((-1, 0.22), (1, 0.18), (-1, 0.05), (1, 0.04)):
        level = _speckle(level, share, change, rng)
    return level


def drifts(n: int, rng: Rng) -> Levels:
    """Soft patches of snow."""
    y, x = grid(n)
    w = 2 * np.pi / n
    turn = rng.random(3) * 6.28
    field = np.sin(w * (y + x) + turn[0]) + np.sin(w * (2 * x - y) + turn[1]) * 0.7
    level = 3 + (field > 0.9).astype(int) - (field < -0.9)
    return _speckle(_speckle(level, 0.03, -1, rng), 0.03, 1, rng)


def blades(n: int, rng: Rng) -> Levels:
    """Blades of grass."""
    level = _speckle(np.full((n, n), 1), 0.3, 1, rng)
    for _ in range(n * n // 9):
        x, y, tall = int(rng.integers(n)), int(rng.integers(n)), int(rng.integers(2, 5))
        lean = int(rng.integers(-1, 2))
        for i in range(tall):
            level[(y - i) % n, (x + (lean if i > 1 else 0)) % n] = 1 + min(i + 1, 3)
    return level


def crust(n: int, rng: Rng) -> Levels:
    """Dark plates with glowing gaps."""
    owner, gap, _, _ = _cells(n, int(rng.integers(9, 15)) * (n // 32) ** 2, rng)
    tone = rng.integers(0, 2, owner.max() + 1)[owner]
    level = np.where(gap < 1.1, 4, np.where(gap < 2.2, 3, np.where(gap < 3.2, 2, tone)))
    return level


def cracked(n: int, rng: Rng) -> Levels:
    """Plates with thin dark cracks."""
    owner, gap, dy, dx = _cells(n, int(rng.integers(6, 10)) * (n // 32) ** 2, rng)
    tone = rng.integers(2, 4, owner.max() + 1)[owner]
    level = np.where(gap < 0.8, 0, tone + (dy + dx < -4))
    return _speckle(level, 0.05, -1, rng)


def plates(n: int, rng: Rng) -> Levels:
    """Bevelled metal plates with a rivet in each corner."""
    y, x = grid(n)
    iy, ix = y % 16, x % 16
    level = np.full((n, n), 2) + ((ix + iy) % 16 < 3)
    level = np.where((iy == 0) | (ix == 0), 4, level)
    level = np.where((iy == 15) | (ix == 15), 0, level)
    rivet = ((iy == 2) | (iy == 12)) & ((ix == 2) | (ix == 12))
    shadow = ((iy == 3) | (iy == 13)) & ((ix == 3) | (ix == 13))
    return _speckle(np.where(rivet, 4, np.where(shadow, 0, level)), 0.05, -1, rng)


def grate(n: int, rng: Rng) -> Levels:
    """Crossed bars over a dark hole."""
    y, x = grid(n)
    bar = (y % 8 < 2) | (x % 8 < 2)
    level = np.where(bar, 2, 0)
    return np.where((y % 8 == 0) & bar | (x % 8 == 0) & bar, 3, level)


def leaves(n: int, rng: Rng) -> Levels:
    """Overlapping small leaves."""
    level = np.zeros((n, n), int)
    for _ in range(n * n // 12):
        x, y, tone = int(rng.integers(n)), int(rng.integers(n)), int(rng.integers(1, 4))
        for dx, dy, change in (
            (0, 0, 1),
            (1, 0, 0),
            (-1, 0, 0),
            (0, 1, -1),
            (1, 1, -1),
            (0, -1, 1),
        ):
            level[(y + dy) % n, (x + dx) % n] = np.clip(tone + change, 0, 4)
    return level


def bark(n: int, rng: Rng) -> Levels:
    """Upright wavy furrows."""
    y, x = grid(n)
    w = 2 * np.pi / n
    turn = rng.random(2) * 6.28
    wave = x + 1.6 * np.sin(w * 2 * y + turn[0]) + 1.0 * np.sin(w * (3 * y + x) + turn[1])
    level = 1 + (np.floor(wave) % 4 < 2).astype(int) + (np.floor(wave) % 4 == 1)
    level = np.where(np.floor(wave) % 8 == 7, 0, level)
    return _speckle(level, 0.12, -1, rng)


def straw(n: int, rng: Rng) -> Levels:
    """Loose stalks."""
    level = np.full((n, n), 2)
    for _ in range(n * n // 12):
        x, y, length = int(rng.integers(n)), int(rng.integers(n)), int(rng.integers(3, 7))
        tone, lean = int(rng.integers(0, 5)), int(rng.integers(-1, 2))
        for i in range(length):
            level[(y + i) % n, (x + lean * i // 3) % n] = tone
    return level


def stripes(n: int, rng: Rng) -> Levels:
    """Upright stripes of cloth."""
    y, x = grid(n)
    side = int(rng.choice([4, 8]))
    return np.where((x // side) % 2 == 0, 3, 1) + ((x % side == 0) & (y % 2 == 0))


def diamonds(n: int, rng: Rng) -> Levels:
    """A woven pattern of diamonds."""
    y, x = grid(n)
    d = np.abs(x % 16 - 7.5) + np.abs(y % 16 - 7.5)
    level = np.where(d < 3, 4, np.where(d < 5, 1, 2))
    return np.where(np.abs(d - 8) < 1, 3, level) - ((x + y) % 4 == 0) * (d > 9)


def scales(n: int, rng: Rng) -> Levels:
    """Rows of round scales."""
    y, x = grid(n)
    row = y // 4
    inner_x, inner_y = (x + (row % 2) * 4) % 8 - 3.5, y % 4
    edge = inner_y - (3.2 - np.abs(inner_x) ** 2 * 0.22)
    level = 2 + (inner_y == 1) * (np.abs(inner_x) < 2) + (inner_y >= 2) * (np.abs(inner_x) < 1)
    return np.where(edge > 0.6, 0, np.where(edge > -0.2, 1, level))


def stars(n: int, rng: Rng) -> Levels:
    """Points and small crosses on a dark ground."""
    level = _speckle(np.zeros((n, n), int), 0.12, 1, rng)
    for i in range(n // 2):
        x, y = int(rng.integers(n)), int(rng.integers(n))
        level[y, x] = 4
        if i % 4 == 0:
            for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
                level[(y + dy) % n, (x + dx) % n] = 2
    return level


def facets(n: int, rng: Rng) -> Levels:
    """Cut crystal faces with bright edges."""
    _, gap, dy, dx = _cells(n, int(rng.integers(8, 13)) * (n // 32) ** 2, rng)
    level = np.where(dy + dx < 0, 3, 1) + (dx > dy)
    return np.where(gap < 0.9, 4, np.clip(level, 0, 4))


PATTERNS: Final[dict[str, Callable[[int, Rng], Levels]]] = {
    draw.__name__: draw
    for draw in (
        planks,
        standing_planks,
        bricks,
        blocks,
        cobbles,
        pebbles,
        shingles,
        squares,
        checks,
        hexagons,
        waves,
        dunes,
        grains,
        drifts,
        blades,
        crust,
        cracked,
        plates,
        grate,
        leaves,
        bark,
        straw,
        stripes,
        diamonds,
        scales,
        stars,
        facets,
    )
}
