"""Everyday things from emoji: drawn small, with English and Chinese names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from llamavis_studio.model.colour_names import Floats, from_oklab, to_oklab
from llamavis_studio.model.train.colours import Pixels
from llamavis_studio.model.train.sources import GRID, read_rows, shrink
from llamavis_studio.model.train.words import table


@dataclass(frozen=True)
class Emoji:
    """One small picture of a thing."""

    name: str
    name_zh: str
    tags_zh: tuple[str, ...]
    kind: str
    weight: float
    plain: bool  # one thing of one colour, so that a measured colour word is true of it
    pixels: Pixels


def read_emoji(data_dir: Path) -> list[Emoji]:
    """The emoji that show a thing, a being or a place, on the 32 px grid."""
    words = table("emoji")
    drops = [re.compile(pattern) for pattern in words["drop"]]
    out: list[Emoji] = []
    for row in read_rows(data_dir, "emoji"):
        name = str(row.fields["name"]).lower().replace("’", "'")
        group = str(row.fields["group"])
        if group not in words["groups"]:
            continue
        if any(pattern.search(name) for pattern in drops) and name not in words["keep"]:
            continue
        if group == "0" and name not in words["keep"]:
            continue
        phrase = words["names"].get(name, name)
        for rule in words["rewrite"]:
            phrase = re.sub(rule["from"], rule["to"], phrase)
        if not phrase:
            continue
        out.append(
            Emoji(
                phrase,
                str(row.fields["name_zh"]),
                tuple(row.fields["tags_zh"])[:3],
                _kind(name, group, phrase),
                float(words["groups"][group]),
                group != "1" and not re.search(r"behind| and |over|with", phrase),
                snap(shrink(row.pixels, GRID, GRID)),
            )
        )
    return out


def _kind(name: str, group: str, phrase: str) -> str:
    words = table("emoji")
    if name in words["creatures"]:
        return "creature"
    if group == "1" and re.search(r"\b(man|woman|person|male|female|portrait|boy|girl)\b", phrase):
        return "character"
    kind: str = words["kinds"][group]
    return kind


def snap(pixels: Pixels, colours: int = 14) -> Pixels:
    """The picture as pixel art: hard edges, few colours, a darker outline.

    Smoothly drawn edges would teach the model a second, blurred style.
    """
    out = pixels.copy()
    solid = pixels[..., 3] >= 112
    out[~solid] = 0
    out[solid, 3] = 255
    if not solid.any():
        return out
    lab = to_oklab(pixels[solid][:, :3])
    centres = _centres(lab, colours)
    nearest = ((lab[:, None] - centres[None]) ** 2).sum(-1).argmin(1)
    padded = np.pad(solid, 1)
    inner = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    flat = centres[nearest]
    edge = ~inner[solid]
    flat[edge] *= np.array([0.55, 0.8, 0.8], np.float32)
    out[solid, :3] = from_oklab(flat)
    return out


def _centres(lab: Floats, count: int) -> Floats:
    """A palette (count, 3) of OKLab colours by k-means, seeded by spreading far apart."""
    chosen = [int(np.abs(lab - lab.mean(0)).sum(1).argmin())]
    far = ((lab - lab[chosen[0]]) ** 2).sum(1)
    while len(chosen) < count and far.max() > 4e-4:
        chosen.append(int(far.argmax()))
        far = np.minimum(far, ((lab - lab[chosen[-1]]) ** 2).sum(1))
    centres = lab[chosen].copy()
    for _ in range(6):
        nearest = ((lab[:, None] - centres[None]) ** 2).sum(-1).argmin(1)
        for i in range(len(centres)):
            if (nearest == i).any():
                centres[i] = lab[nearest == i].mean(0)
    return centres
