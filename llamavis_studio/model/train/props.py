"""Things that games need and neither tiles nor emoji show: barrels, crates, torches, signs.

Each is drawn by a function of its own, in each of its paints and with small differences by chance.
Names, paints and Chinese stand in resources/training/props.toml, the functions in `prop_*.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from llamavis_studio.model.train import prop_containers, prop_nature, prop_structures
from llamavis_studio.model.train.captions import unique
from llamavis_studio.model.train.colours import Pixels
from llamavis_studio.model.train.prop_sketch import Draw, Sketch
from llamavis_studio.model.train.words import article, table

DRAWN: dict[str, Draw] = {**prop_containers.DRAWN, **prop_structures.DRAWN, **prop_nature.DRAWN}
"""How each thing is drawn, by its name in props.toml."""


@dataclass(frozen=True)
class Prop:
    """One drawn thing."""

    pixels: Pixels
    name: str
    kind: str
    captions: tuple[str, ...]
    captions_zh: tuple[str, ...]


def draw_all(each: int, rng: np.random.Generator) -> Iterator[Prop]:
    """Every thing ``each`` times in each of its paints, and as often again in its usual one."""
    for name, entry in table("props")["props"].items():
        for paint in (entry["paints"][0], *entry["paints"]):
            for _ in range(each):
                yield draw(name, paint, rng)


def draw(name: str, paint: str, rng: np.random.Generator) -> Prop:
    """One thing in a paint. Raises KeyError for one that props.toml does not list."""
    entry = table("props")["props"][name]
    sketch = Sketch()
    DRAWN[name](sketch, paint, rng)
    names, chinese = [name, *entry.get("also", [])], [entry["zh"], *entry.get("also_zh", [])]
    coloured, coloured_zh = names, chinese
    if entry.get("says_paint", True):
        coloured = [f"{paint} {one}" for one in names]
        coloured_zh = [f"{_chinese(paint)}{one}" for one in chinese]
    # The first paint is what everybody expects, and what words without a colour shall find.
    usual = paint == entry["paints"][0]
    words = [*names, *coloured] if usual else coloured
    return Prop(
        sketch.finish(entry.get("colours", 14)),
        name,
        entry["kind"],
        unique([words[0], article(words[0]), *words[1:]]),
        unique([*chinese, *coloured_zh] if usual else coloured_zh),
    )


def _chinese(paint: str) -> str:
    return str(table("surfaces")["paints"][paint][3])
