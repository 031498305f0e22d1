from __future__ import annotations

import numpy as np
import pytest

from llamavis_studio.model.train.surface_patterns import PATTERNS
from llamavis_studio.model.train.surfaces import draw
from llamavis_studio.model.train.textures import mosaics, shifted
from llamavis_studio.model.train.tiles import Tile
from llamavis_studio.model.train.words import table


def wall(seed: int, colour: int = 110) -> Tile:
    rng = np.random.default_rng(seed)
    pixels = np.full((32, 32, 4), 255, np.uint8)
    pixels[..., :3] = rng.integers(colour - 10, colour + 10, (32, 32, 1))
    return Tile("wall", "grey wall", "texture", "wall", "wall", pixels, tileable=True)


def test_a_shift_loses_no_pixel() -> None:
    tile = wall(0)
    moved = shifted(tile, np.random.default_rng(0))
    assert (np.sort(moved.reshape(-1)) == np.sort(tile.pixels.reshape(-1))).all()
    assert (moved != tile.pixels).any()


def test_mosaics_hold_four_tiles_and_do_not_mix_colours() -> None:
    made = list(mosaics([wall(0), wall(1), wall(2, 220)], 6, np.random.default_rng(0)))
    assert made
    for _, pixels in made:
        assert pixels.shape == (64, 64, 4)
        assert pixels[..., 0].std() < 20


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("side", [32, 64])
def test_patterns_fill_their_square_with_light_levels(pattern: str, side: int) -> None:
    levels = PATTERNS[pattern](side, np.random.default_rng(4))
    assert levels.shape == (side, side)
    assert levels.min() >= -2 and levels.max() <= 6
    assert len(np.unique(np.clip(levels, 0, 4))) > 1


@pytest.mark.parametrize("name", table("surfaces")["surfaces"])
def test_surfaces_say_their_name_and_colour(name: str) -> None:
    surface = draw(name, 32, np.random.default_rng(9))
    assert name in surface.captions[0] or "metal plates" in surface.captions[0]
    assert surface.captions_zh[0]
    assert surface.pixels[..., 3].min() == 255
