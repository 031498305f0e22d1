"""The commands of the library: import, search, tags, duplicates, used."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from llamavis_studio.cli import library_commands, tag_commands
from llamavis_studio.cli.move_commands import add_move_commands
from llamavis_studio.cli.options import Json, ProjectFolder

tags_app = typer.Typer(help="The tags of the library.", no_args_is_help=True)

Project = Annotated[
    Path,
    typer.Option("-p", "--project", help="The project's folder; default: here.", metavar="DIR"),
]
Query = Annotated[
    str,
    typer.Argument(
        help='Words, "phrases", tag:moss kind:texture size:>=64 color:#884422 state:stale '
        'is:duplicate used:no like:"stone wall", AND OR NOT; empty for all.',
        metavar="QUERY",
    ),
]
Files = Annotated[list[Path], typer.Argument(help="Images of the library.", metavar="FILES")]


def add_library_commands(app: typer.Typer) -> None:
    """Make them part of the command line."""
    app.command("import")(import_assets)
    for command in (search, duplicates, used):
        app.command()(command)
    add_move_commands(app)
    app.add_typer(tags_app, name="tags")


def import_assets(
    project: ProjectFolder = Path(),
    add: Annotated[
        list[Path] | None,
        typer.Option(
            "--add", help="A folder of pictures elsewhere, from now on too.", metavar="DIR"
        ),
    ] = None,
    remove: Annotated[
        list[Path] | None,
        typer.Option("--remove", help="Such a folder, no longer; its files stay.", metavar="DIR"),
    ] = None,
    as_json: Json = False,
) -> None:
    """Take every image of the project into its library, and what was added to it."""
    raise typer.Exit(library_commands.import_assets(project, add or [], remove or [], as_json))


def search(
    query: Query = "",
    project: Project = Path(),
    meaning: Annotated[
        bool, typer.Option("--meaning", "-m", help="Search what the words mean, not the words.")
    ] = False,
    like: Annotated[
        Path | None, typer.Option("--like", help="More like this picture.", metavar="IMAGE")
    ] = None,
    order: Annotated[str, typer.Option(help="best, path, new or size.")] = "best",
    limit: Annotated[
        int, typer.Option("-n", "--limit", min=0, help="Most results; 0 for all.")
    ] = 50,
    after: Annotated[
        str | None, typer.Option(help="The next page: what the last one ended with.")
    ] = None,
    paths0: Annotated[
        bool, typer.Option("--paths0", help="File names only, each ended by a NUL, for xargs -0.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Find images by words, by meaning, by colour, size and state, or by a picture."""
    wish = library_commands.SearchWish(query, meaning, like, order, limit, after, paths0)
    raise typer.Exit(library_commands.search(project, wish, as_json))


def duplicates(
    project: ProjectFolder = Path(),
    alike: Annotated[bool, typer.Option("--alike", help="Pictures that look alike, too.")] = False,
    as_json: Json = False,
) -> None:
    """List images that are there more than once."""
    raise typer.Exit(library_commands.duplicates(project, alike, as_json))


def used(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Images; default: all that are used.", metavar="FILES"),
    ] = None,
    project: Project = Path(),
    as_json: Json = False,
) -> None:
    """Tell which scenes, scripts, maps and blends of the game use an image."""
    raise typer.Exit(library_commands.used(project, files or [], as_json))


@tags_app.command("list")
def tags_list(
    prefix: Annotated[str, typer.Argument(help="Only those that begin so.")] = "",
    project: Project = Path(),
    as_json: Json = False,
) -> None:
    """Tags in use, the commonest first."""
    raise typer.Exit(tag_commands.list_tags(project, prefix, as_json))


@tags_app.command("show")
def tags_show(files: Files, project: Project = Path(), as_json: Json = False) -> None:
    """What is said about images, by whom, and how sure a model is of it."""
    raise typer.Exit(tag_commands.show(project, files, as_json))


@tags_app.command("add")
def tags_add(
    names: Annotated[str, typer.Argument(help="Tags, with commas between.")],
    files: Files,
    project: Project = Path(),
    as_json: Json = False,
) -> None:
    """Add tags to images; they are written beside them."""
    raise typer.Exit(tag_commands.change(project, files, as_json, add=names))


@tags_app.command("remove")
def tags_remove(
    names: Annotated[str, typer.Argument(help="Tags, with commas between.")],
    files: Files,
    project: Project = Path(),
    as_json: Json = False,
) -> None:
    """Take tags away from images; no model brings them back."""
    raise typer.Exit(tag_commands.change(project, files, as_json, remove=names))


@tags_app.command("caption")
def tags_caption(
    text: Annotated[str, typer.Argument(help="What the images show; empty takes it away.")],
    files: Files,
    project: Project = Path(),
    as_json: Json = False,
) -> None:
    """Say what images show, in your own words; no model writes over them."""
    raise typer.Exit(tag_commands.change(project, files, as_json, caption=text))


@tags_app.command("rename")
def tags_rename(
    old: Annotated[str, typer.Argument(help="The tag.")],
    new: Annotated[str, typer.Argument(help="Its new name.")],
    project: Project = Path(),
    as_json: Json = False,
) -> None:
    """Call a tag otherwise everywhere; into one that exists, it is merged."""
    raise typer.Exit(tag_commands.rename(project, [old], new, as_json))


@tags_app.command("merge")
def tags_merge(
    names: Annotated[list[str], typer.Argument(help="Tags, the last one stays.")],
    project: Project = Path(),
    as_json: Json = False,
) -> None:
    """Make one tag of several."""
    raise typer.Exit(tag_commands.rename(project, names[:-1], names[-1], as_json))


@tags_app.command("delete")
def tags_delete(
    name: Annotated[str, typer.Argument(help="The tag.")],
    project: Project = Path(),
    as_json: Json = False,
) -> None:
    """Take a tag away from every image."""
    raise typer.Exit(tag_commands.delete(project, name, as_json))


@tags_app.command("undo")
def tags_undo(project: Project = Path(), as_json: Json = False) -> None:
    """Take the last change of tags and captions back; again for the one before."""
    raise typer.Exit(tag_commands.undo(project, as_json))
