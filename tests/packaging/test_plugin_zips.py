"""The archives for the engines' stores."""

from __future__ import annotations

import runpy
import zipfile
from pathlib import Path

from llamavis_studio import __version__
from llamavis_studio.cli.plugin_command import ADDON, addon_files
from llamavis_studio.core.resources import plugin_path

REPO = Path(__file__).resolve().parents[2]
ZIPS = runpy.run_path(str(REPO / "packaging" / "plugin_zips.py"))


def test_the_addon_has_the_studios_version() -> None:
    config = plugin_path("godot", "addons", "llamavis", "plugin.cfg")
    assert ZIPS["addon_version"](config) == __version__


def test_the_archive_unpacks_to_what_the_command_installs(tmp_path: Path) -> None:
    path = ZIPS["godot_zip"](tmp_path)
    source = plugin_path("godot", *ADDON.split("/"))
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        assert names == sorted(names)
        assert set(names) == {f"{ADDON}/{name}" for name in [*addon_files(source), "LICENSE"]}
        for name in addon_files(source):
            assert archive.read(f"{ADDON}/{name}") == (source / name).read_bytes()


def test_equal_files_give_equal_bytes(tmp_path: Path) -> None:
    first, second = (ZIPS["godot_zip"](tmp_path / name).read_bytes() for name in ("a", "b"))
    assert first == second
