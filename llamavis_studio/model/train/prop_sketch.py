"""A sheet on which a prop is drawn: shapes of one paint, shaded, later ones over earlier ones.

Everything is measured in pixels of the finished 32 px picture, x to the right and y down, as
floats: the sheet itself is eight times as fine, and `finish` makes pixel art of it, as of emoji.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from llamavis_studio.model.colour_names import from_oklab
from llamavis_studio.model.train.colours import Pixels
from llamavis_studio.model.train.emoji import snap
from llamavis_studio.model.train.sources import GRID, shrink
from llamavis_studio.model.train.words import table

FINE = 8
"""Pixels of the sheet along one of the picture."""
SIDE = GRID * FINE
Mask = NDArray[np.bool_]
Field = NDArray[np.float32]
Point = tuple[float, float]
Draw = Callable[["Sketch", str, np.random.Generator], None]
"""Draws one thing on an empty sheet, in a paint, with small differences by chance."""

_STEPS = np.array([-0.3, -0.16, 0.0, 0.1, 0.2], np.float32)
_TURNS = np.array([-14, -7, 0, 4, 8], np.float32)
_FADES = np.array([0.85, 0.95, 1.0, 0.95, 0.75], np.float32)


class Light:
    """How bright a shape is, from 0 (shadow) over 2 (its own colour) to 4 (highlight)."""

    @staticmethod
    def flat(level: float) -> Field:
        """The same everywhere."""
        return np.full((SIDE, SIDE), level, np.float32)

    @staticmethod
    def across(x0: float, x1: float, levels: Sequence[float]) -> Field:
        """From the left to the right through some levels, evenly apart: a cylinder that stands."""
        at = np.linspace(x0, x1, len(levels))
        row = np.interp(_centres(), at, levels).astype(np.float32)
        return np.broadcast_to(row, (SIDE, SIDE))

    @staticmethod
    def down(y0: float, y1: float, levels: Sequence[float]) -> Field:
        """From the top to the bottom through some levels, evenly apart: a cylinder that lies."""
        at = np.linspace(y0, y1, len(levels))
        column = np.interp(_centres(), at, levels).astype(np.float32)
        return np.broadcast_to(column[:, None], (SIDE, SIDE))

    @staticmethod
    def round(
        x: float, y: float, radius: float, levels: Sequence[float] = (4, 3, 2, 1, 0)
    ) -> Field:
        """From a bright spot outwards: a ball. Put the spot above and left of the ball's middle."""
        places = _centres()
        far = np.hypot(places[None, :] - x, places[:, None] - y)
        return np.interp(far, np.linspace(0, radius, len(levels)), levels).astype(np.float32)


