"""Canonical JSON and the hashes built on it: equal values give equal bytes on every machine."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from typing import Any


def canonical_json(value: Any) -> bytes:
    """UTF-8 JSON with sorted keys and no spaces; raises ValueError for NaN and infinities."""
    text = json.dumps(
        value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
    )
    return text.encode("utf-8")


def sha256_hex(data: bytes) -> str:
    """The SHA-256 of `data` as 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def build_key(parts: Mapping[str, Any]) -> str:
    """The hash of everything that decides an image's pixels, as 64 hexadecimal digits."""
    return sha256_hex(canonical_json(dict(parts)))


def derived_seed(project_relative_path: str) -> int:
    """The seed (0..2**32-1) of an asset that names none.

    It comes from the asset's path inside the project alone, so it never changes by itself and is
    the same for every teammate. macOS hands out decomposed names, hence the normalisation.
    """
    path = unicodedata.normalize("NFC", project_relative_path).replace("\\", "/")
    # A file name that is no valid text has a seed too; the description check names what is wrong.
    return int.from_bytes(hashlib.sha256(path.encode("utf-8", "surrogatepass")).digest()[:4], "big")
