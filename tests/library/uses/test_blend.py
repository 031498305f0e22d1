"""Blender's files: two that Blender saved, and small ones made by hand for all that it might save.

`saved_by_4_5.blend` and `saved_by_5_2.blend` are from bpy 4.5.15 and 5.2.3, packed with zstd, the
first with the block headers before 5.0 and the second with those since. Each has four pictures from
files (by `//../`, by `//..\\`, by a path on a Windows drive, and one that is packed into the file),
a tiled one, one that Blender drew, a movie clip and a linked library. Whole scenes saved by
`save_as_mainfile` of both versions, packed and plain, gave the same; they are too large to keep.
"""

from __future__ import annotations

import gzip
import io
import random
from pathlib import Path

import pytest
import zstandard

from llamavis_studio.library.uses import blend_stream, reading
from llamavis_studio.library.uses.reading import References, references_from, references_in
from tests.library.uses.blend_files import BlendMaker

MAKERS = [
    BlendMaker(),
    BlendMaker(pointer=4),
    BlendMaker(endian=">"),
    BlendMaker(endian=">", pointer=4),
    BlendMaker(new=True),
]


def _saved(name: str) -> bytes:
    return Path(__file__).with_name(name).read_bytes()


def _unpacked(data: bytes) -> bytes:
    stream = zstandard.ZstdDecompressor().stream_reader(data, read_across_frames=True)
    return stream.read(8 << 20)


def _read(data: bytes, root: str = "") -> References:
    return references_in("scenes/a.blend", data, {}, root=root)


def _filled(maker: BlendMaker) -> bytes:
    return maker.file(
        maker.data_block("Image", name="//../art/wood.png", source=1),
        maker.data_block("Mesh"),
        maker.data_block("Image", name="//rock.png", source=1),
        maker.data_block("Image", name="//drawn.png", source=4),
        maker.data_block("Library", name="//..\\lib\\props.blend", filepath="/elsewhere/x.blend"),
        maker.data_block("MovieClip", filepath="//walk.mp4"),
    )


FILLED = ("art/wood.png", "lib/props.blend", "scenes/rock.png", "scenes/walk.mp4")


@pytest.mark.parametrize("version", ["4_5", "5_2"])
@pytest.mark.parametrize("pack", ["as saved", "plain", "gzip"])
def test_what_blender_saved(version: str, pack: str) -> None:
    data = _saved(f"saved_by_{version}.blend")
    if pack != "as saved":
        data = _unpacked(data)
        assert data.startswith(b"BLENDER-v405" if version == "4_5" else b"BLENDER17-01v0502")
    if pack == "gzip":
        data = gzip.compress(data, 1)
    names = ("art/gen.png", "art/packed.png", "art/walk_0001.png", "art/wood.png")
    library, tiles = "lib/props.blend", ("art/skin.<UDIM>.png",)
    assert _read(data) == References((*names, library), "", tiles)
    inside = _read(data, root="C:\\Games\\demo")
    assert inside == References(("art/abs.png", *names, library), "", tiles)


@pytest.mark.parametrize("maker", MAKERS, ids=str)
def test_every_layout(maker: BlendMaker) -> None:
    data = _filled(maker)
    for packed in (data, gzip.compress(data), zstandard.compress(data)):
        assert _read(packed) == References(FILLED)


def test_names_as_they_come() -> None:
    maker = BlendMaker()
    names = ["//../../../x.png", "//a\0b.png", "", "//", "bare.png", "//龙.png", "/p/art/a.png",
             "//\\t\\b.png", "\\\\server\\x.png", "//ta.<UDIM>.exr"]  # fmt: skip
    blocks = [maker.data_block("Image", name=name, source=1) for name in names]
    blocks.append(maker.data_block("Image", name=b"//bad\xff.png", source=1))
    blocks.append(maker.data_block("Image", name=b"/" * 1024, source=1))
    found = _read(maker.file(*blocks), root="/p")
    assert found.paths == ("art/a.png", "scenes/a", "scenes/t/b.png", "scenes/龙.png")
    assert found.patterns == ("scenes/ta.<UDIM>.exr",)
    assert found.problem == ""


