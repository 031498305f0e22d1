"""Echoes: other pictures in the colours of a style, bright where they were bright."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from llamavis_studio.model.train.echoes import (
    MOST_COLOURS,
    colours_of,
    echo_rows,
    echoes,
    in_colours,
)
from tests.support.styles import some_memory
from tests.support.tiny_model import tiny_model

GREENS = np.array([[15, 56, 15], [48, 98, 48], [139, 172, 15], [155, 188, 15]], np.uint8)


def own() -> np.ndarray:
    pixels = np.zeros((8, 8, 4), np.uint8)
    pixels[:4] = np.repeat(np.c_[GREENS, [255] * 4], 2, axis=0)
    return pixels


def test_every_pixel_takes_a_colour_of_the_style_and_alpha_stays() -> None:
    rng = np.random.default_rng(0)
    pictures = [rng.integers(0, 256, (8, 8, 4)).astype(np.uint8) for _ in range(3)]
    for picture in pictures:
        picture[..., 3] = np.where(picture[..., 3] > 100, 255, 0)
        picture[picture[..., 3] == 0] = 0
    for before, after in zip(pictures, in_colours(pictures, [own()]), strict=True):
        assert np.array_equal(before[..., 3], after[..., 3])
        assert not after[after[..., 3] == 0].any()
        seen = {tuple(colour) for colour in after[after[..., 3] > 0][:, :3].tolist()}
        assert seen <= {tuple(colour) for colour in GREENS.tolist()} and len(seen) > 2


def test_what_was_brighter_is_never_darker() -> None:
    ramp = np.zeros((1, 64, 4), np.uint8)
    ramp[0, :, :3] = np.arange(0, 256, 4)[:, None]
    ramp[..., 3] = 255
    [out] = in_colours([ramp], [own()])
    brightness = out[0, :, :3] @ np.array([0.299, 0.587, 0.114])
    assert (np.diff(brightness) >= 0).all() and len(np.unique(brightness)) == 4


def test_a_style_of_many_colours_keeps_the_most_telling() -> None:
    rng = np.random.default_rng(0)
    many = rng.integers(0, 256, (4000, 3)).astype(np.float64)
    assert 8 < len(colours_of(many)) <= MOST_COLOURS
    assert len(colours_of(GREENS.astype(np.float64))) == 4


def test_echoes_are_of_the_kinds_of_the_style() -> None:
    model = tiny_model()
    memory = some_memory(model, count=6)
    memory = replace(memory, kinds=("texture", "sprite", "item", "background", "sprite", "texture"))
    assert echo_rows(memory, ["sprite"], 10, 0) == [1, 2, 4]
    assert echo_rows(memory, ["texture"], 10, 0) == [0, 3, 5]
    assert len(echo_rows(memory, ["item"], 2, 0)) == 2
    drawn = echoes(model.image_tokenizer, memory, [1, 5], [own()])
    assert [picture.shape for picture in drawn] == [(32, 32, 4)] * 2
    assert echoes(model.image_tokenizer, memory, [], [own()]) == []
