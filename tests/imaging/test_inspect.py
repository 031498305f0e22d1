"""Import without a model: what a file is, what it looks like, what its name says."""

from __future__ import annotations

import io
import pickle
import random
import time
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from llamavis_studio.imaging.colour_cells import cell_centre, cells_near, colour_cell, oklab_of
from llamavis_studio.imaging.inspect import (
    Inspected,
    frame_number,
    inspect_image,
    kind_by_name,
    map_set,
)
from llamavis_studio.imaging.oklab import srgb_to_oklab
from llamavis_studio.imaging.png_chunks import png_header, unpack_png, walk_png
from llamavis_studio.imaging.seamless import seam_score
from tests.support import damaged_images

BYTE = st.integers(0, 255)


def test_each_good_file_is_read_with_its_format() -> None:
    for name, data in damaged_images.good_images().items():
        found = inspect_image(data, name)
        assert found.problem == "", (name, found)
        assert found.note in ("", "shown as an icon") or found.format == "XCF"
        assert found.width > 0 and found.height > 0
        assert (found.format in ("SVG", "XCF")) == (found.colours == ())
        assert pickle.loads(pickle.dumps(found)) == found
        assert all(type(value) in (int, float) for colour in found.colours for value in colour)


def test_six_hundred_damaged_files_raise_nothing() -> None:
    refused = 0
    for name, data in damaged_images.damaged(seed=7, count=600):
        start = time.process_time()
        found = inspect_image(data, name)
        assert time.process_time() - start < 2.0, name
        refused += bool(found.problem)
        assert found.problem or found.format, name
        assert found.problem or found.dhash or found.flat, name
        if "-cut-" in name and not _pillow_reads(data):
            assert found.problem or found.format in ("SVG", "XCF", "KRA", "ORA", "ASEPRITE"), name
    assert refused > 250
    again = list(damaged_images.damaged(seed=7, count=40))
    assert again == list(damaged_images.damaged(seed=7, count=40))


@pytest.mark.parametrize(
    ("make", "name", "told"),
    [
        (lambda: b"", "a.png", "the file is empty"),
        (damaged_images.huge_png, "a.png", "100000x100000"),
        (damaged_images.hundred_megapixels, "a.png", "10000x10000, that is 100 million"),
        (lambda: bytes(40), "a.png", "nothing but zeros"),
        (lambda: b"hello", "a.png", "called .png, but its content is no PNG"),
        (damaged_images.zip_bomb, "a.kra", "over 128 MiB"),
        (lambda: damaged_images.good_images()["png8.png"][:-40], "a.png", "cut short"),
        (lambda: damaged_images.good_images()["jpeg.jpg"][:-300], "a.jpg", "cut short"),
    ],
)
def test_a_problem_is_told_in_the_users_words(make, name: str, told: str) -> None:
    found = inspect_image(make(), name)
    assert told in found.problem
    assert found.colours == () and found.flat


def test_a_wrong_checksum_is_told() -> None:
    data = bytearray(damaged_images.good_images()["png8.png"])
    data[data.index(b"IDAT") + 20] ^= 4
    found = inspect_image(bytes(data), "a.png")
    assert found.problem.startswith("the checksum of the PNG's IDAT chunk is wrong")
    assert (found.format, found.width, found.height) == ("PNG", 32, 24)


def test_bombs_take_little_memory() -> None:
    bombs = [damaged_images.note_bomb(), damaged_images.pixel_bomb(), damaged_images.huge_png()]
    tracemalloc.start()
    try:
        found = [inspect_image(data, "a.png") for data in bombs]
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
    finally:
        tracemalloc.stop()
    assert found[0].problem == "" and found[0].width == 2
    assert found[2].problem


def test_the_content_and_not_the_name_is_the_format() -> None:
    found = inspect_image(damaged_images.good_images()["jpeg.jpg"], "hero.png")
    assert (found.format, found.problem) == ("JPEG", "")
    assert found.note == "is a JPEG though it is called .png"


