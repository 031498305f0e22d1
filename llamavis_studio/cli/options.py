"""Options and arguments that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, nothing else.")]
Paths = Annotated[
    list[Path] | None,
    typer.Argument(
        help="A project, or descriptions, images and folders inside one.", metavar="PATHS"
    ),
]
ProjectFolder = Annotated[Path, typer.Argument(help="The project's folder.", metavar="PROJECT")]
