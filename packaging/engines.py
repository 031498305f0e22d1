"""The engines that the plugins are tested in: which are here, and Blender from PyPI where not.

Blender comes as a Python module (`bpy`, some 400 MB) for one version of Python only, so it gets an
environment of its own in the user's cache folder. Godot cannot be had from PyPI: one that is
installed, or that LLAMAVIS_GODOT names, is used.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

BPY, BPY_PYTHON = "bpy==4.5.*", (3, 11)
_RUN = '''\
"""Runs a script or module and ends at once: bpy's own end may hang while classes are registered."""

import atexit
import os
import runpy
import sys

status = 0
try:
    if sys.argv[1] == "-c":
        code, sys.argv = sys.argv[2], ["-c", *sys.argv[3:]]
        exec(compile(code, "<string>", "exec"), {"__name__": "__main__"})
    elif sys.argv[1] == "-m":
        module, sys.argv = sys.argv[2], sys.argv[2:]
        sys.path[0] = os.getcwd()
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    else:
        sys.argv = sys.argv[1:]
        sys.path[0] = os.path.dirname(os.path.abspath(sys.argv[0]))
        runpy.run_path(sys.argv[0], run_name="__main__")
except SystemExit as ending:
    status = ending.code if isinstance(ending.code, int) else int(ending.code is not None)
except BaseException:
    import traceback

    traceback.print_exc()
    status = 1
atexit._run_exitfuncs()
sys.stdout.flush()
sys.stderr.flush()
os._exit(status)
'''
_WRAPPER = """\
#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
exec "$here/python" "$here/bpy_run.py" "$@"
"""


def cache_folder() -> Path:
    """Where engines are kept, outside the checkout."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "engines"


def get_bpy(pip_options: list[str]) -> str:
    """Have a Blender as a Python module; what happened, in words."""
    place = cache_folder() / f"bpy-{BPY.removeprefix('bpy==').removesuffix('.*')}"
    program = place / "bin" / "bpy-python"
    if program.is_file():
        return f"Blender: {program}"
    if os.name == "nt" or sys.version_info[:2] != BPY_PYTHON:
        version = ".".join(map(str, BPY_PYTHON))
        return f"Blender: NOT HERE; {BPY} wants Python {version} on Linux or macOS"
    python = place / "bin" / "python"
    made = subprocess.run([sys.executable, "-m", "venv", str(place)], check=False).returncode
    if made == 0:
        install = [str(python), "-m", "pip", "install", "-q", *pip_options, BPY, "pytest"]
        made = subprocess.run(install, check=False).returncode
    if made != 0:
        return "Blender: NOT HERE; bpy could not be installed (see above)"
    (place / "bin" / "bpy_run.py").write_text(_RUN, "utf-8")
    if subprocess.run([str(python), "-c", "import bpy"], check=False).returncode != 0:
        return "Blender: NOT HERE; bpy does not import; it may want libXxf86vm, libXi and libSM"
    program.write_text(_WRAPPER, "utf-8")
    program.chmod(0o755)
    return f"Blender: {program}"


def engines_here(python: Path, checkout: Path) -> list[str]:
    """A line for each engine: what will be tested in it, or that it is not here."""
    code = (
        "from tests.engines.godot_engine import find_godot\n"
        "from tests.engines.blender_engine import find_blender, find_bpy\n"
        "print('Godot:', *(find_godot() or ('NOT HERE; LLAMAVIS_GODOT may name a Godot 4',)))\n"
        "print('Blender:', find_bpy() or 'NOT HERE; bootstrap.py test --engines gets it')\n"
        "print('Blender with its window:', find_blender() or 'NOT HERE')\n"
    )
    done = subprocess.run(
        [str(python), "-c", code], cwd=checkout, capture_output=True, text=True, check=False
    )
    return done.stdout.splitlines() or [done.stderr.strip()]
