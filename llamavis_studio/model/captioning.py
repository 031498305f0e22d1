"""A picture's words: what the model draws several times, what like pictures are called, and what
both agree on.

The likeliest caption is not the best one: of many captions drawn, the one is told that shares most
with all others (minimum Bayes risk decoding, Kumar and Byrne 2004; here by the F1 of words). The
captions of the training pictures in the memory that look most alike are voices as well (nearest
neighbour captioning, Devlin et al. 2015). Measured on 391 held-out 32x32 pictures, word F1: the
likeliest caption 0.323, beam search of width 4 0.288 to 0.307, agreement among 16 drawn captions
0.332, with as much weight on like pictures 0.367. The share of voices that say a word is then close
to how often it is right (said by 0.3 to 0.4: right in 0.34; by 0.6 to 0.7: in 0.68), which it is
not without the like pictures (0.23 and 0.42).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from llamavis_studio.model.caption_decoder import CaptionVocabulary
from llamavis_studio.model.image_tokenizer import ResidualCodebooks
from llamavis_studio.model.memory import Memory
from llamavis_studio.model.sampling import read_captions
from llamavis_studio.model.unified import LlamaVis

SAMPLES = 16
"""Captions drawn beside the likeliest one."""
NEIGHBOURS = 16
"""Like pictures whose captions are heard."""
SHARPNESS = 10.0
"""How much more the nearest of them counts: softmax of cosines times this."""
NEIGHBOURS_WEIGHT = 0.5
"""What all like pictures together count, of 1."""
STOP_WORDS = frozenset(
    "a an the of in on with and or at to from by for over under into as its is one".split()
)


class Voice(NamedTuple):
    """One caption for a picture, and what it counts; those of a picture add up to 1."""

    kind: str
    text: str
    weight: float


class Reading(NamedTuple):
    """What is said about one picture."""

    kind: str  # of ModelConfig.kinds
    kind_share: float  # of the voices that say so
    text: str
    words: dict[str, float]  # content words and the share of voices that say them, likeliest first
    confidence: float  # expected share of right words in the text

    @staticmethod
    def of(voices: Sequence[Voice]) -> Reading:
        """What the voices agree on; at least one is needed."""
        said = [content_words(voice.text) for voice in voices]
        kinds: defaultdict[str, float] = defaultdict(float)
        words: defaultdict[str, float] = defaultdict(float)
        for voice, mine in zip(voices, said, strict=True):
            kinds[voice.kind] += voice.weight
            for word in sorted(mine):
                words[word] += voice.weight
        agreed = [
            sum(other.weight * f1(mine, theirs) for other, theirs in zip(voices, said, strict=True))
            for mine in said
        ]
        # Silence agrees with silence, but tells nobody anything.
        spoken = [place for place, mine in enumerate(said) if mine] or range(len(voices))
        best = max(spoken, key=agreed.__getitem__)
        mine = said[best]
        kind = max(kinds, key=kinds.__getitem__)
        return Reading(
            kind=kind,
            kind_share=kinds[kind],
            text=voices[best].text,
            words=dict(sorted(words.items(), key=lambda item: (-round(item[1], 6), item[0]))),
            confidence=sum(words[word] for word in mine) / len(mine) if mine else 0.0,
        )


def content_words(text: str) -> frozenset[str]:
    """The words of a text that say something about a picture."""
    return frozenset(re.findall(r"[a-z0-9]+", text.lower())) - STOP_WORDS


def f1(said: frozenset[str], true: frozenset[str]) -> float:
    """F1 of two sets of words; 1 where both are empty."""
    if not said and not true:
        return 1.0
    return 2 * len(said & true) / (len(said) + len(true))


class LikePictures:
    """The pictures of a memory, found by how they look."""

    def __init__(self, codebooks: ResidualCodebooks, memory: Memory) -> None:
        self._codebooks, self._memory = codebooks, memory
        parts = [self._looks(part) for part in memory.codes.split(1024)]
        looks = torch.cat(parts)  # (N, E)
        self._middle = looks.mean(0)
        self._looks_of = F.normalize(looks - self._middle, dim=1)

    def voices(self, codes: Tensor, grid: tuple[int, int]) -> list[list[Voice]]:
        """The captions of the pictures most like each of ``codes (B, P, depth)``, weights
        adding up to 1; none on another grid than the memory's.
        """
        memory = self._memory
        if grid != memory.grid:
            return [[] for _ in codes]
        found = (self.look(codes) @ self._looks_of.t()).topk(
            min(NEIGHBOURS, len(memory.names)), dim=1
        )
        shares = (found.values * SHARPNESS).softmax(dim=1)
        return [
            [Voice(memory.kinds[n], memory.names[n], w) for n, w in zip(row, weights, strict=True)]
            for row, weights in zip(found.indices.tolist(), shares.tolist(), strict=True)
        ]

    def look(self, codes: Tensor) -> Tensor:
        """What is seen in pictures ``codes (B, P, depth)`` of the memory's grid: unit vectors
        ``(B, E)``, of which like pictures have like ones.
        """
        return F.normalize(self._looks(codes) - self._middle, dim=1)

    def _looks(self, codes: Tensor) -> Tensor:
        """Latents averaged over squares of 2x2 positions: ``(B, P, depth)`` to ``(B, E)``."""
        codes = codes.to(self._codebooks.book(0).device)
        latent = self._codebooks.decode(codes.long(), self._memory.grid)
        return F.avg_pool2d(latent, 2, ceil_mode=True).flatten(1)


def caption_pictures(
    model: LlamaVis,
    codes: Tensor,
    grid: tuple[int, int],
    like_pictures: LikePictures | None = None,
    samples: int = SAMPLES,
) -> list[Reading]:
    """What is said about each of the pictures ``codes (B, P, depth)``."""
    vocabulary = CaptionVocabulary(model.config)
    drawn = read_captions(model, codes, grid, samples=samples)
    alike = [[]] * len(codes) if like_pictures is None else like_pictures.voices(codes, grid)
    readings = []
    for captions, others in zip(drawn, alike, strict=True):
        own = (1 - NEIGHBOURS_WEIGHT if others else 1.0) / len(captions)
        voices = [Voice(*vocabulary.decode(caption.ids), own) for caption in captions]
        voices += [v._replace(weight=v.weight * NEIGHBOURS_WEIGHT) for v in others]
        readings.append(Reading.of(voices))
    return readings
