"""Palettes: only their colours, exactly; found ones are few and good; files with clear errors."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.palette import (
    adaptive_palette,
    colours_of,
    limit_colours,
    oklab_to_srgb,
    snap_to_palette,
    srgb_to_oklab,
)
from llamavis_studio.imaging.palette_files import palette_of_hex, parse_palette, read_palette
from tests.imaging.strategies import palettes, pictures


def test_oklab_has_the_published_values_and_comes_back() -> None:
    red = srgb_to_oklab(np.array([[255, 0, 0]], np.uint8))[0]
    assert red == pytest.approx([0.627955, 0.224863, 0.125846], abs=1e-4)
    assert srgb_to_oklab(np.array([255, 255, 255], np.uint8)) == pytest.approx([1, 0, 0], abs=1e-4)
    steps = np.array([0, 1, 17, 100, 200, 254, 255], np.uint8)
    cube = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(-1, 3)
    assert np.array_equal(oklab_to_srgb(srgb_to_oklab(cube)), cube)


@given(pictures(), palettes(), st.sampled_from([0.0, 0.5, 1.0]))
def test_snapping_uses_the_palette_only(
    pixels: np.ndarray, palette: np.ndarray, dither: float
) -> None:
    out = snap_to_palette(pixels, palette, dither)
    allowed = {tuple(colour) for colour in palette}
    assert {tuple(colour) for colour in colours_of(out)} <= allowed
    assert np.array_equal(out[..., 3:], pixels[..., 3:])
    again = snap_to_palette(out, palette)
    assert np.array_equal(again, out)


@given(pictures(), palettes())
def test_snapping_finds_the_nearest(pixels: np.ndarray, palette: np.ndarray) -> None:
    flat = pixels[..., :3].reshape(-1, 1, 3)
    gap = ((srgb_to_oklab(flat) - srgb_to_oklab(palette)[None]) ** 2).sum(axis=2)
    expected = palette[gap.argmin(axis=1)].reshape(*pixels.shape[:2], 3)
    seen = pixels[..., 3] > 0 if pixels.shape[2] == 4 else np.ones(pixels.shape[:2], bool)
    assert np.array_equal(snap_to_palette(pixels, palette)[..., :3][seen], expected[seen])


@given(pictures(), st.integers(1, 10))
def test_limited_colours_are_few_and_the_same_each_time(pixels: np.ndarray, count: int) -> None:
    out = limit_colours(pixels, count)
    assert len(colours_of(out)) <= count
    assert np.array_equal(limit_colours(pixels, count), out)
    if len(colours_of(pixels)) <= count:
        assert np.array_equal(out, pixels)


def test_limited_colours_serve_the_picture_better_than_a_fixed_cube() -> None:
    ramp = np.linspace(0, 255, 64).astype(np.uint8)
    warm = np.stack([np.tile(ramp, (64, 1)), np.tile(ramp[:, None] // 2, (1, 64))], axis=-1)
    pixels = np.concatenate([warm, np.full((64, 64, 1), 20, np.uint8)], axis=2)
    cube = np.array([(r, g, b) for r in (0, 255) for g in (0, 255) for b in (0, 255)], np.uint8)

    def error(out: np.ndarray) -> float:
        gap = srgb_to_oklab(out) - srgb_to_oklab(pixels)
        return float((gap**2).sum(axis=-1).mean())

    assert error(limit_colours(pixels, 8)) < error(snap_to_palette(pixels, cube)) / 4


def test_many_colours_are_merged_before_they_are_counted() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (256, 256, 3), dtype=np.uint8)
    assert len(adaptive_palette(noise, 16)) == 16


def test_dither_mixes_two_colours_and_tiles() -> None:
    grey = np.full((8, 8, 3), 99, np.uint8)  # OKLab lightness near the middle
    palette = np.array([[0, 0, 0], [255, 255, 255]], np.uint8)
    out = snap_to_palette(grey, palette, dither=1.0)
    share = float((out[..., 0] == 255).mean())
    assert 0.3 < share < 0.7
    assert np.array_equal(out[:4], out[4:])
    assert len(colours_of(snap_to_palette(grey, palette))) == 1


def test_clear_pixels_are_left_alone() -> None:
    clear = np.zeros((2, 2, 4), np.uint8)
    assert np.array_equal(limit_colours(clear, 3), clear)
    assert np.array_equal(snap_to_palette(clear, palette_of_hex(["#ffffff"])), clear)


WANTED = [[255, 0, 0], [0, 17, 255]]


def _png_bytes() -> bytes:
    stream = io.BytesIO()
    image = Image.new("RGBA", (3, 1), (255, 0, 0, 255))
    image.putpixel((1, 0), (0, 17, 255, 255))
    image.putpixel((2, 0), (1, 2, 3, 0))
    image.save(stream, "PNG")
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.hex", b"ff0000\r\n0011FF\r\n"),
        ("a.hex", b"\xef\xbb\xbf#ff0000\n; comment\n\n#0011ffcc\nff0000\n"),
        ("a.gpl", b"GIMP Palette\nName: x\nColumns: 2\n# note\n255   0   0\tRed\n0 17 255\n"),
        ("a.pal", b"JASC-PAL\r\n0100\r\n2\r\n255 0 0\r\n0 17 255\r\n"),
        ("A.PNG", _png_bytes()),
    ],
)
def test_every_palette_file_is_read(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    assert read_palette(tmp_path / name).tolist() == WANTED


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("a.hex", b"ff0000\ngg0000\n", "line 2"),
        ("a.hex", b"\xff\xfe\x00", "UTF-8"),
        ("a.hex", b"\n", "no colours"),
        ("a.gpl", b"palette\n", "GIMP Palette"),
        ("a.gpl", b"GIMP Palette\n1 2\n", "line 2"),
        ("a.pal", b"RIFF", "JASC-PAL"),
        ("a.pal", b"JASC-PAL\n0100\nmany\n1 2 3\n", "line 3"),
        ("a.pal", b"JASC-PAL\n0100\n3\n1 2 3\n", "promises 3"),
        ("a.pal", b"JASC-PAL\n0100\n1\n1 2 300\n", "line 4"),
        ("a.png", b"not a png", "not an image"),
        ("a.ase", b"", ".ase"),
        ("a", b"", "nothing"),
    ],
)
def test_a_wrong_palette_says_what_is_wrong(name: str, data: bytes, says: str) -> None:
    with pytest.raises(ImageError, match=says):
        parse_palette(name, data)


def test_a_list_names_the_colour_that_is_none() -> None:
    assert palette_of_hex(["#ff0000", "0011ff"]).tolist() == WANTED
    with pytest.raises(ImageError, match="colour 2: 'red'"):
        palette_of_hex(["#ff0000", "red"])
