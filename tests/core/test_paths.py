from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llamavis_studio.core.errors import ProjectError
from llamavis_studio.core.paths import join_inside

ROOT = Path("/").resolve() / "project"


@pytest.mark.parametrize(
    "relative",
    [
        "../x.png",
        "a/../../x.png",
        "/etc/passwd",
        "//server/share/x",
        "\\\\server\\share\\x",
        "C:/x.png",
        "c:x.png",
        "a\\..\\..\\x",
        "~/x.png",
        "nul",
        "a/COM1.png",
        "a/LPT²",
        "x.png:stream",
        "a/b .",
        "https://example.org/x.png",
        "",
        "  ",
        "a\0b",
        "x" * 300,
    ],
)
def test_paths_that_could_lead_outside_or_mean_a_device_are_refused(tmp_path, relative):
    with pytest.raises(ProjectError):
        join_inside(tmp_path.resolve(), relative)


def test_two_dots_may_stay_inside(tmp_path):
    root = tmp_path.resolve()
    assert join_inside(root, "../res/a.hex", root / "tiles") == root / "res" / "a.hex"
    with pytest.raises(ProjectError, match="leaves"):
        join_inside(root, "../../res/a.hex", root / "tiles")


def test_links_that_leave_are_refused_and_links_that_stay_are_not(tmp_path):
    root = (tmp_path / "root").resolve()
    root.mkdir()
    (tmp_path / "secret").write_text("x")
    (root / "real").write_text("x")
    os.symlink(tmp_path / "secret", root / "out")
    os.symlink(tmp_path, root / "folder")
    os.symlink(root / "real", root / "in")
    os.symlink(root / "loop", root / "loop")
    assert join_inside(root, "in") == root / "in"
    for name in ("out", "folder/secret"):
        with pytest.raises(ProjectError, match="link"):
            join_inside(root, name)


@given(st.text(max_size=30))
def test_what_is_accepted_is_always_inside(text):
    try:
        joined = join_inside(ROOT, text)
    except ProjectError:
        return
    assert joined.is_relative_to(ROOT)
    assert ".." not in joined.parts
