"""Names that become paths: relative, absolute, Windows', and those that leave the project."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llamavis_studio.library.uses.references import project_path


@pytest.mark.parametrize(
    ("name", "folder", "root", "path"),
    [
        ("a.png", "", "", "a.png"),
        ("../art/./a.png", "scenes", "", "art/a.png"),
        ("..\\art\\a.png", "scenes/cave", "", "scenes/art/a.png"),
        ("../a.png", "", "", None),
        ("../../a.png", "scenes", "", None),
        ("art/../../a.png", "", "", None),
        ("../../game/a.png", "scenes", "/games/me/game", "a.png"),
        ("../../other/a.png", "scenes", "/games/me/game", None),
        ("/games/me/game/art/a.png", "scenes", "/games/me/game/", "art/a.png"),
        ("/games/me/game2/a.png", "", "/games/me/game", None),
        ("/games/me/game/../a.png", "", "/games/me/game", None),
        ("/games/me/game", "", "/games/me/game", None),
        ("/games/me/game/a.png", "", "", None),
        ("games/me/game/a.png", "", "/games/me/game", "games/me/game/a.png"),
        ("c:/games/DEMO/art/A.png", "", "C:\\Games\\demo", "art/A.png"),
        ("D:\\Games\\demo\\a.png", "", "C:\\Games\\demo", None),
        ("//server/share/a.png", "", "/server/share", None),
        ("\\\\server\\share\\a.png", "", "\\\\server\\share", "a.png"),
        ("art/", "", "", None),
        ("", "", "", None),
        ("..", "a", "", None),
        ("a\0.png", "", "", None),
        ("a/" * 4096 + "b", "", "", None),
    ],
)
def test_a_name_becomes_a_path(name: str, folder: str, root: str, path: str | None) -> None:
    assert project_path(name, folder, root) == path


@given(st.text("ab./\\:", max_size=12), st.sampled_from(["", "x/y"]), st.sampled_from(["", "/p/q"]))
def test_no_path_leads_out(name: str, folder: str, root: str) -> None:
    path = project_path(name, folder, root)
    if path is not None:
        assert path
        assert not path.startswith("/")
        assert not {"", ".", ".."} & set(path.split("/"))
        assert "\\" not in path
