"""`llamavis train` without the command line: prepare, teach pixels, teach words, evaluate, ship.

Order of events in a run folder: ``samples.npz`` and ``samples.jsonl`` (prepare), ``tokenizer.*``
(pixels), ``codes.npz`` (every training picture as codes), ``unified.*`` (words), and at the end a
checkpoint folder that the studio can load. Each stage finds what the one before left and
continues what it left itself.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch

from llamavis_studio.model.checkpoint import (
    load_checkpoint,
    save_checkpoint,
)
from llamavis_studio.model.config import preset_config
from llamavis_studio.model.gloss import gloss
from llamavis_studio.model.image_tokenizer import ImageTokenizer
from llamavis_studio.model.sampling import Sampling
from llamavis_studio.model.text_encoder import TextEncoder
from llamavis_studio.model.train.evaluate import evaluate, record_evaluation
from llamavis_studio.model.train.loop import (
    Budget,
    Progress,
    Report,
    fast_bfloat16,
    finished_average,
)
from llamavis_studio.model.train.samples import Sample, SampleSet, make_samples
from llamavis_studio.model.train.scorer import load_scorer
from llamavis_studio.model.train.tokenizer import PictureSet, to_float, train_tokenizer
from llamavis_studio.model.train.unified import CodeSet, train_unified
from llamavis_studio.model.unified import LlamaVis

STAGES = ("prepare", "pixels", "words", "ship", "evaluate")
PIXEL_SHARE = 0.2
"""Part of the time of a whole run that goes to the image tokenizer."""
CAPTION_WORDS = 4000
KIND_SHARES = {
    "character": 0.25,
    "creature": 0.24,
    "item": 0.14,
    "texture": 0.15,
    "object": 0.08,
    "background": 0.08,
    "feature": 0.04,
    "effect": 0.02,
}
"""How often each kind is shown, whatever number of its pictures there is."""
LICENCE = "MIT"
DATA_NOTE = (
    "Dungeon Crawl Stone Soup and RLTiles tiles (CC0-1.0), Noto emoji (Apache-2.0), "
    "procedural scenes and textures (CC0-1.0)"
)


class TrainingError(ValueError):
    """The run cannot start or go on; the message says what to do."""


def prepare(data: Path, folder: Path, report: Report, seed: int = 0) -> SampleSet:
    """Make the samples from ``tiles`` and ``emoji`` below ``data`` once; load them after that."""
    path = folder / "samples"
    if path.with_suffix(".jsonl").exists():
        return SampleSet.load(path)
    try:
        samples = make_samples(data, seed)
    except FileNotFoundError as error:
        raise TrainingError(
            f"No training pictures in {data}: give the folder that holds tiles.zip and emoji.zip "
            "with --data."
        ) from error
    folder.mkdir(parents=True, exist_ok=True)
    samples.save(path)
    counts = Counter(f"{sample.kind}/{sample.split}" for sample in samples.samples)
    report("samples: " + ", ".join(f"{name} {count}" for name, count in sorted(counts.items())))
    return samples


def balanced_weights(samples: SampleSet) -> list[float]:
    """How often to show each sample: its own weight, scaled so that the kinds have their shares."""
    totals: defaultdict[str, float] = defaultdict(float)
    for sample in samples.samples:
        if sample.split == "train":
            totals[sample.kind] += sample.weight
    return [s.weight * KIND_SHARES[s.kind] / max(totals[s.kind], 1e-9) for s in samples.samples]


def picture_sets(samples: SampleSet) -> list[PictureSet]:
    """Training pictures by size, for the image tokenizer."""
    found = []
    weights = balanced_weights(samples)
    for size, pixels in samples.pixels.items():
        chosen = [
            (s, weight)
            for s, weight in zip(samples.samples, weights, strict=True)
            if s.size == size and s.split == "train"
        ]
        if not chosen:
            continue
        rows = torch.tensor([s.row for s, _ in chosen])
        # Larger pictures cost more: show as many pixels of each size as its weight says.
        cost = size[0] * size[1] / 1024
        found.append(
            PictureSet(
                torch.from_numpy(pixels)[rows],
                torch.tensor([s.tileable for s, _ in chosen]),
                torch.tensor([weight / cost for _, weight in chosen]),
            )
        )
    return found


def code_sets(
    tokenizer: ImageTokenizer, samples: SampleSet, folder: Path, device: str, report: Report
) -> list[CodeSet]:
    """Every training picture as codes, kept in ``codes.npz`` for the next call."""
    path = folder / "codes.npz"
    stored = dict(np.load(path)) if path.exists() else {}
    numbers: dict[tuple[int, int], list[int]] = {}
    for number, sample in enumerate(samples.samples):
        if sample.split == "train":
            numbers.setdefault(sample.size, []).append(number)
    found = []
    weights = balanced_weights(samples)
    captions = [learned_captions(sample) for sample in samples.samples]
    for size, chosen in numbers.items():
        key = f"codes_{size[0]}x{size[1]}"
        if key not in stored:
            report(f"codes: {len(chosen):,} pictures of {size[0]}x{size[1]}")
            stored[key] = _encode(tokenizer, samples, chosen, device)
        found.append(
            CodeSet(
                grid=(size[1] // 4, size[0] // 4),
                codes=torch.from_numpy(stored[key]),
                sample=torch.tensor(chosen),
                kinds=[s.kind for s in samples.samples],
                captions=captions,
                weights=torch.tensor([weights[n] for n in chosen]),
            )
        )
    np.savez(path, **stored)
    return found


def learned_captions(sample: Sample) -> tuple[str, ...]:
    """Its captions, and what its Chinese ones become on their way to the text encoder."""
    glossed = (gloss(caption).english for caption in sample.captions_zh)
    return tuple(dict.fromkeys([*sample.captions, *filter(None, glossed)]))


@torch.no_grad()
def _encode(
    tokenizer: ImageTokenizer, samples: SampleSet, chosen: Sequence[int], device: str
) -> np.ndarray[Any, np.dtype[np.int16]]:
    tokenizer.to(device).eval()
    rows: list[np.ndarray[Any, np.dtype[np.int16]] | None] = [None] * len(chosen)
    for wrap in (False, True):
        places = [i for i, n in enumerate(chosen) if samples.samples[n].tileable == wrap]
        for start in range(0, len(places), 256):
            part = places[start : start + 256]
            pixels = np.stack([samples.picture(chosen[i]) for i in part])
            codes = tokenizer.encode(to_float(torch.from_numpy(pixels)).to(device), wrap)
            for place, row in zip(part, codes.cpu().numpy().astype(np.int16), strict=True):
                rows[place] = row
    return np.stack([row for row in rows if row is not None])


def caption_words(samples: SampleSet, encoder: TextEncoder) -> tuple[str, ...]:
    """WordPieces of the captions that are learned, commonest first; rare ones are left out."""
    encoder.tokenizer.no_padding()
    counts: Counter[str] = Counter()
    for sample in samples.samples:
        if sample.split == "train":
            pieces = encoder.tokenizer.encode(sample.captions[0], add_special_tokens=False).tokens
            counts.update(pieces)
    common = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(piece for piece, count in common[:CAPTION_WORDS] if count >= 2)


def run(
    *,
    preset: str,
    minutes: float,
    folder: Path,
    data: Path,
    minilm: Path,
    out: Path,
    scorer: Path,
    prompts: Path,
    report: Report,
    total_minutes: float | None = None,
    stages: Sequence[str] = STAGES,
    device: str = "cpu",
    batch: int = 64,
    seed: int = 0,
    compile_model: bool = False,
) -> str:
    """Train a preset for ``minutes`` and write a checkpoint to ``out``; answer its revision.

    Running it again with the same ``folder`` continues. ``evaluate`` measures what lies in ``out``
    with the frozen ``scorer`` on held-out names, draws the ``prompts`` on contact sheets in
    ``folder`` and records the figures beside the weights. Raises :class:`TrainingError`.
    """
    samples = prepare(data, folder, report, seed)
    revision = ""
    if set(stages) & {"pixels", "words", "ship"}:
        revision = _teach(
            samples, preset, minutes, folder, minilm, out, report, total_minutes, stages, device,
            batch, seed, compile_model,
        )  # fmt: skip
    if "evaluate" in stages:
        revision = measure(samples, folder, out, minilm, scorer, prompts, report)
    return revision


def measure(
    samples: SampleSet,
    folder: Path,
    checkpoint: Path,
    minilm: Path,
    scorer: Path,
    prompts: Path,
    report: Report,
) -> str:
    """Evaluate a checkpoint folder and record the figures in it; answer its revision."""
    try:
        model = load_checkpoint(checkpoint)
        judge = load_scorer(scorer)
    except (OSError, ValueError, RuntimeError) as error:
        raise TrainingError(f"There is nothing to evaluate: {error}") from error
    record = read_record(checkpoint)
    result = evaluate(
        model,
        TextEncoder.load(minilm),
        samples,
        judge,
        report=report,
        prompts_path=prompts,
        out_dir=folder / "evaluation",
        minilm=minilm,
        sampling=Sampling(**record.get("sampling", {})),
    )
    record_evaluation(checkpoint, result)
    return str(record["revision"])


def _teach(
    samples: SampleSet,
    preset: str,
    minutes: float,
    folder: Path,
    minilm: Path,
    out: Path,
    report: Report,
    total_minutes: float | None,
    stages: Sequence[str],
    device: str,
    batch: int,
    seed: int,
    compile_model: bool,
) -> str:
    """Pixels, words and shipping, as far as ``stages`` names them."""
    encoder = TextEncoder.load(
        minilm, device=device, dtype=torch.bfloat16 if fast_bfloat16(device) else torch.float32
    )
    torch.manual_seed(seed)  # first weights only; everything after draws from its own generator
    model = LlamaVis(preset_config(preset, caption_words(samples, encoder)))
    both = "pixels" in stages and "words" in stages
    tokenizer = model.image_tokenizer
    if "pixels" in stages:
        train_tokenizer(
            tokenizer,
            picture_sets(samples),
            folder=folder,
            budget=_part(minutes, total_minutes, PIXEL_SHARE if both else 1.0),
            report=report,
            device=device,
            batch=batch,
            seed=seed,
        )
        (folder / "codes.npz").unlink(missing_ok=True)
    pixels = _finished("tokenizer", folder, tokenizer)
    if "words" in stages:
        train_unified(
            model,
            encoder,
            code_sets(tokenizer, samples, folder, device, report),
            folder=folder,
            budget=_part(minutes, total_minutes, 1 - PIXEL_SHARE if both else 1.0),
            report=report,
            device=device,
            batch=batch,
            seed=seed,
            compile_model=compile_model,
        )
    if "ship" not in stages:
        return ""
    words = _finished("unified", folder, model)
    revision = save_checkpoint(model.to("cpu"), out, _record(preset, samples, pixels, words))
    report(f"checkpoint {revision} written to {out}")
    return revision


def _part(minutes: float, total: float | None, share: float) -> Budget:
    return Budget(minutes * share, None if total is None else total * share)


def _finished(name: str, folder: Path, module: torch.nn.Module) -> Progress:
    try:
        return finished_average(name, folder, module)
    except FileNotFoundError as error:
        raise TrainingError(
            f"{folder} has no trained {name} yet: run the stage before it first."
        ) from error


def _record(
    preset: str, samples: SampleSet, pixels: Progress, words: Progress
) -> dict[str, object]:
    return {
        "name": f"llamavis-{preset}",
        "licence": LICENCE,
        "training_data": DATA_NOTE,
        "sampling": asdict(Sampling()),
        "training": {
            "samples": sum(s.split == "train" for s in samples.samples),
            "pixels": {**vars(pixels), "minutes": round(pixels.minutes, 1)},
            "words": {**vars(words), "minutes": round(words.minutes, 1)},
        },
    }


def read_record(checkpoint: Path) -> dict[str, Any]:
    """The ``config.json`` of a checkpoint folder, for adding an evaluation to it."""
    loaded: dict[str, Any] = json.loads((checkpoint / "config.json").read_text(encoding="utf-8"))
    return loaded
