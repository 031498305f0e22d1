"""The game's own files that name images which moved: told always, changed when asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from llamavis_studio.core.project import Project
from llamavis_studio.file_actions.draft import Draft
from llamavis_studio.library.uses.renaming import still_named, with_files_moved

Uses = tuple[tuple[str, str], ...]
"""Pairs of a file and an image that it names."""
_GODOT_PROJECT = "project.godot"


def update_names(
    project: Project, draft: Draft, moved: Mapping[str, str], uses: Sequence[tuple[str, str]]
) -> tuple[tuple[str, ...], Uses]:
    """Draft the new paths of moved files (old to new) in the files that name them.

    Answers which files were changed, and the uses that are still by the old name: those in binary
    files, or in ways that cannot be changed safely. Raises ProjectError for a file that cannot be
    read.
    """
    updated: list[str] = []
    left = list(uses)
    for user in dict.fromkeys(user for user, _ in uses):
        path = project.root / user
        if path.is_symlink() or not path.is_file():
            continue
        godot = _godot_root(project, user)
        root = str(project.root)
        now = moved.get(user, user)
        data = draft.read(now) or b""
        changed = with_files_moved(user, data, moved, godot_root=godot, root=root)
        if changed == data:
            continue
        draft.write(now, changed)
        updated.append(user)
        names = set(still_named(user, changed, moved, godot, root))
        left = [one for one in left if one[0] != user or one[1] in names]
    return tuple(updated), tuple(left)


def _godot_root(project: Project, relative: str) -> str:
    """The folder of the Godot project around a file, from the project's; "" is the root."""
    for folder in (project.root / relative).parents:
        if folder == project.root:
            return ""
        if (folder / _GODOT_PROJECT).is_file():
            return project.relative(folder)
    return ""
