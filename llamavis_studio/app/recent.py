"""Projects that were open here, and the user's own copy of the example."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSettings

from llamavis_studio.core.errors import ProjectError
from llamavis_studio.core.project_file import PROJECT_FILE
from llamavis_studio.core.resources import resource_path
from llamavis_studio.core.settings import state_folder

MOST = 10
_KEY = "recent"


def recent_projects(store: QSettings) -> list[Path]:
    """The folders, the one used last first; some may be gone."""
    value: Any = store.value(_KEY, [])
    names = [value] if isinstance(value, str) else list(value or [])
    return [Path(name) for name in names][:MOST]


def remember_project(store: QSettings, folder: Path) -> None:
    """Put a project in front."""
    others = [one for one in recent_projects(store) if one != folder]
    store.setValue(_KEY, [str(one) for one in (folder, *others)][:MOST])


def forget_project(store: QSettings, folder: Path) -> None:
    """Take a project off the list; its files stay."""
    store.setValue(_KEY, [str(one) for one in recent_projects(store) if one != folder])
    pictures_file(folder).unlink(missing_ok=True)


def is_there(folder: Path) -> bool:
    """Whether a project is still in its folder."""
    try:
        return (folder / PROJECT_FILE).exists()
    except OSError:
        return False


def pictures_file(folder: Path) -> Path:
    """Where a strip of a project's pictures is kept; may not exist."""
    name = hashlib.sha256(str(folder).encode("utf-8")).hexdigest()[:20]
    return state_folder() / "recent" / f"{name}.png"


def example_project() -> Path:
    """The user's copy of the example, made when there is none. Raises ProjectError."""
    folder = state_folder() / "example"
    if (folder / PROJECT_FILE).exists():
        return folder
    try:
        shutil.copytree(resource_path("example_project"), folder, dirs_exist_ok=True)
    except (OSError, shutil.Error) as error:
        raise ProjectError(
            f"the example cannot be copied to {folder}", "check that the disk has room", folder
        ) from error
    return folder
