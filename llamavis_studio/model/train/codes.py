"""Training pictures as codes: each as it is and moved a little, with its neighbours in words.

Moved views are encoded once, as the image tokenizer is frozen by then: a sprite shifted or
mirrored, a texture rolled by less than a cell (whole cells are rolled while training, which costs
nothing). What the tokenizer makes of them differs in almost every code, so the same picture is not
learned by heart as fast.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from llamavis_studio.model.gloss import gloss
from llamavis_studio.model.image_tokenizer import ImageTokenizer
from llamavis_studio.model.text_encoder import TextEncoder
from llamavis_studio.model.train.augment import HANDED
from llamavis_studio.model.train.examples import CodeSet
from llamavis_studio.model.train.loop import Report
from llamavis_studio.model.train.samples import Sample, SampleSet
from llamavis_studio.model.train.tokenizer import to_float

VIEWS = 3
SHIFTS = {1: (1, 2), 2: (-1, -2)}
"""(down, right) in pixels of the views after the first."""
NEIGHBOURS, SAME_NAME = 16, 4
"""How many pictures with near words are kept for each, and how many of them may bear its name."""
MIRRORED_SOURCES = ("tiles", "emoji", "scene")
"""Composed characters hold their weapon in the right hand: those are never mirrored."""


def code_sets(
    tokenizer: ImageTokenizer,
    encoder: TextEncoder,
    samples: SampleSet,
    weights: Sequence[float],
    path: Path,
    device: str,
    report: Report,
) -> list[CodeSet]:
    """Every training picture as codes, kept in the file ``path`` for the next call."""
    stored = dict(np.load(path)) if path.exists() else {}
    numbers: dict[tuple[int, int], list[int]] = {}
    for number, sample in enumerate(samples.samples):
        if sample.split == "train":
            numbers.setdefault(sample.size, []).append(number)
    captions = [learned_captions(sample) for sample in samples.samples]
    kinds = [sample.kind for sample in samples.samples]
    found = []
    for size, chosen in numbers.items():
        key = f"{size[0]}x{size[1]}"
        if f"codes_{key}" not in stored:
            report(f"codes: {len(chosen):,} pictures of {key}")
            stored[f"codes_{key}"] = encode_views(tokenizer, samples, chosen, device).numpy()
            names = [samples.samples[n].name for n in chosen]
            vectors = encoder.embed([samples.samples[n].captions[0] for n in chosen])
            stored[f"alike_{key}"] = near_in_words(vectors, names).numpy()
        place = {number: row for row, number in enumerate(chosen)}
        pairs = [(place[a], place[b]) for a, b in samples.pairs if a in place and b in place]
        found.append(
            CodeSet(
                grid=(size[1] // 4, size[0] // 4),
                codes=torch.from_numpy(stored[f"codes_{key}"]),
                sample=torch.tensor(chosen),
                kinds=kinds,
                captions=captions,
                weights=torch.tensor([weights[n] for n in chosen]),
                wraps=torch.tensor([samples.samples[n].tileable for n in chosen]),
                alike=torch.from_numpy(stored[f"alike_{key}"]).long(),
                pairs=torch.tensor(pairs, dtype=torch.long).reshape(-1, 2),
            )
        )
    np.savez(path, **stored)
    return found


def learned_captions(sample: Sample) -> tuple[str, ...]:
    """Its captions, and what its Chinese ones become on their way to the text encoder."""
    glossed = (gloss(caption).english for caption in sample.captions_zh)
    return tuple(dict.fromkeys([*sample.captions, *filter(None, glossed)]))


@torch.no_grad()
def encode_views(
    tokenizer: ImageTokenizer, samples: SampleSet, chosen: Sequence[int], device: str
) -> Tensor:
    """Codes ``(N, VIEWS, P, depth)`` int16 of the chosen samples, which are of one size."""
    tokenizer.to(device).eval()
    rows: list[Tensor] = [torch.empty(0)] * len(chosen)
    for wrap in (False, True):
        places = [i for i, n in enumerate(chosen) if samples.samples[n].tileable == wrap]
        for start in range(0, len(places), 256):
            part = places[start : start + 256]
            mine = [samples.samples[chosen[i]] for i in part]
            pixels = to_float(
                torch.from_numpy(np.stack([samples.picture(chosen[i]) for i in part]))
            )
            views = [
                tokenizer.encode(moved(pixels, mine, view).to(device), wrap).cpu()
                for view in range(VIEWS)
            ]
            for place, row in zip(part, torch.stack(views, dim=1).to(torch.int16), strict=True):
                rows[place] = row
    return torch.stack(rows)


def moved(pixels: Tensor, mine: Sequence[Sample], view: int) -> Tensor:
    """Pictures ``(B, 4, h, w)`` in a view: 0 as they are, 1 and 2 shifted, 2 mirrored if it may."""
    if view == 0:
        return pixels
    down, right = SHIFTS[view]
    rolled = pixels.roll((down, right), (2, 3))
    shifted = F.pad(pixels, (right, -right, down, -down))  # what comes in is clear
    wraps = torch.tensor([s.tileable for s in mine]).view(-1, 1, 1, 1)
    whole = torch.tensor([s.kind == "background" for s in mine]).view(-1, 1, 1, 1)
    turned = torch.tensor([view == 2 and may_mirror(s) for s in mine]).view(-1, 1, 1, 1)
    out = torch.where(wraps, rolled, torch.where(whole, pixels, shifted))
    return torch.where(turned, out.flip(3), out)


def may_mirror(sample: Sample) -> bool:
    """Whether the picture shows the same things when left and right are exchanged."""
    source = sample.source.split("/")[0]
    return source in MIRRORED_SOURCES and not HANDED.search(sample.captions[0])


def near_in_words(vectors: Tensor, names: Sequence[str]) -> Tensor:
    """Rows ``(N, NEIGHBOURS)`` int32 whose captions are nearest, itself left out.

    ``vectors (N, E)`` have unit length. At most ``SAME_NAME`` bear the row's own name, so that
    references are not always another picture of the same thing.
    """
    numbers = {name: i for i, name in enumerate(dict.fromkeys(names))}
    named = torch.tensor([numbers[name] for name in names])
    wide = min(len(names) - 1, 6 * NEIGHBOURS)
    keep = min(wide, NEIGHBOURS)
    rows = []
    for start in range(0, len(names), 1024):
        mine = torch.arange(start, min(start + 1024, len(names)))
        scores = vectors[mine] @ vectors.t()
        scores[torch.arange(len(mine)), mine] = -2.0
        index = scores.topk(wide, dim=1).indices  # (b, wide), nearest first
        same = named[index] == named[mine].unsqueeze(1)
        late = same & (same.cumsum(dim=1) > SAME_NAME)
        first = late.to(torch.int8).argsort(dim=1, stable=True)[:, :keep]  # the late ones go last
        rows.append(index.gather(1, first).to(torch.int32))
    return torch.cat(rows)
