"""Copies: files of the same bytes, and pictures that look alike.

Alike are pictures whose 64-bit difference hashes differ in at most three bits. Of four bands of 16
bits at least one is then equal, so only pictures that share a band are compared (the pigeonhole
principle, as in Manku et al. 2007, Detecting Near-Duplicates for Web Crawling).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from llamavis_studio.library.database import Database

MOST_BITS = 3
_BANDS = 4
_MOST_IN_BAND = 3000
"""Pictures compared at once; where more share a band, they are nearly all blank or of one set."""


def same_bytes(database: Database) -> list[list[int]]:
    """Groups of assets that are there and have equal files, the largest first."""
    groups: defaultdict[bytes, list[int]] = defaultdict(list)
    for asset_id, digest in database.execute(
        "SELECT id, hash FROM asset WHERE missing_since IS NULL AND hash IN "
        "(SELECT hash FROM asset WHERE missing_since IS NULL AND hash <> x'' "
        "GROUP BY hash HAVING count(*) > 1) ORDER BY id"
    ):
        groups[digest].append(asset_id)
    return sorted(groups.values(), key=lambda group: (-len(group), group[0]))


def look_alikes(database: Database, most_bits: int = MOST_BITS) -> list[list[int]]:
    """Groups of assets that look alike without being the same file, the largest first.

    Of each kind of file only one is named where there are copies.
    """
    rows = list(
        database.execute(
            "SELECT min(id), dhash, width * height FROM asset "
            "WHERE missing_since IS NULL AND dhash IS NOT NULL GROUP BY hash ORDER BY 1"
        )
    )
    if not rows:
        return []
    ids = [row[0] for row in rows]
    hashes = np.array([row[1] for row in rows], np.int64).view(np.uint64)
    leader = list(range(len(ids)))

    def find(place: int) -> int:
        while leader[place] != place:
            leader[place] = leader[leader[place]]
            place = leader[place]
        return place

    for one, other in _near_pairs(hashes, most_bits):
        leader[find(other)] = find(one)
    groups: defaultdict[int, list[int]] = defaultdict(list)
    for place, asset_id in enumerate(ids):
        groups[find(place)].append(asset_id)
    found = [group for group in groups.values() if len(group) > 1]
    return sorted(found, key=lambda group: (-len(group), group[0]))


def _near_pairs(hashes: NDArray[np.uint64], most_bits: int) -> Iterable[tuple[int, int]]:
    for band in range(_BANDS):
        keys = (hashes >> np.uint64(16 * band)) & np.uint64(0xFFFF)
        order = np.argsort(keys, kind="stable")
        borders = np.flatnonzero(np.diff(keys[order])) + 1
        for places in np.split(order, borders):
            for at in range(0, len(places), _MOST_IN_BAND):
                part = places[at : at + _MOST_IN_BAND]
                if len(part) < 2:
                    continue
                mine = hashes[part]
                for row in range(len(part) - 1):
                    bits = np.bitwise_count(mine[row + 1 :] ^ mine[row])
                    for near in np.flatnonzero(bits <= most_bits):
                        yield int(part[row]), int(part[row + 1 + near])
