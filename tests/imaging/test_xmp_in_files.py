"""Words inside PNG, JPEG and WebP: other programs read them, no pixel and no other part changes."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.png import XMP_KEY, decode_image, read_text_chunks
from llamavis_studio.imaging.xmp import XmpWords, read_packet
from llamavis_studio.imaging.xmp_in_files import read_xmp, write_xmp
from tests.imaging.test_xmp import LAUGHS, LIGHTROOM, SUBJECTS, TEXT

PIXELS = np.random.default_rng(5).integers(0, 256, (9, 7, 4), dtype=np.uint8)


def saved(kind: str, *, mode: str = "RGBA", **options: object) -> bytes:
    stream = io.BytesIO()
    image = Image.fromarray(PIXELS).convert("RGB" if kind == "JPEG" else mode)
    image.save(stream, kind, **options)
    return stream.getvalue()


def with_xmp(kind: str, packet: bytes = LIGHTROOM) -> bytes:
    if kind != "PNG":
        return saved(kind, xmp=packet)
    notes = PngImagePlugin.PngInfo()
    notes.add_itxt(XMP_KEY, packet.decode(), zip=True)
    return saved("PNG", pnginfo=notes)


PLAIN = {
    "png": saved("PNG"),
    "jpeg": saved("JPEG"),
    "jpeg with exif": saved("JPEG", exif=Image.Exif().tobytes(), icc_profile=b"p" * 40),
    "webp, lossy": saved("WEBP", mode="RGB"),
    "webp, lossy with alpha": saved("WEBP"),
    "webp, lossless": saved("WEBP", lossless=True),
    "webp, lossless, opaque": saved("WEBP", mode="RGB", lossless=True),
    "webp with a profile": saved("WEBP", icc_profile=b"p" * 41),
}
FULL = {kind: with_xmp(kind) for kind in ("PNG", "JPEG", "WEBP")}


@pytest.mark.parametrize("data", PLAIN.values(), ids=PLAIN.keys())
def test_words_go_into_a_plain_file_and_others_read_them(data: bytes, tmp_path: Path) -> None:
    assert read_xmp(data) is None
    new = write_xmp(data, "一条龙 <&>", ["红色", "dragon"])
    assert read_xmp(new) == XmpWords("一条龙 <&>", ("红色", "dragon"))
    assert np.array_equal(decode_image(new), decode_image(data))
    with Image.open(io.BytesIO(new)) as image:
        assert read_packet(image.info["xmp"]).description == "一条龙 <&>"
        mode = image.mode
    with Image.open(io.BytesIO(data)) as image:
        assert image.mode == mode
    if data.startswith(b"\x89PNG"):
        path = tmp_path / "a.png"
        path.write_bytes(new)
        assert "一条龙" in read_text_chunks(path)[XMP_KEY]


@pytest.mark.parametrize("kind", FULL)
def test_lightroom_s_other_words_stay(kind: str) -> None:
    data = FULL[kind]
    assert read_xmp(data) == XmpWords("A dragon", ("dragon", "red"), "Smaug")
    assert write_xmp(data, "A dragon", ["dragon", "red"]) == data
    new = write_xmp(data, "A wyrm", ["wyrm"])
    assert read_xmp(new) == XmpWords("A wyrm", ("wyrm",), "Smaug")
    for kept in (b'xmp:Rating="4"', b"animal|dragon", b"<!-- kept -->", "一条龙".encode()):
        assert kept in new
    assert np.array_equal(decode_image(new), decode_image(data))
    assert others(new) == others(data)


@given(description=TEXT, subjects=SUBJECTS)
def test_any_words_come_back(description: str, subjects: tuple[str, ...]) -> None:
    for data in (PLAIN["png"], PLAIN["jpeg"], PLAIN["webp, lossless"]):
        new = write_xmp(data, description, subjects)
        assert (read_xmp(new) or XmpWords()) == XmpWords(description, subjects)
        assert write_xmp(new, description, subjects) == new
        rest = [part for part in others(new) if part[0] != b"VP8X"]
        assert rest == others(data)
        assert not read_words(write_xmp(new, "", ()))


def read_words(data: bytes) -> bool:
    words = read_xmp(data)
    return words is not None and bool(words.description or words.subjects)


def others(data: bytes) -> list[tuple[bytes, bytes]]:
    """Every part but XMP, by readers of this test's own; checks lengths and checksums."""
    if data.startswith(b"\x89PNG"):
        parts = png_parts(data)
    elif data.startswith(b"\xff\xd8"):
        parts = jpeg_parts(data)
    else:
        assert struct.unpack("<I", data[4:8])[0] == len(data) - 8 and len(data) % 2 == 0
        parts = riff_parts(data)
    return [
        (kind, body)
        for kind, body in parts
        if kind != b"XMP " and not body.startswith((b"XML:com.adobe", b"http://ns.adobe.com/xap"))
    ]


