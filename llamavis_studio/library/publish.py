"""Words out of the library, for other programs: text files beside the images, or XMP inside them.

A file that someone else wrote, or changed since, is never written over: what it says came into the
library when it was imported, and stays the last word.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from llamavis_studio.core.errors import LlamaVisError
from llamavis_studio.core.write import write_atomic
from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.xmp_in_files import write_xmp
from llamavis_studio.library.database import Database
from llamavis_studio.library.found import MOST_BYTES, digest_of
from llamavis_studio.library.library import Item, Library
from llamavis_studio.library.row_values import dump_words
from llamavis_studio.library.sidecars import CaptionSaid, TagSaid, WordsWithOrigin, write_sidecar
from llamavis_studio.library.walk import stored

Kind = Literal["txt", "caption", "json", "xmp"]
KINDS: tuple[Kind, ...] = ("txt", "caption", "json", "xmp")


@dataclass
class Published:
    """What was written, and what was left alone, with the reason."""

    written: int = 0
    same: int = 0
    left: list[tuple[str, str]] = field(default_factory=list)


def publish(library: Library, items: Iterable[Item], kind: Kind) -> Published:
    """Write the words of assets beside or into their files. Raises LibraryError."""
    done = Published()
    for item in items:
        if not item.caption and not item.tags:
            continue
        try:
            wrote = _xmp(item) if kind == "xmp" else _beside(library, item, kind)
        except (LlamaVisError, ImageError, OSError) as error:
            done.left.append((item.file, getattr(error, "strerror", None) or str(error)))
            continue
        done.written += wrote
        done.same += not wrote
    return done


def _xmp(item: Item) -> bool:
    """Whether the image was written: only its description and keywords are other than before."""
    with open(item.path, "rb") as stream:
        old = stream.read(MOST_BYTES + 1)
    if len(old) > MOST_BYTES:
        raise ImageError(f"the file is over {MOST_BYTES >> 20} MiB")
    new = write_xmp(old, item.caption, item.tags)
    if new == old:
        return False
    write_atomic(item.path, new)
    return True


def _beside(library: Library, item: Item, kind: Kind) -> bool:
    place = item.path.with_suffix(f".{kind}")
    old = place.read_bytes() if place.exists() else None
    relative = place.relative_to(item.folder).as_posix()
    if old is not None and not _is_ours(library.database, item.id, relative, old):
        raise _SomeoneElsesError(f"{place.name} is somebody else's and is left as it is")
    new = write_sidecar(place.name, old, _words(item, kind))
    if new == old:
        return False
    write_atomic(place, new)
    status = os.stat(place)
    with library.database.writing() as connection:
        # With its true time, for it is known what it says: no need to read it again.
        connection.execute(
            "INSERT OR REPLACE INTO sidecar VALUES (?,?,?,?,?,?,'',0)",
            (
                item.id,
                stored(relative),
                status.st_size,
                status.st_mtime_ns,
                digest_of(new),
                dump_words(WordsWithOrigin()),
            ),
        )
    return True


def _is_ours(database: Database, asset_id: int, relative: str, data: bytes) -> bool:
    """Whether a file is still what was published there, so that nobody's words are in it."""
    row = database.execute(
        "SELECT hash, words FROM sidecar WHERE asset_id = ? AND path = ?",
        (asset_id, stored(relative)),
    ).get
    return row is not None and tuple(row) == (digest_of(data), dump_words(WordsWithOrigin()))


def _words(item: Item, kind: Kind) -> WordsWithOrigin:
    captions = (CaptionSaid(item.caption, item.caption_origin or "model", "library", None),)
    tags = tuple(TagSaid(name, "model", "library", None) for name in item.tags)
    if kind == "txt":
        return WordsWithOrigin((), tags)
    if kind == "caption":
        return WordsWithOrigin(captions, ())
    return WordsWithOrigin(captions if item.caption else (), tags)


class _SomeoneElsesError(LlamaVisError):
    """A file that is not to be written over."""
