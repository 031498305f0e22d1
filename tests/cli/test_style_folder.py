"""What a folder of pictures says: words in their order, what is left out, what is cut out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from llamavis_studio.cli.style_folder import OwnPicture, read_style_folder, words_of_name
from llamavis_studio.core.asset import Provenance
from llamavis_studio.core.errors import LlamaVisError, ProjectError
from llamavis_studio.imaging.arrays import Pixels
from llamavis_studio.imaging.png import encode_png


def a_sprite(number: int = 0, side: int = 16) -> Pixels:
    pixels = np.zeros((side, side, 4), np.uint8)
    pixels[4:12, 3:13] = (20 + number, 200, 90, 255)
    return pixels


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three sprites named in words: enough for a style."""
    for number, name in enumerate(("ice_wolf_01", "fireImp", "old-tree (2)")):
        Image.fromarray(a_sprite(number)).save(tmp_path / f"{name}.png")
    return tmp_path


def read(folder: Path) -> tuple[dict[str, OwnPicture], list[str]]:
    told: list[LlamaVisError] = []
    found = read_style_folder(folder, told.append)
    return {p.file.name: p for p in found}, [error.message for error in told]


@pytest.mark.parametrize(
    ("stem", "words"),
    [
        ("fire_imp_02", "fire imp"),
        ("fireImp", "fire imp"),
        ("sword_32x32", "sword"),
        ("v2_old_tree", "old tree"),
        ("goblin2", "goblin"),
        ("红龙_01", "红龙"),
        ("king_of_a_hill", "king of a hill"),
        ("IMG_2034", ""),
        ("0001", ""),
        ("sprite_12", ""),
        ("a01", ""),
        ("9f3ab2c1d4", ""),
    ],
)
def test_file_names_are_cleaned_to_words(stem: str, words: str) -> None:
    assert words_of_name(stem) == words


def test_words_come_from_the_nearest_source(folder: Path) -> None:
    picture = Image.fromarray(a_sprite())
    for name in ("a_cat", "b_cat", "c_cat", "d_cat"):
        picture.save(folder / f"{name}.png")
    (folder / "a_cat.desc.toml").write_text('description = "grey cat"\nkind = "character"\n')
    (folder / "a_cat.txt").write_text("not this")
    (folder / "b_cat.txt").write_text("a black\n  cat ")
    (folder / "c_cat.caption").write_text("红猫", encoding="utf-8")
    note = Provenance(
        build_key="k", parts={"kind": "item"}, prompt="cat of gold", seed=1, backend="builtin",
        source="x.desc.toml", pixel_hash="h",
    )  # fmt: skip
    (folder / "e_cat.png").write_bytes(encode_png(a_sprite(), provenance_json=note.to_json()))
    found, told = read(folder)
    said = {name: (p.words, p.kind) for name, p in found.items()}
    assert said["a_cat.png"] == ("grey cat", "character")
    assert said["b_cat.png"] == ("a black cat", "sprite")
    assert said["c_cat.png"] == ("红猫", "sprite")
    assert said["d_cat.png"] == ("d cat", "sprite")
    assert said["e_cat.png"] == ("cat of gold", "item")
    assert said["ice_wolf_01.png"] == ("ice wolf", "sprite")
    assert not told


def test_what_cannot_be_used_is_named_and_the_rest_is_read(folder: Path) -> None:
    (folder / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nrubbish")
    (folder / "notes.md").write_text("no image")
    (folder / ".hidden.png").write_bytes(b"")
    (folder / "folder.png").mkdir()
    (folder / "fireImp.desc.toml").write_text('descripton = "x"')
    (folder / "ice_wolf_01.txt").write_bytes(b"\xff\xfe\x00")
    found, told = read(folder)
    assert sorted(found) == ["fireImp.png", "ice_wolf_01.png", "old-tree (2).png"]
    assert found["fireImp.png"].words == "fire imp"
    assert found["ice_wolf_01.png"].words == "ice wolf"
    assert len(told) >= 4
    assert sum(message.startswith("left out: ") for message in told) == 2


def test_too_few_pictures_are_refused(tmp_path: Path, folder: Path) -> None:
    (folder / "fireImp.png").write_bytes(b"")
    with pytest.raises(ProjectError, match="at least 3 images; only 2 of 3 can be read"):
        read(folder)
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(ProjectError, match="there are none") as caught:
        read(empty)
    assert caught.value.path == empty and "PNG" in caught.value.hint
    with pytest.raises(ProjectError, match="there is no such folder"):
        read(tmp_path / "nowhere")
    with pytest.raises(ProjectError):
        read(folder / "ice_wolf_01.png")


def test_a_plain_ground_is_cut_out_and_full_pictures_are_textures_or_scenes(folder: Path) -> None:
    ground = np.full((40, 40, 3), 250, np.uint8)
    ground[10:30, 12:28] = (200, 30, 30)
    Image.fromarray(ground).save(folder / "red_box.jpg", quality=90)
    noise = np.random.default_rng(0).integers(0, 256, (32, 64, 3)).astype(np.uint8)
    Image.fromarray(noise).save(folder / "storm.png")
    Image.fromarray(noise[:, :32]).save(folder / "gravel.webp", lossless=True)
    found, _ = read(folder)
    box = found["red_box.jpg"]
    assert box.kind == "sprite" and box.pixels[0, 0, 3] == 0 and box.pixels[20, 20, 3] == 255
    assert found["storm.png"].kind == "background" and found["gravel.webp"].kind == "texture"
