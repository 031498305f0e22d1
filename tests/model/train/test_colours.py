from __future__ import annotations

import numpy as np
import pytest

from llamavis_studio.model.colour_names import from_oklab, to_oklab
from llamavis_studio.model.train.colours import (
    TARGETS,
    accent,
    brighten,
    dominant,
    recolour,
    shade,
)


def flat(*colour: int) -> np.ndarray:
    pixels = np.zeros((8, 8, 4), np.uint8)
    pixels[2:6, 2:6] = (*colour, 255)
    return pixels


@pytest.mark.parametrize(
    ("colour", "word"),
    [
        ((210, 20, 20), "red"),
        ((240, 140, 20), "orange"),
        ((245, 225, 30), "yellow"),
        ((40, 150, 40), "green"),
        ((30, 60, 210), "blue"),
        ((130, 30, 170), "purple"),
        ((245, 140, 190), "pink"),
        ((110, 70, 30), "brown"),
        ((128, 128, 128), "grey"),
        ((245, 245, 245), "white"),
        ((30, 160, 160), "teal"),
        ((25, 25, 25), "black"),
    ],
)
def test_plain_colours_get_their_plain_word(colour: tuple[int, int, int], word: str) -> None:
    assert dominant(flat(*colour))[0] == word


def test_oklab_round_trip_keeps_bytes() -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (500, 3)).astype(np.uint8)
    assert np.abs(from_oklab(to_oklab(rgb)).astype(int) - rgb).max() <= 1


@pytest.mark.parametrize("word", TARGETS)
def test_recoloured_surface_measures_as_its_new_word(word: str) -> None:
    pixels = np.zeros((16, 16, 4), np.uint8)
    rng = np.random.default_rng(1)
    pixels[2:14, 2:14, :3] = rng.integers(-25, 25, (12, 12, 1)) + np.array([170, 60, 50])
    pixels[2:14, 2:14, 3] = 255
    out = recolour(pixels, word)
    assert dominant(out)[0] == word
    assert (out[..., 3] == pixels[..., 3]).all()


def test_recolour_only_touches_the_colour_it_is_told() -> None:
    pixels = flat(210, 20, 20)
    pixels[2:4, 2:6, :3] = (30, 60, 210)
    out = recolour(pixels, "green", only="red")
    assert (out[2:4, 2:6] == pixels[2:4, 2:6]).all()
    assert (out[4:6, 2:6, :3] != pixels[4:6, 2:6, :3]).any()


def test_a_drop_shadow_is_not_a_colour_of_the_thing() -> None:
    pixels = flat(210, 20, 20)
    pixels[6:8, :, 3] = 255
    assert dominant(pixels) == ("red",)


def test_accent_of_a_flask_is_its_liquid() -> None:
    pixels = flat(190, 190, 190)
    pixels[5, 2:6, :3] = (30, 60, 210)
    assert dominant(pixels)[0] == "grey"
    assert accent(pixels) == "blue"


def test_dark_and_pale_follow_the_lightness() -> None:
    red = flat(190, 30, 30)
    assert shade(red, "red") == ""
    assert shade(brighten(red, 0.55), "red") == "dark"
