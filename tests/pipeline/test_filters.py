"""Filters: named, versioned, and doing what recipes ask of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from llamavis_studio.core.errors import ProjectError
from llamavis_studio.core.recipe import FilterStep, Kind, recipe_for
from llamavis_studio.imaging.errors import ImageError
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


contexts = st.builds(
    FilterContext,
    size_px=st.tuples(st.integers(4, 40), st.integers(4, 40)),
    tileable=st.booleans(),
    transparent=st.booleans(),
    palette=st.one_of(
        st.none(),
        arrays.arrays(np.uint8, st.tuples(st.integers(1, 8), st.just(3))),
    ),
    tiles=st.booleans(),
)
drawings = st.tuples(st.integers(1, 24), st.integers(1, 24), st.sampled_from([3, 4])).flatmap(
    lambda shape: arrays.arrays(np.uint8, shape)
)


@pytest.mark.parametrize("name", list(FILTERS))
@settings(max_examples=25, deadline=None)
@given(drawings, contexts)
def test_every_filter_takes_any_picture(
    name: str, drawing: np.ndarray, context: FilterContext
) -> None:
    before = drawing.copy()
    try:
        out = FILTERS[name].apply(drawing, context, {})
    except ImageError:  # a seam that shows, a size that is no picture
        return
    finally:
        assert np.array_equal(drawing, before)
    again = FILTERS[name].apply(before, context, {})
    assert out.dtype == np.uint8 and out.ndim == 3 and out.shape[2] in (3, 4)
    assert np.array_equal(out, again)
    if name == "palette" and context.palette is not None:
        allowed = {tuple(colour) for colour in context.palette}
        seen = out if out.shape[2] == 3 else out[out[..., 3] > 0]
        assert {tuple(colour) for colour in seen.reshape(-1, out.shape[2])[:, :3]} <= allowed
    if name == "resize":
        assert (out.shape[1], out.shape[0]) == context.size_px
    if name == "colours":
        assert len(colours_of(out)) <= 16
    if name == "hard_alpha":
        assert set(np.unique(out[..., 3])) <= {0, 255}


@pytest.mark.parametrize("way", ["nearest", "scale2x", "scale3x", "lanczos"])
@pytest.mark.parametrize("size", [(32, 32), (48, 48), (96, 96), (64, 40)])
def test_any_upscaling_gives_the_finished_size(way: str, size: tuple[int, int]) -> None:
    context = FilterContext(size, tileable=True, transparent=False)
    out = FILTERS["resize"].apply(noise(16, 3), context, {"upscaling": way})
    assert (out.shape[1], out.shape[0]) == size
