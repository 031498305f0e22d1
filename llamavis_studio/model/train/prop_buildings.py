"""Things that stand built: well, tent, towers, houses, stall, arches, door, portal, bridge, pillar,
rail track.

The helpers at the top, for stones, beams and rims, serve the smaller structures as well.
"""

from __future__ import annotations

import math

import numpy as np

from llamavis_studio.model.train.prop_sketch import FINE, Draw, Field, Light, Mask, Point, Sketch

Rng = np.random.Generator
Box = tuple[float, float, float, float]


def edge(s: Sketch, mask: Mask, paint: str, light: float = 0.2, width: float = 0.8) -> None:
    """A dark rim inside a shape, to set it off from what lies behind."""
    n = round(width * FINE)
    wide = np.pad(mask, n)
    inner = wide[2 * n :, n:-n] & wide[: -2 * n, n:-n] & wide[n:-n, 2 * n :] & wide[n:-n, : -2 * n]
    s.paint(mask & ~inner, paint, light)


def post(s: Sketch, box: Box, paint: str, within: Mask | None = None) -> Mask:
    """A beam that stands, lit from the left."""
    return s.box(*box, paint, Light.across(box[0], box[2], [3.4, 2.8, 1.8, 0.6]), within)


def beam(s: Sketch, box: Box, paint: str, within: Mask | None = None) -> Mask:
    """A beam that lies, lit from above."""
    return s.box(*box, paint, Light.down(box[1], box[3], [3.4, 2.8, 1.8, 0.6]), within)


def slabs(
    s: Sketch, mask: Mask, box: Box, size: Point, paint: str, light: Field, rng: Rng
) -> None:  # fmt: skip
    """Courses of stones, or planks when one side is long: each its own shade, joints dark."""
    w, h = size
    for row, y in enumerate(np.arange(box[1], box[3], h)):
        for x in np.arange(box[0] - row % 2 * w / 2, box[2], w):
            s.box(x, y, x + w, y + h, paint, np.maximum(light - 1.5, 0.1), mask)
            shade = light + rng.uniform(-0.45, 0.45)
            s.box(x, y, x + w - 0.9, y + h - 0.9, paint, shade, mask)
            s.box(x, y, x + w - 0.9, y + 0.8, paint, shade + 0.7, mask)


def arch(x0: float, y0: float, x1: float, y1: float) -> list[Point]:
    """The outline of an opening with a round top, from foot to foot."""
    r = (x1 - x0) / 2
    turns = np.linspace(math.pi, 0, 16)
    top = [(x0 + r + r * math.cos(t), y0 + r - r * math.sin(t)) for t in turns]
    return [(x0, y1), *top, (x1, y1)]


def thatch(s: Sketch, mask: Mask, paint: str, rng: Rng, lean: float = 0.5) -> None:
    """Strands of straw on a roof whose ridge stands above x = 16, and its ragged edge."""
    for _ in range(46):
        x, y = rng.uniform(1, 31), rng.uniform(2, 20)
        turn = (x - 16) / 16 * lean * 3
        light = float(rng.choice([0.6, 1.2, 3.2, 3.8]))
        s.line([(x, y), (x + turn, y + 3)], 0.7, paint, light, mask)
    edge(s, mask, paint, 0.6)


def _well(s: Sketch, paint: str, rng: Rng) -> None:
    wood = str(rng.choice(["brown", "dark brown"]))
    roof = str(rng.choice(["dark red", "blue", "dark green"]))
    left, right = 4 - rng.uniform(0, 1), 28 + rng.uniform(0, 1)
    light = Light.across(left, right, [2.4, 3.2, 2.6, 1.8, 0.8])
    s.oval(left, 17, right, 23, paint, 3.2)
    s.oval(left + 2.4, 18, right - 2.4, 22.6, "dark blue", 0.6)
    for x in (5.0, 24.0):
        post(s, (x, 8, x + 3, 21), wood)
    s.box(15, 9, 17, 14, "tan", 3.6)
    pail = s.polygon([(12, 13), (20, 13), (19, 20.4), (13, 20.4)], "light brown",
                     Light.across(12, 20, [3.8, 2.6, 1.6]))  # fmt: skip
    s.box(12, 16, 20, 17, "dark brown", 1.6, pail)
    body = s.box(left, 20, right, 27, paint, light) | s.oval(left, 23, right, 30, paint, light)
    slabs(s, body, (left, 21, right, 31), (6, 4), paint, light, rng)
    s.box(left, 20, right, 21.4, paint, 3.6)
    top = s.polygon([(1.4, 10), (8, 1.6), (24, 1.6), (30.6, 10)], roof,
                    Light.across(3, 29, [3.2, 2.8, 2, 1]))  # fmt: skip
    for y in (4.0, 7.0):
        s.box(0, y, 32, y + 1, roof, 0.6, top)
    s.box(1, 9, 31, 10, roof, 0.3, top)


