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

_FOLDERS = """
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
"""


def _remember_folders(connection: apsw.Connection) -> None:
    connection.execute(_FOLDERS)
    # What went away since the last import must be missed by the next.
    folders = {
        (root_id, folder_of(unstored(path)))
        for root_id, path in connection.execute("SELECT root_id, path FROM asset")
    }
    connection.executemany(
        "INSERT INTO folder VALUES (?,?,x'',0)",
        [(root_id, stored(folder)) for root_id, folder in folders],
    )


MIGRATIONS: tuple[Migration, ...] = (
    Path(__file__).with_name("schema.sql").read_text(encoding="utf-8"),
    _remember_folders,
)
"""Number n brings a database of version n - 1 to n."""
