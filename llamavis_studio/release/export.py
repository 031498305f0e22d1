"""The export: a project's images as a game ships them, without notes, and a list of what they are.

    make_export   reads the images into an `Export`; refuses what is not fresh
    Export.plus   adds files in other formats, such as sheets and atlases for engines
    write_folder, write_zip   put it on disk, over nothing but an earlier export

Equal projects give equal bytes, zip archives included.
"""

from __future__ import annotations

import hashlib
import io
import os
import stat
import zipfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from llamavis_studio import __version__
from llamavis_studio.core.asset import AssetState, Provenance
from llamavis_studio.core.errors import ProjectError
from llamavis_studio.core.hashing import sha256_hex
from llamavis_studio.core.paths import folded, join_inside
from llamavis_studio.core.project import Project
from llamavis_studio.core.write import sync_folders, write_atomic, write_if_changed
from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.png import PROVENANCE_KEY, decode_image, pixel_hash, read_text_chunks
from llamavis_studio.pipeline.plan import Plan, PlannedTarget
from llamavis_studio.release.manifest import MANIFEST, manifest_bytes, read_manifest
from llamavis_studio.release.png_notes import without_notes

_UNFRESH = (AssetState.STALE, AssetState.MISSING, AssetState.FAILED)
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)  # the earliest a zip archive knows
_ZIP_LIMIT_BYTES = 1 << 30  # 1 GiB: an older archive larger than this is not looked into

ExtraFile = tuple[str, bytes]
"""A file to add to an export: its path there, with forward slashes, and what it holds."""


@dataclass(frozen=True)
class ExportedImage:
    """One image in the export; `pixel_hash` is that of `imaging.png`.

    `generated` says whether a model made it; where not, or where its notes are lost, `model`,
    `licence` and `seed` are empty.
    """

    path: str
    sha256: str
    pixel_hash: str
    size_px: tuple[int, int]
    description: str
    generated: bool
    edited: bool
    model: str
    licence: str
    seed: int | None


@dataclass(frozen=True)
class Export:
    """Everything to be written, in the order of its paths. `unfresh` pairs path and reason."""

    project: Project
    images: tuple[ExportedImage, ...]
    files: tuple[ExtraFile, ...]
    unfresh: tuple[tuple[str, str], ...]

    def plus(self, extra: Iterable[ExtraFile]) -> Export:
        """The same with more files, for engines and editors.

        Raises ProjectError when two files would share a path, or one is no path inside a folder.
        """
        files = (*self.files, *extra)
        taken = {folded(MANIFEST)}
        for path, _ in files:
            join_inside(self.project.root, path)  # only its words: '..', devices, backslashes
            if folded(path) in taken:
                raise ProjectError(f"two exported files are called '{path}'", "rename one of them")
            taken.add(folded(path))
        return replace(self, files=tuple(sorted(files, key=lambda file: file[0])))

    def manifest(self, leftover: Iterable[tuple[str, str]] = ()) -> bytes:
        """`manifest.json`; `leftover` are files of an earlier export that still lie there."""
        images = {image.path for image in self.images}
        rest = [(path, sha256_hex(data)) for path, data in self.files if path not in images]
        values: dict[str, Any] = {
            "project": self.project.name,
            "studio_version": __version__,
            "files": [{**asdict(image), "size_px": list(image.size_px)} for image in self.images],
            "extra": [{"path": path, "sha256": digest} for path, digest in rest],
            "leftover": [{"path": path, "sha256": digest} for path, digest in sorted(leftover)],
        }
        return manifest_bytes(values)


def make_export(project: Project, plan: Plan, *, keep_notes: bool = False) -> Export:
    """Read every described image that exists, given the plan of the whole project.

    `unfresh` of the result says what is stale or missing, and which descriptions are wrong. Raises
    ProjectError when a file that should be an image cannot be read as a PNG.
    """
    images, files = [], []
    unfresh = [(problem.path, problem.message) for problem in plan.errors]
    unfresh += [(one.target.output, one.reason) for one in plan.targets if one.state in _UNFRESH]
    for one in sorted(plan.targets, key=lambda planned: planned.target.output):
        path = project.root / one.target.output
        try:
            if not stat.S_ISREG(os.lstat(path).st_mode):
                raise ProjectError("this is not an ordinary file", "replace it by an image", path)
            image, data = _read(one, path, keep_notes)
        except FileNotFoundError:
            if one.state not in _UNFRESH:
                unfresh.append((one.target.output, one.reason))  # locked, and never painted
            continue
        except (ImageError, OSError) as cause:
            words = cause.strerror or str(cause) if isinstance(cause, OSError) else str(cause)
            hint = "repair or remove it, then: llamavis build"
            raise ProjectError(f"it cannot be exported: {words}", hint, path) from cause
        images.append(image)
        files.append((image.path, data))
        files += _beside(project, one)
    return Export(project, tuple(images), (), tuple(unfresh)).plus(files)


