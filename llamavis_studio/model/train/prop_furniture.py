"""What stands in a room or hangs on its wall, and what is carried from it: bookshelf, table, chair,
bed, anvil, lever, gear, coins, swords, round shield, rope, backpack.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from llamavis_studio.model.train.prop_sketch import Draw, Field, Light, Point, Sketch

Rng = np.random.Generator
_SPINES = ["red", "blue", "green", "yellow", "purple", "orange", "teal", "white", "dark red"]


def _bookshelf(s: Sketch, paint: str, rng: Rng) -> None:
    s.box(3, 2, 29, 31, paint, Light.across(3, 29, [2.8, 2.2, 1.4]))
    s.box(2, 1, 30, 5, paint, Light.down(1, 5, [3.8, 2.4, 1.2]))
    for low in (12, 20, 28):
        s.box(6, low - 7, 26, low, paint, Light.down(low - 7, low, [-0.4, 0.3]))
        _books(s, 6, 26, low, rng)
        s.box(5, low, 27, low + 1, paint, 3.2)
    s.box(5, 5, 27, 5.8, paint, 0.0)


def _books(s: Sketch, left: int, right: int, low: int, rng: Rng) -> None:
    """A row of books that stand on a board, now and then with a gap."""
    x, last = left, ""
    while x < right - 1:
        wide = int(rng.choice([2, 2, 3]))
        wide = wide if right - x - wide != 1 else 2
        wide = min(wide, right - x)
        if rng.random() < 0.08:
            x += 2
            continue
        high = int(rng.choice([5, 6, 6]))
        paint = str(rng.choice([spine for spine in _SPINES if spine != last]))
        s.box(x, low - high, x + 1, low, paint, 3.0)
        s.box(x + 1, low - high, x + wide, low, paint, 1.2 if wide == 2 else 2.0)
        if wide == 3:
            s.box(x + 2, low - high, x + 3, low, paint, 0.8)
            s.box(x, low - high + 1, x + 3, low - high + 2, "yellow", 3)
        x, last = x + wide, paint


def _table(s: Sketch, paint: str, rng: Rng) -> None:
    far, back = float(rng.integers(7, 10)), float(rng.integers(4, 7))
    for x in (9, 19):
        s.box(x, 17, x + 4, 25, paint, Light.across(x, x + 4, [1.2, 0.2]))
    for x in (3, 25):
        s.box(x, 17, x + 4, 30, paint, Light.across(x, x + 4, [3.2, 2.2, 0.8]))
    s.box(4, 17, 28, 20, paint, Light.across(4, 28, [1.0, 0.4]))
    s.polygon(
        [(1, 15), (back, far), (32 - back, far), (31, 15)], paint, Light.down(far, 15, [2.6, 3.4])
    )
    for i in range(1, 4):
        slope = [(back + (32 - 2 * back) * i / 4, far), (1 + 30 * i / 4, 15)]
        s.line(slope, 0.7, paint, 1.6)
    s.box(1, 14, 31, 15, paint, 4.0)
    s.box(1, 15, 31, 18, paint, Light.across(1, 31, [2.4, 2.0, 1.2]))


def _chair(s: Sketch, paint: str, rng: Rng) -> None:
    top = float(rng.integers(1, 4))
    s.box(6, 15, 9, 27, paint, 0.8)
    s.box(18, 22, 21, 27, paint, 0.3)
    s.box(6, top, 9, 19, paint, Light.across(6, 9, [3.8, 2.0]))
    s.box(19, top, 22, 18, paint, Light.across(19, 22, [3.0, 1.0]))
    if rng.random() < 0.5:
        for y in (top + 1, top + 6):
            s.box(9, y, 19, y + 4, paint, Light.down(y, y + 4, [3.4, 2.6, 0.8]))
    else:
        s.box(9, top, 19, top + 4, paint, Light.down(top, top + 4, [3.4, 2.6, 0.8]))
        for x in (10, 15):
            s.box(x, top + 4, x + 3, 17, paint, Light.across(x, x + 3, [2.6, 1.0]))
    s.polygon([(6, 15), (21, 15), (27, 22), (10, 22)], paint, Light.down(15, 22, [2.8, 4.0]))
    s.polygon([(6, 15), (10, 22), (10, 25), (6, 18)], paint, 1.4)
    s.box(10, 22, 27, 24, paint, Light.across(10, 27, [1.8, 1.0]))
    for x in (10, 23):
        s.box(x, 23, x + 4, 31, paint, Light.across(x, x + 4, [3.2, 2.0, 0.8]))


def _bed(s: Sketch, paint: str, rng: Rng) -> None:
    wide = float(rng.integers(9, 13))
    left, right = 16 - wide, 16 + wide
    wood = "brown" if paint != "brown" else "dark brown"
    s.box(left, 1, right, 16, wood, Light.down(1, 8, [3.6, 2.6, 1.6]), corner=2.5)
    s.box(left + 3, 4, right - 3, 6, wood, 0.6)
    s.box(left + 1, 7, right - 1, 27, "white", 1.0)
    pillows = [(left + 3, right - 3)]
    if wide >= 11:
        pillows = [(left + 2, 15.0), (17.0, right - 2)]
    for x0, x1 in pillows:
        s.box(x0, 7, x1, 13, "white", Light.round(x0 + 3, 8, 11, [4, 4, 3.2, 2.0]), corner=2)
        s.box(x0 + 1, 12.4, x1 - 1, 13.2, "grey", 2.2)
    cloth = Light.across(left, right, [3.4, 2.8, 2.0, 1.0])
    cover = s.box(left, 14, right, 29, paint, cloth)
    s.box(left, 14, right, 17, "white", Light.across(left, right, [4, 3.4, 2.2]))
    s.box(left, 17, right, 18, paint, cloth - 1.6)
    start = left + float(rng.integers(2, 5))
    for x in np.arange(start, right, 5):
        s.box(x, 18, x + 1, 28, paint, cloth - 0.8, within=cover)
    s.box(left, 22, right, 23, paint, cloth - 0.8, within=cover)
    s.box(left, 27, right, 30, wood, Light.down(27, 30, [3.8, 2.4, 1.4]))
    for x in (left, right - 3):
        s.box(x, 25, x + 3, 31, wood, Light.across(x, x + 3, [3.6, 1.6]))


def _anvil(s: Sketch, paint: str, rng: Rng) -> None:
    waist, horn = rng.uniform(4.0, 5.0), rng.uniform(1.0, 2.5)
    dark = Light.across(6, 28, [2.4, 2.0, 1.2, 0.4])
    s.polygon([(16 - waist, 17), (19 + waist, 17), (18 + waist, 26), (17 - waist, 26)], paint, dark)
    s.polygon([(9, 24), (25, 24), (28, 27), (28, 30), (6, 30), (6, 27)], paint, dark)
    s.box(6, 27, 28, 28, paint, Light.across(6, 28, [3.6, 2.8, 1.4]))
    s.polygon([(horn, 10), (9, 9), (10, 17), (5, 14)], paint, Light.down(9, 16, [3.6, 2.2, 0.6]))
    s.polygon([(9, 10), (30, 10), (30, 15), (25, 16), (20, 19), (14, 19), (10, 16)], paint, 1.2)
    s.box(9, 11, 30, 15, paint, Light.across(9, 30, [2.4, 1.8, 1.2]))
    s.polygon([(9, 11), (12, 6), (30, 6), (30, 11)], paint, Light.across(9, 30, [4.0, 3.6, 2.8]))
    s.polygon([(horn, 10.5), (12, 6.5), (9, 11)], paint, 3.4)
    s.box(25, 7, 27, 9, "black", 1)


def _lever(s: Sketch, paint: str, rng: Rng) -> None:
    side = float(rng.choice([-1, 1]))
    tip = 16 + side * rng.uniform(6, 9)
    stone = Light.across(5, 27, [3.0, 2.4, 1.4])
    s.polygon([(8, 21), (24, 21), (28, 25), (4, 25)], "grey", Light.down(21, 25, [3.0, 3.8]))
    s.box(4, 25, 28, 30, "grey", stone)
    for x, y in ((9, 27), (16, 28), (22, 27)):
        s.box(x, y, x + 2, y + 1, "grey", 0.8)
    s.oval(11, 21.5, 21, 25, "black", 0.8)
    s.line([(16, 23.5), (tip, 8)], 4.2, "light brown", 1.0)
    s.line([(15.2, 23), (tip - 0.8, 8)], 2.2, "light brown", 3.0)
    ball = Light.round(tip - 1.6, 5, 7.5)
    s.oval(tip - 4.5, 2.2, tip + 4.5, 11.2, paint, ball)


def _slanted(points: Sequence[Point]) -> list[Point]:
    """Points along and across a diagonal, from the lower left corner, on the sheet."""
    half = 0.5**0.5
    return [(3.6 + (u + v) * half, 28.4 - (u - v) * half) for u, v in points]


_CLEAN = (2.47, 3.18)
"""Half widths of a diagonal band whose edge is an even stair of pixels."""


def _handle(s: Sketch, paint: str, guard: str, wide: float) -> None:
    """Grip and guard of a sword; v grows down and to the right."""
    s.polygon(_slanted([(2, -2), (9, -2), (9, 2), (2, 2)]), paint, 1.2)
    s.polygon(_slanted([(2, -2), (9, -2), (9, 0), (2, 0)]), paint, 3.0)
    s.polygon(_slanted([(8.5, -wide), (12, -wide), (12, wide), (8.5, wide)]), guard, 1.4)
    s.polygon(_slanted([(10.2, -wide), (12, -wide), (12, wide), (10.2, wide)]), guard, 3.2)
    s.polygon(_slanted([(-0.5, -2.5), (3, -2.5), (3, 2.5), (-0.5, 2.5)]), guard, 1.6)
    s.polygon(_slanted([(-0.5, -2.5), (3, -2.5), (3, 0), (-0.5, 0)]), guard, 3.2)


def _sword(s: Sketch, paint: str, rng: Rng) -> None:
    wide = float(rng.choice(_CLEAN))
    guard = "grey" if paint == "yellow" else "yellow"
    s.polygon(_slanted([(11, 0), (11, wide), (32, wide), (37.4, 0)]), paint, 1.2)
    s.polygon(_slanted([(11, 0), (11, -wide), (32, -wide), (37.4, 0)]), paint, 3.9)
    s.polygon(_slanted([(11, -0.6), (30, -0.6), (32, 0), (30, 0.6), (11, 0.6)]), paint, 2.4)
    _handle(s, str(rng.choice(["brown", "dark red", "dark blue"])), guard, rng.uniform(5.5, 7.0))


def _wooden_sword(s: Sketch, paint: str, rng: Rng) -> None:
    wide = _CLEAN[1]
    s.polygon(_slanted([(11, 0), (11, wide), (33, wide), (35.5, 0)]), paint, 1.5)
    s.polygon(_slanted([(11, 0), (11, -wide), (33, -wide), (35.5, 0)]), paint, 3.0)
    for u in rng.uniform(13, 27, 3):
        v = float(rng.choice([-1.8, 0.2, 1.6]))
        s.line(_slanted([(u, v), (u + 5, v)]), 0.7, paint, 0.5)
    _handle(s, "dark brown", paint, rng.uniform(5.5, 7.0))


def _shield(s: Sketch, paint: str, rng: Rng) -> None:
    boards = int(rng.integers(4, 6))
    face = s.oval(2, 2, 30, 30, paint, Light.round(10, 10, 23, [3.4, 2.8, 2.0, 1.2, 0.6]))
    for i in range(1, boards):
        x = round(5 + 22 * i / boards)
        s.box(x, 0, x + 1, 32, paint, 0.4, within=face)
        s.box(x + 1, 0, x + 1.6, 32, paint, 3.4, within=face)
    s.ring(4.6, 4.6, 27.4, 27.4, 1.0, paint, 0.2)
    s.ring(2, 2, 30, 30, 3.4, "grey", Light.round(7, 7, 27, [4, 4, 3.0, 2.0, 1.0]))
    for turn in np.arange(8) * np.pi / 4 + np.pi / 8:
        x, y = np.round(15.5 + 11.5 * np.cos(turn)), np.round(15.5 + 11.5 * np.sin(turn))
        s.box(x, y, x + 1, y + 1, "dark grey", 0.6)
    boss = rng.uniform(4.2, 5.2)
    s.oval(15.4 - boss, 15.4 - boss, 17.6 + boss, 17.6 + boss, paint, 0.0)
    s.oval(
        16 - boss,
        16 - boss,
        16 + boss,
        16 + boss,
        "grey",
        Light.round(14, 14, 8, [4, 4, 3, 1.6, 0.6]),
    )


def _coin(s: Sketch, paint: str, rng: Rng) -> None:
    narrow = rng.uniform(9.5, 12)
    left, right = 14.5 - narrow, 14.5 + narrow
    edge = Light.down(3, 29, [2.2, 1.4, 0.4])
    back = s.oval(left + 3.5, 3, right + 3.5, 29, paint, edge)
    back |= s.box(14.5, 3, 18, 29, paint, edge)
    for y in range(5, 28, 2):
        s.box(14.5, y, 32, y + 1, paint, 0.2, within=back)
    s.oval(left, 3, right, 29, paint, Light.round(left + 4, 7, 26, [4, 3.6, 2.8, 2.2, 1.6]))
    s.oval(left + 3, 6, right - 3, 26, paint, Light.round(right - 4, 24, 22, [2.8, 2.2, 1.4, 0.6]))
    s.oval(left + 4, 7, right - 3, 26, paint, Light.round(left + 7, 11, 18, [2.8, 2.4, 1.8, 1.5]))
    thin = narrow / 12
    spokes = np.array([5.8, 2.6] * 5)
    turns = np.arange(10) * np.pi / 5 - np.pi / 2
    star = [
        (14.5 + thin * r * np.cos(a), 16 + r * np.sin(a))
        for r, a in zip(spokes, turns, strict=True)
    ]
    s.polygon([(x + 0.9, y + 0.9) for x, y in star], paint, 0.3)
    s.polygon(star, paint, 4.0)


def _rope(s: Sketch, paint: str, rng: Rng) -> None:
    tail = rng.uniform(27, 29)
    s.line([(22, 22), (tail, 25), (tail - 1, 29.5)], 3.6, paint, Light.across(20, 30, [2.6, 1.4]))
    for y in (24.5, 27.0, 29.0):
        s.line([(tail - 4, y + 1.2), (tail + 1, y - 0.6)], 0.8, paint, 0.3)
    slope = _slope()
    for radius in (13.5, 8.4):
        s.oval(15 - radius, 15 - radius, 15 + radius, 15 + radius, paint, slope + 0.3)
        _strands(s, radius, paint, rng)
        inner = radius - 4
        s.oval(15 - inner, 15 - inner, 15 + inner, 15 + inner, paint, 0.0)
    s.erase(s.oval(11, 11, 19, 19, paint))
    knot = float(rng.integers(11, 15))
    s.box(knot - 1, 1, knot + 8, 11, paint, 0.0)
    for x in (knot, knot + 2.5, knot + 5):
        s.box(x, 0.6, x + 2, 11.6, paint, Light.down(1, 11, [3.8, 3.0, 1.6]), corner=0.8)


def _strands(s: Sketch, radius: float, paint: str, rng: Rng) -> None:
    """The twist of a turn of rope, 4 px thick, around the middle of the coil."""
    count = round(radius * 1.7)
    start = rng.uniform(0, 1)
    for turn in (np.arange(count) + start) * 2 * np.pi / count:
        out, away = radius, radius - 4
        lean = turn + 3.0 / radius
        outer = (15 + out * np.cos(turn), 15 + out * np.sin(turn))
        inner = (15 + away * np.cos(lean), 15 + away * np.sin(lean))
        s.line([outer, inner], 1.0, paint, 0.9)


def _gear(s: Sketch, paint: str, rng: Rng) -> None:
    teeth, hole = int(rng.choice([6, 8, 8])), float(rng.integers(3, 5))
    slope = _slope()
    s.polygon(_cog(teeth, float(rng.choice([0.0, 0.5]))), paint, slope)
    s.ring(8, 8, 24, 24, 1.0, paint, slope - 1.8)
    s.oval(9, 9, 23, 23, paint, slope + 0.6)
    s.oval(15 - hole, 15 - hole, 17 + hole, 17 + hole, paint, 3.8 - slope)
    s.erase(s.oval(16 - hole, 16 - hole, 16 + hole, 16 + hole, paint))


def _slope() -> Field:
    """Light that falls off from the upper left corner to the lower right one."""
    levels = [4.0, 2.4, 0.6]
    both = (Light.across(2, 30, levels) + Light.down(2, 30, levels)) / 2
    return both.astype(np.float32)


def _cog(teeth: int, start: float) -> list[Point]:
    """The outline of a wheel with teeth that narrow outwards."""
    out: list[Point] = []
    for tooth in range(teeth):
        for part, radius in ((-0.31, 10.8), (-0.22, 14.4), (0.22, 14.4), (0.31, 10.8)):
            turn = (tooth + part + start) * 2 * np.pi / teeth
            out.append((16 + radius * np.cos(turn), 16 + radius * np.sin(turn)))
    return out


def _backpack(s: Sketch, paint: str, rng: Rng) -> None:
    leather = "brown" if paint != "brown" else "tan"
    roll = str(rng.choice(["tan", "teal", "dark red"]))
    high = float(rng.integers(16, 19))
    for x, level in ((3.0, 3.0), (24.0, 1.2)):
        s.box(x, 19, x + 5, 27, paint, level, corner=2)
    s.box(5.5, 19, 26.5, 27, paint, 0.0)
    s.box(6, 8, 26, 30, paint, Light.across(6, 26, [2.6, 2.2, 1.2]), corner=3)
    s.box(5, 9, 27, high, paint, Light.down(9, high, [3.8, 3.0, 2.2]), corner=4)
    s.box(5, 9, 27, 13, paint, Light.down(9, 13, [3.8, 3.2]))
    s.box(7, high, 25, high + 1, paint, 0.0)
    s.box(10, 22, 22, 29, paint, Light.down(22, 29, [3.2, 2.4, 1.6]), corner=1.5)
    s.ring(10, 22, 22, 29, 0.2, paint, 0.2)
    for x in (9, 22):
        s.box(x, 23, x + 1, 29, paint, 0.2)
    s.box(10, 24, 22, 25, paint, 0.4)
    s.box(4, 2, 28, 9, roll, Light.down(2, 9, [3.6, 3.0, 1.8, 0.8]), corner=3)
    s.box(5, 9, 27, 10, paint, 0.0)
    for x in (9, 20):
        s.box(x, 2, x + 3, high + 3, leather, Light.across(x, x + 3, [3.4, 1.2]))
        s.box(x, high, x + 3, high + 3, "yellow", Light.down(high, high + 3, [3.8, 1.8]))
    s.box(15, 24, 17, 26, "yellow", 2.6)


DRAWN: dict[str, Draw] = {
    "bookshelf": _bookshelf,
    "table": _table,
    "chair": _chair,
    "bed": _bed,
    "anvil": _anvil,
    "lever": _lever,
    "gear": _gear,
    "coin": _coin,
    "gold coin": _coin,
    "silver coin": _coin,
    "copper coin": _coin,
    "sword": _sword,
    "iron sword": _sword,
    "golden sword": _sword,
    "wooden sword": _wooden_sword,
    "round shield": _shield,
    "rope": _rope,
    "backpack": _backpack,
}
