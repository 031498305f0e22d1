"""move and copy-out from the command line, as a user would."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

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


def answer(capfd: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> dict[str, Any]:
    capfd.readouterr()
    assert run([*arguments, "--json"]) == code
    told = json.loads(capfd.readouterr().out)
    assert isinstance(told, dict)
    return told


def test_move_takes_words_along_and_says_so(game: Path, capfd: pytest.CaptureFixture[str]) -> None:
    told = answer(capfd, "move", "art/knight.png", "people/")
    assert told["moved"] == [
        {"from": "art/knight.png", "to": "people/knight.png"},
        {"from": "art/knight.txt", "to": "people/knight.txt"},
    ]
    assert (game / "people" / "knight.txt").read_text("utf-8") == "brave"
    assert run(["search", "tag:brave", "--json"]) == 0
    assert json.loads(capfd.readouterr().out)[0]["file"] == "people/knight.png"


def test_a_described_image_takes_its_description_along(
    game: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (game / "art" / "hero.png").unlink()
    assert run(["build"]) == 0
    before = (game / "art" / "hero.desc.toml").read_bytes()
    told = answer(capfd, "move", "art/hero.png", "art/slime.png", "people", "--dry-run")
    assert told["dry_run"] and told["states"] == {}
    assert (game / "art" / "hero.desc.toml").read_bytes() == before
    told = answer(capfd, "move", "art/hero.png", "art/slime.png", "people")
    assert [row["to"] for row in told["moved"]] == [
        "people/hero.desc.toml", "people/hero.png", "people/slime.png"
    ]  # fmt: skip
    assert told["states"] == {"people/hero.png": "fresh"}
    [seed] = told["seeds"]
    assert f"seed = {seed['seed']}" in (game / "people" / "hero.desc.toml").read_text("utf-8")
    assert run(["build", "--check"]) == 0
    capfd.readouterr()
    assert run(["move", "people/hero", "people/paladin"]) == 0
    said = capfd.readouterr()
    assert "people/hero.png -> people/paladin.png" in said.out and "1 fresh" in said.out


def test_what_is_drawn_anew_or_names_it_is_told(
    game: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (game / "art" / "hero.png").unlink()
    with (game / "llamavis.toml").open("a", encoding="utf-8") as file:
        file.write('[[folder]]\npath = "items/**"\nkind = "item"\n')
    (game / "art" / "hero.desc.toml").write_text('description = "a hero"\ncount = 3\n', "utf-8")
    (game / "start.gd").write_text('var a = preload("res://art/hero_0.png")\n', "utf-8")
    (game / "project.godot").write_text("config_version=5\n", "utf-8")
    assert run(["build"]) == 0
    capfd.readouterr()
    assert run(["move", "art/hero", "items/"]) == 0
    said = capfd.readouterr()
    reason = "folder rules change its kind there: sprite -> item"
    assert f"items/hero_0.png and 2 more will be drawn anew: {reason}" in said.err
    assert "start.gd names art/hero_0.png by its old place" in said.err and "--update-uses" in (
        said.err
    )
    assert "3 stale" in said.out
    assert run(["move", "items/hero", "art/"]) == 0
    said = capfd.readouterr()
    assert "drawn anew" not in said.err and "3 fresh" in said.out
    told = answer(capfd, "move", "art/hero", "items/", "--keep", "--update-uses")
    assert told["redrawn"] == [] and set(told["states"].values()) == {"fresh"}
    assert told["updated"] == ["start.gd"] and told["named_by"] == []
    assert "res://items/hero_0.png" in (game / "start.gd").read_text("utf-8")


def test_what_cannot_be_is_said_and_nothing_moves(
    game: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["move", "art/hero.png", "art/knight.png", "art/slime.png"]) == 2
    assert "is a file" in capfd.readouterr().err
    told = answer(capfd, "move", "art/knight.png", "art/slime.png", code=2)
    assert "already" in told["error"]["message"]
    assert (game / "art" / "knight.png").exists()


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
