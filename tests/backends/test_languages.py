"""Chinese prompts reach models that read English only in English, wherever they run."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from llamavis_studio.backends.base import BackendInfo, ImageRequest, ImageResult, ignore_steps
from llamavis_studio.backends.languages import understood
from llamavis_studio.backends.registry import Registry
from llamavis_studio.backends.resident import Resident

ENGLISH = BackendInfo("plain", "plain", "1", "MIT", languages=("en",))
BEACH = ImageRequest("日落海滩", "background", (96, 64), seed=1, negative_prompt="房子")


class PlainBackend:
    """Answers with the prompt that it was given."""

    LANGUAGES: tuple[str, ...] = ("en",)

    def info(self) -> BackendInfo:
        return replace(ENGLISH, languages=self.LANGUAGES)

    def load(self) -> None: ...
    def unload(self) -> None: ...
    def caption(self, requests: object, on_step: object) -> list[object]:
        return []

    def embed(self, texts: list[str]) -> np.ndarray:
        return np.zeros((len(texts), 1), np.float32)

    def generate(self, requests: list[ImageRequest], on_step: object) -> list[ImageResult]:
        pixels = np.zeros((4, 4, 4), np.uint8)
        return [
            ImageResult(pixels, f"{one.prompt} | {one.negative_prompt}", one.seed)
            for one in requests
        ]


class BothBackend(PlainBackend):
    LANGUAGES = ("en", "zh")


def drawn(kind: type, request: ImageRequest) -> ImageResult:
    resident = Resident(Registry({"plain": f"{__name__}:{kind.__name__}"}))
    (result,) = resident.generate("plain", [request], ignore_steps)
    return result


def test_the_words_are_put_into_english_and_told() -> None:
    result = drawn(PlainBackend, BEACH)
    assert result.expanded_prompt == "sunset beach | house"
    assert result.glosses == (("日落", "sunset"), ("海滩", "beach"))


def test_a_model_that_reads_chinese_gets_it_as_it_is() -> None:
    result = drawn(BothBackend, BEACH)
    assert result.expanded_prompt == "日落海滩 | 房子"
    assert result.glosses == ()


def test_words_that_no_dictionary_knows_are_named() -> None:
    result = drawn(PlainBackend, replace(BEACH, prompt="日落㐀㐁"))
    assert "sunset" in result.expanded_prompt
    assert "㐀㐁" in "".join(result.unknown_words)


def test_english_prompts_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(_text: str) -> SimpleNamespace:
        raise AssertionError("the dictionary is read for Chinese only")

    monkeypatch.setattr("llamavis_studio.model.gloss.gloss", never)
    request = replace(BEACH, prompt="sunset beach", negative_prompt="")
    (one,) = understood(ENGLISH, [request])
    assert one.request is request and one.glosses == ()


def test_a_model_of_another_language_is_given_the_prompt_as_it_is() -> None:
    (one,) = understood(replace(ENGLISH, languages=("ja",)), [BEACH])
    assert one.request is BEACH
