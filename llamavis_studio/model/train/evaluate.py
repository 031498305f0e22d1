"""One table that says how good a model is: fixed seeds, validation names only.

    python -m llamavis_studio.model.train.evaluate CHECKPOINT SAMPLES OUT [--quick] [--record]

The order of events: held-out pictures become codes; what the image tokenizer loses is measured;
the questions of :mod:`trials` are drawn and judged; captions, seams, Chinese and speed follow; the
fixed prompts are drawn on contact sheets. ``evaluation.json`` holds every figure, also by kind.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from llamavis_studio.model.caption_decoder import CaptionVocabulary
from llamavis_studio.model.checkpoint import (
    checkpoint_memory,
    load_checkpoint,
    save_checkpoint,
)
from llamavis_studio.model.domain import DEFAULT_RULE, DomainRule, rule_of
from llamavis_studio.model.pixels import Pixels
from llamavis_studio.model.sampling import Sampling, read_captions
from llamavis_studio.model.text_encoder import TextEncoder
from llamavis_studio.model.train import speed
from llamavis_studio.model.train.drawing import Artist, Wish, draw
from llamavis_studio.model.train.edits import edit_scores
from llamavis_studio.model.train.fidelity import (
    Judge,
    chinese_against_english,
    nearest_training_pictures,
    wishes_of,
)
from llamavis_studio.model.train.loop import Report
from llamavis_studio.model.train.measures import (
    TrainingPictures,
    caption_scores,
    code_bits,
    domain_scores,
    encode_samples,
    reconstruction,
    seam_ratio,
)
from llamavis_studio.model.train.report import table
from llamavis_studio.model.train.samples import SampleSet
from llamavis_studio.model.train.scorer import Scorer, load_scorer
from llamavis_studio.model.train.sheets import contact_sheets, read_prompts
from llamavis_studio.model.train.trials import make_trials
from llamavis_studio.model.unified import LlamaVis

UNCUT = ("texture", "background")
"""Kinds that fill their picture; all others are sprites."""


@dataclass(frozen=True)
class Extent:
    """How much is drawn and read."""

    trials_per_kind: int
    pictures_per_kind: int
    captions_searched_per_kind: int
    textures: int
    chinese: int
    prompts: int
    edits: int


FULL = Extent(40, 120, 4000, 48, 64, 1000, 40)
QUICK = Extent(10, 24, 600, 16, 16, 20, 8)
SHOWN_CAPTIONS = 20


def evaluate(
    artist: Artist,
    samples: SampleSet,
    scorer: Scorer,
    *,
    report: Report,
    prompts_path: Path,
    out_dir: Path,
    minilm: Path,
    rule: DomainRule = DEFAULT_RULE,
    quick: bool = False,
) -> dict[str, Any]:
    """Measure, report the table line by line, write ``evaluation.json`` and the contact sheets."""
    extent = QUICK if quick else FULL
    if artist.memory is not None:  # it knows the held-out pictures too; the evaluation may not
        held_out = {sample.captions[0] for sample in samples.samples if sample.split == "val"}
        artist = replace(artist, memory=artist.memory.without(held_out))
    model, encoder, sampling = artist.model, artist.encoder, artist.sampling
    begun = time.monotonic()
    model.eval()
    numbers = _some(samples, "val", extent.pictures_per_kind)
    codes, again = encode_samples(model.image_tokenizer, samples, numbers)
    result: dict[str, Any] = {
        "quick": quick,
        "sampling": asdict(sampling),
        "reconstruction": _reconstruction(samples, again),
        "bits_per_image": _bits(model, encoder, samples, codes, extent.pictures_per_kind // 3),
        "captions": caption_scores(model, samples, codes, artist.memory),
        "domain": domain_scores(model.image_tokenizer, rule, samples, numbers),
    }
    report(f"evaluation: codes and captions after {_minutes(begun)}")
    trials = make_trials(samples, extent.trials_per_kind)
    judge = Judge(scorer, encoder, trials)
    wishes = wishes_of(samples, trials)
    drawn = draw(artist, wishes)
    report(f"evaluation: {len(drawn)} pictures drawn after {_minutes(begun)}")
    first = judge.first(drawn)
    real = [samples.picture(trial.number) for trial in trials]
    _, kept = encode_samples(model.image_tokenizer, samples, [t.number for t in trials])
    looked_up = nearest_training_pictures(
        encoder, samples, trials, extent.captions_searched_per_kind
    )
    fidelity = {
        "drawn": judge.shares(first),
        "real": judge.shares(judge.first(real)),
        "real_reconstructed": judge.shares(judge.first([kept[t.number] for t in trials])),
        "nearest_training": judge.shares(judge.first(looked_up)),
    }
    fidelity["drawn"]["of_real"] = fidelity["drawn"]["all"] / max(fidelity["real"]["all"], 1e-9)
    result["prompt_fidelity"] = fidelity
    result["novelty"] = _novelty(model, samples, wishes, drawn)
    result["chinese"] = chinese_against_english(
        artist, samples, judge, wishes, first, extent.chinese
    )
    report(f"evaluation: judged after {_minutes(begun)}")
    prompts = read_prompts(prompts_path)
    result["seam"] = _seams(artist, samples, prompts, extent.textures)
    with tempfile.TemporaryDirectory() as folder:
        save_checkpoint(model, Path(folder), {"sampling": asdict(sampling)}, artist.memory)
        result["speed"] = dict(speed.measure_in_process(Path(folder), minilm, quick=quick))
    result["edits"], edited = edit_scores(artist, scorer, samples, extent.edits)
    step = max(1, len(prompts) // extent.prompts)
    contact_sheets(
        artist,
        prompts[::step],
        read_prompts(prompts_path.with_name("eval_chinese.txt"))[:: min(step, 4)],
        edited,
        _read_aloud(artist, samples, codes),
        out_dir,
    )
    result["minutes"] = round((time.monotonic() - begun) / 60, 1)
    result = _rounded(result)
    out_dir.mkdir(parents=True, exist_ok=True)
    text = json.dumps(result, ensure_ascii=False, indent=1) + "\n"
    (out_dir / "evaluation.json").write_text(text, encoding="utf-8")
    for line in table(result):
        report(line)
    return result


def _read_aloud(
    artist: Artist, samples: SampleSet, codes: Mapping[int, Tensor]
) -> list[tuple[Pixels, str]]:
    """A few held-out pictures with what the model says they show."""
    tiles = [n for n in codes if samples.samples[n].size == (32, 32)]
    chosen = tiles[:: max(1, len(tiles) // SHOWN_CAPTIONS)][:SHOWN_CAPTIONS]
    vocabulary = CaptionVocabulary(artist.model.config)
    read = read_captions(artist.model, torch.stack([codes[n] for n in chosen]), (8, 8))
    said = [": ".join(vocabulary.decode(captions[0].ids)) for captions in read]
    return list(zip([samples.picture(n) for n in chosen], said, strict=True))


def _some(samples: SampleSet, split: str, per_kind: int) -> list[int]:
    """Up to ``per_kind`` samples of each kind of one split, always the same ones."""
    by_kind: defaultdict[str, list[int]] = defaultdict(list)
    for number, sample in enumerate(samples.samples):
        if sample.split == split:
            by_kind[sample.kind].append(number)
    rng = np.random.default_rng(1)
    chosen: list[int] = []
    for kind in sorted(by_kind):
        chosen += sorted(rng.permutation(by_kind[kind]).tolist()[:per_kind])
    return chosen


def _kinds(samples: SampleSet, numbers: Sequence[int]) -> dict[str, list[int]]:
    kinds: defaultdict[str, list[int]] = defaultdict(list)
    for number in numbers:
        kinds[samples.samples[number].kind].append(number)
    return dict(kinds)


def _reconstruction(samples: SampleSet, again: Mapping[int, Pixels]) -> dict[str, Any]:
    def of(numbers: Sequence[int]) -> dict[str, float]:
        return reconstruction([samples.picture(n) for n in numbers], [again[n] for n in numbers])

    kinds = _kinds(samples, list(again))
    return {**of(list(again)), "by_kind": {kind: of(mine) for kind, mine in kinds.items()}}


def _bits(
    model: LlamaVis,
    encoder: TextEncoder,
    samples: SampleSet,
    codes: Mapping[int, Tensor],
    learned_per_kind: int,
) -> dict[str, Any]:
    """Means over 32x32 pictures, and a position's bits by kind over all sizes.

    Beside the held-out pictures stand some that were learned: what parts the two is what the model
    knows by heart, and no training that widens the gap makes it better at drawing new things.
    """
    learned = _some(samples, "train", learned_per_kind)
    known, _ = encode_samples(model.image_tokenizer, samples, learned)
    told = code_bits(model, encoder, samples, codes, with_words=True)
    alone = code_bits(model, encoder, samples, codes, with_words=False)
    by_heart = code_bits(model, encoder, samples, known, with_words=True)

    def tiles(bits: Mapping[int, float]) -> float:
        return float(np.mean([v for n, v in bits.items() if samples.samples[n].size == (32, 32)]))

    def kinds(bits: Mapping[int, float], of: Mapping[int, Tensor]) -> dict[str, float]:
        return {
            kind: float(np.mean([bits[n] / len(of[n]) for n in mine]))
            for kind, mine in _kinds(samples, list(bits)).items()
        }

    return {
        "told": tiles(told),
        "untold": tiles(alone),
        "learned": tiles(by_heart),
        "a_position_by_kind": kinds(told, codes),
        "learned_a_position_by_kind": kinds(by_heart, known),
    }


def _novelty(
    model: LlamaVis, samples: SampleSet, wishes: Sequence[Wish], drawn: Sequence[Pixels]
) -> dict[str, Any]:
    """Shares of sprites that differ from every training picture in more than 10 % of pixels.

    Beside it the same for held-out sprites after the image tokenizer: how new the real ones are.
    """
    training = TrainingPictures(model.image_tokenizer, samples)
    rng = np.random.default_rng(5)

    held = [
        n
        for n, s in enumerate(samples.samples)
        if s.split == "val" and s.size == (32, 32) and s.kind not in UNCUT
    ]
    held = [int(n) for n in rng.permutation(held)[:60]]

    def share(pictures: Sequence[Pixels]) -> float:
        return float(np.mean([training.difference(picture) > 0.1 for picture in pictures]))

    sprites = [p for w, p in zip(wishes, drawn, strict=True) if w.kind not in UNCUT]
    return {
        "share": share(sprites),
        "median_difference": float(np.median([training.difference(p) for p in sprites])),
        "held_out": share(list(encode_samples(model.image_tokenizer, samples, held)[1].values())),
    }


def _seams(
    artist: Artist,
    samples: SampleSet,
    prompts: Sequence[tuple[str, str]],
    most: int,
) -> dict[str, float]:
    """Drawn textures beside held-out ones that tile by making."""
    real = [n for n, s in enumerate(samples.samples) if s.split == "val" and s.tileable]
    texts = [text for kind, text in prompts if kind == "texture"]
    texts += sorted({samples.samples[n].captions[0] for n in real})
    wishes = [Wish(text, "texture", 500 + i, wrap=True) for i, text in enumerate(texts[:most])]
    return {
        "drawn": seam_ratio(draw(artist, wishes)),
        "real": seam_ratio([samples.picture(n) for n in real]),
        "count": len(wishes),
    }


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(inner) for key, inner in value.items()}
    return round(value, 4) if isinstance(value, float) else value


def _minutes(begun: float) -> str:
    return f"{(time.monotonic() - begun) / 60:.1f} min"


def record_evaluation(checkpoint: Path, result: Mapping[str, Any]) -> None:
    """Put the figures into the checkpoint's ``config.json``; weights and revision stay."""
    path = checkpoint / "config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    text = json.dumps({**config, "evaluation": result}, ensure_ascii=False, indent=1)
    temporary = path.with_name(path.name + ".tmp")
    temporary.write_text(text + "\n", encoding="utf-8")
    temporary.replace(path)


