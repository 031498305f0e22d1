"""Where backends run: one protocol, in this process or in one of their own.

Everyone above the backends holds a :class:`ModelHost` and never a backend. The studio uses
:class:`llamavis_studio.backends.process_host.ProcessHost`; the command line's single shots and the
tests may use :class:`InProcessHost`, which answers the same (one contract suite checks both).
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Protocol, TypeVar

from llamavis_studio.backends.base import (
    BackendInfo,
    CaptionRequest,
    CaptionResult,
    ImageRequest,
    ImageResult,
    OnStep,
    StepProgress,
    Vectors,
    ignore_steps,
)
from llamavis_studio.backends.devices import devices
from llamavis_studio.backends.registry import Registry
from llamavis_studio.backends.resident import Resident
from llamavis_studio.core.device import Device
from llamavis_studio.core.errors import BackendError, BackendUnavailable, Cancelled

CLOSE_TIMEOUT_S = 5.0
"""How long closing waits for the work under way."""

Answer = TypeVar("Answer")


class ModelState(StrEnum):
    """What a model does: it sleeps when it is in no memory."""

    ASLEEP = "asleep"
    LOADING = "loading"
    READY = "ready"
    WORKING = "working"


class ModelHost(Protocol):
    """Runs backends. One call at a time; a second thread waits for its turn.

    ``on_step`` is called after each step, in the thread of the caller; what it raises ends the
    call. Errors are of the family ``BackendError``, or ``Cancelled``. A backend is loaded when it
    is first needed, and stays until another is needed.
    """

    def generate(
        self,
        backend_name: str,
        requests: Sequence[ImageRequest],
        on_step: OnStep = ignore_steps,
    ) -> list[ImageResult]:
        """One image a request, in their order; any number of requests."""

    def caption(
        self,
        backend_name: str,
        requests: Sequence[CaptionRequest],
        on_step: OnStep = ignore_steps,
    ) -> list[CaptionResult]:
        """Words for each image, in their order."""

    def embed(self, backend_name: str, texts: Sequence[str]) -> Vectors:
        """One unit-length row a text, (n, d) float32."""

    def info(self, backend_name: str) -> BackendInfo:
        """What the backend is and can do; loads nothing."""

    def resident(self) -> str | None:
        """The name of the backend in memory, or None."""

    def devices(self) -> tuple[Device, ...]:
        """What may draw here, the processor first; the first time it takes some seconds."""

    @property
    def state(self) -> ModelState:
        """What the model does just now; cheap, from any thread."""

    def workers_for(self, backend_name: str, count: int) -> int:
        """How many draw ``count`` images beside each other; one alone takes that much longer."""

    def cancel(self) -> None:
        """Make the call under way raise ``Cancelled``; from any thread; nothing when idle."""

    def close(self) -> None:
        """Cancel, wait at most 5 s, and free everything; calls after it are refused."""


def closed_error() -> BackendUnavailable:
    """What a call to a closed host raises."""
    return BackendUnavailable("the studio is closing; no new work is taken")


def prefer_passive_threads() -> None:
    """Let OpenMP's idle threads sleep instead of spin, if torch is still to be imported.

    With one other busy process on two cores this makes small models 3 to 4 times faster.
    """
    if "torch" not in sys.modules:
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


class InProcessHost:
    """Backends in this process: no start-up cost, no protection from a crash, no idle unload."""

    def __init__(self, registry: Registry | None = None) -> None:
        self._registry = registry or Registry()
        self._resident = Resident(self._registry)
        self._turn = threading.Lock()
        self._cancelled: threading.Event | None = None
        self._closed = False

    def generate(
        self,
        backend_name: str,
        requests: Sequence[ImageRequest],
        on_step: OnStep = ignore_steps,
    ) -> list[ImageResult]:
        """See ``ModelHost``."""
        return self._run(
            lambda step: self._resident.generate(backend_name, requests, step), on_step
        )

    def caption(
        self,
        backend_name: str,
        requests: Sequence[CaptionRequest],
        on_step: OnStep = ignore_steps,
    ) -> list[CaptionResult]:
        """See ``ModelHost``."""
        return self._run(lambda step: self._resident.caption(backend_name, requests, step), on_step)

    def embed(self, backend_name: str, texts: Sequence[str]) -> Vectors:
        """See ``ModelHost``."""
        return self._run(lambda _step: self._resident.embed(backend_name, texts), ignore_steps)

    def info(self, backend_name: str) -> BackendInfo:
        """See ``ModelHost``."""
        return self._registry.create(backend_name).info()

    def resident(self) -> str | None:
        """See ``ModelHost``."""
        return self._resident.name

    def devices(self) -> tuple[Device, ...]:
        """See ``ModelHost``."""
        prefer_passive_threads()
        return devices()

    @property
    def state(self) -> ModelState:
        """See ``ModelHost``."""
        if self._cancelled is None:
            return ModelState.ASLEEP if self._resident.name is None else ModelState.READY
        return ModelState.LOADING if self._resident.name is None else ModelState.WORKING

    def workers_for(self, _backend_name: str, _count: int) -> int:
        """See ``ModelHost``."""
        return 1

    def cancel(self) -> None:
        """See ``ModelHost``; acts at the next step."""
        cancelled = self._cancelled
        if cancelled is not None:
            cancelled.set()

    def close(self) -> None:
        """See ``ModelHost``."""
        self._closed = True
        self.cancel()
        if self._turn.acquire(timeout=CLOSE_TIMEOUT_S):
            try:
                self._resident.unload()
            finally:
                self._turn.release()

    def _run(self, call: Callable[[OnStep], Answer], on_step: OnStep) -> Answer:
        with self._turn:
            if self._closed:
                raise closed_error()
            cancelled = self._cancelled = threading.Event()

            raised: list[Exception] = []

            def step(progress: StepProgress) -> None:
                try:
                    on_step(progress)
                except Exception as error:
                    raised.append(error)
                    raise
                if cancelled.is_set():
                    raise Cancelled

            prefer_passive_threads()
            try:
                return call(step)
            except BackendError:
                # What the caller's own on_step raised is no fault of the backend.
                if raised:
                    raise raised[0] from None
                raise
            finally:
                self._cancelled = None
