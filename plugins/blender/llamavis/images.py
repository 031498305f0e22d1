# SPDX-License-Identifier: GPL-3.0-or-later
"""Images of the project in Blender: found by where they lie, reloaded in place, read rightly.

A data-block's name says nothing (it is cut, numbered and changed by users); its file does.
"""

from __future__ import annotations

import contextlib
import os

import bpy

RELOADED, PACKED, PAINTED, GONE, SAME, UNUSED = (
    "reloaded", "packed", "painted", "gone", "same", "unused",
)  # fmt: skip
COLOURS = ("base_color",)
_FROM_FILES = ("FILE", "SEQUENCE", "TILED")


def real(path: str) -> str:
    """A path that compares equal whenever the file is the same one."""
    return os.path.normcase(os.path.realpath(path))


def path_of(image: bpy.types.Image) -> str:
    """Where an image's file lies, absolute; "" for one that comes from no file."""
    if image.source not in _FROM_FILES or not image.filepath:
        return ""
    # A linked image's `//` is the folder of the library, not of the file that is open.
    return os.path.normpath(bpy.path.abspath(image.filepath, library=image.library))


def images_at(path: str) -> list[bpy.types.Image]:
    """Every image data-block that reads this file."""
    wanted, name = real(path), os.path.normcase(os.path.basename(path))
    found = []
    for image in bpy.data.images:
        # The names first: they cost little, and need no look at the disk.
        if os.path.normcase(image.filepath.replace("\\", "/").rpartition("/")[2]) == name:
            there = path_of(image)
            if there and real(there) == wanted:
                found.append(image)
    return found


def stamp(path: str) -> tuple[int, int] | None:
    """Changes whenever the file does; None where there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def follow(path: str) -> str:
    """Read a file that changed anew wherever it is shown; what was done with it."""
    images = images_at(path)
    if not images:
        return UNUSED
    if not os.path.isfile(path):
        return GONE  # its last pixels stay: reload() would leave an empty image
    done = SAME
    for image in images:
        if image.packed_file is not None or len(image.packed_files) > 0:
            done = PACKED if done == SAME else done
        elif image.is_dirty:
            done = PAINTED if done == SAME else done
        else:
            image.reload()
            done = RELOADED
    return done


def have(path: str, role: str = "base_color") -> bpy.types.Image:
    """The image of a file, loaded where it is not there yet, with the colours of its role.

    Raises RuntimeError where the file cannot be read.
    """
    found = images_at(path)
    # What is linked cannot be changed, but serves as it is.
    image = next((one for one in found if one.library is None), found[0] if found else None)
    if image is None:
        image = bpy.data.images.load(path)
        image.filepath = _short(path)
    if image.library is None:
        space = "sRGB" if role in COLOURS else "Non-Color"
        if image.colorspace_settings.name != space:
            with contextlib.suppress(TypeError):  # a colour configuration without it
                image.colorspace_settings.name = space
    return image


def _short(path: str) -> str:
    """Relative to a .blend file that is saved, so that the two can move together."""
    if bpy.data.filepath:
        with contextlib.suppress(ValueError):  # another drive
            return str(bpy.path.relpath(path))
    return path
