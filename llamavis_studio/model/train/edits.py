"""Is an edit an edit? Held-out pairs of characters that differ in one part, drawn both ways.

A pair gives the picture before, the words before and after, and the pixels that the change really
touches. The picture is edited by the new words, and beside that the new words are drawn afresh.
What moved outside the touched pixels is what a user did not ask for; whether the scorer then finds
the new words nearer than the old ones tells whether the edit happened at all.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from llamavis_studio.model.pixels import Pixels
from llamavis_studio.model.text_encoder import TextEncoder
from llamavis_studio.model.train.drawing import Artist, Wish, draw
from llamavis_studio.model.train.samples import SampleSet
from llamavis_studio.model.train.scorer import Scorer

MOVED = 24
"""Difference of a channel, weighted by alpha, of 255, above which a pixel has moved."""
FEW_WORDS = 4
"""Pairs whose captions differ in more words say more than one change."""
FIRST_SEED = 3000


@dataclass(frozen=True)
class EditTrial:
    """One change: the pictures before and after, their words, and where they differ."""

    before: Pixels
    after: Pixels
    words: tuple[str, str]
    touched: NDArray[np.bool_]  # (h, w), grown by two pixels


def edit_trials(samples: SampleSet, most: int, seed: int = 8) -> list[EditTrial]:
    """Up to ``most`` pairs of held-out pictures whose words differ in one part."""
    found = []
    for number in np.random.default_rng(seed).permutation(len(samples.pairs)).tolist():
        first, second = (int(n) for n in samples.pairs[number])
        one, other = samples.samples[first], samples.samples[second]
        if {one.split, other.split} != {"val"} or one.source != "composite":
            continue
        words = _full(one.captions), _full(other.captions)
        if _being(words[0]) != _being(words[1]):
            continue  # the same being under two names: no change at all
        apart = len(set(words[0].split()) ^ set(words[1].split()))
        before, after = samples.picture(first), samples.picture(second)
        touched = moved(before, after)
        if not 1 <= apart <= FEW_WORDS or not 0.01 < touched.mean() < 0.4:
            continue
        found.append(EditTrial(before, after, words, grown(touched, 2)))
        if len(found) == most:
            break
    return found


def _full(captions: Sequence[str]) -> str:
    """The caption that names every part: the second of a composed character's, if there is one."""
    return captions[min(1, len(captions) - 1)]


def _being(caption: str) -> str:
    """Who is described: what stands before the clothes and the things held."""
    return re.split(r" in | with | holding |,", caption)[0]


def moved(first: Pixels, second: Pixels) -> NDArray[np.bool_]:
    """Pixels ``(h, w)`` that differ to the eye between two RGBA pictures."""
    a, b = (
        np.concatenate([p[..., :3] * (p[..., 3:] / 255.0), p[..., 3:]], axis=-1)
        for p in (first, second)
    )
    found: NDArray[np.bool_] = np.abs(a - b).max(-1) > MOVED
    return found


def grown(mask: NDArray[np.bool_], times: int) -> NDArray[np.bool_]:
    """The mask and what lies within ``times`` pixels of it."""
    for _ in range(times):
        padded = np.pad(mask, 1)
        mask = mask | padded[:-2, 1:-1] | padded[2:, 1:-1] | padded[1:-1, :-2] | padded[1:-1, 2:]
    return mask


def edit_wishes(trials: Sequence[EditTrial]) -> tuple[list[Wish], list[Wish]]:
    """The edits, and the same words drawn afresh with the same seeds."""
    edits, fresh = [], []
    for place, trial in enumerate(trials):
        plain = Wish(trial.words[1], "character", FIRST_SEED + place)
        fresh.append(plain)
        edits.append(
            Wish(
                trial.words[1],
                "character",
                FIRST_SEED + place,
                before=trial.before,
                before_text=trial.words[0],
            )
        )
    return edits, fresh


def edit_scores(
    artist: Artist, scorer: Scorer, samples: SampleSet, most: int
) -> tuple[dict[str, Any], list[tuple[EditTrial, Pixels]]]:
    """The measure, and the trials with their edited pictures for a sheet."""
    trials = edit_trials(samples, most)
    if not trials:
        return {"count": 0}, []
    edits, fresh = (draw(artist, wishes) for wishes in edit_wishes(trials))
    untouched = [~trial.touched for trial in trials]
    outside_edit, outside_fresh = (_moved(trials, found, untouched) for found in (edits, fresh))
    result = {
        "count": len(trials),
        "outside_edit": outside_edit,
        "outside_fresh": outside_fresh,
        "ratio": outside_edit / max(outside_fresh, 1e-9),
        "inside_edit": _moved(trials, edits, [trial.touched for trial in trials]),
        "new_words_nearer": {
            "before": _nearer(scorer, artist.encoder, trials, [t.before for t in trials]),
            "edit": _nearer(scorer, artist.encoder, trials, edits),
            "fresh": _nearer(scorer, artist.encoder, trials, fresh),
            "real": _nearer(scorer, artist.encoder, trials, [t.after for t in trials]),
        },
    }
    return result, list(zip(trials, edits, strict=True))


def _moved(
    trials: Sequence[EditTrial], pictures: Sequence[Pixels], where: Sequence[NDArray[np.bool_]]
) -> float:
    """Mean share of the pixels of a mask that moved from the picture before."""
    shares = [
        moved(trial.before, picture)[mask].mean()
        for trial, picture, mask in zip(trials, pictures, where, strict=True)
    ]
    return float(np.mean(shares))


def _nearer(
    scorer: Scorer, encoder: TextEncoder, trials: Sequence[EditTrial], pictures: Sequence[Pixels]
) -> float:
    """Share of pictures that the scorer finds nearer to the new words than to the old ones."""
    seen = scorer.look(pictures)
    old, new = (
        scorer.embed_texts(encoder.embed([t.words[side] for t in trials])) for side in (0, 1)
    )
    return float(((seen * new).sum(1) > (seen * old).sum(1)).float().mean())
