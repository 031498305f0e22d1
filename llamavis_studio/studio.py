"""An open project and everything that runs for it.

One edit, in order: `watch` notices it, `_refresh` plans anew and hands batches of stale targets to
the job queue, the worker thread draws them in the model process, and each outcome comes back to
the main thread, where it is remembered and published.

The main thread is whoever calls `plan`, `build` and `watch`. What other threads have to say reaches
it through the inbox; only `cancel` may be called from anywhere.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from llamavis_studio.backends.base import OnStep
from llamavis_studio.backends.base import ignore_steps as unwatched
from llamavis_studio.backends.host import ModelHost
from llamavis_studio.backends.model_process import ProcessSettings
from llamavis_studio.backends.process_host import ProcessHost
from llamavis_studio.batch_work import batch_work
from llamavis_studio.build_round import BuildReport, Round
from llamavis_studio.core.asset import AssetState
from llamavis_studio.core.errors import Cancelled, LocatedError, ProjectError
from llamavis_studio.core.events import Event, PlanReady, ProblemFound, Publisher, Subscriber
from llamavis_studio.core.project import Project
from llamavis_studio.core.project_file import PROJECT_FILE
from llamavis_studio.core.settings import Settings, layered, state_folder, user_settings
from llamavis_studio.imaging.contact_sheet import Entry, contact_sheet
from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.png import decode_image, encode_png
from llamavis_studio.jobs.inbox import MainThreadInbox
from llamavis_studio.jobs.job import Job, JobProgress, JobResult
from llamavis_studio.jobs.queue import JobQueue
from llamavis_studio.jobs.worker import Worker
from llamavis_studio.pipeline.build import Outcome, make_batches
from llamavis_studio.pipeline.plan import Plan, PlannedTarget, make_plan
from llamavis_studio.pipeline.scan_cache import ScanCache
from llamavis_studio.pipeline.target import Target
from llamavis_studio.pipeline.write import clean_temporaries, write_atomic
from llamavis_studio.single_shots import Answer, Made, Sampling, SingleShots
from llamavis_studio.watch.observer import NATIVE_QUIET
from llamavis_studio.watch.snapshot import Change, is_description
from llamavis_studio.watch.watcher import Watcher

CANCEL_TIMEOUT_S = 5.0
"""How long a cancelled build may take to notice."""
_PALETTE_SUFFIXES = (".hex", ".gpl", ".pal")


class Studio:
    """An open project: plan it, build it, keep it true to its words.

    Events go to subscribers on the main thread. Close it in the end, or use it in a `with`.
    """

    def __init__(self, project: Project, settings: Settings, host: ModelHost | None = None) -> None:
        self.project = project
        self.settings = settings
        self._own_host = host is None
        self._host: ModelHost = _process_host(settings) if host is None else host
        self._cache = ScanCache.open(project)
        self._publisher = Publisher()
        self._inbox = MainThreadInbox()
        self._jobs = JobQueue(on_end=self._post_end)
        self._worker: Worker | None = None
        self._flights: dict[int, _Flight] = {}
        self._round: Round | None = None
        self._watching = False
        self._inputs: frozenset[str] = frozenset()
        self._told: set[ProblemFound] = set()
        self._cancelled = False

    @classmethod
    def open(
        cls,
        path: Path | str,
        *,
        host: ModelHost | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> Studio:
        """Open the project around `path`; `settings` win over those of the user and the project.

        Raises ProjectError or SettingsError.
        """
        project = Project.open(path)
        merged = layered(user_settings(), project.settings, settings or {})
        return cls(project, merged, host)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def root(self) -> Path:
        """The project's folder."""
        return self.project.root

    def subscribe(self, callback: Subscriber) -> Callable[[], None]:
        """Call `callback` with every event from now on; the result ends that."""
        return self._publisher.subscribe(callback)

    def plan(self, paths: Iterable[Path] | None = None) -> Plan:
        """How every image (or those at or below `paths`) stands, and why; builds nothing."""
        found = self._plan_quietly(self.project, paths)
        self._cache.save(self.project)
        self._publish(PlanReady(found.counts(), len(found.problems), found.estimate_s))
        return found

    def build(self, paths: Iterable[Path] | None = None, force: bool = False) -> BuildReport:
        """Build what is stale, missing or failed; with `force` all but the locked.

        What fails is reported and the rest is built. Raises Cancelled after `cancel` or Ctrl+C;
        what was finished by then stays.
        """
        self._cancelled = False
        clean_temporaries(self.root)
        plan = self.plan(paths)
        targets = plan.to_build(force)
        self._tell_problems(plan)
        work = self._begin(plan, targets)
        self._submit(targets, force)
        self._run_until(lambda: not self._flights)
        self._end()
        if self._cancelled:
            raise Cancelled
        return work.report()

    def generate(
        self,
        values: Mapping[str, Any],
        out: Path,
        sampling: Sampling | None = None,
        on_step: OnStep = unwatched,
    ) -> list[Made]:
        """Make images outside the plan; see `SingleShots.generate`."""
        return SingleShots(self._host).generate(values, out, sampling, on_step=on_step)

    def caption(
        self, files: Sequence[Path], on_step: OnStep = unwatched
    ) -> list[tuple[Path, Answer]]:
        """Words for each file, by the project's backend; see `SingleShots.caption`."""
        return SingleShots(self._host).caption(files, self.project.backend, on_step)

    def contact_sheet(self, out: Path, columns: int = 6) -> list[str]:
        """Draw every image of the project, with its name, into the PNG `out`; the names drawn.

        Raises ProjectError when there is none yet, or `out` cannot be written.
        """
        if out.suffix.lower() != ".png":
            raise ProjectError(f"'{out}' is no PNG file name", "such as -o sheet.png")
        entries = []
        for planned in self.plan().targets:
            output = planned.target.output
            with contextlib.suppress(ImageError, OSError):  # it is missing, and the plan says so
                name = Path(output).stem
                entries.append(Entry(name, decode_image(self.root / output)))
        if not entries:
            raise ProjectError("there are no images yet", f"llamavis build {self.root}")
        write_atomic(out, encode_png(contact_sheet(entries, columns=columns)))
        return [entry.name for entry in entries]

    def cancel(self) -> None:
        """Stop the build under way; from any thread."""
        self._cancelled = True
        self._jobs.cancel_all()

    def close(self) -> None:
        """Cancel what runs, wait at most some seconds, give everything back."""
        if self._worker is not None:
            self._worker.close()
        if self._own_host:
            self._host.close()

    def _begin(self, plan: Plan, targets: Sequence[Target]) -> Round:
        self._round = Round(self.project, self._cache, plan, targets, self._publish)
        return self._round

    def _end(self) -> None:
        """The round is over: remember it and tell everyone."""
        finished, self._round = self._round, None
        if finished is not None:
            finished.finish(self._cancelled)
            self._cache.save(self.project)

    def _submit(self, targets: Sequence[Target], force: bool) -> None:
        if not targets:
            return
        if self._worker is None:
            self._worker = Worker(
                self._jobs,
                self._inbox.post,
                on_start=lambda job: None,
                on_progress=self._progressed,
                on_end=self._ended,
            )
            self._worker.start()
        for batch in make_batches(targets, self.settings.batch_size):
            key = "+".join(f"{target.output}={target.build_key[:16]}" for target in batch)
            work = batch_work(batch, self.project, self._host, force, self._post_outcome)
            job = Job(key, work, title=batch[0].output)
            self._flights[job.number] = _Flight(job, batch)
            self._jobs.add(job)

    def _post_outcome(self, outcome: Outcome) -> None:
        self._inbox.post(partial(self._came_out, outcome))

    def _came_out(self, outcome: Outcome) -> None:
        if self._round is not None:
            self._round.note(outcome)

    def _progressed(self, job: Job, progress: JobProgress) -> None:
        flight = self._flights.get(job.number)
        if self._round is not None and flight is not None:
            self._round.progress(job.title, len(flight.batch), progress.done, progress.total)

    def _post_end(self, result: JobResult) -> None:
        # The queue tells this in the thread that cancelled, which may be any.
        self._inbox.post(partial(self._ended, result))

    def _ended(self, result: JobResult) -> None:
        flight = self._flights.pop(result.job.number, None)
        if self._round is not None and flight is not None:
            self._round.batch_ended(flight.batch, result)
        if self._watching and not self._flights:
            self._end()

    def _run_until(self, finished: Callable[[], bool]) -> None:
        """Work through the inbox; Ctrl+C cancels, waits for the worker to notice, then tells."""
        try:
            self._inbox.run_until(finished)
        except KeyboardInterrupt:
            self.cancel()
            self._inbox.run_until(lambda: not self._flights, CANCEL_TIMEOUT_S)
            self._end()
            raise Cancelled from None

    def _tell_problems(self, plan: Plan) -> None:
        """Publish what is wrong and was not told before; what is mended may be told again."""
        for problem in plan.problems:
            if problem not in self._told:
                self._publish(problem)
        self._told = set(plan.problems)

    def _publish(self, event: Event) -> None:
        self._publisher.publish(event)

    def watch(self, stop: threading.Event | None = None) -> None:
        """Build, and build again after every change, until `stop` is set; Ctrl+C interrupts."""
        ended = threading.Event() if stop is None else stop
        clean_temporaries(self.root)
        quiet = replace(
            NATIVE_QUIET, created_s=self.settings.debounce_s, gone_s=self.settings.debounce_s
        )
        watcher = Watcher(
            self.root, self._inbox, self._changed, relevant=self._is_input, quiet=quiet
        )
        self._watching = True
        try:
            # In this order: an edit between the two is then a change, not the starting point.
            watcher.start()
            self._refresh(None)
            self._inbox.run_until(ended.is_set)
        finally:
            watcher.close()
            self.cancel()
            self._inbox.run_until(lambda: not self._flights, CANCEL_TIMEOUT_S)
            self._end()
            self._watching = False

    def _changed(self, changes: tuple[Change, ...]) -> None:
        self._refresh(frozenset(str(change.path) for change in changes))

    def _is_input(self, relative: str) -> bool:
        """Whether a file decides images: asked in watchdog's thread, hence the frozen set."""
        return (
            is_description(relative)
            or relative.endswith(_PALETTE_SUFFIXES)
            or relative in self._inputs
        )

    def _plan_quietly(self, project: Project, paths: Iterable[Path] | None = None) -> Plan:
        found = make_plan(project, self._host.info, self._cache, paths)
        references = {name for one in found.targets for name in one.target.references}
        styles = [style.palette for style in project.styles.values()]
        palettes = [*styles, *project.file.palettes.values()]
        adapters = [style.adapter for style in project.styles.values()]
        named = {one for one in (*palettes, *adapters) if isinstance(one, str)}
        self._inputs = frozenset(references | named)
        return found

    def _refresh(self, changed: frozenset[str] | None) -> None:
        """After a change: plan anew, give up what is no longer wanted, start what is.

        `changed` are project-relative paths, None at the start; what failed before is tried again
        only for them.
        """
        try:
            project = Project.open(self.root)
            if project.root != self.root:
                raise ProjectError(f"{PROJECT_FILE} is gone", "put it back", self.root)
            plan = self._plan_quietly(project)
        except LocatedError as error:
            for one in error.problems:
                place = "" if one.path is None else one.path.name
                problem = ProblemFound(place, one.line, one.column, one.message, one.hint)
                if problem not in self._told:
                    self._publish(problem)
                    self._told.add(problem)
            return
        self.project = project
        self._tell_problems(plan)
        wanted = {
            planned.target.output: planned.target.build_key
            for planned in plan.targets
            if _is_wanted(planned, changed)
        }
        kept = set()
        for flight in [flight for flight in self._flights.values() if not flight.given_up]:
            if all(wanted.get(target.output) == target.build_key for target in flight.batch):
                kept |= {target.output for target in flight.batch}
            else:
                flight.given_up = True
                self._jobs.cancel(flight.job.key)
        targets = [
            planned.target
            for planned in plan.targets
            if planned.target.output in wanted and planned.target.output not in kept
        ]
        if not targets:
            self._cache.save(project)  # else at the end of the round, when nobody waits for it
            return
        self._publish(PlanReady(plan.counts(), len(plan.problems), plan.estimate_s))
        if self._round is None:
            self._begin(plan, targets)
        else:
            self._round.extend(targets)
        self._submit(targets, force=False)


@dataclass
class _Flight:
    """A batch that was given to the queue; `given_up` when its words changed meanwhile."""

    job: Job
    batch: tuple[Target, ...]
    given_up: bool = False


def _is_wanted(planned: PlannedTarget, changed: frozenset[str] | None) -> bool:
    if planned.state is AssetState.FAILED:
        return changed is None or bool(changed & {planned.target.source, planned.target.output})
    return planned.state in (AssetState.STALE, AssetState.MISSING)


def _process_host(settings: Settings) -> ProcessHost:
    log = state_folder() / "model.log"
    with contextlib.suppress(OSError):  # then it speaks on standard error
        log.parent.mkdir(parents=True, exist_ok=True)
    return ProcessHost(
        ProcessSettings(
            threads=settings.threads or None,
            idle_s=settings.idle_unload_s,
            log_path=log if log.parent.is_dir() else None,
        )
    )
