"""The watcher's decisions, on a clock of the test's own and with eyes that obey the test."""

from __future__ import annotations

import heapq
import os
import shutil
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from llamavis_studio.watch.debounce import Quiet, Sign
from llamavis_studio.watch.observer import FOLDERS, OnLoss, OnSign
from llamavis_studio.watch.watcher import Change, Timing, Watcher, WatchStatus

QUIET = Quiet(complete_s=0.03, created_s=0.3, written_s=2.5, gone_s=0.3)


class FakeTimer:
    def __init__(self, call: Callable[[], None]) -> None:
        self.call: Callable[[], None] | None = call

    def cancel(self) -> None:
        self.call = None


class FakeLoop:
    """Time passes when the test says so."""

    def __init__(self) -> None:
        self.now = 0.0
        self.timers: list[tuple[float, int, FakeTimer]] = []
        self.posted: list[Callable[[], None]] = []
        self.numbers = count()

    def time(self) -> float:
        return self.now

    def call_later(self, delay: float, callback: Callable[..., Any], *args: Any) -> FakeTimer:
        timer = FakeTimer(lambda: callback(*args))
        heapq.heappush(self.timers, (self.now + delay, next(self.numbers), timer))
        return timer

    def call_soon_threadsafe(self, callback: Callable[..., Any], *args: Any) -> None:
        self.posted.append(lambda: callback(*args))

    def pass_time(self, seconds: float) -> None:
        end = self.now + seconds
        while True:
            while self.posted:
                self.posted.pop(0)()
            if not self.timers or self.timers[0][0] > end:
                break
            due, _, timer = heapq.heappop(self.timers)
            self.now = max(self.now, due)
            if timer.call is not None:
                timer.call()
        self.now = end


class FakeEyes:
    def __init__(self, sign: OnSign, loss: OnLoss) -> None:
        self.sign, self.loss = sign, loss
        self.trouble = ""
        self.refusal: OSError | None = None
        self.running = False

    def start(self) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.running = True

    def problem(self, folders: frozenset[str]) -> str:
        return self.trouble

    def stop(self) -> None:
        self.running = False


class Watched:
    """A watcher over a folder, and what it told."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(exist_ok=True)
        self.loop = FakeLoop()
        self.told: list[tuple[str, str]] = []
        self.batches: list[int] = []
        self.statuses: list[WatchStatus] = []
        self.all_eyes: list[FakeEyes] = []
        self.refusal: OSError | None = None
        self.watcher = Watcher(
            root,
            self.loop,
            self.on_change,
            on_status=self.statuses.append,
            quiet=QUIET,
            timing=Timing(rescan_s=600, poll_s=1, health_s=1, retry_s=60, storm=100),
            eyes=self.make_eyes,
        )

    def make_eyes(self, root: Path, sign: OnSign, loss: OnLoss) -> FakeEyes:
        eyes = FakeEyes(sign, loss)
        eyes.refusal = self.refusal
        self.all_eyes.append(eyes)
        return eyes

    @property
    def eyes(self) -> FakeEyes:
        return self.all_eyes[-1]

    def on_change(self, changes: tuple[Change, ...]) -> None:
        self.batches.append(len(changes))
        self.told += [(str(change.path), change.kind.value) for change in changes]

    def write(self, name: str, text: str, *signs: Sign) -> None:
        (self.root / name).write_text(text)
        for sign in signs:
            self.eyes.sign(name, sign)

    def take(self) -> list[tuple[str, str]]:
        told, self.told = self.told, []
        return told


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    watched = Watched(tmp_path / "game")
    (watched.root / "hero.desc.toml").write_text("red")
    watched.watcher.start()
    return watched


MODIFIED = [("hero.desc.toml", "modified")]


def test_what_is_there_at_the_start_is_known(watched: Watched) -> None:
    watched.loop.pass_time(1000)
    assert watched.told == []
    assert watched.statuses == [WatchStatus(polling=False)]


def test_a_finished_save_is_told_after_30_ms(watched: Watched) -> None:
    watched.write("hero.desc.toml", "blue", Sign.WRITTEN, Sign.COMPLETE)
    watched.loop.pass_time(0.029)
    assert watched.told == []
    watched.loop.pass_time(0.002)
    assert watched.take() == MODIFIED
    watched.loop.pass_time(1000)
    assert watched.told == []


def test_a_save_in_halves_is_told_when_it_is_whole(watched: Watched) -> None:
    watched.write("hero.desc.toml", "", Sign.WRITTEN)
    watched.write("hero.desc.toml", "bl", Sign.WRITTEN)
    watched.loop.pass_time(2.0)
    watched.write("hero.desc.toml", "blue", Sign.WRITTEN, Sign.COMPLETE)
    watched.loop.pass_time(10)
    assert watched.told == MODIFIED


def test_a_save_whose_end_is_never_told_is_told_after_silence(watched: Watched) -> None:
    watched.write("hero.desc.toml", "blue", Sign.WRITTEN)
    watched.loop.pass_time(2.4)
    assert watched.told == []
    watched.loop.pass_time(0.2)
    assert watched.told == MODIFIED


def test_unchanged_content_is_not_told(watched: Watched) -> None:
    watched.write("hero.desc.toml", "red", Sign.WRITTEN, Sign.COMPLETE)
    watched.loop.pass_time(10)
    watched.write("hero.desc.toml", "blue", Sign.COMPLETE)
    watched.write("hero.desc.toml", "red", Sign.COMPLETE)
    watched.loop.pass_time(10)
    assert watched.told == []


def test_what_was_put_off_is_told_though_the_look_was_ahead_of_its_sign(watched: Watched) -> None:
    put_off: list[bool] = []

    def on_change(changes: tuple[Change, ...]) -> None:
        watched.on_change(changes)
        if not put_off:  # the sign of what was read just now comes while it is being told
            watched.eyes.sign("hero.desc.toml", Sign.COMPLETE)
            put_off.append(watched.watcher.put_off("hero.desc.toml"))

    watched.watcher._on_change = on_change
    watched.write("hero.desc.toml", "blue", Sign.COMPLETE)
    watched.loop.pass_time(1000)
    assert put_off == [True]
    assert watched.told == MODIFIED * 2
    assert not watched.watcher.put_off("hero.desc.toml")


def test_a_file_is_put_off_as_soon_as_it_is_another_one_than_was_told(watched: Watched) -> None:
    """Its sign is still on its way, from the system or from watchdog's thread."""
    hero = watched.root / "hero.desc.toml"
    assert not watched.watcher.put_off("hero.desc.toml")
    hero.write_text("description = 'half")
    assert watched.watcher.put_off("hero.desc.toml")
    watched.eyes.sign("hero.desc.toml", Sign.WRITTEN)
    hero.write_text("description = 'a whole one'")
    watched.eyes.sign("hero.desc.toml", Sign.COMPLETE)
    watched.loop.pass_time(1)
    assert watched.told == MODIFIED
    assert not watched.watcher.put_off("hero.desc.toml")
    hero.unlink()
    assert not watched.watcher.put_off("hero.desc.toml")
    assert not watched.watcher.put_off("never seen.desc.toml")


