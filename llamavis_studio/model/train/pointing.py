"""How well word maps point: measured on pictures that differ from another in one named part.

    python -m llamavis_studio.model.train.pointing CHECKPOINT SAMPLES [--most 131] [--split val]

Composed characters come in pairs. Where the captions of a pair differ in one phrase, the pixels
that differ belong to that phrase, and a map of its words should be warm there and nowhere else.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from llamavis_studio.model.attribution import (
    attention_shares,
    lost_nats,
    smooth,
    to_pixels,
    word_evidence,
    word_pieces,
    words_to_explain,
)
from llamavis_studio.model.checkpoint import load_checkpoint
from llamavis_studio.model.pixels import PATCH_PX, to_tensor
from llamavis_studio.model.text_encoder import TextEncoder
from llamavis_studio.model.train.samples import SampleSet
from llamavis_studio.model.unified import LlamaVis, Prompt, encode_prompts

Mask = NDArray[np.bool_]
Maps = Callable[[LlamaVis, Prompt, Tensor, tuple[int, int], Tensor], Tensor]
PHRASES, SENTENCES = 3, (1, 2, 3)
"""Which caption of a composed character lists its phrases, and which may be what is read."""
LEAST_PX, MOST_PX = 8, 600


@dataclass(frozen=True)
class Case:
    """A sample, the phrases of its ``text``, and the pixels ``part (h, w)`` of the first one."""

    number: int
    text: str
    phrases: tuple[str, ...]
    part: Mask


@dataclass(frozen=True)
class Pointing:
    """How well maps point, as means over cases.

    ``auc``: a pixel of the part is warmer than another opaque one. ``lift``: how much warmer the
    part is than the figure. ``wins``: its lift is above that of the words of another phrase.
    """

    auc: float
    lift: float
    wins: float


def nats_alone(
    model: LlamaVis, prompt: Prompt, codes: Tensor, grid: tuple[int, int], tokens: Tensor
) -> Tensor:
    """:func:`lost_nats` as :func:`word_evidence` uses them, without the attention."""
    return smooth(lost_nats(model, prompt, codes, grid, tokens).clamp(min=0), grid)


WAYS: dict[str, Maps] = {
    "attention shares": attention_shares,
    "lost nats": nats_alone,
    "their product": word_evidence,
}


def find_cases(samples: SampleSet, split: str) -> list[Case]:
    """Both pictures of every pair of composed characters that differ in one phrase."""
    found = []
    for pair in samples.pairs.tolist():
        for mine, other in (pair, pair[::-1]):
            sample, rest = samples.samples[mine], samples.samples[other]
            if sample.source != "composite" or sample.split != split:
                continue
            if min(len(sample.captions), len(rest.captions)) <= PHRASES:
                continue
            phrases, theirs = (s.captions[PHRASES].split(", ") for s in (sample, rest))
            new = [p for p in phrases if p not in theirs]
            gone = [p for p in theirs if p not in phrases]
            if len(phrases) < 2 or len(new) != 1 or len(gone) > 1:
                continue
            part: Mask = (samples.picture(mine) != samples.picture(other)).any(axis=2)
            text = next((sample.captions[i] for i in SENTENCES if new[0] in sample.captions[i]), "")
            if text and LEAST_PX <= part.sum() <= MOST_PX:
                order = (*new, *(p for p in phrases if p != new[0] and p in text))
                found.append(Case(mine, text, order, part))
    return found


@torch.inference_mode()
def measure(
    model: LlamaVis, encoder: TextEncoder, samples: SampleSet, cases: Sequence[Case]
) -> dict[str, Pointing]:
    """Every way of :data:`WAYS` on the cases."""
    rows: dict[str, list[tuple[float, float, float]]] = {name: [] for name in WAYS}
    for case in cases:
        picture = samples.picture(case.number)
        grid = picture.shape[0] // PATCH_PX, picture.shape[1] // PATCH_PX
        codes = model.image_tokenizer.encode(to_tensor([picture]), False)[0]
        kind = samples.samples[case.number].kind
        prompt = encode_prompts(model, encoder, [case.text], [kind])
        words = words_to_explain(case.text)
        pieces = word_pieces(encoder, case.text, words, model.config.max_text_tokens)
        groups = [_words_of(case.text, phrase, words, pieces) for phrase in case.phrases]
        if not groups[0]:
            continue
        inside: Mask = (picture[..., 3] > 0) | case.part
        for name, way in WAYS.items():
            maps = way(model, prompt, codes, grid, torch.from_numpy(pieces))
            summed = torch.stack([maps[group].sum(0) for group in groups if group])
            pixels = np.concatenate([to_pixels(one.unsqueeze(0), grid) for one in summed])
            rows[name].append(score(pixels, case.part, inside))
    return {
        name: Pointing(*(float(v) for v in np.nanmean(np.array(found), axis=0)))
        for name, found in rows.items()
        if found
    }


def score(maps: NDArray[np.float32], part: Mask, inside: Mask) -> tuple[float, float, float]:
    """Area under the curve, lift and wins of the first of some ``maps (n, h, w)``."""
    lifts = maps[:, part].mean(axis=1) / (maps[:, inside].mean(axis=1) + 1e-9)
    wins = float((lifts[0] > lifts[1:]).mean()) if len(lifts) > 1 else float("nan")
    values, mine = maps[0][inside], part[inside]
    return _area(values, mine), float(lifts[0]), wins


def _area(values: NDArray[np.float32], mine: Mask) -> float:
    """How often one of `mine` is above another value; ties count half."""
    order, place, count = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(count) - (count - 1) / 2)[place]  # the mean rank of equal values, from 1
    ours, others = int(mine.sum()), int((~mine).sum())
    if not ours or not others or not len(order):
        return float("nan")
    return float((ranks[mine].sum() - ours * (ours + 1) / 2) / (ours * others))


def _words_of(
    text: str, phrase: str, words: Sequence[tuple[str, int, int]], pieces: Mask
) -> list[int]:
    start = text.index(phrase)
    return [
        i
        for i, (_, at, _end) in enumerate(words)
        if start <= at < start + len(phrase) and pieces[i].any()
    ]


def main() -> None:
    """Print a line for each way."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("samples", type=Path, help="what `llamavis train --prepare` made")
    parser.add_argument("--encoder", type=Path, default=Path("resources/models/minilm"))
    parser.add_argument("--split", default="val")
    parser.add_argument("--most", type=int, default=131)
    asked = parser.parse_args()
    samples = SampleSet.load(asked.samples)
    cases = find_cases(samples, asked.split)
    chosen = np.random.default_rng(0).permutation(len(cases))[: asked.most]
    model, encoder = load_checkpoint(asked.checkpoint), TextEncoder.load(asked.encoder)
    for name, found in measure(model, encoder, samples, [cases[i] for i in chosen]).items():
        print(f"{name:18} auc {found.auc:.3f}  lift {found.lift:.2f}  wins {found.wins:.3f}")


if __name__ == "__main__":
    main()
