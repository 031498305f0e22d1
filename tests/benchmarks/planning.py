"""How long a plan of many unchanged descriptions takes, beside a plain walk over the same files.

    python -m tests.benchmarks planning [--count 2000] [--pairs 7] [--json]

Each pair runs the walk (os.scandir and stat of everything) and the plan one after the other; the
value is the median of the pairs' ratios. The control runs the plan twice in each pair: when its
ratio leaves 0.95 to 1.05, the machine was too busy and the run is void. A plan starts as a new
process would: from the project's files and the memory in `.llamavis`, save for Python's imports.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from llamavis_studio.backends.base import BackendInfo, ImageRequest, ImageResult
from llamavis_studio.core.project import Project
from llamavis_studio.pipeline.build import build_batch, make_batches
from llamavis_studio.pipeline.plan import Plan, make_plan
from llamavis_studio.pipeline.scan_cache import ScanCache

INFO = BackendInfo("toy", "toy", "1", "MIT", max_batch=64)


def make_project(root: Path, count: int) -> None:
    """Twenty folders of sprites and tiles; half of them share a style with a palette."""
    (root / "llamavis.toml").write_text(
        '[project]\nname = "many"\nbackend = "toy"\n'
        '[style.dungeon]\nprefix = "dark"\npalette = "p.hex"\n'
        '[[folder]]\npath = "tiles/**"\nkind = "texture"\nstyle = "dungeon"\n',
        encoding="utf-8",
    )
    (root / "p.hex").write_text("000000\n553322\n887755\nffffff\n", encoding="utf-8")
    for i in range(count):
        folder = root / ("tiles" if i % 2 else "sprites") / f"f{i % 20:02}"
        folder.mkdir(parents=True, exist_ok=True)
        text = f'description = "mossy grey stone number {i}, wet"\nseed = {i}\n'
        (folder / f"asset{i}.desc.toml").write_text(text, encoding="utf-8")


def draw(requests: list[ImageRequest]) -> list[ImageResult]:
    """Noise at the finished size."""
    results = []
    for request in requests:
        rng = np.random.default_rng(request.seed)
        shape = (request.size_px[1], request.size_px[0], 4 if request.transparent else 3)
        results.append(ImageResult(rng.integers(0, 256, shape, np.uint8), "", request.seed))
    return results


def plan_once(root: Path) -> Plan:
    project = Project.open(root)
    cache = ScanCache.open(project)
    plan = make_plan(project, lambda _name: INFO, cache)
    cache.save(project)
    return plan


def walk_once(root: Path) -> int:
    """What no plan can do without: every name and every file's status."""
    seen = 0
    pending = [str(root)]
    while pending:
        with os.scandir(pending.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    pending.append(entry.path)
                else:
                    os.stat(entry.path)
                    seen += 1
    return seen


def timed(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def stamps(root: Path) -> dict[str, tuple[int, int]]:
    return {
        str(path): (path.stat().st_mtime_ns, path.stat().st_ino)
        for path in root.rglob("*")
        if path.is_file()
    }


def measure(root: Path, count: int, pairs: int) -> dict[str, object]:
    make_project(root, count)
    project = Project.open(root)
    for batch in make_batches(plan_once(root).to_build()):
        build_batch(batch, draw, project)
    # Images younger than the clock's grain are not trusted yet; these are as if built an hour ago.
    hour_ago = time.time_ns() - 3_600_000_000_000
    for path in root.rglob("*.png"):
        os.utime(path, ns=(hour_ago, hour_ago))
    first_s = timed(lambda: plan_once(root))
    before = stamps(root)
    walks, plans, controls = [], [], []
    for _ in range(pairs):
        walks.append(timed(lambda: walk_once(root)))
        plans.append(timed(lambda: plan_once(root)))
        controls.append(timed(lambda: plan_once(root)))
    busy = time.process_time()  # what the plan itself needs, however busy the machine is
    fresh = plan_once(root).is_fresh
    busy = time.process_time() - busy
    after = stamps(root)
    control = statistics.median(a / b for a, b in zip(plans, controls, strict=True))
    return {
        "descriptions": count,
        "first_scan_s": round(first_s, 3),
        "plan_s": round(statistics.median(plans), 3),
        "plan_cpu_s": round(busy, 3),
        "plan_worst_s": round(max(plans + controls), 3),
        "walk_s": round(statistics.median(walks), 4),
        "plan_over_walk": round(
            statistics.median(p / w for p, w in zip(plans, walks, strict=True)), 1
        ),
        "control": round(control, 3),
        "void": not 0.95 <= control <= 1.05,
        "all_fresh": fresh,
        "files_rewritten": sum(after.get(path) != stamp for path, stamp in before.items()),
        "loadavg": [round(value, 2) for value in os.getloadavg()] if os.name == "posix" else [],
        "cpus": os.cpu_count(),
    }


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else "")
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(os.path.realpath(folder))
        result = measure(root, options.count, options.pairs)
    if options.json:
        print(json.dumps(result))
    else:
        for name, value in result.items():
            print(f"{name:>16}  {value}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
