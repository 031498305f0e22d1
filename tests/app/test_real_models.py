"""Every model of the window keeps Qt's rules while a project opens, changes, is searched and goes.

What `QAbstractItemModelTester` finds it says as a warning, and a warning fails the test.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QAbstractItemModel, QAbstractProxyModel, QSettings
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QAbstractItemView, QApplication, QComboBox, QCompleter
from shiboken6 import Shiboken

from llamavis_studio.app.main_window import MainWindow
from llamavis_studio.app.theme import DARK
from llamavis_studio.backends.host import InProcessHost
from llamavis_studio.studio import Studio
from tests.app.hands import life, settle, wait
from tests.support.games import described
from tests.support.studios import small_game

WARNING = QAbstractItemModelTester.FailureReportingMode.Warning


@pytest.fixture
def window(app: QApplication, instant_backend: None, tmp_path: Path) -> Iterator[MainWindow]:
    host = InProcessHost()
    store = QSettings(str(tmp_path / "session.ini"), QSettings.Format.IniFormat)
    made = MainWindow(store, lambda root: Studio.open(root, host=host))
    made.set_look(DARK)
    made.resize(1280, 800)
    made.show()
    yield made
    made.close()
    made.deleteLater()
    settle()
    host.close()


def models_of(window: MainWindow) -> list[QAbstractItemModel]:
    """Every model that the window owns, or that one of its views, boxes or completers shows."""
    found = {id(one): one for one in window.findChildren(QAbstractItemModel)}
    for kind in (QAbstractItemView, QComboBox, QCompleter):
        for one in window.findChildren(kind):
            model = one.model()
            while model is not None:
                found[id(model)] = model
                model = model.sourceModel() if isinstance(model, QAbstractProxyModel) else None
    # Qt's own models between a completer and its list break the rules that it tests.
    return [one for one in found.values() if type(one).__name__ != "QCompletionModel"]


def is_fresh(window: MainWindow) -> bool:
    states = {one.state.value for one in window.plan.targets} if window.plan else set()
    return states == {"fresh"}


def test_models_hold_while_everything_happens(window: MainWindow, tmp_path: Path) -> None:
    game = small_game(tmp_path / "game")
    tested: dict[int, QAbstractItemModelTester] = {}

    def look() -> int:
        for model in models_of(window):
            if id(model) not in tested:
                tested[id(model)] = QAbstractItemModelTester(model, WARNING, window)
        return len(tested)

    look()
    window.open_project(game)
    wait(lambda: is_fresh(window), "the first drawing")
    wait(lambda: window.gallery.model.rowCount() >= 5, "the library")
    assert look() >= 4, "the tree, what it shows, the gallery, the log"
    # Plans change: one goes, some come, one breaks and is mended.
    (game / "tiles" / "wall.desc.toml").unlink()
    for number in range(12):
        (game / "new" / f"{number % 3}").mkdir(parents=True, exist_ok=True)
        path = game / "new" / f"{number % 3}" / f"thing{number}.desc.toml"
        path.write_text(described(f"thing {number}"), "utf-8")
    hero = game / "hero.desc.toml"
    good = hero.read_text("utf-8")
    hero.write_text("description = [", "utf-8")
    wait(lambda: window.tree.planned_for("hero.png") is None, "the broken one")
    hero.write_text(good, "utf-8")
    wait(lambda: window.tree.planned_for("hero.png") is not None and is_fresh(window), "mended")
    look()
    for words in ("thing", "wall", "hero", ""):
        window.tree.filter.setText(words)
        life(0.02)
    for query, least in (("thing", 12), ("kind:textur", 0), ("hero", 1), ("", 10)):
        window.gallery.search_for(query)
        wait(lambda least=least: window.gallery.model.rowCount() >= least, f"found: {query}")
        life(0.1)
    for output in ("hero.png", "tiles/floor.png"):
        assert window.tree.choose(output)
        life(0.05)
    look()
    window.close_project()
    life(0.05)
    window.open_project(game)
    wait(lambda: is_fresh(window), "opening again")
    look()
    life(0.1)
    for tester in tested.values():
        Shiboken.delete(tester)
