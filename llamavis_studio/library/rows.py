"""Writing what is known about an asset: its row, colours, words and search entries.

Everything here runs inside a transaction of the caller. Words of a human are only ever replaced by
what the same file says now; words of models only by those of models.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import apsw

from llamavis_studio.library.found import Found, SideFound
from llamavis_studio.library.naming import folded_tag, words_of_path
from llamavis_studio.library.row_values import (
    INTO_PARTS,
    INTO_WORDS,
    PUT_CAPTION,
    PUT_COLOUR,
    PUT_SIDE,
    PUT_TAG,
    SEEN,
    caption_row,
    colour_rows,
    index_entry,
    load_words,
    side_row,
    tag_row,
    what_was_seen,
)
from llamavis_studio.library.sidecars import CaptionSaid, TagSaid, WordsWithOrigin
from llamavis_studio.library.walk import stored, unstored

PATH_CONFIDENCE = 0.5
"""Of tags that only a file's or folder's name suggests."""
INSIDE = ("description", "xmp")
"""Sources of words that stand in the image file itself."""
_UPDATE = (
    f"UPDATE asset SET {', '.join(f'{name}=?' for name in SEEN)}, missing_since=NULL WHERE id=?"
)


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

    def put(self, root_id: int, found: Found) -> int:
        """Write everything that was read of an image that has a row; its id."""
        query = "SELECT id FROM asset WHERE root_id = ? AND path = ?"
        asset_id = int(self._db.execute(query, (root_id, stored(found.relative))).get)
        self._db.execute(_UPDATE, (*what_was_seen(found), asset_id))
        self._db.execute("DELETE FROM colour WHERE asset_id = ?", (asset_id,))
        self._drop_sources(asset_id, (*INSIDE, "path"))
        self._db.executemany(PUT_COLOUR, colour_rows(asset_id, found))
        self.add_words(asset_id, found.words)
        self.add_words(asset_id, WordsWithOrigin((), self.path_tags(found.relative)))
        self.put_sides(asset_id, found.sides)
        return asset_id

    def put_sides(self, asset_id: int, sides: Iterable[SideFound]) -> None:
        """Take over what sidecars say now; what they said before and say no more goes."""
        for side in sides:
            before = self.sidecar_words(asset_id, side.relative)
            side_words = side.words
            if before is not None and side.problem:
                side_words = before  # a file half written says nothing new
            elif before is not None:
                self._take_back(asset_id, before, side.words)
            self.add_words(asset_id, side_words)
            self._db.execute(PUT_SIDE, side_row(asset_id, side, side_words))
            if side.frames:
                self._db.execute(
                    "UPDATE asset SET kind = 'sheet', frames = ? WHERE id = ?",
                    (side.frames, asset_id),
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
            self._db.execute(PUT_CAPTION, caption_row(asset_id, caption))
        rows = [
            tag_row(asset_id, known[0], tag)
            for tag in words.tags
            if (known := self.tag(tag.name)) is not None
        ]
        if rows:
            self._db.executemany(PUT_TAG, rows)

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
        self._db.execute(PUT_CAPTION, caption_row(asset_id, caption, in_domain))
        self.add_words(asset_id, WordsWithOrigin((), tuple(self._ruled(tags))))

    def _ruled(self, tags: Iterable[TagSaid]) -> Iterable[TagSaid]:
        for tag in tags:
            name = folded_tag(tag.name)
            name = self._rename.get(name, name)
            if name and name not in self._exclude:
                yield TagSaid(name, tag.origin, tag.source, tag.confidence)

    def path_tags(self, relative: str) -> tuple[TagSaid, ...]:
        """The tags that a file's and its folders' names suggest, as the rules allow."""
        names = words_of_path(relative)
        return tuple(
            self._ruled(TagSaid(name, "imported", "path", PATH_CONFIDENCE) for name in names)
        )

    def tag(self, name: str) -> tuple[int, str] | None:
        """The id of a tag, made when it is new, and its folded name; None for one that says
        nothing.
        """
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
        return found, folded

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
                    # Origins sort as they rank: human, imported, model.
                    "SELECT origin, text FROM caption WHERE asset_id = ? ORDER BY origin, source",
                    (asset_id,),
                )
            )
            tags = list(
                self._db.execute(
                    "SELECT t.name, min(a.source = 'path') FROM asset_tag a "
                    "JOIN tag t ON t.id = a.tag_id WHERE a.asset_id = ? "
                    "GROUP BY t.id HAVING NOT max(a.rejected)",
                    (asset_id,),
                )
            )
            entry = index_entry(unstored(path), [text for _, text in captions], tags)
            self._db.execute(f"INSERT OR REPLACE {INTO_WORDS}", (asset_id, *entry.words))
            self._db.execute(f"INSERT OR REPLACE {INTO_PARTS}", (asset_id, *entry.parts))
            self._set_text(asset_id, entry.meant)

    def _set_text(self, asset_id: int, text: str) -> None:
        if not text:
            self._db.execute("UPDATE asset SET text_id = NULL WHERE id = ?", (asset_id,))
            return
        found = self._db.execute("SELECT id FROM text WHERE text = ?", (text,)).get
        if found is None:
            self._db.execute("INSERT INTO text(text) VALUES (?)", (text,))
            found = self._db.last_insert_rowid()
        self._db.execute("UPDATE asset SET text_id = ? WHERE id = ?", (found, asset_id))
