"""Godot 4 resources as text (.tres): SpriteFrames, TileSet and StandardMaterial3D.

    sprite_frames(table, "res://export/hero.png")

Paths are those of the Godot project, res://..., chosen by the caller; Godot imports the picture
itself. Ids inside a file count from 1 and there is no uid, so equal tables give equal files.

Sources: https://docs.godotengine.org/en/stable/ (Engine details, File formats, TSCN; classes
SpriteFrames, AtlasTexture, TileSetAtlasSource, StandardMaterial3D).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from llamavis_studio.formats.table import (
    FormatError,
    SheetClip,
    SheetFrame,
    SheetTable,
    TileGrid,
    frame_ms,
)
from llamavis_studio.formats.tiled import tile_numbers

NO_CLIP = "default"  # Godot's own name for the animation of a new SpriteFrames


def sprite_frames(table: SheetTable, texture_path: str) -> str:
    """A SpriteFrames resource: each clip an animation, each frame a region of the sheet.

    A trimmed frame gets its clear borders back as a margin, so that all frames of a clip stay
    aligned. Animations and their textures stand in the order in which Godot itself saves them; a
    table without clips makes one, "default", of all frames.

    Raises:
        FormatError: a path that is not in a Godot project.
    """
    clips = sorted(table.clips or (_all_frames(table),), key=lambda clip: clip.name)
    regions: dict[str, int] = {}  # the text of an AtlasTexture, and its number
    for i in (i for clip in clips for i in clip.order()):
        regions.setdefault(_region(table.frames[i]), len(regions) + 1)
    parts = [_header("SpriteFrames", 2 + len(regions)), _texture(texture_path, 1)]
    for text, number in regions.items():
        parts.append(f'[sub_resource type="AtlasTexture" id="AtlasTexture_{number}"]\n{text}')
    animations = ", ".join(_animation(clip, table, regions) for clip in clips)
    return _file([*parts, f"[resource]\nanimations = [{animations}]"])


def tile_set(table: SheetTable, texture_path: str) -> str:
    """A TileSet resource with one atlas source; each tile says its frame's name as custom data.

    A clip is an animated tile. Godot takes an animation's tiles from one row, from left to right,
    and a tile that is a frame of an animation is no tile of its own.

    Raises:
        FormatError: as `tile_numbers`; a path that is not in a Godot project; a clip that plays
            backwards, leaves its row, or shares tiles with another.
    """
    numbers = tile_numbers(table)
    grid = table.grid
    assert grid is not None  # or tile_numbers had raised
    animated, hidden = _animated_tiles(table, numbers, grid)
    lines = [
        '[sub_resource type="TileSetAtlasSource" id="TileSetAtlasSource_1"]',
        'texture = ExtResource("1")',
        f"margins = {_vector(grid.margin_px, grid.margin_px)}",
        f"separation = {_vector(grid.spacing_px, grid.spacing_px)}",
        f"texture_region_size = {_vector(grid.tile_width, grid.tile_height)}",
    ]
    names: dict[int, str] = {}
    for frame, number in zip(table.frames, numbers, strict=True):
        names.setdefault(number, frame.name)
    for number in sorted(names.keys() - hidden):
        row, column = divmod(number, grid.columns)
        tile = f"{column}:{row}"
        lines += [f"{tile}/{line}" for line in animated.get(number, ())]
        lines += [f"{tile}/0 = 0", f"{tile}/0/custom_data_0 = {_string(names[number])}"]
    resource = [
        "[resource]",
        f"tile_size = {_vector(grid.tile_width, grid.tile_height)}",
        'custom_data_layer_0/name = "name"',
        "custom_data_layer_0/type = 4",  # TYPE_STRING
        'sources/0 = SubResource("TileSetAtlasSource_1")',
    ]
    head = [_header("TileSet", 3), _texture(texture_path, 1)]
    return _file([*head, "\n".join(lines), "\n".join(resource)])


@dataclass(frozen=True)
class MaterialPaths:
    """Where the maps of a material are, as res:// paths; at least one.

    `normal` is OpenGL's, +Y up. `orm` packs occlusion, roughness and metallic in red, green and
    blue, and replaces the three single maps.
    """

    base_color: str | None = None
    normal: str | None = None
    orm: str | None = None
    occlusion: str | None = None
    roughness: str | None = None
    metallic: str | None = None
    height: str | None = None


def standard_material(
    maps: MaterialPaths, *, height_scale: float = 5.0, pixelated: bool = False
) -> str:
    """A StandardMaterial3D of these maps. `height_scale` is Godot's heightmap_scale; `pixelated`
    shows texels as squares.

    Raises:
        FormatError: no maps, `orm` beside a map that it holds, or a path not in a Godot project.
    """
    given = {item.name: getattr(maps, item.name) for item in fields(maps)}
    named = {name: path for name, path in given.items() if path is not None}
    if not named:
        raise FormatError("a material needs at least one map")
    single = [name for name in ("occlusion", "roughness", "metallic") if name in named]
    if "orm" in named and single:
        raise FormatError(f"the orm map holds {single[0]} already", f"leave out {single[0]}")
    parts = [_header("StandardMaterial3D", 1 + len(named))]
    textures = []
    lines = ["[resource]"]
    for number, (name, path) in enumerate(named.items(), 1):
        textures.append(_texture(path, number))
        texture = f'ExtResource("{number}")'
        lines += [line.replace(_HERE, texture) for line in _MAP_LINES[name]]
        if name == "height":
            lines.append(f"heightmap_scale = {_number(height_scale)}")
    if pixelated:
        lines.append("texture_filter = 2")  # TEXTURE_FILTER_NEAREST_WITH_MIPMAPS
    return _file([*parts, "\n".join(textures), "\n".join(lines)])


_HERE = "TEXTURE"
# Channels: 0 red, 1 green, 2 blue. A factor multiplies its map, and metallic's is 0 unless set.
_MAP_LINES: Mapping[str, Sequence[str]] = {
    "base_color": (f"albedo_texture = {_HERE}",),
    "normal": ("normal_enabled = true", f"normal_texture = {_HERE}"),
    "orm": (
        "ao_enabled = true",
        f"ao_texture = {_HERE}",
        "ao_texture_channel = 0",
        f"roughness_texture = {_HERE}",
        "roughness_texture_channel = 1",
        "metallic = 1.0",
        f"metallic_texture = {_HERE}",
        "metallic_texture_channel = 2",
    ),
    "occlusion": ("ao_enabled = true", f"ao_texture = {_HERE}", "ao_texture_channel = 0"),
    "roughness": (f"roughness_texture = {_HERE}", "roughness_texture_channel = 0"),
    "metallic": (
        "metallic = 1.0",
        f"metallic_texture = {_HERE}",
        "metallic_texture_channel = 0",
    ),
    "height": ("heightmap_enabled = true", f"heightmap_texture = {_HERE}"),
}


def _all_frames(table: SheetTable) -> SheetClip:
    fps = 1000 / table.frames[0].duration_ms
    return SheetClip(NO_CLIP, 0, len(table.frames) - 1, fps)


def _region(frame: SheetFrame) -> str:
    rect, (x, y), (width, height) = frame.rect, frame.offset, frame.source_size
    lines = [
        'atlas = ExtResource("1")',
        f"region = Rect2({rect.x}, {rect.y}, {rect.width}, {rect.height})",
    ]
    if frame.trimmed:
        # The margin's size is what the region lacks, its position where the region lies in it.
        lines.append(f"margin = Rect2({x}, {y}, {width - rect.width}, {height - rect.height})")
    return "\n".join([*lines, "filter_clip = true"])


def _animation(clip: SheetClip, table: SheetTable, regions: Mapping[str, int]) -> str:
    frames = []
    for i in clip.order():
        frame = table.frames[i]
        number = regions[_region(frame)]
        duration = _number(_relative(frame.duration_ms, clip.fps))
        texture = f'SubResource("AtlasTexture_{number}")'
        frames.append(f'{{\n"duration": {duration},\n"texture": {texture}\n}}')
    listed = ", ".join(frames)
    loop = "true" if clip.loop else "false"
    name, speed = _string(clip.name), _number(clip.fps)
    return f'{{\n"frames": [{listed}],\n"loop": {loop},\n"name": &{name},\n"speed": {speed}\n}}'


def _relative(duration_ms: int, fps: float) -> float:
    """In frames of the clip; the rounding to whole milliseconds is undone."""
    return 1.0 if duration_ms == frame_ms(fps) else duration_ms * fps / 1000


def _animated_tiles(
    table: SheetTable, numbers: Sequence[int], grid: TileGrid
) -> tuple[dict[int, list[str]], set[int]]:
    """The properties of each tile that begins an animation, and the tiles that are only frames."""
    animated: dict[int, list[str]] = {}
    used: set[int] = set()
    hidden: set[int] = set()
    for clip in table.clips:
        tiles = [numbers[i] for i in clip.order()]
        row = range(tiles[0], tiles[0] + len(tiles))
        if tiles != list(row) or tiles[0] // grid.columns != tiles[-1] // grid.columns:
            message = f"Godot cannot play the clip '{clip.name}' as an animated tile"
            raise FormatError(message, "its tiles must follow each other in one row, forward")
        if used & set(tiles):
            message = f"the clip '{clip.name}' shares tiles with another"
            raise FormatError(message, "give each clip tiles of its own")
        used |= set(tiles)
        hidden |= set(tiles[1:])
        lines = [f"animation_speed = {_number(clip.fps)}"]
        for i, frame in enumerate(table.frames[clip.first : clip.last + 1]):
            duration = _number(_relative(frame.duration_ms, clip.fps))
            lines.append(f"animation_frame_{i}/duration = {duration}")
        animated[tiles[0]] = lines
    return animated, hidden


def _header(kind: str, load_steps: int) -> str:
    return f'[gd_resource type="{kind}" load_steps={load_steps} format=3]'


def _texture(path: str, number: int) -> str:
    if not path.startswith("res://") or path == "res://":
        raise FormatError(f"'{path}' is not a path of a Godot project", "it begins with res://")
    return f'[ext_resource type="Texture2D" path={_string(path)} id="{number}"]'


def _file(parts: Sequence[str]) -> str:
    return "\n\n".join(parts) + "\n"


def _vector(x: int, y: int) -> str:
    return f"Vector2i({x}, {y})"


def _number(value: float) -> str:
    """A float as Godot writes it: never without a point, six digits behind it at most."""
    text = f"{value:.6f}".rstrip("0")
    return text + "0" if text.endswith(".") else text


def _string(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
