"""All that is said about an asset, by whom, and what it was drawn from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from llamavis_studio.core.asset import Provenance
from llamavis_studio.core.project import Project
from llamavis_studio.imaging.png import encode_png
from llamavis_studio.library.asset_words import asset_words, drawn_from
from llamavis_studio.library.captioning import (
    ModelWords,
    Wanted,
    count_waiting,
    take_model_words,
    waiting_assets,
)
from llamavis_studio.library.vectors import keep_vectors, waiting_texts
from llamavis_studio.library.words import WordChange
from tests.library.conftest import Shelf, picture

MODEL = "toy 1"


def say(shelf: Shelf, relative: str, text: str, *reasons: str) -> None:
    words = ModelWords(
        shelf.id(relative), relative, text, (("moss", 0.8), ("art", 0.6)), "sprite", MODEL, 0.4,
        not reasons, reasons=reasons,
    )  # fmt: skip
    table = Project.open(shelf.root).file.library
    take_model_words(shelf.library.database, shelf.library.rows, [words], table)


@pytest.fixture
def stone(shelf: Shelf) -> Shelf:
    shelf.write("art/stone.png", picture(1))
    shelf.write("art/wall.png", picture(2))
    shelf.library.update()
    return shelf


def test_each_tag_stands_once_as_who_counts_most_says_it(stone: Shelf) -> None:
    say(stone, "art/stone.png", "a mossy stone", "it is odd", "it is large")
    change = WordChange(add=("wet", "moss"), remove=("art",), caption="my stone")
    stone.library.edits.change({stone.id("art/stone.png"): change}, "a change")
    found = asset_words(stone.library, [stone.id("art/stone.png"), 999])
    assert len(found) == 1
    words = found[0]
    assert [(one.text, one.origin) for one in words.captions] == [
        ("my stone", "human"), ("a mossy stone", "model"),
    ]  # fmt: skip
    said = {tag.name: (tag.origin, tag.source) for tag in words.tags}
    assert said["moss"] == ("human", "user") and said["stone"] == ("imported", "path")
    assert words.taken == ("art",) and "art" not in said
    assert (words.model, words.reasons) == (MODEL, ("it is odd", "it is large"))
    assert words.described > 1_700_000_000 and words.drawn is None
    assert words.colours and sum(share for _, share in words.colours) <= 1.001
    say(stone, "art/stone.png", "a mossy stone")
    assert asset_words(stone.library, [stone.id("art/stone.png")])[0].reasons == ()


def test_what_a_person_writes_counts_more_than_what_it_was_drawn_from(stone: Shelf) -> None:
    made = Provenance(build_key="k", parts={}, prompt="red dragon", seed=7, backend="builtin",
                      source="dragon.desc.toml", pixel_hash="h")  # fmt: skip
    pixels = np.full((8, 8, 3), 120, np.uint8)
    stone.write("dragon.png", encode_png(pixels, provenance_json=made.to_json()))
    stone.library.update()
    asset_id = stone.id("dragon.png")
    assert stone.library.items([asset_id])[0].caption == "red dragon"
    stone.library.edits.change({asset_id: WordChange(caption="Smaug")}, "a change")
    words = asset_words(stone.library, [asset_id])[0]
    assert words.item.caption == words.captions[0].text == "Smaug"
    assert words.captions[1].source == "description"
    assert words.drawn is not None and (words.drawn.seed, words.drawn.prompt) == (7, "red dragon")
    stone.library.edits.change({asset_id: WordChange(caption="")}, "taken back")
    assert stone.library.items([asset_id])[0].caption == "red dragon"


def test_files_without_a_note_were_drawn_from_nothing(tmp_path: Path) -> None:
    assert drawn_from(tmp_path / "none.png") is None
    (tmp_path / "bad.png").write_bytes(b"no picture")
    assert drawn_from(tmp_path / "bad.png") is None


def test_describing_goes_on_behind_an_asset(stone: Shelf) -> None:
    database, wanted = stone.library.database, Wanted()
    first = waiting_assets(database, MODEL, wanted, most=1)[0]
    assert count_waiting(database, MODEL, wanted) == 2
    assert count_waiting(database, MODEL, wanted, first.asset_id) == 1
    rest = waiting_assets(database, MODEL, wanted, after=first.asset_id)
    assert len(rest) == 1 and rest[0] != first


def test_a_text_that_another_studio_drops_gets_no_vector(stone: Shelf) -> None:
    database = stone.library.database
    with database.writing() as connection:
        connection.execute("INSERT INTO text(text) VALUES ('kept'), ('dropped')")
    ids = [row for row, text in waiting_texts(database, "r1") if text in ("kept", "dropped")]
    with database.writing() as connection:
        connection.execute("DELETE FROM text WHERE text = 'dropped'")
    keep_vectors(database, ids, np.eye(2, 384, dtype=np.float32), "r1")
    signs = [row for (row,) in database.execute("SELECT text_id FROM text_sign")]
    assert signs == [ids[0]]
