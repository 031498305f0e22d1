"""Pixel-art drawing for small backgrounds: dithered skies, water, ridges, trees, buildings.

A canvas is float32 (h, w, 3) sRGB 0..255; every function draws in place, top left is (0, 0).
`Light` says the hour: it tints what is drawn on the ground.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Canvas = NDArray[np.float32]
Rgb = tuple[int, int, int]

_BAYER = (
    np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]], np.float32) + 0.5
) / 16.0


@dataclass(frozen=True)
class Light:
    """One hour: sky colours from top to horizon, and what the ground's colours are mixed with."""

    sky: tuple[Rgb, ...]
    tint: Rgb
    dark: float  # 0 keeps the ground's own colour, 1 is the tint alone
    cloud: Rgb
    shade: Rgb

    def on(self, colour: Rgb) -> Rgb:
        """A ground colour seen in this light."""
        mixed = [c * (1 - self.dark) + c * t / 255.0 * self.dark for c, t in
                 zip(colour, self.tint, strict=True)]  # fmt: skip
        return (round(mixed[0]), round(mixed[1]), round(mixed[2]))


def ramp(
    canvas: Canvas, colours: Sequence[Rgb], top: int, bottom: int, dither: float = 0.8
) -> None:
    """Bands of colours between two rows, their borders dithered by a 4x4 Bayer pattern."""
    height, width = canvas.shape[:2]
    rows = np.arange(top, min(bottom, height))
    if len(rows) == 0:
        return
    at = (rows - top + 0.5) / max(bottom - top, 1) * len(colours) - 0.5
    pattern = np.tile(_BAYER, (height // 4 + 1, width // 4 + 1))[top : top + len(rows), :width]
    level = np.floor(at[:, None] + 0.5 + (pattern - 0.5) * dither)
    index = np.clip(level, 0, len(colours) - 1).astype(int)
    canvas[rows] = np.array(colours, np.float32)[index]


def mix(a: Rgb, b: Rgb, share: float) -> Rgb:
    """Colour between `a` (share 0) and `b` (share 1)."""
    m = [round(x + (y - x) * share) for x, y in zip(a, b, strict=True)]
    return (m[0], m[1], m[2])


def disc(canvas: Canvas, x: float, y: float, radius: float, colour: Rgb) -> None:
    """A filled circle."""
    height, width = canvas.shape[:2]
    yy, xx = np.mgrid[:height, :width]
    canvas[(xx - x) ** 2 + (yy - y) ** 2 <= radius**2 + 0.3] = colour


def crescent(canvas: Canvas, x: float, y: float, radius: float, colour: Rgb) -> None:
    """A moon with a bite taken out of its upper right."""
    height, width = canvas.shape[:2]
    yy, xx = np.mgrid[:height, :width]
    whole = (xx - x) ** 2 + (yy - y) ** 2 <= radius**2 + 0.3
    bite = (xx - x - radius * 0.6) ** 2 + (yy - y + radius * 0.35) ** 2 <= (radius * 0.85) ** 2
    canvas[whole & ~bite] = colour


def stars(canvas: Canvas, bottom: int, count: int, rng: np.random.Generator) -> None:
    """Single bright pixels, a few of them small crosses."""
    width = canvas.shape[1]
    for i in range(count):
        x, y = int(rng.integers(1, width - 1)), int(rng.integers(1, max(bottom - 1, 2)))
        canvas[y, x] = (255, 255, 235) if i % 3 else (190, 200, 240)
        if i % 7 == 0:
            for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
                canvas[y + dy, x + dx] = np.maximum(canvas[y + dy, x + dx], (120, 130, 190))


def cloud(canvas: Canvas, x: int, y: int, size: int, light: Rgb, shade: Rgb) -> None:
    """A cloud with a flat bottom, lit from above."""
    height, width = canvas.shape[:2]
    yy, xx = np.mgrid[:height, :width]
    body = np.zeros((height, width), bool)
    for dx, dy, r in (
        (-0.9, 0.1, 0.42),
        (-0.25, -0.25, 0.62),
        (0.45, -0.1, 0.52),
        (1.0, 0.2, 0.35),
    ):
        cx, cy, radius = x + dx * size, y + dy * size * 0.7, max(r * size * 0.75, 1.2)
        body |= (xx - cx) ** 2 / 1.5 + (yy - cy) ** 2 <= radius**2
    floor = y + size * 0.28
    body &= yy <= floor
    canvas[body] = light
    canvas[body & (yy > floor - max(1.0, size * 0.18))] = shade


def heights(
    width: int, base: float, swing: float, rough: float, rng: np.random.Generator
) -> Canvas:
    """A ridge line as one row number for each column, from a few sines."""
    x = np.arange(width) / width
    line = np.full(width, float(base))
    for k in range(1, 4):
        line += swing / k * np.sin(2 * np.pi * (k * rough * x + rng.random()))
    return line.astype(np.float32)


def ground(canvas: Canvas, line: Canvas, colours: Sequence[Rgb]) -> None:
    """Everything below a ridge line, in bands from the line to the bottom, dithered."""
    height, width = canvas.shape[:2]
    yy = np.arange(height)[:, None]
    depth = (yy - line[None]) / np.maximum(height - line[None], 1.0)
    pattern = np.tile(_BAYER, (height // 4 + 1, width // 4 + 1))[:height, :width]
    index = np.clip(np.floor(depth * len(colours) + (pattern - 0.5) * 0.7), 0, len(colours) - 1)
    below = yy >= line[None]
    canvas[below] = np.array(colours, np.float32)[index.astype(int)][below]


def mountains(
    canvas: Canvas,
    base: int,
    peaks: Sequence[tuple[int, int]],
    lit: Rgb,
    dark: Rgb,
    snow: Rgb | None,
) -> None:
    """Peaks (x, top row) standing on the row `base`: the left side lit, the right in shade."""
    height, width = canvas.shape[:2]
    yy, xx = np.mgrid[:height, :width]
    for x, top in peaks:
        slope = 1.15
        jag = ((yy * 7 + xx * 3) % 5 == 0).astype(int)
        inside = (np.abs(xx - x) <= (yy - top) * slope + jag) & (yy < base) & (yy >= top)
        canvas[inside] = dark
        ridge = x + ((yy * 5) % 3 - 1)
        canvas[inside & (xx < ridge)] = lit
        if snow is not None:
            cap = inside & (yy - top < 4 + (xx * 5 % 3) + (base - top) * 0.12)
            canvas[cap] = mix(snow, dark, 0.28)
            canvas[cap & (xx < ridge)] = snow


def sea(
    canvas: Canvas, top: int, bottom: int, colours: Sequence[Rgb], glint: Rgb, sun_x: int | None,
    rng: np.random.Generator,
) -> None:  # fmt: skip
    """Water with short wave dashes, and the path of the sun or moon on it where there is one."""
    ramp(canvas, colours, top, bottom)
    width = canvas.shape[1]
    for y in range(top + 1, min(bottom, canvas.shape[0])):
        depth = (y - top) / max(bottom - top, 1)
        for _ in range(1 + int(2 * (1 - depth))):
            length = 1 + int(3 * depth) + int(rng.integers(2))
            x = int(rng.integers(0, width - length))
            canvas[y, x : x + length] = canvas[y, x] * 0.6 + np.array(glint) * 0.4
        if sun_x is not None:
            reach = 1 + int(3 * depth)
            left = sun_x - reach + int(rng.integers(-1, 2))
            if y % 2 == 0 or rng.random() < 0.5:
                canvas[y, max(left, 0) : max(left + 2 * reach, 0)] = glint


def palm(canvas: Canvas, x: int, foot: int, tall: int, lean: int, trunk: Rgb, leaf: Rgb) -> None:
    """A palm tree whose trunk leans by `lean` pixels to its crown."""
    top = foot - tall
    for y in range(top, foot + 1):
        share = (foot - y) / max(tall, 1)
        put(canvas, x + round(lean * share**1.6), y, trunk)
        if share < 0.4:
            put(canvas, x + 1 + round(lean * share**1.6), y, mix(trunk, (0, 0, 0), 0.3))
    cx = x + lean
    dark = mix(leaf, (0, 0, 0), 0.35)
    for side in (-1, 1):
        for i, drop in enumerate((0, -1, -1, 0, 1)):
            put(canvas, cx + side * i, top + drop, leaf)
        for i, drop in enumerate((0, 0, 1, 2, 3)):
            put(canvas, cx + side * i, top + drop, dark)
        for i, drop in enumerate((0, -2, -3)):
            put(canvas, cx + side * i, top + drop, leaf)
    put(canvas, cx, top + 1, mix(trunk, (0, 0, 0), 0.4))


def pine(canvas: Canvas, x: int, foot: int, tall: int, leaf: Rgb, snow: Rgb | None = None) -> None:
    """A fir tree: stacked triangles, its right side darker, snow on it if asked."""
    dark = mix(leaf, (0, 0, 20), 0.35)
    put(canvas, x, foot, (70, 48, 36))
    for i in range(tall):
        y = foot - 1 - i
        reach = max(0, round((tall - i) * 0.32 + (0.9 if (tall - i) % 3 == 0 else 0.0)))
        for dx in range(-reach, reach + 1):
            colour = leaf if dx <= 0 else dark
            if snow is not None and (i >= tall - 2 or (dx < 0 and (tall - i) % 3 == 0)):
                colour = snow
            put(canvas, x + dx, y, colour)


def tree(canvas: Canvas, x: int, foot: int, size: int, leaf: Rgb, trunk: Rgb) -> None:
    """A round tree lit from the upper left."""
    for y in range(foot - size, foot + 1):
        put(canvas, x, y, trunk)
    cy = foot - size - size // 2
    disc(canvas, x, cy, size * 0.75, mix(leaf, (0, 0, 20), 0.35))
    disc(canvas, x - 0.5, cy - 0.5, size * 0.55, leaf)
    put(canvas, x - 1, cy - size // 2, mix(leaf, (255, 255, 180), 0.35))


def cactus(canvas: Canvas, x: int, foot: int, tall: int, leaf: Rgb) -> None:
    """A cactus with two arms."""
    dark = mix(leaf, (0, 0, 20), 0.35)
    for y in range(foot - tall, foot + 1):
        put(canvas, x, y, leaf)
        put(canvas, x + 1, y, dark)
    arm = foot - tall // 2
    for dx, colour in ((-1, leaf), (-2, leaf), (2, dark), (3, dark)):
        put(canvas, x + dx, arm + (0 if dx < 0 else -1), colour)
    for i in range(2):
        put(canvas, x - 2, arm - 1 - i, leaf)
        put(canvas, x + 3, arm - 2 - i, dark)


def tower(
    canvas: Canvas, x: int, wide: int, top: int, foot: int, wall: Rgb, window: Rgb | None,
    rng: np.random.Generator, gap: int = 2,
) -> None:  # fmt: skip
    """A building block with a shaded right side and, where asked, lit windows."""
    width = canvas.shape[1]
    x0, x1 = max(x, 0), min(x + wide, width)
    if x1 <= x0:
        return
    canvas[max(top, 0) : foot, x0:x1] = wall
    canvas[max(top, 0) : foot, max(x1 - 1, 0) : x1] = mix(wall, (0, 0, 0), 0.35)
    if window is None:
        return
    for y in range(top + 1, foot - 1, gap):
        for column in range(x + 1, x + wide - 1, gap):
            if rng.random() < 0.55:
                put(canvas, column, y, window)


def castle(canvas: Canvas, x: int, foot: int, wall: Rgb, roof: Rgb, window: Rgb) -> None:
    """A castle of three towers with pointed roofs, a gate and battlements."""
    dark = mix(wall, (0, 0, 10), 0.3)
    canvas[foot - 7 : foot, x - 7 : x + 8] = wall
    canvas[foot - 7 : foot, x + 3 : x + 8] = dark
    for column in range(x - 7, x + 8, 2):
        put(canvas, column, foot - 8, wall)
    for cx, tall, wide in ((x - 7, 11, 3), (x + 7, 11, 3), (x, 14, 4)):
        left = cx - wide // 2
        canvas[foot - tall : foot, left : left + wide] = wall
        canvas[foot - tall : foot, left + wide - 1 : left + wide] = dark
        for i in range(wide):
            reach = max(0, (wide - i + 1) // 2)
            for dx in range(-reach, reach + 1):
                put(
                    canvas,
                    cx + dx,
                    foot - tall - 1 - i,
                    roof if dx <= 0 else mix(roof, (0, 0, 0), 0.3),
                )
        put(canvas, cx - (0 if wide == 3 else 1), foot - tall + 2, window)
    canvas[foot - 4 : foot, x - 1 : x + 2] = (52, 34, 30)


def house(canvas: Canvas, x: int, foot: int, wall: Rgb, roof: Rgb, window: Rgb) -> None:
    """A cottage with a pitched roof, a door and a window."""
    canvas[foot - 4 : foot, x - 3 : x + 4] = wall
    canvas[foot - 4 : foot, x + 2 : x + 4] = mix(wall, (0, 0, 0), 0.2)
    for i in range(4):
        for dx in range(-4 + i, 5 - i):
            put(canvas, x + dx, foot - 5 - i, roof if dx <= 0 else mix(roof, (0, 0, 0), 0.25))
    canvas[foot - 3 : foot, x - 2 : x - 1] = (80, 50, 34)
    put(canvas, x + 1, foot - 3, window)
    put(canvas, x + 2, foot - 3, window)


def boat(canvas: Canvas, x: int, y: int, sail: Rgb) -> None:
    """A small sailing boat on the row `y`."""
    for dx in range(-3, 4):
        put(canvas, x + dx, y, (104, 66, 40))
        if abs(dx) < 3:
            put(canvas, x + dx, y + 1, (76, 46, 30))
    for i in range(6):
        put(canvas, x, y - 1 - i, (70, 48, 36))
        for dx in range(1, 5 - i):
            put(canvas, x + dx, y - 2 - i, sail)
        for dx in range(1, 4 - i):
            put(canvas, x - dx, y - 2 - i, mix(sail, (0, 0, 0), 0.18))


def put(canvas: Canvas, x: int, y: int, colour: Rgb) -> None:
    """One pixel, if it lies on the canvas."""
    if 0 <= y < canvas.shape[0] and 0 <= x < canvas.shape[1]:
        canvas[y, x] = colour
