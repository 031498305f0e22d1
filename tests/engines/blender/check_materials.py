"""Materials: built, tidy, updated in place, kept when saved, opened, appended and linked."""

import bpy
from inside import MODULE, described, pixels_of, render

MATERIAL = 'kind = "material"\nsize = [32, 32]\n[material]\nmaps = ["normal", "orm", "height"]\n'


def built(world, more=MATERIAL, **options):
    root = world.game({"tiles/floor.desc.toml": described("grey stone", more)})
    world.serve(root)
    world.follow(root)
    world.select("tiles/floor.desc.toml#floor")
    cube = bpy.data.objects["Cube"]
    bpy.context.view_layer.objects.active = cube
    cube.select_set(True)
    assert bpy.ops.llamavis.build_material(**options) == {"FINISHED"}
    material = cube.active_material
    return root, material, world.materials.group_node(material)


def by_role(group):
    return {node["llamavis_role"]: node for node in group.nodes if "llamavis_role" in node}


def source(socket):
    assert socket.is_linked, socket.name
    return socket.links[0].from_node


def test_the_tree_is_what_the_maps_ask_for(world):
    _, material, node = built(world)
    assert material.name == "floor" and node.node_tree.name == "LlamaVis floor"
    output = next(one for one in material.node_tree.nodes if one.type == "OUTPUT_MATERIAL")
    assert source(output.inputs["Surface"]) == node
    nodes = by_role(node.node_tree)
    shader = nodes["shader"]
    spaces = {role: nodes[f"tex_{role}"].image.colorspace_settings.name
              for role in ("base_color", "normal", "orm", "height")}  # fmt: skip
    assert spaces == {
        "base_color": "sRGB", "normal": "Non-Color", "orm": "Non-Color", "height": "Non-Color",
    }  # fmt: skip
    assert source(shader.inputs["Roughness"]) == nodes["split_orm"]
    assert shader.inputs["Roughness"].links[0].from_socket.name == "Green"
    assert shader.inputs["Metallic"].links[0].from_socket.name == "Blue"
    assert source(shader.inputs["Base Color"]) == nodes["occlusion_mix"]
    assert source(shader.inputs["Normal"]) == nodes["bump"]
    assert source(nodes["bump"].inputs["Normal"]) == nodes["normal_map"]
    assert all(nodes[f"tex_{role}"].interpolation == "Closest" for role in spaces)  # 32 px
    assert all(nodes[f"tex_{role}"].parent == nodes["frame_maps"] for role in spaces)
    for one in node.node_tree.nodes:
        if "Vector" in one.inputs and one.type == "TEX_IMAGE":
            assert source(one.inputs["Vector"]) == nodes["mapping"]


def test_choices(world):
    _, material, node = built(world, projection="BOX", displacement="TRUE")
    nodes = by_role(node.node_tree)
    assert nodes["tex_base_color"].projection == "BOX"
    assert nodes["mapping"].inputs["Vector"].links[0].from_socket.name == "Object"
    assert "bump" not in nodes and material.displacement_method == "DISPLACEMENT"
    output = next(one for one in material.node_tree.nodes if one.type == "OUTPUT_MATERIAL")
    assert source(output.inputs["Displacement"]) == node
    bpy.ops.llamavis.build_material(projection="UV", displacement="OFF")
    nodes = by_role(node.node_tree)
    assert nodes["tex_base_color"].projection == "FLAT"
    assert not {"bump", "displacement"} & nodes.keys()
    assert not output.inputs["Displacement"].is_linked
    assert source(nodes["shader"].inputs["Normal"]) == nodes["normal_map"]


def test_what_the_user_added_stays(world):
    root, material, node = built(world)
    group = node.node_tree
    nodes = by_role(group)
    hue = group.nodes.new("ShaderNodeHueSaturation")  # in our chain
    hue.name = "mine"
    group.links.new(nodes["occlusion_mix"].outputs[2], hue.inputs["Color"])
    group.links.new(hue.outputs["Color"], nodes["shader"].inputs["Base Color"])
    noise = material.node_tree.nodes.new("ShaderNodeTexNoise")  # beside our group
    noise.name = "also mine"
    node.inputs["Normal Strength"].default_value = 0.25
    nodes["tex_normal"].location = (-2000, 5)
    nodes["tex_base_color"].interpolation = "Cubic"
    count = len(bpy.data.images), len(bpy.data.node_groups), len(bpy.data.materials)
    more = MATERIAL.replace('"height"', '"roughness", "occlusion"')
    (root / "tiles/floor.desc.toml").write_text(described("red lava", more), "utf-8")
    world.until(lambda: "roughness" in world.now.entry.maps(), "other maps")
    world.settle()
    # By itself: the description has other maps now.
    world.until(lambda: "tex_roughness" in by_role(group), "the new map")
    nodes = by_role(group)
    assert "tex_height" not in nodes and "bump" not in nodes
    assert source(nodes["shader"].inputs["Roughness"]) == nodes["tex_roughness"]
    assert source(nodes["shader"].inputs["Normal"]) == nodes["normal_map"]
    assert source(nodes["shader"].inputs["Base Color"]) == hue
    assert source(hue.inputs["Color"]) == nodes["occlusion_mix"]
    assert tuple(nodes["tex_normal"].location) == (-2000, 5)
    assert nodes["tex_base_color"].interpolation == "Cubic"
    bpy.ops.llamavis.build_material()
    assert node.inputs["Normal Strength"].default_value == 0.25
    assert material.node_tree.nodes["also mine"] == noise
    assert source(nodes["shader"].inputs["Base Color"]) == hue
    assert (len(bpy.data.node_groups), len(bpy.data.materials)) == count[1:]
    assert len(bpy.data.images) == count[0] + 2


