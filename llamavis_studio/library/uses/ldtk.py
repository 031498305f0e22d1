"""References of LDtk's projects and of their levels in files of their own.

All names are relative to the project file. A level's file lies in a folder beside the project that
has the project's name, so its names are relative to the folder above its own.

Source: https://ldtk.io/json/ (LDtk 1.5).
"""

from __future__ import annotations

from collections.abc import Iterator

from llamavis_studio.library.uses.json_values import json_value, objects_in
from llamavis_studio.library.uses.references import Place

_KEYS = ("relPath", "bgRelPath", "__tilesetRelPath", "externalRelPath", "iconRelPath")
_FILE_TYPES = ("FilePath", "Array<FilePath>")


def ldtk_references(place: Place, data: bytes) -> Iterator[str | None]:
    """What a .ldtk or .ldtkl file names: tilesets, backgrounds, level files, fields that are files.

    Raises:
        UnreadableFileError: broken JSON.
    """
    above = 1 if place.relative.lower().endswith(".ldtkl") else 0
    for found in objects_in(json_value(data)):
        names = [found.get(key) for key in _KEYS]
        if found.get("__type") in _FILE_TYPES:
            value = found.get("__value")
            names.extend(value if isinstance(value, list) else [value])
        for name in names:
            if isinstance(name, str):
                yield place.beside(name, above)
