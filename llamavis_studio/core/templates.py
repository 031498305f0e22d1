"""Making a project from a template: the example game, a part of it, or the smallest there is."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from llamavis_studio.core.errors import ProjectError, did_you_mean
from llamavis_studio.core.project_file import PROJECT_FILE
from llamavis_studio.core.resources import resource_path
from llamavis_studio.core.write import write_atomic

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
_NAME = re.compile(r'^name = ".*"$', re.MULTILINE)
_DESCRIPTION = """\
# Change a word and run: llamavis build
description = "brave knight with a red cape"
"""


@dataclass(frozen=True)
class Template:
    """What a project may begin as. `folders` are those of the example it takes; None for all."""

    id: str
    folders: frozenset[str] | None = None


MINIMAL = "minimal"
TEMPLATES: tuple[Template, ...] = (
    Template("dungeon"),
    Template("sprites", frozenset(("characters", "monsters", "items"))),
    Template("tiles", frozenset(("tiles", "backgrounds"))),
    Template(MINIMAL, frozenset()),
)


def make_project(folder: Path, template: str, name: str = "") -> list[str]:
    """Make a project in `folder`; returns the files made, relative to it. `name` is the game's;
    default: the template's own, or the folder's.

    Never changes a file that is already there. Raises ProjectError.
    """
    known = {one.id: one for one in TEMPLATES}
    if template not in known:
        hint = did_you_mean(template, known, "templates")
        raise ProjectError(f"there is no template '{template}'", hint)
    try:
        if folder.exists() and not folder.is_dir():
            raise ProjectError(f"'{folder}' is a file", "choose another name")
        if (folder / PROJECT_FILE).exists():
            raise ProjectError(f"'{folder}' is a project already", f"llamavis build {folder}")
        if template == MINIMAL:
            return _make_minimal(folder, name)
        made = _copy_example(folder, known[template].folders)
        if name:
            text = (folder / PROJECT_FILE).read_text(encoding="utf-8")
            text = _NAME.sub(lambda _match: f"name = {_quoted(name)}", text, count=1)
            write_atomic(folder / PROJECT_FILE, text.encode("utf-8"))
        return made
    except OSError as cause:
        raise ProjectError(
            f"the project cannot be made: {cause.strerror or cause}",
            "check the folder's permissions and the disk's free space",
            folder,
        ) from cause


def _make_minimal(folder: Path, name: str) -> list[str]:
    folder.mkdir(parents=True, exist_ok=True)
    name = name or Path(os.path.realpath(folder)).name
    made = {PROJECT_FILE: _PROJECT.format(name=_quoted(name)), "hero.desc.toml": _DESCRIPTION}
    written = []
    for relative, text in made.items():
        if not (folder / relative).exists():
            (folder / relative).write_text(text, encoding="utf-8", newline="\n")
            written.append(relative)
    return written


def _copy_example(folder: Path, parts: frozenset[str] | None) -> list[str]:
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
    left_out = shutil.ignore_patterns(".llamavis", "*.png", "__pycache__")

    def ignore(where: str, names: list[str]) -> set[str]:
        ignored = left_out(where, names)
        if parts is not None and Path(where) == source:  # the example's words are of all of it
            ignored |= {name for name in names if name != PROJECT_FILE and name not in parts}
        return ignored

    # copy, not copy2: a project made today must not carry the times of the package.
    shutil.copytree(
        source,
        folder,
        ignore=ignore,
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
