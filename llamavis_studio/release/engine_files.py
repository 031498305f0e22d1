"""What engines and editors read beside the images: sheets' tables, atlases, tilesets, materials.

    engine_files(project, plan, formats)   everything that `[export] formats` asks for, as files

- aseprite       atlas.aseprite.json; the JSON beside an animation's sheet is Aseprite's already
- texturepacker  NAME_sheet.tp.json of each animation
- atlas          atlas.png and atlas.json (TexturePacker's hash) of each folder's sprites
- tiled          tiles.tsj of each folder's textures, NAME_sheet.tsj of each animation
- godot          NAME.tres: SpriteFrames of an animation, StandardMaterial3D of a material;
                 tiles.tres, the TileSet of each folder's textures

Only images that stand are taken in. Equal projects give equal bytes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from llamavis_studio.core.errors import ProjectError
from llamavis_studio.core.project import Project
from llamavis_studio.formats.aseprite import aseprite_hash
from llamavis_studio.formats.godot import (
    MaterialPaths,
    sprite_frames,
    standard_material,
    tile_set,
)
from llamavis_studio.formats.table import FormatError, SheetTable, sheet_table
from llamavis_studio.formats.texturepacker import texturepacker_hash
from llamavis_studio.formats.tiled import tiled_tileset
from llamavis_studio.imaging.arrays import Pixels
from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.png import decode_image, encode_png
from llamavis_studio.imaging.sheet import Frame, Sheet, SheetOptions, pack_sheet
from llamavis_studio.pipeline.derive import SHEET, sheet_of, tile_grid
from llamavis_studio.pipeline.plan import Plan
from llamavis_studio.pipeline.target import Target
from llamavis_studio.release.export import ExtraFile

_SPRITES = ("sprite", "character", "item")
_TILES = ("texture", "material")
_ATLAS = SheetOptions(layout="packed", padding_px=1, extrusion_px=1, trim=True)
_TILESET = SheetOptions(layout="grid", padding_px=0, extrusion_px=1)


@dataclass(frozen=True)
class _Standing:
    """A target whose image is there."""

    target: Target
    pixels: Pixels


def engine_files(
    project: Project, plan: Plan, formats: Collection[str], res_folder: str = ""
) -> list[ExtraFile]:
    """The files of these formats. `res_folder` is where the export lies below Godot's res://.

    Raises ProjectError for what a format cannot hold.
    """
    if not formats:
        return []
    standing = list(_standing(project, plan))
    pictures = {one.target.output: one.pixels for one in standing}
    made = _Writer(frozenset(formats), res_folder)
    try:
        for one in standing:
            is_sheet = one.target.making is not None and one.target.making.name == SHEET
            if is_sheet and one.target.base in pictures:
                made.animation(one.target, pictures[one.target.base])
            elif one.target.makings and one.target.kind in _TILES:
                made.material(one.target, [o.target for o in standing])
        for folder in sorted({_folder(one.target.output) for one in standing}):
            here = [
                one
                for one in standing
                if _folder(one.target.output) == folder and not one.target.base
            ]
            made.atlas(folder, [one for one in here if one.target.kind in _SPRITES])
            made.tiles(folder, [one for one in here if one.target.kind in _TILES])
    except (FormatError, ImageError) as error:
        hint = error.hint if isinstance(error, FormatError) else "leave the format out"
        raise ProjectError(f"the engine files cannot be written: {error}", hint) from error
    return made.files


class _Writer:
    """Collects files; each method adds what the chosen formats want of one thing."""

    def __init__(self, formats: frozenset[str], res_folder: str) -> None:
        self._formats = formats
        self._res = f"res://{res_folder.strip('/')}/".replace(":///", "://")
        self.files: list[ExtraFile] = []

    def animation(self, sheet: Target, base: Pixels) -> None:
        """The tables of an animation's sheet."""
        _, table = sheet_of(base, sheet)
        stem = sheet.output.removesuffix(".png")
        if "texturepacker" in self._formats:
            self._add(f"{stem}.tp.json", texturepacker_hash(table))
        if "tiled" in self._formats:
            self._add(f"{stem}.tsj", tiled_tileset(table, Path(stem).name))
        if "godot" in self._formats:
            place = sheet.base.removesuffix(".png")
            self._add(f"{place}.tres", sprite_frames(table, self._res + sheet.output))

    def material(self, base: Target, standing: Sequence[Target]) -> None:
        """The material of a texture and its maps."""
        if "godot" not in self._formats:
            return
        paths = {
            one.making.name: self._res + one.output
            for one in standing
            if one.base == base.output and one.making is not None
        }
        if "orm" in paths:
            paths = {k: v for k, v in paths.items() if k not in ("occlusion", "roughness")}
            paths.pop("metallic", None)
        maps = MaterialPaths(base_color=self._res + base.output, **paths)
        pixelated = max(base.size_px) <= 128
        name = base.output.removesuffix(".png")
        self._add(f"{name}.tres", standard_material(maps, pixelated=pixelated))

    def atlas(self, folder: str, sprites: Sequence[_Standing]) -> None:
        """All sprites of a folder on one picture."""
        wanted = {"atlas", "aseprite"} & self._formats
        if not wanted or not sprites:
            return
        sheet = pack_sheet([_frame(one) for one in sprites], _ATLAS)
        table = _table("atlas.png", sheet)
        self._picture(f"{folder}atlas.png", sheet.pixels)
        if "atlas" in wanted:
            self._add(f"{folder}atlas.json", texturepacker_hash(table))
        if "aseprite" in wanted:
            self._add(f"{folder}atlas.aseprite.json", aseprite_hash(table))

    def tiles(self, folder: str, textures: Sequence[_Standing]) -> None:
        """The textures of a folder that have its commonest size, as one tileset."""
        wanted = {"tiled", "godot"} & self._formats
        sizes = [one.pixels.shape[:2] for one in textures]
        if not wanted or not sizes:
            return
        commonest = max(sorted(set(sizes)), key=sizes.count)
        chosen = [one for one in textures if one.pixels.shape[:2] == commonest]
        sheet = pack_sheet([_frame(one) for one in chosen], _TILESET)
        table = _table("tiles.png", sheet)
        self._picture(f"{folder}tiles.png", sheet.pixels)
        if "tiled" in wanted:
            name = Path(folder).name or "tiles"
            self._add(f"{folder}tiles.tsj", tiled_tileset(table, name))
        if "godot" in wanted:
            self._add(f"{folder}tiles.tres", tile_set(table, f"{self._res}{folder}tiles.png"))

    def _add(self, path: str, text: str) -> None:
        self.files.append((path, text.encode("utf-8")))

    def _picture(self, path: str, pixels: Pixels) -> None:
        self.files.append((path, encode_png(pixels)))


def godot_folder(out: Path) -> str:
    """Where a folder lies below the res:// of the Godot project around it; "" without one."""
    place = out.resolve()
    for folder in (place, *place.parents):
        if (folder / "project.godot").is_file():
            found = place.relative_to(folder).as_posix()
            return "" if found == "." else found
    return ""


def _standing(project: Project, plan: Plan) -> Iterator[_Standing]:
    for planned in plan.targets:
        try:
            pixels = decode_image(project.root / planned.target.output)
        except (ImageError, OSError):
            continue  # the plan and the export say so
        yield _Standing(planned.target, pixels)


def _frame(one: _Standing) -> Frame:
    return Frame(Path(one.target.output).stem, one.pixels)


def _table(image: str, sheet: Sheet) -> SheetTable:
    height, width = sheet.pixels.shape[:2]
    return sheet_table(image, (width, height), sheet.placements, grid=tile_grid(sheet))


def _folder(output: str) -> str:
    head, slash, _ = output.rpartition("/")
    return head + slash
