"""What runs for an open project: the queue, the worker thread, and the round of building under way.

Lives on the main thread. The worker's news reach it through the inbox; only `cancel` may be called
from any thread.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from llamavis_studio.backends.host import ModelHost
from llamavis_studio.batch_work import HowToBuild, batch_work
from llamavis_studio.build_line import Errand
from llamavis_studio.build_queue import BuildQueue
from llamavis_studio.build_round import BuildReport, Round
from llamavis_studio.core.asset import AssetState
from llamavis_studio.core.errors import Cancelled
from llamavis_studio.core.events import BuildWaiting, Event, ImageEmerging
from llamavis_studio.core.project import Project
from llamavis_studio.core.queued import QueuedImage
from llamavis_studio.jobs.inbox import MainThreadInbox
from llamavis_studio.jobs.job import Job, JobContext, JobProgress, JobResult, JobState
from llamavis_studio.jobs.worker import Worker
from llamavis_studio.pipeline.build import Outcome, make_batches
from llamavis_studio.pipeline.history import History
from llamavis_studio.pipeline.plan import Plan
from llamavis_studio.pipeline.scan_cache import ScanCache
from llamavis_studio.pipeline.target import Target

CANCEL_TIMEOUT_S = 5.0
"""How long a cancelled build may take to notice."""


class BuildRunner:
    """Gives batches to the worker and takes their outcomes into one round at a time.

    `on_idle`, set while watching, is called when the last batch has ended, on the main thread:
    there more may be submitted, or the round ended.
    """

    def __init__(
        self,
        host: ModelHost,
        cache: ScanCache,
        publish: Callable[[Event], None],
        batch_size: int,
    ) -> None:
        self.inbox = MainThreadInbox()
        self.on_idle: Callable[[], None] | None = None
        self.cancelled = False
        self.queue = BuildQueue(self.inbox, publish, batch_size, self._work_for, self._post_end)
        self.queue.on_left = self._left
        self.queue.on_empty = self._rest_if_idle
        self.queue.on_go_on = self._went_on
        self.queue.on_other = self._start_worker
        self.queue.stop_model = host.cancel
        self._host = host
        self._cache = cache
        self._publish = publish
        self._batch_size = batch_size
        self._worker: Worker | None = None
        self._round: Round | None = None
        self._project: Project | None = None
        self._how = HowToBuild()
        self._reasons: dict[str, str] = {}
        self._given_up: set[str] = set()

    @property
    def busy(self) -> bool:
        """Whether a batch is under way or waits."""
        return self.queue.busy

    @property
    def round(self) -> Round | None:
        """The round under way."""
        return self._round

    def begin(
        self, project: Project, plan: Plan, targets: Sequence[Target], how: HowToBuild
    ) -> Round:
        """Start a round, or let the one under way grow by these targets."""
        self._project, self._how = project, how
        self._reasons = {
            one.target.output: one.reason
            for one in plan.targets
            if one.state is not AssetState.MISSING  # an image that is not there needs no reason
        }
        if self._round is None:
            # `build` looks at it from its start; while watching nobody else forgets the last stop.
            self.cancelled = self.cancelled and self.on_idle is None
            self._round = Round(project, self._cache, plan, targets, self._publish)
        else:
            self._round.extend(targets)
        return self._round

    def submit(self, targets: Sequence[Target]) -> None:
        """Give targets of the round to the worker, in batches."""
        if not targets or self._project is None:
            return
        self._start_worker()
        batches = make_batches(targets, self._batch_size)
        self.queue.submit([self._errand(target) for batch in batches for target in batch])

    def _start_worker(self) -> None:
        if self._worker is None:
            self._worker = Worker(
                self.queue.jobs,
                self.inbox.post,
                on_start=lambda _job: self.queue.note_change(),
                on_progress=self._progressed,
                on_end=self._ended,
            )
            self._worker.start()

    def give_up_unwanted(self, wanted: Mapping[str, str], there: Mapping[str, str]) -> set[str]:
        """Do not draw anything but `wanted` (build keys by output). Of a batch under way some may
        be `there` already.

        The wanted outputs of what goes on are returned, and those that were taken out by hand.
        """
        kept = self.queue.keep_only(wanted)
        flight = self.queue.running()
        if flight is None:
            return kept
        right = {
            target.output
            for target in flight.targets
            if target.build_key in (wanted.get(target.output), there.get(target.output))
        }
        # No image is given up twice for the sake of others, else a storm draws it for ever.
        if len(right) == len(flight.errands) or right & self._given_up:
            return kept | right
        self._given_up |= right
        self.queue.give_up(flight)
        return kept

    def run_until_idle(self) -> None:
        """Work through the inbox; Ctrl+C cancels, waits for the worker to notice, then tells."""
        try:
            self.inbox.run_until(lambda: not self.busy)
        except KeyboardInterrupt:
            self.cancel()
            self.drain()
            self.end()
            raise Cancelled from None

    def drain(self) -> None:
        """Wait a little for what was cancelled."""
        self.inbox.run_until(lambda: not self.busy, CANCEL_TIMEOUT_S)

    def end(self) -> BuildReport | None:
        """The round is over: remember it and tell everyone."""
        self.queue.tell_rest()
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
        self.queue.jobs.cancel_all()

    def close(self) -> None:
        """Cancel what runs and wait at most some seconds."""
        if self._worker is not None:
            self._worker.close()

    def _errand(self, target: Target) -> Errand:
        reason = self._reasons.get(target.output, "")
        words = "" if target.base else target.description
        return Errand(target, self._how, QueuedImage(target.output, target.source, words, reason))

    def _work_for(self, errands: tuple[Errand, ...]) -> Callable[[JobContext], float]:
        assert self._project is not None  # `begin` comes first
        batch = tuple(errand.target for errand in errands)
        return batch_work(
            batch, self._project, self._host, errands[0].how, self._post_outcome, self._post_wait
        )

    def _post_outcome(self, outcome: Outcome) -> None:
        self.inbox.post(partial(self._came_out, outcome))

    def _post_wait(self, owner: str) -> None:
        self.inbox.post(partial(self._publish, BuildWaiting(owner)))

    def _came_out(self, outcome: Outcome) -> None:
        if self._round is not None:
            self._round.note(outcome)

    def _progressed(self, job: Job, progress: JobProgress) -> None:
        flight = self.queue.flight(job)
        if self._round is not None and flight is not None:
            self._round.progress(job.title, len(flight.errands), progress.done, progress.total)
            for seen in progress.shown:
                self._publish(ImageEmerging(seen.name, seen.pixels))

    def _left(self, targets: Sequence[Target]) -> None:
        if self._round is not None:
            self._round.leave_out(targets)

    def _went_on(self) -> None:
        if self._round is not None:
            self._round.time_anew()

    def _post_end(self, result: JobResult) -> None:
        # The queue tells this in the thread that cancelled, which may be any.
        self.inbox.post(partial(self._ended, result))

    def _ended(self, result: JobResult) -> None:
        if self.queue.other_ended(result):
            return
        flight = self.queue.ended(result.job)
        if self._round is not None and flight is not None:
            self._round.batch_ended(flight.targets, result)
            watches = self.on_idle is not None
            if watches and self.cancelled and result.state is JobState.CANCELLED:
                # A stop stays a stop: the next save does not bring all of this back.
                self.queue.put_aside(flight.targets)
        self._rest_if_idle()

    def _rest_if_idle(self) -> None:
        if not self.busy and self.on_idle is not None:
            self.on_idle()
