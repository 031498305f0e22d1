"""How many assets there are of each kind, tag and colour: what a search can be narrowed by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from llamavis_studio.imaging.colour_cells import cells_near
from llamavis_studio.library.database import Database
from llamavis_studio.library.query.colours import COLOURS
from llamavis_studio.library.query.sql import DISTANCE, LEAST_SHARE
from llamavis_studio.library.tags import tag_counts

MOST_TAGS = 20
OFFERED = tuple(
    "red orange yellow green teal blue purple pink brown beige black gray white".split()
)
"""Colours to choose from: names that the search knows."""


@dataclass(frozen=True)
class FacetCounts:
    """Counts of what is there and not missing, the largest first; `colours` also with 0xRRGGBB, in
    the order of `OFFERED`.
    """

    kinds: Mapping[str, int] = field(default_factory=dict)
    tags: Mapping[str, int] = field(default_factory=dict)
    colours: Sequence[tuple[str, int, int]] = ()


def facet_counts(database: Database) -> FacetCounts:
    """Count the whole library."""
    kinds = database.execute(
        "SELECT kind, count(*) FROM asset WHERE missing_since IS NULL AND kind <> '' "
        "GROUP BY kind ORDER BY 2 DESC, 1"
    )
    rows: list[Any] = kinds.fetchall()
    tags = tag_counts(database, most=MOST_TAGS)
    return FacetCounts(
        kinds=dict(rows),
        tags={tag.name: tag.assets for tag in tags},
        colours=tuple(
            (name, COLOURS[name], _count_of(database, COLOURS[name])) for name in OFFERED
        ),
    )


def _count_of(database: Database, rgb: int) -> int:
    """As many as a search for the colour finds."""
    cells = cells_near(rgb >> 16 & 255, rgb >> 8 & 255, rgb & 255, DISTANCE)
    marks = ",".join("?" * len(cells))
    found = database.execute(
        "SELECT count(DISTINCT c.asset_id) FROM colour c JOIN asset a ON a.id = c.asset_id "
        f"WHERE c.cell IN ({marks}) AND c.share >= ? AND a.missing_since IS NULL",
        (*cells, LEAST_SHARE),
    ).get
    return int(found)
