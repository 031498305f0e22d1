from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from llamavis_studio.core.errors import BackendError, Cancelled
from llamavis_studio.jobs.inbox import MainThreadInbox
from llamavis_studio.jobs.job import Job, JobContext, JobProgress, JobResult, JobState
from llamavis_studio.jobs.queue import JobQueue
from llamavis_studio.jobs.worker import WORKER_THREAD, Worker

WAIT_S = 10.0


class Studio:
    """A worker, the main thread's inbox, and everything it heard."""

    def __init__(self) -> None:
        self.inbox = MainThreadInbox()
        self.heard: list[tuple[Any, ...]] = []
        self.results: dict[str, JobResult] = {}
        self.threads: set[threading.Thread] = set()
        self.queue = JobQueue(self._ended)
        self.worker = Worker(
            self.queue,
            self.inbox.post,
            on_start=lambda job: self._hear("start", job.key),
            on_progress=lambda job, progress: self._hear("progress", job.key, progress),
            on_end=self._ended,
        )

    def _hear(self, *news: Any) -> None:
        self.threads.add(threading.current_thread())
        self.heard.append(news)

    def _ended(self, result: JobResult) -> None:
        self._hear("end", result.job.key, result.state)
        self.results[result.job.key] = result

    def run(self, *works: tuple[str, Callable[[JobContext], Any]]) -> None:
        for key, work in works:
            self.queue.add(Job(key, work))
        self.wait_for(*(key for key, _ in works))

    def wait_for(self, *keys: str) -> None:
        assert self.inbox.run_until(lambda: self.results.keys() >= set(keys), WAIT_S)


@pytest.fixture
def studio() -> Iterator[Studio]:
    studio = Studio()
    studio.worker.start()
    yield studio
    assert studio.worker.close()


def test_a_job_runs_on_the_worker_and_is_heard_of_on_main(studio: Studio) -> None:
    def work(context: JobContext) -> str:
        context.progress(1, 2)
        context.progress(2, 2, "writing")
        return threading.current_thread().name

    studio.run(("a", work))
    assert studio.heard == [
        ("start", "a"),
        ("progress", "a", JobProgress(1, 2)),
        ("progress", "a", JobProgress(2, 2, "writing")),
        ("end", "a", JobState.DONE),
    ]
    assert studio.results["a"].value == WORKER_THREAD
    assert studio.threads == {threading.main_thread()}


def failing(error: BaseException) -> Callable[[JobContext], None]:
    def work(_context: JobContext) -> None:
        raise error

    return work


def test_an_exception_fails_the_job_and_not_the_thread(
    studio: Studio, caplog: pytest.LogCaptureFixture
) -> None:
    wanted, bug, leaving = BackendError("no"), ZeroDivisionError("a bug"), SystemExit(3)
    studio.run(
        ("wanted", failing(wanted)),
        ("bug", failing(bug)),
        ("leaving", failing(leaving)),
        ("after", lambda _context: 1),
    )
    for key, error in (("wanted", wanted), ("bug", bug), ("leaving", leaving)):
        assert studio.results[key].state is JobState.FAILED
        assert studio.results[key].error is error
    assert studio.results["after"].value == 1
    # Only what is a fault of ours is worth a traceback in the log.
    assert [record.args[1] for record in caplog.records if record.args] == ["bug", "leaving"]


def test_a_cancelled_job_ends_as_cancelled_and_the_next_one_runs(studio: Studio) -> None:
    running = threading.Event()

    def work(context: JobContext) -> None:
        stop = threading.Event()
        context.on_cancel(stop.set)
        running.set()
        assert stop.wait(WAIT_S)
        context.check()

    studio.queue.add(Job("long", work))
    assert running.wait(WAIT_S)
    studio.queue.cancel("long")
    studio.run(("next", lambda _context: 1))
    assert studio.results["long"].state is JobState.CANCELLED
    assert studio.results["next"].state is JobState.DONE


