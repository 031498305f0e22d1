"""References of Tiled's maps, tilesets, templates and worlds, as XML and as JSON.

Names are relative to the file: the picture of a tileset, a tile or an image layer; the tileset of
a map; the template of an object; a property of the type "file"; the maps of a world.

Source: https://doc.mapeditor.org/en/stable/reference/tmx-map-format/ and .../json-map-format/.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote
from xml.parsers import expat

from llamavis_studio.library.uses.json_values import json_value, objects_in
from llamavis_studio.library.uses.references import Place, UnreadableFileError

_XML_START = re.compile(
    rb"\A(?:\xef\xbb\xbf)?\s*<(?:\?xml|!--|map\b|tileset\b|template\b|!DOCTYPE)"
)
_NAMING = {"image": "source", "tileset": "source", "object": "template"}
_JSON_KEYS = ("image", "source", "template")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")  # two letters or more: C: is a drive


def tiled_xml_references(place: Place, data: bytes) -> Iterator[str | None]:
    """What a .tmx, .tsx or .tx file names. Source code in a .tsx file (TypeScript) names nothing.

    Raises:
        UnreadableFileError: broken XML, or one that declares a document type, which Tiled never
            does and which could blow a small file up.
    """
    if not _XML_START.match(data[:1024]):
        if place.relative.lower().endswith(".tsx"):
            return
        raise UnreadableFileError("not a file of Tiled: no XML")
    names: list[str] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag in _NAMING and _NAMING[tag] in attributes:
            names.append(attributes[_NAMING[tag]])
        elif tag == "property" and attributes.get("type") == "file":
            names.append(attributes.get("value", ""))

    def refuse(*_: object) -> None:
        raise UnreadableFileError("the XML declares a document type, which Tiled never does")

    # Not a tree: expat keeps nothing of what it has read, however deep or long the file is.
    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    problem = ""
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, LookupError, ValueError) as error:  # the last two: odd encodings
        problem = f"broken XML: {error}"
    except UnreadableFileError as error:
        problem = error.message
    for name in names:
        yield _tiled_path(place, name)
    if problem:
        raise UnreadableFileError(problem)


def tiled_json_references(place: Place, data: bytes) -> Iterator[str | None]:
    """What a .tmj, .tsj, .tj or .world file names, or a .json file that is one of them.

    Raises:
        UnreadableFileError: broken JSON; never for a .json file that is not Tiled's.
    """
    foreign = place.relative.lower().endswith(".json")
    if foreign and b'"tiledversion"' not in data and b'"tilesets"' not in data:
        if b'"type"' not in data:  # cheap, as most .json files of a project are something else
            return
    try:
        document = json_value(data)
    except UnreadableFileError:
        if foreign:
            return
        raise
    if foreign and not is_tiled(document):
        return
    # A "value" may be an object of the game's own making, with any keys.
    for found in objects_in(document, unseen=frozenset({"value", "data"})):
        for key in _JSON_KEYS:
            yield _tiled_path(place, found.get(key))
        if found.get("type") == "file":
            yield _tiled_path(place, found.get("value"))
    if isinstance(document, dict) and document.get("type") == "world":
        for found in objects_in(document.get("maps")):
            yield _tiled_path(place, found.get("fileName"))


def is_tiled(document: Any) -> bool:
    """Whether a JSON value is a map, tileset, template or world of Tiled."""
    if not isinstance(document, Mapping):
        return False
    if "tiledversion" in document or isinstance(document.get("tilesets"), list):
        return True
    needed = {"map": "layers", "tileset": "tilewidth", "template": "object", "world": "maps"}
    kind = document.get("type")
    return isinstance(kind, str) and kind in needed and needed[kind] in document


def _tiled_path(place: Place, name: object) -> str | None:
    if not isinstance(name, str):
        return None
    if name.startswith("file:///"):
        name = unquote(name[7:])
        name = name[1:] if re.match(r"/[A-Za-z]:/", name) else name
    elif _SCHEME.match(name):  # a picture from the net, or inside the program
        return None
    return place.beside(name)
