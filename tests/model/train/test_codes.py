"""Training pictures as codes: their views, and which pictures have near words."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from llamavis_studio.model.text_encoder import TextEncoder
from llamavis_studio.model.train.cli import balanced_weights
from llamavis_studio.model.train.codes import (
    NEIGHBOURS,
    SAME_NAME,
    SHIFTS,
    VIEWS,
    code_sets,
    may_mirror,
    moved,
    near_in_words,
)
from llamavis_studio.model.train.samples import Sample, SampleSet
from tests.support.tiny_model import tiny_model
from tests.support.toy_samples import toy_samples

MINILM = Path(__file__).parents[3] / "resources" / "models" / "minilm"


def sample(kind: str, text: str = "ball", source: str = "tiles", tileable: bool = False) -> Sample:
    return Sample(kind, text, (text,), (), (), tileable, 1.0, "train", source, (8, 8), 0)


def picture() -> torch.Tensor:
    pixels = torch.rand(1, 4, 8, 8, generator=torch.Generator().manual_seed(0))
    pixels[:, 3] = 1.0
    return pixels


def test_view_0_is_the_picture_itself() -> None:
    pixels = picture()
    assert torch.equal(moved(pixels, [sample("item")], 0), pixels)


@pytest.mark.parametrize("view", [1, 2])
def test_a_sprite_is_shifted_and_clear_pixels_come_in(view: int) -> None:
    pixels, (down, right) = picture(), SHIFTS[view]
    out = moved(pixels, [sample("item", source="composite/x")], view)
    assert out.shape == pixels.shape
    kept = out[..., max(down, 0) : 8 + min(down, 0), max(right, 0) : 8 + min(right, 0)]
    was = pixels[..., max(-down, 0) : 8 - max(down, 0), max(-right, 0) : 8 - max(right, 0)]
    assert torch.equal(kept, was)
    assert out.count_nonzero() == was.count_nonzero()


@pytest.mark.parametrize("view", [1, 2])
def test_a_texture_is_rolled_and_a_scene_stays(view: int) -> None:
    pixels = picture()
    rolled = moved(pixels, [sample("texture", source="surface", tileable=True)], view)
    assert torch.equal(rolled, pixels.roll(SHIFTS[view], (2, 3)))
    assert torch.equal(moved(pixels, [sample("background", source="other")], view), pixels)


def test_the_last_view_is_mirrored_where_it_may_be() -> None:
    pixels, mine = picture().expand(2, -1, -1, -1), [sample("item"), sample("item", "book shop")]
    out = moved(pixels, mine, 2)
    assert torch.equal(out[0].flip(2), out[1])
    assert torch.equal(*moved(pixels, mine, 1))
    scene = moved(pixels[:1], [sample("background", source="scene/far")], 2)
    assert torch.equal(scene, pixels[:1].flip(3))


def test_what_is_held_in_a_hand_or_written_is_not_mirrored() -> None:
    assert may_mirror(sample("item", "red potion", "emoji"))
    assert not may_mirror(sample("item", "red potion", "composite/human"))
    assert not may_mirror(sample("item", "a rune", "tiles"))


def random_vectors(count: int, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return F.normalize(torch.randn(count, 16, generator=generator), dim=1)


def test_neighbours_are_the_nearest_and_never_itself() -> None:
    vectors = random_vectors(60)
    found = near_in_words(vectors, [f"name {i}" for i in range(60)])
    assert found.shape == (60, NEIGHBOURS) and found.dtype == torch.int32
    scores = vectors @ vectors.t()
    scores.fill_diagonal_(-2)
    assert torch.equal(found.long(), scores.topk(NEIGHBOURS, dim=1).indices)
    assert not (found == torch.arange(60).unsqueeze(1)).any()


def test_few_neighbours_bear_the_same_name() -> None:
    """Thirty pictures of one name with one vector would else be each other's only neighbours."""
    vectors = random_vectors(90)
    vectors[:30] = vectors[0]
    names = ["dragon"] * 30 + [f"name {i}" for i in range(60)]
    found = near_in_words(vectors, names)
    for row in range(30):
        mine = found[row].tolist()
        assert row not in mine and len(set(mine)) == NEIGHBOURS
        assert Counter(names[i] for i in mine)["dragon"] == SAME_NAME
        assert all(names[i] == "dragon" for i in mine[:SAME_NAME])


def test_a_set_of_one_name_or_of_few_pictures_is_no_trouble() -> None:
    same = near_in_words(random_vectors(30), ["dragon"] * 30)
    assert same.shape == (30, NEIGHBOURS)
    assert near_in_words(random_vectors(3), ["a", "b", "c"]).shape == (3, 2)
    assert near_in_words(random_vectors(1), ["a"]).shape == (1, 0)


def test_long_sets_are_done_in_parts() -> None:
    vectors = random_vectors(1100)
    found = near_in_words(vectors, [f"name {i}" for i in range(1100)])
    scores = vectors[1050] @ vectors.t()
    scores[1050] = -2
    assert torch.equal(found[1050].long(), scores.topk(NEIGHBOURS).indices)


def test_code_sets_hold_the_training_pictures_in_every_view(tmp_path: Path) -> None:
    samples = toy_samples()
    pairs = np.array([(0, 1), (0, 2), (2, 4), (1, 3)])
    samples = SampleSet(samples.pixels, samples.samples, pairs)
    tokenizer, encoder = tiny_model().image_tokenizer, TextEncoder.load(MINILM)
    path, lines = tmp_path / "codes.npz", []

    def make() -> object:
        weights = balanced_weights(samples)
        return code_sets(tokenizer, encoder, samples, weights, path, "cpu", lines.append)

    (found,) = make()  # type: ignore[misc]
    train = [n for n, s in enumerate(samples.samples) if s.split == "train"]
    assert found.sample.tolist() == train and found.grid == (8, 8)
    assert found.codes.shape == (len(train), VIEWS, 64, 3)
    assert found.wraps.tolist() == [samples.samples[n].tileable for n in train]
    place = {number: row for row, number in enumerate(train)}
    kept = [[place[a], place[b]] for a, b in pairs.tolist() if a in place and b in place]
    assert found.pairs.tolist() == kept and 0 < len(kept) < 4
    assert not (found.alike == torch.arange(len(train)).unsqueeze(1)).any()
    for row in (0, len(train) - 1):
        mine = samples.samples[train[row]]
        pixels = torch.from_numpy(samples.picture(train[row])[None]).permute(0, 3, 1, 2) / 255
        for view in range(VIEWS):
            codes = tokenizer.encode(moved(pixels, [mine], view), mine.tileable)
            assert (found.codes[row, view] == codes[0]).float().mean() > 0.99
    (again,) = make()  # type: ignore[misc]
    assert torch.equal(again.codes, found.codes) and torch.equal(again.alike, found.alike)
    assert len(lines) == 1  # encoded once, then read


def test_chinese_captions_are_learned_as_their_gloss() -> None:
    from llamavis_studio.model.train.codes import learned_captions

    mine = replace(sample("item"), captions=("red ball", "a red ball"), captions_zh=("红色的球",))
    assert learned_captions(mine)[:2] == ("red ball", "a red ball")
    assert all(text.isascii() for text in learned_captions(mine))
