"""Taking files from one place to another so that none is lost and none is written over.

    all are placed anew (a link on the same disk, else a durable copy) -> the folder is synced
    -> the old ones go, the first one first

A crash in between leaves both; a failure takes back what was placed.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from llamavis_studio.core.write import sync_folders, temporary_path

_CHUNK = 1 << 20
Pair = tuple[Path, Path]
"""From, to."""


def carry(pairs: Sequence[Pair], link: Callable[[Path, Path], None] = os.link) -> list[Path]:
    """Move files; the first is what the others belong to. Returns those that could not be removed
    from their old place, and are at both now.

    Raises OSError (FileExistsError where something is in the way): then all is as it was.
    """
    placed: list[Path] = []
    try:
        for old, new in pairs:
            _place(old, new, link)
            placed.append(new)
        sync_folders({new.parent for _, new in pairs})
        pairs[0][0].unlink()
    except OSError:
        for new in placed:
            with contextlib.suppress(OSError):
                new.unlink()
        raise
    left = []
    for old, _ in pairs[1:]:
        try:
            old.unlink()
        except OSError:
            left.append(old)
    sync_folders({old.parent for old, _ in pairs})
    return left


def copy_durably(old: Path, new: Path, link: Callable[[Path, Path], None] = os.link) -> None:
    """Copy a file with its times, whole or not at all. Raises OSError, FileExistsError."""
    staged = temporary_path(new)
    try:
        with open(old, "rb") as source, open(staged, "wb") as target:
            shutil.copyfileobj(source, target, _CHUNK)
            target.flush()
            os.fsync(target.fileno())
        shutil.copystat(old, staged)
        try:
            link(staged, new)  # unlike a rename it never replaces what came there meanwhile
        except FileExistsError:
            raise
        except OSError:  # a disk without links
            if os.path.lexists(new):
                raise FileExistsError(new) from None
            os.rename(staged, new)
    finally:
        with contextlib.suppress(OSError):
            staged.unlink(missing_ok=True)


def _place(old: Path, new: Path, link: Callable[[Path, Path], None]) -> None:
    if os.path.lexists(new):
        raise FileExistsError(new)
    try:
        link(old, new)
    except FileExistsError:
        raise
    except OSError:  # another disk, or one without links
        copy_durably(old, new, link)
