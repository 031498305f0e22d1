"""Parts of a level and things beside the road: sign, fences, gate, lamp, gravestone, platforms,
island, button, spikes, banner, flag, mailbox, scarecrow, minecart, catapult, cannon.
"""

from __future__ import annotations

import math

import numpy as np

from llamavis_studio.model.train import prop_buildings
from llamavis_studio.model.train.prop_buildings import Box, Rng, arch, beam, edge, post
from llamavis_studio.model.train.prop_sketch import Draw, Light, Mask, Point, Sketch


def _sign(s: Sketch, paint: str, rng: Rng) -> None:
    post(s, (13, 2, 19, 30.4), paint)
    y = float(rng.choice([4, 5]))
    shape = [(2, y), (24, y), (30.6, y + 7), (24, y + 14), (2, y + 14), (4, y + 7)]
    if rng.random() < 0.5:
        shape = [(1.6, y + 1), (30, y), (30.6, y + 13), (2.4, y + 14)]
    light = Light.down(y, y + 14, [3.4, 2.8, 2.0, 1.4])
    board = s.polygon(shape, paint, light)
    s.box(0, y + 1, 32, y + 2, paint, 3.9, board)
    s.box(0, y + 7, 32, y + 8, paint, 0.6, board)
    ink = "dark brown" if paint not in ("dark brown", "brown") else "tan"
    for at, end in ((y + 4, float(rng.integers(20, 25))), (y + 10, float(rng.integers(15, 22)))):
        for start in np.arange(7, end, 5):
            s.box(float(start), at, min(float(start) + 4, end), at + 1.2, ink, 1.6)
    for x in (4.0, 26.0):
        s.box(x, y + 5, x + 1, y + 6, "grey", 3, board)


def _fence(s: Sketch, paint: str, rng: Rng) -> None:
    top = rng.uniform(4, 7)
    for y in (12.0, 21.5):
        beam(s, (1, y, 31, y + 3.4), paint)
    for x in (2.2, 9.8, 17.4, 25.0):
        peak = top + rng.uniform(0, 1.2)
        shape = [(x, peak + 3), (x + 2.4, peak), (x + 4.8, peak + 3), (x + 4.8, 30), (x, 30)]
        light = Light.across(x, x + 4.8, [3.6, 2.8, 2.0, 0.8]) + np.float32(rng.uniform(-0.3, 0.3))
        picket = s.polygon(shape, paint, light)
        edge(s, picket, paint, 0.2, 0.5)
        for y in (13.2, 22.7):
            s.box(x + 1.8, y, x + 3.0, y + 1.2, "dark grey", 1.0, picket)


def _iron_fence(s: Sketch, paint: str, rng: Rng) -> None:
    top = float(rng.integers(1, 5))
    bars = (2.0, 8.0, 14.0, 20.0, 26.0)
    for x in bars:
        s.box(x, 8, x + 3, 30, paint, Light.across(x, x + 3, [4, 4, 1]))
        m = x + 1.5
        tip = [(m, top), (m + 2.8, top + 4.6), (m + 1.4, top + 8), (m - 1.4, top + 8),
               (m - 2.8, top + 4.6)]  # fmt: skip
        s.polygon(tip, paint, Light.across(x, x + 3, [4, 4, 1.6]))
    for y in (12.0, 24.0):
        s.box(1, y, 30, y + 3, paint, Light.down(y, y + 3, [4, 3.4, 1.4]))


def _gate(s: Sketch, paint: str, rng: Rng) -> None:
    top = float(rng.integers(7, 10))
    ends = [(8.0, 25.0), (24.0, top + 3)]
    s.line(ends if rng.random() < 0.5 else [(8, top + 3), (24, 25)], 4, paint, 1.4)
    for y in (top, 24.0):
        beam(s, (5, y, 27, y + 4), paint)
    for x in (6.0, 23.0):
        post(s, (x, top, x + 3, 28), paint)
    for y in (top + 1, 25.0):
        s.box(4, y, 12, y + 2, "dark grey", Light.down(y, y + 2, [4, 2]))
    s.box(22, 17, 28, 19, "dark grey", Light.down(17, 19, [4, 2]))
    for x in (1.0, 26.0):
        pole = post(s, (x, 5, x + 5, 30.4), paint)
        edge(s, pole, paint, 0.2, 0.6)
        s.polygon([(x, 6), (x + 2.5, 2), (x + 5, 6)], paint, 3.4)


