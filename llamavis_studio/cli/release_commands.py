"""clean, report and export: what the command line does when a game is tidied and shipped."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import typer

from llamavis_studio.cli.guard import FAILED, guarded
from llamavis_studio.cli.output import Output, write_json
from llamavis_studio.cli.project_commands import opened
from llamavis_studio.core.errors import ProjectError, did_you_mean
from llamavis_studio.core.project_file import ExportFormat

if TYPE_CHECKING:
    from llamavis_studio.core.project import Project
    from llamavis_studio.pipeline.orphans import Orphan
    from llamavis_studio.pipeline.plan import Plan
    from llamavis_studio.release.export import Export
    from llamavis_studio.release.report import Report

_FORMATS = {".md": "md", ".markdown": "md", ".json": "json", ".html": "html", ".htm": "html"}


@dataclass(frozen=True)
class ExportWish:
    """What `llamavis export` was asked for; without `out`, the [export] folder of the project."""

    out: Path | None
    keep_notes: bool = False
    allow_stale: bool = False
    force: bool = False
    formats: tuple[str, ...] = ()


def clean(project: Path, trash: bool, edited: bool, as_json: bool) -> int:
    """List the leftovers of a project; with `trash` put them away, edited ones only if asked."""
    output = Output(as_json)

    def work() -> int:
        from llamavis_studio.pipeline.orphans import find_orphans
        from llamavis_studio.release.trash import PROJECT_TRASH, SYSTEM_TRASH, put_away

        opened_project, plan = _planned(project, output)
        orphans = find_orphans(opened_project, plan)
        chosen = [one for one in orphans if trash and (edited or not one.edited)]
        moved, problems = put_away(opened_project, [one.path for one in chosen])
        for moved_file in moved:
            output.say(f"moved {moved_file.path} to {_place_words(moved_file.place)}")
        for problem in problems:
            output.problem(problem)
        if any(moved_file.place != SYSTEM_TRASH for moved_file in moved):
            output.note(
                f"there is no trash here, so they lie in {PROJECT_TRASH}; take back what you "
                "want before that folder is deleted"
            )
        if not trash or edited is False:
            _list_orphans([one for one in orphans if one not in chosen], trash, output)
        output.document(
            {
                "orphans": [_orphan_json(one) for one in orphans],
                "moved": [{"path": one.path, "place": one.place} for one in moved],
                "kept": [one.output for one in orphans if trash and one not in chosen],
                "failed": [{"path": str(one.path), "message": one.message} for one in problems],
            }
        )
        return FAILED if problems else 0

    return guarded(output, work)


def report(project: Path, out: Path | None, wanted: str | None, as_json: bool) -> int:
    """Tell what every generated image is and what made it, to a file or to stdout."""
    output = Output(as_json)

    def work() -> int:
        from llamavis_studio.core.write import sync_folders, write_atomic
        from llamavis_studio.release.report import make_report

        form = _format(out, wanted, as_json)
        opened_project, plan = _planned(project, output)
        made = make_report(opened_project, plan)
        if out is None:
            _to_stdout(_formatted(made, form, opened_project, Path.cwd()))
            return 0
        beside = Path(out).absolute().parent
        write_atomic(out, _formatted(made, form, opened_project, beside))
        sync_folders([beside])
        output.say(f"{out}: {len(made.assets)} generated images")
        if as_json:
            write_json(_report_json(made), indent=2)
        return 0

    return guarded(output, work)


def export(project: Path, wish: ExportWish, as_json: bool) -> int:
    """Copy the images for shipping, unless some are not fresh."""
    output = Output(as_json)

    def work() -> int:
        from llamavis_studio.release.engine_files import engine_files, godot_folder
        from llamavis_studio.release.export import make_export

        opened_project, plan = _planned(project, output, tell=False)
        out = _export_place(wish, opened_project)
        made = make_export(opened_project, plan, keep_notes=wish.keep_notes)
        formats = _formats(wish, opened_project)
        place = "" if out.suffix.lower() == ".zip" else godot_folder(out)
        made = made.plus(engine_files(opened_project, plan, formats, place))
        for path, reason in made.unfresh:
            output.warn(f"{path}: {reason}")
        if made.unfresh and not wish.allow_stale:
            count = len(made.unfresh)
            output.note(f"nothing was exported: {count} {'are' if count > 1 else 'is'} not fresh")
            output.note(f"  llamavis build {project}, or export with --allow-stale")
            output.document(_export_json(made, out, False, ()))
            return FAILED
        leftover = _write_export(made, out, wish.force)
        for path in leftover:
            output.warn(f"{path} is no longer part of the export; remove it if nobody needs it")
        output.say(f"{out}: {len(made.files)} files")
        output.document(_export_json(made, out, True, leftover))
        return 0

    return guarded(output, work)


def _planned(project: Path, output: Output, tell: bool = True) -> tuple[Project, Plan]:
    """The whole project and its plan; what is wrong in it is told."""
    with opened([project], output) as studio:
        plan = studio.plan()
        if tell:
            for problem in plan.errors:
                place = ":".join(str(part) for part in (problem.path, problem.line) if part)
                output.warn(f"{place}: {problem.message}")
        return studio.project, plan


def _list_orphans(orphans: list[Orphan], kept: bool, output: Output) -> None:
    for one in orphans:
        mark = typer.style("edited   ", fg=typer.colors.CYAN) if one.edited else "leftover "
        output.say(f"{mark} {one.output}  {one.reason}")
    untouched = sum(not one.edited for one in orphans)
    if kept and orphans:
        output.say(f"kept {len(orphans)} that were edited by hand; --edited puts them away too")
    elif not kept and orphans:
        output.say(
            f"{untouched} leftover, {len(orphans) - untouched} edited by hand; "
            "nothing was touched: --trash puts the leftover ones away"
        )
    elif not kept:
        output.say("nothing is left over")


def _place_words(place: str) -> str:
    return "the trash" if place == "trash" else place


def _orphan_json(orphan: Orphan) -> dict[str, Any]:
    return {
        "output": orphan.output,
        "source": orphan.source,
        "reason": orphan.reason,
        "edited": orphan.edited,
    }


def _format(out: Path | None, wanted: str | None, as_json: bool) -> str:
    if wanted is not None:
        if wanted not in _FORMATS.values():
            known = ("md", "json", "html")
            raise ProjectError(
                f"there is no report format '{wanted}'", did_you_mean(wanted, known, "formats")
            )
        return wanted
    if out is None:
        return "json" if as_json else "md"
    form = _FORMATS.get(out.suffix.lower())
    if form is None:
        raise ProjectError(
            f"the name '{out}' does not say which format is meant",
            "end it in .md, .json or .html, or give --format",
        )
    return form


def _formatted(made: Report, form: str, project: Project, beside: Path) -> bytes:
    import json

    from llamavis_studio.release.report_html import report_html
    from llamavis_studio.release.report_text import report_markdown

    if form == "html":
        text = report_html(made, project.root)
    elif form == "json":
        text = json.dumps(_report_json(made), ensure_ascii=False, indent=2) + "\n"
    else:
        text = report_markdown(made, project.root, beside)
    return text.encode("utf-8", "replace")


def _report_json(made: Report) -> dict[str, Any]:
    from llamavis_studio.release.disclosure import disclosure
    from llamavis_studio.release.report import report_json

    return report_json(made, disclosure(made))


def _to_stdout(data: bytes) -> None:
    buffer = getattr(sys.stdout, "buffer", None)
    if buffer is None:
        sys.stdout.write(data.decode("utf-8"))
        return
    sys.stdout.flush()
    buffer.write(data)
    buffer.flush()


def _formats(wish: ExportWish, project: Project) -> tuple[str, ...]:
    """The engine formats that are asked for here, else those of the project."""
    if not wish.formats:
        return project.file.export.formats if project.file.export else ()
    for name in wish.formats:
        if name not in get_args(ExportFormat):
            hint = did_you_mean(name, get_args(ExportFormat), "formats")
            raise ProjectError(f"there is no export format '{name}'", hint)
    return wish.formats


def _export_place(wish: ExportWish, project: Project) -> Path:
    if wish.out is not None:
        return wish.out
    if project.file.export is None:
        raise ProjectError("where should the images go?", "such as -o build/art or -o art.zip")
    return project.safe_join(project.file.export.folder)


def _write_export(made: Export, out: Path, force: bool) -> tuple[str, ...]:
    from llamavis_studio.release.export import write_folder, write_zip

    if out.suffix.lower() == ".zip" and not out.is_dir():
        write_zip(made, out, force=force)
        return ()
    return write_folder(made, out, force=force)


def _export_json(
    made: Export, out: Path, written: bool, leftover: tuple[str, ...]
) -> dict[str, Any]:
    return {
        "out": str(out),
        "written": written,
        "files": [path for path, _ in made.files] if written else [],
        "unfresh": [{"path": path, "reason": reason} for path, reason in made.unfresh],
        "leftover": list(leftover),
    }
