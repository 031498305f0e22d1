"""What a studio shows of its model: images while they are drawn, its state, what may draw."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from llamavis_studio.backends.base import ImageRequest
from llamavis_studio.backends.host import InProcessHost
from llamavis_studio.core import events
from llamavis_studio.core.errors import Cancelled
from llamavis_studio.studio import Studio
from tests.support.games import described, make_game
from tests.support.instant_backend import STEPS, glimpse
from tests.support.studios import opened, small_game

pytestmark = pytest.mark.usefixtures("instant_backend")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return small_game(tmp_path / "game")


class NotingHost(InProcessHost):
    """Remembers every request."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[ImageRequest] = []

    def generate(self, backend_name, requests, on_step):  # type: ignore[no-untyped-def]
        self.asked += requests
        return super().generate(backend_name, requests, on_step)


def emerging(studio: Studio) -> list[events.ImageEmerging]:
    told: list[events.ImageEmerging] = []

    def note(event: events.Event) -> None:
        if isinstance(event, events.ImageEmerging):
            told.append(event)

    studio.subscribe(note)
    return told


def test_every_image_is_seen_emerging_under_its_own_name(root: Path) -> None:
    host = NotingHost()
    with opened(root, host) as studio:
        studio.shows_drawing = True
        told = emerging(studio)
        report = studio.build()
    assert len(report.built) == 6
    by_name = {request.name: request for request in host.asked}
    assert by_name.keys() == set(report.built)
    for output, request in by_name.items():
        mine = [event for event in told if event.path == output]
        assert len(mine) == STEPS
        for done, event in enumerate(mine, 1):
            assert np.array_equal(event.pixels, glimpse(request, done).pixels)


def test_nobody_pays_for_pictures_that_nobody_looks_at(root: Path) -> None:
    host = NotingHost()
    with opened(root, host) as studio:
        told = emerging(studio)
        studio.build()
    assert told == []
    assert not any(request.watched for request in host.asked)


def test_looking_on_changes_no_file(root: Path, tmp_path: Path) -> None:
    other = small_game(tmp_path / "other")
    with opened(root) as studio:
        studio.build()
    with opened(other) as studio:
        studio.shows_drawing = True
        outputs = studio.build().built
    for output in outputs:
        assert (root / output).read_bytes() == (other / output).read_bytes()


def test_the_event_is_told_without_its_pixels() -> None:
    event = events.ImageEmerging("tiles/wall_0.png", np.zeros((4, 4, 4), np.uint8))
    told = json.loads(json.dumps(event.to_json()))
    assert told == {"event": "image_emerging", "path": "tiles/wall_0.png"}


def test_a_build_can_be_cancelled_by_who_looks_on(root: Path) -> None:
    with opened(root) as studio:
        studio.shows_drawing = True
        studio.subscribe(
            lambda event: studio.cancel() if isinstance(event, events.ImageEmerging) else None
        )
        with pytest.raises(Cancelled):
            studio.build()
        studio.subscribe(lambda _event: None)


def test_the_state_of_the_model_and_what_may_draw(root: Path) -> None:
    with opened(root) as studio:
        assert studio.model_state == "asleep"
        seen: list[str] = []
        studio.subscribe(lambda _event: seen.append(studio.model_state))
        studio.build()
        assert "working" in seen or "ready" in seen
        assert studio.model_state == "ready"
        assert studio.devices()[0].name == "cpu"


def test_a_device_that_is_not_there_fails_the_build_and_says_which_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through the real process: the setting reaches the model that is loaded there."""
    root = make_game(tmp_path / "game", {"hero.desc.toml": described("a knight")})
    text = (root / "llamavis.toml").read_text().replace("instant", "builtin")
    (root / "llamavis.toml").write_text(text)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    with Studio.open(root, settings={"device": "cuda:7", "threads": 1}) as studio:
        report = studio.build()
    (failed,) = report.failed
    assert "'cuda:7' is not there" in failed.message
    assert "auto" in failed.hint and "cpu" in failed.hint and "'device'" in failed.hint