def _lamp(s: Sketch, paint: str, rng: Rng) -> None:
    foot = Light.across(10, 22, [4, 4, 3, 1.4])
    s.box(14.2, 14, 17.8, 29, paint, Light.across(14, 18, [4, 4, 2.4, 1]))
    for y, reach, tall in ((24.6, 3.4, 2.2), (26.6, 4.6, 4.0), (18.4, 2.8, 2.0)):
        s.box(16 - reach, y, 16 + reach, y + tall, paint, foot)
    wide = rng.uniform(6, 7)
    glass = s.polygon([(16 - wide, 5.4), (16 + wide, 5.4), (19.4, 14.6), (12.6, 14.6)], "yellow",
                      Light.round(15.5, 9.4, 8, (4, 4, 3, 2)))  # fmt: skip
    s.oval(12.6, 6.4, 18.6, 12.8, "yellow", 4, glass)
    s.oval(14, 7.4, 17.4, 11.6, "white", 4, glass)
    edge(s, glass, paint, 2.6, 1.4)
    s.box(11.4, 14, 20.6, 16, paint, foot)
    roof = [(16 - wide - 1.6, 6.4), (12.6, 2.6), (19.4, 2.6), (16 + wide + 1.6, 6.4)]
    s.polygon(roof, paint, Light.across(9, 23, [4, 4, 2.4, 1]))
    s.oval(14.2, 1.2, 17.8, 4, paint, 4)


def _gravestone(s: Sketch, paint: str, rng: Rng) -> None:
    top = rng.uniform(1.4, 3)
    s.polygon(arch(8, top, 27, 29), paint, 0.6)
    stone = s.polygon(
        arch(5.4, top + 0.6, 23.6, 29), paint, Light.across(5, 24, [3.2, 2.6, 2, 1.6])
    )
    edge(s, stone, paint, 3.8, 0.9)
    if rng.random() < 0.5:
        s.box(13, top + 5, 16, top + 18, paint, 0.4)
        s.box(9.4, top + 8.6, 19.6, top + 11.4, paint, 0.4)
    else:
        for y, end in ((10.0, 19.0), (14.0, 18.0), (18.0, 19.0)):
            s.line([(10, y), (end, y)], 1.4, paint, 0.3)
    if rng.random() < 0.6:
        s.line([(23, 9), (20, 12), (21, 15), (19, 18)], 0.9, paint, 0.2, stone)
    _turf(s, (2, 25, 30, 30.4), "green", rng)


def _turf(s: Sketch, box: Box, paint: str, rng: Rng) -> None:
    """A strip of grass with blades up and a soft foot."""
    x0, y0, x1, y1 = box
    blades: list[Point] = []
    for x in np.arange(x0, x1, 2.0):
        blades += [(float(x), y0 + 2.6), (float(x) + 1, y0 + rng.uniform(-0.8, 1.6))]
    field = s.polygon([(x0 + 1, y1), (x0, y0 + 3), *blades, (x1, y0 + 3), (x1 - 1, y1)], paint,
                      Light.down(y0, y1, [3.8, 2.6, 1.2]))  # fmt: skip
    for _ in range(9):
        x, y = rng.uniform(x0, x1), rng.uniform(y0, y1)
        s.line([(x, y), (x, y + 1.4)], 0.9, paint, float(rng.choice([0.8, 3.8])), field)


def _button(s: Sketch, paint: str, rng: Rng) -> None:
    stone = "grey" if paint != "grey" else "dark grey"
    high = rng.uniform(10, 12.5)
    side = Light.across(2, 30, [2.6, 2.0, 1.4, 0.6])
    s.box(2, 20, 30, 24.6, stone, side)
    s.oval(2, 17.6, 30, 29.6, stone, side)
    s.oval(2, 14, 30, 26, stone, Light.round(9, 16, 22, (3.8, 3.2, 2.6, 2.2)))
    s.oval(5.4, 15.6, 26.6, 24.8, stone, 0.3)
    wall = Light.across(6, 26, [2.4, 2.0, 1.4, 0.5])
    s.box(6.4, high + 4, 25.6, 20, paint, wall)
    s.oval(6.4, 16, 25.6, 24, paint, wall)
    top = s.oval(6.4, high, 25.6, high + 8, paint, Light.round(12, high + 2, 16, (3.6, 2.8, 2.2)))
    s.ring(6.4, high, 25.6, high + 8, 0.9, paint, 3.8, top)
    s.oval(10, high + 1.4, 15, high + 3.4, "white" if paint != "white" else paint, 3.4, top)


