"""One unit of work: what it is, how it stands, and what it may say and ask while it runs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count
from typing import Any

from llamavis_studio.core.errors import Cancelled

_numbers = count(1)


class JobState(StrEnum):
    """How a job stands; the last four are for good."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    REPLACED = "replaced"

    @property
    def is_final(self) -> bool:
        """Nothing more will happen to the job."""
        return self not in (JobState.QUEUED, JobState.RUNNING)


@dataclass(frozen=True)
class Job:
    """Work to be done on the worker thread.

    Args:
        key: what the work is for; a newer job of the same key replaces an older one.
        work: called on the worker thread. It holds a snapshot of all it needs; what it returns
            comes back in the ``JobResult``.
        title: what the user sees.
        priority: higher goes first; among equals the order of coming decides.
        number: unique in this process, rising.
    """

    key: str
    work: Callable[[JobContext], Any] = field(repr=False)
    title: str = ""
    priority: int = 0
    number: int = field(default_factory=lambda: next(_numbers))


@dataclass(frozen=True)
class JobProgress:
    """``done`` of ``total`` steps of a job; ``note`` says what it is doing.

    ``shown`` is whatever the work has to show by then; only who gave the work can read it.
    """

    done: int
    total: int
    note: str = ""
    shown: tuple[Any, ...] = ()


@dataclass(frozen=True)
class JobResult:
    """How a job ended: ``value`` where it is done, ``error`` where it failed."""

    job: Job
    state: JobState
    value: Any = None
    error: BaseException | None = None


class CancelFlag:
    """Set once, from any thread; looked at between steps."""

    def __init__(self) -> None:
        # Held while calling back, so that after ``retire`` no callback runs or will.
        self._lock = threading.RLock()
        self._set = False
        self._callbacks: list[Callable[[], None]] = []

    def is_set(self) -> bool:
        """Whether somebody cancelled."""
        return self._set

    def set(self) -> None:
        """Cancel; what ``on_set`` registered is called, in this thread, once."""
        with self._lock:
            callbacks, self._callbacks = self._callbacks, []
            self._set = True
            for callback in callbacks:
                callback()

    def on_set(self, callback: Callable[[], None]) -> None:
        """Call back when the flag is set, at once if it is already."""
        with self._lock:
            if self._set:
                callback()
            else:
                self._callbacks.append(callback)

    def retire(self) -> None:
        """The job is over: call nobody back, whatever it wakes may serve another job by now."""
        with self._lock:
            self._callbacks.clear()


@dataclass(frozen=True)
class JobContext:
    """What a running job is given: a voice, and a look at the cancel flag."""

    job: Job
    flag: CancelFlag
    tell: Callable[[JobProgress], None]

    @property
    def is_cancelled(self) -> bool:
        """Whether the job should end; ``check`` raises instead."""
        return self.flag.is_set()

    def check(self) -> None:
        """Raise ``Cancelled`` if the job should end; call it between steps."""
        if self.flag.is_set():
            raise Cancelled

    def progress(self, done: int, total: int, note: str = "", shown: tuple[Any, ...] = ()) -> None:
        """Tell how far the job is, and raise ``Cancelled`` if it should end."""
        self.tell(JobProgress(done, total, note, shown))
        self.check()

    def on_cancel(self, callback: Callable[[], None]) -> None:
        """Call back, from the cancelling thread, to wake what the job waits for.

        A job that waits for a model process passes the host's ``cancel`` here, so that it need not
        wait for the end of a step.
        """
        self.flag.on_set(callback)
