"""Files of other programs: sizes always, pictures where they can be had, bombs never."""

from __future__ import annotations

import io
import struct
import zipfile

import numpy as np
import pytest
from PIL import Image

from llamavis_studio.imaging.aseprite import first_frame, read_sprite
from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.foreign import foreign_format, foreign_pixels, read_foreign
from llamavis_studio.imaging.inspect import inspect_image
from tests.support import damaged_images
from tests.support.damaged_images import archive, aseprite, psd

RGBA = np.zeros((4, 6, 4), np.uint8)
RGBA[..., 0], RGBA[..., 3] = 200, 255
RGBA[1, 2] = (10, 20, 30, 128)
RGBA[3, 5] = (0, 0, 0, 0)


def _png(pixels: np.ndarray) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


@pytest.mark.parametrize(
    ("root", "size"),
    [
        ('width="40" height="30"', (40, 30)),
        ('width="40px" height="30.6"', (40, 31)),
        ('width="1in" height="25.4mm"', (96, 96)),
        ('viewBox="0 0 24 16"', (24, 16)),
        ('viewBox="0,0,24,16" width="100%" height="100%"', (24, 16)),
        ('viewBox="0 0 24 16" width="48"', (48, 32)),
        ('viewBox="0 0 24 16" height="8"', (12, 8)),
        ("", (0, 0)),
        ('width="1e300" height="-4"', (0, 0)),
        ('viewBox="0 0 nan inf"', (0, 0)),
    ],
)
def test_the_size_of_an_svg(root: str, size: tuple[int, int]) -> None:
    found = inspect_image(f'<svg xmlns="http://www.w3.org/2000/svg" {root}/>'.encode(), "a.svg")
    assert (found.format, found.problem) == ("SVG", "")
    assert (found.width, found.height) == size
    assert found.note.startswith("shown as an icon") and found.kind == "icon"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('<!DOCTYPE svg [<!ENTITY a "b">]><svg>&a;</svg>', "DOCTYPE or entities"),
        ("<!DOCTYPE svg><svg/>", "DOCTYPE or entities"),
        ("<svg><g></svg>", "the SVG is broken"),
        ("<svg><g>", "the SVG is broken"),
        ("<html><svg/></html>", "not an SVG"),
    ],
)
def test_an_svg_that_is_refused(text: str, told: str) -> None:
    assert told in inspect_image(text.encode(), "a.svg").problem


def test_the_merged_picture_of_a_psd() -> None:
    opaque = RGBA.copy()
    opaque[..., 3] = 255
    pixels = foreign_pixels(psd(opaque), "a.psd")
    assert pixels is not None and np.array_equal(pixels, opaque)
    found = inspect_image(psd(RGBA), "a.psd")
    assert (found.format, found.width, found.height, found.mode) == ("PSD", 6, 4, "RGBA")
    assert found.has_alpha and found.colours[0][1:4] == (200, 0, 0)


def test_a_deep_psd_is_known_by_its_size() -> None:
    data = bytearray(psd(RGBA))
    data[22:24] = struct.pack(">H", 16)
    found = inspect_image(bytes(data), "a.psd")
    assert (found.width, found.height, found.problem) == (6, 4, "")
    assert "16 bits a channel" in found.note
    assert foreign_pixels(bytes(data), "a.psd") is None


@pytest.mark.parametrize(
    ("mime", "kind"), [("application/x-krita", "KRA"), ("image/openraster", "ORA")]
)
def test_the_picture_of_an_archive(mime: str, kind: str) -> None:
    data = archive(mime, {"mergedimage.png": _png(RGBA), "preview.png": _png(RGBA[:2])})
    assert foreign_format(data, "nameless") == kind
    pixels = foreign_pixels(data, "nameless")
    assert pixels is not None and np.array_equal(pixels, RGBA)
    preview = inspect_image(archive(mime, {"preview.png": _png(RGBA[:2])}), "a")
    assert (preview.width, preview.height, preview.problem) == (6, 2, "")
    assert preview.note == "only its small preview.png could be shown"
    without = inspect_image(archive(mime, {"maindoc.xml": b"<x/>"}), "a")
    assert without.problem == "" and "no picture" in without.note


def test_a_zip_bomb_is_refused_by_declared_and_by_real_size() -> None:
    bomb = damaged_images.zip_bomb()
    with pytest.raises(ImageError, match="over 128 MiB"):
        read_foreign(bomb, "KRA")
    # The directory at the end now declares a thousand bytes: the real size is what counts.
    place = bomb.rindex(b"PK\x01\x02")
    lying = bomb[: place + 24] + struct.pack("<I", 1000) + bomb[place + 28 :]
    with zipfile.ZipFile(io.BytesIO(lying)) as opened:
        assert opened.getinfo("mergedimage.png").file_size == 1000
    with pytest.raises(ImageError):
        read_foreign(lying, "KRA")


