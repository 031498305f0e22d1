"""The gallery in the real window: what it remembers, and what is done with many pictures."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QInputDialog

from llamavis_studio.app.gallery_copy_dialog import CopyDialog
from llamavis_studio.app.gallery_model import GalleryModel
from llamavis_studio.app.gallery_thumbnails import MOST_AT_WORK, MOST_WAITING, ThumbnailMaker
from llamavis_studio.app.main_window import MainWindow
from llamavis_studio.app.studio_thread import wait_for_ends
from llamavis_studio.backends.host import InProcessHost
from llamavis_studio.studio import Studio
from tests.app.gallery_hands import fakes, picture
from tests.library.conftest import picture as picture_file
from tests.support.games import described, make_game

WAIT_S = 20.0
BOUGHT = ("oak", "pine", "birch")


@pytest.fixture(autouse=True)
def instant(instant_backend: None) -> None:
    """No model is loaded here."""


@pytest.fixture
def game(tmp_path: Path) -> Path:
    root = make_game(tmp_path / "game", {"hero.desc.toml": described("brave red knight")})
    (root / "bought").mkdir()
    for number, name in enumerate(BOUGHT):
        (root / "bought" / f"{name}.png").write_bytes(picture_file(number))
        (root / "bought" / f"{name}.txt").write_text("tree, tall", "utf-8")
    return root


class Hands:
    """A window and somebody at it."""

    def __init__(self, app: QApplication, window: MainWindow) -> None:
        self.app, self.window, self.gallery = app, window, window.gallery

    def wait(self, until: Callable[[], object], what: str = "it") -> None:
        end = time.monotonic() + WAIT_S
        while not until():
            self.app.processEvents()
            time.sleep(0.005)
            assert time.monotonic() < end, f"{what} did not happen"

    def files(self) -> list[str]:
        return sorted(item.file for item in self.gallery.model.items())

    def choose(self, *names: str) -> None:
        rows = {Path(item.file).stem: row for row, item in enumerate(self.gallery.model.items())}
        self.gallery.view.select_rows([rows[name] for name in names])


class Desks:
    """One user's windows, one after the other."""

    def __init__(self, app: QApplication, folder: Path) -> None:
        self.app = app
        self.store = QSettings(str(folder / "session.ini"), QSettings.Format.IniFormat)
        self.host = InProcessHost()
        self.window: MainWindow | None = None

    def open(self, game: Path) -> Hands:
        self.close()
        self.window = MainWindow(self.store, lambda root: Studio.open(root, host=self.host))
        self.window.show()
        self.window.open_project(game)
        hands = Hands(self.app, self.window)
        hands.wait(lambda: len(hands.files()) == 4, "the library")
        return hands

    def close(self) -> None:
        if self.window is not None:
            self.window.close()
            assert wait_for_ends(WAIT_S)
            self.app.processEvents()
            self.window.deleteLater()
            self.app.processEvents()
            self.window = None
            self.store.sync()


@pytest.fixture
def desks(app: QApplication, tmp_path: Path) -> Iterator[Desks]:
    made = Desks(app, tmp_path)
    yield made
    made.close()
    made.host.close()


def test_size_order_and_searches_are_there_again(desks: Desks, game: Path) -> None:
    gallery = desks.open(game).gallery
    assert gallery.box.history() == ()
    gallery.slider.setValue(72)
    at = gallery.orders.findData("new")
    gallery.orders.setCurrentIndex(at)
    gallery.orders.activated.emit(at)
    gallery.search_for("tree")
    gallery.box.remember()
    gallery = desks.open(game).gallery
    assert gallery.slider.value() == gallery.delegate.side == 72
    assert gallery.orders.currentData() == "new" and gallery.model.order == "new"
    assert gallery.box.history() == ("tree",)  # one alone, too
    for query in ("a", "b, c"):
        gallery.search_for(query)
        gallery.box.remember()
    gallery = desks.open(game).gallery
    assert gallery.box.history() == ("b, c", "a", "tree")
    gallery.box._forget()
    assert desks.open(game).gallery.box.history() == ()


def test_menus_count_the_library_and_again_only_when_it_changed(desks: Desks, game: Path) -> None:
    hands = desks.open(game)
    gallery, window = hands.gallery, hands.window
    hands.wait(lambda: gallery.chips.chips["tag"].choices, "the counts")
    tags = {one.value: one.count for one in gallery.chips.chips["tag"].choices}
    assert tags["tree"] == 3
    hands.wait(lambda: window.plan is not None)
    hands.wait(
        lambda: {one.value: one.count for one in gallery.chips.chips["state"].choices}["fresh"]
    )
    assert window.bridge is not None and window.thread_ is not None
    asked: list[str] = []
    ask = window.thread_.ask

    def note(work: Callable[..., object], *answers: object, **named: object) -> None:
        asked.append(getattr(work, "__name__", ""))
        ask(work, *answers, **named)  # type: ignore[arg-type]

    window.thread_.ask = note  # type: ignore[method-assign,assignment]
    window.bridge.search_again(is_changed=False)
    assert asked == ["search"]
    gallery.search_for("tree")
    window.bridge.search_again()
    assert asked.count("_read_facets") == 1


