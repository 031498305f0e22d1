"""References and palettes as people really have them: right pixels, or a problem with its place.

Whatever one asset's picture is like, the other assets are built.
"""

from __future__ import annotations

import io
import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from llamavis_studio.backends.base import ImageRequest, ImageResult, Pixels
from llamavis_studio.imaging.png import encode_png
from tests.pipeline.conftest import Game
from tests.support.instant_backend import draw

RED, BLUE = (200, 40, 30), (20, 60, 220)
LEFT_RED = np.array([[RED] * 8 + [BLUE] * 8] * 16, np.uint8)  # (16, 16, 3)


class Artist:
    """The instant backend's drawing; it keeps the references it was given."""

    def __init__(self) -> None:
        self.references: dict[str, tuple[Pixels, ...]] = {}

    def __call__(self, requests: list[ImageRequest]) -> list[ImageResult]:
        self.references |= {request.prompt: request.references for request in requests}
        return [ImageResult(draw(one), one.prompt, one.seed) for one in requests]


def encoded(image: Image.Image, kind: str, **more: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **more)
    return stream.getvalue()


def plain() -> Image.Image:
    return Image.fromarray(LEFT_RED)


def animated(kind: str, **more: object) -> bytes:
    second = Image.new("RGB", (16, 16), (0, 255, 0))
    return encoded(plain(), kind, save_all=True, append_images=[second], duration=99, **more)


def chunk(kind: bytes, body: bytes) -> bytes:
    crc = zlib.crc32(kind + body)
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", crc)


