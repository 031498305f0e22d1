"""Vehicles, and what flies in space: spaceship, rocket, flying saucer, asteroid, planet, meteor,
rowing boat, pirate ship, raft, cart, tank, steam train, airship, balloon.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from llamavis_studio.model.train.prop_sketch import Draw, Light, Sketch, ball, dome

Rng = np.random.Generator


def _wheel(s: Sketch, x: float, y: float, r: float, paint: str, turn: float) -> None:
    s.oval(x - r, y - r, x + r, y + r, "dark brown", 0)
    for k in range(3):
        u, v = float((r - 1) * np.cos(turn + k * 1.05)), float((r - 1) * np.sin(turn + k * 1.05))
        s.line([(x - u, y - v), (x + u, y + v)], 1.0, paint, 2.2)
    rim = Light.round(x - r * 0.5, y - r, r * 2.2, (3.6, 2.4, 1))
    s.ring(x - r, y - r, x + r, y + r, 1.8, paint, rim)
    ball(s, x, y, 1.5, "grey", (4, 3, 2))


def _flame(s: Sketch, x: float, y: float, width: float, long: float) -> None:
    """A flame that burns downwards from the middle of its upper end."""
    for part, paint, lit in ((1.0, "red", 2.6), (0.75, "orange", 3), (0.45, "yellow", 3.6)):
        w, waist = width / 2 * part, y + long * part * 0.5
        tip = [(x + w * 0.7, waist), (x, y + long * part), (x - w * 0.7, waist)]
        s.polygon([(x - w, y), (x + w, y), *tip], paint, lit)


def _trim(paint: str) -> str:
    """The second colour of a painted machine."""
    return "red" if paint in ("white", "grey", "dark grey", "black") else "white"


def _spaceship(s: Sketch, paint: str, rng: Rng) -> None:
    span, sweep = rng.uniform(12.6, 14), rng.uniform(0, 2.4)
    for x in (12.4, 19.6):
        _flame(s, x, 26, 3.2, rng.uniform(3.6, 4.6))
    for side, lit in ((-1, 2.6), (1, 1.4)):
        wing = [(2, 12), (span, 20 + sweep), (span, 25 + sweep), (8, 24.5), (2, 26)]
        light = Light.down(12, 27, [lit + 0.8, lit, lit - 0.8])
        plate = s.polygon([(16 + side * x, y) for x, y in wing], paint, light)
        stripe = [(16 + side * 2, 14.4), (16 + side * span, 22 + sweep)]
        s.line(stripe, 1.6, _trim(paint), lit, within=plate)
        tip, engine = 16 + side * span, 16 + side * 3.7
        s.box(tip - 0.9, 15 + sweep, tip + 0.9, 26 + sweep, "dark grey", lit)
        s.box(engine - 1.7, 21, engine + 1.7, 27, "dark grey", Light.across(10, 22, [3, 2, 1]))
    half = [(0, 1.4), (2, 6), (4, 13), (3.6, 24), (2, 27)]
    outline = [(16 + x, y) for x, y in half] + [(16 - x, y) for x, y in reversed(half)]
    s.polygon(outline, paint, Light.across(11.5, 20.5, [2.6, 3.6, 2.6, 1.4, 0.5]))
    s.polygon([(16, 1.4), (17.6, 5), (14.4, 5)], _trim(paint), Light.across(14, 18, [3, 1.4]))
    s.oval(13.8, 8, 18.2, 16.4, "dark blue", 1)
    s.oval(14.2, 8.4, 17.8, 15.8, "light blue", Light.round(15, 10, 7, (4, 2.8, 1.4, 0.6)))
    for y in (19, 21.6):
        s.box(14, y, 18, y + 1.2, paint, 0.6)


def _rocket(s: Sketch, paint: str, rng: Rng) -> None:
    wide, trim = rng.uniform(5.6, 6.6), _trim(paint)
    _flame(s, 16, 25, 7, rng.uniform(5, 6))
    for side, lit in ((-1, 2.8), (1, 1.2)):
        fin = [(wide - 1, 15.5), (wide + 4.4, 22), (wide + 4.6, 27.4), (wide - 2.4, 24)]
        light = Light.down(15, 28, [lit + 0.6, lit, lit - 1])
        s.polygon([(16 + side * x, y) for x, y in fin], trim, light)
    nozzle = [(13, 24), (19, 24), (20, 26.4), (12, 26.4)]
    s.polygon(nozzle, "dark grey", Light.across(12, 20, [3, 1]))
    hull = Light.across(16 - wide, 16 + wide, [2.6, 3.6, 2.8, 1.6, 0.5])
    sides = [(wide, 14.0), (wide * 0.97, 19), (wide * 0.62, 24.6)]
    outline = [(16 + x, y) for x, y in sides] + [(16 - x, y) for x, y in reversed(sides)]
    body = s.polygon([*dome(16, 14, wide, 12.8), *outline], paint, hull)
    for y0, y1 in ((0, 6.4), (21, 22.6)):
        s.box(0, y0, 32, y1, trim, hull, within=body)
    s.oval(12.4, 9, 19.6, 16.2, "dark grey", Light.round(13, 10, 9, (3.4, 2, 1)))
    s.oval(13.7, 10.3, 18.3, 14.9, "light blue", Light.round(15, 11.6, 5, (4, 2.6, 1)))
    s.line([(16, 20), (16, 26.6)], 1.7, trim, 1.6)


def _saucer(s: Sketch, paint: str, rng: Rng) -> None:
    y, tall = rng.uniform(17.5, 19), rng.uniform(9.5, 11)
    s.oval(9, y + 2, 23, y + 9.6, paint, Light.across(9, 23, [2, 1.4, 0.2]))
    s.oval(12.4, y + 6.6, 19.6, y + 9.8, "yellow", 3.2)
    s.oval(1.4, y - 3.2, 30.6, y + 6.8, paint, Light.across(2, 30, [2, 1.6, 0.8, 0]))
    s.oval(1.8, y - 3.6, 30.2, y + 4.4, paint, Light.across(2, 30, [3.4, 3, 2, 1]))
    s.oval(8.2, y - 1.6, 23.8, y + 2.8, paint, 0.4)
    foot = [(21, y + 1.2), (16, y + 2), (11, y + 1.2)]
    glass = Light.round(13, y - 6, 13, (4, 3, 2, 1))
    s.polygon([*dome(16, y - 0.6, 7.4, tall - 2), *foot], "light blue", glass)
    ball(s, 16, y - 3, 3.3, "purple" if paint == "green" else "green", (3.4, 2.6, 1.6))
    for x in (13.8, 16.6):
        s.box(x, y - 4, x + 1.4, y - 2, "black", 1)
    s.line([(11, y - 4), (12.6, y - 6.4)], 1.5, "white", 3.8)
    for x, low in ((5, 1.6), (11.6, 3.4), (20.4, 3.4), (27, 1.6)):
        ball(s, x, y + low, 1.5, "yellow", (4, 3, 2.4))


def _asteroid(s: Sketch, paint: str, rng: Rng) -> None:
    turns = np.arange(11) * 2 * np.pi / 11
    far = rng.uniform(11.8, 14.6, 11) - 1.5 * np.cos(turns + rng.uniform(0, 3)) ** 2
    xs, ys = 16 + far * np.cos(turns), 16 + far * np.sin(turns)
    rim = list(zip(xs.tolist(), ys.tolist(), strict=True))
    rock = s.polygon(rim, paint, Light.round(10, 9, 24, (3.6, 2.9, 2.2, 1.2, 0.3, 0)))
    turn = rng.uniform(0, 6)
    craters = ((4, 1.5), (3.2, 7.6), (2.6, 7.4), (2, 8.4), (1.8, 9.6), (1.5, 9))
    for k, (r, out) in enumerate(craters):
        a = turn + k * 1.3
        x, y = float(16 + out * np.cos(a)), float(16 + out * np.sin(a))
        # The light comes from the top left: it falls on the far wall of a hollow.
        wall = Light.round(x - r, y - r, r * 3, (0.2, 0.9, 2, 3.6, 4))
        s.oval(x - r, y - r * 0.9, x + r, y + r * 0.9, paint, wall, within=rock)
        floor = Light.round(x - r, y - r, r * 3, (0, 0.6, 1.4, 2))
        s.oval(x - r + 0.6, y - r * 0.9 + 0.6, x + r - 0.9, y + r * 0.9 - 0.9, paint, floor, rock)
    for _ in range(6):
        x, y = rng.uniform(6, 26, 2)
        s.box(x, y, x + 1.2, y + 1.2, paint, float(rng.choice([0.6, 3.4])), within=rock)


def _planet(s: Sketch, paint: str, rng: Rng) -> None:
    r, tilt = rng.uniform(9, 10), rng.uniform(0.24, 0.36)
    turns = np.linspace(0, 2 * np.pi, 61)
    flat = np.stack([np.cos(turns), np.sin(turns) * 0.28], -1)
    turned = flat @ np.array([[np.cos(tilt), -np.sin(tilt)], [np.sin(tilt), np.cos(tilt)]])
    outer = [(float(16 + 13 * u), float(16 + 13 * v)) for u, v in turned]
    light = Light.across(2, 30, [3.8, 3, 2, 1.2])
    s.line(outer[30:], 2.6, "tan", light - 1)
    globe = ball(s, 16, 16, r, paint, (3.8, 3, 2.2, 1.2, 0.2))
    slope = 12 * float(np.tan(tilt))
    for offset, wide, lit in ((-6, 1.8, 1), (-2.2, 2, -1.2), (6.6, 2, 0.8)):
        y = 16 + offset + rng.uniform(-0.6, 0.6)
        shade = Light.round(12, 12, 15, (3.6, 2.8, 2, 1, 0)) + lit
        s.line([(4, y + slope), (16, y + 1), (28, y - slope)], wide, paint, shade, within=globe)
    s.line([(x, y + 1.4) for x, y in outer[:31]], 2.2, paint, 0, within=globe)
    s.line(outer[:31], 3, "tan", light)


def _meteor(s: Sketch, paint: str, rng: Rng) -> None:
    glow = "yellow" if paint in ("orange", "red") else "white"
    outer = "red" if paint == "orange" else paint
    j = rng.uniform(-1.2, 1.2, 6)
    tails = (
        (8.6, outer, 1.6, ((26 + j[0], 1.6), (30.4, 2), (29 + j[1], 8), (30, 13 + j[2]))),
        (7, paint, 2.7, ((21 + j[3], 5), (26.6, 5.6), (26 + j[4], 11))),
        (5.6, glow, 3.4, ((19, 9), (22 + j[5], 10.4))),
    )
    for r, colour, lit, tips in tails:
        edge = [(11 - r * 0.7, 21 - r * 0.75), tips[0]]
        for (x, y), after in pairwise(tips):
            edge += [((x + after[0]) / 2 - 3.4, (y + after[1]) / 2 + 2.6), after]
        s.polygon([*edge, (11 + r * 0.75, 21 + r * 0.7)], colour, lit)
        s.oval(11 - r, 21 - r, 11 + r, 21 + r, colour, lit)
    rock = ball(s, 10.6, 21.4, 6.6, "brown", (2.6, 2.2, 1.4, 0.8, 0.4))
    for x, y, r in ((8.6, 19.4, 1.9), (12.6, 23.4, 1.7), (8.6, 24.6, 1.2), (13.4, 19, 1.2)):
        hollow = Light.round(x - r, y - r, r * 3, (0.4, 1.2, 3))
        s.oval(x - r, y - r, x + r, y + r, "dark brown", hollow, within=rock)
    s.line([(4.6, 24), (7, 27), (10, 28.4)], 1.5, glow, 3.2)


def _boat(s: Sketch, paint: str, rng: Rng) -> None:
    lift = rng.uniform(-1, 0.6)
    s.oval(2.6, 9.6 + lift, 29.4, 19, paint, 2.2)
    s.oval(4, 10.5, 28, 18, "brown", Light.across(4, 28, [0.2, 1, 2]))
    for x in (9, 19):
        s.polygon([(x, 11), (x + 4, 11), (x + 4, 17), (x, 17)], "light brown", 2.6)
    rim = [(2.4, 10 + lift), (7, 15), (16, 17.4), (25, 15), (29.6, 10 + lift)]
    keel = [(27.4, 19.5), (23, 26), (9, 26), (4.6, 19.5)]
    hull = s.polygon([*rim, *keel], paint, Light.round(9, 14, 24, (3, 2.4, 1.6, 0.8)))
    for y in (3.2, 6.2):
        seam = [(u, v + y + 0.6) for u, v in rim]
        s.line(seam, 0.9, paint, 0.3, within=hull)
    s.line([(x, y + 0.3) for x, y in rim], 1.8, "light brown", Light.across(2, 30, [3.6, 2.8, 1.6]))
    reach = rng.uniform(-1, 1)
    s.line([(12.5, 7), (22.5 + reach, 25)], 1.7, "tan", 2.4)
    s.line([(22 + reach, 24), (24 + reach, 28.4)], 3.2, "tan", 2.8)


def _pirate_ship(s: Sketch, paint: str, rng: Rng) -> None:
    for x, top in ((10, 6), (19.5, 1.6)):
        s.line([(x, top), (x, 22)], 1.6, "brown", 1.6)
    s.line([(26, 19), (30, 14.6)], 1.5, "brown", 1.6)
    j = rng.uniform(-0.7, 0.7, 2)
    sails = (
        (5, 14.2 + j[0], 8.6, 18.4),
        (14.6, 25.6 + j[1], 7.6, 13),
        (13.8, 26.6 + j[1], 14, 19.6),
    )
    for x0, x1, y0, y1 in sails:
        y, foot = (y0 + y1) / 2, ((x0 + x1) / 2, y1 - 0.6)
        cloth = [(x0 + 0.8, y0), (x1 - 0.8, y0), (x1 + 1, y), (x1, y1), foot, (x0, y1), (x0 + 1, y)]
        s.polygon(cloth, "white", Light.across(x0, x1, [1.4, 2.6, 3.4, 1.6]))
        s.line([(x0 + 0.8, y0), (x1 - 0.8, y0)], 1.2, "brown", 2)
    s.polygon([(19.5, 1.4), (27.4, 2), (26.4, 4), (27.4, 6.4), (19.5, 6)], "black", 2.6)
    s.box(22, 2.8, 24.4, 5, "white", 3.4)
    s.polygon([(10, 3.4), (10, 6.8), (4.6, 5)], "red", 2.4)
    deck, keel = [(1.6, 16.4), (8, 16.4), (9, 20), (24, 20), (29.6, 18.4)], [(24, 30), (6, 30)]
    wood = Light.down(18, 30, [3, 2, 0.8])
    hull = s.polygon([*deck, (27.4, 25), *keel, (3, 25)], paint, wood)
    s.line([(1.6, 17), (8, 17)], 1.6, "light brown", 3)
    s.line([(9, 20.6), (24, 20.6), (29.4, 19)], 1.6, "light brown", Light.across(9, 29, [3, 1.6]))
    for y in (23.4, 26.6):
        s.line([(2, y), (29, y)], 0.9, paint, 0.2, within=hull)
    for x in (9, 14, 19, 24):
        s.box(x - 1, 23.8, x + 1.2, 26, "black", 2)
    s.box(3.8, 19, 6.2, 21.4, "yellow", 3)


def _raft(s: Sketch, paint: str, rng: Rng) -> None:
    s.line([(16, 2.4), (16, 20)], 1.8, "dark brown", 2.4)
    w = rng.uniform(-1, 1)
    head = [(7 + w, 3.8), (25 + w, 3.8), (26.4 + w, 9)]
    foot = [(25, 15.6), (16, 14.2), (7, 15.6), (8.4 + w, 9)]
    cloth = s.polygon([*head, *foot], "tan", Light.across(8, 26, [1.6, 2.8, 3.4, 2.2, 1.4]))
    s.box(19, 9, 22, 12, "light brown", 1.4, within=cloth)
    s.line([(6.6 + w, 3.4), (25.4 + w, 3.4)], 1.8, "brown", 2.6)
    for k in range(4):
        x, y = 5.6 - k * 1.1 + rng.uniform(-0.4, 0.4), 17.8 + k * 3
        bark = Light.down(y, y + 3, [3.8, 2.8, 1.6, 0])
        s.box(x, y, 26.4 + k * 1.1 + rng.uniform(-0.4, 0.4), y + 3.1, paint, bark, corner=1.5)
        s.oval(x, y + 0.2, x + 2, y + 2.8, "tan", 2.2)
    rope = Light.down(17.8, 29.8, [3, 0.8, 3, 0.8, 3, 0.8, 3, 0.8])
    for top, low in ((9.6, 8), (22.4, 24)):
        s.line([(top, 18.4), (low, 29.4)], 1.9, "tan", rope)


def _cart(s: Sketch, paint: str, rng: Rng) -> None:
    s.line([(22, 19), (30, 14)], 2.2, "dark brown", 3.4)
    sides = [(1.6, 8), (26, 8), (24, 20.6), (3.6, 20.6)]
    side = s.polygon(sides, paint, Light.across(2, 26, [3.2, 2.4, 1.4]))
    for y in (12.4, 16.6):
        s.line([(1, y), (27, y)], 1.0, paint, 0.2, within=side)
    for x in (6, 13.8, 21.6):
        s.box(x - 1, 8, x + 1, 20.6, paint, 3.4 - x * 0.08)
    s.line([(2, 7.6), (25.6, 7.6)], 2.6, paint, Light.across(2, 26, [4, 3, 2]))
    for x in (8, 19.6):
        _wheel(s, x, 24.2, 5.6, "light brown", rng.uniform(0, 1))


def _tank(s: Sketch, paint: str, rng: Rng) -> None:
    lift = rng.uniform(-1.6, 1)
    s.line([(18, 10.4), (29.4, 9 + lift)], 3, paint, Light.down(8, 12, [3.6, 1]))
    s.line([(28.6, 9 + lift), (29.2, 9 + lift)], 3.6, "dark grey", 2.4)
    s.line([(8.6, 8), (7.6, 2)], 1.1, "dark grey", 2)
    s.box(10.4, 4.4, 15.6, 8, paint, Light.across(10, 16, [3.4, 2, 1]), corner=1)
    turret = [(5.6, 13.6), (7, 7.6), (9, 6.4), (19, 6.4), (22.4, 9.4), (22, 13.6)]
    s.polygon(turret, paint, Light.down(6, 14, [3.6, 2.4, 1.2]))
    s.box(7, 13, 21, 15.6, "dark grey", 1)
    hull = [(2, 19), (4, 14.6), (25, 14.6), (30, 18), (29, 21), (3, 21)]
    s.polygon(hull, paint, Light.down(14.6, 21, [4, 2.6, 1.4]))
    s.box(11.4, 9, 14, 11.6, "white" if paint == "red" else "red", 2.4)
    rubber = Light.down(18, 30, [2.6, 1.4, 0.6])
    track = s.box(1.6, 18.6, 30.4, 29.6, "dark grey", rubber, corner=5.2)
    for k in range(10):
        x = 3 + k * 2.9
        s.box(x, 18, x + 1.1, 20, "dark grey", 3.6, within=track)
        s.box(x, 28.2, x + 1.1, 30, "dark grey", 3, within=track)
    for x in (6.6, 12.9, 19.1, 25.4):
        ball(s, x, 24.4, 3, paint, (3.4, 2.6, 1.8, 0.8))
        s.oval(x - 1, 23.4, x + 1, 25.4, "dark grey", 2)


def _train(s: Sketch, paint: str, rng: Rng) -> None:
    body = "dark grey" if paint == "black" else paint
    trim = "red" if body != "red" else "black"
    for x, y, r in ((20.6, 4.8, 2.8), (15.8, 3.8, 2.4), (11.6, 3.6, 1.7)):
        ball(s, x, y + rng.uniform(-0.6, 0.6), r, "white", (3.6, 3, 2.2, 1.4))
    metal = Light.down(11, 22, [2.6, 3.8, 2.6, 1.6, 0.6])
    funnel = [(21.6, 12), (22.4, 8.4), (21.2, 6.4), (27.4, 6.4), (26, 8.4), (26.6, 12)]
    s.polygon(funnel, "black", Light.across(21, 27, [3.8, 2.4, 1]))
    s.polygon(dome(16.6, 12, 2.6, 3.6), "yellow", Light.across(14, 19, [3.4, 2, 1]))
    s.box(11, 11, 28.4, 21.5, body, metal, corner=1.4)
    s.oval(26, 11, 30, 21.5, "black", Light.down(11, 22, [3.8, 2.8, 1.4]))
    ball(s, 28.4, 13, 1.9, "yellow", (4, 3, 2))
    for x in (14.6, 22.4):
        s.box(x, 11, x + 1.2, 21.5, "yellow", metal - 0.4)
    s.box(3.4, 7.4, 12, 23, body, Light.across(3, 12, [3.2, 2.6, 1.8]))
    s.box(2, 5.6, 13.4, 8, trim, Light.across(2, 13, [3.2, 1.8]), corner=0.8)
    s.box(5.2, 9.6, 10.4, 14.6, "light blue", Light.round(5, 9, 8, (4, 2.6, 1)))
    s.box(2.4, 20.6, 28.6, 23, "dark grey", Light.across(2, 29, [3.6, 2, 1]))
    s.polygon(
        [(26, 22), (28.4, 22), (30.6, 29.6), (25, 29.6)], "grey", Light.across(25, 31, [3.6, 1.4])
    )
    for x in (6.6, 14.2, 21.8):
        s.oval(x - 3.9, 22, x + 3.9, 29.8, "black", 0.8)
        rim = Light.round(x - 2, 22, 8.6, (3.4, 2.4, 1))
        s.ring(x - 3.6, 22.3, x + 3.6, 29.5, 1.7, "red" if trim == "red" else "grey", rim)
    s.line([(6.6, 26), (21.8, 26)], 1.5, "grey", 3.6)


def _airship(s: Sketch, paint: str, rng: Rng) -> None:
    fat = rng.uniform(7.6, 8.6)
    trim = _trim(paint)
    s.polygon([(2, 4), (6, 4.6), (13, 11), (4, 13)], trim, 2.8)
    s.polygon([(2, 24), (6, 23.4), (13, 17), (4, 15)], trim, 1.2)
    s.box(10, 20, 24, 27.6, "brown", Light.down(21, 28, [1, 3.2, 2, 0.8]), corner=2)
    for x in (12.4, 16, 19.6):
        s.box(x, 23.2, x + 2, 25.2, "light blue", 3)
    light = Light.down(14 - fat, 14 + fat, [2.6, 3.8, 2.8, 2, 1, 0.2])
    body = s.oval(2.4, 14 - fat, 30.4, 14 + fat, paint, light)
    for wide in (21, 13, 4):
        s.ring(17 - wide / 2, 12 - fat, 17 + wide / 2, 16 + fat, 0.9, paint, light - 1.4, body)
    s.line([(2, 14), (31, 14)], 2.2, trim, light, within=body)
    s.polygon([(2, 13), (10, 13.2), (10, 14.8), (2, 15)], trim, 3)


def _balloon(s: Sketch, paint: str, rng: Rng) -> None:
    stripe = "orange" if paint == "yellow" else "yellow"
    wide = rng.uniform(10.6, 12)
    for x in (12.6, 19.4):
        s.line([(x + (x - 16) * 0.5, 20), (x, 26)], 1.0, "dark brown", 2)
    shape = ((0.3, 1), (0.8, 5), (1, 12), (0.9, 16), (0.6, 19.4), (0.36, 23))
    skirt = [(16 + wide * u, v) for u, v in shape[2:]]
    skirt += [(32 - u, v) for u, v in reversed(skirt)]
    light = Light.round(11.5, 6.5, 21, (3.9, 3, 2.2, 1.2, 0.2))
    bag = s.polygon([*dome(16, 12.4, wide, 11), *skirt], paint, light)
    for side in (-wide, wide):
        outer = [(16 + side * u * 0.66, float(v)) for u, v in shape]
        inner = [(16 + side * u * 0.32, float(v)) for u, v in reversed(shape)]
        s.polygon([*outer, *inner], stripe, light, within=bag)
    s.box(12.4, 21.6, 19.6, 23.2, paint, Light.across(12, 20, [2, 1, 0]))
    basket = s.box(12, 25.4, 20, 30.4, "brown", Light.across(12, 20, [3.2, 2.2, 1]), corner=1)
    s.line([(12, 28), (20, 28)], 0.9, "brown", 0.4, within=basket)
    s.line([(12, 25.8), (20, 25.8)], 1.4, "light brown", 3)


DRAWN: dict[str, Draw] = {
    "spaceship": _spaceship, "rocket ship": _rocket, "flying saucer": _saucer,
    "asteroid": _asteroid, "planet": _planet, "meteor": _meteor, "rowing boat": _boat,
    "pirate ship": _pirate_ship, "raft": _raft, "wooden cart": _cart, "tank": _tank,
    "steam train": _train, "airship": _airship, "hot air balloon": _balloon,
}  # fmt: skip