@pytest.mark.parametrize("name", [n for n in damaged_images.good_images() if n.startswith("png")])
def test_png_pixels_are_those_of_pillow(name: str) -> None:
    data = damaged_images.good_images()[name]
    parts = png_header(data)
    walk_png(data, parts)
    ours = unpack_png(parts)
    with Image.open(io.BytesIO(data)) as theirs:
        assert ours.mode == theirs.mode
        if ours.mode.startswith("I"):
            assert np.array_equal(np.asarray(ours), np.asarray(theirs))
        else:
            assert ours.convert("RGBA").tobytes() == theirs.convert("RGBA").tobytes()


@pytest.mark.parametrize(("mode", "key"), [("L", 90), ("RGB", (90, 90, 90)), ("1", 255)])
def test_one_clear_colour_is_alpha(mode: str, key) -> None:
    image = Image.new(mode, (8, 8), key)
    found = inspect_image(_png(image, transparency=key), "a.png")
    assert found.has_alpha and found.colours == () and found.flat
    other = inspect_image(_png(Image.new(mode, (8, 8), 0), transparency=key), "a.png")
    assert not other.has_alpha and other.colours[0][:4] == (colour_cell(0, 0, 0), 0, 0, 0)


def test_alpha_means_a_pixel_that_is_clear() -> None:
    assert not inspect_image(_png(Image.new("RGBA", (9, 9), (1, 2, 3, 255))), "a").has_alpha
    image = Image.new("RGBA", (300, 200), (1, 2, 3, 255))
    image.putpixel((171, 93), (1, 2, 3, 254))
    assert inspect_image(_png(image), "a").has_alpha


def test_the_hash_survives_another_encoding() -> None:
    image = Image.fromarray(_scene(200))
    png = inspect_image(_png(image), "a")
    for kind, options in (("BMP", {}), ("TGA", {}), ("WEBP", {"lossless": True}), ("TIFF", {})):
        stream = io.BytesIO()
        image.save(stream, kind, **options)
        name = f"a.{kind.lower()}"
        assert inspect_image(stream.getvalue(), name).dhash == png.dhash
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=85)
    assert _apart(inspect_image(stream.getvalue(), "a").dhash, png.dhash) <= 6
    assert not png.flat


def test_the_hash_is_near_for_like_pictures_and_far_for_others() -> None:
    scene = _scene(96)
    brighter = np.clip(scene.astype(int) + 6, 0, 255).astype(np.uint8)
    first, second = (inspect_image(_png(Image.fromarray(p)), "a").dhash for p in (scene, brighter))
    assert _apart(first, second) <= 4
    others = [inspect_image(_png(Image.fromarray(_scene(96, seed))), "a").dhash for seed in (1, 2)]
    assert _apart(first, others[0]) > 12 and _apart(*others) > 12
    assert -(1 << 63) <= first < 1 << 63


def test_the_hash_counts_bits_from_the_top_left() -> None:
    ramp = np.tile((np.arange(9) * 20).astype(np.uint8), (8, 1))
    assert inspect_image(_png(Image.fromarray(ramp)), "a").dhash == -1
    assert inspect_image(_png(Image.fromarray(ramp[:, ::-1].copy())), "a").dhash == 0
    assert not inspect_image(_png(Image.fromarray(ramp[:, ::-1].copy())), "a").flat
    ramp[0, 1:] = 0  # row 0: nothing becomes lighter
    ramp[0, 0] = 5
    assert inspect_image(_png(Image.fromarray(ramp)), "a").dhash & (1 << 64) - 1 == (1 << 56) - 1


@pytest.mark.parametrize("colour", [(0, 0, 0, 255), (200, 30, 40, 255), (9, 9, 9, 0)])
def test_a_plain_picture_is_flat(colour) -> None:
    found = inspect_image(_png(Image.new("RGBA", (33, 21), colour)), "a")
    assert found.flat and found.dhash == 0


