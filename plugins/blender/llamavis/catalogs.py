# SPDX-License-Identifier: GPL-3.0-or-later
"""Catalogs of Blender's asset browser in `blender_assets.cats.txt`: merged, never rewritten.

A catalog that is there keeps its UUID, and all lines of others stay as they are. No bpy here.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import uuid
from pathlib import Path

NAME = "blender_assets.cats.txt"
_HEAD = """# This is an Asset Catalog Definition file for Blender.
#
# Empty lines and lines starting with `#` will be ignored.
# The first non-ignored line should be the version indicator.
# Other lines are of the format "UUID:catalog/path/for/assets:simple catalog name"

VERSION 1

"""
_SPACE = uuid.UUID("6f1d1a2e-5d0b-4f0e-9a0c-2d0b6c1f3a77")


class CatalogError(Exception):
    """The file cannot be read or written; the text says why."""


def catalog_path(project: str, source: str) -> str:
    """The catalog of a description: the project's name, and the description's folder in it."""
    parts = [project or "LlamaVis", *source.split("/")[:-1]]
    return "/".join(part.replace(":", "-").strip() or "-" for part in parts)


def merge(text: str, path: str) -> tuple[str, str]:
    """The text with a catalog of that path in it, and the catalog's UUID.

    Raises CatalogError for a file of another version.
    """
    version = ""
    for line in text.splitlines():
        line = line.strip().lstrip("\ufeff")
        if not line or line.startswith("#"):
            continue
        if not version:
            version = line
            if line != "VERSION 1":
                raise CatalogError("the catalogs are of a version that is not known here")
            continue
        found, _, rest = line.partition(":")
        if rest.partition(":")[0].strip() == path and _is_uuid(found):
            return text, found.strip()
    new = str(uuid.uuid5(_SPACE, path))
    simple = path.replace("/", "-")
    base = text if version else text + _HEAD
    if base and not base.endswith("\n"):
        base += "\n"
    ending = "\r\n" if "\r\n" in text else "\n"
    return f"{base}{new}:{path}:{simple}{ending}", new


def have_catalog(folder: Path, path: str) -> str:
    """The UUID of a catalog in the library `folder`, added where it is not there.

    Raises CatalogError.
    """
    file = folder / NAME
    try:
        text = file.read_bytes().decode("utf-8") if file.exists() else ""
        merged, found = merge(text, path)
        if merged != text:
            _write(file, merged.encode("utf-8"))
    except (OSError, UnicodeDecodeError) as cause:
        why = cause.strerror if isinstance(cause, OSError) else "it is not UTF-8"
        raise CatalogError(f"{NAME}: {why}") from cause
    return found


def library_of(blend: Path, libraries: list[Path]) -> Path:
    """The asset library that a .blend file belongs to: a known one, or the nearest with catalogs,
    or its own folder."""
    for library in libraries:
        if blend.is_relative_to(library):
            return library
    for folder in blend.parents:
        with contextlib.suppress(OSError):
            if (folder / NAME).is_file():
                return folder
    return blend.parent


def _write(file: Path, data: bytes) -> None:
    target = Path(os.path.realpath(file))
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(name, (target.stat().st_mode & 0o777) if target.exists() else 0o644)
        os.replace(name, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text.strip())
    except ValueError:
        return False
    return True
