"""The first page: begin something new, go on with something old."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from llamavis_studio.app.new_project_dialog import NewProjectDialog
from llamavis_studio.app.recent import (
    forget_project,
    is_there,
    pictures_file,
    recent_projects,
    remember_project,
)
from llamavis_studio.app.recent_list import ROW
from llamavis_studio.app.recent_pictures import CELL, GAP, keep_pictures, some_pictures
from llamavis_studio.app.theme import DARK
from llamavis_studio.app.welcome import Welcome
from llamavis_studio.imaging.png import encode_png
from tests.app.hands import noise
from tests.app.project_hands import ProjectHands, project_window
from tests.support.games import described, make_game


@pytest.fixture(autouse=True)
def own_state(instant_backend: None) -> None:
    """Pictures are kept in the test's own folder."""


@pytest.fixture
def hands(app: QApplication, tmp_path: Path) -> Iterator[ProjectHands]:
    with project_window(app, tmp_path) as made:
        yield made


def game(folder: Path) -> Path:
    return make_game(folder, {"hero.desc.toml": described("brave red knight")})


def test_projects_are_remembered_in_the_order_of_their_use(tmp_path: Path) -> None:
    store = QSettings(str(tmp_path / "s.ini"), QSettings.Format.IniFormat)
    one, two = game(tmp_path / "one"), game(tmp_path / "two")
    for folder in (one, two, one):
        remember_project(store, folder)
    assert recent_projects(store) == [one, two]
    (two / "llamavis.toml").unlink()
    assert recent_projects(store) == [one, two]  # it is told that it is gone, not hidden
    assert is_there(one) and not is_there(two)
    forget_project(store, two)
    forget_project(store, tmp_path / "never")
    assert recent_projects(store) == [one]
    for number in range(20):
        remember_project(store, tmp_path / str(number))
    assert len(recent_projects(store)) == 10


def test_a_project_shows_pictures_of_several_folders(tmp_path: Path) -> None:
    outputs = ["a/1.png", "a/2.png", "b/1.png", "c/1.png", "c/2.png"]
    assert some_pictures(outputs) == ["a/1.png", "b/1.png", "c/1.png", "a/2.png"]
    assert some_pictures(["x.png"]) == ["x.png"]
    assert some_pictures([]) == []


def test_small_pictures_stay_sharp_in_the_strip(app: QApplication, tmp_path: Path) -> None:
    small, wide = noise(32, 32), noise(100, 400)
    (tmp_path / "small.png").write_bytes(encode_png(small))
    (tmp_path / "wide.png").write_bytes(encode_png(wide))
    (tmp_path / "broken.png").write_bytes(b"x")
    keep_pictures(tmp_path, ["small.png", "broken.png", "wide.png", "missing.png"])
    strip = QImage(str(pictures_file(tmp_path)))
    assert (strip.width(), strip.height()) == (2 * CELL + GAP, CELL)
    for x, y in ((0, 0), (31, 5), (7, 30)):
        seen = strip.pixelColor(2 * x + 1, 2 * y + 1)
        assert (seen.red(), seen.green(), seen.blue()) == tuple(small[y, x])
    assert strip.pixelColor(CELL + GAP + 5, 2).alpha() == 0  # a wide one keeps its shape


def test_rows_say_what_is_gone_and_can_be_taken_off(app: QApplication, tmp_path: Path) -> None:
    welcome = Welcome()
    welcome.set_look(DARK)
    there, gone = game(tmp_path / "there"), tmp_path / "gone"
    welcome.show_recent([there, gone])
    welcome.resize(1280, 760)
    welcome.show()
    chosen: list[Path] = []
    forgotten: list[Path] = []
    welcome.project_chosen.connect(chosen.append)
    welcome.forget_asked.connect(forgotten.append)
    rows = welcome.recent
    first, second = (rows.model().index(row, 0) for row in range(2))
    assert rows.words_of(second).startswith("gone from")
    for index in (first, second):
        spot = rows.visualRect(index).center()
        QTest.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert chosen == [there]  # what is gone cannot be opened
    cross = rows.forget_box(second).center()
    QTest.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=cross)
    rows.setCurrentRow(0)
    QTest.keyClick(rows, Qt.Key.Key_Delete)
    assert forgotten == [gone, there]
    QTest.keyClick(rows, Qt.Key.Key_Return)
    assert chosen == [there, there]
    assert rows.height() <= 2 * ROW + 4
    welcome.show_recent([])
    assert rows.isHidden()
    welcome.close()
    welcome.deleteLater()


def test_a_project_is_made_from_a_template_and_opened(hands: ProjectHands, tmp_path: Path) -> None:
    window = hands.window
    window.welcome.new.click()
    dialog = hands.dialog(NewProjectDialog)
    assert [card.template for card in dialog.cards if card.isChecked()] == ["dungeon"]
    assert all(card.accessibleName() and card.accessibleDescription() for card in dialog.cards)
    dialog.activateWindow()
    dialog.cards[0].setFocus()
    hands.wait(dialog.cards[0].hasFocus, "the focus")
    QTest.keyClick(dialog.cards[0], Qt.Key.Key_Down)  # the cards are chosen with the keys too
    assert sum(card.isChecked() for card in dialog.cards) == 1
    assert not dialog.cards[0].isChecked()
    dialog.cards[3].click()
    dialog.folder.setText(str(tmp_path / "games"))
    dialog.name.setText("")
    assert not dialog.make.isEnabled()
    dialog.name.setText('Beans: "the game"')
    folder = tmp_path / "games" / "Beans___the_game_"
    assert dialog.project_folder() == folder and str(folder) in dialog.place.text()
    dialog.make.click()
    hands.wait(lambda: window.project is not None, "opening")
    assert window.project is not None and window.project.root == folder
    told = tomllib.loads((folder / "llamavis.toml").read_text("utf-8"))
    assert told["project"]["name"] == 'Beans: "the game"'
    window.thread_.cancel()  # type: ignore[union-attr]


def test_a_folder_that_is_taken_is_told_in_place(hands: ProjectHands, tmp_path: Path) -> None:
    taken = game(tmp_path / "taken")
    hands.window.commands.do_new_project()
    dialog = hands.dialog(NewProjectDialog)
    dialog.folder.setText(str(tmp_path))
    dialog.name.setText("taken")
    dialog.make.click()
    assert "is a project already" in dialog.problem.text() and dialog.isVisible()
    assert (taken / "hero.desc.toml").read_text() == described("brave red knight")
    dialog.name.setText("free")
    assert dialog.problem.isHidden()
    dialog.reject()


def test_what_was_drawn_is_seen_on_the_welcome_page(hands: ProjectHands, tmp_path: Path) -> None:
    root = game(tmp_path / "game")
    hands.open(root)
    hands.wait(lambda: pictures_file(root).exists(), "the strip")
    hands.window.close_project()
    rows = hands.window.welcome.recent
    assert rows.count() == 1
    pixmap = rows.item(0).data(Qt.ItemDataRole.UserRole + 2)
    assert not pixmap.isNull()
    hands.window.welcome.forget_asked.emit(root)
    assert rows.count() == 0 and not pictures_file(root).exists()
    assert (root / "hero.png").exists()
