"""`llamavis explain`: words, shares and a sheet of heat maps of one image of a project."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from llamavis_studio.cli import run
from llamavis_studio.imaging.png import decode_image
from tests.support.games import described, make_game


@pytest.fixture(autouse=True)
def game(instant_backend: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    root = make_game(
        tmp_path / "game",
        {
            "hero.desc.toml": described("brave WHAT knight", 'kind = "sprite"\nsize = [24, 16]\n'),
            "龙.desc.toml": described("红 龙"),
            "many.desc.toml": described("slime", "count = 2\n"),
        },
    )
    monkeypatch.chdir(root)
    assert run(["build", "--json"]) == 0
    return root


def test_it_says_where_words_acted(capfd: pytest.CaptureFixture[str]) -> None:
    capfd.readouterr()
    assert run(["explain", "hero.png"]) == 0
    told = capfd.readouterr()
    assert 'hero.png  "brave WHAT knight"' in told.out
    assert "brave: 100% where most, 33% on the whole" in told.out
    assert "after: a picture (25%)" in told.out
    assert "the model does not know: WHAT" in told.out
    assert told.err == ""


def test_json_has_a_map_of_the_output_for_each_word(capfd: pytest.CaptureFixture[str]) -> None:
    capfd.readouterr()
    assert run(["explain", "hero.desc.toml", "--json"]) == 0
    found = json.loads(capfd.readouterr().out)
    assert (found["file"], found["likeness"]) == ("hero.png", "same")
    assert [one["word"] for one in found["words"]] == ["brave", "WHAT", "knight"]
    weights = np.array(found["words"][2]["map"])
    assert weights.shape == (16, 24) and weights[:, 16:].all() and not weights[:, :16].any()
    assert found["unknown_words"] == ["WHAT"]
    assert found["took_after"] == [{"name": "a picture", "share": 0.25}]


def test_a_sheet_is_drawn_and_nothing_else_is_touched(
    capfd: pytest.CaptureFixture[str], game: Path, tmp_path: Path
) -> None:
    before = {path: path.read_bytes() for path in game.glob("*.png")}
    assert run(["explain", "hero.png", "-o", str(tmp_path / "why.png")]) == 0
    sheet = decode_image(tmp_path / "why.png")
    assert sheet.shape[1] == 4 * (24 * 8 + 12) + 12
    assert {path: path.read_bytes() for path in game.glob("*.png")} == before
    assert run(["explain", "hero.png", "-o", "why.jpg"]) == 2
    assert "no PNG file name" in capfd.readouterr().err


def test_a_chinese_description_has_its_own_words(capfd: pytest.CaptureFixture[str]) -> None:
    capfd.readouterr()
    assert run(["explain", "龙.png", "--json"]) == 0
    found = json.loads(capfd.readouterr().out)
    assert [one["word"] for one in found["words"]] == ["红", "龙"]
    assert found["glosses"] == [{"word": "龙", "english": "dragon"}]


def test_an_image_that_was_painted_over_is_pointed_out(
    capfd: pytest.CaptureFixture[str], game: Path
) -> None:
    from llamavis_studio.imaging.png import encode_png

    (game / "hero.png").write_bytes(encode_png(np.zeros((16, 24, 4), np.uint8)))
    capfd.readouterr()
    assert run(["explain", "hero.png"]) == 0
    assert "painted over" in capfd.readouterr().err


def test_one_image_is_meant(capfd: pytest.CaptureFixture[str], game: Path) -> None:
    assert run(["explain", "many.desc.toml"]) == 2
    assert "many_0.png, many_1.png" in capfd.readouterr().err
    assert run(["explain", "none.png"]) == 2
    assert run(["explain", str(game / "nothing.txt")]) == 2
