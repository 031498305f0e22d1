"""What can be measured on pictures and codes alone: pixels kept, bits, novelty, seams, words.

Every function answers plain numbers; which pictures they are taken on is decided in ``evaluate``.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from llamavis_studio.model.caption_decoder import CaptionVocabulary
from llamavis_studio.model.captioning import LikePictures, caption_pictures, content_words, f1
from llamavis_studio.model.domain import DomainRule, signs
from llamavis_studio.model.image_tokenizer import ImageTokenizer
from llamavis_studio.model.memory import Memory
from llamavis_studio.model.pixels import Pixels, to_bytes, to_tensor
from llamavis_studio.model.sampling import read_captions
from llamavis_studio.model.text_encoder import TextEncoder
from llamavis_studio.model.train.outside import made_outside
from llamavis_studio.model.train.samples import SampleSet
from llamavis_studio.model.unified import LlamaVis, encode_prompts

EDGE = 32
"""Difference of brightness, of 255, between neighbours that counts as an edge."""
SAME = 40
"""A pixel whose channels, weighted by alpha, all lie this near (of 255) counts as the same."""


def by_shape(samples: SampleSet, numbers: Sequence[int]) -> dict[tuple[int, int, bool], list[int]]:
    """Sample numbers that can share a batch: one (height, width) and one way at the edges."""
    groups: defaultdict[tuple[int, int, bool], list[int]] = defaultdict(list)
    for number in numbers:
        sample = samples.samples[number]
        groups[sample.size[1], sample.size[0], sample.tileable].append(number)
    return dict(groups)


def encode_samples(
    tokenizer: ImageTokenizer, samples: SampleSet, numbers: Sequence[int]
) -> tuple[dict[int, Tensor], dict[int, Pixels]]:
    """Codes ``(P, depth)`` of samples, and what the image decoder makes of them."""
    codes: dict[int, Tensor] = {}
    again: dict[int, Pixels] = {}
    for (height, width, wrap), mine in by_shape(samples, numbers).items():
        for start in range(0, len(mine), 64):
            part = mine[start : start + 64]
            found = tokenizer.encode(to_tensor([samples.picture(n) for n in part]), wrap)
            pictures = to_bytes(tokenizer.decode(found, (height // 4, width // 4), wrap))
            codes.update(zip(part, found, strict=True))
            again.update(zip(part, pictures, strict=True))
    return codes, again


def reconstruction(real: Sequence[Pixels], again: Sequence[Pixels]) -> dict[str, float]:
    """PSNR of opaque colour in dB, share of right alpha, F1 of edges; each a mean over pictures."""
    psnr, alpha, edges = [], [], []
    for first, second in zip(real, again, strict=True):
        opaque = first[..., 3] > 127
        difference = first[opaque, :3].astype(np.float64) - second[opaque, :3]
        error = float((difference**2).mean()) if opaque.any() else 0.0
        psnr.append(10 * math.log10(255**2 / max(error, 1e-2)))
        alpha.append(float((opaque == (second[..., 3] > 127)).mean()))
        edges.append(_edge_f1(first, second))
    return {
        "psnr_db": float(np.mean(psnr)),
        "alpha_accuracy": float(np.mean(alpha)),
        "edge_f1": float(np.mean(edges)),
    }


def _brightness(picture: Pixels) -> np.ndarray:
    alpha = picture[..., 3:].astype(np.float64) / 255
    weighted: np.ndarray = picture[..., :3] * alpha @ np.array([0.299, 0.587, 0.114])
    return weighted


def _edges(picture: Pixels) -> np.ndarray:
    """Which neighbouring pixels differ, across and down, in one flat row."""
    value = _brightness(picture)
    return np.concatenate([(np.abs(np.diff(value, axis=axis)) > EDGE).ravel() for axis in (0, 1)])


def _edge_f1(first: Pixels, second: Pixels) -> float:
    a, b = _edges(first), _edges(second)
    return 1.0 if not (a | b).any() else float(2 * (a & b).sum() / (a.sum() + b.sum()))


@torch.inference_mode()
def code_bits(
    model: LlamaVis,
    encoder: TextEncoder,
    samples: SampleSet,
    codes: Mapping[int, Tensor],
    *,
    with_words: bool,
) -> dict[int, float]:
    """Bits to write each sample's codes, the model told its caption and kind, or nothing."""
    found: dict[int, float] = {}
    for (height, width, _), numbers in by_shape(samples, list(codes)).items():
        grid = (height // 4, width // 4)
        for start in range(0, len(numbers), 16):
            part = numbers[start : start + 16]
            target = torch.stack([codes[n] for n in part])  # (B, P, depth)
            prompt = model.no_prompt(len(part))
            if with_words:
                said = [samples.samples[n] for n in part]
                prompt = encode_prompts(
                    model, encoder, [s.captions[0] for s in said], [s.kind for s in said]
                )
            hidden = model.draw_hidden(prompt, target, grid)
            nats = model.heads.nats(hidden, target).sum(1)
            found.update(zip(part, (nats / math.log(2)).tolist(), strict=True))
    return found


class TrainingPictures:
    """The 32x32 training pictures, to find the one that a drawn picture is nearest to.

    They are compared as the image tokenizer would draw them: a model that had learned one by heart
    would draw it so, and not sharper.
    """

    def __init__(self, tokenizer: ImageTokenizer, samples: SampleSet, shortlist: int = 16) -> None:
        self._tokenizer, self._samples = tokenizer, samples
        self._numbers = [
            n for n, s in enumerate(samples.samples) if s.split == "train" and s.size == (32, 32)
        ]
        pixels = samples.pixels[32, 32]
        rows = [samples.samples[n].row for n in self._numbers]
        self._small = torch.cat(
            [_thumbnails(pixels[rows[i : i + 2048]]) for i in range(0, len(rows), 2048)]
        )
        self._squares = (self._small * self._small).sum(1)
        self._shortlist = min(shortlist, len(rows))

    def difference(self, picture: Pixels) -> float:
        """Share of pixels in which the nearest training picture differs from ``(32, 32, 4)``."""
        small = _thumbnails(picture[None])[0]
        near = (self._squares - 2 * self._small @ small).topk(self._shortlist, largest=False)
        numbers = [self._numbers[place] for place in near.indices.tolist()]
        _, again = encode_samples(self._tokenizer, self._samples, numbers)
        others = _weighted(np.stack(list(again.values())))
        apart = np.abs(others - _weighted(picture[None])).max(-1) > SAME  # (n, 32, 32)
        return float(apart.mean((1, 2)).min())


def _weighted(pictures: np.ndarray) -> np.ndarray:
    """Colour times alpha, and alpha: ``(n, h, w, 4)`` float32 in 0..255."""
    values = pictures.astype(np.float32)
    values[..., :3] *= values[..., 3:] / 255
    return values


def _thumbnails(pictures: np.ndarray) -> Tensor:
    """8x8 averages, one row a picture: ``(n, 256)``."""
    values = torch.from_numpy(_weighted(pictures)).permute(0, 3, 1, 2) / 255
    return F.avg_pool2d(values, 4).flatten(1)


def seam_ratio(pictures: Sequence[Pixels]) -> float:
    """Mean step across the wrapped edges over the mean step inside, over all pictures together."""
    wrap = inner = 0.0
    for picture in pictures:
        value = picture[..., :3].astype(np.float64)
        for axis in (0, 1):
            rolled = np.abs(value - np.roll(value, 1, axis))
            rolled = np.moveaxis(rolled, axis, 0)  # row 0 is the step across the edge
            wrap += float(rolled[0].mean())
            inner += float(rolled[1:].mean())
    return wrap / max(inner, 1e-9)


@torch.inference_mode()
def caption_scores(
    model: LlamaVis, samples: SampleSet, codes: Mapping[int, Tensor], memory: Memory | None
) -> dict[str, float]:
    """Word F1 of the caption that is told (stop words left out), of the likeliest one beside it,
    share of right kinds; of words that at least half of the voices say, how many are right.
    """
    like_pictures = (
        None if memory is None else LikePictures(model.image_tokenizer.codebooks, memory)
    )
    vocabulary = CaptionVocabulary(model.config)
    found: defaultdict[str, list[float]] = defaultdict(list)
    for (height, width, _), numbers in by_shape(samples, list(codes)).items():
        grid = (height // 4, width // 4)
        for start in range(0, len(numbers), 16):
            part = numbers[start : start + 16]
            written = torch.stack([codes[n] for n in part])
            likeliest = read_captions(model, written, grid)
            readings = caption_pictures(model, written, grid, like_pictures)
            for number, reading, (first, *_) in zip(part, readings, likeliest, strict=True):
                true = samples.samples[number].captions
                found["word_f1"].append(word_f1(reading.text, true[0]))
                found["word_f1_best_phrasing"].append(max(word_f1(reading.text, c) for c in true))
                found["word_f1_likeliest"].append(word_f1(vocabulary.decode(first.ids)[1], true[0]))
                found["kind_accuracy"].append(reading.kind == samples.samples[number].kind)
                known = content_words(" ".join(true))
                sure = [word for word, share in reading.words.items() if share >= 0.5]
                found["sure_words_right"] += [word in known for word in sure]
    return {name: float(np.mean(values)) for name, values in found.items()}


def domain_scores(
    tokenizer: ImageTokenizer,
    rule: DomainRule,
    samples: SampleSet,
    numbers: Sequence[int],
    made: int = 100,
) -> dict[str, float]:
    """Shares of right answers to "is this a picture of the taught sort?": of held-out pictures
    that are, and of gradients, noise, clouds and blobs made on the spot that are not.
    """
    own = rule.shares(signs(tokenizer, [samples.picture(n) for n in numbers]))
    foreign = rule.shares(signs(tokenizer, made_outside(made, seed=11)))
    right = float((own >= 0.5).mean()), float((foreign < 0.5).mean())
    return {"held_out": right[0], "foreign": right[1], "balanced": sum(right) / 2}


def word_f1(said: str, true: str) -> float:
    """F1 of the sets of words, stop words left out."""
    return f1(content_words(said), content_words(true))
