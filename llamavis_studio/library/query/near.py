"""Search by meaning and by look: the nearest by sign bits, then exactly.

The signs of a vector's numbers find some hundred candidates by Hamming distance; the int8 vectors
of these tell their cosine similarity to the query.
"""

from __future__ import annotations

import json

import apsw
import numpy as np
from numpy.typing import NDArray

from llamavis_studio.library.query.errors import QueryError
from llamavis_studio.library.query.sql import SearchContext, Vector
from llamavis_studio.library.query.tree import Like, Similar

CANDIDATES = 600
SCALE = 1_000_000
"""Similarities are ordered as whole millionths, so that the place of a page is exact."""
TEXT_NEAR = "json_each(?) j CROSS JOIN asset a ON a.text_id = (j.value ->> 0)"
LOOK_NEAR = "json_each(?) j CROSS JOIN asset a ON a.id = (j.value ->> 0)"
NEAR_KEY = "(j.value ->> 1)"
_NEAREST = "SELECT {0} FROM {1} ORDER BY vec_distance_hamming(vec_bit(bits), vec_bit(?)) LIMIT ?"
_TEXTS = (
    _NEAREST.format("text_id", "text_sign"),
    "SELECT id, vector FROM text WHERE id IN (SELECT value FROM json_each(?))",
    384,
)
_LOOKS = (
    _NEAREST.format("asset_id", "look_sign"),
    "SELECT asset_id, vector FROM look WHERE asset_id IN (SELECT value FROM json_each(?))",
    640,
)


def sign_bits(vector: Vector | NDArray[np.int8]) -> bytes:
    """The signs of (n,) numbers, n a multiple of 8, as sqlite-vec's `vec_quantize_binary` packs
    them.
    """
    return np.packbits(vector > 0, bitorder="little").tobytes()


def candidates(connection: apsw.Connection, node: Like | Similar, context: SearchContext) -> str:
    """JSON for `TEXT_NEAR` or `LOOK_NEAR`: pairs of an id (of a text, or of an asset) and its
    similarity in millionths with the sign turned, so that the nearest is the least.

    Raises QueryError where there is no vector to compare with.
    """
    vector = _vector_of(node, context)
    nearest, exact, width = _TEXTS if isinstance(node, Like) else _LOOKS
    if vector is None:
        what = "the text" if isinstance(node, Like) else "the picture"
        raise _problem(node, f"{what} cannot be compared yet", "no model has looked at it")
    if vector.shape != (width,) or not np.isfinite(vector).all():
        raise _problem(node, "another model made this vector", "let the library be described again")
    ids = [row for (row,) in connection.execute(nearest, (sign_bits(vector), CANDIDATES))]
    rows = [
        (row, data)
        for row, data in connection.execute(exact, (json.dumps(ids),))
        if data is not None and len(data) == width
    ]
    if not rows:
        return "[]"
    stored = np.frombuffer(b"".join(data for _, data in rows), np.int8).reshape(len(rows), width)
    floats = stored.astype(np.float32)
    lengths = np.linalg.norm(floats, axis=1) * max(float(np.linalg.norm(vector)), 1e-9)
    cosines = floats @ vector / np.maximum(lengths, 1e-9)
    return json.dumps(
        [
            [row, -round(float(cosine) * SCALE)]
            for (row, _), cosine in zip(rows, cosines, strict=True)
        ]
    )


def _vector_of(node: Like | Similar, context: SearchContext) -> Vector | None:
    if isinstance(node, Like):
        return context.vectors.get(node.text)
    return context.looks.get(node.path)


def _problem(node: Like | Similar, message: str, hint: str) -> QueryError:
    return QueryError(message, hint, position=node.at[0], length=node.at[1])
