"""What a reader finds, and how a name inside a file becomes a path inside the project.

Every reader gets the `Place` of its file. It asks the place for the path that a written name means,
and yields what it gets; a name that leads out of the project becomes None and is left out. A file
that cannot be read raises `UnreadableFileError`, after what was found in it has been yielded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from llamavis_studio.core.errors import LibraryError

_LONGEST_NAME = 4096  # characters; no file system takes more
_DRIVE = re.compile(r"[A-Za-z]:/")


class UnreadableFileError(LibraryError):
    """A file of the project is cut short, broken, or too large to be looked through."""


@dataclass(frozen=True)
class References:
    """The files that one file refers to, as paths from the project's folder, sorted, '/' between.

    Nobody has looked whether they exist. `patterns` are paths with `<UDIM>` where the number of a
    tile stands. `problem` says why the file could not be read to its end; "" when it could.
    """

    paths: tuple[str, ...] = ()
    problem: str = ""
    patterns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Place:
    """Where a file lies: its own path in the project, and what its names are relative to.

    `root` is the project's folder on this machine, "" when names from outside mean nothing.
    `godot_root` is the folder in the project that `res://` means. `uid_paths` gives the path, from
    the project's folder, of a `uid://`.
    """

    relative: str
    root: str = ""
    godot_root: str = ""
    uid_paths: Mapping[str, str] = field(default_factory=dict)

    @property
    def folder(self) -> str:
        """The folder of the file, "" at the top of the project."""
        return self.relative.rpartition("/")[0]

    def beside(self, name: str, above: int = 0) -> str | None:
        """The path of a name that is relative to the file's folder, or to one `above` it."""
        folder = self.folder
        for _ in range(above):
            folder = folder.rpartition("/")[0]
        return project_path(name, folder, self.root)

    def resource(self, name: str) -> str | None:
        """The path of Godot's `res://...` (without `::part`) or `uid://...`; None for others."""
        if name.startswith("uid://"):
            return self.uid_paths.get(name)
        if not name.startswith("res://"):
            return None
        inside = project_path(name[6:].partition("::")[0].lstrip("/"), "")
        if inside is None:
            return None
        return f"{self.godot_root}/{inside}" if self.godot_root else inside

    def godot_name(self, name: str, beside: bool) -> str | None:
        """As `resource`, and also a plain path: relative to the file, or else to `res://`."""
        if "://" in name:
            return self.resource(name)
        if _is_absolute(name.replace("\\", "/")):
            return project_path(name, "", self.root)
        if not beside:
            return self.resource(f"res://{name}")
        path = self.beside(name)
        inside = not self.godot_root or (path or "").startswith(f"{self.godot_root}/")
        return path if inside else None


def project_path(name: str, folder: str, root: str = "") -> str | None:
    """The path, from the project's folder, of a name written in a file of `folder`.

    Backslashes separate as '/' does. None when the name is empty, a folder's (it ends with '/'), no
    path at all, or leads out of the project; an absolute path leads into it only if `root` is given
    and begins it.
    """
    text = name.replace("\\", "/")
    if not text or text[-1] == "/" or len(text) > _LONGEST_NAME or "\0" in text:
        return None
    top = _steps(root.replace("\\", "/"), ()) if root else ()
    if top is None:
        return None
    if _is_absolute(text):
        found = _steps(text, ()) if root else None
    else:
        home = _steps(folder, top)
        found = None if home is None else _steps(text, home)
    if found is None or len(found) <= len(top) or not _same(found[: len(top)], top):
        return None
    return "/".join(found[len(top) :])


def _is_absolute(text: str) -> bool:
    return text.startswith("/") or _DRIVE.match(text) is not None


def _steps(text: str, start: tuple[str, ...]) -> tuple[str, ...] | None:
    """The folders on the way of `text` from `start`, or None when it climbs above the top."""
    steps = list(start)
    if text.startswith("/"):
        # So that no relative path looks like an absolute one; a network share has two.
        steps.append("//" if text.startswith("//") else "/")
    for step in text.split("/"):
        if step == "..":
            if not steps or steps[-1] in ("/", "//"):
                return None
            steps.pop()
        elif step not in ("", "."):
            steps.append(step)
    return tuple(steps)


def _same(found: tuple[str, ...], top: tuple[str, ...]) -> bool:
    if top and top[0].endswith(":"):  # Windows: C:/Games is c:/games
        return [step.casefold() for step in found] == [step.casefold() for step in top]
    return found == top
