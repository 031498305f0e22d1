"""Light, alpha and Pillow's modes: what goes there comes back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from PIL import Image

from llamavis_studio.imaging.arrays import (
    array_to_image,
    from_linear_premultiplied,
    image_to_array,
    linear_to_srgb,
    srgb_to_linear,
    to_linear_premultiplied,
)
from llamavis_studio.imaging.errors import ImageError
from tests.imaging.strategies import pictures


def test_every_srgb_byte_survives_linear_light() -> None:
    every = np.arange(256, dtype=np.uint8)
    assert np.array_equal(linear_to_srgb(srgb_to_linear(every)), every)


def test_linear_light_has_the_published_anchor_values() -> None:
    anchors = srgb_to_linear(np.array([0, 10, 188, 255], np.uint8))
    assert anchors == pytest.approx([0.0, 0.003035, 0.502886, 1.0], abs=1e-5)


@given(pictures())
def test_premultiplied_linear_light_keeps_what_is_seen(pixels: np.ndarray) -> None:
    back = from_linear_premultiplied(to_linear_premultiplied(pixels), pixels.shape[2])
    if pixels.shape[2] == 4:
        assert np.array_equal(back[..., 3], pixels[..., 3])
        seen = pixels[..., 3] > 0
        assert np.array_equal(back[seen], pixels[seen])
        assert not back[~seen].any()
    else:
        assert np.array_equal(back, pixels)


@given(pictures())
def test_pillow_gives_back_the_array(pixels: np.ndarray) -> None:
    assert np.array_equal(image_to_array(array_to_image(pixels)), pixels)


@pytest.mark.parametrize(
    ("mode", "colour", "expected"),
    [
        ("1", 1, (255, 255, 255)),
        ("L", 77, (77, 77, 77)),
        ("LA", (77, 9), (77, 77, 77, 9)),
        ("RGBX", (1, 2, 3, 0), (1, 2, 3)),
        ("RGBA", (1, 2, 3, 4), (1, 2, 3, 4)),
        ("RGBa", (50, 50, 50, 100), (127, 127, 127, 100)),
        ("CMYK", (0, 255, 255, 0), (255, 0, 0)),
        ("HSV", (0, 0, 200), (200, 200, 200)),
        ("I", 65535, (255, 255, 255)),
        ("I;16", 257 * 12, (12, 12, 12)),
        ("F", 0.5, (128, 128, 128)),
        ("F", 200.0, (200, 200, 200)),
    ],
)
def test_every_mode_becomes_srgb_bytes(mode: str, colour: object, expected: tuple) -> None:
    pixels = image_to_array(Image.new(mode, (2, 1), colour))
    assert pixels.shape == (1, 2, len(expected))
    assert tuple(pixels[0, 0]) == expected


def test_a_palette_picture_keeps_its_transparency() -> None:
    image = Image.new("P", (2, 1), 0)
    image.putpalette([10, 20, 30, 40, 50, 60])
    image.putpixel((1, 0), 1)
    assert image_to_array(image).tolist() == [[[10, 20, 30], [40, 50, 60]]]
    image.info["transparency"] = 1
    assert image_to_array(image).tolist() == [[[10, 20, 30, 255], [40, 50, 60, 0]]]


@pytest.mark.parametrize(
    "bad",
    [np.zeros((2, 2), np.uint8), np.zeros((2, 2, 3), np.float32), np.zeros((0, 2, 3), np.uint8)],
)
def test_other_arrays_are_refused(bad: np.ndarray) -> None:
    with pytest.raises(ImageError):
        array_to_image(bad)
