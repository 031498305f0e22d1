"""Assets that move: pictures, words, seeds and whatever names them come along."""

from __future__ import annotations

from pathlib import Path

import pytest

from llamavis_studio.core.errors import ProjectError
from llamavis_studio.core.file_change import ChangeKind
from llamavis_studio.core.hashing import derived_seed
from llamavis_studio.file_actions.moving import Redrawn
from llamavis_studio.studio import Studio
from tests.file_actions.hands import all_fresh, files, move, pixels, source_of
from tests.library.conftest import picture
from tests.support.games import described, make_game
from tests.support.studios import opened, states

# --- one asset -----------------------------------------------------------------------------------


def test_a_moved_asset_keeps_its_picture_and_all_that_belongs_to_it(studio: Studio) -> None:
    root = studio.root
    assert all_fresh(studio)
    before = pixels(studio, "hero.png")
    (root / "hero.png.import").write_text('[remap]\nuid="uid://abc"\n')
    (root / "hero.txt").write_text("knight, red\n")
    done = move(studio, "people/heroes/", "hero.png")
    assert done.change.kind is ChangeKind.MOVE and done.change.subject == "hero → people/heroes/"
    assert not [name for name in files(studio) if name.startswith("hero")]
    there = {name for name in files(studio) if name.startswith("people/heroes/")}
    assert there == {
        f"people/heroes/hero{end}"
        for end in (".desc.toml", ".png", ".png.import", ".txt", "_sheet.png", "_sheet.json")
    }
    seed = derived_seed("hero")
    assert done.seeds == (("people/heroes/hero.png", seed),)
    text = (root / "people/heroes/hero.desc.toml").read_text()
    assert text == (
        "#:schema ../../.llamavis/schema/description.schema.json\n# the hero\n"
        f'description = "brave red knight"\nseed = {seed}\n[animation]\nwalk = {{ frames = 2 }}\n'
    )
    assert pixels(studio, "people/heroes/hero.png") == before
    assert source_of(studio, "people/heroes/hero_sheet.png") == "people/heroes/hero.desc.toml"
    assert all_fresh(studio)


def test_a_new_name_in_another_folder(studio: Studio) -> None:
    done = move(studio, "people/paladin", "hero.desc.toml")
    assert done.change.subject == "hero → people/paladin"
    assert done.change.outputs == ("people/paladin.png", "people/paladin_sheet.png")
    assert '"image": "paladin_sheet.png"' in (
        studio.root / "people/paladin_sheet.json"
    ).read_text()  # fmt: skip
    assert all_fresh(studio)


def test_a_seed_that_is_written_already_is_left_alone(studio: Studio) -> None:
    move(studio, "people/", "hero.png")
    text = (studio.root / "people/hero.desc.toml").read_bytes()
    done = move(studio, "folk/", "people/hero.png")
    assert done.seeds == () and (studio.root / "folk/hero.desc.toml").read_bytes() == text


def test_what_others_and_itself_name_is_found_from_the_new_place(studio: Studio) -> None:
    root = studio.root
    done = move(studio, "people/old/", "art/lady.png")
    assert done.follows == ()
    text = (root / "people/old/lady.desc.toml").read_text()
    assert 'references = ["../../art/photo.png", "art/photo.png"] # kept' in text
    assert 'palette = "warm"' in text
    assert all_fresh(studio)
    done = move(studio, "inputs/pictures/", "art/photo.png", "art/warm.hex")
    assert done.change.moves == (
        ("art/photo.png", "inputs/pictures/photo.png"),
        ("art/photo.txt", "inputs/pictures/photo.txt"),
        ("art/warm.hex", "inputs/pictures/warm.hex"),
    )
    assert set(done.follows) == {
        "llamavis.toml", "art/troll.desc.toml", "items/many.descs.toml", "items/more.descs.csv",
        "people/old/lady.desc.toml",
    }  # fmt: skip
    config = (root / "llamavis.toml").read_text()
    assert 'references = ["inputs/pictures/photo.png"]' in config
    assert 'warm = "inputs/pictures/warm.hex"' in config
    assert "../inputs/pictures/photo.png" in (root / "items/more.descs.csv").read_text()
    with opened(root) as again:  # llamavis.toml is another
        assert all_fresh(again)


