"""The commands around the images: history and restore, clean, report, export."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from llamavis_studio.cli import history_commands, release_commands
from llamavis_studio.cli.options import Json, ProjectFolder


def add_release_commands(app: typer.Typer) -> None:
    """Make them part of the command line."""
    for command in (history, restore, clean, report, export):
        app.command()(command)


def history(
    path: Annotated[Path, typer.Argument(help="An image, or a project for all.", metavar="IMAGE")],
    sheet: Annotated[
        Path | None,
        typer.Option("-o", "--sheet", help="Draw the versions side by side.", metavar="PNG"),
    ] = None,
    as_json: Json = False,
) -> None:
    """List the older versions of an image that builds replaced."""
    raise typer.Exit(history_commands.history(path, sheet, as_json))


def restore(
    path: Annotated[Path, typer.Argument(help="The image.", metavar="IMAGE")],
    version: Annotated[
        str, typer.Argument(help="Its number or hash in the history; 1 is the newest.")
    ] = "1",
    as_json: Json = False,
) -> None:
    """Put an older version of an image back."""
    raise typer.Exit(history_commands.restore(path, version, as_json))


def clean(
    project: ProjectFolder = Path(),
    trash: Annotated[
        bool, typer.Option("--trash", help="Move them to the trash, where they can be taken back.")
    ] = False,
    edited: Annotated[
        bool, typer.Option("--edited", help="With --trash: those edited by hand as well.")
    ] = False,
    as_json: Json = False,
) -> None:
    """List generated images that no description asks for any more."""
    raise typer.Exit(release_commands.clean(project, trash, edited, as_json))


def report(
    project: ProjectFolder = Path(),
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="Where to; default: stdout.", metavar="FILE")
    ] = None,
    form: Annotated[
        str | None,
        typer.Option("--format", help="md, json or html; default: as FILE ends, else md."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Tell which images a model made, and how: for a store's AI disclosure, or the archive."""
    raise typer.Exit(release_commands.report(project, out, form, as_json))


def export(
    project: ProjectFolder = Path(),
    out: Annotated[
        Path | None,
        typer.Option(
            "-o", "--out", help="A folder or FILE.zip; default: the [export] folder.", metavar="OUT"
        ),
    ] = None,
    keep_notes: Annotated[
        bool, typer.Option("--keep-notes", help="Leave prompts and origin inside the images.")
    ] = False,
    allow_stale: Annotated[
        bool, typer.Option("--allow-stale", help="Export although some images are not fresh.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Write over files that no export made.")
    ] = False,
    form: Annotated[
        list[str] | None,
        typer.Option(
            "--format",
            help="aseprite, texturepacker, tiled, godot or atlas too; may be given several times.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Copy the images for shipping: the same pixels, without notes, and a manifest.json."""
    wish = release_commands.ExportWish(out, keep_notes, allow_stale, force, tuple(form or ()))
    raise typer.Exit(release_commands.export(project, wish, as_json))
