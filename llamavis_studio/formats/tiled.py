"""Tiled's tilesets as JSON (.tsj): a sheet of equal tiles, or a collection of single pictures.

Source: https://doc.mapeditor.org/en/stable/reference/json-map-format/#tileset, version 1.10.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from llamavis_studio.formats.table import (
    FormatError,
    SheetClip,
    SheetTable,
    frame_ms,
    json_text,
)

TILED_VERSION = "1.10"
Value = bool | int | float | str
Properties = Mapping[str, Value]


@dataclass(frozen=True)
class TileImage:
    """One picture of a collection: its file, its size, and the tile's own properties."""

    name: str
    image: str
    width: int
    height: int
    properties: Properties = field(default_factory=dict)


def tile_numbers(table: SheetTable) -> list[int]:
    """For each frame the number of its tile; equal frames that were merged share one.

    Raises:
        FormatError: the sheet has no cells, or not those that Tiled would count from its width.
    """
    grid = table.grid
    if grid is None:
        raise FormatError("a tileset needs equal cells", "pack the sheet with the grid layout")
    step = grid.tile_width + grid.spacing_px
    fitting = (table.size[0] - grid.margin_px + grid.spacing_px) // step
    if fitting != grid.columns:
        message = f"{fitting} tiles fit in the sheet's width, but its cells have {grid.columns}"
        raise FormatError(message, "pack the sheet with the grid layout and a narrower border")
    numbers = []
    for frame in table.frames:
        number = grid.cell_of(frame.rect)
        if number is None:
            raise FormatError(f"the frame '{frame.name}' is no cell of the grid", "pack it again")
        numbers.append(number)
    return numbers


def tiled_tileset(
    table: SheetTable, name: str, properties: Mapping[str, Properties] | None = None
) -> str:
    """A tileset of a sheet. `properties` are the tiles' own, by frame name.

    Each tile also says its `name`. A clip is the animation of its first tile that has none yet,
    which says the clip's name as `clip`.

    Raises:
        FormatError: as `tile_numbers`; or all tiles of a clip have other animations.
    """
    numbers = tile_numbers(table)
    grid = table.grid
    assert grid is not None  # or tile_numbers had raised
    tiles: dict[int, dict[str, Any]] = {}
    for frame, number in zip(table.frames, numbers, strict=True):
        if number not in tiles:
            own = {"name": frame.name, **(properties or {}).get(frame.name, {})}
            tiles[number] = {"id": number, "properties": own}
    times = [frame.duration_ms for frame in table.frames]
    _animate(tiles, table.clips, numbers, times)
    return _tileset(
        name,
        tiles,
        columns=grid.columns,
        image=table.image,
        imagewidth=table.size[0],
        imageheight=table.size[1],
        margin=grid.margin_px,
        spacing=grid.spacing_px,
        tilecount=grid.columns * (max(numbers) // grid.columns + 1),
        tilewidth=grid.tile_width,
        tileheight=grid.tile_height,
    )


def tiled_collection(
    name: str, images: Sequence[TileImage], clips: Sequence[SheetClip] = ()
) -> str:
    """A tileset whose tiles are pictures of their own; clips count in the order of `images`.

    Raises:
        FormatError: no pictures, or a clip without any.
    """
    if not images:
        raise FormatError("a collection needs at least one picture")
    for clip in clips:
        if not 0 <= clip.first <= clip.last < len(images):
            raise FormatError(f"the clip '{clip.name}' names pictures that are not there")
    tiles: dict[int, dict[str, Any]] = {}
    for i, picture in enumerate(images):
        own = {"name": picture.name, **picture.properties}
        size = {"imagewidth": picture.width, "imageheight": picture.height}
        tiles[i] = {"id": i, "image": picture.image, **size, "properties": own}
    times = [0] * len(images)
    for clip in reversed(clips):  # of two clips with a picture in common the first decides
        times[clip.first : clip.last + 1] = [frame_ms(clip.fps)] * (clip.last + 1 - clip.first)
    _animate(tiles, clips, range(len(images)), times)
    return _tileset(
        name,
        tiles,
        columns=0,
        margin=0,
        spacing=0,
        tilecount=len(images),
        tilewidth=max(picture.width for picture in images),
        tileheight=max(picture.height for picture in images),
        grid={"orientation": "orthogonal", "width": 1, "height": 1},
    )


def _animate(
    tiles: Mapping[int, dict[str, Any]],
    clips: Sequence[SheetClip],
    numbers: Sequence[int],
    times: Sequence[int],
) -> None:
    for clip in clips:
        shown = clip.order()
        free = [i for i in shown if "animation" not in tiles[numbers[i]]]
        if not free:
            message = f"every tile of the clip '{clip.name}' already has an animation"
            raise FormatError(message, "pack the sheet without merging equal frames")
        tile = tiles[numbers[free[0]]]
        tile["animation"] = [{"duration": times[i], "tileid": numbers[i]} for i in shown]
        tile["properties"]["clip"] = clip.name


def _tileset(name: str, tiles: Mapping[int, dict[str, Any]], **more: Any) -> str:
    listed = []
    for number in sorted(tiles):
        tile = tiles[number]
        listed.append({**tile, "properties": _properties(tile["properties"])})
    document = {"name": name, **more, "tiles": listed, "type": "tileset", "version": TILED_VERSION}
    return json_text(document)


def _properties(values: Properties) -> list[dict[str, Any]]:
    """Tiled keeps them in the order of their names."""
    return [
        {"name": name, "type": _TYPES[type(values[name])], "value": values[name]}
        for name in sorted(values)
    ]


_TYPES: Mapping[type, str] = {bool: "bool", int: "int", float: "float", str: "string"}
