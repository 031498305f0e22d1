"""Who works: workers come, load the backend, are lost and replaced.

``fill_up`` and ``tick`` are called in turn by whoever waits for something; nothing runs by itself.
"""

from __future__ import annotations

import contextlib
import logging
import re
import time
from collections.abc import Callable
from typing import Protocol

import ray

from llamavis_studio import __version__
from llamavis_studio.backends.base import StepProgress
from llamavis_studio.backends.cluster.chunks import Chunk
from llamavis_studio.backends.cluster.member import Member
from llamavis_studio.backends.cluster.ray_start import Found
from llamavis_studio.backends.cluster.settings import (
    ClusterSettings,
    plan_crew,
    worker_environment,
)
from llamavis_studio.backends.cluster.worker import Arrival, Done, Trouble
from llamavis_studio.backends.messages import Team
from llamavis_studio.core.errors import BackendError, BackendUnavailable

TICK_S = 0.1
LONGEST_TICK_S = 0.25
"""Silence is counted in ticks, so that a suspended machine does not look like lost workers."""
CANCEL_S = 15.0
"""How long a worker may take to drop its work."""
LOAD_S = 600.0
"""How long loading may take once a worker has answered for the first time."""
GOODBYE_S = 1.0
LOST_AT_LOADING = 3
"""So many workers in a row that end while they load are too many."""

_log = logging.getLogger(__name__)


class Listener(Protocol):
    """What becomes of the chunks."""

    def told(self, chunk: Chunk, step: StepProgress) -> None:
        """A worker took a step."""

    def came(self, chunk: Chunk, answer: Done | Trouble) -> None:
        """A chunk came to its end."""

    def lost(self, chunk: Chunk, reason: str, out_of_memory: bool) -> None:
        """The worker of a chunk is gone."""


