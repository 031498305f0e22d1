"""One round of building: what came of each target, how far it is, and the report at its end."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from llamavis_studio.core.asset import AssetState
from llamavis_studio.core.errors import LlamaVisError
from llamavis_studio.core.events import (
    AssetBuilt,
    AssetFailed,
    BuildFinished,
    BuildStarted,
    Event,
    StepDone,
)
from llamavis_studio.core.project import Project
from llamavis_studio.jobs.job import JobResult, JobState
from llamavis_studio.pipeline.build import Outcome, Result
from llamavis_studio.pipeline.failures import Failure, Failures
from llamavis_studio.pipeline.plan import Plan
from llamavis_studio.pipeline.scan_cache import ScanCache
from llamavis_studio.pipeline.target import Target

_STEPS_AN_IMAGE = 100


@dataclass(frozen=True)
class BuildReport:
    """What a build did; outputs are project-relative. `edited` pairs an output with the reason,
    `notes` one with what did not go as asked.
    """

    built: tuple[str, ...]
    fresh: tuple[str, ...]
    failed: tuple[AssetFailed, ...]
    edited: tuple[tuple[str, str], ...]
    locked: tuple[str, ...]
    seconds: float
    notes: tuple[tuple[str, str], ...] = ()


class Round:
    """Lives on the main thread, from the plan to the last batch."""

    def __init__(
        self,
        project: Project,
        cache: ScanCache,
        plan: Plan,
        targets: Sequence[Target],
        publish: Callable[[Event], None],
    ) -> None:
        self._cache = cache
        self._publish = publish
        self._failures = Failures.open(project)
        self._began = time.monotonic()
        self._first_step: tuple[float, float] | None = None
        self._waiting = {target.output: target for target in targets}
        self._total = len(targets)
        self._built: list[str] = []
        self._notes: list[tuple[str, str]] = []
        self._failed = [
            AssetFailed(problem.path, problem.line, problem.message, problem.hint)
            for problem in plan.errors
        ]
        standing: dict[AssetState, list[tuple[str, str]]] = {state: [] for state in AssetState}
        for planned in plan.targets:
            if planned.target.output not in self._waiting:
                standing[planned.state].append((planned.target.output, planned.reason))
        self._fresh = [output for output, _ in standing[AssetState.FRESH]]
        self._locked = [output for output, _ in standing[AssetState.LOCKED]]
        self._edited = standing[AssetState.EDITED] + standing[AssetState.UNMANAGED]
        publish(BuildStarted(self._total, plan.estimate_s))

    def extend(self, targets: Sequence[Target]) -> None:
        """More is to be built, or the same with other words."""
        new = {target.output: target for target in targets}
        self._total += len(new.keys() - self._waiting.keys())
        self._waiting |= new

    @property
    def waits_for_bases(self) -> bool:
        """Whether some of what is left is made from other images."""
        return any(target.base for target in self._waiting.values())

    def bases_are_built(self, rest: Sequence[Target]) -> None:
        """`rest` is what must still be made from them; everything else proved to be fresh."""
        wanted = {target.output: target for target in rest}
        for output, target in list(self._waiting.items()):
            if target.base and output not in wanted:
                del self._waiting[output]
                self._fresh.append(output)
        self._total += len(wanted.keys() - self._waiting.keys())
        self._waiting |= wanted
        self._fresh = [output for output in self._fresh if output not in wanted]

    def note(self, outcome: Outcome) -> None:
        """Take in what came of one target, and tell it."""
        target = outcome.target
        awaited = self._waiting.get(target.output)
        if awaited is not None and awaited.build_key == target.build_key:
            del self._waiting[target.output]
        if outcome.result is Result.GUARDED:
            self._edited.append((target.output, outcome.message))
            return
        if outcome.result is Result.FAILED:
            failure = Failure(target.build_key, outcome.message, outcome.hint)
            self._failures.note(target.output, failure)
            self._fail(target, outcome.message, outcome.hint)
            return
        self._failures.note(target.output, None)
        same = outcome.result is Result.UNCHANGED
        (self._fresh if same else self._built).append(target.output)
        changed = (target.output,) if outcome.result is Result.BUILT else ()
        self._notes += [(target.output, note) for note in outcome.notes]
        self._publish(AssetBuilt(target.source, changed, outcome.notes))

    def progress(self, job: str, images: int, done: int, total: int) -> None:
        """A running batch of `images` has done so many of its steps."""
        if not total:
            return
        finished = self._total - len(self._waiting)
        share = min(finished + images * done / total, float(self._total))
        now = time.monotonic()
        if self._first_step is None:  # loading the model says nothing about the rest
            self._first_step = (now, share)
        since, before = self._first_step
        eta_s = None
        if share > before:
            eta_s = round((now - since) / (share - before) * (self._total - share), 1)
        steps = round(share * _STEPS_AN_IMAGE)
        whole = self._total * _STEPS_AN_IMAGE
        self._publish(StepDone(job, steps, whole, eta_s, round(done / total, 3)))

    def leave_out(self, targets: Sequence[Target]) -> None:
        """These will not be built after all."""
        for target in targets:
            if self._waiting.pop(target.output, None) is not None:
                self._total -= 1

    def time_anew(self) -> None:
        """What is left is reckoned from now on: there was a pause."""
        self._first_step = None

    def batch_ended(self, batch: Sequence[Target], result: JobResult) -> None:
        """Take in the end of a batch; a fault in it fails those of its targets that are left."""
        if result.state is JobState.DONE and result.value > 0:
            self._cache.note_speed(batch[0].backend.name, len(batch), float(result.value))
        if result.state is not JobState.FAILED:
            return
        error = result.error
        message, hint = f"internal error: {error}", "please report it; the log has the details"
        if isinstance(error, LlamaVisError):
            message, hint = error.message, error.hint
        for target in batch:
            awaited = self._waiting.get(target.output)
            if awaited is not None and awaited.build_key == target.build_key:
                del self._waiting[target.output]
                self._fail(target, message, hint)

    def finish(self, cancelled: bool) -> None:
        """The last batch has ended: write the failures down and tell the end."""
        self._failures.save()
        report = self.report()
        self._publish(
            BuildFinished(
                built=len(report.built),
                fresh=len(report.fresh),
                failed=len(report.failed),
                edited=len(report.edited),
                locked=len(report.locked),
                cancelled=cancelled,
                seconds=report.seconds,
            )
        )

    def report(self) -> BuildReport:
        """What was done so far."""
        return BuildReport(
            built=tuple(self._built),
            fresh=tuple(self._fresh),
            failed=tuple(self._failed),
            edited=tuple(self._edited),
            locked=tuple(self._locked),
            seconds=round(time.monotonic() - self._began, 2),
            notes=tuple(self._notes),
        )

    def _fail(self, target: Target, message: str, hint: str) -> None:
        event = AssetFailed(target.source, target.line, message, hint, target.output)
        self._failed.append(event)
        self._publish(event)
