"""Scaling: exact small pictures, no new colours where none belong, tiles stay tiles."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.palette import colours_of
from llamavis_studio.imaging.scale import (
    fit_to_size,
    scale2x,
    scale3x,
    scale_area,
    scale_nearest,
    scale_whole,
)
from tests.imaging.strategies import pictures

factors = st.integers(1, 5)


@given(pictures(), factors)
def test_nearest_up_and_down_is_the_same_picture(pixels: np.ndarray, factor: int) -> None:
    height, width = pixels.shape[:2]
    big = scale_nearest(pixels, (width * factor, height * factor))
    assert np.array_equal(big, pixels.repeat(factor, 0).repeat(factor, 1))
    assert np.array_equal(scale_nearest(big, (width, height)), pixels)


@given(pictures(), factors)
def test_area_undoes_nearest(pixels: np.ndarray, factor: int) -> None:
    height, width = pixels.shape[:2]
    back = scale_area(scale_nearest(pixels, (width * factor, height * factor)), (width, height))
    seen = pixels[..., 3] > 0 if pixels.shape[2] == 4 else np.ones((height, width), bool)
    assert np.abs(back[seen].astype(int) - pixels[seen]).max(initial=0) <= 1


def test_area_averages_light_not_numbers_and_ignores_clear_colour() -> None:
    row = np.array([[[0, 0, 0], [255, 255, 255]]], np.uint8)
    assert scale_area(row, (1, 1)).tolist() == [[[188, 188, 188]]]
    red_and_clear_green = np.array([[[255, 0, 0, 255], [0, 255, 0, 0]]], np.uint8)
    assert scale_area(red_and_clear_green, (1, 1)).tolist() == [[[255, 0, 0, 128]]]


def test_area_weighs_partly_covered_pixels() -> None:
    row = np.array([[[0, 0, 0], [0, 0, 0], [255, 255, 255]]], np.uint8)
    # the right half holds half a black pixel and a white one: 2/3 of the light
    assert scale_area(row, (2, 1))[0, 1, 0] == 213


@given(pictures(), st.booleans())
def test_scale2x_follows_its_definition(pixels: np.ndarray, wrap: bool) -> None:
    out = scale2x(pixels, wrap)
    height, width = pixels.shape[:2]

    def at(y: int, x: int) -> tuple:
        y, x = (
            (y % height, x % width)
            if wrap
            else (min(max(y, 0), height - 1), min(max(x, 0), width - 1))
        )
        value = tuple(int(v) for v in pixels[y, x])
        return (0, 0, 0, 0) if len(value) == 4 and value[3] == 0 else value

    for y in range(height):
        for x in range(width):
            p, a, b, c, d = at(y, x), at(y - 1, x), at(y, x + 1), at(y, x - 1), at(y + 1, x)
            expected = [
                [
                    a if c == a and c != d and a != b else p,
                    b if a == b and a != c and b != d else p,
                ],
                [
                    c if d == c and d != b and c != a else p,
                    d if b == d and b != a and d != c else p,
                ],
            ]
            assert out[2 * y : 2 * y + 2, 2 * x : 2 * x + 2].tolist() == [
                [list(v) for v in row] for row in expected
            ]


@given(pictures(channels=(3,)), st.booleans())
def test_scale3x_follows_its_definition(pixels: np.ndarray, wrap: bool) -> None:
    out = scale3x(pixels, wrap)
    height, width = pixels.shape[:2]
    index = (lambda i, n: i % n) if wrap else (lambda i, n: min(max(i, 0), n - 1))
    for y in range(height):
        for x in range(width):
            a, b, c, d, e, f, g, h, i = (
                pixels[index(y + dy, height), index(x + dx, width)].tolist()
                for dy in (-1, 0, 1)
                for dx in (-1, 0, 1)
            )
            cell = [e] * 9
            if b != h and d != f:
                cell = [
                    d if d == b else e,
                    b if (d == b and e != c) or (b == f and e != a) else e,
                    f if b == f else e,
                    d if (d == b and e != g) or (d == h and e != a) else e,
                    e,
                    f if (b == f and e != i) or (h == f and e != c) else e,
                    d if d == h else e,
                    h if (d == h and e != i) or (h == f and e != g) else e,
                    f if h == f else e,
                ]
            assert out[3 * y : 3 * y + 3, 3 * x : 3 * x + 3].reshape(9, 3).tolist() == cell


@given(pictures(), st.integers(1, 6), st.booleans())
def test_whole_factors_invent_no_colours(pixels: np.ndarray, factor: int, wrap: bool) -> None:
    out = scale_whole(pixels, factor, wrap)
    assert out.shape[:2] == (pixels.shape[0] * factor, pixels.shape[1] * factor)
    own = {tuple(colour) for colour in colours_of(pixels)}
    assert {tuple(colour) for colour in colours_of(out)} <= own


@given(pictures(min_side=2), st.sampled_from([2, 3, 4, 6]), st.integers(0, 11), st.integers(0, 11))
def test_wrapped_scaling_commutes_with_moving_the_tile(
    pixels: np.ndarray, factor: int, dy: int, dx: int
) -> None:
    moved_first = scale_whole(np.roll(pixels, (dy, dx), (0, 1)), factor, wrap=True)
    moved_last = np.roll(scale_whole(pixels, factor, wrap=True), (dy * factor, dx * factor), (0, 1))
    assert np.array_equal(moved_first, moved_last)


@given(pictures(), st.tuples(st.integers(1, 30), st.integers(1, 30)), st.booleans(), st.booleans())
def test_fit_always_gives_the_asked_size(
    pixels: np.ndarray, size_px: tuple[int, int], wrap: bool, pad: bool
) -> None:
    out = fit_to_size(pixels, size_px, wrap=wrap, pad=pad)
    assert (out.shape[1], out.shape[0]) == size_px
    if not pad or wrap:
        assert out.shape[2] == pixels.shape[2]


def test_fit_pads_sprites_and_crops_backgrounds() -> None:
    red = np.zeros((2, 2, 3), np.uint8)
    red[..., 0] = 255
    padded = fit_to_size(red, (4, 6))
    assert (padded[..., 3] > 0).sum() == 16
    assert padded[0].max() == 0
    assert padded[5].max() == 0
    assert (fit_to_size(red, (4, 6), pad=False) == [255, 0, 0]).all()


def test_impossible_sizes_are_refused() -> None:
    one = np.zeros((1, 1, 3), np.uint8)
    with pytest.raises(ImageError):
        scale_nearest(one, (0, 4))
    with pytest.raises(ImageError):
        scale_whole(one, 0)
