"""The in-process host keeps the host contract."""

from __future__ import annotations

from llamavis_studio.backends.host import InProcessHost, ModelHost
from tests.contracts.host_contract import HostContract


class TestInProcessHost(HostContract):
    def make_host(self) -> ModelHost:
        return InProcessHost()
