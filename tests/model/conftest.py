"""What every model test shares."""

from __future__ import annotations

import time
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
import torch

from llamavis_studio.model.train import loop


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Tiny models are quickest on one thread, above all beside other busy processes."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def one_second_a_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """The loop asks for the time twice a step: a budget of n seconds is about n steps anywhere."""
    now = [0.0]

    def monotonic() -> float:
        now[0] += 0.5
        return now[0]

    clock = SimpleNamespace(monotonic=monotonic, perf_counter=time.perf_counter)
    monkeypatch.setattr(loop, "time", clock)
