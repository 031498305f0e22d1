"""Writing what is known about an asset: its row, colours, words and search entries.

Everything here runs inside a transaction of the caller. Words of a human are only ever replaced by
what the same file says now; words of models only by those of models.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping

import apsw

from llamavis_studio.imaging.inspect import Inspected
from llamavis_studio.library.found import Found, SideFound
from llamavis_studio.library.naming import folded_tag, words_of_path
from llamavis_studio.library.query.tokens import indexed_text
from llamavis_studio.library.sidecars import CaptionSaid, TagSaid, WordsWithOrigin
from llamavis_studio.library.walk import Stamp, stored, unstored

RACY_NS = 2_000_000_000
"""A file changed less than this before it was read may change again under the same stamp: some file
systems count in steps of two seconds."""
PATH_CONFIDENCE = 0.5
"""Of tags that only a file's or folder's name suggests."""
INSIDE = ("description", "xmp")
"""Sources of words that stand in the image file itself."""
_UPSERT = """
INSERT INTO asset(root_id, path, size_bytes, mtime_ns, ctime_ns, inode, hash, format, width, height,
  mode, has_alpha, pixel_art, frames, kind, dhash, seam, problem, note, added)
VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)
ON CONFLICT(root_id, path) DO UPDATE SET size_bytes=excluded.size_bytes,
  mtime_ns=excluded.mtime_ns, ctime_ns=excluded.ctime_ns, inode=excluded.inode, hash=excluded.hash,
  format=excluded.format, width=excluded.width, height=excluded.height, mode=excluded.mode,
  has_alpha=excluded.has_alpha, pixel_art=excluded.pixel_art, frames=excluded.frames,
  kind=excluded.kind, dhash=excluded.dhash, seam=excluded.seam, problem=excluded.problem,
  note=excluded.note, missing_since=NULL
