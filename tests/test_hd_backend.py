"""A model of large opaque pictures behind the command line, the studio and single images."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from llamavis_studio.cli import run
from llamavis_studio.core.errors import BackendError
from llamavis_studio.core.events import AssetBuilt, Event
from llamavis_studio.imaging.png import decode_image, encode_png
from llamavis_studio.single_shots import SingleShots, edit_of_file
from llamavis_studio.studio import Studio
from tests.support.games import described, make_game
from tests.support.hd_backend import ENVIRONMENT, VARIABLE

PROJECT = '[project]\nname = "game"\nbackend = "hd"\n'


@pytest.fixture(autouse=True)
def hd(instant_backend: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def game(tmp_path: Path) -> Path:
    return make_game(
        tmp_path / "game",
        {
            "llamavis.toml": PROJECT,
            "ring.desc.toml": described("red ring", 'negative = "blue"\n'),
            "busy.desc.toml": described("BUSY ring"),
            "wall.desc.toml": described("stones", 'kind = "texture"\n'),
        },
    )


def document(capfd: pytest.CaptureFixture[str], *arguments: object) -> dict:
    assert run([*map(str, arguments), "--json"]) == 0
    return json.loads(capfd.readouterr().out)


def test_the_plan_says_what_makes_up_for_what_the_model_cannot_do(game, capfd):
    told = document(capfd, "plan", game)
    assert {"backend": "hd", "says": "its background is removed by a filter",
            "kinds": ["sprite"], "images": 2} in told["makes_up"]  # fmt: skip
    assert run(["plan", str(game)]) == 0
    plain = capfd.readouterr().out
    assert plain.count("hd: its background is removed by a filter (sprite)\n") == 1
    assert "hd: the model does not heed 'negative' (sprite)\n" in plain
    assert run(["build", str(game), "--dry-run"]) == 0
    assert capfd.readouterr().out == plain


def test_a_build_says_what_did_not_go_as_asked_and_is_fresh_afterwards(game, capfd):
    told = document(capfd, "build", game)
    assert sorted(told["built"]) == ["busy.png", "ring.png", "wall.png"]
    (noted,) = told["notes"]
    assert noted["output"] == "busy.png"
    assert "background stays" in noted["note"]
    assert run(["build", str(game), "--check"]) == 0
    capfd.readouterr()
    assert document(capfd, "build", game)["built"] == []
    report = document(capfd, "report", game)
    by_output = {one["output"]: one for one in report["assets"]}
    assert by_output["ring.png"]["drawn_px"] == [512, 512]
    assert by_output["ring.png"]["notes"] == []
    assert "background stays" in by_output["busy.png"]["notes"][0]


def test_people_are_warned_while_it_builds(game, capfd):
    assert run(["build", str(game)]) == 0
    assert "busy.png: warning: its background is too busy" in capfd.readouterr().err


def test_the_event_of_a_built_image_has_its_notes(game):
    heard: list[Event] = []
    with Studio.open(game) as studio:
        studio.subscribe(heard.append)
        studio.build()
    notes = {e.outputs[0]: e.notes for e in heard if isinstance(e, AssetBuilt)}
    assert notes["ring.png"] == ()
    assert "background stays" in notes["busy.png"][0]


def test_one_image_says_what_was_not_read_and_not_heeded(tmp_path, capfd):
    out = tmp_path / "out.png"
    wish = ["generate", "LONG ring of old gold", "-o", out, "--backend", "hd", "--guidance", "3"]
    (told,) = document(capfd, *wish)
    assert told["unread"] == "old gold, on a plain white background"
    assert "the model does not heed 'guidance'" in told["makes_up"]
    assert "did not read the end" in told["notes"][0]
    assert decode_image(out).shape == (32, 32, 4)
    assert run([str(word) for word in wish]) == 0
    said = capfd.readouterr().err
    assert "hd: the model does not heed 'guidance'" in said
    assert "warning: the model did not read the end: 'old gold" in said


@pytest.mark.parametrize("side", [32, 300])
def test_a_region_that_is_drawn_anew_leaves_every_other_pixel(tmp_path, side):
    file, out = tmp_path / "before.png", tmp_path / "after.png"
    painted = np.zeros((side, side), np.uint8)
    painted[: side // 2, : side // 2] = 255
    region = tmp_path / "region.png"
    region.write_bytes(encode_png(np.repeat(painted[..., None], 3, 2)))
    values = {"kind": "sprite", "backend": "hd", "size": [side, side]}
    with SingleShots() as shots:
        shots.generate({**values, "description": "red ring"}, file)
        edit = edit_of_file(file, region=region)
        shots.generate({**values, "description": "blue ring"}, out, edit=edit)
    before, after = decode_image(file), decode_image(out)
    outside = painted == 0
    seen = before[..., 3] > 0  # under clear pixels lies colour for an engine's filtering
    assert np.array_equal(before[outside & seen], after[outside & seen])
    assert np.array_equal(before[outside][:, 3], after[outside][:, 3])
    assert (before[~outside & seen] != after[~outside & seen]).any()


@pytest.mark.parametrize(
    ("able", "region", "says"),
    [
        ({"can_edit": False}, False, "edits no images"),
        ({"can_edit_region": False}, True, "draws no part of an image anew"),
    ],
)
def test_an_edit_that_the_model_cannot_do_is_refused(tmp_path, monkeypatch, able, region, says):
    monkeypatch.setenv(VARIABLE, json.dumps(able))
    file = tmp_path / "before.png"
    file.write_bytes(encode_png(np.full((32, 32, 3), 90, np.uint8)))
    marked = None
    if region:
        marked = tmp_path / "region.png"
        marked.write_bytes(encode_png(np.full((32, 32, 3), 255, np.uint8)))
    edit = edit_of_file(file, region=marked)
    with SingleShots() as shots, pytest.raises(BackendError, match=says):
        shots.generate({"description": "x", "backend": "hd"}, tmp_path / "out.png", edit=edit)


def test_a_model_that_edits_parts_only_may_do_that(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, json.dumps({"can_edit": False}))
    file = tmp_path / "before.png"
    file.write_bytes(encode_png(np.full((32, 32, 3), 90, np.uint8)))
    marked = tmp_path / "region.png"
    marked.write_bytes(encode_png(np.full((32, 32, 3), 255, np.uint8)))
    with SingleShots() as shots:
        (made,) = shots.generate(
            {"description": "x", "backend": "hd", "kind": "texture"},
            tmp_path / "out.png",
            edit=edit_of_file(file, region=marked),
        )
    assert made.size == (32, 32)
