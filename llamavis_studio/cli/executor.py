"""Where the model works: in a process beside this one, or on the workers of a Ray cluster."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llamavis_studio.core.errors import ProjectError, did_you_mean

if TYPE_CHECKING:
    from llamavis_studio.backends.cluster.host import RayHost

LOCAL, RAY = "local", "ray"


@dataclass(frozen=True)
class Executor:
    """The switches --executor, --address and --workers."""

    name: str = LOCAL
    address: str | None = None
    workers: int | None = None

    def check(self) -> None:
        """Raises ProjectError for what makes no sense together."""
        if self.name not in (LOCAL, RAY):
            raise ProjectError(
                f"there is no executor '{self.name}'", did_you_mean(self.name, (LOCAL, RAY))
            )
        for switch, value in (("--address", self.address), ("--workers", self.workers)):
            if value is not None and self.name != RAY:
                raise ProjectError(f"{switch} is for a cluster", "add --executor ray")


HERE = Executor()


@contextlib.contextmanager
def cluster_of(executor: Executor, start: Path, chosen: dict[str, Any]) -> Iterator[RayHost | None]:
    """The cluster's host for the project around `start`, closed in the end; None for `local`.

    `chosen` are settings of the command line. Raises ProjectError, SettingsError, BackendError.
    """
    executor.check()
    if executor.name == LOCAL:
        yield None
        return
    from llamavis_studio.backends.cluster.host import RayHost
    from llamavis_studio.backends.cluster.settings import ClusterSettings
    from llamavis_studio.backends.own_host import process_settings
    from llamavis_studio.core.project import Project
    from llamavis_studio.core.settings import layered, user_settings

    settings = layered(user_settings(), Project.open(start).settings, chosen)
    cluster = ClusterSettings(executor.address, executor.workers, settings.threads or None)
    host = RayHost(cluster, process_settings(settings, "cluster.log"))
    try:
        yield host
    finally:
        host.close()


def told_team(host: RayHost | None) -> str:
    """Who did the work, in words; "" where nobody had to."""
    team = None if host is None else host.team
    if team is None or not team.workers:
        return ""
    parts = [(team.workers, "worker"), (team.nodes, "node"), (team.threads, "thread")]
    workers, nodes, threads = (f"{n} {word}{'' if n == 1 else 's'}" for n, word in parts)
    return f"drawn by {workers} on {nodes}, {threads} each"
