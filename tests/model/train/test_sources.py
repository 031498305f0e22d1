from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

from llamavis_studio.model.train.sources import fit, read_rows, shrink


def test_a_zip_reads_like_its_folder(data_dir: Path, tmp_path: Path) -> None:
    packed = tmp_path / "packed"
    packed.mkdir()
    with zipfile.ZipFile(packed / "tiles.zip", "w") as bundle:
        for file in (data_dir / "tiles").iterdir():
            bundle.write(file, f"tiles/{file.name}")
    loose, zipped = list(read_rows(data_dir, "tiles")), list(read_rows(packed, "tiles"))
    assert [r.fields for r in loose] == [r.fields for r in zipped]
    assert all((a.pixels == b.pixels).all() for a, b in zip(loose, zipped, strict=True))


def test_missing_data_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"tiles\.zip"):
        list(read_rows(tmp_path, "tiles"))


def test_small_tiles_are_centred_and_tall_ones_stand_on_the_ground() -> None:
    small = np.full((30, 30, 4), 255, np.uint8)
    placed = fit(small)
    assert placed is not None
    assert (placed[1:31, 1:31] == 255).all()
    assert placed[0].max() == 0
    tall = np.zeros((48, 32, 4), np.uint8)
    tall[20:44, 8:24] = 200
    stood = fit(tall)
    assert stood is not None
    assert stood.shape == (32, 32, 4)
    assert stood[-1, 8:24].min() == 200


def test_a_picture_of_another_scale_is_refused() -> None:
    assert fit(np.full((96, 96, 4), 255, np.uint8)) is None


def test_shrinking_averages_light_and_ignores_clear_colour() -> None:
    pixels = np.zeros((64, 64, 4), np.uint8)
    pixels[:, ::2] = (255, 255, 255, 255)
    pixels[:, 1::2] = (0, 0, 0, 255)
    assert shrink(pixels, 32, 32)[5, 5, 0] == 188  # half the light, not half the byte
    pixels[:, 1::2] = (255, 0, 0, 0)
    out = shrink(pixels, 32, 32)
    assert tuple(out[5, 5]) == (255, 255, 255, 128)