def png_parts(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 8
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        body = data[at + 8 : at + 8 + length]
        assert struct.unpack(">I", data[at + 8 + length : at + 12 + length])[0] == zlib.crc32(
            kind + body
        )
        yield kind, body
        at += 12 + length


def jpeg_parts(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 2
    while data[at + 1] != 0xDA:
        length = struct.unpack(">H", data[at + 2 : at + 4])[0]
        yield data[at : at + 2], data[at + 4 : at + 2 + length]
        at += 2 + length
    yield b"pixels", data[at:]


def riff_parts(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 12
    while at < len(data):
        kind, length = struct.unpack("<4sI", data[at : at + 8])
        yield kind, data[at + 8 : at + 8 + length]
        at += 8 + length + length % 2


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def segment(kind: int, body: bytes) -> bytes:
    return bytes([0xFF, kind]) + struct.pack(">H", len(body) + 2) + body


def in_png(*chunks: bytes) -> bytes:
    return PLAIN["png"][:33] + b"".join(chunks) + PLAIN["png"][33:]


def in_jpeg(*segments: bytes) -> bytes:
    return PLAIN["jpeg"][:2] + b"".join(segments) + PLAIN["jpeg"][2:]


def in_webp(kind: bytes, body: bytes) -> bytes:
    data = PLAIN["webp with a profile"] + kind + struct.pack("<I", len(body)) + body
    data += b"\0" * (len(body) % 2)
    return b"RIFF" + struct.pack("<I", len(data) - 8) + data[8:]


def test_the_packet_stands_before_the_pixels() -> None:
    end = PLAIN["png"].index(b"IEND") - 4
    late = PLAIN["png"][:end] + chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + LIGHTROOM)
    new = write_xmp(late + PLAIN["png"][end:], "early", ())
    assert new.index(b"early") < new.index(b"IDAT") and new.count(b"iTXt") == 1
    jpeg = write_xmp(PLAIN["jpeg with exif"], "a", ())
    assert jpeg.index(b"JFIF") < jpeg.index(b"Exif") < jpeg.index(b"xap/1.0") < jpeg.index(b"ICC_")


def test_words_older_than_xmp_are_read_until_there_is_xmp() -> None:
    notes = (
        chunk(b"tEXt", b"Description\0caf\xe9"),
        chunk(b"zTXt", b"Title\0\0" + zlib.compress(b"t")),
    )
    assert read_xmp(in_png(*notes)) == XmpWords("café", title="t")
    iim = b"".join(
        b"\x1c\x02" + bytes([number]) + struct.pack(">H", len(text)) + text
        for number, text in ((120, "一条龙".encode()), (25, b"red"), (25, b"dragon"), (5, b"Smaug"))
    )
    resource = b"8BIM\x04\x04\0\0" + struct.pack(">I", len(iim)) + iim
    photoshop = b"Photoshop 3.0\x008BIM\x04\x25\x03abc\0\0\0\x01z\0" + resource
    data = in_jpeg(segment(0xED, photoshop))
    assert read_xmp(data) == XmpWords("一条龙", ("red", "dragon"), "Smaug")
    assert read_xmp(write_xmp(data, "new", ["red"])) == XmpWords("new", ("red",))
    assert photoshop in write_xmp(data, "new", ["red"])
    assert not read_words(write_xmp(data, "", ()))
    for cut in range(14, len(photoshop)):
        assert read_xmp(in_jpeg(segment(0xED, photoshop[:cut]))) != XmpWords()


def extended(packet: bytes, length: int, offset: int = 0) -> bytes:
    head = b"http://ns.adobe.com/xmp/extension/\0" + b"G" * 32
    return segment(0xE1, head + struct.pack(">II", length, offset) + packet)


def test_extended_packets_of_jpeg_are_read_and_not_rewritten() -> None:
    main = segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x/>")
    size = len(LIGHTROOM)
    data = in_jpeg(main, extended(LIGHTROOM[300:], size, 300), extended(LIGHTROOM[:300], size))
    assert read_xmp(data) == XmpWords("A dragon", ("dragon", "red"), "Smaug")
    with pytest.raises(ImageError, match="extended"):
        write_xmp(data, "new", ())
    other = extended(b"", 1 << 20).replace(b"G" * 32, b"H" * 32)
    with pytest.raises(ImageError, match="several extended"):
        read_xmp(in_jpeg(main, extended(b"", 1 << 20), other))
    for broken in (extended(b"x", 0xFFFFFFFF), extended(b"xx", 1), extended(b"", 9, 20)):
        with pytest.raises(ImageError, match="extended"):
            read_xmp(in_jpeg(main, broken))


@pytest.mark.parametrize(
    "data",
    [
        in_png(chunk(b"caBX", b"jumb")),
        in_jpeg(segment(0xEB, b"JP\0\x01\0\0\0\x01\0\0\0\x20jumb....")),
        in_webp(b"C2PA", b"jumb"),
    ],
)
def test_a_signed_file_is_read_and_left_alone(data: bytes) -> None:
    assert read_xmp(data) is None
    with pytest.raises(ImageError, match="signature"):
        write_xmp(data, "a", ())


def test_files_whose_words_have_no_one_place_are_left_alone() -> None:
    xmp = segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + LIGHTROOM)
    with pytest.raises(ImageError, match="several XMP"):
        write_xmp(in_jpeg(xmp, xmp), "a", ())
    with pytest.raises(ImageError, match="several pictures"):
        write_xmp(in_jpeg(segment(0xE2, b"MPF\0II*\0"), xmp), "a", ())
    with pytest.raises(ImageError, match="64 KiB"):
        write_xmp(PLAIN["jpeg"], "x" * 70_000, ())
    with pytest.raises(ImageError, match="1 MiB"):
        write_xmp(PLAIN["png"], "x" * (1 << 20), ())


def test_an_odd_chunk_at_the_end_of_webp_is_filled_up() -> None:
    data = in_webp(b"odd ", b"abc")[:-1]  # some writers forget the last zero
    data = b"RIFF" + struct.pack("<I", len(data) - 8) + data[8:]
    new = write_xmp(data, "words", ())
    assert (b"odd ", b"abc") in others(new)
    assert read_xmp(new) == XmpWords("words")
    assert write_xmp(data + b"behind", "words", ()) == new + b"behind"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (in_png(chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + LAUGHS)), "DOCTYPE"),
        (in_jpeg(segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + LAUGHS)), "DOCTYPE"),
        (in_webp(b"XMP ", LAUGHS), "DOCTYPE"),
        (in_webp(b"XMP ", b" " * ((1 << 20) + 1)), "1 MiB"),
        (in_png(chunk(b"zTXt", b"Title\0\0" + zlib.compress(b"x" * (8 << 20)))), "1 MiB"),
        (in_png(chunk(b"zTXt", b"Title\0\0nothing")), "unpacked"),
        (in_png(chunk(b"tEXt", b"a")[:-1] + b"!"), "checksum"),
        (in_png(struct.pack(">I", 0xFFFFFFFF) + b"iTXt"), "cut short"),
        (PLAIN["jpeg"][:2] + b"\xff\xe1\xff\xff" + b"x" * 9, "cut short"),
        (b"RIFF\xff\xff\xff\xffWEBPVP8 ", "cut short"),
        (b"RIFF\x10\0\0\0WEBPVP8 \xff\xff\xff\x7fabcd", "longer than the file"),
        (b"GIF89a", "PNG, JPEG and WebP"),
        (b"", "PNG, JPEG and WebP"),
    ],
)
def test_bad_files_say_why(data: bytes, reason: str) -> None:
    with pytest.raises(ImageError, match=reason):
        read_xmp(data)
    with pytest.raises(ImageError, match=reason):
        write_xmp(data, "a", ())


