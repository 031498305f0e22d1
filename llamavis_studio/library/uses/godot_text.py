"""Godot's text files: scenes, resources, project.godot and other settings.

All are tags in brackets and `key = value` lines in which strings may span lines and `;` begins a
comment. A string that is a `res://` or `uid://` name is a reference. An `ext_resource` carries
both; as in the engine the uid wins where it is known, for the path may be that from before a move.

Source: Godot 4.6 documentation, "TSCN file format" and "ConfigFile".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from llamavis_studio.library.uses.godot_code import script_references, shader_references
from llamavis_studio.library.uses.references import Place
from llamavis_studio.library.uses.strings import decoded, unescaped

# A string that never ends is taken to the end of the file: nothing is looked at twice.
_TOKEN = re.compile(
    r"""
      (?P<comment> ;[^\n]*+ )
    | (?P<tag> \[ext_resource\b )
    | (?P<end> \] )
    | (?: (?<![\w/]) (?P<key> [\w/]++ ) [ \t]*+ = [ \t]*+ )?
      "(?P<text> [^"\\]*+ (?: \\. [^"\\]*+ )*+ ) "?
    """,
    re.VERBOSE | re.DOTALL,
)
_UID_LINE = re.compile(r'^\s*uid\s*=\s*"(uid://[a-z0-9]+)"', re.MULTILINE)
_UID_TAG = re.compile(r'\A\s*\[gd_(?:scene|resource)\b[^\n\]]*?\buid="(uid://[a-z0-9]+)"')
_UID_FILE = re.compile(r"\A\s*(uid://[a-z0-9]+)\s*\Z")
_UID_HEAD_BYTES = 1 << 16


def text_references(place: Place, data: bytes) -> Iterator[str | None]:
    """What a scene, a resource or a settings file names, in the order of the file."""
    external: dict[str, str] | None = None  # the fields of the ext_resource we are in
    for token in _TOKEN.finditer(decoded(data)):
        if token["tag"]:
            external = {}
        elif token["end"]:
            if external is not None:
                yield _external(place, external)
            external = None
        elif token["text"] is not None:
            key, text = token["key"] or "", unescaped(token["text"])
            if external is not None:
                external[key] = text
            else:
                yield from _value(place, key, text)
    if external is not None:  # the file ends inside a tag
        yield _external(place, external)


def plugin_references(place: Place, data: bytes) -> Iterator[str | None]:
    """As `text_references`, and the `script` of a plugin.cfg, which is named beside it."""
    yield from text_references(place, data)
    for token in _TOKEN.finditer(decoded(data)):
        if token["key"] == "script" and "://" not in token["text"]:
            yield place.beside(unescaped(token["text"]))


def godot_uids(relative: str, data: bytes) -> tuple[str, str] | None:
    """(uid, path of the file that has it), from a `.import` or `.uid` file, or from the first line
    of a text scene or resource. None when the file gives no uid.

    A `.import` belongs to the file of the same name without it, whatever it says: pictures and
    their `.import` are moved together.
    """
    stem, dot, suffix = relative.rpartition(".")
    text = decoded(data[:_UID_HEAD_BYTES])
    if not dot or not stem:
        return None
    match suffix.lower():
        case "import":
            found, path = _UID_LINE.search(text), stem
        case "uid":
            found, path = _UID_FILE.match(text), stem
        case "tscn" | "tres":
            found, path = _UID_TAG.match(text), relative
        case _:
            return None
    return (found[1], path) if found else None


def _external(place: Place, fields: dict[str, str]) -> str | None:
    return place.resource(fields.get("uid", "")) or place.resource(fields.get("path", ""))


def _value(place: Place, key: str, text: str) -> Iterator[str | None]:
    if key.endswith("script/source"):  # a script inside the scene
        yield from script_references(place, text)
    elif key == "code":  # a shader inside the scene
        yield from shader_references(place, text)
    else:
        yield place.resource(text.removeprefix("*"))  # '*' marks an autoload that is a node
