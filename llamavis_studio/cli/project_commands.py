"""new, plan, build, watch and sheet: what the command line does with a project."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from llamavis_studio.cli.executor import HERE, Executor, cluster_of, told_team
from llamavis_studio.cli.guard import guarded
from llamavis_studio.cli.output import Output, ProgressLine, spoken_time, write_json
from llamavis_studio.core.errors import Cancelled, ProjectError

if TYPE_CHECKING:
    from llamavis_studio.backends.host import ModelHost
    from llamavis_studio.build_round import BuildReport
    from llamavis_studio.core.events import Event
    from llamavis_studio.pipeline.plan import Plan
    from llamavis_studio.studio import Studio

_COLOURS = {
    "fresh": typer.colors.GREEN,
    "stale": typer.colors.YELLOW,
    "missing": typer.colors.YELLOW,
    "edited": typer.colors.CYAN,
    "unmanaged": typer.colors.CYAN,
    "locked": typer.colors.BLUE,
    "failed": typer.colors.RED,
}


@dataclass(frozen=True)
class BuildOptions:
    """The switches of `llamavis build`."""

    check: bool = False
    dry_run: bool = False
    force: bool = False
    fresh: bool = False
    jobs: int | None = None
    jobs_json: bool = False
    as_json: bool = False
    executor: Executor = HERE


def new(folder: Path, template: str, as_json: bool) -> int:
    """Make a project folder from a template."""
    output = Output(as_json)

    def work() -> int:
        from llamavis_studio.core.templates import make_project

        files = make_project(folder, template)
        output.say(f"made {folder} with {len(files)} files")
        output.say(f"next: llamavis build {folder}")
        output.document({"folder": str(folder), "files": files})
        return 0

    return guarded(output, work)


def plan(paths: list[Path] | None, as_json: bool) -> int:
    """Show the plan; exit 0 even when something is stale: that is what it is for."""
    output = Output(as_json)

    def work() -> int:
        with opened(paths, output) as studio:
            found = studio.plan(_chosen(paths, studio))
        _show_plan(found, output)
        return 1 if found.errors else 0

    return guarded(output, work)


def build(paths: list[Path] | None, options: BuildOptions) -> int:
    """Build what is stale, or only say what would be built."""
    output = Output(options.as_json or options.jobs_json)

    def work() -> int:
        if options.as_json and options.jobs_json:
            raise ProjectError("--json and --jobs-json both want stdout", "choose one of them")
        settings = {} if options.jobs is None else {"jobs": options.jobs}
        with (
            cluster_of(options.executor, start_of(paths), settings) as cluster,
            opened(paths, output, settings, cluster) as studio,
        ):
            chosen = _chosen(paths, studio)
            if options.check or options.dry_run:
                return _only_look(studio.plan(chosen), options)
            report = _build_with_progress(studio, chosen, options)
            team = told_team(cluster)
        return _tell_report(report, options, team)

    def _only_look(found: Plan, options: BuildOptions) -> int:
        teller = Output(options.as_json)
        _show_plan(found, teller, verbose=not options.check)
        if options.check:
            teller.say("everything is fresh" if found.is_fresh else "not fresh")
            return 0 if found.is_fresh else 1
        return 1 if found.errors else 0

    return guarded(output, work)


def watch(project: Path, jobs_json: bool) -> int:
    """Keep the images true to the words until Ctrl+C."""
    output = Output(jobs_json)

    def work() -> int:
        with opened([project], output) as studio:
            teller = _json_line if jobs_json else _WatchTeller(output)
            studio.subscribe(teller)
            output.say(f"watching {studio.root}; Ctrl+C ends it")
            try:
                studio.watch()
            except KeyboardInterrupt:
                raise Cancelled from None
        return 0

    return guarded(output, work)


def sheet(project: Path, out: Path, columns: int, as_json: bool, tiled: bool = False) -> int:
    """Draw every output of a project on one picture."""
    output = Output(as_json)

    def work() -> int:
        with opened([project], output) as studio:
            names = studio.contact_sheet(out, columns, tiled)
        output.say(f"{out}: {len(names)} pictures")
        output.document({"file": str(out), "pictures": names})
        return 0

    return guarded(output, work)


def start_of(paths: list[Path] | None) -> Path:
    """Where to look for the project that the paths lie in."""
    start = paths[0] if paths else Path()
    return start if start.exists() else start.parent


def opened(
    paths: list[Path] | None,
    output: Output,
    settings: dict[str, Any] | None = None,
    host: ModelHost | None = None,
) -> Studio:
    """The studio of the project that the paths lie in; raises ProjectError."""
    from llamavis_studio.cli.log_file import log_to_file
    from llamavis_studio.studio import Studio

    log_to_file()
    for path in paths or ():
        # An image that is missing may still be named: it is what should be built.
        wanted = path.suffix == ".png" and path.parent.is_dir()
        if not (wanted or path.exists() or path.is_symlink()):
            raise ProjectError(f"there is no '{path}'", "check its name")
    studio = Studio.open(start_of(paths), host=host, settings=settings)
    output.root = studio.root
    return studio


def _chosen(paths: list[Path] | None, studio: Studio) -> list[Path] | None:
    """The paths inside the project that are meant; None means all of it."""
    if not paths:
        return None
    inside = [path for path in paths if Path(os.path.realpath(path)) != studio.root]
    return inside if len(inside) == len(paths) else None


def _show_plan(found: Plan, output: Output, verbose: bool = True) -> None:
    for planned in found.targets:
        state = planned.state.value
        if not verbose and state in ("fresh", "locked"):
            continue
        shown = typer.style(f"{state:<9}", fg=_COLOURS[state])
        output.say(f"{shown} {planned.target.output}  {planned.reason}")
    _tell_problems(found, output)
    for one in found.makes_up() if verbose else ():
        output.say(f"{one.backend}: {one.says} ({', '.join(one.kinds)})")
    counts = ", ".join(f"{count} {state}" for state, count in found.counts().items() if count)
    output.say(counts or "no descriptions yet")
    if found.estimate_s:
        output.say(f"building takes about {spoken_time(found.estimate_s)}")
    output.document(plan_json(found))


def plan_json(found: Plan) -> dict[str, Any]:
    """A plan as the JSON document of `plan --json`."""
    return {
        "assets": [
            {
                "path": planned.target.source,
                "output": planned.target.output,
                "state": planned.state.value,
                "reason": planned.reason,
            }
            for planned in found.targets
        ],
        "estimate_s": found.estimate_s,
        "makes_up": [asdict(one) for one in found.makes_up()],
        "problems": [_problem_json(problem) for problem in found.problems],
    }


def _problem_json(problem: Any) -> dict[str, Any]:
    values: dict[str, Any] = problem.to_json()
    del values["event"]
    return values


def _tell_problems(found: Plan, output: Output) -> None:
    for problem in found.problems:
        word = "error" if problem.severity == "error" else "warning"
        _tell_problem(problem, word, output)


def _tell_problem(problem: Any, word: str, output: Output) -> None:
    place = ":".join(str(part) for part in (problem.path, problem.line, problem.column) if part)
    colour = typer.colors.RED if word == "error" else typer.colors.YELLOW
    output.note(f"{place}: {typer.style(word, fg=colour)}: {problem.message}")
    if problem.hint:
        output.note(f"  {problem.hint}")


def _build_with_progress(
    studio: Studio, chosen: list[Path] | None, options: BuildOptions
) -> BuildReport:
    if options.jobs_json:
        studio.subscribe(_json_line)
        return studio.build(chosen, force=options.force, fresh=options.fresh)
    teller = _BuildTeller(Output())
    stop = studio.subscribe(teller)
    try:
        return studio.build(chosen, force=options.force, fresh=options.fresh)
    finally:
        stop()
        teller.close()


def _json_line(event: Event) -> None:
    write_json(event.to_json())


class _BuildTeller:
    """Turns a build's events into a bar or lines on stderr."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._line: ProgressLine | None = None
        self._done = 0
        self._total = 0

    def __call__(self, event: Event) -> None:
        from llamavis_studio.core import events

        match event:
            case events.BuildStarted(total=total) if total:
                self.close()
                self._done, self._total = 0, total
                self._line = ProgressLine("building", total).__enter__()
            case events.StepDone(done=done, total=total, eta_s=eta_s) if self._line and total:
                self._line.move(self._total * done / total, eta_s)
                if eta_s is not None:
                    share = f"{self._done}/{self._total}"
                    self._line.waiting(f"building {share}, about {spoken_time(eta_s)} left")
            case events.BuildWaiting(owner=owner):
                self._say(f"waiting for {owner}; Ctrl+C gives up")
            case events.AssetBuilt(path=path, outputs=outputs, notes=notes):
                self._done += 1
                for output in outputs:
                    self._say(f"built {self._done}/{self._total} {output}")
                for note in notes:
                    self._say(f"{outputs[0] if outputs else path}: warning: {note}")
            case events.AssetFailed():
                self._done += 1
                self._say(f"{event.path}:{event.line}: error: {event.message}")
                if event.hint:
                    self._say(f"  {event.hint}")
            case events.ProblemFound():
                word = "error" if event.severity == "error" else "warning"
                _tell_problem(event, word, self._output)
            case events.BuildFinished():
                self.close()
            case _:
                return

    def _say(self, text: str) -> None:
        if self._line is not None:
            self._line.line(text)
        else:
            self._output.note(text)

    def close(self) -> None:
        if self._line is not None:
            self._line.__exit__(None, None, None)
            self._line = None


