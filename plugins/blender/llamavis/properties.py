# SPDX-License-Identifier: GPL-3.0-or-later
"""Preferences, and what the panel's fields hold. Nothing of it is kept in a .blend file."""

# ruff: noqa: N801 - names and tables as Blender wants them

from pathlib import Path

import bpy
from bpy.props import (
    BoolProperty,
    CollectionProperty,
    EnumProperty,
    IntProperty,
    IntVectorProperty,
    PointerProperty,
    StringProperty,
)

from .service_file import find_project
from .session import SESSION, Said
from .wording import WordingError, keys_of

KINDS = (
    ("", "From the folder", "What the project's rules say for this folder"),
    ("texture", "Texture", "Repeats without a seam"),
    ("material", "Material", "A texture with normal, roughness and other maps"),
    ("sprite", "Sprite", "A thing on a clear ground"),
    ("character", "Character", "A figure on a clear ground"),
    ("item", "Item", "A thing to be held, on a clear ground"),
    ("background", "Background", "A wide picture"),
)
KIND_ITEMS = [(one[0] or "FOLDER", *one[1:]) for one in KINDS]
STATE_ITEMS = [
    ("ANY", "All", "Descriptions in any state"),
    ("fresh", "Up to date", "The image fits its words"),
    ("stale", "Out of date", "The words changed since the image was drawn"),
    ("missing", "Not drawn yet", "There is no image yet"),
    ("edited", "Edited by hand", "Somebody painted on the image: it is never overwritten unasked"),
    ("locked", "Locked", "Never drawn again"),
    ("failed", "Failed", "The image cannot be drawn as described"),
]


class _Chosen:
    """The folder that the user chose in this session; it wins over the .blend file's place."""

    folder: Path | None = None
    shown: tuple[object, ...] = ()
    """What the description's fields held when they were filled."""
    is_moving = False
    """The list was made anew: its row is another one, but the selection is the same."""


def is_chosen() -> bool:
    """Whether the user named the project."""
    return _Chosen.folder is not None


def folder_of_blend() -> Path:
    """Where the open .blend file lies."""
    return Path(bpy.path.abspath("//")).resolve()


def choose(folder: str) -> None:
    """Follow the project at or above a folder; "" goes back to that of the .blend file."""
    if not folder.strip():
        _Chosen.folder = None
        SESSION.open(find_project(folder_of_blend()) if bpy.data.filepath else None)
        return
    root = find_project(Path(bpy.path.abspath(folder)).resolve())
    _Chosen.folder = root
    SESSION.open(root)
    if root is None:
        SESSION.say(Said("There is no llamavis.toml in this folder or above it", True))


def _get_project(_self: object) -> str:
    return str(SESSION.root or "")


def _set_project(_self: object, value: str) -> None:
    choose(value)


def _selected(self: "LLAMAVIS_PG_desk", _context: object) -> None:
    if not _Chosen.is_moving and 0 <= self.index < len(self.rows):
        _Chosen.shown = ()
        SESSION.select(self.rows[self.index].name)
        SESSION.read_words(show_words)


def move_to(index: int) -> None:
    """Mark a row without reading its description."""
    _Chosen.is_moving = True
    try:
        desk().index = index
    finally:
        _Chosen.is_moving = False


def show_words() -> None:
    """Put the selected description into the panel's fields."""
    words, entry, fields = SESSION.words, SESSION.entry, desk()
    if words is None or entry is None:
        return
    try:
        keys = keys_of(words.text, words.source, entry.name)
    except WordingError:
        keys = {}
    fields.words = str(keys.get("description", entry.words))
    kind = str(keys.get("kind", "FOLDER"))
    fields.kind = kind if any(kind == one[0] for one in KIND_ITEMS) else "FOLDER"
    fields.style = str(keys.get("style", ""))
    size = keys.get("size")
    if not (isinstance(size, list) and len(size) == 2 and all(type(one) is int for one in size)):
        size = [entry.first.width, entry.first.height]
    fields.size = [max(1, one) for one in size]
    _Chosen.shown = _held()


def shown_size() -> tuple[int, ...]:
    """The size that the field was filled with."""
    return tuple(_Chosen.shown[-1]) if _Chosen.shown else ()


def is_touched() -> bool:
    """Whether somebody typed into the description's fields since they were filled."""
    return bool(_Chosen.shown) and _Chosen.shown != _held()


def _held() -> tuple[object, ...]:
    fields = desk()
    return fields.words, fields.kind, fields.style, tuple(fields.size)


class LLAMAVIS_PG_row(bpy.types.PropertyGroup):
    """A row of the list; its `name` is an entry's key."""


class LLAMAVIS_PG_desk(bpy.types.PropertyGroup):
    """What the panel's fields hold."""

    project: StringProperty(
        name="Project",
        description="The game project's folder: the one with llamavis.toml in it",
        subtype="DIR_PATH",
        get=_get_project,
        set=_set_project,
    )
    rows: CollectionProperty(type=LLAMAVIS_PG_row)
    index: IntProperty(name="Description", update=_selected)
    filter_words: StringProperty(
        name="Filter",
        description="Show descriptions with all of these words",
        options={"TEXTEDIT_UPDATE"},
    )
    filter_state: EnumProperty(
        name="State", description="Show descriptions in this state", items=STATE_ITEMS
    )
    words: StringProperty(name="Words", description="What the image shows; Chinese works as well")
    kind: EnumProperty(name="Kind", description="What is drawn", items=KIND_ITEMS)
    size: IntVectorProperty(
        name="Size", description="Pixels of the finished image", size=2, min=1, max=8192
    )
    style: StringProperty(name="Style", description="A style of the project, or empty")
    variants: IntProperty(
        name="Variants", description="How many to choose from", min=1, max=64, default=4
    )
    query: StringProperty(name="Search", description="Search the project's library by words")


class LLAMAVIS_preferences(bpy.types.AddonPreferences):
    """Settings of this computer; a project cannot change them."""

    bl_idname = __package__

    program: StringProperty(
        name="llamavis program",
        description="The program that is started for a project; only this setting decides it",
        subtype="FILE_PATH",
    )
    start_automatically: BoolProperty(
        name="Start the studio with a project",
        description="Run this program when a project is opened and its studio is not running",
        default=False,
    )
    author: StringProperty(name="Author", description="Written into assets that are marked")
    licence: StringProperty(
        name="Licence", description="Written into assets; empty: that of the model that drew them"
    )

    def draw(self, _context: bpy.types.Context) -> None:
        column = self.layout.column()
        column.prop(self, "program")
        column.prop(self, "start_automatically")
        column.prop(self, "author")
        column.prop(self, "licence")
        column.label(text="Only this computer is spoken to, at 127.0.0.1", icon="INFO")


def preferences() -> LLAMAVIS_preferences | None:
    """The add-on's settings; None where it is not installed as one."""
    addon = bpy.context.preferences.addons.get(__package__)
    return addon.preferences if addon is not None else None


def desk() -> LLAMAVIS_PG_desk:
    """The panel's fields."""
    return bpy.context.window_manager.llamavis


CLASSES = (LLAMAVIS_PG_row, LLAMAVIS_PG_desk, LLAMAVIS_preferences)


def register() -> None:
    """Make them known."""
    for one in CLASSES:
        bpy.utils.register_class(one)
    bpy.types.WindowManager.llamavis = PointerProperty(type=LLAMAVIS_PG_desk)


def unregister() -> None:
    """Leave nothing."""
    _Chosen.folder = None
    del bpy.types.WindowManager.llamavis
    for one in reversed(CLASSES):
        bpy.utils.unregister_class(one)
