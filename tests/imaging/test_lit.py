"""A material under a lamp: sides that face it are bright, rough things shine wide, tiles repeat."""

from __future__ import annotations

import numpy as np
import pytest

from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.lit import Surface, prepared, sphere, wall
from llamavis_studio.imaging.material_maps import normal_map


def flat(value: int, size: int = 32) -> np.ndarray:
    return np.full((size, size, 3), value, np.uint8)


def plane(share: float, size: int = 32) -> np.ndarray:
    return np.full((size, size), round(share * 255), np.uint8)


def grey(picture: np.ndarray) -> np.ndarray:
    return picture[..., :3].astype(float).mean(axis=2)


def test_the_side_that_faces_the_lamp_is_bright() -> None:
    shape = sphere(prepared(Surface(flat(180)))[0], 101)
    left, right = grey(shape.shade((-2.0, 0.0, 1.5))), grey(shape.shade((2.0, 0.0, 1.5)))
    assert left[50, 20] > left[50, 80] + 60
    np.testing.assert_array_equal(left, right[:, ::-1])
    above = grey(shape.shade((0.0, 2.0, 1.5)))
    assert above[20, 50] > above[80, 50] + 60  # up is up


def test_a_sphere_is_round_with_a_soft_rim() -> None:
    picture = sphere(prepared(Surface(flat(180)))[0], 64).shade((0.0, 0.0, 3.0))
    assert picture.shape == (64, 64, 4)
    opaque = picture[..., 3] / 255
    assert opaque.sum() == pytest.approx(np.pi * 31.5**2, rel=0.02)
    assert picture[0, 0, 3] == 0 and picture[32, 32, 3] == 255
    assert ((opaque > 0) & (opaque < 1)).any()


def test_bumps_are_lit_from_the_side_of_the_lamp() -> None:
    """OpenGL's way: a slope that looks to the right has red above 128 and is lit from the right."""
    height = np.zeros((32, 32), np.float32)
    height[8:24, 8:24] = 1.0  # a plateau
    normals = normal_map(height, 2.0, tileable=True)
    shape = wall(prepared(Surface(flat(150), normals))[0], (32, 32))
    right = grey(shape.shade((1.5, 0.0, 0.6)))
    assert right[16, 23] > right[16, 8] + 20
    above = grey(shape.shade((0.0, 1.5, 0.6)))
    assert above[8, 16] > above[23, 16] + 20


def test_polish_makes_a_small_bright_spot() -> None:
    def spot(roughness: float) -> np.ndarray:
        surface = Surface(flat(60), roughness=plane(roughness))
        return grey(sphere(prepared(surface)[0], 120).shade((-0.6, 0.6, 1.6)))

    polished, chalk = spot(0.15), spot(1.0)
    assert polished.max() > chalk.max() + 60
    assert (polished > 150).mean() < 0.1
    dull = polished < 100
    assert dull.mean() > 0.7


def test_metal_has_no_colour_of_its_own_but_mirrors_in_it() -> None:
    gold = np.broadcast_to(np.array([255, 190, 60], np.uint8), (32, 32, 3))
    metal = Surface(np.ascontiguousarray(gold), roughness=plane(0.7), metallic=plane(1.0))
    picture = sphere(prepared(metal)[0], 120).shade((-0.6, 0.6, 1.6)).astype(int)
    brightest = picture.reshape(-1, 4)[grey(picture).argmax()]
    assert brightest[0] >= brightest[1] > brightest[2]


def test_hollows_are_darker_where_no_lamp_shines() -> None:
    open_sky = np.full((32, 32), 255, np.uint8)
    open_sky[:, :16] = 0
    shape = wall(prepared(Surface(flat(200), occlusion=open_sky))[0], (32, 32))
    dark = grey(shape.shade((0.0, 0.0, -5.0)))  # from behind
    assert (dark[:, :16] == 0).all() and (dark[:, 16:] > 30).all()


def test_a_wall_repeats_with_a_tile_in_its_middle() -> None:
    random = np.random.default_rng(3)
    base = random.integers(0, 256, (16, 16, 3), dtype=np.uint8)
    far = (0.0, 0.0, 1000.0)
    tiled = wall(prepared(Surface(base))[0], (48, 48)).shade(far)
    for y in (0, 16, 32):
        for x in (0, 16, 32):
            np.testing.assert_array_equal(tiled[y : y + 16, x : x + 16], tiled[16:32, 16:32])
    alone = wall(prepared(Surface(base, tileable=False))[0], (48, 48)).shade(far)
    assert (alone[16:32, 16:32, 3] == 255).all()
    assert int((alone[..., 3] > 0).sum()) == 256


def test_light_far_away_is_no_light_and_near_is_not_burnt() -> None:
    shape = wall(prepared(Surface(flat(128)))[0], (33, 33))
    near, usual = grey(shape.shade((0.0, 0.0, 0.15))), grey(shape.shade((0.0, 0.0, 0.6)))
    far = grey(shape.shade((0.0, 0.0, 50.0)))
    assert near[16, 16] > usual[16, 16] > far[16, 16]
    assert near.max() < 255


def test_levels_halve_and_keep_the_mean_colour() -> None:
    checks = np.zeros((64, 64, 3), np.uint8)
    checks[::2] = 255
    levels = prepared(Surface(checks))
    assert [level.size for level in levels] == [(64, 64), (32, 32), (16, 16)]
    assert levels[0].planes[3].mean() == pytest.approx(levels[2].planes[3].mean(), abs=1e-4)
    normals = np.linalg.norm(levels[2].planes[:3], axis=0)
    np.testing.assert_allclose(normals, 1.0, atol=1e-4)


def test_maps_of_another_size_are_refused() -> None:
    with pytest.raises(ImageError, match="one size"):
        Surface(flat(1), flat(1, 16))