def test_main_colours_and_shares() -> None:
    image = Image.new("RGBA", (10, 10), (255, 0, 0, 255))
    image.paste((0, 0, 255, 255), (0, 0, 10, 3))
    image.paste((0, 255, 0, 0), (0, 9, 10, 10))  # clear: not seen
    found = inspect_image(_png(image), "a")
    assert [colour[1:4] for colour in found.colours] == [(255, 0, 0), (0, 0, 255)]
    assert [colour[4] for colour in found.colours] == pytest.approx([6 / 9, 3 / 9])
    assert all(colour[0] == colour_cell(*colour[1:4]) for colour in found.colours)


def test_many_colours_give_at_most_six_that_are_near() -> None:
    scene = _scene(256)
    found = inspect_image(_png(Image.fromarray(scene)), "a")
    assert 1 <= len(found.colours) <= 6
    shares = [colour[4] for colour in found.colours]
    assert shares == sorted(shares, reverse=True) and sum(shares) <= 1.0 + 1e-9
    _, *rgb, _ = found.colours[0]
    assert np.abs(scene.reshape(-1, 3).astype(int) - rgb).max(axis=1).min() <= 16


@given(BYTE, BYTE, BYTE)
def test_a_cell_holds_its_colour(r: int, g: int, b: int) -> None:
    here = oklab_of(r, g, b)
    assert np.allclose(here, srgb_to_oklab(np.array([r, g, b], np.uint8)), atol=1e-5)
    centre = cell_centre(colour_cell(r, g, b))
    for value, middle, half in zip(here, centre, (1 / 32, 0.025, 0.025), strict=True):
        assert abs(value - middle) <= half + 1e-6


def test_known_cells() -> None:
    assert colour_cell(0, 0, 0) >> 8 == 0
    assert colour_cell(255, 255, 255) >> 8 == 15
    assert colour_cell(255, 0, 0) == 10 << 8 | 12 << 4 | 10  # OKLab 0.628, 0.225, 0.126


def test_cells_near_hold_every_colour_within_the_distance() -> None:
    rng = random.Random(5)
    for _ in range(60):
        colour = tuple(rng.randrange(256) for _ in range(3))
        distance = rng.choice([0.0, 0.02, 0.07, 0.2])
        cells = set(cells_near(*colour, distance))
        here = np.array(oklab_of(*colour))
        assert colour_cell(*colour) in cells
        for _ in range(200):
            other = tuple(min(255, max(0, c + rng.randint(-50, 50))) for c in colour)
            if np.linalg.norm(np.array(oklab_of(*other)) - here) <= distance:
                assert colour_cell(*other) in cells
    assert len(cells_near(128, 128, 128, 0.0)) < 20
    assert len(cells_near(128, 128, 128, 3.0)) == 4096


