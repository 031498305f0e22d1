"""The rule is fitted to halves, measured on the others, and kept in the checkpoint."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from llamavis_studio.model.checkpoint import load_checkpoint, save_checkpoint
from llamavis_studio.model.domain import DEFAULT_RULE, SIGNS, rule_of
from llamavis_studio.model.train import domain
from llamavis_studio.model.train.domain import Group, fit_rule, held_out, right_shares
from llamavis_studio.model.train.measures import domain_scores
from llamavis_studio.model.train.outside import cuts_of, made_outside, read_photographs
from llamavis_studio.model.train.samples import Sample, SampleSet
from tests.support.tiny_model import tiny_model


@pytest.fixture(scope="module")
def samples() -> SampleSet:
    """Forty held-out rings in few colours, and as many that were learned."""
    rng = np.random.default_rng(0)
    down, right = np.mgrid[:32, :32] - 15.5
    pictures, made = [], []
    for number in range(80):
        reach = np.hypot(down, right * rng.uniform(0.7, 1.4)) + rng.integers(0, 2, (32, 32))
        picture = np.zeros((32, 32, 4), np.uint8)
        for edge in (14, 10, 6):
            picture[reach < edge] = (*rng.integers(0, 256, 3), 255)
        split = "val" if number % 2 else "train"
        kind = "item" if number % 4 < 2 else "creature"
        name = f"ring {number}"
        made.append(Sample(kind, name, (name,), (), (), False, 1.0, split, "toy", (32, 32), number))
        pictures.append(picture)
    return SampleSet({(32, 32): np.stack(pictures)}, tuple(made), np.zeros((0, 2), np.int64))


def test_made_pictures_are_many_sorted_and_repeatable() -> None:
    first, again, other = made_outside(10), made_outside(10), made_outside(10, seed=1)
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(first, other, strict=True))
    for picture in first:
        assert picture.dtype == np.uint8 and picture.shape[2] == 3
        assert 32 <= picture.shape[0] <= 256
        assert picture.std() > 1


def test_cuts_of_a_photograph_have_many_sizes() -> None:
    photograph = np.random.default_rng(0).integers(0, 256, (150, 200, 3), np.uint8)
    shapes = [cut.shape[:2] for cut in cuts_of(photograph)]
    assert shapes[0] == (150, 200)
    assert {(24, 32), (96, 128), (32, 32), (64, 64), (128, 128)} <= set(shapes)
    assert cuts_of(np.zeros((20, 20, 4), np.uint8))[0].shape == (20, 20, 4)


def test_held_out_pictures_only(samples: SampleSet) -> None:
    numbers = held_out(samples, 7)
    assert len(numbers) == 14
    assert {samples.samples[n].split for n in numbers} == {"val"}
    assert numbers == held_out(samples, 7)


def test_the_fit_finds_what_parts_the_groups() -> None:
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(400, len(SIGNS)))
    rows[:200, 4] += 4  # the first half is smoother
    half = np.arange(200) % 2 == 0
    groups = [Group("foreign", False, rows[:200], half), Group("taught", True, rows[200:], half)]
    rule = fit_rule(groups)
    assert rule.weights[4] < 0
    assert abs(rule.weights[4]) == max(abs(weight) for weight in rule.weights)
    measured = right_shares(rule, groups)
    assert measured["taught"]["test"] > 0.95 and measured["foreign"]["test"] > 0.9
    assert measured["foreign"]["pictures"] == 200


def test_the_command_writes_a_rule_and_nothing_else(
    samples: SampleSet,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(domain, "MADE", 20)
    checkpoint, photographs = tmp_path / "tiny", tmp_path / "foreign" / "photographs"
    save_checkpoint(tiny_model(), checkpoint, {"name": "tiny"})
    samples.save(tmp_path / "samples")
    photographs.mkdir(parents=True)
    rng = np.random.default_rng(1)
    for number in range(2):
        light = np.cumsum(rng.normal(size=(80, 90, 3)), 1) * 9 + 120
        picture = np.clip(light, 0, 255).astype(np.uint8)
        Image.fromarray(picture).save(photographs / f"{number}.png")
    assert len(read_photographs(photographs.parent)) == 2
    before = json.loads((checkpoint / "config.json").read_text("utf-8"))
    asked = [str(checkpoint), str(tmp_path / "samples"), "--foreign", str(photographs.parent)]
    assert domain.main(asked) == 0
    assert json.loads((checkpoint / "config.json").read_text("utf-8")) == before
    assert domain.main([*asked, "--record"]) == 0
    after = json.loads((checkpoint / "config.json").read_text("utf-8"))
    rule = rule_of(after)
    assert rule != DEFAULT_RULE
    assert set(after["domain"]["measured"]) == {"held out", "made", "photographs"}
    assert {**after, "domain": 0} == {**before, "domain": 0}
    load_checkpoint(checkpoint)
    said = capsys.readouterr().out
    assert "held out" in said and "psnr_db" in said


def test_scores_are_shares_and_a_fitted_rule_scores_well(samples: SampleSet) -> None:
    tokenizer = tiny_model().image_tokenizer
    rule = fit_rule(domain.gather(tokenizer, samples, None))
    numbers = [n for n, s in enumerate(samples.samples) if s.split == "val"]
    scores = domain_scores(tokenizer, rule, samples, numbers, made=30)
    assert scores["held_out"] > 0.9 and scores["foreign"] > 0.9
    assert scores["balanced"] == pytest.approx((scores["held_out"] + scores["foreign"]) / 2)
