# SPDX-License-Identifier: GPL-3.0-or-later
"""A description's images as a material: one tidy node group, kept up to date in place.

Texture Coordinate -> Mapping -> images -> Principled BSDF -> Group Output     (all in the group)

Every node of ours carries a role. An update looks nodes up by it, adds what is missing, and lets
alone what users added, moved, set or linked: a link of theirs into a node of ours stays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import bpy

from . import images
from .entries import Entry

KEY, PROJECT, ROLE, OPTIONS = (
    "llamavis_key", "llamavis_project", "llamavis_role", "llamavis_options",
)  # fmt: skip
PIXEL_ART_PX = 128
CLEAR_KINDS = ("sprite", "character", "item")
_INPUTS = (
    # name, type, default, least, most
    ("Scale", "NodeSocketFloat", 1.0, 0.0, 1000.0),
    ("Normal Strength", "NodeSocketFloat", 1.0, 0.0, 10.0),
    ("Height", "NodeSocketFloat", 0.05, 0.0, 10.0),
    ("Occlusion", "NodeSocketFloat", 0.0, 0.0, 1.0),
)
_PLACES = {
    "input": (-1300, -100), "coordinates": (-1300, 200), "mapping": (-1060, 150),
    "tex_base_color": (-780, 500), "tex_occlusion": (-780, 200), "tex_orm": (-780, -100),
    "tex_roughness": (-780, -100), "tex_metallic": (-780, -400), "tex_normal": (-780, -700),
    "tex_height": (-780, -1000), "split_orm": (-440, -100), "occlusion_mix": (-220, 450),
    "normal_map": (-440, -600), "bump": (-220, -600), "displacement": (200, -400),
    "shader": (60, 300), "output": (460, 200),
}  # fmt: skip


@dataclass(frozen=True)
class Options:
    """How a material is mapped: `projection` UV or BOX, `displacement` OFF, BUMP or TRUE."""

    projection: str = "UV"
    displacement: str = "BUMP"

    def to_text(self) -> str:
        """As it is kept in the group."""
        return f"{self.projection} {self.displacement}"

    @classmethod
    def of(cls, group: bpy.types.NodeTree) -> Options:
        """Those that a group was made with."""
        words = str(group.get(OPTIONS, "")).split()
        return cls(*words) if len(words) == 2 else cls()


def material_for(
    entry: Entry, project: str, absolute: Callable[[str], str], options: Options, variant: int = 0
) -> bpy.types.Material:
    """The material of a description, made or brought up to date.

    Raises RuntimeError where an image cannot be read.
    """
    group = _own(bpy.data.node_groups, entry.key, project)
    if group is None:
        group = bpy.data.node_groups.new(f"LlamaVis {entry.name}", "ShaderNodeTree")
        group[KEY], group[PROJECT] = entry.key, project
    update(group, entry, absolute, options, variant)
    material = _own(bpy.data.materials, entry.key, project)
    if material is None:
        material = bpy.data.materials.new(entry.name)
        material[KEY], material[PROJECT] = entry.key, project
        if bpy.app.version < (5, 0):  # always true since, and setting it warns
            material.use_nodes = True
        material.node_tree.nodes.clear()
    _fit(material, group, options)
    return material


def refresh(
    entries: Mapping[str, Entry], project: str, absolute: Callable[[str], str]
) -> list[bpy.types.NodeTree]:
    """Bring groups up to date whose description has other maps now; those that were changed."""
    changed = []
    for group in bpy.data.node_groups:
        entry = entries.get(group.get(KEY, ""))
        if entry is None or group.library is not None or group.get(PROJECT) != project:
            continue
        if _maps_of(group) != set(entry.maps()) and all(one.revision for one in entry.pictures):
            try:
                update(group, entry, absolute, Options.of(group))
            except RuntimeError:
                continue  # an image is not readable yet; the next list tries again
            changed.append(group)
    return changed


def update(
    group: bpy.types.NodeTree,
    entry: Entry,
    absolute: Callable[[str], str],
    options: Options,
    variant: int = 0,
) -> None:
    """Make a group's nodes fit an entry's maps. Raises RuntimeError for an unreadable image."""
    found = entry.maps(variant)
    maps = {role: images.have(absolute(path), role) for role, path in found.items()}
    first = entry.first
    builder = _Builder(group)
    _interface(group)
    builder.begin(options, max(first.width, first.height) <= PIXEL_ART_PX)
    builder.textures(maps)
    builder.surface(maps, entry.kind in CLEAR_KINDS, options)
    builder.finish()
    group[OPTIONS] = options.to_text()


def apply(material: bpy.types.Material, objects: list[bpy.types.Object]) -> int:
    """Give objects a material, in their active slot; how many could take it."""
    taken = 0
    for each in objects:
        data = each.data
        if data is None or not hasattr(data, "materials") or each.library is not None:
            continue
        if each.material_slots:
            slot = each.material_slots[each.active_material_index]
            if slot.link == "DATA" and data.library is not None:
                continue
            slot.material = material
        elif data.library is None:
            data.materials.append(material)
        else:
            continue
        taken += 1
    return taken


def texels_per_metre(target: bpy.types.Object, width: int, height: int) -> float:
    """How many texels of an image of this size lie on a metre of a mesh, on the whole; 0 where it
    is not unwrapped. World scale counts.
    """
    mesh = target.data
    layer = mesh.uv_layers.active
    if layer is None:
        return 0.0
    matrix = target.matrix_world
    mesh.calc_loop_triangles()
    area = area_uv = 0.0
    for triangle in mesh.loop_triangles:
        a, b, c = (matrix @ mesh.vertices[i].co for i in triangle.vertices)
        area += (b - a).cross(c - a).length / 2
        u, v, w = (layer.data[i].uv for i in triangle.loops)
        area_uv += abs((v - u).cross(w - u)) / 2
    return (area_uv * width * height / area) ** 0.5 if area > 0 else 0.0


def group_node(material: bpy.types.Material) -> bpy.types.Node | None:
    """The node in a material that holds the description's group."""
    nodes = material.node_tree.nodes if material.node_tree is not None else ()
    return next((node for node in nodes if node.get(ROLE) == "group"), None)


