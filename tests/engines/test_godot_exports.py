"""A real Godot imports exported sheets and maps, loads the resources, and says what it sees.

Skipped where there is no Godot 4; LLAMAVIS_GODOT names the program.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from llamavis_studio.formats.godot import (
    MaterialPaths,
    sprite_frames,
    standard_material,
    tile_set,
)
from llamavis_studio.formats.table import SheetClip, SheetTable, TileGrid, sheet_table
from llamavis_studio.imaging.motion import default_motion, move
from llamavis_studio.imaging.png import encode_png
from llamavis_studio.imaging.sheet import Frame, Sheet, SheetOptions, pack_sheet
from tests.engines.godot_engine import VARIABLE, find_godot, run_godot

pytestmark = pytest.mark.timeout(300)
SCRIPT = Path(__file__).with_name("godot") / "read_exports.gd"
CLIPS = (
    SheetClip("idle", 0, 3, 6.0),
    SheetClip("walk", 4, 11, 10.0, "pingpong"),
    SheetClip("hurt", 12, 14, 12.5, loop=False),
)
TILE_CLIP = SheetClip("water", 4, 6, 5.0)
MAPS = ("base_color", "normal", "orm", "occlusion", "roughness", "metallic", "height")


def hero_sheet() -> Sheet:
    """A figure with room around it, its clips by motions, trimmed and extruded."""
    figure = np.zeros((24, 20, 4), np.uint8)
    figure[8:22, 5:15, 0] = np.arange(14)[:, None] * 17
    figure[8:22, 5:15, 1] = np.arange(10)[None, :] * 23
    figure[8:22, 5:15, 3] = 255
    frames = []
    for clip in CLIPS:
        made = move(figure, clip.last - clip.first + 1, default_motion(clip.name))
        frames += [Frame(f"{clip.name}_{i}", pixels) for i, pixels in enumerate(made)]
    return pack_sheet(frames, SheetOptions(trim=True, extrusion_px=1, merge_equal=True))


def tile_sheet() -> Sheet:
    tiles = []
    for i in range(7):
        tile = np.full((16, 16, 4), 255, np.uint8)
        tile[..., :3] = i * 30
        tiles.append(Frame(f"tile {i}", tile))
    return pack_sheet(tiles, SheetOptions(layout="grid", columns=4, extrusion_px=1, padding_px=0))


def table_of(sheet: Sheet, image: str, clips: tuple[SheetClip, ...]) -> SheetTable:
    height, width = sheet.pixels.shape[:2]
    cells = sheet.grid
    grid = cells and TileGrid(
        cells.cell_width, cells.cell_height, cells.columns, cells.margin_px, cells.spacing_px
    )
    return sheet_table(image, (width, height), sheet.placements, clips, grid=grid)


HERO = hero_sheet()
TILES = tile_sheet()
HERO_TABLE = table_of(HERO, "hero.png", CLIPS)
TILE_TABLE = table_of(TILES, "tiles.png", (TILE_CLIP,))


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What Godot says of a project with these exports."""
    engine = find_godot()
    if engine is None:
        pytest.skip(f"there is no Godot 4 here; {VARIABLE} may name the program")
    program, _ = engine
    project = tmp_path_factory.mktemp("godot") / "game"
    export = project / "export"
    export.mkdir(parents=True)
    (project / "project.godot").write_text(
        'config_version=5\n\n[application]\nconfig/name="exports"\n', "utf-8"
    )
    shutil.copy(SCRIPT, project / SCRIPT.name)
    (export / "hero.png").write_bytes(encode_png(HERO.pixels))
    (export / "tiles.png").write_bytes(encode_png(TILES.pixels))
    for name in MAPS:
        (export / f"rock_{name}.png").write_bytes(encode_png(np.full((8, 12, 3), 128, np.uint8)))
    paths = {name: f"res://export/rock_{name}.png" for name in MAPS}
    packed = {name: paths[name] for name in ("base_color", "normal", "orm")}
    single = {name: path for name, path in paths.items() if name != "orm"}
    still = SheetTable("hero.png", HERO_TABLE.size, HERO_TABLE.frames[:2])
    for name, text in {
        "hero": sprite_frames(HERO_TABLE, "res://export/hero.png"),
        "still": sprite_frames(still, "res://export/hero.png"),
        "tiles": tile_set(TILE_TABLE, "res://export/tiles.png"),
        "orm": standard_material(MaterialPaths(**packed), pixelated=True),
        "single": standard_material(MaterialPaths(**single), height_scale=2.5),
    }.items():
        (export / f"{name}.tres").write_text(text, "utf-8")
    run_godot(program, project, "--import")
    log = run_godot(program, project, "--script", f"res://{SCRIPT.name}")
    answers = [line for line in log.splitlines() if line.startswith("answer ")]
    assert len(answers) == 1, log
    answer: dict[str, Any] = json.loads(answers[0].removeprefix("answer "))
    return answer


