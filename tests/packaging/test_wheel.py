"""A wheel carries the data that the package needs where there is no repository."""

from __future__ import annotations

import zipfile
from pathlib import Path

from hatchling.builders.wheel import WheelBuilder

REPO = Path(__file__).resolve().parents[2]


def test_a_wheel_carries_resources_and_nothing_else_of_the_repository(tmp_path: Path) -> None:
    (wheel,) = WheelBuilder(str(REPO)).build(directory=str(tmp_path), versions=["standard"])
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert any(name.startswith("llamavis_studio/_resources/models/") for name in names)
    assert "llamavis_studio/_plugins/godot/addons/llamavis/plugin.cfg" in names
    assert "llamavis_studio/core/description.py" in names
    tops = {name.partition("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"llamavis_studio"}


def test_an_editable_install_reads_the_repository_itself(tmp_path: Path) -> None:
    (wheel,) = WheelBuilder(str(REPO)).build(directory=str(tmp_path), versions=["editable"])
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if ".dist-info/" not in name]
        assert names == ["_llamavis_studio.pth"]
        assert archive.read(names[0]).decode().strip() == str(REPO)
