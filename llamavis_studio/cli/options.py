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
ExecutorName = Annotated[
    str, typer.Option(help="Where the model works: local, or ray for a Ray cluster.")
]
ClusterAddress = Annotated[
    str | None,
    typer.Option(
        help="With --executor ray: the cluster to join, auto or host:port; default: one of this "
        "machine's own, for as long as it takes."
    ),
]
ClusterWorkers = Annotated[
    int | None,
    typer.Option(
        min=1,
        max=1024,
        help="With --executor ray: how many; default: one a graphics card, or one for every "
        "'threads' cores (a setting, 1 here unless set).",
    ),
]
