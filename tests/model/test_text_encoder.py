"""The text encoder: equal to the reference implementation, deterministic, and light to import."""

from __future__ import annotations

import json
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from llamavis_studio.model.text_encoder import TextEncoder

FOLDER = Path(__file__).parents[2] / "resources" / "models" / "minilm"
TEXTS = ["fire dragon", "a mossy grey cobblestone wall, wet", "x", "日落 sunset beach"]


@pytest.fixture(scope="module")
def encoder() -> TextEncoder:
    return TextEncoder.load(FOLDER)


def _torchvision_without_its_library() -> None:
    """transformers imports torchvision, which fails where its compiled operators do not load."""
    for name, arguments in (
        ("nms", "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"),
        ("qnms", "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"),
    ):
        try:
            torch.library.define(f"torchvision::{name}", arguments)
        except RuntimeError:  # the real library is loaded and has defined it
            return


def test_states_equal_transformers_bert(encoder: TextEncoder) -> None:
    _torchvision_without_its_library()
    transformers = pytest.importorskip("transformers")
    sizes = json.loads((FOLDER / "config.json").read_text(encoding="utf-8"))
    config = transformers.BertConfig(**sizes)
    reference = transformers.BertModel(config, add_pooling_layer=False).eval()
    weights = {name: w.float() for name, w in load_file(FOLDER / "model.safetensors").items()}
    problems = reference.load_state_dict(weights, strict=False)
    assert not problems.unexpected_keys
    assert all("position_ids" in k or "token_type_ids" in k for k in problems.missing_keys)

    ours = encoder.encode_tokens(TEXTS)
    with torch.no_grad():
        theirs = reference(ours.ids, attention_mask=ours.mask.long()).last_hidden_state
    assert (ours.states - theirs)[ours.mask].abs().max() < 1e-4


def test_shapes_mask_and_padding(encoder: TextEncoder) -> None:
    tokens = encoder.encode_tokens(TEXTS)
    b, t, e = tokens.states.shape
    assert (b, e) == (4, encoder.width) == (4, 384)
    assert tokens.mask.dtype == torch.bool and tokens.mask.shape == tokens.ids.shape == (b, t)
    assert tokens.states.dtype == torch.float32
    assert tokens.mask[1].all() and tokens.mask[2].sum() == 3  # longest; [CLS] x [SEP]
    assert (tokens.ids[~tokens.mask] == 0).all()
    assert (tokens.states[~tokens.mask] == 0).all()


def test_a_text_means_the_same_alone_and_in_a_batch(encoder: TextEncoder) -> None:
    together = encoder.encode_tokens(TEXTS)
    alone = encoder.encode_tokens(TEXTS[:1])
    torch.testing.assert_close(
        together.states[0, : alone.states.shape[1]], alone.states[0], atol=1e-5, rtol=1e-4
    )


def test_same_text_gives_the_same_bytes(encoder: TextEncoder) -> None:
    first, second = encoder.encode_tokens(TEXTS), encoder.encode_tokens(TEXTS)
    assert torch.equal(first.states, second.states)


def test_long_texts_are_cut_and_keep_their_end_mark(encoder: TextEncoder) -> None:
    tokens = encoder.encode_tokens(["stone " * 100], max_tokens=12)
    assert tokens.ids.shape == (1, 12)
    assert tokens.ids[0, -1] == encoder.tokenizer.token_to_id("[SEP]")


def test_embed_keeps_order_and_knows_meaning(encoder: TextEncoder) -> None:
    texts = [
        "sea shore at dusk",
        "a very long sword made of iron and gold",
        "sunset beach",
        "knife",
    ]
    vectors = encoder.embed(texts, batch_size=2)
    assert vectors.shape == (4, 384)
    torch.testing.assert_close(vectors.norm(dim=1), torch.ones(4))
    for text, vector in zip(texts, vectors, strict=True):
        torch.testing.assert_close(encoder.embed([text])[0], vector, atol=1e-5, rtol=1e-4)
    likeness = vectors @ vectors.T
    assert likeness[2, 0] > likeness[2, 1] and likeness[3, 1] > likeness[3, 2]


def test_embed_of_nothing_is_empty(encoder: TextEncoder) -> None:
    assert encoder.embed([]).shape == (0, 384)


@pytest.mark.parametrize(("texts", "max_tokens"), [([], 40), (["x"], 2), (["x"], 513)])
def test_impossible_requests_are_refused(
    encoder: TextEncoder, texts: list[str], max_tokens: int
) -> None:
    with pytest.raises(ValueError):
        encoder.encode_tokens(texts, max_tokens)


def test_bf16_stays_close(encoder: TextEncoder) -> None:
    half = TextEncoder.load(FOLDER, dtype=torch.bfloat16)
    ours, theirs = encoder.embed(TEXTS), half.embed(TEXTS)
    assert (ours * theirs).sum(1).min() > 0.99


def test_weights_are_the_ones_the_config_names() -> None:
    config = json.loads((FOLDER / "config.json").read_text(encoding="utf-8"))
    assert sha256((FOLDER / "model.safetensors").read_bytes()).hexdigest() == config["sha256"]


def test_importing_it_does_not_import_transformers() -> None:
    code = (
        "import sys, llamavis_studio.model.text_encoder; print(int('transformers' in sys.modules))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "0"


def test_half_a_surrogate_pair_is_read_as_an_unknown_letter(encoder: TextEncoder) -> None:
    """Broken file names and cut-off JSON hold them; the tokenizer would refuse the whole text."""
    broken = encoder.encode_tokens(["red \ud83d dragon"])
    assert torch.equal(broken.ids, encoder.encode_tokens(["red \ufffd dragon"]).ids)
    assert encoder.token_spans("\ud83d dragon")[-2] == (2, 8)


@pytest.mark.parametrize(
    ("text", "unread"),
    [
        ("", ""),
        ("a red dragon", ""),
        (" ".join(["dragon"] * 38), ""),
        (" ".join(["dragon"] * 38) + "  ", ""),
        (" ".join(["dragon"] * 38) + " sword", "sword"),
        (" ".join(["dragon"] * 37) + " unspellableness sword", "unspellableness sword"),
    ],
)
def test_what_is_not_read_is_told_by_whole_words(
    encoder: TextEncoder, text: str, unread: str
) -> None:
    assert encoder.unread(text) == unread
