"""The one backend in memory: loading, batches, and the translation of its failures.

Both hosts work through this class, one in the studio's own process and one in the model process,
so that they cannot come to behave differently.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Protocol, TypeVar

import numpy as np

from llamavis_studio.backends.base import (
    Backend,
    CaptionRequest,
    CaptionResult,
    ImageRequest,
    ImageResult,
    OnStep,
    StepProgress,
    Vectors,
)
from llamavis_studio.backends.devices import return_freed_memory
from llamavis_studio.backends.languages import understood
from llamavis_studio.backends.out_of_memory import MEMORY_HINT, is_out_of_memory
from llamavis_studio.backends.registry import Registry
from llamavis_studio.core.errors import (
    BackendError,
    BackendUnavailable,
    LlamaVisError,
    OutOfMemory,
)

Request = TypeVar("Request")
Result = TypeVar("Result")


class LoadedBackend(Protocol):
    """What a model process works with: a backend of its own, or the workers of a cluster."""

    @property
    def name(self) -> str | None:
        """The loaded backend's name, or None."""

    def use(self, name: str) -> object:
        """Have the named backend loaded."""

    def unload(self) -> None:
        """Give the memory of the loaded backend back."""

    def generate(
        self, name: str, requests: Sequence[ImageRequest], on_step: OnStep, batch_limit: int = 0
    ) -> list[ImageResult]:
        """One image a request."""

    def caption(
        self, name: str, requests: Sequence[CaptionRequest], on_step: OnStep, batch_limit: int = 0
    ) -> list[CaptionResult]:
        """Words for each image."""

    def embed(self, name: str, texts: Sequence[str]) -> Vectors:
        """One unit-length row a text, (n, d) float32."""


class Resident:
    """At most one loaded backend; asking for another unloads it first."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._backend: Backend | None = None
        self._name: str | None = None
        self._stamp: object = None

    @property
    def name(self) -> str | None:
        """The loaded backend's name, or None."""
        return self._name

    def use(self, name: str) -> Backend:
        """The named backend, loaded."""
        stamp = self._registry.stamp(name)
        if self._backend is not None and self._name == name and self._stamp == stamp:
            return self._backend
        self.unload()
        backend = self._registry.create(name)
        try:
            with translated(name):
                backend.load()
        except OutOfMemory as error:
            # No smaller batch would help: nothing is to be tried again.
            raise BackendUnavailable(
                f"there is not enough memory to load the backend '{name}'", MEMORY_HINT
            ) from error
        self._backend, self._name, self._stamp = backend, name, stamp
        return backend

    def unload(self) -> None:
        """Give the memory of the loaded backend back."""
        backend, name = self._backend, self._name
        self._backend = self._name = None
        if backend is not None and name is not None:
            with translated(name):
                backend.unload()
            del backend
            gc.collect()

    def generate(
        self, name: str, requests: Sequence[ImageRequest], on_step: OnStep, batch_limit: int = 0
    ) -> list[ImageResult]:
        """One image a request, in batches the backend can hold; see ``run_in_batches``.

        A prompt in a language that the backend does not read is put into English first.
        """
        backend = self.use(name)
        info = backend.info()
        asked = understood(info, requests)
        with translated(name):
            results = run_in_batches(
                backend.generate,
                [one.request for one in asked],
                _smaller(info.max_batch, batch_limit),
                on_step,
            )
        for request, result in zip(requests, results, strict=True):
            _check_pixels(name, request, result)
        return [one.told(result) for one, result in zip(asked, results, strict=True)]

    def caption(
        self, name: str, requests: Sequence[CaptionRequest], on_step: OnStep, batch_limit: int = 0
    ) -> list[CaptionResult]:
        """Words for each image, in batches the backend can hold.

        Raises BackendError for a question to a backend that takes none, before it is loaded.
        """
        if any(request.question for request in requests):
            self._refuse_questions(name)
        backend = self.use(name)
        limit = backend.info().max_batch
        with translated(name):
            return run_in_batches(backend.caption, requests, _smaller(limit, batch_limit), on_step)

    def _refuse_questions(self, name: str) -> None:
        if self._registry.create(name).info().can_answer:
            return
        able = self._registry.that_answer()
        hint = f"ask one that can: {', '.join(able)}"
        if not able:
            hint = "add one that chats, such as SmolVLM, Qwen-VL or Janus: llamavis models fetch"
        raise BackendError(
            f"the backend '{name}' describes images, but answers no questions about them", hint
        )

    def embed(self, name: str, texts: Sequence[str]) -> Vectors:
        """One unit-length row a text, (n, d) float32."""
        backend = self.use(name)
        with translated(name):
            return np.ascontiguousarray(backend.embed(list(texts)), dtype=np.float32)


def run_in_batches(
    call: Callable[[list[Request], OnStep], list[Result]],
    requests: Sequence[Request],
    limit: int,
    on_step: OnStep,
) -> list[Result]:
    """Give ``requests`` to ``call``, at most ``limit`` at a time, and collect the answers.

    A batch that does not fit in memory is halved and tried again, and the smaller size is kept;
    ``OutOfMemory`` leaves here only when a single request does not fit. Progress counts the whole
    list: with more than one batch its unit is one step of one request.
    """
    results: list[Result] = []
    size = max(1, min(limit, len(requests)))
    while len(results) < len(requests):
        batch = list(requests[len(results) : len(results) + size])
        try:
            part = call(batch, _whole(on_step, len(results), len(batch), len(requests)))
        except Exception as error:
            if not (isinstance(error, OutOfMemory) or is_out_of_memory(error)):
                raise
            if len(batch) == 1:
                if isinstance(error, OutOfMemory):
                    raise
                raise OutOfMemory(
                    "there is not enough memory for even one image", MEMORY_HINT
                ) from error
            size = len(batch) // 2
        else:
            if len(part) != len(batch):
                raise BackendError(f"{len(batch)} answers were expected, {len(part)} came")
            results.extend(part)
            continue
        # Outside the handler, where the traceback no longer holds the batch that did not fit.
        gc.collect()
        return_freed_memory()
    return results


@contextmanager
def translated(name: str) -> Generator[None]:
    """Turn whatever a backend's library raises into the one exception family."""
    try:
        yield
    except LlamaVisError:
        raise
    except Exception as error:
        if is_out_of_memory(error):
            raise OutOfMemory(
                f"the backend '{name}' needs more memory than there is", MEMORY_HINT
            ) from error
        raise BackendError(
            f"the backend '{name}' failed: {type(error).__name__}: {error}",
            "this is a fault in the backend, not in your project; the log has the details",
        ) from error


def _whole(on_step: OnStep, finished: int, batch: int, count: int) -> OnStep:
    """Progress of one batch -> progress of the whole list."""
    if batch == count:
        return on_step

    def step(progress: StepProgress) -> None:
        done = finished * progress.total + batch * progress.done
        on_step(StepProgress(done, count * progress.total, progress.glimpses))

    return step


def _smaller(limit: int, batch_limit: int) -> int:
    return min(limit, batch_limit) if batch_limit > 0 else limit


def _check_pixels(name: str, request: ImageRequest, result: ImageResult) -> None:
    pixels = result.pixels
    channels = 4 if request.transparent else 3
    if (
        pixels.dtype != np.uint8
        or pixels.ndim != 3
        or pixels.shape[2] != channels
        or not pixels.size
    ):
        raise BackendError(
            f"the backend '{name}' drew {pixels.dtype} {pixels.shape}, "
            f"where uint8 (height, width, {channels}) was asked for"
        )
