from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from llamavis_studio.model.train.colours import Pixels

SIDE = 32


def box(top: int, bottom: int, left: int, right: int, colour: tuple[int, int, int]) -> Pixels:
    pixels = np.zeros((SIDE, SIDE, 4), np.uint8)
    pixels[top:bottom, left:right] = (*colour, 255)
    return pixels


def tile_row(path: str, kind: str, pixels: Pixels, surface: str | None = None) -> dict[str, object]:
    *_, category, name = path.removesuffix(".png").split("/")
    return {
        "path": path, "kind": kind, "category": category, "sub": [], "surface": surface,
        "name": name.rstrip("0123456789_").replace("_", " "), "pixels": pixels,
    }  # fmt: skip


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """A tiny stand-in for the two collections: a dragon, a wall, parts of a man, an emoji."""
    rng = np.random.default_rng(0)
    noise = rng.integers(90, 130, (SIDE, SIDE, 1)).astype(np.uint8)
    wall = np.concatenate([np.repeat(noise, 3, -1), np.full((SIDE, SIDE, 1), 255, np.uint8)], -1)
    rows = [
        tile_row("mon/dragons/fire_dragon.png", "creature", box(6, 28, 4, 28, (200, 30, 30))),
        tile_row("mon/unique/agnes_who.png", "creature", box(4, 30, 8, 24, (40, 90, 40))),
        tile_row("item/potion/ruby.png", "item", box(8, 24, 10, 22, (190, 20, 40))),
        tile_row("gui/i-misc/i_fire.png", "item", box(8, 24, 10, 22, (190, 20, 40))),
        *(
            tile_row(f"dngn/wall/brick_gray{i}.png", "texture", np.roll(wall, i, 0), "wall")
            for i in range(3)
        ),
        tile_row("player/base/human_m.png", "part", box(4, 30, 12, 20, (220, 180, 150))),
        tile_row("player/body/robe_blue.png", "part", box(12, 28, 11, 21, (20, 30, 200))),
        tile_row("player/hand1/spear.png", "part", box(2, 30, 6, 9, (120, 90, 60))),
        tile_row("player/hair/long_red.png", "part", box(4, 8, 12, 20, (200, 40, 30))),
        tile_row("player/legs/pants_brown.png", "part", box(20, 26, 13, 19, (90, 60, 30))),
    ]
    _write(tmp_path / "tiles", rows)
    leaf = np.zeros((72, 72, 4), np.uint8)
    leaf[10:60, 12:58] = (40, 160, 60, 255)
    emoji = {"name": "green apple", "name_zh": "青苹果", "tags": [], "tags_zh": [], "group": 4}
    flag = {"name": "one o’clock", "name_zh": "一点", "tags": [], "tags_zh": [], "group": 5}
    _write(tmp_path / "emoji", [{**emoji, "pixels": leaf}, {**flag, "pixels": leaf}])
    return tmp_path


def _write(folder: Path, rows: list[dict[str, object]]) -> None:
    folder.mkdir()
    lines = []
    for number, row in enumerate(rows):
        pixels = row.pop("pixels")
        assert isinstance(pixels, np.ndarray)
        row["file"] = f"{number:05d}.png"
        Image.fromarray(pixels).save(folder / str(row["file"]))
        lines.append(json.dumps(row, ensure_ascii=False))
    (folder / "index.jsonl").write_text("\n".join(lines), encoding="utf-8")