def _tent(s: Sketch, paint: str, rng: Rng) -> None:
    top, back = rng.uniform(4, 5.5), rng.uniform(7, 9)
    s.line([(15, top - 2.5), (12, top + 2)], 1.4, "light brown", 3)
    s.line([(11, top - 2.5), (14, top + 2)], 1.4, "light brown", 3)
    side = s.polygon([(13, top), (22, back), (30.5, 25), (23, 29.5)], paint,
                     Light.across(13, 31, [1.6, 1.2, 0.6]))  # fmt: skip
    s.line([(17.5, top + 1.5), (27, 27)], 0.8, paint, 0.2, side)
    front = s.polygon([(13, top), (23.5, 29.5), (1.5, 29.5)], paint,
                      Light.across(2, 23, [3.6, 2.8, 2.0]))  # fmt: skip
    s.line([(13, top), (23.5, 29.5)], 1.2, paint, 3.8, front)
    s.line([(13, top), (1.5, 29.5)], 1.0, paint, 4.0, front)
    s.polygon([(12.8, top + 5), (18, 29.5), (7.5, 29.5)], "dark brown",
              Light.down(top + 5, 30, [0, 0.2, 1.4]))  # fmt: skip
    flap = s.polygon([(12.8, top + 5), (18.2, 29.5), (21.5, 29.5)], paint, 3.6)
    edge(s, flap, paint, 1.0, 0.6)
    s.polygon([(12.8, top + 5), (7.8, 29.5), (5.0, 29.5)], paint, 3.9)


def _bridge(s: Sketch, paint: str, rng: Rng) -> None:
    rise = rng.uniform(4, 6)

    def curve(y: float, high: float = 1.0) -> list[Point]:
        turns = np.linspace(0, math.pi, 17)
        return [(1.4 + 29.2 * i / 16, y - rise * high * math.sin(t)) for i, t in enumerate(turns)]

    rope = str(rng.choice(["tan", paint]))
    s.line([(x, y) for x, y in curve(14.5) if 2.5 < x < 29.5], 3.0, rope, 3.2)
    for x in (3.2, 11.7, 20.3, 28.8):
        foot = 22 - rise * math.sin((x - 1.4) / 29.2 * math.pi)
        post(s, (x - 1.8, foot - 11, x + 1.8, foot + 2), paint)
    deck = s.polygon([*curve(22), *reversed(curve(29.6, 0.9))], paint, 2)
    for i in range(6):
        x, light = 1 + i * 5, rng.uniform(1.8, 2.8)
        s.box(x, 8, x + 5, 31, paint, light - 1.8, deck)
        s.box(x, 8, x + 4, 31, paint, light, deck)
    s.line(curve(23.4), 2.0, paint, 3.8, deck)
    s.line(curve(28.6, 0.9), 1.6, paint, 0.2, deck)


def _portcullis(s: Sketch, paint: str, rng: Rng) -> None:
    light = Light.across(1, 31, [2.8, 2.6, 2.2, 1.6])
    wall = s.polygon(arch(1, 1, 31, 30.5), paint, 2)
    slabs(s, wall, (1, 1, 31, 31), (6, 4), paint, light, rng)
    _voussoirs(s, (16, 15.5), 9, 14, paint)
    hole = s.polygon(arch(6, 6, 26, 30.6), "black", 0.2)
    iron, shine = ("dark grey", 2.4) if paint != "dark grey" else ("grey", 2.0)
    drop = float(rng.choice([26.0, 28.0, 24.0]))
    for y in (10.0, 15.0, 20.0):
        s.box(0, y, 32, y + 2, iron, Light.down(y, y + 2, [shine + 1, shine - 0.6]), hole)
    for x in (8.0, 13.0, 18.0, 23.0):
        s.box(x - 0.5, 4, x + 1.5, drop - 2, iron, shine + 0.6, hole)
        s.box(x + 0.5, 4, x + 1.5, drop - 2, iron, shine - 0.8, hole)
        s.polygon([(x - 1, drop - 2), (x + 2, drop - 2), (x + 0.5, drop + 1.6)], iron, 4, hole)
        for y in (10.0, 15.0, 20.0):
            s.box(x - 0.4, y, x + 1, y + 1, "white", 1.6, hole)


