# SPDX-License-Identifier: GPL-3.0-or-later
"""What the service says of images, gathered by description: one entry for each.

No bpy here. An entry is made in the listening thread and never changed afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

WORST_FIRST = ("failed", "missing", "stale", "edited", "locked", "fresh")
MAPS = ("base_color", "normal", "roughness", "metallic", "height", "occlusion", "orm")


@dataclass(frozen=True)
class Picture:
    """One image of an entry; `path` is relative to the project, sizes are pixels."""

    path: str
    state: str
    reason: str
    variant: int
    base: str
    width: int
    height: int
    revision: str


@dataclass(frozen=True)
class Entry:
    """One description and its images."""

    key: str
    source: str
    name: str
    line: int
    kind: str
    words: str
    state: str
    locked: bool
    pictures: tuple[Picture, ...]
    """The drawn ones first, by variant; what is made from them after."""
    backend: str = ""
    """What draws it; an older service does not tell."""
    makes_up: tuple[str, ...] = ()
    """What filters do because its backend cannot."""

    @property
    def drawn(self) -> tuple[Picture, ...]:
        """Without maps and sheets."""
        return tuple(one for one in self.pictures if not one.base)

    @property
    def first(self) -> Picture:
        """The image that stands for it."""
        return self.pictures[0]

    def maps(self, variant: int = 0) -> dict[str, str]:
        """Paths of a material's maps by their names; `base_color` is always there."""
        drawn = self.drawn or self.pictures
        base = next((one for one in drawn if one.variant == variant), drawn[0])
        stem = base.path.rpartition(".")[0]
        found = {"base_color": base.path}
        for one in self.pictures:
            if one.base == base.path and one.path.startswith(stem + "_"):
                role = one.path[len(stem) + 1 :].rpartition(".")[0]
                if role in MAPS:
                    found[role] = one.path
        return found


def entries_of(assets: Iterable[dict[str, Any]]) -> dict[str, Entry]:
    """Entries by key, in the order of their first images. Raises KeyError for what is no asset."""
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for asset in assets:
        groups.setdefault((asset["source"], asset["name"]), []).append(asset)
    found = {}
    for (source, name), group in groups.items():
        key = f"{source}#{name}"
        group.sort(key=lambda one: (one["base"] != "", one["variant"], one["output"]))
        states = {one["state"] for one in group}
        first = group[0]
        found[key] = Entry(
            key=key,
            source=source,
            name=name,
            line=first["line"],
            kind=first["kind"],
            words=first["description"],
            state=next((one for one in WORST_FIRST if one in states), first["state"]),
            locked=first["locked"],
            pictures=tuple(
                Picture(
                    one["output"],
                    one["state"],
                    one["reason"],
                    one["variant"],
                    one["base"],
                    one["width"],
                    one["height"],
                    one["revision"],
                )
                for one in group
            ),
            backend=first.get("backend", ""),
            makes_up=tuple(first.get("makes_up", ())),
        )
    return found


def fits(entry: Entry, words: str, state: str) -> bool:
    """Whether every word is in its name, path or description, and its state is the wanted one."""
    if state not in ("", "ANY") and entry.state != state:
        return False
    text = f"{entry.first.path} {entry.name} {entry.words}".casefold()
    return all(word in text for word in words.casefold().split())
