"""What every model host must do; a test class inherits this and says how to make one.

All of it runs on the `instant` backend, which the environment makes known.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from llamavis_studio.backends.base import CaptionRequest, ImageRequest, StepProgress
from llamavis_studio.backends.host import ModelHost, ModelState
from llamavis_studio.core.errors import (
    BackendError,
    BackendUnavailable,
    Cancelled,
    ModelMissing,
    OutOfMemory,
)
from tests.support import instant_backend


def image(prompt: str, seed: int = 1, size_px: tuple[int, int] = (16, 16)) -> ImageRequest:
    return ImageRequest(prompt, "sprite", size_px, seed)


class HostContract:
    def make_host(self) -> ModelHost:
        raise NotImplementedError

    @pytest.fixture
    def state(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
        """The folder in which the backend keeps its notes."""
        for name, value in instant_backend.ENVIRONMENT.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("LLAMAVIS_TEST_STATE", str(tmp_path))
        return tmp_path

    @pytest.fixture
    def host(self, state: Path) -> Iterator[ModelHost]:
        host = self.make_host()
        yield host
        host.close()

    def test_images_come_back_exactly_and_in_order(self, host: ModelHost) -> None:
        requests = [image("a cat", 1), image("a dog", 2, (40, 8)), image("猫", 3)]
        results = host.generate("instant", requests)
        assert [result.seed for result in results] == [1, 2, 3]
        for request, result in zip(requests, results, strict=True):
            assert np.array_equal(result.pixels, instant_backend.draw(request))
            assert result.expanded_prompt == f"sprite: {request.prompt}"

    def test_every_field_of_a_request_arrives(self, host: ModelHost) -> None:
        request = ImageRequest(
            prompt="moss",
            kind="texture",
            size_px=(24, 12),
            seed=2**32 - 1,
            negative_prompt="text",
            guidance_scale=3.5,
            temperature=0.7,
            top_p=0.9,
            tileable=True,
            transparent=False,
            references=(np.arange(48, dtype=np.uint8).reshape(4, 4, 3), np.zeros((1, 2, 4), "u1")),
        )
        (result,) = host.generate("instant", [request])
        assert np.array_equal(result.pixels, instant_backend.draw(request))

    def test_results_may_be_written_to(self, host: ModelHost) -> None:
        (result,) = host.generate("instant", [image("a cat")])
        result.pixels[0, 0] = 1

    def test_captions_and_vectors(self, host: ModelHost) -> None:
        red = np.zeros((8, 8, 3), np.uint8)
        red[..., 0] = 200
        clear = np.zeros((8, 8, 4), np.uint8)
        answers = host.caption("instant", [CaptionRequest(red), CaptionRequest(clear)])
        assert [answer.caption for answer in answers] == ["a red texture", "a red sprite"]
        assert answers[0].tags[0].name == "red"
        vectors = host.embed("instant", ["a", "b", "a"])
        assert vectors.shape == (3, 16)
        assert np.array_equal(vectors[0], vectors[2])

    def test_nothing_asked(self, host: ModelHost) -> None:
        assert host.generate("instant", []) == []
        assert host.caption("instant", []) == []

    def test_steps_reach_the_caller(self, host: ModelHost) -> None:
        steps: list[StepProgress] = []
        host.generate("instant", [image("a cat")], steps.append)
        assert steps == [StepProgress(n, 8) for n in range(1, 9)]

    def test_glimpses_reach_the_caller_whole_and_in_time(self, host: ModelHost) -> None:
        requests = [
            replace(image("a cat", 1), name="cat.png", watched=True),
            replace(image("猫", 2, (40, 8)), name="猫.png", watched=True),
            image("a dog", 3),
        ]
        steps: list[StepProgress] = []
        host.generate("instant", requests, steps.append)
        assert len(steps) == 8
        for step in steps:
            assert [one.name for one in step.glimpses] == ["cat.png", "猫.png"]
            for one, request in zip(step.glimpses, requests[:2], strict=True):
                wanted = instant_backend.glimpse(request, step.done)
                assert np.array_equal(one.pixels, wanted.pixels)

    def test_who_does_not_watch_is_shown_nothing(self, host: ModelHost) -> None:
        steps: list[StepProgress] = []
        host.generate("instant", [replace(image("a cat"), name="cat.png")], steps.append)
        assert [step.glimpses for step in steps] == [()] * 8

    def test_the_state_tells_when_the_model_is_in_memory(self, host: ModelHost) -> None:
        seen = [host.state]
        host.generate("instant", [image("a cat")], lambda _step: seen.append(host.state))
        assert seen == [ModelState.ASLEEP, *[ModelState.WORKING] * 8]
        assert host.state is ModelState.READY
        host.close()
        assert host.state is ModelState.ASLEEP

    def test_the_devices_begin_with_the_processor(self, host: ModelHost) -> None:
        found = host.devices()
        assert (found[0].name, found[0].kind) == ("cpu", "cpu")
        assert found[0].label
        assert [one.best for one in found].count(True) == 1
        for one in found:
            if one.total_bytes is not None and one.free_bytes is not None:
                assert 0 < one.free_bytes <= one.total_bytes

    def test_many_requests_go_in_batches_with_one_progress(
        self, host: ModelHost, state: Path
    ) -> None:
        steps: list[StepProgress] = []
        results = host.generate("instant", [image("x", n) for n in range(40)], steps.append)
        assert [result.seed for result in results] == list(range(40))
        assert instant_backend.recorded(state)[1:] == ["generate 16", "generate 16", "generate 8"]
        shares = [step.done / step.total for step in steps]
        assert shares == sorted(shares)
        assert shares[-1] == 1.0

    def test_info_loads_nothing(self, host: ModelHost, state: Path) -> None:
        assert host.info("instant").revision == "instant-1"
        assert host.resident() is None
        assert instant_backend.recorded(state) == []

    def test_a_backend_is_loaded_once_and_stays(self, host: ModelHost, state: Path) -> None:
        host.generate("instant", [image("a cat")])
        host.generate("instant", [image("a dog")])
        assert host.resident() == "instant"
        assert instant_backend.recorded(state).count("load 1") == 1

    def test_only_one_backend_is_resident(
        self, host: ModelHost, state: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        place = instant_backend.ENVIRONMENT["LLAMAVIS_TEST_BACKENDS"]
        monkeypatch.setenv("LLAMAVIS_TEST_BACKENDS", place + "," + place.replace("=", "2=", 1))
        host.close()
        two = self.make_host()
        try:
            two.generate("instant", [image("a cat")])
            two.generate("instant2", [image("a cat")])
            assert two.resident() == "instant2"
        finally:
            two.close()
        calls = [call for call in instant_backend.recorded(state) if "generate" not in call]
        assert calls == ["load 1", "unload 1", "load 1", "unload 1"]

    def test_an_unknown_backend_is_named_with_its_nearest(self, host: ModelHost) -> None:
        with pytest.raises(BackendUnavailable, match="no backend named 'instnat'") as caught:
            host.generate("instnat", [image("a cat")])
        assert caught.value.hint == "did you mean 'instant'?"

    def test_a_fault_in_a_backend_is_a_backend_error_and_the_host_lives_on(
        self, host: ModelHost
    ) -> None:
        with pytest.raises(BackendError, match="RuntimeError: the tensor is not") as caught:
            host.generate("instant", [image("FAIL")])
        assert caught.value.hint
        assert len(host.generate("instant", [image("a cat")])) == 1

    def test_expected_errors_keep_class_message_and_hint(self, host: ModelHost) -> None:
        with pytest.raises(ModelMissing, match="the weights are not here") as caught:
            host.generate("instant", [image("MISSING")])
        assert caught.value.hint == "run 'llamavis models fetch instant'"

    def test_pixels_of_the_wrong_shape_are_refused(self, host: ModelHost) -> None:
        with pytest.raises(BackendError, match=r"\(16, 16\), where uint8 \(height, width, 4\)"):
            host.generate("instant", [image("WRONG")])

    def test_out_of_memory_halves_the_batch(self, host: ModelHost, state: Path) -> None:
        requests = [image("OOM", n) for n in range(6)]
        results = host.generate("instant", requests)
        for request, result in zip(requests, results, strict=True):
            assert np.array_equal(result.pixels, instant_backend.draw(request))
        sizes = [call.split()[1] for call in instant_backend.recorded(state)[1:]]
        assert sizes == ["6", "3", "1", "1", "1", "1", "1", "1"]

    def test_one_image_that_does_not_fit_is_out_of_memory(self, host: ModelHost) -> None:
        with pytest.raises(OutOfMemory):
            host.generate("instant", [image("OOM1"), image("a cat")])
        assert len(host.generate("instant", [image("a cat")])) == 1

    def test_a_step_can_cancel(self, host: ModelHost) -> None:
        seen = []

        def step(progress: StepProgress) -> None:
            seen.append(progress.done)
            if progress.done == 2:
                raise Cancelled

        with pytest.raises(Cancelled):
            host.generate("instant", [image("SLOW")], step)
        assert seen == [1, 2]
        assert len(host.generate("instant", [image("a cat")])) == 1

    def test_what_a_step_raises_reaches_the_caller(self, host: ModelHost) -> None:
        def step(_progress: StepProgress) -> None:
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            host.generate("instant", [image("SLOW")], step)
        assert len(host.generate("instant", [image("a cat")])) == 1

    def test_cancel_from_another_thread_ends_the_call_soon(self, host: ModelHost) -> None:
        host.generate("instant", [image("a cat")])
        started = threading.Event()

        def cancel() -> None:
            started.wait(10)
            host.cancel()

        other = threading.Thread(target=cancel)
        other.start()
        began = time.monotonic()
        with pytest.raises(Cancelled):
            host.generate(
                "instant", [image("SLOW", n) for n in range(160)], lambda _step: started.set()
            )
        other.join()
        assert time.monotonic() - began < 3  # all of them take four seconds and more
        assert len(host.generate("instant", [image("a cat")])) == 1

    def test_cancel_of_nothing_does_not_hit_the_next_call(self, host: ModelHost) -> None:
        host.cancel()
        assert len(host.generate("instant", [image("a cat")])) == 1

    def test_close_cancels_the_call_under_way(self, host: ModelHost) -> None:
        started = threading.Event()
        ended: list[BaseException] = []

        def work() -> None:
            try:
                host.generate(
                    "instant", [image("SLOW", n) for n in range(64)], lambda _step: started.set()
                )
            except Cancelled as error:
                ended.append(error)

        other = threading.Thread(target=work)
        other.start()
        assert started.wait(30)
        began = time.monotonic()
        host.close()
        other.join(10)
        assert time.monotonic() - began < 5
        assert len(ended) == 1

    def test_a_closed_host_takes_no_work_and_closes_twice(self, host: ModelHost) -> None:
        host.close()
        host.close()
        with pytest.raises(BackendUnavailable, match="closing"):
            host.generate("instant", [image("a cat")])
