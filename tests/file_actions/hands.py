"""A game with every sort of asset, all drawn, and somebody who moves things in it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from llamavis_studio.core.asset import Provenance
from llamavis_studio.file_actions.moving import Moving
from llamavis_studio.imaging.png import PROVENANCE_KEY, decode_image, read_text_chunks
from llamavis_studio.studio import Studio
from tests.library.conftest import picture
from tests.support.games import PROJECT, described, make_game, on_disk
from tests.support.studios import opened, states

FILES = {
    "llamavis.toml": PROJECT + '[[folder]]\npath = "tiles/**"\nkind = "texture"\n'
    '[[folder]]\npath = "dark/**"\nstyle = "dark"\n'
    '[style.dark]\nreferences = ["art/photo.png"]\nprefix = "dark"\n'
    '[palettes]\nwarm = "art/warm.hex"\n',
    "hero.desc.toml": "#:schema .llamavis/schema/description.schema.json\n# the hero\n"
    + described("brave red knight", "[animation]\nwalk = { frames = 2 }\n"),
    "art/lady.desc.toml": described(
        "a lady", 'references = ["photo.png", "art/photo.png"] # kept\npalette = "warm"\n'
    ),
    "art/troll.desc.toml": described("a troll", 'palette = "warm.hex"\ncount = 2\n'),
    "art/warm.hex": "ff0000\n00ff00\n",
    "tiles/wall.desc.toml": described("brown brick", 'style = "dark"\n'),
    "items/many.descs.toml": "# potions\n\n"
    '[[asset]]\nname = "red"\ndescription = "red potion" # hot\n'
    'references = ["../art/photo.png"]\n\n'
    '# cold\n[[asset]]\nname = "blue"\ndescription = "blue potion"\nseed = 3\n',
    "items/more.descs.csv": "name,description,references\n"
    'key,"golden, old key",../art/photo.png\ngem,green gem,\n',
    "project.godot": "config_version=5\n",
    "level.tscn": '[gd_scene load_steps=2 format=3]\n\n[ext_resource type="Texture2D" '
    'uid="uid://abc" path="res://hero.png" id="1"]\n\n[node name="A" type="Sprite2D"]\n'
    'texture = ExtResource("1")\n',
    "maps/town.tmj": '{"tiledversion": "1.10", "type": "map", "tilesets": [{"image": '
    '"..\\/tiles\\/wall.png", "name": "wall"}], "layers": []}\n',
}
_BUILT: list[Path] = []


def built(factory: pytest.TempPathFactory) -> Path:
    """The game with all its images, drawn once for all tests."""
    if not _BUILT:
        root = make_game(factory.mktemp("built") / "game", FILES)
        (root / "art/photo.png").write_bytes(picture(5))
        (root / "art/photo.txt").write_text("a photo\n")
        with opened(root) as studio:
            studio.build()
        shutil.rmtree(root / ".llamavis")
        _BUILT.append(root)
    return _BUILT[0]


def move(studio: Studio, dest: str, *sources: str, **options: Any) -> Moving:
    return studio.files.move([studio.root / one for one in sources], dest, **options)


def files(studio: Studio) -> dict[str, bytes]:
    return {name: data for name, (_, data) in on_disk(studio.root).items()}


def all_fresh(studio: Studio) -> bool:
    return {state for state, _ in states(studio).values()} == {"fresh"}


def pixels(studio: Studio, name: str) -> bytes:
    return decode_image(studio.root / name).tobytes()


def source_of(studio: Studio, name: str) -> str:
    return Provenance.from_json(
        read_text_chunks(studio.root / name)[PROVENANCE_KEY]
    ).source  # fmt: skip