class _WatchTeller(_BuildTeller):
    """The same, with a closing line for each round."""

    def __call__(self, event: Event) -> None:
        from llamavis_studio.core import events

        super().__call__(event)
        if isinstance(event, events.BuildFinished) and (event.built or event.failed):
            self._output.note(f"done: {event.built} built, {event.failed} failed, watching")


def _tell_report(report: BuildReport, options: BuildOptions, team: str = "") -> int:
    output = Output(options.as_json or options.jobs_json)
    parts = [f"{len(report.built)} built", f"{len(report.fresh)} fresh"]
    for word, outputs in (("locked", report.locked), ("failed", report.failed)):
        if outputs:
            parts.append(f"{len(outputs)} {word}")
    by = f", {team}" if team else ""
    output.say(f"{', '.join(parts)} in {spoken_time(report.seconds)}{by}")
    for guarded_output, reason in report.edited:
        output.say(f"kept {guarded_output}: {reason}; --force replaces it")
    if options.as_json:
        write_json(report_json(report), indent=2)
    return 1 if report.failed else 0


def report_json(report: BuildReport) -> dict[str, Any]:
    """What a build did, as the JSON document of `build --json`."""
    return {
        "built": list(report.built),
        "fresh": list(report.fresh),
        "failed": [
            {"path": failed.path, "line": failed.line, "message": failed.message}
            for failed in report.failed
        ],
        "edited": [output for output, _ in report.edited],
        "locked": list(report.locked),
        "notes": [{"output": output, "note": note} for output, note in report.notes],
    }
