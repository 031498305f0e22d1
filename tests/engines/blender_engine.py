"""The real Blender, as a Python module and with its window, where this machine has one."""

from __future__ import annotations

import functools
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.support.instant_backend import ENVIRONMENT

VARIABLE = "LLAMAVIS_BPY"
REPO = Path(__file__).resolve().parents[2]
CHECKS = Path(__file__).with_name("blender")
MANAGER = "scripts/addons_core/bl_pkg/cli/blender_ext.py"


@functools.lru_cache(maxsize=1)
def find_bpy() -> Path | None:
    """A Python that imports bpy and pytest: the one LLAMAVIS_BPY names, or one that was put into
    the cache folder `engines`."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "engines"
    named = os.environ.get(VARIABLE)
    for program in (named, *sorted(cache.glob("bpy-*/bin/bpy-python"))):
        if program and Path(program).is_file() and _has_both(Path(program)):
            return Path(program)
    return None


@functools.lru_cache(maxsize=1)
def find_blender() -> Path | None:
    """The whole program: on the PATH, or in the cache folder `engines`."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "engines"
    for program in (os.environ.get("LLAMAVIS_BLENDER"), cache / "blender", shutil.which("blender")):
        if program and Path(program).is_file():
            return Path(program)
    return None


def manager_of(python: Path) -> Path | None:
    """Blender's own tool for extensions, beside a bpy."""
    return next(
        iter(python.resolve().parents[1].glob(f"lib/python*/site-packages/bpy/*/{MANAGER}")), None
    )


def environment(home: Path, **more: str) -> dict[str, str]:
    """Settings of its own, and how a service is started: with this Python and this checkout."""
    home.mkdir(exist_ok=True)
    kept = {k: v for k, v in os.environ.items()
            if not k.startswith(("XDG_", "LLAMAVIS_", "PYTHON", "BLENDER_"))}  # fmt: skip
    child = {
        **kept, **ENVIRONMENT, "HOME": str(home), "PYTHONPATH": str(REPO), "PYTHONUTF8": "1",
    }  # fmt: skip
    serve = [sys.executable, "-m", "llamavis_studio.cli", "serve"]
    return {
        **kept,
        "HOME": str(home),
        "BLENDER_USER_RESOURCES": str(home / "blender"),
        "PYTHONPATH": str(CHECKS),
        "PYTHONDONTWRITEBYTECODE": "1",
        "LLAMAVIS_CHECK_SERVE": json.dumps({"command": serve, "env": child}),
        **more,
    }


def run_checks(python: Path, name: str, home: Path, archive: Path, timeout_s: float = 110) -> str:
    """Run a file of checks in Blender; its output. Fails with it when a check does."""
    ini = home.parent / "checks.ini"
    ini.write_text("[pytest]\npython_files = check_*.py\naddopts = -q -s -ra\n", "utf-8")
    done = subprocess.run(
        [python, "-m", "pytest", "-c", ini, "--rootdir", CHECKS, "--noconftest", "-p", "inside",
         "-p", "no:cacheprovider", "--basetemp", home.parent / "checks", CHECKS / name],
        cwd=home.parent,
        env=environment(home, LLAMAVIS_CHECK_ZIP=str(archive)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        timeout=timeout_s,
        check=False,
    )  # fmt: skip
    passed = re.search(r"^\d+ passed", done.stdout, re.MULTILINE)
    assert done.returncode == 0 and passed and "Traceback" not in done.stdout, done.stdout
    return done.stdout


def _has_both(program: Path) -> bool:
    try:
        done = subprocess.run(
            [program, "-c", "import bpy, pytest"], capture_output=True, timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
