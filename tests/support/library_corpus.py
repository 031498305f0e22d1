"""Made-up asset libraries: many PNGs with words beside them, the same for the same seed."""

from __future__ import annotations

import io
import json
import os
import random
import time
from pathlib import Path

import numpy as np
from PIL import Image

COLOURS = (
    "red green blue brown grey black white golden silver purple orange pale dark mossy".split()
)
THINGS = (
    "knight dragon goblin slime bat skeleton wizard archer door chest sword shield potion scroll "
    "wall floor cobblestone grass water lava tree bush rock crystal torch banner table chair "
    "barrel crate bridge tower castle cave mushroom flower spider wolf bear fish ring crown key "
    "lamp boat"
).split()
PLACES = "cave forest castle dungeon village desert swamp mountain ruins harbour".split()
HAN = "石头 骑士 龙 森林 城堡 水 火 剑 盾 蘑菇".split()
SUFFIXES = ("txt", "caption", "json", "")


def words_for(number: int, rng: random.Random) -> tuple[str, list[str]]:
    """A caption and tags; common words are much commoner than rare ones, every tenth is Chinese."""
    thing = THINGS[min(int(rng.paretovariate(0.6)) - 1, len(THINGS) - 1)]
    colour = rng.choice(COLOURS)
    place = PLACES[min(int(rng.paretovariate(0.8)) - 1, len(PLACES) - 1)]
    if number % 10 == 0:
        return f"{rng.choice(HAN)}，{rng.choice(HAN)} 第{number}", [rng.choice(HAN), thing]
    return f"{colour} {thing} in a {place}, variant {number}", [colour, thing, place]


def small_png(number: int, rng: np.random.Generator, side: int = 32, level: int = 1) -> bytes:
    """A blocky sprite of a few colours; no two numbers give the same pixels."""
    palette = rng.integers(0, 256, (6, 3), np.uint8)
    cells = rng.integers(0, 6, (8, 8))
    pixels = np.zeros((8, 8, 4), np.uint8)
    pixels[..., :3] = palette[cells]
    pixels[..., 3] = np.where((cells == 0) & (number % 2 == 0), 0, 255)
    pixels = np.repeat(np.repeat(pixels, side // 8, 0), side // 8, 1)
    pixels[0, 0] = (number & 255, number >> 8 & 255, number >> 16 & 255, 255)
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG", compress_level=level)
    return stream.getvalue()


def painted_png(number: int, rng: np.random.Generator, side: int) -> bytes:
    """A picture with a little noise, as painted or photographed textures have."""
    ramp = np.linspace(0, 1, side)
    base = np.sin(ramp[:, None] * rng.uniform(3, 20)) + np.cos(ramp[None] * rng.uniform(3, 20))
    pixels = np.clip(120 + 50 * base[..., None] * rng.uniform(0.3, 1, 3), 0, 255)
    pixels = pixels + rng.normal(0, 2, (side, side, 1))
    pixels[0, 0] = (number & 255, number >> 8 & 255, number >> 16 & 255)
    stream = io.BytesIO()
    Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(stream, "PNG", compress_level=6)
    return stream.getvalue()


def write_project(root: Path) -> Path:
    """An empty project."""
    root.mkdir(parents=True, exist_ok=True)
    (root / "llamavis.toml").write_text('[project]\nname = "many"\n', encoding="utf-8")
    return root


def write_small(root: Path, count: int, seed: int = 1, sidecars: bool = True) -> None:
    """`count` small PNGs, 500 a folder, three of four with words beside them."""
    rng, noise = random.Random(seed), np.random.default_rng(seed)
    for number in range(count):
        folder = root / f"pack{number // 5000}" / f"set{number // 500 % 10}"
        if number % 500 == 0:
            folder.mkdir(parents=True, exist_ok=True)
        caption, tags = words_for(number, rng)
        stem = folder / f"{tags[-1]}_{number}"
        Path(f"{stem}.png").write_bytes(small_png(number, noise))
        suffix = SUFFIXES[number % 4]
        if not sidecars or not suffix:
            continue
        text = {
            "txt": ", ".join(tags),
            "caption": caption,
            "json": json.dumps({"caption": caption, "tags": tags}, ensure_ascii=False),
        }[suffix]
        Path(f"{stem}.{suffix}").write_text(text, encoding="utf-8")


def write_mixed(root: Path, count: int, seed: int = 2) -> None:
    """PNGs as games have them: most 16 to 64 pixels a side, some to 256, few of 512 and 1024."""
    rng, noise = random.Random(seed), np.random.default_rng(seed)
    large = [painted_png(n, noise, side) for n, side in enumerate([256] * 8 + [512] * 4 + [1024])]
    for number in range(count):
        folder = root / f"set{number // 500}"
        if number % 500 == 0:
            folder.mkdir(parents=True, exist_ok=True)
        draw = rng.random()
        if draw < 0.08:
            # Its own bytes, so that it is its own asset: what follows the end is not read.
            data = large[number % 8] + number.to_bytes(4, "big")
        elif draw < 0.10:
            data = large[8 + number % 5] + number.to_bytes(4, "big")
        else:
            side = rng.choice((16, 16, 24, 32, 32, 32, 48, 64, 64, 128))
            data = small_png(number, noise, side, 6)
        (folder / f"{rng.choice(THINGS)}_{number}.png").write_bytes(data)


def age(root: Path, seconds: int = 3600) -> None:
    """As if everything had been written a while ago: stamps younger than the clock's grain are not
    trusted.
    """
    past = time.time_ns() - seconds * 1_000_000_000
    for folder, _, names in os.walk(root):
        for name in names:
            os.utime(os.path.join(folder, name), ns=(past, past))
