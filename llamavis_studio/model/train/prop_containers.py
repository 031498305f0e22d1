"""What things are kept in, and lights: barrel, crate, treasure chest closed and open, torch,
lantern, sack, buckets, clay pot, vase, cauldron.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from llamavis_studio.model.train import prop_furniture
from llamavis_studio.model.train.prop_sketch import Draw, Field, Light, Mask, Point, Sketch

Rng = np.random.Generator
_ROUND = (1.4, 3.0, 3.3, 2.4, 1.4, 0.5)
"""Levels across a thing that was turned on a wheel."""


def _barrel(s: Sketch, paint: str, rng: Rng) -> None:
    bulge = rng.uniform(1.2, 2.2)
    left, right = 8.0 - bulge, 24.0 + bulge
    staves = Light.across(left, right, [1.2, 2.6, 3.2, 2.2, 1.2, 0.3])
    body = s.polygon(
        [(8, 6), (24, 6), (right, 12), (right, 21), (24, 28), (8, 28), (left, 21), (left, 12)],
        paint, staves,
    )  # fmt: skip
    body |= s.oval(8, 25, 24, 31, paint, staves)
    for x in (10.5, 15.0, 19.5, 22.5):
        s.line([(x, 7), (x + (x - 16) * 0.12, 17), (x, 29)], 0.6, paint, 0.2, within=body)
    for y in (10.0, 24.0):
        s.box(
            0, y, 32, y + 2.2, "grey", Light.across(left, right, [1, 3, 3.6, 2, 0.5]), within=body
        )
    s.oval(8, 3, 24, 9, paint, 1.2)
    s.oval(9.2, 3.8, 22.8, 8.2, paint, 3.0)


def _crate(s: Sketch, paint: str, rng: Rng) -> None:
    s.polygon([(3, 9), (6, 3), (26, 3), (29, 9)], paint, Light.down(3, 9, [3.0, 3.8]))
    boards = int(rng.integers(3, 5))
    for i in range(1, boards):
        s.line([(6 + 20 * i / boards, 3), (3 + 26 * i / boards, 9)], 0.8, paint, 1.4)
    s.box(3, 9, 29, 30, paint, Light.across(3, 29, [1.6, 1.0]))
    inside = s.box(7, 13, 25, 26, paint, Light.across(7, 25, [1.7, 1.1]))
    for i in range(1, boards):
        gap = round(7 + 18 * i / boards)
        s.box(gap, 13, gap + 1, 26, paint, 0.1, within=inside)
    slants = [[(7.0, 26.0), (25.0, 13.0)], [(7.0, 13.0), (25.0, 26.0)]]
    chosen = slants if rng.random() < 0.3 else [slants[int(rng.integers(2))]]
    for ends in chosen:
        s.line(ends, 5.6, paint, 0.2, within=inside)
        s.line(ends, 3.6, paint, 2.5, within=inside)
    s.box(7, 13, 25, 14, paint, 0.2)
    s.box(7, 13, 8, 26, paint, 0.2)
    for x0, y0, x1, y1, level in (
        (3, 9, 7, 30, 2.8), (25, 9, 29, 30, 2.0), (3, 26, 29, 30, 2.1), (3, 9, 29, 13, 2.9),
    ):  # fmt: skip
        s.box(x0, y0, x1, y1, paint, level)
    s.box(3, 9, 29, 10, paint, 3.9)
    for x in (5.0, 26.0):
        for y in (11.0, 27.0):
            s.box(x, y, x + 1, y + 1, "dark grey", 1)
    s.box(3, 13, 29, 13.6, paint, 1.0)
    s.box(3, 25.4, 29, 26, paint, 1.0)


def _metal_of(paint: str) -> str:
    """Fittings that stand out from a chest of some paint."""
    return "grey" if paint in ("yellow", "orange") else "yellow"


def _chest(s: Sketch, paint: str, rng: Rng) -> None:
    metal, top = _metal_of(paint), float(rng.integers(5, 8))
    lid = s.box(3, top, 29, 26, paint, Light.down(top, 16, [3.4, 3.2, 2.2, 1.2]), corner=6.5)
    body = s.box(3, 16, 29, 29, paint, Light.across(3, 29, [2.4, 1.9, 1.2]), corner=1)
    for y in (top + 4, 12.0):
        s.box(4, y, 28, y + 0.9, paint, 0.8, within=lid)
    for y in (20, 24):
        s.box(4, y, 28, y + 1, paint, 0.4)
    side = float(rng.choice([5, 6, 7]))
    for x in (side, 32 - side - 3):
        s.box(x, top, x + 3, 16, metal, Light.down(top, 16, [3.6, 3, 1.8, 1.0]), within=lid)
        s.box(x, 16, x + 3, 29, metal, Light.across(x, x + 3, [2.8, 1.2]))
    s.box(3, 27, 29, 29, metal, 1.2, within=body)
    s.box(3, 14, 29, 16, metal, Light.across(3, 29, [3.4, 2.8, 1.8]))
    s.box(3, 16, 29, 17, paint, 0.0)
    s.box(12, 12, 20, 21, "dark brown", 0.2, corner=1.5)
    s.box(13, 13, 19, 20, metal, Light.down(13, 20, [4, 3, 1.6]), corner=1)
    s.box(15, 15, 17, 17, "black", 0.6)
    s.box(15.5, 16, 16.5, 19, "black", 0.6)


def _open_chest(s: Sketch, paint: str, rng: Rng) -> None:
    metal = _metal_of(paint)
    s.box(3, 2, 29, 26, paint, Light.down(2, 12, [3.4, 2.2, 1.4]), corner=6)
    s.box(5, 5, 27, 26, "dark brown", Light.down(5, 12, [0.7, 1.8]), corner=4)
    for x in (8.0, 21.0):
        s.box(x, 2, x + 3, 5, metal, Light.down(2, 5, [3.6, 1.6]))
    s.polygon([(4, 19), (5, 13), (11, 9), (16, 8), (21, 9), (27, 13), (28, 19)], "yellow", 1.4)
    for _ in range(26):
        x, y = rng.uniform(6, 26), rng.uniform(9, 18)
        y = max(y, 8.5 + abs(x - 16) * 0.5)
        s.oval(x - 2.4, y - 1.2, x + 2.6, y + 2.2, "yellow", 0.2)
        s.oval(x - 2.2, y - 1.8, x + 1.8, y + 1.2, "yellow", float(rng.choice([2.2, 3.0, 3.8])))
    for gem, x in zip(rng.permutation(["red", "blue", "green"])[:2], (9.5, 21.0), strict=True):
        y = rng.uniform(12.5, 15.0)
        s.polygon([(x - 2, y), (x, y - 2.4), (x + 2, y), (x, y + 2.4)], str(gem), 2.0)
        s.polygon([(x - 2, y), (x, y - 2.4), (x, y)], str(gem), 4.0)
    body = s.box(2, 18, 30, 30, paint, Light.across(2, 30, [2.4, 1.9, 1.2]), corner=1)
    for y in (22, 26):
        s.box(3, y, 29, y + 1, paint, 0.4)
    for x in (6, 23):
        s.box(x, 18, x + 3, 30, metal, Light.across(x, x + 3, [2.8, 1.2]))
    s.box(2, 18, 30, 20, metal, Light.across(2, 30, [3.6, 2.8, 1.8]), within=body)
    s.box(2, 28, 30, 30, metal, 1.2, within=body)
    s.box(13, 19, 19, 24, metal, Light.down(19, 24, [3.8, 1.8]), corner=1)
    s.box(15, 20.5, 17, 23, "black", 0.6)


_CORES = {
    "orange": "yellow",
    "red": "orange",
    "blue": "light blue",
    "green": "yellow",
    "purple": "pink",
}
"""The hotter paint inside a flame of each paint."""


def _flame(
    s: Sketch, x: float, foot: float, wide: float, high: float, paint: str, rng: Rng
) -> None:
    """A flame of three tongues that stands on (x, foot), in layers, the inner ones brighter."""
    side = float(rng.choice([-1, 1]))
    tongues = (
        (x - side * wide * 0.26, wide * 0.5, high * rng.uniform(0.58, 0.7), -side * 1.6),
        (x + side * wide * 0.26, wide * 0.5, high * rng.uniform(0.72, 0.84), side * 1.2),
        (x, wide * 0.74, high, side * rng.uniform(1.0, 2.2)),
    )
    layers = (
        (1.0, paint, 1.6),
        (0.8, paint, 2.6),
        (0.64, _CORES[paint], 2.8),
        (0.38, "white", 3.6),
    )
    for scale, layer, level in layers:
        for middle, broad, tall, sway in tongues[0 if scale > 0.5 else 2 :]:
            near = x + (middle - x) * scale
            s.polygon(_tongue(near, foot, broad * scale, tall * scale, sway * scale), layer, level)


def _tongue(x: float, foot: float, wide: float, high: float, sway: float) -> list[Point]:
    rises = np.linspace(0, 1, 25)
    halves = (
        np.interp(rises, [0, 0.15, 0.35, 0.55, 0.78, 1], [0.75, 0.95, 1, 0.84, 0.46, 0]) * wide / 2
    )
    middles = x + sway * np.sin(rises * 4.2) * rises
    edge = [(m + h, foot - high * r) for m, h, r in zip(middles, halves, rises, strict=True)]
    other = [(m - h, foot - high * r) for m, h, r in zip(middles, halves, rises, strict=True)]
    return [*edge, *other[::-1]]


def _torch(s: Sketch, paint: str, rng: Rng) -> None:
    thin = rng.uniform(1.9, 2.5)
    corners = [(13.0, 18.0), (19.0, 18.0), (16 + thin, 31.0), (16 - thin, 31.0)]
    handle = s.polygon(corners, "brown", Light.across(13, 19, [3.8, 2.6, 0.8]))
    for y in (24.0, 27.5):
        s.line([(12, y), (20, y - 2)], 0.9, "dark brown", 0.8, within=handle)
    _flame(s, 16, 17.5, rng.uniform(15, 17.5), rng.uniform(15.4, 16.4), paint, rng)
    metal = Light.across(9, 23, [2.4, 3.8, 1.8, 0.6])
    s.polygon([(10, 16), (22, 16), (20, 21), (12, 21)], "dark grey", metal)
    s.box(9, 15, 23, 17, "grey", metal)


def _lantern(s: Sketch, paint: str, rng: Rng) -> None:
    wide = rng.uniform(7.0, 8.6)
    left, right = 16 - wide, 16 + wide
    metal = Light.across(left, right, [2.2, 3.4, 2.0, 0.8])
    s.ring(11, 1, 21, 12, 2.2, paint, 2.6)
    s.box(left, 11, right, 26, "yellow", Light.round(16, 19, 9, [4, 4, 3.2, 2.4, 1.4]))
    s.oval(13.5, 14, 18.5, 24, "orange", 3.0)
    s.polygon([(16, 12.5), (13.5, 19), (18.5, 19)], "orange", 3.0)
    s.oval(14.5, 17, 17.5, 24, "white", 4)
    for x, level in ((left, 2.4), (right - 2.5, 0.8)):
        s.box(x, 11, x + 2.5, 26, paint, level)
    s.polygon([(12, 6), (20, 6), (right + 1.5, 12), (left - 1.5, 12)], paint, metal)
    s.box(left - 1.5, 11, right + 1.5, 13, paint, metal)
    s.box(left, 12.6, right, 13.4, paint, 0.0)
    s.box(left - 1.5, 25, right + 1.5, 28, paint, metal)
    s.box(left, 27.4, right, 28, paint, 0.2)
    s.box(left + 0.5, 28, right - 0.5, 30.5, paint, metal)


def _curve(points: Sequence[Point], steps: int = 8) -> list[Point]:
    """A smooth closed outline through some points (Catmull-Rom)."""
    at = np.array(points)
    before, after, then = np.roll(at, 1, 0), np.roll(at, -1, 0), np.roll(at, -2, 0)
    out: list[Point] = []
    for a, b, c, d in zip(before, at, after, then, strict=True):
        for t in np.arange(steps) / steps:
            x, y = (
                b
                + t * ((c - a) + t * (2 * a - 5 * b + 4 * c - d + t * (3 * b - a - 3 * c + d))) / 2
            )
            out.append((float(x), float(y)))
    return out


def _sack(s: Sketch, paint: str, rng: Rng) -> None:
    fat, lean = rng.uniform(10.5, 12.5), rng.uniform(-1, 1)
    neck = 16 + lean
    cloth = Light.round(12, 16, 19, [3.6, 3.0, 2.2, 1.2, 0.2])
    ruffle = [(neck - 5, 3.0), (neck, 4.5), (neck + 5.5, 2.5), (neck + 3, 8.0), (neck, 11.0)]
    top = Light.across(neck - 5, neck + 5, [3.4, 2.4, 1.0])
    s.polygon(_curve([*ruffle, (neck - 3, 8.0)]), paint, top)
    s.line([(neck - 1, 4.5), (neck - 0.5, 8)], 0.9, paint, 0.6)
    s.line([(neck + 2, 4.5), (neck + 1.2, 8)], 0.9, paint, 0.4)
    left, right = 16 - fat, 16 + fat
    rights = [(neck + 3, 9.0), (right - 2, 15.0), (right, 22.0), (right - 1.5, 28.0)]
    lefts = [(left + 1.5, 28.0), (left, 22.0), (left + 2, 15.0), (neck - 3, 9.0)]
    body = s.polygon(_curve([*rights, (16.0, 30.0), *lefts]), paint, cloth)
    for x, y in ((left + 4, 18), (neck - 1, 15), (neck + 5, 17)):
        s.line([(neck + (x - neck) * 0.35, 11), (x, y)], 0.9, paint, 0.9, within=body)
    s.line([(left + 4, 28), (right - 5, 28.4)], 1, paint, 0.6, within=body)
    s.box(
        neck - 4,
        8,
        neck + 4,
        10.5,
        "dark brown",
        Light.across(neck - 4, neck + 4, [3.6, 2, 1]),
        corner=1,
    )
    s.line([(neck + 2, 10), (neck + 4, 13), (neck + 3.6, 15)], 1.1, "dark brown", 1.4)


def _pail(s: Sketch, paint: str, hoop: str, inside: tuple[str, float], rng: Rng) -> Mask:
    """A bucket with its handle up; what is inside is a paint and a level. Its front, as a mask."""
    foot = rng.uniform(7.5, 9.0)
    s.ring(5, 1, 27, 24, 2, "grey", Light.across(5, 27, [3.6, 3.4, 2.0]))
    s.erase(s.box(7, 12, 25, 32, paint))
    light = Light.across(4, 28, [1.4, 3.0, 3.4, 2.2, 1.2, 0.3])
    front = s.polygon([(4, 11), (28, 11), (32 - foot, 28), (foot, 28)], paint, light)
    front |= s.oval(foot, 25, 32 - foot, 31, paint, light)
    for low in (16.0, 24.0):
        band = Light.across(4, 28, [1.6, 3.2, 3.8, 2.4, 0.8])
        s.box(0, low, 32, low + 2, hoop, band, within=front)
        s.box(0, low + 2, 32, low + 2.7, paint, 0.2, within=front)
    s.oval(4, 7, 28, 15, paint, Light.across(4, 28, [3.0, 3.8, 2.6, 1.4]))
    hole = s.oval(6, 8.3, 26, 14, paint, Light.across(6, 26, [0.0, 0.4, 1.2]))
    s.oval(6, 9.5, 26, 16, inside[0], inside[1], within=hole)
    s.box(4, 10, 6.4, 13, "dark grey", 2.5, corner=1)
    s.box(25.6, 10, 28, 13, "dark grey", 1.5, corner=1)
    return front


def _bucket(s: Sketch, paint: str, rng: Rng) -> None:
    _pail(s, paint, paint, (paint, 0.6), rng)


def _wooden_bucket(s: Sketch, paint: str, rng: Rng) -> None:
    front = _pail(s, paint, "grey", (paint, 0.6), rng)
    for x in (8.0, 12.0, 16.0, 20.0, 24.0):
        for high, low in ((15.5, 16.2), (18.6, 24.2), (26.6, 31.0)):
            foot = 16 + (x - 16) * 0.7
            ends = [(x + (foot - x) * (y - 13) / 17, y) for y in (high, low)]
            s.line(ends, 0.6, paint, 0.4, within=front)


def _water_bucket(s: Sketch, paint: str, rng: Rng) -> None:
    _pail(s, paint, paint, ("blue", 2.4), rng)
    s.line([(9, 11.5), (14, 11)], 1, "light blue", 3.4)
    s.line([(17, 13), (21, 12.6)], 1, "light blue", 3.0)


def _turned(s: Sketch, paint: str, profile: Sequence[Point], light: Field) -> Mask:
    """A thing turned on a wheel, by (y, half width) from the top down, smooth in between."""
    rights = [(16 + half, y) for y, half in profile]
    lefts = [(16 - half, y) for y, half in reversed(profile)]
    return s.polygon(_curve([*rights, *lefts]), paint, light)


def _pot(s: Sketch, paint: str, rng: Rng) -> None:
    belly, mouth = rng.uniform(11.5, 13.0), rng.uniform(7.5, 9.0)
    light = Light.across(16 - belly, 16 + belly, _ROUND) - 0.4
    profile = [(6.0, mouth - 1), (9.5, mouth - 1.5), (13.0, belly - 1.5), (18.0, belly)]
    body = _turned(s, paint, [*profile, (24.0, belly - 2.5), (29.0, 6.5), (30.0, 5.0)], light)
    s.box(0, 14, 32, 15, paint, light - 1.4, within=body)
    s.box(0, 19, 32, 20, paint, light - 1.4, within=body)
    for x in range(2, 32, 4):
        s.line([(x, 18), (x + 2, 16), (x + 4, 18)], 0.9, paint, light - 1.2, within=body)
    s.oval(12 - belly / 3, 11, 15 - belly / 3, 14, paint, 4.0)
    s.oval(
        15 - mouth,
        4,
        17 + mouth,
        10.5,
        paint,
        Light.across(16 - mouth, 16 + mouth, [2, 3.8, 2.8, 1]),
    )
    s.oval(
        17 - mouth, 4.6, 15 + mouth, 8.6, paint, Light.across(16 - mouth, 16 + mouth, [0.0, 0.2, 1])
    )


def _vase(s: Sketch, paint: str, rng: Rng) -> None:
    belly, neck = rng.uniform(8.5, 10.0), rng.uniform(3.0, 4.0)
    trim = "blue" if paint == "white" else str(rng.choice(["white", "yellow"]))
    if rng.random() < 0.6:
        for x, level in ((16 - belly - 1.0, 3.2), (16 + belly - 6.0, 1.4)):
            s.ring(x, 6, x + 7, 16, 2, paint, level)
    light = Light.across(16 - belly, 16 + belly, _ROUND)
    profile = [(2.5, neck + 2.5), (5.0, neck), (8.0, neck), (12.0, belly - 1.5), (15.5, belly)]
    body = _turned(s, paint, [*profile, (21.0, belly - 3), (26.5, 4.2), (30.0, 6.0)], light)
    s.box(0, 12.0, 32, 13.0, trim, light, within=body)
    s.box(0, 18.0, 32, 19.0, trim, light, within=body)
    for x in range(3 + 2 * int(rng.integers(2)), 32, 4):
        s.box(x, 14, x + 2, 16, trim, light, within=body)
        s.box(x + 2, 15, x + 4, 17, trim, light, within=body)
    s.box(0, 27, 32, 28, trim, light, within=body)
    s.oval(15.5 - neck - 2.5, 1, 16.5 + neck + 2.5, 5, paint, Light.across(9, 23, [2.4, 3.8, 1.6]))
    s.oval(16 - neck - 1, 2, 16 + neck + 1, 4.4, paint, 0.2)


def _cauldron(s: Sketch, paint: str, rng: Rng) -> None:
    for x in (8.0, 21.0):
        s.polygon(
            [(x - 1, 24), (x + 4, 24), (x + 3, 31), (x, 31)],
            paint,
            Light.across(x, x + 3, [2.6, 0.6]),
        )
    light = Light.round(11, 15, 19, [3.6, 2.8, 1.8, 1.0, 0.2])
    profile = [(9.0, 10.5), (12.0, 11.0), (19.0, 13.5), (25.0, 10.5), (29.0, 4.0)]
    _turned(s, paint, profile, light)
    s.ring(2, 14, 7, 20, 1.6, "grey", 2.6)
    s.ring(25, 14, 30, 20, 1.6, "grey", 1.4)
    s.oval(3, 6, 29, 14.5, paint, Light.across(3, 29, [2.6, 4.0, 2.8, 1.2]))
    s.oval(5, 6.6, 27, 13, "dark green", 0.6)
    brew = s.oval(5, 7.6, 27, 13.4, "green", Light.across(5, 27, [3.2, 3.0, 2.0]))
    for x in (8.5, 13.0, 18.0, 23.0):
        size = rng.uniform(1.6, 2.9)
        y = rng.uniform(6.5, 9.5)
        s.oval(
            x - size, y - size, x + size, y + size, "green", Light.round(x - 0.8, y - 0.8, 2 * size)
        )
    for x in (rng.uniform(8, 14), rng.uniform(18, 24)):
        y = rng.uniform(2.5, 4.0)
        s.oval(x - 2, y - 1.5, x + 2, y + 2.5, "green", 3.4)
    s.oval(9, 11, 14, 12.4, "green", 4, within=brew)


DRAWN: dict[str, Draw] = {
    "barrel": _barrel,
    "wooden crate": _crate,
    "treasure chest": _chest,
    "open treasure chest": _open_chest,
    "torch": _torch,
    "lantern": _lantern,
    "sack": _sack,
    "bucket": _bucket,
    "wooden bucket": _wooden_bucket,
    "bucket of water": _water_bucket,
    "clay pot": _pot,
    "vase": _vase,
    "cauldron": _cauldron,
    **prop_furniture.DRAWN,
}
