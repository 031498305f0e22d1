"""The real Godot, where this machine has one."""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
from pathlib import Path

VARIABLE = "LLAMAVIS_GODOT"
COLOUR_CODES = re.compile(r"\x1b\[[0-9;]*m")
FAULTS = re.compile(r"^(?:SCRIPT |USER )?ERROR: .*", re.MULTILINE)


@functools.lru_cache(maxsize=1)
def find_godot() -> tuple[Path, str] | None:
    """Program and version of a Godot 4: the one LLAMAVIS_GODOT names, one on the PATH, or one that
    was put into the cache folder `engines`."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    named = (os.environ.get(VARIABLE), shutil.which("godot4"), shutil.which("godot"))
    for program in (*named, cache / "engines" / "godot4"):
        if program and Path(program).is_file():
            version = _version(Path(program))
            if version.startswith("4."):
                return Path(program), version
    return None


def run_godot(program: Path, project: Path, *arguments: str, timeout_s: float = 120) -> str:
    """Run it headless in a project and return its log; fails on an error in the log.

    Godot's exit status says little, so the log is what counts; what comes after the line `finished`
    is the engine tidying up.
    """
    home = project.parent / "home"
    home.mkdir(exist_ok=True)
    environment = {**os.environ, "HOME": str(home), "XDG_CACHE_HOME": str(home / "cache")}
    done = subprocess.run(
        [program, "--headless", "--path", project, *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        timeout=timeout_s,
        check=False,
    )
    log = COLOUR_CODES.sub("", done.stdout)
    body = log.partition("\nfinished\n")[0]
    assert not FAULTS.findall(body), log
    assert done.returncode == 0, log
    return log


def _version(program: Path) -> str:
    try:
        done = subprocess.run(
            [program, "--headless", "--version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip().splitlines()[-1] if done.stdout.strip() else ""
