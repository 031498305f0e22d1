"""A worker of a cluster: one loaded backend in a process of its own, on any machine.

Ray calls its methods: those that work one after another in one thread, ``steps`` and ``cancel`` in
another, so that they are answered while a model draws. Nothing is imported here before the
environment is set, since libraries read their thread counts once. Whatever goes wrong is an answer.
"""

from __future__ import annotations

import os
import pickle
import platform
import threading
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from llamavis_studio.backends.base import StepProgress
    from llamavis_studio.core.errors import LlamaVisError

GENERATE, CAPTION, EMBED = "generate", "caption", "embed"


@dataclass(frozen=True)
class Trouble:
    """A failure on a worker; ``error`` is the name of a class in ``core.errors``."""

    error: str
    message: str
    hint: str = ""
    trace: str = ""

    def as_error(self) -> LlamaVisError:
        """The error that it was on the worker, with its trace."""
        from llamavis_studio.core import errors

        kind = getattr(errors, self.error, None)
        if not (isinstance(kind, type) and issubclass(kind, errors.LlamaVisError)):
            kind = errors.BackendError
        error = kind(self.message, self.hint)
        if self.trace:
            error.__cause__ = RuntimeError(self.trace)
        return error


@dataclass(frozen=True)
class Arrival:
    """A worker that has loaded a backend: its node and machine, and what it would draw with."""

    place: str
    host: str
    version: str
    revision: str


@dataclass(frozen=True)
class Work:
    """One chunk: ``requests`` pickled, and the files of the styles they name."""

    number: int
    kind: str
    backend: str
    requests: bytes
    batch_limit: int = 0
    styles: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True)
class Done:
    """The answer to a chunk, with the steps that were not told before."""

    results: bytes
    steps: tuple[StepProgress, ...]


class Worker:
    """See the module. ``environment`` is set before anything is imported."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        os.environ.update(environment)
        from llamavis_studio.backends.registry import Registry
        from llamavis_studio.backends.resident import Resident

        self._registry = Registry()
        self._resident = Resident(self._registry)
        self._lock = threading.Lock()
        self._steps: list[StepProgress] = []
        # Work up to this number was given up.
        self._cancelled_up_to = -1

    def load(self, backend: str) -> Arrival | Trouble:
        """Load a backend."""

        def load() -> Arrival:
            revision = self._resident.use(backend).info().revision
            from llamavis_studio import __version__

            return Arrival(_node_id(), platform.node(), __version__, revision)

        return _answered(load)

    def work(self, work: Work) -> Done | Trouble:
        """Do one chunk."""

        def step(progress: StepProgress) -> None:
            with self._lock:
                self._steps.append(progress)
            self._give_up_if_cancelled(work.number)

        def done() -> Done:
            with self._lock:
                self._steps.clear()
            self._give_up_if_cancelled(work.number)
            results: Any
            if work.kind == EMBED:
                (texts,) = pickle.loads(work.requests)
                results = [self._resident.embed(work.backend, texts)]
            elif work.kind == CAPTION:
                asked = pickle.loads(work.requests)
                results = self._resident.caption(work.backend, asked, step, work.batch_limit)
            else:
                from llamavis_studio.backends.cluster.styles import with_own_styles

                with with_own_styles(pickle.loads(work.requests), work.styles) as asked:
                    results = self._resident.generate(work.backend, asked, step, work.batch_limit)
            return Done(pickle.dumps(results, pickle.HIGHEST_PROTOCOL), tuple(self._taken()))

        return _answered(done)

    def unload(self) -> None:
        """Give the backend's memory back in good order."""
        self._resident.unload()

    def steps(self) -> tuple[StepProgress, ...]:
        """The steps since it was asked last; also a sign of life."""
        return tuple(self._taken())

    def cancel(self, number: int) -> None:
        """Give this work up, and all before it, at the next step."""
        self._cancelled_up_to = max(self._cancelled_up_to, number)

    def _taken(self) -> list[StepProgress]:
        with self._lock:
            taken, self._steps = self._steps, []
        return taken

    def _give_up_if_cancelled(self, number: int) -> None:
        if number <= self._cancelled_up_to:
            from llamavis_studio.core.errors import Cancelled

            raise Cancelled


def _node_id() -> str:
    """Ray's name of the node that this runs on."""
    import ray

    return str(ray.get_runtime_context().get_node_id())


Answer = TypeVar("Answer")


def _answered(call: Callable[[], Answer]) -> Answer | Trouble:
    """What ``call`` gives, or its failure as an answer."""
    from llamavis_studio.core.errors import LlamaVisError

    try:
        return call()
    except LlamaVisError as error:
        # The cause is the backend's own; a wanted error without one needs no trace.
        trace = traceback.format_exc() if error.__cause__ is not None else ""
        return Trouble(type(error).__name__, error.message, error.hint, trace)
    except Exception as error:  # noqa: BLE001 - the outermost frame of a worker's work
        return Trouble(
            "BackendError",
            f"a worker of the cluster failed: {type(error).__name__}: {error}",
            "this is a fault in the studio; the log has the details",
            traceback.format_exc(),
        )
