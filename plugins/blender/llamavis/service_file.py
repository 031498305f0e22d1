# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a project lies, and where its studio listens: `.llamavis/service.json`.

No bpy here, so that threads and plain tests may use it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

PROJECT_FILE = "llamavis.toml"
_MOST_BYTES = 4096


@dataclass(frozen=True)
class ServiceFile:
    """What the service of a project tells those who may read its folder."""

    api: int
    port: int
    token: str


def find_project(start: Path) -> Path | None:
    """The nearest folder at or above `start` with a `llamavis.toml`; None where there is none."""
    for folder in (start, *start.parents):
        try:
            if (folder / PROJECT_FILE).is_file():
                return folder
        except OSError:
            return None
    return None


def read_service_file(root: Path) -> ServiceFile | None:
    """What the file says; None where there is none, or one that makes no sense."""
    try:
        with (root / ".llamavis" / "service.json").open("rb") as file:
            told = json.loads(file.read(_MOST_BYTES))
        api, port, token = told["api"], told["port"], told["token"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    sound = (
        type(api) is int
        and type(port) is int
        and 0 < port < 65536
        and isinstance(token, str)
        and 0 < len(token) < 512
        and token.isascii()
        and token.isprintable()
    )
    return ServiceFile(api, port, token) if sound else None
