"""A small library on disk: pictures, words beside them, and a game that uses some."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from llamavis_studio.core.project import Project
from llamavis_studio.imaging.png import encode_png
from llamavis_studio.library.library import Library


def picture(seed: int, side: int = 16, clear: bool = True) -> bytes:
    """A PNG whose pixels no other seed has."""
    rng = np.random.default_rng(seed)
    pixels = np.repeat(
        np.repeat(rng.integers(0, 256, (8, 8, 4), np.uint8), side // 8, 0), side // 8, 1
    )
    pixels[..., 3] = 255
    if clear:
        pixels[: side // 8, :, 3] = 0
    return encode_png(pixels)


class Shelf:
    """A project's folder, and the library opened on it as often as a test likes."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir()
        self.write("llamavis.toml", '[project]\nname = "game"\n')
        self._library: Library | None = None

    def write(self, relative: str, data: bytes | str) -> Path:
        """Write a file, as if an hour ago."""
        path = self.root / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode("utf-8"))
        past = time.time() - 3600
        os.utime(path, (past, past))
        return path

    def read(self, relative: str) -> str:
        return (self.root / relative).read_text("utf-8")

    @property
    def library(self) -> Library:
        if self._library is None:
            self._library = Library(Project.open(self.root), workers=1)
        return self._library

    def close(self) -> None:
        if self._library is not None:
            self._library.close()
            self._library = None

    def id(self, relative: str) -> int:
        return self.library.find(self.root / relative)

    def tags(self, relative: str) -> dict[str, str]:
        """Tags that count, each with its origin or, for names, its source."""
        rows = self.library.database.execute(
            "SELECT t.name, CASE a.source WHEN 'path' THEN 'path' ELSE a.origin END "
            "FROM asset_tag a JOIN tag t ON t.id = a.tag_id WHERE a.asset_id = ? "
            "ORDER BY a.origin DESC",
            (self.id(relative),),
        ).fetchall()
        item = self.library.items([self.id(relative)])[0]
        return {name: origin for name, origin in rows if name in item.tags}

    def captions(self, relative: str) -> list[tuple[str, str, str]]:
        return self.library.database.execute(
            "SELECT origin, source, text FROM caption WHERE asset_id = ? ORDER BY origin, source",
            (self.id(relative),),
        ).fetchall()

    def sidecar(self, relative: str) -> dict[str, object]:
        values: dict[str, object] = json.loads(self.read(relative))
        return values


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shelf]:
    # No program can set ctime back, and tests do not wait for the clock's grain to pass.
    monkeypatch.setattr("llamavis_studio.library.walk.RACY_NS", 0)
    made = Shelf(tmp_path / "game")
    yield made
    made.close()