def test_a_webp_whose_first_chunk_is_no_picture_is_refused() -> None:
    for body in (b"VP8 \x0a\0\0\0" + b"\0" * 10, b"VP8L\x02\0\0\0\x2f\0", b"none\x04\0\0\0...."):
        data = b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body
        with pytest.raises(ImageError, match=r"cut short|no picture"):
            write_xmp(data, "a", ())


@pytest.mark.parametrize("kind", FULL)
def test_a_cut_file_gives_words_or_a_reason(kind: str) -> None:
    data = FULL[kind]
    refused = 0
    for length in range(0, len(data), 7):
        try:
            assert read_xmp(write_xmp(data[:length], "new", ())) is not None
        except ImageError:
            refused += 1
    assert refused > 100


@given(
    kind=st.sampled_from(sorted(FULL)),
    place=st.floats(0, 1, exclude_max=True),
    noise=st.binary(min_size=1, max_size=6),
)
def test_damage_gives_words_or_a_reason(kind: str, place: float, noise: bytes) -> None:
    data = FULL[kind]
    at = int(place * len(data))
    for broken in (data[:at] + noise + data[at + len(noise) :], data[:12] + noise, noise):
        try:
            assert read_xmp(write_xmp(broken, "new", ("a",))) is not None
        except ImageError:
            continue