def test_a_replaced_job_ends_as_replaced(studio: Studio) -> None:
    running, replaced = threading.Event(), threading.Event()

    def work(context: JobContext) -> str:
        if not running.is_set():
            running.set()
            assert replaced.wait(WAIT_S)
        context.check()
        return "new"

    studio.queue.add(Job("hero", work))
    assert running.wait(WAIT_S)
    studio.queue.add(Job("hero", work))
    replaced.set()
    assert studio.inbox.run_until(lambda: len(studio.heard) == 4, WAIT_S)
    assert studio.heard == [
        ("start", "hero"),
        ("end", "hero", JobState.REPLACED),
        ("start", "hero"),
        ("end", "hero", JobState.DONE),
    ]


def test_work_that_is_done_before_it_notices_the_cancel_is_done(studio: Studio) -> None:
    """What was written is written; calling it cancelled would be a lie."""
    running, go = threading.Event(), threading.Event()

    def work(_context: JobContext) -> int:
        running.set()
        assert go.wait(WAIT_S)
        return 7

    studio.queue.add(Job("a", work))
    assert running.wait(WAIT_S)
    studio.queue.cancel("a")
    go.set()
    studio.wait_for("a")
    assert studio.results["a"].state is JobState.DONE


def test_close_cancels_what_runs_and_what_waits(studio: Studio) -> None:
    running = threading.Event()

    def work(context: JobContext) -> None:
        running.set()
        stop = threading.Event()
        context.on_cancel(stop.set)
        assert stop.wait(WAIT_S)
        raise Cancelled

    studio.queue.add(Job("runs", work))
    studio.queue.add(Job("waits", lambda _context: None))
    assert running.wait(WAIT_S)
    assert studio.worker.close()
    studio.wait_for("runs", "waits")
    assert {result.state for result in studio.results.values()} == {JobState.CANCELLED}
    assert studio.worker.close()


def test_close_leaves_a_deaf_job_alone(studio: Studio) -> None:
    running, go = threading.Event(), threading.Event()

    def work(_context: JobContext) -> None:
        running.set()
        assert go.wait(WAIT_S)

    studio.queue.add(Job("deaf", work))
    assert running.wait(WAIT_S)
    assert not studio.worker.close(timeout_s=0.05)
    go.set()
    assert studio.worker.close()


def test_a_worker_that_never_started_closes(studio: Studio) -> None:
    assert Studio().worker.close()


def test_a_closed_loop_does_not_hurt_the_worker() -> None:
    loop = asyncio.new_event_loop()
    loop.close()
    done = threading.Event()
    queue = JobQueue()
    worker = Worker(
        queue,
        loop.call_soon_threadsafe,
        on_start=lambda _job: None,
        on_progress=lambda _job, _progress: None,
        on_end=lambda _result: None,
    )
    worker.start()
    queue.add(Job("a", lambda _context: done.set()))
    assert done.wait(WAIT_S)
    assert queue.wait_idle(WAIT_S)
    assert worker.close()


def test_an_asyncio_loop_is_a_main_thread_too() -> None:
    async def main() -> list[JobState]:
        states: list[JobState] = []
        ended = asyncio.Event()

        def on_end(result: JobResult) -> None:
            assert threading.current_thread() is threading.main_thread()
            states.append(result.state)
            ended.set()

        queue = JobQueue(on_end)
        worker = Worker(
            queue,
            asyncio.get_running_loop().call_soon_threadsafe,
            on_start=lambda _job: None,
            on_progress=lambda _job, _progress: None,
            on_end=on_end,
        )
        worker.start()
        queue.add(Job("a", lambda _context: None))
        await asyncio.wait_for(ended.wait(), WAIT_S)
        assert worker.close()
        return states

    assert asyncio.run(main()) == [JobState.DONE]


def test_a_late_cancel_does_not_reach_what_the_next_job_waits_for(studio: Studio) -> None:
    woken: list[str] = []
    contexts: list[JobContext] = []

    def work(context: JobContext) -> None:
        contexts.append(context)
        context.on_cancel(lambda: woken.append("woken"))

    studio.run(("a", work))
    contexts[0].flag.set()
    assert woken == []
