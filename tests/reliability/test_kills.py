"""R1: killed at random moments and at every call of the disk; the next start completes all."""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.reliability.column import column, patient, told
from tests.reliability.conftest import Nursery, command
from tests.reliability.oracle import game_oracle
from tests.support.instant_backend import MAX_BATCH, recorded

pytestmark = [patient, pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")]

BATCH = 4
TOGETHER = 8  # builds that wait for the disk side by side
EXPECTED_KINDS = {"image", "sheet", "table", "version", "versions' log", "memory", "folder"}


def drawn(state: Path) -> int:
    return sum(int(line.split()[1]) for line in recorded(state) if line.startswith("generate "))


def images(names: Iterable[str]) -> int:
    """How many of these files a backend drew."""
    return sum(name.endswith(".png") and "_sheet" not in name for name in names)


class Case:
    """One game, one kill, one restart."""

    def __init__(self, place: Path, number: int) -> None:
        self.number = number
        self.root, self.state = place / "game", place / "state"
        self.state.mkdir(parents=True)
        self.pid = self.made = self.drawn = 0

    def order(self, settings: dict[str, int]) -> dict[str, object]:
        return {"settings": settings, "state": str(self.state)}


def test_killed_at_every_call_of_the_disk(nursery: Nursery, tmp_path: Path) -> None:
    oracle = game_oracle(tmp_path, 7, sheets=2)
    settings = {"batch_size": BATCH, "history_mb": 8}
    census = tmp_path / "moments.json"
    root = oracle.lay_out(tmp_path / "census")
    assert nursery.build(root, settings=settings, moments=str(census)) == 0
    oracle.must_be_done(root)
    moments = [tuple(row) for row in json.loads(census.read_text())]
    assert {kind for _, kind, _, _ in moments} >= EXPECTED_KINDS
    rng, missed, redone = random.Random(1), [], []
    # The first time in every other turn, for that is when folders and files come to be.
    plan = [
        (list(moment), 1 if turn % 2 else rng.randint(1, count))
        for turn in range(column(1, 10))
        for *moment, count in moments
    ]
    for first in range(0, len(plan), TOGETHER):
        last = min(first + TOGETHER, len(plan))
        cases = [Case(tmp_path / f"{number}", number) for number in range(first, last)]
        for case in cases:
            oracle.lay_out(case.root)
            moment, nth = plan[case.number]
            case.pid = nursery.start(case.root, die=moment, nth=nth, **case.order(settings))
        for case in cases:
            if nursery.wait(case.pid) != -signal.SIGKILL:
                missed.append(plan[case.number])
        for case in cases:
            verdict = oracle.check(case.root)
            assert verdict.is_whole, (plan[case.number], verdict)
            case.made, case.drawn = images(verdict.new), drawn(case.state)
            redone.append(case.drawn - case.made)
            case.pid = nursery.start(case.root, **case.order(settings))
        for case in cases:
            assert nursery.wait(case.pid) == 0
            oracle.must_be_done(case.root)
            assert drawn(case.state) - case.drawn == 7 - case.made, plan[case.number]
    told(
        "R1 steps",
        kills=len(plan),
        moments=f"{len(moments) - len({tuple(moment) for moment, _ in missed})}/{len(moments)}",
        corrupt_or_lost=0,
        most_redone=max(redone),
    )
    assert not missed, "these steps were never reached"
    assert max(redone) <= BATCH


def test_killed_at_random_moments(tmp_path: Path) -> None:
    count = column(60, 200)
    oracle = game_oracle(tmp_path, count, sheets=2)
    rng, restarts, early, redone = random.Random(3), [], 0, []
    for number in range(column(4, 500)):
        place = tmp_path / f"random{number}"
        state = place / "calls"
        state.mkdir(parents=True)
        root = oracle.lay_out(place / "game")
        more = {"LLAMAVIS_TEST_STATE": str(state), "LLAMAVIS_TEST_STEP_MS": "4"}
        victim = command(place, "build", "--fresh", str(root), **more)
        until = oracle.check(root).new
        deadline, wanted = time.monotonic() + 30, rng.randrange(count)
        while len(until) < wanted and victim.poll() is None and time.monotonic() < deadline:
            until = oracle.check(root).new
        os.killpg(victim.pid, signal.SIGKILL)
        victim.communicate()
        verdict = oracle.check(root)
        assert verdict.is_whole, verdict
        made = images(verdict.new)
        before = drawn(state)
        early += made < count
        redone.append(before - made)
        began = time.monotonic()
        again = command(place, "build", "--fresh", str(root), LLAMAVIS_TEST_STATE=str(state))
        _, err = again.communicate(timeout=60)
        restarts.append(time.monotonic() - began)
        assert again.returncode == 0, err
        oracle.must_be_done(root)
        assert drawn(state) - before == count - made
    told(
        "R1 random",
        kills=len(restarts),
        in_the_middle=early,
        corrupt_or_lost=0,
        most_redone=max(redone),
        longest_restart_s=f"{max(restarts):.1f}",
    )
    assert early, "every build was quicker than its kill"
    assert max(redone) <= MAX_BATCH
