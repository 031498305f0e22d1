"""A checkpoint of Janus where users meet it: descriptions become pictures, pictures words."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from llamavis_studio.backends.model_records import FOLDER_VARIABLE, write_record
from llamavis_studio.imaging.png import decode_image, encode_png
from tests.support.games import described, make_game, on_disk
from tests.support.tiny_janus import SIDE_PX, tiny_record

pytestmark = pytest.mark.backends


@pytest.fixture(autouse=True)
def record(janus_folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "models"))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    write_record(tiny_record(janus_folder, answer_tokens=8))


def run(*arguments: str) -> str:
    from llamavis_studio.cli.app import app

    done = CliRunner().invoke(app, list(arguments))
    assert done.exit_code == 0, done.output
    # The studio's own notes, and nothing of the libraries.
    assert "Loading weights" not in done.output
    return done.stdout


def test_a_project_is_built_and_described(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from llamavis_studio.pipeline.notes import provenance_in

    root = make_game(
        tmp_path / "game",
        {
            "llamavis.toml": '[project]\nname = "game"\nbackend = "tiny"\n',
            "floor.desc.toml": described("grey stone floor", 'kind = "texture"\nsize = [24, 24]\n'),
        },
    )
    monkeypatch.chdir(root)
    run("build")
    (built,) = root.rglob("*.png")
    assert decode_image(built).shape[:2] == (24, 24)
    provenance = provenance_in(built)
    assert provenance is not None
    assert provenance.backend == "tiny" and provenance.prompt
    assert provenance.drawn_px == (SIDE_PX, SIDE_PX)
    before = on_disk(root)
    run("build")
    assert on_disk(root) == before
    told = json.loads(run("caption", str(built), "--backend", "tiny", "--json"))
    assert told[0]["caption"]


def test_a_region_of_a_picture_is_drawn_anew(tmp_path: Path) -> None:
    common = ("--backend", "tiny", "--kind", "texture", "--size", "16x16", "--seed", "3")
    stone, edited = tmp_path / "stone.png", tmp_path / "edited.png"
    run("generate", "grey stone", "--out", str(stone), *common)
    mask = np.zeros((16, 16, 3), np.uint8)
    mask[:8] = 255
    (tmp_path / "mask.png").write_bytes(encode_png(mask))
    run(
        "generate", "green moss", "--out", str(edited), *common,
        "--edit", str(stone), "--region", str(tmp_path / "mask.png"),
    )  # fmt: skip
    before, after = decode_image(stone), decode_image(edited)
    assert np.array_equal(after[8:], before[8:])
    assert not np.array_equal(after[:8], before[:8])
