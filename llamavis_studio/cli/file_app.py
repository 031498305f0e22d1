"""The commands on descriptions as files, and their options."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from llamavis_studio.cli import file_commands
from llamavis_studio.cli.options import Json

Image = Annotated[
    Path, typer.Argument(help="An image, or the description of one.", metavar="IMAGE")
]
Images = Annotated[
    list[Path], typer.Argument(help="Images, or descriptions of one each.", metavar="IMAGES")
]


def add_file_commands(app: typer.Typer) -> None:
    """Make them part of the command line."""
    for command in (rename, duplicate, remove, lock, unlock, variants):
        app.command()(command)


def rename(
    image: Image,
    name: Annotated[str, typer.Argument(help="The new name, without .png.", metavar="NAME")],
    as_json: Json = False,
) -> None:
    """Rename a description with its images; nothing is drawn again."""
    code = file_commands.change(
        [image], lambda files: files.rename(image, name), "renamed", as_json
    )
    raise typer.Exit(code)


def duplicate(
    images: Images,
    name: Annotated[
        str, typer.Option("--name", help="The copy's name; default: NAME_copy.", metavar="NAME")
    ] = "",
    as_json: Json = False,
) -> None:
    """Make a second description with the same pictures, to go on from."""
    if name and len(images) > 1:
        raise typer.BadParameter("--name is for one image")
    code = file_commands.change(
        images, lambda files: files.duplicate(images, name), "duplicated", as_json
    )
    raise typer.Exit(code)


def remove(
    images: Images,
    with_images: Annotated[
        bool, typer.Option("--with-images", help="Their pictures too, not the descriptions only.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Move descriptions to the trash, where they can be taken back."""
    code = file_commands.change(
        images, lambda files: files.remove(images, with_images), "removed", as_json
    )
    raise typer.Exit(code)


def lock(images: Images, as_json: Json = False) -> None:
    """Lock images: no build touches them, not even with --force."""
    code = file_commands.change(images, lambda files: files.lock(images), "locked", as_json)
    raise typer.Exit(code)


def unlock(images: Images, as_json: Json = False) -> None:
    """Let builds draw locked images again."""
    code = file_commands.change(
        images, lambda files: files.lock(images, False), "unlocked", as_json
    )
    raise typer.Exit(code)


def variants(
    image: Image,
    count: Annotated[int, typer.Argument(min=1, max=64, help="How many to choose from.")],
    as_json: Json = False,
) -> None:
    """Ask for several variants of an image; the next build draws those that are missing."""
    code = file_commands.change(
        [image], lambda files: files.variants(image, count), "variants of", as_json
    )
    raise typer.Exit(code)