def _own(blocks, key: str, project: str):
    """Ours in this file; a linked one cannot be changed."""
    return next(
        (
            one
            for one in blocks
            if one.library is None and one.get(KEY) == key and one.get(PROJECT) == project
        ),
        None,
    )


def _maps_of(group: bpy.types.NodeTree) -> set[str]:
    roles = (str(node.get(ROLE, "")) for node in group.nodes)
    return {role.removeprefix("tex_") for role in roles if role.startswith("tex_")}


def _interface(group: bpy.types.NodeTree) -> None:
    """The group's sockets; those that are there keep what users set on them."""
    there = {
        (item.in_out, item.name)
        for item in group.interface.items_tree
        if item.item_type == "SOCKET"
    }
    for name, kind, default, least, most in _INPUTS:
        if ("INPUT", name) not in there:
            socket = group.interface.new_socket(name, in_out="INPUT", socket_type=kind)
            socket.default_value, socket.min_value, socket.max_value = default, least, most
    for name, kind in (("BSDF", "NodeSocketShader"), ("Displacement", "NodeSocketVector")):
        if ("OUTPUT", name) not in there:
            group.interface.new_socket(name, in_out="OUTPUT", socket_type=kind)


def _fit(material: bpy.types.Material, group: bpy.types.NodeTree, options: Options) -> None:
    """The group's node and the output in the material."""
    tree = material.node_tree
    builder = _Builder(tree)
    node = builder.node("group", "ShaderNodeGroup", (0, 0))
    if node.node_tree != group:
        node.node_tree = group
    node.label, node.width = group.name, 220
    output = next((one for one in tree.nodes if one.type == "OUTPUT_MATERIAL"), None)
    if output is None:
        output = builder.node("material_output", "ShaderNodeOutputMaterial", (320, 0))
    builder.link(node.outputs["BSDF"], output.inputs["Surface"])
    is_true = options.displacement == "TRUE"
    builder.link(node.outputs["Displacement"] if is_true else None, output.inputs["Displacement"])
    material.displacement_method = "DISPLACEMENT" if is_true else "BUMP"