def test_an_archive_with_an_uncommon_packing_is_refused() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as out:
        out.writestr("mimetype", "application/x-krita")
        out.writestr(zipfile.ZipInfo("mergedimage.png"), b"x" * 100, zipfile.ZIP_LZMA)
    assert "uncommon way" in inspect_image(stream.getvalue(), "a.kra").problem


def test_a_huge_picture_in_an_archive_is_refused() -> None:
    data = archive("application/x-krita", {"mergedimage.png": damaged_images.huge_png()})
    assert "100000x100000" in inspect_image(data, "a.kra").problem


@pytest.mark.parametrize("cel_kind", [0, 2])
def test_the_first_frame_of_a_sprite(cel_kind: int) -> None:
    data = aseprite(RGBA, frames=3, layers=2, cel_kind=cel_kind)
    assert read_sprite(data)[:4] == (6, 4, 3, 32)
    pixels = first_frame(data)
    assert pixels is not None and np.array_equal(pixels, RGBA)
    found = inspect_image(data, "hero.ase")
    assert (found.format, found.frames, found.kind) == ("ASEPRITE", 3, "animation")


def test_cels_are_moved_cut_and_made_fainter() -> None:
    moved = first_frame(aseprite(RGBA, at=(-2, 1)))
    assert moved is not None
    assert np.array_equal(moved[1:, :4], RGBA[:3, 2:])
    assert not moved[0].any() and not moved[:, 4:].any()
    faint = first_frame(aseprite(RGBA, opacity=128))
    assert faint is not None and tuple(faint[0, 0]) == (200, 0, 0, 128)


def test_cels_lie_over_one_another_and_palettes_are_used() -> None:
    def chunk(kind: int, body: bytes) -> bytes:
        return struct.pack("<IH", len(body) + 6, kind) + body

    def layer(flags: int, kind: int = 0, level: int = 0) -> bytes:
        return chunk(0x2004, struct.pack("<HHHHHHB3xH", flags, kind, level, 0, 0, 0, 255, 0))

    def cel(at: int, indices: bytes) -> bytes:
        return chunk(0x2005, struct.pack("<HhhBHh5xHH", at, 0, 0, 255, 0, 0, 2, 1) + indices)

    palette = struct.pack("<III8x", 3, 0, 2)
    for colour in ((0, 0, 0, 255), (255, 0, 0, 255), (0, 0, 255, 255)):
        palette += struct.pack("<H4B", 0, *colour)
    chunks = [
        chunk(0x2019, palette),
        layer(1 | 8),  # the background, where entry 0 is a colour
        layer(1),
        layer(0, kind=1),  # a hidden group with a layer inside
        layer(1, level=1),
        cel(0, b"\1\0"),
        cel(1, b"\0\2"),  # entry 0 is clear here
        cel(3, b"\2\1"),
    ]
    body = b"".join(chunks)
    frame = struct.pack("<IHHHHI", len(body) + 16, 0xF1FA, len(chunks), 100, 0, len(chunks)) + body
    head = struct.pack("<IHHHHHIH", 128 + len(frame), 0xA5E0, 1, 2, 1, 8, 1, 100).ljust(128, b"\0")
    pixels = first_frame(head + frame)
    assert pixels is not None and pixels.tolist() == [[[255, 0, 0, 255], [0, 0, 255, 255]]]


@pytest.mark.parametrize("change", [{"blend": 1}, {"cel_kind": 1}, {"cel_kind": 3}])
def test_an_unusual_sprite_is_known_by_its_size(change: dict[str, int]) -> None:
    found = inspect_image(aseprite(RGBA, **change), "hero.aseprite")
    assert (found.width, found.height, found.problem, found.colours) == (6, 4, "", ())
    assert "uncommon way" in found.note


def test_a_cut_sprite_is_told() -> None:
    data = aseprite(RGBA)
    for length in range(140, len(data), 7):
        assert inspect_image(data[:length], "hero.ase").problem


def test_sizes_and_formats_without_pictures() -> None:
    xcf = b"gimp xcf v011\0" + struct.pack(">III", 640, 480, 1) + bytes(20)
    found = inspect_image(xcf, "a.xcf")
    assert (found.format, found.width, found.height, found.mode) == ("XCF", 640, 480, "LA")
    for data in (b"BLENDER-v300rest", b"\x28\xb5\x2f\xfdrest", b"\x1f\x8brest"):
        blend = inspect_image(data, "a.blend")
        assert (blend.format, blend.problem) == ("BLEND", "") and "no picture" in blend.note
    assert foreign_pixels(xcf, "a.xcf") is None
    assert foreign_pixels(b"nothing", "a.png") is None
