"""Putting files away so that they can be taken back: the system's trash, else one in the project.

Nothing is ever deleted here. With an image goes the side file that Godot keeps beside it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from llamavis_studio.core.errors import ProjectError
from llamavis_studio.core.project import STATE_FOLDER, Project

SYSTEM_TRASH = "trash"
PROJECT_TRASH = f"{STATE_FOLDER}/trash"
_SIDE_SUFFIXES = (".import",)
_MOST_DOUBLES = 10_000


@dataclass(frozen=True)
class PutAway:
    """One file that is gone from its place.

    `path` is where it was, inside the project; `place` is "trash" (the system's) or where in the
    project it lies now.
    """

    path: str
    place: str


def put_away(
    project: Project, paths: Iterable[Path], trash: Callable[[str], None] | None = None
) -> tuple[list[PutAway], list[ProjectError]]:
    """Move images, each with its side files, to the system's trash or to `.llamavis/trash/`.

    `trash` moves one file to the system's trash and raises OSError where there is none. Returns
    what was moved and why the others could not be.
    """
    to_system = trash or _trash_of(project)
    moved: list[PutAway] = []
    problems: list[ProjectError] = []
    for path in paths:
        for each in (path, *side_files(path)):
            try:
                moved.append(PutAway(project.relative(each), _move(project, each, to_system)))
            except ProjectError as error:
                problems.append(error)
                break  # the side files stay with their image
    return moved, problems


def side_files(image: Path) -> list[Path]:
    """The files an engine keeps about this image, such as Godot's `hero.png.import`."""
    beside = [image.with_name(image.name + suffix) for suffix in _SIDE_SUFFIXES]
    return [path for path in beside if path.is_file() and not path.is_symlink()]


def _move(project: Project, path: Path, to_system: Callable[[str], None]) -> str:
    try:
        to_system(str(path))
    except OSError:  # no trash here: a container, a network disk, another user's home
        if not os.path.lexists(path):  # moved all the same, or taken by somebody else
            return SYSTEM_TRASH
        return _move_inside(project, path)
    return SYSTEM_TRASH


def _trash_of(project: Project) -> Callable[[str], None]:
    """The system's trash, unless it would be a hidden folder in the project itself.

    Linux keeps the trash of a disk at its top; a project mounted into a container is such a top.
    """
    mounted = sys.platform == "linux" and os.path.ismount(project.root)
    return _no_trash if mounted else _system_trash


def _no_trash(_path: str) -> None:
    raise OSError("there is no trash outside the project")


def _system_trash(path: str) -> None:
    # Imported here: its search for the desktop's own trash takes a tenth of a second.
    from send2trash import send2trash

    send2trash(path)


def _move_inside(project: Project, path: Path) -> str:
    relative = project.relative(path)
    project.make_state_dir()
    try:
        wanted = project.root / PROJECT_TRASH / relative
        for folder in (wanted, *wanted.parents):
            if folder == project.root:
                break
            if folder.is_symlink():
                raise ProjectError("a link stands where the trash should be", "remove it", folder)
        wanted.parent.mkdir(parents=True, exist_ok=True)
        place = _free_place(wanted)
        os.rename(path, place)
    except OSError as cause:
        raise ProjectError(
            f"it cannot be put away: {cause.strerror or cause}",
            f"give yourself permission to write in '{path.parent}'",
            path,
        ) from cause
    return project.relative(place)


def _free_place(wanted: Path) -> Path:
    """`wanted`, or a name like it that is not taken: what was put away earlier stays."""
    for number in range(2, _MOST_DOUBLES):
        if not os.path.lexists(wanted):
            return wanted
        stem = wanted.stem if number == 2 else wanted.stem.rpartition(" ")[0]
        wanted = wanted.with_name(f"{stem} {number}{wanted.suffix}")
    raise FileExistsError(f"too many files of this name lie in {PROJECT_TRASH}")
