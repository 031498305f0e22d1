from __future__ import annotations

import shutil
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest

from llamavis_studio.core.asset import Provenance
from llamavis_studio.imaging import png
from llamavis_studio.imaging.png import PROVENANCE_KEY, decode_image, encode_png, read_text_chunks
from llamavis_studio.pipeline import orphans
from llamavis_studio.pipeline.orphans import find_orphans, generated_images
from tests.pipeline.conftest import Game


def left_over(game: Game) -> dict[str, tuple[str, bool]]:
    found = find_orphans(game.project, game.plan())
    return {one.output: (one.reason, one.edited) for one in found}


@pytest.fixture
def built(game: Game) -> Game:
    game.build()
    assert left_over(game) == {}
    return game


def paint(path: Path) -> None:
    """Change one pixel as an editor does that keeps the notes."""
    pixels = decode_image(path).copy()
    pixels[-1, -1] = 255 - pixels[-1, -1] // 2
    path.write_bytes(encode_png(pixels, provenance_json=read_text_chunks(path)[PROVENANCE_KEY]))


def test_an_image_whose_description_is_gone_is_left_over(built):
    (built.root / "hero.desc.toml").unlink()
    assert left_over(built) == {"hero.png": ("its description hero.desc.toml is gone", False)}


def test_a_lowered_count_leaves_the_higher_numbers(built):
    built.describe("tiles/wall", "mossy grey stone, wet", 'kind = "texture"\ncount = 4')
    built.build()
    built.describe("tiles/wall", "mossy grey stone, wet", 'kind = "texture"\ncount = 2')
    assert list(left_over(built)) == ["tiles/wall_2.png", "tiles/wall_3.png"]
    built.describe("tiles/wall", "mossy grey stone, wet", 'kind = "texture"')
    assert list(left_over(built)) == [f"tiles/wall_{i}.png" for i in range(4)]


def test_the_variants_that_were_not_picked_are_left_over_once_the_picked_one_stands(built):
    built.describe("tiles/wall", "mossy grey stone, wet", 'kind = "texture"\ncount = 2\npick = 1')
    assert list(left_over(built)) == ["tiles/wall_0.png"]
    built.build()
    assert built.image("tiles/wall.png").is_file()
    assert list(left_over(built)) == ["tiles/wall_0.png", "tiles/wall_1.png"]


def test_an_asset_removed_from_a_table_is_left_over(game):
    rows = "name,description\nkey,golden key\ngem,red gem\n"
    game.write("items/all.descs.csv", rows)
    game.build()
    game.write("items/all.descs.csv", "name,description\nkey,golden key\n")
    reason = "items/all.descs.csv no longer asks for it"
    assert left_over(game) == {"items/gem.png": (reason, False)}


def test_a_painted_leftover_is_marked(built):
    (built.root / "hero.desc.toml").unlink()
    paint(built.image("hero.png"))
    assert left_over(built)["hero.png"][1]


@pytest.mark.parametrize(
    "text", ["description = ", 'description = ""', 'description = "x"\nbackend = "nope"', "\0"]
)
def test_while_a_description_is_wrong_its_images_are_nobodys_leftovers(built, text):
    built.write("tiles/wall.desc.toml", text)
    assert left_over(built) == {}


def test_while_the_project_file_is_wrong_for_an_asset_nothing_is_left_over(built):
    built.write(
        "llamavis.toml",
        '[project]\nbackend = "toy"\n[style.s]\nadapter = "gone.safetensors"\n'
        '[[folder]]\npath = "**"\nstyle = "s"\n',
    )
    (built.root / "hero.desc.toml").unlink()
    assert list(left_over(built)) == ["hero.png"]  # its description is gone, whatever is wrong


def test_copies_pictures_from_elsewhere_and_links_are_not_left_over(built, tmp_path):
    (built.root / "ui").mkdir()
    shutil.copy(built.image("hero.png"), built.root / "ui" / "hero.png")
    shutil.copy(built.image("hero.png"), built.root / "hero copy.png")
    built.write(".hidden/x", "")
    shutil.copy(built.image("hero.png"), built.root / ".hidden" / "old.png")
    built.write("other/llamavis.toml", "")
    shutil.copy(built.image("hero.png"), built.root / "other" / "old.png")
    (built.root / "linked.png").symlink_to(built.image("hero.png"))
    pixels = decode_image(built.image("hero.png"))
    (built.root / "mine.png").write_bytes(encode_png(pixels))
    (built.root / "broken.png").write_bytes(built.image("hero.png").read_bytes()[:30])
    (built.root / "odd.png").write_bytes(encode_png(pixels, provenance_json="[" * 10**5))
    assert left_over(built) == {}


@pytest.mark.parametrize("source", ["../hero.desc.toml", "/hero.desc.toml", "hero.txt", "", "a\0"])
def test_a_foreign_note_may_name_any_description(built, source):
    note = Provenance.from_json(read_text_chunks(built.image("hero.png"))[PROVENANCE_KEY])
    foreign = note.model_copy(update={"source": source, "build_key": "x"})
    pixels = decode_image(built.image("hero.png"))
    (built.root / "foreign.png").write_bytes(encode_png(pixels, provenance_json=foreign.to_json()))
    for output in left_over(built):
        assert output == "foreign.png"


def test_names_that_differ_in_case_or_normalisation_are_the_same_file(built):
    built.describe("épée", "a sword")
    built.build()
    composed = built.image("épée.png")
    composed.rename(composed.with_name(unicodedata.normalize("NFD", "ÉPÉE.png")))
    assert left_over(built) == {}


def test_looking_decodes_no_pixels_of_what_is_asked_for(built, monkeypatch):
    plan = built.plan()
    decoded = []

    def noted(source, max_side=4096):
        decoded.append(source)
        return png.decode_image(source, max_side)

    monkeypatch.setattr(orphans, "decode_image", noted)
    assert find_orphans(built.project, plan) == ()
    assert [image.output for image in generated_images(built.project)] == [
        "hero.png", "items/剑 🗡.png", "tiles/wall_0.png", "tiles/wall_1.png",
    ]  # fmt: skip
    assert decoded == []
    found = find_orphans(built.project, replace(plan, targets=()))
    assert found == ()  # the descriptions still ask, though the plan knew none


def test_two_assets_with_one_output_are_both_refused_and_nothing_is_left_over(built):
    built.write("tiles/more.descs.csv", "name,description\nWALL_0,stone\n")
    problems = {problem.path: problem.message for problem in built.plan().errors}
    assert set(problems) == {"tiles/more.descs.csv", "tiles/wall.desc.toml"}
    assert left_over(built) == {}


@pytest.mark.parametrize(
    ("one", "two"),
    [("épée", unicodedata.normalize("NFD", "épée")), ("Hero2", "hero2"), ("straße", "strasse")],
    ids=["normalisation", "case", "folding"],
)
def test_outputs_that_some_disks_take_for_one_are_told(game, one, two):
    game.write("a.descs.csv", f"name,description\n{one},one\n")
    game.write("b.descs.csv", f"name,description\n{two},two\n")
    plan = game.plan()
    assert {f"{one}.png", f"{two}.png"}.isdisjoint(p.target.output for p in plan.targets)
    told = [(p.path, p.line, p.hint) for p in plan.errors]
    assert told == [
        ("a.descs.csv", 2, "rename one of the two assets"),
        ("b.descs.csv", 2, "rename one of the two assets"),
    ]
