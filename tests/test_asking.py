"""Questions about pictures: in turn with the drawing, one by one, stopped, told when they fail."""

from __future__ import annotations

import queue
import threading
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from llamavis_studio.asking import AskNews, AskState, Question, ask
from llamavis_studio.backends.base import CaptionResult
from llamavis_studio.backends.host import InProcessHost, ModelState
from llamavis_studio.backends.model_records import write_record
from llamavis_studio.backends.process_host import ProcessHost
from llamavis_studio.core import events
from llamavis_studio.core.errors import BackendError, OutOfMemory
from llamavis_studio.machine_models import known_backends
from llamavis_studio.studio import Studio
from tests.library.conftest import picture
from tests.support.games import described, make_game
from tests.support.studios import WAIT_S, Editor, GateHost, watching
from tests.support.talking_backend import TALKING

pytestmark = pytest.mark.usefixtures("instant_backend")


@pytest.fixture(autouse=True)
def talking(instant_backend: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLAMAVIS_TEST_BACKENDS", TALKING)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = make_game(tmp_path / "game", {})
    for number in range(4):
        (made / f"p{number}.png").write_bytes(picture(number))
    return made


class Asker:
    """Asks on the studio's thread, and hears what comes."""

    def __init__(self, studio: Studio, editor: Editor) -> None:
        self.studio, self.editor = studio, editor
        self.heard: queue.Queue[AskNews] = queue.Queue()
        self.patience_s = WAIT_S
        self.order: list[str] = []
        """What was drawn and what was answered, by files."""
        studio.subscribe(self._note)

    def _note(self, event: events.Event) -> None:
        self.order += event.outputs if isinstance(event, events.AssetBuilt) else ()

    def _hear(self, news: AskNews) -> None:
        self.order += [news.answer.file] if news.answer is not None else []
        self.heard.put(news)

    def do(self, work: Callable[[], object]) -> object:
        done, answer = threading.Event(), list[object]()

        def run() -> None:
            answer.append(work())
            done.set()

        self.studio.post(run)
        assert done.wait(WAIT_S)
        return answer[0]

    def ask(self, question: str, names: str = "0123", by: str = "talker") -> Question:
        def begin() -> Question:
            library = self.studio.library
            library.update()
            ids = [library.library.find(self.studio.root / f"p{name}.png") for name in names]
            return ask(self.studio, ids, question, by, self._hear)

        made = self.do(begin)
        assert isinstance(made, Question)
        return made

    def until(self, *states: AskState) -> list[AskNews]:
        """All that is told up to one of these states."""
        told = [self.heard.get(timeout=self.patience_s)]
        while told[-1].state not in states:
            told.append(self.heard.get(timeout=self.patience_s))
        return told


ENDS = (AskState.ENDED, AskState.FAILED)


def at_desk(root: Path, play: Callable[[Asker, GateHost], None]) -> list[str]:
    """Watch with a gate before each picture that is drawn; the prompts in their order."""
    host = GateHost()
    with Studio.open(root, host=host, settings={"batch_size": 1}) as studio:  # type: ignore[arg-type]

        def script(editor: Editor) -> None:
            try:
                play(Asker(studio, editor), host)
            finally:
                host.gate.set()

        watching(studio, script)
    host.close()
    return [prompt.split()[-1] for prompt in host.prompts]


def answers(told: list[AskNews]) -> list[tuple[str, str]]:
    return [(one.answer.file, one.answer.text) for one in told if one.answer is not None]


def test_each_picture_is_answered_by_itself(root: Path) -> None:
    def play(asker: Asker, _host: GateHost) -> None:
        asker.ask("How large?", "02")
        told = asker.until(*ENDS)
        size = "How large? It is 16 by 16\n pixels."
        assert answers(told) == [("p0.png", size), ("p2.png", size)]
        assert told[0] == AskNews(AskState.WAITING, 0, 2)
        assert [(one.done, one.file) for one in told[1:-1] if one.answer is None] == [
            (0, "p0.png"), (1, "p2.png"),
        ]  # fmt: skip
        assert told[-1] == AskNews(AskState.ENDED, 2, 2)
        found = [one.answer for one in told if one.answer is not None]
        assert found[0].path == root / "p0.png" and found[0].model == "talker-2b"
        words = asker.do(lambda: asker.studio.library.words_of([1])[0].captions)
        assert not words  # an answer is no caption

    at_desk(root, play)


def test_what_cannot_be_read_is_told_and_the_others_are_answered(root: Path) -> None:
    def play(asker: Asker, _host: GateHost) -> None:
        asker.do(asker.studio.library.update)
        (root / "p1.png").write_bytes(b"no picture any more")
        asker.ask("What?", "123")
        found = [one.answer for one in asker.until(*ENDS) if one.answer is not None]
        assert [bool(one.problem) for one in found] == [True, False, False]
        assert found[0].text == "" and found[0].file == "p1.png"

    at_desk(root, play)


@pytest.mark.parametrize(
    ("question", "by", "kind"), [("OOM", "talker", OutOfMemory), ("Who?", "instant", BackendError)]
)
def test_what_a_model_cannot_is_told_once(
    root: Path, question: str, by: str, kind: type[BackendError]
) -> None:
    def play(asker: Asker, _host: GateHost) -> None:
        asker.ask(question, by=by)
        last = asker.until(*ENDS)[-1]
        assert last.state is AskState.FAILED and isinstance(last.error, kind)
        assert asker.heard.empty()

    at_desk(root, play)


def drawings(root: Path) -> None:
    for name in "abc":
        (root / f"{name}.desc.toml").write_text(described(f"thing {name}"))


def test_a_question_goes_before_what_waits_and_its_other_pictures_behind(root: Path) -> None:
    drawings(root)
    order: list[str] = []

    def play(asker: Asker, host: GateHost) -> None:
        assert host.entered.wait(WAIT_S)  # `a` is being drawn
        asker.order = order
        asker.ask("Who?", "01")
        host.gate.set()
        told = asker.until(*ENDS)
        assert [one.state for one in told].count(AskState.WAITING) == 2
        assert order == ["a.png", "p0.png", "b.png", "c.png", "p1.png"]

    assert at_desk(root, play) == ["a", "b", "c"]


def test_a_pause_of_the_drawing_holds_no_question_up(root: Path) -> None:
    drawings(root)

    def play(asker: Asker, host: GateHost) -> None:
        assert host.entered.wait(WAIT_S)
        asker.studio.queue.pause()
        host.gate.set()
        asker.editor.wait_for(events.AssetBuilt)
        asker.ask("Who?", "0123")
        assert len(answers(asker.until(*ENDS))) == 4
        assert len(asker.studio.queue.state().waiting) == 2
        asker.studio.queue.go_on()
        asker.editor.wait_for(events.BuildFinished)

    assert at_desk(root, play) == ["a", "b", "c"]


def test_moving_what_waits_loses_no_question(root: Path) -> None:
    drawings(root)

    def play(asker: Asker, host: GateHost) -> None:
        assert host.entered.wait(WAIT_S)
        asker.ask("Who?", "01")
        asker.do(lambda: asker.studio.queue.move(["c.png"], -1))
        asker.do(lambda: asker.studio.queue.take_out(["b.png"]))
        host.gate.set()
        assert len(answers(asker.until(*ENDS))) == 2

    assert at_desk(root, play) == ["a", "c"]


def test_a_question_is_stopped_while_it_waits_and_while_a_model_looks(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawings(root)
    monkeypatch.setenv("LLAMAVIS_TEST_STEP_MS", "20")

    def play(asker: Asker, host: GateHost) -> None:
        assert host.entered.wait(WAIT_S)
        asker.ask("Who?").cancel()
        assert answers(asker.until(*ENDS)) == []
        asker.ask("And now?")
        host.gate.set()
        asker.until(AskState.LOOKING)
        question = asker.ask("One more?")  # behind it
        told = asker.until(AskState.LOOKING)
        while not answers(told):
            told += asker.until(AskState.LOOKING)
        question.cancel()
        asker.editor.wait_for(events.BuildFinished)
        ended = asker.until(AskState.ENDED) + asker.until(AskState.ENDED)
        last = [one for one in told + ended if one.answer and one.answer.question == "One more?"]
        assert len(last) < 4

    at_desk(root, play)


def test_stopping_the_drawing_stops_a_question(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLAMAVIS_TEST_STEP_MS", "50")

    def play(asker: Asker, _host: GateHost) -> None:
        asker.ask("Who?")
        asker.until(AskState.LOOKING)
        asker.studio.cancel()
        assert asker.until(*ENDS)[-1].state is AskState.ENDED

    at_desk(root, play)


def test_the_files_of_other_programs_are_asked_about_too(tmp_path: Path) -> None:
    layered = tmp_path / "hero.ora"
    with zipfile.ZipFile(layered, "w") as file:
        file.writestr("mimetype", "image/openraster")
        file.writestr("mergedimage.png", picture(3))
    root = make_game(tmp_path / "game", {})
    host = InProcessHost()
    with Studio.open(root, host=host) as studio:
        ((path, told),) = studio.caption([layered], by="talker", question="Who?")
        assert path == layered and isinstance(told, CaptionResult), told
        assert told.caption.startswith("Who? It is 16 by 16")
    host.close()


def test_a_question_is_stopped_while_the_model_is_loaded(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a process of its own, which tells of no step before the model is there."""
    monkeypatch.setenv("LLAMAVIS_TEST_LOAD_MS", "60000")
    host = ProcessHost()
    with Studio.open(root, host=host) as studio:

        def script(editor: Editor) -> None:
            asker = Asker(studio, editor)
            question = asker.ask("Who?")
            asker.until(AskState.LOOKING)
            wait_for(lambda: host.state is ModelState.LOADING)
            began = time.monotonic()
            question.cancel()
            assert asker.until(*ENDS)[-1].state is AskState.ENDED
            assert time.monotonic() - began < 20

        watching(studio, script)
    host.close()


def test_a_real_architecture_answers_in_a_process_of_its_own(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tiny random weights: what it says means nothing, that it hears the question can be seen."""
    from tests.support.tiny_captioners import record

    monkeypatch.setenv("LLAMAVIS_MODELS", str(tmp_path / "records"))
    write_record(record("smolvlm"))
    assert next(one for one in known_backends() if one.name == "smolvlm").answers
    host = ProcessHost()
    with Studio.open(root, host=host) as studio:
        said = dict[str, str]()

        def script(editor: Editor) -> None:
            asker = Asker(studio, editor)
            asker.patience_s = 180.0  # a model library is imported first
            for question in ("how many doors?", "what is it made of?"):
                asker.ask(question, "0", by="smolvlm")
                told = asker.until(*ENDS)
                assert told[-1].state is AskState.ENDED, told[-1].error
                ((_file, said[question]),) = answers(told)

        watching(studio, script)
    host.close()
    assert all(said.values()) and len(set(said.values())) == 2


def wait_for(until: Callable[[], bool]) -> None:
    end = time.monotonic() + WAIT_S
    while not until():
        time.sleep(0.01)
        assert time.monotonic() < end
