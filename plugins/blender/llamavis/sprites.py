# SPDX-License-Identifier: GPL-3.0-or-later
"""Sprites out of the scene and into it: renders from all sides, and planes with alpha."""

from __future__ import annotations

import math
import os
import tempfile
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import bpy
from mathutils import Vector

from . import images
from .sheets import DIRECTIONS, Grid, table

CAMERA = "LlamaVis Sprite Camera"
_MARGIN = 1.05
ROLE = "llamavis_role"


@dataclass(frozen=True)
class Shoot:
    """What is rendered: `sides` 1, 4 or 8; `size` in pixels; frames first to last by step."""

    sides: int
    size: int
    first: int
    last: int
    step: int
    pitch: float
    """How far the camera looks down, in radians: 0 is level."""

    @property
    def frames(self) -> range:
        """The scene's frames."""
        return range(self.first, self.last + 1, max(1, self.step))


def box_of(objects: list[bpy.types.Object]) -> tuple[Vector, float]:
    """Middle and radius in metres of all corners of objects, in the world."""
    corners = [one.matrix_world @ Vector(corner) for one in objects for corner in one.bound_box]
    if not corners:
        return Vector((0, 0, 0)), 1.0
    low = Vector(map(min, zip(*corners, strict=True)))
    high = Vector(map(max, zip(*corners, strict=True)))
    middle = (low + high) / 2
    return middle, max((corner - middle).length for corner in corners) or 1.0


def aim(camera: bpy.types.Object, middle: Vector, radius: float, turn: float, pitch: float) -> None:
    """Put an orthographic camera around a thing: `turn` 0 looks along +Y, as the front view."""
    away = Vector((math.sin(turn), -math.cos(turn), 0)) * math.cos(pitch)
    away.z = math.sin(pitch)
    camera.location = middle + away * (radius * 4)
    camera.rotation_euler = (math.pi / 2 - pitch, 0, turn)
    camera.data.type = "ORTHO"
    camera.data.ortho_scale = 2 * radius * _MARGIN
    camera.data.clip_start, camera.data.clip_end = radius * 0.1, radius * 10


def camera_in(scene: bpy.types.Scene) -> bpy.types.Object:
    """The camera for sprites, made where it is not there."""
    found = next((one for one in scene.objects if one.get(ROLE) == "sprite_camera"), None)
    if found is None:
        found = bpy.data.objects.new(CAMERA, bpy.data.cameras.new(CAMERA))
        found[ROLE] = "sprite_camera"
        scene.collection.objects.link(found)
    return found


