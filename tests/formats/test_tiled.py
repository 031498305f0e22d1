"""Tiled's tilesets, read by pytiled_parser as a game would."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from pytiled_parser import Tileset, parse_map, parse_tileset
from pytiled_parser.parsers.json.tileset import parse as parse_json

from llamavis_studio.formats.table import (
    FormatError,
    Rect,
    SheetClip,
    SheetFrame,
    SheetTable,
    TileGrid,
)
from llamavis_studio.formats.tiled import TileImage, tiled_collection, tiled_tileset
from tests.formats.strategies import tile_tables

GRID = TileGrid(16, 16, columns=3, margin_px=1, spacing_px=2)
FRAMES = tuple(
    SheetFrame(f"tile {i}", Rect(1 + i % 3 * 18, 1 + i // 3 * 18, 16, 16), (0, 0), (16, 16), 125)
    for i in range(5)
)
TABLE = SheetTable("tiles.png", (54, 36), FRAMES, (SheetClip("water", 1, 3, 8.0),), GRID)


def parsed(text: str) -> Tileset:
    return parse_json(json.loads(text), 1, "utf-8")


def in_a_map(tileset: Path) -> Tileset:
    """The tileset as a map beside it uses it, where the paths of images matter."""
    level = {
        "type": "map",
        "version": "1.10",
        "orientation": "orthogonal",
        "renderorder": "right-down",
        "infinite": False,
        "width": 1,
        "height": 1,
        "tilewidth": 16,
        "tileheight": 16,
        "nextlayerid": 1,
        "nextobjectid": 1,
        "layers": [],
        "tilesets": [{"firstgid": 1, "source": tileset.name}],
    }
    path = tileset.with_name("level.tmj")
    path.write_text(json.dumps(level), "utf-8")
    return parse_map(path).tilesets[1]


@given(tile_tables())
def test_a_sheet_is_read_as_it_was_packed(table: SheetTable) -> None:
    tileset = parsed(tiled_tileset(table, "ground"))
    grid, clip = table.grid, table.clips[0]
    assert grid is not None
    assert (tileset.tile_width, tileset.tile_height) == (grid.tile_width, grid.tile_height)
    assert (tileset.columns, tileset.margin, tileset.spacing) == (
        grid.columns,
        grid.margin_px,
        grid.spacing_px,
    )
    assert (tileset.image_width, tileset.image_height) == table.size
    assert tileset.tiles is not None and sorted(tileset.tiles) == list(range(len(table.frames)))
    assert tileset.tile_count >= len(table.frames) and tileset.tile_count % grid.columns == 0
    animation = tileset.tiles[clip.order()[0]].animation
    assert animation is not None
    assert [frame.tile_id for frame in animation] == clip.order()
    times = [table.frames[i].duration_ms for i in clip.order()]
    assert [frame.duration for frame in animation] == times


def test_a_tileset_file_is_read_from_disk(tmp_path: Path) -> None:
    own = {"tile 0": {"solid": True, "cost": 3, "speed": 0.5, "kind": "草"}}
    path = tmp_path / "ground.tsj"
    path.write_text(tiled_tileset(TABLE, "ground", own), "utf-8")
    tileset = in_a_map(path)
    assert tileset.name == "ground" and tileset.version == "1.10"
    assert tileset.image == (tmp_path / "tiles.png").resolve()
    assert parse_tileset(path).tiles == tileset.tiles
    assert tileset.tiles is not None
    expected = {"name": "tile 0", "solid": True, "cost": 3, "speed": 0.5, "kind": "草"}
    assert tileset.tiles[0].properties == expected
    assert tileset.tiles[1].properties == {"name": "tile 1", "clip": "water"}
    types = {entry["name"]: entry["type"] for entry in _tile(path, 0)["properties"]}
    assert types == {
        "name": "string",
        "solid": "bool",
        "cost": "int",
        "speed": "float",
        "kind": "string",
    }


def _tile(path: Path, number: int) -> dict[str, list[dict[str, str]]]:
    tiles = json.loads(path.read_text("utf-8"))["tiles"]
    return next(tile for tile in tiles if tile["id"] == number)


def test_a_collection_is_read_from_disk(tmp_path: Path) -> None:
    images = [
        TileImage("rock", "rock.png", 16, 20, {"solid": True}),
        TileImage("tree", "plants/tree.png", 32, 48),
        TileImage("tree in wind", "plants/tree2.png", 32, 48),
    ]
    path = tmp_path / "things.tsj"
    path.write_text(tiled_collection("things", images, [SheetClip("sway", 1, 2, 4.0)]), "utf-8")
    tileset = in_a_map(path)
    assert (tileset.tile_count, tileset.columns) == (3, 0)
    assert (tileset.tile_width, tileset.tile_height) == (32, 48)
    assert tileset.image is None and tileset.tiles is not None
    assert tileset.tiles[1].image == (tmp_path / "plants" / "tree.png").resolve()
    assert (tileset.tiles[0].image_width, tileset.tiles[0].image_height) == (16, 20)
    assert tileset.tiles[0].properties == {"name": "rock", "solid": True}
    animation = tileset.tiles[1].animation
    assert animation is not None
    assert [(frame.tile_id, frame.duration) for frame in animation] == [(1, 250), (2, 250)]


def test_clips_that_begin_with_the_same_tile_take_the_next() -> None:
    merged = (*FRAMES[:3], replace(FRAMES[0], name="again"), FRAMES[4])
    clips = (SheetClip("one", 0, 1, 8.0), SheetClip("two", 3, 4, 8.0))
    tiles = parsed(tiled_tileset(replace(TABLE, frames=merged, clips=clips), "t")).tiles
    assert tiles is not None
    assert {n for n, tile in tiles.items() if tile.animation} == {0, 4}
    short = (SheetClip("one", 0, 0, 8.0), SheetClip("two", 3, 3, 8.0))
    with pytest.raises(FormatError, match="every tile of the clip 'two' already"):
        tiled_tileset(replace(TABLE, frames=merged, clips=short), "t")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"grid": None}, "needs equal cells"),
        ({"size": (80, 36)}, "4 tiles fit in the sheet's width, but its cells have 3"),
        (
            {"frames": (replace(FRAMES[0], rect=Rect(2, 1, 16, 16)),), "clips": ()},
            "'tile 0' is no cell",
        ),
    ],
)
def test_sheets_without_such_cells_are_refused(change: dict[str, object], says: str) -> None:
    with pytest.raises(FormatError, match=says):
        tiled_tileset(replace(TABLE, **change), "t")


def test_collections_without_such_pictures_are_refused() -> None:
    with pytest.raises(FormatError, match="at least one picture"):
        tiled_collection("none", [])
    with pytest.raises(FormatError, match="pictures that are not there"):
        tiled_collection("one", [TileImage("a", "a.png", 1, 1)], [SheetClip("c", 0, 1, 8.0)])
