"""The queue of a studio: paused, put in another order, shortened, tried again, stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from llamavis_studio.backends.base import ImageRequest, ImageResult, OnStep
from llamavis_studio.backends.host import InProcessHost, ModelHost
from llamavis_studio.backends.process_host import ProcessHost
from llamavis_studio.core import events
from llamavis_studio.core.errors import Cancelled
from llamavis_studio.core.queued import QueueState
from llamavis_studio.studio import Studio
from tests.support.games import described, make_game
from tests.support.instant_backend import recorded
from tests.support.studios import WAIT_S, Editor, GateHost, opened, watching

pytestmark = pytest.mark.usefixtures("instant_backend")

NAMES = "abcdef"


def many(root: Path, words: str = "thing", names: str = NAMES) -> Path:
    return make_game(root, {f"{name}.desc.toml": described(f"{words} {name}") for name in names})


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return many(tmp_path / "game")


def names(images: object) -> str:
    return "".join(one.output.removesuffix(".png") for one in images)  # type: ignore[attr-defined]


class Desk:
    """What a window does: asks in the studio's thread and waits for the answer."""

    def __init__(self, studio: Studio, editor: Editor) -> None:
        self.studio, self.editor = studio, editor

    def ask(self, work: Callable[[], object]) -> object:
        done, answer = threading.Event(), []

        def do() -> None:
            answer.append(work())
            done.set()

        self.studio.post(do)
        assert done.wait(WAIT_S)
        return answer[0]

    def state(self) -> QueueState:
        state = self.ask(self.studio.queue.state)
        assert isinstance(state, QueueState)
        return state

    def until(self, fits: Callable[[QueueState], bool]) -> QueueState:
        """The state when it fits; told of each change by an event, not by looking all the time."""
        while not fits(state := self.state()):
            self.editor.wait_for(events.QueueChanged)
        return state


def at_desk(root: Path, play: Callable[[Desk, GateHost], None], batch_size: int = 1) -> list[str]:
    """Watch with a gate before each picture; the prompts in the order in which they were drawn."""
    host = GateHost()
    with Studio.open(root, host=host, settings={"batch_size": batch_size}) as studio:

        def script(editor: Editor) -> None:
            try:
                assert host.entered.wait(WAIT_S)
                play(Desk(studio, editor), host)
            finally:
                host.gate.set()

        watching(studio, script)
    host.close()
    return [prompt.split()[-1] for prompt in host.prompts]


def test_the_state_names_what_is_drawn_what_waits_and_why(root: Path) -> None:
    def play(desk: Desk, host: GateHost) -> None:
        state = desk.until(lambda state: names(state.running) == "a")
        assert names(state.waiting) == "bcdef"
        assert state.waiting[0].source == "b.desc.toml"
        assert state.waiting[0].words == "thing b"
        assert state.waiting[0].reason == ""
        assert not state.paused
        (root / "b.desc.toml").write_text(described("other b"))
        other = desk.until(lambda state: state.waiting[-1].words == "other b")
        assert names(other.waiting) == "cdefb"
        host.gate.set()
        desk.editor.wait_for(events.BuildFinished)
        (root / "b.desc.toml").write_text(described("other bee"))
        host.gate.clear()
        host.entered.clear()
        (why,) = desk.until(lambda state: bool(state.running)).running
        assert why.reason == "word 2 of the description changed: 'b' -> 'bee'"
        host.gate.set()
        desk.editor.wait_for(events.BuildFinished)
        assert desk.state() == QueueState()

    assert at_desk(root, play) == [*"acdefb", "bee"]


