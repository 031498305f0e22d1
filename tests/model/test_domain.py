"""The rule tells smooth pictures from drawn ones, whatever the tokenizer, and says why."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from llamavis_studio.model.domain import DEFAULT_RULE, SIGNS, DomainRule, rule_of, signs
from llamavis_studio.model.image_tokenizer import ImageTokenizer
from tests.support.tiny_model import tiny_model

NAMES = [sign.name for sign in SIGNS]


@pytest.fixture(scope="module")
def tokenizer() -> ImageTokenizer:
    return tiny_model().image_tokenizer


def sprite(seed: int = 0, side: int = 32) -> np.ndarray:
    """A shaded blob in five colours with an outline."""
    rng = np.random.default_rng(seed)
    down, right = np.mgrid[:side, :side] - (side - 1) / 2
    reach = np.hypot(down, right * rng.uniform(0.8, 1.4)) / side
    out = np.zeros((side, side, 4), np.uint8)
    for edge in (0.46, 0.42, 0.3, 0.2, 0.1):
        out[reach < edge] = (*rng.integers(0, 256, 3), 255)
    return out


def photograph(side: int = 96, seed: int = 0) -> np.ndarray:
    """Smooth light and a little grain, as a camera sees it."""
    rng = np.random.default_rng(seed)
    down, right = np.mgrid[:side, :side] / side
    light = 120 + 90 * np.sin(5 * down + rng.uniform(0, 6)) * np.cos(4 * right)
    tint = np.stack([light, 0.8 * light + 30 * right, 0.6 * light + 60 * down], -1)
    return np.clip(tint + rng.normal(0, 2, tint.shape), 0, 255).astype(np.uint8)


def test_signs_are_what_they_are_named_after(tokenizer: ImageTokenizer) -> None:
    rows = signs(tokenizer, [sprite(), photograph(256), np.zeros((8, 8, 4), np.uint8)])
    drawn, seen, clear = (dict(zip(NAMES, row, strict=True)) for row in rows)
    assert drawn["large"] == 0 and seen["large"] == pytest.approx(2)
    assert seen["colours"] > 2 > drawn["colours"]
    assert drawn["few_equal"] == drawn["many_equal"] > 0.6 > 0.2 > seen["few_equal"]
    assert seen["smooth"] > 0.7 and drawn["smooth"] < 0.1
    assert clear["many_equal"] == 1 and np.isfinite(rows).all()


def test_a_picture_is_judged_alone(tokenizer: ImageTokenizer) -> None:
    pictures = [sprite(1), photograph(40), sprite(2), photograph(33)]
    together = signs(tokenizer, pictures)
    for picture, row in zip(pictures, together, strict=True):
        np.testing.assert_allclose(signs(tokenizer, [picture])[0], row, atol=1e-3)


@pytest.mark.parametrize("side", [32, 50, 96, 300])
def test_photographs_are_outside_and_told_why(tokenizer: ImageTokenizer, side: int) -> None:
    rows = signs(tokenizer, [photograph(side, seed) for seed in range(4)])
    # However well a tokenizer wrote them: the signs of the pixels are enough.
    rows[:, NAMES.index("psnr_db")] = 40
    assert (DEFAULT_RULE.shares(rows) < 0.5).all()
    reasons = DEFAULT_RULE.reasons(rows[0])
    assert 1 <= len(reasons) <= 3
    assert set(reasons) <= {sign.against for sign in SIGNS}
    large = "it is larger than what the model was taught"
    assert (large in reasons) == (side == 300)


def test_sprites_that_the_tokenizer_writes_well_are_inside(tokenizer: ImageTokenizer) -> None:
    rows = signs(tokenizer, [sprite(seed) for seed in range(8)])
    rows[:, NAMES.index("psnr_db")] = 24
    assert (DEFAULT_RULE.shares(rows) > 0.5).mean() > 0.8
    rows[:, NAMES.index("psnr_db")] = 3
    assert (DEFAULT_RULE.shares(rows) < 0.5).all()


def test_soft_alpha_and_missing_alpha_are_understood(tokenizer: ImageTokenizer) -> None:
    opaque = photograph(32)
    with_alpha = np.dstack([opaque, np.full((32, 32), 255, np.uint8)])
    np.testing.assert_allclose(signs(tokenizer, [opaque]), signs(tokenizer, [with_alpha]))
    faint = sprite()
    faint[..., 3] = np.where(faint[..., 3] > 0, 200, 60)
    rows = signs(tokenizer, [faint, sprite()])
    assert rows[0, :5] == pytest.approx(rows[1, :5])


def test_a_rule_survives_json_and_broken_ones_are_refused() -> None:
    values = DEFAULT_RULE.to_json()
    assert DomainRule.from_json(values) == DEFAULT_RULE
    other = {**values, "bias": 1.5}
    assert rule_of({"domain": other}).bias == 1.5
    for broken in (
        {**values, "signs": NAMES[:-1]},
        {**values, "weights": values["weights"][:-1]},
        {**values, "scale": [0.0] * len(NAMES)},
        {**values, "bias": float("nan")},
        {**values, "middle": None},
        {},
    ):
        with pytest.raises(ValueError):
            DomainRule.from_json(broken)
        assert rule_of({"domain": broken}) == DEFAULT_RULE
    assert rule_of({}) == DEFAULT_RULE


def test_signs_leave_the_tokenizer_and_the_pictures_alone(tokenizer: ImageTokenizer) -> None:
    picture = sprite()
    before, weights = picture.copy(), {k: v.clone() for k, v in tokenizer.state_dict().items()}
    signs(tokenizer, [picture])
    assert np.array_equal(picture, before)
    assert all(torch.equal(v, weights[k]) for k, v in tokenizer.state_dict().items())
