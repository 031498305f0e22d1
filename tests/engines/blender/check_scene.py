"""Assets with their catalogs, sprites out of the scene and into it, File > Import."""

import json

import bpy
from inside import described, pixels_of, render

MATERIAL = 'kind = "material"\nsize = [32, 32]\n[material]\nmaps = ["normal"]\n'
MINE = """# my own words
VERSION 1

11111111-2222-3333-4444-555555555555:Other/Things:Other-Things
99999999-2222-3333-4444-555555555555:game/tiles:Tiles of mine
"""


def started(world, files):
    root = world.game(files)
    world.serve(root)
    world.follow(root)
    return root


def test_assets_have_words_tags_licence_and_a_catalog_that_was_there(world):
    root = started(world, {"tiles/floor.desc.toml": described("mossy grey stone", MATERIAL),
                           "hero.desc.toml": described("brave red knight")})  # fmt: skip
    (root / "blender_assets.cats.txt").write_text(MINE, "utf-8")
    bpy.ops.wm.save_as_mainfile(filepath=str(root / "library.blend"))
    settings = world.properties.preferences()
    settings.author = "Ada"
    world.select("tiles/floor.desc.toml#floor")
    assert bpy.ops.llamavis.mark_asset() == {"FINISHED"}
    data = bpy.data.materials["floor"].asset_data
    assert data.description == "mossy grey stone" and data.author == "Ada"
    assert data.license == "MIT" and "instant" in data.copyright
    assert {"material", "mossy", "grey", "stone"} <= {tag.name for tag in data.tags}
    assert data.catalog_id == "99999999-2222-3333-4444-555555555555"
    assert (root / "blender_assets.cats.txt").read_text("utf-8") == MINE
    world.until(lambda: "instant" in {tag.name for tag in data.tags}, "the model's tags")

    world.select("hero.desc.toml#hero")
    bpy.ops.llamavis.mark_asset()
    image = world.images.images_at(str(root / "hero.png"))[0]
    text = (root / "blender_assets.cats.txt").read_text("utf-8")
    assert text.startswith(MINE) and f"{image.asset_data.catalog_id}:game:game" in text
    first = image.asset_data.catalog_id
    bpy.ops.llamavis.mark_asset()
    assert image.asset_data.catalog_id == first and text == (
        root / "blender_assets.cats.txt"
    ).read_text("utf-8")
    assert not list(root.glob(".blender_assets*"))


def test_a_plane_shows_the_sprite(world):
    root = started(world, {"hero.desc.toml": described("brave red knight")})
    world.select("hero.desc.toml#hero")
    bpy.data.objects.remove(bpy.data.objects["Cube"])
    assert bpy.ops.llamavis.sprite_plane(pixels_per_metre=16) == {"FINISHED"}
    plane = bpy.context.object
    assert tuple(plane.dimensions) == (2, 0, 2) and plane.name == "hero"
    node = next(one for one in plane.active_material.node_tree.nodes if one.type == "TEX_IMAGE")
    assert node.interpolation == "Closest"
    scene = bpy.context.scene
    camera = scene.camera
    world.sprites.aim(camera, *world.sprites.box_of([plane]), 0.0, 0.0)
    scene.render.film_transparent = True
    seen = render(world.folder / "plane.png")
    alpha = seen[3::4]
    assert alpha[32 * 64 + 32] > 0.9 and min(alpha) == 0.0  # a figure on a clear ground
    wanted = pixels_of(world.images.images_at(str(root / "hero.png"))[0])
    assert sum(a > 0.5 for a in alpha) > 0.2 * len(alpha) and 0.0 in wanted[3::4]


def test_sprites_from_all_sides(world):
    root = started(world, {"hero.desc.toml": described("brave red knight")})
    scene = bpy.context.scene
    scene.render.engine, scene.cycles.samples = "CYCLES", 4
    scene.cycles.use_denoising = False
    cube = bpy.data.objects["Cube"]
    cube.data.materials.clear()
    for side, (name, colour) in enumerate({
        "-y": (1, 0, 0, 1), "x": (0, 1, 0, 1), "y": (0, 0, 1, 1), "-x": (1, 1, 0, 1),
        "z": (1, 1, 1, 1),
    }.items()):  # fmt: skip
        material = bpy.data.materials.new(name)
        material.use_nodes = True
        material.node_tree.nodes.clear()
        light = material.node_tree.nodes.new("ShaderNodeEmission")
        light.inputs["Color"].default_value = colour
        output = material.node_tree.nodes.new("ShaderNodeOutputMaterial")
        material.node_tree.links.new(light.outputs[0], output.inputs[0])
        cube.data.materials.append(material)
        axis, sign = "xyz".index(name[-1]), -1 if name[0] == "-" else 1
        for polygon in cube.data.polygons:
            if polygon.normal[axis] * sign > 0.9:
                polygon.material_index = side
    cube.select_set(True)
    kept = scene.render.resolution_x, scene.render.filepath, scene.camera.name, scene.frame_current
    done = bpy.ops.llamavis.render_sprites(
        name="box", folder="sprites", sides="4", size=16, frames=2, pitch=0.0
    )
    assert done == {"FINISHED"}
    assert kept == (
        scene.render.resolution_x, scene.render.filepath, scene.camera.name, scene.frame_current
    )  # fmt: skip
    names = sorted(path.name for path in (root / "sprites").iterdir())
    assert len(names) == 4 * 2 + 2 and "box_front_00.png" in names
    # A figure looks along -Y, to the front. Its right side is at -X; seen from there, it looks to
    # the right of the picture.
    want = {"front": (1, 0, 0), "right": (1, 1, 0), "back": (0, 0, 1), "left": (0, 1, 0)}
    sheet = bpy.data.images.load(str(root / "sprites" / "box_sheet.png"))
    assert tuple(sheet.size) == (32, 64)
    whole = pixels_of(sheet)
    table = json.loads((root / "sprites" / "box_sheet.json").read_text("utf-8"))
    assert [tag["name"] for tag in table["meta"]["frameTags"]] == list(want)
    for tag in table["meta"]["frameTags"]:
        box = table["frames"][tag["from"]]["frame"]
        x, y = box["x"] + 8, 64 - 1 - (box["y"] + 8)  # Blender's rows go up
        at = (y * 32 + x) * 4
        assert tuple(round(value) for value in whole[at : at + 4]) == (*want[tag["name"]], 1)
        single = pixels_of(bpy.data.images.load(
            str(root / "sprites" / f"box_{tag['name']}_00.png")))  # fmt: skip
        assert single[(7 * 16 + 8) * 4 : (7 * 16 + 8) * 4 + 4] == whole[at : at + 4]
        assert single[3] == 0.0  # the corner is clear
    count = len(bpy.data.cameras)
    assert bpy.ops.llamavis.render_sprites(name="box", sides="8", size=8) == {"FINISHED"}
    assert len(bpy.data.cameras) == count and len(list(root.glob("box_*.png"))) == 9


def test_file_import(world):
    root = started(world, {"tiles/floor.desc.toml": described("stone", MATERIAL),
                           "hero.desc.toml": described("knight")})  # fmt: skip
    for name in ("tiles/floor.desc.toml", "hero.desc.toml"):
        done = bpy.ops.llamavis.import_description(filepath=str(root / name))
        assert done == {"FINISHED"}
    assert "floor" in bpy.data.materials and "hero" in bpy.data.objects
    stray = world.folder / "stray.desc.toml"
    stray.write_text(described("x"), "utf-8")
    assert bpy.ops.llamavis.import_description(filepath=str(stray)) == {"CANCELLED"}