def _voussoirs(s: Sketch, middle: Point, inner: float, outer: float, paint: str) -> None:
    """The wedge stones round the top of an arch."""
    for i in range(7):
        spans = np.pi * (1 - (i + np.array([0.04, 0.96])) / 7)
        ring = [
            (r, t) for r, t in zip([inner, outer, outer, inner], spans[[0, 0, 1, 1]], strict=True)
        ]
        at = [(middle[0] + r * math.cos(t), middle[1] - r * math.sin(t)) for r, t in ring]
        wedge = s.polygon(at, paint, 3.2 - i * 0.22)
        edge(s, wedge, paint, 0.6, 0.5)


def _arch(s: Sketch, paint: str, rng: Rng) -> None:
    light = Light.across(2, 30, [3.0, 2.6, 2.2, 1.4])
    thick = float(rng.choice([6, 7, 8]))
    body = s.polygon(arch(1, 2, 31, 30), paint, 2)
    for x in (1.0, 31 - thick):
        slabs(s, body, (x, 18, x + thick, 30), (thick * 0.6, 4), paint, light, rng)
    s.erase(Sketch().polygon(arch(1 + thick, 2 + thick, 31 - thick, 32), "black"))
    _voussoirs(s, (16, 17), 15 - thick, 15, paint)
    for x in (1.0, 30 - thick):
        for y in (16.0, 27.0):
            block = beam(s, (x, y, x + thick + 1, y + 3.4), paint)
            s.box(0, y + 2.4, 32, y + 3.4, paint, 0.4, block)
    key = s.polygon([(13, 1), (19, 1), (18, 3 + thick), (14, 3 + thick)], paint, 3.4)
    edge(s, key, paint, 0.5)


def _windmill(s: Sketch, paint: str, rng: Rng) -> None:
    roof = "dark red" if paint not in ("red", "brown") else "dark brown"
    light = Light.across(8, 24, [3, 2.6, 1.8, 0.7])
    tower = s.polygon([(11, 11), (21, 11), (24.6, 30.4), (7.4, 30.4)], paint, light)
    slabs(s, tower, (6, 18, 26, 31), (8, 4), paint, light, rng)
    s.polygon(arch(13, 23.6, 19, 30.4), "dark brown", Light.across(13, 19, [3, 1.4]))
    cap = s.polygon([(9.6, 14), (12, 8), (16, 5), (20, 8), (22.4, 14)], roof,
                    Light.across(10, 22, [3.2, 2, 0.8]))  # fmt: skip
    tilt = math.pi / 4 + rng.uniform(-0.16, 0.16)
    for i in range(4):
        _sail(s, tilt + i * math.pi / 2, "tan" if paint == "white" else "white", tower | cap)
    s.oval(14, 10, 18, 14, "dark brown", Light.round(15.2, 11.4, 3.2, (4, 2, 1)))


def _sail(s: Sketch, turn: float, paint: str, behind: Mask) -> None:
    c, n = math.cos(turn), math.sin(turn)

    def at(far: float, side: float) -> Point:
        return 16 + c * far - n * side, 12 + n * far + c * side

    s.polygon([at(4, -2.8), at(12.2, -3.2), at(12.2, 3.2), at(4, 2.8)], "dark brown", 1, behind)
    s.polygon([at(4.6, -2), at(12.2, -2.6), at(12.2, 2.6), at(4.6, 2)], paint, 3)
    s.line([at(8.6, -2.4), at(8.6, 2.4)], 0.8, "brown", 2.4)
    s.line([at(0, 0), at(12, 0)], 1.3, "brown", 1.4)


