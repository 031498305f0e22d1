"""The real window over a real studio: open, type, save, see the picture, search, stop, close."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QAbstractItemModel, QSettings
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from llamavis_studio.app.actions import ROWS
from llamavis_studio.app.command_palette import CommandPalette, fits
from llamavis_studio.app.files import new_description
from llamavis_studio.app.language import Language
from llamavis_studio.app.main_window import MainWindow
from llamavis_studio.app.studio_thread import wait_for_ends
from llamavis_studio.app.theme import DARK, LIGHT, apply, contrast, icon_folder
from llamavis_studio.backends.host import InProcessHost
from llamavis_studio.studio import Studio
from tests.support.games import described, make_game

WAIT_S = 20.0
_SPEC = importlib.util.spec_from_file_location(
    "translations", Path(__file__).parents[2] / "packaging" / "translations.py"
)
assert _SPEC is not None and _SPEC.loader is not None
translations = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(translations)


@pytest.fixture(autouse=True)
def instant(instant_backend: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture
def game(tmp_path: Path) -> Path:
    return make_game(
        tmp_path / "game",
        {
            "hero.desc.toml": "# keep me\n" + described("brave red knight"),
            "tiles/floor.desc.toml": described("grey stone", 'kind = "texture"\n'),
            "bought/tree.caption": "an old oak",
        },
    )


class Hands:
    """A window and somebody at it."""

    def __init__(self, app: QApplication, window: MainWindow) -> None:
        self.app, self.window = app, window

    def wait(self, until: Callable[[], object], what: str = "it") -> None:
        end = time.monotonic() + WAIT_S
        while not until():
            self.app.processEvents()
            time.sleep(0.005)
            assert time.monotonic() < end, f"{what} did not happen"

    def open(self, game: Path) -> None:
        self.window.open_project(game)
        self.wait(lambda: self.window.project is not None, "opening")
        self.wait(lambda: self.window.tree.first(), "the plan")

    def state(self, output: str) -> str:
        planned = self.window.tree.planned_for(output)
        return "" if planned is None else planned.state.value


@pytest.fixture
def hands(app: QApplication, tmp_path: Path) -> Iterator[Hands]:
    host = InProcessHost()
    store = QSettings(str(tmp_path / "session.ini"), QSettings.Format.IniFormat)
    window = MainWindow(store, lambda root: Studio.open(root, host=host))
    window.furnish()
    window.show()
    yield Hands(app, window)
    window.close()
    assert wait_for_ends(WAIT_S)
    app.processEvents()
    window.deleteLater()
    app.processEvents()
    host.close()


def test_a_word_is_changed_and_the_picture_follows(hands: Hands, game: Path) -> None:
    window = hands.window
    hands.open(game)
    hands.wait(lambda: hands.state("hero.png") == "fresh", "the first drawing")
    assert window.tree.choose("hero.png")
    hands.wait(lambda: window.editor.path == game / "hero.desc.toml")
    before = (game / "hero.png").read_bytes()
    text = window.editor.text
    assert "brave red knight" in text.toPlainText()
    text.selectAll()
    text.insertPlainText("# keep me\n" + described("brave blue knight"))
    assert window.editor.is_modified
    window.commands.do_save()
    hands.wait(lambda: (game / "hero.png").read_bytes() != before, "the new picture")
    hands.wait(lambda: hands.state("hero.png") == "fresh")
    assert (game / "hero.desc.toml").read_text("utf-8").startswith("# keep me\n")
    assert not window.editor.is_modified
    # What it was stands beside what it is.
    hands.wait(lambda: window.preview._before is not None, "the comparison")
    text.undo()
    assert "brave red knight" in text.toPlainText()


def test_the_library_is_searched_and_a_wrong_query_is_pointed_at(hands: Hands, game: Path) -> None:
    from tests.library.conftest import picture

    (game / "bought" / "tree.png").write_bytes(picture(3))
    window = hands.window
    hands.open(game)
    hands.wait(lambda: hands.state("hero.png") == "fresh")
    gallery = window.gallery
    hands.wait(lambda: gallery.model.rowCount() >= 3, "the library")
    QAbstractItemModelTester(
        gallery.model, QAbstractItemModelTester.FailureReportingMode.Fatal, gallery
    )
    gallery.search_for("oak")
    hands.wait(lambda: [item.file for item in gallery.model.items()] == ["bought/tree.png"])
    item = gallery.model.items()[0]
    hands.wait(lambda: gallery.model.thumbnails.get(item.digest) is not None, "the thumbnail")
    gallery.search_for("kind:sprit")
    hands.wait(lambda: "did you mean" in gallery.box.problem.text(), "the complaint")
    gallery.search_for("")
    hands.wait(lambda: gallery.model.rowCount() >= 3)


def test_drawing_is_stopped_and_the_window_closes_at_work(
    hands: Hands, game: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLAMAVIS_TEST_STEP_MS", "150")
    for number in range(30):
        (game / f"item{number}.desc.toml").write_text(described(f"item number {number}"))
    window = hands.window
    hands.open(game)
    hands.wait(lambda: window.queue.stop.isEnabled(), "drawing")
    began = time.monotonic()
    window.commands.do_cancel()
    hands.wait(lambda: not window.queue.stop.isEnabled(), "stopping")
    assert time.monotonic() - began < 5
    window.commands.do_build()
    hands.wait(lambda: window.queue.stop.isEnabled(), "drawing again")
    window.close()
    assert wait_for_ends(WAIT_S)


def test_a_project_that_goes_away_is_told_of(hands: Hands, game: Path) -> None:
    window = hands.window
    hands.open(game)
    hands.wait(lambda: hands.state("hero.png") == "fresh")
    game.rename(game.with_name("elsewhere"))
    window.commands.do_build()
    hands.wait(lambda: window.statusBar().currentMessage() or window.queue.results_model.rowCount())
    window.close_project()
    assert window.stack.currentWidget() is window.welcome


def test_what_is_no_project_is_refused_with_a_hint(hands: Hands, tmp_path: Path) -> None:
    window = hands.window
    (tmp_path / "empty").mkdir()
    window.open_project(tmp_path / "empty")
    hands.wait(lambda: "llamavis new" in window.statusBar().currentMessage())
    assert window.project is None


def test_draw_on_save_can_be_turned_off(hands: Hands, game: Path) -> None:
    window = hands.window
    hands.open(game)
    hands.wait(lambda: hands.state("hero.png") == "fresh")
    window.actions_["on_save"].setChecked(False)
    thread = window.thread_
    assert thread is not None
    told: list[bool] = []
    thread.ask(lambda studio: studio.builds_on_save, told.append)
    hands.wait(lambda: told)
    assert told == [False]
    (game / "hero.desc.toml").write_text(described("a green frog"))
    hands.wait(lambda: hands.state("hero.png") == "stale", "the plan of the edit")
    time.sleep(0.3)
    hands.app.processEvents()
    assert hands.state("hero.png") == "stale"
    window.commands.do_build()
    hands.wait(lambda: hands.state("hero.png") == "fresh")
    window.actions_["on_save"].setChecked(True)


def test_every_action_has_its_method_and_every_icon_its_file(hands: Hands) -> None:
    for row in ROWS:
        assert callable(getattr(hands.window.commands, f"do_{row.id}"))
        assert not row.icon or (icon_folder() / f"{row.icon}.svg").exists(), row.icon
    keys = [row.shortcut for row in ROWS if row.shortcut]
    assert len(keys) == len(set(keys))


def test_commands_are_found_by_some_of_their_letters(hands: Hands) -> None:
    assert fits("Draw what is stale", "dws") and not fits("Draw what is stale", "zz")
    palette = CommandPalette(hands.window, [hands.window.actions_[row.id] for row in ROWS])
    palette.typed.setText("about")
    assert palette.list.count() == 1
    palette.close()


@pytest.mark.parametrize("look", [LIGHT, DARK], ids=lambda look: look.name)
def test_colours_can_be_read(look: object) -> None:
    """WCAG 2.2, AA: 4.5 for text; 3 for what only has to be seen."""
    for ground in ("window", "panel", "raised"):
        for text in ("text", "dim"):
            assert contrast(getattr(look, text), getattr(look, ground)) >= 4.5, (text, ground)
    for state in ("good", "warn", "bad", "info", "accent"):
        assert contrast(getattr(look, state), look.panel) >= 4.5, state
    assert contrast(look.on_accent, look.accent) >= 4.5
    assert contrast(look.text, look.selection) >= 4.5


def test_every_control_has_a_name(hands: Hands, game: Path, app: QApplication) -> None:
    apply(app, DARK)
    hands.open(game)
    nameless = []
    for widget in hands.window.findChildren(QWidget):
        if widget.focusPolicy().value and widget.isVisible() and not isinstance(widget, QLabel):
            name = widget.accessibleName() or getattr(widget, "text", str)()
            proxy = widget.parentWidget()
            inside = proxy is not None and bool(proxy.accessibleName())
            if not (name or widget.toolTip() or inside):
                nameless.append((type(widget).__name__, widget.objectName()))
    assert not nameless


def test_the_language_changes_without_a_restart(hands: Hands, game: Path) -> None:
    hands.open(game)
    language = Language()
    try:
        language.use("zh")
        hands.app.processEvents()
        assert hands.window.actions_["build"].text() != "Draw what is stale"
        assert hands.window.tree.filter.placeholderText() != "Filter"
    finally:
        language.use("en")
        hands.app.processEvents()
    assert hands.window.actions_["build"].text() == "Draw what is stale"


def test_a_new_description_begins_with_its_name() -> None:
    text = new_description(Path("fire_dragon.desc.toml"))
    assert text == 'description = "fire dragon"\n'


def test_models_of_trees_hold(hands: Hands, game: Path) -> None:
    tree = hands.window.tree
    models: list[QAbstractItemModel] = [tree.rows.model, tree._shown]
    testers = [
        QAbstractItemModelTester(
            one, QAbstractItemModelTester.FailureReportingMode.Fatal, hands.window
        )
        for one in models
    ]
    hands.open(game)
    (game / "tiles" / "floor.desc.toml").unlink()
    hands.wait(lambda: tree.planned_for("tiles/floor.png") is None, "the removal")
    assert tree.planned_for("hero.png") is not None
    assert testers


def test_the_window_never_loads_the_model_library() -> None:
    code = (
        "import sys; from PySide6.QtWidgets import QApplication;"
        "app = QApplication([]); from llamavis_studio.app.main import DesktopStudio;"
        "studio = DesktopStudio(app); studio.window.show(); app.processEvents();"
        "print(sorted({'torch', 'transformers', 'torchvision'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().endswith("[]")


def test_the_second_language_is_complete(tmp_path: Path) -> None:
    """Every text of the sources stands in the .ts file, translated; English has its plurals."""
    for language in translations.LANGUAGES:
        name = f"studio_{language}.ts"
        shutil.copy(translations.FOLDER / name, tmp_path)
        before = [*ElementTree.parse(tmp_path / name).getroot().iter("source")]
        path = translations.update(tmp_path, language)
        assert not translations.unfinished(path)
        after = [*ElementTree.parse(path).getroot().iter("source")]
        assert [one.text for one in after] == [one.text for one in before], "run translations.py"
