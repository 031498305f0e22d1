"""A human's words: written beside the images, never lost, and taken back when asked."""

from __future__ import annotations

import json
import shutil

import pytest

from llamavis_studio.core.errors import LibraryError
from llamavis_studio.core.project import Project
from llamavis_studio.core.project_file import LibraryTable
from llamavis_studio.library.captioning import ModelWords, Wanted, take_model_words, waiting_assets
from llamavis_studio.library.tags import delete_tag, rename_tag, tag_counts
from llamavis_studio.library.words import WordChange
from tests.library.conftest import Shelf, picture

MODEL = "toy 1"


def say(shelf: Shelf, relative: str, text: str, *tags: str, model: str = MODEL) -> None:
    """What a model says."""
    words = ModelWords(
        shelf.id(relative),
        relative,
        text,
        tuple((t, 0.8) for t in tags),
        "sprite",
        model,
        0.7,
        True,
    )
    table = Project.open(shelf.root).file.library
    take_model_words(shelf.library.database, shelf.library.rows, [words], table)


def change(shelf: Shelf, relative: str, **what: object) -> list[str]:
    said = shelf.library.edits.change({shelf.id(relative): WordChange(**what)}, "a change")  # type: ignore[arg-type]
    return said.notes


@pytest.fixture
def knight(shelf: Shelf) -> Shelf:
    shelf.write("art/knight.png", picture(1))
    shelf.library.update()
    return shelf


def test_words_are_written_beside_the_image_first(knight: Shelf) -> None:
    change(knight, "art/knight.png", add=("brave", "red cape"), caption="a brave knight")
    values = knight.sidecar("art/knight.json")
    assert values["captions"][0]["text"] == "a brave knight"  # type: ignore[index]
    assert [tag["name"] for tag in values["tags"]] == ["brave", "red cape"]  # type: ignore[union-attr]
    item = knight.library.items([knight.id("art/knight.png")])[0]
    assert (item.caption, item.caption_origin) == ("a brave knight", "human")
    assert knight.tags("art/knight.png")["red cape"] == "human"


def test_they_outlive_the_index(knight: Shelf) -> None:
    change(knight, "art/knight.png", add=("brave",), caption="a brave knight", remove=("knight",))
    before = knight.tags("art/knight.png"), knight.captions("art/knight.png")
    assert "knight" not in before[0]
    knight.close()
    shutil.rmtree(knight.root / ".llamavis")
    knight.library.update()
    assert (knight.tags("art/knight.png"), knight.captions("art/knight.png")) == before


def test_no_model_writes_over_them(knight: Shelf) -> None:
    say(knight, "art/knight.png", "a blue fish", "fish", "blue")
    change(knight, "art/knight.png", remove=("fish",), add=("red",), caption="a red knight")
    say(knight, "art/knight.png", "a green fish", "fish", "green", model="toy 2")
    item = knight.library.items([knight.id("art/knight.png")])[0]
    assert item.caption == "a red knight"
    assert set(item.tags) == {"red", "green", "knight"}
    assert ("model", "toy 2", "a green fish") in knight.captions("art/knight.png")
    assert len(knight.captions("art/knight.png")) == 2


def test_a_described_asset_is_not_described_again(knight: Shelf) -> None:
    knight.write("b.png", picture(2))
    knight.library.update()
    database = knight.library.database
    assert len(waiting_assets(database, MODEL, Wanted())) == 2
    say(knight, "b.png", "a thing")
    change(knight, "art/knight.png", caption="mine")
    assert waiting_assets(database, MODEL, Wanted()) == []
    assert [one.path for one in waiting_assets(database, "toy 2", Wanted())] == ["b.png"]
    assert len(waiting_assets(database, MODEL, Wanted(again=True))) == 1
    assert len(waiting_assets(database, MODEL, Wanted(again=True, everything=True))) == 2
    assert [o.path for o in waiting_assets(database, "t", Wanted(("art",), everything=True))] == [
        "art/knight.png"
    ]


def test_text_sidecars_follow_and_keep_what_others_wrote(knight: Shelf) -> None:
    knight.write("art/knight.txt", "brave, steel\n")
    knight.library.update()
    knight.write("art/knight.txt", "brave, steel, from outside\n")  # since the last import
    change(knight, "art/knight.png", add=("red cape",), remove=("steel",))
    assert knight.read("art/knight.txt") == "brave, from outside, red cape\n"
    assert {"brave", "from outside", "red cape"} <= set(knight.tags("art/knight.png"))
    assert "steel" not in knight.tags("art/knight.png")


