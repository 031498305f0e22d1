"""Janus describes pictures as the published model does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from llamavis_studio.backends.base import CaptionRequest, StepProgress, ignore_steps
from llamavis_studio.backends.janus import JanusBackend, reading
from llamavis_studio.backends.janus.reading import Answer, tags_of
from llamavis_studio.core.errors import BackendError, Cancelled
from tests.support.tiny_janus import tiny_record

pytestmark = pytest.mark.backends
QUESTION = "what is it?"
ANSWER_TOKENS = 12


@pytest.fixture(scope="module")
def backend(janus_folder: Path) -> JanusBackend:
    options = {"answer_tokens": ANSWER_TOKENS, "caption_question": QUESTION, "max_batch": 4}
    found = JanusBackend(tiny_record(janus_folder, **options))
    found.load()
    return found


@pytest.fixture(scope="module")
def published(janus_folder: Path) -> tuple[Any, Any]:
    from transformers import JanusForConditionalGeneration, JanusProcessor

    return (
        JanusForConditionalGeneration.from_pretrained(janus_folder).eval(),
        JanusProcessor.from_pretrained(janus_folder),
    )


def pictures(count: int) -> list[np.ndarray[Any, np.dtype[np.uint8]]]:
    rng = np.random.default_rng(0)
    sizes = [(32, 32), (20, 48), (64, 30), (5, 9), (16, 16)]
    return [rng.integers(0, 256, (*sizes[i % 5], 3), np.uint8) for i in range(count)]


def test_sentences_and_their_confidence_are_those_of_the_published_loop(
    backend: JanusBackend, published: tuple[Any, Any]
) -> None:
    model, processor = published
    text = processor.apply_chat_template(
        [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": QUESTION}]}],
        add_generation_prompt=True,
    )
    asked = pictures(3)
    answers = backend.caption([CaptionRequest(one) for one in asked], ignore_steps)
    for picture, answer in zip(asked, answers, strict=True):
        inputs = processor(
            text=[text], images=[torch.from_numpy(picture).permute(2, 0, 1)],
            generation_mode="text", return_tensors="pt",
        )  # fmt: skip
        wanted: list[int] = []
        chances: list[float] = []
        ids, mask = inputs.input_ids, inputs.attention_mask
        for _ in range(ANSWER_TOKENS):
            with torch.no_grad():
                logits = model(
                    input_ids=ids, attention_mask=mask, pixel_values=inputs.pixel_values
                ).logits[0, -1]
            token = int(logits.argmax())
            if token == processor.tokenizer.eos_token_id:
                break
            wanted.append(token)
            chances.append(float(logits.softmax(0)[token]))
            ids = torch.cat([ids, torch.tensor([[token]])], dim=1)
            mask = torch.ones_like(ids)
        said = processor.tokenizer.decode(wanted, skip_special_tokens=True)
        shown = "".join(sign if sign.isprintable() else " " for sign in said)
        assert answer.caption == " ".join(shown.replace("\ufffd", " ").split())
        assert answer.confidence == pytest.approx(np.exp(np.log(chances).mean()), abs=2e-3)
        assert backend.ask(picture, QUESTION) == answer.caption
    assert len({answer.caption for answer in answers}) > 1  # it does look


def test_the_kind_is_the_likeliest_of_the_six(
    backend: JanusBackend, published: tuple[Any, Any]
) -> None:
    model, processor = published
    question = backend._options.kind_question
    text = processor.apply_chat_template(
        [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": question}]}],
        add_generation_prompt=True,
    )
    asked = pictures(2)
    answers = backend.caption([CaptionRequest(one) for one in asked], ignore_steps)
    for picture, answer in zip(asked, answers, strict=True):
        scores = {}
        for kind in reading.KINDS:
            inputs = processor(
                text=[f"{text} {kind}"], images=[torch.from_numpy(picture).permute(2, 0, 1)],
                generation_mode="text", return_tensors="pt",
            )  # fmt: skip
            ids = inputs.input_ids[0]
            count = len(processor.tokenizer(f" {kind}", add_special_tokens=False).input_ids)
            with torch.no_grad():
                shares = model(**inputs).logits[0].log_softmax(1)
            scores[kind] = float(shares[-count - 1 : -1].gather(1, ids[-count:, None]).mean())
        assert answer.kind == max(scores, key=scores.__getitem__)


def test_a_picture_is_read_alike_alone_and_among_others(backend: JanusBackend) -> None:
    asked = [CaptionRequest(one) for one in pictures(5)]  # more than a batch
    together = backend.caption(asked, ignore_steps)
    for request, answer in zip(asked, together, strict=True):
        assert backend.caption([request], ignore_steps) == [answer]


def test_questions_stand_beside_captions_in_one_call(backend: JanusBackend) -> None:
    first, second = pictures(2)
    asked = [
        CaptionRequest(first),
        CaptionRequest(second, QUESTION),
        CaptionRequest(first, "is it red?"),
        CaptionRequest(second),
    ]
    steps: list[StepProgress] = []
    found = backend.caption(asked, steps.append)
    assert [one.caption for one in found[1:3]] == [
        backend.ask(second, QUESTION), backend.ask(first, "is it red?"),
    ]  # fmt: skip
    assert [found[0], found[3]] == backend.caption([asked[0], asked[3]], ignore_steps)
    assert found[1].tags == ()
    assert steps[-1].done == steps[-1].total == 12


def test_captions_count_up_and_can_be_stopped(backend: JanusBackend) -> None:
    asked = [CaptionRequest(one) for one in pictures(5)]
    steps: list[StepProgress] = []
    backend.caption(asked, steps.append)
    assert [step.done for step in steps] == sorted(step.done for step in steps)
    assert {step.total for step in steps} == {steps[-1].done}

    def cancel(progress: StepProgress) -> None:
        if progress.done >= 6:
            raise Cancelled

    with pytest.raises(Cancelled):
        backend.caption(asked, cancel)
    assert backend.caption(asked[:1], ignore_steps)


def test_a_question_that_is_too_long_is_refused(backend: JanusBackend) -> None:
    with pytest.raises(BackendError, match="too long") as caught:
        backend.ask(pictures(1)[0], "why " * 600)
    assert "answer_tokens" in caught.value.hint


def test_special_tokens_in_a_question_are_no_special_tokens(backend: JanusBackend) -> None:
    assert isinstance(backend.ask(pictures(1)[0], "is <image_placeholder> it?<|eos|>"), str)


def test_transparent_pictures_are_read_on_white(backend: JanusBackend) -> None:
    clear = np.zeros((32, 32, 4), np.uint8)
    white = np.full((32, 32, 3), 255, np.uint8)
    assert backend.ask(clear, QUESTION) == backend.ask(white, QUESTION)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Red, dragon, fire.", ["red", "dragon", "fire"]),
        ("1. Sword\n2. rusty blade\n- old", ["sword", "rusty blade", "old"]),
        ("red; red, , a thing of very many words, blue", ["red", "blue"]),
        ("", []),
        ("...", []),
        (
            ", ".join(f"tag{chr(97 + i)}" for i in range(15)),
            [f"tag{chr(97 + i)}" for i in range(10)],
        ),
    ],
)
def test_lists_become_tags(text: str, wanted: list[str]) -> None:
    answer = Answer(text, tuple((sign, 0.5) for sign in text))
    found = tags_of(answer)
    assert [tag.name for tag in found] == wanted
    assert all(tag.p == pytest.approx(0.5, abs=1e-3) for tag in found)


def test_surer_tags_come_first_and_each_has_the_chance_of_its_tokens() -> None:
    parts = (("ru", 0.5), ("st,", 0.32), (" gold", 0.9), (", iron", 0.2))
    found = tags_of(Answer("rust, gold, iron", parts))
    assert [(tag.name, tag.p) for tag in found] == [("gold", 0.9), ("rust", 0.4), ("iron", 0.2)]


def test_texts_are_embedded_alike_alone_and_among_others(backend: JanusBackend) -> None:
    texts = ["red dragon", "", "stone wall", "a gold coin", "red dragon", "x" * 3000]
    together = backend.embed(texts)
    assert together.shape == (6, 64)
    for text, row in zip(texts, together, strict=True):
        assert np.abs(backend.embed([text])[0] - row).max() < 1e-5
    assert backend.embed([]).shape == (0, 64)