RETURNING id
"""


class AssetRows:
    """Writes through one connection; remembers the ids of tags and texts it has seen."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._db = connection
        self._tag_ids: dict[str, int] = {}
        self._exclude: frozenset[str] = frozenset()
        self._rename: Mapping[str, str] = {}

    def use_rules(self, exclude: Iterable[str], rename: Mapping[str, str]) -> None:
        """Tags that models and names may not give, and those they give under another name."""
        self._exclude = frozenset(folded_tag(name) for name in exclude)
        self._rename = {folded_tag(old): folded_tag(new) for old, new in rename.items()}

    def forget(self) -> None:
        """A transaction was given up: what was remembered of it is not there."""
        self._tag_ids.clear()

    def put(self, root_id: int, found: Found, *, known: bool) -> int:
        """Write everything that was read of an image; its id. `known` when it had a row before."""
        seen = found.inspected or _NOTHING
        status = settled(found.stamp)
        dhash = None if seen.flat or not seen.colours else seen.dhash
        problem = found.problem or seen.problem
        row: tuple[object, ...] = (
            root_id,
            stored(found.relative),
            *status,
            found.digest,
            seen.format,
            seen.width,
        )
        row += (seen.height, seen.mode, seen.has_alpha, seen.pixel_art, seen.frames, seen.kind)
        row += (dhash, seen.seam, problem, seen.note, int(time.time()))
        asset_id = int(self._db.execute(_UPSERT, row).get)
        if known:
            self._db.execute("DELETE FROM colour WHERE asset_id = ?", (asset_id,))
            self._drop_sources(asset_id, (*INSIDE, "path"))
        if seen.colours:
            self._db.executemany(
                "INSERT OR IGNORE INTO colour VALUES (?,?,?,?)",
                [
                    (asset_id, cell, red << 16 | green << 8 | blue, share)
                    for cell, red, green, blue, share in seen.colours
                ],
            )
        self.add_words(asset_id, found.words)
        self._add_path_tags(asset_id, found.relative)
        self.put_sides(asset_id, found.sides, known=known)
        return asset_id

    def put_sides(self, asset_id: int, sides: Iterable[SideFound], *, known: bool = True) -> None:
        """Take over what sidecars say now; what they said before and say no more goes."""
        for side in sides:
            before = self.sidecar_words(asset_id, side.relative) if known else None
            side_words = side.words
            if before is not None and side.problem:
                side_words = before  # a file half written says nothing new
            elif before is not None:
                self._take_back(asset_id, before, side.words)
            self.add_words(asset_id, side_words)
            self._db.execute(
                "INSERT OR REPLACE INTO sidecar VALUES (?,?,?,?,?,?,?)",
                (
                    asset_id,
                    stored(side.relative),
                    side.stamp.size_bytes,
                    settled(side.stamp).mtime_ns,
                    side.digest,
                    dump_words(side_words),
                    side.problem,
                ),
            )

    def lose_side(self, asset_id: int, relative: str) -> None:
        """A sidecar is gone: its words go with it."""
        before = self.sidecar_words(asset_id, relative)
        if before is not None:
            self._take_back(asset_id, before, WordsWithOrigin())
        self._db.execute(
            "DELETE FROM sidecar WHERE asset_id = ? AND path = ?", (asset_id, stored(relative))
        )

    def sidecar_words(self, asset_id: int, relative: str) -> WordsWithOrigin | None:
        """What a sidecar said when it was seen last."""
        text = self._db.execute(
            "SELECT words FROM sidecar WHERE asset_id = ? AND path = ?",
            (asset_id, stored(relative)),
        ).get
        return None if text is None else load_words(text)

    def add_words(self, asset_id: int, words: WordsWithOrigin) -> None:
        """Add captions and tags, each under its own origin and source."""
        for caption in words.captions:
            self._db.execute(
                "INSERT OR REPLACE INTO caption(asset_id, origin, source, text, confidence) "
                "VALUES (?,?,?,?,?)",
                (asset_id, caption.origin, caption.source, caption.text, caption.confidence),
            )
        rows = [
            (asset_id, tag_id, tag.origin, tag.source, tag.confidence, tag.rejected)
            for tag in words.tags
            if (tag_id := self.tag_id(tag.name)) is not None
        ]
        if rows:
            self._db.executemany("INSERT OR REPLACE INTO asset_tag VALUES (?,?,?,?,?,?)", rows)

    def put_model_words(
        self,
        asset_id: int,
        caption: CaptionSaid,
        tags: Iterable[TagSaid],
        in_domain: bool,
    ) -> None:
        """What a model says takes the place of what models said before, and of nothing else."""
        self._db.execute("DELETE FROM caption WHERE asset_id = ? AND origin = 'model'", (asset_id,))
        self._db.execute(
            "DELETE FROM asset_tag WHERE asset_id = ? AND origin = 'model'", (asset_id,)
        )
        self._db.execute(
            "INSERT INTO caption VALUES (?,?,?,?,?,?)",
            (asset_id, "model", caption.source, caption.text, caption.confidence, in_domain),
        )
        self.add_words(asset_id, WordsWithOrigin((), tuple(self._ruled(tags))))

    def _ruled(self, tags: Iterable[TagSaid]) -> Iterable[TagSaid]:
        for tag in tags:
            name = folded_tag(tag.name)
            name = self._rename.get(name, name)
            if name and name not in self._exclude:
                yield TagSaid(name, tag.origin, tag.source, tag.confidence)

    def _add_path_tags(self, asset_id: int, relative: str) -> None:
        names = words_of_path(relative)
        said = (TagSaid(name, "imported", "path", PATH_CONFIDENCE) for name in names)
        self.add_words(asset_id, WordsWithOrigin((), tuple(self._ruled(said))))

    def tag_id(self, name: str) -> int | None:
        """The id of a tag, made when it is new; None for a name that says nothing."""
        folded = folded_tag(name)
        if not folded:
            return None
        found = self._tag_ids.get(folded)
        if found is None:
            query = "SELECT id FROM tag WHERE name = ?"
            found = self._db.execute(query, (folded,)).get
            if found is None:
                self._db.execute("INSERT INTO tag(name) VALUES (?)", (folded,))
                found = self._db.last_insert_rowid()
            self._tag_ids[folded] = found
        return found

    def _drop_sources(self, asset_id: int, sources: Iterable[str]) -> None:
        for source in sources:
            for table in ("caption", "asset_tag"):
                self._db.execute(
                    f"DELETE FROM {table} WHERE asset_id = ? AND source = ?", (asset_id, source)
                )

    def _take_back(self, asset_id: int, before: WordsWithOrigin, now: WordsWithOrigin) -> None:
        """Remove what a sidecar said and says no more; a person took it out there."""
        for caption in set(before.captions) - set(now.captions):
            self._db.execute(
                "DELETE FROM caption WHERE asset_id = ? AND source IN (?, 'user') AND text = ? "
                "AND origin <> 'model'",
                (asset_id, caption.source, caption.text),
            )
        kept = {folded_tag(tag.name) for tag in now.tags}
        for tag in before.tags:
            if folded_tag(tag.name) not in kept:
                self._db.execute(
                    "DELETE FROM asset_tag WHERE asset_id = ? AND source IN (?, 'user') "
                    "AND origin <> 'model' AND tag_id = (SELECT id FROM tag WHERE name = ?)",
                    (asset_id, tag.source, folded_tag(tag.name)),
                )

    def index(self, asset_ids: Iterable[int]) -> None:
        """Make assets findable by the words they have now."""
        for asset_id in asset_ids:
            path = self._db.execute("SELECT path FROM asset WHERE id = ?", (asset_id,)).get
            if path is None:
                continue
            captions = list(
                self._db.execute(
                    "SELECT origin, text FROM caption WHERE asset_id = ? ORDER BY origin, source",
                    (asset_id,),
                )
            )
            tags = list(
                self._db.execute(
                    "SELECT t.name, max(a.rejected), min(a.source = 'path') FROM asset_tag a "
                    "JOIN tag t ON t.id = a.tag_id WHERE a.asset_id = ? GROUP BY t.id",
                    (asset_id,),
                )
            )
            names = [name for name, rejected, _ in tags if not rejected]
            # Origins sort as they rank: human, imported, model.
            sentence = captions[0][1] if captions else ""
            told = [n for n, rejected, only_path in tags if not rejected and not only_path]
            self._write_index(
                asset_id, unstored(path), [text for _, text in captions], names, sentence, told
            )

    def _write_index(
        self,
        asset_id: int,
        relative: str,
        captions: list[str],
        tags: list[str],
        sentence: str,
        told: list[str],
    ) -> None:
        name = relative.encode("utf-8", "replace").decode("utf-8")
        said, marks = "\n".join(captions), "\n".join(tags)
        self._db.execute(
            "INSERT OR REPLACE INTO words(rowid, name, caption, tags) VALUES (?,?,?,?)",
            (asset_id, indexed_text(name), indexed_text(said), indexed_text(marks)),
        )
        self._db.execute(
            "INSERT OR REPLACE INTO parts(rowid, name, caption, tags) VALUES (?,?,?,?)",
            (asset_id, name.lower(), said.lower(), marks.lower()),
        )
        meant = ", ".join([sentence, *told[:12]] if sentence else told[:12])
        self._set_text(asset_id, meant or " ".join(words_of_path(name)))

    def _set_text(self, asset_id: int, text: str) -> None:
        if not text:
            self._db.execute("UPDATE asset SET text_id = NULL WHERE id = ?", (asset_id,))
            return
        found = self._db.execute("SELECT id FROM text WHERE text = ?", (text,)).get
        if found is None:
            self._db.execute("INSERT INTO text(text) VALUES (?)", (text,))
            found = self._db.last_insert_rowid()
        self._db.execute("UPDATE asset SET text_id = ? WHERE id = ?", (found, asset_id))


_NOTHING = Inspected()


def settled(stamp: Stamp) -> Stamp:
    """A stamp to compare with later; one that proves nothing is changed so that it never fits."""
    if time.time_ns() - max(stamp.mtime_ns, stamp.ctime_ns) < RACY_NS:
        return stamp._replace(mtime_ns=-1)
    return stamp


def dump_words(words: WordsWithOrigin) -> str:
    """Words as JSON text, for the database only."""
    captions = [[c.text, c.origin, c.source, c.confidence] for c in words.captions]
    tags = [[t.name, t.origin, t.source, t.confidence, t.rejected] for t in words.tags]
    return json.dumps([captions, tags], ensure_ascii=True, separators=(",", ":"))


def load_words(text: str) -> WordsWithOrigin:
    """The other way round."""
    captions, tags = json.loads(text)
    return WordsWithOrigin(
        tuple(CaptionSaid(*row) for row in captions), tuple(TagSaid(*row) for row in tags)
    )