def bare_png(width: int, height: int, rows: bytes, depth: int = 8, colour: int = 2) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    parts = [chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def deep_png() -> bytes:
    """16 bits a channel, as painters' programs save it; the low bytes are noise."""
    rows = b"".join(
        b"\0" + b"".join(bytes((value, 77)) for pixel in row for value in pixel)
        for row in LEFT_RED.tolist()
    )
    return bare_png(16, 16, rows, depth=16)


def gif_of(width: int, height: int) -> bytes:
    screen = struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes(6)
    frame = b"," + struct.pack("<HHHHB", 0, 0, width, height, 0)
    return b"GIF89a" + screen + frame + b"\x02\x02\x4c\x01\x00;"


def turned() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down
    return encoded(plain().rotate(180), "PNG", exif=exif)


def palette_png() -> bytes:
    image = plain().quantize(4)
    return encoded(image, "PNG", transparency=image.getpixel((15, 0)))


GOOD: dict[str, tuple[str, Callable[[], bytes], int]] = {
    # name, bytes, how far a colour may be off
    "a GIF animation": ("r.gif", lambda: animated("GIF"), 0),
    "a PNG animation": ("r.png", lambda: animated("PNG"), 0),
    "a WebP animation": ("r.webp", lambda: animated("WEBP", lossless=True), 0),
    "a CMYK JPEG": ("r.jpg", lambda: encoded(plain().convert("CMYK"), "JPEG", quality=100), 25),
    "a grey 16-bit PNG": (
        "r.png",
        lambda: encoded(plain().convert("L").convert("I;16"), "PNG"),
        -1,
    ),
    "a 16-bit PNG": ("r.png", deep_png, 1),
    "a PNG with a palette": ("r.png", palette_png, 1),
    "a GIF": ("r.gif", lambda: encoded(plain(), "GIF"), 0),
    "a BMP": ("r.bmp", lambda: encoded(plain(), "BMP"), 0),
    "a TIFF": ("r.tiff", lambda: encoded(plain(), "TIFF", compression="tiff_lzw"), 0),
    "a TGA": ("r.tga", lambda: encoded(plain(), "TGA"), 0),
    "a JPEG called PNG": (
        "r.png",
        lambda: encoded(plain(), "JPEG", quality=100, subsampling=0),
        25,
    ),
    "a picture turned by EXIF": ("r.png", turned, 0),
    "bytes behind the end": ("r.png", lambda: encoded(plain(), "PNG") + b"junk" * 99, 0),
}

BAD: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "20,000 pixels": ("r.png", lambda: bare_png(20_000, 8, b""), "20000x8, the most is 4096"),
    "a bomb": ("r.png", lambda: bare_png(60_000, 60_000, bytes(10**6)), "the most is 4096"),
    "a GIF bomb": ("r.gif", lambda: gif_of(65_535, 65_535), ""),
    "too few rows": ("r.png", lambda: bare_png(64, 64, bytes(9)), "broken"),
    "no pixels": ("r.png", lambda: bare_png(0, 4, b""), "no pixels"),
    "a cut PNG": ("r.png", lambda: encoded(plain(), "PNG")[:60], "cut short"),
    "a cut JPEG": ("r.jpg", lambda: encoded(plain(), "JPEG")[:-200], "broken"),
    "a cut WebP": ("r.webp", lambda: encoded(plain(), "WEBP", lossless=True)[:40], ""),
    "half a header": ("r.png", lambda: b"\x89PNG\r\n\x1a\n\0\0\0\rIH", ""),
    "an empty file": ("r.png", lambda: b"", "not a"),
    "a text file": ("r.png", lambda: "只是文字 only words\n".encode(), "not a"),
    "a web page": ("r.png", lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a"),
    "an archive": ("r.png", lambda: b"PK\x03\x04" + bytes(99), "not a"),
}


def refer(game: Game, name: str) -> None:
    game.describe("boat", "a boat", f'seed = 1\nreferences = [\n  "{name}",\n]')


def others_are_built(game: Game) -> None:
    for output in ("hero.png", "items/剑 🗡.png", "tiles/wall_0.png", "tiles/wall_1.png"):
        assert game.image(output).is_file()


@pytest.mark.parametrize("case", GOOD)
def test_a_picture_of_any_usual_kind_reaches_the_model_with_the_right_pixels(game, case):
    name, make, tolerance = GOOD[case]
    (game.root / name).write_bytes(make())
    refer(game, name)
    assert game.plan().errors == ()
    artist = Artist()
    game.build(artist)
    others_are_built(game)
    (seen,) = artist.references["a boat"]
    assert seen.dtype == np.uint8 and seen.shape[:2] == (16, 16) and seen.shape[2] in (3, 4)
    if tolerance >= 0:
        assert np.abs(seen[..., :3].astype(int) - LEFT_RED).max() <= tolerance
    else:
        assert np.unique(seen[:, :8]).size == 1 and np.unique(seen[:, 8:]).size == 1
    assert game.plan().is_fresh


def test_a_palettes_clear_colour_stays_clear(game):
    (game.root / "r.png").write_bytes(palette_png())
    refer(game, "r.png")
    artist = Artist()
    game.build(artist)
    (seen,) = artist.references["a boat"]
    assert (seen[:, :8, 3] == 255).all() and (seen[:, 8:, 3] == 0).all()


def the_problem(game: Game) -> tuple[str, int, int, str, str]:
    (found,) = game.plan().errors
    return found.path, found.line, found.column, found.message, found.hint


@pytest.mark.parametrize("case", BAD)
def test_a_picture_that_cannot_be_used_is_a_problem_at_its_place(game, case):
    name, make, words = BAD[case]
    (game.root / name).write_bytes(make())
    refer(game, name)
    path, line, column, message, hint = the_problem(game)
    assert (path, line, column) == ("boat.desc.toml", 3, 14)
    assert message.startswith(f"{name}: ") and words in message
    assert hint
    artist = Artist()
    game.build(artist)
    others_are_built(game)
    assert "a boat" not in artist.references
    assert not game.image("boat.png").exists()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("gone.png", "does not exist"),
        ("folder.png", "does not exist"),
        ("pipe.png", "does not exist"),
        ("outside.png", "leaves the project"),
        ("circle.png", ""),
        ("../up.png", "leaves the project"),
        ("/tmp/r.png", "not a path inside"),
        ("C:/r.png", "not a path inside"),
        ("file:///r.png", ""),
        ("http://example.org/r.png", ""),
        ("a\\\\b.png", "backslash"),
        ("nul.png", "device"),
        (" ", "empty"),
        ("x" * 300 + ".png", "too long"),
    ],
)
def test_a_name_that_leads_to_no_picture_is_a_problem_at_its_place(game, tmp_path, name, words):
    (tmp_path / "secret.png").write_bytes(encoded(plain(), "PNG"))
    (tmp_path / "up.png").write_bytes(encoded(plain(), "PNG"))
    (game.root / "folder.png").mkdir()
    os.mkfifo(game.root / "pipe.png")
    (game.root / "outside.png").symlink_to(tmp_path / "secret.png")
    (game.root / "circle.png").symlink_to("circle.png")
    refer(game, name)
    path, line, column, message, hint = the_problem(game)
    assert (path, line, column) == ("boat.desc.toml", 3, 14)
    assert words in message
    assert hint
    game.build(Artist())
    others_are_built(game)
    assert not game.image("boat.png").exists()


