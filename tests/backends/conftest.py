"""What tests of the built-in backend share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def one_thread() -> Iterator[None]:
    """On a busy machine two threads that wait for each other take a hundred times as long."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory, one_thread: None) -> Path:
    from llamavis_studio.model.checkpoint import save_checkpoint
    from tests.support.tiny_model import tiny_memory, tiny_model

    folder = tmp_path_factory.mktemp("tiny")
    model = tiny_model()
    save_checkpoint(model, folder, {"name": "tiny", "licence": "MIT"}, tiny_memory(model))
    return folder