def test_a_file_that_would_hide_another_takes_no_name_from_it(studio: Studio) -> None:
    # `art/photo.png` is named from the root; a second one comes to lie beside who names it.
    root = studio.root
    (root / "people/art").mkdir(parents=True)
    move(studio, "people/", "art/lady.png")
    (root / "photo.png").write_bytes(picture(8))
    assert all_fresh(studio)
    move(studio, "people/art/", "photo.png")
    assert '"../art/photo.png"' in (root / "people/lady.desc.toml").read_text()
    assert all_fresh(studio)


def test_older_versions_and_library_rows_go_along(studio: Studio) -> None:
    root = studio.root
    (root / "hero.desc.toml").write_text(described("brave blue knight"))
    studio.build()
    library = studio.library
    library.update()
    asset = library.library.find(root / "hero.png")
    library.say([asset], add=("brave",), caption="our hero")
    library.library.database.execute(
        "INSERT INTO caption VALUES (?, 'model', 'seer 1', 'a red man', 0.5, 1)", (asset,)
    )
    move(studio, "people/", "hero.png")
    assert library.library.find(root / "people/hero.png") == asset
    library.update()
    [item] = library.library.items([asset])
    assert item.file == "people/hero.png" and not item.missing
    assert (item.caption, "brave" in item.tags) == ("our hero", True)
    texts = library.library.database.execute(
        "SELECT text FROM caption WHERE asset_id = ?", (asset,)
    )
    assert ("a red man",) in set(texts)
    assert [one.file for one in library.search("tag:brave").items] == ["people/hero.png"]
    undone = library.library.edits.undo()
    assert undone is not None and undone[1].notes == []
    assert "brave" not in library.library.items([asset])[0].tags
    assert not (root / "hero.json").exists() and not (root / "people/hero.json").exists()
    studio.restore(root / "people/hero.png")
    assert states(studio)["people/hero.png"][0] == "fresh"


def test_permissions_stay(studio: Studio) -> None:
    (studio.root / "hero.desc.toml").chmod(0o640)
    move(studio, "people/", "hero.png")
    assert (studio.root / "people/hero.desc.toml").stat().st_mode & 0o777 == 0o640


# --- many ----------------------------------------------------------------------------------------


def test_a_file_of_many_takes_all_its_pictures_along(studio: Studio) -> None:
    before = {name: pixels(studio, f"items/{name}.png") for name in ("red", "blue", "key", "gem")}
    done = move(studio, "loot/deep/", "items/many.descs.toml", "items/more.descs.csv")
    assert not [name for name in files(studio) if name.startswith("items/")]
    assert {name: pixels(studio, f"loot/deep/{name}.png") for name in before} == before
    text = (studio.root / "loot/deep/many.descs.toml").read_text()
    assert text.startswith("# potions\n") and '"red potion" # hot' in text
    assert f"seed = {derived_seed('items/red')}\n" in text and "# cold\n[[asset]]" in text
    assert text.count("seed") == 2 and len(done.seeds) == 3
    assert '"../../art/photo.png"' in text
    assert all_fresh(studio)


def test_a_folder_goes_as_a_whole(studio: Studio) -> None:
    root = studio.root
    (root / "art/deep").mkdir()
    move(studio, "art/deep/", "hero.png")
    move(studio, "art/", "items")
    assert not (root / "items").exists() and (root / "art/items/red.png").is_file()
    assert all_fresh(studio)
    (root / "art/notes.md").write_text("mine")
    before = files(studio)
    done = move(studio, "pictures", "art")
    assert done.change.subject == "art/ → pictures/" and done.stays == ("art/notes.md",)
    assert {name for name in files(studio) if name.startswith("art/")} == {"art/notes.md"}
    assert (root / "pictures/deep/hero_sheet.json").is_file()
    assert 'references = ["photo.png", "pictures/photo.png"]' in (
        (root / "pictures/lady.desc.toml").read_text()
    )
    with opened(root) as again:
        assert all_fresh(again)
    studio.files.apply(done.change.reversed())
    assert files(studio) == before


