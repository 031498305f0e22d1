from __future__ import annotations

import base64
import io
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from llamavis_studio.model.train.browse import SCALE, choose, write_pages
from llamavis_studio.model.train.samples import Sample, SampleSet


@pytest.fixture
def samples() -> SampleSet:
    """Fifty characters and one creature, with words that HTML would take for marks."""
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (51, 32, 32, 4)).astype(np.uint8)
    man = Sample(
        "character", "man", ("man & dog", "a <b> man"), ("男人",), ("red",), False, 1.0, "train",
        "composite", (32, 32), 0,
    )  # fmt: skip
    dragon = replace(man, kind="creature", captions=('"dragon"',), source="tiles/dragons", row=50)
    many = [replace(man, row=row) for row in range(50)]
    return SampleSet({(32, 32): pixels}, (*many, dragon), np.zeros((0, 2), np.int64))


def test_the_page_shows_pictures_enlarged_without_smoothing(
    samples: SampleSet, tmp_path: Path
) -> None:
    path = write_pages(samples, tmp_path / "new", count=5)
    assert path == tmp_path / "new" / "samples.html"
    found = re.findall(r'src="data:image/png;base64,([^"]+)"', path.read_text(encoding="utf-8"))
    assert len(found) == 5
    first = np.array(Image.open(io.BytesIO(base64.b64decode(found[0]))))
    number = choose(samples, 5, 0)[0]
    assert (first[::SCALE, ::SCALE] == samples.picture(number)).all()
    assert (first[1::SCALE, 3::SCALE] == samples.picture(number)).all()


def test_words_are_escaped_and_the_page_needs_nothing_else(
    samples: SampleSet, tmp_path: Path
) -> None:
    page = write_pages(samples, tmp_path, count=5).read_text(encoding="utf-8")
    assert "a &lt;b&gt; man" in page and "<b> man" not in page
    assert "man &amp; dog" in page and "&quot;dragon&quot;" in page
    assert "男人" in page and "composite" in page and "train" in page
    assert "http" not in page and "<script" not in page


def test_rare_groups_are_always_seen(samples: SampleSet) -> None:
    for seed in range(5):
        assert 50 in choose(samples, 4, seed)
        assert 50 in choose(samples, 1, seed)


def test_the_same_seed_chooses_the_same_samples_once_each(samples: SampleSet) -> None:
    chosen = choose(samples, 20, 3)
    assert chosen == choose(samples, 20, 3) != choose(samples, 20, 4)
    assert len(set(chosen)) == len(chosen) == 20
    assert choose(samples, 1000, 0) == list(range(51))
