"""A library filled straight through the schema, without files: what the tests of search search."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import apsw
import numpy as np
import sqlite_vec

from llamavis_studio.library.migrations import MIGRATIONS
from llamavis_studio.library.query.near import sign_bits
from llamavis_studio.library.query.tokens import indexed_text

TEXT_WIDTH, LOOK_WIDTH = 384, 640


class SmallLibrary:
    """An index in memory; `add` makes one asset and gives its id."""

    def __init__(self) -> None:
        self.connection = apsw.Connection(":memory:")
        self.connection.enable_load_extension(True)
        self.connection.load_extension(sqlite_vec.loadable_path())
        self.connection.enable_load_extension(False)
        self.connection.execute("PRAGMA trusted_schema = OFF")
        self.connection.execute("PRAGMA foreign_keys = ON")
        for step in MIGRATIONS:
            self.connection.execute(step) if isinstance(step, str) else step(self.connection)
        self.root("")

    def run(self, sql: str, *bindings: Any) -> Any:
        return self.connection.execute(sql, bindings).get

    def root(self, path: str) -> int:
        return self.run("INSERT INTO root(path) VALUES (?) RETURNING id", path)

    def add(
        self,
        path: str | bytes,
        *,
        caption: str = "",
        captions: Iterable[tuple[str, str, str, float | None]] = (),
        tags: Iterable[str] = (),
        tag_rows: Iterable[tuple[str, str, str, int]] = (),
        colours: Iterable[tuple[int, int, float]] = (),
        meaning: np.ndarray | None = None,
        look: np.ndarray | None = None,
        **columns: Any,
    ) -> int:
        """`captions` are (origin, source, text, confidence), `tag_rows` (name, origin, source,
        rejected), `colours` (cell, rgb, share); `columns` go into the row of the asset.
        """
        row = {"root_id": 1, "path": path, "size_bytes": 1, "mtime_ns": 1, "ctime_ns": 1}
        row |= {"inode": 1, "hash": repr(path).encode(), "added": 1000, "width": 32, "height": 32}
        row |= columns
        marks = ",".join("?" * len(row))
        asset = self.run(
            f"INSERT INTO asset({','.join(row)}) VALUES ({marks}) RETURNING id", *row.values()
        )
        said = [*captions, *([("human", "user", caption, None)] if caption else [])]
        for origin, source, text, confidence in said:
            self.run(
                "INSERT INTO caption(asset_id, origin, source, text, confidence) "
                "VALUES (?,?,?,?,?)", asset, origin, source, text, confidence,
            )  # fmt: skip
        rows = [*tag_rows, *((name, "human", "user", 0) for name in tags)]
        for name, origin, source, rejected in rows:
            self.run("INSERT OR IGNORE INTO tag(name) VALUES (?)", name)
            tag = self.run("SELECT id FROM tag WHERE name = ?", name)
            self.run(
                "INSERT INTO asset_tag VALUES (?,?,?,?,NULL,?)",
                asset,
                tag,
                origin,
                source,
                rejected,
            )
        for cell, rgb, share in colours:
            self.run("INSERT INTO colour VALUES (?,?,?,?)", asset, cell, rgb, share)
        self.index(asset, path, [text for _, _, text, _ in said], [name for name, *_ in rows])
        if meaning is not None:
            self.run("UPDATE asset SET text_id = ? WHERE id = ?", self.text(meaning), asset)
        if look is not None:
            data = _int8(look)
            self.run("INSERT INTO look VALUES (?, 'r', ?)", asset, data)
            self.run("INSERT INTO look_sign VALUES (?, ?)", asset,
                     sign_bits(np.frombuffer(data, np.int8)))  # fmt: skip
        return asset

    def index(
        self, asset: int, path: str | bytes, captions: Sequence[str], tags: Sequence[str]
    ) -> None:
        name = path.decode("utf-8", "replace") if isinstance(path, bytes) else path
        said, marks = "\n".join(captions), "\n".join(tags)
        self.run(
            "INSERT INTO words(rowid, name, caption, tags) VALUES (?,?,?,?)",
            asset, indexed_text(name), indexed_text(said), indexed_text(marks),
        )  # fmt: skip
        self.run(
            "INSERT INTO parts(rowid, name, caption, tags) VALUES (?,?,?,?)",
            asset, name.lower(), said.lower(), marks.lower(),
        )  # fmt: skip

    def text(self, meaning: np.ndarray) -> int:
        """A text with this vector; its id."""
        data = _int8(meaning)
        number = self.run("SELECT count(*) FROM text") + 1
        self.run("INSERT INTO text VALUES (?, ?, 'r', ?)", number, f"text {number}", data)
        self.run("INSERT INTO text_sign VALUES (?, ?)", number,
                 sign_bits(np.frombuffer(data, np.int8)))  # fmt: skip
        return number

    def use(self, user: str, target: str) -> None:
        """Say that a file of the game names an image."""
        self.run("INSERT OR IGNORE INTO user_file(path, size_bytes, mtime_ns) VALUES (?,1,1)", user)
        number = self.run("SELECT id FROM user_file WHERE path = ?", user)
        self.run("INSERT INTO reference VALUES (?, ?)", number, target)


def opened() -> Iterator[SmallLibrary]:
    """For fixtures: an empty library, closed afterwards."""
    library = SmallLibrary()
    yield library
    library.connection.close(True)


def unit(seed: int, width: int = TEXT_WIDTH) -> np.ndarray:
    """A random unit vector, float32 (width,)."""
    vector = np.random.default_rng(seed).standard_normal(width).astype(np.float32)
    return vector / np.linalg.norm(vector)


def _int8(vector: np.ndarray) -> bytes:
    return np.clip(np.rint(vector * 127), -127, 127).astype(np.int8).tobytes()
