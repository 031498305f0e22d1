"""Maps of a material: unit normals, flat ground, tiles that still tile."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.material_maps import (
    MAP_NAMES,
    MaterialParams,
    estimated_height,
    material_maps,
    normal_map,
    occlusion,
)

SIDES = st.integers(1, 24)
bases = st.tuples(SIDES, SIDES, st.sampled_from([3, 4])).flatmap(
    lambda shape: arrays.arrays(np.uint8, shape)
)
heights = st.tuples(SIDES, SIDES).flatmap(
    lambda shape: arrays.arrays(np.float32, shape, elements=st.floats(0, 1, width=32))
)


@settings(max_examples=40, deadline=None)
@given(bases, st.booleans())
def test_every_map_has_the_size_of_its_base(base: np.ndarray, tileable: bool) -> None:
    maps = material_maps(base, MAP_NAMES, tileable=tileable)
    assert list(maps) == list(MAP_NAMES)
    assert all(one.shape == (*base.shape[:2], 3) and one.dtype == np.uint8 for one in maps.values())
    orm = maps["orm"]
    for channel, name in enumerate(("occlusion", "roughness", "metallic")):
        assert np.array_equal(orm[..., channel], maps[name][..., 0])


@settings(max_examples=60, deadline=None)
@given(heights, st.floats(0, 16), st.booleans())
def test_normals_have_unit_length_and_look_outwards(
    height: np.ndarray, strength: float, tileable: bool
) -> None:
    normals = normal_map(height, strength, tileable=tileable)
    vectors = (normals.astype(np.float64) - 128) / 127
    assert (vectors[..., 2] > -0.005).all()
    # each of three components is off by at most half a step of 1/127
    assert np.abs(np.linalg.norm(vectors, axis=2) - 1.0).max() < 0.5 / 127 * np.sqrt(3) + 1e-6


@settings(max_examples=40, deadline=None)
@given(bases, st.integers(0, 30), st.integers(0, 30))
def test_maps_of_a_rolled_tile_are_the_rolled_maps(base: np.ndarray, down: int, right: int) -> None:
    base = base[..., :3]
    maps = material_maps(base, MAP_NAMES, tileable=True)
    rolled = material_maps(np.roll(base, (down, right), (0, 1)), MAP_NAMES, tileable=True)
    for name in MAP_NAMES:
        assert np.array_equal(np.roll(maps[name], (down, right), (0, 1)), rolled[name]), name


@settings(max_examples=40, deadline=None)
@given(heights, st.integers(0, 30), st.integers(0, 30))
def test_normals_of_a_rolled_height_are_exactly_the_rolled_normals(
    height: np.ndarray, down: int, right: int
) -> None:
    rolled = normal_map(np.roll(height, (down, right), (0, 1)), 2.0, tileable=True)
    assert np.array_equal(
        np.roll(normal_map(height, 2.0, tileable=True), (down, right), (0, 1)), rolled
    )


@pytest.mark.parametrize("tileable", [False, True])
@pytest.mark.parametrize("colour", [(0, 0, 0), (128, 90, 60), (255, 255, 255)])
def test_flat_ground_is_flat_open_and_of_the_mean_roughness(colour, tileable: bool) -> None:
    base = np.full((16, 16, 3), colour, np.uint8)
    maps = material_maps(base, MAP_NAMES, tileable=tileable, params=MaterialParams(roughness=0.6))
    assert (maps["normal"] == (128, 128, 255)).all()
    assert (maps["occlusion"] == 255).all()
    assert (maps["roughness"] == 153).all()
    assert (maps["metallic"] == 0).all()
    assert (maps["height"] == 128).all()


def test_green_is_bright_where_a_slope_looks_up_and_red_where_it_looks_right() -> None:
    ramp = np.tile(np.linspace(0, 1, 16, dtype=np.float32)[:, None], (1, 16))  # high at the bottom
    assert (normal_map(ramp, 4.0)[1:-1, :, 1] > 128).all()
    assert (normal_map(ramp, 4.0)[..., 0] == 128).all()
    falling = np.ascontiguousarray(ramp.T[:, ::-1])  # falls to the right, so it looks right
    assert (normal_map(falling, 4.0)[:, 1:-1, 0] > 128).all()


def test_a_slope_of_one_texel_a_texel_is_half_a_right_angle() -> None:
    ramp = np.tile(np.arange(16, dtype=np.float32)[None] / 16, (4, 1))
    normals = normal_map(ramp, 16.0)[:, 2:-2]
    assert np.abs((normals[..., 0] - 128.0) / 127 + np.sqrt(0.5)).max() < 0.01
    assert np.abs((normals[..., 2] - 128.0) / 127 - np.sqrt(0.5)).max() < 0.01


def test_heights_of_8_and_16_bits_give_the_normals_of_floats() -> None:
    rng = np.random.default_rng(4)
    deep = rng.integers(0, 65536, (20, 20), dtype=np.uint16)
    assert np.array_equal(normal_map(deep), normal_map((deep / 65535).astype(np.float32)))
    shallow = (deep >> 8).astype(np.uint8)
    assert np.array_equal(normal_map(shallow), normal_map((shallow / 255).astype(np.float32)))
    # a step of one in 65,535 is no step of one in 255
    fine = np.full((8, 8), 30000, np.uint16)
    fine[:, 4:] += 1
    assert (normal_map(fine, 1.0) == (128, 128, 255)).all()


def test_a_hollow_is_darker_than_a_hill() -> None:
    height = np.full((32, 32), 0.5, np.float32)
    height[8, 8], height[24, 24] = 0.0, 1.0
    open_sky = occlusion(height, 1.0, tileable=True)
    assert open_sky[8, 8] < 0.5 and open_sky[24, 24] == 1.0


def test_dark_can_be_high() -> None:
    base = np.full((16, 16, 3), 200, np.uint8)
    base[4:12, 4:12] = 20
    plain = estimated_height(base)
    other = estimated_height(base, params=MaterialParams(dark_is_high=True))
    assert plain[8, 8] < plain[0, 0] and other[8, 8] > other[0, 0]


def test_clear_pixels_raise_no_cliff_at_the_outline() -> None:
    base = np.zeros((16, 16, 4), np.uint8)
    base[4:12, 4:12] = (120, 90, 60, 255)
    assert (material_maps(base, ("normal",))["normal"] == (128, 128, 255)).all()


@pytest.mark.parametrize(
    "values",
    [
        {"normal_strength": -1},
        {"normal_strength": 17},
        {"roughness": 1.1},
        {"metallic": float("nan")},
        {"occlusion_strength": 5},
    ],
)
def test_strengths_outside_their_range_are_refused(values: dict[str, float]) -> None:
    with pytest.raises(ImageError, match=next(iter(values))):
        MaterialParams(**values)


def test_unknown_maps_and_shapes_are_refused() -> None:
    with pytest.raises(ImageError, match="no map 'glow'"):
        material_maps(np.zeros((4, 4, 3), np.uint8), ("glow",))
    with pytest.raises(ImageError, match="one plane"):
        normal_map(np.zeros((4, 4, 3), np.float32))
    with pytest.raises(ImageError, match="normal_strength"):
        normal_map(np.zeros((4, 4), np.float32), -1)
    with pytest.raises(ImageError, match="occlusion_strength"):
        occlusion(np.zeros((4, 4), np.float32), 9)


def test_a_slope_is_as_steep_at_a_border_as_inside() -> None:
    ramp = np.tile(np.arange(16, dtype=np.float32)[None] / 16, (4, 1))
    assert len(np.unique(normal_map(ramp, 4.0)[..., 0])) == 1


def test_a_nearly_even_wall_is_nearly_flat() -> None:
    base = np.full((16, 16, 3), 60, np.uint8)
    base[::4] = 61
    normals = material_maps(base, ("normal",), tileable=True)["normal"]
    assert np.abs(normals.astype(int) - (128, 128, 255)).max() < 12
