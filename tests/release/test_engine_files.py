"""What engines read beside an export's images, from a built game to real readers."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import numpy as np
import pytest
import pytiled_parser

from llamavis_studio.cli import run
from llamavis_studio.core.errors import ProjectError
from llamavis_studio.formats.aseprite import read_aseprite
from llamavis_studio.formats.texturepacker import read_texturepacker
from llamavis_studio.imaging.png import decode_image
from llamavis_studio.release.engine_files import engine_files, godot_folder
from llamavis_studio.release.export import make_export, write_folder
from tests.engines.godot_engine import VARIABLE, find_godot, run_godot
from tests.pipeline.conftest import Game
from tests.pipeline.test_derive import build

SCHEMAS = Path(__file__).parents[1] / "formats" / "schemas"
ALL = ("aseprite", "texturepacker", "tiled", "godot", "atlas")
LOADER = """extends SceneTree

func _init() -> void:
	create_timer(60.0).timeout.connect(func() -> void: quit(3))
	var answer := {}
	for path in OS.get_cmdline_user_args():
		var loaded := load(path)
		var what := {"class": loaded.get_class() if loaded else "nothing"}
		if loaded is SpriteFrames:
			for clip in loaded.get_animation_names():
				what[clip] = loaded.get_frame_count(clip)
		if loaded is StandardMaterial3D:
			what["normal"] = loaded.normal_texture.resource_path
		if loaded is TileSet:
			what["tiles"] = loaded.get_source(loaded.get_source_id(0)).get_tiles_count()
		answer[path] = what
	print("answer " + JSON.stringify(answer))
	print("finished")
	quit(0)
