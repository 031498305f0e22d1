"""From a name to a model: asked, shown, fetched, compared, and only then known.

    plan = fetcher.plan(source)      what would be fetched, its licence, and whether there is room
    fetched = fetcher.fetch(plan)    the files are in the Hugging Face cache, each compared
    keep(plan, fetched, name)        the record is written: descriptions can name the model

Whoever drives it looks at the plan in between: the licence, the bytes. Nothing here asks.
"""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from llamavis_studio.backends.catalogue import known_repo
from llamavis_studio.backends.model_records import ModelRecord, read_record, write_record
from llamavis_studio.backends.weights import PARTS, check_weights
from llamavis_studio.core.errors import BackendError, ModelMissing
from llamavis_studio.model_store import ledger
from llamavis_studio.model_store.choosing import (
    CONFIG,
    MOST_CONFIG_BYTES,
    RemoteFile,
    chosen,
    family_of,
    is_licence,
    read_small_json,
)
from llamavis_studio.model_store.downloading import Download, raise_when
from llamavis_studio.model_store.hub import PAUSES_S, Hub, check_repo
from llamavis_studio.model_store.places import Snapshot, cache_folder, feed, remembered
from llamavis_studio.model_store.sources import Source, check_name, proposed_name

MARGIN_BYTES = 1 << 30
"""Stays free on the disk whatever is fetched."""
_MOST_LICENCE_BYTES = 1 << 20


@dataclass(frozen=True)
class FetchPlan:
    """What would be fetched.

    `revision` is the commit, `asked` what was asked for. `missing_bytes` of `total_bytes` are still
    to come; `free_bytes` are free where `folder` lies. `licence_text` is "" where the repository
    has none; `is_accepted` tells that the user accepted it before. `is_cached` says that the whole
    was taken from the cache without asking a hub.
    """

    repo: str
    asked: str
    revision: str
    name: str
    family: str
    licence: str
    licence_text: str
    is_accepted: bool
    files: tuple[RemoteFile, ...]
    total_bytes: int
    missing_bytes: int
    free_bytes: int
    folder: Path
    options: Mapping[str, Any] = field(default_factory=dict, hash=False)
    is_cached: bool = False


@dataclass(frozen=True)
class FetchProgress:
    """`done_bytes` of `total_bytes` are there; `file` is the current one, the `number`th."""

    file: str
    number: int
    files: int
    done_bytes: int
    total_bytes: int


@dataclass(frozen=True)
class Fetched:
    """The checkpoint, the sha256 of its files, and how many files had to come from the hub."""

    folder: Path
    sha256: Mapping[str, str]
    new_files: int


