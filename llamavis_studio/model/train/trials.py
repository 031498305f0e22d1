"""The fixed questions of the evaluation: a held-out picture, its caption, and 31 wrong captions.

Half of the wrong captions are of the same kind as far as there are that many, the others of any;
no two in one question are of one name. All are drawn from validation names, with fixed seeds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np

from llamavis_studio.model.train.samples import SampleSet

CHOICES = 32
SAME_KIND = 16
"""How many of the choices are of the picture's own kind, itself among them."""

LARGEST_PX = 48 * 32
"""Larger pictures take four times as long to draw, and their names are met at 32x32 too."""


@dataclass(frozen=True)
class Trial:
    """One question: which of ``captions`` belongs to sample ``number``? Always the first."""

    number: int
    kind: str
    captions: tuple[str, ...]

    @property
    def caption(self) -> str:
        """The true one."""
        return self.captions[0]


def make_trials(samples: SampleSet, per_kind: int, seed: int = 20) -> list[Trial]:
    """Up to ``per_kind`` questions a kind, spread evenly over its validation names."""
    by_kind: defaultdict[str, list[int]] = defaultdict(list)
    for number, sample in enumerate(samples.samples):
        if sample.split == "val" and sample.size[0] * sample.size[1] <= LARGEST_PX:
            by_kind[sample.kind].append(number)
    rng = np.random.default_rng(seed)
    trials = []
    for kind in sorted(by_kind):
        for number in _spread(samples, by_kind[kind], per_kind, rng):
            captions = _choices(samples, number, kind, by_kind, rng)
            if len(captions) == CHOICES:
                trials.append(Trial(number, kind, captions))
    return trials


def _spread(
    samples: SampleSet, numbers: Sequence[int], count: int, rng: np.random.Generator
) -> list[int]:
    """One picture of each name in turn until there are ``count``; no caption twice."""
    names: defaultdict[str, list[int]] = defaultdict(list)
    for number in rng.permutation(numbers).tolist():
        names[samples.samples[number].name].append(number)
    queues = [names[name] for name in sorted(names)]
    chosen: list[int] = []
    asked: set[str] = set()
    while queues and len(chosen) < count:
        for queue in queues:
            number = queue.pop()
            caption = samples.samples[number].captions[0]
            if caption not in asked and len(chosen) < count:
                asked.add(caption)
                chosen.append(number)
        queues = [queue for queue in queues if queue]
    return chosen


def _choices(
    samples: SampleSet,
    number: int,
    kind: str,
    by_kind: Mapping[str, Sequence[int]],
    rng: np.random.Generator,
) -> tuple[str, ...]:
    own = rng.permutation(by_kind[kind]).tolist()
    others = [rng.permutation(by_kind[k]).tolist() for k in sorted(by_kind) if k != kind]
    # One of each other kind in turn, so that no kind fills the question; then whatever is left.
    mixed = [n for turn in zip_longest(*others) for n in turn if n is not None]
    first = samples.samples[number]
    captions, names = [first.captions[0]], {first.name}
    for pool, limit in ((own, SAME_KIND), (mixed, CHOICES), (own, CHOICES)):
        for other in pool:
            if len(captions) >= limit:
                break
            sample = samples.samples[other]
            if sample.name not in names and sample.captions[0] not in captions:
                names.add(sample.name)
                captions.append(sample.captions[0])
    return tuple(captions)
