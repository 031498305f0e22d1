"""A figure freed from its background: alpha beside the truth of composed pictures."""

from __future__ import annotations

import time

import numpy as np
import pytest
from numpy.typing import NDArray

from llamavis_studio.imaging.arrays import Pixels
from llamavis_studio.imaging.background import flooded
from llamavis_studio.imaging.cut_out import cut_out
from tests.support.hd_backend import figure_of, ground

RED = np.array([190, 40, 50])
SIDES = [(256, 256), (512, 512), (320, 480), (1024, 1024)]


def composed(
    words: str,
    size: tuple[int, int] = (512, 512),
    colour: NDArray[np.int64] = RED,
    noise: float = 1,
) -> tuple[Pixels, NDArray[np.float32]]:
    """A picture (h, w, 4), opaque, and the alpha (h, w) that its figure has."""
    random = np.random.default_rng(3)
    figure, alpha = figure_of(size, colour)
    picture = figure * alpha[..., None] + ground(words, size, random) * (1 - alpha[..., None])
    picture = picture + random.normal(0, noise, picture.shape)
    rgb = np.rint(picture.clip(0, 255)).astype(np.uint8)
    return np.dstack([rgb, np.full(rgb.shape[:2], 255, np.uint8)]), alpha


def likeness(pixels: Pixels, truth: NDArray[np.float32]) -> float:
    """Intersection over union of two alphas."""
    alpha = pixels[..., 3] / 255.0
    return float(np.minimum(alpha, truth).sum() / np.maximum(alpha, truth).sum())


@pytest.mark.parametrize("size", SIDES, ids=str)
def test_a_figure_on_a_plain_background_is_cut_out_at_any_size(size):
    picture, truth = composed("", size)
    found = cut_out(picture)
    assert found.problem == ""
    assert likeness(found.pixels, truth) > 0.985


@pytest.mark.parametrize(
    ("words", "least"),
    [("GRADED", 0.985), ("LIT", 0.985), ("FLOOR", 0.97), ("dark grey background", 0.97)],
)
def test_other_backgrounds_are_as_good(words, least):
    picture, truth = composed(words)
    found = cut_out(picture)
    assert found.problem == ""
    assert likeness(found.pixels, truth) > least


def test_noise_and_a_soft_shadow_do_not_stay():
    noisy, truth = composed("", noise=8)
    assert likeness(cut_out(noisy).pixels, truth) > 0.97
    picture, _ = composed("", noise=0)
    y, x = np.mgrid[0:512, 0:512]
    shade = 1 - 0.35 * np.exp(-(((x - 256) / 150) ** 2 + ((y - 440) / 22) ** 2))
    behind = (truth == 0)[..., None]
    picture[..., :3] = np.where(behind, picture[..., :3] * shade[..., None], picture[..., :3])
    found = cut_out(picture)
    assert likeness(found.pixels, truth) > 0.93
    assert likeness(cut_out(composed("", noise=0)[0]).pixels, truth) > 0.985


def test_the_hole_of_a_ring_is_open_and_a_white_eye_is_not():
    picture, _ = composed("")
    assert cut_out(picture).pixels[204, 256, 3] == 0
    y, x = np.mgrid[0:512, 0:512]
    picture[(x - 160) ** 2 + (y - 204) ** 2 < 10**2, :3] = 252
    assert cut_out(picture).pixels[204, 160, 3] == 255


def test_what_lies_loose_in_a_hole_says_that_it_is_none():
    picture, _ = composed("")
    picture[196:212, 250:262, :3] = (20, 16, 24)  # the hand of a clock
    assert cut_out(picture).pixels[170, 256, 3] == 255


def test_the_outline_is_soft_and_has_no_colour_of_the_background():
    green = np.array([20, 16, 24])
    figure, alpha = figure_of((512, 512), green)
    behind = np.full((512, 512, 3), (90.0, 220.0, 90.0))
    picture = figure * alpha[..., None] + behind * (1 - alpha[..., None])
    rgb = np.rint(picture).astype(np.uint8)
    found = cut_out(rgb).pixels
    rim = (alpha > 0.3) & (alpha < 0.7)
    assert 20 < np.median(found[rim][:, 3]) < 235
    kept = found[(found[..., 3] > 0) & (alpha < 1)]
    assert np.median(kept[:, 1]) < 60  # of 220 behind it
    assert (found[found[..., 3] == 0] == 0).all()


@pytest.mark.parametrize(("words", "says"), [("BUSY", "too busy"), ("EMPTY", "nothing stands out")])
def test_what_cannot_be_told_comes_back_as_it_is_and_says_why(words, says):
    picture, _ = composed(words)
    if words == "EMPTY":
        picture[..., :3] = 252
    found = cut_out(picture)
    assert says in found.problem
    assert np.array_equal(found.pixels, picture)


def test_a_picture_with_clear_pixels_is_cut_out_already():
    picture, truth = composed("")
    picture[..., 3] = np.rint(truth * 255)
    found = cut_out(picture)
    assert found.problem == ""
    assert np.array_equal(found.pixels, picture)


def test_three_channels_and_the_smallest_pictures():
    picture, truth = composed("")
    assert likeness(cut_out(picture[..., :3]).pixels, truth) > 0.985
    for shape in ((1, 1, 3), (1, 7, 4), (3, 2, 3), (9, 9, 4)):
        found = cut_out(np.full(shape, 255, np.uint8))
        assert found.problem
        assert found.pixels.shape == (*shape[:2], 4)


def test_the_same_picture_gives_the_same_cut_and_the_argument_stays():
    picture, _ = composed("LIT")
    before = picture.copy()
    assert np.array_equal(cut_out(picture).pixels, cut_out(picture).pixels)
    assert np.array_equal(picture, before)


def test_it_is_quick_enough_for_a_build():
    """A bound that only a change of the method's order would break: see the filters' benchmark."""
    picture, _ = composed("", (1024, 1024))
    times = []
    for _ in range(3):
        began = time.process_time()
        cut_out(picture)
        times.append(time.process_time() - began)
    assert min(times) < 3.0


def test_a_flood_fills_what_hangs_together_side_by_side():
    mask = np.array(
        [
            [1, 1, 0, 1, 1],
            [0, 1, 0, 1, 0],
            [0, 1, 1, 1, 0],
            [1, 0, 0, 0, 1],
        ],
        bool,
    )
    seeds = np.zeros_like(mask)
    seeds[0, 0] = True
    wanted = mask.copy()
    wanted[3, [0, 4]] = False  # they touch by their corners only
    assert np.array_equal(flooded(mask, seeds), wanted)
    assert not flooded(mask, np.zeros_like(mask)).any()
