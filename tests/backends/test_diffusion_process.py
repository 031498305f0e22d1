"""A checkpoint of diffusers where users meet it: in a model process, and from the command line."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from llamavis_studio.backends.base import ImageRequest, StepProgress
from llamavis_studio.backends.model_process import ProcessSettings
from llamavis_studio.backends.model_records import FOLDER_VARIABLE, ModelRecord, write_record
from llamavis_studio.backends.process_host import ProcessHost
from llamavis_studio.core.errors import Cancelled
from llamavis_studio.imaging.png import decode_image, encode_png
from tests.support import tiny_diffusion
from tests.support.games import described, make_game, on_disk

pytestmark = pytest.mark.backends


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_diffusion.tiny_sd(tmp_path_factory.mktemp("sd"))


@pytest.fixture
def record(checkpoint: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "models"))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    write_record(
        ModelRecord("tiny-sd", "diffusers", checkpoint, licence="MIT", options={"steps": 3})
    )


@pytest.mark.usefixtures("record")
def test_a_model_process_draws_shows_and_stops() -> None:
    request = ImageRequest("a red hat", "item", (32, 32), seed=4, name="hat", watched=True)
    host = ProcessHost(ProcessSettings(threads=1))
    try:
        seen: list[StepProgress] = []
        first, second = host.generate("tiny-sd", [request, replace(request, seed=5)], seen.append)
        assert first.pixels.shape == (32, 32, 4)
        assert not np.array_equal(first.pixels, second.pixels)
        assert any(step.glimpses for step in seen)

        def cancel(_progress: StepProgress) -> None:
            raise Cancelled

        with pytest.raises(Cancelled):
            host.generate("tiny-sd", [request], cancel)
        (again,) = host.generate("tiny-sd", [request])
        assert np.array_equal(again.pixels, first.pixels)
    finally:
        host.close()


@pytest.mark.usefixtures("record")
def test_a_project_is_built_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from llamavis_studio.cli.app import app
    from llamavis_studio.pipeline.notes import provenance_in

    root = make_game(
        tmp_path / "game",
        {
            "llamavis.toml": '[project]\nname = "game"\nbackend = "tiny-sd"\n',
            "floor.desc.toml": described("grey stone floor", 'kind = "texture"\nsize = [24, 24]\n'),
        },
    )
    monkeypatch.chdir(root)
    done = CliRunner().invoke(app, ["build"])
    assert done.exit_code == 0, done.output
    (built,) = root.rglob("*.png")
    assert decode_image(built).shape[:2] == (24, 24)
    provenance = provenance_in(built)
    assert provenance is not None
    assert provenance.backend == "tiny-sd"
    assert provenance.drawn_px == (32, 32)
    before = on_disk(root)
    done = CliRunner().invoke(app, ["build"])
    assert done.exit_code == 0, done.output
    assert on_disk(root) == before


@pytest.mark.usefixtures("record")
def test_the_command_line_draws_and_edits(tmp_path: Path) -> None:
    from llamavis_studio.cli.app import app

    def run(*arguments: str) -> dict[str, object]:
        done = CliRunner().invoke(app, [*arguments, "--json"])
        assert done.exit_code == 0, done.output
        # The studio's own notes, and how far it is where that takes long; nothing of the libraries.
        own = ("tiny-sd: ", "drawing: step ")
        assert all(line.startswith(own) for line in done.stderr.splitlines()), done.stderr
        (told,) = json.loads(done.stdout)
        found: dict[str, object] = told
        return found

    stone = tmp_path / "stone.png"
    common = ("--backend", "tiny-sd", "--kind", "texture", "--size", "16x16", "--seed", "3")
    run("generate", "grey stone", "--out", str(stone), *common)
    before = decode_image(stone)
    assert before.shape[:2] == (16, 16)

    mask = np.zeros((16, 16, 3), np.uint8)
    mask[:8] = 255
    (tmp_path / "mask.png").write_bytes(encode_png(mask))
    edited = tmp_path / "edited.png"
    run(
        "generate", "green moss", "--out", str(edited), *common,
        "--edit", str(stone), "--region", str(tmp_path / "mask.png"),
    )  # fmt: skip
    after = decode_image(edited)
    assert np.array_equal(after[8:], before[8:])
    assert not np.array_equal(after[:8], before[:8])
