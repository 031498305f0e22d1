"""Vectors of meaning: which texts wait for one, and keeping them.

A vector is kept as int8 (times 127), and its signs in a narrow table beside: the signs find the
nearest few hundred among 100,000 in some milliseconds, the bytes then say how near they are.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from llamavis_studio.library.database import Database

LOOK_WIDTH = 640


def quantized(vectors: NDArray[np.float32]) -> NDArray[np.int8]:
    """Unit vectors ``(n, d)`` float32 as int8, times 127."""
    whole: NDArray[np.int8] = np.clip(np.rint(vectors * 127.0), -127, 127).astype(np.int8)
    return whole


def drop_unused_texts(database: Database) -> None:
    """Texts that no asset has any more would only stand in the way of those that are looked for."""
    with database.writing() as connection:
        connection.execute(
            "DELETE FROM text WHERE NOT EXISTS (SELECT 1 FROM asset a WHERE a.text_id = text.id)"
        )


def has_vectors(database: Database) -> bool:
    """Whether anything can be found by meaning."""
    return database.execute("SELECT 1 FROM text_sign LIMIT 1").get is not None


def waiting_texts(
    database: Database, revision: str, after: int = 0, most: int = 512
) -> list[tuple[int, str]]:
    """Texts without a vector of this encoder, after this id: ids and texts."""
    rows = database.execute(
        "SELECT id, text FROM text WHERE revision <> ? AND id > ? ORDER BY id LIMIT ?",
        (revision, after, most),
    )
    return [(row, text) for row, text in rows]


def count_waiting_texts(database: Database, revision: str) -> int:
    """How many there are."""
    query = "SELECT count(*) FROM text WHERE revision <> ?"
    return int(database.execute(query, (revision,)).get)


def keep_vectors(
    database: Database, ids: Sequence[int], vectors: NDArray[np.float32], revision: str
) -> None:
    """Keep the vectors ``(n, 384)`` of these texts; all or none. Raises LibraryError."""
    rows = [row.tobytes() for row in quantized(vectors)]
    with database.writing() as connection:
        for text_id, row in zip(ids, rows, strict=True):
            connection.execute(
                "UPDATE text SET revision = ?, vector = ? WHERE id = ?", (revision, row, text_id)
            )
            connection.execute(  # not where another studio has dropped the text meanwhile
                "INSERT OR REPLACE INTO text_sign "
                "SELECT id, vec_quantize_binary(vec_int8(?)) FROM text WHERE id = ?",
                (row, text_id),
            )
