"""True pixels: found under fractional pitches, offsets, blur and noise; nothing found where there
is nothing.
"""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFilter

from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.pixel_grid import PixelGrid, find_grid, to_true_pixels
from llamavis_studio.imaging.scale import scale_nearest
from tests.imaging.strategies import pictures

COLOURS = np.array(
    [
        (34, 32, 52), (102, 57, 49), (217, 160, 102), (106, 190, 48), (48, 96, 130),
        (203, 219, 252), (172, 50, 50), (251, 242, 54), (99, 155, 255), (89, 86, 82),
    ],
    np.uint8,
)  # fmt: skip


def sprite(seed: int, side: int = 32) -> np.ndarray:
    """A mirrored figure of few colours on a clear ground, as sprites are: patches and details."""
    rng = np.random.default_rng(seed)
    half = side // 2
    patches = rng.integers(0, len(COLOURS), (side // 4, half // 4)).repeat(4, 0).repeat(4, 1)
    detail = rng.random((side, half)) < 0.25
    patches[detail] = rng.integers(0, len(COLOURS), int(detail.sum()))
    places = np.concatenate([patches, patches[:, ::-1]], axis=1)
    y, x = np.mgrid[:side, :side] - (side - 1) / 2
    inside = np.hypot(x, y) < side * (0.4 + 0.06 * np.sin(5 * np.arctan2(y, x) + seed))
    out = np.zeros((side, side, 4), np.uint8)
    out[inside, :3] = COLOURS[places[inside]]
    out[inside, 3] = 255
    return out


def opaque(picture: np.ndarray) -> np.ndarray:
    out = picture[..., :3].copy()
    out[picture[..., 3] == 0] = (230, 225, 215)
    return out


def enlarged(picture: np.ndarray, pitch: float, left: int = 0, top: int = 0) -> np.ndarray:
    """Each new pixel takes what lies under its middle; then the first columns and rows are cut
    off.
    """
    height, width = picture.shape[:2]
    rows = np.minimum(((np.arange(round(height * pitch)) + 0.5) / pitch).astype(int), height - 1)
    columns = np.minimum(((np.arange(round(width * pitch)) + 0.5) / pitch).astype(int), width - 1)
    return picture[rows[top:, None], columns[None, left:]]


def blurred(picture: np.ndarray, radius_px: float) -> np.ndarray:
    return np.asarray(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(radius_px)))


def share_recovered(found: np.ndarray, wanted: np.ndarray, tolerance: int = 0) -> float:
    if found.shape != wanted.shape:
        return 0.0
    alike = np.abs(found.astype(int) - wanted).max(axis=2) <= tolerance
    if wanted.shape[2] == 4:
        alike |= (found[..., 3] == 0) & (wanted[..., 3] == 0)
    return float(alike.mean())


@given(
    st.integers(0, 10**6),
    st.floats(3.0, 17.0),
    st.floats(0, 0.45),
    st.floats(0, 0.45),
    st.booleans(),
)
@settings(max_examples=25)
def test_sharp_pixels_of_any_pitch_and_offset_come_back_exactly(
    seed: int, pitch: float, left: float, top: float, clear: bool
) -> None:
    picture = sprite(seed) if clear else opaque(sprite(seed))
    large = enlarged(picture, pitch, int(left * pitch), int(top * pitch))
    grid = find_grid(large)
    assert grid is not None
    assert grid.pitch_x == pytest.approx(pitch, rel=0.01)
    assert grid.pitch_y == pytest.approx(pitch, rel=0.01)
    assert share_recovered(to_true_pixels(large), picture) == 1.0


@given(st.integers(0, 10**6), st.floats(4.0, 17.0), st.floats(0.05, 0.15))
@settings(max_examples=15)
def test_soft_and_noisy_pixels_come_back(seed: int, pitch: float, blur: float) -> None:
    picture = opaque(sprite(seed))
    large = blurred(enlarged(picture, pitch, 1, 1), blur * pitch).astype(float)
    large += np.random.default_rng(seed).normal(0, 3, large.shape)
    found = to_true_pixels(np.clip(large, 0, 255).astype(np.uint8))
    assert share_recovered(found, picture, tolerance=24) >= 0.97


@pytest.mark.parametrize("pitch", [4.0, 7.3, 12.0])
def test_pixels_come_back_from_jpeg(pitch: float) -> None:
    picture = opaque(sprite(5))
    stream = io.BytesIO()
    image = Image.fromarray(blurred(enlarged(picture, pitch, 1, 1), 0.1 * pitch))
    image.save(stream, "JPEG", quality=80)
    found = to_true_pixels(np.asarray(Image.open(stream)))
    assert share_recovered(found, picture, tolerance=40) >= 0.97


@pytest.mark.parametrize("pitch", [5, 8, 7.3])
def test_soft_alpha_becomes_that_of_the_most(pitch: float) -> None:
    picture = sprite(9)
    large = blurred(enlarged(picture, pitch), 0.1 * pitch)
    found = to_true_pixels(large)
    assert found.shape == picture.shape
    gap = np.abs(found[..., 3].astype(int) - picture[..., 3])
    assert (gap <= 24).mean() >= 0.97


def test_the_two_axes_may_differ() -> None:
    picture = opaque(sprite(2))
    tall = enlarged(picture, 7.0)
    stretched = scale_nearest(tall, (round(32 * 7.5), tall.shape[0]))
    grid = find_grid(stretched)
    assert grid is not None
    assert (grid.pitch_x, grid.pitch_y) == pytest.approx((7.5, 7.0), rel=0.01)
    assert share_recovered(to_true_pixels(stretched), picture) >= 0.97


@given(st.integers(0, 10**6), st.sampled_from([16, 24, 32, 48]), st.booleans())
@settings(max_examples=30)
def test_pixel_art_in_its_own_size_stays(seed: int, side: int, clear: bool) -> None:
    # Details on each pixel: nothing here is a square of 3 or more.
    picture = sprite(seed, side) if clear else opaque(sprite(seed, side))
    assert find_grid(picture) is None
    assert np.array_equal(to_true_pixels(picture), picture)


@given(pictures(max_side=40))
@settings(max_examples=40)
def test_any_small_picture_is_answered_and_kept_whole_or_made_smaller(pixels: np.ndarray) -> None:
    before = pixels.copy()
    out = to_true_pixels(pixels)
    assert np.array_equal(pixels, before)
    assert out.shape[2] == pixels.shape[2]
    assert out.shape[0] <= pixels.shape[0] and out.shape[1] <= pixels.shape[1]
    if find_grid(pixels) is None:
        assert np.array_equal(out, pixels)


def _photograph(seed: int) -> np.ndarray:
    """Noise whose power falls with frequency, as that of photographs does."""
    rng = np.random.default_rng(seed)
    frequency = np.hypot(np.fft.fftfreq(192)[:, None], np.fft.fftfreq(192)[None]) + 0.004
    waves = np.fft.fft2(rng.normal(size=(192, 192, 3)), axes=(0, 1)) / frequency[..., None] ** 1.2
    light = np.fft.ifft2(waves, axes=(0, 1)).real
    return ((light - light.min()) / np.ptp(light) * 255).astype(np.uint8)


@pytest.mark.parametrize(
    "picture",
    [
        np.full((64, 64, 3), 90, np.uint8),
        np.zeros((64, 64, 4), np.uint8),
        np.full((1, 1, 4), 7, np.uint8),
        np.full((3, 200, 3), 7, np.uint8),
        np.random.default_rng(0).integers(0, 256, (128, 96, 3), dtype=np.uint8),
        np.repeat(np.linspace(0, 255, 128).astype(np.uint8)[None, :, None], 3, 2).repeat(128, 0),
        _photograph(1),
        _photograph(2),
        _photograph(3),
    ],
)
def test_nothing_is_found_where_there_is_nothing(picture: np.ndarray) -> None:
    assert find_grid(picture) is None
    assert np.array_equal(to_true_pixels(picture), picture)


def test_a_given_grid_is_used() -> None:
    picture = sprite(3, 16)
    large = enlarged(picture, 5.0)
    grid = PixelGrid(5.0, 5.0, 0.0, 0.0, 16, 16, 1.0)
    assert share_recovered(to_true_pixels(large, grid), picture) == 1.0
    half = replace(grid, columns=8)
    assert share_recovered(to_true_pixels(large, half), picture[:, :8]) == 1.0


@pytest.mark.parametrize(
    "wrong", [{"columns": 20}, {"rows": 0}, {"pitch_x": 0.5}, {"left": -9.0}, {"top": 40.0}]
)
def test_a_grid_of_another_picture_is_refused(wrong: dict[str, float]) -> None:
    grid = replace(PixelGrid(5.0, 5.0, 0.0, 0.0, 16, 16, 1.0), **wrong)
    with pytest.raises(ImageError, match="does not lie"):
        to_true_pixels(enlarged(sprite(3, 16), 5.0), grid)


def test_a_cell_takes_a_colour_it_has() -> None:
    cell = np.zeros((10, 10, 3), np.uint8)
    cell[:, :6] = (200, 0, 0)
    cell[:, 6:] = (0, 0, 200)
    out = to_true_pixels(cell, PixelGrid(10.0, 10.0, 0.0, 0.0, 1, 1, 1.0))
    assert out.tolist() == [[[200, 0, 0]]]
