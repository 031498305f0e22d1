"""What a cluster is asked for, and how its workers share what it has. Knows nothing of Ray."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


@dataclass(frozen=True)
class ClusterSettings:
    """Where the workers are and how long one may be silent; times in seconds.

    Args:
        address: of a cluster to join: ``auto`` or ``host:port``; None starts one on this machine
            that nobody else can reach, and ends it with the host.
        workers: how many; None is one a graphics card, or one for every ``threads`` cores.
        threads: of each worker; None shares the cores among ``workers``, or is 1.
        folder: where a cluster started here keeps its sockets and logs; the host makes one.
        hang_s: the longest one step may take.
        silence_s: a worker that does not answer for so long counts as lost.
        patience_s: how long the first workers wait for the others before they begin.
        start_s: how long nobody may be there to work.
    """

    address: str | None = None
    workers: int | None = None
    threads: int | None = None
    folder: str | None = None
    hang_s: float = 300.0
    silence_s: float = 30.0
    patience_s: float = 15.0
    start_s: float = 120.0


@dataclass(frozen=True)
class CrewPlan:
    """How many workers there are to be, and what each takes of the cluster."""

    workers: int
    threads: int
    cpus_each: int
    gpus_each: int


def plan_crew(
    settings: ClusterSettings, cpus: Sequence[float], gpus: float, device: str = "auto"
) -> CrewPlan:
    """Share a cluster with ``cpus`` of each node and ``gpus`` in all among workers.

    ``device`` is the user's setting: with "cpu" the graphics cards are left alone.
    """
    total = max(1, int(sum(cpus)))
    cards = 0 if device == "cpu" else int(gpus)
    if cards:
        workers = min(settings.workers or cards, cards)
        threads = settings.threads or max(1, total // workers)
        return CrewPlan(workers, threads, 1, 1)
    if settings.workers is None:
        threads = settings.threads or 1
        workers = max(1, sum(int(one) // threads for one in cpus))
        return CrewPlan(workers, threads, min(threads, total), 0)
    # Room for one core each is all that is asked for, so that any number of threads finds a place.
    workers = min(settings.workers, total)
    return CrewPlan(workers, settings.threads or max(1, total // workers), 1, 0)


def worker_environment(plan: CrewPlan, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The variables that a worker needs before anything heavy is imported there.

    What the studio's own variables say here is meant for every worker.
    """
    own = {name: value for name, value in environ.items() if name.startswith("LLAMAVIS_")}
    return {
        **own,
        **dict.fromkeys(THREAD_VARIABLES, str(plan.threads)),
        "OMP_WAIT_POLICY": "PASSIVE",
        "HF_HUB_OFFLINE": "1",
        # A worker with a card sees that one only, whatever its number is.
        "LLAMAVIS_DEVICE": "auto" if plan.gpus_each else "cpu",
    }
