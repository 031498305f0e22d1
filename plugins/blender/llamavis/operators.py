# SPDX-License-Identifier: GPL-3.0-or-later
"""What buttons do in the project: start, draw, choose, lock, describe, search, write."""

# ruff: noqa: N801 - names and tables as Blender wants them

import os

import bpy
from bpy.props import EnumProperty, IntProperty, StringProperty

from . import images, properties
from .client import Answer
from .session import SESSION, Said
from .starter import StartError
from .texts import tr
from .wording import WordingError, change_keys

TEXT_PATH, TEXT_REVISION = "llamavis_path", "llamavis_revision"
_CAPTION_S = 180.0


class Connected:
    """For what needs the studio."""

    @classmethod
    def poll(cls, _context):
        if not SESSION.is_connected:
            cls.poll_message_set(tr("The studio is not running"))
            return False
        return True


class Selected(Connected):
    """For what needs a description as well."""

    @classmethod
    def poll(cls, context):
        return super().poll(context) and SESSION.entry is not None


class LLAMAVIS_OT_start(bpy.types.Operator):
    """Start the program of the preferences for this project"""

    bl_idname = "llamavis.start"
    bl_label = "Start the Studio"

    @classmethod
    def poll(cls, _context):
        return SESSION.root is not None and not SESSION.is_connected

    def execute(self, _context):
        settings = properties.preferences()
        try:
            SESSION.start_service(settings.program if settings is not None else "")
        except StartError as error:
            SESSION.say(Said(str(error), True))
            self.report({"WARNING"}, tr(str(error)))
            return {"CANCELLED"}
        return {"FINISHED"}


class LLAMAVIS_OT_generate(Connected, bpy.types.Operator):
    """Draw what is out of date or missing; with a description selected, only its images"""

    bl_idname = "llamavis.generate"
    bl_label = "Generate"
    scope: EnumProperty(
        name="What",
        items=[
            ("SELECTED", "Selected", "What is out of date of the selected description"),
            ("AGAIN", "Again", "The selected description's images, once more"),
            ("FRESH", "From Nothing", "The selected description's images, from nothing"),
            ("ALL", "All", "Everything in the project that is out of date"),
        ],
    )

    def invoke(self, context, event):
        entry = SESSION.entry
        is_again = self.scope in ("AGAIN", "FRESH") and entry is not None
        if is_again and any(one.state == "edited" for one in entry.pictures):
            return context.window_manager.invoke_confirm(
                self, event, title=tr("Draw over what was painted by hand?"),
                message=tr("The history of the studio keeps the image."),
            )  # fmt: skip
        return self.execute(context)

    def execute(self, _context):
        body = {}
        if self.scope != "ALL":
            entry = SESSION.entry
            if entry is None:
                self.report({"WARNING"}, tr("Select a description first"))
                return {"CANCELLED"}
            body["paths"] = [one.path for one in entry.pictures]
            body["force"] = self.scope in ("AGAIN", "FRESH")
            body["fresh"] = self.scope == "FRESH"
        SESSION.ask("POST", "/build", body, _asked_for, 60)
        return {"FINISHED"}


def _asked_for(answer: Answer) -> None:
    count = answer.value["images"] if answer.value else 0
    text = "Nothing to draw: all is up to date" if count == 0 else "Images to draw: {count}"
    SESSION.tell(answer, Said(text, values={"count": count}))


class LLAMAVIS_OT_cancel(Connected, bpy.types.Operator):
    """Stop what is being drawn; finished images stay"""

    bl_idname = "llamavis.cancel"
    bl_label = "Cancel"

    def execute(self, _context):
        SESSION.do("/cancel", {}, Said("Stopped"))
        return {"FINISHED"}


class LLAMAVIS_OT_variants(Selected, bpy.types.Operator):
    """Have several images of this description to choose from"""

    bl_idname = "llamavis.variants"
    bl_label = "Variants"
    count: IntProperty(name="Variants", default=4, min=1, max=64)

    def execute(self, _context):
        body = {"output": SESSION.entry.first.path, "count": self.count}
        SESSION.do("/variants", body, Said("Variants are drawn next"))
        return {"FINISHED"}