def _watchtower(s: Sketch, paint: str, rng: Rng) -> None:
    y = float(rng.choice([3, 7]))
    if y > 5:
        s.box(10, 1, 12, 9, "dark brown", 3)
        s.polygon([(12, 1.2), (22, 3.4), (12, 6.4)], "red" if paint != "red" else "blue", 3)
    light = Light.across(9, 23, [2.8, 2.8, 2.0, 1.2, 0.6])
    shaft = s.polygon([(10, y + 6), (22, y + 6), (24, 30.4), (8, 30.4)], paint, light)
    slabs(s, shaft, (7, 15, 25, 31), (6, 3), paint, light, rng)
    s.box(9, y + 9, 23, y + 11, paint, 0.2, shaft)
    crown = s.box(6, y + 3, 26, y + 8, paint, 2)
    for x in (6.0, 11.0, 16.0, 21.0):
        crown |= s.box(x, y, x + 4 + (x > 20), y + 4, paint, 2)
    wide = Light.across(6, 26, [3.4, 3, 2.4, 1.6, 0.9])
    slabs(s, crown, (6, y, 26, y + 9), (5, 3), paint, wide, rng)
    s.polygon([(7, y + 8), (25, y + 8), (22, y + 10), (10, y + 10)], paint, 0.8)
    s.polygon(arch(14, y + 11, 18, y + 16), "dark brown", 0.4)
    s.polygon(arch(15, y + 12, 17, y + 15.2), "yellow", 3.4)
    door = s.polygon(arch(13, 24.6, 19, 30.4), "brown", Light.across(13, 19, [3, 2, 1]))
    edge(s, door, "dark brown", 0.4)


def _lighthouse(s: Sketch, paint: str, rng: Rng) -> None:
    light = Light.across(9, 23, [2.8, 3.2, 2.6, 1.6, 0.6])
    white = Light.across(9, 23, [2.4, 3.2, 2.4, 1.4, 0.6])
    s.polygon([(4, 30.4), (6, 27.4), (11, 26.4), (21, 26.4), (26.5, 28), (28, 30.4)], "grey",
              Light.across(4, 28, [2.8, 2, 0.8]))  # fmt: skip
    tower = s.polygon([(12.4, 11), (19.6, 11), (22.6, 28.6), (9.4, 28.6)], "white", white)
    tall = rng.uniform(3.2, 3.8)
    for y in (13.0, 13.0 + 2 * tall, 13.0 + 4 * tall):
        s.box(0, y, 32, y + tall, paint, light, tower)
    s.polygon(arch(14.2, 23.5, 17.8, 28.6), "dark brown", 1)
    s.box(15, 17, 17, 19.2, "dark blue", 1)
    if rng.random() < 0.6:
        s.polygon([(12, 6), (2, 2), (2, 12.6), (12, 9.6)], "yellow", 3.6)
        s.polygon([(20, 6), (30, 2), (30, 12.6), (20, 9.6)], "yellow", 3.6)
    glass = s.box(12.6, 5.2, 19.4, 10.5, "yellow", Light.round(15.4, 7.4, 5, (4, 3.6, 2.4)))
    s.oval(14.4, 6, 17.4, 9.4, "white", 4, glass)
    for x in (12.6, 18.4):
        s.box(x, 5.2, x + 1, 10.5, "dark grey", 1.4)
    beam(s, (10.6, 10, 21.4, 12.2), "dark grey")
    s.polygon([(11.2, 5.8), (16, 1), (20.8, 5.8)], paint, Light.across(11, 21, [3.6, 2.4, 0.8]))


def _cottage(s: Sketch, paint: str, rng: Rng) -> None:
    straw = str(rng.choice(["light brown", "yellow"]))
    timber = "dark brown" if paint != "dark brown" else "tan"
    pipe = s.box(21, 2.5, 26, 12, "grey", 2)
    slabs(s, pipe, (21, 2.5, 26, 12), (3, 3), "grey", Light.across(21, 26, [3, 1.2]), rng)
    wall = s.box(4.5, 13, 27.5, 30, paint, Light.down(13, 30, [1.2, 2.2, 2.6, 2.6]))
    for x in (4.5, 25.9):
        s.box(x, 15, x + 1.6, 30, timber, 2)
    s.box(4.5, 28.4, 27.5, 30, "grey", 1.6, wall)
    door = s.polygon(arch(10.5, 19, 17, 30), "brown", Light.across(10, 17, [3, 2, 1]))
    edge(s, door, "dark brown", 0.3)
    s.box(15, 24.5, 16, 25.5, "yellow", 3)
    s.box(19.2, 19.4, 25, 25, timber, 1.4)
    s.box(20, 20.2, 24.2, 24.2, "yellow", Light.round(21, 21, 5, (4, 3, 2)))
    s.box(21.7, 20, 22.5, 25, timber, 1.4)
    roof = s.polygon([(1.2, 17.6), (8, 5.5), (10, 4.2), (22, 4.2), (24, 5.5), (30.8, 17.6),
                      (28, 18.6), (16, 17.4), (4, 18.6)], straw,
                     Light.down(4, 18, [3.2, 2.6, 2, 1.2]))  # fmt: skip
    thatch(s, roof, straw, rng)
    s.box(8.6, 4.2, 23.4, 6.4, straw, Light.down(4, 6.6, [3.8, 1.2]), roof)


