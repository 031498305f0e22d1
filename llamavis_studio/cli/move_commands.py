"""move and copy-out: pictures of the library to other folders."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from llamavis_studio.cli.guard import FAILED, guarded
from llamavis_studio.cli.library_commands import updated
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
    files: Files,
    folder: Annotated[Path, typer.Argument(help="A folder of the project.", metavar="FOLDER")],
    as_json: Json = False,
) -> None:
    """Move images to another folder of the project, with their words and Godot's .import."""
    output = Output(as_json)

    def work() -> int:
        with opened([files[0]], output) as studio:
            updated(studio.library, output)
            library, root = studio.library, studio.root
            ids = [library.library.find(_real(file)) for file in files]
            drawn = (planned.target for planned in studio.plan().targets)
            done = library.places.move(ids, folder, drawn)
        pairs = [(_inside(root, old), _inside(root, new)) for old, new in done.moved]
        for old, new in pairs:
            output.say(f"{old} -> {new}")
        for note in done.notes:
            output.warn(note)
        _tell_left(done.left, output)
        if pairs:
            output.note("to take it back, move them to their old folder again")
        output.document(
            {
                "moved": [{"from": old, "to": new} for old, new in pairs],
                "left": [{"file": file, "reason": reason} for file, reason in done.left],
                "notes": done.notes,
            }
        )
        return FAILED if done.left else 0

    raise typer.Exit(guarded(output, work))


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


def _inside(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