def test_saved_opened_appended_linked_and_without_the_extension(world):
    root, _material, _ = built(world)
    path = root / "scene.blend"
    before = render(world.folder / "a.png")
    bpy.ops.wm.save_as_mainfile(filepath=str(path), relative_remap=True)
    assert all(image.filepath.startswith("//") or not image.filepath
               for image in bpy.data.images if image.users and image.source == "FILE")  # fmt: skip
    bpy.ops.wm.read_homefile(use_factory_startup=True)
    world.fields.project = ""
    bpy.ops.preferences.addon_disable(module=MODULE)
    bpy.ops.wm.open_mainfile(filepath=str(path))
    assert "hero" not in bpy.data.materials
    assert render(world.folder / "b.png") == before  # no extension is needed to see it
    bpy.ops.preferences.addon_enable(module=MODULE)
    world.follow(root)
    world.select("tiles/floor.desc.toml#floor")
    count = len(bpy.data.images)
    bpy.ops.llamavis.build_material()  # finds what it made in an earlier session
    assert len(bpy.data.images) == count and len(bpy.data.node_groups) == 1
    assert len([one for one in bpy.data.materials if one.name.startswith("floor")]) == 1

    bpy.ops.wm.read_homefile(use_factory_startup=True)
    with bpy.data.libraries.load(str(path), link=False) as (there, here):
        here.materials = [name for name in there.materials if name == "floor"]
    appended = bpy.data.materials["floor"]
    node = world.materials.group_node(appended)
    image = by_role(node.node_tree)["tex_base_color"].image
    assert image.library is None and world.images.images_at(str(root / "tiles/floor.png")) == [
        image
    ]
    assert sum(pixels_of(image)) > 0

    bpy.ops.wm.read_homefile(use_factory_startup=True)
    bpy.ops.wm.save_as_mainfile(filepath=str(world.folder / "elsewhere.blend"))
    with bpy.data.libraries.load(str(path), link=True) as (there, here):
        here.materials = [name for name in there.materials if name == "floor"]
    world.follow(root)
    linked = world.images.images_at(str(root / "tiles/floor.png"))[0]
    assert linked.library is not None
    seen = pixels_of(linked)
    (root / "tiles/floor.desc.toml").write_text(described("red lava", MATERIAL), "utf-8")
    world.until(lambda: pixels_of(linked) != seen, "the linked picture")
    world.settle()
    world.select("tiles/floor.desc.toml#floor")
    bpy.ops.llamavis.build_material()  # the linked one cannot be changed: one of this file's own
    own = bpy.data.objects["Cube"].active_material
    assert own.library is None and world.materials.group_node(own).node_tree.library is None


def test_each_is_one_undo_step_and_reloads_are_none(world):
    root, _material, _ = built(world)
    assert {"REGISTER", "UNDO"} <= bpy.types.LLAMAVIS_OT_build_material.bl_options
    bpy.ops.ed.undo_push(message="before")
    bpy.data.objects["Cube"].location.x = 5
    bpy.ops.ed.undo_push(message="moved")
    (root / "tiles/floor.desc.toml").write_text(described("red lava", MATERIAL), "utf-8")
    world.until(lambda: world.now.entry.words == "red lava", "the new words")
    world.settle()
    bpy.ops.ed.undo()  # the last step is still the move
    assert bpy.data.objects["Cube"].location.x == 0
    image = world.images.images_at(str(root / "tiles/floor.png"))[0]
    fresh = bpy.data.images.load(str(root / "tiles/floor.png"), check_existing=False)
    assert pixels_of(image) == pixels_of(fresh)


def test_texel_density(world):
    _, _, node = built(world)
    cube = bpy.data.objects["Cube"]
    bpy.context.view_layer.objects.active = cube
    now = world.materials.texels_per_metre(cube, 32, 32)
    # Blender's cube unwraps to a cross: each face of 2 m has a quarter of the image's width.
    assert abs(now - 32 / 4 / 2) < 0.01
    assert bpy.ops.llamavis.texel_density(texels=16) == {"FINISHED"}
    assert abs(node.inputs["Scale"].default_value - 16 / now) < 1e-5
    cube.scale = (2, 2, 2)
    bpy.context.view_layer.update()
    assert abs(world.materials.texels_per_metre(cube, 32, 32) - now / 2) < 0.01


def test_sprites_have_alpha(world):
    root = world.game({"hero.desc.toml": described("red knight")})
    world.serve(root)
    world.follow(root)
    world.select("hero.desc.toml#hero")
    bpy.ops.llamavis.build_material(apply=False)
    nodes = by_role(bpy.data.node_groups["LlamaVis hero"])
    assert source(nodes["shader"].inputs["Alpha"]) == nodes["tex_base_color"]


def test_nothing_is_reloaded_during_a_render(world):
    root, _, _ = built(world)
    image = world.images.images_at(str(root / "tiles/floor.png"))[0]
    before, seen = pixels_of(image), []
    shade = root / "tiles/floor_normal.png"

    def during(*_):
        (root / "tiles/one.tmp").write_bytes(shade.read_bytes())
        (root / "tiles/one.tmp").replace(root / "tiles/floor.png")
        world.now.changed["tiles/floor.png"] = None
        for _ in range(5):
            world.tick()
        seen.append((pixels_of(image) == before, "tiles/floor.png" in world.now.changed))

    bpy.app.handlers.render_pre.append(during)
    try:
        render(world.folder / "a.png")
    finally:
        bpy.app.handlers.render_pre.remove(during)
    assert seen == [(True, True)]
    world.until(lambda: pixels_of(image) != before, "afterwards")
