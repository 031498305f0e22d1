"""Everyday things from emoji: drawn small, with English and Chinese names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

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
        phrase = words["names"].get(name, re.sub(r": .*facing.*", "", name))
        if not phrase:
            continue
        out.append(
            Emoji(
                phrase,
                str(row.fields["name_zh"]),
                tuple(row.fields["tags_zh"])[:3],
                words["kinds"].get(name, "creature" if name in words["creatures"] else "object"),
                float(words["groups"][group]),
                shrink(row.pixels, GRID, GRID),
            )
        )
    return out
