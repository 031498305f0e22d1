"""Memory that really runs out: the batch is halved, and one image that is too much fails alone."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from llamavis_studio.backends.base import ImageRequest, StepProgress, ignore_steps
from llamavis_studio.backends.model_process import ProcessSettings
from llamavis_studio.backends.out_of_memory import is_out_of_memory
from llamavis_studio.backends.process_host import ProcessHost
from llamavis_studio.backends.registry import Registry
from llamavis_studio.backends.resident import Resident, run_in_batches
from llamavis_studio.core.errors import BackendError, BackendUnavailable, OutOfMemory
from tests.contracts.host_contract import image
from tests.support import instant_backend
from tests.support.instant_backend import InstantBackend

TOO_MUCH = 2**50


def _numpy_error() -> BaseException:
    with pytest.raises(MemoryError) as caught:
        np.ones(TOO_MUCH, np.uint8)
    return caught.value


def _torch_error() -> BaseException:
    import torch

    with pytest.raises(RuntimeError) as caught:
        torch.empty(TOO_MUCH, dtype=torch.uint8)
    return caught.value


def test_real_errors_of_the_allocators_are_known() -> None:
    assert is_out_of_memory(_numpy_error())
    assert is_out_of_memory(_torch_error())


@pytest.mark.parametrize(
    "text",
    [
        "CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 8 GiB",
        "CUDA error: out of memory",
        "MPS backend out of memory (MPS allocated: 9.0 GB, other allocations: 0.1 GB)",
        "[enforce fail at alloc_cpu.cpp:127] . DefaultCPUAllocator: can't allocate memory",
        "[enforce fail at alloc_cpu.cpp:80] data. DefaultCPUAllocator: not enough memory",
        "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
        "std::bad_alloc",
    ],
)
def test_what_torch_says_on_other_machines_is_known(text: str) -> None:
    assert is_out_of_memory(RuntimeError(text))
    assert not is_out_of_memory(ValueError(text))


@pytest.mark.parametrize(
    "error", [None, RuntimeError("CUDA error: device-side assert triggered"), OSError("no memory")]
)
def test_other_faults_are_not_taken_for_it(error: BaseException | None) -> None:
    assert not is_out_of_memory(error)


def test_torch_running_out_halves_the_batch_down_to_one() -> None:
    import torch

    sizes: list[int] = []

    def call(requests: list[int], _on_step: object) -> list[int]:
        sizes.append(len(requests))
        if len(requests) > 1:
            torch.empty(TOO_MUCH, dtype=torch.uint8)
        return requests

    seen: list[StepProgress] = []
    assert run_in_batches(call, list(range(5)), 4, seen.append) == list(range(5))
    assert sizes == [4, 2, 1, 1, 1, 1, 1]


def test_one_that_does_not_fit_names_the_settings() -> None:
    def call(_requests: list[int], _on_step: object) -> list[int]:
        raise _torch_error()

    with pytest.raises(OutOfMemory, match="even one image") as caught:
        run_in_batches(call, [1, 2], 2, ignore_steps)
    assert "'device' to cpu" in caught.value.hint
    assert "'batch_size'" in caught.value.hint


class TooLarge(InstantBackend):
    """Its weights do not fit."""

    def load(self) -> None:
        raise _torch_error()


def test_a_model_that_does_not_fit_is_not_tried_in_ever_smaller_batches() -> None:
    place = f"{TooLarge.__module__}:TooLarge"
    with pytest.raises(BackendUnavailable, match="to load the backend 'large'") as caught:
        Resident(Registry({"large": place})).use("large")
    assert "'device'" in caught.value.hint


@pytest.fixture
def greedy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[ProcessHost]:
    if sys.platform != "linux":
        pytest.skip("needs a limit on a process's memory")
    from tests.support.greedy_backend import ENVIRONMENT

    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("LLAMAVIS_TEST_STATE", str(tmp_path))
    host = ProcessHost(ProcessSettings(threads=1, log_path=tmp_path / "log"))
    yield host
    host.close()


def test_a_process_without_memory_draws_one_by_one(greedy: ProcessHost, tmp_path: Path) -> None:
    requests = [image("a cat", number) for number in range(4)]
    results = greedy.generate("greedy", requests)
    for request, result in zip(requests, results, strict=True):
        assert np.array_equal(result.pixels, instant_backend.draw(request))
    calls = instant_backend.recorded(tmp_path)
    assert calls == ["load 1", *["generate 1"] * 4]


def test_a_process_without_memory_says_so_and_lives_on(greedy: ProcessHost) -> None:
    wanted = [ImageRequest("HUGE", "sprite", (16, 16), 1), image("a cat")]
    with pytest.raises(BackendError) as caught:
        greedy.generate("greedy", wanted)
    assert isinstance(caught.value, OutOfMemory)
    first = greedy.pid
    assert len(greedy.generate("greedy", [image("a cat")])) == 1
    assert greedy.pid == first