class LLAMAVIS_OT_choose(Selected, bpy.types.Operator):
    """Keep this variant; the description says so"""

    bl_idname = "llamavis.choose"
    bl_label = "Keep"
    variant: IntProperty(name="Variant", min=0, max=63)

    def execute(self, _context):
        body = {"output": SESSION.entry.first.path, "variant": self.variant}
        SESSION.do("/choose", body, Said("Kept"))
        return {"FINISHED"}


class LLAMAVIS_OT_lock(Selected, bpy.types.Operator):
    """Never draw these images again, or let them be drawn again"""

    bl_idname = "llamavis.lock"
    bl_label = "Lock"

    def execute(self, _context):
        entry = SESSION.entry
        body = {"outputs": [entry.first.path], "locked": not entry.locked}
        SESSION.do("/lock", body, Said("Unlocked" if entry.locked else "Locked"))
        return {"FINISHED"}


class LLAMAVIS_OT_save_words(Selected, bpy.types.Operator):
    """Write words, kind, size and style into the description; all else in it stays"""

    bl_idname = "llamavis.save_words"
    bl_label = "Save"

    def execute(self, _context):
        entry, words, fields = SESSION.entry, SESSION.words, properties.desk()
        if words is None or words.source != entry.source:
            self.report({"WARNING"}, tr("The description is still being read"))
            return {"CANCELLED"}
        values = {"description": fields.words, "style": fields.style or None}
        values["kind"] = None if fields.kind == "FOLDER" else fields.kind
        if tuple(fields.size) != properties.shown_size():
            values["size"] = list(fields.size)
        try:
            text = change_keys(words.text, entry.source, entry.name, values)
        except WordingError as error:
            SESSION.say(Said(str(error), True))
            self.report({"WARNING"}, tr(str(error)))
            return {"CANCELLED"}
        body = {"path": entry.source, "text": text, "revision": words.revision}
        SESSION.ask("PUT", "/description", body, _saved)
        return {"FINISHED"}


def _saved(answer: Answer) -> None:
    """What came of writing a description."""
    failure = answer.failure
    if failure is None:
        SESSION.take_words(answer.value)
        properties.show_words()
        SESSION.say(Said("Saved"))
    elif failure.code == "changed":
        SESSION.say(
            Said("Somebody changed the description meanwhile; nothing was overwritten", True,
                 "Reload it, then make your change again")
        )  # fmt: skip
    elif failure.problems:
        first = failure.problems[0]
        SESSION.say(
            Said("Line {line}: {message}", True, str(first.get("hint", "")),
                 {"line": first.get("line", 0), "message": first.get("message", "")})
        )  # fmt: skip
    else:
        SESSION.say(Said(failure.message, True, failure.hint))


class LLAMAVIS_OT_reload_words(Selected, bpy.types.Operator):
    """Read the description anew; what was typed here and not saved is gone"""

    bl_idname = "llamavis.reload_words"
    bl_label = "Reload"

    def execute(self, _context):
        SESSION.read_words(properties.show_words)
        SESSION.say(None)
        return {"FINISHED"}


class LLAMAVIS_OT_edit_text(Selected, bpy.types.Operator):
    """Open the whole description as a text in Blender's text editor"""

    bl_idname = "llamavis.edit_text"
    bl_label = "Edit as Text"

    def execute(self, _context):
        words = SESSION.words
        if words is None:
            self.report({"WARNING"}, tr("The description is still being read"))
            return {"CANCELLED"}
        text = next((one for one in bpy.data.texts if one.get(TEXT_PATH) == words.source), None)
        if text is None:
            text = bpy.data.texts.new(os.path.basename(words.source))
            text[TEXT_PATH] = words.source
        if text.get(TEXT_REVISION) != words.revision:
            text.clear()
            text.write(words.text)
            text[TEXT_REVISION] = words.revision
        for window in bpy.context.window_manager.windows:
            for area in window.screen.areas:
                if area.type == "TEXT_EDITOR":
                    area.spaces.active.text = text
        SESSION.say(Said("'{name}' is in the text editor", values={"name": text.name}))
        return {"FINISHED"}


