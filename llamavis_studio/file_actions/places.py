"""Where files may be moved to: folders of the project that the studio looks into, sound names."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from llamavis_studio.core.description import is_description_file
from llamavis_studio.core.errors import ProjectError
from llamavis_studio.core.paths import name_problem
from llamavis_studio.core.project import Project
from llamavis_studio.core.project_file import PROJECT_FILE

_ELSEWHERE = "choose a folder of the project; to take pictures elsewhere: llamavis copy-out"


@dataclass(frozen=True)
class Destination:
    """A folder of the project (with a slash at its end, empty for the root), and a new name or
    None where what goes there keeps its own.
    """

    folder: str
    name: str | None = None


def destination(project: Project, written: str, several: bool, near: Path) -> Destination:
    """What `mv` would take `written` for, a path as it was typed in the folder `near`: a folder
    where it is one, ends in a slash, or several things go there; else a new name.

    Raises ProjectError.
    """
    path = Path(os.path.abspath(near / written))
    if several or written.endswith(("/", os.sep)) or path.is_dir():
        return Destination(folder_of(project, path))
    return Destination(folder_of(project, path.parent), path.name)


def folder_of(project: Project, path: Path) -> str:
    """A folder that is there or may be made, as a `Destination` has it. Raises ProjectError."""
    place = path if path.is_relative_to(project.root) else Path(os.path.realpath(path))
    if not place.is_relative_to(project.root):
        raise ProjectError(f"'{path}' is not in this project", _ELSEWHERE, path)
    found = project.root
    for part in place.relative_to(project.root).parts:
        found = found / part
        _check(found)
    return "" if found == project.root else f"{project.relative(found)}/"


def folders_of(project: Project) -> list[str]:
    """The folders that the studio looks into, by their paths in the project; its own is ""."""
    found, pending = [""], [project.root]
    while pending:
        try:
            with os.scandir(pending.pop()) as entries:
                listed = [one for one in entries if one.is_dir(follow_symlinks=False)]
        except OSError:
            continue
        for one in listed:
            path = Path(one.path)
            if not one.name.startswith(".") and not is_description_file(one.name):
                if not (path / PROJECT_FILE).exists():
                    found.append(project.relative(path))
                    pending.append(path)
    return sorted(found)


def remove_empty(project: Project, folders: Iterable[str]) -> None:
    """Take away folders that hold nothing but empty folders; others stay as they are."""
    for folder in folders:
        for place, _folders, _files in os.walk(project.root / folder, topdown=False):
            with contextlib.suppress(OSError):  # it is not empty, or may not be removed
                os.rmdir(place)


def _check(folder: Path) -> None:
    name = folder.name
    if name.startswith("."):
        raise ProjectError(f"'{name}' is a hidden folder", "the studio looks into no such", folder)
    if is_description_file(name):
        raise ProjectError(f"'{name}' is no name for a folder", "choose another folder", folder)
    if folder.is_symlink():
        raise ProjectError(f"'{name}' is a link", "name the folder itself", folder)
    if not folder.exists():
        problem = name_problem(name)
        if problem is not None:
            raise ProjectError(problem, "choose another name", folder)
    elif not folder.is_dir():
        raise ProjectError(f"'{name}' is a file", "choose a folder", folder)
    elif (folder / PROJECT_FILE).exists():
        raise ProjectError(
            f"'{name}' is a project of its own", "choose a folder of this project", folder
        )
