"""Twenty queries, English and Chinese, over names of the tiles of Dungeon Crawl Stone Soup.

`tiles.txt` holds the paths of 418 of them as they lie in the tiles' repositories (CC0); the
pictures are made up, as only the words are searched here.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from llamavis_studio.backends.host import InProcessHost
from llamavis_studio.core.project import Project
from llamavis_studio.librarian import Librarian
from tests.library.conftest import Shelf, picture

TILES = Path(__file__).with_name("tiles.txt")

# All hits of a query, in any order.
WHOLE = {
    '"fire dragon"': "item/armour/fire_dragon_armour",
    "dragon -armour": "mon/dragons/golden_dragon mon/dragons/quicksilver_dragon "
    "mon/dragons/storm_dragon mon/dragons/swamp_dragon mon/holy/pearl_dragon "
    "mon/undead/bone_dragon mon/undead/simulacra/simulacrum_dragon "
    "mon/undead/skeletons/skeleton_dragon mon/undead/zombies/zombie_iron_dragon",
    "sword -triple": "item/weapon/double_sword item/weapon/long_sword1 mon/unique/erica_swordless",
    "tag:altars": "dngn/altars/beogh dngn/altars/jiyva01 dngn/altars/xom0",
    "path:dngn/doors closed": "dngn/doors/closed_door dngn/doors/gate_closed_right "
    "dngn/doors/vgate_closed_clear_up",
    "skel*": "mon/undead/skeletons/skeleton_bat mon/undead/skeletons/skeleton_dragon "
    "mon/undead/skeletons/skeleton_humanoid_small mon/undead/skeletons/skeleton_snake",
    "skeletom": "mon/undead/skeletons/skeleton_bat mon/undead/skeletons/skeleton_dragon "
    "mon/undead/skeletons/skeleton_humanoid_small mon/undead/skeletons/skeleton_snake",
    "*jelly*": "mon/aquatic/jellyfish mon/undead/zombies/zombie_jelly",
    "crystal wall": "dngn/wall/crystal_wall_magenta dngn/wall/crystal_wall_red",
    "boots": "item/armour/boots2_jackboots item/armour/boots_art2",
    "wall stone -spider": "dngn/wall/lab-stone0 dngn/wall/stone_black_marked0 "
    "dngn/wall/stone_magic_shelf0 dngn/wall/wall_stone_orc0 dngn/wall/wall_stone_snake0",
    "asdfghjk": "",
}
# What must be among the first so many; nothing in the names says these words.
FIRST = {
    'like:"walking bones"': (5, WHOLE["skel*"] + " mon/undead/bone_dragon"),
    'like:"weapon that shoots arrows"': (1, "item/weapon/ranged/dart-c"),
    "like:shoes": (1, "item/armour/boots_art2"),
    'like:"gold jewellery"': (2, "item/ring/gold_blue item/ring/gold_green"),
    "like:龙": (
        4,
        "mon/dragons/golden_dragon mon/dragons/quicksilver_dragon mon/dragons/storm_dragon "
        "mon/dragons/swamp_dragon",
    ),
    "骷髅": (4, WHOLE["skel*"]),
    "石墙": (6, f"{WHOLE['wall stone -spider']} dngn/wall/wall_stone_spider0"),
    "草地": (
        5,
        "dngn/floor/grass/grass_w dngn/floor/grass/grass_flowers0 "
        "dngn/floor/grass/grass_flowers_red1 dngn/floor/grass/grass-pedestal_ne "
        "dngn/floor/grass/grass-pedestal_nw",
    ),
    "火": (4, "mon/animals/fire_bat mon/mutantbeast/fire1 effect/cloud_fire0 mon/fire_giant"),
    "魔法书": (2, "item/book/cloth item/book/magenta"),
}


@pytest.fixture(scope="module")
def librarian(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Librarian]:
    place = tmp_path_factory.mktemp("tiles")
    shelf = Shelf(place / "game")
    for number, name in enumerate(TILES.read_text("utf-8").splitlines()):
        shelf.write(name, picture(number))
    host = InProcessHost()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(place / "config"))
        made = Librarian(Project.open(shelf.root), host)
    made.update()
    made.embed_words()
    yield made
    made.close()
    host.close()


def names(found: str) -> set[str]:
    return {f"{name}.png" for name in found.split()}


@pytest.mark.parametrize("query", WHOLE)
def test_words_find_exactly_these(librarian: Librarian, query: str) -> None:
    answer = librarian.search(query, limit=100)
    assert {item.file for item in answer.items} == names(WHOLE[query])
    assert bool(answer.changed) == (query == "skeletom")


@pytest.mark.parametrize("query", FIRST)
def test_meaning_finds_these_first(librarian: Librarian, query: str) -> None:
    most, expected = FIRST[query]
    answer = librarian.search(query, limit=most)
    assert {item.file for item in answer.items} == names(expected)
    # Words that no name has are looked for by what they mean, and it is said.
    told = "" if query.startswith("like:") else f"no '{query}': searched by meaning"
    assert answer.changed == told


def test_the_next_page_of_what_was_meant_goes_on(librarian: Librarian) -> None:
    whole = [item.file for item in librarian.search("石墙", limit=20).items]
    first = librarian.search("石墙", limit=8)
    assert first.next is not None
    second = librarian.search("石墙", limit=8, after=first.next)
    assert [item.file for item in (*first.items, *second.items)] == whole[:16]
    misspelt = librarian.search("skeletom", limit=2)
    assert misspelt.next is not None
    rest = librarian.search("skeletom", limit=9, after=misspelt.next)
    both = {item.file for item in (*misspelt.items, *rest.items)}
    assert both == names(WHOLE["skeletom"])
