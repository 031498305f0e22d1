"""Whole runs on a toy world: new ones, ones that go on, and ones that start from a checkpoint."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from llamavis_studio.cli import run as command_line
from llamavis_studio.model.checkpoint import checkpoint_memory, load_checkpoint, save_checkpoint
from llamavis_studio.model.train.cli import TrainingError, TrainingRun, run
from llamavis_studio.model.train.samples import SampleSet
from llamavis_studio.model.unified import LlamaVis
from tests.support.tiny_model import WORDS, tiny_model
from tests.support.toy_samples import toy_samples

RESOURCES = Path(__file__).parents[3] / "resources"
NOTHING_YET = "has no trained"

pytestmark = pytest.mark.usefixtures("one_second_a_step")


@pytest.fixture
def start(tmp_path: Path) -> Path:
    """A checkpoint to start from."""
    record = {"name": "start", "training": {"samples": 7}}
    save_checkpoint(tiny_model(seed=4), tmp_path / "start", record)
    return tmp_path / "start"


@pytest.fixture
def wish(tmp_path: Path) -> TrainingRun:
    """A run whose samples are made already: toys, of which some are edits of others."""
    (tmp_path / "run").mkdir()
    samples = toy_samples()
    pairs = np.array([(n, n + 7) for n in range(0, 28)])
    SampleSet(samples.pixels, samples.samples, pairs).save(tmp_path / "run" / "samples")
    return TrainingRun(
        preset="tiny",
        minutes=0.0,
        folder=tmp_path / "run",
        data=tmp_path / "nothing",
        out=tmp_path / "out",
        minilm=RESOURCES / "models" / "minilm",
        scorer=RESOURCES / "models" / "scorer",
        prompts=RESOURCES / "eval_prompts.txt",
        report=lambda line: None,
        stages=("prepare", "words", "ship"),
        batch=8,
    )


def weights_of(folder: Path) -> dict[str, torch.Tensor]:
    return {
        name: value
        for name, value in load_checkpoint(folder).state_dict().items()
        if "count" not in name and ".sum" not in name
    }


def furthest(first: Path, second: Path, part: str = "") -> float:
    """The largest difference between the weights of two checkpoints."""
    theirs = weights_of(second)
    return max(
        float((value - theirs[name]).abs().max())
        for name, value in weights_of(first).items()
        if name.startswith(part)
    )


def test_a_resumed_run_starts_from_the_weights_of_the_checkpoint(
    wish: TrainingRun, start: Path
) -> None:
    revision = run(replace(wish, resume=start))
    assert furthest(start, wish.out) == 0.0
    config = json.loads((wish.out / "config.json").read_text("utf-8"))
    assert config["revision"] == revision and config["name"] == "llamavis-tiny"
    before = json.loads((start / "config.json").read_text("utf-8"))["revision"]
    assert config["training"]["resumed"] == [{"revision": before, "samples": 7}]
    assert load_checkpoint(wish.out).config.caption_words == WORDS
    memory = checkpoint_memory(wish.out)
    assert memory is not None and len(memory.kinds) > 10


@pytest.mark.parametrize("stages", [("words",), ("pixels",)])
def test_a_resumed_run_moves_on_from_there_a_little(
    wish: TrainingRun, start: Path, stages: tuple[str, ...]
) -> None:
    run(replace(wish, resume=start, stages=(*stages, "ship"), minutes=4 / 60))
    # (The codebooks of random weights are nowhere near their latents, so they move far at once.)
    parts = ("backbone", "heads", "image_tokenizer.encoder", "image_tokenizer.decoder")
    moved = {part: furthest(start, wish.out, part) for part in parts}
    taught = [part.startswith("image") == (stages == ("pixels",)) for part in parts]
    assert [far > 0 for far in moved.values()] == taught and max(moved.values()) < 0.2
    record = json.loads((wish.out / "config.json").read_text("utf-8"))["training"]
    assert record[stages[0]]["step"] >= 3


def test_a_new_run_starts_from_the_seed(wish: TrainingRun, tmp_path: Path) -> None:
    stages = ("prepare", "pixels", "words", "ship")
    made = []
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        folder = tmp_path / name
        folder.mkdir()
        for path in wish.folder.glob("samples*"):
            (folder / path.name).write_bytes(path.read_bytes())
        out = tmp_path / f"{name}-out"
        run(replace(wish, folder=folder, out=out, seed=seed, stages=stages, minutes=10 / 60))
        made.append(out)
    assert furthest(made[0], made[1]) < 1e-3  # no more than rounding
    assert furthest(made[0], made[2]) > 0.01
    config = json.loads((made[0] / "config.json").read_text("utf-8"))
    assert config["training"]["resumed"] == []
    assert config["training"]["words"]["step"] > 2 and config["training"]["pixels"]["step"] >= 1


def test_the_same_command_goes_on(wish: TrainingRun, start: Path) -> None:
    wish = replace(wish, resume=start, stages=("words", "ship"), minutes=3 / 60)
    run(wish)
    first = json.loads((wish.out / "config.json").read_text("utf-8"))["training"]["words"]["step"]
    run(wish)
    second = json.loads((wish.out / "config.json").read_text("utf-8"))["training"]["words"]["step"]
    assert second >= first + 2


def test_another_preset_is_refused_with_the_one_to_name(wish: TrainingRun, start: Path) -> None:
    with pytest.raises(TrainingError, match="resume it with --preset tiny"):
        run(replace(wish, resume=start, preset="nano"))
    assert not wish.out.exists()


@pytest.mark.parametrize("content", [None, "", "{}", '{"model": {}}'])
def test_what_is_no_checkpoint_cannot_be_resumed(
    wish: TrainingRun, tmp_path: Path, content: str | None
) -> None:
    folder = tmp_path / "broken"
    folder.mkdir()
    if content is not None:
        (folder / "config.json").write_text(content, "utf-8")
    with pytest.raises(TrainingError, match="cannot be resumed"):
        run(replace(wish, resume=folder))


def test_weights_that_are_no_numbers_cannot_be_resumed(wish: TrainingRun, tmp_path: Path) -> None:
    model: LlamaVis = tiny_model()
    model.begin_image.fill_(float("nan"))
    save_checkpoint(model, tmp_path / "nan", {})
    with pytest.raises(TrainingError, match="not numbers"):
        run(replace(wish, resume=tmp_path / "nan"))


def test_a_stage_before_its_turn_says_which_is_missing(wish: TrainingRun) -> None:
    with pytest.raises(TrainingError, match=NOTHING_YET):
        run(wish)


def test_nothing_to_train_on_or_to_evaluate_is_said(wish: TrainingRun, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="No training pictures"):
        run(replace(wish, folder=tmp_path / "other", stages=("prepare",)))
    with pytest.raises(TrainingError, match="nothing to evaluate"):
        run(replace(wish, stages=("evaluate",)))


def test_the_command_line_resumes_and_says_what_cannot_be(
    wish: TrainingRun,
    start: Path,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))

    def train(resume: Path) -> int:
        return command_line(
            ["train", "--preset", "tiny", "--stage", "words", "--stage", "ship", "--batch", "8",
             "--minutes", "0.01", "--resume", str(resume), "--folder", str(wish.folder),
             "--out", str(wish.out), "--data", str(wish.data)]
        )  # fmt: skip

    assert train(tmp_path / "nowhere") == 2
    told = capfd.readouterr().err
    assert "cannot be resumed" in told and "Traceback" not in told
    assert not wish.out.exists()
    assert train(start) == 0
    assert furthest(start, wish.out, "image_tokenizer") == 0.0
