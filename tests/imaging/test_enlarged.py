"""What was enlarged comes back pixel for pixel; what was not stays as it is."""

from __future__ import annotations

import numpy as np
import pytest

from llamavis_studio.imaging.enlarged import undo_enlargement
from llamavis_studio.imaging.scale import scale_whole


def drawing(seed: int, width: int = 32, height: int = 32, channels: int = 4) -> np.ndarray:
    """A few overlapping blocks and dots of a small palette, as pixel art has them."""
    rng = np.random.default_rng(seed)
    palette = rng.integers(0, 256, (6, channels), np.uint8)
    if channels == 4:
        palette[:, 3] = 255
    out = np.zeros((height, width, channels), np.uint8)
    for colour in palette:
        top, left = rng.integers(0, height - 6), rng.integers(0, width - 6)
        out[top : top + rng.integers(3, 16), left : left + rng.integers(3, 16)] = colour
    for _ in range(40):
        out[rng.integers(0, height), rng.integers(0, width)] = palette[rng.integers(0, 6)]
    return out


@pytest.mark.parametrize("factor", [2, 3, 4, 5, 7, 8])
@pytest.mark.parametrize("channels", [3, 4])
def test_equal_blocks_become_pixels(factor: int, channels: int) -> None:
    small = drawing(factor, 24, 32, channels)
    large = small.repeat(factor, 0).repeat(factor, 1)
    found, by = undo_enlargement(large)
    assert by == factor
    assert np.array_equal(found, small)


@pytest.mark.parametrize("wrap", [False, True])
@pytest.mark.parametrize("factor", [2, 3, 4, 6, 8, 10])
def test_scale2x_and_scale3x_are_undone(factor: int, wrap: bool) -> None:
    for seed in range(4):
        small = drawing(100 + seed)
        found, by = undo_enlargement(scale_whole(small, factor, wrap))
        assert by == factor
        assert np.array_equal(found, small)


def test_what_was_not_enlarged_stays() -> None:
    rng = np.random.default_rng(0)
    for picture in (drawing(3), rng.integers(0, 256, (48, 64, 3), np.uint8)):
        found, by = undo_enlargement(picture)
        assert by == 1
        assert found is picture


def test_one_other_pixel_is_enough_to_be_no_enlargement() -> None:
    large = drawing(5).repeat(4, 0).repeat(4, 1)
    large[41, 42] ^= 1
    assert undo_enlargement(large)[1] == 1


def test_colours_of_clear_pixels_do_not_count() -> None:
    large = drawing(6).repeat(2, 0).repeat(2, 1)
    clear = large[..., 3] == 0
    large[clear, :3] = np.random.default_rng(1).integers(0, 256, (clear.sum(), 3), np.uint8)
    found, by = undo_enlargement(large)
    assert by == 2
    assert np.array_equal(found[..., 3], drawing(6)[..., 3])


def test_a_plain_picture_stays_large_enough_to_be_looked_at() -> None:
    plain = np.full((64, 64, 4), 255, np.uint8)
    found, by = undo_enlargement(plain)
    assert (found.shape, by) == ((8, 8, 4), 8)
