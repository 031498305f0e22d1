"""The workers of a cluster as if they were one loaded backend; see ``backends.resident``.

use        workers load the backend, and the first ones may begin
generate   chunks wait in one line; whoever is free takes the next, who is lost is replaced
unload     the workers end, and with them a Ray that was started here
"""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from llamavis_studio.backends.base import (
    CaptionRequest,
    CaptionResult,
    ImageRequest,
    ImageResult,
    OnStep,
    StepProgress,
    Vectors,
    ignore_steps,
)
from llamavis_studio.backends.cluster.chunks import Board, Chunk
from llamavis_studio.backends.cluster.ray_start import start_ray, stop_ray
from llamavis_studio.backends.cluster.settings import ClusterSettings
from llamavis_studio.backends.cluster.styles import style_files
from llamavis_studio.backends.cluster.worker import (
    CAPTION,
    EMBED,
    GENERATE,
    Done,
    Trouble,
    Work,
)
from llamavis_studio.backends.messages import Team
from llamavis_studio.backends.registry import Registry
from llamavis_studio.core.errors import BackendError, BackendUnavailable, ModelMissing

if TYPE_CHECKING:
    from llamavis_studio.backends.cluster.roster import Roster


class Crew:
    """See the module.

    ``check`` is called some times a second while a call is under way, and raises to stop it.
    """

    def __init__(self, settings: ClusterSettings, cores: int, device: str) -> None:
        self.check: Callable[[], None] = lambda: None
        self._settings = settings
        self._cores = cores
        self._device = device
        self._registry = Registry()
        self._roster: Roster | None = None
        self._name: str | None = None
        self._numbers = iter(range(2**62))
        # Results of a call that failed: it comes again in halves, and these are not made twice.
        self._kept: dict[bytes, Any] = {}

    @property
    def name(self) -> str | None:
        """The loaded backend's name, or None."""
        return self._name

    @property
    def team(self) -> Team | None:
        """Who has loaded it."""
        return None if self._roster is None else self._roster.team

    # --- as a resident backend -------------------------------------------------------------------

    def use(self, name: str) -> None:
        """Have a backend loaded by the workers, at least by one. Raises BackendError."""
        revision = self._registry.create(name).info().revision
        if self._roster is None:
            found = start_ray(self._settings, self._cores)
            from llamavis_studio.backends.cluster.roster import Roster  # Ray comes with it

            self._roster = Roster(self._settings, found, self._device)
        self._name = None
        self._roster.load(name, revision, self.check)
        self._name = name

    def unload(self) -> None:
        """End the workers and leave Ray."""
        roster, self._roster, self._name = self._roster, None, None
        self._kept.clear()
        if roster is not None:
            roster.close()
            stop_ray()

    def generate(
        self, name: str, requests: Sequence[ImageRequest], on_step: OnStep, batch_limit: int = 0
    ) -> list[ImageResult]:
        """One image a request, in the batches that one worker alone would draw."""
        return self._in_chunks(GENERATE, name, requests, on_step)

    def caption(
        self, name: str, requests: Sequence[CaptionRequest], on_step: OnStep, batch_limit: int = 0
    ) -> list[CaptionResult]:
        """Words for each image."""
        return self._in_chunks(CAPTION, name, requests, on_step)

    def embed(self, name: str, texts: Sequence[str]) -> Vectors:
        """One unit-length row a text, (n, d) float32; by one worker."""
        call = _Call(EMBED, name, [list(texts)], 1, ignore_steps)
        self._run(call)
        return np.ascontiguousarray(call.results[0], dtype=np.float32)

    # --- one call --------------------------------------------------------------------------------

    def _in_chunks(
        self, kind: str, name: str, requests: Sequence[Any], on_step: OnStep
    ) -> list[Any]:
        keys = [hashlib.sha256(pickle.dumps(one)).digest() for one in requests]
        known = {key: self._kept[key] for key in keys if key in self._kept}
        if not known:
            self._kept.clear()
        places = [place for place, key in enumerate(keys) if key not in known]
        size = self._registry.create(name).info().max_batch
        call = _Call(kind, name, [requests[place] for place in places], size, on_step)
        try:
            self._run(call)
        except BackendError:
            drawn = zip(places, call.results, strict=True)
            self._kept.update((keys[place], one) for place, one in drawn if one is not None)
            raise
        results = [known.get(key) for key in keys]
        for place, one in zip(places, call.results, strict=True):
            results[place] = one
        return results

    def _run(self, call: _Call) -> None:
        """Give the chunks out until all are done; the first failure is raised in the end."""
        roster = self._roster
        if roster is None:
            raise BackendUnavailable("the cluster has no workers", "build again")
        alone_s = 0.0
        try:
            while not call.board.finished:
                self.check()
                roster.fill_up()
                for member in roster.ready:
                    if call.board.waits:
                        chunk = call.board.take()
                        member.begin(chunk, call.work(next(self._numbers), chunk))
                waited_s = roster.tick(call)
                alone_s = 0.0 if roster.anybody_is_there else alone_s + waited_s
                if alone_s > self._settings.start_s:
                    raise BackendUnavailable(
                        "no worker of the cluster is left, and none came back",
                        "look at the cluster with 'ray status', then build again",
                    )
        finally:
            roster.give_up_work()
        if call.failures:
            raise call.failures[0]


class _Call:
    """One call's chunks, and what became of them."""

    def __init__(
        self, kind: str, backend: str, requests: Sequence[Any], size: int, on_step: OnStep
    ) -> None:
        self.board = Board(len(requests), size)
        self.results: list[Any] = [None] * len(requests)
        self.failures: list[BackendError] = []
        self._kind = kind
        self._backend = backend
        self._requests = requests
        self._on_step = on_step

    def work(self, number: int, chunk: Chunk) -> Work:
        """A chunk as a worker gets it."""
        asked = list(self._requests[chunk.start : chunk.stop])
        return Work(
            number=number,
            kind=self._kind,
            backend=self._backend,
            requests=pickle.dumps(asked, pickle.HIGHEST_PROTOCOL),
            batch_limit=chunk.batch_limit,
            styles=style_files(asked) if self._kind == GENERATE else (),
        )

    def told(self, chunk: Chunk, step: StepProgress) -> None:
        """A worker took a step."""
        self._on_step(self.board.moved(chunk, step.done, step.total, step.glimpses))

    def came(self, chunk: Chunk, answer: Done | Trouble) -> None:
        """A chunk came to its end. A failure that the other chunks would share is raised at once;
        any other waits for them.
        """
        self.board.close(chunk)
        if isinstance(answer, Done):
            # Results come from workers of our own cluster, which ran our own code.
            self.results[chunk.start : chunk.stop] = pickle.loads(answer.results)
            if chunk.share < 1.0 and self._kind != EMBED:
                self.told(chunk, StepProgress(1, 1))
            return
        error = answer.as_error()
        if not isinstance(error, BackendError) or isinstance(
            error, BackendUnavailable | ModelMissing
        ):
            raise error
        self.failures.append(error)

    def lost(self, chunk: Chunk, reason: str, out_of_memory: bool) -> None:
        """The worker of a chunk is gone."""
        try:
            self.board.give_back(chunk, reason, out_of_memory)
        except BackendError as error:
            self.failures.append(error)
