"""Filters: named, versioned, and doing what recipes ask of them."""

from __future__ import annotations

import numpy as np
import pytest

from llamavis_studio.core.errors import ProjectError
from llamavis_studio.core.recipe import FilterStep, Kind, recipe_for
from llamavis_studio.imaging.palette import colours_of
from llamavis_studio.imaging.seamless import seam_score
from llamavis_studio.pipeline.filters import (
    FILTERS,
    FilterContext,
    active_steps,
    apply_steps,
    filter_named,
    key_of_steps,
)

SPRITE = FilterContext((32, 32), tileable=False, transparent=True)
TILE = FilterContext((32, 32), tileable=True, transparent=False)


def noise(side: int, channels: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (side, side, channels), dtype=np.uint8)


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("side", [8, 24, 32, 50])
def test_every_recipe_finishes_what_any_backend_draws(kind: Kind, channels: int, side: int) -> None:
    recipe = recipe_for(kind)
    context = FilterContext(recipe.size_px, recipe.tileable, recipe.transparent)
    before = noise(side, channels)
    drawn = before.copy()
    out = apply_steps(drawn, recipe.filters, context)
    assert (out.shape[1], out.shape[0]) == recipe.size_px
    assert out.shape[2] == (4 if recipe.transparent else 3)
    assert np.array_equal(drawn, before)


def test_an_unknown_filter_names_the_nearest() -> None:
    with pytest.raises(ProjectError, match="no filter 'palete'") as caught:
        filter_named("palete")
    assert "palette" in caught.value.hint


def test_versions_and_parameters_enter_the_key() -> None:
    steps = (FilterStep("resize"), FilterStep("hard_alpha", {"threshold": 0.5}))
    assert key_of_steps(steps) == [["resize", 1, {}], ["hard_alpha", 1, {"threshold": 0.5}]]
    assert all(row.version >= 1 for row in FILTERS.values())


def test_the_palette_filter_counts_only_where_there_is_a_palette() -> None:
    steps = (FilterStep("resize"), FilterStep("palette"))
    assert active_steps(steps, has_palette=False) == steps[:1]
    assert active_steps(steps, has_palette=True) == steps


def test_opaque_fills_clear_places_from_around() -> None:
    pixels = np.zeros((8, 8, 4), np.uint8)
    pixels[4:] = (200, 10, 10, 255)
    out = apply_steps(pixels, (FilterStep("opaque"),), TILE)
    assert out.shape == (8, 8, 3)
    assert (out == [200, 10, 10]).all()


def test_seamless_leaves_tiles_alone_and_mends_pictures() -> None:
    tile = noise(32, 3)
    assert np.array_equal(apply_steps(tile, (FilterStep("seamless"),), TILE), tile)
    ramp = np.repeat(np.tile(np.linspace(0, 255, 32).astype(np.uint8), (32, 1))[..., None], 3, 2)
    mended = apply_steps(ramp, (FilterStep("seamless"),), TILE)
    assert seam_score(mended) < 1.4 < seam_score(ramp)
    assert np.array_equal(apply_steps(ramp, (FilterStep("seamless"),), SPRITE), ramp)


def test_colours_and_specks() -> None:
    pixels = np.zeros((16, 16, 4), np.uint8)
    pixels[4:12, 4:12] = noise(8, 4)
    pixels[4:12, 4:12, 3] = 255
    pixels[0, 0] = (9, 9, 9, 255)
    pixels[8, 8] = 0
    out = apply_steps(pixels, (FilterStep("specks"), FilterStep("colours", {"count": 5})), SPRITE)
    assert out[0, 0, 3] == 0
    assert out[8, 8, 3] == 255
    assert len(colours_of(out)) <= 5
