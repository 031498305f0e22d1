"""An open game for each test; it is drawn once for all of them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from llamavis_studio.studio import Studio
from tests.file_actions.hands import built
from tests.support.studios import opened


@pytest.fixture
def studio(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, instant_backend: None
) -> Iterator[Studio]:
    root = tmp_path / "game"
    shutil.copytree(built(tmp_path_factory), root)
    with opened(root) as studio:
        yield studio
