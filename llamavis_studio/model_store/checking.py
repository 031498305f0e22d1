"""Are the files of a record those that were fetched or added? Read whole, compared by sha256."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import PurePosixPath

from llamavis_studio.backends.model_records import SERVER_FAMILIES, ModelRecord
from llamavis_studio.backends.weights import check_weight_file, check_weights
from llamavis_studio.core.errors import ModelMissing
from llamavis_studio.model_store.places import feed


def broken_files(
    record: ModelRecord, on_bytes: Callable[[int, int], None] = lambda _done, _total: None
) -> list[str]:
    """The files of a model that are missing, cannot be read, or are not as they were, by name.

    Of a record without hashes only the heads of the weights are looked at. `on_bytes` is told how
    many bytes of how many were read.
    """
    if record.family in SERVER_FAMILIES or record.folder is None:
        return []
    if not record.files:
        try:
            if record.file:
                check_weight_file(record.folder / record.file, record.name)
            else:
                check_weights(record.folder, record.name)
        except ModelMissing as error:
            return [error.message]
        return []
    total = size_of(record)
    done, broken = 0, []

    def tell(count: int) -> None:
        nonlocal done
        done += count
        on_bytes(done, total)

    for name, wanted in sorted(record.files.items()):
        digest = hashlib.sha256()
        try:
            feed(record.folder.joinpath(*PurePosixPath(name).parts), [digest], tell)
        except OSError:
            broken.append(name)
            continue
        if digest.hexdigest() != wanted:
            broken.append(name)
    return broken


def size_of(record: ModelRecord) -> int:
    """The bytes of a model's files on this disk."""
    if record.folder is None:
        return 0
    total = 0
    for name in record.files:
        path = record.folder.joinpath(*PurePosixPath(name).parts)
        if path.is_file():
            total += path.stat().st_size
    return total