@pytest.mark.parametrize("side", [8, 32, 100, 300])
def test_the_seam_is_that_of_seamless(side: int) -> None:
    y, x = np.mgrid[:side, :side]
    wave = (
        128
        + 60 * np.sin(2 * np.pi * x / side * 3 + 0.8)
        + 50 * np.sin(2 * np.pi * y / side * 2 + 0.8)
    )
    tile = np.repeat(wave[..., None], 3, axis=2).astype(np.uint8)
    found = inspect_image(_png(Image.fromarray(tile)), "a")
    assert found.seam == pytest.approx(seam_score(tile), rel=0.25)
    assert found.kind == "texture" or side < 100  # few pixels make the change at the seam steep
    ramp = np.clip(np.stack([x * 200 // side, y * 2, x], -1), 0, 255).astype(np.uint8)
    broken = inspect_image(_png(Image.fromarray(ramp)), "a").seam
    assert broken is not None and broken > 1.5
    assert seam_score(ramp) > 1.5


def test_no_seam_where_no_tile_can_be() -> None:
    for size in ((7, 7), (64, 32), (1100, 1100)):
        assert inspect_image(_png(Image.new("RGB", size, (1, 2, 3))), "a").seam is None
    clear = Image.new("RGBA", (32, 32), (9, 9, 9, 0))
    assert inspect_image(_png(clear), "a").seam is None


def test_pixel_art_is_told_from_photographs_and_soft_icons() -> None:
    assert inspect_image(_png(_hero(32)), "a").pixel_art
    large = _hero(32).resize((512, 512), Image.Resampling.NEAREST)
    assert inspect_image(_png(large), "a").pixel_art
    assert not inspect_image(_png(Image.fromarray(_scene(256))), "a").pixel_art
    soft = _hero(32).resize((300, 300), Image.Resampling.BICUBIC)
    assert not inspect_image(_png(soft), "a").pixel_art
    assert not inspect_image(_png(Image.linear_gradient("L").resize((64, 64))), "a").pixel_art


def test_kinds_by_pixels() -> None:
    assert _kind(_hero(32)) == "sprite"
    strip = Image.new("RGBA", (128, 32))
    for at in range(4):
        strip.paste(_hero(32), (32 * at, 0))
    assert _kind(strip) == "sheet"
    grid = Image.new("RGBA", (128, 128))
    for at in range(16):
        grid.paste(_hero(32), (32 * (at % 4), 32 * (at // 4)))
    assert _kind(grid) == "sheet"
    magenta = Image.new("RGBA", grid.size, (255, 0, 255, 255))
    magenta.alpha_composite(grid)
    assert _kind(magenta.convert("RGB")) == "sheet"
    assert _kind(_hero(128)) == "sprite"
    assert _kind(_normals()) == "normal"
    assert _kind(Image.fromarray(_scene(640)[:400])) == "photo"
    wide = Image.new("RGB", (480, 270), (90, 160, 240))
    wide.paste((40, 120, 50), (0, 180, 480, 270))
    wide.paste((250, 220, 90), (380, 20, 430, 70))
    assert _kind(wide) == "background"
    rounded = Image.new("RGBA", (64, 64), (30, 90, 160, 255))
    for corner in ((0, 0), (63, 0), (0, 63), (63, 63)):
        rounded.putpixel(corner, (0, 0, 0, 0))
    assert _kind(rounded) == "icon"
    assert _kind(Image.new("RGB", (16, 16), (4, 5, 6))) == "texture"


def test_moving_files_are_animations() -> None:
    for name in ("gif-animated.gif", "png-animated.png", "webp-animated.webp"):
        found = inspect_image(damaged_images.good_images()[name], name)
        assert (found.frames, found.kind) == (2, "animation")


def test_exif_turns_the_size() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # a quarter turn
    for kind in ("JPEG", "PNG", "WEBP"):
        stream = io.BytesIO()
        Image.fromarray(_scene(64)[:40]).save(stream, kind, exif=exif)
        found = inspect_image(stream.getvalue(), "a")
        assert (found.width, found.height, found.problem) == (40, 64, "")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("brick_n.png", "normal"),
        ("brick_normal.png", "normal"),
        ("Brick_NRM.tga", "normal"),
        ("Bricks075A_1K-PNG_NormalGL.png", "normal"),
        ("wall_albedo.png", "base_color"),
        ("wall_BaseColor.png", "base_color"),
        ("wall_base_color_2k.jpg", "base_color"),
        ("wall_diffuse.png", "base_color"),
        ("wall_col.png", "base_color"),
        ("wall_roughness.png", "roughness"),
        ("wall_rough.png", "roughness"),
        ("wall_metallic.png", "metallic"),
        ("wall_ao.png", "occlusion"),
        ("wall_AmbientOcclusion.png", "occlusion"),
        ("wall_disp.png", "height"),
        ("wall_height.png", "height"),
        ("wall_arm_4k.png", "orm"),
        ("wall_orm.png", "orm"),
        ("wall_emissive.png", "emissive"),
        ("sword_icon.png", "icon"),
        ("ui/button_normal.png", "icon"),
        ("hero_sheet.png", "sheet"),
        ("spritesheet.png", "sheet"),
        ("forest_background.png", "background"),
        ("bg-03.png", "background"),
        ("hero.png", ""),
        ("normal.png", ""),
        ("", ""),
    ],
)
def test_kinds_by_name(name: str, kind: str) -> None:
    assert kind_by_name(name) == kind


def test_an_arm_with_clear_pixels_around_is_no_material() -> None:
    assert kind_by_name("robot_arm.png", opaque=False) == ""
    assert inspect_image(_png(_hero(32)), "robot_arm.png").kind == "sprite"
    assert inspect_image(_png(_hero(32)), "hero_albedo.png").kind == "base_color"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("brick_albedo.png", ("brick", "base_color")),
        ("Brick_Normal.png", ("brick", "normal")),
        ("tex/brick_nor_gl_1k.png", ("tex/brick_1k", "normal")),
        ("tex/brick_diff_1k.png", ("tex/brick_1k", "base_color")),
        ("Bricks075A_1K-PNG_NormalGL.png", ("bricks075a_1k-png", "normal")),
        ("Bricks075A_1K-PNG_Color.png", ("bricks075a_1k-png", "base_color")),
        ("brick_base_color.png", ("brick", "base_color")),
        ("brick.png", None),
        ("normal.png", None),
        ("hero_walk.png", None),
    ],
)
def test_maps_of_one_material(name: str, told) -> None:
    assert map_set(name) == told


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("walk_01.png", ("walk", 1)),
        ("walk_12.png", ("walk", 12)),
        ("walk (3).png", ("walk", 3)),
        ("hero/run-007.png", ("hero/run", 7)),
        ("level2.png", ("level", 2)),
        ("0004.png", ("", 4)),
        ("rock_64x64.png", None),
        ("hero.png", None),
        ("walk_01_n.png", None),
    ],
)
def test_frames_by_number(name: str, told) -> None:
    assert frame_number(name) == told


