"""The one worker thread: takes a job, runs it, posts what became of it, takes the next.

Everything it says goes through ``post``, which runs a callable on the main thread: an asyncio
loop's ``call_soon_threadsafe``, or that of a ``MainThreadInbox`` where there is no such loop.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from functools import partial

from llamavis_studio.core.errors import Cancelled, LlamaVisError
from llamavis_studio.jobs.job import Job, JobContext, JobProgress, JobResult, JobState
from llamavis_studio.jobs.queue import JobQueue

WORKER_THREAD = "llamavis-gpu-worker"
CLOSE_TIMEOUT_S = 5.0

Post = Callable[[Callable[[], None]], object]

_log = logging.getLogger(__name__)


class Worker:
    """Runs the jobs of a queue, one at a time.

    Args:
        jobs: where they come from.
        post: runs a callable on the main thread, soon; may be called from any thread.
        on_start, on_progress, on_end: told on the main thread, through ``post``.
    """

    def __init__(
        self,
        jobs: JobQueue,
        post: Post,
        *,
        on_start: Callable[[Job], None],
        on_progress: Callable[[Job, JobProgress], None],
        on_end: Callable[[JobResult], None],
    ) -> None:
        self._jobs = jobs
        self._post = post
        self._on_start = on_start
        self._on_progress = on_progress
        self._on_end = on_end
        # A daemon: a job that ignores its cancel flag must not keep the program from ending.
        self._thread = threading.Thread(target=self._run, name=WORKER_THREAD, daemon=True)

    def start(self) -> None:
        """Begin to take jobs."""
        self._thread.start()

    def close(self, timeout_s: float = CLOSE_TIMEOUT_S) -> bool:
        """Cancel every job, take no more, and wait for the running one to notice.

        False when it did not within ``timeout_s``; its thread is left alone, never terminated.
        """
        self._jobs.close()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while (taken := self._jobs.take()) is not None:
            job, flag = taken
            self._say(partial(self._on_start, job))
            context = JobContext(job, flag, partial(self._tell_progress, job))
            result = _run_job(context)
            flag.retire()
            given_up = self._jobs.finish(job)
            if result.state is JobState.CANCELLED:
                result = JobResult(job, given_up)
            self._say(partial(self._on_end, result))
            # Nothing of a finished job stays alive while the thread waits for the next.
            del taken, job, flag, context, result

    def _tell_progress(self, job: Job, progress: JobProgress) -> None:
        self._say(partial(self._on_progress, job, progress))

    def _say(self, news: Callable[[], None]) -> None:
        try:
            self._post(news)
        except RuntimeError:
            # A loop that is closed has nobody left to tell; the program is ending.
            _log.debug("nobody is left to hear of %s", news)


def _run_job(context: JobContext) -> JobResult:
    """Run one job to its end; whatever it raises fails the job and not the thread."""
    job = context.job
    try:
        context.check()
        return JobResult(job, JobState.DONE, value=job.work(context))
    except Cancelled:
        return JobResult(job, JobState.CANCELLED)
    except LlamaVisError as error:
        return JobResult(job, JobState.FAILED, error=error)
    except BaseException as error:  # noqa: BLE001 - the outermost frame of the thread
        _log.exception("job %d (%s) failed by a fault of ours", job.number, job.key)
        return JobResult(job, JobState.FAILED, error=error)
