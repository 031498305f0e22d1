# SPDX-License-Identifier: GPL-3.0-or-later
"""What buttons do in the scene: materials, assets, sprites. Each is one undo step."""

# ruff: noqa: N801 - names and tables as Blender wants them

import math
import os
from pathlib import Path

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty, IntProperty, StringProperty

from . import assets, images, materials, properties, sprites
from .catalogs import CatalogError
from .entries import Entry
from .service_file import find_project
from .session import SESSION, Said
from .texts import tr

_STATES = {"REGISTER", "UNDO"}


def drawn(operator: bpy.types.Operator) -> Entry | None:
    """The selected entry, once its first image is there; says what is missing."""
    entry = SESSION.entry
    if entry is None:
        operator.report({"WARNING"}, tr("Select a description first"))
        return None
    path = SESSION.absolute(entry.first.path)
    if not path or not os.path.isfile(path):
        operator.report({"WARNING"}, tr("This image is not drawn yet: generate it first"))
        return None
    return entry


class LLAMAVIS_OT_build_material(bpy.types.Operator):
    """Make a material of the description's images, or bring it up to date"""

    bl_idname = "llamavis.build_material"
    bl_label = "Build Material"
    bl_options = _STATES
    projection: EnumProperty(
        name="Mapping",
        items=[
            ("UV", "UV", "By the mesh's own UV map"),
            ("BOX", "Box", "From six sides: for meshes that are not unwrapped"),
        ],
    )
    displacement: EnumProperty(
        name="Height",
        items=[
            ("OFF", "Off", "The height map is not used"),
            ("BUMP", "Bump", "The height map changes the light only"),
            ("TRUE", "Displacement", "The height map moves the surface; needs a fine mesh"),
        ],
        default="BUMP",
    )
    apply: BoolProperty(
        name="To Selected Objects", description="Give it to what is selected", default=True
    )

    @classmethod
    def poll(cls, _context):
        return SESSION.entry is not None

    def execute(self, context):
        entry = drawn(self)
        if entry is None:
            return {"CANCELLED"}
        options = materials.Options(self.projection, self.displacement)
        try:
            made = materials.material_for(entry, SESSION.project, SESSION.absolute, options)
        except RuntimeError as error:
            self.report({"WARNING"}, tr("An image cannot be read: {why}", why=str(error).strip()))
            return {"CANCELLED"}
        if self.apply:
            count = materials.apply(made, list(context.selected_objects))
            skipped = len(context.selected_objects) - count
            if skipped:
                self.report({"INFO"}, tr("{count} linked or other objects left out", count=skipped))
        return {"FINISHED"}


class LLAMAVIS_OT_texel_density(bpy.types.Operator):
    """Set the material's scale so that a metre of the active object holds so many texels"""

    bl_idname = "llamavis.texel_density"
    bl_label = "Set Texel Density"
    bl_options = _STATES
    texels: FloatProperty(name="Texels per Metre", default=64.0, min=0.01, soft_max=4096.0)

    @classmethod
    def poll(cls, context):
        return context.object is not None and context.object.type == "MESH"

    def execute(self, context):
        target = context.object
        material = target.active_material
        node = materials.group_node(material) if material is not None else None
        first = node and next(
            (one for one in node.node_tree.nodes if one.get(materials.ROLE) == "tex_base_color"),
            None,
        )
        if first is None or first.image is None:
            self.report({"WARNING"}, tr("The active material was not built by LlamaVis"))
            return {"CANCELLED"}
        width, height = first.image.size
        if materials.Options.of(node.node_tree).projection == "BOX":
            now = math.sqrt(width * height)  # a box-mapped image covers one metre
        else:
            now = materials.texels_per_metre(target, width, height)
        if not now:
            self.report({"WARNING"}, tr("The mesh is not unwrapped, or has no surface"))
            return {"CANCELLED"}
        node.inputs["Scale"].default_value = self.texels / now
        return {"FINISHED"}


class LLAMAVIS_OT_mark_asset(bpy.types.Operator):
    """Make the description's material, or its image, an asset with tags, words and catalog"""

    bl_idname = "llamavis.mark_asset"
    bl_label = "Mark as Asset"
    bl_options = _STATES

    @classmethod
    def poll(cls, _context):
        return SESSION.entry is not None

    def execute(self, _context):
        entry = drawn(self)
        if entry is None:
            return {"CANCELLED"}
        settings = properties.preferences()
        path = SESSION.absolute(entry.first.path)
        try:
            if entry.kind in ("material", "texture"):
                block = materials.material_for(
                    entry, SESSION.project, SESSION.absolute, self._options(entry)
                )
            else:
                block = images.have(path)
                block.use_fake_user = True
            author = settings.author if settings else ""
            licence = settings.licence if settings else ""
            assets.mark(block, entry, SESSION.project, path, author, licence)
        except RuntimeError as error:
            self.report({"WARNING"}, tr("An image cannot be read: {why}", why=str(error).strip()))
            return {"CANCELLED"}
        except CatalogError as error:
            self.report({"WARNING"}, tr("The catalog was not written: {why}", why=error))
        if not bpy.data.filepath:
            self.report({"INFO"}, tr("Save the .blend file to give the asset its catalog"))
        self._tag(block, entry)
        return {"FINISHED"}

    @staticmethod
    def _options(entry: Entry) -> materials.Options:
        found = next(
            (one for one in bpy.data.node_groups if one.get(materials.KEY) == entry.key), None
        )
        return materials.Options() if found is None else materials.Options.of(found)

    @staticmethod
    def _tag(block: bpy.types.ID, entry: Entry) -> None:
        """The model's tags too, when they come: the library may know them already."""
        kind, name = ("materials", "images")[isinstance(block, bpy.types.Image)], block.name

        def came(answer) -> None:
            found = getattr(bpy.data, kind).get(name)
            if answer.value is not None and found is not None and found.asset_data is not None:
                assets.add_tags(found, list(answer.value["tags"]))

        if SESSION.is_connected:
            SESSION.ask("POST", "/caption", {"path": entry.first.path}, came, 180)