def test_pause_lets_the_running_image_finish_and_begins_no_other(root: Path) -> None:
    def play(desk: Desk, host: GateHost) -> None:
        desk.studio.queue.pause()
        host.gate.set()
        desk.editor.wait_for(events.AssetBuilt)
        state = desk.until(lambda state: not state.running)
        assert state.paused
        assert names(state.waiting) == "bcdef"
        # What is saved meanwhile waits too.
        (root / "g.desc.toml").write_text(described("thing g"))
        assert names(desk.until(lambda state: len(state.waiting) == 6).waiting) == "bcdefg"
        assert host.prompts == ["thing a"]
        desk.studio.queue.go_on()
        finished = desk.editor.wait_for(events.BuildFinished)
        assert isinstance(finished, events.BuildFinished)
        assert (finished.built, finished.cancelled) == (7, False)

    assert at_desk(root, play) == [*NAMES, "g"]


def test_the_order_is_the_user_s(root: Path) -> None:
    def play(desk: Desk, host: GateHost) -> None:
        queue = desk.studio.queue
        desk.ask(lambda: queue.to_front({"e.png"}))
        desk.ask(lambda: queue.move({"d.png"}, -1))
        desk.ask(lambda: queue.move({"b.png"}, 1))
        desk.ask(lambda: queue.move_before({"f.png"}, "c.png"))
        assert names(desk.state().waiting) == "edbfc"
        # What is being drawn is not moved.
        desk.ask(lambda: queue.move({"a.png"}, 1))
        host.gate.set()
        desk.editor.wait_for(events.BuildFinished)

    assert at_desk(root, play) == list("aedbfc")


def test_one_image_is_taken_out_of_a_batch_and_the_others_stay_together(root: Path) -> None:
    def play(desk: Desk, host: GateHost) -> None:
        queue = desk.studio.queue
        desk.ask(lambda: queue.to_front({"f.png"}))
        assert desk.ask(lambda: queue.take_out({"d.png", "nobody.png"})) == 1
        assert names(desk.state().waiting) == "fce"
        host.gate.set()
        finished = desk.editor.wait_for(events.BuildFinished)
        assert isinstance(finished, events.BuildFinished)
        assert (finished.built, finished.cancelled) == (5, False)

    assert at_desk(root, play, batch_size=2) == list("abfce")
    assert not (root / "d.png").exists()


def test_what_was_taken_out_comes_back_when_it_is_asked_for_or_changed(root: Path) -> None:
    def play(desk: Desk, host: GateHost) -> None:
        desk.ask(lambda: desk.studio.queue.take_out({"d.png", "e.png"}))
        host.gate.set()
        desk.editor.wait_for(events.BuildFinished)
        (root / "a.desc.toml").write_text(described("other a"))
        finished = desk.editor.wait_for(events.BuildFinished)
        assert isinstance(finished, events.BuildFinished)
        assert finished.built == 1  # not the two that nobody wanted
        (root / "d.desc.toml").write_text(described("other d"))
        desk.editor.wait_for(events.BuildFinished)
        assert (root / "d.png").exists()
        assert not (root / "e.png").exists()
        assert desk.ask(desk.studio.request_build) == 1
        desk.editor.wait_for(events.BuildFinished)
        assert (root / "e.png").exists()

    at_desk(root, play)


def test_taking_out_the_image_that_is_drawn_stops_it_and_keeps_its_neighbours(root: Path) -> None:
    def play(desk: Desk, host: GateHost) -> None:
        desk.until(lambda state: names(state.running) == "abc")
        assert desk.ask(lambda: desk.studio.queue.take_out({"b.png"})) == 1
        host.gate.set()
        finished = desk.editor.wait_for(events.BuildFinished)
        assert isinstance(finished, events.BuildFinished)
        assert (finished.built, finished.cancelled) == (5, False)

    drawn = at_desk(root, play, batch_size=3)
    assert sorted(drawn[3:]) == list("acdef")
    assert not (root / "b.png").exists()


