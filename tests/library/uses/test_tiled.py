"""Maps of Tiled and LDtk, and what hostile XML and JSON come to."""

from __future__ import annotations

import json
from typing import Any

import pytest

from llamavis_studio.library.uses.reading import references_in

MAP = """<?xml version="1.0" encoding="UTF-8"?>
<map version="1.10" tiledversion="1.11.2" orientation="orthogonal" width="2" height="1">
 <properties><property name="music" type="file" value="../music/cave.ogg"/>
  <property name="note" value="../no.txt"/></properties>
 <tileset firstgid="1" source="../tilesets/cave.tsx"/>
 <tileset firstgid="65" name="inline"><image source="..\\art\\walls &amp; floors.png"/></tileset>
 <layer id="1" width="2" height="1"><data encoding="csv">1,2</data></layer>
 <imagelayer id="2"><image source="sky.png"/></imagelayer>
 <objectgroup id="3"><object id="1" template="../templates/door.tx"/></objectgroup>
 <imagelayer id="4"><image source="https://example.org/a.png"/></imagelayer>
 <imagelayer id="5"><image source="file:///C:/Games/demo/art/a%20b.png"/></imagelayer>
</map>
"""


def test_a_map() -> None:
    found = references_in("maps/cave.tmx", MAP.encode(), {}, root="C:\\games\\demo")
    assert found.problem == ""
    assert found.paths == (
        "art/a b.png",
        "art/walls & floors.png",
        "maps/sky.png",
        "music/cave.ogg",
        "templates/door.tx",
        "tilesets/cave.tsx",
    )


def test_a_tileset_of_single_pictures_and_a_template() -> None:
    tileset = b'<tileset name="t"><tile id="0"><image source="t/a.png"/></tile></tileset>'
    assert references_in("t.tsx", tileset, {}).paths == ("t/a.png",)
    template = (
        b'<?xml version="1.0"?><template><tileset source="t.tsx"/><object gid="1"/></template>'
    )
    assert references_in("x/door.tx", template, {}).paths == ("x/t.tsx",)


def test_typescript_is_no_tileset() -> None:
    source = b"export const App = () => <image source='a.png' />;\n"
    assert references_in("web/App.tsx", source, {}) == references_in("x.txt", b"", {})
    assert "no XML" in references_in("web/App.tmx", source, {}).problem


def test_a_billion_laughs_are_refused() -> None:
    lines = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
    xml = f'<?xml version="1.0"?><!DOCTYPE m [<!ENTITY l0 "ha">{lines}]><map a="&l9;"/>'
    assert "document type" in references_in("m.tmx", xml.encode(), {}).problem
    outside = b'<?xml version="1.0"?><!DOCTYPE map SYSTEM "file:///etc/passwd"><map/>'
    assert "document type" in references_in("m.tmx", outside, {}).problem


def test_a_broken_map_keeps_what_was_read() -> None:
    cut = MAP.index('<tileset firstgid="65"') + 30
    found = references_in("maps/cave.tmx", MAP.encode()[:cut], {})
    assert found.paths == ("music/cave.ogg", "tilesets/cave.tsx")
    assert "broken XML" in found.problem
    assert references_in("m.tmx", b"<map>" * 100_000, {}).problem
    assert references_in("m.tmx", b'<?xml version="1.0" encoding="hex"?><map/>', {}).problem
    assert references_in("m.tmx", b'<?xml version="1.0" encoding="gbk"?><map/>', {}).problem


MAP_JSON: dict[str, Any] = {
    "type": "map",
    "tiledversion": "1.11.2",
    "layers": [
        {"type": "imagelayer", "image": "sky.png"},
        {"type": "group", "layers": [{"objects": [{"template": "../door.tj"}]}]},
        {"type": "tilelayer", "data": [1, 2, 3]},
    ],
    "properties": [
        {"name": "a", "type": "file", "value": "../song.ogg"},
        {"name": "b", "type": "class", "value": {"image": "no.png"}},
    ],
    "tilesets": [
        {"firstgid": 1, "source": "cave.tsj"},
        {"firstgid": 2, "image": "../art/a.png", "tiles": [{"id": 0, "image": "one.png"}]},
    ],
}
MAP_PATHS = ("art/a.png", "door.tj", "maps/cave.tsj", "maps/one.png", "maps/sky.png", "song.ogg")


@pytest.mark.parametrize("name", ["maps/cave.tmj", "maps/cave.json"])
def test_a_map_as_json(name: str) -> None:
    found = references_in(name, json.dumps(MAP_JSON).encode(), {})
    assert (found.paths, found.problem) == (MAP_PATHS, "")


@pytest.mark.parametrize(
    ("document", "paths"),
    [
        ({"type": "tileset", "tilewidth": 8, "image": "a.png"}, ("a.png",)),
        ({"type": "tileset", "image": "a.png"}, ()),
        ({"type": "map", "image": "a.png"}, ()),
        ({"image": "a.png"}, ()),
        ({"type": ["map"], "image": "a.png"}, ()),
        (["tiledversion", {"image": "a.png"}], ()),
        ({"type": "world", "maps": [{"fileName": "a.tmx", "x": 0}]}, ("a.tmx",)),
        ({"tilesets": [{"image": 7, "source": None}]}, ()),
    ],
)
def test_which_json_is_tiled(document: Any, paths: tuple[str, ...]) -> None:
    found = references_in("a.json", json.dumps(document).encode(), {})
    assert (found.paths, found.problem) == (paths, "")


def test_json_that_is_hostile() -> None:
    deep = b'{"tiledversion":' + b"[" * 100_000
    assert "nested" in references_in("a.tmj", deep, {}).problem
    assert references_in("a.json", deep, {}).problem == ""  # not ours to complain about
    closed = b'{"tilesets":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    assert "nested" in references_in("a.tmj", closed, {}).problem
    assert "4 million" in references_in("a.tsj", b"[" + b"[]," * 4_000_000, {}).problem
    assert "not JSON" in references_in("a.tmj", b'{"a": ' + b"9" * 10_000 + b"}", {}).problem
    assert "not JSON" in references_in("a.ldtk", b"\xff\xfe{}", {}).problem


def test_ldtk() -> None:
    project = {
        "__header__": {"app": "LDtk"},
        "defs": {"tilesets": [{"relPath": "../art/tiles.png"}, {"relPath": None}]},
        "worlds": [
            {
                "levels": [
                    {"bgRelPath": "sky.png", "externalRelPath": "demo/Level_0.ldtkl"},
                    {
                        "fieldInstances": [
                            {"__type": "FilePath", "__value": "a.ogg"},
                            {"__type": "Array<FilePath>", "__value": ["b.ogg", None]},
                            {"__type": "String", "__value": "c.ogg"},
                        ]
                    },
                ]
            }
        ],
    }
    found = references_in("maps/demo.ldtk", json.dumps(project).encode(), {})
    assert found.problem == ""
    assert found.paths == (
        "art/tiles.png",
        "maps/a.ogg",
        "maps/b.ogg",
        "maps/demo/Level_0.ldtkl",
        "maps/sky.png",
    )
    level = {"bgRelPath": "sky.png", "layerInstances": [{"__tilesetRelPath": "../art/tiles.png"}]}
    found = references_in("maps/demo/Level_0.ldtkl", json.dumps(level).encode(), {})
    assert found.paths == ("art/tiles.png", "maps/sky.png")
