"""Ten thousand broken palettes: each is read or refused, soon, and never ends in another error."""

from __future__ import annotations

import contextlib
import random
import time

from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.palette_files import PALETTE_SUFFIXES, parse_palette
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

INPUTS = 10_000
WORST_S = 1.0
COLOURS = [(i * 37 % 256, i * 101 % 256, i * 11 % 256) for i in range(24)]
TRIPLES = "\n".join(f"{r} {g} {b} name" for r, g, b in COLOURS).encode()
VALID = [
    (".hex", "\n".join(f"{r:02x}{g:02x}{b:02x}" for r, g, b in COLOURS).encode()),
    (".gpl", b"GIMP Palette\nName: x\nColumns: 4\n# note\n" + TRIPLES),
    (".pal", b"JASC-PAL\r\n0100\r\n24\r\n" + TRIPLES.replace(b"\n", b"\r\n")),
    (".pal", riff_pal(COLOURS, before=[(b"plth", b"abcd")])),
    (
        ".ase",
        adobe_swatches(
            [swatch(m, 0.2, 0.4, 0.6, 0.8) for m in (b"RGB ", b"LAB ", b"CMYK", b"Gray")]
        ),
    ),
    (".ase", aseprite([[(0x2004, b"layer"), palette_chunk(COLOURS, names=True)], []])),
    (".aseprite", aseprite([[old_palette_chunk(COLOURS)], [palette_chunk(COLOURS)]])),
    (
        ".aseprite",
        aseprite([[old_palette_chunk([(1, 2, 63)] * 9, kind=0x11), (0x2007, b"\0" * 16)]]),
    ),
    (".act", act(COLOURS, count=24, clear=1)),
    (".png", png(COLOURS)),
]
TELLING = [b"\0", b"\xff", b"\x80\0", b"\xff\xff\xff\xff", b"\n", b"-1", b"9" * 30, b"1e9", b"#"]


def mutated(data: bytes, chance: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        place = chance.randrange(len(out) + 1)
        match chance.randrange(5):
            case 0 if place < len(out):
                out[place] = chance.randrange(256)
            case 1 if place < len(out):
                out[place] ^= 1 << chance.randrange(8)
            case 2:
                out[place:place] = chance.choice(TELLING) * chance.choice((1, 1, 3, 200))
            case 3:
                del out[place : place + chance.choice((1, 2, 4, 50))]
            case _:
                end = place + chance.randrange(60)
                out[place:place] = out[place:end]
    return bytes(out)


def broken_palette(chance: random.Random) -> tuple[str, bytes]:
    suffix, data = chance.choice(VALID)
    match chance.randrange(10):
        case 0:
            return chance.choice(PALETTE_SUFFIXES), chance.randbytes(chance.randrange(3000))
        case 1:
            return suffix, data[: chance.randrange(len(data) + 1)]
        case 2:  # the right start, then anything
            return suffix, data[: chance.randrange(20)] + chance.randbytes(chance.randrange(900))
        case 3:  # another form's name
            return chance.choice(PALETTE_SUFFIXES), mutated(data, chance)
        case 4:
            encoding = chance.choice(("utf-16", "utf-16-be", "utf-32", "utf-7"))
            return suffix, data.decode("latin-1").encode(encoding)
        case _:
            return suffix, mutated(data, chance)


def test_broken_palettes_are_refused_with_words() -> None:
    chance = random.Random(20)
    read, worst_s = 0, 0.0
    for number in range(INPUTS):
        suffix, data = broken_palette(chance)
        began = time.process_time()
        try:
            colours = parse_palette(f"broken{suffix}", data)
        except ImageError as error:
            words = str(error)
        except Exception as error:
            raise AssertionError(f"input {number}, {suffix}: {data[:200]!r}") from error
        else:
            read += 1
            words = "it was read"
            assert colours.shape[1] == 3 and 1 <= len(colours) <= 4096
        assert len(words) > 10
        worst_s = max(worst_s, time.process_time() - began)
    assert worst_s < WORST_S
    assert INPUTS // 20 < read < INPUTS  # many mutations hurt nobody, many do


def test_the_largest_files_are_answered_soon() -> None:
    mib = 1 << 20
    many = aseprite([[]] * 20_000)
    for suffix, data in [
        (".hex", b"\n" * mib),
        (".hex", b"012345\n" * (mib // 7)),
        (".gpl", b"GIMP Palette\n" + b"#\n" * (mib // 2 - 10)),
        (".gpl", b"GIMP Palette\n" + b" " * (mib - 20)),
        (".pal", b"JASC-PAL\n0100\n149000\n" + b"1 2 3\n" * 149_000),
        (".ase", b"ASEF\0\1\0\0\xff\xff\xff\xff" + b"\xc0\x02\0\0\0\0" * 900_000),
        (".ase", many),
        (".aseprite", aseprite([[(0x2004, b"")] * 65_000] * 3)),
    ]:
        began = time.process_time()
        with contextlib.suppress(ImageError):
            parse_palette(f"large{suffix}", data)
        assert time.process_time() - began < WORST_S, suffix
