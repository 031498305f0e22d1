"""The addon in a real Godot editor, with a real service, from the first start to its removal.

Skipped where there is no Godot 4; LLAMAVIS_GODOT names the program.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from llamavis_studio.cli.plugin_command import ADDON, put_in, take_out
from llamavis_studio.core.resources import plugin_path
from llamavis_studio.imaging.png import decode_image, encode_png
from tests.engines.godot_engine import VARIABLE, find_godot, run_godot
from tests.engines.godot_session import Editor, Service, opened, until
from tests.support.games import described, make_game

pytestmark = pytest.mark.timeout(280)
SCRIPTS = Path(__file__).with_name("godot_addon")
SOURCE = plugin_path("godot", *ADDON.split("/"))
FAULTS = re.compile(r"^(?:(?:SCRIPT |USER )?ERROR|WARNING): .*", re.MULTILINE)
PROJECT = """config_version=5

[application]

config/name="Small game"
config/features=PackedStringArray("4.4")
run/main_scene="res://main.tscn"

[editor]

run/main_run_args="--headless"

[debug]

gdscript/warnings/directory_rules={"res://addons": 1}
gdscript/warnings/untyped_declaration=2
gdscript/warnings/unused_variable=2
gdscript/warnings/unused_parameter=2
gdscript/warnings/unused_signal=2
gdscript/warnings/shadowed_variable=2
gdscript/warnings/unreachable_code=2

[rendering]

renderer/rendering_method="gl_compatibility"
"""
SCENE = """[gd_scene load_steps=2 format=3]

[ext_resource type="Script" path="res://game.gd" id="1"]

[node name="Game" type="Node"]
script = ExtResource("1")
"""
DESCRIPTIONS = {
    "hero.desc.toml": described(
        "brave red knight", 'kind = "character"\n[animation]\nidle = { frames = 4, fps = 6 }\n'
    ),
    "tiles/floor.desc.toml": described(
        "grey stone", 'kind = "material"\n[material]\nmaps = ["normal", "orm", "height"]\n'
    ),
    "tiles/wall.desc.toml": described("brown brick", "count = 2\n"),
    "monsters.descs.csv": "name,description\nslime,green slime\nbat,black bat\n",
}
CONNECTED = 2


@dataclass
class World:
    """One project, its editor, and its service when one runs."""

    project: Path
    home: Path
    editor: Editor
    service: Service | None = None

    def serve(self) -> Service:
        if self.service is None:
            self.service = Service(self.project, self.home)
        return self.service

    def connect(self) -> Editor:
        """With a service that answers, and every image imported."""
        self.serve()
        self.editor.until("plugin.client.state", CONNECTED)
        self.settle()
        return self.editor

    def settle(self) -> None:
        """Until all is drawn, read and imported."""
        self.editor.until("is_settled()")

    def shown(self, name: str) -> bytes:
        """The pixels that Godot loads."""
        return bytes.fromhex(self.editor(f'pixels("res://{name}")')["hex"])

    def shows(self, name: str) -> bool:
        """Whether Godot loads the pixels that lie on disk; unseen colours are Godot's own."""
        ours = decode_image(self.project / name)
        theirs = np.frombuffer(self.shown(name), np.uint8).reshape(*ours.shape[:2], 4)
        if ours.shape[2] == 3:
            return np.array_equal(theirs[..., :3], ours)
        seen = ours[..., 3] > 0
        return np.array_equal(theirs[..., 3], ours[..., 3]) and np.array_equal(
            theirs[seen], ours[seen]
        )


@pytest.fixture(scope="module")
def godot() -> Path:
    engine = find_godot()
    if engine is None:
        pytest.skip(f"there is no Godot 4 here; {VARIABLE} may name the program")
    return engine[0]


def new_project(folder: Path, **more: str) -> Path:
    project = make_game(folder, {**DESCRIPTIONS, **more})
    (project / "project.godot").write_text(PROJECT, "utf-8")
    (project / "main.tscn").write_text(SCENE, "utf-8")
    shutil.copy(SCRIPTS / "game.gd", project)
    put_in(project)
    return project


