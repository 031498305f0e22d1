"""What lies outdoors, and small creatures: snowman, tree stump, log, boulder, hay bale, crystals,
nest, slime, crab, iceberg, stalagmite. Adds what `prop_plants` and `prop_vehicles` draw.
"""

from __future__ import annotations

import numpy as np

from llamavis_studio.model.train import prop_plants, prop_vehicles
from llamavis_studio.model.train.prop_sketch import Draw, Light, Point, Sketch, ball, dome

Rng = np.random.Generator


def _snowman(s: Sketch, paint: str, rng: Rng) -> None:
    snow = (4, 3, 2.6, 1.6, 0.6)
    lift = rng.uniform(-2.5, 2)
    for side in (-1, 1):
        elbow = (16 + side * 11, 17 + lift)
        s.line([(16 + side * 6, 20), elbow], 1.5, "brown")
        s.line([elbow, (16 + side * 14, 13 + lift)], 1.5, "brown")
        s.line([elbow, (16 + side * 14.2, 17 + lift)], 1.3, "brown")
    ball(s, 16, 22.3, 8.3, paint, snow)
    ball(s, 16, 11.5, 5.8, paint, snow)
    scarf = str(rng.choice(["red", "green", "blue"]))
    s.line([(19, 16.5), (20.5, 22)], 2.6, scarf, 1.4)
    s.line([(11.5, 15.6), (16, 17), (20.5, 15.6)], 2.6, scarf, Light.across(11, 22, [3.2, 2, 1]))
    s.box(11.5, 1.2, 20.5, 7, "black", Light.across(11, 21, [3.6, 2.6, 1.4]))
    s.box(11.5, 4.8, 20.5, 6.6, scarf, Light.across(11, 21, [3, 2, 1]))
    s.box(8.6, 6.4, 23.4, 8.2, "black", 2.6, corner=0.8)
    for x in (13, 17):
        s.box(x, 9.6, x + 2, 11.6, "black", 1.5)
    s.polygon([(15.5, 11.8), (15.5, 14), (10.5, 13.6)], "orange", 2.6)
    for y in (20, 24):
        s.box(15, y, 17, y + 2, "black", 1.5)


def _stump(s: Sketch, paint: str, rng: Rng) -> None:
    bark = Light.across(4, 28, [1.8, 2.8, 2.6, 1.6, 0.4])
    roots = rng.uniform(25.5, 27, 2)
    body = s.polygon(
        [(7, 10), (25, 10), (25.5, 21), (30, roots[0]), (29, 29), (24, 27.5), (20, 30), (15, 28.5),
         (10, 30), (7, 27.6), (2.6, 29), (2, roots[1]), (6.5, 21)], paint, bark,
    )  # fmt: skip
    for x in (9, 12.5, 16.5, 20.5, 23.5):
        low = rng.uniform(20, 27)
        s.line([(x, 13), (x + (x - 16) * 0.08, low)], 1.0, paint, 0.3, within=body)
    s.oval(6, 4, 26, 15, paint, 0.8)
    s.oval(7.2, 4.6, 24.8, 13.8, "tan", Light.round(12, 7, 16, (3, 2.2, 1.4)))
    s.ring(9.6, 5.9, 22.4, 12.4, 1.0, "light brown", 1.3)
    s.ring(12.6, 7.5, 19.4, 10.9, 0.9, "light brown", 1.3)
    s.line([(16, 9.2), (22 + rng.uniform(-1, 1), 11.5)], 0.9, "light brown", 0.8)


def _log(s: Sketch, paint: str, rng: Rng) -> None:
    thick = rng.uniform(6.8, 7.8)
    top, low = 20 - thick, 20 + thick
    bark = Light.down(top, low, [2.4, 3.4, 2.6, 1.6, 0.6, 0.2])
    stub = rng.uniform(17, 22)
    s.polygon([(stub - 2.5, 20), (stub + 1.5, 8.5), (stub + 5.5, 10), (stub + 3, 20)], paint, 1.8)
    s.oval(stub + 1.2, 7.6, stub + 5.8, 11, "tan", 2.2)
    body = s.box(7, top, 27, low, paint, bark)
    body |= s.oval(23, top, 30.6, low, paint, bark)
    for y in np.linspace(top + 2.2, low - 2.2, 5):
        start = rng.uniform(10, 17)
        s.line([(start, y), (start + rng.uniform(6, 11), y)], 0.9, paint, 0.4, within=body)
    s.oval(1.5, top, 12.5, low, paint, 1.0)
    s.oval(2.5, top + 1.1, 11.6, low - 1.1, "tan", Light.round(5, 16, 12, (3, 2.2, 1.2)))
    s.ring(4, top + 3, 10.2, low - 3, 0.9, "light brown", 1.2)
    s.oval(6, 18.2, 8.4, 21.6, "light brown", 1.2)


