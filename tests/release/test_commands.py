from __future__ import annotations

import errno
import json
import shutil
from pathlib import Path

import pytest

from llamavis_studio.backends.registry import TEST_BACKENDS_VARIABLE
from llamavis_studio.cli import run
from llamavis_studio.release import trash
from tests.release.conftest import paint
from tests.support.games import described, make_game, on_disk
from tests.support.instant_backend import ENVIRONMENT

PROJECT = '[project]\nname = "game"\nbackend = "instant"\n'


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two built images, as the command line leaves them; nobody writes here."""
    place = tmp_path_factory.mktemp("built")
    files = {"hero.desc.toml": described("brave red knight"), "bat.desc.toml": described("bat")}
    root = make_game(place / "game", files)
    with pytest.MonkeyPatch.context() as patch:
        prepare(patch, place)
        assert run(["build", str(root)]) == 0
    return root


@pytest.fixture
def folder(built: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A copy of it, `game` in the working folder."""
    prepare(monkeypatch, tmp_path)
    return shutil.copytree(built, tmp_path / "game")


def prepare(patch: pytest.MonkeyPatch, place: Path) -> None:
    patch.setenv(TEST_BACKENDS_VARIABLE, ENVIRONMENT[TEST_BACKENDS_VARIABLE])
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        patch.setenv(name, str(place / name))
    patch.chdir(place)


@pytest.fixture
def bin_of_tests(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The system's trash, for once a folder of this test."""
    place = tmp_path / "bin"
    place.mkdir()
    monkeypatch.setattr(trash, "_system_trash", lambda p: Path(p).rename(place / Path(p).name))
    return place


def run_json(capfd: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict]:
    capfd.readouterr()
    code = run([*arguments, "--json"])
    return code, json.loads(capfd.readouterr().out)


def test_leftovers_are_listed_and_only_moved_when_asked(folder, bin_of_tests, capfd):
    (folder / "hero.desc.toml").unlink()
    (folder / "bat.desc.toml").unlink()
    paint(folder / "bat.png")
    before = on_disk(folder)
    code, found = run_json(capfd, "clean", "game")
    assert (code, found["moved"], found["kept"], found["failed"]) == (0, [], [], [])
    assert [(one["output"], one["edited"]) for one in found["orphans"]] == [
        ("bat.png", True), ("hero.png", False),
    ]  # fmt: skip
    assert run(["clean", "game", "--edited"]) == 0
    assert "nothing was touched: --trash" in capfd.readouterr().out
    assert on_disk(folder) == before
    assert run(["clean", "game", "--trash"]) == 0
    told = capfd.readouterr().out
    assert "moved hero.png to the trash" in told
    assert "kept 1 that were edited by hand" in told
    assert [path.name for path in bin_of_tests.iterdir()] == ["hero.png"]
    code, found = run_json(capfd, "clean", "game", "--trash", "--edited")
    assert found["moved"] == [{"path": "bat.png", "place": "trash"}]
    assert run(["clean", "game"]) == 0
    assert capfd.readouterr().out == "nothing is left over\n"


def test_where_there_is_no_trash_that_is_said(folder, monkeypatch, capfd):
    def refuse(_path: str) -> None:
        raise OSError(errno.EXDEV, "another disk")

    monkeypatch.setattr(trash, "_system_trash", refuse)
    (folder / "hero.desc.toml").unlink()
    capfd.readouterr()
    assert run(["clean", "game", "--trash"]) == 0
    told = capfd.readouterr()
    assert "moved hero.png to .llamavis/trash/hero.png" in told.out
    assert "there is no trash here" in told.err
    assert (folder / ".llamavis" / "trash" / "hero.png").is_file()


def test_a_wrong_description_is_told_and_keeps_its_image(folder, bin_of_tests, capfd):
    (folder / "hero.desc.toml").write_text("description = ")
    assert run(["clean", "game", "--trash"]) == 0
    assert "hero.desc.toml:1: this is not valid TOML" in capfd.readouterr().err.replace(
        "warning: ", ""
    )
    assert (folder / "hero.png").is_file()


@pytest.mark.parametrize(("name", "begins"), [
    ("r.md", "# game"), ("r.json", "{"), ("r.html", "<!doctype html>"), ("R.HTM", "<!doctype"),
])  # fmt: skip
def test_the_name_of_the_file_says_its_format(folder, name, begins, capfd):
    assert run(["report", "game", "-o", name]) == 0
    assert capfd.readouterr().out.endswith(f"{name}: 2 generated images\n")
    assert Path(name).read_text("utf-8").startswith(begins)


def test_a_report_goes_to_stdout_as_markdown_or_json(folder, capfd):
    capfd.readouterr()
    assert run(["report", "game"]) == 0
    assert "![bat.png](game/bat.png)" in capfd.readouterr().out
    code, found = run_json(capfd, "report", "game")
    assert (code, found["generated"], found["licences"]) == (0, 2, {"MIT": 2})
    assert run(["report", "game", "--format", "html"]) == 0
    assert capfd.readouterr().out.startswith("<!doctype html>")
    code, same = run_json(capfd, "report", "game", "-o", "r.html")
    assert (code, same) == (0, found)
    assert Path("r.html").is_file()


@pytest.mark.parametrize("more", [["-o", "r.txt"], ["--format", "pdf"], ["-o", "no/folder/r.md"]])
def test_a_report_that_cannot_be_made_is_refused_in_words(folder, more, capfd):
    assert run(["report", "game", *more]) == 2
    assert "error" in capfd.readouterr().err


def test_an_export_is_refused_while_something_is_not_fresh(folder, capfd):
    (folder / "hero.desc.toml").write_text(described("brave blue knight"))
    code, found = run_json(capfd, "export", "game", "-o", "out")
    assert (code, found["written"], found["files"]) == (1, False, [])
    assert [one["path"] for one in found["unfresh"]] == ["hero.png"]
    assert not Path("out").exists()
    code, found = run_json(capfd, "export", "game", "-o", "out", "--allow-stale")
    assert (code, found["written"], found["files"]) == (0, True, ["bat.png", "hero.png"])


def test_an_export_goes_to_a_folder_an_archive_or_where_the_project_says(folder, capfd):
    assert run(["export", "game", "-o", "out"]) == 0
    assert sorted(path.name for path in Path("out").iterdir()) == [
        "bat.png", "hero.png", "manifest.json",
    ]  # fmt: skip
    assert run(["export", "game", "-o", "art.zip"]) == 0
    assert Path("art.zip").read_bytes().startswith(b"PK")
    assert run(["export", "game"]) == 2
    assert "such as -o" in capfd.readouterr().err
    (folder / "llamavis.toml").write_text(PROJECT + '[export]\nfolder = "ship"\n')
    assert run(["export", "game"]) == 0
    assert (folder / "ship" / "manifest.json").is_file()
    assert run(["clean", "game"]) == 0
    assert run(["export", "game", "-o", "game"]) == 2
