"""`llamavis plugin install godot`: the addon in, up to date, out; project.godot byte for byte."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from llamavis_studio.cli import godot_project
from llamavis_studio.cli.app import run_app
from llamavis_studio.cli.noted_files import NOTE
from llamavis_studio.cli.plugin_command import ADDON, PLUGIN, put_in, take_out
from llamavis_studio.core.errors import ProjectError

HEAD = b"""; Engine configuration file.
; It's best edited using the editor UI.

config_version=5

[application]

config/name="A \\"game\\" ]"
config/description="many
[editor_plugins]
lines"
"""
OTHERS = b"""
[editor_plugins]

enabled=PackedStringArray("res://addons/a (1)/plugin.cfg", "res://addons/b/plugin.cfg")

[rendering]

renderer/rendering_method="gl_compatibility"
"""
RENDERING = b'\n[rendering]\n\nrenderer/rendering_method="mobile"\n'
PROJECTS = {
    "no section": HEAD,
    "other plugins": HEAD + OTHERS,
    "a section behind": HEAD + RENDERING,
    "CRLF": (HEAD + OTHERS).replace(b"\n", b"\r\n"),
    "CRLF, no section": HEAD.replace(b"\n", b"\r\n"),
}


def game(root: Path, project: bytes = HEAD) -> Path:
    root.mkdir(parents=True, exist_ok=True)
    (root / "project.godot").write_bytes(project)
    (root / "hero.png").write_bytes(b"pixels")
    return root


def tree(root: Path) -> dict[str, bytes]:
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*") if p.is_file()}


@pytest.mark.parametrize("name", PROJECTS)
def test_in_and_out_leaves_every_byte_as_it_was(name: str, tmp_path: Path) -> None:
    root = game(tmp_path / "game", PROJECTS[name])
    before = tree(root)
    put_in(root)
    text = (root / "project.godot").read_bytes().decode()
    assert godot_project.is_enabled(text, PLUGIN)
    assert (root / PLUGIN.removeprefix("res://")).is_file()
    take_out(root)
    assert tree(root) == before


def test_only_one_line_of_the_project_is_another_one(tmp_path: Path) -> None:
    root = game(tmp_path / "game", HEAD + OTHERS)
    put_in(root)
    before = (HEAD + OTHERS).splitlines()
    after = (root / "project.godot").read_bytes().splitlines()
    assert len(after) == len(before)
    assert [new for old, new in zip(before, after, strict=True) if old != new] == [
        b'enabled=PackedStringArray("res://addons/a (1)/plugin.cfg", "res://addons/b/plugin.cfg", '
        b'"res://addons/llamavis/plugin.cfg")'
    ]


def test_installing_again_updates_and_else_changes_nothing(tmp_path: Path) -> None:
    root = game(tmp_path / "game")
    put_in(root)
    before = tree(root)
    again = put_in(root)
    assert (again.written, again.removed, again.project_changed) == ([], [], False)
    assert tree(root) == before
    place = root / ADDON
    (place / "client.gd").write_bytes(b"old")
    noted = json.loads((place / NOTE).read_text())
    (place / "gone.gd").write_bytes(b"")
    noted["gone.gd"] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    (place / NOTE).write_text(json.dumps(noted))
    update = put_in(root)
    assert update.written == [f"{ADDON}/client.gd"] and update.removed == [f"{ADDON}/gone.gd"]
    assert tree(root) == before


def test_what_is_not_the_addons_stays_and_is_named(tmp_path: Path) -> None:
    root = game(tmp_path / "game")
    put_in(root)
    (root / ADDON / "mine.gd").write_bytes(b"extends Node\n")
    (root / ADDON / "dock.gd").write_bytes(b"changed")
    changes = take_out(root)
    assert changes.left == [f"{ADDON}/dock.gd", f"{ADDON}/dock.gd.uid", f"{ADDON}/mine.gd"] or (
        changes.left == [f"{ADDON}/dock.gd", f"{ADDON}/mine.gd"]
    )
    assert (root / ADDON / "mine.gd").read_bytes() == b"extends Node\n"
    assert (root / ADDON / "dock.gd").read_bytes() == b"changed"


def test_a_note_that_names_other_files_removes_nothing_outside(tmp_path: Path) -> None:
    root = game(tmp_path / "game")
    put_in(root)
    digest = "6f1ed002ab5595859014ebf0951522d9"
    names = ["../../hero.png", str(root / "hero.png")]
    (root / ADDON / NOTE).write_text(json.dumps(dict.fromkeys(names, digest)))
    take_out(root)
    assert (root / "hero.png").read_bytes() == b"pixels"


def test_the_autoload_of_the_addon_goes_with_it(tmp_path: Path) -> None:
    autoloads = b"""
