"""Which of the game's files name which image: read when they change, asked by path."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from llamavis_studio.library.database import Database
from llamavis_studio.library.naming import shown
from llamavis_studio.library.uses.reading import godot_uids, references_from
from llamavis_studio.library.walk import Listing, stored, unstored


def update_usage(
    database: Database, folder: Path, listing: Listing, problems: list[tuple[str, str]]
) -> None:
    """Read the game's files that changed; what cannot be read is added to `problems`."""
    known = {
        unstored(path): (size, mtime)
        for path, size, mtime in database.execute(
            "SELECT path, size_bytes, mtime_ns FROM user_file"
        )
    }
    changed = [
        path
        for path, stamp in listing.users.items()
        if known.get(path) != (stamp.size_bytes, stamp.mtime_ns)
    ]
    gone = [path for path in known if path not in listing.users and listing.tells_of(path)]
    if not changed and not gone:
        return
    uids = _Uids(folder)
    engines = sorted(
        path[: -len("project.godot")].rstrip("/")
        for path in {*known, *listing.users} - {*gone}
        if path.rpartition("/")[2] == "project.godot"
    )
    with database.writing() as connection:
        connection.executemany(
            "DELETE FROM user_file WHERE path = ?", [(stored(path),) for path in gone]
        )
        for path in changed:
            stamp = listing.users[path]
            targets, problem = _references(database, folder, path, uids, engines)
            if problem:
                problems.append((shown(path), problem))
            connection.execute("DELETE FROM user_file WHERE path = ?", (stored(path),))
            connection.execute(
                "INSERT INTO user_file(path, size_bytes, mtime_ns, problem) VALUES (?,?,?,?)",
                (stored(path), stamp.size_bytes, stamp.mtime_ns, problem),
            )
            user_id = connection.last_insert_rowid()
            connection.executemany(
                "INSERT OR IGNORE INTO reference VALUES (?,?)",
                [(user_id, stored(target)) for target in targets],
            )


def _references(
    database: Database, folder: Path, path: str, uids: _Uids, engines: list[str]
) -> tuple[list[str], str]:
    """What a file of the game names, and what is wrong with the file."""
    try:
        with open(folder / path, "rb") as stream:
            found = references_from(
                path, stream, uids, godot_root=_nearest(engines, path), root=str(folder)
            )
    except OSError as error:
        return [], f"cannot be read: {error.strerror or error}"
    targets = set(found.paths)
    for pattern in found.patterns:  # the numbered tiles of one texture
        before, _, after = pattern.partition("<UDIM>")
        rows = database.execute(
            "SELECT path FROM asset WHERE root_id = (SELECT id FROM root WHERE path = '') "
            "AND path >= ? AND path < ? AND missing_since IS NULL",
            (before, before + "\U0010ffff"),
        )
        targets |= {
            image
            for (image,) in rows
            if image.endswith(after) and image[len(before) : len(image) - len(after)].isdigit()
        }
    return sorted(targets), found.problem


def _nearest(engines: list[str], path: str) -> str:
    """The folder of the Godot project that a file belongs to; '' is the project's root."""
    inside = [e for e in engines if not e or path.startswith(f"{e}/")]
    return max(inside, key=len, default="")


class _Uids(Mapping[str, str]):
    """Godot's names for files, read from all `.import` and `.uid` files when first asked."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._paths: dict[str, str] | None = None

    def _all(self) -> dict[str, str]:
        if self._paths is None:
            self._paths = {}
            for parent, folders, files in os.walk(self._folder):
                folders[:] = [name for name in folders if not name.startswith(".")]
                for name in files:
                    if name.endswith((".import", ".uid")):
                        self._note(os.path.join(parent, name))
        return self._paths

    def _note(self, path: str) -> None:
        try:
            with open(path, "rb") as stream:
                data = stream.read(1 << 16)
        except OSError:
            return
        relative = os.path.relpath(path, self._folder).replace(os.sep, "/")
        found = godot_uids(relative, data)
        if found is not None and self._paths is not None:
            self._paths[found[0]] = found[1]

    def __getitem__(self, uid: str) -> str:
        return self._all()[uid]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())
