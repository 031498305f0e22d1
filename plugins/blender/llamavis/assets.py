# SPDX-License-Identifier: GPL-3.0-or-later
"""Data-blocks as assets: tags, words, author, licence, and the catalog of their folder."""

from __future__ import annotations

import re
from pathlib import Path

import bpy

from .catalogs import catalog_path, have_catalog, library_of
from .entries import Entry
from .notes import provenance_of

_WORD = re.compile(r"[a-z]{3,}|[\u3400-\u9fff]{2,6}")
_IDLE = frozenset({"and", "the", "with", "for", "from", "into", "over", "some", "his", "her"})
MOST_TAGS = 12


def mark(
    block: bpy.types.ID, entry: Entry, project: str, image: str, author: str, licence: str
) -> None:
    """Make a data-block an asset that says what its description says.

    `image` is the absolute path of the entry's first image. Raises CatalogError when the catalogs
    beside a saved .blend file cannot be written; the data-block is an asset even so.
    """
    block.asset_mark()
    data = block.asset_data
    told = provenance_of(Path(image)) if image else {}
    data.description = entry.words
    if author:
        data.author = author
    data.license = licence or str(told.get("licence", ""))
    if told.get("model"):
        data.copyright = f"Drawn by {told['model']}"
    add_tags(block, [entry.kind, *words_of(entry.words)])
    if bpy.data.filepath:
        known = [
            Path(bpy.path.abspath(one.path)).resolve()
            for one in bpy.context.preferences.filepaths.asset_libraries
            if one.path
        ]
        library = library_of(Path(bpy.data.filepath).resolve(), known)
        data.catalog_id = have_catalog(library, catalog_path(project, entry.source))


def add_tags(block: bpy.types.ID, tags: list[str]) -> None:
    """Tags that are not there yet; those of users stay."""
    if block.asset_data is None:
        return
    for tag in tags:
        if tag and len(block.asset_data.tags) < 2 * MOST_TAGS:
            block.asset_data.tags.new(tag, skip_if_exists=True)


def words_of(description: str) -> list[str]:
    """Words that one may search for: English ones, and runs of Chinese."""
    found = dict.fromkeys(_WORD.findall(description.casefold()))
    return [word for word in found if word not in _IDLE][:MOST_TAGS]
