"""The extension in a real Blender, with real services: each file of checks in a process of its own.

Skipped where no Python here imports bpy and pytest; LLAMAVIS_BPY names one.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from llamavis_studio.cli.plugin_blender import extension_zip, put_in, take_out
from tests.engines.blender_engine import (
    CHECKS,
    VARIABLE,
    environment,
    find_blender,
    find_bpy,
    manager_of,
    run_checks,
)

pytestmark = pytest.mark.timeout(200)


@pytest.fixture(scope="module")
def bpy_python() -> Path:
    found = find_bpy()
    if found is None:
        pytest.skip(f"no Python here imports bpy and pytest; {VARIABLE} may name one")
    return found


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "llamavis.zip"
    path.write_bytes(extension_zip())
    return path


@pytest.mark.parametrize("name", sorted(path.name for path in CHECKS.glob("check_*.py")))
def test_in_blender(name: str, bpy_python: Path, archive: Path, tmp_path: Path) -> None:
    print(run_checks(bpy_python, name, tmp_path / "home", archive))


def test_the_zip_is_valid_for_blender(bpy_python: Path, archive: Path) -> None:
    manager = manager_of(bpy_python)
    assert manager is not None
    done = subprocess.run(
        [bpy_python, manager, "validate", archive], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_blender_itself_finds_the_zip_valid(archive: Path, tmp_path: Path) -> None:
    blender = find_blender()
    if blender is None:
        pytest.skip("there is no Blender with a window here; LLAMAVIS_BLENDER may name one")
    done = subprocess.run(
        [blender, "--command", "extension", "validate", archive],
        env=environment(tmp_path / "home"), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_command_puts_it_where_blender_finds_it(bpy_python: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    place = home / "blender" / "extensions" / "user_default" / "llamavis"
    put_in(place)
    script = (
        "import bpy\n"
        "assert bpy.ops.preferences.addon_enable(module='bl_ext.user_default.llamavis') == "
        "{'FINISHED'}\n"
        "assert bpy.ops.llamavis.start.get_rna_type()\n"
        "bpy.ops.preferences.addon_disable(module='bl_ext.user_default.llamavis')\n"
        "print('enabled')\n"
    )
    done = subprocess.run(
        [bpy_python, "-c", script], env=environment(home), capture_output=True, text=True,
        check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0 and "enabled" in done.stdout, done.stdout + done.stderr
    assert take_out(place).left == [] and not place.exists()