class Sketch:
    """One prop while it is drawn. Shapes take a `paint` of surfaces.toml and a light: a level, or a
    field of `Light`. They return their mask, by which the next ones can be bounded (`within`).
    """

    def __init__(self) -> None:
        self._pixels = np.zeros((SIDE, SIDE, 4), np.uint8)

    def polygon(
        self, points: Sequence[Point], paint: str, light: float | Field = 2.0,
        within: Mask | None = None,
    ) -> Mask:  # fmt: skip
        """A filled outline of three corners or more."""
        return self._put(_mask("polygon", [_fine(p) for p in points]), paint, light, within)

    def box(
        self, x0: float, y0: float, x1: float, y1: float, paint: str, light: float | Field = 2.0,
        within: Mask | None = None, corner: float = 0.0,
    ) -> Mask:  # fmt: skip
        """A rectangle, its corners rounded by a radius."""
        # Pillow draws the far corner too.
        at = [*_fine((x0, y0)), x1 * FINE - 1, y1 * FINE - 1]
        mask = _mask("rounded_rectangle", at, radius=corner * FINE)
        return self._put(mask, paint, light, within)

    def oval(
        self, x0: float, y0: float, x1: float, y1: float, paint: str, light: float | Field = 2.0,
        within: Mask | None = None,
    ) -> Mask:  # fmt: skip
        """An ellipse in a rectangle."""
        at = [*_fine((x0, y0)), x1 * FINE - 1, y1 * FINE - 1]
        return self._put(_mask("ellipse", at), paint, light, within)

    def line(
        self, points: Sequence[Point], width: float, paint: str, light: float | Field = 2.0,
        within: Mask | None = None,
    ) -> Mask:  # fmt: skip
        """Strokes from point to point with round ends and corners."""
        joined = _mask("line", [_fine(p) for p in points], width=round(width * FINE), joint="curve")
        r = width / 2
        for x, y in (points[0], points[-1]):
            joined |= _mask("ellipse", [*_fine((x - r, y - r)), *_fine((x + r, y + r))])
        return self._put(joined, paint, light, within)

    def ring(
        self, x0: float, y0: float, x1: float, y1: float, width: float, paint: str,
        light: float | Field = 2.0, within: Mask | None = None,
    ) -> Mask:  # fmt: skip
        """The rim of an ellipse, as wide as said, inwards."""
        outer = _mask("ellipse", [*_fine((x0, y0)), x1 * FINE - 1, y1 * FINE - 1])
        inner = [x0 + width, y0 + width, x1 - width, y1 - width]
        inner_mask = _mask("ellipse", [v * FINE for v in inner])
        return self._put(outer & ~inner_mask, paint, light, within)

    def paint(
        self, mask: Mask, paint: str, light: float | Field = 2.0, within: Mask | None = None
    ) -> Mask:
        """Any mask of the sheet, such as what two shapes have in common."""
        return self._put(mask, paint, light, within)

    def erase(self, mask: Mask) -> None:
        """Make a part see-through again."""
        self._pixels[mask] = 0

    def finish(self, colours: int = 14) -> Pixels:
        """The picture ``(32, 32, 4)`` sRGB: hard edges, few colours, a darker outline."""
        return snap(shrink(self._pixels, GRID, GRID), colours)

    def _put(self, mask: Mask, paint: str, light: float | Field, within: Mask | None) -> Mask:
        if within is not None:
            mask = mask & within
        levels = light if isinstance(light, np.ndarray) else Light.flat(light)
        self._pixels[mask, :3] = _coloured(paint, levels[mask])
        self._pixels[mask, 3] = 255
        return mask


def ball(
    s: Sketch, x: float, y: float, r: float, paint: str,
    levels: Sequence[float] = (4, 3, 2, 1, 0.3), within: Mask | None = None,
) -> Mask:  # fmt: skip
    """A ball around a place, lit from the top left."""
    light = Light.round(x - r * 0.4, y - r * 0.45, r * 1.6, levels)
    return s.oval(x - r, y - r, x + r, y + r, paint, light, within)


def dome(x: float, y: float, rx: float, ry: float) -> list[Point]:
    """The upper half of an ellipse whose flat side lies at ``y``, from the left to the right."""
    turns = np.linspace(np.pi, 0, 17)
    return [(float(x + rx * np.cos(a)), float(y - ry * np.sin(a))) for a in turns]


def _centres() -> Field:
    return (np.arange(SIDE, dtype=np.float32) + np.float32(0.5)) / np.float32(FINE)


def _fine(point: Point) -> Point:
    return point[0] * FINE, point[1] * FINE


def _mask(shape: str, at: Any, **options: Any) -> Mask:
    image = Image.new("1", (SIDE, SIDE))
    getattr(ImageDraw.Draw(image), shape)(at, fill=1, **options)
    return np.array(image)


def _coloured(paint: str, levels: Field) -> Pixels:
    """sRGB ``(n, 3)`` of a paint under light ``(n,)``: warmer where it is bright."""
    light, chroma, hue, _ = table("surfaces")["paints"][paint]
    place = np.arange(5)
    bright = np.clip(light + np.interp(levels, place, _STEPS), 0.06, 0.98)
    turn = np.radians(hue + np.interp(levels, place, _TURNS) * (1 if chroma > 0.03 else 0))
    fade = chroma * np.interp(levels, place, _FADES)
    lab = np.stack([bright, fade * np.cos(turn), fade * np.sin(turn)], -1).astype(np.float32)
    return from_oklab(lab)
