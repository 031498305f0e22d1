"""Unsaved, read-only, packed, painted, linked, missing, foreign names: a sentence, no traceback."""

import os
import shutil

import bpy
import pytest
from inside import described, pixels_of


def swap(root, name, other):
    """Another picture at a place, as the studio leaves it."""
    (root / "one.tmp").write_bytes((root / other).read_bytes())
    (root / "one.tmp").replace(root / name)


@pytest.fixture
def two(world):
    root = world.game({"a.desc.toml": described("red knight"), "b.desc.toml": described("bat")})
    world.serve(root)
    world.follow(root)
    return root


def taken_in(world, name):
    world.now.changed[name] = None
    world.tick()


def test_packed_and_painted_pictures_are_left_alone(world, two):
    image = world.images.have(str(two / "a.png"))
    image.pack()
    before = pixels_of(image)
    swap(two, "a.png", "b.png")
    taken_in(world, "a.png")
    assert pixels_of(image) == before and "packed" in world.now.notice.text
    image.unpack(method="REMOVE")
    taken_in(world, "a.png")
    assert pixels_of(image) != before
    image.pixels[0] = 0.5
    image.update()
    assert image.is_dirty
    painted = pixels_of(image)
    swap(two, "a.png", "b.png")
    taken_in(world, "a.png")
    assert pixels_of(image) == painted and "painted" in world.now.notice.text


def test_a_missing_file_keeps_its_last_picture(world, two):
    image = world.images.have(str(two / "a.png"))
    before = pixels_of(image)
    os.rename(two / "a.png", two / "away.tmp")
    taken_in(world, "a.png")
    assert pixels_of(image) == before and "gone" in world.now.notice.text
    os.rename(two / "away.tmp", two / "a.png")
    swap(two, "a.png", "b.png")
    taken_in(world, "a.png")
    assert pixels_of(image) != before


def test_two_pictures_of_one_name_and_one_picture_twice(world):
    root = world.game({"x/a.desc.toml": described("bat"), "y/a.desc.toml": described("cat")})
    world.serve(root)
    world.follow(root)
    x, y = (world.images.have(str(root / one / "a.png")) for one in "xy")
    assert x != y and world.images.have(str(root / "x" / "a.png")) == x
    twin = bpy.data.images.load(str(root / "x" / ".." / "x" / "a.png"), check_existing=False)
    before_x, before_y = pixels_of(x), pixels_of(y)
    swap(root, "x/a.png", "y/a.png")
    taken_in(world, "x/a.png")
    assert pixels_of(x) == pixels_of(twin) == before_y != before_x and pixels_of(y) == before_y


def test_chinese_and_long_names(world):
    folder = world.folder / "游戏 项目"
    name = "很长的名字" * 6  # over the 63 bytes of a data-block's name in Blender 4
    root = world.game({f"图/{name}.desc.toml": described("苔藓石头", 'kind = "material"\n')},
                      "游戏 项目")  # fmt: skip
    assert root == folder.resolve()
    world.serve(root)
    world.follow(root)
    world.select(f"图/{name}.desc.toml#{name}")
    assert world.fields.words == "苔藓石头"
    bpy.data.objects["Cube"].select_set(True)
    assert bpy.ops.llamavis.build_material() == {"FINISHED"}
    path = str(root / "图" / f"{name}.png")
    image = world.images.images_at(path)[0]
    before = pixels_of(image)
    (root / "图" / f"{name}.desc.toml").write_text(
        described("红色熔岩", 'kind = "material"\n'), "utf-8"
    )
    world.until(lambda: world.now.entry.words == "红色熔岩", "the new words")
    world.settle()
    assert pixels_of(image) != before
    bpy.ops.wm.save_as_mainfile(filepath=str(root / "场景.blend"))
    assert bpy.ops.llamavis.mark_asset() == {"FINISHED"}
    assert "game/图" in (root / "blender_assets.cats.txt").read_text("utf-8")


def test_no_project_no_file_no_picture(world):
    world.fields.project = str(world.folder)
    assert world.now.root is None and world.now.notice.is_error
    assert not bpy.ops.llamavis.build_material.poll()
    assert not bpy.ops.llamavis.start.poll()
    world.fields.project = str(world.folder / "nowhere" / "at all")
    assert world.now.root is None
    for _ in range(3):
        world.tick()


def test_an_image_that_is_not_drawn_yet(world):
    root = world.game({"a.desc.toml": described("FAIL")})
    world.serve(root)
    world.fields.project = str(root)
    world.until(lambda: world.now.entries, "the list")
    world.select("a.desc.toml#a")
    for operator in (bpy.ops.llamavis.build_material, bpy.ops.llamavis.mark_asset,
                     bpy.ops.llamavis.sprite_plane):  # fmt: skip
        assert operator() == {"CANCELLED"}
    (root / "b.desc.toml").write_text("description = 7\n", "utf-8")
    world.until(lambda: world.now.problems, "the mistake")
    assert world.now.problems[0]["path"] == "b.desc.toml"


def test_a_damaged_picture(world, two):
    world.select("a.desc.toml#a")
    (two / "a.png").write_bytes(b"not a picture")
    assert bpy.ops.llamavis.sprite_plane() == {"CANCELLED"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_read_only_folder_by_its_rights(world, two):
    os.chmod(two, 0o555)
    try:
        _cannot_write(world, two)
    finally:
        os.chmod(two, 0o755)


def test_a_folder_that_cannot_be_written(world, two):
    """A file where a folder must be: nobody can write there, not even root."""
    shutil.copyfile(two / "a.png", two / "sprites")
    world.select("a.desc.toml#a")
    bpy.data.objects["Cube"].select_set(True)
    done = bpy.ops.llamavis.render_sprites(folder="sprites/deep", sides="1", size=8)
    assert done == {"CANCELLED"}
    bpy.ops.wm.save_as_mainfile(filepath=str(two / "scene.blend"))
    (two / "blender_assets.cats.txt").mkdir()
    assert bpy.ops.llamavis.mark_asset() == {"FINISHED"}  # an asset, though without its catalog
    assert world.images.images_at(str(two / "a.png"))[0].asset_data is not None


def _cannot_write(world, two):
    world.select("a.desc.toml#a")
    bpy.data.objects["Cube"].select_set(True)
    assert bpy.ops.llamavis.render_sprites(folder="", sides="1", size=8) == {"CANCELLED"}


def test_a_project_cannot_lead_outside(world, two):
    assert world.now.absolute("../x.png") == "" and world.now.absolute("/etc/x.png") == ""
    assert world.now.absolute("tiles/../a.png") == str(two / "a.png")
    outside = bpy.data.images.new("outside", 4, 4)
    outside.filepath_raw, outside.file_format = str(world.folder / "x.png"), "PNG"
    outside.save()
    before = (world.folder / "x.png").stat().st_mtime_ns
    taken_in(world, "../x.png")
    assert (world.folder / "x.png").stat().st_mtime_ns == before
    bpy.data.objects["Cube"].select_set(True)
    done = bpy.ops.llamavis.render_sprites(folder="../..", sides="1", size=8)
    assert done == {"CANCELLED"}