def _hut(s: Sketch, paint: str, rng: Rng) -> None:
    mud = Light.across(6, 26, [2.8, 2.6, 1.8, 0.8])
    wall = s.box(6, 15, 26, 28, "brown", mud) | s.oval(6, 25, 26, 30.4, "brown", mud)
    for x in np.arange(6.5, 26, 3):
        s.box(x, 15, x + 0.9, 31, "brown", 0.5, wall)
    s.box(5, 23, 27, 24.4, "tan", 2, wall)
    s.polygon(arch(12, 19, 20, 30.6), "light brown", 2.6)
    s.polygon(arch(13.2, 20.4, 18.8, 30.6), "black", 0.6)
    eaves = [(1 + i * 2.5, 18 + (i % 2) * 1.6 + rng.uniform(0, 0.8)) for i in range(13)]
    peak = rng.uniform(2.5, 4)
    roof = s.polygon([(13.5, peak + 1), (18.5, peak + 1), (24, 9.5), *reversed(eaves), (8, 9.5)],
                     paint, Light.across(2, 30, [2.6, 3.2, 2.4, 1.4, 0.6]))  # fmt: skip
    thatch(s, roof, paint, rng)
    s.line([(9, 11.4), (16, 12.6), (23, 11.4)], 1.2, "brown", 1, roof)
    knot = s.polygon([(14, peak - 1.6), (18, peak - 1.6), (19, peak + 2), (13, peak + 2)], paint, 3)
    edge(s, knot, "brown", 1, 0.6)


def _stall(s: Sketch, paint: str, rng: Rng) -> None:
    for x in (3.0, 27.0):
        post(s, (x, 10, x + 2, 30), "brown")
    s.box(5, 11, 27, 21, "dark brown", 0.4)
    goods = rng.permutation(["red", "orange", "green", "yellow"])
    for i in range(5):
        x, ware = 5.6 + i * 4.2, str(goods[i % 3])
        s.oval(x, 15, x + 4.4, 20.6, ware, 1.4)
        s.oval(x + 0.4, 15.4, x + 3.2, 19, ware, 3)
    front = s.box(3, 21.5, 29, 30, "brown", 2)
    slabs(s, front, (3, 21.5, 29, 30.5), (5.2, 10), "brown", Light.across(3, 29, [2.4, 1.6]), rng)
    beam(s, (2, 20, 30, 22.6), "light brown")
    other = "white" if paint != "white" else "red"
    for i in range(7):
        a, b = 1.4 + i * 4.17, 1.4 + (i + 1) * 4.17
        top = [(16 + (x - 16) * 0.8, 1.4) for x in (a, b)]
        cloth = paint if i % 2 == 0 else other
        s.polygon([*top, (b, 8), (a, 8)], cloth, Light.down(1.4, 8, [3.4, 2.6]))
        s.oval(a, 7, b, 12.6, cloth, 1.4)
        s.box(a, 8, b, 10, cloth, 1.4)
        s.box(a, 8, b, 9, cloth, 0.5)


def _pillar(s: Sketch, paint: str, rng: Rng) -> None:
    half = rng.uniform(5.4, 6.8)
    light = Light.across(16 - half, 16 + half, [2.2, 3.4, 2.8, 1.8, 0.6])
    shaft = s.box(16 - half, 6, 16 + half, 27, paint, light)
    count = int(rng.choice([4, 5]))
    for i in range(1, count):
        x = 16 - half + i * 2 * half / count
        s.box(x - 0.5, 8, x + 0.5, 24, paint, light - 1.6, shaft)
    wide = Light.across(6, 26, [2.8, 3.6, 2.6, 1.4, 0.6])
    for y, reach, tall in ((1.5, 4.4, 2.8), (4.2, 2.8, 2.2), (25.0, 2.0, 2.4), (27.0, 4.4, 3.4)):
        slab = s.box(16 - half - reach, y, 16 + half + reach, y + tall, paint, wide, corner=0.6)
        s.box(0, y + tall - 0.9, 32, y + tall, paint, 0.6, slab)