def test_taking_out_everything_that_waits_ends_the_build(root: Path) -> None:
    def play(desk: Desk, host: GateHost) -> None:
        desk.studio.queue.pause()
        host.gate.set()
        desk.until(lambda state: not state.running)
        desk.ask(lambda: desk.studio.queue.take_out({f"{name}.png" for name in NAMES}))
        finished = desk.editor.wait_for(events.BuildFinished)
        assert isinstance(finished, events.BuildFinished)
        assert finished.built == 1

    assert at_desk(root, play) == ["a"]


def test_asking_twice_draws_once(root: Path) -> None:
    def play(desk: Desk, host: GateHost) -> None:
        desk.ask(desk.studio.request_build)
        desk.ask(desk.studio.request_build)
        state = desk.until(lambda state: names(state.running) == "a")
        assert names(state.waiting) == "bcdef"
        host.gate.set()
        desk.editor.wait_for(events.BuildFinished)

    assert at_desk(root, play) == list(NAMES)


def test_a_stop_stays_a_stop_until_somebody_asks(root: Path) -> None:
    def play(desk: Desk, host: GateHost) -> None:
        desk.studio.cancel()
        stopped = desk.editor.wait_for(events.BuildFinished)
        assert isinstance(stopped, events.BuildFinished) and stopped.cancelled
        host.gate.set()
        (root / "g.desc.toml").write_text(described("thing g"))
        finished = desk.editor.wait_for(events.BuildFinished)
        assert isinstance(finished, events.BuildFinished)
        assert (finished.built, finished.cancelled) == (1, False)
        assert desk.ask(desk.studio.request_build) == 6
        desk.editor.wait_for(events.BuildFinished)

    drawn = at_desk(root, play)
    assert drawn == ["a", "g", *NAMES]


def test_watching_that_ends_is_no_stop_and_the_next_draws_the_rest(root: Path) -> None:
    host = GateHost()
    with Studio.open(root, host=host, settings={"batch_size": 1}) as studio:
        watching(studio, lambda _editor: host.entered.wait(WAIT_S))
        host.gate.set()
        watching(studio, lambda editor: editor.wait_for(events.BuildFinished))
    host.close()
    assert all((root / f"{name}.png").exists() for name in NAMES)


def test_a_stop_and_a_new_start_at_once_draw_everything(root: Path) -> None:
    def play(desk: Desk, host: GateHost) -> None:
        def stop_and_start() -> None:
            desk.studio.cancel()
            host.gate.set()
            desk.studio.request_build()

        desk.ask(stop_and_start)
        desk.until(lambda state: not state.running and not state.waiting)

    at_desk(root, play)
    assert all((root / f"{name}.png").exists() for name in NAMES)


def test_changes_are_told_seldom_and_the_last_one_always(tmp_path: Path) -> None:
    root = make_game(
        tmp_path / "game",
        {f"i{number}.desc.toml": described(f"x {number}") for number in range(60)},
    )
    told: list[events.Event] = []
    host = InProcessHost()
    with Studio.open(root, host=host, settings={"batch_size": 1}) as studio:
        studio.subscribe(told.append)
        report = studio.build()
    host.close()
    changes = [event for event in told if isinstance(event, events.QueueChanged)]
    assert 1 <= len(changes) <= 3 + 4 * report.seconds
    assert changes[-1] == events.QueueChanged((), 0)
    assert isinstance(told[-1], events.BuildFinished)


