"""The commands and their options; each is a few lines over the room that does the work."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from llamavis_studio import __version__
from llamavis_studio.cli import (
    library_commands,
    model_commands,
    project_commands,
    train_command,
)
from llamavis_studio.cli.executor import LOCAL, Executor
from llamavis_studio.cli.explain_command import add_explain_command
from llamavis_studio.cli.file_app import add_file_commands
from llamavis_studio.cli.library_app import add_library_commands
from llamavis_studio.cli.model_app import models_app
from llamavis_studio.cli.options import (
    ClusterAddress,
    ClusterWorkers,
    ExecutorName,
    Json,
    Paths,
    ProjectFolder,
)
from llamavis_studio.cli.release_app import add_release_commands
from llamavis_studio.cli.service_app import add_service_commands
from llamavis_studio.cli.train_command import TrainWish
from llamavis_studio.core.resources import resource_path

app = typer.Typer(
    name="llamavis",
    help="Game art as code: descriptions in a project become its sprites and textures.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(models_app, name="models")


def run_app(arguments: list[str]) -> int:
    """Run one command line; returns its exit code."""
    try:
        app(arguments, prog_name="llamavis")
    except SystemExit as ending:
        return ending.code if isinstance(ending.code, int) else int(ending.code is not None)
    return 0


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"llamavis {__version__}")
        raise typer.Exit


@app.callback()
def _all_commands(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass


@app.command()
def new(
    folder: Annotated[Path, typer.Argument(help="The folder to make.", metavar="DIR")],
    minimal: Annotated[
        bool, typer.Option("--minimal", help="A llamavis.toml and one description only.")
    ] = False,
    template: Annotated[
        str, typer.Option("--template", help="dungeon, sprites, tiles or minimal.")
    ] = "dungeon",
    as_json: Json = False,
) -> None:
    """Make a project: a small dungeon game, another --template, or --minimal."""
    chosen = "minimal" if minimal else template
    raise typer.Exit(project_commands.new(folder, chosen, as_json))


@app.command()
def plan(paths: Paths = None, as_json: Json = False) -> None:
    """Show what a build would do, and why; change nothing."""
    raise typer.Exit(project_commands.plan(paths, as_json))


@app.command()
def build(
    paths: Paths = None,
    check: Annotated[
        bool, typer.Option("--check", help="Build nothing; exit 1 when something is not fresh.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the plan and its estimated time only.")
    ] = False,
    force: Annotated[
        bool,
        typer.Option(
            "--force", help="Build everything again, edited images too; locked ones stay."
        ),
    ] = False,
    fresh: Annotated[
        bool,
        typer.Option("--fresh", help="Draw anew what changed, instead of editing what is there."),
    ] = False,
    jobs: Annotated[
        int | None,
        typer.Option(min=1, max=64, help="Images finished at once; default: one a core."),
    ] = None,
    jobs_json: Annotated[
        bool, typer.Option("--jobs-json", help="Events as JSON lines on stdout while building.")
    ] = False,
    executor: ExecutorName = LOCAL,
    address: ClusterAddress = None,
    workers: ClusterWorkers = None,
    as_json: Json = False,
) -> None:
    """Make the images that are missing or out of date."""
    where = Executor(executor, address, workers)
    options = project_commands.BuildOptions(
        check, dry_run, force, fresh, jobs, jobs_json, as_json, where
    )
    raise typer.Exit(project_commands.build(paths, options))


@app.command()
def watch(
    project: ProjectFolder = Path(),
    jobs_json: Annotated[
        bool, typer.Option("--jobs-json", "--json", help="Events as JSON lines on stdout.")
    ] = False,
) -> None:
    """Build again whenever a description is saved."""
    raise typer.Exit(project_commands.watch(project, jobs_json))


@app.command()
def sheet(
    project: ProjectFolder,
    out: Annotated[Path, typer.Option("-o", "--out", help="The PNG to write.", metavar="PNG")],
    columns: Annotated[int, typer.Option(min=1, max=64, help="Pictures in a row.")] = 6,
    tiled: Annotated[
        bool, typer.Option("--tiled", help="Only textures, each three times across and down.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Draw all images on one contact sheet."""
    raise typer.Exit(project_commands.sheet(project, out, columns, as_json, tiled))


