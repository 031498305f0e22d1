"""Outputs that are made from another output: the maps of a material, the sheet of an animation.

They follow the pixels of their image, whoever made those: paint over the base colour, and its
normal map is made again from what was painted. Their build key holds the hash of those pixels, so
it is known once the image is there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from llamavis_studio.core.description import Description
from llamavis_studio.core.hashing import build_key
from llamavis_studio.imaging.arrays import Pixels
from llamavis_studio.pipeline.target import Making, Target

NOT_YET = ""
"""The base's hash while it is not built."""


@dataclass(frozen=True)
class Made:
    """The picture of a derived output, and the text that is written beside it, or nothing."""

    pixels: Pixels
    beside: bytes = b""


Maker = Callable[[Pixels, Target], Made]
"""Makes a derived target from its base's pixels. Raises ImageError."""


def makings_of(description: Description) -> tuple[Making, ...]:
    """What a description asks for beside its image."""
    found: list[Making] = []
    return tuple(found)


def derived_targets(base: Target, base_hash: str) -> list[Target]:
    """The targets made from one image, whose pixels have this hash (or are `NOT_YET` there)."""
    stem = base.output.removesuffix(".png")
    found = []
    for making in base.makings:
        parts: dict[str, Any] = {
            "kind": base.kind,
            "made_from": base_hash,
            "making": [making.name, making.version, dict(making.params)],
            "tileable": base.recipe.tileable,
        }
        found.append(
            replace(
                base,
                output=f"{stem}_{making.name}.png",
                base=base.output,
                making=making,
                makings=(),
                beside=f"{stem}_{making.name}{making.beside}" if making.beside else "",
                twin="",
                locked=False,  # its image is; this follows whatever stands there
                parts=parts,
                build_key=build_key(parts),
            )
        )
    return found


def make(target: Target, base: Pixels) -> Made:
    """Make a derived target from its base's pixels; raises ImageError."""
    assert target.making is not None
    return MAKERS[target.making.name](base, target)


MAKERS: Mapping[str, Maker] = {}


def names_of(makings: Sequence[Making]) -> list[str]:
    """The names that outputs get behind that of their image."""
    return [making.name for making in makings]
