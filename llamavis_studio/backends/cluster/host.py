"""A ``ModelHost`` over the workers of a Ray cluster; the studio's side of it."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import tempfile
import time
from collections.abc import Generator, Sequence
from dataclasses import replace

from llamavis_studio.backends.base import (
    BackendInfo,
    CaptionRequest,
    CaptionResult,
    ImageRequest,
    ImageResult,
    OnStep,
    ignore_steps,
)
from llamavis_studio.backends.cluster.settings import ClusterSettings
from llamavis_studio.backends.messages import Team
from llamavis_studio.backends.model_process import ProcessSettings, available_cores
from llamavis_studio.backends.process_host import ProcessHost
from llamavis_studio.backends.registry import Registry
from llamavis_studio.core.errors import BackendError, BackendUnavailable

UNKNOWN_WORKERS = 8
"""For how many a batch is made where nobody has told yet how many there are."""
ROUNDS = 3
"""How many batches a worker gets in one call: between calls all of them wait, for the slowest and
for the pictures to be finished.
"""
SHORT = "/tmp"
REDONE = 4
"""The cluster's process may be without a step for so many times the longest one: a chunk is done
again before anybody takes the process for hung."""


class RayHost(ProcessHost):
    """Spreads each call over workers; nothing is started before the first one.

    Raises BackendUnavailable where Ray is not installed.
    """

    def __init__(
        self,
        cluster: ClusterSettings,
        settings: ProcessSettings | None = None,
        registry: Registry | None = None,
    ) -> None:
        if importlib.util.find_spec("ray") is None:
            raise BackendUnavailable(
                "the executor 'ray' needs Ray, which is not installed",
                'pip install "llamavis-studio[cluster]"',
            )
        settings = settings or ProcessSettings()
        self._folder: str | None = None
        if cluster.address is None:
            # A short name: sockets lie in it, and theirs may have about a hundred characters.
            place = SHORT if os.access(SHORT, os.W_OK | os.X_OK) else None
            self._folder = tempfile.mkdtemp(prefix="lv-ray-", dir=place)
        cluster = replace(cluster, folder=self._folder)
        self._cluster = cluster
        self._cores = settings.threads or available_cores()
        self._known_team: Team | None = None
        self._lost: dict[str, BackendUnavailable] = {}
        limit = settings.load_s + REDONE * cluster.hang_s
        super().__init__(replace(settings, cluster=cluster, hang_s=limit), registry)

    @property
    def team(self) -> Team | None:
        """The workers that loaded the backend last, on how many nodes; None before the first."""
        process = self._process
        if process is not None and process.team is not None:
            self._known_team = process.team
        return self._known_team

    def generate(
        self,
        backend_name: str,
        requests: Sequence[ImageRequest],
        on_step: OnStep = ignore_steps,
    ) -> list[ImageResult]:
        """See ``ModelHost``."""
        with self._found_lost(backend_name):
            return super().generate(backend_name, requests, on_step)

    def caption(
        self,
        backend_name: str,
        requests: Sequence[CaptionRequest],
        on_step: OnStep = ignore_steps,
    ) -> list[CaptionResult]:
        """See ``ModelHost``."""
        with self._found_lost(backend_name):
            return super().caption(backend_name, requests, on_step)

    def info(self, backend_name: str) -> BackendInfo:
        """See ``ModelHost``. Its ``max_batch`` is what all workers take in one call."""
        info = super().info(backend_name)
        return replace(info, max_batch=max(1, info.max_batch) * self._workers() * ROUNDS)

    def close(self) -> None:
        """See ``ModelHost``."""
        super().close()
        folder, self._folder = self._folder, None
        for _ in range(10):
            if folder is None:
                return
            # What was killed may still write for a moment.
            shutil.rmtree(folder, ignore_errors=True)
            folder = folder if os.path.exists(folder) else None
            time.sleep(0.1 if folder else 0.0)

    @contextlib.contextmanager
    def _found_lost(self, backend_name: str) -> Generator[None]:
        """Whoever builds asks for hundreds of images: where the cluster is gone, or cannot work
        with this backend, only the first of them waits for it.
        """
        lost = self._lost.get(backend_name)
        if lost is not None and not self._closed:
            raise BackendUnavailable(lost.message, lost.hint)
        try:
            yield
        except BackendUnavailable as error:
            self._lost[backend_name] = error
            raise

    def _stopped_error(self, reason: str) -> BackendError:
        """The process ends with the head of its cluster, and again when it looks for it."""
        where = "on this machine" if self._cluster.address is None else self._cluster.address
        return BackendUnavailable(
            f"the Ray cluster {where} was lost: {reason}",
            "what was finished stays; look at it with 'ray status', then build again",
        )

    def workers_for(self, backend_name: str, count: int) -> int:
        """See ``ModelHost``: a worker draws whole batches of one machine."""
        size = max(1, super().info(backend_name).max_batch)
        return max(1, min(self._workers(), -(-count // size)))

    def _workers(self) -> int:
        team = self.team
        if team is not None and team.workers:
            return max(team.workers, self._cluster.workers or 1)
        if self._cluster.workers is not None:
            return self._cluster.workers
        if self._cluster.address is not None:
            return UNKNOWN_WORKERS
        return max(1, self._cores // (self._cluster.threads or 1))