def _door(s: Sketch, paint: str, rng: Rng) -> None:
    frame = s.polygon(arch(4, 1, 28, 30.6), "grey", Light.across(4, 28, [3.2, 2, 1.2]))
    slabs(s, frame, (4, 12, 30, 31), (24, 4), "grey", Light.across(4, 28, [3, 2, 1.2]), rng)
    _voussoirs(s, (16, 13), 8.5, 12, "grey")
    leaf = s.polygon(arch(7, 4, 25, 30.6), paint, 2)
    grain = Light.down(4, 31, [1.6, 2.4, 2.2, 1.8])
    slabs(s, leaf, (7, 3, 25, 31), (float(rng.choice([3.6, 4.5])), 30), paint, grain, rng)
    for y in (10.0, 23.0):
        s.box(0, y, 32, y + 2.4, "dark grey", Light.down(y, y + 2.4, [3.6, 1.2]), leaf)
        for x in (9.0, 15.4, 21.8):
            s.box(x, y + 0.4, x + 1.2, y + 1.6, "white", 2, leaf)
    edge(s, leaf, paint, 0.1)
    s.ring(19.4, 15.6, 23.4, 20, 1.2, "yellow", 2.6)


def _portal(s: Sketch, paint: str, rng: Rng) -> None:
    stone = "grey" if paint != "grey" else "brown"
    ring = s.oval(2, 1.4, 30, 30.6, stone, Light.round(10, 8, 25, (3.6, 3, 2, 1)))
    for i in range(12):
        t = (i + 0.5) * math.pi / 6
        joint = [(16 + r * math.cos(t), 16 + r * math.sin(t)) for r in (9.0, 16.0)]
        s.line(joint, 0.9, stone, 0.4, ring)
    s.oval(5.6, 5, 26.4, 27, paint, 0.2)
    glow = s.oval(6.4, 5.8, 25.6, 26.2, paint, Light.round(16, 16, 11, (4, 3.4, 2.2, 1.2, 0.6)))
    start, way = rng.uniform(0, 6.3), rng.choice([-1, 1])
    for arm in range(3):
        turns = np.linspace(0, 3.6, 14)
        angles = start + arm * 2.1 + way * turns
        far = 1 + turns * 2.6
        arc = [
            (16 + f * math.cos(a), 16 + f * math.sin(a)) for f, a in zip(far, angles, strict=True)
        ]
        s.line(arc, 1.5, paint, 3.9, glow)
        s.line([(x + 1.2, y + 1.4) for x, y in arc], 1.0, paint, 0.3, glow)
    s.oval(14, 14, 18, 18, "white", 4)
    for x, y in ((16, 3.2), (16, 28.8), (3.8, 16), (28.2, 16)):
        s.oval(x - 1.3, y - 1.3, x + 1.3, y + 1.3, paint, 4)


def _rails(s: Sketch, paint: str, rng: Rng) -> None:
    step = float(rng.choice([6.0, 7.5]))
    for y in np.arange(1.4, 29, step):
        y0 = float(y)
        sleeper = s.box(
            2.4, y0, 29.6, y0 + 4.6, paint, Light.down(y0, y0 + 4.6, [3.6, 2.6, 1.6, 0.8])
        )
        for _ in range(4):
            x = rng.uniform(3, 26)
            s.line([(x, y0 + 2.4), (x + 3, y0 + 2.4)], 0.8, paint, 0.8, sleeper)
    steel = "grey" if paint != "grey" else "dark grey"
    for x in (6.4, 21.6):
        s.box(x, 1, x + 4, 31, steel, Light.across(x, x + 4, [1, 3.8, 4, 2.4, 0.6]))
        for y in np.arange(1.4, 29, step):
            for side in (x - 1.4, x + 4):
                s.box(side, float(y) + 1.4, side + 1.4, float(y) + 2.8, "dark grey", 1)


DRAWN: dict[str, Draw] = {
    "stone well": _well,
    "tent": _tent,
    "wooden bridge": _bridge,
    "portcullis": _portcullis,
    "stone arch": _arch,
    "windmill": _windmill,
    "watchtower": _watchtower,
    "lighthouse": _lighthouse,
    "cottage": _cottage,
    "hut": _hut,
    "market stall": _stall,
    "stone pillar": _pillar,
    "wooden door": _door,
    "portal": _portal,
    "rail track": _rails,
}
