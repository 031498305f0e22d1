"""The ComfyUI backend against a small server that checks every field."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import pytest

from llamavis_studio.backends.base import Backend, ImageRequest
from llamavis_studio.backends.comfyui import ComfyBackend, progress
from llamavis_studio.backends.model_records import ModelRecord
from tests.contracts.backend_contract import BackendContract
from tests.support.comfy_server import ComfyServer

pytestmark = pytest.mark.backends

TINY: dict[str, Any] = {
    "checkpoint": "tiny.safetensors", "best_px": 64, "smallest_px": 16, "steps": 4,
    "connect_s": 5.0, "idle_s": 20.0,
}  # fmt: skip


def backend_of(*addresses: str, **options: Any) -> ComfyBackend:
    values = {**TINY, "servers": list(addresses), **options}
    return ComfyBackend(ModelRecord("comfy", "comfyui", licence="OpenRAIL++", options=values))


def request(words: str = "a red dragon", seed: int = 1, **more: Any) -> ImageRequest:
    return ImageRequest(words, "item", (32, 32), seed, **more)


class TestContract(BackendContract):
    SHOWS = True
    SERVER: ClassVar[ComfyServer]

    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def _server(cls) -> Iterator[None]:
        with ComfyServer(step_ms=3) as cls.SERVER, pytest.MonkeyPatch.context() as patch:
            # A heartbeat on a busy machine would be a difference between two runs.
            patch.setattr(progress, "HEARTBEAT_S", 5.0)
            yield
        assert cls.SERVER.faults == []

    @classmethod
    def make_backend(cls) -> Backend:
        return backend_of(cls.SERVER.address)


class TestContractOfTwoServersWithoutWebsockets(TestContract):
    """Polled, and shared: nothing of it can be seen in the pictures."""

    SHOWS = False

    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def _server(cls) -> Iterator[None]:
        with (
            ComfyServer() as cls.SERVER,
            ComfyServer() as cls.OTHER,
            pytest.MonkeyPatch.context() as patch,
        ):
            cls.SERVER.refuses_sockets = cls.OTHER.refuses_sockets = True
            patch.setattr(progress, "HEARTBEAT_S", 5.0)
            patch.setattr("llamavis_studio.backends.comfyui.following._POLL_S", (0.02, 0.05))
            yield
        assert cls.SERVER.faults == cls.OTHER.faults == []

    OTHER: ClassVar[ComfyServer]

    @classmethod
    def make_backend(cls) -> Backend:
        return backend_of(cls.SERVER.address, cls.OTHER.address)