def test_a_picture_that_turns_bad_between_plan_and_build_fails_its_asset_alone(game):
    reference = game.root / "r.png"
    reference.write_bytes(encoded(plain(), "PNG"))
    game.describe("zeppelin", "a zeppelin", 'references = ["r.png"]')  # the last to be drawn

    def meddling(requests: list[ImageRequest]) -> list[ImageResult]:
        reference.write_bytes(b"text")
        return Artist()(requests)

    outcomes = {one.target.output: one for one in game.build(meddling)}
    others_are_built(game)
    assert outcomes["zeppelin.png"].result == "failed"
    assert "not an image" in outcomes["zeppelin.png"].message


def test_a_changed_reference_makes_its_asset_stale_and_new_notes_do_not(game):
    reference = game.root / "r.png"
    reference.write_bytes(encode_png(LEFT_RED))
    refer(game, "r.png")
    game.build(Artist())
    reference.write_bytes(encode_png(LEFT_RED, parameters="somebody's note"))
    assert game.plan().is_fresh
    reference.write_bytes(encode_png(LEFT_RED[::-1].copy() // 2))
    assert game.states()["boat.png"] == "stale"


PALETTES: dict[str, tuple[str, bytes, bool]] = {
    # name, bytes, whether it can be used
    "hex": ("p.hex", b"1a1c2c\nf4f4f4\n", True),
    "hex of Windows": ("p.hex", b"\xef\xbb\xbf#1A1C2C\r\n#F4F4F4\r\n", True),
    "GIMP": ("p.gpl", b"GIMP Palette\nName: x\n#\n 26 28 44 a\n244 244 244 b\n", True),
    "JASC": ("p.pal", b"JASC-PAL\r\n0100\r\n2\r\n26 28 44\r\n244 244 244\r\n", True),
    "empty": ("p.hex", b"", False),
    "only a head": ("p.gpl", b"GIMP Palette\n", False),
    "words": ("p.hex", b"red\nblue\n", False),
    "random bytes": ("p.hex", bytes(range(256)), False),
    "too many": ("p.hex", b"".join(b"%06x\n" % i for i in range(70_000)), False),
    "huge": ("p.hex", b"1a1c2c\n" * 2_000_000, False),
    "one long line": ("p.hex", b"f" * 3_000_000, False),
    "numbers too large": ("p.gpl", b"GIMP Palette\n999 -1 0\n", False),
    "a lying count": ("p.pal", b"JASC-PAL\n0100\n9999999\n1 2 3\n", False),
    "no picture": ("p.png", b"text", False),
    "a picture of a photograph": ("p.png", b"", False),
}


@pytest.mark.timeout(20)
@pytest.mark.parametrize("case", PALETTES)
def test_a_palette_is_used_or_told_at_its_place(game, case):
    name, data, usable = PALETTES[case]
    if case.endswith("photograph"):
        noise = np.random.default_rng(0).integers(0, 256, (128, 128, 3), np.uint8)
        data = encode_png(noise)
    (game.root / name).write_bytes(data)
    game.describe("boat", "a boat", f'palette = "{name}"')
    if usable:
        assert game.plan().errors == ()
        game.build(Artist())
        seen = np.array(Image.open(game.image("boat.png")).convert("RGBA"))
        colours = {tuple(c[:3]) for c in seen.reshape(-1, 4).tolist() if c[3]}
        assert colours <= {(26, 28, 44), (244, 244, 244)}
    else:
        path, line, column, message, hint = the_problem(game)
        assert (path, line, column) == ("boat.desc.toml", 2, 11)
        assert name in message and hint
        assert len(message) < 400
        game.build(Artist())
    others_are_built(game)


@pytest.mark.parametrize("name", ["gone.hex", "folder.hex", "outside.hex", "../p.hex", "p.unknown"])
def test_a_palettes_name_that_leads_nowhere_is_told(game, tmp_path, name):
    (tmp_path / "p.hex").write_text("1a1c2c\n")
    (game.root / "folder.hex").mkdir()
    (game.root / "outside.hex").symlink_to(tmp_path / "p.hex")
    (game.root / "p.unknown").write_text("1a1c2c\n")
    game.describe("boat", "a boat", f'palette = "{name}"')
    path, line, _, message, hint = the_problem(game)
    assert (path, line) == ("boat.desc.toml", 2)
    assert message and hint
    game.build(Artist())
    others_are_built(game)


def test_the_reference_of_a_style_is_told_where_it_is_used(game):
    game.write(
        "llamavis.toml",
        '[project]\nbackend = "toy"\n[style.s]\nreferences = ["gone.png"]\n',
    )
    game.describe("boat", "a boat", 'style = "s"')
    (found,) = game.plan().errors
    assert Path(found.path).name in ("boat.desc.toml", "llamavis.toml")
    assert found.line > 0
    assert "gone.png" in found.message
    game.build(Artist())
    others_are_built(game)
