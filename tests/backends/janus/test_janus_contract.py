"""Janus keeps the contract of all backends, its edits and glimpses among it."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import pytest

from llamavis_studio.backends.base import Backend
from llamavis_studio.backends.janus import JanusBackend
from tests.contracts.backend_contract import BackendContract
from tests.support.tiny_janus import tiny_record

pytestmark = pytest.mark.backends


class TestJanus(BackendContract):
    SHOWS = True
    folder: ClassVar[Path]

    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def checkpoint(cls, janus_folder: Path) -> None:
        cls.folder = janus_folder

    @classmethod
    def make_backend(cls) -> Backend:
        return JanusBackend(tiny_record(cls.folder))
