"""What a checkpoint carries to look up: training pictures, few of a name, some of a source."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import torch

from llamavis_studio.model.colour_names import without_colours
from llamavis_studio.model.text_encoder import TextEncoder
from llamavis_studio.model.train.recollect import (
    MOST_OF_A_NAME,
    MOST_OF_A_SOURCE,
    choose,
    make_memory,
)
from llamavis_studio.model.train.samples import Sample, SampleSet
from tests.support.tiny_model import tiny_model
from tests.support.toy_samples import toy_samples

MINILM = Path(__file__).parents[3] / "resources" / "models" / "minilm"


def sample(row: int, name: str, source: str, split: str = "train", side: int = 32) -> Sample:
    return Sample("item", name, (name,), (), (), False, 1.0, split, source, (side, side), row)


def words_only(samples: list[Sample]) -> SampleSet:
    return SampleSet({}, tuple(samples), np.zeros((0, 2), np.int64))


def test_pictures_of_the_one_grid_are_chosen_held_out_ones_too() -> None:
    samples = words_only(
        [
            sample(0, "a", "tiles"),
            sample(1, "b", "tiles", split="val"),
            sample(2, "c", "tiles", side=64),
            sample(3, "d", "emoji"),
        ]
    )
    assert choose(samples, seed=1) == [0, 1, 3]


def test_a_name_and_a_source_have_their_limits() -> None:
    names = [sample(i, "dragon", "tiles/mon") for i in range(30)]
    walls = [
        sample(i, f"wall {i}", "surface/brick") for i in range(MOST_OF_A_SOURCE["surface"] + 9)
    ]
    men = [sample(i, "man", "composite/human") for i in range(40)]  # every one looks different
    samples = words_only(names + walls + men)
    chosen = choose(samples, seed=1)
    assert chosen == sorted(set(chosen)) == choose(samples, seed=1)
    assert chosen != choose(samples, seed=2)
    sources = Counter(samples.samples[n].source.split("/")[0] for n in chosen)
    assert sources == {
        "tiles": MOST_OF_A_NAME, "surface": MOST_OF_A_SOURCE["surface"], "composite": 40,
    }  # fmt: skip


def test_a_memory_holds_codes_words_and_names_of_the_chosen() -> None:
    samples, encoder = toy_samples(), TextEncoder.load(MINILM)
    tokenizer = tiny_model().image_tokenizer
    memory = make_memory(tokenizer, encoder, samples)
    chosen = choose(samples, seed=6)
    assert memory.grid == (8, 8) and memory.codes.dtype == torch.int16
    assert memory.names == tuple(samples.samples[n].captions[0] for n in chosen)
    assert memory.kinds == tuple(samples.samples[n].kind for n in chosen)
    held_out = {s.captions[0] for s in samples.samples if s.split == "val"}
    assert held_out <= set(memory.names)
    rest = memory.without(held_out)
    assert not held_out & set(rest.names) and len(rest.names) + len(held_out) <= len(memory.names)
    assert memory.plain is not None and rest.plain is not None
    at = memory.names.index(rest.names[2])
    assert torch.equal(rest.codes[2], memory.codes[at])
    assert torch.equal(rest.plain[2], memory.plain[at])
    said = without_colours(memory.names[0])
    assert said != memory.names[0]
    torch.testing.assert_close(memory.plain[:1], encoder.embed([said]))
    torch.testing.assert_close(memory.vectors[:1], encoder.embed([memory.names[0]]))
    (vector,) = encoder.embed([memory.names[3]])
    (best,) = memory.nearest(vector[None], [memory.kinds[3]], [0], 1).places[0].tolist()
    assert memory.names[best] == memory.names[3]
