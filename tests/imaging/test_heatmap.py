"""Heat maps: the picture as it is, heat where a word acted, words that can be read."""

from __future__ import annotations

import numpy as np
import pytest

from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.heatmap import HeatPanel, heat_colours, heat_overlay, heat_sheet


def solid(width: int, height: int, *colour: int) -> np.ndarray:
    return np.tile(np.array(colour, np.uint8), (height, width, 1))


def spot(width: int, height: int, x: int, y: int) -> np.ndarray:
    weights = np.zeros((height, width), np.float32)
    weights[y, x] = 1.0
    return weights


def test_the_picture_is_eight_times_as_large_and_unchanged() -> None:
    sheet = heat_sheet(solid(32, 24, 200, 10, 10, 255), [HeatPanel("red", spot(32, 24, 3, 3))])
    assert sheet.dtype == np.uint8 and sheet.ndim == 3
    own = np.argwhere((sheet == [200, 10, 10]).all(axis=2))
    assert (own.max(axis=0) - own.min(axis=0) + 1).tolist() == [24 * 8, 32 * 8]
    assert len(own) == 24 * 8 * 32 * 8


def test_a_clear_picture_shows_the_checkerboard_and_large_ones_are_not_enlarged_as_much() -> None:
    sheet = heat_sheet(solid(16, 16, 9, 9, 9, 0), [])
    assert np.unique(sheet[12:140, 12:140].reshape(-1, 3), axis=0).tolist() == [
        [88, 90, 94], [112, 114, 118],
    ]  # fmt: skip
    assert heat_sheet(solid(128, 128, 9, 9, 9), []).shape[1] < 600
    assert heat_sheet(solid(1000, 1000, 9, 9, 9), []).shape[1] < 1100


def test_every_word_has_a_panel_and_its_name() -> None:
    picture = solid(32, 32, 90, 90, 90, 255)
    panels = [HeatPanel(word, np.zeros((32, 32), np.float32)) for word in ("elf", "robe", "龙")]
    two, four = heat_sheet(picture, panels[:1]), heat_sheet(picture, panels)
    assert four.shape[1] == 4 * (256 + 12) + 12
    assert two.shape[1] == 2 * (256 + 12) + 12
    assert heat_sheet(picture, [*panels, panels[0]]).shape[0] > four.shape[0], "a second row"
    named, unnamed = (
        heat_sheet(picture, panels),
        heat_sheet(picture, [HeatPanel("", p.weights) for p in panels]),
    )
    assert (named != unnamed).any()
    assert (named[: 12 + 256] == unnamed[: 12 + 256]).all(), "names stand below the panels"
    assert heat_sheet(picture, panels).tobytes() == named.tobytes()


def test_heat_lies_where_the_word_acted() -> None:
    picture = solid(16, 16, 100, 100, 100, 255)
    cold = heat_overlay(picture, np.zeros((16, 16), np.float32))
    warm = heat_overlay(picture, spot(16, 16, 12, 2))
    changed = np.argwhere((cold != warm).any(axis=2))
    assert changed.tolist() == [[2, 12]]
    assert int(warm[2, 12].sum()) > int(cold[2, 12].sum())
    assert (cold[..., 0] == cold[..., 1]).all(), "what is cold has no colour"


def test_maps_of_another_size_are_stretched_and_the_inputs_stay_as_they_are() -> None:
    picture, weights = solid(16, 8, 100, 100, 100), spot(4, 2, 3, 0)
    picture.setflags(write=False)
    weights.setflags(write=False)
    warm = heat_overlay(picture, weights)
    assert warm.shape == (8, 16, 3)
    brightness = warm.sum(axis=2)
    assert brightness[1, 14] > brightness[1, 2] == brightness[7, 2]


def test_warmer_is_lighter_all_the_way() -> None:
    colours = heat_colours(np.linspace(0, 1, 50, dtype=np.float32)[None])
    lightness = colours[0] @ np.array([0.299, 0.587, 0.114])
    assert (np.diff(lightness) > 0).all()
    assert colours.min() >= 0 and colours.max() <= 255


@pytest.mark.parametrize(
    "weights",
    [np.zeros((0, 3), np.float32), np.full((2, 2), np.nan, np.float32), np.zeros(4, np.float32)],
)
def test_what_is_no_map_is_refused(weights: np.ndarray) -> None:
    with pytest.raises(ImageError):
        heat_overlay(solid(8, 8, 1, 2, 3), weights)
