"""Does a drawn picture show what the words say? The frozen scorer ranks 32 captions for it.

Beside the drawn pictures the same questions are asked of the real pictures (what the scorer can do
at best), of the real pictures after the image tokenizer (what drawing could reach), and of the
training picture whose caption is nearest in meaning (what looking up instead of drawing reaches).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from llamavis_studio.model.gloss import gloss
from llamavis_studio.model.pixels import Pixels
from llamavis_studio.model.text_encoder import TextEncoder
from llamavis_studio.model.train.drawing import Artist, Wish, draw
from llamavis_studio.model.train.samples import SampleSet
from llamavis_studio.model.train.scorer import Scorer, ranks
from llamavis_studio.model.train.trials import Trial

FIRST_SEED = 1000


class Judge:
    """The scorer, and the vectors of every question's captions."""

    def __init__(self, scorer: Scorer, encoder: TextEncoder, trials: Sequence[Trial]) -> None:
        self._scorer = scorer
        self.trials = trials
        texts = sorted({text for trial in trials for text in trial.captions})
        vectors = dict(zip(texts, encoder.embed(texts), strict=True))
        with torch.inference_mode():
            self._said = torch.stack(
                [
                    scorer.embed_texts(torch.stack([vectors[text] for text in trial.captions]))
                    for trial in trials
                ]
            )  # (n, 32, space)

    def first(self, pictures: Sequence[Pixels], places: Sequence[int] | None = None) -> Tensor:
        """1 for each picture whose true caption comes first, else 0: ``(n,)`` float."""
        said = self._said if places is None else self._said[list(places)]
        return (ranks(self._scorer.look(pictures), said) == 0).float()

    def shares(self, first: Tensor) -> dict[str, float]:
        """Mean of :meth:`first` over all questions and over those of each kind."""
        kinds: defaultdict[str, list[int]] = defaultdict(list)
        for place, trial in enumerate(self.trials):
            kinds[trial.kind].append(place)
        found = {"all": float(first.mean())}
        return found | {kind: float(first[places].mean()) for kind, places in kinds.items()}


def wishes_of(samples: SampleSet, trials: Sequence[Trial]) -> list[Wish]:
    """The pictures to draw for the questions, each with its own fixed seed."""
    return [
        Wish(
            trial.caption,
            trial.kind,
            FIRST_SEED + place,
            samples.samples[trial.number].size,
            samples.samples[trial.number].tileable,
        )
        for place, trial in enumerate(trials)
    ]


def nearest_training_pictures(
    encoder: TextEncoder, samples: SampleSet, trials: Sequence[Trial], most_per_kind: int
) -> list[Pixels]:
    """For each question the training picture whose caption means nearly the same."""
    by_kind: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for number, sample in enumerate(samples.samples):
        if sample.split == "train":
            by_kind[sample.kind].setdefault(sample.captions[0], number)
    rng = np.random.default_rng(3)
    known: dict[str, int] = {}
    for kind in sorted(by_kind):
        texts = sorted(by_kind[kind])
        if len(texts) > most_per_kind:
            texts = [texts[i] for i in rng.choice(len(texts), most_per_kind, replace=False)]
        known |= {text: by_kind[kind][text] for text in texts}
    texts = list(known)
    asked = encoder.embed([trial.caption for trial in trials])
    nearest = (asked @ encoder.embed(texts).t()).argmax(1).tolist()
    return [samples.picture(known[texts[place]]) for place in nearest]


def chinese_against_english(
    artist: Artist,
    samples: SampleSet,
    judge: Judge,
    wishes: Sequence[Wish],
    english: Tensor,
    most: int,
) -> Mapping[str, float]:
    """Shares of first places for the same wishes in both languages, and how many were asked.

    ``english (n,)`` are the first places of the English drawings. Chinese goes through the gloss to
    the same seeds; the question stays the English one.
    """
    places = [
        place
        for place, trial in enumerate(judge.trials)
        if samples.samples[trial.number].captions_zh
    ]
    rng = np.random.default_rng(4)
    places = sorted(rng.permutation(places).tolist()[:most])
    if not places:
        return {"count": 0}
    told = []
    for place in places:
        chinese = samples.samples[judge.trials[place].number].captions_zh[0]
        wish = wishes[place]
        told.append(Wish(gloss(chinese).english, wish.kind, wish.seed, wish.size, wish.wrap))
    first = judge.first(draw(artist, told), places)
    mine, theirs = float(first.mean()), float(english[places].mean())
    return {
        "chinese": mine,
        "english": theirs,
        "ratio": mine / theirs if theirs else 0.0,
        "count": len(places),
    }