def write_folder(export: Export, folder: Path, *, force: bool = False) -> tuple[str, ...]:
    """Write an export into a folder, over nothing but the untouched files of an earlier one.

    With `force` over files of these names whoever made them. Returns the paths of older exported
    files that are no longer part of it: they stay, being nobody's to delete.

    Raises:
        ProjectError: the folder holds other things, or cannot be written.
    """
    root = Path(os.path.realpath(folder))
    _refuse_sources(export, root)
    before = _earlier(root, force)
    places = {path: join_inside(root, path) for path, _ in export.files}
    if not force:
        for path, data in export.files:
            _refuse_others_work(places[path], (before.get(path), sha256_hex(data)))
    try:
        for parent in sorted({root, *(place.parent for place in places.values())}):
            parent.mkdir(parents=True, exist_ok=True)
    except OSError as cause:
        raise ProjectError(
            f"the folder cannot be made: {cause.strerror or cause}", "choose another", folder
        ) from cause
    for path, data in export.files:
        write_if_changed(places[path], data)
    leftover = {
        path: digest
        for path, digest in before.items()
        if path not in places and _lies_in(root, path)
    }
    write_if_changed(root / MANIFEST, export.manifest(leftover.items()))
    sync_folders(place.parent for place in (*places.values(), root / MANIFEST))
    return tuple(sorted(leftover))


def write_zip(export: Export, path: Path, *, force: bool = False) -> None:
    """Write an export as one archive, over nothing but an earlier one; with `force` over any file.

    Raises ProjectError when another file stands there, or it cannot be written.
    """
    if not force and os.path.lexists(path) and not _is_our_zip(path):
        raise ProjectError(
            f"'{path.name}' exists and is no export of the studio",
            "choose another name, or replace it with --force",
            path,
        )
    write_atomic(path, zip_bytes(export))


def zip_bytes(export: Export) -> bytes:
    """The archive: files stored as they are, sorted, with one date and one permission for all."""
    stream = io.BytesIO()
    # PNG is packed already, and another zlib would pack it into other bytes.
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for path, data in sorted([*export.files, (MANIFEST, export.manifest())]):
            entry = zipfile.ZipInfo(path, _ZIP_DATE)
            entry.create_system = 3  # Unix, on every machine
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            archive.writestr(entry, data)
    return stream.getvalue()


def _read(one: PlannedTarget, path: Path, keep_notes: bool) -> tuple[ExportedImage, bytes]:
    original = path.read_bytes()
    data = original if keep_notes else without_notes(original)
    pixels = decode_image(data)
    seen = pixel_hash(pixels)
    note = read_text_chunks(path).get(PROVENANCE_KEY)
    made = _provenance(note)
    generated = made is not None or one.state is AssetState.EDITED
    image = ExportedImage(
        path=one.target.output,
        sha256=sha256_hex(data),
        pixel_hash=seen,
        size_px=(pixels.shape[1], pixels.shape[0]),
        description=one.target.description,
        generated=generated,
        edited=one.state is AssetState.EDITED or (made is not None and made.pixel_hash != seen),
        model=made.model if made else "",
        licence=made.licence if made else "",
        seed=made.seed if made else None,
    )
    return image, data


def _beside(project: Project, one: PlannedTarget) -> list[ExtraFile]:
    """The text file that the build wrote with an image, such as the table of a sheet."""
    path = project.root / one.target.beside
    if not one.target.beside or path.is_symlink() or not path.is_file():
        return []
    return [(one.target.beside, path.read_bytes())]


def _provenance(note: str | None) -> Provenance | None:
    try:
        return None if note is None else Provenance.from_json(note)
    except ValueError:
        return None


def _refuse_sources(export: Export, root: Path) -> None:
    """Keep an export from replacing the very images it was made of."""
    sources = {os.path.realpath(export.project.root / image.path) for image in export.images}
    if any(os.path.realpath(root / path) in sources for path, _ in export.files):
        raise ProjectError(
            "this folder holds the project's own images", "choose another: -o export", root
        )


def _earlier(root: Path, force: bool) -> dict[str, str]:
    """What an earlier export left in the folder, by path; empty for a new or an empty folder."""
    try:
        if root.exists() and not root.is_dir():
            raise ProjectError("a file stands where the folder should be", "choose another", root)
        if not root.is_dir() or not any(root.iterdir()):
            return {}
        found = (root / MANIFEST).read_bytes() if (root / MANIFEST).is_file() else b""
    except OSError as cause:
        words = cause.strerror or str(cause)
        raise ProjectError(f"it cannot be read: {words}", "choose another folder", root) from cause
    before = read_manifest(found)
    if before is None and not force:
        raise ProjectError(
            "the folder is not empty and holds no export of the studio",
            "choose another folder, or write into this one with --force",
            root,
        )
    return before or {}


def _refuse_others_work(place: Path, ours: tuple[str | None, str]) -> None:
    """Refuse a file that is neither what was exported, nor (after a crash) what is to be."""
    if not os.path.lexists(place) or (place.is_file() and _digest(place) in ours):
        return
    if ours[0] is None:
        raise ProjectError(
            "a file that no export wrote stands here",
            "move it away, or replace it with --force",
            place,
        )
    raise ProjectError(
        "this file was changed since it was exported",
        "move it away, or replace it with --force",
        place,
    )


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _lies_in(root: Path, relative: str) -> bool:
    try:
        return join_inside(root, relative).is_file()
    except ProjectError:  # a manifest is a file like any other, and may name anything
        return False


def _is_our_zip(path: Path) -> bool:
    try:
        if path.stat().st_size > _ZIP_LIMIT_BYTES:
            return False
        with zipfile.ZipFile(path) as archive, archive.open(MANIFEST) as file:
            return read_manifest(file.read(64 << 20)) is not None
    except (OSError, KeyError, ValueError, zipfile.BadZipFile, NotImplementedError, RuntimeError):
        return False
