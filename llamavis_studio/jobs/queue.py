"""The order of the work: one queue, filled by the main thread, emptied by the worker.

Its lock is the only one between the two threads.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count

from llamavis_studio.jobs.job import CancelFlag, Job, JobResult, JobState

OnEnd = Callable[[JobResult], None]


@dataclass
class _Entry:
    job: Job
    place: int
    flag: CancelFlag = field(default_factory=CancelFlag)
    # What the job ends as when its flag is found set: cancelled by the user, or replaced.
    given_up: JobState = JobState.CANCELLED


def ignore_end(_result: JobResult) -> None:
    """An ``on_end`` for callers who wait for the worker only."""


class JobQueue:
    """Jobs waiting, and the one that runs.

    Args:
        on_end: told, in the thread of the caller, about every job that ends without having run:
            replaced or cancelled while it waited. The worker tells about the others.
    """

    def __init__(self, on_end: OnEnd = ignore_end) -> None:
        self._on_end = on_end
        self._changed = threading.Condition()
        self._waiting: dict[str, _Entry] = {}
        self._running: _Entry | None = None
        self._places = count()
        self._closed = False
        self._paused = False

    def add(self, job: Job) -> None:
        """Queue a job. An older one of its key is replaced: it never runs, or is told to stop.

        A job takes the place in line of the waiting one that it replaces, so that a file that is
        saved again and again is not pushed back for ever.
        """
        with self._changed:
            if self._closed:
                ended = [JobResult(job, JobState.CANCELLED)]
            else:
                older = self._waiting.get(job.key)
                place = next(self._places) if older is None else older.place
                self._waiting[job.key] = _Entry(job, place)
                ended = [] if older is None else [JobResult(older.job, JobState.REPLACED)]
            running = self._running
            stale = running if running is not None and running.job.key == job.key else None
            if stale is not None and not self._closed and not stale.flag.is_set():
                stale.given_up = JobState.REPLACED
            self._changed.notify_all()
        if stale is not None:
            stale.flag.set()
        self._tell(ended)

    def take(self, timeout_s: float | None = None) -> tuple[Job, CancelFlag] | None:
        """The next job, for the worker; None after ``timeout_s`` or when the queue is closed.

        While the queue is paused only jobs with a priority above 0 are handed out.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._is_ready(), timeout_s)
            if self._closed or not self._is_ready():
                return None
            entry = min(self._waiting.values(), key=lambda e: (-e.job.priority, e.place))
            del self._waiting[entry.job.key]
            self._running = entry
            return entry.job, entry.flag

    def finish(self, job: Job) -> JobState:
        """The worker is done with a job; what it ends as if it was given up on the way."""
        with self._changed:
            entry, self._running = self._running, None
            self._changed.notify_all()
        if entry is None or entry.job is not job:
            raise ValueError(f"job {job.number} was not running")
        return entry.given_up

    def cancel(self, key: str) -> bool:
        """Cancel the jobs of a key, waiting or running; False when there is none."""
        return self._cancel(lambda entry: entry.job.key == key) > 0

    def cancel_all(self) -> int:
        """Cancel every job; how many there were."""
        return self._cancel(lambda _entry: True)

    def rearrange(self, change: Callable[[tuple[Job, ...]], Sequence[Job]]) -> None:
        """Let ``change`` say which jobs wait, in which order, from those that wait now.

        No job begins meanwhile. Who is left out ends without a word, and other jobs may stand in
        its place; their keys must differ. Priorities still come before the order. ``change`` runs
        under the lock: it asks nothing of the queue. A closed queue stays empty.
        """
        with self._changed:
            if self._closed:
                return
            before = {entry.job.number: entry for entry in self._waiting.values()}
            after: dict[str, _Entry] = {}
            for job in change(self._in_order()):
                entry = before.get(job.number)
                place = next(self._places)
                after[job.key] = _Entry(job, place) if entry is None else entry
                after[job.key].place = place
            self._waiting = after
            self._changed.notify_all()

    def pause(self) -> None:
        """Hand out no job until ``resume``, but those with a priority above 0; the one that runs
        goes on.
        """
        with self._changed:
            self._paused = True

    def resume(self) -> None:
        """Hand out jobs again."""
        with self._changed:
            self._paused = False
            self._changed.notify_all()

    @property
    def is_paused(self) -> bool:
        """Whether no job is handed out that can wait."""
        with self._changed:
            return self._paused

    def close(self) -> None:
        """Cancel every job and take no more; wakes the worker."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self.cancel_all()

    def waiting(self) -> tuple[Job, ...]:
        """The jobs that wait, the next one first."""
        with self._changed:
            return self._in_order()

    def both(self) -> tuple[Job | None, tuple[Job, ...]]:
        """The job that runs and those that wait, of one moment: each job is in one of them."""
        with self._changed:
            return None if self._running is None else self._running.job, self._in_order()

    def running(self) -> Job | None:
        """The job that runs, or None."""
        with self._changed:
            return None if self._running is None else self._running.job

    @property
    def is_stopping(self) -> bool:
        """Whether a job runs that was told to stop."""
        with self._changed:
            return self._running is not None and self._running.flag.is_set()

    def is_idle(self) -> bool:
        """Whether nothing waits and nothing runs."""
        with self._changed:
            return not self._waiting and self._running is None

    def wait_idle(self, timeout_s: float | None = None) -> bool:
        """Block until nothing waits and nothing runs; False when ``timeout_s`` passed first."""
        with self._changed:
            return self._changed.wait_for(
                lambda: not self._waiting and self._running is None, timeout_s
            )

    def _is_ready(self) -> bool:
        if not self._paused:
            return bool(self._waiting)
        return any(entry.job.priority > 0 for entry in self._waiting.values())

    def _in_order(self) -> tuple[Job, ...]:
        entries = sorted(self._waiting.values(), key=lambda e: (-e.job.priority, e.place))
        return tuple(entry.job for entry in entries)

    def _cancel(self, chosen: Callable[[_Entry], bool]) -> int:
        with self._changed:
            dropped = [entry for entry in self._waiting.values() if chosen(entry)]
            for entry in dropped:
                del self._waiting[entry.job.key]
            running = self._running
            stopped = running if running is not None and chosen(running) else None
            self._changed.notify_all()
        if stopped is not None:
            stopped.flag.set()
        self._tell([JobResult(entry.job, JobState.CANCELLED) for entry in dropped])
        return len(dropped) + (stopped is not None)

    def _tell(self, ended: list[JobResult]) -> None:
        # Outside the lock: whoever is told may well add the next job.
        for result in ended:
            self._on_end(result)