class Fetcher:
    """Fetches models; it may be driven from any thread, one model at a time.

    Args:
        endpoint: another hub than the usual one.
        on_progress: told of each piece that comes.
        should_stop: asked often; when it says so, Cancelled is raised and what came stays.
        is_offline: take only what the cache has; None: as the environment says.
        cache: another folder than the user's Hugging Face cache.
        timeout_s, pauses_s: how patient to be with the server.
    """

    def __init__(
        self,
        endpoint: str = "",
        on_progress: Callable[[FetchProgress], None] = lambda _progress: None,
        should_stop: Callable[[], bool] = lambda: False,
        is_offline: bool | None = None,
        cache: Path | None = None,
        timeout_s: float = 30.0,
        pauses_s: tuple[float, ...] = PAUSES_S,
    ) -> None:
        self._stop = raise_when(should_stop)
        self._hub = Hub(endpoint, is_offline, timeout_s, pauses_s, self._wait)
        self._on_progress = on_progress
        self._cache = cache or cache_folder()

    def plan(self, source: Source) -> FetchPlan:
        """Ask what a source has; its few small configurations are fetched for it.

        Raises ModelMissing and BackendUnavailable where it cannot be used, or asked.
        """
        check_repo(source.repo)
        name = source.name or proposed_name(source.repo)
        check_name(name, source.repo)
        known = known_repo(source.repo)
        asked = source.revision or (known.revision if known and known.repo == source.repo else "")
        if self._hub.is_offline:
            return self._cached_plan(source, asked or "main", name)
        facts = self._hub.facts(source.repo, asked or "main")
        place = Snapshot(self._cache, source.repo, facts.commit)
        by_path = {file.path: file for file in facts.files}
        load = Download(self._hub, place, self._stop)
        parts = self._json(load, place, by_path.get(PARTS))
        config = self._json(load, place, by_path.get(CONFIG))
        family = source.family or family_of(config, parts, source.repo)
        files = chosen(facts.files, parts if family == "diffusers" else None, source.variant)
        text = self._licence_text(load, place, files)
        licence = facts.licence or (known.licence if known else "")
        return FetchPlan(
            repo=source.repo, asked=asked, revision=facts.commit, name=name, family=family,
            licence=licence, licence_text=text,
            is_accepted=ledger.is_accepted(source.repo, licence, text),
            files=tuple(files), total_bytes=sum(file.size for file in files),
            missing_bytes=sum(map(place.missing_bytes, files)),
            free_bytes=_free_bytes(self._cache), folder=place.folder, options=source.options,
        )  # fmt: skip

    def fetch(self, plan: FetchPlan) -> Fetched:
        """Have all files of a plan, each compared with the hub's own hash.

        Raises BackendError where the disk is too full or the hub fails; Cancelled. What came stays,
        and is gone on from.
        """
        place = Snapshot(self._cache, plan.repo, plan.revision)
        if not plan.is_cached:
            self._check_room(plan)
        load = Download(self._hub, place, self._stop)
        # What another program brought is never freed by us, and weights are what fills a disk.
        is_ours = ledger.fetched_beside(place.folder) or all(
            place.existing(file) is None for file in plan.files if file.is_large
        )
        done, new, sums = 0, 0, {}
        for number, file in enumerate(plan.files, 1):

            def tell(count: int, path: str = file.path, at: int = number, had: int = done) -> None:
                self._on_progress(
                    FetchProgress(path, at, len(plan.files), had + count, plan.total_bytes)
                )

            tell(0)
            if load.file(file, tell):
                new += 1
                if is_ours:
                    ledger.note_fetched(place.folder, True)
            done += file.size
            sums[file.path] = file.etag if file.is_large else _sha256(place.pointer(file))
        if not plan.is_cached:
            place.remember(plan.asked or "main")
        check_weights(place.folder, plan.name)
        return Fetched(place.folder, sums, new)

    def _cached_plan(self, source: Source, asked: str, name: str) -> FetchPlan:
        """The plan for a model that the cache has already. Raises ModelMissing where it has not."""
        commit = remembered(self._cache, source.repo, asked)
        place = Snapshot(self._cache, source.repo, commit)
        if not commit or not place.folder.is_dir():
            raise ModelMissing(
                f"the cache in {self._cache} has no {source.repo} at '{asked}', and this is the "
                "offline mode",
                "leave out --offline, and unset HF_HUB_OFFLINE, to fetch it",
            )
        files = cached_files(place)
        by_path = {file.path: file for file in files}
        parts, config = (
            read_small_json(place.pointer(by_path[one])) if one in by_path else None
            for one in (PARTS, CONFIG)
        )
        family = source.family or family_of(config, parts, source.repo)
        wanted = chosen(files, parts if family == "diffusers" else None, source.variant)
        check_weights(place.folder, name)
        known = known_repo(source.repo)
        return FetchPlan(
            repo=source.repo, asked=asked, revision=commit, name=name, family=family,
            licence=known.licence if known else "", licence_text="", is_accepted=True,
            files=tuple(wanted), total_bytes=sum(file.size for file in wanted), missing_bytes=0,
            free_bytes=_free_bytes(self._cache), folder=place.folder, options=source.options,
            is_cached=True,
        )  # fmt: skip

    def _json(
        self, load: Download, place: Snapshot, file: RemoteFile | None
    ) -> Mapping[str, Any] | None:
        """A configuration of the repository; None where it has none."""
        if file is None:
            return None
        if file.size > MOST_CONFIG_BYTES:
            raise ModelMissing(f"{file.path} of {place.repo} is too large", "look at its name")
        load.file(file, lambda _count: None)
        return read_small_json(place.pointer(file))

    def _licence_text(self, load: Download, place: Snapshot, files: list[RemoteFile]) -> str:
        for file in files:
            if is_licence(file.path) and file.size <= _MOST_LICENCE_BYTES:
                load.file(file, lambda _count: None)
                return place.pointer(file).read_text("utf-8", "replace")
        return ""

    def _check_room(self, plan: FetchPlan) -> None:
        needed = plan.missing_bytes + MARGIN_BYTES if plan.missing_bytes else 0
        free = _free_bytes(self._cache)
        if needed > free:
            raise BackendError(
                f"{plan.repo} needs {spoken_bytes(plan.missing_bytes)} more and "
                f"{spoken_bytes(MARGIN_BYTES)} to spare; {spoken_bytes(free)} are free where "
                f"{self._cache} lies",
                "free some space, or name a place on another disk with HF_HOME",
            )

    def _wait(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._stop()
            time.sleep(min(left, 0.1))


def keep(plan: FetchPlan, fetched: Fetched) -> ModelRecord:
    """Write the record of a fetched model. Raises BackendError, ProjectError."""
    check_name(plan.name, plan.repo)
    old = read_record(plan.name)
    record = ModelRecord(
        name=plan.name, family=plan.family, folder=fetched.folder, source=plan.repo,
        revision=plan.revision, licence=plan.licence, files=fetched.sha256,
        options=plan.options if old is None else old.options,
    )  # fmt: skip
    write_record(record)
    return record


def cached_files(place: Snapshot) -> list[RemoteFile]:
    """The files of a commit that a cache has; a hash that nobody knows is counted.

    Raises ModelMissing where a file is not readable.
    """
    found = []
    for path in sorted(place.folder.rglob("*")):
        if not path.is_file():
            continue
        relative = path.relative_to(place.folder).as_posix()
        etag = path.resolve().name if path.is_symlink() else ""
        if len(etag) not in (40, 64) or not all(sign in "0123456789abcdef" for sign in etag):
            etag = _sha256(path)
        found.append(RemoteFile(relative, path.stat().st_size, etag, len(etag) == 64))
    return found


def spoken_bytes(count: int) -> str:
    """Bytes as one says them: 4.2 GB."""
    for unit, size in (("GB", 10**9), ("MB", 10**6), ("kB", 1000)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count} bytes"


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    feed(path, [digest], lambda _count: None)
    return digest.hexdigest()


def _free_bytes(folder: Path) -> int:
    """What is free on the disk of a folder that may still be to be made."""
    for place in (folder, *folder.parents):
        if place.exists():
            return shutil.disk_usage(place).free
    return 0
