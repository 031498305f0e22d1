from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from llamavis_studio.core.errors import ProjectError
from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.png import decode_image, encode_png, pixel_hash, read_text_chunks
from llamavis_studio.release.export import Export, make_export, write_folder, write_zip, zip_bytes
from llamavis_studio.release.manifest import MANIFEST, manifest_bytes, read_manifest
from llamavis_studio.release.png_notes import without_notes
from tests.pipeline.conftest import Game
from tests.release.conftest import paint

PATHS = ["hero.png", "items/剑 🗡.png", "tiles/wall.png"]


def exported(game: Game, **more: bool) -> Export:
    return make_export(game.project, game.plan(), **more)


def chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    found, position = [], 8
    while position < len(data):
        length = struct.unpack_from(">I", data, position)[0]
        found.append((data[position + 4 : position + 8], data[position : position + 12 + length]))
        position += 12 + length
    return found


def test_the_pixels_are_shipped_and_the_notes_are_not(game, tmp_path):
    paint(game.image("hero.png"))
    out = tmp_path / "out"
    assert write_folder(exported(game), out) == ()
    written = [p.relative_to(out).as_posix() for p in sorted(out.rglob("*")) if p.is_file()]
    assert written == [PATHS[0], PATHS[1], MANIFEST, PATHS[2]]
    manifest = json.loads((out / MANIFEST).read_bytes())
    assert [row["path"] for row in manifest["files"]] == PATHS
    for row in manifest["files"]:
        path = out / row["path"]
        assert read_text_chunks(path) == {}
        original = decode_image(game.image(row["path"]))
        assert (decode_image(path) == original).all()
        assert row["pixel_hash"] == pixel_hash(original)
        assert row["size_px"] == [32, 32]
    hero, sword, _ = manifest["files"]
    assert (hero["edited"], hero["seed"], hero["model"]) == (True, 7, "toy-model")
    assert (sword["description"], sword["licence"], sword["edited"]) == (
        "一把红色的剑", "MIT", False,
    )  # fmt: skip


def test_notes_can_be_kept(game):
    for path, data in exported(game, keep_notes=True).files:
        assert data == game.image(path).read_bytes()


def test_only_notes_are_dropped_and_every_other_chunk_keeps_its_bytes():
    info = PngInfo()
    info.add_text("a", "b")
    info.add_text("c", "d" * 99, zip=True)
    info.add_itxt("e", "龙")
    stream = io.BytesIO()
    image = Image.fromarray(np.arange(256, dtype=np.uint8).reshape(16, 16), "L").convert("P")
    image.save(
        stream, "PNG", pnginfo=info, exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0", dpi=(72, 72),
        icc_profile=b"profile", transparency=3,
    )  # fmt: skip
    data = stream.getvalue()
    stripped = without_notes(data + b"behind the end")
    dropped = {b"tEXt", b"zTXt", b"iTXt", b"eXIf"}
    assert dropped < {kind for kind, _ in chunks(data)}
    assert chunks(stripped) == [chunk for chunk in chunks(data) if chunk[0] not in dropped]
    assert without_notes(stripped) == stripped


@pytest.mark.parametrize("cut", [0, 7, 20, 40, -1])
def test_a_cut_or_damaged_png_is_told(cut):
    data = encode_png(np.zeros((8, 8, 3), np.uint8))
    with pytest.raises(ImageError):
        without_notes(data[:cut])
    damaged = bytearray(data)
    damaged[-20] ^= 1
    with pytest.raises(ImageError, match="damaged"):
        without_notes(bytes(damaged))
    with pytest.raises(ImageError):
        without_notes(data[:8] + b"\xff\xff\xff\xffIDAT" + data[8:])


def test_an_archive_has_the_same_bytes_on_every_run(game, tmp_path):
    one, two = tmp_path / "one.zip", tmp_path / "two.zip"
    write_zip(exported(game), one)
    for path in game.root.rglob("*.png"):
        path.touch()
    write_zip(exported(game), two)
    write_zip(exported(game), two)  # over an earlier export
    assert one.read_bytes() == two.read_bytes()
    with zipfile.ZipFile(one) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == sorted([*PATHS, MANIFEST])
        for entry in archive.infolist():
            assert entry.date_time == (1980, 1, 1, 0, 0, 0)
            assert entry.external_attr >> 16 == 0o100644


def test_an_archive_of_somebody_else_is_left_alone(game, tmp_path):
    for data in (b"", b"mine", zip_of({"a": b""}), zip_of({MANIFEST: b"[]"})):
        path = tmp_path / "art.zip"
        path.write_bytes(data)
        with pytest.raises(ProjectError, match="no export of the studio"):
            write_zip(exported(game), path)
        assert path.read_bytes() == data
    write_zip(exported(game), path, force=True)
    assert path.read_bytes() == zip_bytes(exported(game))