def _spikes(s: Sketch, paint: str, rng: Rng) -> None:
    count = int(rng.choice([3, 4]))
    wide = 28 / count
    for i in range(count):
        x, peak = 2 + i * wide, rng.uniform(4, 7) + (count - 3) * 2
        m = x + wide / 2
        s.polygon([(m - 0.6, peak), (m + 0.6, peak), (x + wide, 27), (x, 27)], paint, 0.9)
        s.polygon([(m - 0.6, peak), (m + 0.2, peak), (m + 0.6, 27), (x, 27)], paint, 2.6)
        s.polygon([(m - 0.4, peak), (m + 0.2, peak), (m - 1, 27), (x + wide * 0.2, 27)], paint, 4)
    base = "dark grey" if paint in ("grey", "white", "brown") else "brown"
    plate = beam(s, (1, 25, 31, 30.4), base)
    for x in (3.0, 11.0, 20.0, 28.0):
        s.box(x, 27, x + 1, 28, base, 4, plate)


def _platform(s: Sketch, paint: str, rng: Rng) -> None:
    s.box(3, 16, 29, 21, paint, 0.2)
    for x in np.arange(2, 27, 5.6):
        end = Light.round(x + 2, 19, 4.4, (3.6, 2.4, 1.4))
        s.oval(x, 16.4, x + 5.8, 23.4, paint, 0.7)
        s.oval(x + 0.7, 17.4, x + 5, 22.6, paint, end)
        s.oval(x + 2, 19, x + 3.6, 21, paint, 0.8)
    board = s.box(1, 9, 31, 18, paint, Light.down(9, 18, [3.6, 2.8, 2.4, 1.6]), corner=0.8)
    s.box(1, 10, 31, 11, paint, 3.9, board)
    s.box(1, 13, 31, 14, paint, 0.8, board)
    for y, seams in ((9, (9.0, 20.0)), (14, (14.0, 25.0))):
        for x in seams:
            at = x + float(rng.integers(-2, 3))
            s.box(at, y, at + 1, y + 4, paint, 0.4, board)
            for nail in (at - 2, at + 2):
                s.box(nail, y + 2, nail + 1, y + 3, "dark grey", 1.6, board)


def _fringe(s: Sketch, paint: str, ground: Mask, box: tuple[float, float, float], rng: Rng) -> None:
    """Grass that hangs in tufts over the upper edge of some earth."""
    x0, y, x1 = box
    fringe: list[Point] = []
    for x in np.arange(x0, x1, 2.4):
        drop = rng.uniform(3, 6)
        fringe += [(float(x), y + 3), (float(x) + 1.2, y + 3 + drop), (float(x) + 2.3, y + 3)]
    shade = [(a, b + 1.2) for a, b in fringe]
    s.polygon([(x0, y), *shade, (x1, y)], "dark brown", 0.8, ground)
    s.polygon([(x0, y), *fringe, (x1, y)], paint, Light.down(y, y + 8, [3, 2.2, 1]), ground)
    s.box(x0, y, x1, y + 2, paint, 3.6, ground)


def _grass_platform(s: Sketch, paint: str, rng: Rng) -> None:
    deep = rng.uniform(25, 29)
    earth = s.box(1.4, 6.4, 30.6, deep, "brown", Light.down(7, deep, [2.6, 2.2, 1.4]), corner=2.4)
    for _ in range(9):
        x, y = rng.uniform(2, 27), rng.uniform(13, deep - 3)
        clod = s.oval(x, y, x + rng.uniform(2, 4), y + 2.2, "brown", 3.2, earth)
        s.oval(x, y + 1.2, x + 3, y + 2.4, "dark brown", 1.6, clod)
    _fringe(s, paint, earth, (1.4, 6.4, 30.6), rng)
    for x in rng.uniform(3, 28, 4):
        s.polygon([(x - 1.6, 7.4), (x + rng.uniform(-1, 1), 3.4), (x + 1.6, 7.4)], paint, 3.4)


