# SPDX-License-Identifier: GPL-3.0-or-later
"""The sidebar: the same panels in the 3D view, the image editor and the shader editor."""

# ruff: noqa: N801, RUF012 - names and tables as Blender wants them

import bpy

from . import images, previews, properties
from .client import ABSENT, OPENING, REFUSED, STRANGE
from .entries import Entry, fits
from .operators import TEXT_PATH
from .session import SESSION, Said
from .texts import said, tr

STATES = {
    "fresh": ("CHECKMARK", "Up to date"),
    "stale": ("FILE_REFRESH", "Out of date"),
    "missing": ("ADD", "Not drawn yet"),
    "edited": ("GREASEPENCIL", "Edited by hand"),
    "locked": ("LOCKED", "Locked"),
    "failed": ("ERROR", "Failed"),
    "unmanaged": ("QUESTION", "No description"),
}
CONNECTION = {
    "": "Looking for the studio...",
    ABSENT: "The studio is not running for this project",
    OPENING: "The studio is opening the project...",
    REFUSED: "The studio does not accept this project's key",
    STRANGE: "The studio and this extension do not understand each other",
}
_WIDE_PX = 7.5


def wrapped(layout, text: str, width: int, icon: str = "NONE") -> None:
    """A text over as many lines as the region needs; Blender's labels have one only."""
    most = max(12, int(width / (_WIDE_PX * bpy.context.preferences.system.ui_scale)) - 3)
    column = layout.column(align=True)
    line, used = "", 0
    under = "NONE" if icon == "NONE" else "BLANK1"
    for word in _pieces(text):
        size = sum(2 if ord(letter) > 0x2E7F else 1 for letter in word)
        if line and used + size > most:
            column.label(text=line.strip(), icon=icon, translate=False)
            line, used, icon = "", 0, under
        line, used = line + word, used + size
    column.label(text=line.strip(), icon=icon, translate=False)


def _pieces(text: str) -> list[str]:
    """Where a line may end: behind a space, and behind every Chinese sign."""
    found, word = [], ""
    for letter in " ".join(text.split()):
        word += letter
        if letter == " " or ord(letter) > 0x2E7F:
            found.append(word)
            word = ""
    return [*found, word] if word else found


def notice(layout, sentence: Said, width: int) -> None:
    """A sentence, and what to do."""
    box = layout.box()
    box.alert = sentence.is_error
    wrapped(box, said(sentence), width, "ERROR" if sentence.is_error else "INFO")
    if sentence.hint:
        wrapped(box, tr(sentence.hint), width)


class _Filtered:
    """What the filter showed last; the entries are kept so that no others get their id."""

    asked: tuple[str, str, int] | None = None
    entries: object = None
    flags: list[int] = []


class LLAMAVIS_UL_descriptions(bpy.types.UIList):
    """Descriptions with a small picture and their state."""

    def draw_item(
        self, _context, layout, _data, item, _icon, _active, _property, _index=0, _flag=0
    ):
        entry = SESSION.entries.get(item.name)
        if entry is None:
            layout.label(text=item.name, translate=False)
            return
        icon, name = STATES.get(entry.state, STATES["unmanaged"])
        picture = previews.icon_of(entry.first)
        row = layout.split(factor=0.45, align=True)
        if picture:
            row.label(text=entry.name, icon_value=picture, translate=False)
        else:
            row.label(text=entry.name, icon="IMAGE_DATA", translate=False)
        row = row.row(align=True)
        row.label(text=entry.words, translate=False)
        tail = row.row()
        tail.alignment = "RIGHT"
        # The usual state needs no words; the others say what is to be done.
        tail.label(text="" if entry.state == "fresh" else tr(name), icon=icon)

    def filter_items(self, _context, data, property_name):
        fields = properties.desk()
        words, state, entries = fields.filter_words, fields.filter_state, SESSION.entries
        if (not words and state == "ANY") or len(getattr(data, property_name)) != len(entries):
            return [], []
        # Asked for at every redraw. The rows are the entries, in their order.
        asked = (words, state, id(entries))
        if _Filtered.asked != asked:
            shown = self.bitflag_filter_item
            flags = [shown if fits(one, words, state) else 0 for one in entries.values()]
            _Filtered.asked, _Filtered.entries, _Filtered.flags = asked, entries, flags
        return _Filtered.flags, []

    def draw_filter(self, _context, _layout):
        """The filter stands above the list, where it is seen."""


class _Side:
    """What all panels share."""

    bl_region_type = "UI"
    bl_category = "LlamaVis"

    @classmethod
    def poll(cls, context):
        space = context.space_data
        return getattr(space, "tree_type", "ShaderNodeTree") == "ShaderNodeTree" and cls.shown()

    @staticmethod
    def shown() -> bool:
        return True


