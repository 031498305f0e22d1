"""`llamavis train --style` from a folder to a project, with a tiny model taught for a second."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from llamavis_studio.cli import run
from llamavis_studio.cli.style_command import COLUMNS, sheet_prompts
from llamavis_studio.cli.style_folder import OwnPicture
from llamavis_studio.imaging.png import decode_image
from llamavis_studio.model.adapter import load_adapter
from llamavis_studio.model.checkpoint import save_checkpoint
from tests.support.styles import some_memory
from tests.support.tiny_model import tiny_model


@pytest.fixture
def revision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A tiny model as the built-in one."""
    model = tiny_model()
    folder = tmp_path / "tiny"
    found = save_checkpoint(model, folder, {"name": "tiny"}, some_memory(model, count=6))
    monkeypatch.setenv("LLAMAVIS_BUILTIN_MODEL", str(folder))
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield found
    torch.set_num_threads(threads)


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "Mine"
    folder.mkdir()
    for number, name in enumerate(("fire imp", "ice wolf", "red cat", "0001")):
        pixels = np.zeros((24, 24, 4), np.uint8)
        pixels[4 + number : 20, 4:20] = (60 * number, 90, 200, 255)
        Image.fromarray(pixels).save(folder / f"{name}.png")
    return folder


def test_from_a_folder_to_a_project(
    revision: str,
    pictures: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    game = tmp_path / "game"
    (game / "art").mkdir(parents=True)
    project = game / "llamavis.toml"
    project.write_text('[project]\nname = "game"\n')
    monkeypatch.chdir(game / "art")
    arguments = ["train", "--style", str(pictures), "--name", "toon", "--minutes", "0.02"]
    assert run([*arguments, "--json"]) == 0
    said = capfd.readouterr()
    told = json.loads(said.out)
    style = game / "styles" / "toon.safetensors"
    assert told["out"] == str(style) and told["pictures"] == 4
    assert "fire imp.png: fire imp (sprite)" in said.err
    assert "1 pictures have no words: the model names them" in said.err
    adapter = load_adapter(style, revision)
    assert adapter.name == "toon" and adapter.pictures is not None
    assert adapter.pictures.names[1:] == ("fire imp", "ice wolf", "red cat")
    sheet = decode_image(game / "styles" / "toon.before_after.png")
    assert sheet.shape[1] > COLUMNS * 128
    project.write_text(
        '[project]\nname = "game"\n[style.toon]\nadapter = "styles/toon.safetensors"\n'
    )
    words = 'description = "ice wolf"\nseed = 3\n'
    (game / "plain.desc.toml").write_text(words)
    (game / "styled.desc.toml").write_text(words + 'style = "toon"\n')
    assert run(["build", str(game)]) == 0
    plain, styled = (decode_image(game / f"{name}.png") for name in ("plain", "styled"))
    assert not np.array_equal(plain, styled)


def test_the_name_is_the_folders_and_the_place_may_be_chosen(
    revision: str,
    pictures: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    out = tmp_path / "elsewhere" / "x.safetensors"
    assert run(["train", "--style", "Mine", "--minutes", "0.01", "--out", str(out)]) == 0
    assert load_adapter(out, revision).name == "Mine"
    assert out.with_name("x.before_after.png").is_file()
    assert "[style.Mine]" in capfd.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--style", "nowhere"], "there is no such folder"),
        (["--style", "Mine", "--name", "a/b"], "holds '/'"),
        (["--style", "Mine", "--out", "x.pt"], "must end in .safetensors"),
        ([], "--style"),
    ],
)
def test_wrong_use_is_told(
    arguments: list[str],
    says: str,
    pictures: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["train", *arguments]) == 2
    assert says in capfd.readouterr().err


def test_without_a_model_there_is_nothing_to_teach(
    pictures: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("LLAMAVIS_BUILTIN_MODEL", str(tmp_path / "none"))
    monkeypatch.chdir(tmp_path)
    assert run(["train", "--style", str(pictures)]) == 1
    assert "no built-in model" in capfd.readouterr().err
    assert not (tmp_path / "styles").exists()


def own(*words: str) -> list[OwnPicture]:
    pixels = np.zeros((8, 8, 4), np.uint8)
    return [OwnPicture(Path(f"{text}.png"), pixels, text, "sprite") for text in words]


def test_the_sheet_shows_own_words_and_new_ones() -> None:
    pictures = own("fire imp", "ice wolf", "cow", "red dragon", "pig", "blue fish")
    prompts = [r.prompt for r in sheet_prompts(pictures[4:5], pictures, 0)]
    assert prompts[:4] == ["pig", "fire imp", "ice wolf", "cow"]
    assert len(set(prompts)) == COLUMNS
    assert "fire wolf" in prompts and "red dragon" not in prompts[4:]
    few = [r.prompt for r in sheet_prompts([], own("cow", "cow", "pig"), 0)]
    assert few[:2] == ["cow", "pig"] and len(set(few)) == COLUMNS
