"""Drawing with the built-in model: pictures a second, share of the GEMM peak, memory, and our
decode beside the same weights run by transformers' ``LlamaModel``, cached and uncached.

    python -m tests.benchmarks generation [--checkpoint DIR] [--json] [--threads 2] [--pairs 7]

Both peers pick their codes with the same seeds and heads. When always the likeliest is taken, they
must pick the very same codes, else the run stops; with seeds, a rounding error at the edge of two
codes may part them, so the share of equal pictures is shown. The uncached peer reads the whole
sequence anew for every position, as a plain loop does. Nothing is looked up: neither side has a
memory.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import torch
from torch import Tensor

from llamavis_studio.backends.torchvision_ops import prepare_torchvision
from llamavis_studio.core.resources import resource_path
from llamavis_studio.model.checkpoint import load_checkpoint
from llamavis_studio.model.drawing import draw_codes, guide, pad_together
from llamavis_studio.model.sampling import Sampling, choose, seeded_numbers
from llamavis_studio.model.text_encoder import TextEncoder
from llamavis_studio.model.unified import (
    LlamaVis,
    Prompt,
    causal_mask,
    encode_prompts,
    grid_cells,
    position_features,
)
from tests.benchmarks._protocol import is_void, machine, median_of_ratios

GRID = (8, 8)
WORDS = (
    "red dragon", "grey stone wall", "elf in a green robe holding a bow", "blue potion",
    "skeleton holding a sword", "wooden door", "golden crown", "green slime",
)  # fmt: skip
KINDS = ("creature", "texture", "character", "item", "creature", "feature", "item", "creature")


def prompts(model: LlamaVis, encoder: TextEncoder, count: int) -> Prompt:
    """The first ``count`` of the words above, again and again."""
    texts = [WORDS[i % len(WORDS)] for i in range(count)]
    return encode_prompts(model, encoder, texts, [KINDS[i % len(KINDS)] for i in range(count)])


GREEDY = Sampling(temperature=0)


def ours(model: LlamaVis, prompt: Prompt, sampling: Sampling = Sampling()) -> Tensor:  # noqa: B008
    """Codes by the product's own loop."""
    count = len(prompt.kind)
    return draw_codes(model, prompt, model.no_prompt(count), GRID, range(count), sampling)


class Peer:
    """transformers' LlamaModel with our weights, and a decode loop around it."""

    def __init__(self, model: LlamaVis) -> None:
        prepare_torchvision()
        import transformers

        sizes = model.config.backbone
        config = transformers.LlamaConfig(
            vocab_size=8,
            hidden_size=sizes.width,
            intermediate_size=sizes.hidden,
            num_hidden_layers=sizes.layers,
            num_attention_heads=sizes.heads,
            num_key_value_heads=sizes.kv_heads,
            rms_norm_eps=sizes.norm_eps,
            rope_parameters={"rope_type": "default", "rope_theta": sizes.rope_theta},
            max_position_embeddings=4096,
        )
        self.model = model
        self.llama = transformers.LlamaModel(config).eval()
        self.llama.load_state_dict(model.backbone.state_dict(), strict=False)
        self.new_cache = transformers.DynamicCache

    @torch.inference_mode()
    def draw(self, prompt: Prompt, cached: bool, sampling: Sampling = Sampling()) -> Tensor:  # noqa: B008
        """The same codes as :func:`ours`, step by step."""
        model, count, P = self.model, len(prompt.kind), GRID[0] * GRID[1]
        depth = len(model.config.tokenizer.codebook_sizes)
        numbers = seeded_numbers(range(count), P, depth)
        both = pad_together(prompt, model.no_prompt(count))
        features = position_features(grid_cells(GRID))
        written, next_at = model.written_at(features), model.writes_next(features)
        words = both.mask.shape[1]
        seen = causal_mask(both.seen(), P)
        mask = torch.zeros(seen.shape).masked_fill_(~seen, torch.finfo(torch.float32).min)
        places = model.rotary_positions(words, P).unsqueeze(0)
        x = model.prefix(both, GRID)
        step_in = (model.begin_image + next_at[0]).expand(2 * count, 1, -1)
        codes = torch.zeros(count, P, depth, dtype=torch.long)
        cache = self.new_cache() if cached else None
        begun = 0
        for step in range(P):
            x = torch.cat([x, step_in], dim=1)
            end = 1 + words + step + 1
            hidden = self.llama(
                inputs_embeds=x[:, begun:] if cached else x,
                attention_mask=mask[:, :, begun:end, :end],
                position_ids=places[:, begun:end],
                past_key_values=cache,
                use_cache=cached,
            ).last_hidden_state[:, -1]
            begun = end if cached else 0
            for level in range(depth):
                told = codes[:, step, :level].repeat(2, 1)
                codes[:, step, level] = choose(
                    guide(model.heads(hidden, told), sampling.guidance_scale),
                    numbers[:, step, level],
                    sampling.temperature * (sampling.fine_temperature if level else 1.0),
                    sampling.top_p,
                )
            if step + 1 < P:
                told = model.code_embedding(codes[:, step]) + written[step] + next_at[step + 1]
                step_in = told.repeat(2, 1).unsqueeze(1)
        return codes


