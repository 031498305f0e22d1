from __future__ import annotations

import numpy as np
import pytest

from llamavis_studio.model.train.scene_places import PLACES
from llamavis_studio.model.train.scene_plan import LIGHTS
from llamavis_studio.model.train.scenes import paint


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("hour", LIGHTS)
def test_every_place_at_every_hour_is_painted_edge_to_edge(place: str, hour: str) -> None:
    scene = paint(place, np.random.default_rng(7), hour)
    assert scene.pixels.shape == (32, 48, 4)
    assert scene.pixels[..., 3].min() == 255
    # Nothing is left unpainted: no scene has pure black, not even at night.
    assert scene.pixels[..., :3].max(-1).min() > 0
    assert len(np.unique(scene.pixels.reshape(-1, 4), axis=0)) > 4


def test_a_sunset_beach_is_named_in_both_languages() -> None:
    scene = paint("beach", np.random.default_rng(2), "sunset")
    assert scene.captions[0].startswith("sunset beach")
    assert scene.captions_zh[0].startswith("日落海滩")


def test_things_are_said_exactly_when_they_are_painted() -> None:
    seen = {True: 0, False: 0}
    for seed in range(30):
        scene = paint("beach", np.random.default_rng(seed), "day")
        trunk = (np.abs(scene.pixels[..., :3].astype(int) - (128, 88, 54)).sum(-1) < 3).sum()
        palm = "palm tree" in scene.captions[0]
        seen[palm] += 1
        assert palm == (trunk > 5)
    assert seen[True] and seen[False]


def test_night_is_darker_than_day() -> None:
    def light(hour: str) -> float:
        return float(paint("hills", np.random.default_rng(1), hour).pixels[..., :3].mean())

    assert light("night") < 0.6 * light("day")