class LLAMAVIS_OT_sprite_plane(bpy.types.Operator):
    """Put the description's image into the scene as a plane with alpha and hard pixels"""

    bl_idname = "llamavis.sprite_plane"
    bl_label = "Add as Plane"
    bl_options = _STATES
    pixels_per_metre: FloatProperty(name="Pixels per Metre", default=32.0, min=0.01)

    @classmethod
    def poll(cls, context):
        return SESSION.entry is not None and context.mode == "OBJECT"

    def execute(self, context):
        entry = drawn(self)
        if entry is None:
            return {"CANCELLED"}
        try:
            made = sprites.plane_of(
                context, SESSION.absolute(entry.first.path), entry.name, self.pixels_per_metre
            )
        except RuntimeError as error:
            self.report({"WARNING"}, tr("An image cannot be read: {why}", why=str(error).strip()))
            return {"CANCELLED"}
        for one in context.selected_objects:
            one.select_set(False)
        made.select_set(True)
        context.view_layer.objects.active = made
        return {"FINISHED"}


class LLAMAVIS_OT_render_sprites(bpy.types.Operator):
    """Render what is selected from all sides into PNGs and a sheet with an Aseprite table"""

    bl_idname = "llamavis.render_sprites"
    bl_label = "Render to Sprites"
    bl_options = _STATES
    name: StringProperty(name="Name", default="sprite")
    folder: StringProperty(
        name="Folder", description="In the project; empty: its root", subtype="NONE"
    )
    sides: EnumProperty(
        name="Sides",
        items=[
            ("1", "1", "From the front"),
            ("4", "4", "Front, right, back, left"),
            ("8", "8", "With the corners between"),
        ],
        default="4",
    )
    size: IntProperty(name="Pixels", default=64, min=4, max=1024)
    frames: IntProperty(name="Frames", default=1, min=1, max=256)
    step: IntProperty(name="Every", description="Scene frames per sprite frame", default=1, min=1)
    pitch: FloatProperty(
        name="Look Down", subtype="ANGLE", default=math.radians(20), min=0, max=math.pi / 2
    )

    @classmethod
    def poll(cls, context):
        return bool(context.selected_objects) and SESSION.root is not None

    def invoke(self, context, _event):
        if context.object is not None and self.name == "sprite":
            self.name = context.object.name
        return context.window_manager.invoke_props_dialog(self)

    def execute(self, context):
        folder = SESSION.absolute(self.folder or ".")
        name = bpy.path.clean_name(self.name)
        if not folder or not name:
            self.report({"WARNING"}, tr("The folder must lie in the project"))
            return {"CANCELLED"}
        first = context.scene.frame_start
        what = sprites.Shoot(
            int(self.sides), self.size, first, first + (self.frames - 1) * self.step, self.step,
            self.pitch,
        )  # fmt: skip
        shown = context.window_manager
        shown.progress_begin(0, 1)
        try:
            objects = list(context.selected_objects)
            written = sprites.shoot(context, objects, what, Path(folder), name,
                                    shown.progress_update)  # fmt: skip
        except (OSError, RuntimeError) as error:
            why = getattr(error, "strerror", None) or str(error).strip()
            self.report({"WARNING"}, tr("The sprites were not written: {why}", why=why))
            return {"CANCELLED"}
        finally:
            shown.progress_end()
        SESSION.say(Said("Rendered {count} files", values={"count": len(written)}))
        return {"FINISHED"}


class LLAMAVIS_OT_import_description(bpy.types.Operator):
    """Bring a description's images into the scene: a material, or a plane with a sprite"""

    bl_idname = "llamavis.import_description"
    bl_label = "LlamaVis Description"
    bl_options = _STATES
    filepath: StringProperty(subtype="FILE_PATH")
    filter_glob: StringProperty(default="*.desc.toml;*.descs.toml;*.descs.csv", options={"HIDDEN"})

    def invoke(self, context, _event):
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context):
        path = Path(self.filepath).resolve()
        root = find_project(path.parent)
        if root is None:
            self.report({"WARNING"}, tr("There is no llamavis.toml in this folder or above it"))
            return {"CANCELLED"}
        if root != SESSION.root:
            properties.choose(str(root))
        source = path.relative_to(root).as_posix()
        found = [one for one in SESSION.entries.values() if one.source == source]
        if not found:
            text = "The project is being opened: import it again in a moment"
            self.report({"WARNING"}, tr(text))
            return {"CANCELLED"}
        before, done = SESSION.selected, {"CANCELLED"}
        for entry in found:
            SESSION.selected = entry.key
            if entry.kind in ("material", "texture"):
                done |= bpy.ops.llamavis.build_material()
            elif context.mode == "OBJECT":
                done |= bpy.ops.llamavis.sprite_plane()
        SESSION.selected = before
        return {"FINISHED"} if "FINISHED" in done else {"CANCELLED"}


def menu(self, _context):
    """File > Import."""
    self.layout.operator("llamavis.import_description", text="LlamaVis Description (.desc.toml)")


CLASSES = (
    LLAMAVIS_OT_build_material,
    LLAMAVIS_OT_texel_density,
    LLAMAVIS_OT_mark_asset,
    LLAMAVIS_OT_sprite_plane,
    LLAMAVIS_OT_render_sprites,
    LLAMAVIS_OT_import_description,
)
