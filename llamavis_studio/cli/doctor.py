"""`llamavis doctor`: what works on this machine, what does not, and the command that mends it.

torch is looked at in a process of its own: a broken installation may take its process with it.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from llamavis_studio import __version__
from llamavis_studio.cli.doctor_backends import examine_backends, room_on
from llamavis_studio.cli.finding import Finding, package_version, pip
from llamavis_studio.cli.output import Output
from llamavis_studio.core.device import Device
from llamavis_studio.core.errors import LlamaVisError
from llamavis_studio.core.settings import config_folder, state_folder, user_settings

_TORCH_LIMIT_S = 120.0
_TORCH_PROBE = """
import json, torch
from llamavis_studio.backends.devices import devices
found = [one.to_json() for one in devices()]
print(json.dumps([torch.__version__, torch.get_num_threads(), found]))
"""
_NEEDED = ("numpy", "pillow", "pydantic", "safetensors", "tokenizers", "tomlkit", "watchdog")
_FOR_THE_WINDOW = ("PySide6_Essentials", "qasync")


def doctor(as_json: bool) -> int:
    """Look at everything, tell it, and return 0 when all that is needed works."""
    output = Output(as_json)
    findings = []
    for finding in examine_machine():
        findings.append(finding)
        output.say(f"{finding.mark}  {finding.name}: {finding.detail}")
        if finding.fix:
            output.say(f"      {finding.fix}")
    healthy = all(finding.ok for finding in findings if finding.needed)
    output.document({"ok": healthy, "checks": [finding.to_json() for finding in findings]})
    return 0 if healthy else 1


def examine_machine() -> Iterator[Finding]:
    """Every check, in the order a newcomer should mend what fails."""
    yield Finding("llamavis", True, f"{__version__} at {Path(__file__).resolve().parents[1]}")
    python = platform.python_version()
    modern = sys.version_info >= (3, 11)
    yield Finding(
        "Python", modern, f"{python} on {platform.platform()}", "" if modern else "use Python 3.11"
    )
    yield from (_package(name, needed=True) for name in _NEEDED)
    yield from _torch()
    yield from examine_backends()
    yield from (_package(name, needed=False) for name in _FOR_THE_WINDOW)
    yield _settings()
    yield _writable("log folder", state_folder())


def _package(name: str, needed: bool) -> Finding:
    version = package_version(name)
    if version is not None:
        return Finding(name, True, version, needed=needed)
    return Finding(name, False, "not installed", f"{pip()} install {name}", needed)


def _torch() -> Iterator[Finding]:
    """torch itself, then what it can draw on, and whether the setting is among that."""
    command = [sys.executable, "-c", _TORCH_PROBE]
    environment = {**os.environ, "OMP_WAIT_POLICY": "PASSIVE"}
    fix = f"{pip()} install --force-reinstall torch"
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=_TORCH_LIMIT_S,
            env=environment,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        yield Finding("torch", False, f"does not start: {error}", fix)
        return
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or [f"ended with {done.returncode}"]
        yield Finding("torch", False, lines[-1], fix)
        return
    version, threads, found = json.loads(done.stdout.strip().splitlines()[-1])
    devices = [Device(**one) for one in found]
    where = "" if len(devices) > 1 else ", no GPU; the CPU is enough for the built-in model"
    yield Finding("torch", True, f"{version}, {threads} threads{where}")
    for one in devices:
        chosen = ", taken by auto" if one.best else ""
        yield Finding(f"device {one.name}", True, f"{one.label}, {_memory(one)}{chosen}")
    yield from room_on(devices)
    yield from _device_setting(devices)


def _memory(device: Device) -> str:
    if device.total_bytes is None:
        return "memory unknown"
    free = "" if device.free_bytes is None else f"{device.free_bytes / 2**30:.1f} GiB free of "
    return f"{free}{device.total_bytes / 2**30:.1f} GiB"


def _device_setting(devices: Sequence[Device]) -> Iterator[Finding]:
    try:
        wanted = str(user_settings().get("device", "auto"))
    except LlamaVisError:
        return  # told among the settings
    names = ["auto", *(one.name for one in devices)]
    if wanted in names or (wanted == "cuda" and "cuda:0" in names):
        return
    fix = f"set device to one of {', '.join(names)} in {config_folder() / 'settings.toml'}"
    yield Finding("device setting", False, f"there is no '{wanted}' here", fix)


def _settings() -> Finding:
    path = config_folder() / "settings.toml"
    try:
        values = user_settings()
    except LlamaVisError as error:
        return Finding("settings", False, f"{path}: {error.message}", error.hint)
    return Finding("settings", True, f"{path}" if values else f"defaults ({path} is not there)")


def _writable(name: str, folder: Path) -> Finding:
    existing = folder
    while not existing.exists():
        existing = existing.parent
    if os.access(existing, os.W_OK):
        return Finding(name, True, str(folder))
    return Finding(name, False, f"{folder} cannot be written", f"chmod u+w {existing}")
