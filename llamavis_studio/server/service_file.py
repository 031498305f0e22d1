"""`.llamavis/service.json`: where the service of a project listens, and the token it asks for.

Whoever holds the lock beside it is the project's service; the file of one that died is stale.
"""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from filelock import FileLock, Timeout

from llamavis_studio.core.errors import ProjectError, ServerError
from llamavis_studio.core.write import write_atomic
from llamavis_studio.server.messages import API

NAME, _LOCK = "service.json", "service.lock"
_OWNER_ONLY = 0o600


@dataclass(frozen=True)
class ServiceFile:
    """What a plugin needs: only the user can read it."""

    api: int
    version: str
    pid: int
    port: int
    token: str

    @classmethod
    def read(cls, state_folder: Path) -> Self | None:
        """What the file says; None where there is none, or one that makes no sense."""
        try:
            told = json.loads((state_folder / NAME).read_text("utf-8"))
            found = cls(**{name: told[name] for name in cls.__dataclass_fields__})
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return found if isinstance(found.token, str) and isinstance(found.port, int) else None

    @property
    def url(self) -> str:
        """Where the service's paths begin."""
        return f"http://127.0.0.1:{self.port}/api/v{API}"


class Claim:
    """The right to be a project's service; given back by `release`, or when the process ends."""

    def __init__(self, state_folder: Path) -> None:
        self._folder = state_folder
        self._lock = FileLock(state_folder / _LOCK, mode=_OWNER_ONLY)
        self._is_told = False

    def take(self) -> bool:
        """Whether it is ours now; what a dead one left is gone then. Raises ServerError."""
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            return False
        except OSError as cause:
            raise ServerError(
                f"the service cannot be started: {cause.strerror or cause}",
                "check that the project's .llamavis folder can be written",
            ) from cause
        self._forget()
        return True

    def tell(self, service: ServiceFile) -> None:
        """Write where we listen. Raises ServerError."""
        data = json.dumps(asdict(service)).encode()
        path = self._folder / NAME
        try:
            # What a link points to, or a file that others may read, is never written to.
            path.unlink(missing_ok=True)
            write_atomic(path, data, mode=_OWNER_ONLY)
        except (OSError, ProjectError) as cause:
            raise ServerError(
                f"the service cannot say where it listens: {cause}",
                "check that the project's .llamavis folder can be written",
            ) from cause
        self._is_told = True

    def release(self) -> None:
        """End: the file goes, then the lock."""
        if self._is_told:
            self._forget()
        with contextlib.suppress(OSError):
            self._lock.release()

    def _forget(self) -> None:
        with contextlib.suppress(OSError):
            os.unlink(self._folder / NAME)
