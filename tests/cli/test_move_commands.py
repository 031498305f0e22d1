"""move and copy-out from the command line, as a user would."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from llamavis_studio.cli.app import run_app as run
from tests.library.conftest import picture


@pytest.fixture
def game(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, instant_backend: None) -> Path:
    root = tmp_path / "game"
    (root / "art").mkdir(parents=True)
    (root / "llamavis.toml").write_text('[project]\nname = "game"\nbackend = "instant"\n', "utf-8")
    for number, name in enumerate(("knight", "slime")):
        (root / "art" / f"{name}.png").write_bytes(picture(number))
    (root / "art" / "knight.txt").write_text("brave", "utf-8")
    (root / "art" / "hero.desc.toml").write_text('description = "a hero"\n', "utf-8")
    (root / "art" / "hero.png").write_bytes(picture(9))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(root)
    return root


def test_move_takes_words_along_and_says_so(game: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["move", "art/knight.png", "people", "--json"]) == 0
    told = json.loads(capfd.readouterr().out)
    assert told == {
        "moved": [{"from": "art/knight.png", "to": "people/knight.png"}], "left": [], "notes": []
    }  # fmt: skip
    assert (game / "people" / "knight.txt").read_text("utf-8") == "brave"
    assert run(["search", "tag:brave", "--json"]) == 0
    assert json.loads(capfd.readouterr().out)[0]["file"] == "people/knight.png"


def test_what_a_description_draws_is_left_and_the_rest_is_moved(
    game: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["move", "art/hero.png", "art/slime.png", "people"]) == 1
    told = capfd.readouterr()
    assert "art/slime.png -> people/slime.png" in told.out
    assert "art/hero.png stays: art/hero.desc.toml" in told.err
    assert (game / "art" / "hero.png").exists() and not (game / "art" / "slime.png").exists()


def test_a_folder_elsewhere_is_for_copies(game: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["move", "art/slime.png", "../out"]) == 2
    assert "copy" in capfd.readouterr().err
    arguments = ["copy-out", "art/knight.png", "art/slime.png", "../out", "--words", "txt"]
    assert run([*arguments, "--json"]) == 0
    told = json.loads(capfd.readouterr().out)
    out = game.parent / "out"
    assert [row["to"] for row in told["copied"]] == [
        str(out / "knight.png"),
        str(out / "slime.png"),
    ]
    assert "brave" in (out / "knight.txt").read_text("utf-8")
    assert run(arguments) == 1  # nothing is written over
    assert "knight.png stays" in capfd.readouterr().err
    assert run([*arguments[:-1], "doc"]) == 2
