"""Which files belong to an image, and how they name it: tables, words, what an engine keeps."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from llamavis_studio.core.asset import Provenance
from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.png import PROVENANCE_KEY, text_chunks_in
from llamavis_studio.imaging.png_renote import with_note
from llamavis_studio.library.sidecars import kind_of_json, sidecar_names
from llamavis_studio.pipeline.target import Target

ENGINE = ".import"
_UID = ".uid"
"""Godot keeps the uid of some files in one of their own; the rest have it in their `.import`."""


def files_of(root: Path, target: Target) -> Iterator[str]:
    """The image of a target and what lies beside it, as far as it is there; project-relative.

    A `.json` that holds neither a table of ours nor words is somebody else's, and left out.
    """
    if (root / target.output).is_file():
        yield target.output
    if target.beside and (root / target.beside).is_file():
        yield target.beside
    yield from words_of(root, target.output, target.beside)


def words_of(root: Path, output: str, table: str = "") -> Iterator[str]:
    """What Godot and people have noted about an image, beside it."""
    folder, slash, name = output.rpartition("/")
    for beside in (f"{name}{ENGINE}", f"{name}{_UID}", *sidecar_names(name)):
        relative = f"{folder}{slash}{beside}"
        path = root / relative
        if relative == table or path.is_symlink() or not path.is_file():
            continue
        if not beside.endswith(".json") or _holds_words(path):
            yield relative


def renamed_contents(data: bytes, old: str, new: str, source: str) -> bytes:
    """A file's bytes after its image went from `old` to `new` (names without folder).

    A picture of ours says that its description is `source`, unless that is empty; a table names the
    new picture.
    """
    if data.startswith(b"\x89PNG"):
        return _with_source(data, source) if source else data
    before, after = (json.dumps(one, ensure_ascii=False) for one in (old, new))
    return data.replace(f'"image": {before}'.encode(), f'"image": {after}'.encode(), 1)


def _with_source(data: bytes, source: str) -> bytes:
    try:
        note = text_chunks_in(data).get(PROVENANCE_KEY)
        if note is None:
            return data
        told = Provenance.from_json(note)
        if told.source == source:
            return data
        return with_note(data, PROVENANCE_KEY, told.model_copy(update={"source": source}).to_json())
    except (ImageError, ValueError):  # damaged, or a note of somebody else's: it stays as it is
        return data


def _holds_words(path: Path) -> bool:
    try:
        return bool(kind_of_json(path.read_bytes()))
    except OSError:
        return False
