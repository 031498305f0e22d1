"""Godot's files, as the editor of 4.6 writes them, and code as people write it."""

from __future__ import annotations

from pathlib import Path

import pytest

from llamavis_studio.library.uses.reading import godot_uids, references_in

SCENE = """[gd_scene load_steps=6 format=3 uid="uid://cave0scene1"]

[ext_resource type="Texture2D" uid="uid://b1hero" path="res://art/hero.png" id="1_x8k2p"]
[ext_resource type="Script" path="res://scenes/cave.gd" id="2_qd0fi"]
[ext_resource type="Texture2D" uid="uid://c2moved" path="res://old/rock.png" id="3_[a]"]
[ext_resource type="PackedScene" uid="uid://dunknown" path="res://scenes/torch \\"1\\".tscn" id="4"]

; a comment with "res://art/never.png"
[sub_resource type="StandardMaterial3D" id="StandardMaterial3D_1"]
albedo_texture = ExtResource("1_x8k2p")

[sub_resource type="GDScript" id="GDScript_1"]
script/source = "extends Node
# load(\\"res://art/no.png\\")
const GEM := preload(\\"res://art/gem.png\\")
"

[sub_resource type="Shader" id="Shader_1"]
code = "shader_type spatial;
#include \\"res://shaders/noise.gdshaderinc\\"
// #include \\"res://shaders/gone.gdshaderinc\\"
"

[node name="Cave" type="Node2D"]
script = ExtResource("2_qd0fi")
metadata/portrait = "res://art/\\u9f99.png"
metadata/theme = "uid://e5theme"
metadata/own = "res://scenes/cave.tscn"
metadata/part = "res://art/tiles.tres::TileSet_1"
metadata/saves = "user://save.json"
metadata/words = "see res://art/mentioned.png"
metadata/away = "res://../secret.png"
metadata/folder = "res://art/"
"""

SPRITE_FRAMES = """[gd_resource type="SpriteFrames" load_steps=3 format=3 uid="uid://frames1"]

[ext_resource type="Texture2D" uid="uid://b1hero" id="1_sheet"]

[sub_resource type="AtlasTexture" id="AtlasTexture_1"]
atlas = ExtResource("1_sheet")
region = Rect2(0, 0, 32, 32)

[resource]
animations = [{
"frames": [{
"duration": 1.0,
"texture": SubResource("AtlasTexture_1")
}],
"loop": true,
"name": &"walk",
"speed": 8.0
}]
"""

MATERIAL = """[gd_resource type="StandardMaterial3D" load_steps=3 format=3 uid="uid://mat"]

[ext_resource type="Texture2D" uid="uid://aaa" path="res://tex/wall_albedo.png" id="1"]
[ext_resource type="Texture2D" uid="uid://bbb" path="res://tex/wall_normal.png" id="2"]

[resource]
albedo_texture = ExtResource("1")
normal_enabled = true
normal_texture = ExtResource("2")
"""

PROJECT = """; Engine configuration file.
config_version=5

[application]

config/name="Demo"
run/main_scene="uid://mainscene"
config/features=PackedStringArray("4.6", "Forward Plus")
config/icon="res://icon.svg"

[autoload]

Music="*res://music.gd"

[editor_plugins]

enabled=PackedStringArray("res://addons/art/plugin.cfg")
"""

SCRIPT = r'''@icon("icons/hero.svg")
extends "base.gd"  # not "res://a/comment.gd"
## Uses preload("res://a/doc.png").
const A := preload("res://art/a.png")
const B = preload ( 'uid://b1hero' )
const NEAR := preload("../art/near.png")
const RAW := r"res://art/raw.png"
const NAME := &"res://art/name.png"
var hash = "#" + "res://art/after_hash.png"
var quote := "it's \" # res://no.png"
var long := """res://art/long.png"""
var prose := """
load("res://art/in_prose.png")
"""
func _ready() -> void:
	var x = load("art/from_root.png")
	var y = ResourceLoader.load("res://art/\u0062.png", "Texture2D")
	var z = load("res://art/%s" % name)
	reload("other.png"); print("plain.png")
	for_each(load(PATH), "third.png")
	var broken = "res://art/open.png
	var next = "res://art/next.png"
'''


def test_a_scene() -> None:
    uids = {"uid://b1hero": "art/hero.png", "uid://c2moved": "new/rock.png", "uid://e5theme": "t"}
    found = references_in("scenes/cave.tscn", SCENE.encode(), uids)
    assert found.paths == (
        "art/gem.png",
        "art/hero.png",
        "art/tiles.tres",
        "art/龙.png",
        "new/rock.png",
        "scenes/cave.gd",
        'scenes/torch "1".tscn',
        "shaders/noise.gdshaderinc",
        "t",
    )
    assert (found.problem, found.patterns) == ("", ())


def test_frames_that_are_named_by_uid_only() -> None:
    data = SPRITE_FRAMES.encode()
    known = references_in("a.tres", data, {"uid://b1hero": "art/hero.png"})
    assert known.paths == ("art/hero.png",)
    assert references_in("a.tres", data, {}).paths == ()


def test_a_material_and_a_mark_at_the_front() -> None:
    data = b"\xef\xbb\xbf" + MATERIAL.replace("\n", "\r\n").encode()
    assert references_in("m.TRES", data, {}).paths == ("tex/wall_albedo.png", "tex/wall_normal.png")


def test_a_project_in_a_folder_of_ours() -> None:
    found = references_in(
        "game/project.godot",
        PROJECT.encode(),
        {"uid://mainscene": "game/main.tscn"},
        godot_root="game",
    )
    assert found.paths == (
        "game/addons/art/plugin.cfg",
        "game/icon.svg",
        "game/main.tscn",
        "game/music.gd",
    )