def test_a_conflict_keeps_both_and_says_so(knight: Shelf) -> None:
    knight.write("art/knight.caption", "a knight\n")
    knight.library.update()
    knight.write("art/knight.caption", "a tall knight of the north\n")
    notes = change(knight, "art/knight.png", caption="a red knight")
    assert len(notes) == 1
    assert "art/knight.caption" in notes[0]
    texts = {text for _, _, text in knight.captions("art/knight.png")}
    assert texts == {"a red knight", "a tall knight of the north"}
    assert knight.read("art/knight.caption") == "a red knight\n"


def test_a_sheets_table_is_not_written_over(knight: Shelf) -> None:
    table = json.dumps({"frames": {}, "meta": {"image": "knight.png"}})
    knight.write("art/knight.json", table)
    knight.library.update()
    change(knight, "art/knight.png", add=("brave",))
    assert knight.read("art/knight.json") == table
    assert knight.sidecar("art/knight.png.json")["tags"]


def test_images_of_one_name_do_not_share_a_sidecar(knight: Shelf) -> None:
    knight.write("art/knight.webp", picture(3))
    knight.library.update()
    change(knight, "art/knight.png", add=("png one",))
    assert "png one" in knight.tags("art/knight.png")
    assert "png one" not in knight.tags("art/knight.webp")
    assert knight.library.update().words == 0


def test_undo_gives_the_files_and_the_words_back(knight: Shelf) -> None:
    knight.write("art/knight.txt", "brave, steel\n")
    knight.library.update()
    before = knight.tags("art/knight.png")
    change(knight, "art/knight.png", add=("red",), remove=("steel",), caption="mine")
    assert knight.tags("art/knight.png") != before
    what, said = knight.library.edits.undo() or ("", None)
    assert what == "a change"
    assert said is not None
    assert said.notes == []
    assert knight.tags("art/knight.png") == before
    assert knight.read("art/knight.txt") == "brave, steel\n"
    assert not (knight.root / "art" / "knight.json").exists()
    assert knight.library.edits.undo() is None


def test_undo_leaves_what_was_changed_since(knight: Shelf) -> None:
    change(knight, "art/knight.png", add=("red",))
    values = knight.sidecar("art/knight.json")
    values["mine"] = True
    knight.write("art/knight.json", json.dumps(values))
    _, said = knight.library.edits.undo() or ("", None)
    assert said is not None
    assert len(said.notes) == 1
    assert knight.sidecar("art/knight.json")["mine"] is True


def test_renaming_a_tag_everywhere_and_back(knight: Shelf) -> None:
    knight.write("b.png", picture(2))
    knight.write("b.txt", "moss, rock\n")
    knight.write("c.png", picture(3))
    knight.library.update()
    say(knight, "c.png", "a rock", "rock")
    before = knight.read("llamavis.toml")
    library = knight.library
    config = library.project.config_path
    said = rename_tag(library.database, library.edits, config, "rock", "Stone")
    assert said.assets == 2
    assert knight.read("b.txt") == "moss, Stone\n"
    assert "stone" in knight.tags("b.png")
    assert "stone" in knight.tags("c.png")
    assert all(tag.name != "rock" for tag in tag_counts(library.database))
    # From now on the model's word is another one.
    say(knight, "c.png", "a rock", "rock")
    assert knight.tags("c.png").keys() == {"stone"}
    library.edits.undo()
    assert knight.read("llamavis.toml") == before
    assert knight.read("b.txt") == "moss, rock\n"
    assert {"rock"} == set(knight.tags("c.png"))


def test_deleting_a_tag_everywhere_and_back(knight: Shelf) -> None:
    knight.write("b.png", picture(2))
    knight.write("b.txt", "moss, rock\n")
    knight.library.update()
    say(knight, "art/knight.png", "a rock", "rock")
    library = knight.library
    delete_tag(library.database, library.edits, library.project.config_path, "rock")
    assert knight.read("b.txt") == "moss\n"
    say(knight, "art/knight.png", "a rock", "rock")
    assert "rock" not in knight.tags("art/knight.png")
    library.edits.undo()
    assert "rock" in knight.tags("b.png")


def test_a_tag_that_is_not_there_has_a_neighbour(knight: Shelf) -> None:
    library = knight.library
    with pytest.raises(LibraryError) as caught:
        rename_tag(library.database, library.edits, library.project.config_path, "knigt", "x")
    assert caught.value.hint == "did you mean 'knight'?"


def test_captions_of_models_take_the_projects_form(knight: Shelf) -> None:
    knight.write(
        "llamavis.toml",
        '[library]\ncaption_prefix = "pixel art, "\ncaption_template = "{caption} ({kind})"\n'
        'exclude_tags = ["blurry"]\n',
    )
    say(knight, "art/knight.png", "a knight", "blurry", "steel")
    assert knight.captions("art/knight.png")[0][2] == "pixel art, a knight (sprite)"
    assert "blurry" not in knight.tags("art/knight.png")
    assert LibraryTable().caption_template == "{caption}"
