"""Palettes: only their colours, exactly; found ones are few and good."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.nearest_colour import nearest, pack_colours, unpack_colours
from llamavis_studio.imaging.palette import (
    adaptive_palette,
    colours_of,
    limit_colours,
    oklab_to_srgb,
    snap_to_palette,
    srgb_to_oklab,
)
from llamavis_studio.imaging.palette_files import palette_of_hex
from tests.imaging.strategies import palettes, pictures

TIE = 1e-6  # squared OKLab distance: closer than float32 can tell apart


def _exact_gaps(colours: np.ndarray, palette: np.ndarray) -> np.ndarray:
    """(n, p) squared distances in OKLab, by the published formula in float64."""
    to_lms = [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
    to_lab = [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]

    def lab(srgb: np.ndarray) -> np.ndarray:
        encoded = srgb / 255.0
        light = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
        return np.cbrt(light @ np.transpose(to_lms)) @ np.transpose(to_lab)

    return ((lab(colours)[:, None] - lab(palette)[None]) ** 2).sum(axis=2)


def test_oklab_has_the_published_values_and_comes_back() -> None:
    red = srgb_to_oklab(np.array([[255, 0, 0]], np.uint8))[0]
    assert red == pytest.approx([0.627955, 0.224863, 0.125846], abs=1e-4)
    assert srgb_to_oklab(np.array([255, 255, 255], np.uint8)) == pytest.approx([1, 0, 0], abs=1e-4)
    steps = np.array([0, 1, 17, 100, 200, 254, 255], np.uint8)
    cube = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(-1, 3)
    assert np.array_equal(oklab_to_srgb(srgb_to_oklab(cube)), cube)


@given(pictures(), palettes(), st.sampled_from([0.0, 0.5, 1.0]))
def test_snapping_uses_the_palette_only(
    pixels: np.ndarray, palette: np.ndarray, dither: float
) -> None:
    out = snap_to_palette(pixels, palette, dither)
    allowed = {tuple(colour) for colour in palette}
    assert {tuple(colour) for colour in colours_of(out)} <= allowed
    assert np.array_equal(out[..., 3:], pixels[..., 3:])
    again = snap_to_palette(out, palette)
    assert np.array_equal(again, out)


@given(pictures(), palettes())
def test_snapping_finds_the_nearest(pixels: np.ndarray, palette: np.ndarray) -> None:
    flat = pixels[..., :3].reshape(-1, 1, 3)
    gap = ((srgb_to_oklab(flat) - srgb_to_oklab(palette)[None]) ** 2).sum(axis=2)
    expected = palette[gap.argmin(axis=1)].reshape(*pixels.shape[:2], 3)
    seen = pixels[..., 3] > 0 if pixels.shape[2] == 4 else np.ones(pixels.shape[:2], bool)
    assert np.array_equal(snap_to_palette(pixels, palette)[..., :3][seen], expected[seen])


@given(palettes(40), st.integers(0, 2**32 - 1))
@settings(max_examples=25)
def test_the_nearest_is_nearest_in_exact_arithmetic(palette: np.ndarray, seed: int) -> None:
    pixels = np.random.default_rng(seed).integers(0, 256, (96, 96, 3), dtype=np.uint8)
    gap = _exact_gaps(pixels.reshape(-1, 3), palette)
    out = snap_to_palette(pixels, palette)
    chosen = (out.reshape(-1, 1, 3) == palette[None]).all(axis=2)
    assert chosen.any(axis=1).all()
    taken = np.where(chosen, gap, np.inf).min(axis=1)
    assert (taken <= gap.min(axis=1) + TIE).all()


@pytest.mark.parametrize("count", [1, 2, 16, 255, 256, 300])
@pytest.mark.parametrize("channels", [3, 4])
def test_large_pictures_get_the_same_answers(count: int, channels: int) -> None:
    rng = np.random.default_rng(count)
    palette = rng.integers(0, 256, (count, 3), dtype=np.uint8)
    palette = np.concatenate([palette, palette[:1]])  # a repeat changes nothing
    ramp = np.linspace(0, 255, 300)
    smooth = np.stack(np.broadcast_arrays(ramp, ramp[:, None], (ramp + ramp[:, None]) / 2), -1)
    noisy = np.clip(smooth + rng.normal(0, 9, smooth.shape), 0, 255).astype(np.uint8)
    alpha = rng.integers(0, 2, (300, 300, 1), dtype=np.uint8) * 77
    pixels = np.concatenate([noisy, alpha], axis=2)[..., :channels]
    whole = snap_to_palette(pixels, palette)
    strips = [snap_to_palette(pixels[y : y + 20], palette) for y in range(0, 300, 20)]
    assert np.array_equal(whole, np.concatenate(strips))
    assert np.array_equal(snap_to_palette(pixels, palette), whole)
    if channels == 4:
        clear = pixels[..., 3] == 0
        assert np.array_equal(whole[clear], pixels[clear])


def test_points_far_outside_of_the_gamut_find_their_nearest_too() -> None:
    rng = np.random.default_rng(3)
    points = rng.normal(0.0, 2.0, (3000, 3)).astype(np.float32)
    colours = rng.normal(0.0, 1.0, (200, 3)).astype(np.float32)
    gap = ((points[:, None].astype(np.float64) - colours[None]) ** 2).sum(axis=2)
    taken = gap[np.arange(len(points)), nearest(points, colours)]
    assert (taken <= gap.min(axis=1) * (1 + 1e-5)).all()


def test_packed_colours_come_back() -> None:
    colours = np.random.default_rng(0).integers(0, 256, (7, 5, 3), dtype=np.uint8)
    codes = pack_colours(colours)
    assert int(codes[2, 3]) == int(colours[2, 3] @ np.array([1, 256, 65536]))
    assert np.array_equal(unpack_colours(codes), colours)
    assert np.array_equal(pack_colours(np.dstack([colours, colours[..., :1]])), codes)


@given(pictures())
def test_the_colours_of_a_picture_are_its_distinct_ones_in_order(pixels: np.ndarray) -> None:
    flat = pixels.reshape(-1, pixels.shape[2])
    flat = flat[flat[:, 3] > 0] if pixels.shape[2] == 4 else flat
    assert np.array_equal(colours_of(pixels), np.unique(flat[:, :3], axis=0))


@pytest.mark.parametrize(
    ("palette", "dither", "method", "says"),
    [
        (np.zeros((0, 3), np.uint8), 0.0, "bayer", "at least one"),
        (np.zeros((2, 4), np.uint8), 0.0, "bayer", "at least one"),
        (np.zeros((2, 3), np.float32), 0.0, "bayer", "uint8"),
        (np.zeros((2, 3), np.uint8), 1.5, "bayer", "0..1"),
        (np.zeros((2, 3), np.uint8), float("nan"), "bayer", "0..1"),
        (np.zeros((2, 3), np.uint8), 0.0, "bayes", "floyd_steinberg"),
    ],
)
def test_impossible_wishes_are_refused(
    palette: np.ndarray, dither: float, method: str, says: str
) -> None:
    with pytest.raises(ImageError, match=says):
        snap_to_palette(np.zeros((2, 2, 3), np.uint8), palette, dither, method)


@given(pictures(), st.integers(1, 10))
def test_limited_colours_are_few_and_the_same_each_time(pixels: np.ndarray, count: int) -> None:
    out = limit_colours(pixels, count)
    assert len(colours_of(out)) <= count
    assert np.array_equal(limit_colours(pixels, count), out)
    if len(colours_of(pixels)) <= count:
        assert np.array_equal(out, pixels)


def test_limited_colours_serve_the_picture_better_than_a_fixed_cube() -> None:
    ramp = np.linspace(0, 255, 64).astype(np.uint8)
    warm = np.stack([np.tile(ramp, (64, 1)), np.tile(ramp[:, None] // 2, (1, 64))], axis=-1)
    pixels = np.concatenate([warm, np.full((64, 64, 1), 20, np.uint8)], axis=2)
    cube = np.array([(r, g, b) for r in (0, 255) for g in (0, 255) for b in (0, 255)], np.uint8)

    def error(out: np.ndarray) -> float:
        gap = srgb_to_oklab(out) - srgb_to_oklab(pixels)
        return float((gap**2).sum(axis=-1).mean())

    assert error(limit_colours(pixels, 8)) < error(snap_to_palette(pixels, cube)) / 4


def test_many_colours_are_merged_before_they_are_counted() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (256, 256, 3), dtype=np.uint8)
    assert len(adaptive_palette(noise, 16)) == 16


def test_dither_mixes_two_colours_and_tiles() -> None:
    grey = np.full((8, 8, 3), 99, np.uint8)  # OKLab lightness near the middle
    palette = np.array([[0, 0, 0], [255, 255, 255]], np.uint8)
    out = snap_to_palette(grey, palette, dither=1.0)
    share = float((out[..., 0] == 255).mean())
    assert 0.3 < share < 0.7
    assert np.array_equal(out[:4], out[4:])
    assert len(colours_of(snap_to_palette(grey, palette))) == 1


def test_clear_pixels_are_left_alone() -> None:
    clear = np.zeros((2, 2, 4), np.uint8)
    assert np.array_equal(limit_colours(clear, 3), clear)
    assert np.array_equal(snap_to_palette(clear, palette_of_hex(["#ffffff"])), clear)
