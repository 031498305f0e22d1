"""What grows: pumpkin, toadstool, berry bush, oak, pine, dead and apple tree, lily pad, cattails,
wheat, flower bed, fern, vine.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from llamavis_studio.model.train.prop_sketch import (
    Draw,
    Field,
    Light,
    Mask,
    Point,
    Sketch,
    ball,
    dome,
)

Rng = np.random.Generator


def _tapered(
    s: Sketch, start: Point, end: Point, widths: Sequence[float], bend: float, paint: str,
    light: float | Field = 2.0,
) -> Mask:  # fmt: skip
    """A stroke whose width goes through ``widths``, bent by some pixels: a leaf, a branch."""
    along = np.linspace(0, 1, 9)
    step = np.subtract(end, start)
    side = np.array([step[1], -step[0]]) / max(float(np.hypot(*step)), 1e-6)
    middle = (
        np.array(start) + along[:, None] * step + (4 * along * (1 - along))[:, None] * bend * side
    )
    half = np.interp(along, np.linspace(0, 1, len(widths)), widths)[:, None] / 2 * side
    outline = [*(middle + half), *(middle - half)[::-1]]
    return s.polygon([(float(x), float(y)) for x, y in outline], paint, light)


def _crown(s: Sketch, x: float, y: float, rx: float, ry: float, paint: str, rng: Rng) -> None:
    """Leaves in clumps around a place, the ones near the light brightest and in front."""
    turns = np.arange(8) * 2 * np.pi / 8 + rng.uniform(0, 0.8)
    spots = [(float(np.cos(a)), float(np.sin(a))) for a in turns]
    spots += [(0.4, 0.25), (-0.45, 0.35), (0.15, -0.45), (-0.4, -0.35)]
    s.oval(x - rx * 0.8, y - ry * 0.8, x + rx * 0.8, y + ry * 0.8, paint, 0.4)
    for u, v in sorted(spots, key=lambda spot: -spot[0] * 0.6 - spot[1]):
        r = min(rx, ry) * rng.uniform(0.38, 0.46)
        lit = float(np.clip(2.1 - 0.6 * u - 0.9 * v, 0.9, 3))
        place = (x + u * (rx - r), y + v * (ry - r))
        ball(s, *place, r, paint, (lit + 1.2, lit + 0.7, lit, lit - 0.7, lit - 1.7))


def _trunk(s: Sketch, top: float, width: float, paint: str = "brown") -> None:
    w = width / 2
    bark = Light.across(16 - w - 1, 16 + w + 1, [2.6, 3, 1.6, 0.6])
    foot = [(16 + w, 26), (16 + w + 2.6, 30), (16 - w - 2.6, 30), (16 - w, 26)]
    s.polygon([(16 - w, top), (16 + w, top), *foot], paint, bark)


def _pumpkin(s: Sketch, paint: str, rng: Rng) -> None:
    wide, top = rng.uniform(12.8, 14), rng.uniform(8, 9.5)
    ribs = ((-0.7, 0.3, 2.5), (0.7, 0.3, 0.9), (-0.38, 0.3, 3.1), (0.38, 0.3, 1.7), (0, 0.27, 2.8))
    for middle, half, lit in ribs:
        x, r = 16 + middle * wide, half * wide
        drop = middle * middle * 6
        light = Light.round(x - r * 0.5, top + 6, 17, (lit + 0.8, lit, lit - 0.5, lit - 1.6))
        s.oval(x - r - 0.7, top + drop, x + r + 0.7, 29.5 - drop, paint, lit - 2.3)
        s.oval(x - r, top + drop, x + r, 29.5 - drop, paint, light)
    lean = rng.uniform(-1, 4)
    green = Light.across(14, 20, [4, 3, 1])
    _tapered(s, (16, top + 3), (16 + lean, 3), (4.4, 2.6, 3.6), -0.8, "dark green", green)
    s.line([(16, top + 2.5), (12, top + 2)], 1.6, "dark green", 3.2)
    s.line([(16, top + 2.5), (20, top + 2.4)], 1.6, "dark green", 1.6)


def _toadstool(s: Sketch, paint: str, rng: Rng) -> None:
    wide, tall = rng.uniform(12.6, 14), rng.uniform(2, 4)
    stem = Light.across(11, 22, [2.4, 3, 2.2, 0.9])
    foot = [(21, 28), (18.5, 30), (13.5, 30), (11, 28)]
    s.polygon([(12.8, 17), (19.2, 17), *foot], "white", stem)
    s.polygon([(12, 22), (20, 22), (22, 24.6), (10, 24.6)], "white", stem - 0.4)
    gills = s.oval(17 - wide, 15, 15 + wide, 22, "tan", Light.down(17, 22, [0.4, 2.4]))
    for low in (8, 12, 16, 20, 24):
        s.line([(16 + (low - 16) * 0.6, 18), (low, 22)], 0.8, "tan", 0.4, within=gills)
    cap = s.polygon(
        [*dome(16, 17, wide, 17 - tall), (16 + wide - 1, 19.5), (16, 20.3), (17 - wide, 19.5)],
        paint, Light.round(10, 6, 21, (3.8, 2.9, 2.1, 1.2, 0.3)),
    )  # fmt: skip
    slip = rng.uniform(-1, 1)
    spots = ((11.0, 9, 2.6), (19.5, 6.5, 2.0), (22.5, 13.5, 2.6), (15.5, 15, 2.0), (6.5, 15.2, 1.8))
    for middle, y, r in spots:
        x = middle + slip
        s.oval(x - r, y - r * 0.85, x + r, y + r * 0.85, "white", 3.2 - x * 0.06, within=cap)


def _fruit(s: Sketch, y: float, reach: Point, count: int, r: float, paint: str, rng: Rng) -> None:
    """Round fruit, evenly strewn over a crown in the middle of the sheet."""
    turn = rng.uniform(0, 6)
    for n in range(count):
        far, a = np.sqrt((n + 0.7) / count), 2.4 * n + turn
        u, v = float(16 + reach[0] * far * np.cos(a)), float(y + reach[1] * far * np.sin(a))
        s.oval(u - r, v - r + 0.4, u + r + 0.3, v + r + 0.6, "dark green", 0.5)
        ball(s, u, v, r, paint, (4, 2.9, 2.3, 1.2))


def _bush_berries(s: Sketch, paint: str, rng: Rng) -> None:
    _crown(s, 16, 17.5, 14.5, 12.4, "green", rng)
    _fruit(s, 17.5, (11.4, 9), 11, 1.7, paint, rng)


def _oak(s: Sketch, paint: str, rng: Rng) -> None:
    _trunk(s, 17, rng.uniform(4.4, 5.6))
    _crown(s, 16, 12.5, rng.uniform(12.5, 14), rng.uniform(10.6, 11.4), paint, rng)


def _apple_tree(s: Sketch, paint: str, rng: Rng) -> None:
    _oak(s, paint, rng)
    _fruit(s, 13, (10, 7.8), 8, 1.9, "red", rng)


def _pine(s: Sketch, paint: str, rng: Rng) -> None:
    needles = "dark green" if paint == "white" else paint
    s.box(13.6, 24, 18.4, 30.5, "brown", Light.across(13, 19, [2.8, 2, 0.6]))
    spread = rng.uniform(11, 12.6)
    for top, low, half in ((14, 27.5, spread), (7.5, 21, spread * 0.78), (1.3, 14, spread * 0.54)):
        teeth = []
        for k in range(9):
            out = 1 - k / 4
            teeth.append((16 + half * out, low - 1.8 * (k % 2) + (1 - abs(out)) * 1.5))
        shade = Light.across(16 - half, 16 + half, [3.2, 2.8, 1.8, 0.9, 0.3])
        tier = s.polygon([(16, top), *teeth], needles, shade)
        s.line(teeth, 1.3, needles, 0.1, within=tier)
        if paint == "white":
            snow = [(x * 0.94 + 0.96, y - 3.6 + (n % 2) * 1.6) for n, (x, y) in enumerate(teeth)]
            bright = Light.across(16 - half, 16 + half, [3.4, 2.4, 1])
            s.polygon([(16, top), *snow], "white", bright, within=tier)
        else:
            s.line([(15, top + 3), (15.5 - half * 0.5, low - 3.5)], 1.0, needles, 4, within=tier)


def _dead_tree(s: Sketch, paint: str, rng: Rng) -> None:
    _trunk(s, 22, 5.0, paint)
    bark = Light.across(8, 24, [3.4, 2.6, 1.6, 0.8])
    fork = (16 + rng.uniform(-1, 1), 14.0)
    _tapered(s, (16, 25), fork, (5, 3.6), 0, paint, Light.across(13, 19, [3.2, 2.4, 0.8]))
    for side in (-1, 1):
        j = rng.uniform(-1.2, 1.2, 4)
        branches = (
            (fork, (16 + side * 8 + j[0], 3.5 + abs(j[1])), (3.4, 2.6, 1.1), -1.2),
            ((16 + side * 4, 9.5), (16 + side * 2.4 + j[1], 2), (2, 1), 1.0),
            ((16, 19 + side), (16 + side * 12.5, 11 + j[2]), (3, 2.3, 1.1), -1.6),
            ((16 + side * 8, 15.5), (16 + side * 14, 17 + j[3]), (1.8, 1.3), 0.0),
            ((16 + side * 6, 7), (16 + side * 12, 5.5 + j[3]), (1.8, 1.3), 0.6),
        )
        for start, end, widths, bend in branches:
            _tapered(s, start, end, widths, side * bend, paint, bark)
    s.oval(14.8, 19, 17.2, 22.4, paint, 0)


def _lily_pad(s: Sketch, paint: str, rng: Rng) -> None:
    turns = np.linspace(0.62, 2 * np.pi + 0.12, 30)
    rim = [(float(16 + 14.3 * np.cos(a)), float(20 + 9.8 * np.sin(a))) for a in turns]
    s.polygon([(x, y + 1) for x, y in [(16.0, 20.0), *rim]], paint, 0.3)
    pad = s.polygon([(16, 20), *rim], paint, Light.round(9, 14, 24, (3.4, 2.7, 2, 1.2)))
    for x, y in rim[3:28:4]:
        s.line([(16, 20), (x, y)], 0.7, paint, 0.9, within=pad)
    flower = str(rng.choice(["pink", "white"]))
    x = rng.uniform(11.5, 14.5)
    petals = ((-8, 5, 1.2), (8, 5, 0.8), (-6, 9, 2.2), (6, 9, 1.4), (-3, 11.5, 3), (3, 11.5, 2))
    for lean, long, lit in (*petals, (0, 9, 3.6)):
        light = Light.down(17.5 - long, 18, [lit + 0.8, lit, lit - 0.8])
        foot = (x + lean * 0.25, 18.5)
        _tapered(s, foot, (x + lean, 17.5 - long), (2.5, 5, 0.4), 0, flower, light)
    ball(s, x, 17, 1.7, "yellow", (4, 3, 2, 1))


def _cattails(s: Sketch, paint: str, rng: Rng) -> None:
    leaves = (
        (11, -4, 21, 1),
        (21.5, 4.5, 19, 0.4),
        (16, -3, 16, 1.6),
        (8, -6, 15, 3),
        (24, 6, 14, 1.4),
    )
    for x, lean, tall, lit in leaves:
        tip = (x + lean + rng.uniform(-1, 1), 30 - tall)
        leaf = Light.down(30 - tall, 30, [lit + 0.9, lit, lit - 0.6])
        _tapered(s, (16 + (x - 16) * 0.7, 30), tip, (2, 2.6, 2.2, 0.8), lean * 0.22, paint, leaf)
    for column, start in ((9, 7), (23, 6), (16, 1.6)):
        x, top = column + rng.uniform(-1, 1), start + rng.uniform(0, 2)
        s.line([(16 + (x - 16) * 0.45, 30), (x, top + 8)], 1.8, paint, 3.4)
        s.line([(x, top), (x, top + 4)], 1.2, "tan", 2)
        light = Light.across(x - 2, x + 2, [3, 2.2, 0.6])
        s.box(x - 2, top + 2.5, x + 2, top + 11, "brown", light, corner=1.8)
    _tapered(s, (14, 30), (12 + rng.uniform(-1, 1), 19), (2, 2.6, 0.6), -0.6, paint, 2.4)
    _tapered(s, (18, 30), (20 + rng.uniform(-1, 1), 20), (2, 2.6, 0.6), 0.6, paint, 1)


def _wheat(s: Sketch, paint: str, rng: Rng) -> None:
    for lean in (-7, 7):
        leaf = Light.across(8, 24, [2.8, 1.2])
        _tapered(s, (16, 30), (16 + lean, 19), (2, 2.8, 0.6), lean * 0.25, paint, leaf)
    for bow, high in ((-10.0, 5.5), (10.0, 6), (0.0, 2)):
        x, y = 16 + bow + rng.uniform(-0.5, 0.5), high + rng.uniform(0, 1)
        tilt = bow * 0.02
        s.line([(16 + bow * 0.25, 29.5), (x - tilt * 14, y + 15), (x, y + 3)], 1.9, paint, 1.2)
        for k in (4, 3, 2, 1, 0):
            foot = (x - tilt * k * 2.9, y + 4.8 + k * 2.9)
            for side, lit in ((-1, 3.5), (1, 1.9)):
                tip = (foot[0] + side * 3.4 + tilt, foot[1] - 3.4)
                _tapered(s, foot, tip, (0.8, 2.6, 0.7), -side * 0.5, paint, lit)
            s.line([foot, (foot[0] + tilt, foot[1] - 2)], 0.9, paint, 0)
        _tapered(s, (x, y + 3.2), (x + tilt * 3, y - 0.6), (1, 2.6, 0.6), 0, paint, 3.2)


def _flower_bed(s: Sketch, paint: str, rng: Rng) -> None:
    s.oval(2, 23, 30, 30.3, "brown", Light.round(10, 24, 20, (2.6, 2, 0.8)))
    for _ in range(26):
        foot = (rng.uniform(5, 27), rng.uniform(25, 28))
        tip = (foot[0] + rng.uniform(-3, 3), rng.uniform(11, 20))
        _tapered(s, foot, tip, (1.6, 3, 0.8), 0, "green", rng.uniform(0.6, 3))
    heart = "orange" if paint == "yellow" else "yellow"
    spots = (
        (9.5, 6.5),
        (21.5, 5.8),
        (15.6, 11),
        (5.8, 14.5),
        (25.8, 14),
        (10.8, 18.8),
        (20.8, 18.5),
    )
    for u, v in spots:
        x, y = u + rng.uniform(-0.7, 0.7), v + rng.uniform(-0.7, 0.7)
        s.oval(x - 3.4, y - 2.4, x + 4, y + 4.4, "dark green", 0.6)
        for k in range(5):
            a = 2 * np.pi * k / 5 - np.pi / 2
            lit = float(2.6 - 0.9 * np.sin(a) - 0.5 * np.cos(a))
            u, v = float(x + 2.2 * np.cos(a)), float(y + 2.2 * np.sin(a))
            s.oval(u - 1.7, v - 1.7, u + 1.7, v + 1.7, paint, lit)
        s.oval(x - 1.3, y - 1.3, x + 1.3, y + 1.3, heart, 3)


def _fern(s: Sketch, paint: str, rng: Rng) -> None:
    fronds = ((-62, 12.4, 1.7), (62, 12.4, 1.1), (2, 25.5, 2.2), (-30, 23, 3), (32, 22, 1.9))
    for lean, reach, lit in fronds:
        angle = np.radians(lean + rng.uniform(-4, 4))
        t = np.linspace(0, 1, 12)
        # They hang over towards the tip.
        xs = 16 + np.sin(angle) * reach * t + lean * 0.05 * t**3
        ys = 29.5 - np.cos(angle) * reach * t + abs(lean) * (0.15 * t**3 - 0.09 * t)
        u, v = np.gradient(xs), np.gradient(ys)
        wide = np.where(np.arange(12) % 2, 4.3, 1.6) / np.hypot(u, v)
        wide *= np.interp(t, [0, 0.35, 0.6, 1], [0.3, 1, 0.95, 0.2])
        spine = list(zip(xs.tolist(), ys.tolist(), strict=True))
        for side in (-1, 1):
            out = np.stack([xs + (0.7 * u - side * v) * wide, ys + (0.7 * v + side * u) * wide], -1)
            edge = [(float(x), float(y)) for x, y in out[::-1]]
            s.polygon([*spine, *edge], paint, lit - 0.8 * side)
        s.line(spine, 0.9, paint, lit - 1.4)


def _vine(s: Sketch, paint: str, rng: Rng) -> None:
    s.line([(3, 2.6), (29, 2.6)], 2.4, "brown", Light.across(2, 30, [3, 2.2, 1.2]))
    for column, end in ((7.2, 23), (24.8, 25), (16, 30)):
        low, phase = end - rng.uniform(0, 2.5), rng.uniform(0, 6)
        ys = np.arange(3.0, low - 1, 1.0)
        xs = column + rng.uniform(-0.6, 0.6) + 1.0 * np.sin(ys * 0.55 + phase)
        stem = list(zip(xs.tolist(), ys.tolist(), strict=True))
        s.line(stem, 1.4, "brown", 2)
        for k, (x, y) in enumerate(stem[1:-1:3]):
            side, lit = (-1, 3.5) if k % 2 else (1, 2.4)
            tip = (x + side * 4.3, y + 2.8)
            _tapered(s, (x, y), tip, (1, 4.6, 3.4, 0.6), side * 0.5, paint, lit)
        x, y = stem[-1]
        _tapered(s, (x, y - 2), (x, y + 2), (1, 4, 0.6), 0, paint, 3)


DRAWN: dict[str, Draw] = {
    "pumpkin": _pumpkin,
    "toadstool": _toadstool,
    "berry bush": _bush_berries,
    "oak tree": _oak,
    "pine tree": _pine,
    "dead tree": _dead_tree,
    "apple tree": _apple_tree,
    "lily pad": _lily_pad,
    "cattails": _cattails,
    "wheat": _wheat,
    "flower bed": _flower_bed,
    "fern": _fern,
    "vine": _vine,
}
