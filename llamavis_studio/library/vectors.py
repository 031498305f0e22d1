"""Vectors of meaning: which texts wait for one, and keeping them.

A vector is kept as int8 (times 127), and its signs in a sqlite-vec table beside: the signs find the
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


def waiting_texts(database: Database, revision: str, most: int = 512) -> list[tuple[int, str]]:
    """Texts in use without a vector of this encoder: ids and texts."""
    rows = database.execute(
        "SELECT id, text FROM text t WHERE revision <> ? "
        "AND EXISTS (SELECT 1 FROM asset a WHERE a.text_id = t.id) ORDER BY id LIMIT ?",
        (revision, most),
    )
    return [(row, text) for row, text in rows]


def count_waiting_texts(database: Database, revision: str) -> int:
    """How many there are."""
    return int(
        database.execute(
            "SELECT count(*) FROM text t WHERE revision <> ? "
            "AND EXISTS (SELECT 1 FROM asset a WHERE a.text_id = t.id)",
            (revision,),
        ).get
    )


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
            connection.execute("DELETE FROM text_signs WHERE rowid = ?", (text_id,))
            connection.execute(
                "INSERT INTO text_signs(rowid, bits) VALUES (?, vec_quantize_binary(vec_int8(?)))",
                (text_id, row),
            )
