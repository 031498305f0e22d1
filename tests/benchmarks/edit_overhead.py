"""One edit: from the save of a description to its replaced PNG, without debounce and model.

    python -m tests.benchmarks edit_overhead [--edits 21] [--assets 24] [--model-ms 0] [--json]

A process of its own runs `Studio.watch` on a project in memory (/dev/shm where there is one), with
a model process whose model draws at once, or takes `--model-ms`. This process is the editor and the
observer: it renames a new text into place and looks every half millisecond for a new inode at the
PNG. Own overhead = that time - 30 ms of debounce - the model's time.

The peer is a bare watchdog handler that writes a PNG as soon as it hears of the rename: what
noticing and writing cost at least. Each round is studio, peer, studio again; the last two studio
times are the control.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from llamavis_studio.watch.observer import NATIVE_QUIET
from tests.benchmarks._protocol import is_void, machine, median_of_ratios, percentile
from tests.support import instant_backend

WAIT_S = 60.0
LOOK_S = 0.0005
GOAL_P50_MS, GOAL_P95_MS = 60.0, 120.0
WORDS = ("red", "blue", "green", "golden", "black", "mossy", "burning", "frozen")


def make_project(root: Path, assets: int) -> list[Path]:
    root.mkdir()
    (root / "llamavis.toml").write_text('[project]\nname = "bench"\nbackend = "instant"\n')
    paths = []
    for number in range(assets):
        path = root / f"folder{number % 8}" / f"asset{number}.desc.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f'description = "a sword, number {number}"\nseed = {number}\n')
        paths.append(path)
    return paths


def save(path: Path, text: str) -> None:
    """As most editors do: a temporary file beside it, renamed over it."""
    temporary = path.with_name(f".{path.name}.swp")
    temporary.write_text(text)
    os.replace(temporary, path)


def inode(path: Path) -> int:
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return 0


def edit(path: Path, output: Path, text: str) -> float:
    """Seconds from the rename of the description to the rename of its PNG."""
    before = inode(output)
    began = time.monotonic()
    save(path, text)
    while inode(output) in (before, 0):
        if time.monotonic() - began > WAIT_S:
            raise RuntimeError(f"{output} was not replaced within {WAIT_S:g} s")
        time.sleep(LOOK_S)
    return time.monotonic() - began


def output_of(path: Path) -> Path:
    return path.with_name(path.name.removesuffix(".desc.toml") + ".png")


@contextmanager
def serving(role: str, root: Path, model_ms: float) -> Iterator[None]:
    environment = {
        **os.environ,
        **instant_backend.ENVIRONMENT,
        "LLAMAVIS_TEST_STEP_MS": str(model_ms / instant_backend.STEPS),
    }
    command = [sys.executable, "-m", "tests.benchmarks.edit_overhead", "--serve", role, str(root)]
    server = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, text=True)
    try:
        yield
    finally:
        assert server.stdin is not None
        server.stdin.close()
        if server.wait(30) != 0:
            raise RuntimeError(f"the {role} failed")


def serve_studio(root: Path) -> None:
    import threading

    from llamavis_studio.studio import Studio

    stop = threading.Event()
    # The end of standard input is the end of the run.
    threading.Thread(target=lambda: (sys.stdin.read(), stop.set()), daemon=True).start()
    with Studio.open(root) as studio:
        studio.watch(stop)


def serve_peer(root: Path) -> None:
    from watchdog.events import FileMovedEvent, FileSystemEvent, FileSystemEventHandler
    from watchdog.observers import Observer

    png = instant_backend_png()

    class Handler(FileSystemEventHandler):
        def on_moved(self, event: FileSystemEvent) -> None:
            path = Path(os.fsdecode(event.dest_path))
            if isinstance(event, FileMovedEvent) and path.name.endswith(".desc.toml"):
                temporary = path.with_name("tmp.png")
                with temporary.open("wb") as file:
                    file.write(png)
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(temporary, output_of(path))

    observer = Observer()
    observer.schedule(Handler(), str(root), recursive=True)
    observer.start()
    (root / "ready").touch()
    sys.stdin.read()
    observer.stop()
    observer.join()


def instant_backend_png() -> bytes:
    from llamavis_studio.backends.base import ImageRequest
    from llamavis_studio.imaging.png import encode_png

    return encode_png(instant_backend.draw(ImageRequest("a sword", "sprite", (32, 32), 1)))


def wait_for(paths: list[Path]) -> None:
    deadline = time.monotonic() + WAIT_S
    while not all(path.exists() for path in paths):
        if time.monotonic() > deadline:
            raise RuntimeError("the first build did not end")
        time.sleep(0.05)


def measure(folder: Path, edits: int, assets: int, model_ms: float) -> dict[str, object]:
    paths = make_project(folder / "studio", assets)
    (peer := folder / "peer").mkdir()
    peer_path = peer / "hero.desc.toml"
    random_numbers = random.Random(1)
    studio_s: list[float] = []
    peer_s: list[float] = []
    again_s: list[float] = []

    def studio_edit(turn: str) -> float:
        path = random_numbers.choice(paths)
        word = random_numbers.choice(WORDS)
        # Over two seconds of rest are not needed: content is compared, not times.
        time.sleep(random_numbers.uniform(0.1, 0.5))
        text = f'description = "a {word} sword, number {turn}"\nseed = 1\n'
        return edit(path, output_of(path), text)

    with (
        serving("studio", folder / "studio", model_ms),
        serving("peer", peer, 0),
    ):
        wait_for([*map(output_of, paths), peer / "ready"])
        time.sleep(0.5)
        for turn in range(-2, edits):
            times = (
                studio_edit(f"{turn}a"),
                edit(peer_path, output_of(peer_path), str(turn)),
                studio_edit(f"{turn}b"),
            )
            # The first two warm things up: the model is loaded, the caches are filled.
            if turn >= 0:
                for series, value in zip((studio_s, peer_s, again_s), times, strict=True):
                    series.append(value)
    debounce_ms = NATIVE_QUIET.complete_s * 1000
    own_ms = [1000 * value - debounce_ms - model_ms for value in studio_s + again_s]
    total_ms = 1000 * statistics.median(studio_s + again_s)
    control = median_of_ratios(studio_s, again_s)
    p50, p95 = percentile(own_ms, 50), percentile(own_ms, 95)
    return {
        "assets": assets,
        "edits": len(own_ms),
        "model_ms": model_ms,
        "total_ms_p50": round(total_ms, 1),
        "own_ms_p50": round(p50, 1),
        "own_ms_p95": round(p95, 1),
        "own_ms_worst": round(max(own_ms), 1),
        "goal_met": p50 <= GOAL_P50_MS and p95 <= GOAL_P95_MS,
        "total_over_model": round(total_ms / model_ms, 3) if model_ms else None,
        "bare_watchdog_ms": round(1000 * statistics.median(peer_s), 2),
        "own_over_bare": round(statistics.median(own_ms) / (1000 * statistics.median(peer_s)), 1),
        "control": round(control, 3),
        "void": is_void(control),
        **machine(),
    }


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else "")
    parser.add_argument("--edits", type=int, default=21)
    parser.add_argument("--assets", type=int, default=24)
    parser.add_argument("--model-ms", type=float, default=0.0)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--serve", nargs=2, metavar=("ROLE", "ROOT"), help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.serve:
        role, root = options.serve
        (serve_studio if role == "studio" else serve_peer)(Path(root))
        return 0
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    folder = Path(tempfile.mkdtemp(dir=memory))
    try:
        result = measure(folder, options.edits, options.assets, options.model_ms)
    finally:
        shutil.rmtree(folder)
    if options.json:
        print(json.dumps(result))
    else:
        for name, value in result.items():
            print(f"{name:>16}  {value}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
