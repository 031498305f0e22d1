"""Which files of the project a file of the project refers to.

The name decides the reader. The reader yields paths until it is through or finds the file broken;
both the paths and the reason are kept. Nothing here raises for what a file holds, and nothing looks
whether a path exists.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from typing import BinaryIO

from llamavis_studio.library.uses.blend import blend_references
from llamavis_studio.library.uses.godot_binary import binary_references
from llamavis_studio.library.uses.godot_code import (
    csharp_references,
    gdscript_references,
    shader_file_references,
)
from llamavis_studio.library.uses.godot_text import (
    godot_uids,
    plugin_references,
    text_references,
)
from llamavis_studio.library.uses.ldtk import ldtk_references
from llamavis_studio.library.uses.references import Place, References, UnreadableFileError
from llamavis_studio.library.uses.sheets import sheet_boxes, sheet_image
from llamavis_studio.library.uses.tiled import tiled_json_references, tiled_xml_references

__all__ = [
    "READS",
    "References",
    "godot_uids",
    "is_user",
    "references_from",
    "references_in",
    "sheet_boxes",
    "sheet_image",
]

MOST_BYTES = 64 << 20  # 64 MiB
MOST_CODE_BYTES = 8 << 20  # 8 MiB: no one writes as much, and each line is taken apart
MOST_BLEND_BYTES = 2 << 30  # 2 GiB
_LFS_POINTER = b"version https://git-lfs.github.com/spec/"
_UDIM = "<UDIM>"

_Reader = Callable[[Place, bytes], Iterator[str | None]]

_BY_SUFFIX: dict[str, _Reader] = {
    ".tscn": text_references,
    ".tres": text_references,
    ".gdextension": text_references,
    ".gd": gdscript_references,
    ".cs": csharp_references,
    ".gdshader": shader_file_references,
    ".gdshaderinc": shader_file_references,
    ".scn": binary_references,
    ".res": binary_references,
    ".material": binary_references,
    ".theme": binary_references,
    ".mesh": binary_references,
    ".meshlib": binary_references,
    ".tmx": tiled_xml_references,
    ".tsx": tiled_xml_references,
    ".tx": tiled_xml_references,
    ".tmj": tiled_json_references,
    ".tsj": tiled_json_references,
    ".tj": tiled_json_references,
    ".world": tiled_json_references,
    ".json": tiled_json_references,
    ".ldtk": ldtk_references,
    ".ldtkl": ldtk_references,
}
_BY_NAME: dict[str, _Reader] = {
    "project.godot": text_references,
    "override.cfg": text_references,
    "export_presets.cfg": text_references,
    "plugin.cfg": plugin_references,
}
_CODE = (gdscript_references, csharp_references, shader_file_references)
_BLEND = ".blend"

READS: frozenset[str] = frozenset({*_BY_SUFFIX, _BLEND, ".godot", ".cfg"})
"""The suffixes, in lower case, of files that may refer to others; `is_user` knows exactly."""


def is_user(name: str) -> bool:
    """Whether a file of this name, or path, is one that `references_in` reads."""
    return _suffix(name) == _BLEND or _reader(name) is not None


def references_in(
    relative: str,
    data: bytes,
    uid_paths: Mapping[str, str],
    *,
    godot_root: str = "",
    root: str = "",
) -> References:
    """The files that the file at `relative`, a path from the project's folder, refers to.

    `uid_paths` gives the path of each `uid://` (see `godot_uids`), `godot_root` is the folder of
    the `project.godot` above the file, both from the project's folder. With `root`, the project's
    folder on this machine, absolute paths into it are known too. Paths that leave the project, and
    the file's own, are left out.
    """
    return references_from(relative, io.BytesIO(data), uid_paths, godot_root=godot_root, root=root)


def references_from(
    relative: str,
    stream: BinaryIO,
    uid_paths: Mapping[str, str],
    *,
    godot_root: str = "",
    root: str = "",
) -> References:
    """As `references_in`, from a stream that can seek; of a .blend, only what is needed is read.

    Raises:
        OSError: the stream cannot be read.
    """
    place = Place(relative.replace("\\", "/"), root, godot_root.strip("/"), uid_paths)
    paths: set[str] = set()
    problem = ""
    try:
        for path in _names(place, stream):
            if path is not None:
                paths.add(path)
    except UnreadableFileError as error:
        problem = error.message
    paths.discard(place.relative)
    return References(
        tuple(sorted(path for path in paths if _UDIM not in path)),
        problem,
        tuple(sorted(path for path in paths if _UDIM in path)),
    )


def _names(place: Place, stream: BinaryIO) -> Iterator[str | None]:
    blend = _suffix(place.relative) == _BLEND
    reader = _reader(place.relative)
    if not blend and reader is None:
        return
    start = stream.tell()
    size = stream.seek(0, io.SEEK_END) - start
    stream.seek(start)
    most = MOST_BLEND_BYTES if blend else MOST_CODE_BYTES if reader in _CODE else MOST_BYTES
    if size > most:
        raise UnreadableFileError(f"the file is over {most >> 20} MiB")
    head = stream.read(len(_LFS_POINTER))
    stream.seek(start)
    if head == _LFS_POINTER:
        raise UnreadableFileError("only a pointer of Git LFS: the file itself is not here")
    if reader is None:
        yield from blend_references(place, stream)
    else:
        yield from reader(place, stream.read(most))


def _reader(name: str) -> _Reader | None:
    base = name.replace("\\", "/").rpartition("/")[2].lower()
    return _BY_NAME.get(base) or _BY_SUFFIX.get(_suffix(base))


def _suffix(name: str) -> str:
    stem, dot, suffix = name.rpartition(".")
    return f".{suffix.lower()}" if dot and stem else ""