def test_shells_name_more_than_is_needed(studio: Studio) -> None:
    names = sorted(name for name in files(studio) if name.startswith(("items/", "art/")))
    done = move(studio, "all/", *names)
    assert not [name for name in files(studio) if name.startswith(("items/", "art/"))]
    assert len(done.change.moves) == len(set(done.change.moves))
    with opened(studio.root) as again:
        assert all_fresh(again)


def test_one_of_many_is_renamed_by_its_name_and_does_not_leave_its_file(studio: Studio) -> None:
    before = files(studio)
    with pytest.raises(ProjectError, match=r"described in 'items/many\.descs\.toml'"):
        move(studio, "loot/", "items/red.png")
    assert files(studio) == before
    done = move(studio, "items/crimson", "items/red")
    assert done.change.kind is ChangeKind.RENAME
    assert 'name = "crimson"' in (studio.root / "items/many.descs.toml").read_text()
    assert all_fresh(studio)
    move(studio, "items/potions", "items/many.descs.toml")  # the file alone: no picture changes
    assert source_of(studio, "items/blue.png") == "items/potions.descs.toml"
    assert all_fresh(studio)


def test_thousands_of_rows_take_seconds(tmp_path: Path, instant_backend: None) -> None:
    rows = "".join(f"a{number},a thing {number}\n" for number in range(1500))
    root = make_game(tmp_path / "game", {"t/many.descs.csv": f"name,description\n{rows}"})
    with opened(root) as studio:
        move(studio, "u/", "t/many.descs.csv")
        text = (root / "u/many.descs.csv").read_text()
        assert text.splitlines()[1500] == f"a1499,a thing 1499,{derived_seed('t/a1499')}"


# --- folder rules --------------------------------------------------------------------------------


def test_another_kind_is_told_and_drawn_anew_or_kept(studio: Studio) -> None:
    told = move(studio, "people/", "tiles/wall.png", dry_run=True)
    assert (studio.root / "tiles/wall.png").is_file()
    reason = "folder rules change its kind there: texture -> sprite"
    assert told.redrawn == (Redrawn("people/wall.png", reason),)
    done = move(studio, "people/", "tiles/wall.png", keep_rules=True)
    assert done.redrawn == () and all_fresh(studio)
    assert 'kind = "texture"' in (studio.root / "people/wall.desc.toml").read_text()
    assert move(studio, "tiles/", "art/troll_1.png").redrawn[0].image == "tiles/troll_0.png"
    assert states(studio)["tiles/troll_0.png"][0] == "stale"
    assert move(studio, "art/", "tiles/troll.desc.toml").redrawn == ()  # back, it is as it was
    assert all_fresh(studio)


def test_another_style_is_told(studio: Studio) -> None:
    done = move(studio, "dark/", "hero.png")
    assert done.redrawn == (
        Redrawn("dark/hero.png", "folder rules change its style there: none -> dark"),
    )  # fmt: skip
    assert states(studio)["dark/hero.png"][0] == "stale"


# --- the game's files ----------------------------------------------------------------------------


def test_the_games_files_are_told_and_changed_when_asked(studio: Studio) -> None:
    root = studio.root
    studio.library.update()
    before = files(studio)
    done = move(studio, "people/", "hero.png")
    assert done.change.uses == (("level.tscn", "hero.png"),) and done.updated == ()
    assert files(studio)["level.tscn"] == before["level.tscn"]
    studio.files.apply(done.change.reversed())
    assert files(studio) == before
    done = move(studio, "people/", "hero.png", "tiles/wall.png", update_uses=True)
    assert set(done.updated) == {"level.tscn", "maps/town.tmj"} and done.change.uses == ()
    assert files(studio)["level.tscn"] == before["level.tscn"].replace(
        b"res://hero.png", b"res://people/hero.png"
    )
    assert b'"..\\/people\\/wall.png"' in (root / "maps/town.tmj").read_bytes()
    studio.files.apply(done.change.reversed())
    assert files(studio) == before
