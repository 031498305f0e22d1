"""Descriptions as files, from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from llamavis_studio.cli.app import run_app as run
from llamavis_studio.core.templates import TEMPLATES
from llamavis_studio.release import trash
from tests.support.games import changed, described, make_game, on_disk


@pytest.fixture
def game(tmp_path: Path, instant_backend: None, monkeypatch: pytest.MonkeyPatch) -> Path:
    def refuse(_path: str) -> None:
        raise OSError("no trash here")

    monkeypatch.setattr(trash, "_system_trash", refuse)
    root = make_game(
        tmp_path / "game",
        {
            "hero.desc.toml": described("brave red knight"),
            "lady.desc.toml": described("a lady"),
            "more.descs.csv": "name,description\nkey,golden key\n",
        },
    )
    monkeypatch.chdir(root)
    assert run(["build"]) == 0
    return root


def answer(capfd: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> dict[str, object]:
    capfd.readouterr()
    assert run([*arguments, "--json"]) == code
    told = json.loads(capfd.readouterr().out)
    assert isinstance(told, dict)
    return told


def test_rename_moves_the_picture_and_nothing_is_drawn(
    game: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    told = answer(capfd, "rename", "hero.png", "paladin")
    assert told["moved"] == [
        {"from": "hero.desc.toml", "to": "paladin.desc.toml"},
        {"from": "hero.png", "to": "paladin.png"},
    ]
    assert told["outputs"] == ["paladin.png"]
    assert run(["build", "--check"]) == 0
    capfd.readouterr()
    assert run(["rename", "paladin.desc.toml", "hero"]) == 0
    assert "paladin.png -> hero.png" in capfd.readouterr().out


def test_duplicate_lock_and_unlock(game: Path, capfd: pytest.CaptureFixture[str]) -> None:
    told = answer(capfd, "duplicate", "hero.png", "--name", "squire")
    assert told["made"] == ["squire.desc.toml", "squire.png"]
    assert answer(capfd, "duplicate", "more.descs.csv")["outputs"] == ["key_copy.png"]
    assert answer(capfd, "lock", "hero.png", "key.png")["changed"] == [
        "hero.desc.toml", "more.descs.csv",
    ]  # fmt: skip
    before = on_disk(game)
    assert answer(capfd, "lock", "hero.png")["changed"] == []
    assert not changed(before, on_disk(game))
    assert run(["unlock", "hero.png"]) == 0
    assert "locked" not in (game / "hero.desc.toml").read_text()
    assert run(["duplicate", "hero.png", "lady.png", "--name", "x"]) == 2


def test_remove_leaves_pictures_unless_told(game: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert answer(capfd, "remove", "hero.png")["trash"] == ["hero.desc.toml"]
    assert (game / "hero.png").exists()
    told = answer(capfd, "remove", "lady.png", "key.png", "--with-images")
    assert told["trash"] == ["lady.desc.toml", "lady.png", "more.descs.csv", "key.png"]
    assert not (game / "lady.png").exists()
    assert (game / ".llamavis/trash/lady.png").exists()


def test_variants_are_drawn_by_the_next_build(
    game: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    told = answer(capfd, "variants", "hero.png", "3")
    assert told["outputs"] == ["hero_0.png", "hero_1.png", "hero_2.png"]
    assert answer(capfd, "build")["built"] == ["hero_1.png", "hero_2.png"]
    assert run(["variants", "hero_0.png", "0"]) == 2


def test_what_is_wrong_is_said_with_a_repair(game: Path, capfd: pytest.CaptureFixture[str]) -> None:
    before = on_disk(game)
    told = answer(capfd, "rename", "hero.png", "lady", code=2)
    assert "already" in str(told["error"])
    assert run(["lock", "none.png"]) == 2
    assert "llamavis plan" in capfd.readouterr().err
    assert not changed(before, on_disk(game))


@pytest.mark.parametrize("template", [one.id for one in TEMPLATES])
def test_every_template_makes_a_sound_project(
    template: str, tmp_path: Path, capfd: pytest.CaptureFixture[str], instant_backend: None
) -> None:
    folder = tmp_path / template
    assert run(["new", str(folder), "--template", template]) == 0
    planned = answer(capfd, "plan", str(folder))
    assert planned["problems"] == [] and planned["assets"]
    folders = {path.name for path in folder.iterdir() if path.is_dir() and path.name[0] != "."}
    wanted = {"sprites": {"characters", "monsters", "items"}, "tiles": {"tiles", "backgrounds"}}
    assert folders == wanted.get(template, folders)
    assert (folder / "README.md").exists() == (template == "dungeon")


def test_an_unknown_template_is_told_with_the_nearest(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["new", str(tmp_path / "x"), "--template", "sprite"]) == 2
    assert "did you mean 'sprites'" in capfd.readouterr().err
    assert not (tmp_path / "x").exists()
