"""A build on a Ray cluster of this machine: two workers beside one, and beside a plain pool.

    python -m tests.benchmarks cluster [--assets 96] [--pairs 3] [--json]

A project of `--assets` items is built by the built-in model with one thread each: by one worker
through Ray, by two, and as the control by a `multiprocessing.Pool` of one and two processes which
draws the same requests in the same batches and has them finished by the same pipeline. All of them
are started and have the model in memory before; what that took is told apart. A round runs each
once; the wall goes from the plan to the last file renamed. Goal: two workers build at least 1.7
times as fast as one, and that is at least 0.95 of what the pool gains. An empty task is a call for
one image of a backend that draws at once, less what it takes in this process.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from llamavis_studio.backends.base import (
    BackendInfo,
    ImageRequest,
    ImageResult,
    OnStep,
    StepProgress,
    ignore_steps,
)
from llamavis_studio.backends.cluster.host import RayHost
from llamavis_studio.backends.cluster.settings import THREAD_VARIABLES, ClusterSettings
from llamavis_studio.backends.host import InProcessHost, ModelHost
from llamavis_studio.backends.model_process import ProcessSettings
from llamavis_studio.backends.resident import Resident
from tests.benchmarks._protocol import is_void, machine, median_of_ratios
from tests.benchmarks.build_overhead import built
from tests.support.instant_backend import ENVIRONMENT

GOAL = 1.7
GOAL_BESIDE_POOL = 0.95
TASKS = 60
WORDS = ("red potion", "iron sword", "green slime", "blue crystal", "golden key")

_resident: Resident | None = None


def _load(name: str) -> None:
    """In a process of the pool: have the model in memory."""
    from llamavis_studio.backends.registry import Registry

    global _resident
    _resident = Resident(Registry())
    _resident.use(name)


def _draw(name: str, requests: list[ImageRequest]) -> list[ImageResult]:
    assert _resident is not None
    return _resident.generate(name, requests, ignore_steps)


class PoolHost(InProcessHost):
    """Draws batches of the backend's own size in the processes of a pool."""

    def __init__(self, workers: int) -> None:
        super().__init__()
        self._workers = workers
        self._pool = multiprocessing.get_context("spawn").Pool(workers, _load, ("builtin",))

    def info(self, backend_name: str) -> BackendInfo:
        info = super().info(backend_name)
        return replace(info, max_batch=info.max_batch * self._workers)

    def generate(
        self,
        backend_name: str,
        requests: Sequence[ImageRequest],
        on_step: OnStep = ignore_steps,
    ) -> list[ImageResult]:
        size = super().info(backend_name).max_batch
        chunks = [list(requests[i : i + size]) for i in range(0, len(requests), size)]
        drawn: list[ImageResult] = []
        for part in self._pool.imap(partial(_draw, backend_name), chunks):
            drawn += part
            on_step(StepProgress(len(drawn), len(requests)))
        return drawn

    def close(self) -> None:
        self._pool.terminate()
        self._pool.join()
        super().close()


def make_items(root: Path, assets: int) -> None:
    """A project of items, each with words and a seed of its own."""
    root.mkdir()
    (root / "llamavis.toml").write_text('[project]\nname = "bench"\n')
    for number in range(assets):
        text = f'description = "{WORDS[number % len(WORDS)]}"\nkind = "item"\nseed = {number}\n'
        (root / f"item{number}.desc.toml").write_text(text)


def warm(host: ModelHost, workers: int) -> float:
    """Seconds until every worker has drawn something."""
    began = time.perf_counter()
    size = InProcessHost().info("builtin").max_batch
    host.generate("builtin", [ImageRequest("key", "item", (32, 32), n) for n in range(size + 1)])
    for _ in range(workers):
        host.generate("builtin", [ImageRequest("key", "item", (32, 32), 1)])
    return time.perf_counter() - began


def empty_task_ms(host: ModelHost) -> float:
    """Milliseconds of a call that draws next to nothing, beside the same call in this process."""
    times = []
    here = InProcessHost()
    for one in (host, here):
        request = [ImageRequest("a cat", "sprite", (16, 16), 1)]
        one.generate("instant", request)
        began = time.perf_counter()
        for _ in range(TASKS):
            one.generate("instant", request)
        times.append((time.perf_counter() - began) / TASKS * 1000)
    here.close()
    return times[0] - times[1]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="cluster")
    parser.add_argument("--assets", type=int, default=96)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    wish = parser.parse_args(arguments)
    for name in THREAD_VARIABLES:
        os.environ[name] = "1"
    os.environ["OMP_WAIT_POLICY"] = "PASSIVE"
    os.environ.update(ENVIRONMENT)
    settings = ProcessSettings(threads=1, nice=0)
    hosts: dict[str, ModelHost] = {
        "ray_1": RayHost(ClusterSettings(workers=1, threads=1), settings),
        "ray_2": RayHost(ClusterSettings(workers=2, threads=1), settings),
        "pool_1": PoolHost(1),
        "pool_2": PoolHost(2),
    }
    walls: dict[str, list[float]] = {name: [] for name in (*hosts, "again")}
    try:
        starts = {name: round(warm(host, int(name[-1])), 2) for name, host in hosts.items()}
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder) / "project"
            make_items(root, wish.assets)
            for _ in range(wish.pairs):
                for name, host in hosts.items():
                    walls[name].append(built(root, host, 2))
                walls["again"].append(built(root, hosts["ray_1"], 2))
        overhead = empty_task_ms(hosts["ray_1"])
    finally:
        for host in hosts.values():
            host.close()
    gain = median_of_ratios(walls["ray_1"], walls["ray_2"])
    pool = median_of_ratios(walls["pool_1"], walls["pool_2"])
    control = median_of_ratios(walls["ray_1"], walls["again"])
    passed = gain >= GOAL and gain >= GOAL_BESIDE_POOL * pool
    row = {
        "gain": round(gain, 3),
        "goal": GOAL,
        "pool_gain": round(pool, 3),
        "beside_pool": round(gain / pool, 3),
        "control": round(control, 3),
        "verdict": "void" if is_void(control) else ("pass" if passed else "fail"),
        "empty_task_ms": round(overhead, 2),
        "start_s": starts,
        "walls_s": {name: [round(one, 2) for one in many] for name, many in walls.items()},
    }
    if wish.json:
        print(json.dumps({"cluster": row, "machine": machine()}, indent=2))
    else:
        print(f"{wish.assets} assets: {row}\n{machine()}")
    return 0 if row["verdict"] == "pass" else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
