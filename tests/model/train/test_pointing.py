"""How maps are scored: exact numbers for maps that are right, wrong and even."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from llamavis_studio.model.text_encoder import TextEncoder
from llamavis_studio.model.train.pointing import WAYS, find_cases, measure, score
from llamavis_studio.model.train.samples import Sample, SampleSet
from tests.support.tiny_model import tiny_model

FOLDER = Path(__file__).parents[3] / "resources" / "models" / "minilm"


def character(phrases: str, row: int, split: str = "val", source: str = "composite") -> Sample:
    captions = ("elf", f"{phrases} here", f"{phrases} there", phrases)
    return Sample(
        "character", "elf", captions, (), (), False, 1.0, split, source, (32, 32), row
    )  # fmt: skip


def pair_of(*samples: Sample) -> SampleSet:
    """Two grey figures; the second has a red square in its middle."""
    pictures = np.zeros((2, 32, 32, 4), np.uint8)
    pictures[:, 4:28, 8:24] = (120, 120, 120, 255)
    pictures[1, 12:20, 12:20] = (200, 20, 20, 255)
    return SampleSet({(32, 32): pictures}, samples, np.array([[0, 1]]))


def test_pairs_that_differ_in_one_phrase_are_cases() -> None:
    samples = pair_of(character("elf, green robe", 0), character("elf, red robe", 1))
    second, first = sorted(find_cases(samples, "val"), key=lambda case: case.phrases, reverse=True)
    assert (first.number, first.phrases) == (0, ("green robe", "elf"))
    assert (second.number, second.phrases) == (1, ("red robe", "elf"))
    assert first.part.sum() == 64 and first.part[12:20, 12:20].all()
    assert find_cases(samples, "train") == []


@pytest.mark.parametrize(
    "other",
    [
        character("orc, red robe", 1),
        character("elf, green robe", 1),
        character("elf, red robe", 1, source="tiles"),
        character("elf, red robe, blue hat, old boots", 1),
    ],
)
def test_other_pairs_tell_nothing_of_a_phrase(other: Sample) -> None:
    found = find_cases(pair_of(character("elf, green robe", 0), other), "val")
    assert [case for case in found if case.number == 1] == []


def test_scores_of_maps_that_are_right_wrong_and_even() -> None:
    inside = np.zeros((4, 4), bool)
    inside[:2] = True
    part = np.zeros((4, 4), bool)
    part[0, :2] = True
    right, even = part.astype(np.float32), np.ones((4, 4), np.float32)
    area, lift, wins = score(np.stack([right, even]), part, inside)
    assert (area, wins) == (1.0, 1.0)
    assert lift == pytest.approx(4.0)
    area, lift, wins = score(np.stack([even, right]), part, inside)
    assert (area, wins) == (0.5, 0.0)
    assert lift == pytest.approx(1.0)
    assert score(np.stack([1 - right]), part, inside)[0] == 0.0
    assert np.isnan(score(np.stack([right]), part, inside)[2])


def test_every_way_is_measured() -> None:
    samples = pair_of(character("elf, green robe", 0), character("elf, red robe", 1))
    encoder = TextEncoder.load(FOLDER)
    found = measure(tiny_model(), encoder, samples, find_cases(samples, "val"))
    assert found.keys() == WAYS.keys()
    for one in found.values():
        assert 0 <= one.auc <= 1 and 0 <= one.wins <= 1 and one.lift >= 0
