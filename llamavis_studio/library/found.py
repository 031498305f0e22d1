"""Reading one image and what lies beside it: a pure function of the files, run in other processes.

stat, read, hash -> inspect the pixels -> provenance and XMP inside -> sidecars beside
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from typing import NamedTuple

from llamavis_studio.core.asset import Provenance
from llamavis_studio.core.recipe import Kind
from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.inspect import Inspected, inspect_image
from llamavis_studio.imaging.material_maps import MAP_NAMES
from llamavis_studio.imaging.png import PROVENANCE_KEY, text_chunks_in
from llamavis_studio.imaging.png_chunks import SIGNATURE, has_notes
from llamavis_studio.imaging.xmp_in_files import read_xmp
from llamavis_studio.library.sidecars import (
    CaptionSaid,
    SidecarError,
    TagSaid,
    WordsWithOrigin,
    kind_of_json,
    read_sidecar,
)
from llamavis_studio.library.uses.sheets import sheet_boxes
from llamavis_studio.library.walk import Stamp, stamp_of

MOST_BYTES = 256 << 20
"""Larger image files are not read."""
_MOST_SIDECAR_BYTES = 1 << 20
_XMP_SIGNS = (b"http://ns.adobe.com/xap/1.0/", b"Photoshop 3.0")
_SEEN_BYTES = 256 << 10
"""How far into a JPEG words are looked for: they stand before the pixels."""

_BUILT_KINDS = frozenset((*Kind, *MAP_NAMES, "sheet"))


class Task(NamedTuple):
    """One image to read; `sidecars` are (relative, absolute) paths of what lies beside it."""

    relative: str
    path: str
    sidecars: tuple[tuple[str, str], ...] = ()


class SideFound(NamedTuple):
    """One sidecar: what it says, or why it cannot be read."""

    relative: str
    stamp: Stamp
    digest: bytes
    words: WordsWithOrigin
    problem: str = ""
    frames: int = 0
    """How many pictures it cuts the image into, when it is the table of a sprite sheet."""


class Found(NamedTuple):
    """One image as it was read. `gone` when it was not there any more, or could not be opened."""

    relative: str
    stamp: Stamp
    digest: bytes
    inspected: Inspected | None
    words: WordsWithOrigin
    sides: tuple[SideFound, ...] = ()
    problem: str = ""
    gone: bool = False
    kind: str = ""
    """What it was made for, where it was built from a description."""


def read_one(task: Task) -> Found:
    """Read an image; whatever is wrong with it becomes its `problem`."""
    stamp = Stamp(0, 0, 0, 0)
    sides = tuple(side for name, path in task.sidecars if (side := read_side(name, path)))
    try:
        handle = os.open(task.path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        with os.fdopen(handle, "rb") as stream:
            stamp = stamp_of(os.fstat(handle))
            # Asked for by size: room for the most there may be costs more than a sprite's reading.
            data = stream.read(min(stamp.size_bytes, MOST_BYTES) + 1)
    except FileNotFoundError:
        return Found(task.relative, stamp, b"", None, WordsWithOrigin(), sides, gone=True)
    except OSError as error:
        problem = f"cannot be read: {error.strerror or error}"
        return Found(task.relative, stamp, b"", None, WordsWithOrigin(), sides, problem)
    digest = digest_of(data)
    if len(data) > MOST_BYTES:
        problem = f"the file is over {MOST_BYTES >> 20} MiB"
        return Found(task.relative, stamp, digest, None, WordsWithOrigin(), sides, problem)
    name = os.path.basename(task.relative)
    inspected = inspect_image(data, name)
    words, kind = words_inside(data)
    return Found(task.relative, stamp, digest, inspected, words, sides, kind=kind)


def digest_of(data: bytes) -> bytes:
    """The hash by which the library knows a file's content again: blake2b, 16 bytes."""
    return hashlib.blake2b(data, digest_size=16).digest()


def words_inside(data: bytes) -> tuple[WordsWithOrigin, str]:
    """What an image file says about itself, the description it was built from or its XMP, and the
    kind that such a description has.
    """
    if data.startswith(SIGNATURE):
        if not has_notes(data):
            return WordsWithOrigin(), ""
        with contextlib.suppress(ImageError, KeyError, ValueError):  # cut or changed: see below
            told = Provenance.from_json(text_chunks_in(data)[PROVENANCE_KEY])
            caption = CaptionSaid(told.prompt, "human", "description", None)
            return WordsWithOrigin((caption,), ()), _kind_of(told)
    elif not _may_say(data):
        return WordsWithOrigin(), ""
    try:
        said = read_xmp(data)
    except ImageError:
        return WordsWithOrigin(), ""
    if said is None:
        return WordsWithOrigin(), ""
    text = said.description or said.title
    captions = (CaptionSaid(text, "imported", "xmp", None),) if text else ()
    tags = tuple(TagSaid(name, "imported", "xmp", None) for name in said.subjects)
    return WordsWithOrigin(captions, tags), ""


def _kind_of(told: Provenance) -> str:
    """The kind of its description; of a map or a sheet that was made from an image, which it is."""
    making = told.parts.get("making")
    kind = making[0] if isinstance(making, list) and making else told.parts.get("kind")
    return kind if isinstance(kind, str) and kind in _BUILT_KINDS else ""


def _may_say(data: bytes) -> bool:
    """Whether a JPEG or WebP holds words: a cheap question before the whole file is cut up."""
    if data[8:16] == b"WEBPVP8X":
        return len(data) > 20 and bool(data[20] & 0x04)  # its packet stands behind the pixels
    head = data[:_SEEN_BYTES]
    return any(sign in head for sign in _XMP_SIGNS)


def read_side(relative: str, path: str) -> SideFound | None:
    """Read a file beside an image; None when it is gone, or says nothing about the image."""
    try:
        with open(path, "rb") as stream:
            stamp = stamp_of(os.fstat(stream.fileno()))
            data = stream.read(min(stamp.size_bytes, _MOST_SIDECAR_BYTES) + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        problem = f"cannot be read: {error.strerror or error}"
        return SideFound(relative, Stamp(0, 0, 0, 0), b"", WordsWithOrigin(), problem)
    digest = digest_of(data)
    name = os.path.basename(relative)
    if name.lower().endswith(".json") and not kind_of_json(data) and _is_whole_json(data):
        frames = len(sheet_boxes(data))  # 0: a game's own data
        return SideFound(relative, stamp, digest, WordsWithOrigin(), frames=frames)
    try:
        words = read_sidecar(name, data)
    except SidecarError as error:
        return SideFound(relative, stamp, digest, WordsWithOrigin(), error.message)
    return SideFound(relative, stamp, digest, words)


def _is_whole_json(data: bytes) -> bool:
    """Whether it can be read, or is so long that no person wrote it."""
    if len(data) > _MOST_SIDECAR_BYTES:
        return True
    try:
        json.loads(data)
    except RecursionError:
        return True
    except ValueError:
        return False
    return True
