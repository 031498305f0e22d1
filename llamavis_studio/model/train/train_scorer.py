"""Teach the scorer which caption belongs to which real picture.

    python -m llamavis_studio.model.train.train_scorer SAMPLES OUT --minutes 7

Half of each batch is of one kind, so that "red dragon" is told from "green dragon", and not only
from "grey wall". Rows with the same caption are no wrong answers to each other.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from llamavis_studio.model.text_encoder import TextEncoder
from llamavis_studio.model.train.loop import Report, fast_bfloat16
from llamavis_studio.model.train.samples import SampleSet
from llamavis_studio.model.train.scorer import Scorer, ScorerConfig, fit, ranks, save_scorer
from llamavis_studio.model.train.trials import Trial, make_trials

KIND_SHARES = {
    "character": 0.2,
    "creature": 0.24,
    "item": 0.14,
    "texture": 0.18,
    "object": 0.1,
    "background": 0.04,
    "feature": 0.07,
    "effect": 0.03,
}
LEARNING_RATE = 2e-3


class _Words:
    """Sentence vectors of captions, each computed once."""

    def __init__(self, encoder: TextEncoder) -> None:
        self._encoder = encoder
        self._known: dict[str, Tensor] = {}

    def __call__(self, texts: Sequence[str]) -> Tensor:
        new = list(dict.fromkeys(text for text in texts if text not in self._known))
        if new:
            self._known.update(zip(new, self._encoder.embed(new).half(), strict=True))
        return torch.stack([self._known[text] for text in texts]).float()


def train_scorer(
    samples: SampleSet,
    encoder: TextEncoder,
    minutes: float,
    *,
    report: Report,
    batch: int = 160,
    seed: int = 0,
    least_steps: int = 0,
    config: ScorerConfig | None = None,
) -> tuple[Scorer, dict[str, Any]]:
    """Train on the training split; answer the scorer and its record, with its own measure.

    Ends when the minutes are over and ``least_steps`` are done, so that a busy machine gives no
    worse a judge.

    ``R@1 of 32`` in the record is taken on real pictures of names that were never trained on.
    """
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    scorer = Scorer(config).train()
    words = _Words(encoder)
    optimizer = torch.optim.AdamW(scorer.parameters(), lr=LEARNING_RATE, weight_decay=0.05)
    places, shares = _by_kind(samples)
    bf16 = fast_bfloat16("cpu")
    begun, step, shown = time.monotonic(), 0, 0.0
    while True:
        spent = (time.monotonic() - begun) / 60
        done = min(spent / minutes if minutes else 1.0, step / least_steps if least_steps else 1.0)
        if done >= 1.0:
            break
        factor = min(1.0, (step + 1) / 50) * (1 - done)
        for group in optimizer.param_groups:
            group["lr"] = LEARNING_RATE * factor
        chosen = _choose(places, shares, batch, rng)
        texts = [_caption(samples, number, rng) for number in chosen]
        vectors = words(texts)
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            seen = _look_in_training(scorer, samples, chosen, rng)
            said = scorer.embed_texts(vectors)
        loss = _contrast(seen, said, scorer.log_scale, texts)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(scorer.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        step += 1
        shown = loss.item() if step == 1 else shown * 0.95 + loss.item() * 0.05
        if step % 50 == 0:
            report(f"scorer  step {step}  loss {shown:.3f}  {spent:.1f} of {minutes:.1f} min")
    scorer.eval().requires_grad_(False)
    measured = measure_scorer(scorer, encoder, samples, make_trials(samples, per_kind=60))
    report("  ".join(f"{name} {value:.3f}" for name, value in measured.items()))
    return scorer, {
        "steps": step,
        "minutes": round((time.monotonic() - begun) / 60, 1),
        "samples": sum(len(numbers) for numbers in places.values()),
        "rank_1_of_32": measured,
    }


def measure_scorer(
    scorer: Scorer, encoder: TextEncoder, samples: SampleSet, trials: Sequence[Trial]
) -> dict[str, float]:
    """Share of real pictures whose own caption comes first among 32, by kind and ``all``."""
    words = _Words(encoder)
    seen = scorer.look([samples.picture(trial.number) for trial in trials])
    with torch.inference_mode():
        said = torch.stack([scorer.embed_texts(words(trial.captions)) for trial in trials])
    first = (ranks(seen, said) == 0).float()
    kinds = [trial.kind for trial in trials]
    found = {"all": float(first.mean())}
    for kind in sorted(set(kinds)):
        mine = torch.tensor([k == kind for k in kinds])
        found[kind] = round(float(first[mine].mean()), 3)
    return found


def _by_kind(samples: SampleSet) -> tuple[dict[str, list[int]], dict[str, np.ndarray]]:
    """Numbers of the training samples of each kind, and how likely each is to be shown."""
    places: defaultdict[str, list[int]] = defaultdict(list)
    for number, sample in enumerate(samples.samples):
        if sample.split == "train":
            places[sample.kind].append(number)
    shares = {}
    for kind, numbers in places.items():
        weights = np.array([samples.samples[n].weight for n in numbers])
        shares[kind] = weights / weights.sum()
    return dict(places), shares


def _choose(
    places: dict[str, list[int]],
    shares: dict[str, np.ndarray],
    batch: int,
    rng: np.random.Generator,
) -> list[int]:
    kinds = sorted(places)
    odds = np.array([KIND_SHARES.get(kind, 0.05) for kind in kinds])
    odds /= odds.sum()
    wanted = [str(rng.choice(kinds, p=odds))] * (batch // 2)
    wanted += [str(kind) for kind in rng.choice(kinds, batch - batch // 2, p=odds)]
    chosen: list[int] = []
    for kind in sorted(set(wanted)):
        picks = rng.choice(places[kind], wanted.count(kind), p=shares[kind])
        chosen += [int(pick) for pick in picks]
    return chosen


def _caption(samples: SampleSet, number: int, rng: np.random.Generator) -> str:
    captions = samples.samples[number].captions
    return captions[0] if rng.random() < 0.5 else captions[int(rng.integers(len(captions)))]


def _look_in_training(
    scorer: Scorer, samples: SampleSet, chosen: Sequence[int], rng: np.random.Generator
) -> Tensor:
    """Vectors ``(B, space)`` of the chosen pictures, each moved, mirrored or blurred a little."""
    sizes: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    for place, number in enumerate(chosen):
        sizes[samples.samples[number].size].append(place)
    order, found = [], []
    for places in sizes.values():
        pictures = [fit(_moved(samples, chosen[place], rng)) for place in places]
        pixels = torch.stack(pictures)
        # Drawn pictures are softer than real ones; the scorer shall look past that.
        soft = F.avg_pool2d(F.pad(pixels[:, :3], (1, 1, 1, 1), mode="replicate"), 3, 1)
        share = torch.from_numpy(rng.random(len(places)) ** 3 * 0.7).float().view(-1, 1, 1, 1)
        colour = pixels[:, :3] * (1 - share) + soft * share
        noise = torch.from_numpy(rng.standard_normal(colour.shape, np.float32)) * 0.02
        found.append(scorer.embed_pictures(torch.cat([colour + noise, pixels[:, 3:]], dim=1)))
        order += places
    back = torch.empty(len(order), dtype=torch.long)
    back[torch.tensor(order)] = torch.arange(len(order))
    return torch.cat(found)[back]


def _moved(samples: SampleSet, number: int, rng: np.random.Generator) -> np.ndarray:
    """A sample's pixels, mirrored half of the time, moved by up to 2 px (any way on a torus)."""
    picture = samples.picture(number)
    if rng.random() < 0.5:
        picture = picture[:, ::-1]
    if samples.samples[number].tileable:
        shift = (int(rng.integers(picture.shape[0])), int(rng.integers(picture.shape[1])))
        return np.roll(picture, shift, (0, 1))
    down, right = (int(v) for v in rng.integers(0, 5, 2))
    padded = np.pad(picture, ((2, 2), (2, 2), (0, 0)))
    return padded[down : down + picture.shape[0], right : right + picture.shape[1]]


