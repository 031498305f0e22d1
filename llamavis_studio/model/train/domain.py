"""Fit the rule that says what the model knows to a checkpoint, and write it into its config.

    python -m llamavis_studio.model.train.domain CHECKPOINT SAMPLES [--foreign FOLDER] [--record]

Taught pictures are the held-out ones of every kind. Foreign ones are made on the spot and, where a
folder is named, read from it: photographs and other art, each at its size, scaled down and cut.
Names, and photographs, fall into two halves: the rule is fitted to one and measured on the other.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from llamavis_studio.model.checkpoint import load_checkpoint
from llamavis_studio.model.domain import SIGNS, DomainRule, signs
from llamavis_studio.model.image_tokenizer import ImageTokenizer
from llamavis_studio.model.train.captions import stable_hash
from llamavis_studio.model.train.outside import cuts_of, made_outside, read_photographs
from llamavis_studio.model.train.samples import SampleSet

PER_KIND = 90
MADE = 200
TAUGHT_WEIGHT = 0.6
"""What taught pictures count of all: to call one of them foreign is the worse mistake."""
RIDGE = 0.0003
"""Keeps the weights small where the halves would be told apart anyway."""


@dataclass(frozen=True)
class Group:
    """Signs of pictures of one sort, ``(n, 6)``, and which of them the rule is fitted to."""

    name: str
    taught: bool
    rows: np.ndarray
    tuning: np.ndarray


def gather(tokenizer: ImageTokenizer, samples: SampleSet, foreign: Path | None) -> list[Group]:
    """Measure the signs of everything that the rule is fitted to and tested on."""
    numbers = held_out(samples, PER_KIND)
    names = [samples.samples[n].name for n in numbers]
    groups = [
        Group(
            "held out",
            True,
            signs(tokenizer, [samples.picture(n) for n in numbers]),
            np.array([stable_hash(f"domain {name}") % 2 == 0 for name in names]),
        )
    ]
    made = made_outside(MADE)
    groups.append(Group("made", False, signs(tokenizer, made), np.arange(MADE) < MADE // 2))
    if foreign is None:
        return groups
    for folder in sorted(path for path in foreign.iterdir() if path.is_dir()):
        cuts = [cuts_of(photograph) for photograph in read_photographs(folder)]
        rows = signs(tokenizer, [cut for part in cuts for cut in part])
        tuning = np.repeat(np.arange(len(cuts)) % 2 == 0, [len(part) for part in cuts])
        groups.append(Group(folder.name, False, rows, tuning))
    return groups


def held_out(samples: SampleSet, per_kind: int, seed: int = 4) -> list[int]:
    """Up to ``per_kind`` held-out samples of each kind."""
    by_kind: dict[str, list[int]] = {}
    for number, sample in enumerate(samples.samples):
        if sample.split == "val":
            by_kind.setdefault(sample.kind, []).append(number)
    rng = np.random.default_rng(seed)
    return [int(n) for kind in sorted(by_kind) for n in rng.permutation(by_kind[kind])[:per_kind]]


def fit_rule(groups: Sequence[Group]) -> DomainRule:
    """Ridge logistic regression by Newton's method on the tuning halves."""
    taught = np.concatenate([g.rows[g.tuning] for g in groups if g.taught])
    least = np.array([sign.least_scale for sign in SIGNS])
    middle = tuple(np.median(taught, 0).tolist())
    scale = tuple(np.maximum(taught.std(0), least).tolist())
    plain = DomainRule(middle, scale, (0.0,) * len(SIGNS), 0.0)
    sorts = sum(not g.taught for g in groups)
    parts, answers, counts = [], [], []
    for group in groups:
        z = plain.standardised(group.rows[group.tuning])
        parts.append(np.column_stack([z, np.ones(len(z))]))
        answers.append(np.full(len(z), float(group.taught)))
        share = TAUGHT_WEIGHT if group.taught else (1 - TAUGHT_WEIGHT) / sorts
        counts.append(np.full(len(z), share / len(z)))
    x, y, w = np.concatenate(parts), np.concatenate(answers), np.concatenate(counts)
    ridge = np.diag([RIDGE] * len(SIGNS) + [1e-6])
    found = np.zeros(len(SIGNS) + 1)
    for _ in range(80):
        p = 1 / (1 + np.exp(-np.clip(x @ found, -30, 30)))
        slope = x.T @ (w * (y - p)) - ridge @ found
        bend = (x * (w * p * (1 - p))[:, None]).T @ x + ridge
        found += 0.5 * np.linalg.solve(bend, slope)
    return DomainRule(middle, scale, tuple(found[:-1].tolist()), float(found[-1]))


def right_shares(rule: DomainRule, groups: Sequence[Group]) -> dict[str, dict[str, float]]:
    """Share of right answers of each group, on the tuning and on the test half."""
    found = {}
    for group in groups:
        right = (rule.shares(group.rows) >= 0.5) == group.taught
        found[group.name] = {
            "tuning": round(float(right[group.tuning].mean()), 4),
            "test": round(float(right[~group.tuning].mean()), 4),
            "pictures": len(right),
        }
    return found


def record_rule(checkpoint: Path, rule: DomainRule, measured: dict[str, Any]) -> None:
    """Put the rule into the checkpoint's ``config.json``; weights and revision stay."""
    path = checkpoint / "config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    config["domain"] = {**rule.to_json(), "measured": measured}
    temporary = path.with_name(path.name + ".tmp")
    text = json.dumps(config, ensure_ascii=False, indent=1)
    temporary.write_text(text + "\n", encoding="utf-8")
    temporary.replace(path)


def main(arguments: list[str] | None = None) -> int:
    """Fit, measure, and write where asked."""
    parser = argparse.ArgumentParser(description="Teach a checkpoint what it does not know.")
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("samples", type=Path, help="the path given to SampleSet.save")
    parser.add_argument(
        "--foreign", type=Path, help="a folder of folders, one for each sort of foreign picture"
    )
    parser.add_argument("--record", action="store_true", help="write into the checkpoint")
    options = parser.parse_args(arguments)
    tokenizer = load_checkpoint(options.checkpoint).image_tokenizer.eval()
    groups = gather(tokenizer, SampleSet.load(options.samples), options.foreign)
    rule = fit_rule(groups)
    measured = right_shares(rule, groups)
    for sign, middle, scale, weight in zip(
        SIGNS, rule.middle, rule.scale, rule.weights, strict=True
    ):
        print(f"{sign.name:12} middle {middle:8.3f}  scale {scale:7.3f}  weight {weight:7.3f}")
    print(f"{'bias':12} {rule.bias:.3f}")
    for name, shares in measured.items():
        halves = f"tuning {shares['tuning']:.3f}, test {shares['test']:.3f}"
        print(f"{name:12} right: {halves} of {shares['pictures']:.0f}")
    if options.record:
        record_rule(options.checkpoint, rule, measured)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
