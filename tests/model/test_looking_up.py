"""What the memory gives a prompt: the right thing, to be changed or to be taken after."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from llamavis_studio.model import artist as artist_module
from llamavis_studio.model.artist import Artist, Wish, draw_together
from llamavis_studio.model.checkpoint import checkpoint_memory, load_checkpoint
from llamavis_studio.model.colour_names import without_colours
from llamavis_studio.model.looking_up import LEAST_LIKENESS, look_up, repeats_of, role_of
from llamavis_studio.model.memory import Memory, load_memory, save_memory
from llamavis_studio.model.pixels import to_bytes
from llamavis_studio.model.sampling import Sampling
from llamavis_studio.model.text_encoder import TextEncoder
from llamavis_studio.model.unified import ALIKE, BEFORE
from tests.support.tiny_model import tiny_memory, tiny_model

MODELS = Path(__file__).parents[2] / "resources" / "models"


@pytest.fixture(scope="module")
def artist() -> Artist:
    """The model that ships, with its memory."""
    folder = MODELS / "nano"
    encoder = TextEncoder.load(MODELS / "minilm")
    return Artist(load_checkpoint(folder), encoder, checkpoint_memory(folder), Sampling())


def memory_of(artist: Artist) -> Memory:
    assert artist.memory is not None
    return artist.memory


def remembered(artist: Artist, name: str) -> NDArray[np.uint8]:
    memory = memory_of(artist)
    codes = memory.codes[memory.names.index(name)].long().unsqueeze(0)
    return to_bytes(artist.model.image_tokenizer.decode(codes, memory.grid))[0]


def overlap(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    a, b = one[..., 3] > 0, other[..., 3] > 0
    return float((a & b).sum() / (a | b).sum())


def picked(artist: Artist, text: str, kind: str, seed: int = 7) -> str:
    vectors = artist.encoder.embed([text])
    memory = memory_of(artist)
    ((found,),) = look_up(
        memory, artist.encoder, [text], vectors, [kind], [seed], memory.grid, False
    )
    return found.name


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("red dragon", "dragon"),
        ("a pale blue dragon", "a dragon"),
        ("Golden key", "key"),
        ("redwood tree", "redwood tree"),  # a part of a word is no colour
        ("red", "red"),  # nothing would be left
        ("dark grey, wet stone", "wet stone"),
    ],
)
def test_words_without_their_colours(text: str, rest: str) -> None:
    assert without_colours(text) == rest


def test_only_what_repeats_fits_a_larger_grid() -> None:
    assert repeats_of((8, 8), (8, 8), False) == (1, 1)
    assert repeats_of((8, 8), (16, 24), True) == (2, 3)
    assert repeats_of((8, 8), (16, 16), False) is None
    assert repeats_of((8, 8), (8, 12), True) is None
    assert repeats_of((8, 8), (4, 4), True) is None


def test_near_words_are_changed_and_others_taken_after() -> None:
    memory = replace(tiny_memory(tiny_model()), kinds=("character", "item") * 20)
    memory = replace(memory, names=("elf in a green robe", "sword with a hilt") * 20)
    assert role_of(memory, 1, LEAST_LIKENESS) == BEFORE
    assert role_of(memory, 1, LEAST_LIKENESS - 0.01) == ALIKE
    assert role_of(memory, 0, 1.0) == ALIKE  # dressed: drawn from the words, part for part
    plain = replace(memory, names=("astronaut", "sword") * 20)
    assert role_of(plain, 0, 1.0) == BEFORE
    favour = torch.zeros(40)
    favour[1] = 2.0  # one's own, for its look
    assert role_of(replace(memory, favour=favour), 1, 1.0) == ALIKE
    assert role_of(replace(memory, favour=favour), 3, 1.0) == BEFORE


@pytest.mark.parametrize(
    ("text", "kind", "thing"),
    [
        ("blue apple", "item", "apple"),
        ("orange fish", "creature", "fish"),
        ("silver crown", "item", "crown"),
        ("golden key", "item", "key"),
        ("green horse", "creature", "horse"),
    ],
)
def test_the_thing_counts_before_its_colour(
    artist: Artist, text: str, kind: str, thing: str
) -> None:
    assert all(thing in picked(artist, text, kind, seed).split() for seed in (1, 2, 3))


def test_a_picture_keeps_the_shape_and_takes_the_colour_that_is_asked_for(artist: Artist) -> None:
    (drawing,) = draw_together(artist, [Wish("blue apple", "item", 7)])
    (name,) = drawing.took_after
    before, after = remembered(artist, name), drawing.pixels
    assert overlap(before, after) > 0.75
    seen = (before[..., 3] > 0) & (after[..., 3] > 0)
    red, blue = after[seen][:, 0].astype(int), after[seen][:, 2].astype(int)
    assert (blue > red).mean() > 0.6
    assert (before[seen][:, 0].astype(int) > before[seen][:, 2]).mean() > 0.6


def test_a_large_texture_takes_after_a_tile_that_repeats(artist: Artist) -> None:
    (large,) = draw_together(artist, [Wish("red brick wall", "texture", 3, (64, 64), wrap=True)])
    assert large.pixels.shape == (64, 64, 4) and len(large.took_after) == 1
    (plain,) = draw_together(artist, [Wish("red brick wall", "sprite", 3, (64, 64))])
    assert plain.took_after == ()


def test_seams_are_mended_where_no_tile_was_changed(
    artist: Artist, monkeypatch: pytest.MonkeyPatch
) -> None:
    mended: list[int] = []
    real = artist_module.mended

    def counted(*arguments: object) -> torch.Tensor:
        mended.append(len(arguments[3]))  # type: ignore[arg-type]
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(artist_module, "mended", counted)
    look = np.full((32, 32, 4), 200, np.uint8)
    brick = Wish("red brick wall", "texture", 3, wrap=True)
    own = replace(brick, references=(look,))
    draw_together(artist, [brick, own, replace(own, seed=4)])
    assert mended == [2]
    mended.clear()
    draw_together(artist, [brick])
    assert mended == []


def test_a_memory_file_keeps_the_words_without_colours(tmp_path: Path) -> None:
    memory = tiny_memory(tiny_model())
    assert load_memory(save_memory(memory, tmp_path)).plain is None
    turned = replace(memory, plain=memory.vectors.flip(0))
    loaded = load_memory(save_memory(turned, tmp_path))
    assert loaded.plain is not None
    torch.testing.assert_close(loaded.plain, memory.vectors.flip(0), atol=0.02, rtol=0)
    save_memory(replace(memory, plain=memory.vectors[:-1]), tmp_path)
    with pytest.raises(ValueError, match="do not fit together"):
        load_memory(tmp_path / "memory.safetensors")
