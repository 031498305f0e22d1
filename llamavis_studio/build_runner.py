"""What runs for an open project: the queue, the worker thread, and the round of building under way.

Lives on the main thread. The worker's news reach it through the inbox; only `cancel` may be called
from any thread.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from llamavis_studio.backends.host import ModelHost
from llamavis_studio.batch_work import HowToBuild, batch_work
from llamavis_studio.build_round import BuildReport, Round
from llamavis_studio.core.errors import Cancelled
from llamavis_studio.core.events import BuildWaiting, Event
from llamavis_studio.core.project import Project
from llamavis_studio.jobs.inbox import MainThreadInbox
from llamavis_studio.jobs.job import Job, JobProgress, JobResult
from llamavis_studio.jobs.queue import JobQueue
from llamavis_studio.jobs.worker import Worker
from llamavis_studio.pipeline.build import Outcome, make_batches
from llamavis_studio.pipeline.history import History
from llamavis_studio.pipeline.plan import Plan
from llamavis_studio.pipeline.scan_cache import ScanCache
from llamavis_studio.pipeline.target import Target

CANCEL_TIMEOUT_S = 5.0
"""How long a cancelled build may take to notice."""


@dataclass
class _Flight:
    """A batch that was given to the queue; `given_up` when its words changed meanwhile."""

    job: Job
    batch: tuple[Target, ...]
    given_up: bool = False


class BuildRunner:
    """Gives batches to the worker and takes their outcomes into one round at a time.

    `on_idle` is called when the last batch has ended, on the main thread: there more may be
    submitted, or the round ended.
    """

    def __init__(
        self,
        host: ModelHost,
        cache: ScanCache,
        publish: Callable[[Event], None],
        batch_size: int,
    ) -> None:
        self.inbox = MainThreadInbox()
        self.on_idle: Callable[[], None] = lambda: None
        self.cancelled = False
        self._host = host
        self._cache = cache
        self._publish = publish
        self._batch_size = batch_size
        self._jobs = JobQueue(on_end=self._post_end)
        self._worker: Worker | None = None
        self._flights: dict[int, _Flight] = {}
        self._round: Round | None = None
        self._project: Project | None = None
        self._how = HowToBuild()
        self._given_up: set[str] = set()

    @property
    def busy(self) -> bool:
        """Whether a batch is under way or waits."""
        return bool(self._flights)

    @property
    def round(self) -> Round | None:
        """The round under way."""
        return self._round

    def begin(
        self, project: Project, plan: Plan, targets: Sequence[Target], how: HowToBuild
    ) -> Round:
        """Start a round, or let the one under way grow by these targets."""
        self._project, self._how = project, how
        if self._round is None:
            self._round = Round(project, self._cache, plan, targets, self._publish)
        else:
            self._round.extend(targets)
        return self._round

    def submit(self, targets: Sequence[Target]) -> None:
        """Give targets of the round to the worker, in batches."""
        if not targets or self._project is None:
            return
        if self._worker is None:
            self._worker = Worker(
                self._jobs,
                self.inbox.post,
                on_start=lambda job: None,
                on_progress=self._progressed,
                on_end=self._ended,
            )
            self._worker.start()
        for batch in make_batches(targets, self._batch_size):
            key = "+".join(f"{target.output}={target.build_key[:16]}" for target in batch)
            work = batch_work(
                batch, self._project, self._host, self._how, self._post_outcome, self._post_wait
            )
            job = Job(key, work, title=batch[0].output)
            self._flights[job.number] = _Flight(job, batch)
            self._jobs.add(job)

    def give_up_unwanted(self, wanted: Mapping[str, str]) -> set[str]:
        """Cancel the batches that hold anything but `wanted` (build keys by output).

        The wanted outputs of those that go on are returned.
        """
        kept: set[str] = set()
        for flight in [flight for flight in self._flights.values() if not flight.given_up]:
            right = {t.output for t in flight.batch if wanted.get(t.output) == t.build_key}
            # No image is given up twice for the sake of others, else a storm draws it for ever.
            if len(right) == len(flight.batch) or right & self._given_up:
                kept |= right
            else:
                self._given_up |= right
                flight.given_up = True
                self._jobs.cancel(flight.job.key)
        return kept

    def run_until_idle(self) -> None:
        """Work through the inbox; Ctrl+C cancels, waits for the worker to notice, then tells."""
        try:
            self.inbox.run_until(lambda: not self._flights)
        except KeyboardInterrupt:
            self.cancel()
            self.drain()
            self.end()
            raise Cancelled from None

    def drain(self) -> None:
        """Wait a little for what was cancelled."""
        self.inbox.run_until(lambda: not self._flights, CANCEL_TIMEOUT_S)

    def end(self) -> BuildReport | None:
        """The round is over: remember it and tell everyone."""
        finished, self._round = self._round, None
        self._given_up.clear()
        if finished is None or self._project is None:
            return None
        finished.finish(self.cancelled)
        self._cache.save(self._project)
        History(self._project, self._how.history_bytes).prune()
        return finished.report()

    def cancel(self) -> None:
        """Stop everything under way; from any thread."""
        self.cancelled = True
        self._jobs.cancel_all()

    def close(self) -> None:
        """Cancel what runs and wait at most some seconds."""
        if self._worker is not None:
            self._worker.close()

    def _post_outcome(self, outcome: Outcome) -> None:
        self.inbox.post(partial(self._came_out, outcome))

    def _post_wait(self, owner: str) -> None:
        self.inbox.post(partial(self._publish, BuildWaiting(owner)))

    def _came_out(self, outcome: Outcome) -> None:
        if self._round is not None:
            self._round.note(outcome)

    def _progressed(self, job: Job, progress: JobProgress) -> None:
        flight = self._flights.get(job.number)
        if self._round is not None and flight is not None:
            self._round.progress(job.title, len(flight.batch), progress.done, progress.total)

    def _post_end(self, result: JobResult) -> None:
        # The queue tells this in the thread that cancelled, which may be any.
        self.inbox.post(partial(self._ended, result))

    def _ended(self, result: JobResult) -> None:
        flight = self._flights.pop(result.job.number, None)
        if self._round is not None and flight is not None:
            self._round.batch_ended(flight.batch, result)
        if not self._flights:
            self.on_idle()
