"""The periodic part of a picture meets at its edges and keeps the rest."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from llamavis_studio.imaging.calm_wrap import seam_stands_out
from llamavis_studio.imaging.periodic import periodic_component
from llamavis_studio.imaging.seamless import seam_score

pictures = st.tuples(st.integers(1, 20), st.integers(1, 20), st.sampled_from([3, 4])).flatmap(
    lambda shape: arrays.arrays(np.uint8, shape)
)


@settings(max_examples=60, deadline=None)
@given(pictures)
def test_any_picture_keeps_its_shape(picture: np.ndarray) -> None:
    before = picture.copy()
    out = periodic_component(picture)
    assert out.shape == picture.shape and out.dtype == np.uint8
    assert np.array_equal(picture, before)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.2, 1.0))
def test_slopes_with_noise_meet_afterwards(seed: int, slope: float) -> None:
    rng = np.random.default_rng(seed)
    values = rng.uniform(0.3, 0.6, (32, 32, 3)) + slope * np.linspace(-0.3, 0.3, 32)[:, None, None]
    picture = np.clip(values * 255, 0, 255).astype(np.uint8)
    out = periodic_component(picture)
    assert seam_score(out) <= max(1.3, seam_score(picture))
    assert not seam_stands_out(out)


def test_a_picture_that_tiles_changes_by_a_level_at_most() -> None:
    y, x = np.mgrid[0:32, 0:32] * 2 * np.pi / 32
    tile = (128 + 60 * np.sin(x) * np.cos(2 * y))[..., None].repeat(3, 2).astype(np.uint8)
    apart = np.abs(periodic_component(tile).astype(int) - tile)
    # neighbours across the wrap differ by one step of the wave, which counts as a jump
    assert apart.max() <= 13 and apart.mean() < 2


def test_flat_pictures_stay() -> None:
    flat = np.full((9, 7, 4), (10, 200, 30, 255), np.uint8)
    assert np.array_equal(periodic_component(flat), flat)