class _Project(_Side):
    bl_label = "Project"

    def draw(self, context):
        layout, fields, width = self.layout, properties.desk(), context.region.width
        layout.prop(fields, "project", text="", icon="FILE_FOLDER")
        if SESSION.root is None:
            text = "Choose the folder of a game project, or save the .blend file in one"
            wrapped(layout, tr(text), width, "INFO")
        elif not SESSION.is_connected:
            self._apart(layout, width)
        elif SESSION.drawing:
            self._drawing(layout)
        else:
            row = layout.row(align=True)
            row.operator("llamavis.generate", text="Generate All", icon="PLAY").scope = "ALL"
            row.label(text=SESSION.project, icon="LINKED", translate=False)
        for problem in SESSION.problems[:3]:
            where = f"{problem['path']}:{problem['line']}"
            values = {"where": where, "message": problem["message"]}
            notice(layout, Said("{where}: {message}", True, problem["hint"], values), width)
        if SESSION.notice is not None:
            notice(layout, SESSION.notice, width)

    @staticmethod
    def _apart(layout, width):
        wrapped(layout, tr(CONNECTION.get(SESSION.state, "")), width, "UNLINKED")
        if SESSION.message:
            wrapped(layout, SESSION.message, width)
        layout.operator("llamavis.start", icon="PLAY")
        settings = properties.preferences()
        if SESSION.state == ABSENT and (settings is None or not settings.program):
            text = "Name the llamavis program in the preferences, or run in the project's folder:"
            wrapped(layout, tr(text), width)
            layout.label(text="llamavis serve", icon="CONSOLE", translate=False)
        if not bpy.app.online_access:
            text = "Online access is off; that is fine: only this computer is spoken to"
            wrapped(layout, tr(text), width, "INFO")

    @staticmethod
    def _drawing(layout):
        row = layout.row(align=True)
        share = SESSION.done / SESSION.total if SESSION.total else 0.0
        text = tr("Drawing") if SESSION.eta_s is None else left(SESSION.eta_s)
        row.progress(factor=min(1.0, share), text=text)
        row.operator("llamavis.cancel", text="", icon="X")


def left(seconds: float) -> str:
    """How long it will take, in words."""
    if seconds < 90:
        return tr("{count} s left", count=max(1, round(seconds)))
    return tr("{count} min left", count=round(seconds / 60))


class _Descriptions(_Side):
    bl_label = "Descriptions"

    @staticmethod
    def shown():
        return bool(SESSION.entries)

    def draw(self, _context):
        fields = properties.desk()
        row = self.layout.row(align=True)
        row.prop(fields, "filter_words", text="", icon="VIEWZOOM")
        row.prop(fields, "filter_state", text="")
        self.layout.template_list(
            "LLAMAVIS_UL_descriptions", "", fields, "rows", fields, "index", rows=6
        )


class _Description(_Side):
    bl_label = "Description"

    @staticmethod
    def shown():
        return SESSION.entry is not None

    def draw(self, context):
        layout, fields, width = self.layout, properties.desk(), context.region.width
        entry = SESSION.entry
        icon, name = STATES.get(entry.state, STATES["unmanaged"])
        layout.label(text=entry.source, icon="TEXT", translate=False)
        row = layout.row()
        row.label(text=tr(name), icon=icon)
        if entry.state != "fresh":
            row.label(text=entry.first.reason, translate=False)
        self._variants(layout, entry)
        layout.prop(fields, "words", text="")
        column = layout.column(align=True)
        column.use_property_split, column.use_property_decorate = True, False
        column.prop(fields, "kind")
        row = column.row(align=True)
        row.prop(fields, "size", index=0, text="Size")
        row.prop(fields, "size", index=1, text="")
        column.prop(fields, "style")
        self._problems(layout, entry, width)
        if entry.backend:
            layout.label(text=tr("Drawn by {name}").format(name=entry.backend), icon="BRUSH_DATA")
        for told in entry.makes_up:
            wrapped(layout, told, width)
        row = layout.row(align=True)
        row.operator("llamavis.save_words", icon="FILE_TICK")
        row.operator("llamavis.reload_words", text="", icon="FILE_REFRESH")
        row.operator("llamavis.edit_text", text="", icon="TEXT")
        self._buttons(layout, entry, fields)

    @staticmethod
    def _variants(layout, entry: Entry):
        drawn = entry.drawn or entry.pictures
        grid = layout.grid_flow(columns=min(4, len(drawn)), even_columns=True, align=True)
        for picture in drawn[:16]:
            cell = grid.column(align=True)
            cell.template_icon(
                previews.icon_of(picture) or images_icon(), scale=6 if len(drawn) == 1 else 3.5
            )
            if len(drawn) > 1:
                cell.operator("llamavis.choose").variant = picture.variant

    @staticmethod
    def _problems(layout, entry: Entry, width: int):
        words = SESSION.words
        for problem in words.problems if words and words.source == entry.source else ():
            values = {"line": problem["line"], "message": problem["message"]}
            notice(layout, Said("Line {line}: {message}", True, problem["hint"], values), width)

    @staticmethod
    def _buttons(layout, entry: Entry, fields):
        row = layout.row(align=True)
        row.operator("llamavis.generate", icon="PLAY").scope = "SELECTED"
        row.operator("llamavis.generate", text="Regenerate", icon="FILE_REFRESH").scope = "AGAIN"
        row = layout.row(align=True)
        row.prop(fields, "variants", text="")
        row.operator("llamavis.variants", icon="PRESET").count = fields.variants
        row = layout.row(align=True)
        text, icon = ("Unlock", "UNLOCKED") if entry.locked else ("Lock", "LOCKED")
        row.operator("llamavis.lock", text=text, icon=icon)
        row.operator("llamavis.describe", icon="VIEWZOOM").path = entry.first.path
        caption = SESSION.captions.get(entry.first.path)
        if caption is not None:
            box = layout.box()
            told = f"{caption['caption']} ({', '.join(caption['tags'])})"
            wrapped(box, told, bpy.context.region.width, "INFO")


