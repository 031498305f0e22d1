"""A picture is the same to the last bit alone and in any batch, on one thread and on two."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from llamavis_studio.model.artist import Artist, Drawing, Wish, draw_together
from llamavis_studio.model.checkpoint import checkpoint_memory, load_checkpoint
from llamavis_studio.model.packed_linear import can_pack
from llamavis_studio.model.sampling import Sampling, read_captions
from llamavis_studio.model.steady import (
    FrozenLinear,
    PackedCopy,
    SteadyLinear,
    steady_length,
    steady_queries,
)
from llamavis_studio.model.text_encoder import TextEncoder

MODELS = Path(__file__).parents[2] / "resources" / "models"
SUBJECTS = (
    "a red dragon", "an iron sword with a golden hilt", "a green potion in a round bottle, glowing",
    "a knight in silver armour with a blue cloak and a long brown beard", "a cat", "a ghost",
    "an old wooden chest full of gold coins beside a purple gem and a scroll tied with a ribbon",
    "a spider",
)  # fmt: skip
KINDS = ("creature", "item", "item", "character", "creature", "creature", "object", "sprite")

pytestmark = pytest.mark.skipif(not can_pack(), reason="torch packs no weights here")


@pytest.fixture(scope="module")
def artist() -> Artist:
    """The model that ships, with its memory."""
    folder = MODELS / "nano"
    encoder = TextEncoder.load(MODELS / "minilm")
    return Artist(load_checkpoint(folder), encoder, checkpoint_memory(folder), Sampling())


def plain_wishes() -> list[Wish]:
    """Words of two to thirty tokens, of which some bring a picture and one says what to avoid."""
    wishes = [
        Wish(text, kind, seed)
        for seed, (text, kind) in enumerate(zip(SUBJECTS, KINDS, strict=True))
    ]
    look = np.random.default_rng(3).integers(0, 255, (32, 32, 4), np.uint8)
    wishes[2] = replace(wishes[2], references=(look, look[::-1].copy()))
    wishes[5] = replace(wishes[5], avoid="text and a frame")
    return wishes


def edits(pictures: Sequence[NDArray[np.uint8]]) -> list[Wish]:
    """Regions and changed words: every row knows another number of codes."""
    wishes = []
    for row, (wish, picture) in enumerate(zip(plain_wishes(), pictures, strict=True)):
        region = np.zeros((32, 32), bool)
        region[4 : 9 + 3 * row, 8:20] = True
        if row % 3 == 2:
            edit = replace(wish, text=f"{wish.text}, blue", before_text=wish.text)
        else:
            edit = replace(wish, region=region)
        wishes.append(replace(edit, before=picture, references=()))
    return wishes


def all_ways(artist: Artist, wishes: list[Wish]) -> Iterator[tuple[str, list[Drawing]]]:
    """The same wishes in batches of several sizes and orders, on one thread and on two."""
    for threads, size in ((1, 1), (2, 1), (1, 3), (2, 8), (1, 8)):
        torch.set_num_threads(threads)
        found: list[Drawing] = []
        for start in range(0, len(wishes), size):
            found += draw_together(artist, wishes[start : start + size])
        yield f"{threads} threads, {size} at once", found
    torch.set_num_threads(2)
    order = [5, 0, 7, 2, 1, 6, 3, 4]
    mixed = draw_together(artist, [wishes[place] for place in order])
    yield "in another order", [mixed[order.index(place)] for place in range(len(wishes))]


def same_everywhere(artist: Artist, wishes: list[Wish]) -> list[NDArray[np.uint8]]:
    first: list[Drawing] = []
    for way, found in all_ways(artist, wishes):
        first = first or found
        for wish, one, other in zip(wishes, first, found, strict=True):
            assert torch.equal(one.codes, other.codes), f"{wish.text!r}: {way}"
            assert np.array_equal(one.pixels, other.pixels), f"{wish.text!r}: {way}"
            assert one.took_after == other.took_after
    return [one.pixels for one in first]


def test_drawings_and_edits_are_the_same_alone_and_in_company(artist: Artist) -> None:
    pictures = same_everywhere(artist, plain_wishes())
    same_everywhere(artist, edits(pictures))


@pytest.mark.parametrize(("size", "kind"), [((48, 32), "background"), ((64, 64), "texture")])
def test_so_are_scenes_and_large_textures(artist: Artist, size: tuple[int, int], kind: str) -> None:
    texts = ("sunset beach", "grey stone wall with moss and a crack from the top to the bottom")
    wishes = [Wish(text, kind, 7, size, wrap=kind == "texture") for text in texts]
    torch.set_num_threads(2)
    together = draw_together(artist, wishes)
    torch.set_num_threads(1)
    for wish, one in zip(wishes, together, strict=True):
        (alone,) = draw_together(artist, [wish])
        assert np.array_equal(alone.pixels, one.pixels), wish.text


def test_captions_and_their_probabilities_are_too(artist: Artist) -> None:
    model, grid = artist.model, (8, 8)
    codes = torch.randint(0, 1024, (7, 64, 4), generator=torch.Generator().manual_seed(1))
    torch.set_num_threads(2)
    together = read_captions(model, codes, grid, samples=3)
    torch.set_num_threads(1)
    for row, captions in zip(codes, together, strict=True):
        assert read_captions(model, row.unsqueeze(0), grid, samples=3)[0] == captions


def test_states_and_vectors_of_a_text_do_not_depend_on_its_neighbours(artist: Artist) -> None:
    texts = list(SUBJECTS)
    torch.set_num_threads(2)
    together = artist.encoder.encode_tokens(texts)
    vectors = artist.encoder.embed(texts)
    torch.set_num_threads(1)
    for row, text in enumerate(texts):
        alone = artist.encoder.encode_tokens([text])
        count = alone.mask.shape[1]
        assert torch.equal(together.states[row, :count], alone.states[0])
        assert torch.equal(artist.encoder.embed([text])[0], vectors[row])


def test_rows_of_a_product_are_formed_alike_however_many_there_are() -> None:
    generator = torch.Generator().manual_seed(0)
    for inputs, outputs in ((64, 32), (256, 768), (768, 256), (1536, 384)):
        layer = SteadyLinear(inputs, outputs).requires_grad_(False)
        x = torch.randn(200, inputs, generator=generator)
        whole = layer(x)
        assert torch.allclose(whole, F.linear(x, layer.weight), atol=1e-3)
        for count in (1, 2, 3, 5, 16, 33, 100):
            assert torch.equal(layer(x[:count]), whole[:count]), (inputs, outputs, count)
            assert torch.equal(layer(x[7 : 7 + count]), whole[7 : 7 + count])


def test_a_packed_weight_follows_every_change_of_it() -> None:
    layer = SteadyLinear(32, 16).requires_grad_(False)
    x = torch.randn(4, 32)

    def is_true() -> bool:
        return torch.allclose(layer(x), F.linear(x, layer.weight), atol=1e-5)

    assert is_true()
    layer.weight.add_(1.0)  # as an optimizer does it
    assert is_true()
    before = layer.weight
    layer.weight = torch.nn.Parameter(torch.randn(16, 32), requires_grad=False)  # as a style does
    assert is_true()
    layer.weight = before
    assert is_true()
    layer.load_state_dict({"weight": torch.randn(16, 32)})
    assert is_true()


def test_a_layer_that_learns_passes_its_gradient_on() -> None:
    layer = SteadyLinear(32, 16)
    x = torch.randn(4, 32, requires_grad=True)
    layer(x).sum().backward()
    assert layer.weight.grad is not None and x.grad is not None
    frozen = SteadyLinear(32, 16).requires_grad_(False)
    y: Tensor = frozen(x)
    assert y.requires_grad


def test_packed_weights_are_neither_copied_nor_written() -> None:
    layer = SteadyLinear(32, 16).requires_grad_(False)
    x = torch.randn(4, 32)
    y = layer(x)
    assert torch.equal(copy.deepcopy(layer)(x), y)
    assert torch.equal(pickle.loads(pickle.dumps(layer))(x), y)
    assert list(layer.state_dict()) == ["weight"]


def test_other_types_are_multiplied_as_usual() -> None:
    weight, x = torch.randn(16, 32).bfloat16(), torch.randn(4, 32).bfloat16()
    assert torch.equal(PackedCopy().multiply(x, weight), F.linear(x, weight))


def test_lengths_are_whole_blocks_and_tiles_hold_enough() -> None:
    assert [steady_length(n) for n in (0, 1, 16, 17)] == [0, 16, 16, 32]
    assert [steady_queries(n) for n in (1, 3, 4, 31, 32, 33, 35, 36)] == [
        4,
        4,
        4,
        31,
        32,
        36,
        36,
        36,
    ]


def test_a_frozen_layer_keeps_one_copy_of_its_weight_and_gives_it_back() -> None:
    layer = FrozenLinear(48, 32, bias=True).requires_grad_(False)
    weight, x = layer.weight.detach().clone(), torch.randn(4, 48)
    y = layer(x)
    assert not layer.weight.numel() and torch.equal(layer(x), y)
    assert torch.equal(copy.deepcopy(layer)(x), y)
    assert torch.equal(layer.weight, weight)  # it was copied whole
    assert torch.equal(layer(x), y) and not layer.weight.numel()
    half = layer.to(torch.bfloat16)
    assert torch.equal(half.weight, weight.bfloat16())
    assert torch.equal(half(x.bfloat16()), F.linear(x.bfloat16(), half.weight, half.bias))
