"""Taking a model away: its record to the trash, and the room of files that nobody else needs."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

from llamavis_studio.backends.model_records import (
    SUFFIX,
    ModelRecord,
    read_record,
    record_names,
    records_folder,
)
from llamavis_studio.core.errors import BackendError, BackendUnavailable, LlamaVisError
from llamavis_studio.model_store import ledger
from llamavis_studio.model_store.places import Snapshot, snapshot_of


@dataclass(frozen=True)
class Removed:
    """`place` is "trash" or where the record lies now; `kept` says why the files stay, "" where
    `freed_bytes` of them are gone.
    """

    place: str
    freed_bytes: int = 0
    kept: str = ""


def remove(name: str, keep_files: bool = False) -> Removed:
    """Put a record into the trash and free what was fetched for it alone.

    Files that the user added, that were in the cache before, or that another model needs, stay, as
    do all where the record cannot be read. Raises BackendError where it cannot be moved.
    """
    try:
        record = read_record(name)
    except BackendUnavailable:
        record = None
    if record is None:
        return Removed(_put_away(name), kept="the record could not be read")
    others = _others_with(record)
    kept, freed = "", 0
    place = _put_away(name)
    snapshot = snapshot_of(record.folder) if record.folder is not None else None
    if record.folder is None:
        kept = "it lies on a server"
    elif keep_files:
        kept = "as you wished"
    elif others:
        kept = f"{', '.join(others)} needs them"
    elif snapshot is None or not record.source:
        kept = "they are your own"
    elif not ledger.is_fetched(record.folder):
        kept = "they were in the Hugging Face cache before"
    else:
        freed = _free(snapshot)
        ledger.note_fetched(record.folder, False)
    return Removed(place, freed, kept)


def _others_with(record: ModelRecord) -> list[str]:
    """The other models that use the same folder or file; one that cannot be read may."""
    found = []
    for name in record_names():
        if name == record.name:
            continue
        try:
            other = read_record(name)
        except LlamaVisError:
            found.append(name)
            continue
        if other is not None and other.place is not None and other.place == record.place:
            found.append(name)
    return found


def _free(snapshot: Snapshot) -> int:
    """Delete one commit from the cache, but for what other commits share; the bytes that are free.

    huggingface_hub does it: it knows what else the cache links to.
    """
    from huggingface_hub import scan_cache_dir

    strategy = scan_cache_dir(snapshot.cache).delete_revisions(snapshot.commit)
    strategy.execute()
    return int(strategy.expected_freed_size)


def _put_away(name: str) -> str:
    path = records_folder() / f"{name}{SUFFIX}"
    try:
        _to_trash(path)
    except OSError:
        if not os.path.lexists(path):
            return "trash"
        beside = records_folder() / "trash"
        place = beside / f"{name}-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.toml"
        try:
            beside.mkdir(exist_ok=True)
            path.rename(place)
        except OSError as error:
            raise BackendError(
                f"the record of '{name}' cannot be put away: {error.strerror or error}",
                f"give yourself permission to write in {path.parent}",
            ) from error
        return str(place)
    return "trash"


def _to_trash(path: Path) -> None:
    from send2trash import send2trash

    send2trash(str(path))
