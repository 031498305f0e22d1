"""A tile may be cut anywhere; what does not tile is found out."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from llamavis_studio.imaging.calm_wrap import calm_wrap, line_roughness, seam_stands_out
from llamavis_studio.imaging.seamless import seam_score

pictures = st.tuples(st.integers(1, 20), st.integers(1, 20), st.sampled_from([3, 4])).flatmap(
    lambda shape: arrays.arrays(np.uint8, shape)
)


@settings(max_examples=80, deadline=None)
@given(pictures)
def test_the_plane_stays_the_same(picture: np.ndarray) -> None:
    calm = calm_wrap(picture)
    height, width = picture.shape[:2]
    rolls = (np.roll(picture, (y, x), (0, 1)) for y in range(height) for x in range(width))
    assert any(np.array_equal(calm, one) for one in rolls)


@settings(max_examples=80, deadline=None)
@given(pictures)
def test_no_line_is_calmer_than_the_wrap(picture: np.ndarray) -> None:
    for lines in line_roughness(calm_wrap(picture)):
        assert lines[-1] <= lines.min() + 1e-6
    assert seam_score(calm_wrap(picture)) <= 1.0 + 1e-4


@settings(max_examples=40, deadline=None)
@given(pictures)
def test_what_is_calm_stays_where_it_is(picture: np.ndarray) -> None:
    once = calm_wrap(picture)
    assert np.array_equal(calm_wrap(once), once)


def test_a_ramp_does_not_tile_and_noise_does() -> None:
    ramp = np.repeat(np.linspace(0, 255, 32).astype(np.uint8)[None, :, None], 32, 0).repeat(3, 2)
    assert seam_stands_out(ramp)
    assert seam_stands_out(np.ascontiguousarray(ramp.transpose(1, 0, 2)))
    noise = np.random.default_rng(3).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    assert not seam_stands_out(noise)
    assert not seam_stands_out(np.full((8, 8, 3), 7, np.uint8))


def test_bricks_that_tile_are_no_seam_although_their_mortar_is_rough() -> None:
    bricks = np.full((16, 16, 3), 150, np.uint8)
    bricks[::8] = 40
    bricks[:8, ::8] = 40
    bricks[8:, 4::8] = 40
    assert not seam_stands_out(bricks)
