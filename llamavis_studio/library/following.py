"""Rows of images that moved, so that a library keeps what it knows of them: words, tags, captions.

A picture that only went elsewhere is known again by its bytes when the library looks (`scan`). One
that the studio moved says where its description is, so its bytes are others: it is followed here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import apsw

from llamavis_studio.library.database import Database
from llamavis_studio.library.walk import stored

_ASSET = "SELECT id FROM asset WHERE root_id = ? AND path = ?"


def follow(database: Database, moves: Mapping[str, str], folder: Path) -> None:
    """Give the rows of files their new paths (old to new, from the project's `folder`); changes of
    words that can be undone find their files there too.

    The files are read again by the next import. What the index had at a new place is replaced.
    Raises LibraryError.
    """
    if not moves:
        return
    with database.writing() as connection:
        root = connection.execute("SELECT id FROM root WHERE path = ''").get
        for old, new in moves.items():
            asset = connection.execute(_ASSET, (root, stored(old))).get
            if asset is None:
                continue
            double = connection.execute(_ASSET, (root, stored(new))).get
            if double is not None:
                for table in ("words", "parts"):
                    connection.execute(f"DELETE FROM {table} WHERE rowid = ?", (double,))
                connection.execute("DELETE FROM asset WHERE id = ?", (double,))
            connection.execute(
                "UPDATE asset SET path = ?, missing_since = NULL WHERE id = ?", (stored(new), asset)
            )
        connection.executemany(
            "UPDATE OR REPLACE sidecar SET path = ? WHERE path = ? AND asset_id IN "
            "(SELECT id FROM asset WHERE root_id = ?)",
            [(stored(new), stored(old), root) for old, new in moves.items()],
        )
        _follow_undo(
            connection, {str(folder / old): str(folder / new) for old, new in moves.items()}
        )


def _follow_undo(connection: apsw.Connection, moved: Mapping[str, str]) -> None:
    """Changes of words (`words.WordEdits`) name the sidecars that they wrote."""
    for change_id, before in list(connection.execute("SELECT id, before FROM change")):
        undo = json.loads(before)
        if any(row[0] in moved for row in undo["files"]):
            undo["files"] = [[moved.get(row[0], row[0]), *row[1:]] for row in undo["files"]]
            connection.execute(
                "UPDATE change SET before = ? WHERE id = ?", (json.dumps(undo), change_id)
            )
