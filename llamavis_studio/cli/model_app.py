"""`llamavis models`: what there is, what it is, whether it is whole, and taking models away."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from llamavis_studio.cli.guard import guarded
from llamavis_studio.cli.model_fetch import models_add, models_fetch, said_bytes
from llamavis_studio.cli.options import Json
from llamavis_studio.cli.output import Output, ProgressLine
from llamavis_studio.core.errors import ProjectError

models_app = typer.Typer(help="The models that make and read images.", no_args_is_help=True)
models_app.command("fetch")(models_fetch)
models_app.command("add")(models_add)
Name = Annotated[str, typer.Argument(help="A model, a style, or a style's file.")]
Beside = Annotated[
    Path, typer.Option("--project", help="The project whose styles count; default: the one here.")
]
_LABELS = {
    "model": "model", "family": "family", "source": "fetched from", "revision": "revision",
    "licence": "licence", "abilities": "can", "made_up": "the studio does the rest",
    "languages": "languages", "sizes": "draws at", "good_for": "good for", "not_for": "not for",
    "taught": "taught with", "seconds": "seconds an image", "size_bytes": "bytes on disk",
    "options": "options", "base": "taught on revision", "pictures": "pictures of your own",
    "used_by": "used by styles", "place": "file", "problem": "problem", "hint": "to mend it",
}  # fmt: skip


@models_app.command("list")
def models_list(
    project: Beside = Path(),
    available: Annotated[
        bool, typer.Option("--available", help="Known models that can be fetched, too.")
    ] = False,
    as_json: Json = False,
) -> None:
    """The models of this machine, and the styles of a project."""
    output = Output(as_json)

    def work() -> int:
        models = shelf_of(project).models()
        if available:
            return _list_available(output, {one.name for one in models})
        for one in models:
            if not one.is_ready:
                output.say(f"{one.name}: not ready: {one.problem}")
                continue
            can = " and ".join(one.abilities[:2]) or "does nothing"
            if one.sort == "style":
                can = f"a style of {one.pictures} pictures in {one.place}"
            told = f"{one.model}, revision {one.revision}" if one.revision else one.model
            output.say(f"{one.name}: {told}, {can}")
        output.document([one.to_json() for one in models])
        return 0

    raise typer.Exit(guarded(output, work))


@models_app.command("info")
def models_info(name: Name = "builtin", project: Beside = Path(), as_json: Json = False) -> None:
    """One model: what it can do, what it is for and not, its licence, size and speed."""
    output = Output(as_json)

    def work() -> int:
        found = shelf_of(project).find(name)
        values = found.to_json()
        output.say(f"name: {found.name}")
        for key, label in _LABELS.items():
            if values[key]:
                output.say(f"{label}: {_said(values[key])}")
        output.document(values)
        return 0 if found.is_ready else 1

    raise typer.Exit(guarded(output, work))


@models_app.command("verify")
def models_verify(name: Name = "builtin", project: Beside = Path(), as_json: Json = False) -> None:
    """Compare a model's files with their fingerprints (sha256); exit 1 when one is broken."""
    output = Output(as_json)

    def work() -> int:
        shelf = shelf_of(project)
        found = shelf.find(name)
        with ProgressLine("MB read", found.size_bytes // 10**6, silent=as_json) as line:

            def told(done: int, total: int) -> None:
                line.move(done / 1e6, None)
                line.waiting(f"{done / 1e6:.0f} of {total / 1e6:.0f} MB read")

            broken = shelf.broken(name, told)
        for file in broken:
            output.say(f"broken or missing: {file}")
        if not broken:
            output.say(f"{found.name}: every file is whole")
        elif found.source:
            output.say(f"  fetch it again: llamavis models fetch {found.name}")
        output.document({"name": found.name, "whole": not broken, "broken": broken})
        return 1 if broken else 0

    raise typer.Exit(guarded(output, work))


@models_app.command("remove")
def models_remove(
    name: Name,
    project: Beside = Path(),
    keep_files: Annotated[
        bool, typer.Option("--keep-files", help="Of a large model, forget only its name.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Move a style to the trash, or forget a large model and free what was fetched for it alone.

    What came with the studio, and files of your own, stay.
    """
    output = Output(as_json)

    def work() -> int:
        shelf = shelf_of(project)
        found = shelf.find(name)
        gone = shelf.take_away(name, keep_files)
        place = gone.place
        what = "the record of " if found.sort == "model" else ""
        output.say(f"{what}{found.name} is in {'the ' if place == 'trash' else ''}{place}")
        if gone.freed_bytes:
            output.say(f"{said_bytes(gone.freed_bytes)} are free")
        elif gone.kept:
            output.say(f"its files stay: {gone.kept}")
        output.document(
            {"name": found.name, "file": found.place, "moved_to": place,
             "freed_bytes": gone.freed_bytes, "files_stay": gone.kept}
        )  # fmt: skip
        return 0

    raise typer.Exit(guarded(output, work))


@models_app.command("set")
def models_set(
    name: Annotated[str, typer.Argument(help="A large model.")],
    changes: Annotated[
        list[str],
        typer.Argument(help="KEY=VALUE, such as steps=8; KEY= takes it out.", metavar="KEY=VALUE"),
    ],
    as_json: Json = False,
) -> None:
    """Change options of a large model; its family looks at them before they are kept."""
    output = Output(as_json)

    def work() -> int:
        from llamavis_studio.model_store.options import changes_of
        from llamavis_studio.shelf import Shelf

        record = Shelf().set_options(name, changes_of(changes))
        for key, value in record.shown_options().items():
            output.say(f"{key}: {_said(value)}")
        output.document({"name": record.name, "options": record.shown_options()})
        return 0

    raise typer.Exit(guarded(output, work))


def _list_available(output: Output, here: set[str]) -> int:
    from llamavis_studio.backends.catalogue import catalogue

    for one in catalogue().values():
        size = f", {one.size_gb:g} GB" if one.size_gb else ""
        size += f", {one.memory_gb:g} GB of memory" if one.memory_gb else ""
        limits = ", restricted" if one.restricted else ""
        mark = " (here)" if one.name in here else ""
        output.say(f"{one.name}{mark}: {one.title}, {one.good_for}")
        output.say(f"  {one.repo}, licence {one.licence}{limits}{size}")
    output.say("fetch one with 'llamavis models fetch NAME'")
    output.document(
        [one.model_dump(mode="json") | {"here": one.name in here} for one in catalogue().values()]
    )
    return 0


def shelf_of(folder: Path) -> Any:
    """The models of the project around a folder; those of the machine where there is none. Raises
    ProjectError for a folder that was named and is in no project.
    """
    from llamavis_studio.core.project import Project
    from llamavis_studio.pipeline.scan_cache import ScanCache
    from llamavis_studio.shelf import Shelf

    try:
        project = Project.open(folder)
    except ProjectError as error:
        if folder != Path() or not str(error).startswith("there is no"):
            raise
        return Shelf()
    return Shelf(project, seconds=ScanCache.open(project).seconds_per_image)


def _said(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} = {_said(one)}" for key, one in value.items())
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    return f"{value:.2g}" if isinstance(value, float) else str(value)
