from __future__ import annotations

import errno
import sys

import pytest

from llamavis_studio.release import trash
from llamavis_studio.release.trash import put_away


def no_trash(_path: str) -> None:
    raise PermissionError(errno.EACCES, "there is no trash here")


def test_an_image_goes_to_the_systems_trash_with_its_side_file(game):
    game.write("hero.png.import", "godot")
    gone: list[str] = []
    moved, problems = put_away(game.project, [game.image("hero.png")], gone.append)
    assert gone == [str(game.image("hero.png")), str(game.image("hero.png.import"))]
    assert [(one.path, one.place) for one in moved] == [
        ("hero.png", "trash"), ("hero.png.import", "trash"),
    ]  # fmt: skip
    assert problems == []


def test_without_a_trash_it_goes_to_one_in_the_project_and_nothing_is_replaced(game):
    data = game.image("tiles/wall.png").read_bytes()
    places = []
    for _ in range(3):
        game.image("tiles/wall.png").write_bytes(data)
        moved, problems = put_away(game.project, [game.image("tiles/wall.png")], no_trash)
        places += [one.place for one in moved]
        assert problems == []
    assert places == [
        ".llamavis/trash/tiles/wall.png",
        ".llamavis/trash/tiles/wall 2.png",
        ".llamavis/trash/tiles/wall 3.png",
    ]
    assert all((game.root / place).read_bytes() == data for place in places)
    assert (game.root / ".llamavis" / ".gitignore").read_text() == "*\n"
    assert not game.image("tiles/wall.png").exists()


def test_what_cannot_be_moved_stays_and_is_told(game):
    game.write(".llamavis/trash", "a file stands in the way")
    game.write("hero.png.import", "godot")
    paths = [game.image("hero.png"), game.image("tiles/wall.png")]
    moved, problems = put_away(game.project, paths, no_trash)
    assert moved == []
    assert [problem.path for problem in problems] == paths
    assert all("cannot be put away" in problem.message and problem.hint for problem in problems)
    assert game.image("hero.png").exists()
    assert (game.root / "hero.png.import").exists()


def test_the_systems_trash_is_send2trash(game, monkeypatch):
    send2trash = pytest.importorskip("send2trash")
    gone: list[str] = []
    monkeypatch.setattr(send2trash, "send2trash", gone.append)
    put_away(game.project, [game.image("hero.png")])
    assert gone == [str(game.image("hero.png"))]
    assert trash.side_files(game.image("hero.png")) == []


@pytest.mark.skipif(sys.platform != "linux", reason="other systems keep their trash elsewhere")
def test_a_project_mounted_into_a_container_gets_no_second_hidden_folder(game, monkeypatch):
    gone: list[str] = []
    monkeypatch.setattr(trash, "_system_trash", gone.append)
    monkeypatch.setattr(trash.os.path, "ismount", lambda path: path == game.project.root)
    moved, _ = put_away(game.project, [game.image("hero.png")])
    assert (gone, moved[0].place) == ([], ".llamavis/trash/hero.png")