def _island(s: Sketch, paint: str, rng: Rng) -> None:
    tip = rng.uniform(13, 19)
    shape = [(2, 15), (30, 15), (28, 20), (24, 22), (21, 27), (tip, 31), (12, 27), (9, 22), (4, 20)]
    rock = s.polygon(shape, "brown", Light.across(4, 28, [3, 2.4, 1.6, 0.8]))
    for near_x, near_y in ((8, 21), (14, 24), (20, 20), (24, 18), (15, 18)):
        x, y = near_x + rng.uniform(-1, 1), near_y + rng.uniform(-1, 1)
        s.polygon([(x - 2, y), (x, y - 1.6), (x + 2, y), (x, y + 2.6)], "grey", 3, rock)
        s.polygon([(x, y - 1), (x + 2, y), (x, y + 2.6)], "grey", 1, rock)
    top = s.oval(1.4, 10.4, 30.6, 18.4, paint, Light.round(11, 11, 20, (3.6, 3, 2.2, 1.6)))
    _fringe(s, paint, top | rock, (2.4, 13.6, 29.6), rng)
    s.paint(top, paint, Light.round(11, 11, 20, (3.8, 3, 2.4, 1.8)))
    x = rng.choice([9.5, 16.0, 21.0])
    s.box(x - 1.4, 8, x + 1.4, 14.6, "dark brown", Light.across(x - 1, x + 1, [3.6, 1.4]))
    tree = "dark green" if paint in ("green", "yellow") else "green"
    for a, b, r in ((-3.2, 7.4, 3.6), (3.2, 7.4, 3.6), (0, 5.2, 4.0)):
        leaf = Light.round(x + a - 1.2, b - 1.6, r * 1.9, (4, 3, 2, 1))
        s.oval(x + a - r, b - r, x + a + r, b + r, tree, leaf)


def _banner(s: Sketch, paint: str, rng: Rng) -> None:
    gold = "yellow" if paint != "yellow" else "red"
    folds = Light.across(5, 27, [2.2, 3.2, 2.2, 3.0, 2.0, 1.0])
    tails = [(6, 23), (16, 30.6), (26, 23)]
    if rng.random() < 0.5:
        tails = [(6, 30.4), (16, 23.6), (26, 30.4)]
    cloth = s.polygon([(6, 4), *tails, (26, 4)], paint, folds)
    edge(s, cloth, gold, 2.6, 2.0)
    edge(s, cloth, gold, 1.2, 0.9)
    s.box(7.6, 5, 24.4, 7, paint, 0.8, cloth)
    _emblem(s, gold, rng)
    beam(s, (2.6, 2, 29.4, 5.2), "brown")
    for x in (3.0, 29.0):
        s.oval(x - 2, 1.4, x + 2, 5.8, gold, Light.round(x - 0.8, 2.6, 3.6, (4, 2.6, 1)))


def _emblem(s: Sketch, paint: str, rng: Rng) -> None:
    kind = rng.integers(3)
    if kind == 0:
        s.polygon([(16, 8.6), (21, 14.6), (16, 20.6), (11, 14.6)], paint, 3)
    elif kind == 1:
        s.box(14.4, 8.6, 17.6, 21, paint, 3)
        s.box(10.8, 11.6, 21.2, 14.8, paint, 3)
    else:
        spans = [(6.4 if i % 2 == 0 else 2.8, i * math.pi / 5) for i in range(10)]
        s.polygon([(16 + r * math.sin(t), 14.6 - r * math.cos(t)) for r, t in spans], paint, 3)


def _flag(s: Sketch, paint: str, rng: Rng) -> None:
    wave, phase = rng.uniform(1.2, 2.0), rng.uniform(-0.5, 0.9)
    xs = np.linspace(6, 30, 15)
    rise = wave * np.sin((xs - 6) / 24 * 2 * math.pi + phase)
    up = [(float(x), float(5 + r)) for x, r in zip(xs, rise, strict=True)]
    low = [(x, y + 14) for x, y in reversed(up)]
    slope = np.cos((np.linspace(6, 30, 9) - 6) / 24 * 2 * math.pi + phase)
    cloth = s.polygon([*up, *low], paint, Light.across(6, 30, (2.3 - 1.5 * slope).tolist()))
    s.line([(x, y + 0.6) for x, y in up], 1.0, paint, 3.8, cloth)
    post(s, (3.8, 3, 7.2, 30.6), "light brown")
    s.oval(3, 1, 8, 5.4, "yellow", Light.round(4.8, 2.4, 4, (4, 3, 1)))


