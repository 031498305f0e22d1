"""One worker as the crew sees it: what it was asked last, and how long it has been silent."""

from __future__ import annotations

import contextlib
from typing import Any

import ray

from llamavis_studio.backends.base import StepProgress
from llamavis_studio.backends.cluster.chunks import Chunk
from llamavis_studio.backends.cluster.settings import CrewPlan
from llamavis_studio.backends.cluster.worker import Arrival, Done, Trouble, Work, Worker

POLL_S = 0.25
"""How often a worker is asked for its steps."""
LAST_STEPS_S = 5.0
"""How long the answer to the last such question may take when the work itself is done."""
WORK, TALK = "work", "talk"


class Member:
    """An actor and the one thing it does. Times in seconds, counted by the crew."""

    def __init__(self, number: int, plan: CrewPlan, environment: dict[str, str]) -> None:
        self.number = number
        self.place = ""
        self.loaded: str | None = None
        self.wanted: str | None = None
        """The backend it loads, or has loaded."""
        self.chunk: Chunk | None = None
        self.asked: Any = None
        """The reference of the answer that is waited for; None when it is idle."""
        self.given_up = False
        self.heard = False
        """Whether it ever answered: until then it may wait for room in the cluster."""
        self.polled: Any = None
        self.silent_s = self.stuck_s = self.since_poll_s = 0.0
        self._work_number = -1
        remote: Any = ray.remote  # its types know no concurrency groups
        actor_class = remote(
            num_cpus=plan.cpus_each,
            num_gpus=plan.gpus_each,
            max_restarts=0,
            max_task_retries=0,
            scheduling_strategy="SPREAD",
            concurrency_groups={WORK: 1, TALK: 1},
        )(Worker)
        self._actor: Any = actor_class.remote(environment)

    def load(self, backend: str) -> None:
        """Ask it to load a backend."""
        self.wanted, self.loaded = backend, None
        self._ask(self._actor.load.options(concurrency_group=WORK).remote(backend))

    def begin(self, chunk: Chunk, work: Work) -> None:
        """Give it a chunk."""
        self.chunk, self.given_up, self._work_number = chunk, False, work.number
        self._ask(self._actor.work.options(concurrency_group=WORK).remote(work))

    def give_up(self) -> None:
        """Let it drop its chunk at the next step; nobody waits for the answer."""
        self.chunk, self.given_up, self.stuck_s = None, True, 0.0
        self._actor.cancel.options(concurrency_group=TALK).remote(self._work_number)

    def poll(self, waited_s: float) -> None:
        """Ask for its steps when it is time."""
        self.since_poll_s += waited_s
        if self.polled is None and self.since_poll_s >= POLL_S:
            self.since_poll_s = 0.0
            self.polled = self._actor.steps.options(concurrency_group=TALK).remote()

    def told_steps(self) -> tuple[StepProgress, ...]:
        """The answer to the poll, which has come; () when the worker is lost: its work says so."""
        polled, self.polled = self.polled, None
        with contextlib.suppress(ray.exceptions.RayError):
            steps: tuple[StepProgress, ...] = ray.get(polled, timeout=LAST_STEPS_S)
            self.heard, self.silent_s = True, 0.0
            self.stuck_s = 0.0 if steps else self.stuck_s
            return steps
        return ()

    def answer(self) -> Arrival | Done | Trouble:
        """The answer, which has come. Raises a ``RayError`` when the worker is lost."""
        asked, self.asked = self.asked, None
        answer: Arrival | Done | Trouble = ray.get(asked)
        self.heard = True
        return answer

    def stop(self) -> None:
        """End it now."""
        with contextlib.suppress(ray.exceptions.RayError, ValueError):
            ray.kill(self._actor, no_restart=True)

    def unload(self) -> Any:
        """Ask an idle one to give its memory back in good order; the reference of its answer."""
        return self._actor.unload.options(concurrency_group=WORK).remote()

    def _ask(self, reference: Any) -> None:
        self.asked = reference
        self.silent_s = self.stuck_s = self.since_poll_s = 0.0