def test_animations_have_their_names_speeds_and_lengths(seen: dict[str, Any]) -> None:
    assert seen["version"].startswith("4.")
    found = seen["packed"]["animations"]
    assert {
        name: (clip["fps"], clip["loop"], len(clip["frames"])) for name, clip in found.items()
    } == {"idle": (6.0, True, 4), "walk": (10.0, True, 14), "hurt": (12.5, False, 3)}
    durations = {frame["duration"] for clip in found.values() for frame in clip["frames"]}
    assert durations == {1.0}
    assert list(seen["still"]["animations"]) == ["default"]


def test_frames_are_the_regions_and_pixels_that_were_packed(seen: dict[str, Any]) -> None:
    height, width = HERO.pixels.shape[:2]
    assert seen["packed"]["sheet"] == [width, height]
    for clip in CLIPS:
        shown = seen["packed"]["animations"][clip.name]["frames"]
        for i, frame in zip(clip.order(), shown, strict=True):
            placed = HERO.placements[i]
            assert frame["region"] == [placed.x, placed.y, placed.width, placed.height]
            assert frame["size"] == [placed.source_width, placed.source_height]
            assert frame["margin"][:2] == [placed.offset_x, placed.offset_y]
            rows, columns = (
                slice(placed.y, placed.y + placed.height),
                slice(placed.x, placed.x + placed.width),
            )
            # Godot's importer mends the colour under clear pixels; what can be seen is the same.
            ours = HERO.pixels[rows, columns]
            theirs = np.frombuffer(bytes.fromhex(frame["pixels"]), np.uint8).reshape(ours.shape)
            assert np.array_equal(theirs[..., 3], ours[..., 3])
            assert np.array_equal(theirs[ours[..., 3] > 0], ours[ours[..., 3] > 0])


def test_tiles_have_their_places_names_and_animation(seen: dict[str, Any]) -> None:
    tiles = seen["tiles"]["tiles"]
    assert seen["tiles"]["tile_size"] == [16, 16] and not seen["tiles"]["outside"]
    assert sorted(tiles) == [f"tile {i}" for i in range(5)]
    for i in range(4):
        placed = TILES.placements[i]
        assert tiles[f"tile {i}"]["regions"] == [[placed.x, placed.y, 16, 16]]
    water = tiles["tile 4"]
    assert water["at"] == [0, 1] and water["fps"] == 5.0 and water["durations"] == [1.0] * 3
    assert water["regions"] == [[p.x, p.y, 16, 16] for p in TILES.placements[4:7]]


def test_materials_have_their_maps_and_channels(seen: dict[str, Any]) -> None:
    orm, single = seen["orm"], seen["single"]
    packed = ["res://export/rock_orm.png", 12, 8]
    assert orm["textures"]["albedo_texture"] == ["res://export/rock_base_color.png", 12, 8]
    for name in ("ao_texture", "roughness_texture", "metallic_texture"):
        assert orm["textures"][name] == packed
    assert orm["channels"] == [0, 1, 2] and orm["enabled"] == [True, True, False]
    assert orm["metallic"] == 1.0 and orm["filter"] == 2
    assert sorted(path for path, _, _ in single["textures"].values()) == sorted(
        f"res://export/rock_{name}.png" for name in MAPS if name != "orm"
    )
    assert single["channels"] == [0, 0, 0] and single["enabled"] == [True, True, True]
    assert single["height_scale"] == 2.5 and single["filter"] == 3
