"""Enlarging: exact sizes, no new colours, tiles stay tiles, and the published definitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.palette import colours_of
from llamavis_studio.imaging.upscale import UPSCALE_METHODS, upscale
from tests.imaging.strategies import pictures

ways = st.sampled_from(
    [("nearest", n) for n in range(1, 6)]
    + [("scale2x", n) for n in (1, 2, 4, 8)]
    + [("scale3x", n) for n in (1, 3, 9)]
    + [("lanczos", n) for n in range(1, 6)]
)


@given(pictures(max_side=8), ways, st.booleans())
def test_sizes_are_exact_and_only_lanczos_mixes(
    pixels: np.ndarray, way: tuple[str, int], wrap: bool
) -> None:
    method, factor = way
    before = pixels.copy()
    out = upscale(pixels, factor, method, wrap=wrap)
    height, width, channels = pixels.shape
    assert out.shape == (height * factor, width * factor, channels)
    assert out.dtype == np.uint8
    assert np.array_equal(pixels, before)
    if method != "lanczos":
        assert {tuple(c) for c in colours_of(out)} <= {tuple(c) for c in colours_of(pixels)}
    if factor == 1:
        assert np.array_equal(out, pixels)


@given(pictures(max_side=8), ways, st.integers(0, 9), st.integers(0, 9))
def test_a_moved_tile_enlarges_to_the_enlarged_tile_moved(
    tile: np.ndarray, way: tuple[str, int], dy: int, dx: int
) -> None:
    method, factor = way
    moved_first = upscale(np.roll(tile, (dy, dx), (0, 1)), factor, method, wrap=True)
    whole = upscale(tile, factor, method, wrap=True)
    moved_last = np.roll(whole, (dy * factor, dx * factor), (0, 1))
    assert np.array_equal(moved_first, moved_last)


@given(pictures(max_side=7), ways)
@settings(max_examples=50)
def test_a_tile_repeated_enlarges_to_the_enlarged_tile_repeated(
    tile: np.ndarray, way: tuple[str, int]
) -> None:
    method, factor = way
    one = upscale(tile, factor, method, wrap=True)
    four = upscale(np.tile(tile, (2, 2, 1)), factor, method, wrap=True)
    assert np.array_equal(four, np.tile(one, (2, 2, 1)))


@given(pictures(channels=(3,), max_side=7), st.booleans())
@settings(max_examples=50)
def test_scale2x_is_what_its_page_says(pixels: np.ndarray, wrap: bool) -> None:
    # https://www.scale2x.it/algorithm: B above, D left, F right, H below E
    height, width = pixels.shape[:2]

    def at(y: int, x: int) -> list[int]:
        if wrap:
            return pixels[y % height, x % width].tolist()
        return pixels[min(max(y, 0), height - 1), min(max(x, 0), width - 1)].tolist()

    out = upscale(pixels, 2, "scale2x", wrap=wrap)
    for y in range(height):
        for x in range(width):
            b, d, e, f, h = at(y - 1, x), at(y, x - 1), at(y, x), at(y, x + 1), at(y + 1, x)
            block = [e, e, e, e]
            if b != h and d != f:
                block = [
                    d if d == b else e,
                    f if b == f else e,
                    d if d == h else e,
                    f if h == f else e,
                ]
            assert out[2 * y : 2 * y + 2, 2 * x : 2 * x + 2].reshape(4, 3).tolist() == block


@given(pictures(channels=(3,), min_side=1, max_side=8), st.integers(2, 5), st.booleans())
@settings(max_examples=50)
def test_lanczos_keeps_flat_pictures(pixels: np.ndarray, factor: int, wrap: bool) -> None:
    flat = np.broadcast_to(pixels[:1, :1], pixels.shape).copy()
    out = upscale(flat, factor, "lanczos", wrap=wrap)
    assert np.abs(out.astype(int) - flat[0, 0]).max() <= 1


def test_lanczos_agrees_with_pillow_inside() -> None:
    # Pillow does not know linear light: it gets it as floats, channel by channel.
    rng = np.random.default_rng(1)
    y, x = np.mgrid[:24, :24] / 24
    smooth = np.stack([x, y, (x + y) / 2], axis=-1) * 200 + rng.normal(0, 9, (24, 24, 3)) + 20
    pixels = np.clip(smooth, 0, 255).astype(np.uint8)
    light = np.where(
        pixels <= 0.04045 * 255,
        pixels / 255 / 12.92,
        ((pixels / 255 + 0.055) / 1.055) ** 2.4,
    ).astype(np.float32)
    out = upscale(pixels, 3, "lanczos")
    for channel in range(3):
        plane = Image.fromarray(light[..., channel])
        wanted = np.asarray(plane.resize((72, 72), Image.Resampling.LANCZOS)).clip(0, 1)
        encoded = np.where(wanted <= 0.0031308, wanted * 12.92, 1.055 * wanted ** (1 / 2.4) - 0.055)
        inner = slice(12, -12)  # Pillow leaves out what lies beyond an edge
        gap = np.abs(out[inner, inner, channel] - encoded[inner, inner] * 255)
        assert gap.max() <= 1.0


def test_lanczos_ignores_the_colour_of_clear_pixels() -> None:
    red = np.zeros((6, 6, 4), np.uint8)
    red[2:4, 2:4] = (255, 0, 0, 255)
    other = red.copy()
    other[other[..., 3] == 0] = (0, 255, 0, 0)
    first, second = upscale(red, 4, "lanczos"), upscale(other, 4, "lanczos")
    assert np.array_equal(first, second)
    assert first[first[..., 3] > 0][:, 1:3].max() == 0


@pytest.mark.parametrize(
    ("factor", "method", "says"),
    [
        (0, "nearest", "at least 1"),
        (-2, "lanczos", "at least 1"),
        (3, "scale2x", "2, 4, 8"),
        (6, "scale2x", "2, 4, 8"),
        (2, "scale3x", "3, 9, 27"),
        (1 << 14, "nearest", "more than 32768"),
        (2, "hq2x", "lanczos"),
    ],
)
def test_impossible_enlargements_are_refused(factor: int, method: str, says: str) -> None:
    with pytest.raises(ImageError, match=says):
        upscale(np.zeros((3, 3, 3), np.uint8), factor, method)


def test_every_method_is_tested() -> None:
    assert set(UPSCALE_METHODS) == {"nearest", "scale2x", "scale3x", "lanczos"}
