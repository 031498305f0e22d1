"""Outputs that are made from another output: the maps of a material, the sheet of an animation.

They follow the pixels of their image, whoever made those: paint over the base colour, and its
normal map is made again from what was painted. Their build key holds the hash of those pixels, so
it is known once the image is there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from llamavis_studio.core.description import Clip, Description
from llamavis_studio.core.errors import ProjectError, did_you_mean
from llamavis_studio.core.hashing import build_key
from llamavis_studio.formats.aseprite import aseprite_array
from llamavis_studio.formats.table import SheetClip, SheetTable, TileGrid, sheet_table
from llamavis_studio.imaging import material_maps
from llamavis_studio.imaging.alpha import pivot_of
from llamavis_studio.imaging.arrays import Pixels
from llamavis_studio.imaging.material_maps import MaterialParams
from llamavis_studio.imaging.motion import (
    MOTIONS,
    MotionStep,
    default_motion,
    motion_key,
    motion_loops,
    move,
)
from llamavis_studio.imaging.sheet import Frame, Sheet, SheetOptions, pack_sheet
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

SHEET = "sheet"
_SHEET_VERSION = 1
_MOVABLE = ("sprite", "character", "item")


def makings_of(description: Description, kind: str) -> tuple[Making, ...]:
    """What a description asks for beside its image.

    Raises ProjectError for what its kind cannot have, or a motion that does not exist.
    """
    found: list[Making] = []
    if description.material is not None:
        settings = description.material.model_dump()
        found += [
            Making(name, material_maps.VERSION, _settings_of(name, settings))
            for name in dict.fromkeys(settings.pop("maps"))
            if name != "base_color"  # that is the image itself
        ]
    if description.animation:
        found.append(_sheet_making(description.animation, kind))
    return tuple(found)


def _sheet_making(clips: Mapping[str, Clip], kind: str) -> Making:
    if kind not in _MOVABLE:
        raise ProjectError(
            f"a {kind} has no animations yet", f"make it one of: {', '.join(_MOVABLE)}"
        )
    told = {}
    for name, clip in clips.items():
        if clip.motion is not None and clip.motion not in MOTIONS:
            raise ProjectError(
                f"there is no motion '{clip.motion}'", did_you_mean(clip.motion, MOTIONS, "motions")
            )
        steps = _steps(name, clip.motion)
        told[name] = {"frames": clip.frames, "fps": clip.fps, "motion": motion_key(steps)}
    return Making(SHEET, _SHEET_VERSION, {"clips": told}, beside=".json")


def _steps(clip: str, motion: str | None) -> tuple[MotionStep, ...]:
    return default_motion(clip) if motion is None else (MotionStep(motion),)


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
                makes_up=(),
                locked=False,  # its image is; this follows whatever stands there
                parts=parts,
                build_key=build_key(parts),
            )
        )
    return found


def make(target: Target, base: Pixels) -> Made:
    """Make a derived target from its base's pixels; raises ImageError."""
    if target.making is None:
        raise ValueError(f"{target.output} is drawn, not made from another image")
    return MAKERS[target.making.name](base, target)


def sheet_of(base: Pixels, target: Target) -> tuple[Sheet, SheetTable]:
    """The sheet of a sprite's clips, a row each, and its table. Raises ImageError."""
    clips = {} if target.making is None else target.making.params["clips"]
    frames: list[Frame] = []
    spans: list[SheetClip] = []
    for name, clip in clips.items():
        steps = [MotionStep(step, params) for step, _, params in clip["motion"]]
        first, count = len(frames), clip["frames"]
        spans.append(
            SheetClip(name, first, first + count - 1, clip["fps"], loop=motion_loops(steps))
        )
        moved = move(base, count, steps)
        frames += [Frame(f"{name}_{number}", pixels) for number, pixels in enumerate(moved)]
    rows = tuple(clip["frames"] for clip in clips.values())
    sheet = pack_sheet(frames, SheetOptions(layout="grid", rows=rows))
    height, width = sheet.pixels.shape[:2]
    image = target.output.rpartition("/")[2]
    x, y = pivot_of(base, "bottom")
    pivot = (round(x / base.shape[1], 4), round(y / base.shape[0], 4))
    return sheet, sheet_table(
        image, (width, height), sheet.placements, spans, grid=tile_grid(sheet), pivot=pivot
    )


def tile_grid(sheet: Sheet) -> TileGrid | None:
    """The cells of a packed sheet, as its table names them."""
    cells = sheet.grid
    if cells is None:
        return None
    return TileGrid(
        cells.cell_width, cells.cell_height, cells.columns, cells.margin_px, cells.spacing_px
    )


def _make_sheet(base: Pixels, target: Target) -> Made:
    sheet, table = sheet_of(base, target)
    return Made(sheet.pixels, aseprite_array(table).encode("utf-8"))


_MATTERS: Mapping[str, tuple[str, ...]] = {
    "height": (),
    "normal": ("normal_strength",),
    "roughness": ("roughness", "roughness_contrast"),
    "metallic": ("metallic",),
    "occlusion": ("occlusion_strength",),
    "orm": ("roughness", "roughness_contrast", "metallic", "occlusion_strength"),
}
_ALL_MAPS = ("dark_is_high", "smoothing_px")


def _settings_of(name: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Those of a material's settings that this map depends on: only they enter its key."""
    return {key: settings[key] for key in (*_MATTERS[name], *_ALL_MAPS)}


def _make_map(base: Pixels, target: Target) -> Made:
    if target.making is None:
        raise ValueError(f"{target.output} is no map")
    params = MaterialParams(**target.making.params)
    name = target.making.name
    tileable = target.recipe.tileable
    return Made(material_maps.material_maps(base, (name,), tileable=tileable, params=params)[name])


MAKERS: Mapping[str, Maker] = {SHEET: _make_sheet, **dict.fromkeys(_MATTERS, _make_map)}
