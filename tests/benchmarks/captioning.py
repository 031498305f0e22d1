"""Captions of our batched path beside transformers' own pipeline, one image at a time, and beside
plain `generate` at batch 1: same weights, same tokens.

    python -m tests.benchmarks captioning [--json] [--threads 2] [--pairs 5] [--images 8]

The model is BLIP in its published width, with half its layers and random weights (about 120
million), 384 px. Every caption has the same number of tokens. The pipeline gets images that are
already prepared; our side prepares them, finds tags and colours, and works out how sure it is. The
ids have to be the same, else the run stops.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np
import torch

from llamavis_studio.backends.base import CaptionRequest, ignore_steps
from llamavis_studio.backends.captioner import CaptionerBackend
from llamavis_studio.backends.captioner.loading import quiet
from llamavis_studio.backends.model_records import ModelRecord
from tests.benchmarks._protocol import is_void, machine, median_of_ratios
from tests.support.tiny_captioners import make_blip

WIDTH = {"hidden_size": 768, "num_hidden_layers": 6, "num_attention_heads": 12,
         "intermediate_size": 3072}  # fmt: skip


def seconds(work: Callable[[], object]) -> float:
    """Wall time of one call."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


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


def middling_blip(folder: Path) -> Path:
    """The checkpoint that is measured."""
    with quiet():
        return make_blip(
            folder, side_px=384, words=30524, text={**WIDTH, "encoder_hidden_size": 768},
            vision={**WIDTH, "patch_size": 16},
        )  # fmt: skip


def measure(threads: int, pairs: int, images: int, tokens: int) -> dict[str, Any]:
    """All figures of one run."""
    torch.set_num_threads(threads)
    with tempfile.TemporaryDirectory() as folder:
        options = {"max_batch": images, "max_new_tokens": tokens}
        checkpoint = middling_blip(Path(folder) / "blip")
        backend = CaptionerBackend(ModelRecord("blip", "captioner", checkpoint, options=options))
        backend.load()
        with quiet():
            return _measured(backend, checkpoint, threads, pairs, images, tokens)


def _measured(
    backend: CaptionerBackend, checkpoint: Path, threads: int, pairs: int, count: int, tokens: int
) -> dict[str, Any]:
    import transformers

    reader = backend._ready()
    model = transformers.AutoModelForImageTextToText.from_pretrained(checkpoint).eval()
    processor = transformers.AutoProcessor.from_pretrained(checkpoint)
    for part in (reader._loaded.model, reader._loaded.model.text_decoder):
        part.generation_config.min_new_tokens = tokens
    rng = np.random.default_rng(0)
    requests = [CaptionRequest(rng.integers(0, 256, (32, 32, 4), np.uint8)) for _ in range(count)]
    prepared = [reader._prepared(request.pixels) for request in requests]
    pipeline = transformers.pipeline("image-text-to-text", model=model, processor=processor)
    settings = {"max_new_tokens": tokens, "min_new_tokens": tokens, "do_sample": False}

    def one_by_one() -> list[list[int]]:
        # An empty text is what BLIP's own processor makes of none.
        told = [
            pipeline(images=image, text="", generate_kwargs=dict(settings), return_tensors=True)
            for image in prepared
        ]
        return [one[0]["generated_token_ids"][-tokens:] for one in told]

    def ours() -> object:
        return backend.caption(requests, ignore_steps)

    def plain() -> tuple[list[int], str]:
        with torch.inference_mode():
            inputs = processor(images=prepared[:1], return_tensors="pt")
            ids = model.generate(**inputs, **settings)[0, -tokens:].tolist()
        return ids, processor.decode(ids, skip_special_tokens=True)

    def ours_alone() -> Any:
        return reader.answers(prepared[:1], [""], tokens, least_tokens=tokens)

    together = [list(one.ids) for one in reader.answers(prepared, [""] * count, tokens, tokens)]
    if together != [list(map(int, ids)) for ids in one_by_one()]:
        raise SystemExit("the pipeline said something else: nothing to compare")
    if list(ours_alone()[0].ids) != plain()[0] or len(plain()[0]) != tokens:
        raise SystemExit("plain generate said something else: nothing to compare")
    control_a, control_b = paired(ours_alone, ours_alone, pairs)
    batch, piped = paired(ours, one_by_one, pairs)
    alone, bare = paired(ours_alone, plain, pairs)
    control = median_of_ratios(control_a, control_b)
    return {
        "machine": machine(),
        "threads": threads,
        "parameters_million": round(sum(p.numel() for p in model.parameters()) / 1e6),
        "tokens_each": tokens,
        "control": round(control, 3),
        "void": is_void(control),
        "images_per_s_pipeline": round(count / sorted(piped)[pairs // 2], 3),
        f"images_per_s_batch_{count}": round(count / sorted(batch)[pairs // 2], 3),
        "times_faster_than_pipeline": round(median_of_ratios(piped, batch), 2),
        "ids": "identical",
        "time_over_generate_batch_1": round(median_of_ratios(alone, bare), 3),
    }


def main(arguments: Sequence[str]) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="captioning")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--images", type=int, default=8)
    parser.add_argument("--tokens", type=int, default=24)
    options = parser.parse_args(arguments)
    found = measure(options.threads, options.pairs, options.images, options.tokens)
    if options.json:
        print(json.dumps(found, indent=1))
        return 0
    for name, value in found.items():
        print(f"{name:32} {value}")
    print("goals: at least 1.5 times faster than the pipeline; at most 1.05 of generate's time")
    return 0