def test_a_script() -> None:
    found = references_in("scenes/hero.gd", SCRIPT.encode(), {"uid://b1hero": "art/hero.png"})
    assert found.paths == (
        "art/%s",
        "art/a.png",
        "art/after_hash.png",
        "art/b.png",
        "art/from_root.png",
        "art/hero.png",
        "art/long.png",
        "art/name.png",
        "art/near.png",
        "art/next.png",
        "art/open.png",
        "art/raw.png",
        "scenes/base.gd",
        "scenes/icons/hero.svg",
    )


def test_a_script_names_nothing_outside_its_godot_project() -> None:
    data = b'var a = preload("../../a.png")\nvar b = load("b.png")\nvar c = preload("c.png")'
    found = references_in("game/s/x.gd", data, {}, godot_root="game")
    assert found.paths == ("game/b.png", "game/s/c.png")


def test_an_absolute_path_in_a_script() -> None:
    data = b'load("/games/me/demo/art/a.png")'
    assert references_in("x.gd", data, {}, root="/games/me/demo").paths == ("art/a.png",)
    assert references_in("x.gd", data, {}).paths == ()


def test_csharp() -> None:
    source = r"""
    // GD.Load("res://comment.png")
    /* "res://block.png" */
    char quote = '"', slash = '\'';
    var a = GD.Load<Texture2D>("res://art/a.png");
    var b = @"res://art/""b"".png" + $"res://art/{name}.png" + $"res://art/plain.png";
    var c = $@"res://art/{name}.png" + @"C:\" + "res://art/c.png";
    const string Url = "http://x"; var d = "uid://b1hero";
    var e = "\"res://no.png";
    """
    found = references_in("Hero.cs", source.encode(), {"uid://b1hero": "art/hero.png"})
    assert found.paths == (
        'art/"b".png',
        "art/a.png",
        "art/c.png",
        "art/hero.png",
        "art/plain.png",
    )


def test_a_shader() -> None:
    source = b"""shader_type canvas_item;
// #include "res://no.gdshaderinc"
#include "res://shaders/a.gdshaderinc"
# include "b.gdshaderinc"
/* #include "c.gdshaderinc" */
"""
    found = references_in("fx/glow.gdshader", source, {})
    assert found.paths == ("fx/b.gdshaderinc", "shaders/a.gdshaderinc")


def test_a_plugin() -> None:
    data = b'[plugin]\nname="Art"\nicon="res://icon.svg"\nscript="plugin.gd"\n'
    found = references_in("addons/art/plugin.cfg", data, {})
    assert found.paths == ("addons/art/plugin.gd", "icon.svg")


@pytest.mark.parametrize(
    ("relative", "text", "uid"),
    [
        ("a/b.png.import", '[remap]\n\nuid="uid://b1"\npath="res://x"\n', ("uid://b1", "a/b.png")),
        ("a/s.gd.uid", "uid://abc\n", ("uid://abc", "a/s.gd")),
        ("a/cave.tscn", SCENE, ("uid://cave0scene1", "a/cave.tscn")),
        ("f.tres", SPRITE_FRAMES, ("uid://frames1", "f.tres")),
        ("a.png.import", '[remap]\nimporter="keep"\n', None),
        ("a.gd.uid", "uid://<invalid>", None),
        ("a.png.import", "\0\xff", None),
        ("a.gd", "uid://abc", None),
        (".import", 'uid="uid://b1"', None),
    ],
)
def test_uids(relative: str, text: str, uid: tuple[str, str] | None) -> None:
    assert godot_uids(relative, text.encode()) == uid


def test_a_binary_scene_of_godot_4_6() -> None:
    """Saved by Godot 4.6.3's editor, packed with zstd; the picture's uid was that below."""
    data = Path(__file__).with_name("saved_by_godot_4_6.scn").read_bytes()
    assert data.startswith(b"RSCC")
    assert references_in("x/packed.scn", data, {}).paths == ("art/wood.png",)
    uids = {"uid://dai1l8egxoock": "new/wood.png"}
    assert references_in("x/packed.scn", data, uids).paths == ("new/wood.png",)


def test_a_binary_scene_that_is_cut_or_lies() -> None:
    data = Path(__file__).with_name("saved_by_godot_4_6.scn").read_bytes()
    for length in range(4, len(data) - 40, 7):
        found = references_in("packed.scn", data[:length], {})
        assert found.paths == ()
        assert found.problem
    huge = data[:12] + b"\xff\xff\xff\x7f" + data[16:]
    assert "256 MiB" in references_in("packed.scn", huge, {}).problem
    fastlz = data[:4] + b"\0\0\0\0" + data[8:]
    assert "method" in references_in("packed.scn", fastlz, {}).problem
    no_size = data[:8] + b"\0\0\0\0" + data[12:]
    assert references_in("packed.scn", no_size, {}).problem


def test_a_plain_binary_resource() -> None:
    def text(name: bytes) -> bytes:
        return (len(name) + 1).to_bytes(4, "little") + name + b"\0"

    data = b"RSRC" + bytes(20) + text(b"res://a.png") + text(b"uid://b1") + b"res://loose.png"
    lying = b"\xff\xff\xff\x00res://long.png\0" + b"\x0c\0\0\0res://\xff\xfe\xfd.p"
    found = references_in("m.material", data + lying, {"uid://b1": "b.png"})
    assert found.paths == ("a.png", "b.png")
    assert references_in("ogre.mesh", b"MESH" + text(b"res://a.png"), {}).paths == ()
