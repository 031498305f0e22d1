"""Records for checkpoints that a user already has: a folder of one's own, one in a Hugging Face
cache, or a single file. Nothing is copied.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from llamavis_studio.backends.catalogue import known_repo
from llamavis_studio.backends.model_records import ModelRecord
from llamavis_studio.backends.weights import PARTS, PICKLES, SUFFIX, check_weights
from llamavis_studio.core.errors import BackendError, BackendUnavailable, ModelMissing
from llamavis_studio.model_store.choosing import (
    CONFIG,
    RemoteFile,
    chosen,
    family_of,
    read_small_json,
    used_parts,
)
from llamavis_studio.model_store.places import feed, remembered, snapshot_of

WEIGHT_SUFFIXES = PICKLES | {SUFFIX}
"""What the name of a file with weights ends in."""
OnBytes = Callable[[int, int], None]
"""Told how many bytes of how many were read."""


def folder_record(
    folder: Path,
    name: str,
    family: str = "",
    options: Mapping[str, Any] | None = None,
    on_bytes: OnBytes = lambda _done, _total: None,
) -> ModelRecord:
    """A record for a checkpoint's folder, not written yet: every file that counts is read once for
    its sha256.

    Raises ModelMissing where its weights are missing or broken, BackendUnavailable where it is no
    checkpoint of a known family, BackendError where it cannot be read.
    """
    folder = checkpoint_folder(folder)
    parts, config = (
        read_small_json(folder / one) if (folder / one).is_file() else None
        for one in (PARTS, CONFIG)
    )
    if parts is None and config is None:
        _refuse_downloads(folder)
    family = family or family_of(config, parts, str(folder))
    check_weights(folder, name)
    pipeline = parts if family == "diffusers" else None
    wanted = chosen(_listed(folder, pipeline), pipeline)
    sums = _counted(folder, {file.path: file.size for file in wanted}, on_bytes)
    place = snapshot_of(folder)
    known = known_repo(place.repo) if place is not None else None
    lines = "".join(f"{path} {value}\n" for path, value in sorted(sums.items()))
    return ModelRecord(
        name=name,
        family=family,
        folder=folder,
        revision=place.commit if place is not None else hashlib.sha256(lines.encode()).hexdigest(),
        licence=known.licence if known is not None else "",
        files=sums,
        options=dict(options or {}),
    )


def _refuse_downloads(folder: Path) -> None:
    """A folder of checkpoints in one file each is none itself. Raises BackendUnavailable."""
    files = sorted(path.name for path in folder.glob(f"*{SUFFIX}"))
    if files:
        raise BackendUnavailable(
            f"{folder} is not laid out as transformers or diffusers save a model, but holds models "
            f"in one file each: {', '.join(files[:3])}{', ...' if len(files) > 3 else ''}",
            f"name the file: llamavis models add '{folder / files[0]}'",
        )


def file_record(
    path: Path,
    name: str,
    options: Mapping[str, Any] | None = None,
    on_bytes: OnBytes = lambda _done, _total: None,
) -> ModelRecord:
    """A record for a checkpoint that is one safetensors file, not written yet. Its revision is the
    file's sha256, by which Civitai and A1111 know it too.

    Raises ModelMissing where it is damaged, pickled or lacks a part, BackendUnavailable where it is
    something else, BackendError where it cannot be read.
    """
    from llamavis_studio.backends.diffusion.single_file import read_single_file

    path = path.expanduser().absolute()
    told = dict(options or {})
    found = read_single_file(path, name, other_vae=str(told.get("vae", "")))
    sums = _counted(path.parent, {path.name: path.stat().st_size}, on_bytes)
    return ModelRecord(
        name=name,
        family="diffusers",
        folder=path.parent,
        file=path.name,
        revision=sums[path.name],
        licence=found.licence,
        files=sums,
        options=told,
    )


def is_one_file(place: Path) -> bool:
    """Whether a place that a user named is a file, or is meant to be one, rather than a folder."""
    place = place.expanduser()
    return place.is_file() or (place.suffix.lower() in WEIGHT_SUFFIXES and not place.is_dir())


def _counted(folder: Path, sizes: Mapping[str, int], on_bytes: OnBytes) -> dict[str, str]:
    """The sha256 of files in a folder, each read once. Raises BackendError."""
    total, done, sums = sum(sizes.values()), 0, {}
    for name in sizes:
        digest = hashlib.sha256()

        def tell(count: int) -> None:
            nonlocal done
            done += count
            on_bytes(done, total)

        try:
            feed(folder / name, [digest], tell)
        except OSError as error:
            raise BackendError(
                f"{folder / name} cannot be read: {error.strerror or error}",
                "give yourself permission to read it",
            ) from error
        sums[name] = digest.hexdigest()
    return sums


def checkpoint_folder(folder: Path) -> Path:
    """The folder with a checkpoint's files: of a repository in a Hugging Face cache, the commit
    that its main branch was at. Raises ModelMissing.
    """
    folder = folder.expanduser().absolute()
    if not folder.is_dir():
        raise ModelMissing(f"there is no folder {folder}", "name the folder with the checkpoint")
    if not folder.name.startswith("models--") or not (folder / "snapshots").is_dir():
        return folder
    repo = folder.name.removeprefix("models--").replace("--", "/", 1)
    commits = sorted(one for one in (folder / "snapshots").iterdir() if one.is_dir())
    main = remembered(folder.parent, repo, "main")
    for one in commits:
        if one.name == main or len(commits) == 1:
            return one
    raise ModelMissing(
        f"{folder} holds {len(commits)} revisions", "name one of the folders in its 'snapshots'"
    )


def _listed(folder: Path, parts: Mapping[str, Any] | None) -> list[RemoteFile]:
    """The files at the top of a checkpoint and in its parts, without their hashes."""
    places = ["", *(used_parts(parts) if parts is not None else ())]
    found = []
    for place in places:
        inside = folder / place
        for path in sorted(inside.iterdir()) if inside.is_dir() else ():
            if path.is_file():
                relative = path.relative_to(folder).as_posix()
                found.append(RemoteFile(relative, path.stat().st_size, "", False))
    return found
