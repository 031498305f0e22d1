"""Two builds in one project take turns; a dead owner holds nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from llamavis_studio.core.errors import Cancelled
from llamavis_studio.pipeline import lock
from llamavis_studio.pipeline.build import Result, build_batch, make_batches
from llamavis_studio.pipeline.lock import held, owner_of
from tests.pipeline.conftest import Game, draw

HOLDER = """
import sys, time
from pathlib import Path
from llamavis_studio.core.project import Project
from llamavis_studio.pipeline.lock import held
with held(Project.open(Path(sys.argv[1]))):
    print("held", flush=True)
    time.sleep(60)
"""


def other_process(game: Game) -> subprocess.Popen:
    child = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(game.root)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None and child.stdout.readline() == "held\n"
    return child


def test_a_second_writer_waits_and_is_told_for_whom(
    game: Game, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "PATIENCE_S", 0.0)
    child = other_process(game)
    told: list[str] = []
    entered = threading.Event()

    def wait() -> None:
        with held(game.project, on_wait=told.append):
            entered.set()

    waiting = threading.Thread(target=wait)
    waiting.start()
    try:
        assert not entered.wait(0.3)
        assert len(told) == 1
        assert str(child.pid) in told[0]
        os.kill(child.pid, signal.SIGKILL)  # a crash frees it: no human has to remove a file
        assert entered.wait(10)
    finally:
        child.kill()
        child.wait()
        assert child.stdout is not None
        child.stdout.close()
        waiting.join(10)


def test_waiting_can_be_cancelled(game: Game) -> None:
    child = other_process(game)

    def cancel() -> None:
        raise Cancelled

    try:
        began = time.monotonic()
        with pytest.raises(Cancelled), held(game.project, check_cancel=cancel):
            pass
        assert time.monotonic() - began < 5
    finally:
        child.kill()
        child.wait()
        assert child.stdout is not None
        child.stdout.close()


def test_the_lock_is_free_after_an_error(game: Game) -> None:
    with pytest.raises(RuntimeError), held(game.project):
        raise RuntimeError
    with held(game.project):
        assert owner_of(game.project.state_dir).pid == os.getpid()


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b'{"pid": "x"}', b"[" * 100_000])
def test_a_damaged_owner_file_is_nobody(game: Game, text: bytes) -> None:
    folder: Path = game.project.make_state_dir()
    (folder / "build.owner.json").write_bytes(text)
    assert owner_of(folder) is None


def test_an_owner_from_the_future_is_as_old_as_nothing(game: Game) -> None:
    with held(game.project):
        pass
    later = time.time() + 10 * 365 * 86400
    os.utime(game.project.state_dir / "build.owner.json", (later, later))
    assert owner_of(game.project.state_dir).age_s == 0


def test_what_another_build_made_meanwhile_is_not_drawn_again(game: Game) -> None:

    targets = game.plan().to_build()
    game.build()
    calls: list[int] = []

    def counted(requests):
        calls.append(len(requests))
        return draw(requests)

    outcomes = [
        outcome
        for batch in make_batches(targets)
        for outcome in build_batch(batch, counted, game.project)
    ]
    assert {outcome.result for outcome in outcomes} == {Result.UNCHANGED}
    assert not calls