def test_delete_and_create_is_one_change(watched: Watched) -> None:
    (watched.root / "hero.desc.toml").unlink()
    watched.eyes.sign("hero.desc.toml", Sign.GONE)
    watched.loop.pass_time(0.1)
    watched.write("hero.desc.toml", "blue", Sign.CREATED, Sign.WRITTEN, Sign.COMPLETE)
    watched.loop.pass_time(10)
    assert watched.told == MODIFIED


def test_added_and_removed(watched: Watched) -> None:
    watched.write("new.desc.toml", "x", Sign.CREATED)
    (watched.root / "hero.desc.toml").unlink()
    watched.eyes.sign("hero.desc.toml", Sign.GONE)
    watched.loop.pass_time(1)
    assert sorted(watched.told) == [("hero.desc.toml", "removed"), ("new.desc.toml", "added")]


def test_what_is_not_relevant_is_not_even_posted(watched: Watched) -> None:
    for name in ("hero.png", ".git/x.desc.toml", "a/.llamavis/x.desc.toml", "hero.desc.toml~"):
        watched.eyes.sign(name, Sign.COMPLETE)
    assert watched.loop.posted == []


def test_many_signs_are_one_post(watched: Watched) -> None:
    for _ in range(50):
        watched.eyes.sign("hero.desc.toml", Sign.WRITTEN)
    assert len(watched.loop.posted) == 1


def test_a_change_without_any_sign_is_found_by_the_rescan(watched: Watched) -> None:
    watched.write("hero.desc.toml", "blue")
    watched.loop.pass_time(590)
    assert watched.told == []
    watched.loop.pass_time(20)
    assert watched.take() == MODIFIED
    watched.write("hero.desc.toml", "green")
    watched.watcher.rescan()
    watched.loop.pass_time(0.5)
    assert watched.take() == MODIFIED
    (watched.root / "hero.desc.toml").unlink()
    watched.watcher.rescan()
    watched.loop.pass_time(0.5)
    assert watched.take() == [("hero.desc.toml", "removed")]


def test_a_rescan_in_the_middle_of_a_save_tells_no_half(watched: Watched) -> None:
    watched.write("hero.desc.toml", "bl")
    watched.watcher.rescan()
    watched.loop.pass_time(0.2)
    watched.write("hero.desc.toml", "blu")
    watched.loop.pass_time(0.2)
    assert watched.told == []
    watched.write("hero.desc.toml", "blue", Sign.COMPLETE)
    watched.loop.pass_time(10)
    assert watched.told == MODIFIED


def test_lost_events_lead_to_a_rescan(watched: Watched) -> None:
    watched.write("hero.desc.toml", "blue")
    watched.eyes.loss("overflow")
    watched.loop.pass_time(0.5)
    assert watched.told == MODIFIED


