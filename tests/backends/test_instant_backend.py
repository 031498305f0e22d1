"""The test backend keeps the contract that it stands in for."""

from __future__ import annotations

from llamavis_studio.backends.base import Backend
from tests.contracts.backend_contract import BackendContract
from tests.support.instant_backend import InstantBackend


class TestInstantBackend(BackendContract):
    @classmethod
    def make_backend(cls) -> Backend:
        return InstantBackend()