def _mailbox(s: Sketch, paint: str, rng: Rng) -> None:
    wood = str(rng.choice(["brown", "light brown"]))
    pole = post(s, (14, 19, 19, 30.4), wood)
    s.box(14, 19.6, 19, 21.4, wood, 0.2, pole)
    top = rng.uniform(5, 6.5)
    body = s.box(8, top, 29.6, 20, paint, Light.down(top, 20, [3.6, 3.2, 2, 1.6, 0.6]), corner=4)
    body |= s.box(7.5, top, 22, 20, paint, Light.down(top, 20, [3.6, 3.2, 2, 1.6, 0.6]))
    body |= s.box(8, 14, 29.6, 20, paint, Light.down(top, 20, [3.6, 3.2, 2, 1.6, 0.6]))
    s.box(8, 18.6, 29.6, 20, paint, 0.3, body)
    front = s.polygon(arch(2.4, top, 12.6, 20), paint, Light.down(top, 20, [3.8, 2.8, 2.2]))
    edge(s, front, paint, 0.2, 0.9)
    s.box(5, top + 5, 10, top + 6.6, "black", 0.8)
    s.oval(6.4, top + 8.4, 8.8, top + 10.8, "yellow", 3)
    red = "red" if paint != "red" else "yellow"
    s.box(21.4, top - 3.6, 23.6, 14.6, red, 2.2)
    s.box(21.4, top - 3.6, 28.4, top + 1.2, red, Light.across(21, 28, [3, 2]))
    s.oval(21, 12.6, 24.2, 15.8, "grey", 3)


def _scarecrow(s: Sketch, paint: str, rng: Rng) -> None:
    post(s, (14, 22, 18, 30.6), "brown")
    lift = rng.uniform(-1, 1)
    for x, way in ((4.4, -1), (27.6, 1)):
        y = 16 + way * lift
        for b in (-3.0, 0.0, 3.0):
            s.line([(x, y), (x + way * (2.6 - abs(b) * 0.2), y + b)], 2, "yellow", 3)
    s.polygon([(5, 13 - lift), (27, 13 + lift), (27.4, 19 + lift), (21, 18), (11, 18),
               (4.6, 19 - lift)], paint, Light.down(12, 19, [3.2, 2.4, 1.2]))  # fmt: skip
    coat = s.polygon([(11, 13), (21, 13), (23, 26.4), (20.4, 24.4), (18, 27), (15.6, 24.8),
                      (12.6, 27), (9, 25.6)], paint, Light.across(9, 23, [3, 2.4, 1]))  # fmt: skip
    s.box(15, 13, 16, 25, paint, 0.3, coat)
    s.box(17.4, 20.6, 20.4, 23.6, str(rng.choice(["yellow", "tan"])), 2, coat)
    s.box(9, 18, 23, 19.6, "tan", 1.6, coat)
    s.oval(10, 4, 22, 14.6, "tan", Light.across(10, 22, [3.6, 3.2, 2]))
    for x in (12.4, 17.6):
        s.box(x, 8.6, x + 2, 10.6, "black", 0.8)
    s.box(14, 12, 19, 13, "dark brown", 2)
    s.oval(6, 4.6, 26, 9, "yellow", Light.down(4.6, 9, [2.2, 1, 0.4]))
    s.polygon([(10.6, 7), (13, 1.4), (18.6, 1), (21.4, 7)], "yellow",
              Light.across(11, 21, [3, 2, 0.8]))  # fmt: skip
    s.box(10.8, 5, 21.2, 7, "red" if paint != "red" else "blue", 1.6)


def _wheel(s: Sketch, x: float, y: float, r: float, paint: str, spokes: int = 0) -> None:
    """A wheel: a disc with a hub, or a rim with spokes."""
    s.oval(
        x - r, y - r, x + r, y + r, paint, Light.round(x - r / 3, y - r / 3, r * 1.5, (3.6, 2, 0.8))
    )
    if spokes:
        s.oval(x - r + 1.8, y - r + 1.8, x + r - 1.8, y + r - 1.8, "black", 0.8)
    for i in range(spokes):
        t = i * math.pi / spokes + 0.4
        a, b = math.cos(t) * (r - 1), math.sin(t) * (r - 1)
        s.line([(x - a, y - b), (x + a, y + b)], 1.2, paint, 3)
    s.oval(x - 1.5, y - 1.5, x + 1.5, y + 1.5, "grey", 3.4)


