"""R3: the disk refuses any one call, or all from some call on; the old file stays, work goes on."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from llamavis_studio.build_round import BuildReport
from tests.reliability.column import NIGHT, patient, told
from tests.reliability.disks import Call, fill, small_disk, tapped
from tests.reliability.oracle import game_oracle
from tests.support.games import described, make_game
from tests.support.studios import opened

pytestmark = patient

CODES = (errno.ENOSPC, errno.EIO, getattr(errno, "EDQUOT", errno.ENOSPC), errno.EROFS)
SAYS = ("disk is full", "disk reported an error", "read-only", "cannot be kept")


class Refusing:
    """Refuses call number `at` with an error, and with `lasting` every call after it too."""

    def __init__(self, at: int, code: int, lasting: bool) -> None:
        self.calls = 0
        self._refused, self._code, self._lasting = at, code, lasting

    def __call__(self, call: Call) -> object:
        number, self.calls = self.calls, self.calls + 1
        if number == self._refused or (self._lasting and number > self._refused):
            raise OSError(self._code, os.strerror(self._code))
        return None if call.step == "fsync" else call.do()  # nothing is cut here


def assert_told(report: BuildReport, outputs: set[str]) -> None:
    """One message for each asset that was not made, and it names the asset's file."""
    messages = [failed.message for failed in report.failed]
    names = {output.rpartition("/")[2] for output in outputs}
    assert all(any(name in message for name in names) for message in messages), messages
    # A sheet whose image failed is told by that image.
    drawn = [message for message in messages if "made from" not in message]
    assert all(any(words in message for words in SAYS) for message in drawn), messages
    assert all(failed.hint for failed in report.failed)
    assert len(messages) == len(set(messages)) <= len(outputs), messages


def test_any_call_may_be_refused(tmp_path: Path) -> None:
    oracle = game_oracle(tmp_path, 4, sheets=1)
    counting = Refusing(-1, 0, lasting=False)
    with opened(oracle.lay_out(tmp_path / "count")) as studio, tapped(counting):
        studio.build(fresh=True)
    assert counting.calls > 50
    cases = [
        (at, code, lasting)
        for at in range(counting.calls)
        for number, code in enumerate(CODES)
        for lasting in (False, True)
        if NIGHT or (at % len(CODES) == number and bool(at // len(CODES) % 2) == lasting)
    ]
    untold, failed = 0, 0
    for number, (at, code, lasting) in enumerate(cases):
        root = oracle.lay_out(tmp_path / f"{number}")
        with opened(root) as studio:
            with tapped(Refusing(at, code, lasting)):
                report = studio.build(fresh=True)
            verdict = oracle.check(root)
            assert verdict.is_whole and not verdict.temporaries, (at, code, verdict)
            assert_told(report, set(oracle.new))
            missing = {name for name in verdict.old if "_sheet" not in name}
            assert len(report.failed) >= len(missing), (at, code, lasting, report.failed)
            failed += len(report.failed)
            untold += not report.failed
            with tapped(Refusing(-1, 0, lasting=False)):
                assert not studio.build(fresh=True).failed, (at, code, lasting)
        oracle.must_be_done(root)
    told(
        "R3 calls",
        calls=counting.calls,
        refusals=len(cases),
        assets_failed=failed,
        refusals_that_failed_none=untold,
        old_files_harmed=0,
    )
    assert failed


@pytest.mark.parametrize("room", [0, 70_000, 90_000])
def test_a_real_disk_that_is_full(tmp_path: Path, room: int) -> None:
    oracle = game_oracle(tmp_path, 8, sheets=2)
    with small_disk(tmp_path / "disk") as disk:
        root = oracle.lay_out(disk / "game")
        with opened(root) as studio:
            fill(disk / "filling", room)
            report = studio.build(fresh=True)
            verdict = oracle.check(root)
            assert verdict.is_whole and not verdict.temporaries, verdict
            assert report.failed
            assert_told(report, set(oracle.new))
            (disk / "filling").unlink()
            assert not studio.build(fresh=True).failed
            oracle.must_be_done(root)
        told("R3 tmpfs", room_bytes=room, failed=len(report.failed), old_files_harmed=0)


def test_a_watching_studio_goes_on_when_there_is_room_again(tmp_path: Path) -> None:
    from llamavis_studio.core import events
    from tests.support.studios import Editor, watching

    with small_disk(tmp_path / "disk") as disk:
        root = make_game(disk / "game", {"hero.desc.toml": described("amber lantern")})

        def script(editor: Editor) -> None:
            editor.wait_for(events.BuildFinished)
            old = (root / "hero.png").read_bytes()
            (root / "hero.desc.toml").write_text(described("frozen river, wide and deep"))
            editor.wait_for(events.BuildFinished)
            assert (root / "hero.png").read_bytes() != old
            old = (root / "hero.png").read_bytes()
            path = root / "hero.desc.toml"
            path.write_text(described("a mossy boulder on top of a hill"))
            fill(disk / "filling", 0)
            failed = editor.wait_for(events.AssetFailed)
            assert "hero.png" in failed.message  # type: ignore[attr-defined]
            editor.wait_for(events.BuildFinished)
            assert (root / "hero.png").read_bytes() == old
            (disk / "filling").unlink()
            path.write_text(described("a mossy boulder on top of a hill, again"))
            editor.wait_for(events.AssetBuilt)

        with opened(root) as studio:
            watching(studio, script)
