"""What the preview needs of an image file: pixels, and where a sheet's pictures are."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llamavis_studio.imaging.arrays import Pixels
from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.png import decode_image

if TYPE_CHECKING:
    from llamavis_studio.pipeline.plan import PlannedTarget

Box = tuple[int, int, int, int]
DEFAULT_FPS = 8.0


@dataclass(frozen=True)
class Shown:
    """An image as it is shown; `pixels` (h, w, 3 or 4) sRGB bytes, straight alpha."""

    path: Path
    pixels: Pixels = field(repr=False, compare=False)
    boxes: tuple[Box, ...] = ()
    fps: float = DEFAULT_FPS
    tileable: bool = False


def read_shown(path: Path, planned: PlannedTarget | None) -> Shown | str:
    """The image, or in words why there is none to show."""
    try:
        pixels = decode_image(path)
    except (ImageError, OSError) as error:
        return str(getattr(error, "strerror", "") or error)
    boxes, fps = _table(path.with_suffix(".json"))
    tileable = planned is not None and planned.target.recipe.tileable
    return Shown(path, pixels, boxes, fps, tileable)


def _table(path: Path) -> tuple[tuple[Box, ...], float]:
    """The frames of Aseprite's table beside a sheet, and how many are shown a second."""
    try:
        frames: Any = json.loads(path.read_bytes())["frames"]
        rows = list(frames.values()) if isinstance(frames, dict) else list(frames)
        boxes = tuple(tuple(int(row["frame"][key]) for key in "xywh") for row in rows)
        duration_ms = float(rows[0].get("duration", 1000 / DEFAULT_FPS)) if rows else 0
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return (), DEFAULT_FPS
    return boxes, 1000 / duration_ms if duration_ms > 0 else DEFAULT_FPS  # type: ignore[return-value]
