"""The queue as people see it: which images are drawn, which wait, and what may be done about it.

    submit -> line of images -> batches -> jobs -> worker
    pause, go_on, to_front, move, move_before, take_out -> the line anew -> QueueChanged

Lives on the main thread; only `pause` and `go_on` may be called from any thread.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from llamavis_studio.build_line import (
    Errand,
    Line,
    in_batches,
    joined,
    moved,
    put_before,
    to_front,
    without,
)
from llamavis_studio.core.events import Event, QueueChanged
from llamavis_studio.core.queued import QueueState
from llamavis_studio.jobs.inbox import InboxTimer, MainThreadInbox
from llamavis_studio.jobs.job import Job, JobContext, JobResult
from llamavis_studio.jobs.queue import JobQueue, OnEnd
from llamavis_studio.pipeline.target import Target

MOST_OFTEN_S = 0.25
"""The least time between two `QueueChanged`."""
SOON_S = 0.03
"""What changes within so long is told at once: a batch that ends and the next that begins."""

WorkFor = Callable[[tuple[Errand, ...]], Callable[[JobContext], float]]
Change = Callable[[Line], Line]


@dataclass(frozen=True)
class Flight:
    """A batch that was given to the worker."""

    job: Job
    errands: tuple[Errand, ...]

    @property
    def targets(self) -> tuple[Target, ...]:
        """What it draws."""
        return tuple(errand.target for errand in self.errands)


class BuildQueue:
    """What is drawn and what waits.

    Args:
        inbox: of the main thread.
        publish: told `QueueChanged`, on the main thread.
        most: the user's limit of a batch, 0 for none.
        work_for: what the worker does for a batch.
        on_end: told of every batch that ends without having run, in the thread that cancelled.
    """

    def __init__(
        self,
        inbox: MainThreadInbox,
        publish: Callable[[Event], None],
        most: int,
        work_for: WorkFor,
        on_end: OnEnd,
    ) -> None:
        self.jobs = JobQueue(on_end)
        self.on_left: Callable[[Sequence[Target]], None] = lambda _targets: None
        """Told of images that will not be drawn after all."""
        self.on_empty: Callable[[], None] = lambda: None
        """Told, a little later, that the last image was taken out."""
        self.on_go_on: Callable[[], None] = lambda: None
        """Told when a pause ends."""
        self.on_other: Callable[[], None] = lambda: None
        """Told before the worker is given something that is no drawing."""
        self.stop_model: Callable[[], None] = lambda: None
        """Makes what the model is at end; from any thread."""
        self._inbox = inbox
        self._publish = publish
        self._most = most
        self._work_for = work_for
        self._flights: dict[int, Flight] = {}
        self._aside: dict[str, str] = {}
        self._others: dict[int, OnEnd] = {}
        self._other_number = 0
        self._timer: InboxTimer | None = None
        self._told_at = 0.0

    # --- for the user ----------------------------------------------------------------------------

    def state(self) -> QueueState:
        """What is drawn and what waits at this moment, image by image."""
        running, waiting = self.jobs.both()
        return QueueState(
            tuple(one.image for one in self._errands(() if running is None else (running,))),
            tuple(one.image for one in self._errands(waiting)),
            self.jobs.is_paused,
        )

    def pause(self) -> None:
        """Begin nothing new. The images that are drawn now are finished; from any thread."""
        self.jobs.pause()
        self._inbox.post(self.note_change)

    def go_on(self) -> None:
        """End a pause; from any thread."""
        if self.jobs.is_paused:
            self.jobs.resume()
            self._inbox.post(self.on_go_on)
            self._inbox.post(self.note_change)

    def to_front(self, outputs: Collection[str]) -> None:
        """Draw these waiting images next, each by itself, so that it is there as soon as it can."""
        self._rearrange(lambda line: to_front(line, outputs))

    def move(self, outputs: Collection[str], by: int) -> None:
        """Move waiting images one place: -1 is sooner, 1 later."""
        self._rearrange(lambda line: moved(line, outputs, by))

    def move_before(self, outputs: Collection[str], before: str) -> None:
        """Put waiting images in front of another one; behind all where it does not wait."""
        self._rearrange(lambda line: put_before(line, outputs, before))

    def take_out(self, outputs: Collection[str]) -> int:
        """Do not draw these, until they are asked for or their words change; how many there were.

        Of a batch that is being drawn the others wait again, first in line.
        """
        left: list[Errand] = []
        back: list[Errand] = []
        running = self.running()
        if running is not None:
            left += [one for one in running.errands if one.output in outputs]
            back += without(running.errands, outputs) if left else []
        stopped = running if left else None

        def change(line: Line) -> Line:
            left.extend(one for one in line if one.output in outputs)
            return joined(back, without(line, outputs))

        self._rearrange(change)
        if stopped is not None:
            self.give_up(stopped)
        self.put_aside([one.target for one in left])
        self.on_left([one.target for one in left])
        return len(left)

    # --- work that is no drawing -----------------------------------------------------------------

    def do(
        self, title: str, work: Callable[[JobContext], Any], on_end: OnEnd, *, first: bool = False
    ) -> Job:
        """Have the worker do something else with the model, behind the images that wait, or `first`
        of all, also in a pause. `on_end` is told on the main thread; `stop` ends it.
        """

        def run(context: JobContext) -> Any:
            context.on_cancel(self.stop_model)
            return work(context)

        self.on_other()
        self._other_number += 1
        job = Job(f"other {self._other_number}", run, title, priority=int(first))
        self._others[job.number] = on_end
        self.jobs.add(job)
        return job

    def stop(self, job: Job) -> bool:
        """Stop what `do` has begun; from any thread. False where it has ended."""
        return self.jobs.cancel(job.key)

    def other_ended(self, result: JobResult) -> bool:
        """Tell who asked for it that work of `do` has ended; False for a batch of images."""
        on_end = self._others.pop(result.job.number, None)
        if on_end is not None:
            on_end(result)
        return on_end is not None

    # --- for the runner --------------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """Whether a batch is under way or waits."""
        return bool(self._flights)

    def submit(self, errands: Line) -> None:
        """More images at the end of the line; what is drawn or waits already is not drawn twice."""
        for errand in errands:
            self._aside.pop(errand.output, None)
        running = self.running()
        now = {} if running is None else {one.output: one for one in running.errands}
        new = [one for one in errands if one.output not in now or not now[one.output].does(one)]
        if new:
            self._rearrange(lambda line: joined(line, new))

    def keep_only(self, wanted: Mapping[str, str]) -> set[str]:
        """Of the waiting images only those that are `wanted` (build keys by output) stay.

        Answers with these, and with those that were taken out and must not come back by themselves.
        """
        stay: set[str] = set()
        gone: list[Target] = []

        def change(line: Line) -> Line:
            kept = [one for one in line if wanted.get(one.output) == one.target.build_key]
            stay.update(one.output for one in kept)
            gone.extend(one.target for one in line if one.output not in wanted)
            return kept

        self._rearrange(change)
        self.on_left(gone)
        return stay | {output for output, key in self._aside.items() if wanted.get(output) == key}

    def put_aside(self, targets: Sequence[Target]) -> None:
        """Remember that nobody wants these to be drawn as they are."""
        self._aside |= {target.output: target.build_key for target in targets}

    def flight(self, job: Job) -> Flight | None:
        """The batch of a job that has not ended."""
        return self._flights.get(job.number)

    def running(self) -> Flight | None:
        """The batch that is drawn and was not told to stop."""
        job = self.jobs.running()
        if job is None or self.jobs.is_stopping:
            return None
        return self._flights.get(job.number)

    def give_up(self, flight: Flight) -> None:
        """Stop a batch."""
        self.jobs.cancel(flight.job.key)

    def ended(self, job: Job) -> Flight | None:
        """The batch of a job that ended just now; it is forgotten."""
        self.note_change()
        return self._flights.pop(job.number, None)

    def note_change(self) -> None:
        """Tell soon, and a few times a second at most, how the queue stands."""
        if self._timer is None:
            wait_s = max(SOON_S, self._told_at + MOST_OFTEN_S - self._inbox.time())
            self._timer = self._inbox.call_later(wait_s, self._tell)

    def tell_rest(self) -> None:
        """Tell now what is still to be told."""
        if self._timer is not None:
            self._timer.cancel()
            self._tell()

    def _tell(self) -> None:
        self._timer = None
        self._told_at = self._inbox.time()
        running, waiting = self.jobs.both()
        drawn = self._errands(() if running is None else (running,))
        count = sum(len(self._flights[job.number].errands) for job in self._known(waiting))
        names = tuple(one.output for one in drawn)
        self._publish(QueueChanged(names, count, self.jobs.is_paused))

    def _known(self, jobs: Sequence[Job]) -> list[Job]:
        return [job for job in jobs if job.number in self._flights]

    def _errands(self, jobs: Sequence[Job]) -> list[Errand]:
        return [one for job in self._known(jobs) for one in self._flights[job.number].errands]

    def _rearrange(self, change: Change) -> None:
        was_busy = self.busy

        def jobs(waiting: tuple[Job, ...]) -> list[Job]:
            before = {self._flights[job.number].errands: job for job in self._known(waiting)}
            others = [job for job in waiting if job.number in self._others]
            after = []
            for batch in in_batches(change(self._errands(waiting)), self._most):
                job = before.pop(batch, None)
                after.append(self._job(batch) if job is None else job)
            for job in before.values():
                del self._flights[job.number]
            return [*after, *others]

        self.jobs.rearrange(jobs)
        self.note_change()
        if was_busy and not self.busy:  # nobody else will say that the round has ended
            self._inbox.post(self.on_empty)

    def _job(self, errands: tuple[Errand, ...]) -> Job:
        key = "+".join(f"{one.output}={one.target.build_key[:16]}" for one in errands)
        job = Job(key, self._work_for(errands), title=errands[0].output)
        self._flights[job.number] = Flight(job, errands)
        return job