def zip_of(files: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return stream.getvalue()


def test_a_folder_with_other_things_is_left_alone_unless_forced(game, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "hero.png").write_bytes(b"mine")
    with pytest.raises(ProjectError, match="holds no export"):
        write_folder(exported(game), out)
    assert [path.name for path in out.iterdir()] == ["hero.png"]
    write_folder(exported(game), out, force=True)
    assert (out / "hero.png").read_bytes() != b"mine"


def test_an_export_replaces_its_own_files_only(game, tmp_path):
    out = tmp_path / "out"
    write_folder(exported(game), out)
    (out / "notes.txt").write_text("mine")
    before = (out / "tiles" / "wall.png").stat().st_mtime_ns
    game.describe("hero", "blue dragon")
    game.build()
    write_folder(exported(game), out)
    assert (decode_image(out / "hero.png") == decode_image(game.image("hero.png"))).all()
    assert (out / "tiles" / "wall.png").stat().st_mtime_ns == before
    assert (out / "notes.txt").read_text() == "mine"
    (out / "hero.png").write_bytes(b"painted in the export")
    with pytest.raises(ProjectError, match="changed since it was exported"):
        write_folder(exported(game), out)
    game.describe("boat", "a boat")
    game.build()
    (out / "hero.png").unlink()
    (out / "boat.png").write_bytes(b"not of an export")
    with pytest.raises(ProjectError, match="no export wrote"):
        write_folder(exported(game), out)
    assert (out / "boat.png").read_bytes() == b"not of an export"


def test_what_an_export_no_longer_holds_is_told_until_it_is_gone(game, tmp_path):
    out = tmp_path / "out"
    write_folder(exported(game), out)
    (game.root / "hero.desc.toml").unlink()
    assert write_folder(exported(game), out) == ("hero.png",)
    assert write_folder(exported(game), out) == ("hero.png",)
    (out / "hero.png").unlink()
    assert write_folder(exported(game), out) == ()


def test_an_export_that_was_cut_short_can_be_done_again(game, tmp_path):
    out = tmp_path / "out"
    write_folder(exported(game), out)
    old = (out / MANIFEST).read_bytes()
    game.describe("hero", "blue dragon")
    game.build()
    write_folder(exported(game), out)
    (out / MANIFEST).write_bytes(old)  # as if the power had gone before the last file
    write_folder(exported(game), out)


def test_an_export_never_lands_on_the_images_it_was_made_of(game):
    before = game.stamps()
    for force in (False, True):
        with pytest.raises(ProjectError):
            write_folder(exported(game), game.root, force=force)
    assert game.stamps() == before


def test_a_link_in_the_folder_does_not_lead_an_export_elsewhere(game, tmp_path):
    out, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    out.mkdir()
    elsewhere.mkdir()
    (out / "tiles").symlink_to(elsewhere)
    with pytest.raises(ProjectError, match="leaves the project"):
        write_folder(exported(game), out, force=True)
    assert not list(elsewhere.iterdir())


def test_what_is_not_fresh_is_told(game):
    game.describe("hero", "blue dragon")
    game.describe("later", "not there yet")
    game.write("bad.desc.toml", "description = 1")
    assert [path for path, _ in exported(game).unfresh] == [
        "bad.desc.toml",
        "hero.png",
        "later.png",
    ]
    game.describe("later", "never painted", "locked = true")
    assert "later.png" in dict(exported(game).unfresh)


def test_a_file_that_is_no_image_stops_the_export_with_its_name(game):
    game.image("hero.png").write_bytes(b"text")
    with pytest.raises(ProjectError, match="not a PNG") as caught:
        exported(game)
    assert caught.value.path == game.image("hero.png")
    game.image("hero.png").unlink()
    game.image("hero.png").symlink_to(game.image("tiles/wall.png"))
    with pytest.raises(ProjectError, match="not an ordinary file"):
        exported(game)


def test_other_formats_can_be_added(game, tmp_path):
    out = tmp_path / "out"
    export = exported(game).plus([("sheets/hero.json", b"{}")])
    write_folder(export, out)
    assert (out / "sheets" / "hero.json").read_bytes() == b"{}"
    manifest = json.loads((out / MANIFEST).read_bytes())
    assert [row["path"] for row in manifest["extra"]] == ["sheets/hero.json"]
    assert write_folder(exported(game), out) == ("sheets/hero.json",)


def test_a_text_that_the_build_wrote_beside_an_image_goes_with_it(game):
    plan = game.plan()
    hero = plan.targets[0]
    game.write("hero_sheet.json", "{}")
    sheet = replace(hero, target=replace(hero.target, beside="hero_sheet.json"))
    export = make_export(game.project, replace(plan, targets=(sheet, *plan.targets[1:])))
    assert ("hero_sheet.json", b"{}") in export.files
    (extra,) = json.loads(export.manifest())["extra"]
    assert extra["path"] == "hero_sheet.json"


@pytest.mark.parametrize(
    "path", ["../x", "/x", "C:/x", "a\\b", "hero.png", "HERO.png", "manifest.json", "nul", ""]
)
def test_an_added_file_has_a_path_of_its_own_inside(game, path):
    with pytest.raises(ProjectError):
        exported(game).plus([(path, b"")])


@pytest.mark.parametrize(
    "data",
    [b"", b"{}", b"[]", b'{"tool": "x"}', b"\xff", b"[" * 10**5,
     b'{"tool": "llamavis export", "files": [1], "extra": [], "leftover": []}'],
)  # fmt: skip
def test_what_is_no_manifest_is_not_taken_for_one(data):
    assert read_manifest(data) is None
    assert read_manifest(manifest_bytes({"files": [], "extra": [], "leftover": []})) == {}


def test_a_manifest_that_names_places_elsewhere_is_harmless(game, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    rows = [{"path": "../../x", "sha256": "0"}, {"path": "/etc/passwd", "sha256": "0"}]
    (out / MANIFEST).write_bytes(manifest_bytes({"files": rows, "extra": [], "leftover": []}))
    assert write_folder(exported(game), out) == ()
    assert zlib.crc32((out / MANIFEST).read_bytes())