@given(st.text(max_size=60))
def test_any_name_is_answered(name: str) -> None:
    kind_by_name(name)
    map_set(name)
    frame_number(name)
    assert isinstance(inspect_image(b"GIF89a", name), Inspected)


def _png(image: Image.Image, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "PNG", **options)
    return stream.getvalue()


def _kind(image: Image.Image) -> str:
    found = inspect_image(_png(image), "a.png")
    assert found.problem == ""
    return found.kind


def _apart(first: int, second: int) -> int:
    return ((first ^ second) & (1 << 64) - 1).bit_count()


def _scene(side: int, seed: int = 0) -> np.ndarray:
    """Soft, with many colours, as a photograph."""
    rng = np.random.default_rng(seed)
    rough = Image.fromarray(rng.integers(0, 256, (7, 7, 3), dtype=np.uint8))
    smooth = np.asarray(rough.resize((side, side), Image.Resampling.BICUBIC)).astype(int)
    return np.clip(smooth + rng.integers(-3, 4, smooth.shape), 0, 255).astype(np.uint8)


def _hero(side: int) -> Image.Image:
    """Few colours, hard edges, clear pixels around; no straight gutter through its middle."""
    small = np.zeros((16, 16, 4), np.uint8)
    small[3:13, 4:12] = (180, 60, 50, 255)
    small[4:8, 5:11] = (240, 200, 160, 255)
    small[5, 6:10:3] = (20, 20, 40, 255)
    small[12, 5:11] = (60, 60, 70, 255)
    return Image.fromarray(small).resize((side, side), Image.Resampling.NEAREST)


def _normals() -> Image.Image:
    y, x = np.mgrid[:64, :64]
    slope_x, slope_y = 0.4 * np.sin(x / 3), 0.4 * np.cos(y / 4)
    vectors = np.stack([slope_x, slope_y, np.ones((64, 64))], -1)
    vectors /= np.linalg.norm(vectors, axis=2, keepdims=True)
    return Image.fromarray(np.rint(vectors * 127.5 + 127.5).astype(np.uint8))


def _pillow_reads(data: bytes) -> bool:
    try:
        with Image.open(io.BytesIO(data)) as image:
            image.load()
    except Exception:  # noqa: BLE001 - whatever it says, it does not read it
        return False
    return True
