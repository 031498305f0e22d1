"""Large textures made to tile by a cut: the seam goes, the grain stays."""

from __future__ import annotations

import numpy as np
import pytest

from llamavis_studio.imaging.arrays import Pixels
from llamavis_studio.imaging.calm_wrap import seam_stands_out
from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.seam_cut import cut_seam
from llamavis_studio.imaging.seamless import seam_score


def stones(width: int = 256, height: int = 256, seed: int = 4) -> Pixels:
    """Flat stones with dark mortar between them, lighter to the right; no edge meets another."""
    random = np.random.default_rng(seed)
    middles = random.random((70, 2)) * 1.2 - 0.1
    colours = random.uniform(60, 190, (70, 1)) * np.array([[1, 0.95, 0.85]])
    y, x = np.mgrid[0:height, 0:width] / np.array([[[height]], [[width]]])
    far = np.stack([(x - a) ** 2 + (y - b) ** 2 for a, b in middles])
    two = np.sqrt(np.sort(far, axis=0)[:2])
    solid = np.clip((two[1] - two[0]) * 18, 0, 1)[..., None]
    picture = (colours[far.argmin(axis=0)] * solid + 20 * (1 - solid)) * (0.8 + 0.4 * x)[..., None]
    picture = picture + random.normal(0, 4, (height, width, 1))
    return np.clip(picture, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("size", [(256, 256), (128, 384), (33, 47), (500, 250)])
def test_the_seam_goes(size):
    picture = stones(*size)
    assert seam_score(picture) > 1.5
    cut = cut_seam(picture)
    assert cut.shape == picture.shape
    assert not seam_stands_out(cut)
    assert seam_score(cut) < 1.25


def test_the_grain_stays_where_blending_would_grey_it():
    picture = stones()
    cut = cut_seam(picture).astype(float)
    rim = np.ones((256, 256), bool)
    rim[40:-40, 40:-40] = False
    before = np.abs(np.diff(picture.astype(float), axis=0))[rim[1:]].mean()
    after = np.abs(np.diff(cut, axis=0))[rim[1:]].mean()
    assert 0.85 < after / before < 1.15


def test_what_lies_deep_keeps_its_place():
    picture = stones()
    inside = (slice(70, -70), slice(70, -70))
    gap = cut_seam(picture)[inside].astype(int) - picture[inside]
    # Only the slope of the light was taken away, which changes slowly.
    assert np.abs(np.diff(gap.mean(axis=2), axis=1)).mean() < 1.0
    assert np.abs(gap).max() < 60


def test_a_picture_that_tiles_stays_a_picture_that_tiles():
    y, x = np.mgrid[0:128, 0:128] * (2 * np.pi / 128)
    wave = 128 + 50 * np.sin(3 * x) + 50 * np.cos(2 * y)
    cut = cut_seam(np.repeat(wave.astype(np.uint8)[..., None], 3, 2))
    assert not seam_stands_out(cut)


def test_four_channels_keep_their_alpha():
    opaque = np.dstack([stones(), np.full((256, 256), 255, np.uint8)])
    cut = cut_seam(opaque)
    assert cut.shape == opaque.shape
    assert (cut[..., 3] == 255).all()
    assert np.array_equal(cut[..., :3], cut_seam(opaque[..., :3]))


@pytest.mark.parametrize(
    ("picture", "band"), [(stones(), 0.6), (stones(), 0.01), (stones(16, 16), 0.25)]
)
def test_what_cannot_be_cut_is_an_error(picture, band):
    with pytest.raises(ImageError):
        cut_seam(picture, band)