[autoload]

Mine="*res://mine.gd"
LlamaVisLive="*res://addons/llamavis/llamavis_live.gd"
"""
    root = game(tmp_path / "game", HEAD + autoloads + RENDERING)
    put_in(root)
    take_out(root)
    kept = autoloads.replace(b'LlamaVisLive="*res://addons/llamavis/llamavis_live.gd"\n', b"")
    assert (root / "project.godot").read_bytes() == HEAD + kept + RENDERING


def test_the_enabled_line_is_added_to_a_section_without_one(tmp_path: Path) -> None:
    root = game(tmp_path / "game", HEAD + b"\n[editor_plugins]\n\nother=1\n")
    put_in(root)
    text = (root / "project.godot").read_text("utf-8")
    assert godot_project.is_enabled(text, PLUGIN) and "other=1\n" in text
    assert text.startswith(HEAD.decode())


def test_descriptions_in_a_table_are_no_translation(tmp_path: Path) -> None:
    root = game(tmp_path / "game")
    for name in ("a.descs.csv", "own.descs.csv", "words.csv"):
        (root / name).write_bytes(b"name,description\n")
    (root / "own.descs.csv.import").write_bytes(b"the user's")
    assert "a.descs.csv.import" in put_in(root).written
    assert b'importer="keep"' in (root / "a.descs.csv.import").read_bytes()
    assert (root / "own.descs.csv.import").read_bytes() == b"the user's"
    assert not (root / "words.csv.import").exists()


@pytest.mark.parametrize(
    ("project", "words"),
    [
        (b"config_version=4\n", "no project of Godot 4"),
        (HEAD + b"\n[editor_plugins]\n\nenabled=strange\n", "not understood"),
        (b"\xff\xfe", "cannot be read"),
    ],
)
def test_what_cannot_be_done_is_said_before_anything_is_written(
    project: bytes, words: str, tmp_path: Path
) -> None:
    root = game(tmp_path / "game", project)
    before = tree(root)
    with pytest.raises(ProjectError, match=words):
        put_in(root)
    assert tree(root) == before


def test_a_link_is_not_written_through(tmp_path: Path) -> None:
    root, other = game(tmp_path / "game"), tmp_path / "other"
    other.mkdir()
    (root / "addons").mkdir()
    (root / ADDON).symlink_to(other, target_is_directory=True)
    with pytest.raises(ProjectError, match="link"):
        put_in(root)
    assert not list(other.iterdir())


def test_the_command_says_what_it_did(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = game(tmp_path / "game")
    assert run_app(["plugin", "install", "godot", str(root), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["installed"] and told["project_changed"]
    assert f"{ADDON}/plugin.gd" in told["written"]
    assert run_app(["plugin", "install", "godot", str(root)]) == 0
    assert "up to date" in capsys.readouterr().out
    assert run_app(["plugin", "install", "godot", str(root), "--uninstall", "--json"]) == 0
    assert not json.loads(capsys.readouterr().out)["installed"]
    assert run_app(["plugin", "install", "godot", str(tmp_path)]) == 2
    assert "project.godot" in capsys.readouterr().err
    assert run_app(["plugin", "install", "unity", str(root)]) == 2
    assert "godot" in capsys.readouterr().err
