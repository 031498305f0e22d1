"""What stands in the rows of an asset, computed from what was read: no database is asked here."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from llamavis_studio.imaging.inspect import Inspected
from llamavis_studio.library import walk
from llamavis_studio.library.found import Found, SideFound
from llamavis_studio.library.naming import words_of_path
from llamavis_studio.library.query.tokens import indexed_text, part_text
from llamavis_studio.library.sidecars import CaptionSaid, TagSaid, WordsWithOrigin
from llamavis_studio.library.walk import Stamp, stored

_MOST_MEANT_TAGS = 12

SEEN = (
    "size_bytes mtime_ns ctime_ns inode hash format width height mode has_alpha frames kind "
    "pixel_art dhash seam problem note"
).split()
"""Columns of `asset` that reading a file fills, in the order of `what_was_seen`."""
PUT_COLOUR = "INSERT OR IGNORE INTO colour VALUES (?,?,?,?)"
PUT_CAPTION = "INSERT OR REPLACE INTO caption VALUES (?,?,?,?,?,?)"
PUT_TAG = "INSERT OR REPLACE INTO asset_tag VALUES (?,?,?,?,?,?)"
PUT_SIDE = "INSERT OR REPLACE INTO sidecar VALUES (?,?,?,?,?,?,?,?)"
INTO_WORDS = "INTO words(rowid, name, caption, tags) VALUES (?,?,?,?)"
INTO_PARTS = "INTO parts(rowid, name, caption, tags) VALUES (?,?,?,?)"

_NOTHING = Inspected()


class IndexEntry(NamedTuple):
    """What the tables `words` and `parts` hold of an asset, and the text its meaning is of."""

    words: tuple[str, str, str]
    parts: tuple[str, str, str]
    meant: str


def what_was_seen(found: Found) -> tuple[object, ...]:
    """The columns SEEN of an image that was read."""
    seen = found.inspected or _NOTHING
    frames = max((side.frames for side in found.sides), default=0)
    return (
        *settled(found.stamp),
        found.digest,
        seen.format,
        seen.width,
        seen.height,
        seen.mode,
        seen.has_alpha,
        frames or seen.frames,
        "sheet" if frames else found.kind or seen.kind,
        seen.pixel_art,
        None if seen.flat or not seen.colours else seen.dhash,
        seen.seam,
        found.problem or seen.problem,
        seen.note,
    )


def settled(stamp: Stamp) -> Stamp:
    """A stamp to compare with later; one that proves nothing is changed so that it never fits."""
    if time.time_ns() - max(stamp.mtime_ns, stamp.ctime_ns) < walk.RACY_NS:
        return stamp._replace(mtime_ns=-1)
    return stamp


def colour_rows(asset_id: int, found: Found) -> list[tuple[int, int, int, float]]:
    """For PUT_COLOUR."""
    return [
        (asset_id, cell, red << 16 | green << 8 | blue, share)
        for cell, red, green, blue, share in (found.inspected or _NOTHING).colours
    ]


def caption_row(asset_id: int, said: CaptionSaid, in_domain: bool = True) -> tuple[object, ...]:
    """For PUT_CAPTION."""
    return asset_id, said.origin, said.source, said.text, said.confidence, in_domain


def tag_row(asset_id: int, tag_id: int, said: TagSaid) -> tuple[object, ...]:
    """For PUT_TAG."""
    return asset_id, tag_id, said.origin, said.source, said.confidence, said.rejected


def side_row(asset_id: int, side: SideFound, words: WordsWithOrigin) -> tuple[object, ...]:
    """For PUT_SIDE."""
    return (
        asset_id,
        stored(side.relative),
        side.stamp.size_bytes,
        settled(side.stamp).mtime_ns,
        side.digest,
        dump_words(words),
        side.problem,
        side.frames,
    )


def index_entry(
    relative: str, captions: Sequence[str], tags: Iterable[tuple[str, bool]]
) -> IndexEntry:
    """The index's words of an asset: its captions, the most trusted first, and its tags with
    whether only a name suggests them.
    """
    name = relative.encode("utf-8", "replace").decode("utf-8")
    tags = list(tags)
    said, marks = "\n".join(captions), "\n".join([tag for tag, _ in tags])
    told = [tag for tag, only_name in tags if not only_name][:_MOST_MEANT_TAGS]
    meant = ", ".join([captions[0], *told] if captions else told)
    return IndexEntry(
        (indexed_text(name), indexed_text(said), indexed_text(marks)),
        (part_text(name), part_text(said), part_text(marks)),
        meant or " ".join(words_of_path(name)),
    )


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