@app.command()
def generate(
    text: Annotated[str, typer.Argument(help="What the image shows, in English or Chinese.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="The PNG to write.", metavar="FILE")],
    size: Annotated[
        str | None, typer.Option(help="Width x height of the finished image, such as 32x32.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="Same seed, same image; default: from the text.")
    ] = None,
    count: Annotated[int, typer.Option(help="How many variants: FILE_0.png ...")] = 1,
    kind: Annotated[
        str,
        typer.Option(help="texture, material, sprite, character, item or background."),
    ] = "sprite",
    negative: Annotated[str, typer.Option(help="What the image must not show.")] = "",
    guidance: Annotated[
        float | None, typer.Option(help="How strictly the words are followed, such as 3.")
    ] = None,
    temperature: Annotated[
        float | None, typer.Option(help="How freely the model draws, above 0; 1 as it learned.")
    ] = None,
    palette: Annotated[
        Path | None, typer.Option(help="A .hex, .gpl, .pal, .ase or .png file of its colours.")
    ] = None,
    backend: Annotated[str, typer.Option(help="What makes the image.")] = "builtin",
    explain: Annotated[
        bool,
        typer.Option(
            "--explain", help="Also FILE.explain.png and .json: where each word acted, and why."
        ),
    ] = False,
    edit: Annotated[
        Path | None,
        typer.Option(help="Start from this image; what the words keep, stays.", metavar="IMAGE"),
    ] = None,
    was: Annotated[
        str | None,
        typer.Option(help="The words of that image; default: those it carries.", metavar="TEXT"),
    ] = None,
    region: Annotated[
        Path | None,
        typer.Option(help="Draw anew only where this mask is white.", metavar="MASK"),
    ] = None,
    strength: Annotated[
        float, typer.Option(help="How much of the image may change at most, 0 to 1.")
    ] = 1.0,
    as_json: Json = False,
) -> None:
    """Make one image, or several, outside any project; or edit one."""
    wish = model_commands.Wish(
        text,
        out,
        size,
        seed,
        count,
        kind,
        negative,
        guidance,
        temperature,
        palette,
        backend,
        explain,
        edit,
        was,
        region,
        strength,
    )
    raise typer.Exit(model_commands.generate(wish, as_json))


@app.command()
def caption(
    files: Annotated[
        list[Path] | None, typer.Argument(help="The images to describe.", metavar="FILES")
    ] = None,
    library: Annotated[
        bool,
        typer.Option(
            "--library", help="Describe the project's library: all, or FILES and folders of it."
        ),
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="With --library: also what was described already.")
    ] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="With --library: also what a human has described.")
    ] = False,
    write: Annotated[
        str | None,
        typer.Option(
            help="With --library: write the words beside the images too, as txt, caption or json, "
            "or as xmp inside them.",
            metavar="KIND",
        ),
    ] = None,
    backend: Annotated[str, typer.Option(help="What reads the images.")] = "builtin",
    ask: Annotated[
        str, typer.Option(help="Ask this about each image instead.", metavar="QUESTION")
    ] = "",
    executor: ExecutorName = LOCAL,
    address: ClusterAddress = None,
    workers: ClusterWorkers = None,
    as_json: Json = False,
) -> None:
    """Say in words what images show."""
    if library and ask:
        raise typer.BadParameter("--ask is for single images, not for --library")
    if library:
        where = Executor(executor, address, workers)
        wish = library_commands.DescribeWish(
            tuple(files or ()), backend, again, everything, write, where
        )
        raise typer.Exit(library_commands.describe(wish, as_json))
    if executor != LOCAL:
        raise typer.BadParameter("--executor is for --library, not for single images")
    if not files:
        raise typer.BadParameter("name the images to describe, or say --library")
    raise typer.Exit(model_commands.caption(files, backend, as_json, ask.strip()))


@app.command()
def train(
    data: Annotated[
        Path | None, typer.Option(help="Folder that holds the training pictures.", metavar="DIR")
    ] = None,
    style: Annotated[
        Path | None,
        typer.Option(help="Teach a style from this folder of your own pictures.", metavar="DIR"),
    ] = None,
    name: Annotated[str, typer.Option(help="The style's name; default: its folder's.")] = "",
    preset: Annotated[str, typer.Option(help="The model's size.")] = "nano",
    minutes: Annotated[
        float | None,
        typer.Option(min=0.01, help="How long to train now; default: 60, and 10 for a style."),
    ] = None,
    total_minutes: Annotated[
        float | None,
        typer.Option(min=0.01, help="How long over all runs, when it is done in parts."),
    ] = None,
    stage: Annotated[
        list[str] | None,
        typer.Option(help="prepare, pixels, words, ship or evaluate; may be given several times."),
    ] = None,
    only_prepare: Annotated[
        bool, typer.Option("--prepare", help="Only make the pictures and captions, to be browsed.")
    ] = False,
    only_evaluate: Annotated[
        bool, typer.Option("--evaluate", help="Only measure the weights in --out (or the shipped).")
    ] = False,
    resume: Annotated[
        Path | None,
        typer.Option(help="Start from the weights of this checkpoint folder.", metavar="DIR"),
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option(help="Where the run is kept and continued; default: runs/PRESET."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Where the weights go; default: FOLDER/checkpoint, styles/NAME."),
    ] = None,
    restart: Annotated[
        bool, typer.Option("--restart", help="Begin anew instead of going on.")
    ] = False,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    batch: Annotated[int, typer.Option(min=1, help="Pictures at once.")] = 64,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same course.")] = 0,
    compile_model: Annotated[
        bool, typer.Option("--compile", help="Compile the model first; pays off on a GPU.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Train the built-in model, or with --style teach it the look of your own pictures."""
    if style is not None:
        from llamavis_studio.cli import style_command

        told = style_command.DEFAULT_MINUTES if minutes is None else minutes
        taught = style_command.StyleWish(style, name, told, out, seed)
        raise typer.Exit(style_command.teach(taught, as_json))
    place = folder or Path("runs") / preset
    stages = [*(stage or ()), *["prepare"] * only_prepare, *["evaluate"] * only_evaluate]
    if only_evaluate and out is None and not (place / "checkpoint").exists():
        out = resource_path("models", preset)
    wish = TrainWish(
        preset=preset,
        minutes=60.0 if minutes is None else minutes,
        total_minutes=total_minutes,
        stages=tuple(stages),
        data=data,
        folder=place,
        out=out or place / "checkpoint",
        restart=restart,
        device=device,
        batch=batch,
        seed=seed,
        compile_model=compile_model,
        resume=resume,
    )
    raise typer.Exit(train_command.train(wish, as_json))


@app.command()
def studio(
    project: Annotated[
        Path | None, typer.Argument(help="The project to open; default: the welcome page.")
    ] = None,
) -> None:
    """Open the desktop window."""
    from llamavis_studio.app.main import run as open_window

    raise typer.Exit(open_window(project))


@app.command()
def doctor(as_json: Json = False) -> None:
    """What works here, what does not, and how to mend it."""
    from llamavis_studio.cli.doctor import doctor as examine_machine

    raise typer.Exit(examine_machine(as_json))


add_release_commands(app)
add_service_commands(app)
add_library_commands(app)
add_explain_command(app)
add_file_commands(app)
