# SPDX-License-Identifier: GPL-3.0-or-later
"""A sheet of rendered frames, and its table in the format of Aseprite. No bpy here."""

from __future__ import annotations

import json
from dataclasses import dataclass

DIRECTIONS = {
    1: ("front",),
    4: ("front", "right", "back", "left"),
    8: (
        "front", "front_right", "right", "back_right", "back", "back_left", "left", "front_left",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Grid:
    """Where frames lie: a row for each direction, a column for each frame; sizes in pixels."""

    directions: tuple[str, ...]
    frames: int
    width: int
    height: int

    @property
    def size(self) -> tuple[int, int]:
        """Of the whole sheet."""
        return self.frames * self.width, len(self.directions) * self.height

    def place(self, direction: int, frame: int) -> tuple[int, int]:
        """Left and top of a frame, from the sheet's upper left corner."""
        return frame * self.width, direction * self.height


def table(grid: Grid, name: str, image: str, duration_ms: int) -> str:
    """The JSON that Aseprite exports for such a sheet, with a tag for each direction."""
    frames = []
    for row, direction in enumerate(grid.directions):
        for column in range(grid.frames):
            x, y = grid.place(row, column)
            box = {"x": x, "y": y, "w": grid.width, "h": grid.height}
            frames.append(
                {
                    "filename": f"{name} {direction} {column}",
                    "frame": box,
                    "rotated": False,
                    "trimmed": False,
                    "spriteSourceSize": {**box, "x": 0, "y": 0},
                    "sourceSize": {"w": grid.width, "h": grid.height},
                    "duration": duration_ms,
                }
            )
    tags = [
        {
            "name": direction,
            "from": row * grid.frames,
            "to": (row + 1) * grid.frames - 1,
            "direction": "forward",
        }
        for row, direction in enumerate(grid.directions)
    ]
    width, height = grid.size
    meta = {
        "app": "LlamaVis for Blender",
        "version": "1.3",
        "image": image,
        "format": "RGBA8888",
        "size": {"w": width, "h": height},
        "scale": "1",
        "frameTags": tags,
    }
    return json.dumps({"frames": frames, "meta": meta}, indent=1, ensure_ascii=False) + "\n"