def _boulder(s: Sketch, paint: str, rng: Rng) -> None:
    j = rng.uniform(-1, 1, 6)
    rim = [(2, 25), (3 + j[0], 16), (8, 8 + j[1]), (15 + j[2], 4), (22, 5.5), (28 + j[3] * 0.5, 13),
           (30, 22), (28, 28.5), (20, 29.5), (8, 29.5)]  # fmt: skip
    rock = s.polygon(rim, paint, Light.down(14, 30, [2.2, 1.6, 0.8]))
    ridge = (18 + j[4], 13 + j[5])
    s.polygon([(8, 8 + j[1]), (15 + j[2], 4), (22, 5.5), ridge, (10, 15)], paint, 3.5)
    s.polygon([(2, 25), (3 + j[0], 16), (8, 8 + j[1]), (10, 15), (8, 29.5)], paint, 2.7)
    s.polygon([(22, 5.5), (28 + j[3] * 0.5, 13), (24, 19), ridge], paint, 1.9)
    s.polygon([(28 + j[3] * 0.5, 13), (30, 22), (28, 28.5), (20, 29.5), (24, 19)], paint, 0.8)
    s.line([ridge, (15, 20), (17, 24), (15.5, 28)], 1.0, paint, 0.3, within=rock)
    s.line([(15, 20), (11, 22.5)], 0.9, paint, 0.5, within=rock)
    for _ in range(14):
        x, y = rng.uniform(5, 27), rng.uniform(9, 27)
        s.box(x, y, x + 1.6, y + 1.1, paint, float(rng.choice([0.7, 3.6])), within=rock)


def _hay_bale(s: Sketch, paint: str, rng: Rng) -> None:
    for side in (-1, 1):
        for _ in range(6):
            y = rng.uniform(12, 27)
            tip = (16 + side * rng.uniform(13.4, 14.4), y + rng.uniform(-3, 2))
            s.line([(16 + side * 11, y), tip], 1.2, paint, 3)
    top = s.polygon([(6.5, 6), (29, 6), (25.5, 13.5), (2.5, 13.5)], paint, 3.5)
    end = s.polygon([(29, 6), (29, 22.5), (25.5, 29.5), (25.5, 13.5)], paint, 0.5)
    front = s.box(2.5, 13.5, 25.5, 29.5, paint, Light.down(13, 29, [2.3, 1.9, 1.2]))
    for _ in range(44):
        x, y = rng.uniform(2, 29), rng.uniform(5, 29)
        straw = [(x, y), (x + rng.uniform(2.5, 5), y + rng.uniform(-1, 1))]
        s.line(straw, 0.9, paint, float(rng.choice([0.3, 1.2, 3.2])), within=front)
        s.line(straw, 0.9, paint, float(rng.choice([2.4, 4])), within=top)
        s.line(straw, 0.9, paint, 1.4, within=end)
    for x in (8.5, 18.5):
        s.line([(x + 4, 6), (x, 13.5), (x, 29.5)], 1.4, "dark brown", 2.4, within=front | top)


def _crystals(s: Sketch, paint: str, rng: Rng) -> None:
    back = ((-0.56, 16.5, 2.5), (0.58, 15.5, 2.5), (-0.3, 22, 3), (0.36, 20, 3), (0.02, 27, 3.8))
    for lean, tall, half in (*back, (-0.5, 10, 2.3), (0.52, 9, 2.3), (0.14, 12, 2.7)):
        angle = lean * 0.85 + rng.uniform(-0.07, 0.07)
        foot = (16 + lean * 11, 29 - 1.5 * abs(lean))
        _crystal(s, foot, angle, tall * rng.uniform(0.9, 1.02), half, paint)


