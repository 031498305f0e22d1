"""Asking the service of a project, as a plugin does: by the file that it leaves."""

from __future__ import annotations

import http.client
import json
import time
from pathlib import Path
from typing import Any


class Asker:
    """Knows a project's folder only; waits for its service."""

    def __init__(self, root: Path, wait_s: float = 60) -> None:
        self._file = root / ".llamavis" / "service.json"
        end = time.monotonic() + wait_s
        while not self._file.exists():
            assert time.monotonic() < end, "no service came"
            time.sleep(0.05)
        told = json.loads(self._file.read_text("utf-8"))
        self.port: int = told["port"]
        self.token: str = told["token"]

    def call(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> tuple[int, dict[str, Any]]:
        """Status and JSON of an answer; `path` is what stands behind `/api/v1`."""
        data = None if body is None else json.dumps(body).encode()
        status, answer = self.raw(method, path, data, **headers)
        return status, json.loads(answer)

    def raw(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, bytes]:
        """Status and bytes of an answer; `Sec_Fetch_Site` stands for the header with dashes."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=90)
        sent = {"Authorization": f"Bearer {self.token}"}
        if body is not None:
            sent["Content-Type"] = "application/json"
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            line.request(method, f"/api/v1{path}", body, sent)
            answer = line.getresponse()
            return answer.status, answer.read()
        finally:
            line.close()

    def wait_until_fresh(self, seconds: float = 20) -> None:
        """Until every image fits its words."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            _, told = self.call("GET", "/status")
            if told["counts"] and set(told["counts"]) == {"fresh"} and not told["drawing"]:
                return
            time.sleep(0.02)
        raise AssertionError(f"not fresh: {told}")