def main(arguments: list[str] | None = None) -> int:
    """Evaluate a checkpoint folder."""
    parser = argparse.ArgumentParser(description="Measure how good a checkpoint is.")
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("samples", type=Path, help="the path given to SampleSet.save")
    parser.add_argument("out", type=Path, help="folder for evaluation.json and contact sheets")
    parser.add_argument("--resources", type=Path, default=Path("resources"))
    parser.add_argument("--quick", action="store_true", help="about 3 minutes on two cores")
    parser.add_argument("--record", action="store_true", help="write into the checkpoint as well")
    options = parser.parse_args(arguments)
    minilm = options.resources / "models" / "minilm"
    config = json.loads((options.checkpoint / "config.json").read_text(encoding="utf-8"))
    result = evaluate(
        Artist(
            load_checkpoint(options.checkpoint),
            TextEncoder.load(minilm),
            checkpoint_memory(options.checkpoint),
            Sampling(**config.get("sampling", {})),
        ),
        SampleSet.load(options.samples),
        load_scorer(options.resources / "models" / "scorer"),
        report=lambda line: print(line, flush=True),
        prompts_path=options.resources / "eval_prompts.txt",
        out_dir=options.out,
        minilm=minilm,
        rule=rule_of(config),
        quick=options.quick,
    )
    if options.record:
        record_evaluation(options.checkpoint, result)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
