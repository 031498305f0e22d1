"""Asking a model about pictures: offered where it can answer, answered, kept, used, stopped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QItemSelectionModel, QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from llamavis_studio import librarian as librarian_module
from llamavis_studio.app.answer_card import AnswerShown
from llamavis_studio.app.ask_box import MOST, AskBox
from llamavis_studio.app.main_window import MainWindow
from llamavis_studio.app.models_dialog import ModelsDialog
from llamavis_studio.app.tag_chips import HAND
from llamavis_studio.app.theme import DARK, LIGHT
from llamavis_studio.backends.host import InProcessHost
from llamavis_studio.studio import Studio
from tests.app.hands import settle, turn, wait
from tests.library.conftest import picture
from tests.support.games import described, make_game
from tests.support.talking_backend import TALKING

SAID = "How large? It is 16 by 16\n pixels."


@pytest.fixture
def box(app: QApplication) -> Iterator[AskBox]:
    made = AskBox(LIGHT)
    made.resize(340, 420)
    made.show()
    made.activateWindow()
    yield made
    made.close()
    made.deleteLater()


def answer(number: int, **more: Any) -> AnswerShown:
    made = AnswerShown(Path("/g/a.png"), "art/a.png", "Who?", f"a knight {number}", "talker-2b")
    return replace(made, number=number, **more)


def heard(box: AskBox) -> list[tuple[str, Any]]:
    told: list[tuple[str, Any]] = []
    for name in ("asked", "captioner_chosen", "description_asked", "caption_asked",
                 "answer_removed", "told"):  # fmt: skip
        getattr(box, name).connect(lambda one, name=name: told.append((name, one)))
    box.cancel_asked.connect(lambda: told.append(("cancel", None)))
    box.models_asked.connect(lambda: told.append(("models", None)))
    return told


# --- the box -------------------------------------------------------------------------------------


def test_a_question_is_asked_with_enter_and_cancelled_with_esc(box: AskBox) -> None:
    told = heard(box)
    box.offer("talker", ["talker"])
    assert box.why_not.isHidden() and box.models.isHidden() and box.other.isHidden()
    QTest.keyClick(box.line, Qt.Key.Key_Return)
    assert told == []  # nothing is asked
    QTest.keyClicks(box.line, "  how many  doors?")
    QTest.keyClick(box.line, Qt.Key.Key_Return)
    assert told == [("asked", "how many doors?")]
    box.show_news("looks", "art/door.png", 0, 1)
    assert not box.bar.isHidden() and "talker is looking at door.png" in box.state.text()
    assert box.go.text() == "Cancel"
    QTest.keyClick(box.line, Qt.Key.Key_Return)
    assert told[-1][0] == "told" and "One question at a time" in told[-1][1]
    QTest.keyClick(box.line, Qt.Key.Key_Escape)
    box.go.click()
    assert told[-2:] == [("cancel", None)] * 2
    box.show_news("", done=0, total=1)
    assert box.bar.isHidden() and box.state.isHidden() and box.go.text() == "Ask"
    assert "doors?" in box.line.text()  # it has no answer yet
    box.go.click()
    assert told[-1] == ("asked", "how many doors?")
    box.show_news("looks", "art/door.png", 0, 1)
    box.show_news("", done=1, total=1)
    assert box.line.text() == ""


def test_what_was_asked_before_comes_back_with_up_and_down(box: AskBox) -> None:
    box.offer("talker", ["talker"])
    box.set_before(["how old?", "how large?"])
    texts = []
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Down):
        QTest.keyClick(box.line, key)
        texts.append(box.line.text())
    assert texts == ["how old?", "how large?", "how large?", "how old?", ""]


def test_progress_counts_several_pictures_and_says_what_it_waits_for(box: AskBox) -> None:
    box.offer("talker", ["talker"])
    box.show_count(3)
    assert box.title.text().startswith("Ask about these 3 picture")
    box.show_news("waits", total=3)
    assert "drawn now comes first" in box.state.text()
    box.show_news("looks", "art/b.png", 1, 3)
    assert (box.bar.value(), box.bar.maximum()) == (1, 3) and "1 of 3" in box.state.text()
    box.show_problem("the picture does not fit. ask a smaller model")
    assert box.problem.isVisible() and box.problem.property("role") == "bad"
    box.show_news("waits")
    assert box.problem.isHidden()


def test_who_cannot_answer_says_who_can(box: AskBox) -> None:
    told = heard(box)
    assert box.line.isVisible() and not box.line.isEnabled()  # nobody knows yet
    box.offer("builtin", [])
    assert box.line.isHidden() and box.go.isHidden() and box.other.isHidden()
    assert "SmolVLM, Qwen-VL or Janus-Pro" in box.why_not.text()
    assert box.why_not.text().startswith("The studio's own model describes pictures")
    box.begin()
    assert box.models.hasFocus()
    QTest.keyClick(box.models, Qt.Key.Key_Space)
    assert told == [("models", None)]
    box.offer("blip", ["talker"])
    assert box.why_not.text().startswith("blip describes pictures, but answers no questions. talk")
    box.begin()
    assert box.other.hasFocus() and box.other.text() == "Let talker look"
    QTest.keyClick(box.other, Qt.Key.Key_Space)
    assert told[-1] == ("captioner_chosen", "talker")
    box.offer("talker", ["talker"])
    box.begin()
    assert box.line.hasFocus()


def test_answers_are_copied_used_saved_and_taken_away(box: AskBox, app: QApplication) -> None:
    told = heard(box)
    first, broken = answer(1), answer(2, text="", problem="cannot be read")
    box.show_answers([broken, first], describes=True)
    assert [one.words.text() for one in box.cards] == ["cannot be read", "a knight 1"]
    assert box.cards[0].words.property("role") == "bad"
    hidden = [name for name, one in box.cards[0].buttons.items() if one.isHidden()]
    assert hidden == ["copy", "save", "description"]
    card = box.cards[1]
    assert card.question.text() == "Who?" and card.model.text() == "talker-2b"
    assert all(one.accessibleName() and one.toolTip() for one in card.buttons.values())
    for name in ("copy", "save", "description", "close"):
        card.buttons[name].setFocus()
        QTest.keyClick(card.buttons[name], Qt.Key.Key_Space)
    assert app.clipboard().text() == "a knight 1"
    assert [one for one in told if one[0] != "told"] == [
        ("caption_asked", first), ("description_asked", first), ("answer_removed", first),
    ]  # fmt: skip
    box.show_answers([first], describes=False)
    assert box.cards[0].buttons["description"].isHidden()
    box.show_count(2)
    box.show_answers([first], describes=False)
    assert box.cards[0].question.text() == "a.png · Who?"
    box.show_answers([answer(at) for at in range(MOST + 5)], describes=False)
    assert len(box.cards) == MOST


# --- in the window -------------------------------------------------------------------------------


@pytest.fixture
def game(tmp_path: Path) -> Path:
    made = make_game(tmp_path / "game", {"hero.desc.toml": described("brave red knight")})
    (made / "bought").mkdir()
    for number in range(4):
        (made / "bought" / f"p{number}.png").write_bytes(picture(number))
    return made


@pytest.fixture
def window(
    app: QApplication,
    instant_backend: None,
    game: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[MainWindow]:
    monkeypatch.setenv("LLAMAVIS_TEST_BACKENDS", TALKING)
    monkeypatch.setenv("LLAMAVIS_MODELS", str(tmp_path / "records"))
    monkeypatch.setattr(librarian_module, "_TEXT_BACKEND", "instant")
    host = InProcessHost()
    store = QSettings(str(tmp_path / "session.ini"), QSettings.Format.IniFormat)
    store.setValue("captioner", "talker")
    made = MainWindow(store, lambda root: Studio.open(root, host=host))
    made.show()
    made.open_project(game)
    wait(lambda: made.is_furnished and made.tree.first(), "the plan")
    wait(lambda: made.gallery.model.rowCount() == 5, "the library")
    wait(lambda: not made.queue.stop.isEnabled(), "the end of the drawing")
    wait(lambda: made.backends.known, "the backends")
    yield made
    made.close()
    settle()
    made.deleteLater()
    turn()
    host.close()


def choose(window: MainWindow, *names: str) -> None:
    files = [item.file for item in window.gallery.model.items()]
    rows = [files.index(name) for name in names]
    view, model = window.gallery.view, window.gallery.model
    view.setCurrentIndex(model.index(rows[0]))
    for row in rows[1:]:
        flag = QItemSelectionModel.SelectionFlag.Select
        view.selectionModel().select(model.index(row), flag)
    panel = window.captions.panel
    wait(lambda: panel.words and set(panel.words.names) == set(names), "the panel")


def ask(window: MainWindow, question: str, count: int = 1) -> Sequence[AnswerShown]:
    questions, box = window.captions.questions, window.captions.panel.ask_box
    before = len(questions.answers)
    box.line.setText(question)
    box.go.click()
    assert questions.is_running and box.is_busy
    wait(lambda: not questions.is_running, "the end of the question")
    assert len(questions.answers) == before + count and not box.is_busy
    return questions.answers[before:]


def test_a_picture_is_asked_about_and_remembers_its_answers(window: MainWindow) -> None:
    box = window.captions.panel.ask_box
    choose(window, "bought/p1.png")
    window.activateWindow()
    menu = window.gallery.menu
    for action in (
        window.actions_["ask"],
        next(one for row, one in menu.rows.items() if row.name == "question_asked"),
    ):
        window.layout_.bring_up("queue")
        window.gallery.view.setFocus()
        action.trigger()
        assert window.focusWidget() is box.line and box.line.isVisible()
    (found,) = ask(window, "How large?")
    assert (found.file, found.text, found.model) == ("bought/p1.png", SAID, "talker-2b")
    assert [card.answer for card in box.cards] == [found]
    assert box.cards[0].buttons["description"].isHidden()  # it has none
    ask(window, "NOTHING?")
    assert box.cards[0].words.text() == "(It said nothing.)" and len(box.cards) == 2
    choose(window, "bought/p2.png")
    assert box.cards == []
    choose(window, "bought/p1.png")
    assert [card.answer.question for card in box.cards] == ["NOTHING?", "How large?"]
    box.cards[0].buttons["close"].click()
    assert [card.answer for card in box.cards] == [found]
    root = window.project.root  # type: ignore[union-attr]
    window.close_project()
    assert box.cards == []
    window.open_project(root)
    wait(lambda: window.project and window.gallery.model.rowCount() == 5, "opening again")
    choose(window, "bought/p1.png")
    wait(lambda: [card.answer for card in box.cards] == [found], "what was answered before")


def test_several_pictures_are_asked_the_same(window: MainWindow) -> None:
    choose(window, "bought/p0.png", "bought/p2.png", "bought/p3.png")
    box = window.captions.panel.ask_box
    assert box.title.text().startswith("Ask about these 3 picture")
    found = ask(window, "How large?", 3)
    assert sorted(one.file for one in found) == [f"bought/p{at}.png" for at in (0, 2, 3)]
    assert [card.question.text() for card in box.cards] == [
        f"{one.file.rpartition('/')[2]} · How large?" for one in reversed(found)
    ]
    choose(window, "bought/p2.png")
    assert [card.question.text() for card in box.cards] == ["How large?"]


def test_an_answer_becomes_the_caption_of_its_picture(window: MainWindow, game: Path) -> None:
    choose(window, "bought/p0.png", "bought/p2.png")
    ask(window, "How large?", 2)
    box, panel = window.captions.panel.ask_box, window.captions.panel
    card = next(one for one in box.cards if one.answer.file == "bought/p2.png")
    card.buttons["save"].click()
    wait(lambda: (game / "bought" / "p2.json").exists(), "what a person said")
    choose(window, "bought/p2.png")
    wait(lambda: panel.words and panel.words.caption_by == HAND, "the caption")
    assert panel.words is not None and panel.words.caption == "How large? It is 16 by 16 pixels."
    assert not (game / "bought" / "p0.json").exists()
    undo = window.actions_["undo"]
    wait(undo.isEnabled, "the offer of an undo")
    undo.trigger()
    wait(lambda: panel.words and panel.words.caption_by != HAND, "the undo")


def test_an_answer_becomes_the_description_and_waits_to_be_saved(
    window: MainWindow, game: Path
) -> None:
    window.tree.choose("hero.png")
    panel = window.captions.panel
    wait(lambda: panel.words and panel.words.names == ("hero.png",), "the panel")
    ask(window, "Who?")
    button = panel.ask_box.cards[0].buttons["description"]
    assert not button.isHidden()
    button.click()
    assert window.editor.is_modified
    assert 'description = "Who? It is 32 by 32 pixels."' in window.editor.text.text()
    assert (game / "hero.desc.toml").read_text() == described("brave red knight")
    assert "Save to draw it" in window.statusBar().currentMessage()
    window.editor.undo()
    assert "brave red knight" in window.editor.text.text()


def test_who_cannot_answer_leads_to_the_models_and_to_one_who_can(window: MainWindow) -> None:
    choose(window, "bought/p1.png")
    box = window.captions.panel.ask_box
    window.backends.choose_captioner("instant")
    assert box.line.isHidden() and "talker, which is on this machine, does" in box.why_not.text()
    box.models.click()
    dialogs = window.findChildren(ModelsDialog)
    assert len(dialogs) == 1 and dialogs[0].isVisible()
    wait(lambda: dialogs[0].list.count(), "the models")
    dialogs[0].close()
    box.other.click()
    assert window.backends.captioner == "talker" and not box.line.isHidden()
    ask(window, "How large?")


def test_what_goes_wrong_is_said_below_the_line(window: MainWindow) -> None:
    choose(window, "bought/p1.png")
    box = window.captions.panel.ask_box
    ask(window, "OOM", 0)
    assert box.line.text() == "OOM"
    assert "does not fit" in box.problem.text() and "smaller model" in box.problem.text()
    assert box.problem.isVisibleTo(box)
    ask(window, "How large?")
    assert box.problem.isHidden()


def test_a_question_is_cancelled_and_what_is_answered_stays(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLAMAVIS_TEST_STEP_MS", "30")
    choose(window, *(f"bought/p{at}.png" for at in range(4)))
    questions, box = window.captions.questions, window.captions.panel.ask_box
    box.line.setText("How large?")
    QTest.keyClick(box.line, Qt.Key.Key_Return)
    wait(lambda: questions.answers, "the first answer")
    window.captions.describe_items(window.gallery.selected_items())
    assert "answering a question" in window.statusBar().currentMessage()
    assert not window.captions.describing.is_running
    box.go.click()
    wait(lambda: not questions.is_running, "the end")
    assert 1 <= len(questions.answers) < 4 and len(box.cards) == len(questions.answers)
    assert not box.is_busy


def test_one_thing_at_a_time_with_the_captioner(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLAMAVIS_TEST_STEP_MS", "30")
    choose(window, "bought/p1.png")
    window.captions.describe()
    box = window.captions.panel.ask_box
    box.line.setText("How large?")
    box.go.click()
    assert not window.captions.questions.is_running
    assert "being described" in box.problem.text()
    window.captions.describing.cancel()


def test_closing_the_project_gives_the_question_up(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLAMAVIS_TEST_STEP_MS", "50")
    choose(window, "bought/p1.png")
    questions, box = window.captions.questions, window.captions.panel.ask_box
    box.line.setText("How large?")
    box.go.click()
    wait(lambda: "looking at" in box.state.text(), "the model")
    window.close_project()
    assert not questions.is_running and not box.is_busy
    settle()
    assert not questions.answers


def test_looks_and_languages_change_while_answers_are_shown(box: AskBox) -> None:
    box.offer("builtin", [])
    box.show_answers([answer(1)], describes=True)
    box.set_look(DARK)
    box.retranslate()
    assert len(box.cards) == 1 and not box.cards[0].buttons["copy"].icon().isNull()
