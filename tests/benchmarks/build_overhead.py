"""A whole build beside the model alone: what planning, finishing and writing cost on top.

    python -m tests.benchmarks build_overhead [--assets 200] [--pairs 3] [--jobs 1] [--json]

A project of `--assets` descriptions (sprites, textures, one background in ten) is built by a studio
with the built-in model in its own process. The peer is that same process drawing the same requests
in the same batches, nothing else. Pairs run studio, peer, studio; the ratio of both studio runs is
the control. Goal: a build takes at most 1.15 times as long as its model.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from llamavis_studio.backends.base import ImageRequest, ImageResult, OnStep
from llamavis_studio.backends.process_host import ProcessHost
from llamavis_studio.studio import Studio
from tests.benchmarks._protocol import is_void, machine, median_of_ratios

GOAL = 1.15
THINGS = ("red potion", "iron sword", "green slime", "female elf in a blue robe", "golden key")
GROUNDS = ("grass", "grey stone floor", "wooden planks", "deep blue water")


class Recorder:
    """A host that hands everything on and remembers the batches."""

    def __init__(self, host: ProcessHost) -> None:
        self._host = host
        self.batches: list[tuple[str, list[ImageRequest]]] = []

    def __getattr__(self, name: str) -> Callable[..., object]:
        return getattr(self._host, name)  # type: ignore[no-any-return]

    def generate(self, name: str, requests: list[ImageRequest], step: OnStep) -> list[ImageResult]:
        self.batches.append((name, list(requests)))
        return self._host.generate(name, requests, step)


def make_project(root: Path, assets: int) -> None:
    root.mkdir()
    (root / "llamavis.toml").write_text('[project]\nname = "bench"\n')
    for number in range(assets):
        kind, words = "item", THINGS[number % len(THINGS)]
        if number % 10 == 9:
            kind, words = "background", "mountains at night"
        elif number % 4 == 3:
            kind, words = "texture", GROUNDS[number // 4 % len(GROUNDS)]
        path = root / f"part{number % 10}" / f"asset{number}.desc.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f'description = "{words}"\nkind = "{kind}"\nseed = {number}\n')


def built(root: Path, host: object, jobs: int) -> float:
    """Seconds of a build of everything, from nothing."""
    for png in root.rglob("*.png"):
        png.unlink()
    shutil.rmtree(root / ".llamavis", ignore_errors=True)
    with Studio.open(root, host=host, settings={"jobs": jobs}) as studio:  # type: ignore[arg-type]
        began = time.perf_counter()
        report = studio.build()
        took = time.perf_counter() - began
    if report.failed:
        raise RuntimeError(f"{len(report.failed)} of the assets failed: {report.failed[0]}")
    return took


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="build_overhead")
    parser.add_argument("--assets", type=int, default=200)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    wish = parser.parse_args(arguments)
    host = ProcessHost()
    studio, model, again = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "project"
        make_project(root, wish.assets)
        recorder = Recorder(host)
        built(root, recorder, wish.jobs)  # loads the model, and tells the batches
        for _ in range(wish.pairs):
            studio.append(built(root, host, wish.jobs))
            began = time.perf_counter()
            for name, requests in recorder.batches:
                host.generate(name, requests, lambda _progress: None)
            model.append(time.perf_counter() - began)
            again.append(built(root, host, wish.jobs))
    host.close()
    ratio, control = median_of_ratios(studio, model), median_of_ratios(studio, again)
    verdict = "void" if is_void(control) else ("pass" if ratio <= GOAL else "fail")
    row = {
        "ratio": round(ratio, 4),
        "control": round(control, 4),
        "goal": GOAL,
        "verdict": verdict,
        "jobs": wish.jobs,
        "studio_s": [round(s, 2) for s in studio],
        "model_s": [round(s, 2) for s in model],
    }
    if wish.json:
        print(json.dumps({"build_overhead": row, "machine": machine()}, indent=2))
    else:
        print(f"{wish.assets} assets, jobs {wish.jobs}: {row}")
    return 0 if verdict == "pass" else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
