"""The queue's panel: its models, its keys, its words, and the real queue behind it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import (
    QAbstractListModel,
    QPoint,
    QPointF,
    QRect,
    QSettings,
    Qt,
    QTranslator,
)
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QStyleOptionViewItem

from llamavis_studio.app.drawing import small_picture
from llamavis_studio.app.main_window import MainWindow
from llamavis_studio.app.queue_delegate import again_place
from llamavis_studio.app.queue_model import (
    DRAWN,
    FAILED,
    PROBLEM,
    ROW_ROLE,
    RUNNING,
    SAME,
    WAITING,
    LineModel,
    Pictures,
    ResultModel,
    Row,
)
from llamavis_studio.app.queue_panel import LINE, RESULTS, QueuePanel
from llamavis_studio.app.theme import DARK, LIGHT
from llamavis_studio.backends.host import InProcessHost
from llamavis_studio.core import events
from llamavis_studio.core.queued import QueuedImage, QueueState
from llamavis_studio.core.resources import resource_path
from llamavis_studio.studio import Studio
from tests.app.hands import settle, wait
from tests.support.games import described, make_game
from tests.support.studios import GateHost

Fatal = QAbstractItemModelTester.FailureReportingMode.Fatal


def images(names: str | list[str]) -> list[QueuedImage]:
    return [QueuedImage(f"{name}.png", f"{name}.desc.toml", f"a {name}") for name in names]


def state(line: list[QueuedImage], running: int = 0, paused: bool = False) -> QueueState:
    return QueueState(tuple(line[:running]), tuple(line[running:]), paused)


def outputs(model: QAbstractListModel) -> str:
    rows = [model.index(at).data(ROW_ROLE) for at in range(model.rowCount())]
    return "".join(row.output.removesuffix(".png") for row in rows)


@pytest.fixture(autouse=True)
def english(app: QApplication) -> Iterator[None]:
    """Its plural forms come from a file."""
    translator = QTranslator()
    assert translator.load(str(resource_path("i18n", "studio_en.qm")))
    app.installTranslator(translator)
    yield
    app.removeTranslator(translator)


@pytest.fixture
def panel(app: QApplication) -> Iterator[QueuePanel]:
    made = QueuePanel()
    made.set_look(DARK)
    made.resize(360, 500)
    made.show()
    yield made
    made.close()


def choose(panel: QueuePanel, *rows: int) -> None:
    view = panel.line if panel.pages.currentIndex() == LINE else panel.results
    view.clearSelection()
    for at in rows:
        index = view.model().index(at, 0)
        view.selectionModel().setCurrentIndex(index, view.selectionModel().SelectionFlag.Select)


# --- the models ----------------------------------------------------------------------------------


def test_the_line_follows_any_change_and_its_model_holds(app: QApplication) -> None:
    model = LineModel(Pictures())
    QAbstractItemModelTester(model, Fatal, model)
    chance = random.Random(5)
    line = images([str(number) for number in range(12)])
    for step in range(400):
        what = chance.randrange(5)
        if what == 0 and line:
            line = line[chance.randrange(3) :]
        elif what == 1:
            line = [*line, *images([f"n{step}"])]
        elif what == 2:
            line.insert(0, line.pop()) if line else None
        elif what == 3:
            chance.shuffle(line)
        elif line:
            line = [one for one in line if chance.random() < 0.9]
        running = min(len(line), chance.randrange(4))
        model.show_state(state(list(line), running))
        rows = [model.index(at).data(ROW_ROLE) for at in range(model.rowCount())]
        assert [row.output for row in rows] == [one.output for one in line]
        assert [row.state for row in rows] == [RUNNING] * running + [WAITING] * (
            len(line) - running
        )


def test_the_least_of_ten_thousand_rows_is_touched(app: QApplication) -> None:
    model = LineModel(Pictures())
    line = images([f"i{number}" for number in range(10_000)])
    model.show_state(state(line))
    heard: list[tuple[str, int, int]] = []
    model.rowsRemoved.connect(lambda _parent, first, last: heard.append(("removed", first, last)))
    model.rowsInserted.connect(lambda _parent, first, last: heard.append(("inserted", first, last)))
    model.rowsMoved.connect(lambda _p, first, last, _q, to: heard.append(("moved", first, to)))
    model.modelReset.connect(lambda: heard.append(("reset", 0, 0)))
    model.show_state(state(line[1:]))
    model.show_state(state([line[-1], *line[1:-1]]))
    model.show_state(state([line[-1], *line[1:-1], *images("z")]))
    assert heard == [("removed", 0, 0), ("moved", 0, 9999), ("inserted", 9999, 9999)]


def test_what_is_chosen_stays_chosen_when_it_moves(panel: QueuePanel) -> None:
    line = images("abcde")
    panel.show_state(state(line))
    choose(panel, 3)
    a, b, c, d, e = line
    for order in ([a, b, d, c, e], [d, a, b, c, e], [a, b, c, e, d], [b, d, e]):
        panel.show_state(state(order))
        assert [row.output for row in panel.line.rows()] == ["d.png"]


def test_results_keep_one_row_an_image_and_only_so_many(app: QApplication) -> None:
    model = ResultModel(Pictures())
    QAbstractItemModelTester(model, Fatal, model)
    model.add(Row("a.png", FAILED, message="no"))
    model.add(Row("b.png", DRAWN))
    assert model.failed() == ["a.png"]
    model.add(Row("a.png", DRAWN))
    assert outputs(model) == "ab"
    assert model.failed() == []
    model.add(Row("x.toml:3", PROBLEM, is_image=False))
    model.drop_problems()
    for number in range(300):
        model.add(Row(f"{number}.png", SAME))
    assert model.rowCount() == 100
    assert model.results()[0].output == "299.png"
    model.clear()
    assert model.rowCount() == 0


def test_only_rows_that_are_seen_ask_for_a_picture_and_only_once(
    app: QApplication, panel: QueuePanel
) -> None:
    asked: list[str] = []
    panel.pictures.wanted.connect(asked.append)
    line = images([f"i{number}" for number in range(10_000)])
    panel.show_state(state(line, 1))
    app.processEvents()
    panel.repaint()
    assert 3 <= len(asked) <= 40
    assert len(asked) == len(set(asked))
    panel.set_picture(asked[0], QImage())  # there is none: that is an answer too
    panel.repaint()
    assert len(asked) == len(set(asked))
    panel.pictures.forget(asked[0])
    panel.repaint()
    assert asked.count("i0.png") == 2


# --- keys, menus, drops --------------------------------------------------------------------------


def test_keys_take_out_move_and_show(panel: QueuePanel) -> None:
    said: list[object] = []
    panel.line.out_asked.connect(lambda names: said.append(("out", names)))
    panel.line.move_asked.connect(lambda names, by: said.append((by, names)))
    panel.line.front_asked.connect(lambda names: said.append(("front", names)))
    panel.image_chosen.connect(said.append)
    panel.show_state(state(images("abcd"), 1))
    panel.activateWindow()
    panel.line.setFocus()
    choose(panel, 0, 2)  # what is being drawn cannot be moved, but stopped
    alt, key = Qt.KeyboardModifier.AltModifier, Qt.Key
    QTest.keyClick(panel.line, key.Key_Up, alt)
    QTest.keyClick(panel.line, key.Key_Down, alt)
    QTest.keyClick(panel.line, key.Key_Home, alt)
    QTest.keyClick(panel.line, key.Key_Delete)
    QTest.keyClick(panel.line, key.Key_Return)
    assert said == [
        (-1, ["c.png"]), (1, ["c.png"]), ("front", ["c.png"]), ("out", ["a.png", "c.png"]), "c.png",
    ]  # fmt: skip


def test_menus_offer_what_can_be_done(panel: QueuePanel) -> None:
    panel.show_state(state(images("ab"), 1))
    able = {name: act.isEnabled for name, act in panel.line.acts.items()}
    panel.line.prepare_menu()
    assert not any(is_able() for is_able in able.values())
    choose(panel, 0)
    panel.line.prepare_menu()
    assert {name for name, is_able in able.items() if is_able()} == {"show", "out"}
    choose(panel, 1)
    panel.line.prepare_menu()
    assert all(is_able() for is_able in able.values())
    panel.take(events.AssetFailed("c.desc.toml", 1, "no", "", "c.png"))
    panel.choose_page(RESULTS)
    choose(panel, 0)
    panel.results.prepare_menu()
    assert all(act.isEnabled() for act in panel.results.acts.values())


def test_a_row_is_dropped_in_front_of_another(panel: QueuePanel) -> None:
    asked: list[tuple[list[str], str]] = []
    panel.line.before_asked.connect(lambda names, before: asked.append((names, before)))
    panel.show_state(state(images("abcd"), 1))
    model, move = panel.line_model, Qt.DropAction.MoveAction
    root, data = model.index(-1), model.mimeData([model.index(3), model.index(2)])
    for row in (1, 0, 2, 3, 4, -1):
        assert not model.dropMimeData(data, move, row, 0, root)
    assert asked == [
        (["c.png", "d.png"], "b.png"), (["c.png", "d.png"], "b.png"), (["c.png", "d.png"], ""),
        (["c.png", "d.png"], ""), (["c.png", "d.png"], ""), (["c.png", "d.png"], ""),
    ]  # fmt: skip
    dragged = Qt.ItemFlag.ItemIsDragEnabled
    assert not model.flags(model.index(0)) & dragged
    assert model.flags(model.index(1)) & dragged
    assert outputs(model) == "abcd"  # the rows follow when the queue has moved them


def test_the_button_of_a_failed_row_draws_it_again(app: QApplication, panel: QueuePanel) -> None:
    again: list[list[str]] = []
    panel.again_asked.connect(again.append)
    hint = "close other programs and draw it again, ask for a smaller size, or be patient"
    panel.take(events.AssetBuilt("b.desc.toml", ("b.png",)))
    panel.take(events.AssetFailed("a.desc.toml", 1, "there is not enough memory", hint, "a.png"))
    app.processEvents()
    view = panel.results
    rect = view.visualRect(view.model().index(0, 0))
    assert rect.height() > view.visualRect(view.model().index(1, 0)).height()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=again_place(rect).center())
    assert again == [["a.png"]]
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=rect.center() - QPoint(99, 0))
    assert again == [["a.png"]]
    panel.again.click()
    choose(panel, 0)
    view.acts["again"].trigger()
    assert again == [["a.png"]] * 3
    told = view.model().index(0, 0).data(Qt.ItemDataRole.AccessibleDescriptionRole)
    assert told.startswith("could not be drawn. there is not enough memory. close other programs")


# --- words and pictures --------------------------------------------------------------------------


def test_the_head_tells_what_is_drawn_what_waits_and_how_long(panel: QueuePanel) -> None:
    line = images("abcd")
    panel.take(events.BuildStarted(4))
    assert panel.stop.isEnabled()
    panel.show_state(state(line, 2))
    panel.take(events.StepDone("a.png", 100, 400, 30.0, 0.5))
    assert panel.words.text() == "a and 1 more"
    assert panel.detail.text() == "2 images wait  ·  30 seconds left"
    assert panel.bar.value() == 250
    assert panel.line.delegate.drawn == 0.5
    panel.take(events.StepDone("a.png", 100, 400, 300.0, 0.5))
    assert panel.detail.text().endswith("5 minutes left")
    panel.take(events.QueueChanged(("a.png", "b.png"), 2, True))
    assert panel.detail.text() == "2 images wait  ·  then pause"
    panel.show_state(state(line[2:], paused=True))
    assert (panel.words.text(), panel.detail.text()) == ("Paused", "2 images wait")
    assert panel.pause.accessibleName() == "Go on drawing"
    panel.take(events.QueueChanged((), 0))
    panel.show_state(QueueState())
    panel.take(events.BuildFinished(3, 0, 1, 0, 0, False, 9.0))
    assert panel.words.text() == "1 image could not be drawn"
    assert not panel.stop.isEnabled()
    panel.clear()
    assert panel.words.text() == "Every image fits its words"


def test_the_page_follows_the_work_and_then_the_user(panel: QueuePanel) -> None:
    assert panel.pages.currentIndex() == RESULTS
    line = images("abc")
    panel.show_state(state(line, 1))
    assert panel.pages.currentIndex() == LINE
    panel.tabs.button(RESULTS).click()
    panel.show_state(state(line[1:], 1))
    assert panel.pages.currentIndex() == RESULTS
    panel.tabs.button(LINE).click()
    panel.show_state(state(line[2:], 1))  # nothing waits any more
    assert panel.pages.currentIndex() == RESULTS
    assert panel.tabs.button(LINE).text() == "Waiting 0"


def test_what_was_drawn_says_why(panel: QueuePanel) -> None:
    why = QueuedImage("a.png", "a.desc.toml", "a knight", "word 2 changed")
    panel.show_state(QueueState((why,), ()))
    panel.take(events.AssetBuilt("a.desc.toml", ("a.png",)))
    row = panel.results_model.results()[0]
    assert (row.output, row.state, row.reason) == ("a.png", DRAWN, "word 2 changed")


def test_a_problem_goes_when_it_is_mended(panel: QueuePanel) -> None:
    asked: list[str] = []
    panel.problem_chosen.connect(asked.append)
    panel.take(events.ProblemFound("a.desc.toml", 3, 1, "'sise' is not known", "did you mean?"))
    panel.results.activated.emit(panel.results_model.index(0))
    assert asked == ["a.desc.toml"]
    panel.take(events.PlanReady({}, 1))
    assert panel.results_model.rowCount() == 1
    panel.take(events.PlanReady({}, 0))
    assert panel.results_model.rowCount() == 0


@pytest.mark.parametrize("channels", [3, 4])
def test_the_picture_that_emerges_is_seen_until_its_image_is_done(
    panel: QueuePanel, channels: int
) -> None:
    line = images("abc")
    panel.show_state(state(line, 2))
    pixels = np.zeros((8, 8, channels), np.uint8)
    pixels[..., 0] = 255
    if channels == 4:
        pixels[..., 3] = 255
    panel.show_emerging("a.png", pixels)
    middle = panel.picture.rect().center()
    assert panel.picture.grab().toImage().pixelColor(middle) == QColor(255, 0, 0)
    panel.show_emerging("b.png", 255 - pixels)  # the second of those that are drawn
    panel.show_emerging("somebody.png", 255 - pixels)  # not what is drawn
    assert panel.picture.grab().toImage().pixelColor(middle) == QColor(255, 0, 0)
    rows = [panel.line_model.index(at).data(Qt.ItemDataRole.DecorationRole) for at in range(3)]
    assert [row and row.pixelColor(0, 0).red() for row in rows] == [255, 0, None]
    panel.take(events.AssetBuilt("a.desc.toml", ("a.png",)))
    panel.show_state(state(line[2:], 1))
    assert panel.picture.grab().toImage().pixelColor(middle) != QColor(255, 0, 0)
    # What only emerged is no picture of the image: it is asked for again.
    assert panel.pictures.get("a.png") is None
    assert panel.pictures.get("b.png") is None


@pytest.mark.parametrize("look", [LIGHT, DARK])
@pytest.mark.parametrize("size", [(360, 200), (360, 500), (220, 200)])
def test_no_row_is_wider_than_the_panel(
    app: QApplication, panel: QueuePanel, look: object, size: tuple[int, int]
) -> None:
    panel.set_look(look)  # type: ignore[arg-type]
    panel.show_state(state(images([f"a_long_name_of_an_image_{n}" for n in range(2000)]), 1))
    for number in range(20):
        panel.take(events.AssetFailed("a", 1, "message " * 9, "hint " * 9, f"f{number}.png"))
    panel.resize(*size)
    app.processEvents()
    assert panel.width() == size[0]
    for page, view in ((LINE, panel.line), (RESULTS, panel.results)):
        panel.choose_page(page)
        app.processEvents()
        assert view.visualRect(view.model().index(0, 0)).width() <= view.viewport().width()
    option = QStyleOptionViewItem()
    option.rect = QRect(0, 0, 200, 60)
    assert again_place(option.rect).right() < 200
    assert QPointF(again_place(option.rect).topLeft()).x() > 0


# --- the real thing ------------------------------------------------------------------------------


class Bench:
    """A window over a game whose first image waits at a gate."""

    def __init__(self, window: MainWindow, host: GateHost, game: Path) -> None:
        self.window, self.host, self.game = window, host, game

    @property
    def panel(self) -> QueuePanel:
        return self.window.queue

    @property
    def line(self) -> str:
        return outputs(self.panel.line_model)


@pytest.fixture
def bench(
    app: QApplication, instant_backend: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[dict[str, str]], Bench]]:
    monkeypatch.setenv("LLAMAVIS_TEST_STATE", str(tmp_path))
    host = GateHost()
    store = QSettings(str(tmp_path / "session.ini"), QSettings.Format.IniFormat)
    window = MainWindow(
        store, lambda root: Studio.open(root, host=host, settings={"batch_size": 1})
    )
    window.set_look(DARK)
    window.show()

    def start(files: dict[str, str]) -> Bench:
        made = Bench(window, host, make_game(tmp_path / "game", files))
        window.open_project(made.game)
        wait(lambda: made.panel.line_model.running == 1, "drawing")
        return made

    yield start
    host.gate.set()
    window.close()
    settle()
    window.deleteLater()
    host.close()


def game(names: str) -> dict[str, str]:
    return {f"{name}.desc.toml": described(f"thing {name}") for name in names}


def test_a_queue_is_paused_sorted_shortened_and_drawn(
    bench: Callable[[dict[str, str]], Bench],
) -> None:
    one = bench(game("abcde"))
    panel, window = one.panel, one.window
    wait(lambda: one.line == "abcde")
    panel.pause.click()
    wait(lambda: panel.detail.text().endswith("then pause"))
    assert window.actions_["pause"].isChecked()
    choose(panel, 4)
    panel.line.acts["front"].trigger()
    wait(lambda: one.line == "aebcd")
    assert [row.output for row in panel.line.rows()] == ["e.png"]
    panel.line.acts["down"].trigger()
    wait(lambda: one.line == "abecd")
    panel.line_model.drop_asked.emit(["e.png"], "d.png")
    wait(lambda: one.line == "abced")
    choose(panel, 1)
    panel.line.acts["out"].trigger()
    wait(lambda: one.line == "aced")
    one.host.gate.set()
    wait(lambda: panel.words.text() == "Paused")
    assert one.line == "ced"
    window.actions_["pause"].trigger()
    wait(lambda: outputs(panel.results_model) == "deca")
    assert one.host.prompts == ["thing a", "thing c", "thing e", "thing d"]
    assert not (one.game / "b.png").exists()
    wait(lambda: not panel.pause.isChecked() and not panel.stop.isEnabled())
    wait(lambda: panel.pictures.get("a.png") is not None, "the small picture")
    panel.image_chosen.emit("c.png")
    assert window.output == "c.png"


def test_what_failed_is_drawn_again(bench: Callable[[dict[str, str]], Bench]) -> None:
    one = bench(game("a") | {"f.desc.toml": described("MISSING ONCE f")})
    panel = one.panel
    one.host.gate.set()
    wait(lambda: panel.failed() == ["f.png"])
    row = panel.results_model.results()[0]
    assert (row.message, row.hint) == (
        "the weights are not here", "run 'llamavis models fetch instant'",
    )  # fmt: skip
    wait(lambda: one.window.drawing.failed() == ["f.png"])
    one.window.actions_["again"].trigger()
    wait(lambda: (one.game / "f.png").exists() and panel.failed() == [])
    wait(lambda: one.window.drawing.failed() == [], "the plan")
    one.window.actions_["again"].trigger()
    assert one.window.statusBar().currentMessage() == "Nothing has failed"


def test_another_project_begins_with_an_empty_panel(
    bench: Callable[[dict[str, str]], Bench],
) -> None:
    one = bench(game("ab"))
    one.panel.pause.click()
    wait(lambda: one.panel.detail.text().endswith("then pause"))
    assert one.window.actions_["notify"].isChecked()
    one.window.actions_["notify"].trigger()
    assert not one.window.drawing.notifications.is_on
    one.window.close_project()
    assert (one.line, one.panel.results_model.rowCount()) == ("", 0)
    assert not one.panel.pause.isChecked()
    assert not one.window.actions_["pause"].isChecked()


def test_a_small_picture_is_small_and_a_broken_file_has_none(
    tmp_path: Path, instant_backend: None
) -> None:
    root = make_game(tmp_path / "game", {"a.desc.toml": described("x", "size = [256, 128]\n")})
    host = InProcessHost()
    with Studio.open(root, host=host) as studio:
        studio.build()
    host.close()
    picture = small_picture(root / "a.png")
    assert (picture.width(), picture.height()) == (128, 64)
    (root / "b.png").write_bytes((root / "a.png").read_bytes()[:99])
    assert small_picture(root / "b.png").isNull()
    assert small_picture(root / "none.png").isNull()
