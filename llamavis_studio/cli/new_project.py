"""Making a project: the example game, or the smallest project there is."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from llamavis_studio.core.errors import ProjectError
from llamavis_studio.core.project_file import PROJECT_FILE
from llamavis_studio.core.resources import resource_path

_PROJECT = """\
# What this game is, and what its images have in common.
[project]
name = {name}

# Descriptions below tiles/ are textures; everything else is a sprite unless it says otherwise.
[[folder]]
path = "tiles/**"
kind = "texture"

# [style.dungeon]
# prefix = "dark, gloomy"
# palette = ["#1a1c2c", "#5d275d", "#b13e53", "#ef7d57", "#ffcd75", "#f4f4f4"]
"""
_DESCRIPTION = """\
# Change a word and run: llamavis build
description = "brave knight with a red cape"
"""


def make_project(folder: Path, minimal: bool) -> list[str]:
    """Make a project in `folder`; returns the files made, relative to it.

    Never changes a file that is already there. Raises ProjectError.
    """
    try:
        if folder.exists() and not folder.is_dir():
            raise ProjectError(f"'{folder}' is a file", "choose another name")
        if (folder / PROJECT_FILE).exists():
            raise ProjectError(f"'{folder}' is a project already", f"llamavis build {folder}")
        if minimal:
            return _make_minimal(folder)
        return _copy_example(folder)
    except OSError as cause:
        raise ProjectError(
            f"the project cannot be made: {cause.strerror or cause}",
            "check the folder's permissions and the disk's free space",
            folder,
        ) from cause


def _make_minimal(folder: Path) -> list[str]:
    folder.mkdir(parents=True, exist_ok=True)
    name = Path(os.path.realpath(folder)).name
    made = {PROJECT_FILE: _PROJECT.format(name=_quoted(name)), "hero.desc.toml": _DESCRIPTION}
    written = []
    for relative, text in made.items():
        if not (folder / relative).exists():
            (folder / relative).write_text(text, encoding="utf-8", newline="\n")
            written.append(relative)
    return written


def _copy_example(folder: Path) -> list[str]:
    source = resource_path("example_project")
    if not (source / PROJECT_FILE).is_file():
        raise ProjectError(
            "the example project is not part of this installation",
            f"llamavis new --minimal {folder}",
        )
    if folder.exists() and any(folder.iterdir()):
        raise ProjectError(
            f"'{folder}' is not empty",
            f"choose another folder, or add a project file to it: llamavis new --minimal {folder}",
        )
    # copy, not copy2: a project made today must not carry the times of the package.
    shutil.copytree(
        source,
        folder,
        ignore=shutil.ignore_patterns(".llamavis", "*.png", "__pycache__"),
        copy_function=shutil.copyfile,
        dirs_exist_ok=True,
    )
    return sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    )


def _quoted(text: str) -> str:
    escaped = text.encode("utf-8", "replace").decode("utf-8")
    escaped = escaped.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else "?" for c in escaped) + '"'
