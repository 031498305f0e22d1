"""Where files lie in the Hugging Face cache, so that each is on a disk once, whoever fetched it.

    models--ORG--REPO/blobs/ETAG                    the bytes, named by their hash
    models--ORG--REPO/blobs/ETAG.incomplete         what has come so far
    models--ORG--REPO/snapshots/COMMIT/unet/a.json  a link to the bytes, or the bytes
    models--ORG--REPO/refs/main                     the commit that a branch was at

As huggingface_hub lays it out
(https://huggingface.co/docs/huggingface_hub/guides/manage-cache).
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from llamavis_studio.model_store.choosing import RemoteFile, check_path

if TYPE_CHECKING:
    from hashlib import _Hash

COMMIT = re.compile(r"[0-9a-f]{40}")
_SNAPSHOT = re.compile(r"models--([\w.-]+)--([\w.-]+)")
_AT_ONCE_BYTES = 4 << 20


def cache_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """The cache of this user: by HF_HUB_CACHE, HF_HOME, or at the usual place."""
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        if environ.get(name):
            return _expanded(environ[name])
    if environ.get("HF_HOME"):
        return _expanded(environ["HF_HOME"]) / "hub"
    base = environ.get("XDG_CACHE_HOME") or "~/.cache"
    return _expanded(base) / "huggingface" / "hub"


def _expanded(text: str) -> Path:
    return Path(os.path.expandvars(text)).expanduser()


@dataclass(frozen=True)
class Snapshot:
    """One commit of one repository in a cache."""

    cache: Path
    repo: str
    commit: str

    @property
    def store(self) -> Path:
        """The repository's own folder in the cache."""
        return self.cache / f"models--{self.repo.replace('/', '--')}"

    @property
    def folder(self) -> Path:
        """The checkpoint, as loaders read it."""
        return self.store / "snapshots" / self.commit

    def blob(self, file: RemoteFile) -> Path:
        """Where the bytes of a file lie once they are whole."""
        return self.store / "blobs" / file.etag

    def partial(self, file: RemoteFile) -> Path:
        """Where the bytes that came so far lie."""
        return self.store / "blobs" / f"{file.etag}.incomplete"

    def lock(self, file: RemoteFile) -> Path:
        """Who holds this writes the file; other programs that use the cache take the same."""
        return self.cache / ".locks" / self.store.name / f"{file.etag}.lock"

    def pointer(self, file: RemoteFile) -> Path:
        """Where a loader finds the file."""
        check_path(file.path)
        return self.folder.joinpath(*file.path.split("/"))

    def existing(self, file: RemoteFile) -> Path | None:
        """The bytes of a file if the cache has them, of the right length; they may be wrong."""
        for path in (self.pointer(file), self.blob(file)):
            with contextlib.suppress(OSError):
                if path.stat().st_size == file.size:
                    return path
        return None

    def missing_bytes(self, file: RemoteFile) -> int:
        """How much of a file is still to come."""
        if self.existing(file) is not None:
            return 0
        try:
            return max(0, file.size - self.partial(file).stat().st_size)
        except OSError:
            return file.size

    def link(self, file: RemoteFile) -> None:
        """Let a loader find the whole bytes of a file. Raises OSError."""
        blob, pointer = self.blob(file), self.pointer(file)
        if not blob.exists() or (pointer.exists() and pointer.samefile(blob)):
            return
        pointer.parent.mkdir(parents=True, exist_ok=True)
        pointer.unlink(missing_ok=True)  # a link to nothing, or other bytes
        try:
            pointer.symlink_to(os.path.relpath(blob, pointer.parent))
        except OSError:  # Windows without the right to make links, and some network disks
            os.replace(blob, pointer)

    def remember(self, revision: str) -> None:
        """Note which commit a branch or tag was at. Raises OSError."""
        if COMMIT.fullmatch(revision):
            return
        check_path(revision)
        path = self.store.joinpath("refs", *revision.split("/"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.commit, "ascii")

    def discard(self, file: RemoteFile) -> None:
        """Take wrong bytes out of the cache. Raises OSError."""
        self.pointer(file).unlink(missing_ok=True)
        self.blob(file).unlink(missing_ok=True)


def remembered(cache: Path, repo: str, revision: str) -> str:
    """The commit that the cache knows for a branch or tag; "" where it knows none."""
    if COMMIT.fullmatch(revision):
        return revision
    check_path(revision)
    store = cache / f"models--{repo.replace('/', '--')}"
    try:
        commit = store.joinpath("refs", *revision.split("/")).read_text("ascii").strip()
    except (OSError, ValueError):
        return ""
    return commit if COMMIT.fullmatch(commit) else ""


def snapshot_of(folder: Path) -> Snapshot | None:
    """The repository and commit of a folder within a cache, None for any other folder."""
    named = _SNAPSHOT.fullmatch(folder.parent.parent.name)
    if named is None or folder.parent.name != "snapshots" or not COMMIT.fullmatch(folder.name):
        return None
    return Snapshot(folder.parent.parent.parent, f"{named[1]}/{named[2]}", folder.name)


def new_digest(file: RemoteFile) -> _Hash:
    """What the bytes of a file are counted with, so that its end is `file.etag`: sha256, or git's
    hash of small files, which begins with their length.
    """
    if file.is_large:
        return hashlib.sha256()
    digest = hashlib.sha1(usedforsecurity=False)
    digest.update(f"blob {file.size}\0".encode())
    return digest


def feed(path: Path, digests: list[_Hash], on_bytes: Callable[[int], None]) -> None:
    """Count a file's bytes with all `digests`, telling how many were read. Raises OSError."""
    with path.open("rb") as stream:
        while data := stream.read(_AT_ONCE_BYTES):
            for digest in digests:
                digest.update(data)
            on_bytes(len(data))
