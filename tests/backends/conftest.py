"""What tests of the built-in backend share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    import torch

    from llamavis_studio.model.checkpoint import save_checkpoint
    from tests.support.tiny_model import tiny_memory, tiny_model

    folder = tmp_path_factory.mktemp("tiny")
    model = tiny_model()
    save_checkpoint(model, folder, {"name": "tiny", "licence": "MIT"}, tiny_memory(model))
    # On a busy machine two threads that wait for each other take a hundred times as long as one.
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield folder
    torch.set_num_threads(threads)
