"""Steps from one version of the library's index to the next, after the first, `schema.sql`.

Shipped ones are never changed: add another.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import apsw

from llamavis_studio.library.walk import folder_of, stored, unstored

Migration = str | Callable[[apsw.Connection], None]
"""SQL, or what is done with the connection, inside a transaction."""

_SECOND = """
-- Folders as they were seen last, with a slash at the end, '' for the root; BLOB where the name is
-- no valid UTF-8. One whose files have the same names and stamps is not looked into again.
CREATE TABLE folder(
  root_id INTEGER NOT NULL REFERENCES root(id),
  path TEXT NOT NULL,
  signature BLOB NOT NULL,        -- blake2b of names and stamps; empty: look again
  images INTEGER NOT NULL,        -- how many images are right in it
  PRIMARY KEY(root_id, path)
) WITHOUT ROWID;
CREATE INDEX asset_added ON asset(added, id);  -- sort:new
-- How many pictures of the image beside it a sheet's table names; 0: it is no such table.
ALTER TABLE sidecar ADD COLUMN frames INTEGER NOT NULL DEFAULT 0;
CREATE INDEX sidecar_frames ON sidecar(asset_id) WHERE frames > 0;

-- The signs of the vectors, to find the nearest few hundred fast. Plain tables: in sqlite-vec's own
-- a search takes time for each vector times the candidates asked for.
CREATE TABLE text_sign(
  text_id INTEGER PRIMARY KEY REFERENCES text(id) ON DELETE CASCADE,
  bits BLOB NOT NULL              -- 384 bits
);
CREATE TABLE look_sign(
  asset_id INTEGER PRIMARY KEY REFERENCES asset(id) ON DELETE CASCADE,
  bits BLOB NOT NULL              -- 640 bits
);
INSERT INTO text_sign SELECT s.rowid, s.bits FROM text_signs s JOIN text t ON t.id = s.rowid;
INSERT INTO look_sign SELECT s.rowid, s.bits FROM look_signs s JOIN asset a ON a.id = s.rowid;
DROP TABLE text_signs;
DROP TABLE look_signs;
"""


def _to_second(connection: apsw.Connection) -> None:
    connection.execute(_SECOND)
    # What went away since the last import must be missed by the next.
    folders = {
        (root_id, folder_of(unstored(path)))
        for root_id, path in connection.execute("SELECT root_id, path FROM asset")
    }
    connection.executemany(
        "INSERT INTO folder VALUES (?,?,x'',0)",
        [(root_id, stored(folder)) for root_id, folder in folders],
    )


_THIRD = """
-- Which model described an asset last, when, and what made it doubt its words.
CREATE TABLE reading(
  asset_id INTEGER PRIMARY KEY REFERENCES asset(id) ON DELETE CASCADE,
  model TEXT NOT NULL,            -- name and revision, as in caption.source
  at INTEGER NOT NULL,
  reasons TEXT NOT NULL           -- a line each; '' where it knows such pictures
);
"""

MIGRATIONS: tuple[Migration, ...] = (
    Path(__file__).with_name("schema.sql").read_text(encoding="utf-8"),
    _to_second,
    _THIRD,
)
"""Number n brings a database of version n - 1 to n."""
