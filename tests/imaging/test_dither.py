"""Dither: patterns that keep the mean, tile, stay in the palette and repeat themselves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llamavis_studio.imaging.arrays import srgb_to_linear
from llamavis_studio.imaging.dither import BLUE_NOISE_SIDE, DITHER_METHODS, blue_noise
from llamavis_studio.imaging.oklab import linear_to_oklab, srgb_to_oklab
from llamavis_studio.imaging.palette import colours_of, limit_colours, snap_to_palette
from tests.imaging.strategies import palettes, pictures

methods = st.sampled_from(DITHER_METHODS)
BLACK_AND_WHITE = np.array([[0, 0, 0], [255, 255, 255]], np.uint8)


@given(pictures(), palettes(), st.floats(0, 1), methods)
def test_every_visible_pixel_is_of_the_palette(
    pixels: np.ndarray, palette: np.ndarray, dither: float, method: str
) -> None:
    before = pixels.copy()
    out = snap_to_palette(pixels, palette, dither, method)
    assert {tuple(c) for c in colours_of(out)} <= {tuple(c) for c in palette}
    assert np.array_equal(out[..., 3:], pixels[..., 3:])
    assert np.array_equal(pixels, before)
    if pixels.shape[2] == 4:
        clear = pixels[..., 3] == 0
        assert np.array_equal(out[clear], pixels[clear])
    assert np.array_equal(snap_to_palette(pixels, palette, dither, method), out)


@given(pictures(), palettes(), methods)
def test_no_dither_is_the_same_by_every_method(
    pixels: np.ndarray, palette: np.ndarray, method: str
) -> None:
    plain = snap_to_palette(pixels, palette)
    assert np.array_equal(snap_to_palette(pixels, palette, 0.0, method), plain)


@given(pictures(), palettes(), methods)
def test_what_is_in_the_palette_already_stays(
    pixels: np.ndarray, palette: np.ndarray, method: str
) -> None:
    if method == "floyd_steinberg":  # nothing is missed, so nothing is passed on
        inside = snap_to_palette(pixels, palette)
        assert np.array_equal(snap_to_palette(inside, palette, 1.0, method), inside)


@pytest.mark.parametrize("grey", [60, 128, 188, 220])
def test_error_diffusion_keeps_the_light(grey: int) -> None:
    flat = np.full((64, 64, 3), grey, np.uint8)
    out = snap_to_palette(flat, BLACK_AND_WHITE, 1.0, "floyd_steinberg")
    light = float(srgb_to_linear(flat)[0, 0, 0])
    assert float(srgb_to_linear(out).mean()) == pytest.approx(light, abs=0.02)


@given(
    pictures(max_side=9),
    palettes(6),
    st.sampled_from([0.25, 0.7, 1.0]),
)
@settings(max_examples=60)
def test_waves_give_what_going_pixel_by_pixel_gives(
    pixels: np.ndarray, palette: np.ndarray, amount: float
) -> None:
    height, width = pixels.shape[:2]
    light = np.zeros((height + 1, width + 2, 3), np.float32)
    light[:height, 1:-1] = srgb_to_linear(pixels[..., :3])
    palette_light, lab_palette = srgb_to_linear(palette), srgb_to_oklab(palette)
    expected = pixels.copy()
    for y in range(height):
        for x in range(width):
            if pixels.shape[2] == 4 and pixels[y, x, 3] == 0:
                continue
            value = np.clip(light[y, x + 1], -1.0, 2.0)
            gap = (linear_to_oklab(np.clip(value, 0.0, 1.0)[None]) - lab_palette) ** 2
            chosen = int(((gap[:, 0] + gap[:, 1]) + gap[:, 2]).argmin())
            expected[y, x, :3] = palette[chosen]
            if len(palette) == 1:
                continue
            error = (value - palette_light[chosen]) * np.float32(amount)
            for dy, dx, share in ((1, -1, 3), (1, 0, 5), (1, 1, 1), (0, 1, 7)):
                light[y + dy, x + 1 + dx] += error * np.float32(share / 16)
    assert np.array_equal(snap_to_palette(pixels, palette, amount, "floyd_steinberg"), expected)


def test_clear_pixels_neither_take_nor_give_error() -> None:
    row = np.full((1, 9, 4), 255, np.uint8)
    row[..., :3] = 120
    row[0, 4] = (255, 0, 0, 0)
    halves = [row[:, :4], row[:, 5:]]
    out = snap_to_palette(row, BLACK_AND_WHITE, 1.0, "floyd_steinberg")
    assert out[0, 4].tolist() == [255, 0, 0, 0]
    for half, there in zip(halves, (out[:, :4], out[:, 5:]), strict=True):
        alone = snap_to_palette(half, BLACK_AND_WHITE, 1.0, "floyd_steinberg")
        assert np.array_equal(there, alone)


@pytest.mark.parametrize(("method", "side"), [("bayer", 4), ("blue_noise", BLUE_NOISE_SIDE)])
def test_ordered_dither_tiles(method: str, side: int) -> None:
    rng = np.random.default_rng(2)
    tile = rng.integers(0, 256, (side, 2 * side, 3), dtype=np.uint8)
    palette = rng.integers(0, 256, (6, 3), dtype=np.uint8)
    one = snap_to_palette(tile, palette, 1.0, method)
    four = snap_to_palette(np.tile(tile, (2, 2, 1)), palette, 1.0, method)
    assert np.array_equal(four, np.tile(one, (2, 2, 1)))


@pytest.mark.parametrize("method", DITHER_METHODS)
def test_greys_between_black_and_white_are_mixed(method: str) -> None:
    shares = []
    for grey in (40, 99, 170):
        flat = np.full((32, 32, 3), grey, np.uint8)
        out = snap_to_palette(flat, BLACK_AND_WHITE, 1.0, method)
        shares.append(float((out[..., 0] == 255).mean()))
    assert 0 < shares[0] < shares[1] < shares[2] < 1


def test_blue_noise_holds_every_rank_once_and_has_no_low_frequencies() -> None:
    ranks = blue_noise()
    side = BLUE_NOISE_SIDE
    assert np.array_equal(np.sort(ranks.reshape(-1)), np.arange(side * side))
    frequency = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.fftfreq(side)[None, :])
    for share in (0.1, 0.25, 0.5, 0.75):
        pattern = (ranks < share * side * side).astype(float)
        power = np.abs(np.fft.fft2(pattern - pattern.mean())) ** 2
        low = power[(frequency > 0) & (frequency < 0.12)].mean()
        assert low < 0.15 * power[frequency > 0].mean()


def test_limited_colours_can_be_dithered() -> None:
    ramp = np.repeat(np.linspace(0, 255, 64).astype(np.uint8)[None, :, None], 3, axis=2)
    pixels = np.repeat(ramp, 32, axis=0)
    for method in DITHER_METHODS:
        assert len(colours_of(limit_colours(pixels, 4, 1.0, method))) <= 4
