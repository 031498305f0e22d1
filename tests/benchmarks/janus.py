"""Janus drawing codes with our loop beside the loop that transformers publishes, the same random
weights.

    python -m tests.benchmarks janus [--size tiny|mid|1b] [--batch 1 8] [--grid 12] [--pairs 5]
                                     [--threads 2] [--json]

Both read the same prompts and draw the same number of codes; decoding them to pixels is the same
for both and left out. First both take the likeliest code each time, and the logits of every step
are compared as far as the codes agree; then, drawing by chance, they are timed in turn. The control
is our loop beside itself.

On a graphics card our loop is also measured against what the card gives: a step has to read each
weight once, and to multiply it with every row. Both speeds are measured on the spot.
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import torch
from torch import Tensor

from llamavis_studio.backends.devices import choose_device, prepare_device
from llamavis_studio.backends.janus.artist import is_row_alone
from llamavis_studio.backends.janus.checkpoint import Janus, taken_apart
from llamavis_studio.backends.janus.drawing import Job, draw_codes
from llamavis_studio.backends.janus.facts import Facts
from llamavis_studio.backends.janus.prompts import prompt_rows
from llamavis_studio.backends.janus.sampling import Sampling
from llamavis_studio.backends.pretrained import dtype_for
from tests.benchmarks._protocol import is_void, machine, median_of_ratios
from tests.support.tiny_janus import (
    janus_config,
    janus_model,
    janus_processor,
    tiny_tokenizer,
)

GOAL = 1.3
CLOSE = 1e-4
CONTEXT = 2048
SIZES: dict[str, dict[str, int]] = {
    "tiny": {"hidden": 64, "inner": 160, "layers": 2, "heads": 4, "codes": 256},
    # About 300 million weights of Janus's proportions.
    "mid": {"hidden": 1024, "inner": 2816, "layers": 22, "heads": 16, "codes": 16384},
    "1b": {"hidden": 2048, "inner": 5632, "layers": 24, "heads": 16, "codes": 16384},
}
WORDS = (
    "a red dragon", "a stone wall", "a green elf", "a blue potion", "a rusty sword",
    "a wooden door", "a golden crown", "a green slime",
)  # fmt: skip
"""Of lengths that share a batch."""


class Pair:
    """The published model, and ours with a copy of its weights."""

    def __init__(self, size: str, grid: int, device: str, compiled: bool) -> None:
        sizes = {**SIZES[size], "grid": grid, "patch": 4, "context": CONTEXT}
        self.tokenizer = tiny_tokenizer(CONTEXT)
        config = janus_config(self.tokenizer, **sizes)
        self.model = janus_model(config, self.tokenizer, gain=1.0).to(
            device, dtype_for("auto", device)
        )
        self.processor = janus_processor(config, self.tokenizer)
        self.weights = sum(
            weight.numel()
            for part in (self.model.model.language_model.layers, self.model.model.generation_head)
            for weight in part.parameters()
        )
        facts = Facts(grid, 4 * grid, sizes["codes"], CONTEXT)
        own = copy.deepcopy(self.model)
        self.janus: Janus = taken_apart("random", facts, own, self.processor, compiled)

    def published(self, count: int, greedy: bool) -> Tensor:
        """Codes ``(count, cells)`` of the published loop."""
        texts = [
            self.processor.apply_chat_template(
                [{"role": "user", "content": [{"type": "text", "text": words}]}],
                add_generation_prompt=True,
            )
            for words in WORDS[:count]
        ]
        inputs = self.processor(
            text=texts, padding=True, generation_mode="image", return_tensors="pt"
        ).to(self.model.device)
        found: Tensor = self.model.generate(**inputs, generation_mode="image", do_sample=not greedy)
        return found

    def ours(self, count: int, greedy: bool) -> Tensor:
        """Codes ``(count, cells)`` of our loop."""
        jobs = [
            Job(
                prompt_rows(self.janus, "{prompt}", words, ""),
                Sampling(5.0, 0.0 if greedy else 1.0, 1.0, seed),
            )
            for seed, words in enumerate(WORDS[:count])
        ]
        return draw_codes(self.janus, jobs, lambda codes, cells: None)

    def compared(self, count: int) -> dict[str, Any]:
        """The largest difference of the logits of a step, as long as all codes before it agree."""
        theirs: list[Tensor] = []
        mine: list[Tensor] = []
        hook = self.model.model.generation_head.register_forward_hook(
            lambda _module, _inputs, logits: theirs.append(logits.detach().clone())
        )
        calculate = self.janus.code_logits

        def noted(hidden: Tensor) -> Tensor:
            mine.append(calculate(hidden).clone())
            return mine[-1]

        self.janus.code_logits = noted
        try:
            first, second = self.published(count, greedy=True), self.ours(count, greedy=True)
        finally:
            hook.remove()
            self.janus.code_logits = calculate
        equal = (first == second).all(dim=0)
        steps = int(equal.long().cumprod(dim=0).sum())
        compared = min(steps + 1, len(equal))
        gaps = [
            # Ours stand in pairs, theirs in halves.
            (torch.cat([own[: 2 * count][0::2], own[: 2 * count][1::2]]) - other).abs().max()
            for own, other in zip(mine[:compared], theirs[:compared], strict=True)
        ]
        return {
            "largest_logit_difference": float(torch.stack(gaps).max()),
            "largest_logit": float(torch.stack(theirs).abs().max()),
            "equal_codes": round(float((first == second).float().mean()), 4),
            "steps_compared": compared,
        }


def run(size: str, batch: int, grid: int, pairs: int, device: str) -> dict[str, Any]:
    """One line of the table."""
    pair = Pair(size, grid, device, compiled=device.startswith("cuda"))
    found: dict[str, Any] = {
        "size": size, "batch": batch, "cells": grid * grid, "weights": pair.weights,
        "rows_alone": device == "cpu" and is_row_alone(pair.janus, 2 * batch),
        **pair.compared(batch),
    }  # fmt: skip
    times: dict[str, list[float]] = {"published": [], "ours": [], "again": []}
    for _ in range(pairs):
        times["published"].append(timed(lambda: pair.published(batch, greedy=False), device))
        times["ours"].append(timed(lambda: pair.ours(batch, greedy=False), device))
        times["again"].append(timed(lambda: pair.ours(batch, greedy=False), device))
    seconds = {name: statistics.median(values) for name, values in times.items()}
    control = median_of_ratios(times["again"], times["ours"])
    ratio = median_of_ratios(times["published"], times["ours"])
    found |= {
        "published_s": round(seconds["published"], 3),
        "ours_s": round(seconds["ours"], 3),
        "codes_per_s": round(batch * grid * grid / seconds["ours"], 1),
        "images_per_s": round(batch / seconds["ours"], 3),
        "ratio": round(ratio, 2),
        "control": round(control, 3),
        "void": is_void(control),
        "within_goal": ratio >= GOAL
        and (device != "cpu" or found["largest_logit_difference"] <= CLOSE),
    }
    if device.startswith("cuda"):
        best = least_step_s(pair.weights, 2 * batch, pair.janus.decoder.dtype, device)
        found["share_of_roofline"] = round(best * grid * grid / seconds["ours"], 3)
    return found


def timed(work: Callable[[], object], device: str) -> float:
    """Seconds of some work, the device's own part included."""
    cuda = device.startswith("cuda")
    if cuda:
        torch.cuda.synchronize()
    begin = time.perf_counter()
    work()
    if cuda:
        torch.cuda.synchronize()
    return time.perf_counter() - begin


