"""Names and paths that mean the same file on Linux, macOS and Windows, inside one folder."""

from __future__ import annotations

import os
import re
import unicodedata
from pathlib import Path, PurePosixPath

from llamavis_studio.core.errors import ProjectError
from llamavis_studio.core.fields import forbidden_character

# Windows opens a device instead of a file for these, whatever the extension.
_DEVICE = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|clock\$|com[0-9¹²³]|lpt[0-9¹²³])", re.IGNORECASE
)
_LONGEST_NAME_BYTES = 200  # 255 is the usual limit; room for _63.png and a temporary's marks


def name_problem(name: str) -> str | None:
    """Why `name` cannot be a file's name everywhere, in words; None when it can."""
    if not name or name in (".", ".."):
        return "the name is empty" if not name else f"'{name}' is not a name"
    bad = forbidden_character(name)
    if bad is not None or "\t" in name or "\n" in name or "\r" in name:
        return "the name holds a character that is not text"
    for character in '/\\:*?"<>|':
        if character in name:
            return f"the name '{name}' holds '{character}'"
    if name[-1] in ". ":
        return f"the name '{name}' ends in a dot or a space, which Windows removes"
    if name[0] == " ":
        return f"the name '{name}' begins with a space"
    if _DEVICE.fullmatch(name.split(".", 1)[0].rstrip()):
        return f"'{name}' is the name of a device on Windows"
    if len(name.encode("utf-8")) > _LONGEST_NAME_BYTES:
        return f"the name is too long: {name[:30]}..."
    return None


def folded(relative: str) -> str:
    """A path as disks see it that ignore case or normalise names; equal means the same file."""
    return unicodedata.normalize("NFC", relative).casefold()


def join_inside(root: Path, relative: str, near: Path | None = None) -> Path:
    """`relative` as a path inside `root`; raises ProjectError when it could lead elsewhere.

    `root` is absolute and resolved. `relative` counts from the folder `near`, itself inside the
    root, or from the root. Links are followed: a link to a place outside is refused.
    """
    hint = "name a file inside the project, with / between folders"
    if not relative.strip():
        raise ProjectError("the path is empty", hint)
    if relative.startswith(("/", "\\", "~")) or re.match(r"[A-Za-z]:", relative):
        raise ProjectError(f"'{relative}' is not a path inside the project", hint)
    if "\\" in relative:
        raise ProjectError(f"'{relative}' holds a backslash", hint)
    base = root if near is None else near
    parts = list(base.relative_to(root).parts)
    for part in PurePosixPath(relative).parts:
        if part == "..":
            if not parts:
                raise ProjectError(f"'{relative}' leaves the project", hint)
            parts.pop()
            continue
        problem = name_problem(part)
        if problem is not None:
            raise ProjectError(f"'{relative}': {problem}", "rename it")
        parts.append(part)
    joined = root.joinpath(*parts)
    try:
        target = Path(os.path.realpath(joined))
    except (OSError, ValueError) as cause:
        raise ProjectError(f"'{relative}' cannot be followed", "remove the link") from cause
    if not target.is_relative_to(root):
        raise ProjectError(f"'{relative}' is a link that leaves the project", hint)
    return joined
