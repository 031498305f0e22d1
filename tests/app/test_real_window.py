"""An afternoon with the studio: one window, the shipped model in its own process, the example, and
hands on the keyboard. The tests go through one project in the order they stand in.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QInputDialog, QLineEdit
from pytestqt.qtbot import QtBot

from llamavis_studio.app.main import DesktopStudio
from llamavis_studio.app.main_window import MainWindow
from llamavis_studio.core.events import BuildFinished, StepDone
from llamavis_studio.core.resources import resource_path
from llamavis_studio.core.settings import user_settings
from tests.app.hands import life, settle, wait
from tests.app.leaks import Living

KEPT = ("tiles/planks", "tiles/lava", "characters/elf_archer", "monsters/bat")
FLOOR, SOURCE = "tiles/planks.png", "tiles/planks.desc.toml"
LONG_MS = 60_000  # the model may have to wait for the machine


@pytest.fixture
def no_thread_outlives_its_test() -> None:
    """The window lives on from test to test; it is looked at once, behind them all."""


@pytest.fixture
def nothing_is_left() -> None:
    """Likewise."""


@dataclass
class Afternoon:
    """The window, its project, and what was told by the way."""

    studio: DesktopStudio
    root: Path
    store: QSettings

    @property
    def window(self) -> MainWindow:
        return self.studio.window

    def states(self) -> set[str]:
        plan = self.window.plan
        return {one.state.value for one in plan.targets} if plan else {"no plan"}

    def choose(self, qtbot: QtBot, output: str) -> None:
        """Click on an image in the tree."""
        tree = self.window.tree
        assert tree.choose(output)
        spot = tree.tree.visualRect(tree.tree.currentIndex()).center()
        qtbot.mouseClick(tree.tree.viewport(), Qt.MouseButton.LeftButton, pos=spot)
        qtbot.waitUntil(lambda: self.window.output == output)


@pytest.fixture(scope="module")
def day(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Afternoon]:
    home = tmp_path_factory.mktemp("afternoon")
    root = home / "game"
    shutil.copytree(resource_path("example_project"), root)
    for file in root.rglob("*.desc*"):
        if not any(file.is_relative_to(root / f"{name}.desc.toml") for name in KEPT):
            file.unlink()
    before = Living.now()
    with pytest.MonkeyPatch.context() as patch:
        for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
            patch.setenv(name, str(home / name))
        store = QSettings(str(home / "session.ini"), QSettings.Format.IniFormat)
        made = Afternoon(DesktopStudio(qapp, store), root, store)
        window = made.window
        made.studio.use_look("light")
        made.studio.use_language("en")
        window.resize(1280, 800)
        window.show()
        QTest.qWaitForWindowActive(window)
        window.open_project(root)
        wait(lambda: made.states() == {"fresh"}, "the first drawing", 90)
        wait(lambda: window.gallery.model.rowCount() >= len(KEPT), "the library")
        yield made
        made.studio.use_language("en")
        window.close()
        window.deleteLater()
        made.studio.language.use("en")
    settle()
    left = before.left_behind(qapp)
    assert not left, left


def test_a_word_typed_and_saved_draws_the_picture_anew(day: Afternoon, qtbot: QtBot) -> None:
    window, text = day.window, day.window.editor.text
    day.choose(qtbot, FLOOR)
    qtbot.waitUntil(lambda: window.editor.path == day.root / SOURCE)
    window.editor.choose_view(1)
    text.setFocus()
    before, was = pixels(day.root / FLOOR), text.toPlainText()
    text.setTextCursor(text.document().find("brown"))
    qtbot.keyClicks(text, "blue")
    assert 'description = "blue wooden floor"' in text.toPlainText()
    assert window.editor.is_modified
    qtbot.keyClick(text, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: not window.editor.is_modified)
    assert "blue wooden floor" in (day.root / SOURCE).read_text("utf-8")
    wait(lambda: not np.array_equal(pixels(day.root / FLOOR), before), "the new picture", 60)
    wait(lambda: day.states() == {"fresh"}, "rest", 60)
    # What it was stands beside what it is, and can be compared.
    qtbot.waitUntil(lambda: window.preview._before is not None)
    assert np.array_equal(window.preview._before[..., :3], before[..., :3])
    # The words come back by one key, and once saved the picture follows them.
    for _ in range(40):
        if text.toPlainText() == was:
            break
        qtbot.keyClick(text, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert text.toPlainText() == was
    blue = pixels(day.root / FLOOR)
    qtbot.keyClick(text, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    wait(lambda: not np.array_equal(pixels(day.root / FLOOR), blue), "the picture back", 60)
    wait(lambda: day.states() == {"fresh"}, "rest", 60)
    assert (day.root / SOURCE).read_text("utf-8") == was


def test_the_gallery_finds_what_is_typed(day: Afternoon, qtbot: QtBot) -> None:
    gallery = day.window.gallery
    qtbot.keyClick(day.window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    field = QApplication.focusWidget()
    assert isinstance(field, QLineEdit)
    qtbot.keyClicks(field, "kind:texture")
    found = {"tiles/lava.png", FLOOR}
    qtbot.waitUntil(lambda: {item.file for item in gallery.model.items()} == found, timeout=20_000)
    field.selectAll()
    qtbot.keyClick(field, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: gallery.model.rowCount() >= len(KEPT), timeout=20_000)


def test_a_bought_picture_is_described_and_tagged(day: Afternoon, qtbot: QtBot) -> None:
    window, gallery = day.window, day.window.gallery
    bought = day.root / "bought" / "shield.png"
    bought.parent.mkdir()
    Image.open(day.root / FLOOR).convert("RGB").rotate(90).save(bought)
    window.commands.do_import()
    qtbot.waitUntil(lambda: item(day, bought) is not None, timeout=20_000)
    window.commands.do_caption()
    qtbot.waitUntil(lambda: bool(item(day, bought).caption), timeout=LONG_MS)
    assert item(day, bought).caption_origin == "model"
    row = [one.file for one in gallery.model.items()].index("bought/shield.png")
    gallery.view.setCurrentIndex(gallery.model.index(row))
    gallery.tags_asked.emit(gallery.selected_items())
    dialog = window.findChild(QInputDialog)
    assert dialog is not None
    qtbot.keyClicks(dialog.findChild(QLineEdit), "castle, bought here")
    qtbot.keyClick(dialog.findChild(QLineEdit), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: {"castle"} <= set(item(day, bought).tags), timeout=20_000)
    # A person's words: a search finds them.
    gallery.search_for("tag:castle")
    qtbot.waitUntil(
        lambda: [one.file for one in gallery.model.items()] == ["bought/shield.png"],
        timeout=20_000,
    )
    gallery.search_for("")
    qtbot.waitUntil(lambda: gallery.model.rowCount() > len(KEPT), timeout=20_000)


def test_what_is_being_drawn_can_be_stopped(day: Afternoon, qtbot: QtBot) -> None:
    window = day.window
    before = set(day.root.rglob("*.png"))
    told: list[Any] = []
    assert window.thread_ is not None
    window.thread_.news.connect(told.append)
    crowd = day.root / "crowd.desc.toml"
    crowd.write_text('description = "red dragon"\nkind = "character"\ncount = 64\n', "utf-8")
    wait(lambda: any(isinstance(one, StepDone) for one in told), "drawing", 60)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    qtbot.keyClick(window, Qt.Key.Key_Period, Qt.KeyboardModifier.ControlModifier)
    wait(lambda: any(isinstance(one, BuildFinished) for one in told), "stopping")
    assert [one.cancelled for one in told if isinstance(one, BuildFinished)] == [True]
    window.thread_.news.disconnect(told.append)
    # Whatever was finished is whole, and nothing else was touched.
    drawn = set(day.root.rglob("*.png")) - before
    assert len(drawn) < 64
    assert all(pixels(path).size for path in drawn)
    qtbot.waitUntil(lambda: not window.queue.stop.isEnabled())
    crowd.unlink()
    for path in drawn:
        path.unlink()
    wait(lambda: day.states() == {"fresh"}, "the plan without them")


def test_language_and_look_change_under_the_hands(day: Afternoon, qtbot: QtBot) -> None:
    window = day.window
    light = window.grab().toImage()
    window.actions_["dark"].trigger()
    qtbot.waitUntil(lambda: window._look.name == "dark")
    life(0.05)
    dark = window.grab().toImage()
    assert grey(dark) < grey(light) - 60
    window.actions_["chinese"].trigger()
    qtbot.waitUntil(lambda: not window.actions_["build"].text().isascii())
    assert not [menu.text() for menu in window.menuBar().actions() if menu.text().isascii()]
    window.actions_["english"].trigger()
    window.actions_["light"].trigger()
    qtbot.waitUntil(lambda: window.actions_["build"].text().isascii())
    assert abs(grey(window.grab().toImage()) - grey(light)) < 10
    # It is remembered for the next start.
    assert user_settings() == {"theme": "light", "language": "en"}


def test_the_words_typed_last_are_there_after_closing_and_opening(
    day: Afternoon, qtbot: QtBot
) -> None:
    window, text = day.window, day.window.editor.text
    day.choose(qtbot, "monsters/bat.png")
    window.editor.choose_view(1)
    saved = (day.root / "monsters/bat.desc.toml").read_bytes()
    text.moveCursor(QTextCursor.MoveOperation.End)
    qtbot.keyClicks(text, "# not yet saved")
    window.close_project()
    assert window.stack.currentWidget() is window.welcome
    window.open_project(day.root)
    wait(lambda: window.plan is not None, "the plan", 30)
    day.choose(qtbot, "monsters/bat.png")
    qtbot.waitUntil(lambda: "# not yet saved" in text.toPlainText())
    assert window.editor.is_modified
    assert (day.root / "monsters/bat.desc.toml").read_bytes() == saved
    window.editor.saving.revert()
    assert not window.editor.is_modified


def item(day: Afternoon, path: Path) -> Any:
    """What the gallery shows for a file, or None."""
    name = path.relative_to(day.root).as_posix()
    return next((one for one in day.window.gallery.model.items() if one.file == name), None)


def pixels(path: Path) -> np.ndarray:
    """(h, w, 4); a file that is being replaced is read again."""
    with Image.open(path) as image:
        return np.asarray(image.convert("RGBA"))


def grey(image: Any) -> float:
    """How light a picture of the window is on the whole, 0 to 255."""
    small = image.scaled(64, 40).convertToFormat(image.Format.Format_Grayscale8)
    return float(np.frombuffer(small.constBits(), np.uint8).mean())
