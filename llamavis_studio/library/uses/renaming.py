"""Text files of a game with the new paths of files that moved: scenes, code, maps.

Only names are changed that the readers beside this module take for names; everything else keeps
its bytes. What cannot be said so (binary files, names put together by code) stays as it is, and
`still_named` tells.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Callable, Mapping
from html import unescape
from xml.sax.saxutils import escape

from llamavis_studio.library.uses.reading import references_in
from llamavis_studio.library.uses.references import Place

_GODOT = (".tscn", ".tres", ".gd", ".cs", ".gdshader", ".gdshaderinc", ".godot", ".cfg")
_XML = (".tmx", ".tsx", ".tx")
_JSON = (".tmj", ".tsj", ".tj", ".world", ".json", ".ldtk", ".ldtkl")
_RESOURCE = re.compile(
    r"""(?P<head>["']\*?)(?P<name>res://[^"'\n]+?)(?P<tail>(?:::[^"'\n]*)?["'])"""
)
_TAG = re.compile(r"<(?:image|tileset|object|property)\b[^>]*>")
_ATTRIBUTE = re.compile(
    r"""(?P<head>\b(?:source|template|value)\s*=\s*)(?P<q>["'])(?P<name>.*?)(?P=q)"""
)
_PAIR = re.compile(
    r'(?P<head>"(?:image|source|template|value|fileName|relPath|bgRelPath|__tilesetRelPath'
    r'|externalRelPath|iconRelPath|__value)"\s*:\s*)(?P<name>"(?:[^"\\]|\\.)*")'
)
Renamed = Callable[[str], str | None]


def with_files_moved(
    relative: str, data: bytes, moved: Mapping[str, str], *, godot_root: str = "", root: str = ""
) -> bytes:
    """The bytes of the file at `relative` with the names of moved files (old path to new) changed.

    Paths count from the project's folder; `godot_root` and `root` are as in `references_in`. A file
    of another kind comes back as it is.
    """
    place = Place(relative, root, godot_root, {})
    text = data.decode("utf-8", "surrogateescape")  # what is no UTF-8 comes back as it was
    lower = relative.lower()
    if lower.endswith(_GODOT):
        changed = _RESOURCE.sub(lambda match: _resource(match, place, moved), text)
    elif lower.endswith(_XML):
        changed = _TAG.sub(lambda match: _tag(match[0], place, moved), text)
    elif lower.endswith(_JSON) and still_named(relative, data, moved, godot_root, root):
        above = 1 if lower.endswith(".ldtkl") else 0
        changed = _PAIR.sub(lambda match: _pair(match, place, above, moved), text)
    else:
        return data
    return changed.encode("utf-8", "surrogateescape")


def still_named(
    relative: str, data: bytes, moved: Mapping[str, str], godot_root: str = "", root: str = ""
) -> list[str]:
    """Which of the moved files a file names by their old paths. Those that it names by a uid of
    Godot's it finds wherever they are.
    """
    found = references_in(relative, data, {}, godot_root=godot_root, root=root)
    return [path for path in found.paths if path in moved]


def _resource(match: re.Match[str], place: Place, moved: Mapping[str, str]) -> str:
    new = moved.get(place.resource(match["name"]) or "")
    prefix = f"{place.godot_root}/" if place.godot_root else ""
    if new is None or not new.startswith(prefix):  # Godot sees nothing outside of its folder
        return match[0]
    return f"{match['head']}res://{new[len(prefix) :]}{match['tail']}"


def _tag(tag: str, place: Place, moved: Mapping[str, str]) -> str:
    is_property = tag.startswith("<property")
    if is_property and not re.search(r"""\btype\s*=\s*["']file["']""", tag):
        return tag

    def attribute(match: re.Match[str]) -> str:
        if is_property != match["head"].startswith("value"):
            return match[0]
        new = _relative(unescape(match["name"]), place, 0, moved)
        if new is None:
            return match[0]
        return f"{match['head']}{match['q']}{escape(new, {match['q']: '&quot;'})}{match['q']}"

    return _ATTRIBUTE.sub(attribute, tag)


def _pair(match: re.Match[str], place: Place, above: int, moved: Mapping[str, str]) -> str:
    try:
        name = json.loads(match["name"])
    except ValueError:
        return match[0]
    new = _relative(name, place, above, moved)
    if new is None:
        return match[0]
    written = json.dumps(new, ensure_ascii=False)
    if "\\/" in match["name"]:  # as Tiled writes it
        written = written.replace("/", "\\/")
    return f"{match['head']}{written}"


def _relative(name: str, place: Place, above: int, moved: Mapping[str, str]) -> str | None:
    """The new name for one that is relative to its file, or to a folder `above` it."""
    new = moved.get(place.beside(name, above) or "")
    if new is None:
        return None
    folder = place.folder
    for _ in range(above):
        folder = folder.rpartition("/")[0]
    return posixpath.relpath(new, folder or ".")
