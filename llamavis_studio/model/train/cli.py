"""`llamavis train` without the command line: prepare, teach pixels, teach words, evaluate, ship.

Order of events in a run folder: ``samples.npz`` and ``samples.jsonl`` (prepare; ``samples.html`` to
browse them), ``tokenizer.*`` (pixels), ``codes.npz`` (every training picture as codes),
``unified.*`` (words), and at the end a checkpoint folder that the studio can load. Each stage finds
what the one before left and continues what it left itself. A run may start from the weights of a
checkpoint (``resume``), so training goes on wherever the last one was committed.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from llamavis_studio.model.checkpoint import checkpoint_memory, load_checkpoint, save_checkpoint
from llamavis_studio.model.config import PRESETS, preset_config
from llamavis_studio.model.domain import rule_of
from llamavis_studio.model.sampling import Sampling
from llamavis_studio.model.text_encoder import TextEncoder
from llamavis_studio.model.train.browse import write_pages
from llamavis_studio.model.train.codes import code_sets
from llamavis_studio.model.train.drawing import Artist
from llamavis_studio.model.train.evaluate import evaluate, record_evaluation
from llamavis_studio.model.train.loop import (
    Budget,
    Progress,
    Report,
    fast_bfloat16,
    finished_average,
)
from llamavis_studio.model.train.recollect import make_memory
from llamavis_studio.model.train.samples import SampleSet, make_samples
from llamavis_studio.model.train.scorer import load_scorer
from llamavis_studio.model.train.tokenizer import PictureSet, train_tokenizer
from llamavis_studio.model.train.unified import train_unified
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
    "procedural scenes, textures and things (CC0-1.0)"
)


class TrainingError(ValueError):
    """The run cannot start or go on; the message says what to do."""


def prepare(data: Path | None, folder: Path, report: Report, seed: int = 0) -> SampleSet:
    """Make the samples from ``tiles`` and ``emoji`` below ``data`` once; load them after that."""
    path = folder / "samples"
    if path.with_suffix(".jsonl").exists():
        return SampleSet.load(path)
    if data is None:
        raise TrainingError(
            f"{folder} holds no training pictures yet: name the folder of tiles.zip and emoji.zip "
            "with --data, or a folder of your own pictures with --style."
        )
    try:
        samples = make_samples(data, seed)
    except FileNotFoundError as error:
        raise TrainingError(
            f"No training pictures in {data}: give the folder that holds tiles.zip and emoji.zip "
            "with --data."
        ) from error
    folder.mkdir(parents=True, exist_ok=True)
    samples.save(path)
    report(f"samples to browse: {write_pages(samples, folder)}")
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


@dataclass(frozen=True)
class TrainingRun:
    """What to train, how long, from where and to where."""

    preset: str
    minutes: float
    folder: Path
    data: Path | None
    out: Path
    minilm: Path
    scorer: Path
    prompts: Path
    report: Report
    total_minutes: float | None = None
    stages: Sequence[str] = STAGES
    device: str = "cpu"
    batch: int = 64
    seed: int = 0
    compile_model: bool = False
    resume: Path | None = None
    """A checkpoint folder of the same sizes whose weights are the start."""


def run(wish: TrainingRun) -> str:
    """Train a preset and write a checkpoint to ``out``; answer its revision.

    Running it again with the same ``folder`` continues. ``evaluate`` measures what lies in ``out``
    with the frozen ``scorer`` on held-out names, draws the ``prompts`` on contact sheets in
    ``folder`` and records the figures beside the weights. Raises :class:`TrainingError`.
    """
    samples = prepare(wish.data, wish.folder, wish.report, wish.seed)
    revision = ""
    if set(wish.stages) & {"pixels", "words", "ship"}:
        revision = _teach(samples, wish)
    if "evaluate" in wish.stages:
        revision = measure(samples, wish)
    return revision


def measure(samples: SampleSet, wish: TrainingRun) -> str:
    """Evaluate the checkpoint in ``out`` and record the figures in it; answer its revision."""
    try:
        model = load_checkpoint(wish.out)
        memory = checkpoint_memory(wish.out)
        judge = load_scorer(wish.scorer)
    except (OSError, ValueError, RuntimeError) as error:
        raise TrainingError(f"There is nothing to evaluate: {error}") from error
    record = read_record(wish.out)
    artist = Artist(
        model, TextEncoder.load(wish.minilm), memory, Sampling(**record.get("sampling", {}))
    )
    result = evaluate(
        artist,
        samples,
        judge,
        report=wish.report,
        prompts_path=wish.prompts,
        out_dir=wish.folder / "evaluation",
        minilm=wish.minilm,
        rule=rule_of(record),
    )
    record_evaluation(wish.out, result)
    return str(record["revision"])


def _teach(samples: SampleSet, wish: TrainingRun) -> str:
    """Pixels, words and shipping, as far as ``stages`` names them."""
    dtype = torch.bfloat16 if fast_bfloat16(wish.device) else torch.float32
    encoder = TextEncoder.load(wish.minilm, device=wish.device, dtype=dtype)
    model, record = _begin(samples, encoder, wish)
    both = "pixels" in wish.stages and "words" in wish.stages
    tokenizer = model.image_tokenizer
    codes_path = wish.folder / "codes.npz"
    if "pixels" in wish.stages:
        train_tokenizer(
            tokenizer,
            picture_sets(samples),
            folder=wish.folder,
            budget=_part(wish.minutes, wish.total_minutes, PIXEL_SHARE if both else 1.0),
            report=wish.report,
            device=wish.device,
            batch=wish.batch,
            seed=wish.seed,
        )
        codes_path.unlink(missing_ok=True)
    pixels = _finished("tokenizer", wish.folder, tokenizer, record)
    weights = balanced_weights(samples)
    if "words" in wish.stages:
        sets = code_sets(tokenizer, encoder, samples, weights, codes_path, wish.device, wish.report)
        train_unified(
            model,
            encoder,
            sets,
            folder=wish.folder,
            budget=_part(wish.minutes, wish.total_minutes, 1 - PIXEL_SHARE if both else 1.0),
            report=wish.report,
            device=wish.device,
            batch=wish.batch,
            seed=wish.seed,
            compile_model=wish.compile_model,
            resumed=wish.resume is not None,
        )
    if "ship" not in wish.stages:
        return ""
    words = _finished("unified", wish.folder, model, record)
    memory = make_memory(model.image_tokenizer, encoder, samples)
    revision = save_checkpoint(
        model.to("cpu"), wish.out, _record(wish.preset, samples, pixels, words, record), memory
    )
    wish.report(f"checkpoint {revision} written to {wish.out}")
    return revision


def _begin(
    samples: SampleSet, encoder: TextEncoder, wish: TrainingRun
) -> tuple[LlamaVis, Mapping[str, Any]]:
    """A model of the preset, new or with the weights that are resumed, and their record."""
    torch.manual_seed(wish.seed)  # first weights only; everything after draws from its own
    if wish.resume is None:
        return LlamaVis(preset_config(wish.preset, caption_words(samples, encoder))), {}
    try:
        start = load_checkpoint(wish.resume)
    except ValueError as error:
        raise TrainingError(f"These weights cannot be resumed: {error}") from error
    if start.config.backbone != PRESETS[wish.preset]:
        raise TrainingError(
            f"{wish.resume} holds the preset {start.config.preset!r}: resume it with --preset "
            f"{start.config.preset}."
        )
    model = LlamaVis(start.config)
    model.load_state_dict(start.state_dict())
    books = model.image_tokenizer.codebooks
    for depth in range(books.depth):
        books.resume(depth)
    return model, read_record(wish.resume)


def _part(minutes: float, total: float | None, share: float) -> Budget:
    return Budget(minutes * share, None if total is None else total * share)


def _finished(
    name: str, folder: Path, module: torch.nn.Module, record: Mapping[str, Any]
) -> Progress:
    """Load what the stage of that name left in the folder, or keep what was resumed."""
    try:
        return finished_average(name, folder, module)
    except FileNotFoundError as error:
        if record:
            return Progress()
        raise TrainingError(
            f"{folder} has no trained {name} yet: run the stage before it first."
        ) from error


def _record(
    preset: str,
    samples: SampleSet,
    pixels: Progress,
    words: Progress,
    before: Mapping[str, Any],
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
            "resumed": [
                {"revision": before["revision"], **before.get("training", {})},
            ]
            if before
            else [],
        },
    }


def read_record(checkpoint: Path) -> dict[str, Any]:
    """The ``config.json`` of a checkpoint folder, for adding an evaluation to it."""
    loaded: dict[str, Any] = json.loads((checkpoint / "config.json").read_text(encoding="utf-8"))
    return loaded
