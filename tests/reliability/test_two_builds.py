"""Two builds at once: they take turns, nothing is drawn twice, and the dead hold nothing."""

from __future__ import annotations

import os
import random
import signal
import sys
from pathlib import Path

import pytest

from tests.reliability.column import column, patient, told
from tests.reliability.conftest import Nursery, command
from tests.reliability.oracle import game_oracle
from tests.reliability.watched import wait_until
from tests.support.instant_backend import MAX_BATCH, recorded

pytestmark = [patient, pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")]

IMAGES, SHEETS, BATCH = 24, 2, 4


def drawn(state: Path) -> int:
    return sum(int(line.split()[1]) for line in recorded(state) if line.startswith("generate "))


@pytest.mark.parametrize("first_build", [True, False])
def test_two_builds_draw_everything_once(
    nursery: Nursery, tmp_path: Path, first_build: bool
) -> None:
    oracle = game_oracle(tmp_path, IMAGES, SHEETS, first_build=first_build)
    pairs = column(4, 50)
    for number in range(pairs):
        state = tmp_path / f"state{number}"
        state.mkdir()
        root = oracle.lay_out(tmp_path / f"game{number}")
        order = {"settings": {"batch_size": BATCH}, "state": str(state), "step_ms": 1}
        builders = [nursery.start(root, **order) for _ in range(2)]
        assert [nursery.wait(pid) for pid in builders] == [0, 0]
        oracle.must_be_done(root)
        assert drawn(state) == IMAGES
    told("R13 pairs", pairs=pairs, first_build=first_build, drawn_twice=0)


def test_a_killed_owner_blocks_nobody(nursery: Nursery, tmp_path: Path) -> None:
    oracle = game_oracle(tmp_path, IMAGES, SHEETS)
    rng, kills, most = random.Random(6), column(4, 50), 0
    for number in range(kills):
        state = tmp_path / f"state{number}"
        state.mkdir()
        root = oracle.lay_out(tmp_path / f"game{number}")
        order = {"settings": {"batch_size": BATCH}, "state": str(state), "step_ms": 3}
        owner, other = nursery.start(root, **order), nursery.start(root, **order)
        wanted = rng.randrange(1, IMAGES // 2)
        wait_until(lambda: drawn(state) >= wanted)  # noqa: B023
        os.killpg(owner, signal.SIGKILL)
        assert nursery.wait(owner) == -signal.SIGKILL
        assert nursery.wait(other) == 0
        oracle.must_be_done(root)
        most = max(most, drawn(state) - IMAGES)
    told("R13 killed owner", kills=kills, most_drawn_twice=most)
    assert most <= BATCH


def test_real_commands_take_turns_and_outlive_each_other(tmp_path: Path) -> None:
    oracle = game_oracle(tmp_path, 40, SHEETS)
    for number in range(column(2, 20)):
        state = tmp_path / f"state{number}"
        state.mkdir()
        root = oracle.lay_out(tmp_path / f"game{number}")
        more = {"LLAMAVIS_TEST_STATE": str(state), "LLAMAVIS_TEST_STEP_MS": "10"}
        pair = [command(tmp_path, "build", "--fresh", str(root), **more) for _ in range(2)]
        killed = number % 2 == 1
        if killed:
            wait_until(lambda: drawn(state) >= 1)  # noqa: B023
            # The command alone: its model process must notice, and must not hold the lock.
            os.kill(pair[0].pid, signal.SIGKILL)
        told_by = [process.communicate(timeout=60)[1] for process in pair]
        codes = [process.returncode for process in pair]
        assert codes == ([-signal.SIGKILL, 0] if killed else [0, 0]), told_by
        oracle.must_be_done(root)
        assert drawn(state) <= 40 + (MAX_BATCH if killed else 0)
        for process in pair:
            wait_until(lambda: _group_is_gone(process.pid), "a model process is left")  # noqa: B023
        told("R13 commands", killed=killed, drawn_twice=drawn(state) - 40)


def _group_is_gone(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    return False
