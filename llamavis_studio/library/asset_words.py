"""Everything that is said about an asset, by whom, and where the picture comes from."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from llamavis_studio.core.asset import Provenance
from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.png import PROVENANCE_KEY, read_text_chunks
from llamavis_studio.library.library import Item, Library
from llamavis_studio.library.sidecars import CaptionSaid, TagSaid


@dataclass(frozen=True)
class AssetWords:
    """What is known about one asset.

    `captions` and `tags` are ranked: a person's before those of files before a model's; each tag
    stands once, as who counts most says it. `taken` are tags that a person took away. `colours` are
    (0xRRGGBB, share of the opaque surface), the largest first. `model` is who described it last, at
    `described` (seconds since 1970), `reasons` why it doubts its words. `drawn` says what a picture
    that the studio drew was made from.
    """

    item: Item
    captions: tuple[CaptionSaid, ...]
    tags: tuple[TagSaid, ...]
    taken: tuple[str, ...]
    colours: tuple[tuple[int, float], ...]
    model: str
    described: int
    reasons: tuple[str, ...]
    drawn: Provenance | None


def asset_words(library: Library, ids: Sequence[int]) -> list[AssetWords]:
    """What is said about each of these assets, in their order; those that are gone are left out."""
    return [_words_of(library, item) for item in library.items(ids)]


def _words_of(library: Library, item: Item) -> AssetWords:
    ask = library.database.execute
    captions = ask(
        "SELECT text, origin, source, confidence FROM caption WHERE asset_id = ? "
        "ORDER BY origin, source <> 'user', source",
        (item.id,),
    )
    said: dict[str, TagSaid] = {}
    taken: list[str] = []
    for name, origin, source, confidence, rejected in ask(
        "SELECT t.name, a.origin, a.source, a.confidence, a.rejected FROM asset_tag a "
        "JOIN tag t ON t.id = a.tag_id WHERE a.asset_id = ? "
        "ORDER BY a.origin, a.source = 'path', coalesce(a.confidence, 1) DESC, t.name",
        (item.id,),
    ):
        if rejected:
            taken.append(name)
        said.setdefault(name, TagSaid(name, origin, source, confidence))
    colours = ask(
        "SELECT rgb, share FROM colour WHERE asset_id = ? ORDER BY share DESC", (item.id,)
    )
    reading = ask("SELECT model, at, reasons FROM reading WHERE asset_id = ?", (item.id,))
    model, described, reasons = next(iter(reading), ("", 0, ""))
    return AssetWords(
        item=item,
        captions=tuple(CaptionSaid(*row) for row in captions),
        tags=tuple(tag for tag in said.values() if tag.name not in taken),
        taken=tuple(taken),
        colours=tuple((int(rgb), float(share)) for rgb, share in colours),
        model=model,
        described=described,
        reasons=tuple(filter(None, reasons.splitlines())),
        drawn=drawn_from(item.path),
    )


def drawn_from(path: Path) -> Provenance | None:
    """What the studio noted in an image that it drew; None for all others."""
    with contextlib.suppress(OSError, ImageError, ValueError):
        note = read_text_chunks(path).get(PROVENANCE_KEY)
        return None if note is None else Provenance.from_json(note)
    return None
