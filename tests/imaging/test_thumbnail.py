"""Thumbnails: crisp or smooth as the picture is, without fringes, moving where it moves."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from llamavis_studio.imaging.errors import ImageError
from llamavis_studio.imaging.thumbnail import frames_of, sheet_frames, thumbnail, thumbnail_png
from tests.support import damaged_images


def _checks(side: int, cell: int = 1) -> np.ndarray:
    y, x = np.mgrid[:side, :side] // cell
    out = np.zeros((side, side, 4), np.uint8)
    out[(x + y) % 2 == 0] = (250, 40, 30, 255)
    out[(x + y) % 2 == 1] = (20, 30, 90, 255)
    return out


def _smooth(width: int, height: int) -> np.ndarray:
    rng = np.random.default_rng(3)
    rough = Image.fromarray(rng.integers(0, 256, (6, 6, 3), dtype=np.uint8))
    return np.array(rough.resize((width, height), Image.Resampling.BICUBIC))


def test_small_pixel_art_grows_by_a_whole_factor() -> None:
    art = _checks(24, 3)
    out = thumbnail(art, 128)
    assert np.array_equal(out, art.repeat(5, axis=0).repeat(5, axis=1))  # 5 * 24 = 120


def test_large_pixel_art_keeps_its_colours() -> None:
    art = _checks(512, 16)
    out = thumbnail(art, 128)
    assert out.shape == (128, 128, 4)
    assert np.array_equal(out, _checks(128, 4))


def test_other_pictures_are_reduced_but_never_grow() -> None:
    photo = _smooth(400, 300)
    out = thumbnail(photo, 128)
    assert out.shape == (96, 128, 4) and out[..., 3].min() == 255
    assert abs(float(out[..., :3].mean()) - float(photo.mean())) < 1.0
    assert thumbnail(_smooth(50, 40), 128).shape == (40, 50, 4)
    assert thumbnail(_smooth(900, 2), 128).shape == (1, 128, 4)


def test_clear_pixels_lend_no_colour() -> None:
    y, x = np.mgrid[:300, :300]
    picture = np.zeros((300, 300, 4), np.uint8)
    picture[..., 1] = 255  # green, all of it clear
    disc = (x - 150) ** 2 + (y - 150) ** 2 < 110**2
    picture[disc] = np.stack([200 + x % 50, 0 * x, 0 * x, 0 * x + 255], -1)[disc].astype(np.uint8)
    out = thumbnail(picture, 100)
    seen = out[..., 3] > 40
    assert seen.any() and (out[..., 3] == 0).any()
    assert int(out[seen][:, 1].max()) <= 24
    assert int(out[seen][:, 0].min()) >= 170


@pytest.mark.parametrize("side", [0, -3])
def test_a_side_below_one_is_refused(side: int) -> None:
    with pytest.raises(ImageError, match="at least 1 pixel"):
        thumbnail(_checks(4), side)
    with pytest.raises(ImageError, match="at least 1 pixel"):
        thumbnail_png(damaged_images.good_images()["png8.png"], "a.png", side)


def test_frames_of_moving_files() -> None:
    pictures = [
        Image.fromarray(np.full((6, 8, 4), (8 * i, 200, 30, 255), np.uint8)) for i in range(30)
    ]
    for kind, options in (("PNG", {}), ("WEBP", {"lossless": True}), ("GIF", {})):
        stream = io.BytesIO()
        pictures[0].save(stream, kind, save_all=True, append_images=pictures[1:], **options)
        frames = frames_of(stream.getvalue(), most=10)
        assert [frame.shape for frame in frames] == [(6, 8, 4)] * 10
        assert [int(frame[0, 0, 0]) for frame in frames] == [24 * i for i in range(10)]
        assert len(frames_of(stream.getvalue(), most=1)) == 1
        assert len(frames_of(stream.getvalue(), most=99)) == 30


def test_a_still_file_is_one_frame() -> None:
    data = damaged_images.good_images()["jpeg.jpg"]
    (frame,) = frames_of(data)
    assert frame.shape == (24, 32, 4) and frame[..., 3].min() == 255


def test_frames_of_a_sheet() -> None:
    sheet = np.arange(4 * 8 * 4, dtype=np.uint8).reshape(4, 8, 4)
    first, second = sheet_frames(sheet, [(0, 0, 4, 4), (6, 2, 4, 4)])
    assert np.array_equal(first, sheet[:, :4]) and np.array_equal(second, sheet[2:, 6:])
    first[:] = 0
    assert sheet[0, 0, 1] == 1
    for box in ((8, 0, 2, 2), (0, 0, 0, 3), (-4, 0, 4, 4)):
        with pytest.raises(ImageError, match="outside a sheet of 8x4"):
            sheet_frames(sheet, [box])


def test_every_good_file_with_pixels_has_a_thumbnail() -> None:
    for name, data in damaged_images.good_images().items():
        if name.endswith((".svg", ".xcf")):
            with pytest.raises(ImageError, match="no picture in this"):
                thumbnail_png(data, name, 64)
            continue
        with Image.open(io.BytesIO(thumbnail_png(data, name, 64))) as image:
            image.load()
            assert image.format == "PNG" and max(image.size) <= 64
            assert getattr(image, "n_frames", 1) == (2 if "animated" in name else 1)


def test_a_moving_thumbnail_keeps_its_time() -> None:
    pictures = [Image.new("RGB", (40, 40), (9 * i, 90, 200)) for i in range(24)]
    stream = io.BytesIO()
    pictures[0].save(stream, "GIF", save_all=True, append_images=pictures[1:], duration=50)
    data = thumbnail_png(stream.getvalue(), "a.gif", 32)
    with Image.open(io.BytesIO(data)) as image:
        assert image.n_frames == 12
        total = 0.0
        for at in range(12):
            image.seek(at)
            total += image.info["duration"]
        assert total == 24 * 50
    assert data == thumbnail_png(stream.getvalue(), "a.gif", 32)


def test_a_picture_with_a_clear_palette_keeps_it() -> None:
    image = Image.new("P", (20, 10), 1)
    image.putpalette([0, 0, 0, 250, 10, 20])
    image.paste(0, (0, 0, 10, 10))
    stream = io.BytesIO()
    image.save(stream, "PNG", transparency=0)
    with Image.open(io.BytesIO(thumbnail_png(stream.getvalue(), "a.png", 20))) as small:
        assert small.getpixel((0, 0))[3] == 0
        assert small.getpixel((15, 5)) == (250, 10, 20, 255)


def test_damaged_files_give_a_picture_or_a_reason() -> None:
    refused = 0
    for name, data in damaged_images.damaged(seed=11, count=200):
        try:
            assert thumbnail_png(data, name, 32).startswith(damaged_images.PNG_START)
        except ImageError:
            refused += 1
    assert refused > 60
