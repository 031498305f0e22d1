"""Writing assets that had no row before, hundreds in one statement a table.

What is known of a new asset is all in what was read of it, so that nothing is asked back from the
database, and each table's rows go in together: an import of a whole pack takes a third of the time
that asset by asset takes.
"""

from __future__ import annotations

import time
from collections.abc import Iterable

import apsw

from llamavis_studio.library.found import Found
from llamavis_studio.library.merging import ORIGINS, CaptionSaid, TagSaid
from llamavis_studio.library.row_values import (
    INTO_PARTS,
    INTO_WORDS,
    PUT_CAPTION,
    PUT_COLOUR,
    PUT_SIDE,
    PUT_TAG,
    SEEN,
    IndexEntry,
    caption_row,
    colour_rows,
    index_entry,
    side_row,
    tag_row,
    what_was_seen,
)
from llamavis_studio.library.rows import AssetRows
from llamavis_studio.library.walk import stored

_PUT_ASSET = (
    f"INSERT INTO asset(id, root_id, path, {', '.join(SEEN)}, added, text_id) "
    f"VALUES (?,?,?,{','.join('?' * len(SEEN))},?,(SELECT id FROM text WHERE text = ?))"
)
_PUT_TEXT = "INSERT OR IGNORE INTO text(text) VALUES (?)"


def put_new(
    connection: apsw.Connection, rows: AssetRows, root_id: int, chunk: Iterable[Found]
) -> None:
    """Write images that have no row yet, and make them findable; inside a transaction."""
    batch = _Batch(rows, root_id, int(connection.execute("SELECT max(id) FROM asset").get or 0))
    for found in chunk:
        batch.add(found)
    # The order of what refers to what.
    for sql, values in (
        (_PUT_TEXT, batch.texts),
        (_PUT_ASSET, batch.assets),
        (PUT_COLOUR, batch.colours),
        (PUT_CAPTION, batch.captions),
        (PUT_TAG, batch.tags),
        (PUT_SIDE, batch.sides),
        (f"INSERT {INTO_WORDS}", batch.words),
        (f"INSERT {INTO_PARTS}", batch.parts),
    ):
        connection.executemany(sql, values)


class _Batch:
    def __init__(self, rows: AssetRows, root_id: int, last_id: int) -> None:
        self._rows = rows
        self._root_id = root_id
        self._last_id = last_id
        self._now = int(time.time())
        self.texts: list[tuple[str]] = []
        self.assets: list[tuple[object, ...]] = []
        self.colours: list[tuple[int, int, int, float]] = []
        self.captions: list[tuple[object, ...]] = []
        self.tags: list[tuple[object, ...]] = []
        self.sides: list[tuple[object, ...]] = []
        self.words: list[tuple[int, str, str, str]] = []
        self.parts: list[tuple[int, str, str, str]] = []

    def add(self, found: Found) -> None:
        self._last_id += 1
        asset_id = self._last_id
        captions = [*found.words.captions]
        tags = [*found.words.tags, *self._rows.path_tags(found.relative)]
        for side in found.sides:
            captions += side.words.captions
            tags += side.words.tags
            self.sides.append(side_row(asset_id, side, side.words))
        for caption in captions:
            self.captions.append(caption_row(asset_id, caption))
        entry = self._entry(found.relative, captions, self._add_tags(asset_id, tags))
        self.words.append((asset_id, *entry.words))
        self.parts.append((asset_id, *entry.parts))
        meant = entry.meant or None
        if meant:
            self.texts.append((meant,))
        path = stored(found.relative)
        self.assets.append((asset_id, self._root_id, path, *what_was_seen(found), self._now, meant))
        self.colours += colour_rows(asset_id, found)

    def _add_tags(self, asset_id: int, tags: Iterable[TagSaid]) -> list[tuple[str, bool]]:
        """Note the tags' rows; the names that nobody rejected, and whether only a name gives them,
        in the order of their ids.
        """
        told: dict[int, tuple[str, bool]] = {}
        rejected = set()
        for tag in tags:
            known = self._rows.tag(tag.name)
            if known is None:
                continue
            tag_id, name = known
            self.tags.append(tag_row(asset_id, tag_id, tag))
            if tag.rejected:
                rejected.add(tag_id)
            only_name = tag.source == "path" and told.get(tag_id, ("", True))[1]
            told[tag_id] = name, only_name
        return [told[tag_id] for tag_id in sorted(told.keys() - rejected)]

    def _entry(
        self, relative: str, captions: list[CaptionSaid], tags: list[tuple[str, bool]]
    ) -> IndexEntry:
        # As the table holds them: of one origin and source the last stays.
        kept = {(ORIGINS.index(said.origin), said.source): said.text for said in captions}
        return index_entry(relative, [kept[key] for key in sorted(kept)], tags)
