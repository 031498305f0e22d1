"""`llamavis models`: what there is, what it is, whether it is whole, and taking styles away."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from llamavis_studio.cli.guard import guarded
from llamavis_studio.cli.options import Json
from llamavis_studio.cli.output import Output
from llamavis_studio.core.errors import ProjectError

models_app = typer.Typer(help="The models that make and read images.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="A backend, a style, or a style's file.")]
Beside = Annotated[
    Path, typer.Option("--project", help="The project whose styles count; default: the one here.")
]
_LABELS = {
    "model": "model", "revision": "revision", "licence": "licence", "abilities": "can",
    "languages": "languages", "sizes": "draws at", "good_for": "good for", "not_for": "not for",
    "taught": "taught with", "seconds": "seconds an image", "size_bytes": "bytes on disk",
    "base": "taught on revision", "pictures": "pictures of your own", "used_by": "used by styles",
    "place": "file", "problem": "problem", "hint": "to mend it",
}  # fmt: skip


@models_app.command("list")
def models_list(project: Beside = Path(), as_json: Json = False) -> None:
    """The backends of this machine, and the styles of a project."""
    output = Output(as_json)

    def work() -> int:
        models = shelf_of(project).models()
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
        found, broken = shelf.find(name), shelf.broken(name)
        for file in broken:
            output.say(f"broken or missing: {file}")
        if not broken:
            output.say(f"{found.name}: every file is whole")
        output.document({"name": found.name, "whole": not broken, "broken": broken})
        return 1 if broken else 0

    raise typer.Exit(guarded(output, work))


@models_app.command("remove")
def models_remove(name: Name, project: Beside = Path(), as_json: Json = False) -> None:
    """Move a style to the trash; what came with the studio stays."""
    output = Output(as_json)

    def work() -> int:
        shelf = shelf_of(project)
        found = shelf.find(name)
        place = shelf.remove(name)
        output.say(f"{found.name} is in {'the ' if place == 'trash' else ''}{place}")
        output.document({"name": found.name, "file": found.place, "moved_to": place})
        return 0

    raise typer.Exit(guarded(output, work))


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
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    return f"{value:.2g}" if isinstance(value, float) else str(value)
