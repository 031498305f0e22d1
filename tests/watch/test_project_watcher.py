"""A project whose folder goes away is told of once, and its files count as there meanwhile."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from llamavis_studio.core.events import ProblemFound
from tests.support.studios import opened, small_game

WAIT_S = 20.0


def test_a_folder_that_goes_away_and_comes_back(tmp_path: Path, instant_backend: None) -> None:
    game, stop = small_game(tmp_path / "game"), threading.Event()
    told: list[ProblemFound] = []
    with opened(game) as studio:
        studio.build()
        studio.subscribe(lambda one: told.append(one) if isinstance(one, ProblemFound) else None)

        def script() -> None:
            time.sleep(0.5)
            game.rename(tmp_path / "elsewhere")
            until(lambda: told)
            time.sleep(1.5)  # it is not said again and again
            (tmp_path / "elsewhere").rename(game)
            time.sleep(1.5)
            stop.set()

        beside = threading.Thread(target=script)
        beside.start()
        studio.watch(stop)
        beside.join()
        assert {one.state.value for one in studio.plan().targets} == {"fresh"}
    (one,) = told
    assert str(game) in one.message
    assert one.hint


def until(condition: object) -> None:
    end = time.monotonic() + WAIT_S
    while not condition() and time.monotonic() < end:  # type: ignore[operator]
        time.sleep(0.02)
