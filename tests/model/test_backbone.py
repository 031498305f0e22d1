"""The Llama blocks: the same numbers as transformers' LlamaModel, cached or not."""

from __future__ import annotations

import pytest
import torch

from llamavis_studio.backends.torchvision_ops import prepare_torchvision
from llamavis_studio.model.backbone import (
    Backbone,
    KeyValueCache,
    attend_in_matrices,
    rotary_table,
    rotate,
)
from llamavis_studio.model.config import PRESETS, BackboneConfig
from tests.support.tiny_model import tiny_model

CONFIG = PRESETS["tiny"]


@pytest.fixture(scope="module")
def backbone() -> Backbone:
    return tiny_model(1).backbone


def causal(length: int) -> torch.Tensor:
    return torch.ones(1, 1, length, length, dtype=torch.bool).tril()


@pytest.mark.filterwarnings("ignore")  # what transformers' own modules say at import
@pytest.mark.parametrize(
    "places",
    [
        [*range(6), *range(48, 55)],  # a gap, as prompts leave one
        [*range(2), *range(-4, 0), *range(48, 55)],  # and references, below zero
    ],
)
def test_equals_transformers_llama(backbone: Backbone, places: list[int]) -> None:
    prepare_torchvision()
    transformers = pytest.importorskip("transformers")
    config = transformers.LlamaConfig(
        vocab_size=8,
        hidden_size=CONFIG.width,
        intermediate_size=CONFIG.hidden,
        num_hidden_layers=CONFIG.layers,
        num_attention_heads=CONFIG.heads,
        num_key_value_heads=CONFIG.kv_heads,
        rms_norm_eps=CONFIG.norm_eps,
        rope_parameters={"rope_type": "default", "rope_theta": CONFIG.rope_theta},
    )
    reference = transformers.LlamaModel(config).eval()
    problems = reference.load_state_dict(backbone.state_dict(), strict=False)
    assert problems.missing_keys == ["embed_tokens.weight"] and not problems.unexpected_keys

    x = torch.randn(3, 13, CONFIG.width)
    # Two rows have padding in front of the image.
    seen = torch.ones(3, 13, dtype=torch.bool)
    seen[1, 4:6] = False
    seen[2, 2:6] = False
    positions = torch.tensor(places)
    with torch.no_grad():
        theirs = reference(
            inputs_embeds=x, attention_mask=seen.long(), position_ids=positions.unsqueeze(0)
        ).last_hidden_state
        ours = backbone(x, positions, causal(13) & seen[:, None, None, :])
    assert ours.std() > 0.1
    torch.testing.assert_close(ours[seen], theirs[seen], atol=1e-4, rtol=1e-4)


def test_writing_step_by_step_equals_the_whole_at_once(backbone: Backbone) -> None:
    x, positions = torch.randn(2, 9, CONFIG.width), torch.arange(5, 14)
    whole = backbone(x, positions, causal(9))
    cache = KeyValueCache(CONFIG, 2, 9, like=x)
    first = backbone(x[:, :4], positions[:4], causal(4), cache)
    steps = [backbone(x[:, i : i + 1], positions[i : i + 1], None, cache) for i in range(4, 9)]
    assert cache.length == 9
    torch.testing.assert_close(torch.cat([first, *steps], 1), whole, atol=1e-5, rtol=1e-4)


def test_a_hidden_key_changes_nothing(backbone: Backbone) -> None:
    x, positions = torch.randn(1, 6, CONFIG.width), torch.arange(6)
    mask = causal(6)
    mask[..., 2] = False
    other = x.clone()
    other[:, 2] = 7.0
    before, after = backbone(x, positions, mask), backbone(other, positions, mask)
    torch.testing.assert_close(before[:, 3:], after[:, 3:])
    assert not torch.allclose(backbone(other, positions, causal(6))[:, 3:], after[:, 3:])


def test_training_attention_equals_the_fused_one() -> None:
    q, k, v = torch.randn(2, 4, 7, 16), torch.randn(2, 2, 7, 16), torch.randn(2, 2, 7, 16)
    mask = torch.zeros(2, 1, 7, 7).masked_fill_(~causal(7), -1e4)
    mask[1, :, :, 1] = -1e4
    fused = torch.nn.functional.scaled_dot_product_attention(q, k, v, mask, enable_gqa=True)
    torch.testing.assert_close(attend_in_matrices(q, k, v, mask), fused)


def test_recording_gradients_changes_no_result(backbone: Backbone) -> None:
    """With gradients the blocks take another path through attention: its result is the same."""
    x, positions = torch.randn(2, 8, CONFIG.width), torch.arange(8)
    plain = backbone(x, positions, causal(8))
    with torch.no_grad():
        torch.testing.assert_close(backbone(x, positions, causal(8)), plain, atol=1e-5, rtol=1e-4)


def test_rotation_depends_on_distance_alone() -> None:
    q, k = torch.randn(1, 1, 1, 16), torch.randn(1, 1, 1, 16)

    def score(at_q: int, at_k: int) -> float:
        turned = [
            rotate(x, rotary_table(torch.tensor([at]), 16, 1e4)) for x, at in ((q, at_q), (k, at_k))
        ]
        return float((turned[0] * turned[1]).sum())

    assert score(7, 4) == pytest.approx(score(53, 50), abs=1e-4)
    assert score(7, 4) != pytest.approx(score(7, 5), abs=1e-3)


@pytest.mark.parametrize("preset", ["nano", "small"])
def test_presets_have_the_promised_size(preset: str) -> None:
    config: BackboneConfig = PRESETS[preset]
    with torch.device("meta"):
        count = sum(p.numel() for p in Backbone(config).parameters())
    low, high = {"nano": (4e6, 8e6), "small": (2e7, 3e7)}[preset]
    assert low < count < high
