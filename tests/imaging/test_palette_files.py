"""Palette files of every form: read whole, refused with words that help."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from llamavis_studio.imaging import palette_files
from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.palette_files import (
    PALETTE_SUFFIXES,
    palette_of_hex,
    parse_palette,
    read_palette,
)
from tests.imaging.palette_samples import (
    act,
    adobe_swatches,
    aseprite,
    old_palette_chunk,
    palette_chunk,
    png,
    riff_pal,
    swatch,
)

WANTED = [[255, 0, 0], [0, 17, 255]]
COLOURS = [(255, 0, 0), (0, 17, 255)]
MANY_COLOURS = [[(y, x, 7) for x in range(100)] for y in range(50)]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.hex", b"ff0000\r\n0011FF\r\n"),
        ("a.hex", b"\xef\xbb\xbf#ff0000\n; comment\n\n#0011ffcc\nff0000\n"),
        ("a.gpl", b"GIMP Palette\nName: x\nColumns: 2\n# note\n255   0   0\tRed\n0 17 255\n"),
        ("a.gpl", b"\xef\xbb\xbfGIMP Palette\r\n255 0 0 \xe7\xba\xa2\r\n0 17 255\r\n"),
        ("a.pal", b"JASC-PAL\r\n0100\r\n2\r\n255 0 0\r\n0 17 255\r\n"),
        ("a.pal", riff_pal(COLOURS)),
        ("a.pal", riff_pal(COLOURS, before=[(b"plth", b"abc")])),
        ("a.ase", adobe_swatches([swatch(b"RGB ", 1, 0, 0), swatch(b"RGB ", 0, 17 / 255, 1)])),
        ("a.ase", aseprite([[palette_chunk(COLOURS)]])),
        ("a.aseprite", aseprite([[palette_chunk(COLOURS, names=True)]])),
        ("a.aseprite", aseprite([[palette_chunk([*COLOURS, (9, 9, 9, 0)])]])),
        ("a.aseprite", aseprite([[old_palette_chunk([(1, 2, 3)]), palette_chunk(COLOURS)]])),
        ("a.aseprite", aseprite([[old_palette_chunk(COLOURS)]])),
        ("a.aseprite", aseprite([[(0x2004, b"layer")], [palette_chunk(COLOURS)]])),
        ("a.act", act([*COLOURS, (9, 9, 9)], count=3, clear=2)),
        ("a.act", act([*COLOURS] + [(0, 17, 255)] * 254)),
        ("A.PNG", png(COLOURS)),
    ],
)
def test_every_palette_file_is_read(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    assert read_palette(tmp_path / name).tolist() == WANTED


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        (swatch(b"CMYK", 0, 1, 1, 0), (255, 0, 0)),
        (swatch(b"CMYK", 0, 0, 0, 0.5), (128, 128, 128)),
        (swatch(b"Gray", 0.2), (51, 51, 51)),
        (swatch(b"GRAY", 1.0), (255, 255, 255)),
        (swatch(b"LAB ", 1.0, 0, 0), (255, 255, 255)),
        (swatch(b"LAB ", 0.0, 0, 0), (0, 0, 0)),
        (swatch(b"LAB ", 0.54292, 80.81, 69.89), (255, 0, 0)),  # sRGB's red in Lab under D50
        (swatch(b"LAB ", 0.87818, -79.27, 80.99), (0, 255, 0)),
        (swatch(b"RGB ", 1.5, -0.5, 0.5), (255, 0, 128)),
    ],
)
def test_swatches_of_every_model(body: bytes, wanted: tuple[int, int, int]) -> None:
    found = parse_palette("a.ase", adobe_swatches([body]))[0].astype(int)
    assert np.abs(found - wanted).max() <= 1


def test_old_six_bit_palettes_are_widened_and_gaps_are_passed_over() -> None:
    chunk = old_palette_chunk([(63, 0, 0), (0, 4, 63)], kind=0x0011, skip=3)
    assert parse_palette("a.ase", aseprite([[chunk]])).tolist() == [[255, 0, 0], [0, 16, 255]]


def test_a_large_palette_picture_is_read_in_the_order_of_its_rows() -> None:
    rng = np.random.default_rng(4)
    colours = np.unique(rng.integers(0, 256, (300, 3), dtype=np.uint8), axis=0)
    rng.shuffle(colours)
    squares = colours.repeat(9, 0)[None].repeat(64, 0)
    assert np.array_equal(parse_palette("a.png", png(squares)), colours)


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("a.hex", b"ff0000\ngg0000\n", "line 2"),
        ("a.hex", b"\xff\xfe\x00", "UTF-8"),
        ("a.hex", "ff0000\n".encode("utf-16"), "UTF-16: save it again as UTF-8"),
        ("a.gpl", b"GIMP Palette\n255 0 0 caf\xe9\n", "Latin-1"),
        ("a.hex", b"\n", "no colours"),
        ("a.hex", b"GIMP Palette\n255 0 0\n", "rename it to .gpl"),
        ("a.gpl", b"JASC-PAL\n0100\n1\n1 2 3\n", "rename it to .pal"),
        ("a.hex", riff_pal(COLOURS), "rename it to .pal"),
        ("a.pal", png(COLOURS), "rename it to .png"),
        ("a.hex", aseprite([[palette_chunk(COLOURS)]]), "rename it to .aseprite"),
        ("a.aseprite", adobe_swatches([swatch(b"RGB ", 0, 0, 0)]), "rename it to .ase"),
        ("a.gpl", b"palette\n", "GIMP Palette"),
        ("a.gpl", b"GIMP Palette\n1 2\n", "line 2"),
        ("a.pal", b"RIFF", "JASC-PAL"),
        ("a.pal", b"RIFF\0\0\0\0WAVEfmt ", "PAL "),
        ("a.pal", riff_pal(COLOURS)[:-3], "cut short"),
        ("a.pal", riff_pal([], before=[(b"plth", b"ab")])[:22], "no 'data'"),
        ("a.pal", b"JASC-PAL\n0100\nmany\n1 2 3\n", "line 3"),
        ("a.pal", b"JASC-PAL\n0100\n" + b"9" * 5000 + b"\n1 2 3\n", "line 3"),
        ("a.pal", b"JASC-PAL\n0100\n3\n1 2 3\n", "promises 3"),
        ("a.pal", b"JASC-PAL\n0100\n1\n1 2 300\n", "line 4"),
        ("a.png", b"not a png", "not an image"),
        ("a.png", png(MANY_COLOURS), "5000 colours, a palette has at most 4096"),
        ("a.ase", b"", r"\.ase palette is empty"),
        ("a.ase", b"ASEF\0\1", "cut short"),
        ("a.ase", b"ASEF\0\2\0\0\0\0\0\0", "version 2"),
        ("a.ase", b"ASEF\0\1\0\0\0\0\0\0", "no colours"),
        ("a.ase", adobe_swatches([swatch(b"HSB ", 0, 0, 0)]), "swatch 1"),
        ("a.ase", adobe_swatches([swatch(b"RGB ", float("nan"), 0, 0)]), "swatch 1"),
        ("a.ase", adobe_swatches([swatch(b"RGB ", 0, 0, 0)])[:-9], "cut short"),
        ("a.ase", b"\0" * 200, "not an Aseprite file"),
        ("a.aseprite", aseprite([[palette_chunk(COLOURS)]])[:-2], "cut short"),
        ("a.aseprite", aseprite([[(0x2004, b"layer")]]), "no palette is found"),
        ("a.aseprite", aseprite([[(0x2019, b"\xff" * 20)]]), "runs from"),
        ("a.aseprite", aseprite([[old_palette_chunk([(64, 0, 0)], kind=0x11)]]), "above 63"),
        ("a.act", b"\0" * 100, "768 or 772"),
        ("a", b"", "nothing"),
        ("a.txt", b"ff0000", r"not \.txt"),
    ],
)
def test_a_wrong_palette_says_what_is_wrong(name: str, data: bytes, says: str) -> None:
    with pytest.raises(ImageError, match=says):
        parse_palette(name, data)


@pytest.mark.parametrize("suffix", PALETTE_SUFFIXES)
def test_no_more_is_read_than_a_palette_can_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    monkeypatch.setattr(palette_files, "_MAX_PICTURE_BYTES", 2 << 20)
    path = tmp_path / f"a{suffix}"
    with path.open("wb") as stream:
        stream.truncate(1 << 40)  # 1 TiB that takes no room
    with pytest.raises(ImageError, match="MiB"):
        read_palette(path)


def test_a_missing_file_is_an_oserror(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        read_palette(tmp_path / "none.hex")


def test_a_list_names_the_colour_that_is_none() -> None:
    assert palette_of_hex(["#ff0000", "0011ff"]).tolist() == WANTED
    with pytest.raises(ImageError, match="colour 2: 'red'"):
        palette_of_hex(["#ff0000", "red"])
