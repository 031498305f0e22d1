"""How fast the model draws, beside what this machine reaches in a plain matrix product.

    python -m llamavis_studio.model.train.speed CHECKPOINT MINILM [--threads 2] [--quick]

A process of its own, so that its peak memory is that of drawing and of nothing else. Prints JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn

from llamavis_studio.model.config import ModelConfig, read_config_file
from llamavis_studio.model.sampling import Sampling
from llamavis_studio.model.text_encoder import TextEncoder
from llamavis_studio.model.train.drawing import Artist, Wish, draw
from llamavis_studio.model.unified import LlamaVis

PROMPTS = (
    "red dragon",
    "a grey stone wall with moss",
    "male elf with long blond hair in a green robe holding a bow",
    "blue potion",
)
GRID = (8, 8)
MINILM_LAYERS = (6, 384, 1536)  # layers, width, hidden: fixed by the weights that we ship


def sgemm_peak(sizes: tuple[int, ...] = (1024, 2048), tries: int = 5) -> float:
    """FLOP/s of the best fp32 ``torch.mm`` on the threads torch has now."""
    best = 0.0
    for size in sizes:
        a, b = torch.randn(size, size), torch.randn(size, size)
        out = torch.empty(size, size)
        for _ in range(tries):
            begun = time.perf_counter()
            torch.mm(a, b, out=out)
            best = max(best, 2 * size**3 / (time.perf_counter() - begun))
    return best


def decode_flops(
    config: ModelConfig, words: int, positions: int, rows: int, references: int = 0
) -> int:
    """Multiplications and additions of drawing one batch.

    ``rows`` counts both guidance halves, ``references`` the positions of the pictures looked up.
    """
    body = config.backbone
    width, inner = body.width, body.heads * body.head_size
    projections = 2 * width * inner + 2 * width * body.kv_heads * body.head_size
    block = 2 * body.layers * (projections + 3 * width * body.hidden)  # one token, all layers
    prefix = 1 + words + references
    attention = 4 * body.layers * inner * prefix * prefix
    attention += sum(4 * body.layers * inner * (prefix + i + 1) for i in range(positions))
    sizes = config.tokenizer.codebook_sizes
    heads = 2 * (width * sum(sizes) + (len(sizes) - 1) * 4 * width * width)
    each = (prefix + positions) * block + attention + positions * heads
    return rows * (each + 2 * words * config.text_width * width)


def text_flops(words: int, rows: int) -> int:
    """Multiplications and additions of the text encoder for ``rows`` prompts."""
    layers, width, hidden = MINILM_LAYERS
    token = 2 * layers * (4 * width * width + 2 * width * hidden)
    return rows * (words * token + 4 * layers * width * words * words)


def pixel_flops(model: LlamaVis, grid: tuple[int, int], rows: int) -> int:
    """Multiplications and additions of the image decoder, counted by its convolutions."""
    counted = [0]

    def count(module: nn.Module, _inputs: object, output: torch.Tensor) -> None:
        assert isinstance(module, nn.Conv2d)
        counted[0] += 2 * output.numel() * module.weight[0].numel()

    convolutions = [m for m in model.image_tokenizer.decoder.modules() if isinstance(m, nn.Conv2d)]
    hooks = [m.register_forward_hook(count) for m in convolutions]
    depth = len(model.config.tokenizer.codebook_sizes)
    codes = torch.zeros(1, grid[0] * grid[1], depth, dtype=torch.long)
    model.image_tokenizer.decode(codes, grid)
    for hook in hooks:
        hook.remove()
    return rows * counted[0]


def median_seconds(action: Callable[[], object], tries: int) -> float:
    """Median wall time of ``action`` after one call to warm up."""
    action()
    taken = []
    for _ in range(tries):
        begun = time.perf_counter()
        action()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


def peak_memory_mib() -> float:
    """The most memory this process ever held."""
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    if sys.platform == "win32":
        return float("nan")
    import resource

    kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return kib / 2**20 if sys.platform == "darwin" else kib / 1024


def measure_speed(
    artist: Artist, batches: tuple[int, ...] = (1, 16), tries: int = 5
) -> dict[str, Any]:
    """Words to pixels at 32x32 with guidance: images a second and share of the product's peak.

    ``void`` is True when the peak before and after differ by more than 10 %: the machine was busy.
    """
    model, encoder = artist.model, artist.encoder
    before = sgemm_peak()
    found: dict[str, Any] = {"threads": torch.get_num_threads()}
    positions = GRID[0] * GRID[1]
    for batch in batches:
        texts = [PROMPTS[i % len(PROMPTS)] for i in range(batch)]

        def once(texts: list[str] = texts, batch: int = batch) -> None:
            draw(artist, [Wish(text, "sprite", i) for i, text in enumerate(texts)], batch=batch)

        seconds = median_seconds(once, tries)
        words = encoder.encode_tokens(texts).ids.shape[1]
        looked_up = positions if artist.memory is not None else 0
        flops = decode_flops(model.config, words, positions, 2 * batch, looked_up)
        flops += text_flops(words, batch) + pixel_flops(model, GRID, batch)
        found[f"images_per_s_batch_{batch}"] = batch / seconds
        found[f"gflops_per_image_batch_{batch}"] = flops / batch / 1e9
        found[f"share_of_sgemm_batch_{batch}"] = flops / seconds / before
    after = sgemm_peak()
    found |= {
        "sgemm_gflops_before": before / 1e9,
        "sgemm_gflops_after": after / 1e9,
        "void": abs(after / before - 1) > 0.1,
        "peak_memory_mib": peak_memory_mib(),
    }
    return found


def measure_in_process(
    checkpoint: Path, minilm: Path, *, threads: int = 2, quick: bool = False
) -> Mapping[str, Any]:
    """Run this module in a process of its own. Raises ``subprocess.CalledProcessError``."""
    command = [sys.executable, "-m", __spec__.name, str(checkpoint), str(minilm)]
    command += ["--threads", str(threads), *(["--quick"] if quick else [])]
    done = subprocess.run(
        command,
        env={**os.environ, "OMP_WAIT_POLICY": "PASSIVE", "OMP_NUM_THREADS": str(threads)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def main(arguments: list[str] | None = None) -> int:
    """Print the measurements as JSON."""
    from llamavis_studio.model.checkpoint import checkpoint_memory, load_checkpoint

    parser = argparse.ArgumentParser(description="Measure how fast a checkpoint draws.")
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("minilm", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    artist = Artist(
        load_checkpoint(options.checkpoint),
        TextEncoder.load(options.minilm),
        checkpoint_memory(options.checkpoint),
        Sampling(**read_config_file(options.checkpoint).get("sampling", {})),
    )
    print(json.dumps(measure_speed(artist, tries=2 if options.quick else 5)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
