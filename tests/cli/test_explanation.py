"""`llamavis generate --explain`: a sheet and a JSON file beside each image, and one warning."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from llamavis_studio.cli import run
from llamavis_studio.imaging.png import decode_image


@pytest.fixture(autouse=True)
def instant(instant_backend: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def generate(capfd: pytest.CaptureFixture[str], text: str, *more: str) -> tuple[list, str]:
    assert run(["generate", text, "-o", "out/a.png", "--backend", "instant", "--json", *more]) == 0
    told = capfd.readouterr()
    return json.loads(told.out), told.err


def test_a_sheet_and_data_lie_beside_the_image(capfd: pytest.CaptureFixture[str]) -> None:
    (made,), _ = generate(capfd, "red dragon", "--explain", "--size", "24x16", "--seed", "7")
    assert made["explain"] == {"sheet": "out/a.explain.png", "data": "out/a.explain.json"}
    assert sorted(p.name for p in Path("out").glob("a*")) == [
        "a.explain.json", "a.explain.png", "a.png",
    ]  # fmt: skip
    sheet = decode_image(Path("out/a.explain.png"))
    assert sheet.shape[1] == 3 * (24 * 8 + 12) + 12
    data = json.loads(Path("out/a.explain.json").read_text("utf-8"))
    assert [word["word"] for word in data["words"]] == ["red", "dragon"]
    weights = np.array(data["words"][0]["map"])
    assert weights.shape == (16, 24)
    assert (weights[:, :12] == 1).all() and not weights[:, 12:].any()
    assert data["took_after"] == [{"name": "a picture", "share": 0.25}]
    assert (data["file"], data["prompt"], data["seed"]) == ("a.png", "red dragon", 7)
    assert (data["backend"], data["revision"]) == ("instant", "instant-1")
    assert data["expanded_prompt"] == "sprite: red dragon"


def test_explaining_changes_no_byte_of_the_image(capfd: pytest.CaptureFixture[str]) -> None:
    generate(capfd, "red dragon")
    plain = Path("out/a.png").read_bytes()
    assert not list(Path("out").glob("*explain*"))
    generate(capfd, "red dragon", "--explain")
    assert Path("out/a.png").read_bytes() == plain


def test_every_variant_is_explained(capfd: pytest.CaptureFixture[str]) -> None:
    made, _ = generate(capfd, "红 龙", "--explain", "--count", "2")
    assert [one["explain"]["data"] for one in made] == [
        "out/a_0.explain.json", "out/a_1.explain.json",
    ]  # fmt: skip
    first, second = (json.loads(Path(one["explain"]["data"]).read_text("utf-8")) for one in made)
    assert (first["file"], second["file"]) == ("a_0.png", "a_1.png")
    assert second["seed"] == first["seed"] + 1
    assert first["glosses"] == [{"word": "龙", "english": "dragon"}]
    for one in made:
        assert Path(one["explain"]["sheet"]).exists()


def test_a_backend_that_explains_nothing_gets_a_sheet_of_the_picture(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.support.instant_backend._word_maps", lambda _request, _pixels: ())
    generate(capfd, "red dragon", "--explain")
    assert json.loads(Path("out/a.explain.json").read_text("utf-8"))["words"] == []
    assert Path("out/a.explain.png").exists()


def test_words_the_model_does_not_know_are_one_warning(capfd: pytest.CaptureFixture[str]) -> None:
    made, err = generate(capfd, "red WHAT", "--count", "3")
    assert [one["unknown_words"] for one in made] == [["WHAT"]] * 3
    assert made[0]["took_after"] == ["a picture"]
    assert err.count("warning") == 1
    assert "does not know: WHAT" in err
    assert "warning" not in generate(capfd, "red")[1]


def test_a_sheet_that_cannot_be_written_is_told(capfd: pytest.CaptureFixture[str]) -> None:
    Path("out/a.explain.png").mkdir(parents=True)
    arguments = ["generate", "x", "-o", "out/a.png", "--backend", "instant", "--explain"]
    assert run(arguments) == 2
    assert "a.explain.png" in capfd.readouterr().err
    assert Path("out/a.png").exists(), "the image itself was written before"