def _nest(s: Sketch, paint: str, rng: Rng) -> None:
    s.oval(3, 10, 29, 21, paint, 0.2)
    shell = str(rng.choice(["light blue", "white", "tan"]))
    for middle, y in ((10, 13.4), (22, 13.6), (16, 12.6)):
        x = middle + rng.uniform(-0.6, 0.6)
        s.oval(x - 3.9, y - 5.6, x + 3.9, y + 4.6, shell, 0.2)
        light = Light.round(x - 1.6, y - 3, 9, (4, 3.2, 2.4, 1.2))
        egg = s.oval(x - 3.5, y - 5.2, x + 3.5, y + 4.4, shell, light)
        for _ in range(3):
            u, v = x + rng.uniform(-2, 2.5), y + rng.uniform(-3, 2)
            s.box(u, v, u + 1, v + 1, "brown", 2.5, within=egg)
    body = s.polygon(
        [(2, 15), (8, 17.6), (16, 18.4), (24, 17.6), (30, 15), (28, 23), (22, 28.6), (10, 28.6),
         (4, 23)], paint, Light.round(9, 17, 24, (2.4, 1.8, 1, 0.2)),
    )  # fmt: skip
    for _ in range(44):
        x, y = rng.uniform(2, 26), rng.uniform(15, 28)
        ends = [(x, y), (x + rng.uniform(4, 8), y + rng.uniform(-2.6, 2.6))]
        straw = str(rng.choice([paint, paint, "light brown"]))
        shade = float(rng.choice([0.4, 2.2, 3.2])) - (x - 8) * 0.04
        s.line(ends, 0.9, straw, shade, within=body)
    for x, y, u, v in ((3, 17, 1.6, 12), (29, 17, 30.2, 12.5)):
        s.line([(x, y), (u, v)], 1.3, "light brown", 1.6)


def _slime(s: Sketch, paint: str, rng: Rng) -> None:
    wide, top = rng.uniform(12.6, 14), rng.uniform(5, 9)
    foot = [(16 + wide + 0.4, 26), (14.5 + wide, 29.4), (16, 30), (17.5 - wide, 29.4)]
    body = s.polygon(
        [*dome(16, 22, wide, 22 - top), *foot, (15.6 - wide, 26)], paint,
        Light.round(10, top + 6, 25, (3.6, 2.8, 2.2, 1.6, 0.8)),
    )  # fmt: skip
    s.oval(6, 24.8, 25, 29, paint, 2.9, within=body)
    s.line([(7.4, 17), (9, top + 6.5), (12.5, top + 3.4)], 2.2, "white", 3.2, within=body)
    s.oval(6, 20, 8.2, 22.4, "white", 3.2, within=body)
    for x in (11.5, 18.5):
        s.oval(x, 16, x + 4, 22.4, "black", 1)
        s.box(x + 0.6, 17, x + 2.1, 19, "white", 4)
    s.line([(14.4, 24.2), (16, 25), (18.6, 24.2)], 1.0, paint, 0)


def _crab(s: Sketch, paint: str, rng: Rng) -> None:
    up = rng.uniform(-1.5, 1)
    for side in (-1, 1):
        lit = 2.4 if side < 0 else 1.4

        def at(x: float, y: float, side: int = side) -> Point:
            return 16 + side * x, y

        for knee, foot in ((13.4, 20), (13, 24), (10.5, 27)):
            leg = [at(8, 21.5), at(knee - 1.5, foot - 1.2), at(knee + 0.3, foot + 3)]
            s.line(leg, 1.8, paint, lit - 0.6)
        s.line([at(8, 18.5), at(12.6, 16), at(12, 12 + up)], 2.6, paint, lit)
        claw = ball(s, *at(10.8, 8.6 + up), 4.4, paint, (3.6, lit + 0.6, lit, lit - 1))
        s.erase(claw & s.polygon([at(10.4, 9.6 + up), at(11, 2), at(6.4, 3)], paint))
        s.line([at(3.4, 17), at(3.5, 12)], 2, paint, lit)
        x, y = at(3.5, 11)
        s.oval(x - 2.5, y - 2.6, x + 2.5, y + 2.6, "white", 3.6)
        s.box(x - 0.5, y - 1, x + 1.5, y + 1.4, "black", 0.5)
    s.oval(5.4, 14, 26.6, 27.6, paint, Light.round(12, 16, 17, (3.8, 3, 2.2, 1.2, 0.4)))
    s.line([(12, 23), (16, 24.6), (20, 23)], 1.1, paint, 0)
    for x, y in ((9.5, 18), (13, 16.6), (21, 18.4)):
        s.box(x, y, x + 1.6, y + 1.2, paint, 3.9)