def _contrast(seen: Tensor, said: Tensor, log_scale: Tensor, texts: Sequence[str]) -> Tensor:
    """InfoNCE both ways over unit vectors ``(B, space)``."""
    logits = seen @ said.t() * log_scale.exp().clamp(max=100.0)
    numbers = {text: i for i, text in enumerate(texts)}
    ids = torch.tensor([numbers[text] for text in texts])
    same = (ids[:, None] == ids[None, :]) & ~torch.eye(len(ids), dtype=torch.bool)
    logits = logits.masked_fill(same, float("-inf"))
    target = torch.arange(len(texts))
    return (F.cross_entropy(logits, target) + F.cross_entropy(logits.t(), target)) / 2


def main(arguments: list[str] | None = None) -> int:
    """Train from a saved sample set and write the scorer's folder."""
    parser = argparse.ArgumentParser(description="Train the picture and caption scorer.")
    parser.add_argument("samples", type=Path, help="the path given to SampleSet.save")
    parser.add_argument("out", type=Path, help="folder for config.json and model.safetensors")
    parser.add_argument("--minilm", type=Path, default=Path("resources/models/minilm"))
    parser.add_argument("--minutes", type=float, default=7.0)
    parser.add_argument("--least-steps", type=int, default=0)
    options = parser.parse_args(arguments)
    dtype = torch.bfloat16 if fast_bfloat16("cpu") else torch.float32
    encoder = TextEncoder.load(options.minilm, dtype=dtype)
    samples = SampleSet.load(options.samples)
    scorer, record = train_scorer(
        samples,
        encoder,
        options.minutes,
        report=lambda line: print(line, flush=True),
        least_steps=options.least_steps,
    )
    save_scorer(scorer, options.out, record)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