@pytest.fixture(scope="module")
def world(godot: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("addon")
    home = folder / "home"
    home.mkdir()
    project = new_project(folder / "game")
    tells = str(home / "game")
    with opened(godot, project, home=home, PATH="/usr/bin:/bin", GAME_TELLS=tells) as editor:
        found = World(project, home, editor)
        yield found
        if found.service is not None:
            found.service.end()


def test_the_scripts_are_formatted_and_linted() -> None:
    for tool, *options in (("gdformat", "--check", "-l", "100"), ("gdlint",)):
        program = Path(sys.executable).with_name(tool)
        if not program.is_file():
            pytest.skip("gdtoolkit is not installed")
        done = subprocess.run(
            [program, *options, *sorted(SOURCE.glob("*.gd")), *sorted(SCRIPTS.glob("*.gd"))],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_every_text_has_its_chinese() -> None:
    table = (SOURCE / "texts.gd").read_text("utf-8")
    joined = re.sub(r'"\s*\+\s*"', "", table)
    known = set(re.findall(r'"((?:[^"\\]|\\.)*)":', joined))
    used: set[str] = set()
    for script in SOURCE.glob("*.gd"):
        used |= set(re.findall(r'Texts\.of\(\s*"((?:[^"\\]|\\.)*)"', script.read_text("utf-8")))
    assert used and used <= known, used - known


# --- in the editor, in this order: first alone, then with a service ------------------------------


def test_a_fresh_project_opens_without_a_word_of_complaint(world: World) -> None:
    assert FAULTS.findall(world.editor.log()) == [], world.editor.log()
    assert world.editor("is_addon_on()")


def test_without_a_program_it_says_so_and_shows_the_files(world: World) -> None:
    ask = world.editor
    ask.until("plugin.store.rows.size()", 4)
    assert "llamavis program was not found" in ask("plugin.client.message")
    assert ask("plugin.store.is_offline") is True
    ask('plugin.dock.open_description("hero.desc.toml")')
    assert ask("plugin.dock.editor.get_text()") == (world.project / "hero.desc.toml").read_text()
    assert ask("plugin.dock.editor._code.editable") is False
    assert ask("plugin.dock.editor._save.disabled") is True


def test_a_project_cannot_say_which_program_is_started(world: World) -> None:
    ask, trap = world.editor, world.project / "bin" / "llamavis"
    trap.parent.mkdir()
    trap.write_text(f"#!/bin/sh\ntouch '{world.home}/trapped'\n")
    trap.chmod(0o755)
    (world.project / "llamavis.toml").write_text(
        (world.project / "llamavis.toml").read_text() + f'# program = "{trap}"\n'
    )
    ask(f'set_project("editor_overrides/llamavis/program", "{trap}")')
    ask("plugin.client.try_again()")
    ask.until('plugin.client.message.contains("take the lines")')
    ask('set_project("editor_overrides/llamavis/program", null)')
    ask(f'set_project("llamavis/program", "{trap}")')
    ask(f'set_environment("PATH", "{trap.parent}:.:bin")')
    ask("plugin.client.try_again()")
    ask.until('plugin.client.message.contains("was not found")')
    ask('set_project("llamavis/program", null)')
    assert ask("plugin.client.starter.last_command") == []
    assert not (world.home / "trapped").exists()
    shutil.rmtree(trap.parent)


def test_a_wrong_token_and_another_version_are_said(world: World) -> None:
    service, ask = world.serve(), world.editor
    ask.until("plugin.client.state", CONNECTED)
    told = service.told()
    other = world.home / "other"
    (other / ".llamavis").mkdir(parents=True)
    (other / "llamavis.toml").write_text("")
    for change, words in (
        ({"token": "x" * 40}, "refuses the token"),
        ({"api": 2}, "newer than this addon"),
        ({"port": 9}, "was not found"),
    ):
        (other / ".llamavis" / "service.json").write_text(json.dumps({**told, **change}))
        ask(f'client_for("{other}")')
        ask.until(f'tree.other.message.contains("{words}")')
    ask("tree.other.queue_free()")


def test_what_the_service_draws_is_imported_as_it_should_be(world: World) -> None:
    ask = world.connect()
    outputs = ask("plugin.store.assets.keys()")
    assert sorted(outputs) == sorted(
        ["bat.png", "hero.png", "hero_sheet.png", "slime.png", "tiles/floor.png"]
        + [f"tiles/floor_{name}.png" for name in ("height", "normal", "orm")]
        + ["tiles/wall_0.png", "tiles/wall_1.png"]
    )
    for output in outputs:
        assert world.shows(output), output
        text = (world.project / f"{output}.import").read_text()
        assert "uid://" in text and "detect_3d/compress_to=0" in text
        wanted = 1 if output.endswith("_normal.png") else 2 if "floor_" in output else 0
        assert f"compress/normal_map={wanted}" in text, output
    assert not list(world.project.rglob("*.translation"))
    shown = ask("outputs_shown()")
    assert "tiles/floor_normal.png" not in shown and "tiles/floor.png" in shown


def test_filesystem_knows_descriptions_and_leaves_other_toml_alone(world: World) -> None:
    ask = world.connect()
    ask.until('file_type("res://hero.desc.toml")', "Resource")
    assert ask('file_type("res://llamavis.toml")') == "TextFile"
    for suffix in (".uid", ".import"):
        assert not list(world.project.rglob(f"*.toml{suffix}"))
    ask('edit("res://tiles/floor.desc.toml")')
    ask.until("plugin.dock.editor.path", "tiles/floor.desc.toml")
    assert ask('plugin.dock.details.asset["output"]') == "tiles/floor.png"


def test_a_word_changed_on_disk_is_soon_another_picture_in_godot(world: World) -> None:
    ask = world.connect()
    before, uid = world.shown("hero.png"), uid_of(world.project / "hero.png.import")
    ask("forget()")
    source = world.project / "hero.desc.toml"
    source.write_text(source.read_text().replace("red", "blue"))
    until(lambda: world.shown("hero.png") != before, "another hero")
    world.settle()
    assert world.shows("hero.png") and world.shows("hero_sheet.png")
    assert uid_of(world.project / "hero.png.import") == uid
    assert sorted(set(ask("reimported"))) == ["res://hero.png", "res://hero_sheet.png"]


def test_a_description_is_checked_saved_and_taken_back(world: World) -> None:
    ask = world.connect()
    source = world.project / "tiles" / "floor.desc.toml"
    old = source.read_text()
    ask('plugin.dock.editor.open("tiles/floor.desc.toml")')
    ask.until("plugin.dock.editor.get_text()", old)
    ask.until("plugin.dock.editor._revision != null")
    ask("plugin.dock.editor.type('descripton = \"red stone\"\\n')")
    ask.until("plugin.dock.editor.get_problems().size() > 0")
    assert "description" in ask("plugin.dock.editor._told.text")
    assert ask("plugin.dock.editor._save.disabled") is True
    new = old.replace("grey", "red")
    ask(f"plugin.dock.editor.type({json.dumps(new)})")
    ask.until("plugin.dock.editor.get_problems().size()", 0)
    ask("plugin.dock.editor.save()")
    until(lambda: source.read_text() == new, "the new text")
    ask.until("plugin.dock.editor.is_dirty()", False)
    ask("undo(plugin.dock.editor)")
    until(lambda: source.read_text() == old, "the old text")
    ask.until("plugin.dock.editor.get_text()", old)
    world.settle()


def test_words_changed_elsewhere_are_not_written_over(world: World) -> None:
    ask = world.connect()
    source = world.project / "tiles" / "wall.desc.toml"
    old = source.read_text()
    ask('plugin.dock.editor.open("tiles/wall.desc.toml")')
    ask.until("plugin.dock.editor.get_text()", old)
    ask.until("plugin.dock.editor._revision != null")
    ask("plugin.dock.editor.type('description = \"mine\"\\n')")
    theirs = old.replace("brown", "yellow")
    source.write_text(theirs)
    ask("plugin.dock.editor.save()")
    ask.until('plugin.dock.editor._told.text.contains("changed elsewhere")')
    assert source.read_text() == theirs
    ask('plugin.dock.editor.open("tiles/wall.desc.toml", 1, true)')
    ask.until("plugin.dock.editor.get_text()", theirs)
    world.settle()


def test_lock_variants_and_search(world: World) -> None:
    ask, source = world.connect(), world.project / "tiles" / "wall.desc.toml"
    ask('plugin.dock.list.choose("tiles/wall_0.png")')
    ask("plugin.dock.details._on_lock()")
    until(lambda: "locked = true" in source.read_text(), "the lock")
    ask.until('plugin.store.find("tiles/wall_0.png").get("locked", false)')
    ask("undo(plugin.dock.details)")
    until(lambda: "locked" not in source.read_text(), "the lock's end")
    ask.until('plugin.store.find("tiles/wall_0.png").get("locked", true)', False)
    ask("plugin.dock.details._on_variants(4)")
    ask.until('plugin.store.find("tiles/wall_3.png").get("state", "")', "fresh")
    world.settle()
    assert world.shows("tiles/wall_3.png")
    ask.until("plugin.dock.details._strip.get_child_count()", 4)
    ask('plugin.dock.details.choose_variant(plugin.store.find("tiles/wall_2.png"))')
    until(lambda: "pick = 2" in source.read_text(), "the choice")
    ask.until('plugin.store.find("tiles/wall.png").get("state", "")', "fresh")
    ask("plugin.dock._where.select(1)")
    ask('plugin.dock._filter.set_text("slime")')
    ask("plugin.dock._on_where(1)")
    ask.until("outputs_shown()", ["slime.png"])
    ask("plugin.dock._where.select(0)")
    ask('plugin.dock._filter.set_text("stone")')
    ask("plugin.dock._on_where(0)")
    ask.until("outputs_shown()", ["tiles/floor.png"])
    ask('plugin.dock._filter.set_text("")')
    ask("plugin.dock._on_filter()")


def test_a_picture_of_the_users_is_described_and_kept(world: World) -> None:
    ask, picture = world.connect(), world.project / "bought.png"
    pixels = encode_png(np.full((8, 8, 3), 90, np.uint8))
    picture.write_bytes(pixels)
    ask('plugin.dock.describe("bought.png")')
    ask.until("plugin.dock.editor.path", "bought.desc.toml")
    ask("plugin.dock.editor.save()")
    until((world.project / "bought.desc.toml").is_file, "the description")
    ask.until('plugin.store.find("bought.png").get("state", "")', "locked")
    world.settle()
    assert picture.read_bytes() == pixels


def test_new_pictures_in_a_new_folder_and_a_users_own_import(world: World) -> None:
    ask = world.connect()
    folder = world.project / "new" / "deep"
    folder.mkdir(parents=True)
    own = '[remap]\n\nimporter="texture"\ntype="CompressedTexture2D"\n\n[params]\n\n'
    (folder / "b.png.import").write_text(own + "compress/mode=3\n")
    (folder / "a.desc.toml").write_text(described("a"))
    (folder / "b.desc.toml").write_text(described("b"))
    ask.until('plugin.store.find("new/deep/a.png").get("state", "")', "fresh")
    world.settle()
    assert world.shows("new/deep/a.png") and world.shows("new/deep/b.png")
    assert "compress/mode=3" in (folder / "b.png.import").read_text()
    assert "compress/mode=0" in (folder / "a.png.import").read_text()


def test_a_service_that_dies_is_found_again_and_nothing_is_missed(world: World) -> None:
    ask = world.connect()
    assert world.service is not None
    world.service.kill()
    ask.until("plugin.client.state == 2", False)
    ask("plugin.dock.editor.open('hero.desc.toml')")
    source = world.project / "slime.desc.toml"
    source.write_text(described("a purple slime king"))
    monsters = world.project / "monsters.descs.csv"
    monsters.write_text(monsters.read_text().replace("slime,green slime\n", ""))
    before = world.shown("slime.png")
    world.service = None
    world.connect()
    until(lambda: world.shown("slime.png") != before, "another slime")
    world.settle()
    assert world.shows("slime.png")


def test_switched_off_it_leaves_nothing_behind_and_comes_back(world: World) -> None:
    ask = world.connect()
    assert len(ask("traces()")) > 5
    ask("set_plugin(false)")
    ask.until("traces()", [])
    ask("set_plugin(true)")
    ask.until("plugin != null")
    world.settle()
    assert ask("plugin.client.state") == CONNECTED


def test_a_running_game_shows_the_new_picture(world: World) -> None:
    ask, told = world.connect(), world.home / "game"
    ask("plugin._set_live(true)")
    saved = world.project / "project.godot"
    until(lambda: "LlamaVisLive" in saved.read_text(), "the autoload")
    ask("play()")
    until(lambda: told.exists() and told.read_text() == "32", "the game")
    ask.until("plugin.live.send(PackedStringArray())", 1)
    source = world.project / "hero.desc.toml"
    source.write_text("size = [48, 48]\n" + source.read_text())
    until(lambda: told.read_text() == "48", "the new picture in the game")
    ask("stop()")
    ask("plugin._set_live(false)")
    until(lambda: "LlamaVisLive" not in saved.read_text(), "the autoload's end")
    world.settle()


def test_two_hundred_changed_pictures_come_in_small_groups(world: World) -> None:
    ask = world.connect()
    rng = np.random.default_rng(0)
    rows = "".join(f"m{i},monster {i}\n" for i in range(200))
    folder = world.project / "many"
    folder.mkdir()
    (folder / "many.descs.csv").write_text("name,description\n" + rows)
    ask.until('plugin.store.find("many/m199.png").get("state", "")', "fresh")
    world.settle()
    names = [f"many/m{i}.png" for i in range(200)]
    paths = json.dumps([f"res://{name}" for name in names])
    world.service, service = None, world.service
    assert service is not None
    service.end()
    noise = [encode_png(rng.integers(0, 256, (64, 64, 3), np.uint8)) for _ in range(400)]

    def paint(pictures: list[bytes]) -> None:
        for name, data in zip(names, pictures, strict=True):
            (world.project / name).write_bytes(data)

    paint(noise[:200])
    at_once = min(ask(f"time_one_call({paths})") for _ in range(2))
    paint(noise[200:])
    ask("forget()")
    ask("plugin.sync.set('longest_ms', 0.0)")
    ask(f"plugin.sync.add(PackedStringArray({json.dumps(names)}))")
    began = time.monotonic()
    ask.until("plugin.sync.is_idle()")
    total = (time.monotonic() - began) * 1000
    longest, frame = ask("plugin.sync.longest_ms"), ask("tree.longest_ms")
    print(
        f"200 pictures: {total:.0f} ms in groups, {at_once:.0f} ms in one call; "
        f"longest group {longest:.0f} ms, longest frame {frame:.0f} ms, {ask('frames')} frames"
    )
    imported = ask("reimported")
    assert sorted(imported) == sorted(f"res://{name}" for name in names)
    assert all(world.shows(name) for name in names[::20])
    assert longest < at_once / 3 and total < 3 * at_once + 1000
    world.connect()


def test_nothing_went_wrong_meanwhile(world: World) -> None:
    assert FAULTS.findall(world.editor.log()) == [], world.editor.log()


# --- other editors -------------------------------------------------------------------------------


def test_the_parts_without_an_editor(godot: Path, world: World, tmp_path: Path) -> None:
    world.connect()
    project = tmp_path / "game"
    shutil.copytree(world.project, project, ignore=shutil.ignore_patterns(".llamavis", ".godot"))
    (project / "hero_frames.tres").unlink(missing_ok=True)
    shutil.rmtree(project / "many", ignore_errors=True)
    for name, text in DESCRIPTIONS.items():
        (project / name).write_text(text)
    for variant in (0, 1):
        shutil.copy(project / "tiles" / "wall.png", project / "tiles" / f"wall_{variant}.png")
    shutil.copy(SCRIPTS / "unit.gd", project)
    run_godot(godot, project, "--import")
    log = run_godot(godot, project, "--script", "res://unit.gd")
    assert "\nfinished\n" in log and log.count("ok - ") > 50, log


def test_it_starts_the_service_and_lists_five_thousand_descriptions(
    godot: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    rows = "".join(f"m{i},monster number {i},true\n" for i in range(5000))
    files = {"all.descs.csv": "name,description,locked\n" + rows}
    project = new_project(tmp_path / "game", **files)
    program = tmp_path / "llamavis"
    # The Godot of the cache has a /usr of its own, in which this Python lacks libraries.
    outside = f"nsenter -t {os.getpid()} -m -- " if is_root() and shutil.which("nsenter") else ""
    python = f'{outside}"{sys.executable}" -m llamavis_studio.cli'
    program.write_text(f'#!/bin/sh\nexec {python} "$@"\n', "utf-8")
    program.chmod(0o755)
    told = project / ".llamavis" / "service.json"
    with opened(godot, project, home=home, PATH=f"{tmp_path}:/usr/bin:/bin") as ask:
        ask.until("plugin.client.state", CONNECTED)
        command = ask("plugin.client.starter.last_command")
        pid = ask("process_id()")
        assert command == [str(program), "serve", str(project), "--parent", str(pid)]
        ask.until("plugin.store.rows.size() >= 5000")
        ask.until("plugin.sync.is_idle()")
        assert told.exists() and FAULTS.findall(ask.log()) == [], ask.log()
        best = ask("list_ms()")
        ask("forget()")
        ask('plugin.store.filter("m49", "")')
        ask.until("plugin.store.rows.size()", 111)
        print(
            f"5,000 descriptions: a page takes {best['page']:.1f} ms of a frame, a slice of the "
            f"filter {best['slice']:.1f} ms; longest frame {ask('tree.longest_ms'):.0f} ms"
        )
        assert best["page"] < 16 and best["slice"] < 16
    until(lambda: not told.exists(), "the end of the service with its editor")


def test_in_a_window_a_picture_in_use_is_another_one(godot: Path, tmp_path: Path) -> None:
    """With a window, Godot draws frames inside of imports: nothing may be imported in those."""
    if shutil.which("xvfb-run") is None:
        pytest.skip("there is no Xvfb here")
    home, program = tmp_path / "home", tmp_path / "godot"
    home.mkdir()
    screen = "-screen 0 1280x800x24 -nolisten tcp"
    program.write_text(f"#!/bin/sh\nexec xvfb-run -a -s '{screen}' '{godot}' \"$@\"\n", "utf-8")
    program.chmod(0o755)
    project = new_project(tmp_path / "game")
    options = "--rendering-driver opengl3 --audio-driver Dummy --resolution 1280x800".split()
    service = None
    try:
        with opened(program, project, *options, home=home, PATH="/usr/bin:/bin") as editor:
            world = World(project, home, editor)
            service = world.serve()
            world.connect()
            editor("plugin._show_dock()")
            editor('plugin.dock.list.choose("hero.png")')
            before = editor('hold("res://hero.png")')
            source = project / "hero.desc.toml"
            source.write_text(source.read_text().replace("red", "green"))
            until(lambda: editor("held()") != before, "another picture in the same texture")
            world.settle()
            picture = tmp_path / "editor.png"
            assert editor(f'shoot("{picture}")') == 0
            assert len(np.unique(decode_image(picture)[:, 1080:, :3].reshape(-1, 3), axis=0)) > 50
            faults = FAULTS.findall(editor.log())
            # There is no window manager, so no window has the focus: harmless.
            harmless = ("current_window", "Could not set V-Sync mode")
            faults = [one for one in faults if not any(words in one for words in harmless)]
            assert faults == [], editor.log()
    finally:
        if service is not None:
            service.end()


def test_without_the_addon_the_game_keeps_its_pictures(
    godot: Path, world: World, tmp_path: Path
) -> None:
    world.connect()
    project = tmp_path / "game"
    shutil.copytree(world.project, project, ignore=shutil.ignore_patterns(".llamavis"))
    imports = {path: path.read_bytes() for path in project.rglob("*.png.import")}
    put_in(project)
    take_out(project)
    assert not (project / "addons").exists()
    log = run_godot(godot, project, "--import")
    assert FAULTS.findall(log) == [], log
    assert {path: path.read_bytes() for path in project.rglob("*.png.import")} == imports


def uid_of(path: Path) -> str:
    found = re.search(r'uid="(uid://\w+)"', path.read_text())
    assert found is not None
    return found[1]


def is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0
