"""PNG files: equal bytes for equal input, notes that survive, broken files refused."""

from __future__ import annotations

import io
import struct
import xml.etree.ElementTree as ET
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.png import (
    decode_image,
    encode_png,
    pixel_hash,
    read_size,
    read_text_chunks,
)
from llamavis_studio.imaging.xmp import DIGITAL_SOURCE_TYPE, xmp_packet
from tests.imaging.strategies import pictures

PIXELS = np.arange(4 * 5 * 4, dtype=np.uint8).reshape(4, 5, 4)


@given(pictures())
def test_pixels_come_back_and_bytes_are_equal(pixels: np.ndarray) -> None:
    data = encode_png(pixels, provenance_json="{}", parameters="p", xmp="<x/>")
    assert data == encode_png(pixels.copy(), provenance_json="{}", parameters="p", xmp="<x/>")
    assert np.array_equal(decode_image(data), pixels)


@given(note=st.text(min_size=1, max_size=200), line=st.text(st.characters(codec="utf-8")))
def test_any_text_comes_back(
    tmp_path_factory: pytest.TempPathFactory, note: str, line: str
) -> None:
    note = note.encode("utf-8", "ignore").decode()
    path = tmp_path_factory.mktemp("png") / "a.png"
    path.write_bytes(encode_png(PIXELS, provenance_json=note, parameters=line, xmp=None))
    assert read_text_chunks(path) == {"llamavis": note, "parameters": line}


def test_pillow_and_a1111_find_the_notes(tmp_path: Path) -> None:
    path = tmp_path / "龙 🐉.png"
    xmp = xmp_packet("火龙 <&>", ["红色", "sprite"])
    path.write_bytes(
        encode_png(PIXELS, provenance_json='{"a":"火"}', parameters="dragon\nSeed: 1", xmp=xmp)
    )
    with Image.open(path) as image:
        assert image.info["llamavis"] == '{"a":"火"}'
        assert image.info["parameters"] == "dragon\nSeed: 1"
        assert image.info["xmp"] == xmp.encode()
    assert b"tEXtparameters\0dragon" in path.read_bytes()
    assert read_text_chunks(path)["XML:com.adobe.xmp"] == xmp


def test_xmp_is_xml_with_the_digital_source_type() -> None:
    root = ET.fromstring(xmp_packet("a\x00b <c>\ufffe", ["d & e"]).encode())
    texts = [text for text in root.itertext() if text.strip()]
    assert texts == ["ab <c>", "d & e", DIGITAL_SOURCE_TYPE]
    assert DIGITAL_SOURCE_TYPE.endswith("/trainedAlgorithmicMedia")


def test_notes_are_read_without_touching_pixels(tmp_path: Path) -> None:
    data = encode_png(PIXELS, provenance_json="here")
    broken = data.replace(b"IDAT\x78", b"IDAT\x00")  # no zlib stream any more
    path = tmp_path / "a.png"
    path.write_bytes(broken)
    assert broken != data
    assert read_text_chunks(path) == {"llamavis": "here"}
    assert read_size(path) == (5, 4)
    with pytest.raises(ImageError):
        decode_image(path)


def test_compressed_notes_are_read_and_bombs_are_not(tmp_path: Path) -> None:
    data = encode_png(PIXELS)
    bomb = zlib.compress(b"x" * (8 << 20))
    chunks = (
        _chunk(b"zTXt", b"small\0\0" + zlib.compress(b"fine"))
        + _chunk(b"iTXt", b"pressed\0\1\0\0\0" + zlib.compress("好".encode()))
        + _chunk(b"zTXt", b"bomb\0\0" + bomb)
        + _chunk(b"tEXt", b"no-zero")
    )
    path = tmp_path / "a.png"
    path.write_bytes(data[:33] + chunks + data[33:])
    assert read_text_chunks(path) == {"small": "fine", "pressed": "好"}


def test_a_cut_file_never_gives_wrong_pixels(tmp_path: Path) -> None:
    data = encode_png(PIXELS, provenance_json="{}")
    path = tmp_path / "a.png"
    refused = 0
    for length in range(0, len(data) - 12, 3):
        path.write_bytes(data[:length])
        with pytest.raises(ImageError):
            read_text_chunks(path)
        try:
            assert np.array_equal(decode_image(data[:length]), PIXELS)  # only the end is missing
        except ImageError:
            refused += 1
    assert refused > 20


@given(st.binary(max_size=200))
def test_noise_is_refused(noise: bytes) -> None:
    for data in (noise, b"\x89PNG\r\n\x1a\n" + noise, b"GIF89a" + noise, b"BM" + noise):
        with pytest.raises(ImageError):
            decode_image(data)


def test_the_size_is_judged_from_the_header() -> None:
    def header(width: int, height: int) -> bytes:
        body = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
        return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", body) + _chunk(b"IDAT", b"")

    with pytest.raises(ImageError, match="4097x1"):
        decode_image(header(4097, 1))
    with pytest.raises(ImageError, match="100000x100000"):
        decode_image(header(100_000, 100_000))
    stream = io.BytesIO()
    Image.new("L", (300, 2)).save(stream, "BMP")
    with pytest.raises(ImageError, match="300x2"):
        decode_image(stream.getvalue(), max_side=299)


def test_a_missing_file_is_the_callers_affair(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        decode_image(tmp_path / "none.png")


def test_exif_turns_a_photo() -> None:
    image = Image.new("RGB", (2, 1), (255, 0, 0))
    exif = Image.Exif()
    exif[0x0112] = 6  # a quarter turn
    stream = io.BytesIO()
    image.save(stream, "JPEG", exif=exif)
    assert decode_image(stream.getvalue()).shape == (2, 1, 3)


@given(pictures(channels=(4,)))
def test_the_hash_sees_only_what_is_visible(pixels: np.ndarray) -> None:
    hidden = pixels.copy()
    hidden[..., :3][pixels[..., 3] == 0] = 200
    assert pixel_hash(hidden) == pixel_hash(pixels)
    changed = pixels.copy()
    changed[0, 0] = (*(~pixels[0, 0, :3]), 255)
    assert pixel_hash(changed) != pixel_hash(pixels)


def test_the_hash_knows_the_shape_but_not_the_channels() -> None:
    row = np.zeros((1, 4, 3), np.uint8)
    assert pixel_hash(row) != pixel_hash(row.reshape(2, 2, 3))
    opaque = np.concatenate([row, np.full((1, 4, 1), 255, np.uint8)], axis=2)
    assert pixel_hash(row) == pixel_hash(opaque)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