class _Builder:
    """Makes the nodes of one tree that are to be there, and takes out our others at the end."""

    def __init__(self, tree: bpy.types.NodeTree) -> None:
        self._tree = tree
        self._there = {node[ROLE]: node for node in tree.nodes if ROLE in node}
        self._wanted: dict[str, bpy.types.Node] = {}

    def node(self, role: str, kind: str, place=None, label: str = "") -> bpy.types.Node:
        """Ours of that role, made where it is not there; moved and named only when it is new."""
        node = self._there.get(role)
        if node is None or node.bl_idname != kind:
            node = self._tree.nodes.new(kind)
            node[ROLE] = role
            node.location = _PLACES.get(role, (0, 0)) if place is None else place
            node.name = role
            node.label = label
            self._there[role] = node
        self._wanted[role] = node
        return node

    def link(self, source, target) -> None:
        """Feed a socket of ours; what users linked there stays. `source` None: feed nothing."""
        if target.is_linked:
            old = target.links[0]
            if ROLE not in old.from_node or old.from_socket == source:
                return
            self._tree.links.remove(old)
        if source is not None:
            self._tree.links.new(source, target)

    def begin(self, options: Options, is_pixel_art: bool) -> None:
        """Coordinates and mapping."""
        self._options, self._is_pixel_art = options, is_pixel_art
        self._input = self.node("input", "NodeGroupInput")
        coordinates = self.node("coordinates", "ShaderNodeTexCoord")
        mapping = self.node("mapping", "ShaderNodeMapping")
        name = "Object" if options.projection == "BOX" else "UV"
        self.link(coordinates.outputs[name], mapping.inputs["Vector"])
        self.link(self._input.outputs["Scale"], mapping.inputs["Scale"])
        self._vector = mapping.outputs["Vector"]

    def textures(self, maps: Mapping[str, bpy.types.Image]) -> None:
        """An image node for each map, in a frame."""
        is_new = "frame_maps" not in self._there
        frame = self.node("frame_maps", "NodeFrame", (0, 0), "Images")
        if is_new:
            frame.use_custom_color, frame.color = True, (0.16, 0.22, 0.28)
        for role, image in maps.items():
            fresh = f"tex_{role}" not in self._there
            node = self.node(f"tex_{role}", "ShaderNodeTexImage", None, role.replace("_", " "))
            if fresh:
                node.parent = frame
                node.interpolation = "Closest" if self._is_pixel_art else "Linear"
            if node.image != image:
                node.image = image
            if fresh or Options.of(self._tree).projection != self._options.projection:
                node.projection = "BOX" if self._options.projection == "BOX" else "FLAT"
                node.projection_blend = 0.0 if self._is_pixel_art else 0.2
            self.link(self._vector, node.inputs["Vector"])

    def surface(
        self, maps: Mapping[str, bpy.types.Image], is_clear: bool, options: Options
    ) -> None:
        """The shader, and what leads to it."""
        shader = self.node("shader", "ShaderNodeBsdfPrincipled")
        output = self.node("output", "NodeGroupOutput")
        base = self._there["tex_base_color"]
        orm = self._split() if "orm" in maps else None
        single = {role: self._there[f"tex_{role}"].outputs["Color"] for role in maps}

        def of(role: str, channel: str):
            return single.get(role) or (orm.outputs[channel] if orm else None)

        colour = base.outputs["Color"]
        occlusion = of("occlusion", "Red")
        if occlusion is not None:
            colour = self._occluded(colour, occlusion)
        self.link(colour, shader.inputs["Base Color"])
        self.link(base.outputs["Alpha"] if is_clear else None, shader.inputs["Alpha"])
        self.link(of("roughness", "Green"), shader.inputs["Roughness"])
        self.link(of("metallic", "Blue"), shader.inputs["Metallic"])
        normal = self._normal(single["normal"]) if "normal" in single else None
        if "height" in single and options.displacement == "BUMP":
            normal = self._bump(single["height"], normal)
        self.link(normal, shader.inputs["Normal"])
        self.link(shader.outputs["BSDF"], output.inputs["BSDF"])
        is_true = "height" in single and options.displacement == "TRUE"
        moved = self._displacement(single["height"]) if is_true else None
        self.link(moved, output.inputs["Displacement"])

    def finish(self) -> None:
        """Take out ours that are not wanted any more."""
        for role, node in self._there.items():
            if role not in self._wanted:
                self._tree.nodes.remove(node)

    def _split(self) -> bpy.types.Node:
        node = self.node("split_orm", "ShaderNodeSeparateColor")
        self.link(self._there["tex_orm"].outputs["Color"], node.inputs["Color"])
        return node

    def _occluded(self, colour, occlusion):
        node = self.node("occlusion_mix", "ShaderNodeMix", None, "occlusion")
        node.data_type, node.blend_type = "RGBA", "MULTIPLY"
        inputs = {one.identifier: one for one in node.inputs}
        self.link(self._input.outputs["Occlusion"], inputs["Factor_Float"])
        self.link(colour, inputs["A_Color"])
        self.link(occlusion, inputs["B_Color"])
        return next(one for one in node.outputs if one.identifier == "Result_Color")

    def _normal(self, colour):
        node = self.node("normal_map", "ShaderNodeNormalMap")  # OpenGL's, as the studio writes it
        self.link(colour, node.inputs["Color"])
        self.link(self._input.outputs["Normal Strength"], node.inputs["Strength"])
        return node.outputs["Normal"]

    def _bump(self, height, normal):
        node = self.node("bump", "ShaderNodeBump")
        self.link(height, node.inputs["Height"])
        self.link(self._input.outputs["Height"], node.inputs["Distance"])
        self.link(normal, node.inputs["Normal"])
        return node.outputs["Normal"]

    def _displacement(self, height):
        node = self.node("displacement", "ShaderNodeDisplacement")
        self.link(height, node.inputs["Height"])
        self.link(self._input.outputs["Height"], node.inputs["Scale"])
        return node.outputs["Displacement"]
