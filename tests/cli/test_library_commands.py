"""The library from the command line, as a user would."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from llamavis_studio.cli.app import run_app as run
from tests.library.conftest import picture


@pytest.fixture
def game(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "game"
    (root / "art").mkdir(parents=True)
    (root / "llamavis.toml").write_text('[project]\nname = "game"\n', "utf-8")
    for number, name in enumerate(("knight", "slime", "stone wall")):
        (root / "art" / f"{name}.png").write_bytes(picture(number))
    (root / "art" / "knight.txt").write_text("brave, 骑士\n", "utf-8")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(root)
    return root


def found(capfd: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    capfd.readouterr()
    assert run(["search", *arguments, "--json"]) == 0
    return [row["file"] for row in json.loads(capfd.readouterr().out)]


def test_import_says_what_it_found(game: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["import", "--json"]) == 0
    told = json.loads(capfd.readouterr().out)
    assert (told["added"], told["broken"]) == (3, [])


def test_search_finds_words_in_both_languages(
    game: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert found(capfd, "knight") == ["art/knight.png"]
    assert found(capfd, "骑士") == ["art/knight.png"]
    assert found(capfd, "kni") == ["art/knight.png"]
    assert found(capfd, "kinght") == ["art/knight.png"]
    assert found(capfd, "stone OR slime", "--order", "path") == [
        "art/slime.png",
        "art/stone wall.png",
    ]
    assert found(capfd, "is:unused -knight -slime") == ["art/stone wall.png"]


def test_a_wrong_query_is_pointed_at(game: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["search", "knight kindd:sprite"]) == 2
    told = capfd.readouterr().err
    assert "did you mean 'kind'" in told
    assert "\n       ^" in told


def test_names_for_pipes_end_with_nul(
    game: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert run(["search", "stone", "--paths0"]) == 0
    assert capfdbinary.readouterr().out == bytes(game / "art" / "stone wall.png") + b"\0"


def test_pages_follow_each_other(game: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["search", "-n", "2", "--order", "path"]) == 0
    told = capfd.readouterr()
    after = told.err.rpartition("--after ")[2].split(",")[0]
    assert found(capfd, "--order", "path", "--after", after) == ["art/stone wall.png"]


def test_tags_are_added_renamed_and_taken_back(
    game: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["tags", "add", "wet, mossy", "art/stone wall.png"]) == 0
    assert found(capfd, "tag:mossy") == ["art/stone wall.png"]
    assert run(["tags", "rename", "mossy", "green"]) == 0
    assert found(capfd, "tag:green origin:human") == ["art/stone wall.png"]
    assert run(["tags", "undo"]) == 0
    assert run(["tags", "undo"]) == 0
    assert found(capfd, "tag:mossy") == []
    assert not (game / "art" / "stone wall.json").exists()
    assert run(["tags", "undo"]) == 2


def test_a_folder_elsewhere(game: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    pack = tmp_path / "pack"
    pack.mkdir()
    (pack / "tree.png").write_bytes(picture(8))
    assert run(["import", "--add", str(pack)]) == 0
    assert found(capfd, "tree") == [str(pack / "tree.png")]
    assert run(["import", "--add", str(tmp_path)]) == 2  # it holds the project
    assert run(["import", "--remove", str(pack)]) == 0


def test_duplicates_and_uses(game: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (game / "copy.png").write_bytes(picture(0))
    (game / "main.gd").write_text('var a = preload("res://art/knight.png")\n', "utf-8")
    (game / "project.godot").write_text("", "utf-8")
    assert run(["duplicates", "--json"]) == 0
    assert json.loads(capfd.readouterr().out)["same"] == [["art/knight.png", "copy.png"]]
    assert run(["used", "art/knight.png", "--json"]) == 0
    assert json.loads(capfd.readouterr().out) == [{"file": "art/knight.png", "used": ["main.gd"]}]


def test_describing_the_library_and_searching_what_it_means(
    game: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["tags", "caption", "a blue bottle of water", "art/slime.png"]) == 0
    capfd.readouterr()
    assert run(["caption", "--library", "--write", "txt", "--json"]) == 0
    told = json.loads(capfd.readouterr().out)
    assert (told["described"], told["failed"]) == (2, [])
    # What a human wrote is not written over.
    assert (game / "art" / "knight.txt").read_text("utf-8") == "brave, 骑士\n"
    assert (game / "art" / "stone wall.txt").exists()
    assert run(["caption", "--library", "--json"]) == 0
    assert json.loads(capfd.readouterr().out)["described"] == 0
    assert found(capfd, "--meaning", "something to drink", "-n", "1") == ["art/slime.png"]
    assert found(capfd, "--like", "art/knight.png", "-n", "1") == ["art/knight.png"]
    assert found(capfd, "is:captioned origin:human") == ["art/slime.png"]


def test_all_that_is_said_is_shown(game: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["tags", "caption", "a small wall", "art/stone wall.png"]) == 0
    assert run(["tags", "add", "grey", "art/stone wall.png"]) == 0
    capfd.readouterr()
    assert run(["tags", "show", "art/stone wall.png", "art/knight.png", "--json"]) == 0
    wall, knight = json.loads(capfd.readouterr().out)
    assert wall["captions"] == [
        {"text": "a small wall", "origin": "human", "source": "user", "p": None}
    ]
    assert {"name": "grey", "origin": "human", "source": "user", "p": None} in wall["tags"]
    assert {"brave", "骑士"} <= {tag["name"] for tag in knight["tags"]}
    assert wall["colours"] and wall["drawn_from"] is None and wall["reasons"] == []
    assert run(["tags", "show", "art/stone wall.png"]) == 0
    told = capfd.readouterr().out
    assert "a small wall  (human: user)" in told and "grey" in told
