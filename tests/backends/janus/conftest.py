"""What the tests of Janus share: one tiny checkpoint."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def janus_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.support.tiny_janus import save_janus

    return save_janus(tmp_path_factory.mktemp("janus"))


@pytest.fixture(scope="package", autouse=True)
def one_thread() -> Iterator[None]:
    """On a busy machine two threads that wait for each other take a hundred times as long as
    one.
    """
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
