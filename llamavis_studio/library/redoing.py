"""Making a change of words again that was taken back, as long as nothing was changed since."""

from __future__ import annotations

import base64
import json
import time
from pathlib import Path

from llamavis_studio.core.write import sync_folders, write_atomic
from llamavis_studio.library.naming import shown
from llamavis_studio.library.sidecars import sidecar_names
from llamavis_studio.library.words import Said, WordEdits


def redo(edits: WordEdits) -> tuple[str, Said] | None:
    """Make the change again that `undo` took back last: what it is, or None when there is none.

    A file that was changed meanwhile is left as it is, and told. Raises ProjectError, LibraryError.
    """
    if not edits.undone:
        return None
    what, before, news = edits.undone.pop()
    undo, said = json.loads(before), Said()
    written: list[Path] = []
    for path_text, old_text, _hash in undo["files"]:
        path = Path(path_text)
        old = None if old_text is None else base64.b64decode(old_text)
        now = path.read_bytes() if path.is_file() else None
        if path_text not in news or now != old:
            said.notes.append(f"{shown(path_text)} was changed since and is left as it is")
            continue
        write_atomic(path, news[path_text])
        written.append(path)
    sync_folders({path.parent for path in written})
    touched = {row[0] for key in ("given", "took") for row in undo[key]} | set(undo["assets"])
    with edits._database.writing() as connection:
        for asset_id in undo["assets"]:
            edits._read_again(asset_id, _of_asset(edits, asset_id, written))
        edits._swap(undo["given"], undo["took"])
        edits._rows.index(touched)
        connection.execute(
            "INSERT INTO change(at, what, before) VALUES (?,?,?)", (int(time.time()), what, before)
        )
    said.assets = len(touched)
    return what, said


def _of_asset(edits: WordEdits, asset_id: int, written: list[Path]) -> list[str]:
    """Those of the written files that are about one asset, relative to its root."""
    place = edits._place(asset_id)
    if place is None:
        return []
    folder, image = place
    where, slash, name = image.rpartition("/")
    names = [f"{where}{slash}{beside}" for beside in sidecar_names(name)]
    return [relative for relative in names if folder / relative in written]
