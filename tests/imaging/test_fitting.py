"""Large pictures at small sizes: crisp pixel art, or a smooth painting."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageFilter

from llamavis_studio.imaging.arrays import Pixels
from llamavis_studio.imaging.fitting import fit_smoothly, to_pixel_art
from llamavis_studio.imaging.oklab import srgb_to_oklab
from llamavis_studio.imaging.scale import scale_area


def noise(side: int, channels: int) -> Pixels:
    return np.random.default_rng(1).integers(0, 256, (side, side, channels), dtype=np.uint8)


def sprite(side: int = 32, seed: int = 1) -> Pixels:
    """Patches of eight colours with single pixels among them, (side, side, 4), clear at the rim."""
    random = np.random.default_rng(seed)
    colours = random.integers(0, 256, (8, 3)).astype(np.uint8)
    patches = np.repeat(np.repeat(random.integers(0, 8, (side // 4, side // 4)), 4, 0), 4, 1)
    dots = random.random((side, side)) < 0.1
    chosen = np.where(dots, random.integers(0, 8, (side, side)), patches)
    out = np.dstack([colours[chosen], np.full((side, side), 255, np.uint8)])
    out[:3] = out[-3:] = out[:, :3] = out[:, -3:] = 0
    return out


def enlarged(pixels: Pixels, side: int, blur: float) -> Pixels:
    """As a large model draws it: soft and noisy."""
    image = Image.fromarray(pixels).resize((side, side), Image.Resampling.NEAREST)
    out = np.asarray(image.filter(ImageFilter.GaussianBlur(blur))).copy()
    grain = np.random.default_rng(2).normal(0, 3, (side, side, 3))
    out[..., :3] = np.clip(out[..., :3] + grain, 0, 255).astype(np.uint8)
    return out


def unlikeness(a: Pixels, b: Pixels) -> float:
    """Mean distance in OKLab where `b` is seen."""
    gap = np.linalg.norm(srgb_to_oklab(a[..., :3]) - srgb_to_oklab(b[..., :3]), axis=2)
    return float(gap[b[..., 3] > 0].mean())


@pytest.mark.parametrize("own_grid", [True, False])
@pytest.mark.parametrize("blur", [0.6, 2.0])
def test_large_pixel_art_comes_back_crisper_than_its_mean(own_grid, blur):
    small = sprite()
    large = enlarged(small, 512, blur)
    found = to_pixel_art(large, (32, 32), own_grid=own_grid)
    assert found.shape == (32, 32, 4)
    mean = unlikeness(scale_area(large, (32, 32)), small)
    assert unlikeness(found, small) < 0.8 * mean
    solid = found[..., 3] >= 128
    assert np.array_equal(solid, small[..., 3] > 0)


def test_no_colour_of_it_is_a_mixture_of_two():
    picture = np.zeros((256, 256, 3), np.uint8)
    picture[:, 131:] = 255  # the border lies within a pixel of the small picture
    found = to_pixel_art(picture, (32, 32), pad=False)
    assert set(np.unique(found)) == {0, 255}


def test_a_picture_that_is_hardly_larger_comes_back_as_it_is():
    for size in ((32, 32), (64, 64), (16, 16)):
        picture = noise(size[0], 4)
        assert to_pixel_art(picture, (32, 32)) is picture


@pytest.mark.parametrize("make", [to_pixel_art, fit_smoothly])
def test_a_sprite_is_shown_whole_and_a_scene_covers_its_area(make):
    picture = np.full((128, 384, 4), 255, np.uint8)
    shown = make(picture, (32, 32), pad=True)
    assert shown.shape == (32, 32, 4)
    assert (shown[..., 3] > 0).any(axis=1).sum() == 11
    covered = make(picture[..., :3], (32, 32), pad=False)
    assert covered.shape == (32, 32, 3)
    tile = make(picture, (32, 32), wrap=True)
    assert tile.shape == (32, 32, 4)
    assert (tile[..., 3] == 255).all()


def test_own_pixels_that_are_fewer_than_wanted_stay_whole_with_room_around():
    large = enlarged(sprite(28), 512, 0.6)
    found = to_pixel_art(large, (32, 32))
    assert found.shape == (32, 32, 4)
    assert not found[:2].any()
    assert unlikeness(found[2:-2, 2:-2], sprite(28)) < 0.02


@pytest.mark.parametrize("size", [(512, 512), (300, 200), (517, 389), (90, 700)])
@pytest.mark.parametrize("way", [{"wrap": True}, {"pad": True}, {"pad": False}])
def test_a_painting_has_any_size(size, way):
    picture = noise(384, 4 if way.get("pad") else 3)
    assert fit_smoothly(picture, size, **way).shape[:2] == (size[1], size[0])


def test_growing_is_smooth_where_nearest_pixels_are_steps():
    ramp = np.repeat(np.linspace(0, 255, 48).astype(np.uint8)[None, :, None], 48, 0)
    ramp = np.repeat(ramp, 3, 2)
    grown = fit_smoothly(ramp, (120, 120), pad=False).astype(int)
    assert np.abs(np.diff(grown[60, 5:-5, 0])).max() <= 6
    assert np.abs(grown[:, 60].mean() - 127) < 12


def test_a_tile_that_grows_is_still_a_tile():
    y, x = np.mgrid[0:64, 0:64] * (2 * np.pi / 64)
    wave = 128 + 60 * np.sin(x) + 60 * np.cos(2 * y)
    tile = np.repeat(wave.astype(np.uint8)[..., None], 3, 2)
    grown = fit_smoothly(tile, (150, 150), wrap=True)
    moved = fit_smoothly(np.roll(tile, 32, (0, 1)), (150, 150), wrap=True)
    assert np.abs(np.roll(grown, 75, (0, 1)).astype(int) - moved).max() <= 2


def test_the_size_it_has_costs_nothing_and_changes_nothing():
    picture = noise(64, 4)
    assert np.array_equal(fit_smoothly(picture, (64, 64)), picture)