def test_a_move_takes_words_along_and_undo_brings_it_back(desks: Desks, game: Path) -> None:
    hands = desks.open(game)
    hands.choose("oak", "pine")
    hands.window.desk.move(hands.gallery.selected_items(), game / "forest")
    hands.wait(lambda: "forest/oak.png" in hands.files(), "the move")
    assert (game / "forest/oak.txt").exists() and not (game / "bought/oak.png").exists()
    assert hands.files() == ["bought/birch.png", "forest/oak.png", "forest/pine.png", "hero.png"]
    assert {item.file for item in hands.gallery.selected_items()} == {
        "forest/oak.png", "forest/pine.png"
    }  # fmt: skip
    hands.window.changes.undo()
    hands.wait(lambda: (game / "bought/pine.txt").exists(), "the undo")
    hands.wait(lambda: "bought/oak.png" in hands.files(), "the search after it")
    assert not (game / "forest/oak.png").exists()
    assert (game / "bought/oak.png").read_bytes() == picture_file(0)


def test_what_a_description_draws_moves_with_it(desks: Desks, game: Path) -> None:
    hands = desks.open(game)
    hands.wait(lambda: (game / "hero.png").exists())
    hands.choose("hero", "oak")
    hands.window.desk.move(hands.gallery.selected_items(), game / "forest")
    hands.wait(lambda: "forest/hero.png" in hands.files(), "the move")
    assert (game / "forest/hero.desc.toml").exists() and (game / "forest/oak.txt").exists()
    assert not (game / "hero.desc.toml").exists() and "forest/oak.png" in hands.files()
    hands.window.changes.undo()
    hands.wait(lambda: "hero.png" in hands.files(), "the undo")
    assert (game / "hero.desc.toml").exists() and (game / "bought/oak.txt").exists()


def test_pictures_are_copied_out_with_their_words(desks: Desks, game: Path, tmp_path: Path) -> None:
    hands = desks.open(game)
    hands.choose("oak", "birch")
    hands.window.desk.ask_copy(hands.gallery.selected_items())
    dialog = hands.window.findChild(CopyDialog)
    assert dialog is not None
    dialog.folder.setText("")
    assert not dialog.go.isEnabled()
    dialog.folder.setText(str(tmp_path / "out"))
    dialog.words.setCurrentIndex(dialog.words.findData("txt"))
    dialog.go.click()
    out = tmp_path / "out"
    wanted = {"oak.png", "oak.txt", "birch.png", "birch.txt"}
    hands.wait(lambda: out.is_dir() and {one.name for one in out.iterdir()} == wanted, "the copy")
    again = CopyDialog(hands.window, desks.store, 1)
    assert again.folder.text() == str(tmp_path / "out") and again.words.currentData() == "txt"
    again.close()


def test_a_tag_is_taken_from_all_that_are_selected(desks: Desks, game: Path) -> None:
    hands = desks.open(game)
    hands.choose("oak", "pine")
    hands.window.desk.ask_tag_to_remove(hands.gallery.selected_items())
    dialog = hands.window.findChild(QInputDialog)
    assert dialog is not None and {"tree", "tall"} <= set(dialog.comboBoxItems())
    dialog.setTextValue("tall")
    dialog.accept()

    def with_tall() -> set[str]:
        return {item.file for item in hands.gallery.model.items() if "tall" in item.tags}

    hands.wait(lambda: with_tall() == {"bought/birch.png"}, "the change")
    assert {Path(item.file).stem for item in hands.gallery.selected_items()} == {"oak", "pine"}


# Thumbnails.


class Later:
    """A studio's thread that does nothing until it is told to."""

    def __init__(self) -> None:
        self.asked: list[Callable[..., object]] = []

    def ask(self, work: Callable[..., object], **_answers: object) -> None:
        self.asked.append(work)


def test_what_was_seen_last_is_made_first_and_what_is_long_gone_is_dropped(
    app: QApplication,
) -> None:
    model, thread = GalleryModel(), Later()
    maker = ThumbnailMaker(thread, model, model)  # type: ignore[arg-type]
    items = fakes(MOST_WAITING + 1)
    model.show_page(model.ask("", "best"), items, None)
    for item in items:
        model.thumbnail(item)
    assert thread.asked == []  # a painting's questions go together
    app.processEvents()
    assert len(thread.asked) == 1
    newest = {item.digest for item in items[-MOST_AT_WORK:]}
    assert maker._at_work == newest
    assert items[0].digest not in maker._waiting
    model.thumbnail(items[0])  # seen again: it is asked for again, and comes next
    assert list(maker._waiting)[-1] == items[0].digest
    maker._show(items[-1].digest, picture())
    app.processEvents()
    assert len(thread.asked) == 2 and items[0].digest in maker._at_work
    assert isinstance(model.thumbnail(items[-1]), QImage)
    maker.close()
    maker._show(items[-2].digest, picture())
    assert model.thumbnails.get(items[-2].digest) is None  # its project is closed
    app.processEvents()
