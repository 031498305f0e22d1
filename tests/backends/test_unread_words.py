"""What a model did not read of a prompt, and of the words to avoid, is said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from llamavis_studio.backends.base import Backend, ImageRequest, ImageResult, ignore_steps
from llamavis_studio.backends.diffusion import DiffusionBackend
from llamavis_studio.backends.janus import JanusBackend
from llamavis_studio.backends.model_records import ModelRecord
from tests.support import tiny_diffusion
from tests.support.tiny_janus import save_janus, tiny_record

pytestmark = [pytest.mark.backends, pytest.mark.usefixtures("one_thread")]
MANY = ("stone " * 800).strip()
HAT = ImageRequest("a red hat", "item", (32, 32), seed=1)
Make = Callable[..., Backend]


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """A loaded backend, the same for the same maker."""
    made: dict[str, Backend] = {}

    def backend(maker: str, **told: Any) -> Backend:
        if maker not in made:
            folder = tmp_path_factory.mktemp(maker)
            if maker == "janus":
                made[maker] = JanusBackend(tiny_record(save_janus(folder)))
            else:
                record = ModelRecord(
                    "tiny", "diffusers", getattr(tiny_diffusion, maker)(folder, **told),
                    options={"steps": 2, "best_px": 32},
                )  # fmt: skip
                made[maker] = DiffusionBackend(record)
            made[maker].load()
        return made[maker]

    return backend


def drawn(backend: Backend, request: ImageRequest) -> ImageResult:
    (result,) = backend.generate([request], ignore_steps)
    return result


@pytest.mark.parametrize("maker", ["janus", "tiny_sd", "tiny_qwen_image"])
def test_the_end_of_either_is_told(maker: str, make: Make) -> None:
    backend = make(maker)
    short = drawn(backend, replace(HAT, negative_prompt="a stone"))
    assert (short.unread, short.unread_negative) == ("", "")
    prompt = drawn(backend, replace(HAT, prompt=MANY, negative_prompt="a stone"))
    assert prompt.unread.endswith("stone") and prompt.unread_negative == ""
    negative = drawn(backend, replace(HAT, negative_prompt=MANY))
    assert negative.unread == "" and negative.unread_negative.endswith("stone")
    # What is told not to be read is not: without it, the picture is the same.
    read = MANY.removesuffix(negative.unread_negative).strip()
    again = drawn(backend, replace(HAT, negative_prompt=read))
    assert again.unread_negative == ""
    assert np.array_equal(again.pixels, negative.pixels)


@pytest.mark.parametrize(("maker", "scale"), [("janus", 1.0), ("tiny_sd", 1.0), ("tiny_flux", 3.0)])
def test_nothing_is_told_where_words_to_avoid_do_not_count(
    maker: str, scale: float, make: Make
) -> None:
    result = drawn(make(maker), replace(HAT, negative_prompt=MANY, guidance_scale=scale))
    assert result.unread_negative == ""


def test_an_edit_that_changes_nothing_reads_nothing(make: Make) -> None:
    before = np.full((32, 32, 4), 255, np.uint8)
    same = replace(HAT, before=before, strength=0.0, negative_prompt=MANY)
    assert drawn(make("tiny_sd"), same).unread_negative == ""


def test_each_request_of_a_batch_is_told_its_own(make: Make) -> None:
    requests = [HAT, replace(HAT, negative_prompt=MANY), replace(HAT, prompt=MANY)]
    for maker in ("janus", "tiny_sd"):
        told = make(maker).generate(requests, ignore_steps)
        assert [bool(one.unread_negative) for one in told] == [False, True, False]
        assert [bool(one.unread) for one in told] == [False, False, True]
