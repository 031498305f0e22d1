"""Records for checkpoints that a user already has: a folder of one's own, or one in a Hugging Face
cache. Nothing is copied.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from llamavis_studio.backends.catalogue import known_repo
from llamavis_studio.backends.model_records import ModelRecord
from llamavis_studio.backends.weights import PARTS, check_weights
from llamavis_studio.core.errors import BackendError, ModelMissing
from llamavis_studio.model_store.choosing import (
    CONFIG,
    RemoteFile,
    chosen,
    family_of,
    read_small_json,
    used_parts,
)
from llamavis_studio.model_store.places import feed, remembered, snapshot_of

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
    family = family or family_of(config, parts, str(folder))
    check_weights(folder, name)
    pipeline = parts if family == "diffusers" else None
    wanted = chosen(_listed(folder, pipeline), pipeline)
    total, done, sums = sum(file.size for file in wanted), 0, {}
    for file in wanted:
        digest = hashlib.sha256()

        def tell(count: int) -> None:
            nonlocal done
            done += count
            on_bytes(done, total)

        try:
            feed(folder / file.path, [digest], tell)
        except OSError as error:
            raise BackendError(
                f"{folder / file.path} cannot be read: {error.strerror or error}",
                "give yourself permission to read it",
            ) from error
        sums[file.path] = digest.hexdigest()
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
