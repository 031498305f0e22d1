"""What a request refuses at once, because no backend could make sense of it."""

from __future__ import annotations

import numpy as np
import pytest

from llamavis_studio.backends.base import ImageRequest

BEFORE = np.zeros((20, 30, 4), np.uint8)


def request(**more: object) -> ImageRequest:
    return ImageRequest("a hat", "item", (32, 32), 1, **more)  # type: ignore[arg-type]


def test_an_edit_that_makes_sense() -> None:
    made = request(before=BEFORE, region=np.zeros((20, 30), np.uint8), strength=0.5)
    assert made.strength == 0.5
    assert request(before=BEFORE[..., :3]).region is None
    assert request(before=BEFORE, region=np.zeros((20, 30), bool)).region is not None


@pytest.mark.parametrize(
    ("region", "words"),
    [
        (np.zeros((32, 32), np.uint8), "the region is 32x32 px, its picture 30x20 px"),
        (np.zeros((30, 20), np.uint8), "the region is 20x30 px, its picture 30x20 px"),
        (np.zeros((0, 0), np.uint8), "the region is 0x0 px"),
        (np.zeros((20, 30, 1), np.uint8), r"a region is \(h, w\)"),
        (np.zeros((20, 30, 4), np.uint8), r"a region is \(h, w\)"),
        (np.zeros(600, np.uint8), r"a region is \(h, w\)"),
        (np.array(1, np.uint8), r"a region is \(h, w\)"),
    ],
)
def test_a_region_of_another_size_is_refused_in_words(region: np.ndarray, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        request(before=BEFORE, region=region)


def test_a_region_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="needs the picture"):
        request(region=np.zeros((20, 30), np.uint8))


@pytest.mark.parametrize("strength", [-0.01, 1.01, float("nan"), float("inf")])
def test_strength_lies_between_0_and_1(strength: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        request(before=BEFORE, strength=strength)