class Roster:
    """The workers there are. ``close`` must be called in the end, before Ray is left."""

    def __init__(self, settings: ClusterSettings, found: Found, device: str) -> None:
        self._settings = settings
        self._plan = plan_crew(settings, found.cpus, found.gpus, device)
        self._environment = worker_environment(self._plan)
        self._members: list[Member] = []
        self._hired = 0
        self._backend = self._revision = ""
        self._met = ""
        """The backend that the crew has begun with: who comes later joins it at work."""
        self._lost_at_loading = 0
        self._too_many = 0
        """Workers that found no memory for the model beside the others."""

    @property
    def team(self) -> Team:
        """How many have loaded the backend, on how many nodes."""
        places = [one.place for one in self._members if one.loaded == self._backend]
        return Team(len(places), len(set(places)), self._plan.threads)

    @property
    def ready(self) -> list[Member]:
        """Those who can take a chunk now."""
        return [one for one in self._members if one.asked is None and one.loaded == self._backend]

    @property
    def anybody_is_there(self) -> bool:
        """Whether a worker has loaded the backend."""
        return any(one.loaded == self._backend for one in self._members)

    @property
    def _wanted(self) -> int:
        return max(1, self._plan.workers - self._too_many)

    def load(self, backend: str, revision: str, check: Callable[[], None]) -> None:
        """Have everybody load a backend, and wait for them; for the last not for long.

        Raises BackendUnavailable where a worker would draw something else than this machine, or
        nobody comes.
        """
        if backend != self._backend:
            self._too_many = self._lost_at_loading = 0
        self._backend, self._revision = backend, revision
        waited_s, alone_s = 0.0, 0.0
        while True:
            check()
            self.fill_up()
            there = sum(one.loaded == backend for one in self._members)
            patience_s = 0.0 if self._met == backend else self._settings.patience_s
            if there >= self._wanted or (there and waited_s >= patience_s):
                self._met = backend
                return
            ticked_s = self.tick(_nobody)
            waited_s += ticked_s if there else 0.0
            alone_s += 0.0 if there or any(one.heard for one in self._members) else ticked_s
            if alone_s > self._settings.start_s:
                raise BackendUnavailable(
                    f"the cluster has had no room for a worker for {self._settings.start_s:g} s",
                    "wait for its other work to end, or look at it with 'ray status'",
                )

    def fill_up(self) -> None:
        """Hire until the crew is whole, and have everybody idle load what is wanted."""
        while len(self._members) < self._wanted:
            self._members.append(Member(self._hired, self._plan, self._environment))
            self._hired += 1
        for member in self._members:
            if member.asked is None and member.loaded != self._backend:
                member.load(self._backend)

    def tick(self, listener: Listener) -> float:
        """Wait a moment for news and pass them on; the seconds it took.

        Raises what the listener raises, and BackendError where no worker could do better.
        """
        began = time.monotonic()
        news = [one.asked for one in self._members if one.asked is not None]
        news += [one.polled for one in self._members if one.polled is not None]
        ray.wait(news, num_returns=1, timeout=TICK_S, fetch_local=False) if news else time.sleep(
            TICK_S
        )
        came = set(ray.wait(news, num_returns=len(news), timeout=0)[0]) if news else set()
        waited_s = min(time.monotonic() - began, LONGEST_TICK_S)
        for member in list(self._members):
            member.silent_s += waited_s
            member.stuck_s += waited_s
            self._follow(member, member.polled in came, member.asked in came, listener)
            if member.asked is not None:
                member.poll(waited_s)
        return waited_s

    def give_up_work(self) -> None:
        """Let everybody drop their chunk."""
        for member in self._members:
            if member.chunk is not None:
                member.give_up()

    def close(self) -> None:
        """End every worker, those who are idle in good order."""
        idle = [one.unload() for one in self._members if one.asked is None]
        with contextlib.suppress(ray.exceptions.RayError):
            if idle:
                ray.wait(idle, num_returns=len(idle), timeout=GOODBYE_S)
        for one in self._members:
            one.stop()
        self._members.clear()

    # --- inside ----------------------------------------------------------------------------------

    def _follow(self, member: Member, polled: bool, answered: bool, listener: Listener) -> None:
        """What is new of one worker."""
        chunk = member.chunk
        if polled or (answered and member.polled is not None):
            steps = member.told_steps()
            if chunk is not None:
                for step in steps:
                    listener.told(chunk, step)
        if not answered:
            self._check_alive(member, listener)
            return
        try:
            answer = member.answer()
        except ray.exceptions.RayError as error:
            self._lose(member, _reason(error), _is_out_of_memory(error), listener)
            return
        member.chunk, member.given_up = None, False
        if isinstance(answer, Arrival):
            self._arrived(member, answer)
        elif chunk is None:
            # It loaded nothing, or was given up.
            if member.loaded is None and isinstance(answer, Trouble):
                self._cannot_load(member, answer)
        else:
            for step in answer.steps if isinstance(answer, Done) else ():
                listener.told(chunk, step)
            listener.came(chunk, answer)

    def _arrived(self, member: Member, arrival: Arrival) -> None:
        member.place, member.loaded = arrival.place, member.wanted
        self._lost_at_loading = 0
        if arrival.version != __version__:
            raise BackendUnavailable(
                f"the node {arrival.host} has LlamaVis Studio {arrival.version}, this machine "
                f"{__version__}: its images would not be the same",
                f'pip install "llamavis-studio=={__version__}" there',
            )
        if member.loaded == self._backend and arrival.revision != self._revision:
            raise BackendUnavailable(
                f"the node {arrival.host} has another '{self._backend}' ({arrival.revision}) than "
                f"this machine ({self._revision}): its images would not be the same",
                "fetch the same model on both",
            )

    def _cannot_load(self, member: Member, trouble: Trouble) -> None:
        """A worker told why it cannot load the backend, such as for want of memory beside the
        others: the crew goes on without it, and the last one ends the call.
        """
        self._dismiss(member)
        if not self._members:
            raise trouble.as_error()
        self._too_many += 1
        _log.warning("a worker is left out: %s", trouble.message)

    def _check_alive(self, member: Member, listener: Listener) -> None:
        """Replace a worker that neither answers nor moves."""
        if member.asked is None or not member.heard:
            return  # idle, or still waiting for room in the cluster
        limit = LOAD_S if member.loaded is None else self._settings.hang_s
        if member.given_up:
            limit = CANCEL_S
        if member.silent_s > self._settings.silence_s:
            reason = f"it gave no sign of life for {self._settings.silence_s:g} s"
        elif member.stuck_s > limit:
            reason = f"it made no progress for {limit:g} s"
        else:
            return
        self._lose(member, reason, False, listener)

    def _lose(self, member: Member, reason: str, out_of_memory: bool, listener: Listener) -> None:
        """A worker is of no more use: what it had goes to another."""
        chunk = member.chunk
        _log.warning("worker %d on '%s' is replaced: %s", member.number, member.place, reason)
        self._dismiss(member)
        if chunk is not None:
            listener.lost(chunk, reason, out_of_memory)
        elif member.loaded is None:
            self._lost_at_loading += 1
            if self._lost_at_loading >= LOST_AT_LOADING and not self.anybody_is_there:
                self._lost_at_loading = 0
                raise BackendError(
                    f"{LOST_AT_LOADING} workers of the cluster ended while they loaded the "
                    f"backend '{self._backend}': {reason}",
                    f"LlamaVis Studio {__version__} must be installed on every node; "
                    "the nodes' logs have the details",
                )

    def _dismiss(self, member: Member) -> None:
        self._members.remove(member)
        member.stop()


class _Nobody:
    """A listener while no chunk is out."""

    def told(self, chunk: Chunk, step: StepProgress) -> None:
        """See ``Listener``."""

    def came(self, chunk: Chunk, answer: Done | Trouble) -> None:
        """See ``Listener``."""

    def lost(self, chunk: Chunk, reason: str, out_of_memory: bool) -> None:
        """See ``Listener``."""


_nobody = _Nobody()


_ENDS = (
    ("running low on memory", "its node had no memory left"),
    ("died or was killed", "its process was killed or crashed"),
    ("unexpectedly exits", "its process was killed or crashed"),
    ("node has died", "its node was lost"),
    ("node was terminated", "its node was lost"),
    ("node was dead", "its node was lost"),
    ("is unavailable", "it cannot be reached any more"),
)
"""What Ray says of a worker's end -> what a user is told."""
_NO_MODULE = re.compile(r"No module named '?([\w.]+)")


def _reason(error: Exception) -> str:
    """Why a worker was lost, in a line."""
    text = str(error)
    if isinstance(error, ray.exceptions.ObjectLostError):
        return "its answer was lost"
    if missing := _NO_MODULE.search(text):
        return f"its node lacks the Python module {missing[1]}"
    if _is_out_of_memory(error):
        return _ENDS[0][1]
    for part, reason in _ENDS:
        if part in text:
            return reason
    return next((line.strip() for line in text.splitlines() if line.strip()), "")[:200]


def _is_out_of_memory(error: Exception) -> bool:
    """Whether Ray ended the worker for its memory."""
    return isinstance(error, ray.exceptions.OutOfMemoryError) or _ENDS[0][0] in str(error)
