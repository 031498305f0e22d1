"""The maps of the shown material as pictures, and as light sees them.

Runs in the studio's thread: it reads files. What the window gets is frozen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from llamavis_studio.imaging.arrays import Pixels
from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.lit import Surface, Texels, prepared
from llamavis_studio.imaging.png import decode_image

if TYPE_CHECKING:
    from llamavis_studio.pipeline.plan import Plan

BASE = "base_color"
CHANNELS = (BASE, "normal", "roughness", "metallic", "occlusion", "height", "orm")
"""In this order they are offered."""
_PACKED = ("occlusion", "roughness", "metallic")  # in the red, green and blue of an ORM map


@dataclass(frozen=True)
class Material:
    """The maps that are there, by the names of `CHANNELS`, each (h, w, 3 or 4) bytes; `own` is the
    one that the shown file is. `levels` are what `lit` shades.
    """

    own: str
    channels: Mapping[str, Pixels] = field(repr=False, compare=False)
    levels: tuple[Texels, ...] = field(repr=False, compare=False)


def read_material(root: Path, plan: Plan, output: str) -> Material | None:
    """The material that `output` (its base colour, or one of its maps) belongs to; None where no
    map is asked for, or none can be read.

    What is only packed into an ORM map is offered apart, too.
    """
    files, tileable, own = _files(plan, output)
    if len(files) < 2 or not own:
        return None
    read: dict[str, Pixels] = {}
    for name, file in files.items():
        try:
            read[name] = decode_image(root / file)
        except (ImageError, OSError):
            continue
    base = read.get(BASE)
    if base is None or own not in read:
        return None
    read = {name: one for name, one in read.items() if one.shape[:2] == base.shape[:2]}
    if len(read) < 2 or own not in read:
        return None
    packed = read.get("orm")
    if packed is not None:
        for at, name in enumerate(_PACKED):
            read.setdefault(name, np.repeat(packed[..., at : at + 1], 3, axis=2))
    planes = {name: np.ascontiguousarray(read[name][..., 0]) for name in _PACKED if name in read}
    normal = read["normal"][..., :3] if "normal" in read else None
    surface = Surface(base, normal, **planes, tileable=tileable)
    ordered = {name: read[name] for name in CHANNELS if name in read}
    return Material(own, ordered, prepared(surface))


def _files(plan: Plan, output: str) -> tuple[dict[str, str], bool, str]:
    """The outputs of a material by channel, whether it tiles, and which channel `output` is."""
    targets = [one.target for one in plan.targets]
    shown = next((target for target in targets if target.output == output), None)
    if shown is None:
        return {}, False, ""
    files = {BASE: shown.base or shown.output}
    for target in targets:
        if target.base == files[BASE] and target.making is not None:
            if target.making.name in CHANNELS:
                files[target.making.name] = target.output
    own = next((name for name, file in files.items() if file == output), "")
    return files, shown.recipe.tileable, own