def seconds(work: Callable[[], object]) -> float:
    """Wall time of one call."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def gemm_peak() -> float:
    """FLOP/s of the best of 5 fp32 products at 1024 and 2048."""
    best = 0.0
    for side in (1024, 2048):
        a, b = torch.randn(side, side), torch.randn(side, side)
        a @ b
        best = max(best, *(2 * side**3 / seconds(lambda a=a, b=b: a @ b) for _ in range(5)))
    return best


def decode_flops(model: LlamaVis, rows: int, words: int) -> float:
    """Multiply-adds times two of drawing with ``rows`` rows (both halves of guidance)."""
    sizes, P = model.config.backbone, GRID[0] * GRID[1]
    inside = sum(p.numel() for p in model.backbone.parameters() if p.dim() == 2)
    heads = sum(p.numel() for p in model.heads.parameters() if p.dim() == 2)
    heads -= sum(p.numel() for p in model.heads.told.parameters())  # looked up, not multiplied
    read = 1 + words
    attended = sum(4 * sizes.layers * (read + step + 1) * sizes.width for step in range(P))
    return rows * (2 * inside * (P + read) + 2 * heads * P + attended)


def paired(
    first: Callable[[], object], second: Callable[[], object], pairs: int
) -> tuple[list[float], list[float]]:
    """A, B, A, B, ... after one of each to warm up."""
    first(), second()
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(pairs):
        times[0].append(seconds(first))
        times[1].append(seconds(second))
    return times


def peak_memory_mib(checkpoint: Path) -> float:
    """High-water mark of a fresh process that loads the backend and draws 16 sprites."""
    code = (
        "from llamavis_studio.backends.base import ImageRequest, ignore_steps\n"
        "from llamavis_studio.backends.builtin import BuiltinBackend\n"
        "b = BuiltinBackend(); b.load()\n"
        "b.generate([ImageRequest('red dragon', 'sprite', (32, 32), i) for i in range(16)],"
        " ignore_steps)\n"
        "print(next(l for l in open('/proc/self/status') if l.startswith('VmHWM')).split()[1])\n"
    )
    if not Path("/proc/self/status").exists():
        return float("nan")
    environment = {**os.environ, "LLAMAVIS_BUILTIN_MODEL": str(checkpoint)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    return int(done.stdout.split()[-1]) / 1024


def measure(checkpoint: Path, threads: int, pairs: int) -> dict[str, Any]:
    """All figures of one run."""
    torch.set_num_threads(threads)
    model = load_checkpoint(checkpoint)
    encoder = TextEncoder.load(resource_path("models", "minilm"))
    one, many = prompts(model, encoder, 1), prompts(model, encoder, 16)
    peer = Peer(model)
    for cached in (False, True):
        if not torch.equal(ours(model, many, GREEDY), peer.draw(many, cached, GREEDY)):
            raise SystemExit("a peer drew other codes: nothing to compare")
    alike = (ours(model, many) == peer.draw(many, cached=True)).all(2).all(1).float().mean()
    before = gemm_peak()
    control_a, control_b = paired(lambda: ours(model, many), lambda: ours(model, many), pairs)
    uncached_ours, uncached = paired(
        lambda: ours(model, many), lambda: peer.draw(many, cached=False), max(3, pairs // 2)
    )
    cached_ours, cached = paired(
        lambda: ours(model, many), lambda: peer.draw(many, cached=True), pairs
    )
    single = sorted(seconds(lambda: ours(model, one)) for _ in range(pairs))[pairs // 2]
    after = gemm_peak()
    batch = sorted([*control_a, *control_b])[pairs]
    flops = decode_flops(model, 32, many.states.shape[1])
    control = median_of_ratios(control_a, control_b)
    moved = abs(before - after) / max(before, after)
    return {
        "machine": machine(),
        "threads": threads,
        "control": round(control, 3),
        "peak_moved": round(moved, 3),
        "void": is_void(control) or moved > 0.1,
        "sprites_per_s_batch_1": round(1 / single, 2),
        "sprites_per_s_batch_16": round(16 / batch, 2),
        "gemm_gflops": round(max(before, after) / 1e9, 1),
        "decode_gflops": round(flops / batch / 1e9, 1),
        "share_of_gemm_peak": round(flops / batch / max(before, after), 3),
        "times_faster_than_uncached": round(median_of_ratios(uncached, uncached_ours), 2),
        "greedy_codes": "identical",
        "seeded_pictures_alike": round(float(alike), 3),
        "time_over_transformers_cached": round(median_of_ratios(cached_ours, cached), 2),
        "peak_memory_mib_batch_16": round(peak_memory_mib(checkpoint)),
    }


def main(arguments: Sequence[str]) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="generation")
    parser.add_argument("--checkpoint", type=Path, default=resource_path("models", "nano"))
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--pairs", type=int, default=7)
    options = parser.parse_args(arguments)
    found = measure(options.checkpoint, options.threads, options.pairs)
    if options.json:
        print(json.dumps(found, indent=1))
        return 0
    for name, value in found.items():
        print(f"{name:32} {value}")
    print("goals: at least 5 times faster than uncached; at most 1200 MiB; void runs say nothing")
    return 0
