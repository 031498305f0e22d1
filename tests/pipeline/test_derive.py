"""Maps and sheets follow the pixels of the image they are made from."""

from __future__ import annotations

import json

import numpy as np
import pytest

from llamavis_studio.core.asset import Provenance
from llamavis_studio.imaging.png import (
    PROVENANCE_KEY,
    decode_image,
    encode_png,
    read_text_chunks,
)
from llamavis_studio.pipeline.build import Result
from tests.pipeline.conftest import Game, draw

WALKS = (
    "size = [16, 16]\n[animation]\n"
    "idle = { frames = 2, fps = 4 }\nwalk = { frames = 4, fps = 8.0 }\n"
)


@pytest.fixture
def game(empty_game: Game) -> Game:
    return empty_game


def build(game: Game, **more: object) -> dict[str, str]:
    """Both stages, as a studio builds them; what became of each output."""
    first = [t for t in game.plan().to_build() if not t.base]
    outcomes = game.build(**more, only=first)
    outcomes += game.build(**more, only=[t for t in game.plan().to_build() if t.base])
    return {outcome.target.output: outcome.result.value for outcome in outcomes}


def test_an_animation_becomes_a_sheet_with_a_table(game: Game) -> None:
    game.describe("hero", "hero", WALKS)
    assert game.states() == {"hero.png": "missing", "hero_sheet.png": "missing"}
    assert build(game) == {"hero.png": "built", "hero_sheet.png": "built"}
    assert game.states() == {"hero.png": "fresh", "hero_sheet.png": "fresh"}
    table = json.loads((game.root / "hero_sheet.json").read_text())
    assert [tag["name"] for tag in table["meta"]["frameTags"]] == ["idle", "walk"]
    assert len(table["frames"]) == 6
    first = table["frames"][0]["frame"]
    sheet, hero = decode_image(game.root / "hero_sheet.png"), decode_image(game.root / "hero.png")
    corner = sheet[first["y"] : first["y"] + first["h"], first["x"] : first["x"] + first["w"]]
    assert np.array_equal(corner[..., 3] > 0, hero[..., 3] > 0)
    note = Provenance.from_json(read_text_chunks(game.root / "hero_sheet.png")[PROVENANCE_KEY])
    assert note.prompt == "hero" and note.source == "hero.desc.toml"


def test_a_second_build_does_nothing(game: Game) -> None:
    game.describe("hero", "hero", WALKS)
    build(game)
    before = game.stamps()
    assert build(game) == {}
    assert game.stamps() == before


def test_other_words_make_the_image_and_then_its_sheet_anew(game: Game) -> None:
    game.describe("hero", "hero", WALKS)
    build(game)
    game.describe("hero", "villain", WALKS)
    assert game.reason("hero_sheet.png") == "the image it is made from changed"
    assert build(game) == {"hero.png": "built", "hero_sheet.png": "built"}


def test_a_sheet_follows_what_a_hand_painted(game: Game) -> None:
    game.describe("hero", "hero", WALKS)
    build(game)
    path = game.root / "hero.png"
    pixels = decode_image(path)
    pixels[8, 8] = (1, 2, 3, 255)
    note = read_text_chunks(path)[PROVENANCE_KEY]
    path.write_bytes(encode_png(pixels, provenance_json=note))
    assert game.states() == {"hero.png": "edited", "hero_sheet.png": "stale"}
    assert build(game) == {"hero_sheet.png": "built"}
    sheet = decode_image(game.root / "hero_sheet.png")
    assert ((sheet == (1, 2, 3, 255)).all(axis=2)).any()
    assert game.states() == {"hero.png": "edited", "hero_sheet.png": "fresh"}


def test_a_sheet_is_made_of_a_locked_image_too(game: Game) -> None:
    (game.root / "hero.png").write_bytes(encode_png(np.full((8, 8, 4), 200, np.uint8)))
    game.describe("hero", "hero", "locked = true\n" + WALKS)
    assert build(game) == {"hero_sheet.png": "built"}


def test_frames_and_motion_are_reasons_of_the_sheet_alone(game: Game) -> None:
    game.describe("hero", "hero", WALKS)
    build(game)
    game.describe("hero", "hero", WALKS.replace("frames = 4", 'frames = 6, motion = "jump"'))
    assert game.states() == {"hero.png": "fresh", "hero_sheet.png": "stale"}
    assert "the way it is made" in game.reason("hero_sheet.png")


def test_a_missing_table_is_written_again(game: Game) -> None:
    game.describe("hero", "hero", WALKS)
    build(game)
    (game.root / "hero_sheet.json").unlink()
    assert game.reason("hero_sheet.png") == "hero_sheet.json is missing"
    build(game)
    assert (game.root / "hero_sheet.json").is_file()