def _iceberg(s: Sketch, paint: str, rng: Rng) -> None:
    j = rng.uniform(-1, 1, 5)
    s.oval(1.4, 20.5, 30.6, 30.4, "blue", Light.down(21, 30, [3, 2.6, 1.6]))
    s.polygon([(6, 25), (26, 25), (20, 28.6), (16, 27), (11, 29.2)], paint, 1.6)
    peak, dip = (12 + j[0], 2 + abs(j[1])), (19 + j[2], 8.5 + j[3])
    left, second, right = (6, 12 + j[4]), (23.5, 7 - j[3]), (28, 15)
    s.polygon([(4, 25), left, peak, dip, second, right, (28.4, 25)], paint, 2.2)
    s.polygon([(4, 25), left, (10, 15), (9, 25)], paint, 3.2)
    s.polygon([left, peak, (13.5, 12), (10, 15)], "white", 3)
    s.polygon([peak, dip, (18, 17), (13.5, 12)], paint, 1.4)
    s.polygon([(10, 15), (13.5, 12), (18, 17), (16, 25), (9, 25)], paint, 2.7)
    s.polygon([dip, second, (24, 14), (18, 17)], "white", 2.5)
    s.polygon([second, right, (28.4, 25), (23, 25), (24, 14)], paint, 0.8)
    s.polygon([(12, 16), (14, 15), (13, 22)], "white", 3)
    s.line([(2.6, 25), (8, 26), (14, 25.2), (21, 26), (29.4, 25)], 1.2, "white", 3)


def _stalagmite(s: Sketch, paint: str, rng: Rng) -> None:
    s.oval(2.4, 25.5, 29.6, 30.4, paint, Light.across(3, 29, [2.4, 1.8, 0.6]))
    for middle, tip, half in ((8, 13, 4.4), (24, 16, 4.2), (15.5, 1.5, 7)):
        x, top = middle + rng.uniform(-0.8, 0.8), tip + rng.uniform(0, 2)
        light = Light.across(x - half * 0.8, x + half * 0.8, [3.8, 3.2, 2.1, 1, 0.2])
        t = np.linspace(0, 1, 12)
        ys, wide = top + (29 - top) * t, half * (0.72 * t**0.9 + 0.28 * t**5) + 0.6
        wide += rng.uniform(-0.3, 0.3, 12)
        right = list(zip((x + wide).tolist(), ys.tolist(), strict=True))
        left = list(zip((x - wide).tolist(), ys.tolist(), strict=True))
        cone = s.polygon([*right, (x, 30.2), *left[::-1]], paint, light)
        for k in (3, 6, 9):
            start = x - rng.uniform(0, 2)
            ring = [(start, float(ys[k]) + 1.2), (right[k][0], float(ys[k]) + rng.uniform(-1, 0.5))]
            s.line(ring, 1.1, paint, light - 1.2, within=cone)


def _crystal(s: Sketch, foot: Point, angle: float, long: float, half: float, paint: str) -> None:
    sine, cosine = float(np.sin(angle)), float(np.cos(angle))

    def at(u: float, v: float) -> Point:
        across, along = u * half, v * long
        return foot[0] + across * cosine + along * sine, foot[1] + across * sine - along * cosine

    tip = at(-0.1, 1)
    for a, b, lit in ((-1, -0.4, 3.7), (0.4, 1, 0.6), (-0.4, 0.4, 2.1)):
        s.polygon([at(a, 0), at(a, 0.7), tip, at(b, 0.7), at(b, 0)], paint, lit)
    s.polygon([at(-0.4, 0.7), tip, at(0.4, 0.7)], paint, 3)


DRAWN: dict[str, Draw] = {
    "snowman": _snowman,
    "tree stump": _stump,
    "log": _log,
    "boulder": _boulder,
    "hay bale": _hay_bale,
    "crystal cluster": _crystals,
    "nest with eggs": _nest,
    "slime": _slime,
    "crab": _crab,
    "iceberg": _iceberg,
    "stalagmite": _stalagmite,
    **prop_plants.DRAWN,
    **prop_vehicles.DRAWN,
}