def test_what_failed_is_named_and_drawn_again_on_request(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLAMAVIS_TEST_STATE", str(tmp_path))
    (root / "c.desc.toml").write_text(described("MISSING ONCE c"))

    def script(editor: Editor) -> None:
        failed = editor.wait_for(events.AssetFailed)
        assert isinstance(failed, events.AssetFailed)
        assert (failed.output, failed.path) == ("c.png", "c.desc.toml")
        editor.wait_for(events.BuildFinished)
        studio.post(lambda: studio.request_build([root / failed.output]))
        built = editor.wait_for(events.AssetBuilt)
        assert built == events.AssetBuilt("c.desc.toml", ("c.png",))

    host = InProcessHost()
    with Studio.open(root, host=host, settings={"batch_size": 1}) as studio:
        watching(studio, script)
    host.close()


class Steps:
    """Counts the steps that the backend takes, where it takes them."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "steps"

    @property
    def count(self) -> int:
        return len(self._file.read_bytes()) if self._file.exists() else 0


@pytest.mark.parametrize("make_host", [InProcessHost, ProcessHost])
def test_cancel_acts_at_the_next_step(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make_host: type
) -> None:
    """At 100 ms a step, one step further at most: within 200 ms, without a clock that may lag."""
    monkeypatch.setenv("LLAMAVIS_TEST_BACKENDS", "instant=tests.support.slow_backend:SlowBackend")
    monkeypatch.setenv("LLAMAVIS_TEST_STATE", str(tmp_path))
    monkeypatch.setenv("LLAMAVIS_TEST_STEP_MS", "100")
    steps = Steps(tmp_path)
    host: ModelHost = make_host()
    at_cancel: list[int] = []
    with Studio.open(root, host=host) as studio:

        def stop(event: events.Event) -> None:
            if isinstance(event, events.StepDone) and not at_cancel and steps.count >= 3:
                at_cancel.append(steps.count)
                studio.cancel()

        studio.subscribe(stop)
        with pytest.raises(Cancelled):
            studio.build()
        host.close()  # it ends what still draws, and waits for it
    assert at_cancel
    assert steps.count <= at_cancel[0] + 1
    assert recorded(tmp_path).count("generate 6") == 1
    assert not any((root / f"{name}.png").exists() for name in NAMES)


def test_too_much_at_once_is_drawn_in_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLAMAVIS_TEST_STATE", str(tmp_path))
    root = many(tmp_path / "game", "OOM thing")
    with opened(root) as studio:
        report = studio.build()
    assert len(report.built) == 6
    assert report.failed == ()
    calls = [call for call in recorded(tmp_path) if call.startswith("generate")]
    assert calls == ["generate 6", "generate 3", *["generate 1"] * 6]


def test_what_does_not_fit_alone_fails_alone_and_says_what_helps(tmp_path: Path) -> None:
    root = many(tmp_path / "game")
    (root / "b.desc.toml").write_text(described("OOM1 b"))
    with opened(root) as studio:
        report = studio.build()
    assert len(report.built) == 5
    (failed,) = report.failed
    assert failed.output == "b.png"
    assert failed.message == "1 images do not fit"
    assert "close other programs" in failed.hint
    assert "smaller size" in failed.hint
    assert "Settings" in failed.hint


class CountingHost(InProcessHost):
    """Counts the requests of each call."""

    def __init__(self) -> None:
        super().__init__()
        self.counts: list[int] = []

    def generate(
        self, backend_name: str, requests: list[ImageRequest], on_step: OnStep
    ) -> list[ImageResult]:
        self.counts.append(len(requests))
        return super().generate(backend_name, requests, on_step)


def test_ten_thousand_images_are_moved_and_taken_out_one_by_one(tmp_path: Path) -> None:
    rows = "".join(f"i{number:05},thing {number}\n" for number in range(10_000))
    root = make_game(tmp_path / "game", {"all.descs.csv": f"name,description\n{rows}"})
    host = CountingHost()
    studio = Studio.open(root, host=host)
    studio.queue.pause()
    assert studio.request_build() == 10_000
    studio.queue.to_front({"i09999.png"})
    assert studio.queue.take_out({f"i{number:05}.png" for number in range(100, 9_999)}) == 9_899
    state = studio.queue.state()
    assert [one.output for one in state.waiting[:2]] == ["i09999.png", "i00000.png"]
    assert len(state.waiting) == 101
    studio.queue.go_on()
    studio._runner.run_until_idle()
    studio.close()
    host.close()
    assert host.counts == [1, *[16] * 6, 4]