def least_step_s(weights: int, rows: int, dtype: torch.dtype, device: str) -> float:
    """What a step takes at least on this card: reading all weights, or multiplying them."""
    n, times = 8192, 10
    a, b = (torch.randn(n, n, device=device, dtype=dtype) for _ in range(2))
    large = torch.empty(1 << 30, device=device, dtype=torch.uint8)

    def repeat(work: Callable[[], object]) -> float:
        work()
        return timed(lambda: [work() for _ in range(times)], device) / times

    operations = 2 * n**3 / repeat(lambda: a @ b)
    bandwidth = 2 * len(large) / repeat(large.clone)  # read and written
    return max(weights * dtype.itemsize / bandwidth, 2 * weights * rows / operations)


def main(arguments: list[str]) -> int:
    """Print the table, or JSON; 1 where a goal was missed."""
    parser = argparse.ArgumentParser(prog="janus")
    cuda = torch.cuda.is_available()
    parser.add_argument("--size", choices=list(SIZES), nargs="+",
                        default=["1b"] if cuda else ["tiny", "mid"])  # fmt: skip
    parser.add_argument("--batch", type=int, nargs="+", default=[1, 8])
    parser.add_argument("--grid", type=int, default=24 if cuda else 12)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)
    torch.set_num_threads(chosen.threads)
    device = choose_device()
    prepare_device(device)
    lines = [
        run(size, min(batch, len(WORDS)), chosen.grid, chosen.pairs, device)
        for size in chosen.size
        for batch in chosen.batch
    ]
    report = {"machine": {**machine(), "device": device}, "goal": GOAL, "lines": lines}
    if chosen.json:
        print(json.dumps(report, indent=2))
    else:
        print(f"machine {report['machine']}")
        print(
            "size  batch  published s  ours s  ratio  control  codes/s  logits differ  equal codes"
        )
        for line in lines:
            print(
                f"{line['size']:5} {line['batch']:5} {line['published_s']:12} {line['ours_s']:7} "
                f"{line['ratio']:6} {line['control']:8} {line['codes_per_s']:8} "
                f"{line['largest_logit_difference']:14.2e} {line['equal_codes']:12}"
                + ("  the machine was too busy" if line["void"] else "")
                + ("" if line["within_goal"] else f"  below the goal of {GOAL}")
                + (f"  {line['images_per_s']} images/s, {line['share_of_roofline']:.0%} of what "
                   "the card gives" if "share_of_roofline" in line else "")
            )  # fmt: skip
    return 0 if all(line["within_goal"] for line in lines) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
