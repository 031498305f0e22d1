"""move and copy-out: assets to other places of the project, pictures to folders elsewhere."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from llamavis_studio.cli.guard import FAILED, guarded
from llamavis_studio.cli.library_commands import updated
from llamavis_studio.cli.moving import MoveWish, move_files
from llamavis_studio.cli.options import Json
from llamavis_studio.cli.output import Output
from llamavis_studio.cli.project_commands import opened
from llamavis_studio.core.errors import LibraryError, did_you_mean

Files = Annotated[list[Path], typer.Argument(help="Images of the library.", metavar="FILES")]


def add_move_commands(app: typer.Typer) -> None:
    """Make them part of the command line."""
    app.command()(move)
    app.command("copy-out")(copy_out)


def move(
    sources: Annotated[
        list[Path],
        typer.Argument(
            help="Images, descriptions, palettes, or folders of them.",
            metavar="SOURCE...",
        ),
    ],
    dest: Annotated[
        str,
        typer.Argument(help="A folder (made when it ends in /), or a new name.", metavar="DEST"),
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would happen; change nothing.")
    ] = False,
    keep: Annotated[
        bool,
        typer.Option(
            "--keep", help="Write down the kind and style of the old folder, so that they stay."
        ),
    ] = False,
    update_uses: Annotated[
        bool,
        typer.Option(
            "--update-uses", help="Change scenes, code and maps that name what moves as well."
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Move or rename assets as mv does: description, pictures, words and all; nothing is lost."""
    wish = MoveWish(dest, dry_run, keep, update_uses)
    raise typer.Exit(move_files(sources, wish, as_json))


def copy_out(
    files: Files,
    folder: Annotated[Path, typer.Argument(help="A folder elsewhere.", metavar="FOLDER")],
    words: Annotated[
        str, typer.Option(help="Their words beside them: txt (caption, tags) or json.")
    ] = "",
    folders: Annotated[
        bool, typer.Option("--folders", help="Keep the folders they lie in.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Copy images to a folder outside of the project, if you like with their words."""
    output = Output(as_json)

    def work() -> int:
        from llamavis_studio.library.copying import WORDS_AS

        chosen = next((one for one in WORDS_AS if one == words), None)
        if chosen is None:
            raise LibraryError(f"no words as '{words}'", did_you_mean(words, WORDS_AS[1:]))
        with opened([files[0]], output) as studio:
            updated(studio.library, output)
            library = studio.library
            ids = [library.library.find(_real(file)) for file in files]
            done = library.places.copy_out(ids, folder, chosen, folders)
        for file, place in done.copied:
            output.say(f"{file} -> {place}")
        _tell_left(done.left, output)
        output.document(
            {
                "copied": [{"file": file, "to": str(place)} for file, place in done.copied],
                "left": [{"file": file, "reason": reason} for file, reason in done.left],
            }
        )
        return FAILED if done.left else 0

    raise typer.Exit(guarded(output, work))


def _tell_left(left: list[tuple[str, str]], output: Output) -> None:
    for file, reason in left:
        output.warn(f"{file} stays: {reason}")


def _real(file: Path) -> Path:
    return Path(os.path.realpath(file))
