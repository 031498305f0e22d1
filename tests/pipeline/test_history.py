"""Replaced images can be put back, for as long as there is room."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import numpy as np
import pytest

from llamavis_studio.core.errors import ProjectError
from llamavis_studio.imaging.png import (
    PROVENANCE_KEY,
    decode_image,
    encode_png,
    read_text_chunks,
)
from llamavis_studio.pipeline.history import History
from tests.pipeline.conftest import Game

ROOM = 1 << 20


@pytest.fixture
def game(empty_game: Game) -> Game:
    return empty_game


def of(game: Game, room: int = ROOM) -> History:
    noon = datetime.datetime(2026, 1, 2, 12, tzinfo=datetime.UTC)
    return History(game.project, room, lambda: noon)


def rebuild(game: Game, words: str, room: int = ROOM, **more: object) -> None:
    game.describe("hero", words)
    game.build(keep_old=of(game, room).keep, **more)


def test_every_replaced_image_is_kept_newest_first(game: Game) -> None:
    for words in ("one", "two", "three"):
        rebuild(game, words)
    found = of(game).versions("hero.png")
    assert [(one.number, one.prompt, one.by_hand) for one in found] == [
        (1, "two", False),
        (2, "one", False),
    ]
    assert found[0].replaced == "2026-01-02T12:00:00Z"
    assert [one.prompt for one in of(game).versions()] == ["two", "one"]


def test_a_first_build_and_an_unchanged_one_keep_nothing(game: Game) -> None:
    rebuild(game, "one")
    rebuild(game, "one", force=True)
    assert of(game).versions() == []


def test_a_restored_image_has_its_pixels_and_is_fresh(game: Game) -> None:
    rebuild(game, "one")
    first = decode_image(game.root / "hero.png")
    rebuild(game, "two")
    second = decode_image(game.root / "hero.png")
    target = game.plan().targets[0].target
    of(game).restore(target, of(game).find("hero.png", "1"))
    assert np.array_equal(decode_image(game.root / "hero.png"), first)
    assert game.states() == {"hero.png": "fresh"}
    # and the way forward again
    of(game).restore(target, of(game).find("hero.png", "1"))
    assert np.array_equal(decode_image(game.root / "hero.png"), second)


def test_work_by_hand_is_kept_and_restored_byte_for_byte(game: Game) -> None:
    rebuild(game, "one")
    path = game.root / "hero.png"
    note = read_text_chunks(path)[PROVENANCE_KEY]
    pixels = decode_image(path)
    pixels[9, 9] = (1, 2, 3, 255)
    path.write_bytes(encode_png(pixels, provenance_json=note))
    painted = path.read_bytes()
    rebuild(game, "two", force=True)
    (found,) = of(game).versions("hero.png")
    assert found.by_hand
    of(game).restore(game.plan().targets[0].target, found)
    assert path.read_bytes() == painted
    assert game.states() == {"hero.png": "edited"}


def test_the_oldest_go_when_the_room_is_full(game: Game) -> None:
    for number in range(6):
        rebuild(game, f"words {number}")
    sizes = [one.bytes for one in of(game).versions()]
    small = of(game, sizes[0] + sizes[1] + 1)
    assert small.prune() == 3
    assert [one.prompt for one in small.versions()] == ["words 4", "words 3"]
    assert len(list((small.folder / "objects").iterdir())) == 2
    assert small.prune() == 0


def test_no_room_keeps_nothing(game: Game) -> None:
    rebuild(game, "one", room=0)
    rebuild(game, "two", room=0)
    assert of(game).versions() == []
    assert not of(game).folder.exists()


def test_an_image_whose_old_version_cannot_be_kept_is_not_replaced(game: Game) -> None:
    rebuild(game, "one")
    before = (game.root / "hero.png").read_bytes()
    of(game).folder.parent.mkdir(exist_ok=True)
    of(game).folder.write_text("a file where the folder should be")
    game.describe("hero", "two")
    (outcome,) = game.build(keep_old=of(game).keep)
    assert outcome.result.value == "failed"
    assert "cannot be kept" in outcome.message
    assert (game.root / "hero.png").read_bytes() == before


def test_equal_versions_lie_on_disk_once(game: Game) -> None:
    for words in ("one", "two", "one", "two"):
        rebuild(game, words)
    assert len(of(game).versions()) == 3
    assert len(list((of(game).folder / "objects").iterdir())) == 2


def test_unknown_versions_are_refused_with_what_there_is(game: Game) -> None:
    with pytest.raises(ProjectError, match="no older version"):
        of(game).find("hero.png", "1")
    rebuild(game, "one")
    rebuild(game, "two")
    with pytest.raises(ProjectError) as refused:
        of(game).find("hero.png", "7")
    assert "1 to 1" in refused.value.hint
    short = of(game).versions()[0].version[:8]
    assert of(game).find("hero.png", short).prompt == "one"


@pytest.mark.parametrize(
    "line",
    ["", "{", "[]", "null", '{"output": 1}', "[" * 100_000, '{"version": "../../../etc/passwd"}'],
)
def test_damaged_lines_of_the_log_are_passed_over(game: Game, line: str) -> None:
    rebuild(game, "one")
    rebuild(game, "two")
    with (of(game).folder / "log.jsonl").open("a") as log:
        log.write(line + "\n")
    assert [one.prompt for one in of(game).versions()] == ["one"]


def test_a_version_never_names_a_file_outside(game: Game) -> None:
    of(game).folder.mkdir(parents=True)
    secret = Path(game.root / "secret.png")
    secret.write_bytes(b"x")
    row = {
        "output": "hero.png",
        "version": "../../../secret",
        "bytes": 1,
        "prompt": "",
        "by_hand": False,
        "replaced": "",
    }
    (of(game).folder / "log.jsonl").write_text(json.dumps(row) + "\n")
    assert of(game).versions() == []
    of(game, 0).prune()
    assert secret.exists()


def test_a_damaged_version_is_told(game: Game) -> None:
    rebuild(game, "one")
    rebuild(game, "two")
    (found,) = of(game).versions()
    (of(game).folder / "objects" / f"{found.version}.png").write_bytes(b"rubbish")
    with pytest.raises(ProjectError, match="damaged"):
        of(game).restore(game.plan().targets[0].target, found)
