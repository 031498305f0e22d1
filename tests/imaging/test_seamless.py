"""Tiles: the seam is found where there is one, and gone after blending, while the inside stays."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.seamless import make_tileable, seam_score
from tests.imaging.strategies import pictures


def ramp(side: int = 32) -> np.ndarray:
    values = np.linspace(20, 235, side).astype(np.uint8)
    return np.repeat(np.tile(values, (side, 1))[..., None], 3, axis=2)


def waves(side: int = 32) -> np.ndarray:
    angle = np.arange(side) * (2 * np.pi / side)
    values = 128 + 100 * np.sin(2 * angle[None, :] + angle[:, None])
    return np.repeat(values.astype(np.uint8)[..., None], 3, axis=2)


def stones(side: int = 32) -> np.ndarray:
    """Smooth noise that does not tile."""
    noise = np.random.default_rng(5).normal(size=(side * 2, side * 2, 3))
    for _ in range(4):
        noise = (
            noise + np.roll(noise, 1, 0) + np.roll(noise, 1, 1) + np.roll(noise, (1, 1), (0, 1))
        ) / 4
    part = noise[:side, :side] / np.abs(noise).max()
    return (128 + 120 * part).astype(np.uint8)


def test_the_score_tells_tiles_from_pictures() -> None:
    assert seam_score(waves()) == pytest.approx(1.0, abs=0.25)
    assert seam_score(ramp()) > 10
    assert seam_score(stones()) > 1.5
    assert seam_score(np.full((8, 8, 3), 90, np.uint8)) == 0.0


@pytest.mark.parametrize("picture", [ramp(), stones(), stones(33), stones(64)])
def test_blending_removes_the_seam(picture: np.ndarray) -> None:
    assert seam_score(make_tileable(picture)) < min(1.4, seam_score(picture))


def test_the_inside_keeps_its_pixels_and_the_contrast_stays() -> None:
    picture = stones(64)
    out = make_tileable(picture, band=0.25)
    assert np.array_equal(out[16:48, 16:48], picture[16:48, 16:48])
    assert out.std() == pytest.approx(picture.std(), rel=0.2)


@given(pictures())
def test_any_picture_survives(pixels: np.ndarray) -> None:
    out = make_tileable(pixels)
    assert out.shape == pixels.shape
    assert np.array_equal(out, make_tileable(pixels))
    if pixels.shape[2] == 4 and pixels[..., 3].min() == 255:
        assert out[..., 3].min() == 255


def test_a_band_must_fit() -> None:
    with pytest.raises(ImageError):
        make_tileable(ramp(), band=0.6)