def test_a_painted_sheet_is_nobodys_to_overwrite(game: Game) -> None:
    game.describe("hero", "hero", WALKS)
    build(game)
    path = game.root / "hero_sheet.png"
    pixels = decode_image(path)
    pixels[0, 0] = (9, 9, 9, 255)
    path.write_bytes(encode_png(pixels, provenance_json=read_text_chunks(path)[PROVENANCE_KEY]))
    game.describe("hero", "villain", WALKS)
    painted = path.read_bytes()
    build(game)
    assert path.read_bytes() == painted
    assert game.states()["hero_sheet.png"] == "edited"


def test_an_image_that_changed_since_the_plan_fails_its_sheet_alone(game: Game) -> None:
    game.describe("hero", "hero", WALKS)
    build(game)
    game.describe("hero", "hero", WALKS.replace("frames = 2", "frames = 3"))
    (sheet,) = game.plan().to_build()
    (game.root / "hero.png").write_bytes(encode_png(np.zeros((4, 4, 4), np.uint8)))
    (outcome,) = game.build(only=[sheet])
    assert outcome.result is Result.FAILED and "changed meanwhile" in outcome.message


def test_an_image_that_fails_leaves_its_sheet_unmade(game: Game) -> None:
    game.describe("hero", "hero", WALKS)

    def fails(requests):
        results = draw(requests)
        return [r.__class__(np.zeros((0, 0, 4), np.uint8), "", r.seed) for r in results]

    found = build(game, generate=fails)
    assert found == {"hero.png": "failed", "hero_sheet.png": "failed"}
    assert not (game.root / "hero_sheet.png").exists()


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ('kind = "texture"\n[animation]\nidle = { frames = 2 }', "has no animations"),
        ('[animation]\nidle = { frames = 2, motion = "bop" }', "no motion 'bop'"),
    ],
)
def test_what_cannot_be_made_is_a_problem_at_its_key(game: Game, more: str, words: str) -> None:
    game.describe("hero", "hero", more)
    (problem,) = game.plan().errors
    assert words in problem.message
    assert problem.path == "hero.desc.toml" and problem.line > 1


def test_outputs_that_would_meet_are_told(game: Game) -> None:
    game.describe("hero", "hero", WALKS)
    game.describe("hero_sheet", "a sheet of paper")
    messages = [problem.message for problem in game.plan().errors]
    assert any("hero_sheet.png is also the output of" in message for message in messages)


def test_a_picked_variant_is_built_alone_from_its_own_pixels(game: Game) -> None:
    game.describe("hero", "hero", "count = 3")
    build(game)
    third = decode_image(game.root / "hero_2.png")
    game.describe("hero", "hero", "count = 3\npick = 2")
    assert game.states() == {"hero.png": "missing"}
    game.calls.clear()
    from tests.pipeline.test_edits import edits

    build(game, edit_for=edits(game))
    assert game.calls == []
    assert np.array_equal(decode_image(game.root / "hero.png"), third)
    (game.root / "hero_2.png").unlink()
    (game.root / "hero.png").unlink()
    build(game)
    assert np.array_equal(decode_image(game.root / "hero.png"), third)


def test_a_pick_beyond_the_variants_is_a_problem(game: Game) -> None:
    game.describe("hero", "hero", "count = 3\npick = 3")
    (problem,) = game.plan().errors
    assert "0 to 2" in problem.message and problem.line == 3


MAPS = (
    'kind = "texture"\nsize = [16, 16]\n[material]\n'
    'maps = ["base_color", "normal", "roughness", "height", "occlusion", "orm"]\n'
)


def test_a_material_has_its_maps_beside_it(game: Game) -> None:
    game.describe("wall", "stone wall", MAPS)
    names = ("", "_normal", "_roughness", "_height", "_occlusion", "_orm")
    assert build(game) == {f"wall{name}.png": "built" for name in names}
    assert set(game.states().values()) == {"fresh"}
    assert decode_image(game.root / "wall_normal.png").shape == (16, 16, 3)
    assert build(game) == {}


def test_a_strength_makes_only_the_maps_stale_that_have_it(game: Game) -> None:
    game.describe("wall", "stone wall", MAPS)
    build(game)
    game.describe("wall", "stone wall", MAPS + "normal_strength = 4.0\n")
    stale = {name for name, state in game.states().items() if state == "stale"}
    assert stale == {"wall_normal.png"}
    game.describe("wall", "stone wall", MAPS + "metallic = 1.0\n")
    stale = {name for name, state in game.states().items() if state == "stale"}
    assert stale == {"wall_orm.png"}
