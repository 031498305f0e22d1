"""Files that an installation put into somebody's folder, noted beside them with their hashes: what
somebody added or changed since is known, and stays.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from llamavis_studio.core.hashing import sha256_hex
from llamavis_studio.core.write import write_atomic

NOTE = "installed.json"


def put_files(place: Path, now: Mapping[str, bytes]) -> tuple[list[str], list[str]]:
    """Make `place` hold these files, by their names in it; those written, and those removed that an
    earlier installation wrote. Raises ProjectError.
    """
    before, written = _noted(place), []
    gone = sorted(before.keys() - now.keys())
    removed = [name for name in gone if _remove(place / name, before[name])]
    for name, data in now.items():
        if not (place / name).is_file() or (place / name).read_bytes() != data:
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            write_atomic(place / name, data)
            written.append(name)
    hashes = {name: sha256_hex(data) for name, data in now.items()}
    if hashes != before:
        write_atomic(place / NOTE, json.dumps(hashes, indent=1).encode() + b"\n")
    return written, removed


def take_files(place: Path) -> list[str]:
    """Remove what is still as it was installed, and the note; the names of what went."""
    removed = [name for name, digest in _noted(place).items() if _remove(place / name, digest)]
    (place / NOTE).unlink(missing_ok=True)
    return removed


def remove_empty_folders(place: Path) -> None:
    """Remove the folders in `place` that hold nothing, and itself when it does not either."""
    folders = [path for path in place.rglob("*") if path.is_dir()] if place.is_dir() else []
    for folder in [*sorted(folders, reverse=True), place]:
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


def _noted(place: Path) -> dict[str, str]:
    """What an earlier installation wrote; never a path outside."""
    try:
        found = json.loads((place / NOTE).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {
        name: str(digest)
        for name, digest in found.items()
        if isinstance(name, str) and ".." not in Path(name).parts and not Path(name).is_absolute()
    }


def _remove(path: Path, digest: str) -> bool:
    if not path.is_file() or path.is_symlink() or sha256_hex(path.read_bytes()) != digest:
        return False
    path.unlink()
    return True
