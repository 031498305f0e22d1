"""The most memory that drawing 16 sprites at once ever holds, in a process of its own.

    python -m tests.benchmarks memory [--checkpoint DIR] [--json]

The process does what a model process does: it loads the built-in backend and draws one batch.
Beside it stand Python alone, `import torch`, the loaded model, and drawing one sprite.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
GOAL_MIB = 1229
STAGES = ("python", "torch", "loaded", "batch_1", "batch_16")


def run(checkpoint: Path | None = None, *, threads: int = 2) -> dict[str, Any]:
    """Peak memory in MiB after each stage, each in a fresh process."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = checkpoint or _random_checkpoint(Path(scratch))
        found: dict[str, Any] = {stage: _peak(stage, folder, threads) for stage in STAGES}
    found["goal_batch_16"] = GOAL_MIB
    found["within_goal"] = found["batch_16"] <= GOAL_MIB
    return found


def _peak(stage: str, folder: Path, threads: int) -> float:
    environment = {
        **os.environ,
        "LLAMAVIS_BUILTIN_MODEL": str(folder),
        "OMP_WAIT_POLICY": "PASSIVE",
        "OMP_NUM_THREADS": str(threads),
    }
    command = [sys.executable, "-m", "tests.benchmarks.memory", "--stage", stage]
    done = subprocess.run(
        command, env=environment, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
    )
    return float(done.stdout)


def _random_checkpoint(folder: Path) -> Path:
    from llamavis_studio.model.checkpoint import save_checkpoint
    from llamavis_studio.model.config import preset_config
    from llamavis_studio.model.unified import LlamaVis

    words = tuple(f"word{i}" for i in range(3000))
    save_checkpoint(LlamaVis(preset_config("nano", words)), folder, {"name": "random"})
    return folder


def measure_stage(stage: str) -> float:
    """Do the work of one stage in this process; answer its peak in MiB."""
    if stage == "torch":
        import torch  # noqa: F401
    if stage in ("loaded", "batch_1", "batch_16"):
        from llamavis_studio.backends.base import ImageRequest
        from llamavis_studio.backends.builtin import BuiltinBackend

        backend = BuiltinBackend()
        backend.load()
        count = {"loaded": 0, "batch_1": 1, "batch_16": 16}[stage]
        texts = ["red dragon", "male elf with long blond hair in a green robe holding a bow"]
        requests = [ImageRequest(texts[i % 2], "sprite", (32, 32), i) for i in range(count)]
        if len(backend.generate(requests, lambda progress: None) if requests else []) != count:
            raise SystemExit("not every sprite was drawn")
    return peak_mib()


def peak_mib() -> float:
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    import resource  # macOS counts bytes

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 1024


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks memory")
    parser.add_argument("--checkpoint", type=Path, default=ROOT / "resources" / "models" / "nano")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--stage", choices=STAGES, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.stage:
        print(measure_stage(options.stage))
        return 0
    known = options.checkpoint if (options.checkpoint / "config.json").exists() else None
    result = run(known, threads=options.threads)
    if options.json:
        print(json.dumps(result))
        return 0
    for name, value in result.items():
        print(
            f"{name:>16}  {value:.0f} MiB"
            if not isinstance(value, bool)
            else f"{name:>16}  {value}"
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
