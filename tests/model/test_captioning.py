"""Voices are weighed, the caption that most agree with is told, like pictures are found."""

from __future__ import annotations

import pytest
import torch

from llamavis_studio.model.captioning import (
    LikePictures,
    Reading,
    Voice,
    caption_pictures,
    content_words,
    f1,
)
from llamavis_studio.model.memory import Memory
from llamavis_studio.model.unified import LlamaVis
from tests.support.tiny_model import tiny_codes, tiny_model

GRID = (8, 8)


@pytest.fixture(scope="module")
def model() -> LlamaVis:
    return tiny_model()


def memory_of(codes: torch.Tensor) -> Memory:
    count = len(codes)
    return Memory(
        GRID,
        codes.to(torch.int16),
        torch.nn.functional.normalize(torch.randn(count, 384), dim=1),
        tuple("item" if n % 2 else "creature" for n in range(count)),
        tuple(f"thing number {n}" for n in range(count)),
    )


def test_the_caption_that_shares_most_is_told() -> None:
    reading = Reading.of(
        [
            Voice("item", "a blue cup", 0.3),
            Voice("item", "a red dragon with wings", 0.2),
            Voice("creature", "a red dragon", 0.2),
            Voice("creature", "green dragon with wings", 0.3),
        ]
    )
    assert reading.text == "a red dragon with wings"
    assert reading.words["dragon"] == pytest.approx(0.7)
    assert reading.words["blue"] == pytest.approx(0.3)
    assert next(iter(reading.words)) == "dragon" and "with" not in reading.words
    assert reading.confidence == pytest.approx((0.4 + 0.7 + 0.5) / 3)
    assert reading.kind_share == pytest.approx(0.5)


def test_voices_of_one_mind_are_sure_and_silence_is_not() -> None:
    sure = Reading.of([Voice("item", "red sword", 0.5)] * 2)
    assert (sure.kind, sure.text, sure.kind_share) == ("item", "red sword", 1.0)
    assert sure.confidence == pytest.approx(1.0)
    silent = Reading.of([Voice("item", "", 1.0)])
    assert silent.text == "" and silent.confidence == 0.0 and silent.words == {}
    assert Reading.of([Voice("item", "", 0.9), Voice("item", "cup", 0.1)]).text == "cup"


def test_words_are_compared_without_the_small_ones() -> None:
    assert content_words("A red, one-eyed cat of the ice") == {"red", "eyed", "cat", "ice"}
    assert f1(frozenset(), frozenset()) == 1
    assert f1(frozenset({"red"}), frozenset()) == 0
    assert f1(frozenset({"red", "cat"}), frozenset({"cat"})) == pytest.approx(2 / 3)


def test_a_picture_of_the_memory_is_most_like_itself(model: LlamaVis) -> None:
    codes = tiny_codes(model, 40, 64)
    like = LikePictures(model.image_tokenizer.codebooks, memory_of(codes))
    for row, voices in enumerate(like.voices(codes[:5], GRID)):
        assert voices[0].text == f"thing number {row}"
        assert sum(voice.weight for voice in voices) == pytest.approx(1)
        weights = [voice.weight for voice in voices]
        assert weights == sorted(weights, reverse=True)
    assert like.voices(codes[:2], (8, 12)) == [[], []]


def test_a_memory_smaller_than_the_circle_of_neighbours_serves(model: LlamaVis) -> None:
    codes = tiny_codes(model, 3, 64)
    like = LikePictures(model.image_tokenizer.codebooks, memory_of(codes))
    assert [len(voices) for voices in like.voices(codes, GRID)] == [3, 3, 3]


def test_like_pictures_are_heard_and_can_outvote(model: LlamaVis) -> None:
    codes = tiny_codes(model, 20, 64)
    memory = memory_of(codes)
    alone = caption_pictures(model, codes[:2], GRID, samples=4)
    like = LikePictures(model.image_tokenizer.codebooks, memory)
    heard = caption_pictures(model, codes[:2], GRID, like, samples=4)
    for reading in heard:
        assert reading.words["thing"] == pytest.approx(0.5)
        assert all(0 < share <= 1 + 1e-6 for share in reading.words.values())
    assert all("thing" not in reading.words for reading in alone)


def test_the_same_picture_reads_the_same_beside_others(model: LlamaVis) -> None:
    codes = tiny_codes(model, 5, 64, 3)
    together = caption_pictures(model, codes, GRID, samples=4)
    alone = [caption_pictures(model, codes[n : n + 1], GRID, samples=4)[0] for n in range(5)]
    assert [r.text for r in together] == [r.text for r in alone]
    assert together == caption_pictures(model, codes, GRID, samples=4)
