# SPDX-License-Identifier: GPL-3.0-or-later
"""Small pictures for the list: Blender reads them itself, when they are seen, in its own job."""

from __future__ import annotations

import os

import bpy
import bpy.utils.previews

from .entries import Picture
from .session import SESSION

_MOST = 2000


class _Kept:
    """The collection while the extension is on, and the revision of each picture in it."""

    collection: bpy.utils.previews.ImagePreviewCollection | None = None
    revisions: dict[str, str] = {}  # noqa: RUF012 - there is one collection
    spellings: dict[str, tuple[int, int]] = {}  # noqa: RUF012 - the same
    """The second of a picture's last change, and how often it was read since."""


def icon_of(picture: Picture) -> int:
    """The icon of an image; 0 where there is none."""
    path = SESSION.absolute(picture.path)
    if _Kept.collection is None or not picture.revision or not path:
        return 0
    if _Kept.revisions.get(path) != picture.revision:
        drop(path)
        if len(_Kept.revisions) >= _MOST:
            clear()
        _Kept.collection.load(path, _spelling(path, picture.revision), "IMAGE")
        _Kept.revisions[path] = picture.revision
    return int(_Kept.collection[path].icon_id)


def _spelling(path: str, revision: str) -> str:
    """The path, spelled anew for a file that changed twice within one second.

    Blender keeps thumbnails by the path's text and the file's time in whole seconds (4.2 to 5.2),
    and would show the one before.
    """
    try:
        second = int(revision.partition("-")[0], 16) // 1_000_000_000
    except ValueError:
        second = 0  # not a time: spelled anew whenever it changes
    before, times = _Kept.spellings.get(path, (second, -1))
    times = times + 1 if before == second else 0
    _Kept.spellings[path] = (second, times)
    folder, name = os.path.split(path)
    return os.path.join(folder, *["."] * times, name)


def drop(path: str) -> None:
    """An image changed: read it again when it is next seen."""
    if _Kept.collection is not None and _Kept.revisions.pop(path, None) is not None:
        del _Kept.collection[path]


def clear() -> None:
    """Forget them all."""
    _Kept.revisions.clear()
    _Kept.spellings.clear()
    if _Kept.collection is not None:
        _Kept.collection.clear()


def register() -> None:
    """Begin."""
    _Kept.collection = bpy.utils.previews.new()
    _Kept.revisions.clear()


def unregister() -> None:
    """Leave nothing."""
    if _Kept.collection is not None:
        bpy.utils.previews.remove(_Kept.collection)
        _Kept.collection = None
    _Kept.revisions.clear()
    _Kept.spellings.clear()
