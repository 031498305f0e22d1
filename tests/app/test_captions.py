"""Words of pictures: shown, written, taken back, and described by the model without a stall."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QItemSelectionModel, QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from llamavis_studio import librarian as librarian_module
from llamavis_studio.app.captions_panel import CaptionsPanel
from llamavis_studio.app.describing import SOME, DescribeBar, Describing
from llamavis_studio.app.main_window import MainWindow
from llamavis_studio.app.tag_chips import HAND, MODEL, MOST, NAMES, TagChips, TagShown
from llamavis_studio.app.theme import DARK, LIGHT
from llamavis_studio.app.words_shown import DOUBTS, WordsShown
from llamavis_studio.backends.host import InProcessHost
from llamavis_studio.core.errors import Cancelled, ModelMissing
from llamavis_studio.core.events import BuildFinished, BuildStarted
from llamavis_studio.model.domain import SIGNS
from llamavis_studio.studio import Studio
from tests.library.conftest import picture
from tests.support.games import described, make_game

WAIT_S = 20.0


@pytest.fixture
def panel(app: QApplication) -> Iterator[CaptionsPanel]:
    made = CaptionsPanel(LIGHT)
    made.resize(340, 420)
    made.show()
    yield made
    made.close()
    made.deleteLater()


def words(*ids: int, **more: Any) -> WordsShown:
    values: dict[str, Any] = {"caption": "a red knight", "caption_by": MODEL, "confidence": 0.62}
    names = tuple(f"art/{one}.png" for one in ids)
    return WordsShown(ids, names, **(values | more))


def heard(panel: CaptionsPanel) -> list[tuple[Any, ...]]:
    told: list[tuple[Any, ...]] = []
    panel.caption_said.connect(lambda ids, text: told.append(("caption", ids, text)))
    panel.tags_added.connect(lambda ids, names: told.append(("add", ids, names)))
    panel.tags_removed.connect(lambda ids, names: told.append(("remove", ids, names)))
    panel.describe_asked.connect(lambda ids: told.append(("describe", ids)))
    return told


def test_a_sentence_is_kept_with_ctrl_enter_and_taken_back_with_esc(panel: CaptionsPanel) -> None:
    told = heard(panel)
    panel.show_words(words(7))
    assert "62%" in panel.origin.text()
    panel.caption.setFocus()
    panel.caption.selectAll()
    QTest.keyClicks(panel.caption, "a blue knight")
    QTest.keyClick(panel.caption, Qt.Key.Key_Escape)
    assert panel.caption.toPlainText() == "a red knight" and told == []
    panel.caption.selectAll()
    QTest.keyClicks(panel.caption, "a  blue knight")
    QTest.keyClick(panel.caption, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert told == [("caption", (7,), "a blue knight")]
    panel.add.setFocus()  # leaving says nothing twice
    assert len(told) == 1


def test_what_is_typed_outlives_news_and_is_kept_before_another_picture(
    panel: CaptionsPanel,
) -> None:
    told = heard(panel)
    panel.show_words(words(7))
    panel.caption.setFocus()
    panel.caption.selectAll()
    QTest.keyClicks(panel.caption, "my words")
    panel.show_words(words(7, caption="what the model says now"))
    assert panel.caption.toPlainText() == "my words"
    panel.show_words(words(8, caption="another"))
    assert told == [("caption", (7,), "my words")]
    assert panel.caption.toPlainText() == "another"
    panel.show_words(None, "new.png")
    assert "new.png" in panel.empty.text() and panel.pages.currentIndex() == 0


def test_doubt_is_told_in_plain_words(panel: CaptionsPanel) -> None:
    panel.show_words(
        words(1, in_domain=False, described=1, reasons=(SIGNS[0].against, "made of cheese"))
    )
    assert panel.doubt.isVisible()
    assert panel.doubt.text() == f"The model is not sure: {SIGNS[0].against}; made of cheese."
    panel.show_words(words(1, described=1))
    assert not panel.doubt.isVisible()
    assert [sign.against for sign in SIGNS] == list(DOUBTS)


def test_tags_are_added_kept_and_taken_by_hand_and_by_keys(panel: CaptionsPanel) -> None:
    told = heard(panel)
    tags = (TagShown("moss", HAND), TagShown("stone", MODEL, 0.8), TagShown("wall", NAMES, 0.5))
    panel.show_words(words(1, tags=tags))
    assert [chip.tag.name for chip in panel.chips.chips] == ["moss", "stone", "wall"]
    stone = panel.chips.chips[1]
    assert "80% sure" in stone.accessibleName() and "The model" in stone.accessibleName()
    panel.add.setText("wet， old ,")
    QTest.keyClick(panel.add, Qt.Key.Key_Return)
    QTest.keyClick(stone, Qt.Key.Key_Return)
    QTest.keyClick(stone, Qt.Key.Key_Delete)
    cross = stone._cross().center()
    QTest.mouseClick(stone, Qt.MouseButton.LeftButton, pos=cross)
    QTest.keyClick(panel.chips.chips[0], Qt.Key.Key_Return)  # a person says it already
    assert told == [
        ("add", (1,), ["wet", "old"]),
        ("add", (1,), ["stone"]),
        ("remove", (1,), ["stone"]),
        ("remove", (1,), ["stone"]),
    ]


def test_chips_keep_the_focus_where_it_was(app: QApplication) -> None:
    chips = TagChips(DARK)
    chips.show_tags([TagShown(name, HAND) for name in ("a", "b", "c")])
    chips.show()
    chips.activateWindow()
    chips.chips[1].setFocus()
    app.processEvents()
    chips.show_tags([TagShown(name, HAND) for name in ("a", "c")])
    assert chips.focusWidget() is chips.chips[1] and chips.chips[1].tag.name == "c"
    QTest.keyClick(chips.chips[1], Qt.Key.Key_Left)
    assert chips.focusWidget() is chips.chips[0]
    chips.close()


def test_of_hundreds_of_tags_the_commonest_are_shown(app: QApplication) -> None:
    chips = TagChips(DARK)
    chips.show_tags([TagShown(f"tag {at}", HAND) for at in range(300)])
    assert len(chips.chips) == MOST
    assert any(str(300 - MOST) in label.text() for label in chips.findChildren(QLabel))
    chips.deleteLater()


def test_several_show_what_they_share(panel: CaptionsPanel) -> None:
    told = heard(panel)
    tags = (TagShown("moss", HAND, None, 3, 3), TagShown("wet", HAND, None, 1, 3))
    panel.show_words(words(1, 2, 3, caption="", caption_by="", tags=tags))
    assert panel.caption.isReadOnly() and panel.caption.placeholderText()
    wet = panel.chips.chips[1]
    assert wet.tag.note == "1/3" and "1 of 3" in wet.accessibleName()
    QTest.mouseClick(wet, Qt.MouseButton.LeftButton)
    assert told == [("add", (1, 2, 3), ["wet"])]


def test_words_and_colours_are_copied(panel: CaptionsPanel, app: QApplication) -> None:
    panel.show_words(words(1, tags=(TagShown("moss", HAND),), colours=(("#ff8800", 0.4),)))
    panel.copy.click()
    assert app.clipboard().text() == "a red knight\nmoss"
    panel.swatches[0].click()
    assert app.clipboard().text() == "#ff8800"
    assert not panel.swatches[1].isVisible() and "40%" in panel.swatches[0].accessibleName()


# --- in the window -------------------------------------------------------------------------------


class Hands:
    """A window on a small game with pictures that nobody has described."""

    def __init__(self, app: QApplication, window: MainWindow) -> None:
        self.app, self.window = app, window

    def wait(self, until: Callable[[], object], what: str = "it") -> None:
        end = time.monotonic() + WAIT_S
        while not until():
            self.app.processEvents()
            time.sleep(0.005)
            assert time.monotonic() < end, f"{what} did not happen"

    @property
    def shown(self) -> WordsShown:
        found = self.window.captions.panel.words
        assert found is not None
        return found

    def ask(self, work: Callable[[Studio], Any]) -> Any:
        answers: list[Any] = []
        assert self.window.thread_ is not None
        self.window.thread_.ask(work, answers.append)
        self.wait(lambda: answers)
        return answers[0]

    def described(self) -> int:
        query = "SELECT count(*) FROM caption WHERE origin = 'model'"
        return int(self.ask(lambda studio: studio.library.library.database.execute(query).get))


PICTURES = 3 * SOME


@pytest.fixture
def game(tmp_path: Path) -> Path:
    made = make_game(tmp_path / "game", {"hero.desc.toml": described("brave red knight")})
    (made / "bought").mkdir()
    for number in range(PICTURES):
        (made / "bought" / f"p{number:02}.png").write_bytes(picture(number))
    return made


@pytest.fixture
def hands(
    app: QApplication,
    instant_backend: None,
    game: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Hands]:
    monkeypatch.setattr(librarian_module, "_TEXT_BACKEND", "instant")
    monkeypatch.setattr(librarian_module.Librarian, "embed_words", lambda *_args, **_how: 0)
    host = InProcessHost()
    store = QSettings(str(tmp_path / "session.ini"), QSettings.Format.IniFormat)
    window = MainWindow(store, lambda root: Studio.open(root, host=host))
    window.show()
    found = Hands(app, window)
    window.open_project(game)
    found.wait(lambda: window.is_furnished and window.tree.first(), "the plan")
    found.wait(lambda: (game / "hero.png").exists(), "the drawing")
    found.wait(lambda: window.gallery.model.rowCount() == PICTURES + 1, "the library")
    for _ in range(3):  # what the end of the drawing still asks for comes before what tests do
        came: list[None] = []
        window.thread_.ask(lambda _studio: None, came.append)  # type: ignore[union-attr]
        found.wait(partial(bool, came), "the studio")
    yield found
    window.close()
    app.processEvents()
    window.deleteLater()
    app.processEvents()
    host.close()


def choose(hands: Hands, *rows: int) -> None:
    view = hands.window.gallery.view
    model, flag = hands.window.gallery.model, QItemSelectionModel.SelectionFlag
    view.setCurrentIndex(model.index(rows[0]))
    for row in rows[1:]:
        view.selectionModel().select(model.index(row), flag.Select)


def row_of(hands: Hands, name: str) -> int:
    files = [item.file for item in hands.window.gallery.model.items()]
    return next(at for at, file in enumerate(files) if file.endswith(name))


def test_a_picture_is_described_and_a_person_has_the_last_word(hands: Hands, game: Path) -> None:
    panel = hands.window.captions.panel
    choose(hands, row_of(hands, "p03.png"))
    hands.wait(lambda: panel.words and panel.words.names == ("bought/p03.png",), "the panel")
    assert not hands.shown.caption
    panel.describe.click()
    hands.wait(lambda: hands.shown.caption_by == MODEL, "the description")
    said = hands.shown.caption
    assert any(tag.name == "instant" and tag.by == MODEL for tag in hands.shown.tags)
    panel.caption_said.emit(hands.shown.ids, "a small carpet")
    panel.tags_added.emit(hands.shown.ids, ["rug"])
    panel.tags_removed.emit(hands.shown.ids, ["instant"])
    hands.wait(lambda: "instant" not in [tag.name for tag in hands.shown.tags], "the change")
    assert (hands.shown.caption, hands.shown.caption_by) == ("a small carpet", HAND)
    assert (game / "bought" / "p03.json").exists()
    panel.describe.click()  # again: the person's words stay
    hands.wait(lambda: not hands.window.captions.describing.is_running, "describing again")
    hands.wait(lambda: hands.shown.model_caption == said)
    assert (hands.shown.caption, hands.shown.caption_by) == ("a small carpet", HAND)
    names = {tag.name: tag.by for tag in hands.shown.tags}
    assert names["rug"] == HAND and "instant" not in names
    hands.ask(lambda studio: studio.library.library.edits.undo())
    hands.window.captions.refresh()
    hands.wait(lambda: "instant" in [tag.name for tag in hands.shown.tags], "the undo")


def test_what_a_picture_was_drawn_from_is_told(hands: Hands) -> None:
    window = hands.window
    assert window.tree.choose("hero.png")
    hands.wait(lambda: window.captions.panel.words and hands.shown.drawn, "the provenance")
    assert hands.shown.drawn is not None and hands.shown.drawn[0] == "brave red knight"
    assert hands.shown.caption == "brave red knight"
    assert "seed" in window.captions.panel.facts.text()


def test_several_get_a_tag_with_one_undo(hands: Hands) -> None:
    panel = hands.window.captions.panel
    choose(hands, *(row_of(hands, f"p{number:02}.png") for number in (1, 2, 4)))
    hands.wait(lambda: panel.words and len(panel.words.ids) == 3, "the panel")
    panel.add.setText("floor")
    QTest.keyClick(panel.add, Qt.Key.Key_Return)

    def counts() -> dict[str, int]:
        return {tag.name: tag.count for tag in hands.shown.tags if tag.by == HAND}

    hands.wait(lambda: counts() == {"floor": 3}, "the tags")
    undo = hands.window.actions_["undo"]
    hands.wait(undo.isEnabled, "the offer of an undo")
    undo.trigger()
    hands.wait(lambda: not counts(), "the undo")


def test_many_are_described_and_stopping_keeps_what_is_done(hands: Hands) -> None:
    window, captions = hands.window, hands.window.captions
    ends: list[tuple[int, int]] = []
    captions.describing.ended.connect(lambda done, failed: ends.append((done, failed)))
    rounds: list[int] = []
    captions.describing.described.connect(lambda report: rounds.append(report.described))
    captions.describing.described.connect(
        lambda _report: captions.bar.cancel.click() if len(rounds) == 1 else None
    )
    window.commands.do_caption()
    assert captions.bar.isVisible()
    hands.wait(lambda: ends, "the end")
    assert ends == [(SOME, 0)] and rounds == [SOME] and not captions.bar.isVisible()
    assert hands.described() == SOME
    window.commands.do_caption()  # goes on where it was
    hands.wait(lambda: len(ends) == 2, "the rest")
    assert ends[1][0] == PICTURES - SOME and hands.described() == PICTURES


def test_drawing_goes_first(hands: Hands) -> None:
    captions = hands.window.captions
    thread = hands.window.thread_
    assert thread is not None
    captions.describing.start([hands.window.gallery.model.items()[0].id])
    hands.wait(lambda: not captions.describing.is_running, "describing one")
    assert hands.described() == 1
    thread.news.emit(BuildStarted(1))
    hands.window.commands.do_caption()
    hands.app.processEvents()
    assert captions.bar.isVisible() and hands.described() == 1
    hands.window.commands.do_caption()
    assert "already" in hands.window.statusBar().currentMessage()
    thread.news.emit(BuildFinished(1, 0, 0, 0, 0))
    hands.wait(lambda: not captions.describing.is_running, "describing")
    assert hands.described() == PICTURES


def test_a_picture_that_cannot_be_read_is_passed_over(hands: Hands, game: Path) -> None:
    (game / "bought" / "p00.png").write_bytes(b"no picture any more")
    ends: list[tuple[int, int]] = []
    hands.window.captions.describing.ended.connect(lambda *counts: ends.append(counts))
    hands.window.commands.do_caption()
    hands.wait(lambda: ends, "the end")
    assert ends == [(PICTURES - 1, 1)]


def test_stopping_the_drawing_stops_it_too(hands: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_args: object, **_how: object) -> None:
        raise Cancelled  # as the model's process does when "Stop drawing" is pressed

    monkeypatch.setattr(librarian_module.Librarian, "describe_some", stopped)
    hands.window.commands.do_caption()
    hands.wait(lambda: not hands.window.captions.describing.is_running, "the end")
    assert not hands.window.captions.bar.isVisible()


def test_a_model_that_fails_is_told_once(hands: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: object, **_how: object) -> None:
        raise ModelMissing("the weights are not here", "fetch them")

    monkeypatch.setattr(librarian_module.Librarian, "describe_some", broken)
    hands.window.commands.do_caption()
    hands.wait(lambda: "weights" in hands.window.statusBar().currentMessage(), "the news")
    assert not hands.window.captions.describing.is_running


def test_closing_the_project_ends_it(hands: Hands) -> None:
    captions = hands.window.captions
    hands.window.commands.do_caption()
    hands.window.close_project()
    assert not captions.describing.is_running and not captions.bar.isVisible()
    assert captions.panel.words is None


def test_a_slow_model_looks_at_fewer_pictures_at_a_go(app: QApplication) -> None:
    bar = DescribeBar()
    describing = Describing(bar, app)
    seconds_each = {0.01: SOME, 0.1: 5, 2.0: 1}
    for seconds, most in seconds_each.items():
        describing._some = SOME
        describing._asked_at = time.monotonic() - SOME * seconds
        describing._fit_go(SOME)
        assert describing._some == most
    describing._fit_go(0)  # none could be read: nothing is known of its speed
    assert describing._some == 1
    bar.deleteLater()
    describing.deleteLater()
