"""Folders beside a project that belong to its library, as the user said on this machine.

They stand in the user's own settings, not in the project: a project from elsewhere may not have
the studio read other folders.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from llamavis_studio.core.errors import LibraryError
from llamavis_studio.core.project import Project
from llamavis_studio.core.settings import config_folder
from llamavis_studio.core.write import write_atomic

FILE = "library_folders.json"


def library_folders(project: Project) -> list[Path]:
    """The folders that were added to a project's library."""
    return [Path(path) for path in _read().get(str(project.root), ())]


def add_library_folder(project: Project, folder: Path) -> None:
    """Add a folder. Raises LibraryError for one that is no folder, or is the project's already."""
    real = folder.resolve()
    if not real.is_dir():
        raise LibraryError(f"'{folder}' is no folder", "name a folder of pictures")
    if real == project.root or real.is_relative_to(project.root):
        raise LibraryError(f"'{folder}' is inside the project already", "llamavis import")
    if project.root.is_relative_to(real):
        raise LibraryError(
            f"'{folder}' holds the project itself", "name a folder beside the project"
        )
    now = library_folders(project)
    if any(real == one or real.is_relative_to(one) for one in now):
        return
    _write(project, [*(one for one in now if not one.is_relative_to(real)), real])


def remove_library_folder(project: Project, folder: Path) -> None:
    """Take a folder out again; its files stay. Raises LibraryError when it was none."""
    now = library_folders(project)
    real = folder.resolve()
    if real not in now:
        names = ", ".join(str(one) for one in now) or "none"
        raise LibraryError(f"'{folder}' is no folder of this library", f"they are: {names}")
    _write(project, [one for one in now if one != real])


def _read() -> dict[str, list[str]]:
    try:
        values = json.loads((config_folder() / FILE).read_bytes())
        return {
            str(key): [str(path) for path in paths]
            for key, paths in values.items()
            if isinstance(paths, list)
        }
    except (OSError, ValueError, AttributeError, RecursionError):
        return {}


def _write(project: Project, folders: Sequence[Path]) -> None:
    values = _read()
    values[str(project.root)] = [str(one) for one in folders]
    path = config_folder() / FILE
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as cause:
        raise LibraryError(
            f"{path.parent} cannot be made: {cause.strerror or cause}",
            "give yourself permission to write there",
        ) from cause
    write_atomic(path, (json.dumps(values, indent=1, sort_keys=True) + "\n").encode("utf-8"))