def shoot(
    context: bpy.types.Context,
    objects: list[bpy.types.Object],
    what: Shoot,
    folder: Path,
    name: str,
    step: Callable[[float], None] = lambda _share: None,
) -> list[Path]:
    """Render frames, a sheet and its table into a folder; what was written.

    Raises OSError and RuntimeError where they cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder):
        pass  # known before anything is rendered
    scene, sides = context.scene, DIRECTIONS[what.sides]
    grid = Grid(sides, len(what.frames), what.size, what.size)
    camera = camera_in(scene)
    width, height = grid.size
    canvas = array("f", bytes(4 * 4 * width * height))
    written = []
    with _settings(scene, camera, what.size), tempfile.TemporaryDirectory() as draft:
        scene.frame_set(what.first)
        middle, radius = box_of(objects)
        for row, side in enumerate(sides):
            # From the front, then the thing's own right side, and on around it.
            aim(camera, middle, radius, -row * math.tau / len(sides), what.pitch)
            for column, frame in enumerate(what.frames):
                scene.frame_set(frame)
                file = f"{name}_{side}_{column:02}.png"
                made = Path(draft) / file
                scene.render.filepath = str(made)
                bpy.ops.render.render(write_still=True)
                if not made.is_file():
                    raise RuntimeError("the render was cancelled")
                _paste(canvas, grid, made, grid.place(row, column))
                _publish(made, folder / file)
                written.append(folder / file)
                step((row * grid.frames + column + 1) / (grid.frames * len(sides)))
        sheet = f"{name}_sheet.png"
        _save(canvas, grid, Path(draft) / sheet)
        _publish(Path(draft) / sheet, folder / sheet)
        rate = scene.render.fps / scene.render.fps_base
        told = table(grid, name, sheet, round(1000 * max(1, what.step) / rate))
        (Path(draft) / "sheet.json").write_text(told, "utf-8")
        _publish(Path(draft) / "sheet.json", folder / f"{name}_sheet.json")
    return [*written, folder / sheet, folder / f"{name}_sheet.json"]


def plane_of(
    context: bpy.types.Context, path: str, name: str, pixels_per_metre: float
) -> bpy.types.Object:
    """A standing plane with a sprite on it, its feet on the ground. Raises RuntimeError."""
    image = images.have(path)
    width, height = image.size
    if not width or not height:
        raise RuntimeError("the image cannot be read")
    half, tall = width / pixels_per_metre / 2, height / pixels_per_metre
    mesh = bpy.data.meshes.new(name)
    corners = [(-half, 0, 0), (half, 0, 0), (half, 0, tall), (-half, 0, tall)]
    mesh.from_pydata(corners, [], [(0, 1, 2, 3)])
    layer = mesh.uv_layers.new(name="UVMap")
    for loop, uv in enumerate(((0, 0), (1, 0), (1, 1), (0, 1))):
        layer.data[loop].uv = uv
    mesh.materials.append(flat_material(image, name))
    made = bpy.data.objects.new(name, mesh)
    context.collection.objects.link(made)
    made.location = context.scene.cursor.location
    return made


def flat_material(image: bpy.types.Image, name: str) -> bpy.types.Material:
    """A material that shows an image as it is, with hard pixels and its alpha."""
    material = bpy.data.materials.new(name)
    if bpy.app.version < (5, 0):  # always true since, and setting it warns
        material.use_nodes = True
    tree = material.node_tree
    tree.nodes.clear()
    nodes = {
        role: tree.nodes.new(kind)
        for role, kind in (
            ("image", "ShaderNodeTexImage"), ("light", "ShaderNodeEmission"),
            ("clear", "ShaderNodeBsdfTransparent"), ("mix", "ShaderNodeMixShader"),
            ("output", "ShaderNodeOutputMaterial"),
        )
    }  # fmt: skip
    for column, node in enumerate(nodes.values()):
        node.location = (column * 240 - 480, -60 * (column % 2))
    nodes["image"].image, nodes["image"].interpolation = image, "Closest"
    nodes["image"].extension = "CLIP"
    links = tree.links
    links.new(nodes["image"].outputs["Color"], nodes["light"].inputs["Color"])
    links.new(nodes["image"].outputs["Alpha"], nodes["mix"].inputs["Fac"])
    links.new(nodes["clear"].outputs["BSDF"], nodes["mix"].inputs[1])
    links.new(nodes["light"].outputs["Emission"], nodes["mix"].inputs[2])
    links.new(nodes["mix"].outputs["Shader"], nodes["output"].inputs["Surface"])
    return material


@contextmanager
def _settings(scene: bpy.types.Scene, camera: bpy.types.Object, size: int) -> Iterator[None]:
    """The scene's render settings for sprites, and back again."""
    render, output = scene.render, scene.render.image_settings
    wanted = [
        (scene, "camera", camera), (render, "resolution_x", size), (render, "resolution_y", size),
        (render, "resolution_percentage", 100), (render, "pixel_aspect_x", 1.0),
        (render, "pixel_aspect_y", 1.0), (render, "film_transparent", True),
        (render, "filter_size", 0.01), (render, "use_border", False),
        (render, "use_file_extension", True), (output, "file_format", "PNG"),
        (output, "color_mode", "RGBA"), (output, "color_depth", "8"),
        (scene.view_settings, "view_transform", "Standard"), (render, "filepath", ""),
    ]  # fmt: skip
    if hasattr(output, "media_type"):  # 5.0: a picture, before its format
        wanted.insert(10, (output, "media_type", "IMAGE"))
    frame = scene.frame_current
    kept = [(what, name, getattr(what, name)) for what, name, _ in wanted]
    try:
        for what, name, value in wanted:
            setattr(what, name, value)
        yield
    finally:
        for what, name, value in kept:
            setattr(what, name, value)
        scene.frame_set(frame)


def _paste(canvas: array, grid: Grid, made: Path, place: tuple[int, int]) -> None:
    """Copy a render into the sheet: Blender's rows go up, the sheet's go down."""
    image = bpy.data.images.load(str(made))
    try:
        image.alpha_mode = "CHANNEL_PACKED"  # the bytes of the file, as they are
        pixels = array("f", bytes(4 * 4 * grid.width * grid.height))
        image.pixels.foreach_get(pixels)
    finally:
        bpy.data.images.remove(image)
    wide, tall = grid.size
    left, top = place
    for row in range(grid.height):
        at = ((tall - top - grid.height + row) * wide + left) * 4
        canvas[at : at + 4 * grid.width] = pixels[row * 4 * grid.width : (row + 1) * 4 * grid.width]


def _save(canvas: array, grid: Grid, path: Path) -> None:
    image = bpy.data.images.new("sheet", *grid.size, alpha=True)
    try:
        image.alpha_mode = "CHANNEL_PACKED"
        image.pixels.foreach_set(canvas)
        image.filepath_raw, image.file_format = str(path), "PNG"
        image.save()
    finally:
        bpy.data.images.remove(image)


def _publish(made: Path, target: Path) -> None:
    """Put a finished file in its place at once: whoever watches never sees half of it."""
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(made.read_bytes())
        os.chmod(name, 0o644)
        os.replace(name, target)
    except BaseException:
        os.unlink(name)
        raise
