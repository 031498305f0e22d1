"""What people say about assets: captions, tags, and taking it back.

Each change goes: note how the files are (the undo) -> write the sidecars -> index what they say.
So the words are on disk before the index knows them, and a crash between the two is mended by the
next import. The studio's own sidecar is JSON, the only kind that tells a human's words from others;
text sidecars that are there already follow.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from llamavis_studio.core.errors import LibraryError
from llamavis_studio.core.write import sync_folders, write_atomic
from llamavis_studio.library.database import Database
from llamavis_studio.library.found import read_side
from llamavis_studio.library.merging import merge
from llamavis_studio.library.naming import folded_tag, shown
from llamavis_studio.library.row_values import load_words
from llamavis_studio.library.rows import AssetRows
from llamavis_studio.library.sidecars import (
    CaptionSaid,
    TagSaid,
    Words,
    WordsWithOrigin,
    kind_of_json,
    read_sidecar,
    write_sidecar,
)
from llamavis_studio.library.walk import unstored

USER = "user"
"""The source of what a person says through the studio."""
OTHER = "other"
"""The source of a caption that lost a conflict, and is kept beside."""
MOST_CHANGES = 200
"""Changes that can be undone."""


@dataclass(frozen=True)
class WordChange:
    """What is to change about an asset; tags as they are typed. `caption` None leaves it."""

    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    caption: str | None = None

    def of(self, words: Words) -> Words:
        """The words of a text sidecar after it."""
        gone = {folded_tag(name) for name in (*self.remove, *self.add)}
        there = {folded_tag(name): name for name in words.tags}
        kept = [n for n in words.tags if folded_tag(n) not in gone or folded_tag(n) in self._added]
        new = [name for name in self.add if folded_tag(name) not in there]
        caption = words.caption if self.caption is None else self.caption
        return Words(caption, (*kept, *new))

    def told(self, images: int) -> str:
        """The change in words, as undo tells it."""
        parts = [f"+{name}" for name in self.add] + [f"-{name}" for name in self.remove]
        if self.caption is not None:
            parts.append(f'caption "{self.caption}"')
        return f"{', '.join(parts)} on {images} image{'' if images == 1 else 's'}"

    @property
    def _added(self) -> set[str]:
        return {folded_tag(name) for name in self.add}

    def of_json(self, words: WordsWithOrigin, rejected: Iterable[str]) -> WordsWithOrigin:
        """The words of our own sidecar after it; `rejected` are tags that others gave."""
        touched = {folded_tag(name) for name in (*self.add, *self.remove)}
        tags = [tag for tag in words.tags if folded_tag(tag.name) not in touched]
        tags += [TagSaid(name, "human", USER, None) for name in self.add]
        added = self._added
        tags += [
            TagSaid(name, "human", USER, None, True)
            for name in rejected
            if folded_tag(name) not in added
        ]
        captions = list(words.captions)
        if self.caption is not None:
            captions = [c for c in captions if c.origin == "model"]
            if self.caption:
                captions.insert(0, CaptionSaid(self.caption, "human", USER, None))
        return WordsWithOrigin(tuple(captions), tuple(tags))


@dataclass(frozen=True)
class SideFile:
    """A file to be written; `relative` to the root of its asset."""

    path: Path
    relative: str
    old: bytes | None
    new: bytes


TagRow = tuple[int, str, str, str, float | None]
"""Asset id, folded tag, origin, source, confidence."""
Undone = tuple[str, str, dict[str, bytes]]
"""A change that was taken back: what it was, its row, what its files held by path."""


@dataclass
class Beside:
    """What changes together with the words of people: other files, and tags that models and file
    names gave (`given` goes, `took` comes).
    """

    files: list[SideFile] = field(default_factory=list)
    given: list[TagRow] = field(default_factory=list)
    took: list[TagRow] = field(default_factory=list)


@dataclass
class Said:
    """What a change did: how many assets, and what could not be as it was asked."""

    assets: int = 0
    notes: list[str] = field(default_factory=list)


class WordEdits:
    """Changes the words of assets; one `Database` and its `AssetRows`."""

    def __init__(
        self,
        database: Database,
        rows: AssetRows,
        folder_of_root: Callable[[int], Path],
        undone: list[Undone] | None = None,
    ) -> None:
        self._database = database
        self._rows = rows
        self._folder_of_root = folder_of_root
        self.undone: list[Undone] = [] if undone is None else undone
        """What was taken back, the newest last; see `redoing`."""

    def change(
        self, changes: dict[int, WordChange], what: str, beside: Beside | None = None
    ) -> Said:
        """Apply a change to each asset, and what goes `beside`.

        Raises LibraryError, SidecarError or ProjectError; what was written by then stays, and can
        be undone.
        """
        said, extra = Said(), beside or Beside()
        planned = [
            (asset_id, plan)
            for asset_id, change in changes.items()
            if (plan := self._plan(asset_id, change, said)) is not None
        ]
        files = {str(file.path): file for _, plan in planned for file in plan}
        files |= {str(file.path): file for file in extra.files}
        touched = {asset_id for asset_id, _ in planned}
        touched |= {row[0] for row in (*extra.given, *extra.took)}
        if not touched and not files:
            return said
        undo = {
            "files": [
                [path, _b64(file.old), hashlib.sha256(file.new).hexdigest()]
                for path, file in files.items()
            ],
            "assets": [asset_id for asset_id, _ in planned],
            "given": extra.given,
            "took": extra.took,
        }
        self._note_change(what, undo)
        for file in files.values():
            write_atomic(file.path, file.new)
        sync_folders({file.path.parent for file in files.values()})
        with self._database.writing():
            for asset_id, plan in planned:
                self._read_again(asset_id, [file.relative for file in plan])
            self._swap(extra.given, extra.took)
            self._rows.index(touched)
        said.assets = len(touched)
        return said

    def _swap(self, away: Iterable[TagRow], here: Iterable[TagRow]) -> None:
        """Take tag rows of models and names away, and put others there."""
        for asset_id, name, origin, source, _ in away:
            self._database.connection.execute(
                "DELETE FROM asset_tag WHERE asset_id = ? AND origin = ? AND source = ? AND "
                "tag_id = (SELECT id FROM tag WHERE name = ?)",
                (asset_id, origin, source, name),
            )
        for asset_id, name, origin, source, confidence in here:
            tag = TagSaid(name, origin, source, confidence)
            self._rows.add_words(asset_id, WordsWithOrigin((), (tag,)))

    def last(self) -> tuple[int, str] | None:
        """The number and the words of what `undo` would take back."""
        row = self._database.execute("SELECT id, what FROM change ORDER BY id DESC LIMIT 1").get
        return None if row is None else (int(row[0]), str(row[1]))

    def undo(self) -> tuple[str, Said] | None:
        """Take the last change back: what it was, or None when there is nothing to undo.

        A file that was changed since by someone else is left as it is, and told.
        """
        row = self._database.execute(
            "SELECT id, what, before FROM change ORDER BY id DESC LIMIT 1"
        ).get
        if row is None:
            return None
        change_id, what, before = row
        undo, said = json.loads(before), Said()
        folders, news = set(), dict[str, bytes]()
        for path_text, old_text, new_hash in undo["files"]:
            path = Path(path_text)
            try:
                now: bytes | None = path.read_bytes()
            except OSError:
                now = None
            if now is None or hashlib.sha256(now).hexdigest() != new_hash:
                if now != _unb64(old_text):
                    said.notes.append(f"{shown(str(path))} was changed since and is left as it is")
                continue
            old, news[path_text] = _unb64(old_text), now
            if old is None:
                path.unlink(missing_ok=True)
            else:
                write_atomic(path, old)
            folders.add(path.parent)
        sync_folders(folders)
        with self._database.writing() as connection:
            for asset_id in undo["assets"]:
                self._read_again(asset_id, None)
            self._swap(undo["took"], undo["given"])
            touched = {row[0] for key in ("given", "took") for row in undo[key]}
            touched |= set(undo["assets"])
            self._rows.index(touched)
            connection.execute("DELETE FROM change WHERE id = ?", (change_id,))
        self.undone.append((what, before, news))
        said.assets = len(touched)
        return what, said

    def _note_change(self, what: str, undo: dict[str, object]) -> None:
        self.undone.clear()
        with self._database.writing() as connection:
            connection.execute(
                "INSERT INTO change(at, what, before) VALUES (?,?,?)",
                (int(time.time()), what, json.dumps(undo)),
            )
            connection.execute(
                "DELETE FROM change WHERE id NOT IN "
                "(SELECT id FROM change ORDER BY id DESC LIMIT ?)",
                (MOST_CHANGES,),
            )

    # --- the files of one asset ------------------------------------------------------------------

    def _plan(self, asset_id: int, change: WordChange, said: Said) -> list[SideFile] | None:
        """The files to write for one asset, with their bytes; None when it is unknown."""
        place = self._place(asset_id)
        if place is None:
            return None
        folder, image = place
        taken = {folded_tag(name) for name in change.remove}
        given_by_others = [
            name
            for (name,) in self._database.execute(
                "SELECT DISTINCT t.name FROM asset_tag a JOIN tag t ON t.id = a.tag_id "
                "WHERE a.asset_id = ? AND (a.origin = 'model' OR a.source IN ('path', 'xmp'))",
                (asset_id,),
            )
            if name in taken
        ]
        files, kept_captions = [], []
        own = self._own_json(folder, image)
        for relative, base_text in list(
            self._database.execute(
                "SELECT path, words FROM sidecar WHERE asset_id = ? AND problem = '' ORDER BY path",
                (asset_id,),
            )
        ):
            relative = unstored(relative)
            old = _read(folder / relative)
            if old is None or relative == own:
                continue
            if relative.endswith(".json") and not kind_of_json(old):
                continue
            name = relative.rpartition("/")[2]
            base, theirs = load_words(base_text).plain(), read_sidecar(name, old).plain()
            merged = merge(base, change.of(base), theirs)
            if merged.conflict:
                said.notes.append(f"{shown(relative)}: {merged.conflict}")
                kept_captions.append(CaptionSaid(merged.other_caption, "imported", OTHER, None))
            wanted = merged.words
            if not theirs.caption and not name.endswith(".caption"):
                wanted = replace(wanted, caption="")  # a list of tags stays one
            if name.endswith(".caption"):
                wanted = replace(wanted, tags=())
            if wanted != theirs:
                spoken = _spoken(wanted, name.rpartition(".")[2])
                files.append(
                    SideFile(folder / relative, relative, old, write_sidecar(name, old, spoken))
                )
        old = _read(folder / own)
        name = own.rpartition("/")[2]
        before = WordsWithOrigin() if old is None else read_sidecar(name, old)
        after = change.of_json(before, given_by_others)
        after = replace(after, captions=(*after.captions, *kept_captions))
        if after != before:
            files.append(SideFile(folder / own, own, old, write_sidecar(name, old, after)))
        return files

    def _own_json(self, folder: Path, image: str) -> str:
        """Our sidecar of an image: `hero.json`, or `hero.png.json` where that is something else."""
        short, long = f"{os.path.splitext(image)[0]}.json", f"{image}.json"
        if os.path.exists(folder / long):
            return long
        data = _read(folder / short)
        if data is None:
            # Two images of one name would share it.
            stem = os.path.splitext(os.path.basename(image))[0]
            parent = folder / os.path.dirname(image)
            try:
                twins = [n for n in os.listdir(parent) if os.path.splitext(n)[0] == stem]
            except OSError:
                twins = []
            own = os.path.basename(image)
            others = [n for n in twins if n != own and not n.endswith((".txt", ".caption"))]
            return (
                long if any(not n.endswith((".toml", ".csv", ".import")) for n in others) else short
            )
        return short if kind_of_json(data) == "ours" else long

    def _read_again(self, asset_id: int, relatives: Sequence[str] | None) -> None:
        """Index what the sidecars of an asset say now; None means all that are known."""
        place = self._place(asset_id)
        if place is None:
            return
        folder, _image = place
        known = [
            unstored(path)
            for (path,) in self._database.execute(
                "SELECT path FROM sidecar WHERE asset_id = ?", (asset_id,)
            )
        ]
        for relative in dict.fromkeys((*(relatives or ()), *(known if relatives is None else ()))):
            side = read_side(relative, str(folder / relative))
            if side is None:
                self._rows.lose_side(asset_id, relative)
            else:
                self._rows.put_sides(asset_id, [side])

    def _place(self, asset_id: int) -> tuple[Path, str] | None:
        row = self._database.execute(
            "SELECT root_id, path FROM asset WHERE id = ?", (asset_id,)
        ).get
        return None if row is None else (self._folder_of_root(row[0]), unstored(row[1]))


def _spoken(words: Words, source: str) -> WordsWithOrigin:
    captions = (CaptionSaid(words.caption, "imported", source, None),) if words.caption else ()
    return WordsWithOrigin(
        captions, tuple(TagSaid(name, "imported", source, None) for name in words.tags)
    )


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise LibraryError(
            f"{shown(str(path))} cannot be read: {error.strerror or error}", "check the file"
        ) from error


def _b64(data: bytes | None) -> str | None:
    return None if data is None else base64.b64encode(data).decode("ascii")


def _unb64(text: str | None) -> bytes | None:
    return None if text is None else base64.b64decode(text)
