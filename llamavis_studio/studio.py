"""An open project and everything that runs for it.

One edit, in order: `watch` notices it, `_refresh` plans anew and hands batches of stale targets to
the job queue, the worker thread draws them in the model process, and each outcome comes back to
the main thread, where it is remembered and published.

The main thread is whoever calls `plan`, `build` and `watch`. What other threads have to say reaches
it through the inbox; only `cancel` may be called from anywhere.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Self

from llamavis_studio.backends.base import OnStep
from llamavis_studio.backends.base import ignore_steps as unwatched
from llamavis_studio.backends.host import ModelHost
from llamavis_studio.backends.own_host import own_host
from llamavis_studio.batch_work import HowToBuild
from llamavis_studio.build_round import BuildReport, Round
from llamavis_studio.build_runner import BuildRunner
from llamavis_studio.core.asset import AssetState
from llamavis_studio.core.device import Device
from llamavis_studio.core.errors import Cancelled, LocatedError, ProjectError
from llamavis_studio.core.events import Event, PlanReady, ProblemFound, Publisher, Subscriber
from llamavis_studio.core.project import Project
from llamavis_studio.core.project_file import PROJECT_FILE
from llamavis_studio.core.settings import Settings, layered, user_settings
from llamavis_studio.core.write import clean_temporaries
from llamavis_studio.explaining import Explanation, explain
from llamavis_studio.file_actions.actions import FileActions
from llamavis_studio.file_actions.recovering import finish_interrupted
from llamavis_studio.imaging.arrays import Pixels
from llamavis_studio.librarian import Librarian
from llamavis_studio.machine_models import captioner
from llamavis_studio.pipeline.history import History, Version
from llamavis_studio.pipeline.plan import Plan, PlannedTarget, make_plan
from llamavis_studio.pipeline.scan_cache import ScanCache
from llamavis_studio.pipeline.target import Target
from llamavis_studio.shelf import Shelf
from llamavis_studio.single_shots import Answer, Made, Sampling, SingleShots, draw_contact_sheet
from llamavis_studio.watch.project_watcher import watch_project
from llamavis_studio.watch.snapshot import Change, is_description

_PALETTE_SUFFIXES = (".hex", ".gpl", ".pal", ".ase", ".aseprite", ".act")


class Studio:
    """An open project: plan it, build it, keep it true to its words.

    Events go to subscribers on the main thread. Close it in the end, or use it in a `with`.
    """

    def __init__(self, project: Project, settings: Settings, host: ModelHost | None = None) -> None:
        self.project = project
        self.settings = settings
        self._own_host = host is None
        self._host: ModelHost = own_host(settings) if host is None else host
        self._cache = ScanCache.open(project)
        self._publisher = Publisher()
        self._runner = BuildRunner(self._host, self._cache, self._publish, settings.batch_size)
        self.queue = self._runner.queue
        self._inputs: frozenset[str] = frozenset()
        self._told: set[ProblemFound] = set()
        self._librarian: Librarian | None = None
        self._put_off: Callable[[str], bool] = lambda _source: False
        self.builds_on_save = True
        """Whether `watch` draws what an edit made stale, or only says so."""
        self.shows_drawing = False  # publishes ImageEmerging
        self.on_plan: Callable[[Plan], None] = lambda _plan: None
        """Told every plan of the whole project, on the main thread."""

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
        finish_interrupted(project)
        merged = layered(user_settings(), project.settings, settings or {})
        return cls(project, merged, host)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def root(self) -> Path:
        """The project's folder."""
        return self.project.root

    def subscribe(self, callback: Subscriber) -> Callable[[], None]:
        """Call `callback` with every event from now on; the result ends that."""
        return self._publisher.subscribe(callback)

    def plan(self, paths: Iterable[Path] | None = None) -> Plan:
        """How every image (or those at or below `paths`) stands, and why."""
        found = self._plan_quietly(self.project, paths)
        self._cache.save(self.project)
        self._publish(PlanReady(found.counts(), len(found.problems), found.estimate_s))
        return found

    def build(
        self, paths: Iterable[Path] | None = None, force: bool = False, fresh: bool = False
    ) -> BuildReport:
        """Build what is stale, missing or failed; with `force` all but the locked.

        An image whose words changed is edited, so that what they do not mention stays; with `fresh`
        or `force` it is drawn anew. What is replaced can be put back (`restore`). What fails is
        reported and the rest is built. Raises Cancelled after `cancel` or Ctrl+C; what was finished
        by then stays.
        """
        self._runner.cancelled = False
        clean_temporaries(self.root)
        plan = self.plan(paths)
        targets = plan.to_build(force)
        self._tell_problems(plan)
        how = self._how(force, fresh)
        work = self._runner.begin(self.project, plan, targets, how)
        self._runner.submit([target for target in targets if not target.base])
        self._runner.run_until_idle()
        if work.waits_for_bases and not self._runner.cancelled:
            self._submit_derived(work, force, paths)
            self._runner.run_until_idle()
        self._runner.end()
        if self._runner.cancelled:
            raise Cancelled
        return work.report()

    def post(self, call: Callable[[], None]) -> None:
        """Have `call` made on the main thread, by `watch`; from any thread."""
        self._runner.inbox.post(call)

    def request_build(
        self, paths: Iterable[Path] | None = None, *, force: bool = False, fresh: bool = False
    ) -> int:
        """Start what `build` would do and come back at once; how many images that is.

        For a studio that watches, on its main thread: a build under way grows by these.
        """
        self._runner.cancelled = False
        plan = self.plan(paths)
        self._tell_problems(plan)
        targets = plan.to_build(force)
        if targets:
            self._start(plan, targets, self._how(force, fresh))
        return len(targets)

    @property
    def shelf(self) -> Shelf:
        """The models that the project can use: what they are, checking and removing them."""
        return Shelf(self.project, self._host.info, self._cache.seconds_per_image)

    def devices(self) -> tuple[Device, ...]:
        """What may draw here; see `ModelHost.devices`. Raises BackendError."""
        return self._host.devices()

    @property
    def model_state(self) -> str:
        """Whether the model is asleep, loading, ready or working; cheap, from any thread."""
        return self._host.state.value

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
        self, files: Sequence[Path], on_step: OnStep = unwatched, by: str = "", question: str = ""
    ) -> list[tuple[Path, Answer]]:
        """Words for each file, or the answer to `question`, by the backend `by` or the project's,
        where that can; see `SingleShots.caption`. From any thread.
        """
        chosen = captioner(self._host.info, by, self.project.backend)
        return SingleShots(self._host).caption(files, chosen, on_step, question)

    def contact_sheet(self, out: Path, columns: int = 6, tiled: bool = False) -> list[str]:
        """Draw every image, with its name, into the PNG `out`; the names drawn. With `tiled`, only
        what repeats, three times each way. Raises ProjectError when there is none yet.
        """
        return draw_contact_sheet(self.root, self.plan().targets, out, columns, tiled)

    @property
    def library(self) -> Librarian:
        """The project's assets, made here or not: import, describe, search. Raises LibraryError."""
        if self._librarian is None:
            self._librarian = Librarian(self.project, self._host, self._states, self.settings.jobs)
        return self._librarian

    @property
    def files(self) -> FileActions:
        """What people do with descriptions as files: rename, duplicate, remove, lock."""
        plan = partial(make_plan, self.project, self._host.info, self._cache)
        return FileActions(
            self.project, plan, self._cache, self.history, lambda: self.library.library
        )

    def _states(self) -> dict[str, str]:
        return {one.target.output: one.state.value for one in self.plan().targets}

    @property
    def history(self) -> History:
        """The images that builds replaced."""
        return History(self.project, self._how().history_bytes)

    def restore(self, path: Path, version: str = "1") -> Version:
        """Put an older `version` (as in `History.find`) of `path` back. Raises ProjectError."""
        found = [one.target for one in self.plan([path]).targets]
        chosen = [
            target for target in found if self.root / target.output == Path(os.path.realpath(path))
        ]
        if len(chosen) != 1 and len(found) != 1:
            names = ", ".join(target.output for target in found[:6])
            raise ProjectError(
                f"'{path}' is not one image",
                f"name one of: {names}" if names else "name an image that a description asks for",
            )
        target = (chosen or found)[0]
        older = self.history.find(target.output, version)
        self.history.restore(target, older)
        self._cache.save(self.project)
        return older

    def edit_region(self, output: str, region: Pixels, words: str) -> None:
        """Draw anew from `words` where `region` (h, w) is not 0; every other pixel of the output
        stays. It then counts as painted by hand, which no build writes over; what it was can be
        restored. Raises ProjectError, BackendError.
        """
        planned = self.plan([self.root / output]).targets
        target = next((one.target for one in planned if one.target.output == output), None)
        if target is None:
            raise ProjectError(f"no description asks for '{output}'", "choose another image")
        SingleShots(self._host).edit_region(self.project, target, self.history, region, words)

    def explain(self, path: Path, on_step: OnStep = unwatched) -> Explanation:
        """Where each word acted on an image, and what it took after; see `explaining.explain`."""
        return explain(self.project, self.plan, self._host, path, on_step)

    def _how(self, force: bool = False, fresh: bool = False) -> HowToBuild:
        jobs = self.settings.jobs or os.cpu_count() or 1
        return HowToBuild(force, fresh, self.settings.history_mb, jobs, self.shows_drawing)

    def cancel(self) -> None:
        """Stop the build under way; from any thread."""
        self._runner.cancel()

    def close(self) -> None:
        """Cancel what runs, wait at most some seconds, give everything back."""
        self._runner.close()
        if self._librarian is not None:
            self._librarian.close()
        if self._own_host:
            self._host.close()

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
        inbox, quiet_s = self._runner.inbox, self.settings.debounce_s
        watcher = watch_project(
            self.root, inbox, self._changed, self._is_input, self._publish, quiet_s
        )
        self._runner.on_idle = self._go_on_watching
        self._put_off = watcher.put_off
        try:
            # In this order: an edit between the two is then a change, not the starting point.
            watcher.start()
            self._refresh(None)
            self._runner.inbox.run_until(ended.is_set)
        finally:
            watcher.close()
            self._runner.on_idle = None
            self._put_off = lambda _source: False
            self.cancel()
            self._runner.drain()
            self._runner.end()

    def _go_on_watching(self) -> None:
        """The last batch ended: what is made from its images comes next, else the round is over."""
        work = self._runner.round
        if work is not None and work.waits_for_bases and not self._runner.cancelled:
            self._submit_derived(work, force=False)
        if not self._runner.busy:
            self._runner.end()

    def _submit_derived(
        self, work: Round, force: bool, paths: Iterable[Path] | None = None
    ) -> None:
        """Maps and sheets, now that the images they are made from are there."""
        plan = self._plan_quietly(self.project, paths)
        rest = [target for target in plan.to_build(force) if target.base]
        work.bases_are_built(rest)
        self._runner.submit(rest)

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
        references |= {one.target.base for one in found.targets if one.target.base}
        styles = [style.palette for style in project.styles.values()]
        palettes = [*styles, *project.file.palettes.values()]
        adapters = [style.adapter for style in project.styles.values()]
        named = {one for one in (*palettes, *adapters) if isinstance(one, str)}
        self._inputs = frozenset(references | named)
        if paths is None:
            self.on_plan(found)
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
        rest = wanted.keys() - self._runner.give_up_unwanted(wanted, plan.fresh_keys())
        targets = [
            planned.target
            for planned in plan.targets
            if self.builds_on_save
            and planned.target.output in rest
            and not self._put_off(planned.target.source)
            and os.path.lexists(self.root / planned.target.source)  # not just moved away
        ]
        if not targets:
            self._cache.save(project)  # else at the end of the round, when nobody waits for it
            return
        self._publish(PlanReady(plan.counts(), len(plan.problems), plan.estimate_s))
        self._start(plan, targets, self._how())

    def _start(self, plan: Plan, targets: Sequence[Target], how: HowToBuild) -> None:
        self._runner.begin(self.project, plan, targets, how)
        drawn = [target for target in targets if not target.base]
        self._runner.submit(drawn)
        if not drawn and not self._runner.busy:
            self._go_on_watching()


def _is_wanted(planned: PlannedTarget, changed: frozenset[str] | None) -> bool:
    if planned.state is AssetState.FAILED:
        return changed is None or bool(changed & {planned.target.source, planned.target.output})
    return planned.state in (AssetState.STALE, AssetState.MISSING)
