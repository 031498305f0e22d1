"""`llamavis plugin install blender`: the extension in, up to date, out; or into a zip."""

from __future__ import annotations

import io
import json
import runpy
import zipfile
from pathlib import Path

import pytest

from llamavis_studio import __version__
from llamavis_studio.cli.noted_files import NOTE
from llamavis_studio.cli.plugin_blender import (
    REPOSITORY,
    extension_files,
    extension_zip,
    places,
    put_in,
    take_out,
)
from llamavis_studio.core.errors import ProjectError
from tests.cli.test_plugin_command import run_app


def lying(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_in_twice_and_out_again(tmp_path: Path) -> None:
    place = tmp_path / REPOSITORY / "llamavis"
    assert set(put_in(place).written) == set(extension_files())
    assert lying(place) == {*extension_files(), NOTE}
    assert put_in(place).written == []
    (place / "client.py").write_text("old", "utf-8")
    assert put_in(place).written == ["client.py"]
    (place / "__pycache__").mkdir()
    (place / "__pycache__" / "client.cpython-311.pyc").write_bytes(b"made by Blender")
    assert take_out(place).left == [] and not place.exists()
    assert take_out(place).removed == []


def test_what_somebody_added_or_changed_stays(tmp_path: Path) -> None:
    place = tmp_path / "llamavis"
    put_in(place)
    (place / "mine.py").write_text("mine", "utf-8")
    (place / "panels.py").write_text("changed", "utf-8")
    assert take_out(place).left == ["mine.py", "panels.py"]
    assert (place / "panels.py").read_text("utf-8") == "changed"


def test_a_file_that_a_new_version_lacks_goes(tmp_path: Path) -> None:
    place = tmp_path / "llamavis"
    put_in(place)
    noted = json.loads((place / NOTE).read_text("utf-8"))
    (place / "gone.py").write_text("old", "utf-8")
    noted["gone.py"] = "0" * 64
    noted["../../outside.py"] = "0" * 64
    (tmp_path.parent / "outside.py").write_text("not ours", "utf-8")
    (place / NOTE).write_text(json.dumps(noted), "utf-8")
    assert put_in(place).removed == []  # its hash is another one: somebody changed it
    assert (place / "gone.py").exists() and (tmp_path.parent / "outside.py").exists()


def test_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "llamavis").symlink_to(tmp_path / "real")
    for action in (put_in, take_out):
        with pytest.raises(ProjectError):
            action(tmp_path / "llamavis")
    assert list((tmp_path / "real").iterdir()) == []


def test_where_blender_looks(tmp_path: Path) -> None:
    for name in ("3.6", "4.1", "4.2", "4.10", "5.2", "notes"):
        (tmp_path / "blender" / name).mkdir(parents=True)
    found = places(None, {"XDG_CONFIG_HOME": str(tmp_path)})
    assert {one.relative_to(tmp_path / "blender").parts[0] for one in found} == {
        "4.2", "4.10", "5.2",
    }  # fmt: skip
    assert places(None, {"BLENDER_USER_RESOURCES": "/x"}) == [Path("/x") / REPOSITORY]
    assert places(tmp_path) == [tmp_path / REPOSITORY]
    (tmp_path / "user_default").mkdir()
    assert places(tmp_path / "user_default") == [tmp_path / "user_default"]
    with pytest.raises(ProjectError, match=r"no Blender 4\.2"):
        places(None, {"XDG_CONFIG_HOME": str(tmp_path / "blender")})
    with pytest.raises(ProjectError, match="no folder"):
        places(tmp_path / "none")


def test_the_zip_has_the_manifest_at_its_root_and_equal_bytes() -> None:
    data = extension_zip()
    assert data == extension_zip()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
    assert {"blender_manifest.toml", "__init__.py", "README.md"} <= set(names)
    assert not [name for name in names if "pycache" in name]


def test_the_archive_for_the_store(tmp_path: Path) -> None:
    zips = runpy.run_path(str(Path(__file__).resolve().parents[2] / "packaging/plugin_zips.py"))
    path = zips["blender_zip"](tmp_path / "out")
    assert path.name == f"llamavis-blender-{__version__}.zip"
    assert path.read_bytes() == extension_zip()


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "5.2").mkdir()
    where = str(tmp_path / "5.2")
    assert run_app(["plugin", "install", "blender", where, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["engine"] == "blender" and told["installed"]
    assert "__init__.py" in told["folders"][0]["written"]
    assert run_app(["plugin", "install", "blender", where]) == 0
    assert "up to date" in capsys.readouterr().out
    assert run_app(["plugin", "install", "blender", where, "--uninstall"]) == 0
    assert not (tmp_path / "5.2" / REPOSITORY / "llamavis").exists()
    archive = tmp_path / "llamavis.zip"
    assert run_app(["plugin", "install", "blender", str(archive)]) == 0
    assert archive.read_bytes() == extension_zip()
    assert run_app(["plugin", "install", "blender", str(archive), "--uninstall"]) == 2
    assert run_app(["plugin", "install", "blender", str(tmp_path / "none")]) == 2
