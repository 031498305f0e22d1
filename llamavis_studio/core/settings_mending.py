"""A settings file that is damaged: what can still be read of it, and a new one beside the old.

Reading never changes the file. Only when a setting is changed is the damaged one kept under another
name, and a new one begun with what could be read.
"""

from __future__ import annotations

import contextlib
import datetime
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from llamavis_studio.core.errors import LlamaVisError, SettingsError
from llamavis_studio.core.settings import (
    config_folder,
    layered,
    user_settings,
    write_user_setting,
)
from llamavis_studio.core.write import explained, write_atomic

_MOST_BYTES = 64 * 1024


def readable_settings(path: Path | None = None) -> tuple[dict[str, Any], LlamaVisError | None]:
    """The values of the user's settings.toml that are allowed, and what is wrong with the file;
    None where nothing is.
    """
    path = config_folder() / "settings.toml" if path is None else path
    try:
        return user_settings(path), None
    except LlamaVisError as error:
        return _good_values(path), error


def change_setting(key: str, value: Any, path: Path | None = None) -> Path | None:
    """Put one value into the user's settings.toml. A damaged file is kept beside the new one first:
    where, or None when it was whole.

    Raises SettingsError for a value that is not allowed, and ProjectError when the disk refuses.
    """
    path = config_folder() / "settings.toml" if path is None else path
    layered({key: value})
    good, error = readable_settings(path)
    if error is None:
        write_user_setting(key, value, path)
        return None
    try:
        old = path.read_bytes()
    except OSError as cause:
        raise explained(cause, path) from cause
    aside = _free_name(path)
    write_atomic(aside, old)  # it is safe there before the other is written
    document = tomlkit.document()
    for name, one in {**good, key: value}.items():
        document[name] = one
    write_atomic(path, tomlkit.dumps(document).encode("utf-8"))
    return aside


def _good_values(path: Path) -> dict[str, Any]:
    """What a damaged file says that can be used; nothing where it is no TOML at all."""
    try:
        with path.open("rb") as file:
            text = file.read(_MOST_BYTES).decode("utf-8")
        values = tomlkit.parse(text).unwrap()
    except (OSError, ValueError, TOMLKitError, RecursionError):
        return {}
    good = {}
    for key, value in values.items():
        with contextlib.suppress(SettingsError):
            layered({key: value})
            good[key] = value
    return good


def _free_name(path: Path) -> Path:
    now = datetime.datetime.now(datetime.UTC).strftime("%Y%m%d-%H%M%S")
    wanted = path.with_name(f"{path.name}.damaged-{now}")
    number = 2
    while wanted.exists():
        wanted = path.with_name(f"{path.name}.damaged-{now}-{number}")
        number += 1
    return wanted