class LLAMAVIS_OT_save_text(Connected, bpy.types.Operator):
    """Write this text back into the project, if nobody else changed the file meanwhile"""

    bl_idname = "llamavis.save_text"
    bl_label = "Save Description"
    name: StringProperty(name="Text")

    def execute(self, _context):
        text = bpy.data.texts.get(self.name)
        if text is None or TEXT_PATH not in text:
            self.report({"WARNING"}, tr("This text is no description"))
            return {"CANCELLED"}
        name = text.name

        def came(answer: Answer) -> None:
            found = bpy.data.texts.get(name)
            if answer.value is not None and found is not None:
                found[TEXT_REVISION] = answer.value["revision"]
            is_shown = SESSION.entry is not None and answer.value is not None
            if answer.value is not None and not (
                is_shown and SESSION.entry.source == answer.value["path"]
            ):
                SESSION.say(Said("Saved"))
                return
            _saved(answer)

        said = text.as_string()
        body = {"path": text[TEXT_PATH], "text": said, "revision": text[TEXT_REVISION]}
        SESSION.ask("PUT", "/description", body, came)
        return {"FINISHED"}


class LLAMAVIS_OT_describe(Connected, bpy.types.Operator):
    """Say what is in an image of the project: words and tags"""

    bl_idname = "llamavis.describe"
    bl_label = "Describe"
    path: StringProperty(name="Image", description="In the project; empty: the one that is shown")

    def execute(self, context):
        path = self.path or path_of_active(context)
        if not path:
            self.report({"WARNING"}, tr("There is no image of the project here"))
            return {"CANCELLED"}
        SESSION.say(Said("Looking at {name}...", values={"name": path}))
        SESSION.ask("POST", "/caption", {"path": path}, _described, _CAPTION_S)
        return {"FINISHED"}


def _described(answer: Answer) -> None:
    if SESSION.tell(answer, Said("Described")):
        SESSION.captions[answer.value["path"]] = answer.value


def path_of_active(context: bpy.types.Context) -> str:
    """The image that the user looks at, relative to the project; "" for one outside of it."""
    space = context.space_data
    image = getattr(space, "image", None) if space and space.type == "IMAGE_EDITOR" else None
    if image is not None and SESSION.root is not None:
        path, root = images.real(images.path_of(image)), images.real(str(SESSION.root))
        if path.startswith(root + os.sep):
            return os.path.relpath(path, root).replace(os.sep, "/")
        return ""
    entry = SESSION.entry
    return entry.first.path if entry is not None and entry.first.revision else ""


class LLAMAVIS_OT_search(Connected, bpy.types.Operator):
    """Search the project's library; words, tag:, kind:, color: and more"""

    bl_idname = "llamavis.search"
    bl_label = "Search"

    def execute(self, _context):
        from urllib.parse import quote

        query = properties.desk().query

        def came(answer: Answer) -> None:
            if answer.failure is not None:
                SESSION.say(Said(answer.failure.message, True, answer.failure.hint))
            else:
                SESSION.hits, SESSION.searched = tuple(answer.value["hits"]), query
                SESSION.version += 1

        SESSION.ask("GET", f"/search?limit=20&q={quote(query)}", None, came, 60)
        return {"FINISHED"}


class LLAMAVIS_OT_go_to(Connected, bpy.types.Operator):
    """Select the description of this image"""

    bl_idname = "llamavis.go_to"
    bl_label = "Go to Description"
    path: StringProperty(name="Image")

    def execute(self, _context):
        for key, entry in SESSION.entries.items():
            if any(one.path == self.path for one in entry.pictures):
                found = properties.desk().rows.find(key)
                if found >= 0:
                    properties.desk().index = found
                return {"FINISHED"}
        self.report({"INFO"}, tr("No description asks for this image"))
        return {"CANCELLED"}


CLASSES = (
    LLAMAVIS_OT_start,
    LLAMAVIS_OT_generate,
    LLAMAVIS_OT_cancel,
    LLAMAVIS_OT_variants,
    LLAMAVIS_OT_choose,
    LLAMAVIS_OT_lock,
    LLAMAVIS_OT_save_words,
    LLAMAVIS_OT_reload_words,
    LLAMAVIS_OT_edit_text,
    LLAMAVIS_OT_save_text,
    LLAMAVIS_OT_describe,
    LLAMAVIS_OT_search,
    LLAMAVIS_OT_go_to,
)
