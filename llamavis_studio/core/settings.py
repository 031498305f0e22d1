"""The studio's settings: declared once, with default, help and unit; layered, then frozen.

Later layers win: the defaults here, the user's settings.toml, the project's [settings], the
command line.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import tomlkit
from pydantic import BaseModel, ConfigDict, Field, StrictInt, StrictStr

from llamavis_studio.core.errors import SettingsError
from llamavis_studio.core.source import TomlPositions, parse_toml, read_text
from llamavis_studio.core.validation import check
from llamavis_studio.core.write import write_atomic

_LIMIT_BYTES = 64 * 1024
Seconds = Annotated[float, Field(strict=True, ge=0, le=86400)]


class Settings(BaseModel):
    """How the studio works on this machine; nothing here decides what an image looks like."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    language: Annotated[
        Literal["auto", "en", "zh"], Field(description="Language of the interface")
    ] = "auto"
    theme: Annotated[
        Literal["system", "light", "dark"], Field(description="Look of the window")
    ] = "system"
    batch_size: Annotated[
        StrictInt,
        Field(ge=0, le=256, description="Most images made at once; 0: what the backend likes"),
    ] = 0
    threads: Annotated[
        StrictInt, Field(ge=0, le=256, description="CPU threads of the model; 0: all cores")
    ] = 0
    jobs: Annotated[
        StrictInt,
        Field(
            ge=0,
            le=64,
            description="Images finished at once; 0: one a core, beside a window one in all",
        ),
    ] = 0
    history_mb: Annotated[
        StrictInt,
        Field(ge=0, le=1_000_000, description="Room for replaced images in a project; 0: none"),
    ] = 256
    debounce_s: Annotated[
        Seconds, Field(description="Quiet time after a save before building, in seconds")
    ] = 0.3
    idle_unload_s: Annotated[
        Seconds, Field(description="Idle time after which the model leaves memory, in seconds")
    ] = 300.0
    device: Annotated[
        StrictStr,
        Field(
            pattern=r"^(auto|cpu|mps|cuda(:\d+)?)$",
            description="What the model runs on: auto, cpu, mps, cuda or cuda:1",
        ),
    ] = "auto"


def config_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Where this platform keeps a user's settings for the studio."""
    return _folder(environ, "XDG_CONFIG_HOME", ".config", "APPDATA", "Library/Application Support")


def state_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Where this platform keeps logs."""
    return _folder(environ, "XDG_STATE_HOME", ".local/state", "LOCALAPPDATA", "Library/Logs")


def data_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Where this platform keeps what a program knows for a user: which models there are."""
    return _folder(
        environ, "XDG_DATA_HOME", ".local/share", "LOCALAPPDATA", "Library/Application Support"
    )


def _folder(environ: Mapping[str, str], xdg: str, posix: str, windows: str, mac: str) -> Path:
    home = Path(environ.get("HOME") or environ.get("USERPROFILE") or Path.home())
    if sys.platform == "win32":
        return Path(environ.get(windows) or home / "AppData" / "Roaming") / "LlamaVis"
    if sys.platform == "darwin":
        return home / mac / "LlamaVis"
    named = environ.get(xdg, "")
    # The XDG rules say that a relative path is to be ignored.
    return (Path(named) if Path(named).is_absolute() else home / posix) / "llamavis"


def user_settings(path: Path | None = None) -> dict[str, Any]:
    """The values of the user's settings.toml, {} when there is none; raises SettingsError."""
    path = config_folder() / "settings.toml" if path is None else path
    if not path.exists():
        return {}
    text = read_text(path, _LIMIT_BYTES, SettingsError)
    values = parse_toml(text, path, SettingsError)
    checked = check(Settings, values)
    if isinstance(checked, Settings):
        return values
    positions = TomlPositions(text)
    errors = []
    for problem in checked:
        find = positions.key if problem.at_key else positions.value
        line, column = find(problem.location)
        errors.append(SettingsError(problem.message, problem.hint, path, line, column))
    first, *others = errors
    first.others = tuple(others)
    raise first


def write_user_setting(key: str, value: Any, path: Path | None = None) -> None:
    """Put one value into the user's settings.toml; comments and all else stay.

    Raises SettingsError for a value that is not allowed, or a file that cannot be read, and
    ProjectError when it cannot be written.
    """
    path = config_folder() / "settings.toml" if path is None else path
    layered(user_settings(path), {key: value})
    text = read_text(path, _LIMIT_BYTES, SettingsError) if path.exists() else ""
    document = tomlkit.parse(text)
    document[key] = value
    with contextlib.suppress(OSError):  # then it cannot be written either, and that is told
        path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(path, tomlkit.dumps(document).encode("utf-8"))


def layered(*layers: Mapping[str, Any]) -> Settings:
    """The settings that result from the layers, later ones winning; raises SettingsError."""
    values: dict[str, Any] = {}
    for layer in layers:
        values.update({key: value for key, value in layer.items() if value is not None})
    checked = check(Settings, values)
    if isinstance(checked, Settings):
        return checked
    raise SettingsError(checked[0].message, checked[0].hint)