@pytest.mark.parametrize("maker", MAKERS, ids=str)
@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstandard.compress])
def test_a_cut_file(maker: BlendMaker, pack: type[bytes]) -> None:
    data = pack(_filled(maker))
    for length in range(0, len(data) - 40, max(1, len(data) // 60)):  # the end mark tells nothing
        found = _read(data[:length])
        assert found.problem
        assert found.paths in ((), FILLED)


def test_a_file_without_its_last_block_still_tells() -> None:
    found = _read(_filled(BlendMaker())[:-24])
    assert found.paths == FILLED
    assert "cut short" in found.problem


def test_types_that_lie() -> None:
    maker = BlendMaker()
    image = maker.data_block("Image", name="//a.png", source=1)
    body = maker.types_body()

    def problem(lie: bytes) -> str:
        found = _read(maker.file(image, types=maker.block(b"DNA1", lie)))
        assert found.paths == ()
        return found.problem

    assert "contradicts" in problem(body.replace(b"name[1024]", b"name[9024]"))
    assert "broken" in problem(body.replace(b"TLEN", b"TLIE"))
    assert "broken" in problem(body.replace(b"SDNANAME\x0a", b"SDNANAME\xff"))
    assert "broken" in problem(body[:8] + b"\xff\xff\xff\xff" + body[12:])
    assert "broken" in problem(body[:-6])
    assert "broken" in problem(body[:-4] + b"\xff\xff" + body[-2:])
    assert "broken" in problem(body[:-2] + b"\xff\xff")
    assert "broken" in problem(b"")
    # A block of another struct under a picture's code, and one that is shorter than its struct.
    mesh = maker.block(b"IM", b"//a.png".ljust(2000, b"\0"), kind=4)
    short = maker.block(b"IM", b"\0" * 8, kind=1)
    assert _read(maker.file(mesh, short)) == References()
    for kind in (99, -1):
        lost = maker.block(b"IM", b"\0" * 2000, kind=kind)
        assert "does not describe" in _read(maker.file(lost)).problem


@pytest.mark.parametrize("length", [-1, -(2**31), 2**31 - 1])
@pytest.mark.parametrize("maker", MAKERS, ids=str)
@pytest.mark.parametrize("code", [b"DATA", b"IM", b"DNA1"])
def test_lengths_that_lie(maker: BlendMaker, code: bytes, length: int) -> None:
    data = maker.file(maker.block(code, b"x" * 50, 1, length=length))
    for packed in (data, gzip.compress(data), zstandard.compress(data)):
        assert _read(packed).problem


def test_what_is_no_blend() -> None:
    assert "not a Blender file" in _read(b"PK\x03\x04" + bytes(40)).problem
    assert "version" in _read(b"BLENDER99-02v0700" + bytes(40)).problem
    assert "cut short" in _read(b"").problem
    assert "broken" in _read(b"\x28\xb5\x2f\xfd" + b"\xff" * 40).problem
    assert "broken" in _read(b"\x1f\x8b\x08\0" + b"\xff" * 40).problem


def test_a_bomb_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blend_stream, "MOST_UNPACKED_BYTES", 20 << 20)
    maker = BlendMaker(new=True)
    data = maker.file(maker.block(b"DATA", bytes(40 << 20)))
    for packed in (gzip.compress(data, 1), zstandard.compress(data)):
        assert len(packed) < 1 << 19
        assert "unpacks to over" in _read(packed).problem
    assert _read(data).problem == ""  # nothing to unpack


def test_too_many_pictures() -> None:
    maker = BlendMaker()
    picture = maker.block(b"IM", bytes(1 << 16), 1)
    assert "too many" in _read(maker.header() + picture * 1100).problem
    vast = maker.block(b"IM", bytes(1 << 17), 1)  # no struct of ours
    assert _read(maker.file(vast)) == References()


def test_only_what_is_needed_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    class Counting(io.BytesIO):
        total = 0

        def read(self, size: int | None = -1, /) -> bytes:
            data = super().read(size)
            self.total += len(data)
            return data

    maker = BlendMaker()
    picture = maker.data_block("Image", name="//a.png", source=1)
    stream = Counting(maker.file(maker.block(b"DATA", bytes(8 << 20)), picture))
    assert references_from("a.blend", stream, {}).paths == ("a.png",)
    assert stream.total < 4096
    monkeypatch.setattr(reading, "MOST_BLEND_BYTES", 1 << 20)
    stream.seek(0)
    assert "over 1 MiB" in references_from("a.blend", stream, {}).problem


def test_noise_in_a_file_never_raises() -> None:
    chance = random.Random(5)
    data = bytearray(_filled(BlendMaker(new=True)))
    real = bytearray(_unpacked(_saved("saved_by_4_5.blend")))
    answers = set()
    for source, rounds in ((data, 300), (real, 40)):
        for _ in range(rounds):
            noisy = bytearray(source)
            for _ in range(chance.randrange(1, 40)):
                noisy[chance.randrange(len(noisy))] = chance.randrange(256)
            answers.add(_read(bytes(noisy)).problem)
    assert len(answers) > 3
