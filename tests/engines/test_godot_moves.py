"""A real Godot finds what was moved: by its uid, or by the new path where that was asked for.

Skipped where there is no Godot 4; LLAMAVIS_GODOT names the program.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from llamavis_studio.file_actions.moving import Moving
from llamavis_studio.studio import Studio
from tests.engines.godot_engine import VARIABLE, find_godot, run_godot
from tests.support.games import PROJECT, described, make_game
from tests.support.studios import opened

pytestmark = pytest.mark.timeout(300)

SCRIPT = """extends SceneTree


func _init() -> void:
\tfor scene: String in ["res://by_uid.tscn", "res://by_path.tscn"]:
\t\tvar node: Sprite2D = (load(scene) as PackedScene).instantiate()
\t\tprint(scene, " shows ", node.texture.resource_path)
\t\tnode.free()
\tprint("finished")
\tquit()
"""


def scene(attributes: str) -> str:
    return (
        f'[gd_scene load_steps=2 format=3]\n\n[ext_resource type="Texture2D" {attributes} id="1"]\n'
        '\n[node name="Hero" type="Sprite2D"]\ntexture = ExtResource("1")\n'
    )


def uid_in(path: Path) -> str:
    found = re.search(r'uid="(uid://[a-z0-9]+)"', path.read_text("utf-8"))
    assert found is not None, path.read_text("utf-8")
    return found[1]


def test_scenes_show_a_moved_picture(tmp_path: Path, instant_backend: None) -> None:
    godot = find_godot()
    if godot is None:
        pytest.skip(f"no Godot 4 here; {VARIABLE} may name one")
    program, _version = godot
    root = make_game(
        tmp_path / "game",
        {
            "llamavis.toml": PROJECT,
            "project.godot": 'config_version=5\n\n[application]\n\nconfig/name="game"\n',
            "hero.desc.toml": described("brave red knight"),
            "by_path.tscn": scene('path="res://hero.png"'),
            "look.gd": SCRIPT,
        },
    )

    def moved(studio: Studio, dest: str, name: str) -> Moving:
        studio.library.update()
        return studio.files.move([root / name], dest, update_uses=True)

    with opened(root) as studio:
        studio.build()
        run_godot(program, root, "--import")
        uid = uid_in(root / "hero.png.import")
        by_uid = scene(f'uid="{uid}" path="res://hero.png"')
        (root / "by_uid.tscn").write_text(by_uid, "utf-8")
        done = moved(studio, "people/heroes/", "hero.png")
        assert done.updated == ("by_path.tscn", "by_uid.tscn")
        (root / "by_uid.tscn").write_text(by_uid, "utf-8")  # as if it had not been asked for
    run_godot(program, root, "--import")
    assert uid_in(root / "people/heroes/hero.png.import") == uid
    log = run_godot(program, root, "--script", "res://look.gd")
    assert log.count("shows res://people/heroes/hero.png") == 2, log
    assert not (root / "hero.png.import").exists() and not (root / "hero.png").exists()
