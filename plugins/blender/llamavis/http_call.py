# SPDX-License-Identifier: GPL-3.0-or-later
"""One question to the service over loopback, with its answer or a failure in words.

`http.client` and not `urllib`: a proxy of the environment must never see the token.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import threading
from dataclasses import dataclass, field
from typing import Any

from .service_file import ServiceFile

API = 1
_MOST_BYTES = 64 << 20


@dataclass(frozen=True)
class Failure(Exception):  # noqa: N818 - it is what the service calls it
    """Why something was not done: `code` for programs, `message` and `hint` for people."""

    code: str
    message: str
    hint: str = ""
    status: int = 0
    problems: tuple[dict[str, Any], ...] = field(default=(), compare=False)


class Line:
    """Calls that another thread can end at any moment."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: set[http.client.HTTPConnection] = set()
        self._is_cut = False

    def cut(self) -> None:
        """End every call that waits; those to come fail at once."""
        with self._lock:
            self._is_cut = True
            for one in self._open:
                if one.sock is not None:
                    with contextlib.suppress(OSError):
                        one.sock.shutdown(socket.SHUT_RDWR)

    def call(
        self, told: ServiceFile, method: str, path: str, body: Any = None, timeout_s: float = 10.0
    ) -> dict[str, Any]:
        """The JSON object that answers; `path` is what stands behind `/api/v1`.

        Raises Failure for an answer that says no, OSError or http.client.HTTPException where
        nobody answers.
        """
        connection = http.client.HTTPConnection("127.0.0.1", told.port, timeout=timeout_s)
        headers = {"Authorization": f"Bearer {told.token}", "Accept": "application/json"}
        data = None
        if method != "GET":
            data = json.dumps({} if body is None else body).encode()
            headers["Content-Type"] = "application/json"
        try:
            connection.connect()
            with self._lock:
                if self._is_cut:
                    raise ConnectionAbortedError("the extension is ending")
                self._open.add(connection)
            connection.request(method, f"/api/v{API}{path}", data, headers)
            answer = connection.getresponse()
            return _read(answer.status, answer.read(_MOST_BYTES))
        finally:
            with self._lock:
                self._open.discard(connection)
            connection.close()


def _read(status: int, data: bytes) -> dict[str, Any]:
    try:
        found = json.loads(data)
    except ValueError:
        found = None
    if status < 400 and isinstance(found, dict):
        return found
    told = found.get("error") if isinstance(found, dict) else None
    if not isinstance(told, dict):
        raise Failure("strange", "something else than the studio answers at its place", "", status)
    problems = told.get("problems")
    raise Failure(
        str(told.get("code", "")),
        str(told.get("message", "")),
        str(told.get("hint", "")),
        status,
        tuple(one for one in problems if isinstance(one, dict)) if problems else (),
    )