def test_a_folder_that_moves_leads_to_a_rescan_that_is_not_put_off(watched: Watched) -> None:
    (watched.root / "a").mkdir()
    watched.write("a/new.desc.toml", "x")
    for _ in range(20):
        watched.eyes.sign(FOLDERS, Sign.CREATED)
        watched.loop.pass_time(0.1)
    assert watched.take() == [("a/new.desc.toml", "added")]
    shutil.move(watched.root / "a", watched.root / "b")
    watched.eyes.sign(FOLDERS, Sign.CREATED)
    watched.loop.pass_time(1)
    assert sorted(watched.take()) == [("a/new.desc.toml", "removed"), ("b/new.desc.toml", "added")]


def test_a_folder_moved_away_and_back_at_once_is_no_change(watched: Watched) -> None:
    watched.root.rename(watched.root.with_name("away"))
    watched.eyes.sign("hero.desc.toml", Sign.GONE)
    watched.eyes.sign(FOLDERS, Sign.CREATED)
    watched.loop.pass_time(0.1)
    watched.root.with_name("away").rename(watched.root)
    watched.loop.pass_time(10)
    assert watched.told == []


def test_a_storm_leads_to_a_rescan_beside_the_looks(watched: Watched) -> None:
    watched.write("silent.desc.toml", "x")
    for number in range(150):
        watched.write(f"file{number}.desc.toml", "x", Sign.CREATED)
    watched.loop.pass_time(10)
    assert len(watched.told) == 151
    assert len(set(watched.told)) == 151


def test_changes_known_together_are_told_together(watched: Watched) -> None:
    for number in range(20):
        watched.write(f"file{number}.desc.toml", "x", Sign.COMPLETE)
    watched.loop.pass_time(1)
    assert watched.batches == [20]


def test_an_observer_that_cannot_start_is_replaced_by_polling(tmp_path: Path) -> None:
    watched = Watched(tmp_path / "game")
    watched.refusal = OSError(28, "inotify watch limit reached")
    watched.watcher.start()
    assert watched.statuses == [WatchStatus(polling=True, reason="inotify watch limit reached")]
    watched.write("hero.desc.toml", "blue")
    watched.loop.pass_time(2.5)
    assert watched.take() == [("hero.desc.toml", "added")]
    # Once there is room again, the polling ends.
    watched.refusal = None
    watched.loop.pass_time(61)
    assert watched.statuses[-1] == WatchStatus(polling=False)
    watched.write("hero.desc.toml", "red", Sign.COMPLETE)
    watched.loop.pass_time(0.1)
    assert watched.take() == MODIFIED


def test_an_observer_that_dies_is_noticed_and_started_again(watched: Watched) -> None:
    first = watched.eyes
    first.trouble = "the watching thread ended"
    watched.write("hero.desc.toml", "blue")
    watched.loop.pass_time(4)
    assert watched.told == MODIFIED
    assert not first.running
    assert watched.statuses[1:] == [
        WatchStatus(polling=True, reason="the watching thread ended"),
        WatchStatus(polling=False),
    ]
    assert watched.eyes is not first


def test_a_doubt_of_a_moment_changes_nothing(watched: Watched) -> None:
    watched.eyes.trouble = "one folder is not watched"
    watched.loop.pass_time(1.1)
    watched.eyes.trouble = ""
    watched.loop.pass_time(10)
    assert len(watched.all_eyes) == 1
    assert watched.statuses == [WatchStatus(polling=False)]


def test_a_project_that_is_away_is_not_told_as_deleted(watched: Watched) -> None:
    away = watched.root.with_name("away")
    watched.root.rename(away)
    watched.eyes.trouble = "the project's folder was moved or replaced"
    watched.loop.pass_time(30)
    assert watched.told == []
    assert watched.statuses[-1] == WatchStatus(True, "the project's folder is not there")
    (away / "hero.desc.toml").write_text("blue")
    away.rename(watched.root)
    watched.loop.pass_time(5)
    assert watched.take() == MODIFIED
    assert watched.statuses[-1] == WatchStatus(polling=False)


def test_nothing_is_told_after_close(watched: Watched) -> None:
    watched.write("hero.desc.toml", "blue", Sign.COMPLETE)
    watched.watcher.close()
    watched.loop.pass_time(1000)
    assert watched.told == []
    assert not watched.eyes.running


def test_a_closed_loop_is_no_trouble_for_the_observer_s_thread(watched: Watched) -> None:
    def closed(*_: object) -> None:
        raise RuntimeError("Event loop is closed")

    watched.loop.call_soon_threadsafe = closed  # type: ignore[method-assign]
    watched.eyes.sign("hero.desc.toml", Sign.COMPLETE)


@pytest.mark.skipif(os.name != "posix", reason="needs symlinks")
def test_a_project_behind_a_link_is_watched_where_it_lies(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert Watched(tmp_path / "link").watcher.root == tmp_path / "real"