"""


@pytest.fixture
def game(tmp_path: Path) -> Game:
    empty_game = Game(tmp_path / "game")
    empty_game.write("llamavis.toml", '[project]\nname = "game"\nbackend = "toy"\n')
    walks = "[animation]\nidle = { frames = 2, fps = 4 }\nwalk = { frames = 4, fps = 8.0 }\n"
    maps = 'kind = "texture"\n[material]\nmaps = ["base_color", "normal", "orm", "roughness"]\n'
    empty_game.describe("heroes/knight", "brave knight", walks)
    empty_game.describe("heroes/elf", "quick elf")
    empty_game.describe("tiles/wall", "stone wall", maps)
    empty_game.describe("tiles/grass", "green grass", 'kind = "texture"\ncount = 2')
    build(empty_game)
    return empty_game


def exported(game: Game, out: Path, formats: tuple[str, ...] = ALL) -> set[str]:
    plan = game.plan()
    made = make_export(game.project, plan)
    made = made.plus(engine_files(game.project, plan, formats, godot_folder(out)))
    write_folder(made, out)
    return {path for path, _ in made.files}


def test_every_format_has_its_files(game: Game, tmp_path: Path) -> None:
    plain = exported(game, tmp_path / "plain", ())
    assert "heroes/knight_sheet.json" in plain and "tiles/wall_normal.png" in plain
    for form, files in {
        "aseprite": {"heroes/atlas.aseprite.json", "heroes/atlas.png"},
        "texturepacker": {"heroes/knight_sheet.tp.json"},
        "atlas": {"heroes/atlas.json", "heroes/atlas.png"},
        "tiled": {"heroes/knight_sheet.tsj", "tiles/tiles.tsj", "tiles/tiles.png"},
        "godot": {"heroes/knight.tres", "tiles/wall.tres", "tiles/tiles.tres", "tiles/tiles.png"},
    }.items():
        assert exported(game, tmp_path / form, (form,)) - plain == files, form


def test_equal_projects_give_equal_files(game: Game) -> None:
    first = engine_files(game.project, game.plan(), ALL)
    assert engine_files(game.project, game.plan(), ALL) == first


def test_an_atlas_holds_every_sprite_of_its_folder(game: Game, tmp_path: Path) -> None:
    exported(game, tmp_path / "out")
    folder = tmp_path / "out" / "heroes"
    atlas = decode_image(folder / "atlas.png")
    for table in (
        read_texturepacker((folder / "atlas.json").read_text()),
        read_aseprite((folder / "atlas.aseprite.json").read_text()),
    ):
        assert {frame.name for frame in table.frames} == {"knight", "elf"}
        for frame in table.frames:
            picture = decode_image(folder / f"{frame.name}.png")
            left, top = frame.offset
            rect = frame.rect
            part = atlas[rect.y : rect.y + rect.height, rect.x : rect.x + rect.width]
            real = picture[top : top + rect.height, left : left + rect.width]
            seen = real[..., 3] > 0
            assert np.array_equal(part[seen], real[seen])


def test_the_json_is_what_the_published_formats_say(game: Game, tmp_path: Path) -> None:
    exported(game, tmp_path / "out")
    folder = tmp_path / "out" / "heroes"
    for schema, names in {
        "aseprite": ("knight_sheet.json", "atlas.aseprite.json"),
        "texturepacker": ("knight_sheet.tp.json", "atlas.json"),
    }.items():
        rules = json.loads((SCHEMAS / f"{schema}.schema.json").read_text("utf-8"))
        for name in names:
            jsonschema.validate(json.loads((folder / name).read_text("utf-8")), rules)


def test_tiled_reads_the_tilesets(game: Game, tmp_path: Path) -> None:
    exported(game, tmp_path / "out")
    for name, count in (("tiles/tiles.tsj", 3), ("heroes/knight_sheet.tsj", 6)):
        world = tmp_path / "out" / name
        found = pytiled_parser.parse_map(map_of(world))
        (tileset,) = found.tilesets.values()
        assert len(tileset.tiles or ()) == count
        assert (world.parent / tileset.image).is_file()


def map_of(tileset: Path) -> Path:
    """A Tiled map that uses the tileset: the parser reads tilesets through maps."""
    path = tileset.with_name("world.tmj")
    values = {
        "type": "map", "version": "1.10", "tiledversion": "1.10.2", "orientation": "orthogonal",
        "renderorder": "right-down", "width": 1, "height": 1, "tilewidth": 32, "tileheight": 32,
        "infinite": False, "layers": [], "nextlayerid": 1, "nextobjectid": 1,
        "tilesets": [{"firstgid": 1, "source": tileset.name}],
    }  # fmt: skip
    path.write_text(json.dumps(values), "utf-8")
    return path


@pytest.mark.timeout(300)
def test_godot_loads_what_was_exported_into_its_project(game: Game, tmp_path: Path) -> None:
    engine = find_godot()
    if engine is None:
        pytest.skip(f"there is no Godot 4 here; {VARIABLE} may name the program")
    project = tmp_path / "godot"
    project.mkdir()
    (project / "project.godot").write_text('config_version=5\n[application]\nconfig/name="g"\n')
    (project / "load_all.gd").write_text(LOADER)
    exported(game, project / "art" / "made", ("godot",))
    paths = [
        f"res://art/made/{name}.tres" for name in ("heroes/knight", "tiles/wall", "tiles/tiles")
    ]
    run_godot(engine[0], project, "--import")
    log = run_godot(engine[0], project, "--script", "res://load_all.gd", "--", *paths)
    (line,) = [line for line in log.splitlines() if line.startswith("answer ")]
    seen = json.loads(line.removeprefix("answer "))
    assert seen[paths[0]] == {"class": "SpriteFrames", "idle": 2, "walk": 4}
    normal = "res://art/made/tiles/wall_normal.png"
    assert seen[paths[1]] == {"class": "StandardMaterial3D", "normal": normal}
    assert seen[paths[2]] == {"class": "TileSet", "tiles": 3}


def test_a_name_that_a_format_needs_is_told(game: Game) -> None:
    game.describe("heroes/atlas", "an atlas")
    build(game)
    plan = game.plan()
    with pytest.raises(ProjectError, match=r"atlas\.png"):
        make_export(game.project, plan).plus(engine_files(game.project, plan, ("atlas",)))


def test_an_unknown_format_is_wrong_use(game: Game, tmp_path: Path, capfd) -> None:
    assert run(["export", str(game.root), "-o", str(tmp_path / "x"), "--format", "godod"]) == 2
    assert "godot" in capfd.readouterr().err
