"""Textures that repeat: mosaics of numbered variants and circular shifts of single tiles."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

from llamavis_studio.model.colour_names import to_oklab
from llamavis_studio.model.train.colours import Pixels
from llamavis_studio.model.train.tiles import Tile


def shifted(tile: Tile, rng: np.random.Generator) -> Pixels:
    """The tile rolled by a random whole step in both directions; it repeats as before.

    Framed blocks (a bevel drawn around the edge) would show their seam as a cross, which is what
    repeating them shows too, so they are rolled by half a tile at most rarely: see `framed`.
    """
    dy, dx = (int(v) for v in rng.integers(1, 32, 2))
    return np.roll(tile.pixels, (dy, dx), (0, 1))


def framed(pixels: Pixels) -> bool:
    """Whether a tile has a drawn frame: its border differs much more from its other side's
    border than neighbouring rows inside differ."""
    grey = pixels[..., :3].astype(np.float32).mean(-1)
    wrap = np.abs(grey[0] - grey[-1]).mean() + np.abs(grey[:, 0] - grey[:, -1]).mean()
    inner = np.abs(np.diff(grey, axis=0)).mean() + np.abs(np.diff(grey, axis=1)).mean()
    rows, columns = grey.mean(1), grey.mean(0)
    edge = max(
        abs(rows[[0, -1]].mean() - rows[3:-3].mean()),
        abs(columns[[0, -1]].mean() - columns[3:-3].mean()),
    )
    return bool(wrap > 1.7 * inner + 2.0 or edge > 22.0)


def mosaics(
    tiles: Sequence[Tile], per_name: int, rng: np.random.Generator
) -> Iterator[tuple[Tile, Pixels]]:
    """2x2 mosaics (64, 64) of the variants of one name: they repeat in both directions."""
    groups: dict[tuple[str, str], list[Tile]] = defaultdict(list)
    for tile in tiles:
        if tile.tileable and not framed(tile.pixels):
            groups[tile.category, tile.family].append(tile)
    for _, everyone in sorted(groups.items()):
        wanted = min(per_name, 2 * len(everyone) ** 2) if len(everyone) > 1 else 1
        means = np.stack([to_oklab(t.pixels[..., :3]).mean((0, 1)) for t in everyone])
        for _ in range(wanted):
            # Variants of another colour would make a chequered mosaic.
            first = int(rng.integers(len(everyone)))
            near = np.linalg.norm(means - means[first], axis=1) < 0.045
            group = [t for t, close in zip(everyone, near, strict=True) if close]
            chosen = rng.choice(len(group), 4, replace=len(group) < 4)
            a, b, c, d = (group[int(i)].pixels for i in chosen)
            whole = np.concatenate([np.concatenate([a, b], 1), np.concatenate([c, d], 1)], 0)
            dy, dx = (int(v) for v in rng.integers(0, 64, 2))
            yield group[int(chosen[0])], np.roll(whole, (dy, dx), (0, 1))