def images_icon() -> int:
    """Blender's own icon of an image."""
    icons = bpy.types.UILayout.bl_rna.functions["prop"].parameters["icon"].enum_items
    return int(icons["IMAGE_DATA"].value)


class _Scene(_Side):
    bl_label = "In the Scene"

    @staticmethod
    def shown():
        return SESSION.entry is not None or SESSION.root is not None

    def draw(self, _context):
        column = self.layout.column(align=True)
        column.operator("llamavis.build_material", icon="MATERIAL")
        column.operator("llamavis.texel_density", icon="UV")
        column.operator("llamavis.mark_asset", icon="ASSET_MANAGER")
        column = self.layout.column(align=True)
        column.operator("llamavis.sprite_plane", icon="MESH_PLANE")
        column.operator("llamavis.render_sprites", icon="RENDER_STILL")


class _Image(_Side):
    """In the image editor: the image that is shown there, described or not."""

    bl_label = "This Image"

    @staticmethod
    def shown():
        return SESSION.root is not None

    def draw(self, context):
        image = context.space_data.image
        path = images.path_of(image) if image is not None else ""
        if not path:
            self.layout.label(text=tr("No image of a file is shown"), icon="INFO")
            return
        self.layout.label(text=image.name, icon="IMAGE_DATA", translate=False)
        self.layout.operator("llamavis.describe", icon="VIEWZOOM").path = ""
        for name, told in SESSION.captions.items():
            if SESSION.absolute(name) == path:
                text = f"{told['caption']} ({', '.join(told['tags'])})"
                wrapped(self.layout.box(), text, context.region.width)
        if image.packed_file is not None:
            text = "Packed into this .blend file: it does not follow the project"
            wrapped(self.layout, tr(text), context.region.width, "PACKAGE")


class _Search(_Side):
    bl_label = "Search"
    bl_options = {"DEFAULT_CLOSED"}

    @staticmethod
    def shown():
        return SESSION.is_connected

    def draw(self, context):
        row = self.layout.row(align=True)
        row.prop(properties.desk(), "query", text="")
        row.operator("llamavis.search", text="", icon="VIEWZOOM")
        if SESSION.searched and not SESSION.hits:
            self.layout.label(text=tr("Nothing found"), icon="INFO")
        for hit in SESSION.hits:
            row = self.layout.row(align=True)
            told = hit["caption"] or ", ".join(hit["tags"])
            row.operator(
                "llamavis.go_to", text=f"{hit['file']}  {told}", emboss=False, translate=False
            ).path = hit["file"]


class LLAMAVIS_PT_text(bpy.types.Panel):
    """In the text editor: a description that is edited as a text."""

    bl_label = "Description"
    bl_space_type = "TEXT_EDITOR"
    bl_region_type = "UI"
    bl_category = "LlamaVis"

    @classmethod
    def poll(cls, context):
        text = context.space_data.text
        return text is not None and TEXT_PATH in text

    def draw(self, context):
        text = context.space_data.text
        self.layout.label(text=text[TEXT_PATH], icon="TEXT", translate=False)
        self.layout.operator("llamavis.save_text", icon="FILE_TICK").name = text.name
        if SESSION.notice is not None:
            notice(self.layout, SESSION.notice, context.region.width)


def _panels() -> tuple[type, ...]:
    """Blender wants a class of its own for each editor."""
    everywhere = {
        "project": _Project, "list": _Descriptions, "description": _Description,
        "scene": _Scene, "search": _Search,
    }  # fmt: skip
    found = []
    for space, short in (("VIEW_3D", "view"), ("IMAGE_EDITOR", "image"), ("NODE_EDITOR", "node")):
        here = dict(everywhere)
        if short == "image":
            del here["scene"]
            here["image"] = _Image
        for name, base in here.items():
            found.append(
                type(
                    f"LLAMAVIS_PT_{name}_{short}",
                    (base, bpy.types.Panel),
                    {"bl_space_type": space, "__doc__": base.__doc__},
                )
            )
    return tuple(found)


CLASSES = (LLAMAVIS_UL_descriptions, *_panels(), LLAMAVIS_PT_text)
