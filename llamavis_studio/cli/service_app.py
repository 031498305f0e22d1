"""The commands for engines: serve, and plugin install."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from llamavis_studio.cli.options import Json


def add_service_commands(app: typer.Typer) -> None:
    """Add them to the command line."""
    app.command()(serve)
    plugins = typer.Typer(help="The plugins of game engines.", no_args_is_help=True)
    plugins.command("install")(install)
    app.add_typer(plugins, name="plugin")


def serve(
    project: Annotated[
        Path, typer.Argument(help="The project's folder; default: here.", metavar="PROJECT")
    ] = Path(),
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="Listen here; 0: a free port.")
    ] = 0,
    parent: Annotated[
        int | None,
        typer.Option("--parent", min=1, help="End when the process of this number has ended."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Serve a project to engine plugins on this machine, until Ctrl+C."""
    from llamavis_studio.cli.serve_command import serve as serve_project

    raise typer.Exit(serve_project(project, port, parent, as_json))


def install(
    engine: Annotated[str, typer.Argument(help="godot or blender.", metavar="ENGINE")],
    project: Annotated[
        Path,
        typer.Argument(
            help="godot: the game's folder; default: here. blender: its user folder, or a .zip to "
            "write; default: every Blender of yours.",
            metavar="PATH",
        ),
    ] = Path(),
    uninstall: Annotated[bool, typer.Option("--uninstall", help="Take it out again.")] = False,
    as_json: Json = False,
) -> None:
    """Put an engine's plugin where the engine finds it, or bring it up to date."""
    if engine == "blender":
        from llamavis_studio.cli.plugin_blender import install as install_extension

        where = None if project == Path() else project
        raise typer.Exit(install_extension(where, uninstall, as_json))
    from llamavis_studio.cli.plugin_command import install as install_plugin

    raise typer.Exit(install_plugin(engine, project, uninstall, as_json))
