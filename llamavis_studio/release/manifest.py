"""`manifest.json`: what an export wrote, so that the next one knows its own files again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

MANIFEST = "manifest.json"
_TOOL = "llamavis export"
_VERSION = 1
_LIMIT_BYTES = 64 << 20  # 64 MiB: some hundred thousand images


def manifest_bytes(values: dict[str, Any]) -> bytes:
    """A manifest file that holds `values`; equal values give equal bytes."""
    stored = {"tool": _TOOL, "version": _VERSION, **values}
    text = json.dumps(stored, ensure_ascii=False, indent=1)
    return text.encode("utf-8", "replace") + b"\n"


def read_manifest(data: bytes) -> dict[str, str] | None:
    """The SHA-256 of each file an export wrote, by path; None when this is no manifest of ours.

    Files that an earlier export wrote and this one did not are among them.
    """
    if len(data) > _LIMIT_BYTES:
        return None
    try:
        stored = json.loads(data)
        if stored["tool"] != _TOOL:
            return None
        rows = [*stored["files"], *stored["extra"], *stored["leftover"]]
        return {str(row["path"]): str(row["sha256"]) for row in rows}
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def is_export_folder(folder: Path) -> bool:
    """Whether an export wrote this folder."""
    try:
        with (folder / MANIFEST).open("rb") as file:
            return read_manifest(file.read(_LIMIT_BYTES + 1)) is not None
    except OSError:
        return False
