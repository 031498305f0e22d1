"""What is remembered beside the records: the licences that the user accepted, and the folders that
were fetched by us, which alone may be freed again.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from llamavis_studio.backends.model_records import records_folder
from llamavis_studio.core.write import write_atomic

NAME = "ledger.json"


def is_accepted(repo: str, licence: str, text: str) -> bool:
    """Whether the user once accepted this licence of this repository, word for word."""
    return _key(repo, licence, text) in _read()["licences"]


def accept(repo: str, licence: str, text: str) -> None:
    """Remember that the user accepts a licence. Raises ProjectError where it cannot be written."""
    values = _read()
    values["licences"][_key(repo, licence, text)] = {
        "repo": repo, "licence": licence, "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }  # fmt: skip
    _write(values)


def is_fetched(folder: Path) -> bool:
    """Whether the files of a folder were fetched by us."""
    return str(folder) in _read()["fetched"]


def fetched_beside(folder: Path) -> bool:
    """Whether another commit of the same repository in the cache was fetched by us."""
    return any(Path(one).parent == folder.parent for one in _read()["fetched"])


def note_fetched(folder: Path, is_there: bool) -> None:
    """Remember that a folder was fetched by us, or is no more. Raises ProjectError."""
    values = _read()
    if is_there == (str(folder) in values["fetched"]):
        return
    values["fetched"] = [one for one in values["fetched"] if one != str(folder)]
    if is_there:
        values["fetched"].append(str(folder))
    _write(values)


def _key(repo: str, licence: str, text: str) -> str:
    return hashlib.sha256(json.dumps([repo, licence, text]).encode()).hexdigest()


def _read() -> dict[str, Any]:
    """What was remembered; of a broken file nothing, and so a licence is shown once more."""
    try:
        values = json.loads((records_folder() / NAME).read_text("utf-8"))
        return {"licences": dict(values["licences"]), "fetched": list(values["fetched"])}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return {"licences": {}, "fetched": []}


def _write(values: dict[str, Any]) -> None:
    path = records_folder() / NAME
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(path, json.dumps(values, indent=1).encode())
