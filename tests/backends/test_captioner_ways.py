"""A captioner through the studio: its record, a model process, the command line, a library."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from llamavis_studio.backends.base import CaptionRequest, StepProgress
from llamavis_studio.backends.model_records import write_record
from llamavis_studio.backends.process_host import ProcessHost, ProcessSettings
from llamavis_studio.cli.app import run_app as run
from llamavis_studio.core.errors import BackendError, Cancelled
from llamavis_studio.imaging.png import encode_png
from tests.support.tiny_captioners import record

pytestmark = pytest.mark.backends
QUESTION = "what colour is the hat?"


@pytest.fixture(autouse=True)
def records(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LLAMAVIS_MODELS", str(tmp_path / "models"))
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.chdir(tmp_path)
    for name in ("qwen2_vl", "blip"):
        write_record(record(name))


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    rng = np.random.default_rng(0)
    files = []
    for name, shape in (("hat.png", (32, 32, 4)), ("wall.png", (48, 40, 3))):
        files.append(tmp_path / name)
        files[-1].write_bytes(encode_png(rng.integers(0, 256, shape, np.uint8)))
    return files


@pytest.fixture
def host(tmp_path: Path) -> Iterator[ProcessHost]:
    host = ProcessHost(ProcessSettings(threads=1, log_path=tmp_path / "log"))
    yield host
    host.close()


def test_in_a_process_of_its_own(host: ProcessHost) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (32, 32, 4), np.uint8)
    steps: list[StepProgress] = []
    asked = [CaptionRequest(pixels), CaptionRequest(pixels, "是")]
    plain, answer = host.caption("qwen2-vl", asked, steps.append)
    assert plain.caption and plain.tags and plain.caption != answer.caption
    assert steps[-1].done == steps[-1].total == 30
    assert host.resident() == "qwen2-vl"
    assert host.embed("qwen2-vl", ["a hat"]).shape == (1, 32)

    def stop(_progress: StepProgress) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        host.caption("qwen2-vl", asked, stop)
    assert host.caption("qwen2-vl", asked[:1])[0] == plain
    with pytest.raises(BackendError, match="answers no questions") as caught:
        host.caption("blip", asked)
    assert caught.value.hint == "ask one that can: qwen2-vl"


def test_captions_on_the_command_line(
    pictures: list[Path], capfd: pytest.CaptureFixture[str]
) -> None:
    names = [file.name for file in pictures]
    assert run(["caption", *names, "--backend", "blip", "--json"]) == 0
    told = capfd.readouterr()
    answers = json.loads(told.out)
    assert told.err == ""
    assert [one["file"] for one in answers] == names
    for one in answers:
        assert one["caption"] and 0 < one["confidence"] <= 1
        assert one["model"].startswith("blip (BLIP) unknown-")
        assert one["colours"]
    assert run(["caption", "hat.png", "--backend", "blip"]) == 0
    assert capfd.readouterr().out.startswith(f"hat.png: {answers[0]['caption']}\n")


def test_questions_on_the_command_line(
    pictures: list[Path], capfd: pytest.CaptureFixture[str]
) -> None:
    arguments = ["caption", "hat.png", "wall.png", "--ask", QUESTION, "--backend", "qwen2-vl"]
    assert run([*arguments, "--json"]) == 0
    told = capfd.readouterr()
    hat, wall = json.loads(told.out)
    assert told.err == ""
    assert set(hat) == {"file", "question", "answer", "model", "confidence"}
    assert (hat["file"], hat["question"]) == ("hat.png", QUESTION)
    assert hat["answer"] and wall["answer"]
    assert run(arguments) == 0
    assert capfd.readouterr().out.splitlines()[0] == f"hat.png: {hat['answer']}"


def test_who_cannot_answer_names_who_can(
    pictures: list[Path], capfd: pytest.CaptureFixture[str]
) -> None:
    for name in ("builtin", "blip"):
        assert run(["caption", "hat.png", "--ask", QUESTION, "--backend", name]) == 1
        told = capfd.readouterr().err
        assert f"'{name}' describes images, but answers no questions" in told
        assert "qwen2-vl" in told
    assert run(["caption", "--library", "--ask", QUESTION]) == 2
    assert "--ask" in capfd.readouterr().err


def test_a_library_is_described_with_origin_and_confidence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "game"
    root.mkdir()
    (root / "llamavis.toml").write_text('[project]\nname = "game"\n', "utf-8")
    rng = np.random.default_rng(0)
    for name in ("one.png", "two.png"):
        (root / name).write_bytes(encode_png(rng.integers(0, 256, (32, 32, 4), np.uint8)))
    monkeypatch.chdir(root)
    assert run(["caption", "--library", "--backend", "qwen2-vl", "--json"]) == 0
    told = json.loads(capfd.readouterr().out)
    assert (told["described"], told["failed"]) == (2, [])
    assert run(["tags", "show", "one.png", "--json"]) == 0
    (one,) = json.loads(capfd.readouterr().out)
    (caption,) = one["captions"]
    assert caption["origin"] == "model"
    assert caption["source"].startswith("qwen2-vl (Qwen-VL) unknown-")
    assert 0 < caption["p"] <= 1
    told_by_model = [tag for tag in one["tags"] if tag["origin"] == "model"]
    assert told_by_model
    assert all(0 < tag["p"] <= 1 for tag in told_by_model)
    assert run(["caption", "one.png", "--backend", "qwen2-vl", "--json"]) == 0
    assert json.loads(capfd.readouterr().out)[0]["caption"] == caption["text"]
    # What it has described it does not describe again.
    assert run(["caption", "--library", "--backend", "qwen2-vl", "--json"]) == 0
    assert json.loads(capfd.readouterr().out)["described"] == 0