def _minecart(s: Sketch, paint: str, rng: Rng) -> None:
    load = str(rng.choice(["black", "yellow", "light blue", "brown"]))
    for x, y in ((5, 6.4), (20, 6.0), (12.4, 2.6), (8, 8), (16, 8)):
        lump = [(x, y + 3), (x + 2, y), (x + 5, y + 0.6), (x + 7, y + 4), (x + 8, y + 9)]
        stone = s.polygon(
            [(x - 1, y + 9), *lump], load, Light.round(x + 2, y + 1, 7, (4, 2.8, 1.4, 0.6))
        )
        edge(s, stone, load, 0.2, 0.6)
    foot, light = rng.uniform(4.4, 7), Light.across(3, 29, [3, 2.8, 2.2, 1.4, 0.6])
    tub = s.polygon([(2.6, 12), (29.4, 12), (32 - foot, 25), (foot, 25)], paint, light)
    for x in (9.6, 20.4):
        s.box(x, 12, x + 2, 25, paint, light - 1.2, tub)
        for y in (16.0, 21.0):
            s.box(x + 0.4, y, x + 1.6, y + 1.2, paint, 4, tub)
    s.box(2, 23.4, 30, 25.2, paint, 0.2, tub)
    beam(s, (1.6, 11, 30.4, 14), paint)
    for x in (9.4, 22.6):
        _wheel(s, x, 26.4, 4.1, "dark grey" if paint != "dark grey" else "brown")


def _catapult(s: Sketch, paint: str, rng: Rng) -> None:
    x, y = rng.uniform(5, 6), rng.uniform(7, 8.4)
    for foot, light in ((11.0, 2.2), (23.0, 1.0)):
        s.line([(foot, 22), (17, 13)], 3.4, paint, light)
    s.line([(28, 17), (28, 22)], 2.4, "tan", 3)
    arm = s.line([(28, 17.6), (x, y)], 3.6, paint, 3.2)
    edge(s, arm, paint, 0.6, 0.6)
    s.oval(14.8, 11, 18.8, 15, "grey", Light.round(16, 12, 3, (4, 3, 1)))
    s.polygon(
        [(x - 4, y - 1.6), (x + 4, y - 1.6), (x + 3, y + 2.8), (x - 2.4, y + 2.8)], paint, 1.2
    )
    rock = Light.round(x - 1.2, y - 4, 6, (4, 3, 1.6, 0.6))
    s.oval(x - 3.8, y - 6, x + 3.8, y + 0.8, "grey", rock)
    bed = beam(s, (1.6, 20, 30.4, 25.6), paint)
    s.box(1, 24.4, 31, 26, paint, 0.2, bed)
    for at in (8.0, 24.0):
        _wheel(s, at, 25.8, 4.8, "dark brown" if paint != "dark brown" else "brown")


def _cannon(s: Sketch, paint: str, rng: Rng) -> None:
    turn = rng.uniform(0.26, 0.46)
    c, n = math.cos(turn), math.sin(turn)

    def at(far: float, side: float) -> Point:
        return 12 + c * far + n * side, 17 - n * far + c * side

    def tube(start: float, end: float, wide: float, narrow: float) -> None:
        for a, b, light in ((-1, -0.6, 2.8), (-0.6, -0.1, 4), (-0.1, 0.3, 2.6), (0.3, 0.7, 1.2),
                            (0.7, 1, 0.2)):  # fmt: skip
            strip = [at(start, a * wide), at(end, a * narrow), at(end, b * narrow)]
            s.polygon([*strip, at(start, b * wide)], paint, light)

    s.polygon([(1.4, 27), (10, 18), (20, 18), (22, 23), (12, 25), (4.6, 30)], "brown",
              Light.down(17, 29, [3, 2, 0.8]))  # fmt: skip
    tube(-10.6, -8, 2, 2)
    tube(-8.6, -5, 6, 6.6)
    tube(-5, 16, 5.8, 4.2)
    tube(2, 4.6, 5.8, 5.6)
    tube(14.6, 18, 5, 5.6)
    _wheel(s, 13.6, 22.8, 7.4, "light brown", 3)


DRAWN: dict[str, Draw] = {
    **prop_buildings.DRAWN,
    "wooden sign": _sign,
    "wooden fence": _fence,
    "iron fence": _iron_fence,
    "wooden gate": _gate,
    "street lamp": _lamp,
    "gravestone": _gravestone,
    "floor button": _button,
    "spikes": _spikes,
    "wooden platform": _platform,
    "grass platform": _grass_platform,
    "floating island": _island,
    "banner": _banner,
    "flag": _flag,
    "mailbox": _mailbox,
    "scarecrow": _scarecrow,
    "minecart": _minecart,
    "catapult": _catapult,
    "cannon": _cannon,
}
