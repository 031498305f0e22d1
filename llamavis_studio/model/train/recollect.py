"""Which pictures a checkpoint carries along to look up: see ``model.memory``.

Those whose names are held out from training go in too, so that nobody misses a key because keys
were needed for the evaluation, which leaves them out again (`Memory.without`). The drawn and bought
ones all go in, up to a few of one name; of the composed characters and
procedural textures, of which any number can be made, a sample is enough.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
import torch

from llamavis_studio.model.colour_names import without_colours
from llamavis_studio.model.image_tokenizer import ImageTokenizer
from llamavis_studio.model.memory import WORST_SEAM, Memory
from llamavis_studio.model.text_encoder import TextEncoder
from llamavis_studio.model.train.measures import encode_samples, seam_ratio
from llamavis_studio.model.train.samples import SampleSet

SIZE = (32, 32)
MOST_OF_A_NAME = 8
MOST_OF_A_SOURCE = {"composite": 3000, "surface": 400}


def make_memory(
    tokenizer: ImageTokenizer, encoder: TextEncoder, samples: SampleSet, seed: int = 6
) -> Memory:
    """The memory of a tokenizer, on the grid of sprites and tiles."""
    chosen = choose(samples, seed)
    codes, _ = encode_samples(tokenizer.to("cpu").eval(), samples, chosen)
    mine = [samples.samples[n] for n in chosen]
    return Memory(
        grid=(SIZE[1] // 4, SIZE[0] // 4),
        codes=torch.stack([codes[n] for n in chosen]).to(torch.int16),
        vectors=encoder.embed([s.captions[0] for s in mine]).float().cpu(),
        seam=torch.tensor(
            [
                seam_ratio([samples.picture(n)]) if samples.samples[n].kind == "texture" else 1.0
                for n in chosen
            ]
        ).clamp(max=WORST_SEAM),
        plain=encoder.embed([without_colours(s.captions[0]) for s in mine]).float().cpu(),
        kinds=tuple(s.kind for s in mine),
        names=tuple(s.captions[0] for s in mine),
    )


def choose(samples: SampleSet, seed: int) -> list[int]:
    """Sample numbers, in their order: 32x32, within the limits above."""
    rng = np.random.default_rng(seed)
    of_name: Counter[tuple[str, str]] = Counter()
    of_source: Counter[str] = Counter()
    found = []
    for number in rng.permutation(len(samples.samples)).tolist():
        sample = samples.samples[number]
        if sample.size != SIZE:
            continue
        source = sample.source.split("/")[0]
        if of_source[source] >= MOST_OF_A_SOURCE.get(source, len(samples.samples)):
            continue
        if source not in MOST_OF_A_SOURCE and of_name[sample.kind, sample.name] >= MOST_OF_A_NAME:
            continue
        of_source[source] += 1
        of_name[sample.kind, sample.name] += 1
        found.append(number)
    return sorted(found)
