"""Textures drawn by rule, for surfaces the tiles lack: planks, roofs, bricks, snow, cloth.

A pattern of light levels and a ramp of five colours make the pixels; moss, vines and flowers may
grow on them. Names are exact in English and Chinese (resources/training/surfaces.toml).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from llamavis_studio.model.colour_names import from_oklab
from llamavis_studio.model.train.captions import unique
from llamavis_studio.model.train.colours import Pixels
from llamavis_studio.model.train.surface_patterns import PATTERNS, Levels, Rng, grid
from llamavis_studio.model.train.words import article, table


@dataclass(frozen=True)
class Surface:
    """One drawn texture."""

    pixels: Pixels
    name: str
    captions: tuple[str, ...]
    captions_zh: tuple[str, ...]


def ramp(paint: str, contrast: float = 1.0) -> Pixels:
    """Five sRGB colours (5, 3) of one paint from shadow to light, cooler in the dark."""
    light, chroma, hue, _ = table("surfaces")["paints"][paint]
    steps = np.array([-0.24, -0.12, 0.0, 0.08, 0.16], np.float32) * contrast
    levels = np.clip(light + steps, 0.06, 0.98)
    turn = np.radians(hue + np.array([-14, -7, 0, 4, 8], np.float32) * (1 if chroma > 0.03 else 0))
    fade = chroma * np.array([0.85, 0.95, 1.0, 0.95, 0.8], np.float32)
    lab = np.stack([levels, fade * np.cos(turn), fade * np.sin(turn)], -1).astype(np.float32)
    return from_oklab(lab)


_LAVA = np.array(
    [[34, 16, 22], [66, 24, 26], [196, 44, 24], [248, 124, 32], [255, 222, 96]], np.uint8
)
_FLOWERS = ("yellow", "red", "white", "pink")


def draw_many(count: int, rng: Rng) -> Iterator[Surface]:
    """`count` textures, all surfaces in turn; every fourth is 64 px, the others 32 px."""
    names = list(table("surfaces")["surfaces"])
    for number in range(count):
        name = names[number % len(names)]
        yield draw(name, 64 if number % 4 == 3 else 32, rng)


def draw(name: str, side: int, rng: Rng) -> Surface:
    """One texture (side, side) of a surface in one of its colours, sometimes with growth on it."""
    entry = table("surfaces")["surfaces"][name]
    chinese = str(entry["zh"])
    paint = str(rng.choice(entry["paints"]))
    field = np.clip(PATTERNS[entry["pattern"]](side, rng), 0, 4)
    colours = _LAVA if paint == "lava" else ramp(paint, float(entry["contrast"]))
    rgb = colours[field]
    extra, extra_zh = "", ""
    if name in ("brick wall", "stone block wall", "cobblestone floor", "cracked stone floor",
                "roof tiles") and rng.random() < 0.3:  # fmt: skip
        extra, extra_zh = ("mossy", "长满苔藓的")
        _moss(rgb, field, rng)
    elif name in ("brick wall", "stone block wall") and rng.random() < 0.25:
        extra, extra_zh = ("vines", "有藤蔓的")
        _vines(rgb, rng)
    elif name == "grass" and rng.random() < 0.5:
        extra = str(rng.choice(_FLOWERS))
        extra_zh = f"有{_zh(extra)}花的"
        _flowers(rgb, extra, rng)
    elif name == "metal plates with rivets" and paint in ("brown", "orange"):
        extra, extra_zh = ("rusty", "生锈的")
    words, words_zh = _words(name, chinese, "" if paint == "lava" else paint, extra, extra_zh)
    alpha = np.full((side, side, 1), 255, np.uint8)
    return Surface(np.concatenate([rgb, alpha], -1), words[0], words, words_zh)


def _words(
    name: str, chinese: str, paint: str, extra: str, extra_zh: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    head = name
    if name == "checkered floor":
        head = f"black and {paint if paint != 'grey' else 'white'} checkered floor"
    elif extra == "mossy" or extra == "rusty":
        head = f"{extra} {paint} {name}" if extra == "mossy" else f"{extra} {name}"
    elif extra == "vines":
        head = f"{paint} {name} with green vines"
    elif extra:
        head = f"{paint} {name} with {extra} flowers"
    elif name == "metal plates with rivets":
        head = f"{paint} metal plates with rivets"
    else:
        head = f"{paint} {name}".strip()
    paint_zh = _zh(paint)
    if name == "checkered floor":
        paint_zh = f"黑色和{paint_zh if paint != 'grey' else '白色'}"
    zh = f"{extra_zh}{paint_zh}{chinese}"
    singular = head.split(" with ")[0].endswith(("wall", "floor", "cloth", "sky", "grate", "bark"))
    words = [head, f"{head} texture", f"seamless {head} texture", f"{head} tile"]
    if singular:
        words.append(article(head))
    return unique(words), unique([zh, f"{zh}纹理"])


def _moss(rgb: Pixels, field: Levels, rng: Rng) -> None:
    n = len(field)
    y, x = grid(n)
    green = ramp("green", 0.9)
    w = 2 * np.pi / n
    turn = rng.random(3) * 6.28
    patch = np.sin(w * (x + 2 * y) + turn[0]) + np.sin(w * (2 * x - y) + turn[1])
    patch += 0.8 * np.sin(w * (3 * x + y) + turn[2]) + rng.random((n, n)) * 0.8
    where = patch > 1.1
    rgb[where] = green[np.clip(field[where], 0, 3)]


def _vines(rgb: Pixels, rng: Rng) -> None:
    n = len(rgb)
    green = ramp("green", 1.1)
    for _ in range(max(2, n // 12)):
        x, phase, turns = rng.integers(n), rng.random() * 6.28, int(rng.integers(1, 3))
        for y in range(n):
            at = round(x + 2.2 * np.sin(2 * np.pi * turns * y / n + phase))
            rgb[y, at % n] = green[1]
            if rng.random() < 0.5:
                side = 1 if rng.random() < 0.5 else -1
                rgb[y, (at + side) % n] = green[3]
                rgb[(y + 1) % n, (at + side) % n] = green[2]


def _flowers(rgb: Pixels, paint: str, rng: Rng) -> None:
    n = len(rgb)
    petal, heart = ramp(paint)[3], ramp("orange" if paint != "orange" else "yellow")[3]
    for _ in range(max(3, n * n // 170)):
        x, y = int(rng.integers(n)), int(rng.integers(n))
        for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            rgb[(y + dy) % n, (x + dx) % n] = petal
        rgb[y, x] = heart


def _zh(paint: str) -> str:
    """The Chinese word of a paint, nothing for none."""
    paints = table("surfaces")["paints"]
    return str(paints[paint][3]) if paint in paints else ""
